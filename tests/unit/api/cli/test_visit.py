"""A visit to the site: the pack that goes there, and the form that comes back as requests."""

from __future__ import annotations

import base64
import json
import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest

from api.office.parts import RecordPart
from api.office.request import SigningRequest, parse_request
from api.visits.forms import blank_form
from api.visits.page import visit_page
from attestation.case_bodies import Finding, SiteVisit
from attestation.ids import parse_origin
from attestation.persons import person_id
from attestation.records import body_of_record, sign_record
from ledger.log.decisions import Admitted
from tests.integration.api.test_inventories import plan, structure
from tests.support.cases import LEAD, VERIFIER, CaseWorld, address
from tests.support.enterprise import USC
from tests.unit.api.cli.conftest import Place, Ran, Run

PHOTO = b"\xff\xd8 a meter"
OFFICE = f"""
party = "{VERIFIER}"
ledger_url = "https://ledger.example"
rpc_url = "http://127.0.0.1:9"
trust_root_file = "trust.json"
"""


class Visit:
    """A verifier's machine with a pack, and what is filled in at the site."""

    def __init__(self, place: Place, run: Run) -> None:
        self.place = place
        self.run = run
        self.folder = place.folder / "visit"
        self.folder.mkdir()
        self.zip = self.folder / "pack.zip"
        (self.folder / "office.toml").write_text(OFFICE)
        (self.folder / "photo.jpg").write_bytes(PHOTO)

    def pack(self, *options: object) -> Ran:
        made = ("visit", "pack", USC, "hall", "2025-01-01", "--out", self.zip)
        return self.run(*made, *options, "--config", self.place.config, "--json")

    def content(self, name: str) -> Any:
        with zipfile.ZipFile(self.zip) as archive:
            return json.loads(archive.read(name))

    def filled(self, **changes: Any) -> dict[str, Any]:
        """Fill the blank form in."""
        blank: dict[str, Any] = self.content("visit.json")
        return blank | {
            "from": "2025-01-02T01:00:00+08:00",
            "to": "2025-01-02T03:00:00+08:00",
            "persons": [{"name": "林", "identity": "身份证 1", "salt": "07" * 16}],
            "observations": ["the grid meter shows what the log says"],
            "files": ["photo.jpg"],
            **changes,
        }

    def bring(self, form: Any) -> Ran:
        """Import a form that came back."""
        path = self.folder / "visit.json"
        path.write_text(json.dumps(form), encoding="utf-8")
        return self.run(
            *("visit", "import", path, "--out", self.folder / "out", "--files", self.folder),
            *("--config", self.folder / "office.toml", "--ledger", self.place.config),
            *("--signer", "0x" + address(LEAD).hex(), "--json"),
        )

    def request(self, name: str) -> SigningRequest:
        return parse_request((self.folder / "out" / name).read_bytes())


@pytest.fixture
def visit(place: Place, run: Run, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """A case with a submitted version, and a pack of it; the verifier's node is not asked."""
    world = CaseWorld(place.enterprise)
    world.enterprise.file(structure())
    world.enterprise.file(plan())
    world.put()
    world.submit()
    desk = SimpleNamespace(
        origin=parse_origin(place.enterprise.origin),
        chain_id=31337,
        parties=SimpleNamespace(is_in_force=lambda *_: True),
        log_size=lambda: 9,
    )

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[object]:
        yield desk

    monkeypatch.setattr("api.cli.visit.open_desk", opened)
    made = Visit(place, run)
    assert made.pack().code == 0
    return made


def test_pack_says_what_the_log_says(visit: Visit) -> None:
    """Plan, meters with their last readings, the version, and the tree it is of."""
    pack = visit.content("pack.json")
    (meter,) = pack["meters"]
    with visit.place.enterprise.database.reading() as uow:
        head = uow.heads.get(visit.place.enterprise.log.number)

    assert (pack["log"]["size"], pack["log"]["root"]) == (head.size, head.root.hex())
    assert meter["last"]["value"] == "5"
    assert meter["last"]["end"] == "2025-01-01T01:00:00Z"
    assert [each["parameter"] for each in pack["plan"]] == [
        "purchased-electricity:grid",
        "emission-factor:grid",
    ]
    assert pack["site"]["name"] == "works"


def test_same_pack_has_the_same_bytes(visit: Visit) -> None:
    """So that its hash can be named in the record of the visit."""
    before = sha256(visit.zip.read_bytes()).digest()
    visit.pack()

    assert sha256(visit.zip.read_bytes()).digest() == before


def test_what_was_drawn_stands_on_the_checklist(visit: Visit) -> None:
    """The sample that nobody picked is looked at first."""
    drawn = visit.folder / "drawn.txt"
    drawn.write_text("day 2025-01-01\n\n", encoding="utf-8")
    visit.pack("--drawn", drawn)
    with zipfile.ZipFile(visit.zip) as archive:
        page = archive.read("index.html").decode()

    assert visit.content("pack.json")["drawn"] == ["day 2025-01-01"]
    assert 'data-item="day 2025-01-01"' in page


class Page(HTMLParser):
    """Reads what a page would load, and its inline parts."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: dict[str, str] = {}
        self.policy = ""
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.loads += [value for name, value in attrs if name in {"src", "href"} and value]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        self._in = given.get("type") or tag if tag in {"script", "style"} else ""

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in:
            self.inline[self._in] = data


def test_page_loads_nothing_and_its_policy_names_its_own_script(visit: Visit) -> None:
    """It works from disk; what somebody writes into it later does not run."""
    with zipfile.ZipFile(visit.zip) as archive:
        text = archive.read("index.html").decode()
    page = Page()
    page.feed(text)

    assert page.loads == []
    assert page.policy.startswith("default-src 'none'")
    for part in ("script", "style"):
        digest = base64.b64encode(sha256(page.inline[part].encode()).digest()).decode()
        assert f"{part}-src 'sha256-{digest}'" in page.policy
    assert json.loads(page.inline["application/json"])["blank"] == visit.content("visit.json")


def test_names_from_the_log_are_text_on_the_page(visit: Visit) -> None:
    """A site's or a stream's name that looks like markup stays what it is."""
    pack = visit.content("pack.json")
    name = "</script><script>alert(1)</script>"
    pack["site"]["name"] = name
    pack["drawn"] = [name]
    text = visit_page(pack, blank_form(pack))

    assert len(re.findall("<script", text)) == 2
    assert text.count("alert(1)</script>") == 0


def test_form_comes_back_as_a_request_the_log_takes(visit: Visit) -> None:
    """Signed by the verifier's person it is admitted; it names hashes and no name."""
    ran = visit.bring(visit.filled())
    request = visit.request("visit-request.json")
    (part,) = request.parts
    assert isinstance(part, RecordPart)
    record = sign_record(part.draft, LEAD)
    body = body_of_record(record)
    enterprise = visit.place.enterprise
    decision = enterprise.records.admit_record(
        enterprise.log.number, record.encoded, now=enterprise.now
    )

    assert (ran.code, request.origin) == (0, parse_origin(enterprise.origin)), ran.err
    assert isinstance(body, SiteVisit)
    assert body.files == (sha256(PHOTO).digest(),)
    assert body.persons == (person_id(bytes([7] * 16), "身份证 1"),)
    assert isinstance(decision, Admitted), decision
    assert "林".encode() not in record.encoded


def test_findings_come_back_with_the_next_numbers(visit: Visit) -> None:
    """One request each, so that nobody signs two things at once."""
    template = visit.content("finding.json")
    finding = template | {"title": "seal", "text": "broken", "anchor": {"entry": 4}}
    ran = visit.bring(visit.filled(findings=[finding, finding]))
    (part,) = visit.request("finding-2-request.json").parts

    assert ran.document["requests"] == [
        "visit-request.json",
        "finding-1-request.json",
        "finding-2-request.json",
    ]
    assert isinstance(part, RecordPart)
    body = body_of_record(sign_record(part.draft, LEAD))
    assert isinstance(body, Finding)
    assert (body.number, body.title, body.verifier) == (2, "seal", VERIFIER)


def test_second_import_loses_nothing(visit: Visit) -> None:
    """The salts of the first one are what makes its ids those of persons."""
    form = visit.filled(persons=[{"name": "林", "identity": "身份证 1"}])
    visit.bring(form)
    path = visit.folder / "out" / "persons.json"
    before = path.read_bytes()
    again = visit.bring(form)

    assert (again.code, "not an empty folder" in again.out) == (2, True)
    assert path.read_bytes() == before


def test_form_that_cannot_be_kept_leaves_no_request(visit: Visit) -> None:
    """A file in the folder's place: told, and nothing is half done."""
    out = visit.folder / "out"
    out.write_bytes(b"mine")

    assert visit.bring(visit.filled()).code == 2
    assert out.read_bytes() == b"mine"


def test_pack_into_a_folder_that_is_not_there_is_told(visit: Visit) -> None:
    """In a sentence that names the file."""
    visit.zip = visit.folder / "missing" / "pack.zip"
    ran = visit.pack()

    assert (ran.code, "cannot write" in ran.out) == (2, True)


def test_who_was_there_stays_with_the_verifier(visit: Visit) -> None:
    """In a file for its owner only."""
    visit.bring(visit.filled())
    path = visit.folder / "out" / "persons.json"
    (row,) = json.loads(path.read_text(encoding="utf-8"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (row["name"], row["salt"]) == ("林", "07" * 16)
    assert row["person"] == person_id(bytes([7] * 16), "身份证 1").hex()
