// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile, TradeMode} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice What a quantity is judged by.
/// @param mode Listed or block agreement.
/// @param quantity_t Quantity offered, 0 or more, t.
struct QuantityGateInputs {
    TradeMode mode;
    int256 quantity_t;
}

/// @title QuantityGate
/// @notice A listed agreement is of 1 t to 99 999 t, a block of 100 000 t or more; always whole tonnes.
///
/// The only profile is `Exact`. Result: `isAccepted`, 1 or 0.
contract QuantityGate is Rule {
    using Outcomes for OutcomeDraft;

    int256 private constant BLOCK_START = 100_000e18;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "market.quantity-gate";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Notice of the exchange of 2021-06-22 (上海环境能源交易所); second-hand";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        QuantityGateInputs memory decoded = abi.decode(inputs, (QuantityGateInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(QuantityGateInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireNamed("mode", 0, uint8(inputs.mode));
        int256 quantity = inputs.quantity_t;
        _requireAmount("quantity_t", 0, quantity);
        OutcomeDraft memory draft = Outcomes.open(1, 0);

        bool isWhole = quantity != 0 && quantity % Fixed.ONE == 0;
        bool isBlock = quantity >= BLOCK_START;
        bool isAccepted = isWhole && isBlock == (inputs.mode == TradeMode.Block);
        draft.result("isAccepted", "1", isAccepted ? Fixed.ONE : int256(0), 0);
        return draft.close();
    }
}
