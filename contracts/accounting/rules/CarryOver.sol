// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice What a firm traded and holds of one vintage.
/// @param vintage Last year of the vintage: 2020 for 2019–2020, then 2021 to 2024; ascending.
/// @param sold_t Sold from 2024-01-01 to 2025-12-31, whole, 0 or more, t.
/// @param bought_t Bought in that time, whole, 0 or more, t.
/// @param tradable_t Tradable at the end of 2025-12-31, whole, 0 or more, t.
/// @param registered_t Registered and not tradable then, whole, 0 or more, t.
/// @param frozen_t Frozen by a court then, whole, 0 or more, t.
/// @param pending_t Of these, pending for surrender or cancellation then, whole, no more than the three
/// together, t.
struct CarryOverVintage {
    uint16 vintage;
    int256 sold_t;
    int256 bought_t;
    int256 tradable_t;
    int256 registered_t;
    int256 frozen_t;
    int256 pending_t;
}

/// @notice What may be carried over is worked out from this.
/// @param isOnTime2023 Whether the firm met its obligation of 2023 on time.
/// @param isOnTime2024 The same for 2024.
/// @param base_t Base amount, 0 or more, t.
/// @param multiplier_1 Multiplier of the net amount sold, 0 or more.
/// @param requested_t Requested before, whole, no more than may be carried over, t.
/// @param vintages A line for each vintage traded or held.
struct CarryOverInputs {
    bool isOnTime2023;
    bool isOnTime2024;
    int256 base_t;
    int256 multiplier_1;
    int256 requested_t;
    CarryOverVintage[] vintages;
}

/// @title CarryOver
/// @notice Carry-over (结转) of the vintages 2019–2024 into 2025: `T = floor(B + max(0, NS)·R)`, no more than the
/// firm holds.
///
/// - NS is what was sold less what was bought, over all these vintages together. The printed formula lacks the
///   brackets around what was bought; they are plainly meant. The plan has B = 10 000 t and R = 1.5.
/// - Only firms that met 2023 and 2024 on time; the others carry nothing over.
/// - Several requests are allowed, together up to T.
///
/// The only profile is `Exact`. Results, t, whole: `cap` by the formula; `maxCarry`; `lapses`, what is held
/// beyond it; `stillOpen` for further requests. Steps: `netSold`, never negative; `holding`; `saleToCarryAll`,
/// where something lapses for the formula alone: what the firm would have had to sell more so that all it kept
/// could be carried over, t, with 18 decimals.
contract CarryOver is TonneRule {
    using Outcomes for OutcomeDraft;

    uint16 private constant FIRST_VINTAGE = 2020;
    uint16 private constant LAST_VINTAGE = 2024;

    /// @dev Over all vintages.
    struct Total {
        int256 net;
        int256 holding;
    }

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.carry-over";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan for power 2023–2024 (国环规气候〔2024〕1号), annex 5; read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        CarryOverInputs memory decoded = abi.decode(inputs, (CarryOverInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(CarryOverInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireAmount("base_t", 0, inputs.base_t);
        _requireAmount("multiplier_1", 0, inputs.multiplier_1);
        _requireTonnes("requested_t", 0, inputs.requested_t);
        Total memory total = _sum(inputs.vintages);
        OutcomeDraft memory draft = Outcomes.open(4, 3);
        int256 netSold = draft.writtenStep("netSold", 0, TONNE, _beyond(total.net, 0), 0);
        draft.writtenStep("holding", 0, TONNE, total.holding, 0);

        int256 cap = Fixed.floor(inputs.base_t + Fixed.mul(netSold, inputs.multiplier_1), 0);
        bool isAllowed = inputs.isOnTime2023 && inputs.isOnTime2024;
        int256 maxCarry = isAllowed ? SignedMath.min(cap, total.holding) : int256(0);
        if (isAllowed && maxCarry < total.holding) _writeSale(draft, inputs, total);
        _requireWithin("requested_t", 0, inputs.requested_t, 0, maxCarry);

        draft.result("cap", TONNE, cap, 0);
        draft.result("maxCarry", TONNE, maxCarry, 0);
        draft.result("lapses", TONNE, total.holding - maxCarry, 0);
        draft.result("stillOpen", TONNE, maxCarry - inputs.requested_t, 0);
        return draft.close();
    }

    function _sum(CarryOverVintage[] memory vintages) private pure returns (Total memory total) {
        _requireSome("vintages", vintages.length);
        uint256 earliest = FIRST_VINTAGE;
        for (uint256 i = 0; i < vintages.length; ++i) {
            CarryOverVintage memory line = vintages[i];
            _requireCount("vintage", i, line.vintage, earliest, LAST_VINTAGE);
            earliest = uint256(line.vintage) + 1;
            _requireTonnes("sold_t", i, line.sold_t);
            _requireTonnes("bought_t", i, line.bought_t);
            total.net += line.sold_t - line.bought_t;
            total.holding += _holding(line, i);
        }
    }

    function _holding(CarryOverVintage memory line, uint256 item) private pure returns (int256) {
        _requireTonnes("tradable_t", item, line.tradable_t);
        _requireTonnes("registered_t", item, line.registered_t);
        _requireTonnes("frozen_t", item, line.frozen_t);
        _requireTonnes("pending_t", item, line.pending_t);
        int256 held = line.tradable_t + line.registered_t + line.frozen_t;
        _requireWithin("pending_t", item, line.pending_t, 0, held);
        return held - line.pending_t;
    }

    /// @dev The sale s with holding − s = B + R·max(0, NS + s): before the net turns positive, or after.
    function _writeSale(OutcomeDraft memory draft, CarryOverInputs memory inputs, Total memory total)
        private
        pure
    {
        int256 beyondBase = total.holding - inputs.base_t;
        int256 sale = beyondBase <= -total.net
            ? beyondBase
            : Fixed.div(
                beyondBase - Fixed.mul(inputs.multiplier_1, total.net), Fixed.ONE + inputs.multiplier_1
            );
        draft.step("saleToCarryAll", 0, TONNE, sale);
    }
}
