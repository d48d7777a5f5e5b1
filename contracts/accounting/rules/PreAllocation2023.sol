// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice What the pre-allocation of a power unit for 2023 or 2024 is worked out from.
/// @param verified_tCO2 Verified emission of the unit in the year before, 0 or more, tCO2.
struct PreAllocation2023Inputs {
    int256 verified_tCO2;
}

/// @title PreAllocation2023
/// @notice Pre-allocation (预分配) of a power unit for 2023 and 2024: 70 % of what it emitted in the year before,
/// rounded down.
///
/// The rounding is read in the draft for 2025–2026.
/// The only profile is `Exact`. Result: `preAllocation`, t, whole.
contract PreAllocation2023 is TonneRule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.pre-allocation";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan for power 2023–2024 (国环规气候〔2024〕1号), section 5(1); read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PreAllocation2023Inputs memory decoded = abi.decode(inputs, (PreAllocation2023Inputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PreAllocation2023Inputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireAmount("verified_tCO2", 0, inputs.verified_tCO2);
        OutcomeDraft memory draft = Outcomes.open(1, 0);
        draft.result("preAllocation", TONNE, _floor(inputs.verified_tCO2, 7, 10e18), 0);
        return draft.close();
    }
}
