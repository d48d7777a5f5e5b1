"""Lines and versions: named, salted, compared, and read only in their one form."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.canonical import canonical_json
from attestation.enums import DataClass, VersionState
from attestation.errors import InclusionError
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import finalise, obstacles
from ledger.inventory.errors import InventoryError, NotFinal
from ledger.inventory.evidence import MISSING_DATUM, MISSING_PART
from ledger.inventory.identity import Scope
from ledger.inventory.line_tree import LineEvidence, LineProof
from ledger.inventory.lines import TOTAL, Line, Obstacle
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.versions import EMISSIONS, InventoryVersion, diff, in_order, read_version
from tests.support.enterprise import USC

YEAR = Period.year(2024)
SECRET = bytes(range(32))


def line(
    text: str | None = "1.00",
    *,
    item: str = "coal",
    period: Period = YEAR,
    data_class: DataClass = DataClass.EMISSIONS,
    obstacles: tuple[Obstacle, ...] = (),
    index: int = 7,
) -> Line:
    amount = None if text is None else Amount.parse(text, "tCO2")
    sources = (Source.of_entry(SourceKind.DIGEST, index),)
    return Line(data_class, period, item, EMISSIONS, amount, sources, obstacles)


def version(*lines: Line, **changes: object) -> InventoryVersion:
    arguments: dict[str, object] = {
        "scope": Scope.of(USC, "unit-1", YEAR),
        "number": 1,
        "state": VersionState.DRAFT,
        "recipe": "power-unit/1",
        "log_size": 100,
        "lines": in_order(lines),
        "calculations": (),
        "checks": (),
        "secret": SECRET,
    }
    return InventoryVersion(**(arguments | changes))  # type: ignore[arg-type]


def test_missing_number_says_why() -> None:
    """And a number that is there says from where."""
    with pytest.raises(InventoryError):
        line(None)
    with pytest.raises(InventoryError):
        replace(line(), sources=())


def test_one_name_is_one_line() -> None:
    """Two numbers for one thing would be one too many."""
    with pytest.raises(InventoryError):
        version(line(), line("2.00"))


def test_order_of_lines_does_not_depend_on_who_laid_them_down() -> None:
    """By class, period and item; the total comes last."""
    months = [line(period=month) for month in YEAR.months()]
    rows = [line(), line(item=TOTAL), *months]

    assert in_order(rows) == in_order(rows[::-1])
    assert in_order([line(item=TOTAL), line(item="z")])[-1].item == TOTAL


@pytest.mark.parametrize(
    "changed",
    [
        line("1.01"),
        line("1.0"),
        line(index=8),
        line(obstacles=(MISSING_PART.of("something"),)),
        line(data_class=DataClass.SAVINGS),
    ],
    ids=["amount", "decimals", "source", "obstacle", "class"],
)
def test_root_commits_to_every_word_of_a_line(changed: Line) -> None:
    """Whatever of it changes."""
    other = line(item="oil")

    assert version(changed, other).root != version(line(), other).root


@settings(max_examples=settings.default.max_examples // 4, deadline=None)
@given(st.integers(1, 40), st.data())
def test_each_line_is_proved_and_no_other(count: int, data: st.DataObject) -> None:
    """At its own place, with its own salt, under its own root."""
    lines = [line(item=f"item {number}") for number in range(count)]
    made = version(*lines, evidence=(LineEvidence(lines[0].line_id, 7, bytes(32)),))
    index = data.draw(st.integers(0, count - 1))
    proof = made.tree.prove_line(made.lines[index].line_id)

    assert proof.check(made.root) == made.lines[index]
    nearly = [
        replace(proof, salt=bytes(16)),
        replace(proof, line=line("1.01", item=proof.line.item)),
    ]
    nearly.append(replace(proof, index=(index + 1) % (count + 1)))
    for each in nearly:
        with pytest.raises(InclusionError):
            assert isinstance(each, LineProof)
            each.check(made.root)


def test_other_secret_hides_the_same_lines_otherwise() -> None:
    """Equal lines of two versions cannot be recognised by their hashes."""
    assert version(line(), secret=bytes(32)).root != version(line()).root


def test_version_is_read_back() -> None:
    """Byte for byte."""
    made = version(
        line(),
        line(None, item="oil", obstacles=(MISSING_DATUM.of("no readings"),)),
        evidence=(LineEvidence(line().line_id, 7, bytes(32)),),
    )

    assert read_version(made.content) == made


@pytest.mark.parametrize(
    "change",
    [
        {"lines_root": "00" * 32},
        {"inventory_id": "0x" + "00" * 32},
        {"report_year": 2023},
        {"state": "DONE"},
        {"version": 2},
        {"type": "carbonseal/calculation"},
        {"more": 1},
        {"lines": [{}]},
        {"evidence": [{"line": line().line_id, "index": 7, "commitment": "00" * 32}]},
    ],
)
def test_version_in_another_form_is_refused(change: dict[str, object]) -> None:
    """One word that does not follow from the others."""
    fields = json.loads(version(line()).content) | change
    with pytest.raises(InventoryError):
        read_version(canonical_json(fields))


@pytest.mark.parametrize("spoilt", [b"", b"[]", b"null", b"{}", b"\xff", b"[" * 100])
def test_something_else_is_no_version(spoilt: bytes) -> None:
    """Whatever the bytes, it is one error."""
    with pytest.raises(InventoryError):
        read_version(spoilt)


def test_diff_names_what_changed_with_the_difference() -> None:
    """And what came and went."""
    before = version(line("10.00"), line("1.00", item="oil"), line("5.00", item="gas"))
    after = version(line("11.50"), line("1.00", item="oil"), line("2.00", item="peat"))
    changes = {change.line_id.split(":")[2]: change for change in diff(before, after)}

    assert changes.keys() == {"coal", "gas", "peat"}
    assert changes["coal"].difference == "1.50 tCO2"
    assert (changes["gas"].before, changes["gas"].after) == ("5.00 tCO2", "no such line")
    assert list(diff(after, after)) == []


def test_number_that_became_missing_has_no_difference() -> None:
    """Missing is not zero."""
    gone = line(None, obstacles=(MISSING_DATUM.of("no readings"),))
    change = next(iter(diff(version(line("10.00")), version(gone))))

    assert (change.after, change.difference) == ("missing", None)


def test_cause_is_named_before_what_follows_from_it() -> None:
    """The code of a refusal is the cause's."""
    made = version(
        line(item="a", obstacles=(MISSING_PART.of("b is missing"),)),
        line(None, item="b", obstacles=(MISSING_DATUM.of("no readings"),)),
        line(item=TOTAL, obstacles=(MISSING_PART.of("a is not final"),)),
    )

    assert obstacles(made)[0].code == "inventory.final_datum"
    with pytest.raises(NotFinal) as refused:
        finalise(made, None)
    assert refused.value.stable_code == "inventory.final_datum"


def test_nothing_is_final_without_a_total() -> None:
    """A version of parts alone is a draft."""
    with pytest.raises(NotFinal):
        finalise(version(line()), None)


def test_restatement_names_the_version_before() -> None:
    """With its name, both totals and the difference."""
    before = finalise(version(line(item=TOTAL)), None)
    after = finalise(version(line("0.75", item=TOTAL), number=2), before, reason="late data")

    assert after.restates is not None
    assert after.restates.sha256 == before.sha256
    assert (after.restates.before, after.restates.after) == ("1.00 tCO2", "0.75 tCO2")
    assert after.restates.difference == "-0.25 tCO2"
    assert read_version(after.content) == after
