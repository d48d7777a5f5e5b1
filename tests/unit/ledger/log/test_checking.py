"""One message by itself: each rule refuses what is nearly right, in a fixed order of codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from attestation import cbor
from attestation.cose import sign_sign1
from attestation.enums import Provenance, SignerKind
from attestation.instants import MILLISECONDS_PER_HOUR, Instant
from attestation.keys import Algorithm
from attestation.readings import Reading
from ledger.log.checking import (
    CLOCK_TOLERANCE_MS,
    Candidate,
    Checked,
    CheckResult,
    Garbage,
    check_message,
)
from ledger.log.key_table import EnrolledKey, KeyTable, SeriesRule
from ledger.repositories.logs import LogNumber
from tests.support.enterprise import NOW, ORIGIN, SERIES, START_S, Device, reading

RULE = SeriesRule(
    index=1,
    unit="Wh",
    register=False,
    since_s=START_S,
    max_lateness_ms=48 * MILLISECONDS_PER_HOUR,
    minimum=-100,
    maximum=1000,
    bound_scale=0,
)
LOG, OTHER_LOG = LogNumber(1), LogNumber(2)
OTHER_ORIGIN = "other.example/log/91350211M000100Y46"


def enrolled(device: Device, *, rule: SeriesRule = RULE, **changes: Any) -> EnrolledKey:
    """Enrol a device's key in the log."""
    key = EnrolledKey(
        log=LOG,
        origin=ORIGIN,
        key=device.key.public_key,
        signer=SignerKind.DEVICE,
        first_epoch=0,
        not_before=Instant((START_S - 1000) * 1000),
        not_after=Instant(NOW + 1_000_000_000),
        series={SERIES: rule},
    )
    return replace(key, **changes)


def table(*keys: EnrolledKey) -> KeyTable:
    """Make a table of enrolled keys, all of one key id."""
    return KeyTable(1, {keys[0].key.kid: keys}) if keys else KeyTable(1, {})


def check(
    content: bytes,
    key: EnrolledKey | None = None,
    *,
    now: Instant = NOW,
    log: LogNumber | None = None,
) -> CheckResult:
    """Check bytes against one key."""
    return check_message(Candidate(content, log), table(key or enrolled(Device())), now=now)


def code_of(result: CheckResult) -> str | None:
    """Give the code, of a message that somebody really signed."""
    assert isinstance(result, Checked), result
    return result.code


@pytest.mark.parametrize("algorithm", Algorithm, ids=lambda each: each.name)
def test_good_message_passes(algorithm: Algorithm) -> None:
    """Both algorithms are checked, and the numbers come back."""
    device = Device(algorithm=algorithm)
    message = device.sign(reading(3))
    result = check(message.encoded, enrolled(device))

    assert isinstance(result, Checked)
    assert result[:4] == (LOG, device.kid, 0, 0)
    assert result.message_id == message.message_id
    assert result.code is None


def test_too_many_bytes_are_garbage() -> None:
    """What is longer than an entry may be is not looked at."""
    assert check(b"\xd2" + bytes(65_535)).code == "admission.too_large"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xd2", b"{}", b"\xff" * 300],
    ids=["nothing", "tag only", "a record", "noise"],
)
def test_what_is_no_message_is_garbage(content: bytes) -> None:
    """Nobody has signed noise."""
    result = check(content)

    assert isinstance(result, Garbage)
    assert result.code == "admission.malformed"


def test_bytes_after_the_message_are_garbage() -> None:
    """One byte more is another message, which nobody signed."""
    assert isinstance(check(Device().sign().encoded + b"\0"), Garbage)


def test_key_that_is_not_enrolled_is_unknown() -> None:
    """Without a key nothing can be checked; it may be enrolled later."""
    result = check(Device("em-99").sign().encoded)

    assert isinstance(result, Garbage)
    assert result.code == "admission.unknown_device"


def test_message_sent_to_another_log_is_refused() -> None:
    """A key speaks in the logs it is enrolled in, and only there."""
    result = check(Device().sign().encoded, log=OTHER_LOG)

    assert result.code == "admission.wrong_log"


def test_message_for_another_origin_has_no_valid_signature() -> None:
    """A message of a test system is worth nothing here."""
    result = check(Device(origin=OTHER_ORIGIN).sign().encoded)

    assert isinstance(result, Garbage)
    assert result.code == "admission.signature"


def test_key_of_two_logs_speaks_in_the_one_it_signs_for() -> None:
    """The origin under the signature decides."""
    device = Device(origin=OTHER_ORIGIN)
    keys = table(enrolled(device), enrolled(device, log=OTHER_LOG, origin=OTHER_ORIGIN))
    result = check_message(Candidate(device.sign().encoded), keys, now=NOW)

    assert isinstance(result, Checked)
    assert result.log == OTHER_LOG


@pytest.mark.parametrize("position", [20, 100, -1], ids=["header", "payload", "signature"])
def test_changed_byte_is_found(position: int) -> None:
    """A change anywhere makes garbage of it."""
    content = bytearray(Device().sign().encoded)
    content[position] ^= 1

    assert isinstance(check(bytes(content)), Garbage)


def test_signed_payload_that_is_no_pack_is_a_refusal() -> None:
    """The key's holder really said it, so it is kept and answered."""
    device = Device()
    message = device.sign()
    protected = message.encoded[4 : 4 + message.encoded[3]]
    content = sign_sign1(
        protected=protected,
        payload=cbor.encode([]),
        external_aad=f"carbonseal/v1\n{ORIGIN}".encode(),
        signer=device.key,
    )
    result = check(content)

    assert code_of(result) == "admission.malformed"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"not_before": Instant(NOW + 1)}, "admission.outside_certificate"),
        ({"not_after": Instant(START_S * 1000)}, "admission.outside_certificate"),
        ({"signer": SignerKind.GATEWAY}, "admission.implausible"),
        ({"first_epoch": 1}, "admission.implausible"),
        ({"series": {}}, "admission.unknown_series"),
    ],
    ids=["not yet valid", "no longer valid", "other signer", "before first epoch", "no series"],
)
def test_message_must_fit_its_enrolment(changes: dict[str, Any], expected: str) -> None:
    """What was enrolled bounds what is said."""
    device = Device()

    assert code_of(check(device.sign().encoded, enrolled(device, **changes))) == expected


def test_signing_time_at_the_edge_of_the_certificate_passes() -> None:
    """Both ends of the validity are inside."""
    device = Device()
    message = device.sign()
    at = message.header.signed_at

    assert code_of(check(message.encoded, enrolled(device, not_before=at, not_after=at))) is None


@pytest.mark.parametrize(
    ("beyond_ms", "expected"), [(0, None), (1, "admission.future")], ids=["at", "beyond"]
)
def test_message_may_be_five_minutes_ahead(beyond_ms: int, expected: str | None) -> None:
    """Clocks differ by at most the tolerance."""
    message = Device().sign(reading(0))
    now = Instant(message.header.signed_at - CLOCK_TOLERANCE_MS - beyond_ms)

    assert code_of(check(message.encoded, now=now)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"unit": "kWh"}, "admission.implausible"),
        ({"register": True}, "admission.implausible"),
        ({"since_s": START_S + 1}, "admission.implausible"),
        ({"since_s": START_S}, None),
        ({"minimum": 6}, "admission.implausible"),
        ({"minimum": 5, "maximum": 5}, None),
        ({"maximum": 4}, "admission.implausible"),
        ({"maximum": 49, "bound_scale": 1}, "admission.implausible"),
        ({"maximum": 50, "bound_scale": 1}, None),
    ],
    ids=[
        *("unit", "kind", "before begin", "at begin", "too low", "at both bounds", "too high"),
        *("too high in tenths", "at the bound in tenths"),
    ],
)
def test_reading_must_fit_its_series(changes: dict[str, Any], expected: str | None) -> None:
    """Unit, kind, begin and bounds are those registered."""
    device = Device()
    key = enrolled(device, rule=replace(RULE, **changes))

    assert code_of(check(device.sign(reading(0, value=5)).encoded, key)) == expected


def test_finer_value_is_compared_exactly() -> None:
    """A value with decimal places is not rounded to its bound."""
    device = Device()
    rule = replace(RULE, unit="Cel", maximum=100)
    said = Reading(SERIES, START_S + 900, 900, 100_001, "Cel", scale=3)

    assert code_of(check(device.sign(said).encoded, enrolled(device, rule=rule))) == (
        "admission.implausible"
    )


def test_reading_without_a_value_has_no_bounds() -> None:
    """Missing is not zero, so it is not below a minimum."""
    device = Device()
    rule = replace(RULE, minimum=1)
    said = replace(reading(0), value=None, quality=4)

    assert code_of(check(device.sign(said).encoded, enrolled(device, rule=rule))) is None


def test_interval_must_end_before_signing() -> None:
    """Nobody has measured what is still going on."""
    said = reading(0)
    at_end = Device().sign(said, at=Instant(said.end_s * 1000))
    before_end = Device().sign(said, at=Instant(said.end_s * 1000 - 1))

    assert code_of(check(at_end.encoded)) is None
    assert code_of(check(before_end.encoded)) == "admission.implausible"


@pytest.mark.parametrize(
    ("provenance", "late_ms", "expected"),
    [
        (Provenance.LIVE, 0, None),
        (Provenance.LIVE, 1, "admission.backdated"),
        (Provenance.BACK_FILL, 1, None),
    ],
    ids=["live in time", "live too late", "back-filled"],
)
def test_live_reading_is_at_most_48_hours_old(
    provenance: Provenance, late_ms: int, expected: str | None
) -> None:
    """Later than that, it has to say that it is filled in."""
    said = reading(0)
    at = Instant(said.end_s * 1000 + 48 * MILLISECONDS_PER_HOUR + late_ms)
    message = Device().sign(said, at=at, provenance=provenance)

    assert code_of(check(message.encoded, now=at)) == expected


def test_oldest_reading_of_a_message_decides_about_its_age() -> None:
    """One old reading among new ones is not hidden by them."""
    readings = [reading(0), reading(200)]
    message = Device().sign(*readings)

    assert code_of(check(message.encoded, now=message.header.signed_at)) == "admission.backdated"


def test_first_failing_rule_gives_the_code() -> None:
    """A message that breaks several rules is always refused for the same one."""
    device = Device()
    key = enrolled(device, not_after=Instant(0), series={}, first_epoch=9)

    assert code_of(check(device.sign().encoded, key)) == "admission.outside_certificate"
