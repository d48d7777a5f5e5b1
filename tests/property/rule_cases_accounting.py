"""What the rules of accounting take, drawn at random; valid by construction."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from tests.support.rule_draws import (
    FACTORS,
    PERCENTS,
    SHARES,
    Inputs,
    Plain,
    above,
    amounts,
    burned,
    flows,
    heats,
    record,
    several,
)

_BASES = ("AS_RECEIVED", "AIR_DRY", "DRY", "FROM_HEAT")
_CEMS_STATES = ("MEASURED", "HIGHEST", "STATED", "STOPPED")
_STEEL = ("COKING", "SINTERING", "PELLETISING", "IRON_MAKING", "CONVERTER", "ELECTRIC_FURNACE")
_UNITS = st.sampled_from(["t", "m3", "kWh"])


# --- power ------------------------------------------------------------------------------------


@st.composite
def _coal_line(draw: st.DrawFn) -> Plain:
    basis = draw(st.sampled_from(_BASES))
    from_heat, is_dried = basis == "FROM_HEAT", basis in ("AIR_DRY", "DRY")
    per_heat = st.sampled_from(["0.03085", "0.02618", "0.03", "0.030855", "0.0261849"])
    return {
        "month": 1,
        "consumed_t": draw(amounts()),
        "basis": basis,
        "carbon_tC_per_t": "0" if from_heat else draw(FACTORS),
        "moistureAsReceived_pct": draw(amounts(50, 100)) if is_dried else "0",
        "moistureAirDry_pct": draw(amounts(0, 50)) if basis == "AIR_DRY" else "0",
        "heat_GJ_per_t": draw(amounts(0, 30)) if from_heat else "0",
        "carbonPerHeat_tC_per_GJ": draw(per_heat) if from_heat else "0",
    }


@st.composite
def _coal(draw: st.DrawFn) -> Plain:
    lines = draw(several(_coal_line(), most=5))
    months = sorted(draw(st.lists(st.integers(1, 12), min_size=len(lines), max_size=len(lines))))
    dated = [line | {"month": month} for line, month in zip(lines, months, strict=True)]
    return {"oxidation_1": draw(SHARES), "lines": dated}


_GAS_CARBON = st.sampled_from(["0.01532", "0.015325", "0.0153249"])


@st.composite
def _gas(draw: st.DrawFn) -> Plain:
    months = []
    for number in sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=3))):
        is_measured = draw(st.booleans())
        values = draw(st.lists(amounts(0, 6), min_size=1, max_size=3))
        months.append(
            {
                "month": number,
                "consumed_e4Nm3": draw(amounts(0, 10**5)),
                "carbon_tC_per_e4Nm3": values if is_measured else [],
                "heat_GJ_per_e4Nm3": [] if is_measured else values,
                "carbonPerHeat_tC_per_GJ": "0" if is_measured else draw(_GAS_CARBON),
            }
        )
    return {"oxidation_1": draw(SHARES), "months": months}


def power_combustion() -> Inputs:
    """Coals and gases, at least one fuel."""
    inputs = record(
        weighed=several(_coal(), least=0, most=2), gases=several(_gas(), least=0, most=2)
    )
    return inputs.filter(lambda drawn: bool(drawn["weighed"] or drawn["gases"]))


def gas_combustion() -> Inputs:
    """Gases alone, which one published profile knows."""
    return record(weighed=st.just([]), gases=several(_gas(), most=2))


@st.composite
def power_load_factor(draw: st.DrawFn) -> Plain:
    """Units with standbys; none runs longer than a year, and together they run."""
    running = record(running_h=amounts(0, 2000), generated_MWh=amounts())
    unit = record(
        capacity_MW=amounts(1, 1000),
        running_h=amounts(1, 4000),
        generated_MWh=amounts(),
        standbys=several(running, least=0, most=2),
    )
    return {"units": draw(several(unit, most=3))}


@st.composite
def power_heat_ratio(draw: st.DrawFn) -> Plain:
    """Heat supplied that is not above the boiler's."""
    inputs = draw(record(boilerHeat_GJ=above(), generated_MWh=amounts(), emissions_tCO2=amounts()))
    most = Decimal(inputs["boilerHeat_GJ"])
    share = Decimal(draw(st.sampled_from(["0", "0.2", "0.375", "1"])))
    return inputs | {
        "heatSupplied_GJ": f"{(most * share).quantize(Decimal('0.01'), 'ROUND_DOWN'):f}"
    }


def power_biomass_share() -> Inputs:
    """Fossil fuels beside steam that left warmer than it came."""
    steam = record(
        steam_t=above(),
        enthalpyOut_kJ_per_kg=amounts(2001, 3500),
        enthalpyIn_kJ_per_kg=amounts(0, 2000),
    )
    return record(steam=several(steam), boilerEfficiency_pct=amounts(20, 100), **heats(least=1))


@st.composite
def power_efficiency_check(draw: st.DrawFn) -> Plain:
    """A unit that supplies heat, or condenses all and supplies none."""
    inputs = draw(record(generated_MWh=amounts(), suppliesHeat=st.booleans(), **heats(least=1)))
    return inputs | {"heatSupplied_GJ": draw(amounts()) if inputs["suppliesHeat"] else "0"}


def heat_supplied() -> Inputs:
    """Steam and water, at least one line."""
    inputs = record(
        steam=several(
            record(mass_t=amounts(), enthalpy_kJ_per_kg=amounts(84, 5000)), least=0, most=3
        ),
        water=several(
            record(
                mass_t=amounts(),
                temperature_degC=amounts(20, 374),
                exchangerEfficiency_pct=amounts(50, 100),
            ),
            least=0,
            most=3,
        ),
    )
    return inputs.filter(lambda drawn: bool(drawn["steam"] or drawn["water"]))


def weighted_mean() -> Inputs:
    """Measurements that stand for something."""
    line = record(weight=above(), value=amounts(0, 100))
    return record(unit=_UNITS, decimals=st.integers(0, 18), lines=several(line))


# --- meters and gases -------------------------------------------------------------------------


@st.composite
def _meter_part(draw: st.DrawFn, names: tuple[str, str, str]) -> Plain:
    measured, bound, found = names
    is_calibrated = draw(st.booleans())
    return {
        measured: draw(amounts()),
        bound: draw(amounts(0, 5)),
        "isCalibrated": is_calibrated,
        found: draw(amounts(0, 10)) if is_calibrated else "0",
    }


def measurement_correction() -> Inputs:
    """Parts of a quantity, on either side."""
    part = _meter_part(("measured", "required_pct", "calibrated_pct"))
    side = st.sampled_from(["EMISSION", "PRODUCTION"])
    return record(side=side, unit=_UNITS, parts=several(part))


def measurement_correction_ccer() -> Inputs:
    """Power given and taken."""
    part = _meter_part(("energy_MWh", "limit_pct", "error_pct"))
    return record(exports=several(part, most=3), imports=several(part, most=3))


@st.composite
def cems_carbon_dioxide(draw: st.DrawFn) -> Plain:
    """Hours in every state; the first is measured, so that there is a highest."""
    states = ["MEASURED", *draw(st.lists(st.sampled_from(_CEMS_STATES), max_size=6))]
    hours = []
    for state in states:
        has_figures = state in ("MEASURED", "STATED")
        hours.append(
            {
                "state": state,
                "concentration_g_per_m3": draw(amounts(0, 2000)) if has_figures else "0",
                "flow_m3_per_h": draw(amounts(0, 10**6)) if has_figures else "0",
            }
        )
    return {"readings": hours}


def gwp_total() -> Inputs:
    """Gases, each with its own potential."""
    potentials = {"CO2": "1", "CH4": "28", "N2O": "265", "CH4-fossil": "29.8"}
    line = st.sampled_from(sorted(potentials)).flatmap(
        lambda gas: record(gas=st.just(gas), emitted_t=amounts(), gwp_1=st.just(potentials[gas]))
    )
    return record(lines=several(line, most=6))


def activity_factors() -> Inputs:
    """Activities in any unit."""
    line = record(unit=_UNITS, activity=amounts(), factor_kgCO2e=amounts(0, 100))
    return record(lines=several(line))


# --- other sectors ----------------------------------------------------------------------------


def steel_company() -> Inputs:
    """Fuels, materials and products of a works."""
    material = record(consumed_t=amounts(), factor_tCO2_per_t=FACTORS)
    product = record(isCrudeSteel=st.booleans(), output_t=amounts(), embedded_tCO2_per_t=FACTORS)
    some = several(material, least=0, most=2)
    inputs = record(
        entering=flows(),
        leaving=flows(),
        carbonates=some,
        electrodes=some,
        materials=some,
        products=several(product, least=0, most=3),
    )
    return inputs.filter(lambda drawn: any(_lines_of(drawn)))


def _lines_of(inputs: Plain) -> list[bool]:
    flat = [inputs[name] for name in ("carbonates", "electrodes", "materials", "products")]
    both = [inputs[side][kind] for side in ("entering", "leaving") for kind in ("weighed", "gases")]
    return [bool(lines) for lines in (*flat, *both)]


def steel_processes() -> Inputs:
    """Processes with fuels in and out, and units of generation."""
    process = record(
        process=st.sampled_from(_STEEL),
        output_t=amounts(),
        entering=flows().filter(_has_fuel),
        leaving=flows(),
    )
    return record(
        company_tCO2=amounts(-(10**7), 10**7),
        processes=several(process, most=3),
        units=several(burned().filter(_has_fuel), least=0, most=2),
    )


def _has_fuel(fuels: Plain) -> bool:
    return bool(fuels["weighed"] or fuels["gases"])


@st.composite
def cement_clinker(draw: st.DrawFn) -> Plain:
    """Clinker with substitutes that save less than its own carbonates give."""
    kind = record(output_t=amounts(10**5, 10**7), factor_tCO2_per_t=amounts(1, 1))
    kinds = draw(several(kind, most=2))
    slag = record(
        isCarbideSlag=st.booleans(),
        consumed_t=amounts(0, 3 * 10**4),
        deduction_tCO2_per_t=FACTORS,
    )
    return {
        "fuels": draw(burned()),
        "clinkers": kinds,
        "substitutes": draw(several(slag, least=0, most=3)),
        "carbideSlagLimit_pct": draw(st.sampled_from(["0", "0.5", "30", "100"])),
    }


def cement_clinker_oxides() -> Inputs:
    """Analyses whose oxides are a part of the clinker."""
    analysis = record(
        output_t=amounts(),
        kilnDust_t=amounts(0, 10**4),
        bypassDust_t=amounts(0, 10**4),
        calciumOxide_pct=amounts(10, 70),
        calciumOxideOther_pct=amounts(0, 10),
        magnesiumOxide_pct=amounts(5, 30),
        magnesiumOxideOther_pct=amounts(0, 5),
        rawMeal_t=amounts(),
        rawMealCarbon_pct=amounts(0, 1),
    )
    return record(analyses=several(analysis, most=3))


def carbonates_process() -> Inputs:
    """Carbonates of any purity."""
    use = record(
        consumed_t=amounts(),
        purity_pct=PERCENTS,
        factor_tCO2_per_t=FACTORS,
        decomposed_pct=PERCENTS,
    )
    return record(uses=several(use))


def fuel_factor() -> Inputs:
    """A fuel of at most a tonne of carbon in a tonne."""
    return record(
        heat_GJ_per_t=amounts(0, 32),
        carbonPerHeat_tC_per_GJ=st.sampled_from(["0.022", "0.03085"]),
        oxidation_1=SHARES,
    )


def aluminium_anode() -> Inputs:
    """Potlines whose anodes are carbon for the most part."""
    potline = record(
        output_t=amounts(),
        anodeUse_t_per_t=SHARES,
        sulphur_pct=amounts(0, 50),
        ash_pct=amounts(0, 50),
    )
    return record(potlines=several(potline))


def aluminium_pfc() -> Inputs:
    """Potlines with and without measured anode effects, at least one."""
    default = record(output_t=amounts(), cf4_kg_per_t=SHARES, c2f6_kg_per_t=SHARES)
    slope = record(
        output_t=amounts(),
        effect_min=amounts(0, 10),
        slope_kg_per_t_per_min=SHARES,
        c2f6Share_1=SHARES,
    )
    inputs = record(
        byDefault=several(default, least=0, most=2),
        bySlope=several(slope, least=0, most=2),
        cf4Potential_1=st.just("6630"),
        c2f6Potential_1=st.just("11100"),
    )
    return inputs.filter(lambda drawn: bool(drawn["byDefault"] or drawn["bySlope"]))


def ccer_offshore_wind() -> Inputs:
    """A wind farm whose two weights make 1."""
    period = record(exported_MWh=amounts(), imported_MWh=amounts(0, 10**4))
    weights = st.sampled_from(["0", "0.25", "0.5", "1"])
    inputs = record(
        periods=several(period),
        operatingMargin_tCO2_per_MWh=SHARES,
        buildMargin_tCO2_per_MWh=SHARES,
        operatingWeight_1=weights,
    )
    return inputs.map(
        lambda drawn: drawn | {"buildWeight_1": f"{1 - Decimal(drawn['operatingWeight_1']):f}"}
    )


def ccer_afforestation() -> Inputs:
    """Strata that grow or shrink."""
    stratum = record(
        area_ha=amounts(0, 10**5),
        before_tC_per_ha=amounts(0, 500),
        after_tC_per_ha=amounts(0, 500),
    )
    return record(
        strata=several(stratum),
        baseline_tCO2e=amounts(-(10**5), 10**5),
        emissions_tCO2e=amounts(0, 10**5),
        leakage_tCO2e=amounts(0, 10**5),
        uncertaintyDeduction_pct=PERCENTS,
        riskDeduction_pct=PERCENTS,
    )


def bought(amount: str, factor: str) -> Inputs:
    """Electricity or heat, in readings or bills."""
    return record(**{amount: st.lists(amounts(), min_size=1, max_size=4), factor: FACTORS})
