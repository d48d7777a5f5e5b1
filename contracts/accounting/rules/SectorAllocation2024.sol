// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice What the allocation of a firm of steel, cement or aluminium for 2024 is worked out from.
/// @param verified_tCO2e Verified emission of the year, 0 or more, tCO2e.
struct SectorAllocation2024Inputs {
    int256 verified_tCO2e;
}

/// @title SectorAllocation2024
/// @notice Allowances of a firm of steel, cement or aluminium for 2024, the first year: `A = E`.
///
/// Rounded down to whole tonnes, as later years are; a verified emission is a whole number anyway.
/// The only profile is `Exact`. Result: `allocation`, t, whole.
contract SectorAllocation2024 is TonneRule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.sector-deviation";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan for steel, cement and aluminium 2024–2025 (国环规气候〔2025〕2号); second-hand";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        SectorAllocation2024Inputs memory decoded = abi.decode(inputs, (SectorAllocation2024Inputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(SectorAllocation2024Inputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireAmount("verified_tCO2e", 0, inputs.verified_tCO2e);
        OutcomeDraft memory draft = Outcomes.open(1, 0);
        draft.floorResult("allocation", TONNE, inputs.verified_tCO2e, 0);
        return draft.close();
    }
}
