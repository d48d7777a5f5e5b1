"""
What the ledger asks of the world outside: a clock, a chain, witnesses, a courier, rules, factors.

The protocols state guarantees; an implementation, or a fake, that breaks a sentence is wrong.
`chain/`, `devices/` and `api/` implement them and `api/bootstrap.py` joins them, so that the
ledger imports none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from attestation.canonical import Json
from attestation.enums import RoundingProfile, RuleStatus
from attestation.instants import Instant


class Clock(Protocol):
    """Where the present comes from; only the outermost loop asks it and passes `now` on."""

    def now(self) -> Instant:
        """Give the present; may go back by small steps, as real clocks do."""
        ...


@dataclass(frozen=True, slots=True)
class AnchorTarget:
    """One log's checkpoint that is to be stored on chain."""

    log_id: bytes
    """Keccak-256 of the origin, 32 bytes."""
    size: int
    root: bytes
    """Root hash, 32 bytes."""
    proof: tuple[bytes, ...]
    """RFC 9162 consistency proof from the log's latest anchored size; empty for the first."""


@dataclass(frozen=True, slots=True)
class PreparedTransaction:
    """A signed transaction; it is stored before it is sent, and sent again byte for byte."""

    raw: bytes
    tx_hash: bytes
    """32 bytes."""
    nonce: int


class TransactionState(IntEnum):
    """What the chain knows of a transaction."""

    UNKNOWN = 0
    """Neither in a block nor in the pool of the node asked."""
    WAITING = 1
    """In the pool."""
    INCLUDED = 2
    """In a block of the canonical chain, which may still be reorganised."""
    FINAL = 3
    """In a block that is final under the chain's finality policy."""
    REPLACED = 4
    """Another transaction has used its nonce; it can never be included."""


@dataclass(frozen=True, slots=True)
class LatestAnchor:
    """What CheckpointRegistry holds for a log."""

    size: int
    root: bytes
    """32 bytes."""
    block_number: int


@dataclass(frozen=True, slots=True)
class FoundAnchor:
    """An `Anchored` event found on the chain."""

    size: int
    root: bytes
    """32 bytes."""
    tx_hash: bytes
    """32 bytes."""
    block_number: int
    block_hash: bytes
    """32 bytes."""
    is_final: bool


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """
    Where a transaction stands, read against the canonical chain at the time of asking.

    Block and outcome are absent until it is included.
    """

    state: TransactionState
    block_number: int | None = None
    block_hash: bytes | None = None
    """32 bytes."""
    succeeded: bool = False
    """False where the transaction as a whole reverted."""
    anchored: tuple[tuple[bytes, int, bytes], ...] = ()
    """(log id, size, root) of each `Anchored` event of the transaction."""
    skipped: tuple[tuple[bytes, int, str], ...] = ()
    """(log id, size, reason) of each `AnchorSkipped` event."""


class Anchorer(Protocol):
    """
    The chain, as anchoring sees it: one operator key, one chain, one finality policy.

    Every method is synchronous, asks the chain itself and remembers nothing that matters:
    the caller stores. Any method may raise an error whose `retry` is LATER when no node
    answers; nothing is then known. Calls may come from one thread at a time.
    """

    @property
    def chain_id(self) -> str:
        """CAIP-2 name of the chain."""
        ...

    @property
    def operator(self) -> bytes:
        """Address of the operator key, 20 bytes."""
        ...

    def next_nonce(self) -> int:
        """Give the nonce after the last one used on the canonical chain (not of the pool)."""
        ...

    def prepare(self, targets: Sequence[AnchorTarget], *, nonce: int) -> PreparedTransaction:
        """Build and sign one `anchorMany` (or `anchor`) transaction; sends nothing."""
        ...

    def replace(self, raw: bytes) -> PreparedTransaction:
        """
        Sign the same call with the same nonce and a fee high enough to take its place.

        Either of the two may still be included, never both.
        """
        ...

    def send(self, raw: bytes) -> None:
        """Hand over a signed transaction; sending one that is known already has no effect."""
        ...

    def status(self, tx_hash: bytes) -> TransactionStatus:
        """Say where a transaction stands; finality is judged here, by the chain's policy."""
        ...

    def find(self, log_id: bytes, size: int) -> FoundAnchor | None:
        """Find the canonical `Anchored` event of a checkpoint, whoever sent its transaction."""
        ...

    def latest(self, log_id: bytes, *, final: bool = False) -> LatestAnchor | None:
        """Read the registry's newest checkpoint of a log, of the newest or newest final block."""
        ...

    def capture(
        self, log_id: bytes, kids: Sequence[bytes], *, block_number: int
    ) -> dict[str, object]:
        """
        Capture what bundles need before nodes prune it, all under one block header.

        Args:
            log_id: Log whose slot of CheckpointRegistry is proved.
            kids: Keys whose slots of DeviceRegistry are proved, 32 bytes each.
            block_number: Block of the anchor, or a later one; it must be canonical.

        Returns:
            JSON-ready evidence in the form of the bundle's chain section
            (`docs/formats/bundle.md`): header, account proofs, storage proofs, validator proof.
        """
        ...


class Relay(Protocol):
    """
    The chain, as an account sees it that carries signed acts of others.

    Every method asks the chain itself and remembers nothing: the caller stores. Any method may
    raise an error whose `retry` is LATER when no node answers; nothing is then known.
    """

    @property
    def sender(self) -> bytes:
        """Address of the account that pays, 20 bytes; it holds no right."""
        ...

    def next_nonce(self) -> int:
        """Give the nonce after the last one used on the canonical chain (not of the pool)."""
        ...

    def prepare(self, to: bytes, data: bytes, *, nonce: int) -> PreparedTransaction:
        """Sign one transaction; an error with `retry` NEVER if the contract refuses it now."""
        ...

    def replace(self, raw: bytes) -> PreparedTransaction:
        """Sign the same call with the same nonce and a higher fee; at most one gets in."""
        ...

    def send(self, raw: bytes) -> None:
        """Hand over a signed transaction; sending one that is known already has no effect."""
        ...

    def status(self, tx_hash: bytes, *, nonce: int) -> TransactionStatus:
        """Say where a transaction stands; finality is judged here, by the chain's policy."""
        ...

    def refusal(self, raw: bytes, *, block_number: int) -> str:
        """Say why a transaction that stands in a block was refused."""
        ...

    def is_used(self, contract: str, address: bytes, digest: bytes) -> bool | None:
        """Say whether an act took effect, whoever sent it; None where that is not final yet."""
        ...


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """A witness's answer to `add-checkpoint`."""

    status: int
    """HTTP status of C2SP tlog-witness: 200, 400, 403, 404, 409 or 422."""
    body: str
    """Cosignature lines (200), or the size the witness knows (409)."""


class Witness(Protocol):
    """A witness that speaks C2SP tlog-witness; it stores atomically before it answers."""

    @property
    def name(self) -> str:
        """Name of its key, as in the witness policy."""
        ...

    def add_checkpoint(self, body: str) -> WitnessAnswer:
        """Ask for a cosignature; an error with `retry` LATER when it cannot be reached."""
        ...


class Courier(Protocol):
    """The way down to gateways. It may lose what it takes: the gateway asks again."""

    def publish_down(self, gateway: str, usc: str, payload: bytes) -> object:
        """Send one signed answer to a gateway's `down` topic."""
        ...


@dataclass(frozen=True, slots=True)
class ChainPosition:
    """Where an event stands; events are totally ordered by (block, log index)."""

    block_number: int
    log_index: int
    block_hash: bytes
    """32 bytes."""
    block_time_s: int


@dataclass(frozen=True, slots=True)
class KeyEnrolled:
    """DeviceRegistry opened a slot for a key."""

    at: ChainPosition
    log_id: bytes
    kid: bytes
    algorithm: int
    enrolled_index: int
    record_hash: bytes
    """Content hash of the `key` record that must follow in the log, 32 bytes."""
    act_digest: bytes
    """EIP-712 digest of the enterprise's act, 32 bytes."""


@dataclass(frozen=True, slots=True)
class KeyClosed:
    """DeviceRegistry closed a key's slot."""

    at: ChainPosition
    log_id: bytes
    kid: bytes
    closed_index: int
    reason: int
    """A `CloseReason`."""


@dataclass(frozen=True, slots=True)
class KeyCompromised:
    """Suspicion about the past: readings from this index on are marked, none is removed."""

    at: ChainPosition
    log_id: bytes
    kid: bytes
    since_index: int


@dataclass(frozen=True, slots=True)
class PartyRegistered:
    """PartyRegistry holds a new party, or a party's details changed."""

    at: ChainPosition
    party_id: bytes
    """32 bytes."""
    kind: int
    """A `PartyKind`."""
    code: str
    """Unified social credit code, or the registry's code for a party without one."""
    active: bool
    name: str = ""
    """Registered name."""


@dataclass(frozen=True, slots=True)
class RepresentativeChanged:
    """A representative's key was registered, changed its role, or was removed."""

    at: ChainPosition
    party_id: bytes
    address: bytes
    """20 bytes."""
    person: bytes
    """Salted identity commitment of the person, 32 bytes."""
    role: int
    """A `RepresentativeRole`; NONE where removed."""
    active_from_s: int
    """Block time from which the role counts, whole seconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class LogRegistered:
    """CheckpointRegistry opened, closed or succeeded a log, or its operator changed."""

    at: ChainPosition
    log_id: bytes
    state: int
    """A `LogState`."""
    operator: bytes
    """Address that may anchor, 20 bytes."""
    vkey_hash: bytes
    """SHA-256 of the log's verification key text, 32 bytes."""


@dataclass(frozen=True, slots=True)
class CredentialGranted:
    """Credentials granted a party what its kind needs; a later grant replaces it."""

    at: ChainPosition
    party_id: bytes
    kind: int
    """A `PartyKind`."""
    tier: int
    """A `RegulatorTier`."""
    sectors: tuple[int, ...]
    """`Sector`s."""
    areas: tuple[int, ...]
    """Codes of GB/T 2260, 0 for the nation."""
    valid_from_s: int
    valid_to_s: int
    """First second no more valid."""
    cma: str
    cnas: str
    document_hash: bytes
    act_digest: bytes
    state: bytes
    """What the next act about the party's credentials names, 32 bytes."""


@dataclass(frozen=True, slots=True)
class CredentialStatusSet:
    """A party's newest credential was suspended, restored or withdrawn."""

    at: ChainPosition
    party_id: bytes
    status: int
    """A `CredentialStatus`."""
    reason: str
    state: bytes


@dataclass(frozen=True, slots=True)
class AdviceRecorded:
    """A body may not verify an enterprise that it advised, for a time."""

    at: ChainPosition
    body: bytes
    enterprise: bytes
    from_s: int
    to_s: int
    """First second at which it may again."""
    reason: str
    act_digest: bytes


@dataclass(frozen=True, slots=True)
class PreparationRecorded:
    """A body may not verify where it prepares reports, for a time."""

    at: ChainPosition
    body: bytes
    province: int
    from_s: int
    to_s: int
    reason: str
    act_digest: bytes


@dataclass(frozen=True, slots=True)
class GroupSet:
    """A party belongs to a group of related firms; an empty name is none."""

    at: ChainPosition
    party_id: bytes
    group: str
    act_digest: bytes


@dataclass(frozen=True, slots=True)
class VerificationYear:
    """A verifier verified an enterprise in a calendar year."""

    at: ChainPosition
    verifier: bytes
    enterprise: bytes
    year: int


@dataclass(frozen=True, slots=True)
class RotationSet:
    """The most years in a row in which one verifier may verify one enterprise changed."""

    at: ChainPosition
    max_years: int
    """0 for no limit."""
    source: str


@dataclass(frozen=True, slots=True)
class InventoryDrafted:
    """An inventory was begun."""

    at: ChainPosition
    inventory_id: bytes
    enterprise: bytes
    unit_code: str
    period_from_s: int
    period_to_s: int
    sector: int
    """A `Sector`."""
    area: int
    """Code of GB/T 2260 where the enterprise reports."""
    document_hash: bytes
    """Zero for none."""


@dataclass(frozen=True, slots=True)
class VersionSubmitted:
    """A version of an inventory was submitted; it stands on the checkpoint pinned for it."""

    at: ChainPosition
    inventory_id: bytes
    version: int
    inputs_hash: bytes
    lines_root: bytes
    log_id: bytes
    log_root: bytes
    log_size: int
    line_count: int
    total_t: int
    """Whole tonnes of CO2 equivalent."""
    laboratories: tuple[bytes, ...]
    """Party ids."""
    document_hash: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class VerifierAssigned:
    """Who verifies, reviews and confirms an inventory was fixed."""

    at: ChainPosition
    inventory_id: bytes
    verifier: bytes
    regulator: bytes
    city_regulator: bytes
    """Zero for none."""
    lead_verifier: bytes
    """Address, 20 bytes."""
    technical_reviewer: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class ResultStated:
    """The verifier stated its opinion."""

    at: ChainPosition
    inventory_id: bytes
    version: int
    opinion: int
    """A `VerificationOpinion`."""
    report_hash: bytes


@dataclass(frozen=True, slots=True)
class ResultAccepted:
    """A result is accepted."""

    at: ChainPosition
    inventory_id: bytes
    version: int
    total_t: int
    objectable_until_s: int
    """First second at which nobody may object any more."""


@dataclass(frozen=True, slots=True)
class ResultRestated:
    """An accepted result was replaced by another; both stay."""

    at: ChainPosition
    inventory_id: bytes
    old_version: int
    new_version: int
    old_total_t: int
    new_total_t: int


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A party moved an inventory on for a reason."""

    at: ChainPosition
    inventory_id: bytes
    kind: int
    """An `InventoryStep`."""
    actor: bytes
    """Party id."""
    reason: str
    document_hash: bytes
    """Zero for none."""
    decision_due_s: int
    """Of an objection: first second at which the nation decides on it; else 0."""


@dataclass(frozen=True, slots=True)
class InventoryAct:
    """An act as the call data of its transaction has it."""

    name: str
    """Name of its type."""
    fields: Mapping[str, Json]
    """As a wallet shows them."""
    signers: Mapping[str, bytes]
    """Address by role."""


@dataclass(frozen=True, slots=True)
class InventoryAdvanced:
    """An act took effect on an inventory; of its events the last."""

    at: ChainPosition
    inventory_id: bytes
    state: int
    """An `InventoryState`."""
    version: int
    act_digest: bytes
    state_hash: bytes
    """What the next act names, 32 bytes."""
    tx_hash: bytes
    act: InventoryAct | None
    """None where the call data of the transaction do not show it."""


@dataclass(frozen=True, slots=True)
class EvidenceBound:
    """A line of an inventory was bound to an activity digest of the log."""

    at: ChainPosition
    inventory_id: bytes
    line_id: bytes
    use: bytes
    version: int
    index: int
    """Of the digest in the log."""
    commitment: bytes


@dataclass(frozen=True, slots=True)
class DrawAdvanced:
    """A step of the draw of a sample."""

    at: ChainPosition
    inventory_id: bytes
    version: int
    draw: int
    """Number of the draw for that version, from 1 on."""
    step: int
    """A `DrawStep`."""
    party: bytes
    """Party id of whose nonce it is; zero where it is nobody's."""
    word: bytes
    """Commitment, hash of the plan, of the block, nonce or seed; zero where there is none."""
    draw_block: int
    """Block whose hash goes into the seed; 0 where the step does not say."""
    reveal_until_s: int
    """First second at which no nonce is taken; 0 where the step does not say."""
    is_strict: bool
    """Of a settled draw: whether a nonce is missing. Of a missing one: whether it was fixed."""
    reason: str
    """Why there is another plan; else empty."""
    act_digest: bytes
    """Zero where nobody signed the step."""


ChainEvent = (
    KeyEnrolled
    | KeyClosed
    | KeyCompromised
    | PartyRegistered
    | RepresentativeChanged
    | LogRegistered
    | CredentialGranted
    | CredentialStatusSet
    | AdviceRecorded
    | PreparationRecorded
    | GroupSet
    | VerificationYear
    | RotationSet
    | InventoryDrafted
    | VersionSubmitted
    | VerifierAssigned
    | ResultStated
    | ResultAccepted
    | ResultRestated
    | StepTaken
    | InventoryAdvanced
    | EvidenceBound
    | DrawAdvanced
)


class ChainEvents(Protocol):
    """
    The chain's events in order, of final blocks only: nothing given is ever taken back.

    Reading a range twice gives the same events.
    """

    def final_block(self) -> tuple[int, bytes]:
        """Give number and hash of the newest block that is final under the chain's policy."""
        ...

    def block_hash(self, number: int) -> bytes | None:
        """Give the hash of a canonical block, 32 bytes; None where the chain has no such block."""
        ...

    def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
        """Give the events of blocks `from_block` to `to_block`, both included, in order."""
        ...


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a rule of accounting or allocation."""

    name: str
    """Such as `power.combustion`; the same in every version."""
    version: int
    rule_id: bytes
    """32 bytes; the same in every version."""
    code_hash: bytes
    """Hash of the code that runs, 32 bytes."""
    status: RuleStatus
    on_chain: bool
    """Whether a RuleBook holds it; False for rules that do not settle."""
    source: str
    """The document it follows."""


@dataclass(frozen=True, slots=True)
class CalculatedFigure:
    """One number that a rule gives."""

    name: str
    item: int
    """Which of several, counted from 0 as in the inputs; 0 where there is one."""
    unit: str
    """Such as `tCO2`, `GJ/t`, `%`; `1` for a pure number."""
    decimals: int | None
    """Decimals it was rounded to; None where it was not rounded."""
    value: Decimal
    """Exact."""


@dataclass(frozen=True, slots=True)
class RuleRun:
    """What a rule gave for some inputs."""

    rule: RuleVersion
    encoded_inputs: bytes
    """The one encoding of the inputs, which `inputs_hash` commits to."""
    results: tuple[CalculatedFigure, ...]
    steps: tuple[CalculatedFigure, ...]


class RuleEngine(Protocol):
    """
    Rules, run by their own code: the same code, inputs and profile always give the same.

    What a rule cannot take is refused with an error whose message names the place of the fault.
    """

    def rule_for(self, name: str, report_year: int) -> RuleVersion:
        """Give the version for a report year: in force, else the newest draft; else an error."""
        ...

    def version_of(self, name: str, version: int) -> RuleVersion:
        """Give a version by its number, of whatever standing; an error if there is none."""
        ...

    def run(
        self, name: str, version: int, inputs: Mapping[str, Json], profile: RoundingProfile
    ) -> RuleRun:
        """Work a version of a rule out on plain data; amounts are decimal strings."""
        ...

    def inputs_hash(
        self, rule: RuleVersion, factor_ids: Sequence[bytes], encoded_inputs: bytes, salt: bytes
    ) -> bytes:
        """Give what the parties of a case sign beside the result, 32 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class FactorValue:
    """A factor, benchmark or curve as a document states it."""

    factor_id: bytes
    """Commits to every word and number, 32 bytes."""
    guide: str
    edition: str
    quantity: str
    subject: str
    unit: str
    values: tuple[str, ...]
    """Decimal strings: one, or several of a curve."""
    report_from: int
    report_to: int
    """Last report year it stands for; 0 while no end is known."""
    status: RuleStatus
    """For the report year that was asked for."""


class FactorSource(Protocol):
    """The FactorBook, or the seed it was filled from; what it once gave stays findable by id."""

    def prescribed(
        self, guide: str, quantity: str, subject: str, report_year: int
    ) -> FactorValue | None:
        """Give the factor for a report year: in force, else the newest draft; None if neither."""
        ...

    def factor(self, factor_id: bytes, report_year: int) -> FactorValue | None:
        """Give a factor by its id, with its status for a report year; None if there is none."""
        ...
