// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice Electricity that a unit bought and used.
/// @param purchased_MWh Readings or bills, MWh; together all that was bought and used.
/// @param factor_tCO2_per_MWh Grid factor prescribed for the report, tCO2/MWh.
struct PowerElectricityInputs {
    int256[] purchased_MWh;
    int256 factor_tCO2_per_MWh;
}

/// @title PowerElectricity
/// @notice CO₂ of purchased electricity (购入使用电力排放): `E = AD × EF`.
///
/// The factor prescribed for a report is not always the newest statistical one; both are kept apart in {IFactorBook}.
/// From reporting year 2026 on, purchased electricity is no emission of a power unit.
///
/// `Reported` rounds the electricity to 3 decimals before it is multiplied. Result: `emissions` tCO2 with 2 decimals.
/// Step: `purchased`.
///
/// Worked by hand: 12 345.678 MWh × 0.5810 = 7 172.838918, so 7 172.84 tCO2.
contract PowerElectricity is Rule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "power.electricity";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-01.01 until reporting year 2025, purchased electricity; recalled, not retrieved; confidence 0.97";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PowerElectricityInputs memory decoded = abi.decode(inputs, (PowerElectricityInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PowerElectricityInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExactOrReported(profile);
        _requireSome("purchased", inputs.purchased_MWh.length);
        _requireAmount("factor", 0, inputs.factor_tCO2_per_MWh);
        OutcomeDraft memory draft = Outcomes.open(1, 1);

        int256 sum;
        for (uint256 i = 0; i < inputs.purchased_MWh.length; ++i) {
            _requireAmount("purchased", i, inputs.purchased_MWh[i]);
            sum += inputs.purchased_MWh[i];
        }
        int256 purchased = _use(draft, profile, "purchased", 0, "MWh", sum, 3);
        draft.result("emissions", "tCO2", Fixed.mul(purchased, inputs.factor_tCO2_per_MWh), 2);
        return draft.close();
    }
}
