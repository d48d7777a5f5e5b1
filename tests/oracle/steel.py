"""
Steel works (钢铁): the whole by mass balance, the main processes, and what remains.

Source: domain reference 1.3, steel (CETS-AG-03.01); 2.3 for the intensity of the allocation plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.fuels import Flow, FuelSheet
from tests.oracle.numbers import ZERO, over, times, total

Plain = Mapping[str, Any]


def steel_company(inputs: Plain, profile: RoundingProfile) -> FuelSheet:
    """Σ FC·NCV·CC·44/12 + carbonates + electrodes + materials − products; no oxidation rate."""
    sheet = FuelSheet(profile)
    entering, leaving = sheet.flows(inputs["entering"]), sheet.flows(inputs["leaving"])
    net = sheet.step("fuelNet", entering.less(leaving).emissions)
    bought = [*inputs["carbonates"], *inputs["electrodes"], *inputs["materials"]]
    added = [
        _line(
            sheet, ("materialAmount", "materialEmissions"), at, each, "consumed_t", _MATERIAL_FACTOR
        )
        for at, each in enumerate(bought)
    ]
    carried = [
        _line(sheet, ("productAmount", "productCarbon"), at, each, "output_t", _PRODUCT_FACTOR)
        for at, each in enumerate(inputs["products"])
    ]
    emissions = net + total(added) - total(carried)
    steel = total(
        sheet.steps["productAmount", at]
        for at, each in enumerate(inputs["products"])
        if each["isCrudeSteel"]
    )
    sheet.result("emissions", emissions, 2)
    sheet.result("emissionsWhole", emissions, 0)
    if steel != ZERO:
        sheet.step("crudeSteel", steel, decimals=sheet.printed(2))
        printed = sheet.results["emissions"] if sheet.is_reported else emissions
        sheet.result("crudeSteelIntensity", over(printed, steel), 4)
    return sheet


_MATERIAL_FACTOR = "factor_tCO2_per_t"
_PRODUCT_FACTOR = "embedded_tCO2_per_t"


def _line(
    sheet: FuelSheet, names: tuple[str, str], item: int, line: Plain, amount: str, factor: str
) -> Decimal:
    amount_t = sheet.step(names[0], Decimal(line[amount]), item=item, decimals=sheet.printed(2))
    emissions = times(amount_t, Decimal(line[factor]))
    return sheet.step(names[1], emissions, item=item, decimals=sheet.printed(2))


def steel_processes(inputs: Plain, profile: RoundingProfile) -> FuelSheet:
    """Each process by its fuels in and out, generation with oxidation, the remainder unclipped."""
    sheet = FuelSheet(profile)
    processes = [_process(sheet, at, each) for at, each in enumerate(inputs["processes"])]
    units = [sheet.burned(unit) for unit in inputs["units"]]
    for at, unit in enumerate(units):
        sheet.step("unitEmissions", unit.emissions, item=at, decimals=sheet.printed(2))
    company = sheet.step("company", Decimal(inputs["company_tCO2"]), decimals=sheet.printed(2))
    process_flow, unit_flow = _all(processes, sheet), _all(units, sheet)
    sheet.result("processEmissions", process_flow.emissions, 2)
    sheet.result("generationEmissions", unit_flow.emissions, 2)
    other = company - (process_flow.plus(unit_flow).emissions)
    sheet.result("otherEmissions", other, 2)
    _allocation_intensity(sheet, inputs, processes)
    return sheet


def _process(sheet: FuelSheet, item: int, line: Plain) -> Flow:
    flow = sheet.flows(line["entering"]).less(sheet.flows(line["leaving"]))
    emissions = sheet.step(
        "processCarbonDioxide", flow.emissions, item=item, decimals=sheet.printed(2)
    )
    output = sheet.step(
        "processOutput", Decimal(line["output_t"]), item=item, decimals=sheet.printed(2)
    )
    if output != ZERO:
        sheet.step(
            "processIntensity", over(emissions, output), item=item, decimals=sheet.printed(4)
        )
    return flow


def _all(flows: list[Flow], sheet: FuelSheet) -> Flow:
    added = Flow(sheet.is_reported)
    for flow in flows:
        added = added.plus(flow)
    return added


def _allocation_intensity(sheet: FuelSheet, inputs: Plain, processes: list[Flow]) -> None:
    lines = list(zip(inputs["processes"], processes, strict=True))
    iron = total(
        sheet.steps["processOutput", at]
        for at, (line, _) in enumerate(lines)
        if line["process"] == "IRON_MAKING"
    )
    if iron == ZERO:
        return
    counted = [flow for line, flow in lines if line["process"] in ("IRON_MAKING", "SINTERING")]
    emissions = sheet.step("ironAndSinter", _all(counted, sheet).emissions)
    sheet.step("ironOutput", iron)
    sheet.result("allocationIntensity", over(emissions, iron), 4)
