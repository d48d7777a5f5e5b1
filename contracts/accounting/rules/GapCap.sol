// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice A unit of the firm.
/// @param approved_t Its allocation, with a gas unit's exemption in it, whole, 0 or more, t.
/// @param verified_tCO2 Its verified emission, 0 or more, tCO2.
struct GapCapUnit {
    int256 approved_t;
    int256 verified_tCO2;
}

/// @notice What the cap of a firm's gap is worked out from.
/// @param units All units of the firm; together they emitted something.
struct GapCapInputs {
    GapCapUnit[] units;
}

/// @title GapCap
/// @notice A firm's gap is capped at 20 % of its emission: below 0.8·E its allocation is topped up to that.
///
/// The top-up is rounded down, so it may leave less than a tonne below 0.8·E; an allocation is never lowered.
/// Gap rate (缺口率): (E − A)/E before the top-up, negative where the firm has more than it emitted. The roundings
/// are read in the draft for 2025–2026.
///
/// The only profile is `Exact`. Results: `gapRate` % with 2 decimals, half up; `topUp` and `approved`, t,
/// whole.
/// Steps: `initial` t and `verified` tCO2, the sums.
contract GapCap is TonneRule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.gap-cap";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan for power 2023–2024 (国环规气候〔2024〕1号), section 5(3)2; read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        GapCapInputs memory decoded = abi.decode(inputs, (GapCapInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(GapCapInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        (int256 initial, int256 verified) = _sum(inputs.units);
        _requirePositive("verified_tCO2", 0, verified);
        OutcomeDraft memory draft = Outcomes.open(3, 2);
        draft.writtenStep("initial", 0, TONNE, initial, 0);
        draft.step("verified", 0, "tCO2", verified);

        int256 topUp = _beyond(_floor(verified, 4, 5e18), initial);
        draft.result("gapRate", "%", Fixed.ratio(verified - initial, 10_000, verified) * 1e16, 2);
        draft.result("topUp", TONNE, topUp, 0);
        draft.result("approved", TONNE, initial + topUp, 0);
        return draft.close();
    }

    function _sum(GapCapUnit[] memory units) private pure returns (int256 initial, int256 verified) {
        _requireSome("units", units.length);
        for (uint256 i = 0; i < units.length; ++i) {
            _requireTonnes("approved_t", i, units[i].approved_t);
            _requireAmount("verified_tCO2", i, units[i].verified_tCO2);
            initial += units[i].approved_t;
            verified += units[i].verified_tCO2;
        }
    }
}
