"""What the mirror takes from a server, and what it does not."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from api.errors import PartMissing
from api.mirroring import log_fetcher
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
    assert log_fetcher(answering(200, b"note"), URL)("checkpoint") == b"note"


def test_what_is_not_there() -> None:
    """A resource that is not there is no error."""
    assert log_fetcher(answering(404), URL)("tile/0/000") is None


def test_entries_that_may_not_be_read() -> None:
    """Entries need a grant; without one they are left out."""
    assert log_fetcher(answering(401), URL)("tile/entries/000") is None


def test_hashes_that_may_not_be_read() -> None:
    """Hashes are public: a server that refuses them is not serving the log."""
    with pytest.raises(PartMissing):
        log_fetcher(answering(401), URL)("tile/0/000")


def test_redirect_is_not_followed() -> None:
    """The log is where the user said; a server cannot send the mirror elsewhere."""
    with pytest.raises(PartMissing, match="302"):
        log_fetcher(answering(302, location="https://other.example/"), URL)("checkpoint")


def test_answer_without_end() -> None:
    """An answer one byte longer than any resource is cut off."""
    with pytest.raises(PartMissing, match="longer"):
        log_fetcher(answering(200, bytes(256 * 65_537 + 1)), URL)("tile/entries/000")


def test_busy_server_is_asked_again_when_it_says() -> None:
    """A mirror keeps to the limits of the server it copies from."""
    answers = [
        httpx2.Response(429, headers={"retry-after": "3"}),
        httpx2.Response(503, headers={"retry-after": "1"}),
        httpx2.Response(200, content=b"note"),
    ]
    client = httpx2.Client(transport=httpx2.MockTransport(lambda _request: answers.pop(0)))
    waited: list[int] = []

    assert log_fetcher(client, URL, waited.append)("checkpoint") == b"note"
    assert waited == [3, 1]


@pytest.mark.parametrize("header", [{}, {"retry-after": "61"}, {"retry-after": "soon"}])
def test_server_that_does_not_say_when_is_left(header: dict[str, str]) -> None:
    """No time, too long a time, and none that can be read."""
    with pytest.raises(PartMissing, match="429"):
        log_fetcher(answering(429, **header), URL, lambda _: None)("checkpoint")


def test_server_that_is_always_busy_is_left() -> None:
    """Somebody who always says later is not asked for ever."""
    waited: list[int] = []
    with pytest.raises(PartMissing, match="no time"):
        log_fetcher(answering(503, **{"retry-after": "1"}), URL, waited.append)("checkpoint")

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


def test_accounting_needs_a_token(run: Run, tmp_path: Path) -> None:
    """What is kept besides a log is nobody's without a grant."""
    vkey = NoteSigner.from_seed("log.example", b"l" * 32).verifier.vkey
    ran = run("mirror", URL, "--vkey", vkey, "--out", tmp_path, "--accounting")

    assert ran.code == 2
    assert "--token-file" in ran.err


def test_mirror_without_accounting_reckons_nothing(run: Run, tmp_path: Path) -> None:
    """A folder with tiles alone is no ledger."""
    (tmp_path / "checkpoint").write_text("log.example")
    ran = run("recheck", "91350211M000100Y46", "u1", "2024", "--mirror", tmp_path)

    assert ran.code == 2
    assert "--accounting" in ran.err


def test_session_goes_to_its_own_server(run: Run, tmp_path: Path) -> None:
    """A session at another server is none here, and two ways at once are a mistake."""
    sessions, token = tmp_path / "sessions.json", tmp_path / "token"
    kept = {"id": "1", "token": "css_x", "party": "V", "role": "verifier", "expires_at": ""}
    sessions.write_text(json.dumps({"https://other.example": kept}), encoding="utf-8")
    sessions.chmod(0o600)
    token.write_text("cs_x", encoding="utf-8")
    vkey = NoteSigner.from_seed("log.example", b"l" * 32).verifier.vkey
    asked = ("mirror", URL, "--vkey", vkey, "--out", tmp_path, "--session")
    elsewhere = run(*asked, "--session-file", sessions)
    both = run(*asked, "--token-file", token)

    assert (elsewhere.code, both.code) == (2, 2)
    assert "log in first" in elsewhere.err
