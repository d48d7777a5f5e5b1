// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile, TradeMode} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice What a price is judged by.
/// @param mode Listed or block agreement.
/// @param previousClose_CNY_per_t Close of the trading day before, 0.01 or more, CNY/t.
/// @param price_CNY_per_t Price offered, above 0, a multiple of 0.01 CNY/t.
struct PriceBandInputs {
    TradeMode mode;
    int256 previousClose_CNY_per_t;
    int256 price_CNY_per_t;
}

/// @title PriceBand
/// @notice Prices by agreement lie within ±10 % of the previous close where listed, and within ±30 % in a
/// block; both ends are allowed.
///
/// The ends are rounded half up to the tick of CNY 0.01; that rounding is assumed. The limits are second-hand.
/// The only profile is `Exact`. Results: `low` and `high`, CNY/t with 2 decimals; `isWithin`, 1 or 0.
contract PriceBand is Rule {
    using Outcomes for OutcomeDraft;

    int256 private constant TICK = 0.01e18;
    int256 private constant LISTED_PCT = 10;
    int256 private constant BLOCK_PCT = 30;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "market.price-band";
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
        PriceBandInputs memory decoded = abi.decode(inputs, (PriceBandInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PriceBandInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireNamed("mode", 0, uint8(inputs.mode));
        int256 price = inputs.price_CNY_per_t;
        _requireWithin("previousClose_CNY_per_t", 0, inputs.previousClose_CNY_per_t, TICK, MAX_NUMBER);
        _requirePositive("price_CNY_per_t", 0, price);
        require(price % TICK == 0, Rule_OutOfRange("price_CNY_per_t", 0, price));
        OutcomeDraft memory draft = Outcomes.open(3, 0);

        int256 limit = inputs.mode == TradeMode.Listed ? LISTED_PCT : BLOCK_PCT;
        int256 low = draft.result("low", "CNY/t", _end(inputs, 100 - limit), 2);
        int256 high = draft.result("high", "CNY/t", _end(inputs, 100 + limit), 2);
        draft.result("isWithin", "1", price >= low && price <= high ? Fixed.ONE : int256(0), 0);
        return draft.close();
    }

    /// @dev So many percent of the close, rounded once, to the tick.
    function _end(PriceBandInputs memory inputs, int256 percent) private pure returns (int256) {
        return Fixed.ratio(inputs.previousClose_CNY_per_t, percent, Fixed.ONE) * TICK;
    }
}
