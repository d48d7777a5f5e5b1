// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice What the release of a risky firm's allowances is worked out from.
/// @param issued_t Allowances issued to the province's account for the firm, whole, 0 or more, t.
/// @param obligation_t Obligation of the firm that is still open, whole, 0 or more, t.
struct DifferentiatedAllocationInputs {
    int256 issued_t;
    int256 obligation_t;
}

/// @title DifferentiatedAllocation
/// @notice Differentiated allocation (差异化分配): the allowances of a firm at risk go to the province's account,
/// are surrendered there first, and the rest is released. The numbers below are read in **a draft**.
///
/// The only profile is `Exact`. Results, t, whole: `forcedSurrender`, `released`, `shortfall`.
///
/// The draft's own example: issued 1 200 000, obligation 1 000 000; 200 000 are released.
contract DifferentiatedAllocation is TonneRule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.differentiated";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan 2025–2026, draft for comment of 2026-07-27 (征求意见稿), annex 2 table 2-5 note 9; read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        DifferentiatedAllocationInputs memory decoded = abi.decode(inputs, (DifferentiatedAllocationInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(DifferentiatedAllocationInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireTonnes("issued_t", 0, inputs.issued_t);
        _requireTonnes("obligation_t", 0, inputs.obligation_t);
        OutcomeDraft memory draft = Outcomes.open(3, 0);

        int256 forced = SignedMath.min(inputs.issued_t, inputs.obligation_t);
        draft.result("forcedSurrender", TONNE, forced, 0);
        draft.result("released", TONNE, inputs.issued_t - forced, 0);
        draft.result("shortfall", TONNE, inputs.obligation_t - forced, 0);
        return draft.close();
    }
}
