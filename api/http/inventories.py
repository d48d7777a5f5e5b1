"""
Inventories (排放清单) of one log, for whoever may read them.

What is shown is what is kept: a version is never worked out here, and never changed. The exact
bytes of a version and of each calculation record are given too, so that a party can check every
number on a machine of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from api.auth.policy import Action
from api.auth.principals import Principal
from api.errors import NotFound
from api.http.limits import gated
from api.http.lookup import PRIVATE, Caller, Here, LogName, find_log, require_access
from api.http.models import Model
from api.inventories import line_document, trace_document, version_document
from api.services import Services
from attestation.enums import VersionState, label
from attestation.instants import format_instant, from_seconds
from ledger.inventory.assembling import obstacles
from ledger.inventory.periods import Period
from ledger.inventory.tracing import Tracer
from ledger.inventory.versions import InventoryVersion, diff, read_version
from ledger.repositories.inventories import StoredVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


def _private(response: Response) -> None:
    """Let nobody in between keep the answer."""
    response.headers["cache-control"] = PRIVATE


router = APIRouter(prefix="/v1/logs/{name}", tags=["inventories"], dependencies=[Depends(_private)])
_HASH_PATTERN = "^[0-9a-f]{64}$"

InventoryId = Annotated[
    str, Path(pattern=f"^0x{_HASH_PATTERN[1:]}", description="Id of the inventory, with 0x.")
]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="Number of the version, from 1.")]
LineName = Annotated[str, Query(alias="id", max_length=200, description="Name of the line.")]
_Grown = Depends(gated(lambda limits: limits.bundles))


class VersionSummary(Model):
    """One version of an inventory."""

    inventory_id: str
    unit: str
    period: str
    from_: str = Field(alias="from")
    to: str
    number: int
    state: str
    sha256: str
    lines_root: str
    created_at: str


class VersionList(Model):
    """The versions that are kept, by unit, period and number."""

    versions: list[VersionSummary]


class SourceModel(Model):
    """What a number comes from."""

    kind: str
    reference: str
    note: str


class ObstacleModel(Model):
    """Why something may stand in a draft only."""

    code: str
    message: str


class LineModel(Model):
    """One number with its sources; missing is null, never zero."""

    line: str
    data_class: str
    period: str
    item: str
    quantity: str
    value: str | None
    unit: str | None
    sources: list[SourceModel]
    obstacles: list[ObstacleModel]


class CheckModel(Model):
    """What a cross-check found."""

    name: str
    period: str
    outcome: Literal["held", "did not hold", "could not check"]
    english: str
    chinese: str
    sources: list[SourceModel]


class StatedModel(Model):
    """A value that the enterprise states, with its document."""

    parameter: str
    value: str
    unit: str
    document: str
    note: str


class RestatementModel(Model):
    """What a restatement changed, and why."""

    number: int
    sha256: str
    reason: str
    before: str
    after: str
    difference: str


class VersionModel(Model):
    """A version as it stands."""

    inventory_id: str
    usc: str
    unit: str
    period: str
    report_year: int
    number: int
    state: str
    recipe: str
    log_size: int = Field(description="Entries of the log that it was worked out from.")
    total: str | None
    lines: list[LineModel]
    lines_root: str
    calculations: list[str]
    checks: list[CheckModel]
    stated: list[StatedModel]
    obstacles: list[ObstacleModel]
    restates: RestatementModel | None
    sha256: str


class TraceModel(Model):
    """One thing that a number rests on, and what that rests on in turn."""

    name: str
    detail: str
    entries: list[int]
    below: list[TraceModel]


class LineTrace(Model):
    """A line, the proof that it is in the version, and what it rests on down to the readings."""

    line: LineModel
    salt: str
    index: int
    count: int
    proof: list[str]
    lines_root: str
    trace: TraceModel


class ChangeModel(Model):
    """What of a line differs."""

    line: str
    before: str
    after: str
    difference: str | None


class ChangeList(Model):
    """Every line that two versions do not share."""

    before: int
    after: int
    changes: list[ChangeModel]


@router.get("/inventories", operation_id="listInventories")
def list_versions(
    name: LogName,
    services: Here,
    caller: Caller,
    unit: Annotated[str | None, Query(max_length=64, description="Only of this unit.")] = None,
) -> VersionList:
    """List the versions of an enterprise's inventories."""
    with _kept(services, caller, name) as (uow, log):
        found = uow.inventories.listed(log.number)
    return VersionList(
        versions=[_summary(each) for each in found if unit is None or each.unit == unit]
    )


@router.get("/inventories/{inventory_id}/versions/{number}", operation_id="getInventoryVersion")
def get_version(
    name: LogName,
    inventory_id: InventoryId,
    number: Number,
    services: Here,
    caller: Caller,
) -> VersionModel:
    """Show a version: lines, checks, and what stands between it and a final one."""
    with _kept(services, caller, name) as (uow, log):
        version = _version(uow, log, inventory_id, number)
    return VersionModel.model_validate(version_document(version, obstacles(version)))


@router.get(
    "/inventories/{inventory_id}/versions/{number}/content",
    operation_id="getInventoryContent",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}},
)
def get_content(
    name: LogName, inventory_id: InventoryId, number: Number, services: Here, caller: Caller
) -> Response:
    """Give a version's exact bytes, whose SHA-256 is its name; what salts its lines is inside."""
    with _kept(services, caller, name) as (uow, log):
        return _as_kept(_stored(uow, log, inventory_id, number).content)


@router.get(
    "/inventories/{inventory_id}/versions/{number}/line",
    operation_id="traceInventoryLine",
    dependencies=[_Grown],
)
def get_line(
    name: LogName,
    inventory_id: InventoryId,
    number: Number,
    line: LineName,
    services: Here,
    caller: Caller,
) -> LineTrace:
    """Follow one number down to the entries of its readings, with the proof of its line."""
    with _kept(services, caller, name) as (uow, log):
        version = _version(uow, log, inventory_id, number)
        found = version.line(line)
        trace = Tracer(uow, log, version).line(found)
    proof = version.tree.prove_line(found.line_id)
    return LineTrace(
        line=LineModel.model_validate(line_document(found)),
        salt=proof.salt.hex(),
        index=proof.index,
        count=proof.count,
        proof=[each.hex() for each in proof.path],
        lines_root=version.root.hex(),
        trace=TraceModel.model_validate(trace_document(trace)),
    )


@router.get("/inventories/{inventory_id}/versions/{number}/changes", operation_id="diffInventory")
def get_changes(
    name: LogName,
    inventory_id: InventoryId,
    number: Number,
    since: Annotated[int, Query(ge=1, le=1_000_000, description="Number of an earlier version.")],
    services: Here,
    caller: Caller,
) -> ChangeList:
    """Show every line that two versions do not share."""
    with _kept(services, caller, name) as (uow, log):
        before, after = (_version(uow, log, inventory_id, each) for each in (since, number))
    changes = [
        ChangeModel(
            line=each.line_id, before=each.before, after=each.after, difference=each.difference
        )
        for each in diff(before, after)
    ]
    return ChangeList(before=since, after=number, changes=changes)


@router.get(
    "/calculations/{sha256}",
    operation_id="getCalculation",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}},
)
def get_calculation(
    name: LogName,
    sha256: Annotated[str, Path(pattern=_HASH_PATTERN, description="Name of the record.")],
    services: Here,
    caller: Caller,
) -> Response:
    """Give a calculation record's exact bytes: rule, code hash, inputs with sources, every step."""
    with _kept(services, caller, name) as (uow, log):
        content = uow.inventories.calculation(log.number, bytes.fromhex(sha256))
    if content is None:
        raise NotFound(f"no calculation {sha256} is kept here")
    return _as_kept(content)


@contextmanager
def _kept(services: Services, caller: Principal, name: str) -> Iterator[tuple[UnitOfWork, Log]]:
    """Open a log to whoever may read it."""
    require_access(services, caller, name, Action.READ_INVENTORIES)
    with services.ledger.database.reading() as uow:
        yield uow, find_log(uow, services, name)


def _as_kept(content: bytes) -> Response:
    """Answer with bytes as they are kept."""
    headers = {"cache-control": PRIVATE}
    return Response(content, media_type="application/json", headers=headers)


def _stored(uow: UnitOfWork, log: Log, inventory_id: str, number: int) -> StoredVersion:
    kept = uow.inventories.version(log.number, bytes.fromhex(inventory_id[2:]), number)
    if kept is None:
        raise NotFound(f"no version {number} of inventory {inventory_id} is kept here")
    return kept


def _version(uow: UnitOfWork, log: Log, inventory_id: str, number: int) -> InventoryVersion:
    return read_version(_stored(uow, log, inventory_id, number).content)


def _summary(kept: StoredVersion) -> VersionSummary:
    return VersionSummary.model_validate(
        {
            "inventory_id": f"0x{kept.inventory_id.hex()}",
            "unit": kept.unit,
            "period": Period(kept.from_s, kept.to_s).label,
            "from": format_instant(from_seconds(kept.from_s)),
            "to": format_instant(from_seconds(kept.to_s)),
            "number": kept.number,
            "state": label(VersionState(kept.state)),
            "sha256": kept.sha256.hex(),
            "lines_root": kept.lines_root.hex(),
            "created_at": format_instant(kept.created_at),
        }
    )
