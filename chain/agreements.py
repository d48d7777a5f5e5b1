"""
Reads the events of credentials, inventories and bound evidence for the ledger.

What an event leaves out is read from the transaction that caused it: the act, word for word.

Source: `contracts/interfaces/ICredentials.sol`, `IInventoryRegistry.sol`, `IEvidenceBinding.sol`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from attestation.enums import InventoryStep
from chain.abi import Event
from chain.agreed_events import (
    AgreedEvent,
    CredentialGranted,
    InventoryAct,
    InventoryAdvanced,
    StepTaken,
)
from chain.agreed_reading import PLAIN_EVENTS
from chain.bindings.credentials import Credentials
from chain.bindings.evidence_binding import EvidenceBinding
from chain.bindings.inventory_registry import InventoryRegistry
from chain.bindings.sampling_draw import SamplingDraw
from chain.client import ChainClient
from chain.contract import Contract
from chain.deployments import Deployment
from chain.draw_reading import DRAW_EVENTS
from chain.errors import NodeRefused
from chain.events import EventSource
from chain.positions import ChainPosition
from chain.sent_acts import SentActs
from chain.signed_acts import act_message, signers_of

_CALENDAR: Final = "WorkingCalendar"
_DECISION_WORKING_DAYS: Final = 10
_Reader = Callable[[ChainPosition, Event], Iterator[AgreedEvent]]
_Fields = Mapping[str, Any]
_PLAIN: Final[Mapping[str, Callable[[ChainPosition, _Fields], AgreedEvent]]] = {
    **PLAIN_EVENTS,
    **DRAW_EVENTS,
}


@dataclass(frozen=True, slots=True)
class AgreementContracts:
    """The contracts that hold what parties agree upon."""

    credentials: Credentials
    inventories: InventoryRegistry
    binding: EvidenceBinding
    calendar: Contract
    sampling: SamplingDraw | None = None

    @classmethod
    def of(cls, client: ChainClient, deployment: Deployment) -> Self | None:
        """Give those of a deployment; None for one from before there were any."""
        if Credentials.NAME not in deployment.contracts:
            return None
        return cls(
            Credentials(client, deployment.address(Credentials.NAME)),
            InventoryRegistry(client, deployment.address(InventoryRegistry.NAME)),
            EvidenceBinding(client, deployment.address(EvidenceBinding.NAME)),
            Contract(client, deployment.address(_CALENDAR), _CALENDAR),
            _sampling(client, deployment),
        )

    @property
    def sources(self) -> tuple[EventSource, ...]:
        """Whose events are read."""
        contracts = [self.credentials.contract, self.inventories.contract, self.binding.contract]
        if self.sampling is not None:
            contracts.append(self.sampling.contract)
        return tuple(each.source for each in contracts)


class AgreementReader:
    """
    Turns events of the agreement's contracts into the ledger's.

    Args:
        client: The node.
        contracts: Whose events.
    """

    def __init__(self, client: ChainClient, contracts: AgreementContracts) -> None:
        self._client = client
        self._contracts = contracts
        self._acts: SentActs | None = None
        self._granted: _Fields = {}
        self._readers: dict[str, _Reader] = {
            "CredentialGranted": self._begin_grant,
            "CredentialDocument": self._end_grant,
            "StepTaken": self._step,
            "InventoryAdvanced": self._advanced,
        }

    def knows(self, event: Event) -> bool:
        """Say whether the ledger is told of an event here."""
        return event.name in self._readers or event.name in _PLAIN

    def read(self, at: ChainPosition, event: Event) -> Iterator[AgreedEvent]:
        """
        Give what the ledger is told of one event.

        Raises:
            NodeUnavailable: If the node does not answer, or lacks the transaction.
        """
        if (plain := _PLAIN.get(event.name)) is not None:
            yield plain(at, event.arguments)
        else:
            yield from self._readers[event.name](at, event)

    # --- a grant is told by two events, one after the other --------------------------------------

    def _begin_grant(self, _at: ChainPosition, event: Event) -> Iterator[AgreedEvent]:
        self._granted = event.arguments
        yield from ()

    def _end_grant(self, at: ChainPosition, event: Event) -> Iterator[AgreedEvent]:
        granted, document = self._granted, event.arguments
        yield CredentialGranted(
            at=at,
            party_id=document["party"],
            kind=granted["kind"],
            tier=granted["tier"],
            sectors=tuple(granted["sectors"]),
            areas=tuple(granted["areas"]),
            valid_from_s=granted["validFrom"],
            valid_to_s=granted["validTo"],
            cma=document["cma"],
            cnas=document["cnas"],
            document_hash=document["documentHash"],
            act_digest=document["actDigest"],
            state=granted["state"],
        )

    # --- what is read beside the event ---------------------------------------------------------

    def _step(self, at: ChainPosition, event: Event) -> Iterator[AgreedEvent]:
        found = event.arguments
        is_objection = found["kind"] == InventoryStep.OBJECTION
        yield StepTaken(
            at=at,
            inventory_id=found["id"],
            kind=found["kind"],
            actor=found["actor"],
            reason=found["reason"],
            document_hash=found["documentHash"],
            decision_due_s=self._decision_due(at) if is_objection else 0,
        )

    def _decision_due(self, at: ChainPosition) -> int:
        """Ask the calendar of that block, or today's where the node has forgotten that block's."""
        calendar, function = self._contracts.calendar, "endOfWorkingDay"
        try:
            due: int = calendar.read(
                function, at.block_time_s, _DECISION_WORKING_DAYS, at=at.block_number
            )
        except NodeRefused:
            due = calendar.read(function, at.block_time_s, _DECISION_WORKING_DAYS)
        return due

    def _advanced(self, at: ChainPosition, event: Event) -> Iterator[AgreedEvent]:
        found, tx_hash = event.arguments, event.log.transaction_hash
        yield InventoryAdvanced(
            at=at,
            inventory_id=found["id"],
            state=found["state"],
            version=found["version"],
            act_digest=found["actDigest"],
            state_hash=found["stateHash"],
            tx_hash=tx_hash,
            act=self._act(tx_hash, found["actDigest"]),
        )

    def _act(self, tx_hash: bytes, digest: bytes) -> InventoryAct | None:
        if self._acts is None:
            registry = self._contracts.inventories
            self._acts = SentActs(self._client, registry, self._client.chain_id())
        act = self._acts.find(tx_hash, digest)
        if act is None:
            return None
        return InventoryAct(
            type(act).__name__, act_message(act, self._acts.domain), signers_of(act)
        )


def _sampling(client: ChainClient, deployment: Deployment) -> SamplingDraw | None:
    if SamplingDraw.NAME not in deployment.contracts:
        return None
    return SamplingDraw(client, deployment.address(SamplingDraw.NAME))
