"""Bodies of records: their JSON form, and what their fields say about each other."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attestation.body_fields import read_body, write_body
from attestation.canonical import canonical_json
from attestation.enums import CloseReason, Quality, SignerKind
from attestation.errors import EncodingError, Error
from attestation.key_bodies import KeyClosing, KeyEnrolment, MessageEvidence
from attestation.record_bodies import BODY_TYPES
from attestation.series_bodies import (
    Correction,
    Gap,
    Instrument,
    ReadingReference,
    Replacement,
    SeriesRegistration,
)
from tests.support.attested import ED25519_KEY, SERIES
from tests.vectors.record_cases import bodies

KEY = ED25519_KEY.public_key
ENROLMENT = KeyEnrolment(
    kid=KEY.kid,
    spki=KEY.spki_der,
    certificates=(b"leaf", b"sub-CA"),
    possession=bytes(64),
    signer=SignerKind.GATEWAY,
    epoch=0,
    instruments=("em-01",),
    series=(SERIES,),
)
REGISTRATION = SeriesRegistration(
    series=SERIES,
    unit="Wh",
    cadence_s=900,
    heartbeat_s=3600,
    since_s=1_735_660_800,
    minimum=-5,
    maximum=2**62,
)


def test_every_type_of_the_foundation_has_a_body() -> None:
    """The vectors have a genuine body of each type, and no other."""
    assert bodies().keys() == BODY_TYPES.keys()


@pytest.mark.parametrize("record_type", BODY_TYPES)
def test_body_is_read_back(record_type: str) -> None:
    """JSON to body and back is the same JSON."""
    content = json.loads(json.dumps(bodies()[record_type]))

    assert write_body(read_body(BODY_TYPES[record_type], content)) == content


@pytest.mark.parametrize("record_type", BODY_TYPES)
def test_no_name_is_optional_by_accident(record_type: str) -> None:
    """Leaving any name out gives another body or is refused; it is never filled in silently."""
    content = bodies()[record_type]
    whole = read_body(BODY_TYPES[record_type], content)
    for name in content:
        shorter = {key: value for key, value in content.items() if key != name}
        try:
            assert read_body(BODY_TYPES[record_type], shorter) != whole
        except EncodingError:
            continue


def test_words_stand_for_members() -> None:
    """Enums are written as words with hyphens."""
    written = write_body(ENROLMENT)

    assert written["signer"] == "gateway"
    assert "gateway" not in written
    assert "act" not in written


def test_amounts_above_53_bits_are_kept() -> None:
    """Decimal text carries what a JSON number would lose."""
    written = write_body(REGISTRATION)

    assert written["maximum"] == str(2**62)
    assert read_body(SeriesRegistration, written) == REGISTRATION


def test_defaults_of_stated_fields_are_written() -> None:
    """48 hours of lateness are the default of who makes a record, not of who reads one."""
    written = write_body(REGISTRATION)
    assert written["max_lateness_h"] == 48
    del written["max_lateness_h"]

    with pytest.raises(EncodingError, match="without 'max_lateness_h'"):
        read_body(SeriesRegistration, written)


def test_enrolment_hash_leaves_the_act_out() -> None:
    """The act on chain names the body without the act, so that each can name the other."""
    with_act = replace(ENROLMENT, act=bytes(32))

    assert with_act.enrolment_hash == ENROLMENT.enrolment_hash
    assert (
        ENROLMENT.enrolment_hash == hashlib.sha256(canonical_json(write_body(ENROLMENT))).digest()
    )


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (ENROLMENT, {"kid": bytes(32)}),
        (REGISTRATION, {"unit": "MWh"}),
        (REGISTRATION, {"scale": 1}),
        (REGISTRATION, {"minimum": 2**62 + 1}),
        (REGISTRATION, {"rate_limit_per_h": 0}),
        (REGISTRATION, {"until_s": 1_735_660_800}),
    ],
    ids=str,
)
def test_fields_that_contradict_each_other_are_refused(body: Any, changes: dict[str, Any]) -> None:
    """A body that contradicts itself cannot be made."""
    with pytest.raises(EncodingError, match=r"."):
        replace(body, **changes)


@pytest.mark.parametrize(
    "changes",
    [{"heartbeat_s": 86_401}, {"cadence_s": 0}, {"maximum": 2**63}, {"max_lateness_h": 8761}],
    ids=str,
)
def test_value_that_would_not_be_read_is_not_written(changes: dict[str, Any]) -> None:
    """Ranges hold for bodies we make, too."""
    with pytest.raises(EncodingError, match=next(iter(changes))):
        write_body(replace(REGISTRATION, **changes))


@pytest.mark.parametrize(
    "arguments",
    [
        {"reason": CloseReason.NONE, "last_epoch": 0, "last_sequence": 0},
        {"reason": CloseReason.ROTATED},
        {"reason": CloseReason.ROTATED, "last_epoch": 0},
        {"reason": CloseReason.DECOMMISSIONED, "last_sequence": 0},
        {"reason": CloseReason.REVOKED, "last_epoch": 0, "last_sequence": 0},
    ],
    ids=str,
)
def test_closing_names_the_last_message_where_it_is_orderly(arguments: dict[str, Any]) -> None:
    """Rotated and decommissioned keys have a last message; revoked ones do not."""
    KeyClosing(kid=bytes(32), closed_index=1, reason=CloseReason.REVOKED)
    with pytest.raises(EncodingError, match=r"closing|last_epoch"):
        KeyClosing(kid=bytes(32), closed_index=1, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"series": SERIES},
        {"series": SERIES, "from_s": 0},
        {"kid": bytes(32), "epoch": 0, "first_sequence": 0},
        {"series": SERIES, "from_s": 0, "to_s": 1, "epoch": 0},
        {"series": SERIES, "from_s": 1, "to_s": 1},
        {"kid": bytes(32), "epoch": 0, "first_sequence": 2, "last_sequence": 1},
        {
            "series": SERIES,
            "from_s": 0,
            "to_s": 1,
            "kid": bytes(32),
            "epoch": 0,
            "first_sequence": 0,
            "last_sequence": 0,
        },
    ],
    ids=str,
)
def test_gap_is_of_time_or_of_messages(arguments: dict[str, Any]) -> None:
    """A gap names all of one kind and nothing of the other."""
    Gap(cause="x", kid=bytes(32), epoch=0, first_sequence=1, last_sequence=1)
    with pytest.raises(EncodingError, match=r"."):
        Gap(cause="x", **arguments)


def test_correction_names_one_way() -> None:
    """Either a reading counts, or a replacement does."""
    counts = ReadingReference(entry=bytes(32), reading=0)
    replacement = Replacement(value=0, unit="Wh", quality=Quality.SUBSTITUTED)
    common: dict[str, Any] = {"series": SERIES, "from_s": 0, "to_s": 0, "reason": "x"}
    Correction(**common, counts=counts)
    Correction(**common, replacement=replacement)

    for both in ({}, {"counts": counts, "replacement": replacement}):
        with pytest.raises(EncodingError, match="reading that counts"):
            Correction(**common, **both)


@pytest.mark.parametrize("quality", [Quality.MEASURED, Quality.FAULT])
def test_replacement_does_not_pass_for_a_measurement(quality: Quality) -> None:
    """What replaces is estimated or substituted."""
    with pytest.raises(EncodingError, match="estimated or substituted"):
        Replacement(value=0, unit="Wh", quality=quality)


def test_modulus_has_a_unit() -> None:
    """A register's modulus without a unit means nothing."""
    common: dict[str, Any] = dict.fromkeys(
        ("kind", "maker", "model", "serial_number", "accuracy_class", "place", "installer"), "x"
    )
    Instrument(instrument="em-01", installed_s=0, **common)

    with pytest.raises(EncodingError, match="modulus goes with unit"):
        Instrument(instrument="em-01", installed_s=0, register_modulus=10, **common)


def test_evidence_is_of_the_message_it_names() -> None:
    """The id is the hash of the bytes."""
    with pytest.raises(EncodingError, match="not the hash of message"):
        MessageEvidence(message_id=bytes(32), message=b"x")


@pytest.mark.parametrize("content", [None, [], "x", 1, {"cause": ["x"]}, {"cause": {}}])
def test_anything_else_is_refused(content: Any) -> None:
    """Bodies are objects of the right names and kinds."""
    with pytest.raises(Error, match=r"."):
        read_body(Gap, content)


def documented_fields() -> dict[str, dict[str, bool]]:
    """Read type → name → whether it may be left out, from the sections of the documents."""
    pages = sorted((Path(__file__).resolve().parents[3] / "docs/formats").glob("*records.md"))
    found: dict[str, dict[str, bool]] = {}
    for line in "\n".join(page.read_text(encoding="utf-8") for page in pages).splitlines():
        if heading := re.match(r"### `([a-z-]+)`", line):
            found[heading[1]] = {}
        if field := re.match(r"- `([a-z0-9_]+)`(\??) ", line):
            next(reversed(found.values()))[field[1]] = bool(field[2])
    return found


def test_document_lists_each_field() -> None:
    """The normative pages have every type, every field, and which may be left out."""
    fields = {
        record_type: {each.name: each.metadata["optional"] for each in dataclasses.fields(body)}
        for record_type, body in BODY_TYPES.items()
    }

    assert documented_fields() == fields
