"""
What a chain tells of parties, credentials and one inventory, event by event, without a chain.

Each act makes the events that the contracts make for it, in a block of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from attestation.enums import (
    InventoryState,
    InventoryStep,
    PartyKind,
    RegulatorTier,
    Sector,
    VerificationOpinion,
)
from attestation.ids import keccak256
from ledger.database import Database
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.log.parties import apply_event
from ledger.ports import (
    ChainEvent,
    ChainPosition,
    CredentialGranted,
    InventoryAct,
    InventoryAdvanced,
    InventoryDrafted,
    PartyRegistered,
    ResultAccepted,
    ResultRestated,
    ResultStated,
    StepTaken,
    VerifierAssigned,
    VersionSubmitted,
)

USC: Final = "91350211M000100Y46"
UNIT: Final = "unit-1"
PERIOD: Final = Period.year(2024)
INVENTORY: Final = Scope.of(USC, UNIT, PERIOD).inventory_id
ENTERPRISE, VERIFIER, PROVINCE, CITY, NATION = (bytes([each]) * 32 for each in b"EVPCN")
LEAD, REVIEWER = b"l" * 20, b"r" * 20
AREA: Final = 350_200
BLOCK_S: Final = 86_400
START_S: Final = 1_740_000_000
OBJECTABLE_S: Final = 7 * 86_400
_TIERS: Final = {
    PROVINCE: (RegulatorTier.PROVINCE, (350_000,)),
    CITY: (RegulatorTier.CITY, (350_200,)),
    NATION: (RegulatorTier.NATION, (0,)),
}
_FOREVER_S: Final = 2**40


@dataclass
class AgreedChain:
    """A chain whose blocks are all final: of each block its events, and what comes of them."""

    blocks: list[list[ChainEvent]] = field(default_factory=lambda: [[]])
    states: list[InventoryState] = field(default_factory=list)
    versions: int = 0
    accepted: int = 0

    @property
    def number(self) -> int:
        """The newest block."""
        return len(self.blocks) - 1

    def time_s(self, number: int) -> int:
        """Give a block's time."""
        return START_S + number * BLOCK_S

    def add(self, *makers: ChainEvent) -> int:
        """Make a block of events, and give its number."""
        self.blocks.append(list(makers))
        return self.number

    def at(self, log_index: int = 0) -> ChainPosition:
        """Give a place in the next block."""
        number = len(self.blocks)
        return ChainPosition(number, log_index, bytes(32), self.time_s(number))

    # --- parties -------------------------------------------------------------------------------

    def register(self) -> int:
        """Register everybody, and grant everybody what they need."""
        parties = (
            (ENTERPRISE, PartyKind.ENTERPRISE, USC, "示例电厂"),
            (VERIFIER, PartyKind.VERIFIER, "91440300MA5EXAMP72", "示例核查"),
            (PROVINCE, PartyKind.REGULATOR, "MEE-35", "示例省厅"),
            (CITY, PartyKind.REGULATOR, "MEE-3502", "示例市局"),
            (NATION, PartyKind.REGULATOR, "MEE", "示例部"),
        )
        self.add(*(PartyRegistered(self.at(), i, k, code, True, n) for i, k, code, n in parties))
        granted = [
            self.granted(party, kind, index) for index, (party, kind, *_) in enumerate(parties)
        ]
        return self.add(*granted)

    def granted(self, party: bytes, kind: PartyKind, log_index: int = 0) -> CredentialGranted:
        """Give the event of a grant."""
        tier, areas = _TIERS.get(party, (RegulatorTier.NONE, (AREA,)))
        is_regulator = kind is PartyKind.REGULATOR
        return CredentialGranted(
            self.at(log_index),
            party,
            kind,
            tier,
            () if is_regulator else (Sector.POWER,),
            areas,
            0,
            _FOREVER_S,
            "",
            "",
            b"d" * 32,
            keccak256(party),
            keccak256(b"state" + party),
        )

    # --- one inventory ---------------------------------------------------------------------------

    def draft(self) -> int:
        """The enterprise begins the inventory."""
        event = InventoryDrafted(
            self.at(),
            INVENTORY,
            ENTERPRISE,
            UNIT,
            PERIOD.from_s,
            PERIOD.to_s,
            Sector.POWER,
            AREA,
            bytes(32),
        )
        return self._advance(InventoryState.DRAFTED, event, name="InventoryDraft")

    def submit(self, total_t: int = 1_000, reason: str = "", document: bytes = b"D" * 32) -> int:
        """The enterprise submits the next version."""
        self.versions += 1
        event = VersionSubmitted(
            self.at(),
            INVENTORY,
            self.versions,
            keccak256(b"inputs" + bytes([self.versions])),
            keccak256(b"lines" + bytes([self.versions])),
            b"L" * 32,
            b"R" * 32,
            500,
            12,
            total_t,
            (),
            document,
            reason,
        )
        return self._advance(InventoryState.SUBMITTED, event, name="InventorySubmission")

    def assign(self, city: bytes = bytes(32)) -> int:
        """The province names verifier, team and who reviews."""
        event = VerifierAssigned(self.at(), INVENTORY, VERIFIER, PROVINCE, city, LEAD, REVIEWER, "")
        state = InventoryState.UNDER_VERIFICATION
        return self._advance(state, event, name="VerificationAssignment")

    def conclude(self, opinion: VerificationOpinion = VerificationOpinion.UNMODIFIED) -> int:
        """The verifier states its opinion."""
        event = ResultStated(self.at(), INVENTORY, self.versions, opinion, b"r" * 32)
        holds = opinion in {VerificationOpinion.UNMODIFIED, VerificationOpinion.MODIFIED}
        state = InventoryState.VERIFIED if holds else InventoryState.REJECTED
        return self._advance(state, event, name="VerificationStatement")

    def confirm(self, total_t: int = 1_000) -> int:
        """The province accepts the result."""
        events: list[ChainEvent] = []
        if self.accepted:
            old, new = self.accepted, self.versions
            events.append(ResultRestated(self.at(), INVENTORY, old, new, total_t, total_t))
        until_s = self.at().block_time_s + OBJECTABLE_S
        accepted = ResultAccepted(self.at(1), INVENTORY, self.versions, total_t, until_s)
        self.accepted = self.versions
        return self._advance(InventoryState.CONFIRMED, *events, accepted, name="ResultConfirmation")

    def step(
        self, kind: InventoryStep, state: InventoryState, actor: bytes, reason: str = "why"
    ) -> int:
        """A party takes a step for a reason."""
        due_s = self.at().block_time_s + 10 * 86_400 if kind is InventoryStep.OBJECTION else 0
        event = StepTaken(self.at(), INVENTORY, kind, actor, reason, b"s" * 32, due_s)
        return self._advance(state, event, name=kind.name.title())

    def _advance(self, state: InventoryState, *events: ChainEvent, name: str) -> int:
        self.states.append(state)
        number = len(self.blocks)
        advanced = InventoryAdvanced(
            self.at(9),
            INVENTORY,
            state,
            self.versions,
            keccak256(b"act" + bytes([number])),
            keccak256(b"state" + bytes([number])),
            keccak256(b"tx" + bytes([number])),
            InventoryAct(name, {"nonce": str(number)}, {"initiator": LEAD, "approver": REVIEWER}),
        )
        return self.add(*events, advanced)

    # --- as `ChainEvents` ----------------------------------------------------------------------

    def final_block(self) -> tuple[int, bytes]:
        """Give the newest block."""
        return self.number, self._hash(self.number)

    def block_hash(self, number: int) -> bytes | None:
        """Give a block's hash."""
        return self._hash(number) if number <= self.number else None

    def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
        """Give the events of some blocks."""
        return [event for block in self.blocks[from_block : to_block + 1] for event in block]

    def tell(self, database: Database) -> None:
        """Apply everything, without a follower."""
        with database.unit_of_work() as uow:
            for event in self.events(0, self.number):
                apply_event(uow, event)
            uow.commit()

    def _hash(self, number: int) -> bytes:
        return keccak256(b"block" + number.to_bytes(4, "big"))
