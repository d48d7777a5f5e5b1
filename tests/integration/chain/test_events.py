"""Events of real contracts: followed across a reorganisation, and told to the ledger."""

from __future__ import annotations

import hashlib

import pytest

from attestation.enums import CloseReason, LogState, PartyKind, RepresentativeRole
from chain.acts import Appointment, CloseKey, Compromise, OperatorChange, Recovery, Removal
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.party_registry import PartyRegistry, party_id_of
from chain.events import EventFollower, format_cursor, parse_cursor
from chain.final_events import FinalEvents
from chain.finality import Depth, FinalityPolicy, Instant
from chain.keys import generate_signer
from chain.ledger_events import (
    KeyClosed,
    KeyCompromised,
    KeyEnrolled,
    LedgerEvent,
    LogRegistered,
    PartyRegistered,
    RepresentativeChanged,
)
from tests.support.chain import USC, ChainWorld, PartyKeys, TestLog, seat

pytestmark = pytest.mark.real
KID = hashlib.sha256(b"a device key").digest()


def follower(world: ChainWorld) -> EventFollower:
    sources = [world.checkpoints.contract.source, world.devices.contract.source]
    return EventFollower(world.client, sources, first_block=world.deployment.first_block)


def final_events(world: ChainWorld, finality: FinalityPolicy | None = None) -> FinalEvents:
    return FinalEvents(
        world.client,
        finality or Instant(),
        checkpoints=world.checkpoints,
        devices=world.devices,
        parties=world.parties,
        first_block=world.deployment.first_block,
    )


def told(world: ChainWorld, since: int) -> list[LedgerEvent]:
    events = final_events(world)
    return list(events.events(since + 1, events.final_block()[0]))


def close(world: ChainWorld, keys: PartyKeys, log: TestLog) -> None:
    act = CloseKey(
        origin=log.origin,
        kid=KID,
        closed_index=7,
        reason=int(CloseReason.REVOKED),
        record_hash=bytes(32),
        approver=keys.approver.address,
        nonce=1,
        deadline=world.deadline(),
    )
    signature = world.sign(DeviceRegistry.NAME, act, keys.approver)
    world.sender().execute(world.devices.close(act, approver_signature=signature))


def mark(world: ChainWorld, keys: PartyKeys, log: TestLog) -> None:
    act = Compromise(
        origin=log.origin,
        kid=KID,
        since_index=3,
        record_hash=bytes(32),
        approver=keys.approver.address,
        nonce=1,
        deadline=world.deadline(),
    )
    signature = world.sign(DeviceRegistry.NAME, act, keys.approver)
    world.sender().execute(world.devices.mark_compromised(act, approver_signature=signature))


def test_follower_survives_a_reorganisation(world: ChainWorld) -> None:
    """Events of blocks that left the chain are taken back, by a cursor that was stored."""
    operator = world.funded()
    log = world.open_log(world.register(), operator)
    world.anchor(operator, log, 3)
    before = follower(world).poll()
    lost = world.anchor(operator, log, 4)
    after = follower(world).poll(parse_cursor(format_cursor(before.cursor)))
    world.reorganise(1)

    again = follower(world).poll(after.cursor)

    assert [event.name for event in before.events][-2:] == ["LogOpened", "Anchored"]
    assert [event.arguments["size"] for event in after.events] == [7]
    assert again.rolled_back_to is not None
    assert again.rolled_back_to < lost.block_number
    assert again.events == ()


def test_ledger_is_told_of_a_party(world: ChainWorld) -> None:
    """A registration comes as the party and the two persons who act for it."""
    since = world.client.block_number()
    keys = world.register()

    party, *people = told(world, since)

    assert isinstance(party, PartyRegistered)
    assert (party.party_id, party.code) == (party_id_of(USC), USC)
    assert party.kind == PartyKind.ENTERPRISE
    assert [
        (each.address, each.role) for each in people if isinstance(each, RepresentativeChanged)
    ] == [
        (keys.initiator.address, RepresentativeRole.INITIATOR),
        (keys.approver.address, RepresentativeRole.APPROVER),
    ]


def test_ledger_is_told_of_a_log(world: ChainWorld) -> None:
    """An opened log comes with its operator and its key, at its place in the chain."""
    operator = world.funded()
    keys = world.register()
    since = world.client.block_number()
    log = world.open_log(keys, operator)

    [opened] = told(world, since)

    assert isinstance(opened, LogRegistered)
    assert (opened.log_id, opened.operator) == (log.log_id, operator.address)
    assert opened.state == LogState.ACTIVE
    assert opened.vkey_hash == hashlib.sha256(b"vkey").digest()
    block = world.client.block(opened.at.block_number)
    assert block is not None
    assert (opened.at.block_hash, opened.at.block_time_s) == (block.hash, block.timestamp_s)


def test_ledger_is_told_of_a_keys_life(world: ChainWorld) -> None:
    """Enrolment, suspicion and closing of a key come in their order."""
    operator = world.funded()
    keys = world.register()
    log = world.open_log(keys, operator)
    since = world.client.block_number()
    world.enrol(keys, log, KID, index=2)
    mark(world, keys, log)
    close(world, keys, log)

    enrolled, suspected, closed = told(world, since)

    assert isinstance(enrolled, KeyEnrolled)
    assert (enrolled.kid, enrolled.algorithm, enrolled.enrolled_index) == (KID, 19, 2)
    assert isinstance(suspected, KeyCompromised)
    assert suspected.since_index == 3
    assert isinstance(closed, KeyClosed)
    assert (closed.closed_index, closed.reason) == (7, CloseReason.REVOKED)


def test_only_final_blocks_are_told(world: ChainWorld) -> None:
    """Under a rule of depth the newest blocks are not final yet."""
    world.mine(5)

    number, block_hash = final_events(world, Depth(3)).final_block()

    assert number == world.client.block_number() - 3
    assert final_events(world).block_hash(number) == block_hash


def test_unknown_block_has_no_hash(world: ChainWorld) -> None:
    """A block the chain does not have yet has no hash."""
    assert final_events(world).block_hash(10**9) is None


def test_ledger_is_told_of_an_operator_and_of_the_end(world: ChainWorld) -> None:
    """A log comes again with another operator, and once more when the Council closes it."""
    keys, operator, successor = world.register(), world.funded(), world.funded()
    log = world.open_log(keys, operator)
    act = OperatorChange(
        origin=log.origin,
        current_operator=operator.address,
        new_operator=successor.address,
        initiator=keys.initiator.address,
        approver=keys.approver.address,
        nonce=1,
        deadline=world.deadline(),
    )
    signatures = [
        world.sign(CheckpointRegistry.NAME, act, each) for each in (keys.initiator, keys.approver)
    ]
    world.sender().execute(
        world.checkpoints.propose_operator(
            act, initiator_signature=signatures[0], approver_signature=signatures[1]
        )
    )
    since = world.client.block_number()
    world.sender(successor).execute(world.checkpoints.accept_operator(log.log_id))
    world.as_council(world.checkpoints.contract.call("closeLog", log.log_id, 0, "key stolen"))

    changed, closed = (each for each in told(world, since) if isinstance(each, LogRegistered))

    assert (changed.state, changed.operator) == (LogState.ACTIVE, successor.address)
    assert (closed.state, closed.operator) == (LogState.CLOSED, bytes(20))
    assert changed.vkey_hash == closed.vkey_hash == hashlib.sha256(b"vkey").digest()


def test_ledger_is_told_of_a_removed_key(world: ChainWorld) -> None:
    """A key that ends comes with no role, and with its person."""
    keys = world.register()
    since = world.client.block_number()
    act = Removal(USC, keys.initiator.address, keys.approver.address, 1, world.deadline())
    signature = world.sign(PartyRegistry.NAME, act, keys.approver)
    world.sender().execute(world.parties.remove(act, remover_signature=signature))

    [ended] = told(world, since)

    assert isinstance(ended, RepresentativeChanged)
    assert (ended.address, ended.role) == (keys.initiator.address, RepresentativeRole.NONE)
    assert ended.person == hashlib.sha256(keys.initiator.address).digest()
    assert ended.active_from_s == ended.at.block_time_s


def test_ledger_is_told_of_a_recovery(world: ChainWorld) -> None:
    """When the Council gives a party new keys, each old key ends and each new one begins."""
    old, new = world.register(), PartyKeys(USC, generate_signer(), generate_signer())
    since = world.client.block_number()
    act = Recovery(USC, 0, new.seats(), 1, world.deadline())
    signatures = [
        world.sign(PartyRegistry.NAME, act, each) for each in (new.initiator, new.approver)
    ]
    world.as_council(world.parties.contract.call("recover", act.values(), signatures))

    changes = [each for each in told(world, since) if isinstance(each, RepresentativeChanged)]

    assert [(each.address, each.role) for each in changes] == [
        (old.initiator.address, RepresentativeRole.NONE),
        (old.approver.address, RepresentativeRole.NONE),
        (new.initiator.address, RepresentativeRole.INITIATOR),
        (new.approver.address, RepresentativeRole.APPROVER),
    ]


def test_ledger_is_told_of_a_key_that_goes_on(world: ChainWorld) -> None:
    """A replacement that is removed before it begins leaves the key it was to replace."""
    keys, newcomer = world.register(), generate_signer()
    new_seat = seat(newcomer, RepresentativeRole.INITIATOR)
    world.attest(new_seat)
    replacement = Appointment(
        USC, new_seat, keys.initiator.address, keys.approver.address, 1, world.deadline()
    )
    world.sender().execute(
        world.parties.appoint(
            replacement,
            approver_signature=world.sign(PartyRegistry.NAME, replacement, keys.approver),
            seat_signature=world.sign(PartyRegistry.NAME, replacement, newcomer),
        )
    )
    since = world.client.block_number()
    removal = Removal(USC, newcomer.address, newcomer.address, 1, world.deadline())
    signature = world.sign(PartyRegistry.NAME, removal, newcomer)
    world.sender().execute(world.parties.remove(removal, remover_signature=signature))

    changes = [each for each in told(world, since) if isinstance(each, RepresentativeChanged)]

    assert [(each.address, each.role) for each in changes] == [
        (newcomer.address, RepresentativeRole.NONE),
        (keys.initiator.address, RepresentativeRole.INITIATOR),
    ]
