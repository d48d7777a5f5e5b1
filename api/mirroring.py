"""
Copying from somebody's server: its log by the public paths, and what it keeps besides.

Nothing that comes this way is believed; `ledger.log.mirror` and `ledger.inventory.holdings` check.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from api.errors import BadRequest, PartMissing
from attestation.canonical import refuse_depth
from attestation.errors import EncodingError
from attestation.instants import parse_instant
from ledger.inventory.holdings import Holding, HoldingKind
from ledger.log.sources import Fetch

_MAX_BYTES: Final = 256 * (2 + 65_535)
"""The longest resource of a log: a full bundle of the longest entries."""
_MAX_PIECE_BYTES: Final = 64 << 20
"""The longest piece besides it: a document and a little more."""
_TIMEOUT_S: Final = 30
_ENTRIES: Final = "tile/entries/"
_NOTHING: Final = frozenset((404, 410))
_NOT_FOR_US: Final = frozenset((401, 403))
_BUSY: Final = frozenset((429, 503))
_LONGEST_WAIT_S: Final = 60
_MOST_TRIES: Final = 10
_LOOPBACK: Final = frozenset(("127.0.0.1", "::1", "localhost"))
_LOGS: Final = "/log/"


def open_client(url: str, token: str | None, auth: httpx2.Auth | None = None) -> httpx2.Client:
    """
    Make a client that follows no redirect: the log is where the user said, or nowhere.

    Args:
        url: Of the log.
        token: Access token, or a session's.
        auth: Signs each request instead.

    Raises:
        BadRequest: If it is no address, or a token would be sent without TLS.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadRequest("the address must begin with https:// or http://")
    if token and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadRequest("an access token is not sent without TLS; use https://")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx2.Client(headers=headers, auth=auth, timeout=_TIMEOUT_S, follow_redirects=False)


def log_fetcher(
    client: httpx2.Client, url: str, sleep: Callable[[int], None] = time.sleep
) -> Fetch:
    """Give the way to fetch a resource of the log at an address; at most 16 MiB each."""
    base = url.rstrip("/")

    def fetch(path: str) -> bytes | None:
        optional = _NOTHING | (_NOT_FOR_US if path.startswith(_ENTRIES) else frozenset())
        return _get(client, f"{base}/{path}", optional, _MAX_BYTES, sleep)

    return fetch


class HoldingsServer:
    """
    What a server keeps of one log besides its entries.

    Args:
        client: With a token that reads it.
        url: Address of the log, `<server>/log/<name>`.
        sleep: Waits for so many seconds.

    Raises:
        BadRequest: If the address is not of that form.
    """

    def __init__(
        self, client: httpx2.Client, url: str, sleep: Callable[[int], None] = time.sleep
    ) -> None:
        server, name = split_address(url)
        self._client = client
        self._base = f"{server}/v1/logs/{name}/holdings"
        self._sleep = sleep

    def list(self) -> list[Holding]:
        """
        List the pieces there are.

        Raises:
            PartMissing: If the server does not list them, or not in their form.
        """
        content = _get(self._client, self._base, frozenset(), _MAX_PIECE_BYTES, self._sleep)
        try:
            refuse_depth(content or b"")
            rows: Any = httpx2.Response(200, content=content or b"").json()["holdings"]
            return [
                Holding(HoldingKind(row["kind"]), str(row["name"]), parse_instant(row["kept_at"]))
                for row in rows
            ]
        except (ValueError, KeyError, TypeError, RecursionError, EncodingError) as error:
            raise PartMissing(f"{self._base} lists no pieces") from error

    def fetch(self, holding: Holding) -> bytes | None:
        """Fetch a piece; None where the server does not give it."""
        optional = _NOTHING | _NOT_FOR_US
        path = f"{self._base}/{holding.kind.value}/{holding.name}"
        return _get(self._client, path, optional, _MAX_PIECE_BYTES, self._sleep)


def split_address(url: str) -> tuple[str, str]:
    """
    Give the server's address and the log's name.

    Raises:
        BadRequest: If the address is not `<server>/log/<name>`.
    """
    server, found, name = url.rstrip("/").rpartition(_LOGS)
    if not found or "/" in name:
        raise BadRequest(f"{url} does not end with /log/ and the log's name")
    return server, name


def _get(
    client: httpx2.Client,
    url: str,
    optional: frozenset[int],
    most: int,
    sleep: Callable[[int], None],
) -> bytes | None:
    for _ in range(_MOST_TRIES):
        with _answer(client, url) as response:
            status = response.status_code
            if status in optional:
                return None
            if status == httpx2.codes.OK:
                return _read(response, url, most)
            wait_s = _wait_s(response)
        if wait_s is None:
            raise PartMissing(f"{url} answers {status}")
        sleep(wait_s)
    raise PartMissing(f"{url} has no time")


@contextmanager
def _answer(client: httpx2.Client, url: str) -> Iterator[httpx2.Response]:
    try:
        with client.stream("GET", url) as response:
            yield response
    except httpx2.HTTPError as error:
        raise PartMissing(f"{url} does not answer: {type(error).__name__}") from error


def _wait_s(response: httpx2.Response) -> int | None:
    """Give how long the server asks us to wait; None where it does not, or for too long."""
    text = response.headers.get("retry-after", "")
    if response.status_code not in _BUSY or not text.isdecimal() or int(text) > _LONGEST_WAIT_S:
        return None
    return int(text)


def _read(response: httpx2.Response, url: str, most: int) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > most:
            raise PartMissing(f"{url} is longer than any resource of a log")
    return bytes(content)
