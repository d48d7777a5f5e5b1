"""Records: who may say what, and what contradicts what is registered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.answers import Refusal, parse_answer
from attestation.certificate_issuing import issue_authority, issue_device
from attestation.digests import ActivityDigest, encode_digest
from attestation.enums import (
    CloseReason,
    LogState,
    PartyKind,
    Quality,
    RepresentativeRole,
    SignerKind,
)
from attestation.equivocations import describe_equivocation
from attestation.ids import keccak256
from attestation.instants import Instant
from attestation.key_bodies import (
    CertificateAuthority,
    EpochClosing,
    KeyClosing,
    KeyEnrolment,
    Successor,
)
from attestation.keys import Algorithm, prove_possession
from attestation.merkle import hash_leaf
from attestation.messages import parse_message
from attestation.record_bodies import Body
from attestation.records import RecordDraft, sign_record
from attestation.series_bodies import (
    Calibration,
    Correction,
    Gap,
    Instrument,
    MeterExchange,
    Multiplier,
    ReadingReference,
    RegisterStanding,
    Replacement,
)
from ledger.database import Database
from ledger.log.decisions import Admitted, Decision, Duplicate, Refused
from ledger.log.record_signers import SigningRule
from ledger.log.records import RecordAdmission
from ledger.repositories.parties import KeySlot, Party, Representative
from tests.support.enterprise import (
    APPROVER,
    INITIATOR,
    LABORATORY,
    OPERATOR,
    OTHER_USC,
    SERIES,
    START_S,
    STRANGER,
    VALIDITY,
    Device,
    Enterprise,
    address_of,
    reading,
    seeded_key,
)

INSTRUMENT = Instrument(
    instrument="em-01",
    kind="electricity meter",
    maker="maker",
    model="model",
    serial_number="1",
    accuracy_class="0.5S",
    place="boiler house",
    installer="installer",
    installed_s=START_S,
)
MULTIPLIER = Multiplier(
    multiplier="ct-1",
    instrument="em-01",
    kind="CT",
    numerator=40,
    denominator=1,
    valid_from_s=START_S,
)
CALIBRATION = Calibration(
    instrument="em-01",
    certificate_number="C-1",
    laboratory="laboratory",
    from_s=START_S,
    to_s=START_S + 86_400,
    accuracy_class="0.5S",
)
EXCHANGE = MeterExchange(
    instrument="em-01",
    old_serial_number="1",
    new_serial_number="2",
    at_s=START_S,
    registers=(RegisterStanding(series=SERIES, unit="Wh", last=10, first=0),),
)


def require_refused(decision: Decision, code: str, detail: str = "") -> Refused:
    """Check that a record was not admitted, for this reason."""
    assert isinstance(decision, Refused), decision
    assert decision.code == code
    assert detail in decision.detail
    return decision


@pytest.mark.parametrize(
    "body", [INSTRUMENT, MULTIPLIER, CALIBRATION, EXCHANGE], ids=lambda each: each.record_type
)
def test_facts_about_instruments_are_admitted(enterprise: Enterprise, body: Body) -> None:
    """A fact stands by itself."""
    assert isinstance(enterprise.submit(body), Admitted)


def test_same_record_again_gets_the_first_answer(enterprise: Enterprise) -> None:
    """A record that is sent twice stands once."""
    content = enterprise.record(INSTRUMENT)
    number = enterprise.log.number
    first = enterprise.records.admit_record(number, content, now=enterprise.now)
    again = enterprise.records.admit_record(number, content, now=enterprise.now)

    assert isinstance(first, Admitted)
    assert again == Duplicate(number, first.admission_id)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xd2" + bytes(10), b"x" * 70_000], ids=["empty", "no", "cose", "long"]
)
def test_what_is_no_record_is_refused(enterprise: Enterprise, content: bytes) -> None:
    """Nothing is kept of it."""
    decision = enterprise.records.admit_record(enterprise.log.number, content, now=enterprise.now)

    assert isinstance(decision, Refused)
    assert decision.code in ("admission.malformed", "admission.too_large")
    assert decision.answer is None


def test_changed_record_has_no_valid_signature(enterprise: Enterprise) -> None:
    """One letter changed, and nobody has signed it."""
    content = enterprise.record(INSTRUMENT).replace(b"boiler house", b"Boiler house")
    decision = enterprise.records.admit_record(enterprise.log.number, content, now=enterprise.now)

    require_refused(decision, "admission.signature")


def test_record_for_another_log_is_refused(enterprise: Enterprise) -> None:
    """The origin is signed."""
    content = enterprise.record(INSTRUMENT, origin=f"other.example/log/{enterprise.usc}")
    decision = enterprise.records.admit_record(enterprise.log.number, content, now=enterprise.now)

    require_refused(decision, "admission.wrong_log")


def test_log_that_rests_takes_no_record(enterprise: Enterprise) -> None:
    """It may be sent again."""
    with enterprise.database.unit_of_work() as uow:
        uow.logs.set_state(enterprise.log.number, LogState.FROZEN)
        uow.commit()

    assert require_refused(enterprise.submit(INSTRUMENT), "log.frozen").answer is None


@pytest.mark.parametrize(
    ("body", "secret", "may"),
    [
        (INSTRUMENT, APPROVER, True),
        (INSTRUMENT, INITIATOR, True),
        (INSTRUMENT, LABORATORY, False),
        (INSTRUMENT, STRANGER, False),
        (INSTRUMENT, OPERATOR, False),
        (CALIBRATION, LABORATORY, True),
        (CALIBRATION, STRANGER, False),
    ],
    ids=[
        *("approver", "initiator", "laboratory", "stranger", "operator"),
        *("calibration by laboratory", "calibration by stranger"),
    ],
)
def test_only_those_who_may_are_heard(
    enterprise: Enterprise, body: Body, secret: bytes, may: bool
) -> None:
    """Each type of record has its signers."""
    decision = enterprise.submit(body, secret=secret)

    assert isinstance(decision, Admitted if may else Refused)
    assert may or require_refused(decision, "admission.unknown_signer").answer is None


@pytest.mark.parametrize(
    "change",
    [
        {"party": {"active": False}},
        {"party": {"kind": PartyKind.VERIFIER}},
        {"party": {"code": OTHER_USC}},
        {"representative": {"role": RepresentativeRole.READ_ONLY}},
        {"representative": {"role": RepresentativeRole.NONE}},
    ],
    ids=["inactive", "other kind", "other enterprise", "read only", "removed"],
)
def test_representative_must_be_in_office(
    enterprise: Enterprise, change: dict[str, dict[str, object]]
) -> None:
    """What the registry says of party and person is what counts."""
    address = bytes.fromhex(address_of(STRANGER)[2:])
    party = Party(b"P" * 32, PartyKind.ENTERPRISE, enterprise.usc, True)
    person = Representative(b"P" * 32, address, b"p" * 32, RepresentativeRole.INITIATOR, 0)
    with enterprise.database.unit_of_work() as uow:
        uow.parties.put_party(party)
        uow.parties.put_representative(person)
        uow.commit()
    assert isinstance(enterprise.submit(INSTRUMENT, secret=STRANGER), Admitted)
    with enterprise.database.unit_of_work() as uow:
        uow.parties.put_party(replace(party, **change.get("party", {})))  # type: ignore[arg-type]
        uow.parties.put_representative(
            replace(person, **change.get("representative", {}))  # type: ignore[arg-type]
        )
        uow.commit()

    require_refused(enterprise.submit(MULTIPLIER, secret=STRANGER), "admission.unknown_signer")


@pytest.mark.parametrize("record_type", ["key-close", "correction", "ca"])
def test_approver_is_needed_for_what_weighs_more(
    enterprise: Enterprise, device: Device, record_type: str
) -> None:
    """An initiator alone does not close, correct or name an authority."""
    body: dict[str, Body] = {
        "key-close": KeyClosing(kid=device.kid, reason=CloseReason.REVOKED, closed_index=99),
        "correction": _replacement(),
        "ca": CertificateAuthority(
            certificate=enterprise.authority.certificate, root=enterprise.root.key.public_key.kid
        ),
    }

    require_refused(
        enterprise.submit(body[record_type], secret=INITIATOR), "admission.unknown_signer"
    )
    assert isinstance(enterprise.submit(body[record_type]), Admitted)


def _foreign(enterprise: Enterprise, record_type: str) -> bytes:
    draft = RecordDraft(
        record_type=record_type,
        version=1,
        origin=enterprise.origin,
        subject="test",
        salt=bytes(16),
        body={"a": 1},
        supersedes=(),
        signer=address_of(APPROVER),
    )
    return sign_record(draft, APPROVER).encoded


def test_type_that_nobody_may_sign_is_refused(enterprise: Enterprise) -> None:
    """What a record says must have an owner."""
    content = _foreign(enterprise, "drone-survey")
    decision = enterprise.records.admit_record(enterprise.log.number, content, now=enterprise.now)

    require_refused(decision, "admission.record", "nobody may sign")


def test_further_types_are_admitted_by_their_rules(enterprise: Enterprise) -> None:
    """Other parts of the ledger bring their own types."""
    records = RecordAdmission(
        enterprise.database.unit_of_work,
        voice=enterprise.voice,
        rules=enterprise.record_rules,
        operator=address_of(OPERATOR),
        further={"drone-survey": SigningRule(frozenset({PartyKind.ENTERPRISE}))},
    )
    content = _foreign(enterprise, "drone-survey")
    decision = records.admit_record(enterprise.log.number, content, now=enterprise.now)
    enterprise.integrate()

    assert isinstance(decision, Admitted)


def test_refusal_by_a_rule_is_signed_and_final(enterprise: Enterprise, device: Device) -> None:
    """A representative's record that contradicts the log is kept and answered."""
    content = enterprise.record(enterprise.enrolment(device))
    number = enterprise.log.number
    first = enterprise.records.admit_record(number, content, now=enterprise.now)
    again = enterprise.records.admit_record(number, content, now=enterprise.now)

    refused = require_refused(first, "admission.record", "enrolled already")
    assert refused.answer is not None
    answer = parse_answer(refused.answer, origin=enterprise.origin, key=enterprise.answer_key)
    assert isinstance(answer, Refusal)
    assert require_refused(again, "admission.record").answer == refused.answer


def test_record_that_comes_too_early_may_come_again(enterprise: Enterprise) -> None:
    """What is not registered yet is no contradiction."""
    content = enterprise.record(enterprise.enrolment(Device()))
    number = enterprise.log.number
    first = enterprise.records.admit_record(number, content, now=enterprise.now)
    enterprise.register_authority()
    again = enterprise.records.admit_record(number, content, now=enterprise.now)

    assert require_refused(first, "admission.not_registered").answer is None
    assert isinstance(again, Admitted)


def test_authority_of_another_root_is_refused(enterprise: Enterprise) -> None:
    """Only the platform's roots make device authorities."""
    body = CertificateAuthority(certificate=enterprise.authority.certificate, root=b"x" * 32)

    require_refused(enterprise.submit(body), "admission.record", "is no root")


def test_authority_of_another_enterprise_is_refused(enterprise: Enterprise) -> None:
    """An authority speaks for the enterprise in its name constraint."""
    certificate = issue_authority(
        seeded_key("x", Algorithm.ESP256).public_key,
        usc=OTHER_USC,
        validity=VALIDITY,
        issuer=enterprise.root,
    )
    body = CertificateAuthority(certificate=certificate, root=enterprise.root.key.public_key.kid)

    require_refused(enterprise.submit(body), "admission.record", OTHER_USC)


def test_expired_authority_is_refused(enterprise: Enterprise) -> None:
    """A certificate counts while it is valid."""
    enterprise.now = Instant(VALIDITY.not_after + 1000)
    body = CertificateAuthority(
        certificate=enterprise.authority.certificate, root=enterprise.root.key.public_key.kid
    )

    require_refused(enterprise.submit(body), "admission.record", "validity")


@pytest.fixture
def ready(enterprise: Enterprise) -> Enterprise:
    """An enterprise whose authority and series are registered."""
    enterprise.register_authority()
    enterprise.file(enterprise.registration())
    return enterprise


def test_key_is_enrolled(ready: Enterprise) -> None:
    """A key with certificate and proof of possession is taken."""
    assert isinstance(ready.submit(ready.enrolment(Device())), Admitted)


def test_possession_must_be_of_this_log(ready: Enterprise) -> None:
    """A proof made for another log is worth nothing."""
    device = Device()
    possession = prove_possession(device.key, f"other.example/log/{ready.usc}")
    body = ready.enrolment(device, possession=possession)

    require_refused(ready.submit(body), "admission.record", "signature")


def test_certificate_must_be_of_the_key(ready: Enterprise) -> None:
    """Another device's certificate does not serve."""
    certificates = (ready.certificate(Device("em-02")), ready.authority.certificate)
    body = ready.enrolment(Device(), certificates=certificates)

    require_refused(ready.submit(body), "admission.record", "lead to no root")


def test_certificate_must_come_from_a_registered_authority(ready: Enterprise) -> None:
    """An authority of the same root that the enterprise has not named does not serve."""
    key = seeded_key("second authority", Algorithm.ESP256)
    certificate = issue_authority(
        key.public_key, usc=ready.usc, validity=VALIDITY, issuer=ready.root
    )
    device = Device()
    leaf = issue_device(
        device.key.public_key,
        usc=ready.usc,
        device="em-01",
        validity=VALIDITY,
        issuer=type(ready.root)(certificate, key),
    )
    body = ready.enrolment(device, certificates=(leaf, certificate))

    require_refused(ready.submit(body), "admission.not_registered", "authority")


def test_act_without_a_chain_is_refused(ready: Enterprise) -> None:
    """What names an act claims that a chain knows it."""
    body = ready.enrolment(Device(), act=b"a" * 32)

    require_refused(ready.submit(body), "admission.record", "no chain")


@pytest.fixture
def chained(database: Database) -> Enterprise:
    """An enterprise whose keys are enrolled on a chain."""
    enterprise = Enterprise(database, has_chain=True)
    enterprise.register_authority()
    enterprise.file(enterprise.registration())
    return enterprise


def enrol_on_chain(enterprise: Enterprise, body: KeyEnrolment, **changes: object) -> None:
    """Open a key's slot as a final event would."""
    slot = KeySlot(
        log_id=enterprise.log.log_id,
        kid=body.kid,
        algorithm=-19,
        enrolled_index=0,
        record_hash=body.enrolment_hash,
        act_digest=body.act or b"",
    )
    with enterprise.database.unit_of_work() as uow:
        uow.parties.put_slot(replace(slot, **changes))  # type: ignore[arg-type]
        uow.commit()


def test_key_with_a_slot_is_enrolled(chained: Enterprise) -> None:
    """Record and act name each other."""
    body = chained.enrolment(Device(), act=b"a" * 32)
    enrol_on_chain(chained, body)

    assert isinstance(chained.submit(body), Admitted)


def test_key_without_an_act_is_refused(chained: Enterprise) -> None:
    """Where there is a chain, enrolment is an act."""
    body = chained.enrolment(Device())

    require_refused(chained.submit(body), "admission.record", "no act is named")


def test_key_without_a_slot_waits_for_it(chained: Enterprise) -> None:
    """The chain's event may come later than the record."""
    body = chained.enrolment(Device(), act=b"a" * 32)

    require_refused(chained.submit(body), "admission.not_registered", "no slot")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"record_hash": b"x" * 32}, "admission.record"),
        ({"act_digest": b"x" * 32}, "admission.record"),
        ({"closed_index": 0}, "admission.record"),
        ({"enrolled_index": 3}, "admission.not_registered"),
        ({"enrolled_index": 2}, None),
    ],
    ids=["other record", "other act", "closed", "from later on", "from now on"],
)
def test_slot_must_agree_with_the_record(
    chained: Enterprise, change: dict[str, object], code: str | None
) -> None:
    """The log has two entries: the record can get index 2 and any later one."""
    body = chained.enrolment(Device(), act=b"a" * 32)
    enrol_on_chain(chained, body, **change)
    decision = chained.submit(body)

    if code is None:
        assert isinstance(decision, Admitted)
    else:
        require_refused(decision, code)


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({}, True),
        ({"closed_index": 8}, False),
        ({"reason": CloseReason.ROTATED, "last_epoch": 0, "last_sequence": 0}, False),
        ({"act": None}, False),
    ],
    ids=["as on chain", "other index", "other reason", "no act"],
)
def test_closing_must_agree_with_the_slot(
    chained: Enterprise, change: dict[str, object], may: bool
) -> None:
    """The chain closes a key; the record says why and up to which message."""
    body = chained.enrolment(Device(), act=b"a" * 32)
    enrol_on_chain(chained, body)
    chained.file(body)
    enrol_on_chain(chained, body, closed_index=9, reason=CloseReason.REVOKED)
    arguments = {
        "kid": body.kid,
        "reason": CloseReason.REVOKED,
        "closed_index": 9,
        "act": b"c" * 32,
    }
    decision = chained.submit(KeyClosing(**(arguments | change)))  # type: ignore[arg-type]

    assert isinstance(decision, Admitted if may else Refused)


def test_closing_record_waits_for_the_chain(chained: Enterprise) -> None:
    """A record that comes before the chain's event is not refused for good."""
    body = chained.enrolment(Device(), act=b"a" * 32)
    enrol_on_chain(chained, body)
    chained.file(body)
    closing = KeyClosing(kid=body.kid, reason=CloseReason.REVOKED, closed_index=9, act=b"c" * 32)

    require_refused(chained.submit(closing), "admission.not_registered", "open on chain")


def test_unknown_key_cannot_be_closed(enterprise: Enterprise) -> None:
    """There is nothing to close (yet)."""
    body = KeyClosing(kid=b"k" * 32, reason=CloseReason.REVOKED, closed_index=9)

    require_refused(enterprise.submit(body), "admission.not_registered")


def test_key_is_not_closed_in_the_past(enterprise: Enterprise, device: Device) -> None:
    """What was said stays said; suspicion is another word."""
    enterprise.accept(*device.row(2))
    body = KeyClosing(kid=device.kid, reason=CloseReason.REVOKED, closed_index=4)

    require_refused(enterprise.submit(body), "admission.record", "past")


def test_key_is_closed_once(enterprise: Enterprise, device: Device) -> None:
    """A second closing contradicts the first."""
    body = KeyClosing(kid=device.kid, reason=CloseReason.REVOKED, closed_index=9)
    enterprise.file(body)

    require_refused(enterprise.submit(body), "admission.record", "already")


def _epoch(device: Device, **changes: object) -> EpochClosing:
    arguments: dict[str, object] = {
        "kid": device.kid,
        "closed_epoch": 0,
        "last_sequence": device.sequence - 1,
        "last_message": device.previous,
        "reason": "reset",
    }
    return EpochClosing(**(arguments | changes))  # type: ignore[arg-type]


def test_epoch_ends_with_its_last_message(enterprise: Enterprise, device: Device) -> None:
    """The record names the message that is there, or one that is still to come."""
    enterprise.accept(*device.row(2))

    assert isinstance(enterprise.submit(_epoch(device)), Admitted)
    assert isinstance(enterprise.submit(_epoch(device, last_sequence=7)), Admitted)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"last_message": b"x" * 32}, "admission.record"),
        ({"kid": b"k" * 32}, "admission.not_registered"),
        ({"next_kid": b"k" * 32}, "admission.not_registered"),
    ],
    ids=["other message", "unknown key", "unknown next key"],
)
def test_epoch_record_must_fit_the_log(
    enterprise: Enterprise, device: Device, change: dict[str, object], code: str
) -> None:
    """It contradicts neither messages nor keys."""
    enterprise.accept(*device.row(2))

    require_refused(enterprise.submit(_epoch(device, **change)), code)


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({"maximum": 5}, True),
        ({"cadence_s": 60}, True),
        ({"unit": "kWh"}, False),
        ({"register": True}, False),
        ({"since_s": START_S - 1}, False),
    ],
    ids=["bounds", "cadence", "unit", "kind", "begin"],
)
def test_series_may_change_its_expectations_only(
    enterprise: Enterprise, change: dict[str, object], may: bool
) -> None:
    """What a series is stays; what is expected of it may change."""
    enterprise.file(enterprise.registration())
    decision = enterprise.submit(enterprise.registration(**change))

    assert isinstance(decision, Admitted if may else Refused)


def test_gap_must_be_of_something_registered(enterprise: Enterprise, device: Device) -> None:
    """A gap of an unknown series or key says nothing."""
    known = Gap(cause="outage", series=SERIES, from_s=START_S, to_s=START_S + 900)
    unknown = replace(known, series="em-09/energy/total/")
    messages = Gap(cause="lost", kid=device.kid, epoch=0, first_sequence=3, last_sequence=4)

    assert isinstance(enterprise.submit(known), Admitted)
    assert isinstance(enterprise.submit(messages), Admitted)
    require_refused(enterprise.submit(unknown), "admission.not_registered")
    require_refused(enterprise.submit(replace(messages, kid=b"k" * 32)), "admission.not_registered")


def _replacement(unit: str = "Wh") -> Correction:
    return Correction(
        series=SERIES,
        from_s=START_S,
        to_s=START_S + 900,
        reason="meter was out",
        replacement=Replacement(value=5, unit=unit, quality=Quality.SUBSTITUTED),
    )


def test_replacement_is_in_the_unit_of_its_series(enterprise: Enterprise, device: Device) -> None:
    """A thousandfold value is not replaced by mistake."""
    del device
    assert isinstance(enterprise.submit(_replacement()), Admitted)
    require_refused(enterprise.submit(_replacement("kWh")), "admission.record", "kWh")


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({}, True),
        ({"counts": ReadingReference(entry=b"x" * 32, reading=0)}, False),
        ({"reading": 1}, False),
        ({"from_s": START_S + 1}, False),
        ({"from_s": START_S + 900, "to_s": START_S + 1800}, False),
    ],
    ids=["names it", "other entry", "other reading", "too short", "beside it"],
)
def test_correction_must_name_a_reading_inside_its_seconds(
    enterprise: Enterprise, device: Device, change: dict[str, object], may: bool
) -> None:
    """What is to count is in the log, and speaks of these seconds."""
    message = device.sign(reading(0))
    enterprise.accept(message)
    number = int(change.get("reading", 0))  # type: ignore[call-overload]
    changed = {name: value for name, value in change.items() if name != "reading"}
    arguments = {
        "series": SERIES,
        "from_s": START_S,
        "to_s": START_S + 900,
        "reason": "checked",
        "counts": ReadingReference(entry=hash_leaf(message.encoded), reading=number),
    }
    decision = enterprise.submit(Correction(**(arguments | changed)))  # type: ignore[arg-type]

    assert isinstance(decision, Admitted if may else Refused)
    assert may or require_refused(decision, "admission.not_registered")


def test_evidence_is_not_taken_from_outside(enterprise: Enterprise, device: Device) -> None:
    """Whoever has the second message hands in the message."""
    first = device.sign()
    other = replace(device, sequence=0, previous=bytes(32)).sign(reading(0, value=9))
    body = _equivocation(first.encoded, other.encoded, enterprise.origin)

    require_refused(enterprise.submit(body), "admission.unknown_signer")
    require_refused(enterprise.submit(body, secret=OPERATOR), "admission.record", "admission")


def _equivocation(first: bytes, second: bytes, origin: str) -> Body:
    return describe_equivocation(
        parse_message(first, origin=origin), parse_message(second, origin=origin)
    )


def test_successor_is_named_by_the_first_entry(enterprise: Enterprise) -> None:
    """A log that continues another says so before anything else; this one continues none."""
    body = Successor(predecessor=enterprise.origin, size=3, root=b"r" * 32, reason="stolen key")

    require_refused(
        enterprise.submit(body, secret=OPERATOR), "admission.record", "does not continue"
    )
    enterprise.file(INSTRUMENT)
    require_refused(enterprise.submit(body, secret=OPERATOR), "admission.record", "first entry")


def digest(enterprise: Enterprise, **changes: object) -> bytes:
    """Give an activity digest."""
    arguments: dict[str, object] = {
        "origin_hash": enterprise.log.log_id,
        "unit_id": keccak256(b"unit"),
        "series_hash": keccak256(SERIES.encode()),
        "from_s": START_S,
        "to_s": START_S + 900,
        "first_index": 0,
        "last_index": 0,
        "gap_count": 0,
        "commitment": b"c" * 32,
    }
    return encode_digest(ActivityDigest(**(arguments | changes)))  # type: ignore[arg-type]


def test_digest_is_admitted_once(enterprise: Enterprise) -> None:
    """The accounts may hand in the same digest twice."""
    enterprise.file(INSTRUMENT)
    content = digest(enterprise)
    number = enterprise.log.number
    first = enterprise.records.admit_digest(number, content, now=enterprise.now)
    again = enterprise.records.admit_digest(number, content, now=enterprise.now)
    enterprise.integrate()

    assert isinstance(first, Admitted)
    assert again == Duplicate(number, first.admission_id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"origin_hash": b"o" * 32}, "admission.wrong_log"),
        ({"last_index": 1}, "admission.record"),
    ],
    ids=["other log", "beyond the tree"],
)
def test_digest_must_fit_the_log(
    enterprise: Enterprise, change: dict[str, object], code: str
) -> None:
    """A digest sums up entries that are there."""
    enterprise.file(INSTRUMENT)
    decision = enterprise.records.admit_digest(
        enterprise.log.number, digest(enterprise, **change), now=enterprise.now
    )

    require_refused(decision, code)


def test_what_is_no_digest_is_refused(enterprise: Enterprise) -> None:
    """A digest has one length and one beginning."""
    decision = enterprise.records.admit_digest(
        enterprise.log.number, bytes(320), now=enterprise.now
    )

    require_refused(decision, "admission.malformed")


def test_kind_of_signer_is_registered_with_the_key(ready: Enterprise) -> None:
    """A gateway that signs for a device says so in every message."""
    device = Device()
    ready.file(ready.enrolment(device, signer=SignerKind.GATEWAY))
    decisions = ready.admit(
        device.sign(kind=SignerKind.GATEWAY), device.sign(kind=SignerKind.DEVICE)
    )

    assert isinstance(decisions[0], Admitted)
    require_refused(decisions[1], "admission.implausible")
