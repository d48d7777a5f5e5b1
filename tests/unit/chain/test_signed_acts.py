"""Acts as JSON and back: one form each, and nothing else is an act."""

from __future__ import annotations

import json

import pytest

from attestation.enums import InventoryStep
from attestation.errors import EncodingError
from chain.acts import (
    Appointment,
    Attestation,
    Calibration,
    CloseKey,
    Compromise,
    Enrolment,
    OpenLog,
    OperatorChange,
    Recovery,
    Registration,
    Removal,
    Seat,
)
from chain.client import ChainClient
from chain.credential_acts import (
    AdviceRecord,
    CredentialChange,
    CredentialGrant,
    EarlierVerification,
    GroupMembership,
    PreparationRecord,
)
from chain.inventory_acts import (
    STEPS,
    InventoryDraft,
    InventorySubmission,
    ResultConfirmation,
    Subject,
    VerificationAssignment,
    VerificationStatement,
)
from chain.sampling_acts import NonceCommitment, SamplingPlan
from chain.signed_acts import SIGNED_ACTS, act_message, parse_act, signed_act_of, signers_of
from chain.typed_data import Act, ActDomain

DOMAIN = ActDomain(31337, b"\x02" * 20)
A, B, C = b"\x0a" * 20, b"\x0b" * 20, b"\x0c" * 20
WORD = b"\x11" * 32
USC = "91350211M000100Y46"
SEAT = Seat(C, (WORD,), 2, False)
ABOUT = Subject("某某发电有限公司", USC, "机组-1", 1, 2)
ACTS: tuple[Act, ...] = (
    OpenLog("91350211M000100Y46", "log.example/log/x", "", WORD, C, A, B, 7, 9),
    OperatorChange("log.example/log/x", C, A, A, B, 2**256 - 1, 2**64 - 1),
    Enrolment("log.example/log/x", WORD, 19, 0, WORD, WORD, A, B, 0, 9),
    CloseKey("log.example/log/x", WORD, 0, 3, WORD, B, 7, 9),
    Compromise("log.example/log/x", WORD, 5, WORD, B, 7, 9),
    Calibration("log.example/log/x", "电能表-1", 1, 2, WORD, A, B, 7, 9),
    Registration(1, "某某发电有限公司", USC, (SEAT, Seat(A, (WORD, WORD), 1, True)), B, 7, 9),
    Attestation(USC, WORD, B, 7, 9),
    Appointment(USC, SEAT, A, B, 7, 9),
    Removal(USC, A, B, 7, 9),
    Recovery(USC, 0, (SEAT,), 7, 9),
    CredentialGrant("名", USC, "", "", (1, 2), (350200,), 0, WORD, 1, 2, WORD, B, 7, 9),
    CredentialChange(USC, 2, "因由", WORD, B, 7, 9),
    AdviceRecord(USC, "91110000MA00000XX7", 1, 2, "因由", B, 7, 9),
    PreparationRecord(USC, 350000, 1, 2, "因由", B, 7, 9),
    GroupMembership(USC, "", "某某集团", B, 7, 9),
    EarlierVerification(USC, "91110000MA00000XX7", 2023, B, 7, 9),
    InventoryDraft(ABOUT, 1, 2024, WORD, A, B, 7, 9),
    InventorySubmission(
        ABOUT, 1, "o", 5, WORD, WORD, 9, 10, WORD, ("1", "2"), "", WORD, A, B, 7, 9
    ),
    VerificationAssignment(ABOUT, 1, "350000", "", USC, A, B, "", WORD, C, A, 7, 9),
    VerificationStatement(ABOUT, 1, WORD, 10, 1, WORD, WORD, A, B, 7, 9),
    ResultConfirmation(ABOUT, 1, "350000", WORD, 10, WORD, A, B, 7, 9),
    NonceCommitment(ABOUT, 1, 1, USC, WORD, A, B, 7, 9),
    SamplingPlan(ABOUT, 1, 2, USC, WORD, WORD, 1, WORD, "因由", WORD, A, B, 7, 9),
    *(each(ABOUT, 1, USC, "因由", WORD, WORD, A, B, 7, 9) for each in STEPS.values()),
)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: type(act).__name__)
def test_act_is_read_back(act: Act) -> None:
    """What a wallet shows is the act, field by field."""
    message = act_message(act, DOMAIN)

    assert parse_act(type(act).__name__, message) == act
    assert parse_act(type(act).__name__, json.loads(json.dumps(message))) == act


@pytest.mark.parametrize("act", ACTS, ids=lambda act: type(act).__name__)
def test_call_wants_every_signature(act: Act) -> None:
    """A call is made of the act and one signature for each role."""
    kind = signed_act_of(act)
    signatures = dict.fromkeys(signers_of(act), b"\x01" * 65)
    with ChainClient("http://127.0.0.1:9") as client:
        call = kind.make_call(client, DOMAIN.contract, act, signatures)
        signatures.pop(next(iter(signatures)))
        with pytest.raises(KeyError):
            kind.make_call(client, DOMAIN.contract, act, signatures)

    assert call.to == DOMAIN.contract
    assert len(call.data) > 4 + 65 * len(signers_of(act))


def test_step_is_taken_under_its_number() -> None:
    """The name that a step was signed under becomes the number that the registry takes."""
    act = ACTS[-1]
    signatures = dict.fromkeys(signers_of(act), b"\x01" * 65)
    with ChainClient("http://127.0.0.1:9") as client:
        call = signed_act_of(act).make_call(client, DOMAIN.contract, act, signatures)

    assert int.from_bytes(call.data[4:36], "big") == InventoryStep.REOPENING


def test_new_keys_are_signers() -> None:
    """Whoever takes a seat signs for it, after those who give it."""
    registration, appointment = ACTS[6], ACTS[8]

    assert signers_of(registration) == {"registrar": B, "seat-1": C, "seat-2": A}
    assert signers_of(appointment) == {"approver": B, "seat-1": C}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("algorithm", "256"),
        ("algorithm", "019"),
        ("algorithm", "١٩"),
        ("algorithm", 19),
        ("kid", "0x" + "11" * 31),
        ("kid", "0x" + "AA" * 32),
        ("initiator", "0x" + "0a" * 19),
        ("origin", "log.example\x1b[31m"),
        ("nonce", "-1"),
        ("nonce", str(2**256)),
    ],
)
def test_field_of_another_form(name: str, value: object) -> None:
    """A value that is not the one text of its type is refused."""
    message = act_message(ACTS[2], DOMAIN) | {name: value}

    with pytest.raises(EncodingError):
        parse_act("Enrolment", message)


@pytest.mark.parametrize(
    "change",
    [
        {"laboratories": "1"},
        {"laboratories": ["1", 2]},
        {"laboratories": [["1"]]},
        {"total_tCO2e": "10.0"},
        {"subject": "某某发电有限公司"},
        {"subject": {}},
        {"subject": {"enterprise": "x", "creditCode": "y", "unitCode": "z", "periodFrom": "1"}},
    ],
)
def test_nested_field_of_another_form(change: dict[str, object]) -> None:
    """A list, a struct and what stands in them have one form too."""
    act = next(each for each in ACTS if isinstance(each, InventorySubmission))

    with pytest.raises(EncodingError):
        parse_act("InventorySubmission", act_message(act, DOMAIN) | change)


@pytest.mark.parametrize("change", [{"more": "1"}, None])
def test_fields_that_are_not_those_of_the_type(change: dict[str, str] | None) -> None:
    """Neither more nor fewer."""
    message = act_message(ACTS[2], DOMAIN)
    if change is None:
        message.pop("deadline")
    else:
        message |= change

    with pytest.raises(EncodingError, match="exactly its fields"):
        parse_act("Enrolment", message)


def test_kind_that_is_not_signed_here() -> None:
    """Decisions, withdrawals of a signature, and steps without a name have no way here."""
    for name in ("Decision", "Veto", "Cancellation", "Step"):
        with pytest.raises(EncodingError, match="no kind of act"):
            parse_act(name, {})

    assert set(SIGNED_ACTS) == {type(act).__name__ for act in ACTS}
