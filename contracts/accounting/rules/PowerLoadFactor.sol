// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A standby unit while it replaced another.
/// @param running_h Its running hours, h.
/// @param generated_MWh What it generated, MWh.
struct PowerLoadStandby {
    int256 running_h;
    int256 generated_MWh;
}

/// @notice A unit, with the standby units that replaced it.
/// @param capacity_MW Capacity by its permit, above 0, MW.
/// @param running_h Its own running hours in the year, h.
/// @param generated_MWh What it generated, MWh.
/// @param standbys Standby units that ran in its place.
struct PowerLoadUnit {
    int256 capacity_MW;
    int256 running_h;
    int256 generated_MWh;
    PowerLoadStandby[] standbys;
}

/// @notice One unit, or the units that report together.
/// @param units The units.
struct PowerLoadFactorInputs {
    PowerLoadUnit[] units;
}

/// @title PowerLoadFactor
/// @notice Load factor (负荷系数, 出力系数): `F = W / (P × t)`.
///
/// - Units that report together (合并填报): running hours weighted by capacity, `t = Σ(P·t) / ΣP`.
/// - A standby unit's capacity is left out; its hours are added to those of the unit it replaced, and what it generated
///   counts. A unit and its standbys run 8 784 hours at most.
/// - A factor above 100 % is given as it is: the verification guide calls it implausible, not wrong.
///
/// `Reported` rounds the hours to 2 decimals before they are used. Results: `loadFactor` % with 2 decimals,
/// `runningHours` h with 2. Steps: `unitHours` per unit; `capacity` MW, `generated` MWh, `weightedHours` h.
///
/// Worked by hand: 2 692 800 MWh / (660 MW × 6 800 h) = 0.6, so 60.00 %. 300 MW for 8 000 h and 100 MW for 4 000 h: 7 000.00 h.
contract PowerLoadFactor is Rule {
    using Outcomes for OutcomeDraft;

    /// @dev Hours of a leap year.
    int256 private constant MAX_HOURS = 8784e18;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "power.load-factor";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-VG-01.01-V02-2026, tables 14, 16 and 17; read";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PowerLoadFactorInputs memory decoded = abi.decode(inputs, (PowerLoadFactorInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PowerLoadFactorInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExactOrReported(profile);
        _requireSome("units", inputs.units.length);
        OutcomeDraft memory draft = Outcomes.open(2, inputs.units.length + 3);

        int256 capacity;
        int256 generated;
        int256 capacityHours;
        for (uint256 i = 0; i < inputs.units.length; ++i) {
            PowerLoadUnit memory unit = inputs.units[i];
            _requirePositive("capacity", i, unit.capacity_MW);
            (int256 running, int256 output) = _withStandbys(unit, i);
            int256 unitHours = _use(draft, profile, "unitHours", i, "h", running, 2);
            capacity += unit.capacity_MW;
            generated += output;
            capacityHours += Fixed.mul(unit.capacity_MW, unitHours);
        }
        draft.step("capacity", 0, "MW", capacity);
        draft.step("generated", 0, "MWh", generated);
        int256 weighted = Fixed.div(capacityHours, capacity);
        int256 hours_ = _use(draft, profile, "weightedHours", 0, "h", weighted, 2);
        int256 possible = profile == RoundingProfile.Reported ? Fixed.mul(capacity, hours_) : capacityHours;
        // Nothing ran, or so short that a report prints zero.
        require(possible != 0, Rule_OutOfRange("runningHours", 0, hours_));
        draft.result("loadFactor", "%", Fixed.ratio(generated, HUNDRED, possible), 2);
        draft.result("runningHours", "h", hours_, 2);
        return draft.close();
    }

    /// @dev Hours and output of a unit with those of its standbys.
    function _withStandbys(PowerLoadUnit memory unit, uint256 item)
        private
        pure
        returns (int256 running, int256 generated)
    {
        _requireAmount("runningHours", item, unit.running_h);
        _requireAmount("generated", item, unit.generated_MWh);
        running = unit.running_h;
        generated = unit.generated_MWh;
        for (uint256 i = 0; i < unit.standbys.length; ++i) {
            _requireAmount("standbyHours", i, unit.standbys[i].running_h);
            _requireAmount("standbyGenerated", i, unit.standbys[i].generated_MWh);
            running += unit.standbys[i].running_h;
            generated += unit.standbys[i].generated_MWh;
        }
        _requireWithin("unitHours", item, running, 0, MAX_HOURS);
    }
}
