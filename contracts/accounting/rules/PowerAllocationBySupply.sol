// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {LoadCurves} from "../../libraries/LoadCurves.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile, UnitClass} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A unit of a plant; several where units that are merged (合并填报) share their meters.
/// @param unitClass Class by its permit; gas is not merged with coal.
/// @param isAirCooled Whether it is cooled by air; of no effect for gas.
/// @param powerBenchmark_tCO2_per_MWh Benchmark of its class for supplied power, above 0, tCO2/MWh.
/// @param heatBenchmark_tCO2_per_GJ Benchmark of its class for heat, above 0, tCO2/GJ.
struct SuppliedUnit {
    UnitClass unitClass;
    bool isAirCooled;
    int256 powerBenchmark_tCO2_per_MWh;
    int256 heatBenchmark_tCO2_per_GJ;
}

/// @notice What the allocation of 2019–2022 is worked out from.
/// @param units The unit, or those merged.
/// @param isHeating Whether power and heat are made together (热电联产); false for pure condensing.
/// @param supplied_MWh Power supplied (供电量), not generated, 0 or more, MWh.
/// @param heat_GJ Heat supplied, 0 or more, GJ.
/// @param heatRatio_1 Heat supplied over heat of the boiler (供热比), 0 to 1.
/// @param load_pct Load factor, 0 to 100 %.
struct PowerAllocationBySupplyInputs {
    SuppliedUnit[] units;
    bool isHeating;
    int256 supplied_MWh;
    int256 heat_GJ;
    int256 heatRatio_1;
    int256 load_pct;
}

/// @title PowerAllocationBySupply
/// @notice Allowances of a power unit in the plans of 2019–2022: `A = Qe·Be·Fl·Fr·Ff + Qh·Bh`.
///
/// - Qe is the power *supplied*. Cooling Fl: 1.05 for coal cooled by air, else 1. Heat Fr: 1 − 0.22·ratio for
///   coal, 1 − 0.6·ratio for gas. Load Ff: {LoadCurves-tiered} for conventional coal, else 1; which units with
///   heat get it is the versions' business.
/// - Merged units take the least favourable: the lowest benchmarks, the load correction only if all would get
///   it, Fl 1.05 only if all are cooled by air.
/// - Fl and Fr of coal are recalled, not retrieved; confidence 0.95; Fr of gas is second-hand. That Ff is for
///   conventional coal only, as its table says in later plans, is inferred.
/// - No rule for rounding was found: amounts are shown with 2 decimals, half up, and the sum is rounded once.
///
/// The only profile is `Exact`: after each product 18 decimals. Results: `generationAllocation`,
/// `heatAllocation`, `allocation`, t with 2 decimals.
/// Steps: `powerBenchmark`, `heatBenchmark`, `coolingFactor`, `heatFactor`, and those of {LoadCurves}.
abstract contract PowerAllocationBySupply is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant MAX_STEPS = 8;
    int256 private constant AIR_COOLED = 1.05e18;
    int256 private constant COAL_HEAT_SHARE = 0.22e18;
    int256 private constant GAS_HEAT_SHARE = 0.6e18;

    /// @dev The merged units as one.
    struct Merged {
        int256 powerBenchmark;
        int256 heatBenchmark;
        bool isGas;
        bool isConventional;
        bool isAirCooled;
    }

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.power";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PowerAllocationBySupplyInputs memory decoded = abi.decode(inputs, (PowerAllocationBySupplyInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PowerAllocationBySupplyInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireAmount("supplied_MWh", 0, inputs.supplied_MWh);
        _requireAmount("heat_GJ", 0, inputs.heat_GJ);
        _requireShare("heatRatio_1", 0, inputs.heatRatio_1);
        _requirePercent("load_pct", 0, inputs.load_pct);
        Merged memory merged = _merge(inputs.units);
        OutcomeDraft memory draft = Outcomes.open(3, MAX_STEPS);

        int256 power = Fixed.mul(
            inputs.supplied_MWh, draft.step("powerBenchmark", 0, "tCO2/MWh", merged.powerBenchmark)
        );
        int256 heat =
            Fixed.mul(inputs.heat_GJ, draft.step("heatBenchmark", 0, "tCO2/GJ", merged.heatBenchmark));
        int256 generation =
            Fixed.mul(Fixed.mul(power, _coolingFactor(draft, merged)), _heatFactor(draft, merged, inputs));
        bool isCorrected = merged.isConventional && (_correctsHeating() || !inputs.isHeating);
        int256 correction = isCorrected ? LoadCurves.tiered(draft, inputs.load_pct) : LoadCurves.none(draft);
        int256 corrected = Fixed.mul(generation, correction);

        draft.result("generationAllocation", "t", corrected, 2);
        draft.result("heatAllocation", "t", heat, 2);
        draft.result("allocation", "t", corrected + heat, 2);
        return draft.close();
    }

    /// @dev Whether the plan corrects the load of units that make heat too.
    function _correctsHeating() internal pure virtual returns (bool);

    function _merge(SuppliedUnit[] memory units) private pure returns (Merged memory merged) {
        _requireSome("units", units.length);
        bool isGas = units[0].unitClass == UnitClass.Gas;
        merged = Merged(MAX_NUMBER, MAX_NUMBER, isGas, !isGas, true);
        for (uint256 i = 0; i < units.length; ++i) {
            SuppliedUnit memory unit = units[i];
            _requireNamed("unitClass", i, uint8(unit.unitClass));
            bool isAlike = (unit.unitClass == UnitClass.Gas) == isGas;
            require(isAlike, Rule_OutOfRange("unitClass", i, _number(uint8(unit.unitClass))));
            _requirePositive("powerBenchmark_tCO2_per_MWh", i, unit.powerBenchmark_tCO2_per_MWh);
            _requirePositive("heatBenchmark_tCO2_per_GJ", i, unit.heatBenchmark_tCO2_per_GJ);
            merged.powerBenchmark = SignedMath.min(merged.powerBenchmark, unit.powerBenchmark_tCO2_per_MWh);
            merged.heatBenchmark = SignedMath.min(merged.heatBenchmark, unit.heatBenchmark_tCO2_per_GJ);
            if (unit.unitClass == UnitClass.UnconventionalCoal) merged.isConventional = false;
            if (!unit.isAirCooled) merged.isAirCooled = false;
        }
    }

    function _coolingFactor(OutcomeDraft memory draft, Merged memory merged) private pure returns (int256) {
        int256 factor = merged.isAirCooled && !merged.isGas ? AIR_COOLED : Fixed.ONE;
        return draft.step("coolingFactor", 0, "1", factor);
    }

    function _heatFactor(
        OutcomeDraft memory draft,
        Merged memory merged,
        PowerAllocationBySupplyInputs memory inputs
    ) private pure returns (int256) {
        int256 share = merged.isGas ? GAS_HEAT_SHARE : COAL_HEAT_SHARE;
        return draft.step("heatFactor", 0, "1", Fixed.ONE - Fixed.mul(share, inputs.heatRatio_1));
    }
}
