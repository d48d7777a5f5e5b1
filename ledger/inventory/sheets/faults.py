"""What can be wrong with a cell or a row, in English and Chinese, each with a stable code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

MAX_SHOWN: Final = 60
"""Characters of a wrong cell that are repeated to its writer."""


class Fault(Enum):
    """A code and its two sentences; `{}` stands for the values concerned."""

    MISSING = ("missing", "must be filled in", "必填项为空")
    FORMULA = ("formula", "is a formula, not a value", "为公式，应填数值或文字")
    ERROR_VALUE = ("error-value", "holds an error of the spreadsheet", "为电子表格错误值")
    NOT_A_NUMBER = ("not-a-number", "is not a decimal number", "不是十进制数")
    DECIMALS = ("decimals", "has more than {} decimals", "小数位数超过 {} 位")
    TOO_SMALL = ("too-small", "is below {}", "小于 {}")
    TOO_LARGE = ("too-large", "is above {}", "大于 {}")
    NOT_A_DAY = ("not-a-day", "is not a day such as 2024-03-01", "不是日期（如 2024-03-01）")
    NOT_A_MOMENT = (
        "not-a-moment",
        "is not a time such as 2024-03-01 08:30",
        "不是时间（如 2024-03-01 08:30）",
    )
    NOT_A_MONTH = ("not-a-month", "is not a month such as 2024-03", "不是月份（如 2024-03）")
    NOT_A_WORD = ("not-a-word", "is none of {}", "不在可选值内：{}")
    NOT_A_NAME = (
        "not-a-name",
        "is not 1 to 64 characters of a-z, 0-9 and .:_-",
        "应为 1–64 个小写字母、数字或 .:_-",
    )
    NOT_A_HASH = ("not-a-hash", "is not a SHA-256 in hexadecimal", "不是 SHA-256 十六进制值")
    NOT_A_CODE = (
        "not-a-credit-code",
        "is not a unified social credit code",
        "不是有效的统一社会信用代码",
    )
    TOO_LONG = ("too-long", "is longer than {} characters", "超过 {} 个字符")
    NOT_PRINTABLE = ("not-printable", "has characters that do not print", "含不可见字符")
    TOO_MANY = ("too-many", "lists more than {}", "超过 {} 项")
    TWICE = ("twice", "says the same as row {}", "与第 {} 行重复")
    BALANCE = (
        "balance",
        "does not follow from the row: {} expected",
        "与本行计算不符，应为 {}",
    )
    CONTINUITY = (
        "continuity",
        "does not continue row {}, which closed with {}",
        "与第 {} 行期末库存 {} 不衔接",
    )
    CONTRADICTION = ("contradiction", "contradicts another column: {}", "与其他列矛盾：{}")


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one value, before it is known where it stands."""

    fault: Fault
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetError:
    """One wrong cell of a sheet."""

    row: int
    """As the spreadsheet shows it; headings are in row 1."""
    column: str
    """Name of the column."""
    heading: str
    """Its Chinese heading."""
    value: str
    """What stands there, cut to 60 characters."""
    fault: Fault
    detail: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Stable code of the fault."""
        code: str = self.fault.value[0]
        return code

    def message(self, language: str = "en") -> str:
        """Say what is wrong, in English (`en`) or Chinese (`zh`)."""
        _, english, chinese = self.fault.value
        words: str = chinese if language == "zh" else english
        return words.format(*self.detail)

    def __str__(self) -> str:
        shown = f" {self.value!r}" if self.value else ""
        return f"row {self.row}, {self.column}{shown}: {self.message()}"


class Refused(Exception):
    """A value that its column does not take; caught by whoever knows the row."""

    def __init__(self, fault: Fault, *detail: str) -> None:
        super().__init__(fault.value[0])
        self.found = CellFault(fault, detail)
