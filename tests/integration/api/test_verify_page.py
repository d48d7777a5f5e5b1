"""The page of verification and its operation: files in, steps out, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.errors import BadRequest
from api.http.forms import parse_form
from attestation.bundle import format_bundle
from attestation.case_bundle import format_case_bundle
from attestation.trust_root import format_trust_root
from ledger.database import Database
from tests.fakes.clock import FixedClock
from tests.integration.api.conftest import settings_at
from tests.support.enterprise import NOW
from tests.support.evidence import SERIES, small_world
from tests.support.reported import NAME, ReportedCase, trust_root

CASE = ReportedCase()
ROOT = format_trust_root(trust_root())
REPORT = CASE.report()
LINE = format_case_bundle(CASE.line_bundle())
Files = dict[str, tuple[str, bytes]]


@pytest.fixture(scope="module")
def client(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server with an empty ledger: verifying needs nothing of it."""
    folder = tmp_path_factory.mktemp("page")
    path = folder / "ledger.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    with Database(f"sqlite:///{path}") as database:
        ledger = SimpleNamespace(
            settings=settings_at(folder, f"sqlite:///{path}"),
            clock=FixedClock(NOW),
            database=database,
            access=None,
        )
        yield TestClient(create_app(cast(Any, ledger)), raise_server_exceptions=False)


def files(content: bytes, root: bytes | None = ROOT) -> Files:
    parts: Files = {"file": ("report.pdf", content)}
    return parts if root is None else parts | {"trust_root": ("trust.json", root)}


def test_form_is_a_page_without_a_script(client: TestClient) -> None:
    """It loads nothing but its own style, in both languages, and sends to this place only."""
    for language, word in (("en", "Verify a report"), ("zh", "核验报告")):
        page = client.get(f"/verify?lang={language}")
        assert page.status_code == 200
        assert word in page.text
        assert "<script" not in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
    assert client.get("/assets/pages.css").headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("content", [REPORT, LINE], ids=["report", "line"])
def test_page_says_what_was_signed(client: TestClient, content: bytes) -> None:
    """Held, against the trust root that was brought."""
    page = client.post("/verify?lang=zh", files=files(content))

    assert page.status_code == 200
    assert '<p class="outcome held"' in page.text
    assert NAME in page.text
    assert trust_root().name in page.text
    assert "按您的信任根核验" in page.text


def test_page_shows_the_readings_of_a_message(client: TestClient) -> None:
    """The same page takes the bundle of one message."""
    world = small_world()
    parts = files(format_bundle(world.bundle()), format_trust_root(world.trust_root()))
    page = client.post("/verify?lang=en", files=parts)

    assert '<p class="outcome held"' in page.text
    assert SERIES in page.text
    assert "5000 Wh" in page.text


def test_page_says_what_does_not_hold(client: TestClient) -> None:
    """With the step and its code, and without a word of what the file claims."""
    changed = REPORT.replace(b"/Size 1", b"/Size 2", 1)
    page = client.post("/verify?lang=en", files=files(changed))

    assert '<p class="outcome failed"' in page.text
    assert NAME not in page.text


def test_page_without_a_trust_root_says_so(client: TestClient) -> None:
    """This place has none of its own in these tests: most steps could not be checked."""
    page = client.post("/verify?lang=en", files=files(REPORT, None))

    assert '<p class="outcome could_not_check"' in page.text
    assert "no trust root of its own" in page.text
    assert NAME not in page.text


def test_page_escapes_what_comes_from_outside(client: TestClient) -> None:
    """A bundle that is none is told of in words, never as markup."""
    page = client.post("/verify", files=files(b'{"format":"<script>alert(1)</script>"}'))

    assert page.status_code == 200
    assert "<script" not in page.text


def test_operation_answers_step_by_step(client: TestClient) -> None:
    """The same verification for programs, with facts only where everything held."""
    answer = client.post("/v1/verify/case", files=files(REPORT)).json()

    assert answer["outcome"] == "held"
    assert answer["case"]["total"] == "14815"
    assert answer["case"]["state"] == "confirmed"
    line = client.post("/v1/verify/case", files=files(LINE)).json()
    assert line["case"]["line"]["value"] == "14814.72"
    broken = client.post("/v1/verify/case", files=files(REPORT + b"x")).json()
    assert (broken["outcome"], broken["case"]) == ("failed", None)


@pytest.mark.parametrize(
    "parts",
    [
        {"file": ("a", b"x")},
        {"trust_root": ("a", ROOT)},
        {"file": ("a", REPORT), "trust_root": ("b", b"{}")},
        {"file": ("a", REPORT), "trust_root": ("b", ROOT), "other": ("c", b"x")},
    ],
    ids=["no trust root", "no file", "broken trust root", "too much"],
)
def test_operation_asks_for_both_files(client: TestClient, parts: Files) -> None:
    """No trust on first use, and nothing that is not asked for."""
    assert client.post("/v1/verify/case", files=parts).status_code in {400, 422}


def test_message_is_not_a_case(client: TestClient) -> None:
    """There is another operation for messages."""
    message = b'{"format":"carbonseal-bundle"}'
    answer = client.post("/v1/verify/case", files=files(message)).json()
    assert answer["outcome"] == "failed"


def test_form_gives_files_as_they_were_sent() -> None:
    """Whatever bytes a file has, the boundary's likeness among them."""
    content = bytes(range(256)) + b"\r\n--x\r\n\r\n" + b"\n\r--"
    body = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body += content + b"\r\n--xyz--\r\n"

    assert parse_form("multipart/form-data; boundary=xyz", body) == {"file": content}


BROKEN = {
    "other type": ("application/json", b"{}"),
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n\r\n--x--"),
    "no end": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
    ),
    "no name": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--",
    ),
    "no blank line": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n--x--",
    ),
    "twice": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 2 + b"--x--",
    ),
    "too many": ("multipart/form-data; boundary=x", b"--x" + b"\r\n--x" * 20),
    "empty": ("multipart/form-data; boundary=x", b""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_form_of_another_shape_is_refused(name: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(BadRequest):
        parse_form(*BROKEN[name])
