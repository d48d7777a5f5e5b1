// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice Allowances of one vintage that are offered.
/// @param vintage Last year of the vintage: 2020 for 2019–2020, then each year; ascending.
/// @param offered_t Whole, 0 or more, t.
struct OfferedAllowances {
    uint16 vintage;
    int256 offered_t;
}

/// @notice Offsets (CCER) of one project that are offered.
/// @param isUnderAllocation Whether the project is covered by the allocation of a carbon market; such offsets
/// are refused.
/// @param registeredOn Day on which the reduction was registered, as the number 20240122 for 2024-01-22.
/// @param offered_t Whole, 0 or more, t.
struct OfferedOffsets {
    bool isUnderAllocation;
    uint32 registeredOn;
    int256 offered_t;
}

/// @notice What a surrender is worked out from.
/// @param complianceYear Year whose emission is covered.
/// @param surrenderedOn Day of the surrender, as the number 20251231 for 2025-12-31.
/// @param obligation_t Verified direct emission, whole, 0 or more, t.
/// @param earlierAllowances_t Allowances surrendered for the year before, whole, 0 or more, t.
/// @param earlierOffsets_t Offsets surrendered for the year before, whole, 0 or more, t.
/// @param allowances A line for each vintage.
/// @param offsets A line for each project.
struct OffsetCapInputs {
    uint16 complianceYear;
    uint32 surrenderedOn;
    int256 obligation_t;
    int256 earlierAllowances_t;
    int256 earlierOffsets_t;
    OfferedAllowances[] allowances;
    OfferedOffsets[] offsets;
}

/// @title OffsetCap
/// @notice Surrender (清缴): offsets up to 5 % of the obligation, allowances of usable vintages for the rest.
///
/// - The cap is of the whole obligation of the year, whatever was surrendered before; it is rounded down, which
///   no text found says.
/// - Where a restatement lowered the cap below what was used, the excess does not count and has to be replaced
///   by allowances.
/// - An offset or a vintage that must not be used is an error that names it: it is never left out in silence.
///
/// The only profile is `Exact`. Results, t, whole: `offsetCap`, `offsetsUsed`, `allowancesNeeded`,
/// `allowancesUsed`, `shortfall`, `offsetsLeft`, `allowancesLeft`, `capExcess`.
abstract contract OffsetCap is TonneRule {
    using Outcomes for OutcomeDraft;

    /// @dev The market for offsets opened on 2024-01-22.
    uint32 internal constant MARKET_START = 20_240_122;
    /// @dev The first reductions were registered under the rules of 2012.
    uint32 private constant FIRST_DAY = 20_120_101;
    uint32 private constant LAST_DAY = 99_991_231;
    int256 private constant CAP_DIVISOR = 20;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "compliance.offset-cap";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        OffsetCapInputs memory decoded = abi.decode(inputs, (OffsetCapInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(OffsetCapInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireDay("surrenderedOn", 0, inputs.surrenderedOn, LAST_DAY);
        _requireTonnes("obligation_t", 0, inputs.obligation_t);
        _requireTonnes("earlierAllowances_t", 0, inputs.earlierAllowances_t);
        _requireTonnes("earlierOffsets_t", 0, inputs.earlierOffsets_t);
        int256 allowances = _allowances(inputs);
        int256 offsets = _offsets(inputs);
        OutcomeDraft memory draft = Outcomes.open(8, 0);

        int256 cap = draft.floorResult("offsetCap", TONNE, inputs.obligation_t / CAP_DIVISOR, 0);
        int256 counted = SignedMath.min(inputs.earlierOffsets_t, cap);
        int256 open = _beyond(inputs.obligation_t, inputs.earlierAllowances_t + counted);
        int256 offsetsUsed = SignedMath.min(offsets, SignedMath.min(cap - counted, open));
        int256 needed = open - offsetsUsed;
        int256 allowancesUsed = SignedMath.min(needed, allowances);

        draft.result("offsetsUsed", TONNE, offsetsUsed, 0);
        draft.result("allowancesNeeded", TONNE, needed, 0);
        draft.result("allowancesUsed", TONNE, allowancesUsed, 0);
        draft.result("shortfall", TONNE, needed - allowancesUsed, 0);
        draft.result("offsetsLeft", TONNE, offsets - offsetsUsed, 0);
        draft.result("allowancesLeft", TONNE, allowances - allowancesUsed, 0);
        draft.result("capExcess", TONNE, inputs.earlierOffsets_t - counted, 0);
        return draft.close();
    }

    /// @dev Refuse a year that is not the version's.
    function _requireYear(uint16 complianceYear) internal pure virtual;

    /// @dev Refuse a vintage that does not serve the year.
    function _requireUsable(uint256 item, uint16 vintage, uint16 complianceYear) internal pure virtual;

    /// @dev Refuse an offset by the day of its registration.
    function _requireRegistered(uint256 item, uint32 registeredOn, uint32 surrenderedOn) internal pure virtual;

    /// @dev A day of the calendar's form, not after `last`.
    function _requireDay(bytes32 field, uint256 item, uint32 day, uint32 last) private pure {
        uint32 month = day / 100 % 100;
        uint32 dayOfMonth = day % 100;
        bool isDay = month >= 1 && month <= 12 && dayOfMonth >= 1 && dayOfMonth <= 31;
        bool isPossible = isDay && day >= FIRST_DAY && day <= last;
        require(isPossible, Rule_OutOfRange(field, item, _number(day)));
    }

    function _allowances(OffsetCapInputs memory inputs) private pure returns (int256 offered) {
        _requireYear(inputs.complianceYear);
        uint256 earliest;
        for (uint256 i = 0; i < inputs.allowances.length; ++i) {
            OfferedAllowances memory line = inputs.allowances[i];
            require(line.vintage >= earliest, Rule_OutOfRange("vintage", i, _number(line.vintage)));
            earliest = uint256(line.vintage) + 1;
            _requireUsable(i, line.vintage, inputs.complianceYear);
            _requireTonnes("allowances.offered_t", i, line.offered_t);
            offered += line.offered_t;
        }
    }

    function _offsets(OffsetCapInputs memory inputs) private pure returns (int256 offered) {
        for (uint256 i = 0; i < inputs.offsets.length; ++i) {
            OfferedOffsets memory line = inputs.offsets[i];
            require(!line.isUnderAllocation, Rule_OutOfRange("isUnderAllocation", i, Fixed.ONE));
            _requireDay("registeredOn", i, line.registeredOn, inputs.surrenderedOn);
            _requireRegistered(i, line.registeredOn, inputs.surrenderedOn);
            _requireTonnes("offsets.offered_t", i, line.offered_t);
            offered += line.offered_t;
        }
    }
}
