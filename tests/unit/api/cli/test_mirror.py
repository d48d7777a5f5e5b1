"""What the mirror takes from a server, and what it does not."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from api.cli.mirror import fetcher
from api.errors import PartMissing
from attestation.notes import NoteSigner
from tests.unit.api.cli.conftest import Run

URL = "https://log.example/log/91350211M000100Y46"


def answering(status: int, content: bytes = b"", **headers: str) -> httpx2.Client:
    """Give a client whose server always answers so."""

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, content=content, headers=headers)

    return httpx2.Client(transport=httpx2.MockTransport(answer))


def test_content_is_given() -> None:
    """A resource that is there comes as it is."""
    assert fetcher(answering(200, b"note"), URL)("checkpoint") == b"note"


def test_what_is_not_there() -> None:
    """A resource that is not there is no error."""
    assert fetcher(answering(404), URL)("tile/0/000") is None


def test_entries_that_may_not_be_read() -> None:
    """Entries need a grant; without one they are left out."""
    assert fetcher(answering(401), URL)("tile/entries/000") is None


def test_hashes_that_may_not_be_read() -> None:
    """Hashes are public: a server that refuses them is not serving the log."""
    with pytest.raises(PartMissing):
        fetcher(answering(401), URL)("tile/0/000")


def test_redirect_is_not_followed() -> None:
    """The log is where the user said; a server cannot send the mirror elsewhere."""
    with pytest.raises(PartMissing, match="302"):
        fetcher(answering(302, location="https://other.example/"), URL)("checkpoint")


def test_answer_without_end() -> None:
    """An answer one byte longer than any resource is cut off."""
    with pytest.raises(PartMissing, match="longer"):
        fetcher(answering(200, bytes(256 * 65_537 + 1)), URL)("tile/entries/000")


def test_busy_server_is_asked_again_when_it_says() -> None:
    """A mirror keeps to the limits of the server it copies from."""
    answers = [
        httpx2.Response(429, headers={"retry-after": "3"}),
        httpx2.Response(503, headers={"retry-after": "1"}),
        httpx2.Response(200, content=b"note"),
    ]
    client = httpx2.Client(transport=httpx2.MockTransport(lambda _request: answers.pop(0)))
    waited: list[int] = []

    assert fetcher(client, URL, waited.append)("checkpoint") == b"note"
    assert waited == [3, 1]


@pytest.mark.parametrize("header", [{}, {"retry-after": "61"}, {"retry-after": "soon"}])
def test_server_that_does_not_say_when_is_left(header: dict[str, str]) -> None:
    """No time, too long a time, and none that can be read."""
    with pytest.raises(PartMissing, match="429"):
        fetcher(answering(429, **header), URL, lambda _: None)("checkpoint")


def test_server_that_is_always_busy_is_left() -> None:
    """Somebody who always says later is not asked for ever."""
    waited: list[int] = []
    with pytest.raises(PartMissing, match="no time"):
        fetcher(answering(503, **{"retry-after": "1"}), URL, waited.append)("checkpoint")

    assert len(waited) == 10


def test_token_needs_tls(run: Run, tmp_path: Path) -> None:
    """An access token never leaves the machine in the clear."""
    token = tmp_path / "token"
    token.write_text("secret", encoding="utf-8")
    vkey = NoteSigner.from_seed("log.example", b"l" * 32).verifier.vkey
    address = URL.replace("https", "http")

    ran = run("mirror", address, "--vkey", vkey, "--out", tmp_path, "--token-file", token)

    assert ran.code == 2
    assert "TLS" in ran.err
