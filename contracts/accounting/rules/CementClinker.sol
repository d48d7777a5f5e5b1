// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {BurnedFuels, FuelRule} from "./FuelRule.sol";

/// @notice A kind of clinker (熟料) that the line made.
/// @param output_t Clinker, t.
/// @param factor_tCO2_per_t CO₂ of the carbonates in a tonne (熟料的过程排放因子), tCO2/t.
struct ClinkerKind {
    int256 output_t;
    int256 factor_tCO2_per_t;
}

/// @notice A raw material without carbonates (非碳酸盐替代原料).
/// @param isCarbideSlag Whether it is carbide slag (电石渣), whose share decides about a special case of the allocation.
/// @param consumed_t Amount consumed, t.
/// @param deduction_tCO2_per_t CO₂ that a tonne of it saves (扣减系数), tCO2/t.
struct ClinkerSubstitute {
    bool isCarbideSlag;
    int256 consumed_t;
    int256 deduction_tCO2_per_t;
}

/// @notice A clinker line (水泥熟料生产线) in a year.
/// @param fuels Fossil fuels that it burned.
/// @param clinkers What it made.
/// @param substitutes Raw materials without carbonates; may be empty.
/// @param carbideSlagLimit_pct Substitution rate above which the allocation equals the emission, 0 to 100 %: 30 in the plans.
struct CementClinkerInputs {
    BurnedFuels fuels;
    ClinkerKind[] clinkers;
    ClinkerSubstitute[] substitutes;
    int256 carbideSlagLimit_pct;
}

/// @title CementClinker
/// @notice CO₂ of a clinker line: `E = Σ FC × NCV × CC × OF × 44/12 + Σ Q clinker × EF − Σ Q substitute × deduction`.
///
/// - Substitution rate of carbide slag (电石渣替代率): `Σ Q slag × deduction / Σ Q clinker × EF`. Above the limit, not at it, the
///   line's allocation is its verified emission. The comparison is made on the unrounded rate.
/// - Substitutes cannot save more than the clinker's own carbonates would give: a sum of deductions above that is refused.
/// - The guide's way of stating fuel, and its decimals, could not be read: fuels go by heat value here, and no rounded profile
///   is offered.
///
/// Profile: `Exact`.
///
/// Results, with 2 decimals: `fuelsEmissions`, `processEmissions`, `emissions` tCO2; `emissionsWhole` tCO2 without. If any
/// clinker was made: `clinkerIntensity` tCO2/t with 4. If it has a process factor: `carbideSlagRate` % with 2, and
/// `aboveCarbideSlagLimit`, 1 or 0.
/// Steps: those of each fuel ({FuelRule}); `clinkerCarbonDioxide` tCO2 of each kind; `substituteDeduction` tCO2 of each
/// substitute; `clinkerOutput` t.
///
/// Worked by hand: 1 500 000 t × 0.535 = 802 500; 60 000 t of carbide slag × 0.480 = 28 800; process 773 700.00 tCO2; rate
/// 28 800 / 802 500 = 3.5888 %, so 3.59 %.
contract CementClinker is FuelRule {
    using Outcomes for OutcomeDraft;

    /// @dev Clinker made, t; CO₂ of its carbonates, and what substitutes save of it, tCO2.
    struct Process {
        int256 output;
        int256 carbonDioxide;
        int256 saved;
        int256 savedBySlag;
    }

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "cement.clinker";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-02.01-V01-2024, second-hand; substitution rate: draft allocation plan for 2026, table 2-3, read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        CementClinkerInputs memory decoded = abi.decode(inputs, (CementClinkerInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(CementClinkerInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireSome("clinkers", inputs.clinkers.length);
        _requirePercent("carbideSlagLimit", 0, inputs.carbideSlagLimit_pct);
        uint256 steps =
            _fuelsIn(inputs.fuels) * STEPS_OF_FUEL + inputs.clinkers.length + inputs.substitutes.length + 1;
        FuelWork memory work = FuelWork(Outcomes.open(7, steps), profile, 0, 0);

        int256 fuels = _emissionsOf(work, _burning(work, inputs.fuels));
        Process memory process;
        _addClinkers(work, process, inputs.clinkers);
        _addSubstitutes(work, process, inputs.substitutes);

        int256 remaining = process.carbonDioxide - process.saved;
        work.draft.result("fuelsEmissions", "tCO2", fuels, 2);
        work.draft.result("processEmissions", "tCO2", remaining, 2);
        work.draft.result("emissions", "tCO2", fuels + remaining, 2);
        work.draft.result("emissionsWhole", "tCO2", fuels + remaining, 0);
        _writeRates(work, process, fuels + remaining, inputs.carbideSlagLimit_pct);
        return work.draft.close();
    }

    function _addClinkers(FuelWork memory work, Process memory process, ClinkerKind[] memory clinkers)
        private
        pure
    {
        for (uint256 i = 0; i < clinkers.length; ++i) {
            int256 output = clinkers[i].output_t;
            _requireAmount("output", i, output);
            _requireAmount("factor", i, clinkers[i].factor_tCO2_per_t);
            int256 carbonDioxide = Fixed.mul(output, clinkers[i].factor_tCO2_per_t);
            process.output += output;
            process.carbonDioxide += work.draft.step("clinkerCarbonDioxide", i, "tCO2", carbonDioxide);
        }
        work.draft.step("clinkerOutput", 0, "t", process.output);
    }

    function _addSubstitutes(
        FuelWork memory work,
        Process memory process,
        ClinkerSubstitute[] memory substitutes
    ) private pure {
        for (uint256 i = 0; i < substitutes.length; ++i) {
            int256 consumed = substitutes[i].consumed_t;
            _requireAmount("consumed", i, consumed);
            _requireAmount("deduction", i, substitutes[i].deduction_tCO2_per_t);
            int256 saved = Fixed.mul(consumed, substitutes[i].deduction_tCO2_per_t);
            process.saved += work.draft.step("substituteDeduction", i, "tCO2", saved);
            if (substitutes[i].isCarbideSlag) process.savedBySlag += saved;
        }
        _requireWithin("substitutes", 0, process.saved, 0, process.carbonDioxide);
    }

    function _writeRates(FuelWork memory work, Process memory process, int256 emissions, int256 limit)
        private
        pure
    {
        if (process.output != 0) {
            work.draft.result("clinkerIntensity", "tCO2/t", Fixed.div(emissions, process.output), 4);
        }
        if (process.carbonDioxide == 0) return;
        int256 rate = Fixed.ratio(process.savedBySlag, HUNDRED, process.carbonDioxide);
        // Multiplied out, so that a quotient rounded to the limit is not mistaken for it.
        bool isAbove = process.savedBySlag * HUNDRED > process.carbonDioxide * limit;
        work.draft.result("carbideSlagRate", "%", rate, 2);
        work.draft.result("aboveCarbideSlagLimit", "1", isAbove ? Fixed.ONE : int256(0), 0);
    }
}
