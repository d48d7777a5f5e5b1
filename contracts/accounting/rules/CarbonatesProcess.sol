// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A carbonate that is heated or dissolved, such as limestone for desulphurisation.
/// @param consumed_t Material consumed, t.
/// @param purity_pct Carbonate in it, 0 to 100 %.
/// @param factor_tCO2_per_t CO₂ of a tonne of pure carbonate, 0 to 1 tCO2/t: 0.440 for CaCO₃.
/// @param decomposed_pct Share that decomposes, 0 to 100 %; 100 where it is not measured.
struct CarbonateUse {
    int256 consumed_t;
    int256 purity_pct;
    int256 factor_tCO2_per_t;
    int256 decomposed_pct;
}

/// @notice All carbonates of a year.
struct CarbonatesProcessInputs {
    CarbonateUse[] uses;
}

/// @title CarbonatesProcess
/// @notice CO₂ of carbonates that decompose (碳酸盐分解): `E = Σ M × purity × EF × decomposed`.
///
/// Profile: `Exact`.
///
/// Results: `emissions` tCO2 with 2 decimals; `emissionsWhole` tCO2 without.
/// Steps, of each use: `carbonate` t; `useEmissions` tCO2.
///
/// Worked by hand: 10 000 t of limestone with 92.5 % of CaCO₃, × 0.440 × 98 % = 3 988.60 tCO2.
contract CarbonatesProcess is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant STEPS_OF_USE = 2;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "carbonates.process";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return
            "GB/T 32150 and GB/T 32151, decomposition of carbonates; recalled, not retrieved; confidence 0.9";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        CarbonatesProcessInputs memory decoded = abi.decode(inputs, (CarbonatesProcessInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(CarbonatesProcessInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireSome("uses", inputs.uses.length);
        OutcomeDraft memory draft = Outcomes.open(2, inputs.uses.length * STEPS_OF_USE);

        int256 emissions;
        for (uint256 i = 0; i < inputs.uses.length; ++i) {
            CarbonateUse memory use = inputs.uses[i];
            _requireAmount("consumed", i, use.consumed_t);
            _requirePercent("purity", i, use.purity_pct);
            // No carbonate gives more CO₂ than it weighs: a factor above 1 is a slip of units.
            _requireShare("factor", i, use.factor_tCO2_per_t);
            _requirePercent("decomposed", i, use.decomposed_pct);
            int256 carbonate = Fixed.ratio(use.consumed_t, use.purity_pct, HUNDRED);
            draft.step("carbonate", i, "t", carbonate);
            int256 whole = Fixed.mul(carbonate, use.factor_tCO2_per_t);
            emissions += draft.step(
                "useEmissions", i, "tCO2", Fixed.ratio(whole, use.decomposed_pct, HUNDRED)
            );
        }
        draft.result("emissions", "tCO2", emissions, 2);
        draft.result("emissionsWhole", "tCO2", emissions, 0);
        return draft.close();
    }
}
