// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A gas that was emitted.
/// @param gas Its formula, such as `CH4`, or with its origin, such as `CH4-fossil`.
/// @param emitted_t Mass, t.
/// @param gwp_1 Global warming potential over 100 years, above 0; 1 for `CO2`.
struct GwpLine {
    bytes32 gas;
    int256 emitted_t;
    int256 gwp_1;
}

/// @notice The gases that were emitted.
/// @param lines The gases; one gas may have several lines, with one potential.
struct GwpTotalInputs {
    GwpLine[] lines;
}

/// @title GwpTotal
/// @notice Gases as CO₂ equivalent (二氧化碳当量): `Σ mass × GWP`.
///
/// One gas has one potential: values of two assessment reports mixed for one gas are refused. Whether all gases have theirs
/// from the same report is seen from the factors used.
///
/// Result: `emissions` tCO2e with 2 decimals. Step: `lineEmissions` tCO2e per line.
///
/// Worked by hand with the fifth report: 100 t CH4 × 28 + 10 t N2O × 265 + 1 t CF4 × 6 630 + 1 t SF6 × 23 500 = 35 580.00 tCO2e.
contract GwpTotal is Rule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "gwp.total";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "ISO 14064-1:2018; potentials of the IPCC's fifth or sixth report as given";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        GwpTotalInputs memory decoded = abi.decode(inputs, (GwpTotalInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(GwpTotalInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        GwpLine[] memory lines = inputs.lines;
        _requireSome("lines", lines.length);
        OutcomeDraft memory draft = Outcomes.open(1, lines.length);

        int256 emissions;
        for (uint256 i = 0; i < lines.length; ++i) {
            _requireSome("gas", uint256(lines[i].gas));
            _requireAmount("emitted", i, lines[i].emitted_t);
            _requirePositive("gwp", i, lines[i].gwp_1);
            _requireOnePotential(lines, i);
            int256 ofLine = Fixed.mul(lines[i].emitted_t, lines[i].gwp_1);
            emissions += draft.step("lineEmissions", i, "tCO2e", ofLine);
        }
        draft.result("emissions", "tCO2e", emissions, 2);
        return draft.close();
    }

    /// @dev CO₂ has 1 by definition; any other gas has what the line before it had.
    function _requireOnePotential(GwpLine[] memory lines, uint256 item) private pure {
        GwpLine memory line = lines[item];
        bool isDefinition = line.gas != "CO2" || line.gwp_1 == Fixed.ONE;
        require(isDefinition, Rule_OutOfRange("gwp", item, line.gwp_1));
        for (uint256 i = 0; i < item; ++i) {
            bool isOne = lines[i].gas != line.gas || lines[i].gwp_1 == line.gwp_1;
            require(isOne, Rule_OutOfRange("gwp", item, line.gwp_1));
        }
    }
}
