"""Trees of meters: what came in, what is below, and what nobody can say."""

from __future__ import annotations

from fractions import Fraction

import pytest

from attestation.enums import Outcome
from attestation.structure_bodies import MeteringPoint
from ledger.analytics.errors import TableMalformed
from ledger.analytics.metering import TOLERANCE, Balance, Meter, MeterAmount, MeterTree, tree_of


def meter(name: str, level: int, parent: str | None = None) -> Meter:
    """Give a meter."""
    return Meter(name, level, f"{name}/energy/total/", parent)


TREE = MeterTree(
    [
        meter("main", 1),
        meter("mill", 2, "main"),
        meter("furnace", 2, "main"),
        meter("stand-1", 3, "mill"),
        meter("fan", 4, "stand-1"),
    ]
)


def balances(missing: str | None = None, **amounts: int) -> dict[str, Balance]:
    """Balance the tree; one meter may have a second missing."""
    counted = {"main": 1000, "mill": 600, "furnace": 380, "stand-1": 590, "fan": 10} | amounts
    rows = {
        name.replace("_", "-"): MeterAmount(Fraction(value), int(name == missing))
        for name, value in counted.items()
    }
    return {each.meter.name: each for each in TREE.balance(rows, tolerance=TOLERANCE)}


def test_rest_is_what_no_meter_below_counts() -> None:
    """Two hundredths of what came in are lost or unmetered."""
    main = balances()["main"]
    assert main.outcome is Outcome.HELD
    assert (main.rest, main.rest_share) == (20, Fraction(1, 50))
    assert main.children == ("furnace", "mill")


def test_only_meters_with_others_below_are_balanced_from_the_top() -> None:
    """Three of five, by level."""
    assert list(balances()) == ["main", "mill", "stand-1"]


def test_children_within_the_accuracy_of_the_meters_are_no_contradiction() -> None:
    """1010 against 1000 is the tolerance; one more is beyond it."""
    assert balances(mill=630)["main"].outcome is Outcome.HELD
    over = balances(mill=631)["main"]
    assert over.outcome is Outcome.FAILED
    assert over.rest == -11


def test_missing_second_makes_no_zero() -> None:
    """With a second of a child missing there is no rest, and nothing was checked."""
    main = balances(missing="furnace")["main"]
    assert main.outcome is Outcome.COULD_NOT_CHECK
    assert main.rest is None
    assert main.incomplete == ("furnace",)


def test_excess_of_incomplete_children_stays_an_excess() -> None:
    """What they lack could only add to it."""
    assert balances(missing="furnace", mill=700)["main"].outcome is Outcome.FAILED


def test_incomplete_parent_accuses_nobody() -> None:
    """Its own missing seconds may be the difference."""
    assert balances(missing="main", mill=700)["main"].outcome is Outcome.COULD_NOT_CHECK


def test_levels_add_up_their_meters() -> None:
    """Level 2 has two meters, one of them incomplete."""
    rows = {name: MeterAmount(Fraction(5), int(name == "mill")) for name in TREE.meters}
    second = TREE.totals(rows)[1]
    assert (second.level, second.meters, second.amount) == (2, 2, 10)
    assert second.incomplete == ("mill",)


@pytest.mark.parametrize(
    ("meters", "message"),
    [
        ([meter("a", 1), meter("a", 2)], "one name"),
        ([meter("a", 0)], "none of 1 to 4"),
        ([meter("a", 2, "b")], "no meter b above"),
        ([meter("a", 2, "b"), meter("b", 2)], "not of a higher level"),
        ([meter("a", 2, "a")], "not of a higher level"),
    ],
)
def test_nearly_a_tree_is_refused(meters: list[Meter], message: str) -> None:
    """One thing is wrong with each; a circle cannot be said."""
    with pytest.raises(TableMalformed, match=message):
        MeterTree(meters)


def test_structure_gives_the_tree_of_one_quantity() -> None:
    """A gas meter between two electricity meters is passed over."""
    points = [
        MeteringPoint(instrument="main", series=("main/energy/total/",), level=1),
        MeteringPoint(instrument="gas", series=("gas/volume/total/",), level=2, parent="main"),
        MeteringPoint(
            instrument="fan",
            series=("fan/energy/total/", "fan/energy/reverse/"),
            level=3,
            parent="gas",
        ),
    ]
    tree = tree_of(points, "energy", "total")

    assert tree.meters["fan"].parent == "main"
    assert tree.meters["fan"].series == "fan/energy/total/"
    assert set(tree.meters) == {"main", "fan"}
