"""Inputs of a rule: what plain data is taken, what is refused and where, and the one encoding."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from chain.errors import ArtifactError, RuleInputError
from chain.rule_fields import Amount, Choice, Count, Flag, Many, Record, format_fixed, unit_text
from chain.rule_inputs import RuleSchema, parse_plain

LINE = [
    {"name": "consumed_t", "type": "int256", "internalType": "int256"},
    {"name": "basis", "type": "uint8", "internalType": "enum UnitClass"},
    {"name": "readings_tC_per_t", "type": "int256[]", "internalType": "int256[]"},
]
FIELDS: list[dict[str, Any]] = [
    {
        "name": "fuels",
        "type": "tuple[]",
        "internalType": "struct ExampleFuel[]",
        "components": LINE,
    },
    {"name": "year", "type": "uint16", "internalType": "uint16"},
    {"name": "isMerged", "type": "bool", "internalType": "bool"},
    {"name": "load_pct", "type": "int256", "internalType": "int256"},
]


def abi(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the ABI of a rule with these fields."""
    inputs = [
        {"name": "inputs", "type": "tuple", "internalType": "struct Example", "components": fields},
        {"name": "profile", "type": "uint8", "internalType": "enum RoundingProfile"},
    ]
    return [{"type": "function", "name": "compute", "inputs": inputs, "outputs": []}]


SCHEMA = RuleSchema(abi(FIELDS))


def plain(**changes: Any) -> dict[str, Any]:
    """Give inputs that hold, with changes in the second fuel or at the top."""
    fuels = [
        {"consumed_t": "1", "basis": "IV gas", "readings_tC_per_t": []},
        {"consumed_t": "500000.00", "basis": "GAS", "readings_tC_per_t": ["0.54 tC/t", "0.5"]},
    ]
    top: dict[str, Any] = {"fuels": fuels, "year": 2024, "isMerged": False, "load_pct": "82.5 %"}
    for name, value in changes.items():
        (fuels[1] if name in fuels[1] else top)[name] = value
    return top


def word(value: int) -> bytes:
    return (value % 2**256).to_bytes(32, "big")


def test_encoding_is_canonical() -> None:
    """Plain data become the words that Solidity's abi.encode gives, amounts times 10^18."""
    short = RuleSchema(abi([FIELDS[1], FIELDS[3]]))

    assert short.encode({"year": 2024, "load_pct": "-0.5"}) == word(2024) + word(-5 * 10**17)


def test_dynamic_inputs_begin_with_their_offset() -> None:
    """A struct with a list is encoded as one argument: behind a word of 32."""
    assert SCHEMA.encode(plain())[:32] == word(32)


def test_spelling_does_not_change_the_bytes() -> None:
    """Unit, trailing zeros and the way an enum is named are the writer's choice."""
    other = plain(consumed_t="500000 t", basis="IV gas", load_pct="82.50 pct")

    assert SCHEMA.encode(other) == SCHEMA.encode(plain())


def test_decoding_gives_plain_data_back() -> None:
    """What was encoded can be read again, with units."""
    decoded = SCHEMA.decode(SCHEMA.encode(plain()))

    assert decoded["fuels"][1] == {
        "consumed_t": "500000 t",
        "basis": "IV gas",
        "readings_tC_per_t": ["0.54 tC/t", "0.5 tC/t"],
    }
    assert SCHEMA.encode(decoded) == SCHEMA.encode(plain())


@pytest.mark.parametrize("bad", [b"", b"\x01", word(64)], ids=["nothing", "a byte", "an offset"])
def test_bytes_of_another_form(bad: bytes) -> None:
    """Bytes that are not the one encoding are refused, also where a decoder would take them."""
    for others in (bad, SCHEMA.encode(plain()) + bad + bytes(32)):
        with pytest.raises(RuleInputError) as refused:
            SCHEMA.decode(others)
        assert refused.value.stable_code == "rule.inputs_not_canonical"


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"consumed_t": 500000.0}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": 500000}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": True}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": None}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": Decimal("5.5")}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": "5e5"}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": "500,000"}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": "0500"}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": ".5"}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": "5."}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": "+5"}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": " 5"}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": "5 t "}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": "５"}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": ""}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": "NaN"}, "fuels[1].consumed_t", "kind"),
        ({"consumed_t": "5 T"}, "fuels[1].consumed_t", "unit"),
        ({"consumed_t": "5 kg"}, "fuels[1].consumed_t", "unit"),
        ({"consumed_t": "0." + "0" * 18 + "1"}, "fuels[1].consumed_t", "precision"),
        ({"consumed_t": "1" + "0" * 60}, "fuels[1].consumed_t", "size"),
        ({"basis": "Gas"}, "fuels[1].basis", "choice"),
        ({"basis": 4}, "fuels[1].basis", "choice"),
        ({"readings_tC_per_t": ["0.5", 0.5]}, "fuels[1].readings_tC_per_t[1]", "kind"),
        ({"readings_tC_per_t": "0.5"}, "fuels[1].readings_tC_per_t", "kind"),
        ({"year": "2024"}, "year", "kind"),
        ({"year": True}, "year", "kind"),
        ({"year": -1}, "year", "size"),
        ({"year": 65536}, "year", "size"),
        ({"isMerged": 0}, "isMerged", "kind"),
        ({"fuels": {}}, "fuels", "kind"),
        ({"load": "5"}, "load", "unknown"),
    ],
)
def test_fault_is_named_with_its_place(change: dict[str, Any], place: str, code: str) -> None:
    """Each fault is refused with the place and a code of its own."""
    with pytest.raises(RuleInputError, match=r".") as refused:
        SCHEMA.encode(plain(**change))

    assert refused.value.context["path"] == place
    assert refused.value.message.startswith(f"{place}: ")
    assert refused.value.stable_code == f"rule.input_{code}"


@pytest.mark.parametrize("name", ["consumed_t", "basis", "readings_tC_per_t"])
def test_missing_field(name: str) -> None:
    """A field that is left out is missing, never zero."""
    inputs = plain()
    del inputs["fuels"][1][name]

    with pytest.raises(RuleInputError) as refused:
        SCHEMA.encode(inputs)

    assert refused.value.stable_code == "rule.input_missing"
    assert refused.value.context["path"] == f"fuels[1].{name}"


def test_inputs_that_are_no_object() -> None:
    """Inputs are one object."""
    with pytest.raises(RuleInputError, match="inputs: an object is wanted"):
        SCHEMA.encode([plain()])


def test_greatest_and_least_amount() -> None:
    """The bounds of int256 are taken, and one step beyond is not."""
    short = RuleSchema(abi([FIELDS[3]]))
    most, least = 2**255 - 1, -(2**255)

    assert short.encode({"load_pct": format_fixed(most)}) == word(most)
    assert short.encode({"load_pct": format_fixed(least)}) == word(least)
    for beyond in (most + 1, least - 1):
        with pytest.raises(RuleInputError, match="beyond what a rule can hold"):
            short.encode({"load_pct": format_fixed(beyond)})


def test_document_with_a_fraction_names_its_field() -> None:
    """A JSON number with a fraction is never a float: the field it stands in refuses it."""
    document = parse_plain('{"year": 2024, "load_pct": 82.5}')

    with pytest.raises(RuleInputError, match=r"^load_pct: .*, not 82\.5$"):
        RuleSchema(abi([FIELDS[1], FIELDS[3]])).encode(document)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "rule.input_kind"),
        ('{"year": 2024', "rule.input_kind"),
        (b"\xff", "rule.input_kind"),
        ("[" * 100_000, "rule.input_kind"),
        ('{"year": 2024, "year": 2023}', "rule.input_unknown"),
    ],
    ids=["empty", "cut", "not UTF-8", "too deep", "twice"],
)
def test_document_that_is_not_read(text: str | bytes, code: str) -> None:
    """What is not JSON, or names a field twice, is refused with our error only."""
    with pytest.raises(RuleInputError) as refused:
        parse_plain(text)

    assert refused.value.stable_code == code


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_document_with_no_number(number: str) -> None:
    """What JSON does not know, Python's reader does; here its field refuses it."""
    with pytest.raises(RuleInputError, match="written as a string"):
        RuleSchema(abi([FIELDS[3]])).encode(parse_plain(f'{{"load_pct": {number}}}'))


def test_lines_for_people() -> None:
    """Every field is listed with its place and what it takes."""
    lines = {path: kind.text for path, kind in SCHEMA.lines()}

    assert lines["fuels[]"] == "list"
    assert lines["fuels[].consumed_t"] == "decimal, t"
    assert lines["fuels[].readings_tC_per_t[]"] == "list of: decimal, tC/t"
    assert lines["fuels[].basis"].endswith(" | IV gas")
    assert lines["load_pct"] == "decimal, %"


def test_kinds_are_those_of_the_abi() -> None:
    """Each type of the ABI becomes its kind of field."""
    fuels = SCHEMA.record.fields["fuels"]
    assert isinstance(fuels, Many)
    assert isinstance(fuels.element, Record)
    kinds = [type(kind) for kind in fuels.element.fields.values()]

    assert kinds == [Amount, Choice, Many]
    assert [type(SCHEMA.record.fields[name]) for name in ("year", "isMerged")] == [Count, Flag]


@pytest.mark.parametrize(
    "field",
    [
        {"name": "name", "type": "string", "internalType": "string"},
        {"name": "kind", "type": "uint8", "internalType": "enum NotOurs"},
    ],
    ids=["no such type", "no such enum"],
)
def test_abi_that_is_not_a_rules(field: dict[str, Any]) -> None:
    """An ABI that says less than a schema needs is refused."""
    with pytest.raises(ArtifactError):
        RuleSchema(abi([field]))


def test_contract_without_compute() -> None:
    """A contract that is no rule has no schema."""
    with pytest.raises(ArtifactError, match="no compute"):
        RuleSchema([])


WORDS = RuleSchema(
    abi(
        [
            {"name": "unit", "type": "bytes32", "internalType": "bytes32"},
            {"name": "measured", "type": "int256", "internalType": "int256"},
        ]
    )
)


def test_amount_whose_unit_another_field_names() -> None:
    """A number without a unit in its field's name goes with the unit that is named beside it."""
    inputs = {"unit": "10*4 m3", "measured": "12.5"}

    encoded = WORDS.encode(inputs)

    assert encoded == b"10*4 m3".ljust(32, b"\0") + word(125 * 10**17)
    assert WORDS.decode(encoded) == inputs
    with pytest.raises(RuleInputError, match="measured: the unit is what another field names"):
        WORDS.encode(inputs | {"measured": "12.5 t"})


@pytest.mark.parametrize("text", ["", " t", "t ", "x" * 33, "吨", "t\0", "t\n", 5, None])
def test_word_of_another_form(text: object) -> None:
    """A short text is 1 to 32 ASCII characters that can be seen, with spaces inside only."""
    with pytest.raises(RuleInputError, match="unit: 1 to 32 ASCII") as refused:
        WORDS.encode({"unit": text, "measured": "1"})

    assert refused.value.stable_code == "rule.input_kind"


@pytest.mark.parametrize(
    ("suffix", "unit"),
    [("t", "t"), ("pct", "%"), ("1", "1"), ("tC_per_GJ", "tC/GJ"), ("kJ_per_kg", "kJ/kg")],
)
def test_unit_of_a_suffix(suffix: str, unit: str) -> None:
    """A suffix stands for a unit as people write it."""
    assert unit_text(suffix) == unit


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, None, "0"),
        (0, 2, "0.00"),
        (-1, None, "-0.000000000000000001"),
        (980100 * 10**18, 2, "980100.00"),
        (15 * 10**17, None, "1.5"),
        (15 * 10**17, 0, "1.5"),
    ],
)
def test_numbers_are_written_without_rounding(value: int, decimals: int | None, text: str) -> None:
    """A number is written with the decimals asked for, or more where it has them."""
    assert format_fixed(value, decimals) == text
