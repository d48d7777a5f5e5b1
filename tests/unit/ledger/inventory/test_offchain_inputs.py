"""Fields of rules off chain: each kind takes what it is for, names its place, and is described."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.canonical import Json
from ledger.decimals import plain
from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.inputs import (
    Choice,
    Fields,
    Given,
    Kind,
    Many,
    Name,
    Number,
    Whole,
    written,
)

SHARE = Number("1", is_above_least=True, most=Decimal(1))


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        (Whole(1, 12), "3", "rule.input_kind"),
        (Whole(1, 12), True, "rule.input_kind"),
        (Whole(1, 12), 0, "rule.out_of_range"),
        (Whole(1, 12), 13, "rule.out_of_range"),
        (Choice(("mass", "energy")), "Mass", "rule.input_choice"),
        (Choice(("mass", "energy")), 1, "rule.input_choice"),
        (Name(), "", "rule.input_kind"),
        (Name(), "   ", "rule.input_kind"),
        (Name(), "a\nb", "rule.input_kind"),
        (Name(), "x" * 201, "rule.input_kind"),
        (Name(most=3), "four", "rule.input_kind"),
        (Many(Name()), "abc", "rule.input_kind"),
        (Many(Name()), [], "rule.nothing_given"),
        (SHARE, "0", "rule.out_of_range"),
        (SHARE, "1.000000000000000001", "rule.out_of_range"),
        (SHARE, "-0.5", "rule.out_of_range"),
        (SHARE, "0.5 t", "rule.input_unit"),
        (SHARE, None, "rule.input_kind"),
        (SHARE, "0.5 ", "rule.input_kind"),
        (SHARE, ".5", "rule.input_kind"),
        (SHARE, "0." + "1" * 200, "rule.input_kind"),
        (Number("t"), "1" * 121, "rule.input_kind"),
        (Number(""), "5 t", "rule.input_unit"),
        (Fields({}), [], "rule.input_kind"),
    ],
)
def test_nearly_right_is_refused(kind: Kind, content: Json, code: str) -> None:
    """With the place in front and a code of its own."""
    with pytest.raises(RuleRefused, match=r"^place: ") as refused:
        kind.read(content, "place")
    assert refused.value.stable_code == code


@pytest.mark.parametrize(
    ("kind", "content", "value"),
    [
        (Whole(1, 12), 12, 12),
        (Name(), "生铁 pig iron", "生铁 pig iron"),
        (Many(Name(), least=0), [], []),
        (SHARE, "1", Decimal(1)),
        (SHARE, "0.000000000000000001", Decimal("1E-18")),
        (Number("t"), "5.0 t", Decimal(5)),
        (Number("t", least=None), "-5", Decimal(-5)),
    ],
)
def test_bounds_themselves_are_taken(kind: Kind, content: Json, value: object) -> None:
    """The last that is allowed."""
    assert kind.read(content, "place") == value


def test_fields_are_described_by_place() -> None:
    """With what each takes, also inside lists."""
    fields = Fields(
        {
            "year": Whole(),
            "lines": Many(Fields({"used_t": Number("t"), "ratio": Number("1")})),
            "word": Choice(("a", "b")),
            "amount": Number(""),
            "name": Name(),
        }
    )
    assert fields.lines() == (
        ("year", "whole number"),
        ("lines[].used_t", "decimal, t"),
        ("lines[].ratio", "decimal"),
        ("word", "a | b"),
        ("amount", "decimal, in the unit named"),
        ("name", "text"),
    )


@given(st.decimals(-(10**20), 10**20, places=18))
def test_what_was_read_is_written_in_one_form(number: Decimal) -> None:
    """Read again it is the same number, and written again the same text."""
    kind = Number("t", least=None)
    text = written(kind.read(f"{number:f}".replace("-0.000000000000000000", "0"), ""))
    assert isinstance(text, str)
    assert kind.read(text, "") == number
    assert written(kind.read(text, "")) == text == plain(number)


@pytest.mark.parametrize("ask", ["number", "whole", "text", "each"])
def test_asking_for_another_kind_is_our_fault(ask: str) -> None:
    """It is no error of the inputs."""
    fields = Given({"x": {}})
    with pytest.raises(TypeError, match="x is no"):
        getattr(fields, ask)("x")
