// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice Aluminium of a potline (铝电解工序), and the anodes that it consumed.
/// @param output_t Liquid aluminium (铝液产量), t.
/// @param anodeUse_t_per_t Net anode consumption (吨铝炭阳极净耗), 0 to 1 t/t.
/// @param sulphur_pct Sulphur in the anodes, 0 to 100 %.
/// @param ash_pct Ash in the anodes, 0 to 100 %, with sulphur at most 100.
struct AnodeUse {
    int256 output_t;
    int256 anodeUse_t_per_t;
    int256 sulphur_pct;
    int256 ash_pct;
}

/// @notice All potlines of a year.
struct AluminiumAnodeInputs {
    AnodeUse[] potlines;
}

/// @title AluminiumAnode
/// @notice CO₂ of carbon anodes (炭阳极消耗排放): `E = Σ P × NC × (1 − S − A) × 44/12`.
///
/// The guide's decimals could not be read: no rounded profile is offered.
///
/// Profile: `Exact`.
///
/// Results: `emissions` tCO2 with 2 decimals; `emissionsWhole` tCO2 without.
/// Steps, of each potline: `anodes` t; `anodeCarbon` tC.
///
/// Worked by hand: 100 000 t × 0.411 = 41 100 t of anodes; × (1 − 0.02 − 0.004) = 40 113.6 tC; × 44/12 = 147 083.20 tCO2.
contract AluminiumAnode is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant STEPS_OF_POTLINE = 2;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "aluminium.anode";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-04.01-V01-2024, second-hand";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        AluminiumAnodeInputs memory decoded = abi.decode(inputs, (AluminiumAnodeInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(AluminiumAnodeInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireSome("potlines", inputs.potlines.length);
        OutcomeDraft memory draft = Outcomes.open(2, inputs.potlines.length * STEPS_OF_POTLINE);

        int256 carbon;
        for (uint256 i = 0; i < inputs.potlines.length; ++i) {
            AnodeUse memory potline = inputs.potlines[i];
            _requireAmount("output", i, potline.output_t);
            _requireShare("anodeUse", i, potline.anodeUse_t_per_t);
            _requirePercent("sulphur", i, potline.sulphur_pct);
            _requireWithin("ash", i, potline.ash_pct, 0, HUNDRED - potline.sulphur_pct);
            int256 anodes = Fixed.mul(potline.output_t, potline.anodeUse_t_per_t);
            draft.step("anodes", i, "t", anodes);
            int256 carbonShare = HUNDRED - potline.sulphur_pct - potline.ash_pct;
            carbon += draft.step("anodeCarbon", i, "tC", Fixed.ratio(anodes, carbonShare, HUNDRED));
        }
        int256 emissions = _carbonDioxide(carbon);
        draft.result("emissions", "tCO2", emissions, 2);
        draft.result("emissionsWhole", "tCO2", emissions, 0);
        return draft.close();
    }
}
