"""
The forms that plants and laboratories fill in, column by column, with what rows must satisfy.

Three forms: the fuel ledger (燃料台账) day by day, the statistics form of energy bought, used and
in stock (能源购进、消费与库存, form 205-1), and a laboratory's results.

Source: DOMAIN section 5 (monthly evidence), section 6 (consumption against stock and purchase).
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from attestation.enums import CarbonBasis, LaboratoryMark
from ledger.inventory.sheets.columns import (
    Column,
    decimal,
    listed,
    one_of,
    read_credit_code,
    read_day,
    read_hash,
    read_moment,
    read_month,
    read_name,
    words,
)
from ledger.inventory.sheets.faults import CellFault, Fault

Values = Mapping[str, Any]
"""Value by column of one row; None where an optional cell is empty."""
RowFaults = Iterator[tuple[str, CellFault]]
"""Column and what is wrong there."""


SheetFaults = Iterator[tuple[int, str, CellFault]]
"""Row number, column, and what is wrong there."""


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row without errors."""

    number: int
    """As the spreadsheet shows it."""
    values: Values


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its columns, and what rows must satisfy alone and together."""

    name: str
    """In file names and commands."""
    title: str
    chinese: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Columns that no two rows may have alike."""
    check_row: Callable[[Values], RowFaults]
    check_rows: Callable[[Sequence[CheckedRow], Sequence[int]], SheetFaults]
    """Sees the rows that are right by themselves, and the numbers of the others, ascending."""

    def column(self, name: str) -> Column:
        """Give a column by name."""
        return next(each for each in self.columns if each.name == name)

    @property
    def headings(self) -> dict[str, str]:
        """Column for each heading that may stand over it, in lower case."""
        return {
            heading.lower(): each.name
            for each in self.columns
            for heading in (each.name, each.chinese, each.heading)
        }


_TONNES: Final = decimal(3)
_SIGNED_TONNES: Final = decimal(3, least=None)
_PERCENT: Final = decimal(4, most="100")

_STOCK_IN: Final = ("opening", "received", "adjustment")
_STOCK_OUT: Final = ("consumed", "other_out")


def _closing(values: Values) -> Decimal:
    return sum((values[name] or Decimal(0) for name in _STOCK_IN), Decimal(0)) - sum(
        (values[name] or Decimal(0) for name in _STOCK_OUT), Decimal(0)
    )


def _check_stock(values: Values) -> RowFaults:
    expected = _closing(values)
    if values["closing"] != expected:
        yield "closing", CellFault(Fault.BALANCE, (f"{expected.normalize():f}",))


def _check_continuity(
    rows: Sequence[CheckedRow], broken: Sequence[int], period: str, groups: tuple[str, ...]
) -> SheetFaults:
    """
    Check that each stock opens with what it closed with before, by group and time.

    Across a row that is wrong by itself nothing is compared: that row is named already.
    """
    last: dict[tuple[Any, ...], CheckedRow] = {}
    for row in sorted(rows, key=lambda each: (each.values[period], each.number)):
        group = tuple(row.values[name] for name in groups)
        before = last.get(group)
        last[group] = row
        if before is None or _is_between(broken, before.number, row.number):
            continue
        if before.values["closing"] != row.values["opening"]:
            closed = f"{before.values['closing'].normalize():f}"
            yield row.number, "opening", CellFault(Fault.CONTINUITY, (str(before.number), closed))


def _is_between(numbers: Sequence[int], one: int, other: int) -> bool:
    """Say whether one of some ascending numbers lies between two others."""
    return bisect(numbers, min(one, other)) != bisect(numbers, max(one, other))


FUEL_LEDGER: Final = Form(
    name="fuel-ledger",
    title="Fuel ledger, day by day",
    chinese="燃料台账",
    columns=(
        Column("day", "日期", read_day, "2024-03-01"),
        Column("unit", "机组编号", words(64), "u1", help="排放单元（机组、设施）编号"),
        Column("fuel", "燃料品种", words(100), "烟煤"),
        Column("opening", "期初库存（t）", _TONNES, "12000"),
        Column("received", "购入量（t）", _TONNES, "3000"),
        Column("consumed", "消耗量（t）", _TONNES, "2856.4"),
        Column("other_out", "其他出库（t）", _TONNES, "", required=False, help="外销、调出等"),
        Column("adjustment", "盘盈亏（t）", _SIGNED_TONNES, "", required=False, help="盘亏为负"),
        Column("closing", "期末库存（t）", _TONNES, "12143.6"),
        Column(
            "ncv",
            "收到基低位发热量（GJ/t）",
            decimal(3, most="100"),
            "22.415",
            required=False,
        ),
        Column("moisture", "全水分（%）", _PERCENT, "9.8", required=False),
        Column("source", "计量器具或凭证", words(200), "入炉皮带秤 em-21", required=False),
    ),
    key=("day", "unit", "fuel"),
    check_row=_check_stock,
    check_rows=partial(_check_continuity, period="day", groups=("unit", "fuel")),
)


def _check_statistics(values: Values) -> RowFaults:
    yield from _check_stock(values)
    parts = [values[name] for name in ("industrial", "non_industrial")]
    if all(part is not None for part in parts):
        expected = sum(parts, Decimal(0))
        if values["consumed"] != expected:
            yield "consumed", CellFault(Fault.BALANCE, (f"{expected.normalize():f}",))


_QUANTITY: Final = decimal(4)

STATISTICS: Final = Form(
    name="statistics",
    title="Energy bought, used and in stock (form 205-1)",
    chinese="能源购进、消费与库存（205-1 表）",
    columns=(
        Column("month", "月份", read_month, "2024-03"),
        Column("energy", "能源名称", words(100), "原煤"),
        Column("measure", "计量单位", words(20), "吨"),
        Column("opening", "期初库存", _QUANTITY, "12000"),
        Column("received", "购进量", _QUANTITY, "90000"),
        Column("cost", "购进金额（元）", decimal(2), "", required=False),
        Column("consumed", "消费量合计", _QUANTITY, "88000"),
        Column("industrial", "工业生产消费", _QUANTITY, "87500", required=False),
        Column("non_industrial", "非工业生产消费", _QUANTITY, "500", required=False),
        Column("other_out", "其他（拨出、外销）", _QUANTITY, "", required=False),
        Column("adjustment", "盘盈亏", decimal(4, least=None), "", required=False),
        Column("closing", "期末库存", _QUANTITY, "14000"),
    ),
    key=("month", "energy"),
    check_row=_check_statistics,
    check_rows=partial(_check_continuity, period="month", groups=("energy",)),
)

_BASES: Final = {
    "ar": CarbonBasis.AS_RECEIVED,
    "ad": CarbonBasis.AIR_DRY,
    "d": CarbonBasis.DRY,
    "收到基": CarbonBasis.AS_RECEIVED,
    "空干基": CarbonBasis.AIR_DRY,
    "干燥基": CarbonBasis.DRY,
}
_MARKS: Final = {
    "none": LaboratoryMark.NONE,
    "cma": LaboratoryMark.CMA,
    "cnas": LaboratoryMark.CNAS,
    "cma+cnas": LaboratoryMark.CMA_AND_CNAS,
}


def _check_times(values: Values) -> RowFaults:
    for earlier, later in (("received", "tested"), ("tested", "reported")):
        if values[later] <= values[earlier]:
            yield later, CellFault(Fault.CONTRADICTION, (f"{later} <= {earlier}",))


def _check_nothing(_rows: Sequence[CheckedRow], _broken: Sequence[int]) -> SheetFaults:
    """Reports do not depend on each other; what they share is looked for in the log."""
    yield from ()


LAB_RESULTS: Final = Form(
    name="lab-results",
    title="Results of a laboratory, one report a row",
    chinese="煤样检测结果",
    columns=(
        Column("report", "报告编号", words(100), "M2024-0412"),
        Column("laboratory", "实验室统一社会信用代码", read_credit_code, "91350211M000100Y46"),
        Column("mark", "资质标识", one_of(_MARKS), "cma", help="none、cma、cnas 或 cma+cnas"),
        Column("standards", "检测标准", listed(words(200), 20), "GB/T 476；GB/T 213"),
        Column("basis", "基准", one_of(_BASES), "ad", help="ar、ad 或 d"),
        Column("unit", "机组编号", words(64), "u1"),
        Column("fuel", "燃料品种", words(100), "烟煤"),
        Column("month", "样品对应月份", read_month, "2024-03"),
        Column("samples", "样品编号", listed(read_name, 366), "2024-03-u1"),
        Column("received", "收样时间", read_moment, "2024-04-03 08:00"),
        Column("tested", "检测完成时间", read_moment, "2024-04-10 16:30"),
        Column("reported", "报告时间", read_moment, "2024-04-12 10:00"),
        Column("mass", "收样质量（g）", decimal(0, least="1", most="10000000"), "2950"),
        Column("instrument", "检测仪器", words(200), "5E-CHN2200"),
        Column("staff", "检测人员工号", listed(words(100), 20), "T-07；T-11", help="不填姓名"),
        Column("carbon", "元素碳（%）", _PERCENT, "57.61", required=False),
        Column("ncv", "低位发热量（MJ/kg）", decimal(3, most="1000"), "22.415", required=False),
        Column("hydrogen", "氢（%）", _PERCENT, "3.62", required=False),
        Column("sulphur", "全硫（%）", _PERCENT, "0.51", required=False),
        Column("moisture", "水分（%）", _PERCENT, "2.43", required=False),
        Column("ash", "灰分（%）", _PERCENT, "21.3", required=False),
        Column("file", "报告文件 SHA-256", read_hash, "0" * 64),
    ),
    key=("laboratory", "report"),
    check_row=_check_times,
    check_rows=_check_nothing,
)

FORMS: Final[Mapping[str, Form]] = {
    each.name: each for each in (FUEL_LEDGER, STATISTICS, LAB_RESULTS)
}
"""Forms by name."""
