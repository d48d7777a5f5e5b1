"""The chain of custody of a sample: one break each, and what is only worth a look."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from attestation.enums import CarbonBasis, CustodyStep, LaboratoryMark, SampleKind
from ledger.inventory.anchor_times import BlockTime
from ledger.inventory.custody import Custody, Filed, days_between, figures_of, judge
from tests.support.samples import (
    LAB_CODE,
    at,
    custody,
    laboratory,
    report,
    sample,
    step,
    with_report,
    with_sample,
    with_step,
)

TESTED, RECEIVED, SEALED = CustodyStep.TESTED, CustodyStep.RECEIVED, CustodyStep.SEALED


def codes(chain: Custody) -> list[str]:
    """Give the codes of the faults found."""
    return [each.code for each in judge(chain).faults]


def notes(chain: Custody) -> list[str]:
    """Give the codes of the notes found."""
    return [each.code for each in judge(chain).notes]


def chain_of_test(month: int, day: int, hour: int) -> Custody:
    """Give a chain whose test and report are at another time."""
    chain = with_step(custody(), TESTED, at_s=at(month, day, hour))
    return with_report(chain, tested_s=at(month, day, hour), reported_s=at(6, 1))


def test_whole_chain_counts() -> None:
    """Nothing is broken: the measured value may be used, at the report's basis."""
    verdict = judge(custody())

    assert verdict.usable
    assert (verdict.faults, verdict.notes) == ((), ())
    assert verdict.basis is CarbonBasis.AIR_DRY
    assert (verdict.sample_index, verdict.report_index) == (10, 15)


def test_figures_are_in_the_units_of_rules() -> None:
    """Fine integers become exact decimals."""
    figures = judge(custody()).figures

    assert str(figures["carbon_ppm"]) == "0.576100 tC/t"
    assert str(figures["ncv_j_per_g"]) == "22.415 GJ/t"
    assert str(figures["moisture_ppm"]) == "2.4300 %"


def test_figures_of_a_gas_are_per_ten_thousand_cubic_metres() -> None:
    """596 g of carbon in a cubic metre are 5.96 t in 10⁴ of them."""
    blank = dict.fromkeys(
        ("carbon_ppm", "ncv_j_per_g", "hydrogen_ppm", "sulphur_ppm", "moisture_ppm")
    )
    gas = report(gas_carbon_mg_per_m3=596_000, gas_ncv_j_per_m3=38_931_000, **blank)
    figures = figures_of(gas)

    assert figures["gas_carbon_mg_per_m3"].value == Decimal("5.96")
    assert figures["gas_ncv_j_per_m3"].value == Decimal("389.31")


@pytest.mark.parametrize(
    ("chain", "code"),
    [
        (replace(custody(), reports=()), "no-report"),
        (replace(custody(), is_twice=True), "filed-twice"),
        (with_step(custody(), SEALED, seal="F-2"), "other-seal"),
        (with_step(custody(), RECEIVED, seal="F-2"), "other-seal"),
        (with_step(custody(), RECEIVED, broken=True), "seal-broken"),
        (with_step(custody(), RECEIVED, mass_g=3001), "mass-grew"),
        (with_report(custody(), unit="u2"), "other-fuel"),
        (with_report(custody(), fuel="褐煤"), "other-fuel"),
        (with_report(custody(), to_s=at(3, 31, 0)), "other-period"),
        (with_report(custody(), from_s=at(3, 2, 0)), "other-period"),
        (with_report(custody(), received_s=at(4, 4)), "times-differ"),
        (with_report(custody(), tested_s=at(4, 9)), "times-differ"),
        (with_report(custody(), hydrogen_ppm=None), "figures-missing"),
        (with_report(custody(), ncv_j_per_g=None), "figures-missing"),
        (with_report(custody(), mark=LaboratoryMark.NONE), "no-mark"),
        (replace(custody(), laboratories=()), "not-accredited"),
        (
            replace(custody(), laboratories=(Filed(1, laboratory(to_s=at(4, 10, 8))),)),
            "not-accredited",
        ),
        (
            replace(custody(), laboratories=(Filed(1, laboratory(mark=LaboratoryMark.CNAS)),)),
            "mark-not-held",
        ),
        (replace(custody(), reused_numbers=frozenset({(LAB_CODE, "M-0412")})), "number-reused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_break_makes_the_prescribed_factor_count(chain: Custody, code: str) -> None:
    """Each break alone is found, and only it."""
    assert codes(chain) == [code]
    assert not judge(chain).usable


@pytest.mark.parametrize("kind", [SEALED, RECEIVED, TESTED], ids=lambda kind: kind.name)
def test_missing_step_breaks_the_chain(kind: CustodyStep) -> None:
    """Every step up to the test must be filed."""
    whole = custody()
    chain = replace(whole, steps=tuple(each for each in whole.steps if each.body.step is not kind))

    assert codes(chain) == ["step-missing"]


def test_step_that_is_filed_twice_breaks_the_chain() -> None:
    """Two standing records of one step leave open which is true."""
    chain = custody()
    again = Filed(14, step(RECEIVED, at(4, 3)))

    assert "filed-twice" in codes(replace(chain, steps=(*chain.steps, again)))


@pytest.mark.parametrize(
    "chain",
    [
        with_step(custody(), SEALED, at_s=at(4, 1, 8)),
        with_report(with_step(custody(), RECEIVED, at_s=at(4, 1, 9)), received_s=at(4, 1, 9)),
        with_report(with_step(custody(), TESTED, at_s=at(4, 3, 8)), tested_s=at(4, 3, 8)),
        with_report(custody(), reported_s=at(4, 10, 8)),
        with_sample(custody(), taken_s=at(4, 1, 9)),
    ],
    ids=["sealed", "received", "tested", "reported", "taken"],
)
def test_each_event_is_later_than_the_one_before(chain: Custody) -> None:
    """The same second is not later."""
    assert codes(chain) == ["out-of-order"]


def test_sample_that_is_filed_after_its_test_is_made_up() -> None:
    """The log's order counts as much as the clock's: what is filed afterwards proves nothing."""
    chain = custody()
    late = replace(chain, sample=Filed(99, chain.sample.body))

    assert codes(late) == ["filed-afterwards"]


@pytest.mark.parametrize(
    ("block", "faults", "noted"),
    [
        (BlockTime(at(4, 2, 23), True), [], []),
        (BlockTime(at(4, 3, 0), True), ["filed-late"], []),
        (BlockTime(at(4, 2, 23), False), [], []),
        (BlockTime(at(4, 3, 0), False), [], ["filing-unknown"]),
        (None, [], ["filing-unknown"]),
    ],
    ids=["next day", "too late", "bound in time", "bound too late", "no block"],
)
def test_sample_is_on_the_chain_by_the_day_after(
    block: BlockTime | None, faults: list[str], noted: list[str]
) -> None:
    """Filed when it was taken, or perhaps made up; what no block shows is only noted."""
    chain = replace(custody(), filed={} if block is None else {10: block})

    assert (codes(chain), notes(chain)) == (faults, noted)


@pytest.mark.parametrize(
    ("month", "day", "hour", "found"),
    [
        (5, 11, 23, []),
        (5, 12, 0, ["tested-late"]),
    ],
)
def test_forty_natural_days_end_with_the_day(
    month: int, day: int, hour: int, found: list[str]
) -> None:
    """Taken on 1 April at any hour, the whole of 11 May is in time, and 12 May is late."""
    assert codes(chain_of_test(month, day, hour)) == found


def test_days_are_those_of_the_reporting_zone() -> None:
    """23:59 and 00:01 in UTC+8 are two days, though one day in UTC."""
    assert days_between(at(4, 1, 23), at(4, 2, 1)) == 1
    assert days_between(at(4, 1, 0), at(4, 1, 23)) == 0


def test_two_standing_reports_leave_the_value_open() -> None:
    """Of two reports on one sample neither counts until one takes the other's place."""
    chain = replace(custody(), reports=(Filed(15, report()), Filed(16, report(report="M-0413"))))

    assert codes(chain) == ["reported-twice"]


ALONE = dict.fromkeys(("carbon_ppm", "ncv_j_per_g", "hydrogen_ppm", "sulphur_ppm"))


def test_moisture_as_received_may_stand_in_a_report_of_its_own() -> None:
    """It is another quantity than the moisture of the air-dry report, filed before or after."""
    moisture = report(report="M-0399", basis=CarbonBasis.AS_RECEIVED, **ALONE)
    chain = replace(custody(), reports=(Filed(15, report()), Filed(16, moisture)))
    verdict = judge(chain)

    assert verdict.usable
    assert verdict.report_index == 15


@pytest.mark.parametrize(
    "changes", [{"basis": CarbonBasis.AIR_DRY}, {"ash_ppm": 1}, {"hydrogen_ppm": 1}], ids=str
)
def test_other_second_reports_are_rivals(changes: dict[str, Any]) -> None:
    """Nobody picks the better of two reports."""
    second = report(**(ALONE | {"report": "M-2", "basis": CarbonBasis.AS_RECEIVED} | changes))
    chain = replace(custody(), reports=(Filed(14, second), Filed(15, report())))

    assert "reported-twice" in codes(chain)


def test_moisture_alone_is_no_carbon() -> None:
    """A sample of which only the moisture is known has not its five figures."""
    moisture = report(basis=CarbonBasis.AS_RECEIVED, **ALONE)

    assert codes(replace(custody(), reports=(Filed(15, moisture),))) == ["figures-missing"]


def composite(**parts: int) -> Custody:
    """Give a composite with parts taken at the given seconds; others are not filed."""
    chain = with_sample(custody(), kind=SampleKind.COMPOSITE, parts=("d-1", "d-2"))
    filed = {
        name.replace("_", "-"): Filed(
            20 + number, sample(name.replace("_", "-"), from_s=at(3, 1, 0), taken_s=taken)
        )
        for number, (name, taken) in enumerate(parts.items())
    }
    times = {each.index: BlockTime(each.body.taken_s, True) for each in filed.values()}
    return replace(chain, parts=filed, filed={**chain.filed, **times})


@pytest.mark.parametrize(
    ("chain", "found"),
    [
        (composite(d_1=at(3, 10), d_2=at(3, 30)), []),
        (composite(d_1=at(3, 10)), ["part-unknown"]),
        (composite(d_1=at(3, 10), d_2=at(4, 1, 9)), ["part-later"]),
    ],
    ids=["whole", "unknown", "later"],
)
def test_composite_is_made_of_filed_samples(chain: Custody, found: list[str]) -> None:
    """Its parts are there, and were taken before it was put together."""
    assert codes(chain) == found


def test_part_that_was_filed_with_the_composite_is_made_up() -> None:
    """The daily samples are on the chain day by day, not all at the end of the month."""
    chain = composite(d_1=at(3, 10), d_2=at(3, 30))
    late = replace(chain, filed={**chain.filed, 20: BlockTime(at(3, 31), True)})
    unknown = replace(chain, filed={10: chain.filed[10], 20: chain.filed[20]})

    (fault,) = judge(late).faults
    assert (fault.code, fault.detail) == ("filed-late", "d-1: 2024-03-10 / 2024-03-31")
    (note,) = judge(unknown).notes
    assert (note.code, note.detail) == ("filing-unknown", "d-2")


def test_part_of_another_fuel_breaks_the_composite() -> None:
    """A composite is of one fuel."""
    chain = composite(d_1=at(3, 10), d_2=at(3, 30))
    other = Filed(21, replace(chain.parts["d-2"].body, fuel="褐煤"))

    assert codes(replace(chain, parts={**chain.parts, "d-2": other})) == ["other-fuel"]


@pytest.mark.parametrize(("day", "found"), [(10, []), (11, ["old-parts"])])
def test_oldest_part_that_waited_is_noted(day: int, found: list[str]) -> None:
    """Of a composite its own day counts; how long the oldest part waited stands beside it."""
    chain = with_step(composite(d_1=at(3, 1), d_2=at(3, 30)), TESTED, at_s=at(4, day))
    chain = with_report(chain, tested_s=at(4, day))

    assert notes(chain) == found
    assert judge(chain).usable


@pytest.mark.parametrize(
    ("changes", "note"),
    [({"mass_g": 699}, "kept-little"), ({"particle_um": 3001}, "kept-coarse")],
    ids=str,
)
def test_kept_sample_is_looked_at(changes: dict[str, int], note: str) -> None:
    """Too little or too coarse is noted, and decides nothing."""
    chain = with_step(custody(), CustodyStep.KEPT, **changes)

    assert notes(chain) == [note]
    assert judge(chain).usable


def test_nothing_kept_is_noted() -> None:
    """A missing kept sample is noted."""
    whole = custody()

    assert notes(replace(whole, steps=whole.steps[:-1])) == ["nothing-kept"]


def test_sample_thrown_away_before_the_report_is_noted() -> None:
    """Nothing is left to test again."""
    chain = custody()
    gone = Filed(20, step(CustodyStep.DISCARDED, at(4, 11)))

    assert notes(replace(chain, steps=(*chain.steps, gone))) == ["discarded-early"]


def test_reasons_are_given_in_two_languages() -> None:
    """A fault names its values, in English and Chinese."""
    (fault,) = judge(chain_of_test(5, 20, 8)).faults

    assert fault.text() == "tested more natural days after sampling than allowed (49 > 40)"
    assert fault.text("zh") == "检测超过采样后规定的自然日 (49 > 40)"


def test_late_filing_names_both_days() -> None:
    """The day of sampling and the day of the block."""
    (fault,) = judge(replace(custody(), filed={10: BlockTime(at(4, 20), True)})).faults

    assert fault.detail == "c-03: 2024-04-01 / 2024-04-20"


def test_gas_has_no_five_figures() -> None:
    """What is asked of coal is not asked of gas."""
    blank = dict.fromkeys(
        ("carbon_ppm", "ncv_j_per_g", "hydrogen_ppm", "sulphur_ppm", "moisture_ppm")
    )
    chain = with_report(custody(), gas_carbon_mg_per_m3=596_000, **blank)

    assert judge(chain).usable
