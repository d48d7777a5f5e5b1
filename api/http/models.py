"""
What operations answer: hashes and key ids in hexadecimal, other bytes in base64.

Amounts are decimal strings with their unit, so that no reader turns them into floats; instants are
RFC 3339 in UTC.
"""

from __future__ import annotations

import base64
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(Model):
    """One place of a request that does not have the form asked for."""

    pointer: str
    detail: str


class ContractError(Model):
    """What a contract said when it refused."""

    name: str
    """Of the Solidity error; empty where it gave no reason."""
    arguments: dict[str, str]


class Problem(BaseModel):
    """A problem (RFC 9457), with a stable code and what to do next."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str
    code: str
    title: str
    status: int
    detail: str
    retryable: bool
    next_step: str
    errors: list[Fault] | None = None
    message_id: str | None = Field(default=None, description="SHA-256 of what was refused.")
    answer: str | None = Field(default=None, description="The signed refusal, base64.")
    retry_after_s: int | None = Field(
        default=None, description="When to come back, as in Retry-After; with 409, 429 and 503."
    )
    request_id: str | None = Field(
        default=None, description="Id of the request in the server's log, as in X-Request-Id."
    )
    contract_error: ContractError | None = Field(
        default=None, description="The decoded error of a contract that refused."
    )
    transaction: str | None = Field(
        default=None, description="Hash of the transaction that a contract refused."
    )


class Alive(Model):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Part(Model):
    """Whether one part can be reached."""

    name: Literal["database", "chain"]
    outcome: Literal["ok", "could_not_check"]
    code: str | None = None
    """Why it could not be checked."""


class Readiness(Model):
    """Whether every part can be reached."""

    ready: bool
    parts: list[Part]


class CheckpointModel(Model):
    """A published checkpoint."""

    size: int
    root: str
    signed_at: str


class AnchorModel(Model):
    """The newest checkpoint that the chain holds."""

    size: int
    chain: str
    """CAIP-2."""
    block_number: int
    transaction: str
    final: bool


class LogModel(Model):
    """One log."""

    name: str
    """As in the paths: the credit code, from an enterprise's second log on with its number."""
    usc: str
    origin: str
    log_id: str
    vkey: str
    state: str
    opened_at: str
    checkpoint: CheckpointModel | None
    anchor: AnchorModel | None


class LogList(Model):
    """The logs kept here."""

    logs: list[LogModel]


class InclusionProof(Model):
    """Why a leaf is in the tree of a checkpoint."""

    index: int
    size: int
    root: str
    leaf_hash: str
    proof: list[str]
    """From the leaf up."""


class ConsistencyProof(Model):
    """Why one tree is the beginning of another."""

    from_size: int
    from_root: str
    to_size: int
    to_root: str
    proof: list[str]


class EntryModel(Model):
    """One entry."""

    index: int
    kind: Literal["message", "digest", "record"]
    leaf_hash: str
    content: str
    """The entry's bytes, base64."""


class KeySlotModel(Model):
    """What the chain's registry holds of a key."""

    enrolled_index: int
    closed_index: int | None
    reason: str
    compromised_since: int | None


class DeviceModel(Model):
    """One enrolled key."""

    kid: str
    spki: str
    signer: str
    gateway: str | None
    series: list[str]
    record_index: int
    first_epoch: int
    not_before: str
    not_after: str
    closing_index: int | None
    closed_index: int | None
    reason: str
    registry: KeySlotModel | None
    """Absent where the chain says nothing of the key, or not yet."""


class DeviceList(Model):
    """The keys enrolled in a log."""

    devices: list[DeviceModel]


class Submitted(Model):
    """What was decided about something that is now part of the log, or will be."""

    code: Literal["admitted", "duplicate"]
    message_id: str
    """SHA-256 of the bytes."""
    admission_id: int
    """Of the first of the same; grows in the order of admission."""
    answer: str | None
    """The signed promise, base64; records have none."""


class AnswerModel(Model):
    """One signed answer."""

    kind: Literal["promise", "receipt", "refusal"]
    stage: Literal["integrated", "anchored", "final"] | None = None
    answer: str
    """COSE_Sign1 of the log's key, base64."""


class StageModel(Model):
    """What of an epoch has reached one stage."""

    newest_sequence: int
    """The greatest sequence among them."""
    ranges: list[tuple[int, int]]
    """First and last sequence of each stretch, ascending; the newest 1024 stretches."""
    tree_size: int | None
    """Size of the checkpoint that covers them; absent where they are only admitted."""
    block_number: int | None
    """Where the chain holds that checkpoint; absent where it does not."""


class EpochProgress(Model):
    """
    How far an epoch has come, each stage up to its own last sequence.

    Said without a signature, to know when to ask; what counts is in the signed answers.
    """

    admitted: StageModel | None
    integrated: StageModel | None
    anchored: StageModel | None
    """Includes what is final."""
    final: StageModel | None


class AnswerList(Model):
    """What the log says of one epoch of a key."""

    kid: str
    epoch: int
    progress: EpochProgress
    answers: list[AnswerModel]


class StepModel(Model):
    """One step of a verification."""

    number: int
    name: str
    outcome: Literal["held", "failed", "could_not_check"]
    code: str | None
    detail: str


class ReadingModel(Model):
    """One verified reading."""

    series: str
    start: str
    end: str
    value: str | None
    """Decimal; absent where the quality says why."""
    unit: str
    quality: str
    register_value: bool
    """Whether the value is a register's standing at the end."""
    calibration: Literal["inside", "outside", "not_shown"]


class ReportModel(Model):
    """A verification, step by step."""

    outcome: Literal["held", "failed", "could_not_check"]
    trust_root: str | None
    """Name of the trust root it was checked against; compare it with one from elsewhere."""
    steps: list[StepModel]
    readings: list[ReadingModel] | None
    """Only where every step held."""


def base64_of(content: bytes) -> str:
    """Give bytes in base64, with padding."""
    return base64.b64encode(content).decode()
