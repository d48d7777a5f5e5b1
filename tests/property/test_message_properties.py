"""Properties of messages, packs, records and answers: round trips, damage, any bytes at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cbor2
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from attestation import cbor, senml
from attestation.answers import parse_answer
from attestation.canonical import canonical_json, parse_canonical
from attestation.certificate_issuing import certificates_from_pem
from attestation.certificates import verify_authority
from attestation.digests import decode_digest
from attestation.entries import parse_entry
from attestation.enums import Quality
from attestation.errors import EncodingError, Error
from attestation.headers import decode_header
from attestation.instants import Instant
from attestation.keys import PublicKey, SoftwareKey
from attestation.messages import parse_message, verify_message
from attestation.readings import Reading
from attestation.records import parse_record, verify_record
from attestation.senml import decode_pack, decode_runs, encode_pack
from attestation.units import UNITS
from tests.support.attested import (
    ED25519_KEY,
    END_S,
    FILE_HASH,
    LOG_KEY,
    ORIGIN,
    P256_KEY,
    message,
    reading,
    row,
)
from tests.unit.attestation.test_answers import ANCHORED, PROMISE, encode_answer
from tests.unit.attestation.test_certificates import CA, ROOT
from tests.unit.attestation.test_digests import DIGEST, encode_digest
from tests.unit.attestation.test_entries import RECORD

INTEGERS = st.integers(-(2**64), 2**64 - 1)
ITEMS = st.recursive(
    INTEGERS | st.binary(max_size=40) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(INTEGERS | st.text(max_size=30), inner, max_size=5)
    ),
    max_leaves=20,
).filter(lambda item: depth_of(item) <= cbor.MAX_DEPTH)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5)
    ),
    max_leaves=20,
)
SERIES = st.sampled_from(["em-01/energy/total/", "em-02/energy/total/", "bi_x/bi_b/a/"])


def depth_of(item: Any) -> int:
    if isinstance(item, list):
        return 1 + max(map(depth_of, item), default=0)
    if isinstance(item, dict):
        return 1 + max(map(depth_of, item.values()), default=0)
    return 0


@st.composite
def rows(draw: st.DrawFn) -> list[Reading]:
    """Give readings that do not overlap, with runs and breaks in them."""
    readings: list[Reading] = []
    slots = draw(st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True))
    imported = draw(st.booleans())
    for number, slot in enumerate(slots):
        unit = UNITS[draw(st.sampled_from(["Wh", "J", "g", "GJ/t", "Cel"]))]
        quality = draw(st.sampled_from(list(Quality)))
        missing = quality >= Quality.IN_CALIBRATION and draw(st.booleans())
        readings.append(
            Reading(
                series=draw(SERIES),
                end_s=END_S + 900 * slot,
                interval_s=draw(st.sampled_from([900, 900, 900, 0, 60])),
                value=None if missing else draw(st.integers(-(2**63), 2**63 - 1)),
                unit=unit.symbol,
                quality=quality,
                scale=0 if missing else draw(st.integers(0, unit.max_scale)),
                register=draw(st.booleans()),
                multiplier=draw(st.sampled_from([None, "ct-1", "bq", "a.b-c"])),
                source_file=FILE_HASH if imported else None,
                source_row=number + 1 if imported else None,
            )
        )
    return readings


@given(ITEMS)
def test_cbor_is_read_back_and_read_by_others(item: cbor.Item) -> None:
    """What we write, we read; and another decoder reads the same value."""
    encoded = cbor.encode(item)

    assert cbor.decode(encoded) == item
    assert cbor2.loads(encoded) == item


@given(st.binary(max_size=60))
def test_cbor_that_is_read_is_what_we_would_write(encoded: bytes) -> None:
    """Decoding accepts exactly the deterministic encodings."""
    try:
        item = cbor.decode(encoded)
    except EncodingError:
        return

    assert cbor.encode(item) == encoded


@given(JSON)
def test_canonical_json_is_read_back(content: Any) -> None:
    """What is written is read, and writes the same again."""
    encoded = canonical_json(content)

    assert parse_canonical(encoded) == content
    assert encoded == rfc8785.dumps(content)


@given(rows())
def test_packs_are_read_back(readings: list[Reading]) -> None:
    """Any readings that may stand together come back as they were, in order."""
    assert list(decode_pack(encode_pack(readings))) == readings


@given(rows())
def test_packs_are_read_by_others(readings: list[Reading]) -> None:
    """Another CBOR decoder finds the values, resolved as RFC 8428 says."""
    records = cbor2.loads(encode_pack(readings))
    resolved = []
    base: dict[int, Any] = {}
    for record in records:
        base |= {label: record[label] for label in (-2, -3) if label in record}
        resolved.append((base[-2], base[-3] + record.get(6, 0), record.get(2)))

    expected = [(each.series, each.end_s, each.value) for each in readings if not each.scale]
    found = [each for each, one in zip(resolved, readings, strict=True) if not one.scale]
    assert found == expected


def slowly(payload: bytes) -> tuple[Reading, ...]:
    """Read a pack by the general reader alone, one record after the other."""
    reader = senml._Reader()
    major, count, position = cbor.read_head(payload, 0)
    if major != cbor.ARRAY:
        raise EncodingError("no array")
    runs = []
    for _ in range(count):
        fields, position = senml._read_record(payload, position)
        runs.append(senml.check_run(reader.resolve(fields)))
    if position != len(payload) or not runs:
        raise EncodingError("another length")
    reader.check_version(runs)
    senml.refuse_overlaps(runs)
    return tuple(each for run in runs for each in run)


@given(rows(), st.data())
def test_short_ways_read_what_the_long_way_reads(
    readings: list[Reading], data: st.DataObject
) -> None:
    """For a pack with any one byte changed, both readers refuse, or give the same."""
    payload = bytearray(encode_pack(readings))
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] = data.draw(st.integers(0, 255))
    try:
        expected = slowly(bytes(payload))
    except EncodingError:
        with pytest.raises(EncodingError, match=r"."):
            decode_pack(bytes(payload))
        return

    assert decode_pack(bytes(payload)) == expected


@given(st.lists(INTEGERS, min_size=1, max_size=4), st.data())
def test_values_in_any_form_are_read_alike(values: list[int], data: st.DataObject) -> None:
    """Integers written too long are refused in rows and in single records alike."""
    payload = encode_pack(row(len(values) + 1, value=5, interval_s=900))
    for value in values:
        width = data.draw(st.sampled_from([1, 2, 4, 8]))
        if 0 <= value < 1 << 8 * width:
            head = bytes([0x18 + width.bit_length() - 1])
            payload = payload.replace(b"\x02\x05", b"\x02" + head + value.to_bytes(width, "big"), 1)
    try:
        expected = slowly(payload)
    except EncodingError:
        with pytest.raises(EncodingError, match=r"."):
            decode_runs(payload)
        return

    assert decode_pack(payload) == expected


SIGNED = {
    "Ed25519": message(*row(3)).encoded,
    "P-256": message(reading(), signer=P256_KEY).encoded,
}


@pytest.mark.parametrize("key", [ED25519_KEY, P256_KEY], ids=["Ed25519", "P-256"])
@given(data=st.data())
def test_no_changed_message_holds(key: SoftwareKey, data: st.DataObject) -> None:
    """One byte changed anywhere, and the message is refused."""
    name = "Ed25519" if key is ED25519_KEY else "P-256"
    encoded = bytearray(SIGNED[name])
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Error, match=r"."):
        verify_message(parse_message(bytes(encoded), origin=ORIGIN), key.public_key)


@given(data=st.data())
def test_no_changed_record_holds(data: st.DataObject) -> None:
    """One byte changed anywhere, and the record is refused."""
    encoded = bytearray(RECORD.encoded)
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Error, match=r"."):
        verify_record(parse_record(bytes(encoded)))


ANSWERS = [encode_answer(each, LOG_KEY, ORIGIN) for each in (PROMISE, ANCHORED)]


@given(st.sampled_from(ANSWERS), st.data())
def test_no_changed_answer_holds(answer: bytes, data: st.DataObject) -> None:
    """One byte changed anywhere, and the answer is refused."""
    encoded = bytearray(answer)
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Error, match=r"."):
        parse_answer(bytes(encoded), origin=ORIGIN, key=LOG_KEY.public_key)


PARSERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "cbor": (cbor.decode, cbor.encode({1: [b"x", "y", {2: -3}]})),
    "pack": (decode_pack, encode_pack(row(5))),
    "header": (decode_header, SIGNED["Ed25519"][4:122]),
    "message": (lambda encoded: parse_message(encoded, origin=ORIGIN), SIGNED["P-256"]),
    "entry": (lambda encoded: parse_entry(encoded, origin=ORIGIN), RECORD.encoded),
    "record": (parse_record, RECORD.encoded),
    "digest": (decode_digest, encode_digest(DIGEST)),
    "json": (parse_canonical, RECORD.encoded),
    "key": (PublicKey.from_spki, P256_KEY.public_key.spki_der),
    "answer": (
        lambda encoded: parse_answer(encoded, origin=ORIGIN, key=LOG_KEY.public_key),
        ANSWERS[1],
    ),
    "certificate": (
        lambda encoded: verify_authority(encoded, ROOT, at=Instant(1_750_000_000_000)),
        CA,
    ),
    "pem": (certificates_from_pem, b"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----"),
    "private key": (SoftwareKey.from_pem, ED25519_KEY.to_pem(None)),
}


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_any_bytes_give_a_value_or_our_error(name: str, data: st.DataObject) -> None:
    """Random bytes, and valid ones cut, joined and changed, lead to nothing else."""
    parse, valid = PARSERS[name]
    encoded = data.draw(st.binary(max_size=200) | damaged(valid))
    try:
        parse(encoded)
    except Error as error:
        assert error.stable_code


@st.composite
def damaged(draw: st.DrawFn, valid: bytes) -> bytes:
    """Give valid bytes with some stretches replaced by others."""
    encoded = valid
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(encoded)))
        end = draw(st.integers(start, min(len(encoded), start + 8)))
        encoded = encoded[:start] + draw(st.binary(max_size=8)) + encoded[end:]
    return encoded
