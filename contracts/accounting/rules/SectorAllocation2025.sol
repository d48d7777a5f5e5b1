// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile, SectorProcess} from "../../types/Enums.sol";
import {TonneRule} from "./TonneRule.sol";

/// @notice What the allocation of a firm of steel, cement or aluminium from 2025 on is worked out from.
/// @param process Whether the process is one whose allocation equals its emission.
/// @param carbideSlag_pct Share of carbide slag (电石渣) in the raw material of clinker, 0 to 100 %; 0 for other
/// products.
/// @param firmVerified_tCO2e Verified emission of the whole firm, 0 or more, tCO2e.
/// @param verified_tCO2e Verified emission E of what is allocated, no more than the firm's, tCO2e.
/// @param balance_tCO2e_per_t Balance value B of the sector, above 0, tCO2e per t of product; zero where A = E.
/// @param intensity_tCO2e_per_t Intensity I, 0 or more, tCO2e per t of product: iron, clinker or aluminium;
/// zero where A = E.
struct SectorAllocation2025Inputs {
    SectorProcess process;
    int256 carbideSlag_pct;
    int256 firmVerified_tCO2e;
    int256 verified_tCO2e;
    int256 balance_tCO2e_per_t;
    int256 intensity_tCO2e_per_t;
}

/// @title SectorAllocation2025
/// @notice Allowances of a firm of steel, cement or aluminium from 2025 on: `A = E·(1 + α)`, `X = (B − I)/B`.
///
/// - α = 0.15·X below 20 % of deviation either way, and ±0.03 from there, which is the same number at 20 %.
/// - A = E for the processes named, for clinker with more than 30 % of carbide slag, and for firms below 26 000
///   t.
/// - Rounded down to whole tonnes from the exact quotient: E·(1.15·B − 0.15·I)/B is not rounded before.
/// - The formula is read in the draft of 2026; that it is the one of the final plans is second-hand.
///
/// The only profile is `Exact`. Result: `allocation`, t, whole. Steps, where A is not E: `deviation` X and
/// `adjustment` α, with 18 decimals.
///
/// Worked by hand. B 0.9, I 0.8, E 600 000: X = 1/9, α = 1/60, A = 610 000 t, and not 609 999.
contract SectorAllocation2025 is TonneRule {
    using Outcomes for OutcomeDraft;

    int256 private constant THRESHOLD = 26_000e18;
    int256 private constant CARBIDE_SLAG_LIMIT = 30e18;
    int256 private constant MAX_ADJUSTMENT = 0.03e18;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.sector-deviation";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 2;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan 2025–2026, draft for comment of 2026-07-27 (征求意见稿), section 3(2); read in a public copy; for 国环规气候〔2025〕2号 second-hand";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        SectorAllocation2025Inputs memory decoded = abi.decode(inputs, (SectorAllocation2025Inputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(SectorAllocation2025Inputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requirePercent("carbideSlag_pct", 0, inputs.carbideSlag_pct);
        _requireAmount("firmVerified_tCO2e", 0, inputs.firmVerified_tCO2e);
        _requireWithin("verified_tCO2e", 0, inputs.verified_tCO2e, 0, inputs.firmVerified_tCO2e);
        OutcomeDraft memory draft = Outcomes.open(1, 2);

        if (_isEqual(inputs)) {
            _requireUnused("balance_tCO2e_per_t", 0, inputs.balance_tCO2e_per_t);
            _requireUnused("intensity_tCO2e_per_t", 0, inputs.intensity_tCO2e_per_t);
            draft.floorResult("allocation", TONNE, inputs.verified_tCO2e, 0);
            return draft.close();
        }
        _requirePositive("balance_tCO2e_per_t", 0, inputs.balance_tCO2e_per_t);
        _requireAmount("intensity_tCO2e_per_t", 0, inputs.intensity_tCO2e_per_t);
        draft.result("allocation", TONNE, _allocation(draft, inputs), 0);
        return draft.close();
    }

    function _isEqual(SectorAllocation2025Inputs memory inputs) private pure returns (bool) {
        return inputs.process != SectorProcess.Ordinary || inputs.carbideSlag_pct > CARBIDE_SLAG_LIMIT
            || inputs.firmVerified_tCO2e < THRESHOLD;
    }

    function _allocation(OutcomeDraft memory draft, SectorAllocation2025Inputs memory inputs)
        private
        pure
        returns (int256)
    {
        int256 emissions = inputs.verified_tCO2e;
        int256 balance = inputs.balance_tCO2e_per_t;
        int256 below = balance - inputs.intensity_tCO2e_per_t;
        draft.step("deviation", 0, "1", Fixed.div(below, balance));
        if (5 * below >= balance) {
            draft.step("adjustment", 0, "1", MAX_ADJUSTMENT);
            return _floor(emissions, 103, 100e18);
        }
        if (-5 * below >= balance) {
            draft.step("adjustment", 0, "1", -MAX_ADJUSTMENT);
            return _floor(emissions, 97, 100e18);
        }
        draft.step("adjustment", 0, "1", Fixed.ratio(3 * below, Fixed.ONE, 20 * balance));
        return _floor(emissions, 20 * balance + 3 * below, 20e18 * balance);
    }
}
