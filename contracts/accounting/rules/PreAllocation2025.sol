// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice What the pre-allocation for 2025 or 2026 is worked out from.
/// @param verified_tCO2 Verified emission in the year before, 0 or more, tCO2.
/// @param share_pct Share that the province pre-allocates, 0 to 50 %.
struct PreAllocation2025Inputs {
    int256 verified_tCO2;
    int256 share_pct;
}

/// @title PreAllocation2025
/// @notice Pre-allocation (预分配) for 2025 and 2026, **a draft**: at most 50 % of what was emitted in the year
/// before, rounded down.
///
/// The province may take a lower share. The draft's own example of the rounding: 1789.70 gives 1789.
/// The only profile is `Exact`. Result: `preAllocation`, t, whole.
contract PreAllocation2025 is TonneRule {
    using Outcomes for OutcomeDraft;

    int256 private constant MAX_SHARE = 50e18;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.pre-allocation";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 2;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan 2025–2026, draft for comment of 2026-07-27 (征求意见稿), annex 1 table 1-1; read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PreAllocation2025Inputs memory decoded = abi.decode(inputs, (PreAllocation2025Inputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PreAllocation2025Inputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireAmount("verified_tCO2", 0, inputs.verified_tCO2);
        _requireWithin("share_pct", 0, inputs.share_pct, 0, MAX_SHARE);
        OutcomeDraft memory draft = Outcomes.open(1, 0);
        draft.result("preAllocation", TONNE, _floor(inputs.verified_tCO2, inputs.share_pct, 100e36), 0);
        return draft.close();
    }
}
