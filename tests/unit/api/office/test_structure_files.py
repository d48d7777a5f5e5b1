"""Files of structure and control plan: read as people write them, refused with the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.errors import BadRequest
from api.office.parts import RecordPart
from api.office.series_requests import state
from api.office.structure_files import read_plan, read_structure
from api.office.words import describe
from attestation.enums import MissingDataRule, RevisionReason, UnitClass
from ledger.inventory.periods import Period
from tests.support.office import APPROVER, drafting

EXAMPLES = Path(__file__).resolve().parents[4] / "examples/accounting"
STRUCTURE = (EXAMPLES / "structure.toml").read_text(encoding="utf-8")
PLAN = (EXAMPLES / "control-plan.toml").read_text(encoding="utf-8")


def test_structure_of_the_example_is_read() -> None:
    """Days begin in the reporting zone, degrees are exact."""
    found = read_structure(STRUCTURE.encode())
    site, unit = found.sites[0], found.units[0]

    assert found.from_s == Period.year(2025).from_s
    assert (site.latitude_udeg, site.longitude_udeg) == (24_479_834, 118_089_425)
    assert unit.commissioned_s == Period.day(2005, 6, 18).from_s
    assert (unit.unit_class, unit.capacity) == (UnitClass.COAL_UP_TO_300_MW, 300_000)
    assert [each.instrument for each in found.instruments] == ["bs-01", "em-01"]


def test_plan_of_the_example_is_read() -> None:
    """A parameter that says nothing of missing data leaves it missing."""
    found = read_plan(PLAN.encode())

    assert (found.edition, found.reason) == (1, RevisionReason.FIRST)
    assert [each.missing for each in found.parameters] == [
        MissingDataRule.HIGHEST,
        MissingDataRule.LEAVE_MISSING,
    ]
    named = {unit.code for unit in read_structure(STRUCTURE.encode()).units}
    assert {each.unit for each in found.parameters} == named


def test_file_without_streams_and_instruments_is_read() -> None:
    """An enterprise may describe its sites and units first."""
    found = read_structure(STRUCTURE.split("[[stream]]")[0].encode())

    assert (found.streams, found.instruments) == ((), ())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('from = "2025-01-01"', "from = 2025-01-01", "from: "),
        ('from = "2025-01-01"', 'from = "2025-02-30"', "from: "),
        ("latitude = 24.479834", "latitude = 24.4798341", "sites, number 1: latitude"),
        ("latitude = 24.479834", "latitude = nan", "sites, number 1: latitude"),
        ("latitude = 24.479834", 'latitude = "24"', "sites, number 1: latitude"),
        ("capacity = 300000", "capacity = 300000.5", "units, number 1: capacity"),
        ("capacity = 300000", "capacity = true", "units, number 1: capacity"),
        ('commissioned = "2005-06-18"', 'commissioned = "soon"', "units, number 1: commissioned"),
        ('site = "S1"', 'site = "S2"', "no site S2"),
        ('region = "350211"', 'region = "35021"', "sites: "),
        ("altitude_m = 12", "altitude_m = 12.5", "altitude_m"),
        ("altitude_m = 12", "height_m = 12", "height_m"),
        ('kind = "power-unit"', 'kind = "engine"', "units: "),
        ("[[site]]", "[[site", "no TOML file"),
    ],
)
def test_what_is_wrong_with_a_structure_is_said(old: str, new: str, message: str) -> None:
    """One thing changed in a good file: its place is named, and nothing is guessed."""
    assert old in STRUCTURE
    with pytest.raises(BadRequest) as raised:
        read_structure(STRUCTURE.replace(old, new, 1).encode())

    assert message in raised.value.message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("edition = 1", "edition = 2", "edition 1"),
        ('reason = "first"', 'reason = "better"', "reason"),
        ('missing = "highest"', 'missing = "lowest"', "helps who reports"),
        ("every_s = 900", "every_s = 0", "every_s"),
        ('series = ["bs-01/mass/total/"]\n', "", "measured by neither"),
        ("[[parameter]]", "[[figure]]", "figure"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(old: str, new: str, message: str) -> None:
    """As for a structure."""
    assert old in PLAN
    with pytest.raises(BadRequest) as raised:
        read_plan(PLAN.replace(old, new, 1).encode())

    assert message in raised.value.message


def test_bytes_that_are_no_text_are_refused() -> None:
    """The file may come from anywhere."""
    with pytest.raises(BadRequest, match="no TOML file"):
        read_structure(b"\xff\xfe")


def test_table_that_is_none_is_refused() -> None:
    """A list of words is no list of tables."""
    with pytest.raises(BadRequest, match="sites: number 1 is no table"):
        read_structure(b'from = "2025-01-01"\nsite = ["S1"]')


def test_structure_is_signed_for_by_two_persons() -> None:
    """The approver's record, which the initiator has seen; shown with its times in words."""
    body = read_structure(STRUCTURE.encode())
    request = state(drafting(), body, "structure of the enterprise", supersedes=[b"l" * 32])
    (part,) = request.parts
    assert isinstance(part, RecordPart)
    heading, fields = describe(part)

    assert set(request.signers) == {"initiator", "approver"}
    assert (part.draft.record_type, part.draft.supersedes) == ("structure", (b"l" * 32,))
    assert part.draft.signer == "0x" + APPROVER.address.hex()
    assert heading == "record: structure, structure of the enterprise"
    assert dict(fields)["from_s"] == "1735660800 (2024-12-31T16:00:00Z)"


def test_length_is_not_shown_as_a_time() -> None:
    """Fifteen minutes are no second of 1970."""
    request = state(drafting(), read_plan(PLAN.encode()), "control plan", supersedes=[])
    (part,) = request.parts
    _, fields = describe(part)

    assert dict(fields)["parameters 1.every_s"] == "900"
