"""
Read models of the chain, from final events: keys, parties, credentials, inventories.

Events are applied in the order of the chain, a stretch of blocks and the cursor in one
transaction, so that following may stop anywhere and go on. Only final blocks are read: nothing
applied is ever taken back. Emptying the tables and following from the start gives them again.

Source: CONTRACTS sections 1 and 2; DESIGN section 6 ("as of block N" from the event read model).
"""

from __future__ import annotations

from typing import Final

from attestation.enums import CloseReason, DrawStep, PartyKind, RepresentativeRole
from attestation.ids import ZERO_HASH
from ledger.errors import ChainWentBack, UnknownLog
from ledger.log.closures import mark_closed_key
from ledger.log.credential_events import apply_credential_event, place_of
from ledger.log.inventory_events import apply_inventory_event
from ledger.ports import (
    AdviceRecorded,
    ChainEvent,
    ChainEvents,
    CredentialGranted,
    CredentialStatusSet,
    DrawAdvanced,
    GroupSet,
    KeyClosed,
    KeyCompromised,
    KeyEnrolled,
    LogRegistered,
    PartyRegistered,
    PreparationRecorded,
    RepresentativeChanged,
    RotationSet,
    VerificationYear,
)
from ledger.repositories.draws import DrawnStep
from ledger.repositories.parties import KeySlot, Party, Representative
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

FOLLOWER: Final = "parties"
_BLOCKS: Final = 10_000
"""Blocks a transaction; the events of the registries are few."""


class PartyFollower:
    """
    Follows the registries of the chain.

    Args:
        unit_of_work: Makes writing units of work.
        reading: Makes reading units of work.
        chain: Gives events of final blocks.
    """

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, reading: UnitOfWorkFactory, chain: ChainEvents
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._chain = chain

    def follow(self) -> int:
        """
        Apply what has become final since the last call, and give the number of events.

        Raises:
            ChainWentBack: If the block that was read last is no longer part of the chain.
        """
        newest, newest_hash = self._chain.final_block()
        applied = 0
        while (start := self._next_block(newest)) <= newest:
            end = min(start + _BLOCKS - 1, newest)
            events = self._chain.events(start, end)
            block_hash = newest_hash if end == newest else self._hash(end)
            with self._unit_of_work() as uow:
                if _next_of(uow.parties.cursor(FOLLOWER, lock=True)) != start:
                    continue  # another follower was first: what it read is not applied again
                for event in events:
                    apply_event(uow, event)
                if events:
                    uow.devices.changed()
                uow.parties.move_cursor(FOLLOWER, end, block_hash)
                # Commit point: effects and cursor move together.
                uow.commit()
            applied += len(events)
        return applied

    def rebuild(self) -> int:
        """
        Forget what was read of the registries and read it again; give the number of events.

        Admission judges by what is there meanwhile, so no worker should run.

        Raises:
            Error: Of the chain, if no node answers; nothing is forgotten then.
        """
        self._chain.final_block()
        with self._unit_of_work() as uow:
            uow.parties.clear(FOLLOWER)
            uow.credentials.clear()
            uow.chain_inventories.clear()
            uow.draws.clear()
            uow.devices.changed()
            # Commit point: forgotten. Following begins at the first block.
            uow.commit()
        return self.follow()

    def _next_block(self, newest: int) -> int:
        # Only read here: looking whether there is anything new must not wait for writers.
        with self._reading() as uow:
            cursor = uow.parties.cursor(FOLLOWER)
        if cursor is not None:
            number, block_hash = cursor
            if number > newest or self._chain.block_hash(number) != block_hash:
                raise ChainWentBack(f"block {number} was final and is no longer part of the chain")
        return _next_of(cursor)

    def _hash(self, number: int) -> bytes:
        block_hash = self._chain.block_hash(number)
        if block_hash is None:
            raise ChainWentBack(f"block {number} was final and is no longer part of the chain")
        return block_hash


def _next_of(cursor: tuple[int, bytes] | None) -> int:
    return 0 if cursor is None else cursor[0] + 1


def apply_event(uow: UnitOfWork, event: ChainEvent) -> None:
    """Apply one event; doing it twice has the effect of doing it once."""
    match event:
        case KeyEnrolled():
            _enrol(uow, event)
        case KeyClosed():
            uow.parties.close_slot(
                event.log_id,
                event.kid,
                closed_index=event.closed_index,
                reason=CloseReason(event.reason),
            )
            _mark(uow, event.log_id, event.kid)
        case KeyCompromised():
            uow.parties.suspect_slot(event.log_id, event.kid, since_index=event.since_index)
        case PartyRegistered():
            uow.parties.put_party(
                Party(event.party_id, PartyKind(event.kind), event.code, event.active, event.name)
            )
        case RepresentativeChanged():
            uow.parties.put_representative(
                Representative(
                    event.party_id,
                    event.address,
                    event.person,
                    RepresentativeRole(event.role),
                    event.active_from_s,
                )
            )
        case LogRegistered():
            pass  # who anchors, and whether that still may, is asked of the registry itself
        case (
            CredentialGranted()
            | CredentialStatusSet()
            | AdviceRecorded()
            | PreparationRecorded()
            | GroupSet()
            | VerificationYear()
            | RotationSet()
        ):
            apply_credential_event(uow, event)
        case DrawAdvanced():
            _draw(uow, event)
        case _:
            apply_inventory_event(uow, event)


def _draw(uow: UnitOfWork, event: DrawAdvanced) -> None:
    uow.draws.put(
        DrawnStep(
            inventory_id=event.inventory_id,
            at=place_of(event.at),
            at_s=event.at.block_time_s,
            version=event.version,
            draw=event.draw,
            step=DrawStep(event.step),
            party=_word(event.party),
            word=_word(event.word),
            draw_block=event.draw_block,
            reveal_until_s=event.reveal_until_s,
            is_strict=event.is_strict,
            reason=event.reason,
            act_digest=_word(event.act_digest),
        )
    )


def _word(content: bytes) -> bytes | None:
    return None if content == ZERO_HASH else content


def _enrol(uow: UnitOfWork, event: KeyEnrolled) -> None:
    # A key is enrolled once in a log: read again, its enrolment takes back no closing.
    known = next(iter(uow.parties.slots(event.log_id, event.kid)), None)
    uow.parties.put_slot(
        KeySlot(
            log_id=event.log_id,
            kid=event.kid,
            algorithm=event.algorithm,
            enrolled_index=event.enrolled_index,
            record_hash=event.record_hash,
            act_digest=event.act_digest,
            closed_index=known.closed_index if known else None,
            reason=known.reason if known else CloseReason.NONE,
            compromised_since=known.compromised_since if known else None,
        )
    )


def _mark(uow: UnitOfWork, log_id: bytes, kid: bytes) -> None:
    try:
        log = uow.logs.by_log_id(log_id)
    except UnknownLog:
        return  # kept by another ledger on the same chain
    surveyed = uow.surveys.lock_cursor(log.number)
    mark_closed_key(uow, log, kid, before_index=surveyed)
