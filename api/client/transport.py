"""
How the generated client speaks HTTP: one question, one answer, no more bytes than there may be.

A problem becomes an error with the server's code and its next step. What may be asked again is: a
question that changes nothing, and one under an `Idempotency-Key`, which each that needs it gets.
Nothing is believed because it came this way; proofs are checked where they are read.

Source: RFC 9110; RFC 9457; `docs/openapi.json`.
"""

from __future__ import annotations

import json
import ssl
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit

import httpx2

from api.errors import ConfigurationError, PartMissing
from attestation.canonical import refuse_depth
from attestation.errors import EncodingError, Error

_TIMEOUT_S: Final = 60
_MOST_BYTES: Final = 64 << 20
_TRIES: Final = 5
_LONGEST_PAUSE_S: Final = 30
_FIRST_REFUSAL: Final = 400
_LATER: Final = frozenset({409, 429, 503})
_KEY: Final = "idempotency-key"
_REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})

Value = str | int | bool | None


class Refused(Error):
    """
    The server said no.

    Args:
        problem: What it said; from outside.
        status: Of the answer.
        retry_after_s: When the same may be asked again; None where that is not said.
    """

    code = "api.refused"

    def __init__(
        self, problem: Mapping[str, Any], status: int, *, retry_after_s: int | None = None
    ) -> None:
        code, detail = problem.get("code"), problem.get("detail")
        super().__init__(
            str(detail) if isinstance(detail, str) else f"the server answers {status}",
            code=code if isinstance(code, str) else None,
        )
        self.problem = dict(problem)
        self.status = status
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Asked:
    """One question."""

    method: str
    address: str
    """With a name in braces for each part of `path`."""
    path: Mapping[str, Value] = field(default_factory=dict)
    query: Mapping[str, Value | Sequence[Value]] = field(default_factory=dict)
    headers: Mapping[str, Value] = field(default_factory=dict)
    content: object = None
    """Bytes as they are, or what becomes JSON."""
    media_type: str | None = None
    is_repeatable: bool = False
    """Whether asking twice does what asking once does, whatever the method."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that is no refusal."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def document(self) -> Any:
        """
        Read the answer as JSON, with decimals as they are written.

        Raises:
            PartMissing: If it is none.
        """
        try:
            refuse_depth(self.content)
            return json.loads(self.content, parse_float=str)
        except (ValueError, RecursionError, EncodingError) as error:
            raise PartMissing("the server's answer is not JSON") from error


class Transport:
    """
    HTTP to one server; may be used by several threads.

    Args:
        client: Has the address; closed with this.
        token: Of a grant or a session.
        tries: How often it asks where the server says when to come back.
        most_bytes: Of one answer.
        pause: Waits so many seconds.
    """

    def __init__(
        self,
        client: httpx2.Client,
        *,
        token: str | None = None,
        tries: int = _TRIES,
        most_bytes: int = _MOST_BYTES,
        pause: Callable[[int], object] | None = None,
    ) -> None:
        self._client = client
        self._tries = tries
        self._most_bytes = most_bytes
        self._headers = {} if token is None else {"authorization": f"Bearer {token}"}
        self._pause = pause or threading.Event().wait

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(self, asked: Asked) -> Answer:
        """
        Ask, and ask again where the server says that it will answer later.

        Raises:
            Refused: If it says no.
            PartMissing: If it does not answer, or with more than there may be.
        """
        headers = {**self._headers, **_texts(asked.headers)}
        if asked.method == "POST" and _KEY in asked.headers:
            headers.setdefault(_KEY, uuid.uuid4().hex)
        may_repeat = asked.is_repeatable or asked.method in _REPEATABLE or _KEY in headers
        tries = self._tries if may_repeat else 1
        while True:
            tries -= 1
            try:
                return self._once(asked, headers)
            except Refused as error:
                if not tries or error.retry_after_s is None:
                    raise
                self._pause(min(error.retry_after_s, _LONGEST_PAUSE_S))

    def _once(self, asked: Asked, headers: Mapping[str, str]) -> Answer:
        content, media_type = _content_of(asked)
        more = {} if media_type is None else {"content-type": media_type}
        request = self._client.build_request(
            asked.method,
            _address(asked),
            params=httpx2.QueryParams(tuple(_question(asked.query))),
            content=content,
            headers={**headers, **more},
        )
        try:
            response = self._client.send(request, stream=True)
            try:
                body = self._read(response)
            finally:
                response.close()
        except httpx2.HTTPError as error:
            raise PartMissing(f"the server does not answer: {type(error).__name__}") from error
        if response.status_code >= _FIRST_REFUSAL:
            pause = response.headers.get("retry-after", "")
            is_later = response.status_code in _LATER and pause.isdecimal()
            raise Refused(
                _problem(body),
                response.status_code,
                retry_after_s=int(pause) if is_later else None,
            )
        return Answer(response.status_code, dict(response.headers), body)

    def _read(self, response: httpx2.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._most_bytes:
                raise PartMissing(f"the server answers with over {self._most_bytes} bytes")
        return bytes(content)


def open_transport(
    url: str,
    *,
    token: str | None = None,
    auth: httpx2.Auth | None = None,
    ca_file: Path | None = None,
) -> Transport:
    """
    Open the address of a server; nothing is sent yet.

    Args:
        url: `https://…`, or `http://…` inside a network of one's own.
        token: Of a grant or a session.
        auth: Signs each request instead: `api.client.machine`.
        ca_file: Certificates that the server's own chains to; the system's where it is None.

    Raises:
        ConfigurationError: If the address or the file cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError("a server's address begins with https:// or http://")
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"cannot read the certificates of {ca_file}: {error}") from error
    client = httpx2.Client(
        base_url=url.rstrip("/"),
        auth=auth,
        timeout=_TIMEOUT_S,
        follow_redirects=False,
        trust_env=False,
        verify=context,
    )
    return Transport(client, token=token)


def _address(asked: Asked) -> str:
    # A part of that name is a path itself, and keeps its slashes.
    parts = {
        name: quote(_text(value), safe="/" if name == "path" else "")
        for name, value in asked.path.items()
    }
    return asked.address.format_map(parts)


def _content_of(asked: Asked) -> tuple[bytes | None, str | None]:
    if asked.content is None or isinstance(asked.content, bytes):
        return asked.content, None if asked.content is None else asked.media_type
    return json.dumps(asked.content, ensure_ascii=False).encode(), asked.media_type


def _question(
    values: Mapping[str, Value | Sequence[Value]],
) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        several = [value] if value is None or isinstance(value, str | int) else value
        pairs += [(name, _text(each)) for each in several if each is not None]
    return pairs


def _texts(values: Mapping[str, Value]) -> dict[str, str]:
    return {name: _text(value) for name, value in values.items() if value is not None}


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problem(body: bytes) -> dict[str, Any]:
    try:
        refuse_depth(body)
        document = json.loads(body)
    except (ValueError, RecursionError, EncodingError):
        return {}
    return document if isinstance(document, dict) else {}
