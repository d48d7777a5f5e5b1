"""Acts of parties: anybody sends them, and the contracts judge who signed what, and when."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from attestation.enums import CloseReason, PartyKind, RepresentativeRole
from attestation.ids import keccak256
from chain.acts import (
    Appointment,
    Calibration,
    Cancellation,
    CloseKey,
    Compromise,
    OperatorChange,
    Removal,
)
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.device_registry import NEVER, DeviceRegistry
from chain.bindings.party_registry import PartyRegistry, party_id_of
from chain.errors import Reverted
from chain.keys import AccountSigner, generate_signer
from chain.typed_data import ActDomain, act_digest, sign_act
from chain.values import Call
from tests.support.chain import USC, ChainWorld, PartyKeys, TestLog, seat

pytestmark = pytest.mark.real
KID = hashlib.sha256(b"a device key").digest()


@pytest.fixture
def operator(world: ChainWorld) -> AccountSigner:
    return world.funded()


@pytest.fixture
def party(world: ChainWorld) -> PartyKeys:
    return world.register()


@pytest.fixture
def log(world: ChainWorld, party: PartyKeys, operator: AccountSigner) -> TestLog:
    return world.open_log(party, operator)


def closing(world: ChainWorld, party: PartyKeys, log: TestLog, index: int = 0) -> CloseKey:
    return CloseKey(
        origin=log.origin,
        kid=KID,
        closed_index=index,
        reason=int(CloseReason.ROTATED),
        record_hash=bytes(32),
        approver=party.approver.address,
        nonce=next(world.nonces),
        deadline=world.deadline(),
    )


def close(world: ChainWorld, act: CloseKey, signer: AccountSigner) -> Call:
    return world.devices.close(act, approver_signature=world.sign(DeviceRegistry.NAME, act, signer))


# --- every act, sent by a nobody ------------------------------------------------------------
# `world.sender()` is a new account each time: no act below is sent by one who signed it.


def test_party_is_registered_by_anybodys_hand(world: ChainWorld) -> None:
    """A registration signed by registrar and persons may be sent by anybody."""
    keys = world.register()

    party_id = party_id_of(USC)
    found = world.parties.party(party_id)
    assert found is not None
    assert found.kind is PartyKind.ENTERPRISE
    assert world.parties.is_in_force(party_id, keys.approver.address, RepresentativeRole.APPROVER)
    assert not world.parties.is_in_force(
        party_id, keys.initiator.address, RepresentativeRole.APPROVER
    )


def test_log_is_opened_by_anybodys_hand(
    world: ChainWorld, party: PartyKeys, operator: AccountSigner
) -> None:
    """A log is opened for its party, with the operator that signed."""
    log = world.open_log(party, operator)

    record = world.checkpoints.log_record(log.log_id)
    assert record is not None
    assert (record.party, record.generation) == (party_id_of(USC), 1)
    assert world.checkpoints.operator_of(log.log_id) == operator.address
    assert world.checkpoints.last_log_of(record.party) == log.log_id


def test_key_is_enrolled_by_anybodys_hand(
    world: ChainWorld, party: PartyKeys, log: TestLog
) -> None:
    """An enrolled key is valid from its index on."""
    world.enrol(party, log, KID, index=4)

    slot = world.devices.key_slot(log.log_id, KID)
    assert slot is not None
    assert (slot.enrolled_index, slot.closed_index) == (4, NEVER)
    valid = [world.devices.is_valid_at(log.log_id, KID, index) for index in (3, 4, 2**63)]
    assert valid == [False, True, True]


def test_key_is_closed_by_anybodys_hand(world: ChainWorld, party: PartyKeys, log: TestLog) -> None:
    """One approver closes a key, at once, from its index on."""
    world.enrol(party, log, KID, index=4)
    world.sender().execute(close(world, closing(world, party, log, 9), party.approver))

    slot = world.devices.key_slot(log.log_id, KID)
    assert slot is not None
    assert (slot.closed_index, slot.reason) == (9, CloseReason.ROTATED)
    assert not world.devices.is_valid_at(log.log_id, KID, 9)


def test_suspicion_is_recorded_by_anybodys_hand(
    world: ChainWorld, party: PartyKeys, log: TestLog
) -> None:
    """Suspicion about the past marks a key and closes nothing."""
    world.enrol(party, log, KID)
    act = Compromise(
        origin=log.origin,
        kid=KID,
        since_index=1,
        record_hash=bytes(32),
        approver=party.approver.address,
        nonce=1,
        deadline=world.deadline(),
    )
    signature = world.sign(DeviceRegistry.NAME, act, party.approver)
    world.sender().execute(world.devices.mark_compromised(act, approver_signature=signature))

    slot = world.devices.key_slot(log.log_id, KID)
    assert slot is not None
    assert (slot.compromised_since, slot.closed_index) == (1, NEVER)


def test_calibration_is_recorded_by_anybodys_hand(
    world: ChainWorld, party: PartyKeys, log: TestLog
) -> None:
    """A calibration window is kept under its instrument."""
    act = Calibration(
        origin=log.origin,
        instrument="meter-1",
        valid_from=1_700_000_000,
        valid_to=1_731_536_000,
        record_hash=b"\x07" * 32,
        initiator=party.initiator.address,
        approver=party.approver.address,
        nonce=1,
        deadline=world.deadline(),
    )
    world.sender().execute(
        world.devices.calibrate(
            act,
            initiator_signature=world.sign(DeviceRegistry.NAME, act, party.initiator),
            approver_signature=world.sign(DeviceRegistry.NAME, act, party.approver),
        )
    )

    [window] = world.devices.calibrations(log.log_id, keccak256(b"meter-1"))
    assert (window.valid_from_s, window.valid_to_s) == (1_700_000_000, 1_731_536_000)
    assert window.record_hash == b"\x07" * 32


def test_operator_changes_in_two_steps(
    world: ChainWorld, party: PartyKeys, log: TestLog, operator: AccountSigner
) -> None:
    """The enterprise names another operator, who anchors only after accepting."""
    successor = world.funded()
    act = OperatorChange(
        origin=log.origin,
        current_operator=operator.address,
        new_operator=successor.address,
        initiator=party.initiator.address,
        approver=party.approver.address,
        nonce=1,
        deadline=world.deadline(),
    )
    world.sender().execute(
        world.checkpoints.propose_operator(
            act,
            initiator_signature=world.sign(CheckpointRegistry.NAME, act, party.initiator),
            approver_signature=world.sign(CheckpointRegistry.NAME, act, party.approver),
        )
    )
    assert world.checkpoints.operator_of(log.log_id) == operator.address

    world.sender(successor).execute(world.checkpoints.accept_operator(log.log_id))

    assert world.checkpoints.operator_of(log.log_id) == successor.address
    with pytest.raises(Reverted, match="NotOperator"):
        world.anchor(operator, log, 1)


def test_checkpoint_is_pinned_by_anybody(
    world: ChainWorld, log: TestLog, operator: AccountSigner
) -> None:
    """Anybody keeps the newest checkpoint for ever, by no signature at all."""
    world.anchor(operator, log, 3)
    root = log.target().root
    world.sender().execute(world.checkpoints.pin(log.log_id))
    world.anchor(operator, log, 3)

    assert world.checkpoints.pinned_root(log.log_id, 3) == root
    assert world.checkpoints.pinned_root(log.log_id, 6) is None


def test_new_key_begins_after_four_working_days(world: ChainWorld, party: PartyKeys) -> None:
    """An attested person's key is in force only after the days to object."""
    newcomer = generate_signer()
    new_seat = seat(newcomer, RepresentativeRole.INITIATOR)
    world.attest(new_seat)
    act = Appointment(USC, new_seat, bytes(20), party.approver.address, 1, world.deadline())
    world.sender().execute(
        world.parties.appoint(
            act,
            approver_signature=world.sign(PartyRegistry.NAME, act, party.approver),
            seat_signature=world.sign(PartyRegistry.NAME, act, newcomer),
        )
    )
    party_id, role = party_id_of(USC), RepresentativeRole.INITIATOR
    at_once = world.parties.is_in_force(party_id, newcomer.address, role)

    world.pass_time(8 * 86_400)

    assert not at_once
    assert world.parties.is_in_force(party_id, newcomer.address, role)


def test_key_is_removed_at_once(world: ChainWorld, party: PartyKeys, log: TestLog) -> None:
    """A removed key signs nothing any more."""
    act = Removal(USC, party.initiator.address, party.approver.address, 1, world.deadline())
    signature = world.sign(PartyRegistry.NAME, act, party.approver)
    world.sender().execute(world.parties.remove(act, remover_signature=signature))

    with pytest.raises(Reverted, match="PartyRegistry_NotInForce"):
        world.enrol(party, log, KID)


def test_cancelled_act_does_nothing(world: ChainWorld, party: PartyKeys, log: TestLog) -> None:
    """A signer withdraws by a signature, and the act never takes effect."""
    world.enrol(party, log, KID)
    act = closing(world, party, log, 9)
    domain = ActDomain(world.client.chain_id(), world.address(DeviceRegistry.NAME))
    cancellation = Cancellation(party.approver.address, act_digest(act, domain))
    signature = sign_act(cancellation, domain, party.approver)
    world.sender().execute(
        world.devices.contract.call(
            "cancelFor", party.approver.address, cancellation.act_digest, signature
        )
    )

    with pytest.raises(Reverted, match="Acts_Cancelled"):
        world.sender().prepare(close(world, act, party.approver))


# --- nearly right ---------------------------------------------------------------------------


def by_initiator(world: ChainWorld, party: PartyKeys, log: TestLog) -> Call:
    act = replace(closing(world, party, log, 9), approver=party.initiator.address)
    return close(world, act, party.initiator)


def by_somebody_else(world: ChainWorld, party: PartyKeys, log: TestLog) -> Call:
    return close(world, closing(world, party, log, 9), party.initiator)


def for_another_contract(world: ChainWorld, party: PartyKeys, log: TestLog) -> Call:
    act = closing(world, party, log, 9)
    signature = world.sign(CheckpointRegistry.NAME, act, party.approver)
    return world.devices.close(act, approver_signature=signature)


def for_another_chain(world: ChainWorld, party: PartyKeys, log: TestLog) -> Call:
    act = closing(world, party, log, 9)
    domain = ActDomain(world.client.chain_id() + 1, world.address(DeviceRegistry.NAME))
    return world.devices.close(act, approver_signature=sign_act(act, domain, party.approver))


def after_the_deadline(world: ChainWorld, party: PartyKeys, log: TestLog) -> Call:
    act = replace(closing(world, party, log, 9), deadline=world.now_s() - 1)
    return close(world, act, party.approver)


def with_another_index(world: ChainWorld, party: PartyKeys, log: TestLog) -> Call:
    act = closing(world, party, log, 9)
    signature = world.sign(DeviceRegistry.NAME, act, party.approver)
    return world.devices.close(replace(act, closed_index=8), approver_signature=signature)


def of_another_party(world: ChainWorld, party: PartyKeys, log: TestLog) -> Call:
    other = world.register("91310000MA1FL00006")
    return close(world, closing(world, other, log, 9), other.approver)


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        (by_initiator, "PartyRegistry_RoleDiffers"),
        (by_somebody_else, "Acts_NotSignedBy"),
        (for_another_contract, "Acts_NotSignedBy"),
        (for_another_chain, "Acts_NotSignedBy"),
        (after_the_deadline, "Acts_DeadlinePassed"),
        (with_another_index, "Acts_NotSignedBy"),
        (of_another_party, "PartyRegistry_NotInForce"),
    ],
)
def test_nearly_right_act_is_refused(
    world: ChainWorld,
    party: PartyKeys,
    log: TestLog,
    attempt: Callable[[ChainWorld, PartyKeys, TestLog], Call],
    refusal: str,
) -> None:
    """An act that differs in one thing is refused, with the contract's reason by name."""
    world.enrol(party, log, KID)

    with pytest.raises(Reverted) as caught:
        world.sender().prepare(attempt(world, party, log))

    assert caught.value.name == refusal


def test_act_takes_effect_once(world: ChainWorld, party: PartyKeys, log: TestLog) -> None:
    """The same signed act a second time is refused."""
    world.enrol(party, log, KID)
    call = close(world, closing(world, party, log, 9), party.approver)
    world.sender().execute(call)

    with pytest.raises(Reverted, match="Acts_AlreadyUsed"):
        world.sender().prepare(call)


def test_one_person_is_not_two(
    world: ChainWorld, party: PartyKeys, operator: AccountSigner
) -> None:
    """One person who signs as initiator and approver opens no log."""
    act = replace(world.log_act(party, operator), initiator=party.approver.address)
    call = world.checkpoints.open_log(
        act,
        initiator_signature=world.sign(CheckpointRegistry.NAME, act, party.approver),
        approver_signature=world.sign(CheckpointRegistry.NAME, act, party.approver),
        operator_signature=world.sign(CheckpointRegistry.NAME, act, operator),
    )

    with pytest.raises(Reverted, match="PartyRegistry_RoleDiffers"):
        world.sender().prepare(call)


def test_back_dated_key_is_refused(
    world: ChainWorld, party: PartyKeys, log: TestLog, operator: AccountSigner
) -> None:
    """A key is not enrolled for entries that are already anchored."""
    world.anchor(operator, log, 5)

    with pytest.raises(Reverted) as caught:
        world.enrol(party, log, KID, index=4)

    assert caught.value.name == "DeviceRegistry_IndexBelowAnchored"
    assert caught.value.arguments == {"index": 4, "anchoredSize": 5}


def test_back_dated_closing_is_refused(
    world: ChainWorld, party: PartyKeys, log: TestLog, operator: AccountSigner
) -> None:
    """A key is not closed for entries that are already anchored."""
    world.enrol(party, log, KID)
    world.anchor(operator, log, 5)

    with pytest.raises(Reverted, match="IndexBelowAnchored"):
        world.sender().prepare(close(world, closing(world, party, log, 4), party.approver))


def test_party_needs_a_registrar(world: ChainWorld) -> None:
    """A registration attested by one who is no registrar is refused."""
    world.registrar, registrar = generate_signer(), world.registrar
    try:
        with pytest.raises(Reverted, match="PartyRegistry_NotRegistrar"):
            world.register()
    finally:
        world.registrar = registrar
