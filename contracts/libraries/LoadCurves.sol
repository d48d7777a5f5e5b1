// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Exponential} from "./Exponential.sol";
import {Fixed} from "./Fixed.sol";
import {OutcomeDraft, Outcomes} from "./Outcomes.sol";

/// @title LoadCurves
/// @notice Load correction factors (负荷系数修正系数、调峰修正系数) of the allocation plans for power.
///
/// Each function takes the load factor in percent, 0 to 100, writes its steps, and gives the factor rounded
/// half up to 6 decimals. That rounding is read in the draft plan for 2025–2026 and taken for the earlier plans
/// too. Where an exponential is in the factor and its error could decide the sixth decimal, it reverts with
/// `Rounding_Tie`.
///
/// Steps: where there is an exponential, `loadExponent`, or `slowDecay` and `fastDecay`, and
/// `loadCorrectionExact`, which is within the error below; always `loadCorrection`.
library LoadCurves {
    using Outcomes for OutcomeDraft;

    /// @dev The factor where nothing is corrected.
    int256 internal constant NONE = 1e18;
    uint8 internal constant DECIMALS = 6;

    bytes32 private constant UNIT = "1";
    bytes32 private constant NAME = "loadCorrection";

    /// @dev 1.015 to the power x: the exponent x·ln 1.015 is within 0.51 units, the value is below 1.27, so the
    /// argument adds less than 1 unit to the error of the exponential.
    int256 private constant POWER_ERROR = Exponential.ERROR + 1;

    /// @dev 0.633·(ERROR + ½) + 5.643·(ERROR + ½) for the decays and their arguments, and ½ for each product:
    /// 16.69 units.
    int256 private constant DECAY_ERROR = 17;

    int256 private constant SLOW_SHARE = 0.633e18;
    int256 private constant SLOW_CONSTANT = 29.822e18;
    int256 private constant FAST_SHARE = 5.643e18;
    int256 private constant FAST_CONSTANT = 6.871e18;
    int256 private constant DECAY_START = 7.254e18;

    /// @notice Factor of 2019–2022: 1 from 85 %; 1 + 0.0014·(85 − F) from 80 %; 1.007 + 0.0016·(80 − F) from 75
    /// %; below, 1.015^(16 − F/5). Recalled, not retrieved; confidence 0.95.
    function tiered(OutcomeDraft memory draft, int256 load) internal pure returns (int256) {
        if (load < 75e18) return _power(draft, load);
        if (load < 80e18) return _write(draft, 1.007e18 + _linear(16, 80e18 - load));
        if (load < 85e18) return _write(draft, NONE + _linear(14, 85e18 - load));
        return _write(draft, NONE);
    }

    /// @notice Factor of 2023–2024: 1.015^(16 − F/5) below 65 %, and 1 from there.
    /// @dev The copy read shows only the row below 65 %; that there is no correction from 65 % is inferred. The
    /// factor falls from 1.0457 to 1 there.
    function below65(OutcomeDraft memory draft, int256 load) internal pure returns (int256) {
        return load < 65e18 ? _power(draft, load) : _write(draft, NONE);
    }

    /// @notice Factor of 2025–2026, a draft: 7.254 − 0.633·(1 − e^(−F/29.822)) − 5.643·(1 − e^(−F/6.871)) below
    /// 50 %, and 1 from there.
    function decaying(OutcomeDraft memory draft, int256 load) internal pure returns (int256) {
        if (load >= 50e18) return _write(draft, NONE);

        int256 slow = Exponential.exp(-Fixed.div(load, SLOW_CONSTANT));
        int256 fast = Exponential.exp(-Fixed.div(load, FAST_CONSTANT));
        draft.step("slowDecay", 0, UNIT, slow);
        draft.step("fastDecay", 0, UNIT, fast);
        int256 exact =
            DECAY_START - Fixed.mul(SLOW_SHARE, Fixed.ONE - slow) - Fixed.mul(FAST_SHARE, Fixed.ONE - fast);
        return _round(draft, exact, DECAY_ERROR);
    }

    /// @notice The factor of a unit that is not corrected.
    function none(OutcomeDraft memory draft) internal pure returns (int256) {
        return _write(draft, NONE);
    }

    /// @dev 1.015^(16 − F/5) = e^((80 − F)·ln 1.015 / 5).
    function _power(OutcomeDraft memory draft, int256 load) private pure returns (int256) {
        int256 exponent = Fixed.ratio(80e18 - load, Exponential.LN_1_015_E36, 5e36);
        draft.step("loadExponent", 0, UNIT, exponent);
        return _round(draft, Exponential.exp(exponent), POWER_ERROR);
    }

    /// @dev tenThousandths/10 000 · points, rounded once to 6 decimals: these lines have no error, and their
    /// ties are true.
    function _linear(int256 tenThousandths, int256 points) private pure returns (int256) {
        return Fixed.ratio(tenThousandths, points, 1e16) * 1e12;
    }

    function _round(OutcomeDraft memory draft, int256 exact, int256 errorBound)
        private
        pure
        returns (int256)
    {
        draft.step("loadCorrectionExact", 0, UNIT, exact);
        return _write(draft, Exponential.round(exact, errorBound, DECIMALS));
    }

    function _write(OutcomeDraft memory draft, int256 rounded) private pure returns (int256) {
        return draft.writtenStep(NAME, 0, UNIT, rounded, DECIMALS);
    }
}
