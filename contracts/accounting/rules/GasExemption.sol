// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile, UnitClass} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice What the exemption of a gas unit is worked out from.
/// @param unitClass Class of the unit.
/// @param initial_t Allocation by the formula, whole, 0 or more, t.
/// @param verified_tCO2 Verified emission of the unit, 0 or more, tCO2.
struct GasExemptionInputs {
    UnitClass unitClass;
    int256 initial_t;
    int256 verified_tCO2;
}

/// @title GasExemption
/// @notice A gas unit need not cover more than its allocation: the approved amount is the higher of allocation
/// and emission.
///
/// The top-up is rounded down. Coal units get none.
/// The only profile is `Exact`. Results: `topUp` and `approved`, t, whole.
contract GasExemption is TonneRule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.gas-exemption";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan for power 2023–2024 (国环规气候〔2024〕1号), section 5(3)1; read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        GasExemptionInputs memory decoded = abi.decode(inputs, (GasExemptionInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(GasExemptionInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireNamed("unitClass", 0, uint8(inputs.unitClass));
        _requireTonnes("initial_t", 0, inputs.initial_t);
        _requireAmount("verified_tCO2", 0, inputs.verified_tCO2);
        OutcomeDraft memory draft = Outcomes.open(2, 0);

        int256 missing = _beyond(Fixed.floor(inputs.verified_tCO2, 0), inputs.initial_t);
        int256 topUp = inputs.unitClass == UnitClass.Gas ? missing : int256(0);
        draft.result("topUp", TONNE, topUp, 0);
        draft.result("approved", TONNE, inputs.initial_t + topUp, 0);
        return draft.close();
    }
}
