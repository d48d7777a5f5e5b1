// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice Heat that a firm bought and used.
/// @param purchased_GJ Readings or bills, GJ; together all that was bought and used.
/// @param factor_tCO2_per_GJ Factor of the supplier, or the default, tCO2/GJ.
struct HeatPurchasedInputs {
    int256[] purchased_GJ;
    int256 factor_tCO2_per_GJ;
}

/// @title HeatPurchased
/// @notice CO₂ of purchased heat (购入使用热力排放): `E = AD × EF`.
///
/// `Reported` rounds the heat to 2 decimals before it is multiplied. Result: `emissions` tCO2 with 2 decimals.
/// Step: `purchased`.
///
/// Worked by hand: 27 162.60 GJ × 0.11 = 2 987.886, so 2 987.89 tCO2.
contract HeatPurchased is Rule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "heat.purchased";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "GB/T 32150-2025, 7.5.6 and 7.5.7; second-hand";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        HeatPurchasedInputs memory decoded = abi.decode(inputs, (HeatPurchasedInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(HeatPurchasedInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExactOrReported(profile);
        _requireSome("purchased", inputs.purchased_GJ.length);
        _requireAmount("factor", 0, inputs.factor_tCO2_per_GJ);
        OutcomeDraft memory draft = Outcomes.open(1, 1);

        int256 sum;
        for (uint256 i = 0; i < inputs.purchased_GJ.length; ++i) {
            _requireAmount("purchased", i, inputs.purchased_GJ[i]);
            sum += inputs.purchased_GJ[i];
        }
        int256 purchased = _use(draft, profile, "purchased", 0, "GJ", sum, 2);
        draft.result("emissions", "tCO2", Fixed.mul(purchased, inputs.factor_tCO2_per_GJ), 2);
        return draft.close();
    }
}
