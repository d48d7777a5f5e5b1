"""Commands about evidence: sheets, documents, months, samples, and requests of records."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from api.errors import BadRequest
from api.office.evidence_requests import (
    Wanted,
    draft_evidence,
    format_wanted,
    parse_wanted,
)
from api.office.request import format_request, parse_request
from attestation.body_fields import write_body
from attestation.enums import CustodyStep
from attestation.evidence_bodies import Manifest
from attestation.instants import Instant
from attestation.records import body_of_record
from ledger.inventory.monthly import draft_manifest
from ledger.inventory.sheets.forms import FUEL_LEDGER, LAB_RESULTS
from tests.support.enterprise import LABORATORY, USC
from tests.support.office import drafting
from tests.support.samples import MARCH, at, laboratory, report, sample, step, steps
from tests.unit.api.cli.conftest import Place, Run
from tests.unit.ledger.inventory.test_sheets import examples, fuel, sheet

LAB_KEY = bytes.fromhex("22" * 20)


@pytest.fixture
def evidence(place: Place) -> Place:
    """The operator's folder, with a folder for documents' keys."""
    with place.config.open("a", encoding="utf-8") as file:
        file.write('[documents]\nkeys = "document-keys"\n')
    return place


def write(folder: Path, name: str, content: bytes) -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content)
    return path


def add(run: Run, place: Place, name: str = "ledger.csv", **options: str) -> Any:
    """Add a right fuel ledger to March 2024."""
    file = write(place.folder, name, sheet(FUEL_LEDGER, fuel()))
    given = {"kind": "fuel-use", "unit": "u1"} | options
    words = [part for key, value in given.items() for part in (f"--{key}", value)]
    return run(
        *("evidence", "add", USC, "2024-03", file, *words, "--json", "--config", place.config)
    )


def test_templates_are_written(tmp_path: Path, run: Run) -> None:
    """Each form as XLSX and CSV."""
    ran = run("evidence", "templates", "--out", tmp_path / "forms", "--json")

    assert ran.code == 0
    assert sorted(path.name for path in (tmp_path / "forms").iterdir()) == [
        *("fuel-ledger.csv", "fuel-ledger.xlsx", "lab-results.csv", "lab-results.xlsx"),
        *("statistics.csv", "statistics.xlsx"),
    ]


def test_right_sheet_is_added_up(tmp_path: Path, run: Run) -> None:
    """A fuel ledger without errors shows what it adds up to, and the days it lacks."""
    file = write(tmp_path, "ledger.csv", sheet(FUEL_LEDGER, fuel()))
    ran = run("evidence", "check", file, "--form", "fuel-ledger", "--json")

    assert (ran.code, ran.document["error_count"]) == (0, 0)
    assert ran.document["months"][0]["consumed"] == "2856.4 t"
    assert len(ran.document["months"][0]["missing_days"]) == 30


def test_wrong_sheet_names_row_and_column(tmp_path: Path, run: Run) -> None:
    """On the screen in words, in a file for whoever corrects it; the exit code says it."""
    file = write(tmp_path, "ledger.csv", sheet(FUEL_LEDGER, fuel(consumed="much")))
    errors = tmp_path / "errors.csv"
    ran = run("evidence", "check", file, "--form", "fuel-ledger", "--errors", errors)

    assert ran.code == 1
    assert "1 rows, 1 errors" in ran.out
    assert "不是十进制数" in ran.out
    assert "消耗量" in errors.read_text(encoding="utf-8-sig")


def test_unknown_form_is_a_usage_error(tmp_path: Path, run: Run) -> None:
    """The forms that there are, are named."""
    file = write(tmp_path, "x.csv", b"x")
    ran = run("evidence", "check", file, "--form", "fuel")

    assert ran.code == 2
    assert "fuel-ledger" in ran.err


def test_month_is_collected_and_written_as_a_manifest(evidence: Place, run: Run) -> None:
    """Added files make a draft; the manifest names them by hash."""
    added = add(run, evidence, form="fuel-ledger")
    out = evidence.folder / "manifest.json"
    ran = run(
        *("evidence", "manifest", USC, "2024-03", "--out", out, "--json"),
        *("--config", evidence.config),
    )
    shown = run("evidence", "month", USC, "2024-03", "--json", "--config", evidence.config)

    assert (added.code, ran.code, shown.code) == (0, 0, 0)
    assert shown.document["state"] == "draft"
    (wanted,) = parse_wanted(out.read_bytes())
    assert isinstance(wanted.body, Manifest)
    assert wanted.body.files[0].sha256.hex() == added.document["sha256"]
    assert wanted.body.files[0].media_type == "text/csv"


def test_wrong_sheet_is_not_added(evidence: Place, run: Run) -> None:
    """A row with an error, and nothing of the file is kept."""
    file = write(evidence.folder, "ledger.csv", sheet(FUEL_LEDGER, fuel(consumed="much")))
    ran = run(
        *("evidence", "add", USC, "2024-03", file, "--kind", "fuel-use", "--form", "fuel-ledger"),
        *("--json", "--config", evidence.config),
    )
    listed = run("evidence", "documents", USC, "--json", "--config", evidence.config)

    assert (ran.code, ran.document["code"]) == (1, "inventory.sheet")
    assert "row 2, consumed" in ran.document["detail"]
    assert listed.document == []


def test_document_comes_back_until_its_key_is_erased(evidence: Place, run: Run) -> None:
    """Decrypted to the same bytes; after the erasure the hash alone is left."""
    name = add(run, evidence).document["sha256"]
    out = evidence.folder / "back.csv"
    got = run("evidence", "document", USC, name, "--out", out, "--config", evidence.config)
    erased = run("evidence", "erase", USC, "--yes", "--json", "--config", evidence.config)
    gone = run(
        *("evidence", "document", USC, name, "--out", out, "--json", "--config", evidence.config)
    )
    (listed,) = run("evidence", "documents", USC, "--json", "--config", evidence.config).document

    assert got.code == 0
    assert sha256(out.read_bytes()).hexdigest() == name
    assert (erased.document["documents"], erased.document["erased"]) == (1, True)
    assert (gone.code, gone.document["code"]) == (1, "inventory.document_erased")
    assert (listed["sha256"], listed["readable"]) == (name, False)


def test_nothing_is_erased_without_asking(evidence: Place, run: Run) -> None:
    """Where there is no terminal, --yes must be said."""
    add(run, evidence)
    ran = run("evidence", "erase", USC, "--config", evidence.config)
    (listed,) = run("evidence", "documents", USC, "--json", "--config", evidence.config).document

    assert ran.code == 2
    assert listed["readable"]


def test_documents_need_a_folder_of_keys(place: Place, run: Run) -> None:
    """Without [documents] in the settings nothing is kept in the clear."""
    ran = add(run, place)

    assert ran.code == 2
    assert ran.document["code"] == "configuration.invalid"


def test_file_is_taken_out_of_a_draft(evidence: Place, run: Run) -> None:
    """Once; the second time it is not there."""
    add(run, evidence)
    first, second = (
        run("evidence", "drop", USC, "2024-03", "ledger.csv", "--config", evidence.config)
        for _ in range(2)
    )

    assert (first.code, second.code) == (0, 2)


def test_months_of_a_year_say_what_is_overdue(evidence: Place, run: Run) -> None:
    """All of 2024 is past: what is missing is overdue, and the exit code says so."""
    add(run, evidence)
    ran = run("evidence", "months", USC, "--year", 2024, "--json", "--config", evidence.config)
    states = {each["month"]: each["state"] for each in ran.document}

    assert ran.code == 1
    assert (states["2024-02"], states["2024-03"]) == ("missing", "draft")
    assert ran.document[2]["last_day"] == "2024-05-10"
    assert ran.document[2]["overdue"]


def test_months_are_shown_in_words(evidence: Place, run: Run) -> None:
    """English and Chinese beside each other."""
    ran = run("evidence", "months", USC, "--year", 2024, "--config", evidence.config)

    assert "missing 未存证" in ran.out


def test_month_is_shown_with_its_manifest(evidence: Place, run: Run) -> None:
    """What is in the log, and what was collected since."""
    add(run, evidence)
    enterprise = evidence.enterprise
    with enterprise.database.reading() as uow:
        body = draft_manifest(uow, enterprise.log, MARCH, reason=None)
    index = enterprise.file(body)
    add(run, evidence, "more.csv")
    ran = run("evidence", "month", USC, "2024-03", "--config", evidence.config)
    again = run(
        *("evidence", "manifest", USC, "2024-03", "--out", evidence.folder / "m.json"),
        *("--json", "--config", evidence.config),
    )

    assert ran.code == 0
    assert f"manifest 1 in entry {index}" in ran.out
    assert "submitted 已提交" in ran.out
    assert (again.code, again.document["code"]) == (1, "inventory.evidence")


def test_year_without_a_calendar_is_an_error(evidence: Place, run: Run) -> None:
    """No due date is guessed."""
    ran = run("evidence", "months", USC, "--year", 2019, "--json", "--config", evidence.config)

    assert (ran.code, ran.document["code"]) == (1, "inventory.calendar")


def test_samples_are_judged(place: Place, run: Run) -> None:
    """A whole chain counts; a sample without a report does not, and the reason stands there."""
    enterprise = place.enterprise
    enterprise.now = Instant(at(5, 20, year=2025) * 1000)
    enterprise.file(laboratory())
    enterprise.file(sample())
    for kind, each in steps().items():
        by_plant = kind in (CustodyStep.SEALED, CustodyStep.KEPT)
        enterprise.file(each, **({} if by_plant else {"secret": LABORATORY}))
    enterprise.file(report(), secret=LABORATORY)
    whole = run("evidence", "samples", USC, "--json", "--config", place.config)
    enterprise.file(sample("c-04"))
    ran = run("evidence", "samples", USC, "--config", place.config)

    assert whole.code == 0
    assert whole.document["samples"][0]["figures"]["carbon_ppm"] == "0.576100 tC/t"
    assert ran.code == 1
    assert "no laboratory report names the sample" in ran.out
    assert "没有检测报告涉及该样品" in ran.out


def test_laboratory_sheet_becomes_records(tmp_path: Path, run: Run) -> None:
    """Staff numbers are hidden behind the salt, figures are fine integers."""
    file = write(tmp_path, "results.csv", sheet(LAB_RESULTS, examples(LAB_RESULTS)))
    salt = write(tmp_path, "salt", bytes(range(16)))
    out = tmp_path / "records.json"
    ran = run("evidence", "reports", file, "--salt-file", salt, "--out", out, "--json")
    text = out.read_text(encoding="utf-8")

    assert (ran.code, ran.document["reports"]) == (0, ["M2024-0412"])
    assert json.loads(text)["records"][0]["body"]["carbon_ppm"] == 576_100
    assert "T-07" not in text


def test_short_salt_hides_nothing(tmp_path: Path, run: Run) -> None:
    """Staff numbers are few; a short salt could be tried out."""
    file = write(tmp_path, "results.csv", sheet(LAB_RESULTS, examples(LAB_RESULTS)))
    salt = write(tmp_path, "salt", bytes(15))
    ran = run("evidence", "reports", file, "--salt-file", salt, "--out", tmp_path / "records.json")

    assert ran.code == 2
    assert "fewer than 16 bytes" in ran.err


def test_records_of_a_file_become_one_request() -> None:
    """The enterprise's approver signs samples and what was done with them."""
    wanted = [Wanted(sample()), Wanted(step(CustodyStep.SEALED, at(4, 1, 9)))]
    request = draft_evidence(drafting(), parse_wanted(format_wanted(wanted)), laboratory=None)
    bodies = [body_of_record(part.draft) for part in request.parts]  # type: ignore[union-attr]

    assert bodies == [each.body for each in wanted]
    assert list(request.signers) == ["approver"]


def test_reports_are_for_the_laboratory_alone_to_sign() -> None:
    """The request names the laboratory's key as its only signer, and is read back as it is."""
    request = draft_evidence(drafting(), [Wanted(report(), (bytes(32),))], laboratory=LAB_KEY)
    read = parse_request(format_request(request))

    assert read.signers == {"laboratory": LAB_KEY}
    assert read.parts[0].draft.signer == "0x" + LAB_KEY.hex()  # type: ignore[union-attr]
    assert read.parts[0].draft.supersedes == (bytes(32),)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "key", "speaker"),
    [
        (report(), None, "a laboratory"),
        (step(CustodyStep.RECEIVED, at(4, 3)), None, "a laboratory"),
        (step(CustodyStep.SEALED, at(4, 1)), LAB_KEY, "the enterprise"),
        (sample(), LAB_KEY, "the enterprise"),
    ],
    ids=["report", "receipt", "seal", "sample"],
)
def test_nobody_is_asked_to_sign_for_the_other(body: Any, key: bytes | None, speaker: str) -> None:
    """What the ledger would refuse is refused before anybody signs."""
    with pytest.raises(BadRequest, match=f"is to be signed by {speaker}"):
        draft_evidence(drafting(), [Wanted(body)], laboratory=key)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not JSON"),
        (b"[]", "no list of"),
        (b'{"records": []}', "no list of"),
        (b'{"records": [{"type": "key", "body": {}}]}', "record 1 is none of laboratory"),
        (b'{"records": [{"type": "sample", "body": {}}]}', "record 1: body without"),
        (b'{"records": [{"type": "sample", "body": {}, "signer": "x"}]}', "not known"),
    ],
    ids=str,
)
def test_file_that_names_no_records_is_refused(content: bytes, message: str) -> None:
    """What is wrong with which record is said."""
    with pytest.raises(BadRequest, match=message):
        parse_wanted(content)


def test_leaf_hash_of_another_length_is_refused() -> None:
    """What is superseded is named whole."""
    record = {"type": "sample", "body": write_body(sample()), "supersedes": ["00" * 31]}

    with pytest.raises(BadRequest, match="record 1"):
        parse_wanted(json.dumps({"records": [record]}).encode())
