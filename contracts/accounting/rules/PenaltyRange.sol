// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice What a penalty is estimated from.
/// @param shortfall_t Allowances not surrendered in time, whole, 0 or more, t.
/// @param meanPrice_CNY_per_t Mean market price of the month before the deadline, above 0, CNY/t.
struct PenaltyRangeInputs {
    int256 shortfall_t;
    int256 meanPrice_CNY_per_t;
}

/// @title PenaltyRange
/// @notice Penalty for allowances not surrendered: 5 to 10 times the mean price of the month before the
/// deadline, for each tonne.
///
/// An estimate, never a decision. Until 2026-08-15 who refused could also lose an equal amount of the next
/// year's allowances; since then that is for falsification only. Penalties under the Ecological and
/// Environmental Code of 2026 are not known here.
///
/// The only profile is `Exact`. Results, CNY with 2 decimals, half up: `lowest`, `highest`.
contract PenaltyRange is TonneRule {
    using Outcomes for OutcomeDraft;

    int256 private constant LOWEST_MULTIPLE = 5;
    int256 private constant HIGHEST_MULTIPLE = 10;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "compliance.penalty-range";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"碳排放权交易管理暂行条例 (2024), article 24; read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PenaltyRangeInputs memory decoded = abi.decode(inputs, (PenaltyRangeInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PenaltyRangeInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireTonnes("shortfall_t", 0, inputs.shortfall_t);
        _requirePositive("meanPrice_CNY_per_t", 0, inputs.meanPrice_CNY_per_t);
        OutcomeDraft memory draft = Outcomes.open(2, 0);

        int256 value = Fixed.mul(inputs.shortfall_t, inputs.meanPrice_CNY_per_t);
        draft.result("lowest", "CNY", LOWEST_MULTIPLE * value, 2);
        draft.result("highest", "CNY", HIGHEST_MULTIPLE * value, 2);
        return draft.close();
    }
}
