"""
The checks panel of a case: what the version's own cross-checks say, and how its evidence stands.

Beside the checks that are kept with the version stand seven made now: whether what was signed is
what the document says, how much of the evidence was signed as measured, gaps, calibration, factors
and rules in force, the boundary, and evidence that is used twice. Like every check they prove
nothing and say where to look.

Source: SCREENS section 2.1, item 2; DOMAIN section 6.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from attestation.enums import RuleStatus, VersionState
from attestation.errors import Error
from attestation.evidence_bodies import Manifest
from ledger.inventory.amounts import Amount
from ledger.inventory.calculation import Calculation
from ledger.inventory.calculation_reading import read_calculation
from ledger.inventory.checks.results import CheckResult, Look
from ledger.inventory.digests import StoredDigest, load_digest
from ledger.inventory.pieces import Origin
from ledger.inventory.structure import structure_at
from ledger.inventory.versions import InventoryVersion
from ledger.repositories.chain_inventories import ChainVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_SHOWN: Final = 5
"""How many examples a sentence names."""
_SECONDS: Final = "s"


@dataclass(frozen=True, slots=True)
class Panel:
    """The checks of a case."""

    kept: tuple[CheckResult, ...]
    """The version's own cross-checks, as they were kept with it."""
    evidence: tuple[CheckResult, ...]
    """About its evidence, made now."""

    @property
    def all(self) -> tuple[CheckResult, ...]:
        """Every check."""
        return (*self.evidence, *self.kept)


def panel_of(
    uow: UnitOfWork, log: Log, version: InventoryVersion, submitted: ChainVersion
) -> Panel:
    """Make the checks panel of a version, and of what was signed of it."""
    digests, unread = _digests(uow, log, version)
    records, broken = _calculations(uow, log, version)
    return Panel(
        version.checks,
        (
            _submission(version, submitted),
            _signatures(version, digests, unread),
            _gaps(version, digests, unread),
            _calibration(version, digests, unread),
            _factors(version, records, broken),
            _boundary(uow, log, version),
            _duplicates(uow, log, version, digests),
        ),
    )


def _submission(version: InventoryVersion, submitted: ChainVersion) -> CheckResult:
    """Hold the document against what the enterprise signed of it."""
    total = None if version.total is None else version.total.rounded(0)
    signed = {
        "inventory": version.scope.inventory_id == submitted.inventory_id,
        "lines root": version.root == submitted.lines_root,
        "lines": version.tree.count == submitted.line_count,
        "total": total is not None and total.value == submitted.total_t,
        "log size": version.log_size <= submitted.log_size,
        "state": version.state is VersionState.FINAL,
    }
    other = [name for name, agrees in signed.items() if not agrees]
    look = Look(
        "submission.agrees",
        version.scope.period,
        {"document": total, "signed": Amount(Decimal(submitted.total_t), "tCO2e")},
        {},
    )
    return look.judged(
        not other,
        f"{len(other)} things that were signed are not the document's{_named(other)}",
        f"签名内容与清单文件不一致 {len(other)} 项{_named(other)}",
    )


def _signatures(
    version: InventoryVersion, digests: list[StoredDigest], unread: list[str]
) -> CheckResult:
    covered: dict[str, int] = defaultdict(int)
    for part in _parts(digests):
        covered[str(part["origin"])] += int(part["covered_s"])
    others = {name: seconds for name, seconds in covered.items() if name != Origin.METERED}
    look = _look(
        version, "evidence.signatures", {"signed as measured": covered[Origin.METERED], **others}
    )
    if unread:
        return _unread(look, unread)
    whole = sum(covered.values())
    if not whole:
        return look.unchecked("no line rests on readings", "没有数据来自读数")
    share = covered[Origin.METERED] * 100 // whole
    return look.judged(
        not any(others.values()),
        f"{share} % of the time was signed as measured by a meter or gateway",
        f"{share}% 的时段由计量器具或网关实测并签名",
    )


def _gaps(version: InventoryVersion, digests: list[StoredDigest], unread: list[str]) -> CheckResult:
    found = [
        (each, gap) for each in digests for gap in _rows(each, "gaps") if gap["state"] == "open"
    ]
    missing = sum(end - start for each in digests for start, end in _rows(each, "missing"))
    filled = sum(end - start for each in digests for start, end in _rows(each, "substituted"))
    look = _look(version, "evidence.gaps", {"missing": missing, "substituted": filled})
    if unread:
        return _unread(look, unread)
    series = sorted({each.subject.series for each, _ in found})
    return look.judged(
        not found and not missing,
        f"{len(found)} gaps that nobody declared{_named(series)}",
        f"未申报的缺口 {len(found)} 处{_named(series)}",
    )


def _calibration(
    version: InventoryVersion, digests: list[StoredDigest], unread: list[str]
) -> CheckResult:
    outside, series = 0, set()
    for each in digests:
        for part in _rows(each, "parts"):
            if part["origin"] == Origin.METERED and part["calibration"] is None:
                outside += int(part["covered_s"])
                series.add(each.subject.series)
    look = _look(version, "evidence.calibration", {"outside calibration": outside})
    if unread:
        return _unread(look, unread)
    return look.judged(
        not outside,
        f"{len(series)} series were measured outside calibration{_named(sorted(series))}",
        f"{len(series)} 个序列在检定（校准）有效期外计量{_named(sorted(series))}",
    )


def _factors(
    version: InventoryVersion, records: list[Calculation], broken: list[str]
) -> CheckResult:
    used = {
        f"{factor.guide} {factor.edition} {factor.quantity} of {factor.subject}": factor.status
        for record in records
        for factor in record.factors
    }
    used |= {
        f"rule {record.rule.name} version {record.rule.version}": record.rule.status
        for record in records
    }
    stale = sorted(name for name, status in used.items() if status is not RuleStatus.IN_FORCE)
    look = Look("factors.in-force", version.scope.period, {"looked at": _count(len(used))}, {})
    if broken:
        return _unread(look, broken)
    return look.judged(
        not stale,
        f"{len(stale)} factors or rules are not in force for {version.scope.report_year}"
        f"{_named(stale)}",
        f"{len(stale)} 项因子或规则对 {version.scope.report_year} 年度不是现行版本{_named(stale)}",
    )


def _boundary(uow: UnitOfWork, log: Log, version: InventoryVersion) -> CheckResult:
    scope = version.scope
    look = Look("boundary.streams", scope.period, {}, {})
    try:
        structure = structure_at(uow, log, scope.period.from_s)
    except Error as error:
        return look.unchecked(error.message, "没有生效的企业结构记录")
    streams = sorted(each.code for each in structure.streams_of(scope.unit))
    items = {line.item for line in version.lines}
    absent = [code for code in streams if code not in items]
    return look.judged(
        not absent,
        f"{len(absent)} of {len(streams)} source streams stand in no line{_named(absent)}",
        f"{len(streams)} 个源流中有 {len(absent)} 个不在清单中{_named(absent)}",
    )


def _duplicates(
    uow: UnitOfWork, log: Log, version: InventoryVersion, digests: list[StoredDigest]
) -> CheckResult:
    look = Look("evidence.duplicates", version.scope.period, {}, {})
    twice = [*_overlaps(digests), *_files_twice(uow, log)]
    return look.judged(
        not twice,
        f"{len(twice)} pieces of evidence are used twice{_named(twice)}",
        f"重复使用的证据 {len(twice)} 项{_named(twice)}",
    )


def _overlaps(digests: Iterable[StoredDigest]) -> list[str]:
    """Name the series of which one time is counted under two parameters or units."""
    by_series: dict[str, list[StoredDigest]] = defaultdict(list)
    for each in digests:
        by_series[each.subject.series].append(each)
    found: list[str] = []
    for series, rows in sorted(by_series.items()):
        rows.sort(key=lambda each: each.subject.period)
        for one, other in pairwise(rows):
            if one.subject.period.overlaps(other.subject.period):
                found.append(f"{series} in {other.subject.period.label}")
    return found


def _files_twice(uow: UnitOfWork, log: Log) -> list[str]:
    """Name the files that stand in the evidence of two months."""
    months: dict[bytes, set[str]] = defaultdict(set)
    for each in uow.stated.listed(log.number, Manifest):
        if not each.place.is_superseded():
            for file in each.body.files:
                months[file.sha256].add(each.body.month)
    return [
        f"file {name.hex()[:12]} in {', '.join(sorted(found))}"
        for name, found in sorted(months.items())
        if len(found) > 1
    ]


def _digests(
    uow: UnitOfWork, log: Log, version: InventoryVersion
) -> tuple[list[StoredDigest], list[str]]:
    found: list[StoredDigest] = []
    unread: list[str] = []
    for index in version.digests:
        try:
            found.append(load_digest(uow, log, index))
        except Error as error:
            unread.append(error.message)
    return found, unread


def _calculations(
    uow: UnitOfWork, log: Log, version: InventoryVersion
) -> tuple[list[Calculation], list[str]]:
    found: list[Calculation] = []
    broken: list[str] = []
    for name in version.calculations:
        content = uow.inventories.calculation(log.number, bytes.fromhex(name))
        if content is None:
            broken.append(f"calculation {name} is not kept here")
            continue
        try:
            found.append(read_calculation(content))
        except Error as error:
            broken.append(f"calculation {name}: {error.message}")
    return found, broken


def _parts(digests: Iterable[StoredDigest]) -> list[Any]:
    return [part for each in digests for part in _rows(each, "parts")]


def _rows(digest: StoredDigest, name: str) -> list[Any]:
    rows: Any = digest.document[name]
    return list(rows)


def _look(version: InventoryVersion, name: str, seconds: Mapping[str, int]) -> Look:
    inputs = {label: Amount(Decimal(each), _SECONDS) for label, each in seconds.items()}
    return Look(name, version.scope.period, inputs, {})


def _count(number: int) -> Amount:
    return Amount(Decimal(number), "1")


def _unread(look: Look, reasons: list[str]) -> CheckResult:
    return look.unchecked(
        f"{len(reasons)} documents cannot be read: {reasons[0]}",
        f"{len(reasons)} 份文件无法读取：{reasons[0]}",
    )


def _named(names: list[str]) -> str:
    if not names:
        return ""
    more = f" … ({len(names)})" if len(names) > _SHOWN else ""
    return f": {', '.join(names[:_SHOWN])}{more}"
