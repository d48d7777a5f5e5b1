// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice What a cut of a firm's allocation is worked out from.
/// @param pre_t Pre-allocation before the cut, whole, 0 or more, t.
/// @param approved_t Approved amount before the cut, whole, 0 or more, t.
/// @param cut_t Cut that was decided, whole, 0 or more, t.
struct AllocationAdjustmentInputs {
    int256 pre_t;
    int256 approved_t;
    int256 cut_t;
}

/// @title AllocationAdjustment
/// @notice A cut (核减) is made at the pre-allocation, and what is left of it at the final allocation;
/// these steps are read in **a draft**.
///
/// - At the pre-allocation as much is cut as there is. At the final one, the cut goes on up to the approved
///   amount; where more was cut before than was approved, the difference is refunded to the remainder of the
///   cut.
/// - Then more is issued, or what was issued too much is returned (多退少补).
/// - Conserved: cutAtPre − refund + cutAtFinal + remaining = cut; cutAtPre − refund + cutAtFinal + preIssued +
///   finalIssued − toReturn = approved.
///
/// The only profile is `Exact`. Results, t, whole, in the order of the steps above: `cutAtPre`, `preIssued`,
/// `refund`, `cutAtFinal`, `finalIssued`, `toReturn`, `remaining`. A cut of later years, or after a changed
/// result, is a calculation of its own.
///
/// The draft's own example: pre-allocation 50 000, approved 30 000, cut 70 000. All 50 000 are cut at first and
/// nothing is issued; 20 000 of it are refunded to the remainder, nothing is issued, and 40 000 of the cut
/// remain.
contract AllocationAdjustment is TonneRule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.adjustment";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan 2025–2026, draft for comment of 2026-07-27 (征求意见稿), annex 2 table 2-5 note 8; read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        AllocationAdjustmentInputs memory decoded = abi.decode(inputs, (AllocationAdjustmentInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(AllocationAdjustmentInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireTonnes("pre_t", 0, inputs.pre_t);
        _requireTonnes("approved_t", 0, inputs.approved_t);
        _requireTonnes("cut_t", 0, inputs.cut_t);
        OutcomeDraft memory draft = Outcomes.open(7, 0);

        int256 cutAtPre = SignedMath.min(inputs.cut_t, inputs.pre_t);
        int256 preIssued = inputs.pre_t - cutAtPre;
        int256 refund = _beyond(cutAtPre, inputs.approved_t);
        int256 cut = SignedMath.min(inputs.cut_t, inputs.approved_t);
        int256 due = inputs.approved_t - cut;

        draft.result("cutAtPre", TONNE, cutAtPre, 0);
        draft.result("preIssued", TONNE, preIssued, 0);
        draft.result("refund", TONNE, refund, 0);
        draft.result("cutAtFinal", TONNE, cut - (cutAtPre - refund), 0);
        draft.result("finalIssued", TONNE, _beyond(due, preIssued), 0);
        draft.result("toReturn", TONNE, _beyond(preIssued, due), 0);
        draft.result("remaining", TONNE, inputs.cut_t - cut, 0);
        return draft.close();
    }
}
