// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {LoadCurves} from "../../libraries/LoadCurves.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile, UnitClass} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice A unit of a plant; several where units that are merged (合并填报) share their meters.
/// @param unitClass Class by its permit; gas is not merged with coal.
/// @param powerBenchmark_tCO2_per_MWh Benchmark of its class for generated power, above 0, tCO2/MWh.
/// @param heatBenchmark_tCO2_per_GJ Benchmark of its class for heat, above 0, tCO2/GJ.
struct GeneratingUnit {
    UnitClass unitClass;
    int256 powerBenchmark_tCO2_per_MWh;
    int256 heatBenchmark_tCO2_per_GJ;
}

/// @notice What the allocation from 2023 on is worked out from.
/// @param units The unit, or those merged.
/// @param generated_MWh Power generated (发电量), not supplied, 0 or more, MWh.
/// @param heat_GJ Heat supplied, 0 or more, GJ.
/// @param load_pct Load factor, 0 to 100 %.
struct PowerAllocationByGenerationInputs {
    GeneratingUnit[] units;
    int256 generated_MWh;
    int256 heat_GJ;
    int256 load_pct;
}

/// @title PowerAllocationByGeneration
/// @notice Allowances of a power unit in the plans from 2023 on: `A = Qe·Be·Ff + Qh·Bh`.
///
/// - Qe is the power *generated*. Load Ff: the version's curve for conventional coal (classes I and II), 1 for
///   the others.
/// - Merged units take the least favourable: the lowest benchmarks, and the load correction only if all would
///   get it.
/// - The part for power and the part for heat are each rounded down to whole tonnes; nothing is rounded before
///   but Ff, to 6 decimals. That rounding is read in the draft for 2025–2026 and taken for 2023–2024 too.
/// - Units outside the plan, or with an allocation equal to their emission (biomass above 50 %, more than 10 %
///   of own gas, oil, new in the year, closed, …), are none of this rule's.
///
/// The only profile is `Exact`. Results: `generationAllocation`, `heatAllocation`, `allocation`, t, whole.
/// Steps: `powerBenchmark`, `heatBenchmark`, and those of {LoadCurves}.
///
/// Worked by hand. 1 234 567.891 MWh of a class II unit at 0.8049 tCO2/MWh and a load above the curve: 993
/// 703.69…, so 993 703 t; 555 555.55 GJ at 0.1033 tCO2/GJ: 57 388.88…, so 57 388 t; together 1 051 091 t.
abstract contract PowerAllocationByGeneration is TonneRule {
    using Outcomes for OutcomeDraft;

    uint256 private constant MAX_STEPS = 6;

    /// @dev A millionth, in which a load correction is a whole number.
    int256 private constant MILLIONTH = 1e12;

    /// @dev The merged units as one.
    struct Merged {
        int256 powerBenchmark;
        int256 heatBenchmark;
        bool isConventional;
    }

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.power";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PowerAllocationByGenerationInputs memory decoded =
            abi.decode(inputs, (PowerAllocationByGenerationInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PowerAllocationByGenerationInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireAmount("generated_MWh", 0, inputs.generated_MWh);
        _requireAmount("heat_GJ", 0, inputs.heat_GJ);
        _requirePercent("load_pct", 0, inputs.load_pct);
        Merged memory merged = _merge(inputs.units);
        OutcomeDraft memory draft = Outcomes.open(3, MAX_STEPS);

        int256 power =
            inputs.generated_MWh * draft.step("powerBenchmark", 0, "tCO2/MWh", merged.powerBenchmark);
        int256 heat = inputs.heat_GJ * draft.step("heatBenchmark", 0, "tCO2/GJ", merged.heatBenchmark);
        int256 correction = merged.isConventional ? _curve(draft, inputs.load_pct) : LoadCurves.none(draft);
        int256 generationAllocation = _floor(power, correction / MILLIONTH, 1e42);
        int256 heatAllocation = _floor(heat, 1, 1e36);

        draft.result("generationAllocation", TONNE, generationAllocation, 0);
        draft.result("heatAllocation", TONNE, heatAllocation, 0);
        draft.result("allocation", TONNE, generationAllocation + heatAllocation, 0);
        return draft.close();
    }

    /// @dev The plan's factor at a load in percent, with its steps written.
    function _curve(OutcomeDraft memory draft, int256 load) internal pure virtual returns (int256);

    function _merge(GeneratingUnit[] memory units) private pure returns (Merged memory merged) {
        _requireSome("units", units.length);
        bool isGas = units[0].unitClass == UnitClass.Gas;
        merged = Merged(MAX_NUMBER, MAX_NUMBER, !isGas);
        for (uint256 i = 0; i < units.length; ++i) {
            GeneratingUnit memory unit = units[i];
            _requireNamed("unitClass", i, uint8(unit.unitClass));
            bool isAlike = (unit.unitClass == UnitClass.Gas) == isGas;
            require(isAlike, Rule_OutOfRange("unitClass", i, _number(uint8(unit.unitClass))));
            _requirePositive("powerBenchmark_tCO2_per_MWh", i, unit.powerBenchmark_tCO2_per_MWh);
            _requirePositive("heatBenchmark_tCO2_per_GJ", i, unit.heatBenchmark_tCO2_per_GJ);
            merged.powerBenchmark = SignedMath.min(merged.powerBenchmark, unit.powerBenchmark_tCO2_per_MWh);
            merged.heatBenchmark = SignedMath.min(merged.heatBenchmark, unit.heatBenchmark_tCO2_per_GJ);
            if (unit.unitClass == UnitClass.UnconventionalCoal) merged.isConventional = false;
        }
    }
}
