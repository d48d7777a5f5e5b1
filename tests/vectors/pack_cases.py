"""
Cases of SenML packs: what each label may hold, and each rule broken once.

Built with cbor2 alone. Valid cases say what the pack means, reading by reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.vectors.cases_cbor import array, canonical, mapping
from tests.vectors.message_cases import END, FILE_HASH, record, row

Case = dict[str, Any]
Records = list[dict[Any, Any]]


class Fraction:
    """A decimal fraction, tag 4."""

    def __init__(self, exponent: int, mantissa: int) -> None:
        self.encoded = b"\xc4" + canonical([exponent, mantissa])


def pack(records: Records) -> bytes:
    """Encode records; a value may be a Fraction, which cbor2 would write in its own way."""
    return array(*(_record(each) for each in records))


def _record(fields: dict[Any, Any]) -> bytes:
    pairs = [
        (canonical(label), value.encoded if isinstance(value, Fraction) else canonical(value))
        for label, value in fields.items()
    ]
    pairs.sort()
    return bytes([0xA0 | len(pairs)]) + b"".join(label + value for label, value in pairs)


def reading(**changes: Any) -> Case:
    values: Case = {
        "series": "em-01/energy.import/total/",
        "end_s": END,
        "interval_s": 900,
        "value": 1_250_000,
        "unit": "Wh",
        "quality": 0,
        "scale": 0,
        "register": False,
        "multiplier": None,
        "source_file": None,
        "source_row": None,
    }
    return values | changes


def case(name: str, payload: bytes, readings: list[Case] | str) -> Case:
    if isinstance(readings, str):
        return {"name": name, "payload": payload.hex(), "result": "invalid", "error": readings}
    return {"name": name, "payload": payload.hex(), "result": "valid", "readings": readings}


def pack_cases() -> Iterator[Case]:
    yield from _one_reading()
    yield from _many_readings()
    yield from _refused_records()
    yield from _refused_packs()
    yield from _refused_encodings()


def _one_reading() -> Iterator[Case]:
    table: tuple[tuple[str, dict[str, Any], Case], ...] = (
        ("plain", {}, {}),
        ("value 0", {"v": 0}, {"value": 0}),
        ("value below 0", {"v": -1}, {"value": -1}),
        ("greatest value", {"v": 2**63 - 1}, {"value": 2**63 - 1}),
        ("least value", {"v": -(2**63)}, {"value": -(2**63)}),
        ("primary unit", {"bver": None, "u": "J"}, {"unit": "J"}),
        ("UCUM unit", {"bver": None, "u": None, "u_": "g"}, {"unit": "g"}),
        ("offset", {"t": 900}, {"end_s": END + 900}),
        ("offset below 0", {"t": -900}, {"end_s": END - 900}),
        ("instantaneous", {"i_": 0}, {"interval_s": 0}),
        ("a year", {"i_": 366 * 86_400}, {"interval_s": 366 * 86_400}),
        ("estimated", {"q_": 1}, {"quality": 1}),
        ("fault, no value", {"q_": 4, "v": None}, {"quality": 4, "value": None}),
        ("in calibration, with value", {"q_": 3}, {"quality": 3}),
        ("register", {"r_": 1, "i_": 0}, {"register": True, "interval_s": 0}),
        ("multiplier", {"m_": "ct-01.2"}, {"multiplier": "ct-01.2"}),
        ("multiplier that reads like labels", {"m_": "bq"}, {"multiplier": "bq"}),
        ("earliest", {"bt": 2**28}, {"end_s": 2**28}),
        ("latest", {"bt": 253_402_300_799}, {"end_s": 253_402_300_799}),
        (
            "imported",
            {"bf_": FILE_HASH, "w_": 17},
            {"source_file": FILE_HASH.hex(), "source_row": 17},
        ),
        (
            "series that reads like labels",
            {"bn": "bi_x/\x62\x69_\x62/m_1/"},
            {"series": "bi_x/bi_b/m_1/"},
        ),
    )
    for name, changes, meaning in table:
        yield case(name, pack([record(**changes)]), [reading(**meaning)])
    decimal = {"bver": None, "u": None, "u_": "GJ/t", "v": Fraction(-3, 26_700)}
    meaning = {"unit": "GJ/t", "value": 26_700, "scale": 3}
    yield case("decimal fraction", pack([record(**decimal)]), [reading(**meaning)])
    cold = {"bver": None, "u": "Cel", "v": Fraction(-1, -205)}
    meaning = {"unit": "Cel", "value": -205, "scale": 1}
    yield case("decimal fraction below 0", pack([record(**cold)]), [reading(**meaning)])


def _many_readings() -> Iterator[Case]:
    values = [
        reading(end_s=END + 900 * number, value=1_250_000 + 1000 * number) for number in range(30)
    ]
    yield case("thirty in a row", array_of(row(30)), values)
    other = {1: "W", 2: 5, -2: "em-01/power/total/", "i_": 0}
    yield case(
        "two series",
        pack([record(), other, {1: "W", 2: 6, 6: 1, "i_": 0}]),
        [
            reading(),
            reading(series="em-01/power/total/", unit="W", value=5, interval_s=0),
            reading(series="em-01/power/total/", unit="W", value=6, interval_s=0, end_s=END + 1),
        ],
    )
    yield case(
        "base time stated anew",
        pack([record(), {1: "Wh", 2: 1, -3: END + 1800, "i_": 900}]),
        [reading(), reading(end_s=END + 1800, value=1)],
    )
    yield case(
        "a gap in quality",
        pack(
            [record(), {1: "Wh", 6: 900, "i_": 900, "q_": 4}, {1: "Wh", 2: 7, 6: 1800, "i_": 900}]
        ),
        [
            reading(),
            reading(end_s=END + 900, value=None, quality=4),
            reading(end_s=END + 1800, value=7),
        ],
    )
    yield case(
        "out of order",
        pack([record(), {1: "Wh", 2: 1, 6: 1800, "i_": 900}, {1: "Wh", 2: 2, 6: 900, "i_": 900}]),
        [reading(), reading(end_s=END + 1800, value=1), reading(end_s=END + 900, value=2)],
    )


def array_of(records: Records) -> bytes:
    return canonical(records)


def _refused_records() -> Iterator[Case]:
    unit, version = "encoding.unit", "encoding.senml_version"
    time, missing, label = "encoding.senml_time", "encoding.senml_missing", "encoding.senml_label"
    default, value = "encoding.senml_default", "encoding.senml_value"
    kind, source = "encoding.senml_type", "encoding.senml_source"
    table: tuple[tuple[str, dict[Any, Any], str], ...] = (
        ("unit in another case", {"u": "wh"}, unit),
        ("unknown unit", {"u": "MWh"}, unit),
        ("UCUM unit in u", {"bver": None, "u": "g"}, unit),
        ("SenML unit in u_", {"bver": None, "u": None, "u_": "J"}, unit),
        ("both units", {"u_": "g"}, "encoding.senml_unit"),
        ("no unit", {"bver": None, "u": None}, "encoding.senml_unit"),
        ("unit as integer", {"u": 1}, kind),
        ("secondary unit without bver", {"bver": None}, version),
        ("bver without secondary unit", {"u": "J"}, version),
        ("bver 10", {"bver": 10}, version),
        ("bver 5", {"bver": 5}, version),
        ("no base name", {"bn": None}, missing),
        ("no base time", {"bt": None}, missing),
        ("no interval", {"i_": None}, missing),
        ("no value and measured", {"v": None}, missing),
        ("no value and substituted", {"v": None, "q_": 2}, missing),
        ("name of two parts", {"bn": "em-01/energy/"}, "encoding.series"),
        ("name without end", {"bn": "em-01/energy/total"}, "encoding.series"),
        ("name in upper case", {"bn": "EM-01/energy/total/"}, "encoding.series"),
        ("name as bytes", {"bn": b"em-01/energy/total/"}, kind),
        ("relative time", {"bt": 2**28 - 1}, time),
        ("base time 0", {"bt": 0}, time),
        ("base time below 0", {"bt": -1}, time),
        ("after the year 9999", {"bt": 253_402_300_800}, time),
        ("offset below the earliest", {"bt": 2**28, "t": -1}, time),
        ("offset above the latest", {"bt": 253_402_300_799, "t": 1}, time),
        ("interval as text", {"i_": "900"}, kind),
        ("interval below 0", {"i_": -1}, time),
        ("interval of more than a year", {"i_": 366 * 86_400 + 1}, time),
        ("offset 0 written out", {"t": 0}, default),
        ("quality 0 written out", {"q_": 0}, default),
        ("register 0 written out", {"r_": 0}, default),
        ("register 2", {"r_": 2}, value),
        ("quality 5", {"q_": 5}, value),
        ("quality below 0", {"q_": -1}, value),
        ("value 2**63", {"v": 2**63}, value),
        ("value -(2**63) - 1", {"v": -(2**63) - 1}, value),
        ("value as text", {"v": "1"}, value),
        ("decimals where there are none", {"v": Fraction(-1, 10)}, "encoding.unit_scale"),
        ("decimal exponent 0", {"u": "W", "bver": None, "v": Fraction(0, 1)}, value),
        ("decimal exponent above 0", {"u": "W", "bver": None, "v": Fraction(1, 1)}, value),
        (
            "too many decimals",
            {"u": "W", "bver": None, "v": Fraction(-4, 1)},
            "encoding.unit_scale",
        ),
        ("multiplier in upper case", {"m_": "CT"}, "encoding.multiplier"),
        ("multiplier empty", {"m_": ""}, "encoding.multiplier"),
        ("row without file", {"w_": 1}, source),
        ("file without row", {"bf_": FILE_HASH}, source),
        ("row 0", {"bf_": FILE_HASH, "w_": 0}, source),
        ("file hash of 31 bytes", {"bf_": FILE_HASH[1:], "w_": 1}, source),
        ("file hash as text", {"bf_": FILE_HASH.hex(), "w_": 1}, source),
        ("name (n)", {0: "x"}, label),
        ("string value (vs)", {3: "x", "v": None}, label),
        ("sum (s)", {5: 1}, label),
        ("update time (ut)", {7: 1}, label),
        ("data value (vd)", {8: "AA"}, label),
        ("base unit (bu)", {-4: "Wh"}, label),
        ("base value (bv)", {-5: 1}, label),
        ("base sum (bs)", {-6: 1}, label),
        ("must-understand label of others", {"x_": 1}, label),
        ("label as text", {"u": None, "unit": "Wh"}, label),
    )
    for name, changes, error in table:
        yield case(name, pack([record(**_texts(changes)) | _numbers(changes)]), error)
    for name, changes, error in _SECOND_RECORDS:
        yield case(f"second record: {name}", pack([record(), changes]), error)


def _texts(changes: dict[Any, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if isinstance(name, str)}


def _numbers(changes: dict[Any, Any]) -> dict[Any, Any]:
    return {name: value for name, value in changes.items() if isinstance(name, int)}


_OVERLAP = "encoding.senml_overlap"
_SECOND_RECORDS: tuple[tuple[str, dict[Any, Any], str], ...] = (
    ("the same interval", {1: "Wh", 2: 1_250_000, "i_": 900}, _OVERLAP),
    ("one second over", {1: "Wh", 2: 1, 6: 899, "i_": 900}, _OVERLAP),
    ("inside", {1: "Wh", 2: 1, 6: -300, "i_": 300}, _OVERLAP),
    ("instant at the end", {1: "Wh", 2: 1, "i_": 0}, _OVERLAP),
    (
        "the same interval of the series named again",
        {1: "Wh", 2: 1, -2: "em-01/energy.import/total/", "i_": 900},
        _OVERLAP,
    ),
    ("bver again", {1: "Wh", 2: 1, 6: 900, -1: 26, "i_": 900}, "encoding.senml_version"),
    ("offset 0 written out", {1: "Wh", 2: 1, 6: 0, "i_": 900}, "encoding.senml_default"),
    ("after the year 9999", {1: "Wh", 2: 1, 6: 2**50, "i_": 900}, "encoding.senml_time"),
)


def _refused_packs() -> Iterator[Case]:
    one = _record(record())
    empty, trailing = "encoding.senml_empty", "encoding.cbor_trailing"
    second = _record({1: "Wh", 2: 1, 6: 900, "i_": 900})
    instants = [record(i_=0), {1: "Wh", 2: 1, "i_": 0}]
    table: tuple[tuple[str, bytes, str], ...] = (
        ("no record", b"\x80", empty),
        ("a record and no array", one, empty),
        ("nothing", b"", "encoding.cbor_truncated"),
        ("a byte after the pack", array(one) + b"\x00", trailing),
        ("a record after the pack", array(one) + second, trailing),
        (
            "two records after two",
            array(one, second) + second.replace(b"\x19\x03\x84bi", b"\x19\x07\x08bi"),
            trailing,
        ),
        ("a record less than said", b"\x82" + one, "encoding.cbor_truncated"),
        ("an integer for a record", array(b"\x01"), "encoding.senml_type"),
        ("an array for a record", array(array(one)), "encoding.senml_type"),
        ("two at one instant", pack(instants), _OVERLAP),
    )
    for name, payload, error in table:
        yield case(name, payload, error)


def _refused_encodings() -> Iterator[Case]:
    fields = record()
    pairs = sorted((canonical(label), label, canonical(value)) for label, value in fields.items())
    plain = [(label, value) for _, label, value in pairs]

    def with_value(encoded: bytes) -> bytes:
        return array(
            mapping(*((label, encoded if label == 2 else value) for label, value in plain))
        )

    shortest, tag = "encoding.cbor_not_shortest", "encoding.senml_value"
    table: tuple[tuple[str, bytes, str], ...] = (
        ("value 23 in two bytes", with_value(b"\x18\x17"), shortest),
        ("value 255 in three bytes", with_value(b"\x19\x00\xff"), shortest),
        ("value 65535 in five bytes", with_value(b"\x1a\x00\x00\xff\xff"), shortest),
        ("value 1 in nine bytes", with_value(b"\x1b" + bytes(7) + b"\x01"), shortest),
        ("value as a half float", with_value(b"\xf9\x3c\x00"), "encoding.cbor_float"),
        ("value as a float", with_value(b"\xfa\x3f\x80\x00\x00"), "encoding.cbor_float"),
        ("value as a double", with_value(b"\xfb\x3f\xf0" + bytes(6)), "encoding.cbor_float"),
        ("value NaN", with_value(b"\xf9\x7e\x00"), "encoding.cbor_float"),
        ("value null", with_value(b"\xf6"), "encoding.cbor_simple"),
        ("value undefined", with_value(b"\xf7"), "encoding.cbor_simple"),
        ("value true", with_value(b"\xf5"), "encoding.cbor_simple"),
        ("value as a bignum", with_value(b"\xc2\x41\x01"), tag),
        ("value as a big float", with_value(b"\xc5\x82\x00\x01"), tag),
        ("decimal of three parts", with_value(b"\xc4\x83\x20\x01\x01"), tag),
        ("decimal with a bignum", with_value(b"\xc4\x82\x20\xc2\x41\x01"), "encoding.cbor_depth"),
        ("value reserved", with_value(b"\x1c"), "encoding.cbor_reserved"),
        ("value indefinite", with_value(b"\x5f\x41\x01\xff"), "encoding.cbor_indefinite"),
        ("nested too deeply", with_value(b"\x81\x81\x81\x81\x01"), "encoding.cbor_depth"),
        (
            "labels swapped",
            array(mapping(plain[1], plain[0], *plain[2:])),
            "encoding.cbor_key_order",
        ),
        ("label twice", array(mapping(plain[0], *plain)), "encoding.cbor_duplicate_key"),
        (
            "label in two bytes",
            array(b"\xa6\x18\x01" + plain[0][1] + b"".join(canonical(k) + v for k, v in plain[1:])),
            shortest,
        ),
        (
            "name longer than announced",
            array(mapping(*plain)).replace(b"\x78\x1aem", b"\x78\x19em"),
            "encoding.cbor_key_order",
        ),
        (
            "name shorter than announced",
            array(mapping(*plain)).replace(b"\x78\x1aem", b"\x78\x1bem"),
            "encoding.cbor_key_order",
        ),
        ("label as bytes", array(b"\xa1\x41\x01\x01"), "encoding.cbor_key"),
        ("label as an array", array(b"\xa1\x80\x01"), "encoding.cbor_depth"),
        ("text not UTF-8", array(b"\xa1\x01\x62\xff\xfe"), "encoding.cbor_text"),
        (
            "map indefinite",
            array(b"\xbf" + mapping(*plain)[1:] + b"\xff"),
            "encoding.cbor_indefinite",
        ),
        ("array indefinite", b"\x9f" + mapping(*plain) + b"\xff", "encoding.cbor_indefinite"),
        ("array in two bytes", b"\x98\x01" + mapping(*plain), shortest),
        ("cut in a text", array(mapping(*plain))[:-6], "encoding.cbor_truncated"),
    )
    for name, payload, error in table:
        yield case(name, payload, error)
