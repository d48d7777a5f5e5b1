"""
The dossier of a case (案卷): everything about it in one package that checks itself.

What the chain says, what was submitted, every finding with its answers, the entries of the log
with their proofs, who did what, the tables for spreadsheets, and the report. A report whose chain
evidence cannot be fetched at present is given as the body that was signed, under that name.

Source: SCREENS section 2.2; `docs/audit.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from api.cases import case_document
from attestation import action_proofs, entry_proofs
from attestation.action_proofs import format_actions
from attestation.canonical import Json, canonical_json
from attestation.entry_proofs import EntryProofs, ProvenEntry, format_entries
from attestation.instants import Instant, format_instant, from_seconds
from attestation.packages import Package
from attestation.witness_policy import WitnessPolicy
from ledger.actions.exporting import prove_actions
from ledger.cases.case import Case
from ledger.cases.queue import Queued
from ledger.cases.statement import statement_document
from ledger.inventory.versions import InventoryVersion
from ledger.log.proving import LogProver
from ledger.log.tile_cache import TileCache
from ledger.log.witnessing import published
from ledger.repositories.actions import ActionFilter, Unseen
from ledger.repositories.logs import Log
from ledger.tables import Column, Table, table_files
from ledger.unit_of_work import UnitOfWork

_MOST_ACTIONS: Final = 10_000
_LINES: Final = (
    Column("line", "行"),
    Column("period", "期间"),
    Column("item", "项目"),
    Column("quantity", "量"),
    Column("value", "数值"),
    Column("unit", "单位"),
    Column("sources", "来源"),
)
_FINDINGS: Final = (
    Column("number", "编号", is_number=True),
    Column("verifier", "核查机构"),
    Column("kind", "类型"),
    Column("severity", "严重程度"),
    Column("title", "标题"),
    Column("text", "内容"),
    Column("effect_gco2e", "影响 gCO2e", is_number=True),
    Column("state", "状态"),
    Column("raised", "提出时间"),
    Column("due", "期限"),
)

FinishReport = Callable[[UnitOfWork, Case, int], tuple[str, bytes] | None]
"""Gives name and content of the report on a version, where there is one."""


@dataclass(frozen=True, slots=True)
class DossierParts:
    """What a dossier is made with."""

    operator_log: Log
    policy: WitnessPolicy
    cache: TileCache
    finish: FinishReport
    as_of: dict[str, Json]
    unseen: Unseen | None
    """Actions that whoever asks is not shown."""


def make_dossier(uow: UnitOfWork, found: Queued, parts: DossierParts) -> Package:
    """Put everything about a case into a package."""
    case = found.case
    files: dict[str, bytes] = {
        "case.json": _json(case_document(found)),
        "statement.json": canonical_json(statement_document(case)),
        "acts.json": _json([_act(case, number) for number in range(len(case.acts))]),
    }
    files |= dict(_versions(case))
    files |= table_files(Table("findings", _FINDINGS, list(_finding_rows(case))))
    if case.log is not None:
        files[entry_proofs.FILE] = format_entries(_entries(uow, case, case.log, parts))
    files[action_proofs.FILE] = _actions(uow, case, parts)
    for version in case.versions:
        report = parts.finish(uow, case, version.number)
        if report is not None:
            files[f"reports/{report[0]}"] = report[1]
    return Package(
        kind="case",
        made_at=case.now,
        query={"case": f"0x{case.inventory_id.hex()}"},
        as_of=parts.as_of,
        files=files,
    )


def _versions(case: Case) -> Iterator[tuple[str, bytes]]:
    for version, content in zip(case.versions, case.contents, strict=True):
        if content is not None:
            yield f"versions/{version.number}.json", content.content
    if case.content is not None:
        yield from table_files(Table("lines", _LINES, list(_line_rows(case.content)))).items()


def _line_rows(version: InventoryVersion) -> Iterator[list[str | int | None]]:
    for line in version.lines:
        amount = line.amount
        yield [
            line.line_id,
            line.period.label,
            line.item,
            line.quantity,
            None if amount is None else amount.text,
            None if amount is None else amount.unit,
            "; ".join(f"{each.kind.value} {each.reference}" for each in line.sources),
        ]


def _finding_rows(case: Case) -> Iterator[list[str | int | None]]:
    for thread in case.threads:
        body = thread.finding.body
        yield [
            body.number,
            body.verifier,
            body.kind.name,
            body.severity.name,
            body.title,
            body.text,
            body.effect_gco2e,
            thread.state.name,
            format_instant(from_seconds(body.raised_s)),
            format_instant(from_seconds(body.due_s)),
        ]


def _entries(uow: UnitOfWork, case: Case, log: Log, parts: DossierParts) -> EntryProofs:
    """Prove the records of the case, and the digests that its lines rest on."""
    checkpoint, note = published(uow, log, parts.policy)
    prover = LogProver(uow, log, cache=parts.cache)
    proven: list[ProvenEntry] = []
    for index in sorted(set(_indexes(case))):
        if index < checkpoint.size:
            proved = prover.entry(index, checkpoint=checkpoint)
            proven.append(ProvenEntry(index, proved.entry.content, proved.proof))
    return EntryProofs(log.origin, note, tuple(proven))


def _indexes(case: Case) -> Iterator[int]:
    for thread in case.threads:
        yield thread.finding.index
        yield from (step.index for step in thread.steps)
    yield from (visit.index for visit in case.visits)
    for content in case.contents:
        if content is not None:
            yield from (each.index for each in content.evidence)


def _actions(uow: UnitOfWork, case: Case, parts: DossierParts) -> bytes:
    about = ActionFilter(subject=f"case 0x{case.inventory_id.hex()}", unseen=parts.unseen)
    found = uow.actions.listed(about, limit=_MOST_ACTIONS)
    log = parts.operator_log
    return format_actions(prove_actions(uow, log, found, policy=parts.policy, cache=parts.cache))


def _act(case: Case, number: int) -> dict[str, Any]:
    act = case.acts[number]
    return {
        "name": act.name,
        "block": act.at.block_number,
        "log_index": act.at.log_index,
        "at": format_instant(Instant(from_seconds(act.at_s))),
        "transaction": f"0x{act.tx_hash.hex()}",
        "digest": f"0x{act.digest.hex()}",
        "state_hash": f"0x{act.state_hash.hex()}",
        "version": act.version,
        "reason": act.reason,
        "document_hash": None if act.document_hash is None else f"0x{act.document_hash.hex()}",
        "signers": {role: f"0x{address.hex()}" for role, address in sorted(act.signers.items())},
        "fields": None if act.fields is None else dict(act.fields),
    }


def _json(content: Any) -> bytes:
    return canonical_json(content)
