"""The command that copies somebody's log by its public paths, and tells when it misbehaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx2
import typer

from api.cli.files import read_password
from api.cli.outcomes import WORDS, leave, styled
from api.cli.output import AsJson, console, progress, show
from api.errors import BadRequest, PartMissing
from attestation.enums import Outcome
from attestation.note_keys import parse_vkey
from ledger.log.mirror import Mirror
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.sources import Fetch, LogSource

_MAX_BYTES: Final = 256 * (2 + 65_535)
"""The longest resource of a log: a full bundle of the longest entries."""
_TIMEOUT_S: Final = 30
_ENTRIES: Final = "tile/entries/"
_NOTHING: Final = frozenset((404, 410))
_NOT_FOR_US: Final = frozenset((401, 403))
_BUSY: Final = frozenset((429, 503))
_LONGEST_WAIT_S: Final = 60
_MOST_TRIES: Final = 10
_LOOPBACK: Final = frozenset(("127.0.0.1", "::1", "localhost"))


def mirror(
    url: Annotated[str, typer.Argument(help="Address of the log, above `/checkpoint`.")],
    vkey: Annotated[str, typer.Option("--vkey", help="The log's key, from a trust root.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the copy.")],
    token_file: Annotated[
        Path | None, typer.Option("--token-file", help="Access token, to copy entries too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy what is new of a log, once; run it again and again. Exit 1 if the log misbehaved."""
    verifier = parse_vkey(vkey)
    token = read_password(token_file).decode() if token_file else None
    with _client(url, token) as client:
        source = LogSource(url, fetcher(client, url))
        with progress("copying the log", None):
            result = Mirror(MirrorFolder(out), source, verifier).follow()
    outcome = Outcome.FAILED if result.alerts else Outcome.HELD
    document = {
        "origin": result.origin,
        "outcome": WORDS[outcome],
        "old_size": result.old_size,
        "size": result.size,
        "unread": result.unread,
        "alerts": [
            {"kind": each.kind.value, "detail": each.detail, "evidence": each.evidence}
            for each in result.alerts
        ],
    }

    def text() -> None:
        console.print(f"{result.origin}: {result.old_size} to {result.size}", markup=False)
        if result.unread:
            console.print(f"{result.unread} entries may not be read; their hashes are copied")
        for each in result.alerts:
            console.print(f"{each.kind.value}: {each.detail}", markup=False)
        console.print(styled(outcome))

    show(document, as_json, text)
    leave(outcome)


def _client(url: str, token: str | None) -> httpx2.Client:
    """Make a client that follows no redirect: the log is where the user said, or nowhere."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadRequest("the address must begin with https:// or http://")
    if token and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadRequest("an access token is not sent without TLS; use https://")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx2.Client(headers=headers, timeout=_TIMEOUT_S, follow_redirects=False)


def fetcher(client: httpx2.Client, url: str, sleep: Callable[[int], None] = time.sleep) -> Fetch:
    """Give the way to fetch a resource of the log at an address; at most 16 MiB each."""
    base = url.rstrip("/")

    def fetch(path: str) -> bytes | None:
        for _ in range(_MOST_TRIES):
            with _answer(client, base, path) as response:
                status = response.status_code
                if status in _NOTHING or (status in _NOT_FOR_US and path.startswith(_ENTRIES)):
                    return None
                if status == httpx2.codes.OK:
                    return _read(response, path)
                wait_s = _wait_s(response)
            if wait_s is None:
                raise PartMissing(f"{base} answers {status} to {path}")
            sleep(wait_s)
        raise PartMissing(f"{base} has no time for {path}")

    return fetch


@contextmanager
def _answer(client: httpx2.Client, base: str, path: str) -> Iterator[httpx2.Response]:
    try:
        with client.stream("GET", f"{base}/{path}") as response:
            yield response
    except httpx2.HTTPError as error:
        raise PartMissing(f"{base} does not answer: {type(error).__name__}") from error


def _wait_s(response: httpx2.Response) -> int | None:
    """Give how long the server asks us to wait; None where it does not, or for too long."""
    text = response.headers.get("retry-after", "")
    if response.status_code not in _BUSY or not text.isdecimal() or int(text) > _LONGEST_WAIT_S:
        return None
    return int(text)


def _read(response: httpx2.Response, path: str) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > _MAX_BYTES:
            raise PartMissing(f"{path} is longer than any resource of a log")
    return bytes(content)
