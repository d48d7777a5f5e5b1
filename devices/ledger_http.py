"""
The ledger's own address, as a gateway uses it: messages go up, signed answers come back.

Nothing that comes this way is believed: an answer counts by its signature under the pinned log
key, which is checked where answers are heard. Nobody logs in to submit.

Source: FORMATS section 6; the operations `submitMessage` and `listAnswers`.
"""

from __future__ import annotations

import base64
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from attestation.ids import Kid, Origin
from devices.errors import BrokerError, LedgerUnavailable
from devices.session import PublishOutcome

_TIMEOUT_S: Final = 20
_MAX_BYTES: Final = 16 << 20
"""Far more than all answers of one epoch take."""
_MESSAGE_TYPE: Final = "application/cose"
_NOTHING_CAME: Final = 404
_ACCEPTED: Final = 202
_SERVER_FAULT: Final = 500
_OUTCOMES: Final = {
    403: PublishOutcome.NOT_AUTHORISED,
    413: PublishOutcome.TOO_LARGE,
    429: PublishOutcome.QUOTA_EXCEEDED,
}


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of one message."""

    outcome: PublishOutcome
    """`TAKEN` where the ledger decided; else why it did not."""
    answer: bytes | None
    """Its signed promise or refusal, unverified."""


class LedgerHttp:
    """
    One log at a ledger's address; may be used by several threads.

    Args:
        client: Speaks HTTP; closed with this.
        origin: The log.
    """

    def __init__(self, client: httpx2.Client, origin: Origin) -> None:
        self._client = client
        self._path = f"/v1/logs/{origin.name}"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def submit(self, content: bytes) -> Submitted:
        """
        Submit one signed message; the same again is answered alike.

        Raises:
            LedgerUnavailable: If the ledger does not answer, or says that it cannot now.
        """
        status, document = self._ask(
            "POST", f"{self._path}/messages", content=content, media_type=_MESSAGE_TYPE
        )
        answer = _answer_of(document)
        if status == _ACCEPTED or answer is not None:
            return Submitted(PublishOutcome.TAKEN, answer)
        return Submitted(_OUTCOMES.get(status, PublishOutcome.REFUSED), None)

    def answers(self, kid: Kid, epoch: int) -> list[bytes]:
        """
        Fetch what the log says of an epoch of a key, unverified; nothing where it knows none.

        Raises:
            LedgerUnavailable: If the ledger does not answer usably.
        """
        status, document = self._ask("GET", f"{self._path}/answers/{kid.hex()}?epoch={epoch}")
        if status == _NOTHING_CAME:
            return []
        listed = document.get("answers")
        if status != httpx2.codes.OK or not isinstance(listed, list):
            raise LedgerUnavailable(f"the ledger answers {status} where answers were asked for")
        found = [_answer_of(each) for each in listed if isinstance(each, dict)]
        return [answer for answer in found if answer is not None]

    def _ask(
        self, method: str, path: str, *, content: bytes = b"", media_type: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        headers = {"content-type": media_type} if media_type else {}
        try:
            with self._client.stream(method, path, content=content, headers=headers) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > _MAX_BYTES:
                        raise LedgerUnavailable(f"the ledger answers with over {_MAX_BYTES} bytes")
        except httpx2.HTTPError as error:
            raise LedgerUnavailable(
                f"the ledger does not answer: {type(error).__name__}"
            ) from error
        if response.status_code >= _SERVER_FAULT:
            raise LedgerUnavailable(f"the ledger answers {response.status_code}")
        return response.status_code, _object_of(bytes(body))


def open_ledger_http(url: str, origin: Origin, *, ca_file: Path | None = None) -> LedgerHttp:
    """
    Open the address of a ledger; nothing is sent yet.

    Args:
        url: `https://…`, or `http://…` inside a network of one's own.
        origin: The log.
        ca_file: Certificates that the server's own chains to; the system's where it is None.

    Raises:
        BrokerError: If the address or the file cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BrokerError("the ledger's address must begin with https:// or http://")
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise BrokerError(f"cannot read the certificates of {ca_file}: {error}") from error
    client = httpx2.Client(
        base_url=url.rstrip("/"),
        timeout=_TIMEOUT_S,
        follow_redirects=False,
        trust_env=False,
        verify=context,
    )
    return LedgerHttp(client, origin)


def _object_of(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _answer_of(document: dict[str, Any]) -> bytes | None:
    text = document.get("answer")
    if not isinstance(text, str):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None
