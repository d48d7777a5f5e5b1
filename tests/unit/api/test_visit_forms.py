"""The form that comes back from a visit: what does not hold is told before anybody signs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.errors import BadRequest
from api.visits.forms import FINDING_TEMPLATE, FilledForm, read_form

FINDING = FINDING_TEMPLATE | {"title": "seal", "text": "broken", "anchor": {"entry": 4}}
FORM: dict[str, Any] = {
    "case": f"0x{'1' * 64}",
    "from": "2025-01-02T09:00:00+08:00",
    "to": "2025-01-02T11:00:00+08:00",
    "place": "works",
    "latitude_udeg": 24_479_834,
    "longitude_udeg": 118_089_425,
    "persons": [{"name": "x", "identity": "y", "salt": "07" * 16}],
    "observations": ["as the log says"],
    "files": ["photo.jpg"],
    "findings": [FINDING],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the files, with one in it and one beside it."""
    made = tmp_path / "files"
    made.mkdir()
    (made / "photo.jpg").write_bytes(b"a meter")
    (tmp_path / "photo.jpg").write_bytes(b"another")
    return made


def read(form: Any, folder: Path | None) -> FilledForm:
    """Read a form and everything that is made of it."""
    found = read_form(json.dumps(form).encode(), folder)
    found.visit(version=1, verifier="V")
    for at in range(len(found.findings)):
        found.finding(at, version=1, verifier="V", number=1, raised_s=1_735_800_000)
    return found


def test_form_that_holds_is_read(folder: Path) -> None:
    """Times in any zone are the seconds they are."""
    found = read(FORM, folder)

    assert found.body["from_s"] == 1_735_779_600
    assert found.persons[0].name == "x"


def test_long_checklist_finds_room_in_the_record(folder: Path) -> None:
    """Sixty items become a few observations, none longer than a record takes."""
    items = [f"✓ item {number}: as planned, nothing odd" for number in range(60)]
    found = read(FORM | {"checked": items}, folder)
    said = found.body["observations"]

    assert len(said) <= 4
    assert all(item in "; ".join(said) for item in items)


def test_form_without_files_names_none() -> None:
    """A record without files says nothing of files."""
    assert "files" not in read(FORM | {"files": []}, None).body


@pytest.mark.parametrize(
    "change",
    [
        {"from": "2025-01-02T09:00:00"},
        {"from": "2025-01-02T12:00:00+08:00"},
        {"from": ""},
        {"files": ["missing.jpg"]},
        {"files": ["../photo.jpg"]},
        {"files": [".."]},
        {"files": ["photo.jpg", "photo.jpg"]},
        {"files": 7},
        {"persons": []},
        {"persons": [{"name": "x"}]},
        {"persons": [{"name": "x", "identity": "y", "salt": "00"}]},
        {"persons": [{"name": "x", "identity": "", "salt": "07" * 16}]},
        {"observations": []},
        {"checked": 7},
        {"observations": "nothing to see"},
        {"checked": "seals"},
        {"findings": {"title": "x"}},
        {"findings": [FINDING | {"due_days": True}]},
        {"from": "0001-01-01T00:00:00+23:00"},
        {"case": "0x12"},
        {"case": 7},
        {"findings": [{"title": "x"}]},
        {"findings": ["x"]},
        {"findings": [FINDING | {"due_days": 0}]},
        {"findings": [FINDING | {"number": "one"}, FINDING | {"kind": "crime"}]},
        {"latitude_udeg": 1.5},
        {"place": None},
    ],
)
def test_form_that_does_not_hold_is_refused(folder: Path, change: dict[str, Any]) -> None:
    """Each of these is told."""
    with pytest.raises(BadRequest):
        read(FORM | change, folder)


def test_pack_itself_is_no_form() -> None:
    """Whoever gives the zip is told which file is meant."""
    with pytest.raises(BadRequest, match=r"visit\.json"):
        read_form(b"PK\x03\x04" + bytes(30), None)


def test_files_without_a_folder_are_refused() -> None:
    """A hash is worked out here, never taken from the form."""
    with pytest.raises(BadRequest):
        read(FORM, None)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_form_is_refused(content: bytes) -> None:
    """Bytes from outside lead to this error and no other."""
    with pytest.raises(BadRequest):
        read_form(content, None)
