"""
The enterprise's log at its ledger's address: records go in, and one sees what became of them.

That a record is in the log is read from the log's own signed checkpoint and hash tiles, and proved
by an inclusion proof; the ledger's word is not taken for it.

Source: RFC 9162, section 2.1.3; C2SP tlog-tiles; the operations `submitRecord`, `getLog`.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx2

from api.errors import ConfigurationError, PartMissing
from attestation.errors import EncodingError, Error
from attestation.ids import Origin
from attestation.merkle import verify_inclusion
from attestation.notes import NoteVerifier
from ledger.log.sources import LogSource, SignedCheckpoint

_TIMEOUT_S: Final = 30
_MAX_BYTES: Final = 16 << 20
_ACCEPTED: Final = 202
_SERVER_FAULT: Final = 500
_TOO_MANY: Final = 429
_BUSY: Final = 503
_PATIENT_TRIES: Final = 20
_LONGEST_PAUSE_S: Final = 30
_NOTHING: Final = frozenset((404, 410))


class LedgerRefused(Error):
    """The ledger did not take a record; code and reason are the ledger's."""

    code = "admission.refused"


class LedgerLog:
    """
    One log at a ledger's address.

    Args:
        client: Speaks HTTP to that address; closed with this.
        origin: The log.
        verifier: Its key, from the trust root.
    """

    def __init__(self, client: httpx2.Client, origin: Origin, verifier: NoteVerifier) -> None:
        self._client = client
        self._origin = origin
        self._verifier = verifier
        self._source = LogSource(str(origin), self._fetch)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def checkpoint(self) -> SignedCheckpoint | None:
        """
        Fetch the newest checkpoint; None before the first.

        Raises:
            PartMissing: If the ledger does not answer.
            VerificationError: If it is not signed by the log.
        """
        return self._source.checkpoint(self._verifier)

    def size(self) -> int:
        """Give how many entries the log has published; errors as `checkpoint`."""
        found = self.checkpoint()
        return 0 if found is None else found.checkpoint.size

    def submit_record(self, content: bytes) -> None:
        """
        Hand one signed record in; the same again is no fault.

        Raises:
            LedgerRefused: If the ledger does not take it; with the ledger's code and reason.
            PartMissing: If the ledger does not answer.
        """
        status, body = self._ask(
            "POST",
            f"/v1/logs/{self._origin.name}/records",
            content=content,
            headers={"content-type": "application/json"},
        )
        if status == _ACCEPTED:
            return
        problem = _object(body)
        code, detail = problem.get("code"), problem.get("detail")
        if not isinstance(code, str) or not isinstance(detail, str):
            raise PartMissing(f"the ledger answers {status}")
        raise LedgerRefused(detail, code=code)

    def find_leaves(self, wanted: Collection[bytes], *, start: int) -> dict[bytes, int]:
        """
        Find entries by their leaf hashes, and prove that each is in the published tree.

        Args:
            wanted: Leaf hashes, 32 bytes each.
            start: First entry that is looked at.

        Returns:
            Index by leaf hash, of those that were found.

        Raises:
            PartMissing: If the ledger does not answer.
            VerificationError: If what it serves does not hold together.
        """
        checkpoint = self.checkpoint()
        if checkpoint is None:
            return {}
        size = checkpoint.checkpoint.size
        found: dict[bytes, int] = {}
        if start < size:
            leaves = self._source.leaf_hashes(start, size, size=size)
            for index, leaf_hash in enumerate(leaves, start=start):
                if leaf_hash in wanted:
                    found.setdefault(leaf_hash, index)
        for leaf_hash, index in found.items():
            self._prove(leaf_hash, index, checkpoint)
        return found

    def _prove(self, leaf_hash: bytes, index: int, found: SignedCheckpoint) -> None:
        size = found.checkpoint.size
        path = f"/v1/logs/{self._origin.name}/proofs/inclusion?index={index}&size={size}"
        status, body = self._ask("GET", path)
        listed = _object(body).get("proof")
        if status != httpx2.codes.OK or not isinstance(listed, list):
            raise PartMissing(f"the ledger answers {status} where a proof was asked for")
        try:
            proof = [bytes.fromhex(each) for each in listed]
        except (ValueError, TypeError) as error:
            raise EncodingError("not hashes in hexadecimal", code="encoding.hex") from error
        verify_inclusion(leaf_hash, index=index, size=size, root=found.checkpoint.root, proof=proof)

    def _fetch(self, path: str) -> bytes | None:
        status, body = self._ask("GET", f"/log/{self._origin.name}/{path}")
        if status in _NOTHING:
            return None
        if status != httpx2.codes.OK:
            raise PartMissing(f"the ledger answers {status} to {path}")
        return body

    def _ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Ask, and ask again where the ledger says when to come back."""
        for _ in range(_PATIENT_TRIES):
            status, body, pause_s = self._ask_once(method, path, content, headers)
            if pause_s is None:
                break
            time.sleep(min(pause_s, _LONGEST_PAUSE_S))
        if status >= _SERVER_FAULT or status == _TOO_MANY:
            raise PartMissing(f"the ledger answers {status}")
        return status, body

    def _ask_once(
        self, method: str, path: str, content: bytes, headers: dict[str, str] | None
    ) -> tuple[int, bytes, int | None]:
        """Give status, body, and after how many seconds to come back, where that is said."""
        body = bytearray()
        try:
            with self._client.stream(method, path, content=content, headers=headers) as response:
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > _MAX_BYTES:
                        raise PartMissing(f"the ledger answers with over {_MAX_BYTES} bytes")
        except httpx2.HTTPError as error:
            raise PartMissing(f"the ledger does not answer: {type(error).__name__}") from error
        pause = response.headers.get("retry-after", "")
        is_later = response.status_code in {_TOO_MANY, _BUSY} and pause.isdecimal()
        return response.status_code, bytes(body), int(pause) if is_later else None


def open_ledger_client(url: str, *, ca_file: Path | None = None) -> httpx2.Client:
    """
    Open the address of a ledger; nothing is sent yet.

    Args:
        url: `https://…`, or `http://…` inside a network of one's own; without a path.
        ca_file: Certificates that the server's own chains to; the system's where it is None.

    Raises:
        ConfigurationError: If address or file cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError("the ledger's address must begin with https:// or http://")
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"cannot read certificates of {ca_file}: {error}") from error
    return httpx2.Client(
        base_url=url.rstrip("/"),
        timeout=_TIMEOUT_S,
        follow_redirects=False,
        trust_env=False,
        verify=context,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
