"""
What can be wrong with a sample or worth a look, in English and Chinese, each with a stable code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that was found."""

    code: str
    english: str
    chinese: str
    detail: str = ""
    """The values concerned, without language."""

    def text(self, language: str = "en") -> str:
        """Give it as a sentence in English (`en`) or Chinese (`zh`)."""
        words = self.chinese if language == "zh" else self.english
        return f"{words} ({self.detail})" if self.detail else words


class _Words(Enum):
    """A member's value is its code and the two languages."""

    def remark(self, detail: str = "") -> Remark:
        """Make a remark of it with the values concerned."""
        code, english, chinese = self.value
        return Remark(code, english, chinese, detail)


class CustodyFault(_Words):
    """Breaks in the chain of custody: the measured value does not count."""

    NO_REPORT = ("no-report", "no laboratory report names the sample", "没有检测报告涉及该样品")
    NO_SAMPLE = ("no-sample", "no sample stands for this time", "该时段没有样品")
    FILED_TWICE = ("filed-twice", "filed twice without superseding", "重复登记且未声明替代")
    STEP_MISSING = ("step-missing", "a step was not filed", "缺少流转环节记录")
    OUT_OF_ORDER = ("out-of-order", "the times are not in order", "各环节时间顺序不符")
    FILED_AFTERWARDS = (
        "filed-afterwards",
        "a record was filed after the one that follows it",
        "记录晚于后续环节提交（疑似补做）",
    )
    FILED_LATE = (
        "filed-late",
        "a sample was on the chain later than the day after it was taken",
        "样品登记上链晚于采样次日",
    )
    OTHER_SEAL = ("other-seal", "another seal than the sample was closed with", "封条编号不一致")
    SEAL_BROKEN = ("seal-broken", "the seal was broken when it was received", "收样时封条已破损")
    MASS_GREW = ("mass-grew", "more was received than was taken", "收样质量大于采样质量")
    TESTED_LATE = (
        "tested-late",
        "tested more natural days after sampling than allowed",
        "检测超过采样后规定的自然日",
    )
    PART_UNKNOWN = (
        "part-unknown",
        "parts of the composite are not filed",
        "缩分样的组成样品未登记",
    )
    PART_LATER = (
        "part-later",
        "parts were taken after the composite was made",
        "组成样品晚于缩分样制备",
    )
    OTHER_FUEL = ("other-fuel", "of another unit or fuel than the sample", "机组或燃料与样品不一致")
    OTHER_PERIOD = (
        "other-period",
        "the sample stands for a time outside the report's",
        "样品代表时段不在报告对应时段内",
    )
    REPORTED_TWICE = ("reported-twice", "several reports name the sample", "同一样品有多份检测报告")
    NUMBER_REUSED = (
        "number-reused",
        "the report's number stands for two different files",
        "同一报告编号对应不同文件",
    )
    TIMES_DIFFER = (
        "times-differ",
        "the report gives another time than was filed",
        "报告所载时间与流转记录不一致",
    )
    FIGURES_MISSING = (
        "figures-missing",
        "the five figures are not reported together",
        "未同时报告碳、低位发热量、氢、全硫、水分五项",
    )
    NO_MARK = ("no-mark", "the report carries neither CMA nor CNAS", "报告未加盖 CMA 或 CNAS 标识")
    NOT_ACCREDITED = (
        "not-accredited",
        "no accreditation of the laboratory is in force at the test",
        "检测时实验室资质不在有效期内或未登记",
    )
    MARK_NOT_HELD = (
        "mark-not-held",
        "the laboratory does not hold the mark on its report",
        "报告标识与实验室资质不符",
    )


class CustodyNote(_Words):
    """Worth a look; decides nothing."""

    FILING_UNKNOWN = (
        "filing-unknown",
        "no block time shows when a sample was filed",
        "无区块时间证明样品登记时刻",
    )
    NOTHING_KEPT = ("nothing-kept", "no kept sample was filed", "未登记留样")
    KEPT_LITTLE = ("kept-little", "less was kept than is usual", "留样质量不足")
    KEPT_COARSE = ("kept-coarse", "what was kept is coarser than 3 mm", "留样粒度大于 3 mm")
    DISCARDED_EARLY = (
        "discarded-early",
        "discarded before the report was made",
        "样品在出具报告前已弃置",
    )
    OLD_PARTS = (
        "old-parts",
        "the oldest part was taken more natural days before the test than a sample may wait",
        "最早的组成样品距检测已超过样品允许的自然日",
    )


class ReportAlarm(_Words):
    """Signs of made-up reports, seen across a whole log."""

    SAME_NUMBER = (
        "same-number",
        "one report number, different files",
        "同一报告编号对应不同文件",
    )
    SAME_FILE = ("same-file", "one file under several report numbers", "同一文件对应多个报告编号")
    MONTHS_ON_ONE_DAY = (
        "months-on-one-day",
        "samples of several months were received on one day",
        "多个月份的样品同日送达",
    )
    FIGURES_REPEATED = (
        "figures-repeated",
        "two reports of different samples have all figures alike",
        "不同样品的报告各项数值完全相同",
    )
