"""
The chain's events for the ledger, of final blocks only, so that nothing is ever taken back.

The methods are those of `ChainEvents` in `ledger/ports.py`.
What an event leaves out, and can never change, is read from the contract.

Source: `contracts/interfaces/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attestation.enums import LogState, RepresentativeRole
from attestation.ids import ZERO_HASH
from chain.abi import Event
from chain.addresses import ZERO_ADDRESS
from chain.agreements import AgreementContracts, AgreementReader
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.bounds import bounded
from chain.client import ChainClient
from chain.errors import NodeUnavailable
from chain.events import read_events
from chain.finality import FinalityPolicy
from chain.ledger_events import (
    KeyClosed,
    KeyCompromised,
    KeyEnrolled,
    LedgerEvent,
    LogRegistered,
    PartyRegistered,
    RepresentativeChanged,
)
from chain.positions import ChainPosition

Reader = Callable[[ChainPosition, Mapping[str, Any]], Iterator[LedgerEvent]]


class FinalEvents:
    """
    Events of the registries under one finality rule.

    Args:
        client: The node, already checked to be of this chain.
        finality: When a block can no longer go away.
        checkpoints: CheckpointRegistry.
        devices: DeviceRegistry.
        parties: PartyRegistry.
        agreements: Credentials, inventories and evidence; None where none are deployed.
        first_block: Of the deployment: no event is older.
    """

    def __init__(
        self,
        client: ChainClient,
        finality: FinalityPolicy,
        *,
        checkpoints: CheckpointRegistry,
        devices: DeviceRegistry,
        parties: PartyRegistry,
        agreements: AgreementContracts | None = None,
        first_block: int,
    ) -> None:
        self._client = client
        self._finality = finality
        self._checkpoints = checkpoints
        self._parties = parties
        self._first_block = first_block
        self._sources = [each.contract.source for each in (checkpoints, devices, parties)]
        self._agreements: AgreementReader | None = None
        if agreements is not None:
            self._sources += agreements.sources
            self._agreements = AgreementReader(client, agreements)
        self._readers: dict[str, Reader] = {
            "KeyEnrolled": _key_enrolled,
            "KeyClosed": _key_closed,
            "KeyCompromised": _key_compromised,
            "PartyRegistered": _party_registered,
            "RepresentativeAppointed": _appointed,
            "RepresentativeRemoved": self._removed,
            "RepresentativeRestored": self._restored,
            "PartyRecovered": self._recovered,
            "LogOpened": _log_opened,
            "OperatorChanged": self._operator_changed,
            "LogClosed": self._log_closed,
        }

    def final_block(self) -> tuple[int, bytes]:
        """Give number and hash of the newest final block; the genesis block while there is none."""
        number = max(self._finality.final_block(self._client), 0)
        block = self._client.block(number)
        if block is None:
            raise NodeUnavailable(f"the node has no block {number}", code="chain.no_block")
        return number, block.hash

    def block_hash(self, number: int) -> bytes | None:
        """Give a canonical block's hash, 32 bytes; None where the chain has no such block."""
        block = self._client.block(number)
        return None if block is None else block.hash

    def events(self, from_block: int, to_block: int) -> Sequence[LedgerEvent]:
        """
        Give the events of a closed range of final blocks, in chain order.

        Raises:
            NodeUnavailable: If the node does not answer, or lacks a block.
        """
        found: list[LedgerEvent] = []
        times: dict[int, int] = {}
        first = max(from_block, self._first_block)
        for event in read_events(self._client, self._sources, from_block=first, to_block=to_block):
            if (reader := self._readers.get(event.name)) is not None:
                found += map(bounded, reader(self._position(event, times), event.arguments))
            elif self._agreements is not None and self._agreements.knows(event):
                found += map(bounded, self._agreements.read(self._position(event, times), event))
        return tuple(found)

    def _position(self, event: Event, times: dict[int, int]) -> ChainPosition:
        number = event.log.block_number
        if number not in times:
            block = self._client.block(number)
            if block is None:
                raise NodeUnavailable(f"the node has no block {number}", code="chain.no_block")
            times[number] = block.timestamp_s
        return ChainPosition(number, event.log.log_index, event.log.block_hash, times[number])

    # --- representatives -----------------------------------------------------------------------

    def _removed(self, at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
        party, key, nobody = fields["party"], fields["key"], RepresentativeRole.NONE
        found = self._parties.representative(party, key)
        persons = found.persons if found else ()
        yield from _changed(at, party, key, persons, nobody, fields["activeUntil"])

    def _restored(self, at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
        party, key = fields["party"], fields["key"]
        found = self._parties.representative(party, key)
        if found is not None:
            yield from _changed(at, party, key, found.persons, found.role, found.active_from_s)

    def _recovered(self, at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
        """Every key of the eras before ends with the recovery."""
        party, nobody = fields["party"], RepresentativeRole.NONE
        for event in read_events(
            self._client,
            [self._parties.contract.source],
            from_block=self._first_block,
            to_block=at.block_number,
        ):
            old = event.arguments
            is_of_party = event.name == "RepresentativeAppointed" and old["party"] == party
            if is_of_party and old["era"] < fields["era"]:
                yield from _changed(at, party, old["key"], old["persons"], nobody, at.block_time_s)

    # --- logs ------------------------------------------------------------------------------------

    def _operator_changed(
        self, at: ChainPosition, fields: Mapping[str, Any]
    ) -> Iterator[LedgerEvent]:
        yield self._log(at, fields["logId"], LogState.ACTIVE, fields["newOperator"])

    def _log_closed(self, at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
        yield self._log(at, fields["logId"], LogState.CLOSED, ZERO_ADDRESS)

    def _log(
        self, at: ChainPosition, log_id: bytes, state: LogState, operator: bytes
    ) -> LogRegistered:
        record = self._checkpoints.log_record(log_id)
        vkey_hash = record.vkey_hash if record else ZERO_HASH
        return LogRegistered(at, log_id, int(state), operator, vkey_hash)


def _key_enrolled(at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
    yield KeyEnrolled(
        at=at,
        log_id=fields["logId"],
        kid=fields["kid"],
        algorithm=fields["algorithm"],
        enrolled_index=fields["enrolledIndex"],
        record_hash=fields["recordHash"],
        act_digest=fields["actDigest"],
    )


def _key_closed(at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
    yield KeyClosed(at, fields["logId"], fields["kid"], fields["closedIndex"], fields["reason"])


def _key_compromised(at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
    yield KeyCompromised(at, fields["logId"], fields["kid"], fields["sinceIndex"])


def _party_registered(at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
    yield PartyRegistered(
        at=at,
        party_id=fields["party"],
        kind=fields["kind"],
        code=fields["creditCode"],
        active=True,
        name=fields["name"],
    )


def _appointed(at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
    role = RepresentativeRole(fields["role"])
    yield from _changed(
        at, fields["party"], fields["key"], fields["persons"], role, fields["activeFrom"]
    )


def _log_opened(at: ChainPosition, fields: Mapping[str, Any]) -> Iterator[LedgerEvent]:
    yield LogRegistered(
        at, fields["logId"], int(LogState.ACTIVE), fields["operator"], fields["vkeyHash"]
    )


def _changed(
    at: ChainPosition,
    party: bytes,
    key: bytes,
    persons: Sequence[bytes],
    role: RepresentativeRole,
    active_from_s: int,
) -> Iterator[RepresentativeChanged]:
    for person in persons:
        yield RepresentativeChanged(at, party, key, person, int(role), active_from_s)
