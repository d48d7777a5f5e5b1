// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A fuel that is weighed, over a year.
/// @param amount_t Fuel as received, t.
/// @param heat_GJ_per_t Lower heat value as received (收到基低位发热量), GJ/t: measured, or the guide's default.
/// @param carbonPerHeat_tC_per_GJ Carbon of a unit of heat (单位热值含碳量), tC/GJ.
struct FuelByMass {
    int256 amount_t;
    int256 heat_GJ_per_t;
    int256 carbonPerHeat_tC_per_GJ;
}

/// @notice A fuel that is measured by volume, over a year.
/// @param amount_e4Nm3 Gas, 10⁴ Nm³.
/// @param heat_GJ_per_e4Nm3 Lower heat value, GJ/10⁴Nm³.
/// @param carbonPerHeat_tC_per_GJ Carbon of a unit of heat, tC/GJ.
struct FuelByVolume {
    int256 amount_e4Nm3;
    int256 heat_GJ_per_e4Nm3;
    int256 carbonPerHeat_tC_per_GJ;
}

/// @notice Fuels that cross a boundary in one direction; both lists may be empty.
struct FuelFlows {
    FuelByMass[] weighed;
    FuelByVolume[] gases;
}

/// @notice A fuel that is weighed and burned, of which a share of the carbon becomes CO₂.
/// @param fuel How much of it, and its carbon.
/// @param oxidation_1 Share of the carbon that burns (碳氧化率), 0 to 1.
struct BurnedByMass {
    FuelByMass fuel;
    int256 oxidation_1;
}

/// @notice A fuel that is measured by volume and burned.
/// @param fuel How much of it, and its carbon.
/// @param oxidation_1 Share of the carbon that burns (碳氧化率), 0 to 1.
struct BurnedByVolume {
    FuelByVolume fuel;
    int256 oxidation_1;
}

/// @notice Fuels that are burned; both lists may be empty.
struct BurnedFuels {
    BurnedByMass[] weighed;
    BurnedByVolume[] gases;
}

/// @title FuelRule
/// @notice Carbon of fuels by their heat value, `FC × NCV × CC`, for the rules that add and subtract it.
///
/// Steps of each fuel: `fuelAmount` (t or e4Nm3), `fuelHeatValue`, `fuelCarbonPerHeat`, `fuelEmissions` tCO2. Fuels are
/// counted over the whole input, in the order of its fields, the weighed of a list before its gases.
///
/// `Exact` sums the carbon of all fuels before it becomes CO₂, so that a third of a tonne three times is a tonne.
/// `Reported` rounds each number as the steel guide's forms C.3 and C.4 print it, before it is used: amount 2 decimals,
/// heat value 3, carbon per heat 5, emission of a fuel 2.
///
/// A weighed fuel of more than 1 tC/t is refused: such a number is a slip of units.
abstract contract FuelRule is Rule {
    /// @dev Most steps that one fuel writes.
    uint256 internal constant STEPS_OF_FUEL = 4;

    /// @dev What the calculation carries along: how many fuels were seen, and of how many it was asked how they burn.
    struct FuelWork {
        OutcomeDraft draft;
        RoundingProfile profile;
        uint256 fuel;
        uint256 burned;
    }

    /// @dev Carbon that was added up, tC, and the emissions of the fuels as they were printed, tCO2.
    struct FuelSum {
        int256 carbon;
        int256 printed;
    }

    /// @dev One fuel, whatever it is measured in, and the most carbon that a unit of it can hold.
    struct FuelLine {
        int256 amount;
        int256 heat;
        int256 carbonPerHeat;
        int256 oxidation;
        int256 mostCarbon;
        bytes32 unit;
        bytes32 heatUnit;
    }

    /// @dev Carbon of all that flows in this direction; nothing of it is lost to incomplete burning.
    function _flowing(FuelWork memory work, FuelFlows memory flows)
        internal
        pure
        returns (FuelSum memory sum)
    {
        for (uint256 i = 0; i < flows.weighed.length; ++i) {
            _addFuel(work, sum, _weighed(flows.weighed[i], Fixed.ONE));
        }
        for (uint256 i = 0; i < flows.gases.length; ++i) {
            _addFuel(work, sum, _gas(flows.gases[i], Fixed.ONE));
        }
    }

    /// @dev Carbon of all that is burned, as far as it burns.
    function _burning(FuelWork memory work, BurnedFuels memory fuels)
        internal
        pure
        returns (FuelSum memory sum)
    {
        for (uint256 i = 0; i < fuels.weighed.length; ++i) {
            _requireShare("oxidation", work.burned++, fuels.weighed[i].oxidation_1);
            _addFuel(work, sum, _weighed(fuels.weighed[i].fuel, fuels.weighed[i].oxidation_1));
        }
        for (uint256 i = 0; i < fuels.gases.length; ++i) {
            _requireShare("oxidation", work.burned++, fuels.gases[i].oxidation_1);
            _addFuel(work, sum, _gas(fuels.gases[i].fuel, fuels.gases[i].oxidation_1));
        }
    }

    /// @dev Emissions of a sum, as the profile has them, tCO2.
    function _emissionsOf(FuelWork memory work, FuelSum memory sum) internal pure returns (int256) {
        return work.profile == RoundingProfile.Reported ? sum.printed : _carbonDioxide(sum.carbon);
    }

    /// @dev What entered less what left; below zero if more left.
    function _less(FuelSum memory entering, FuelSum memory leaving) internal pure returns (FuelSum memory) {
        return FuelSum(entering.carbon - leaving.carbon, entering.printed - leaving.printed);
    }

    /// @dev Both together.
    function _plus(FuelSum memory one, FuelSum memory other) internal pure returns (FuelSum memory) {
        return FuelSum(one.carbon + other.carbon, one.printed + other.printed);
    }

    /// @dev How many fuels flow in this direction.
    function _fuelsIn(FuelFlows memory flows) internal pure returns (uint256) {
        return flows.weighed.length + flows.gases.length;
    }

    /// @dev How many fuels are burned.
    function _fuelsIn(BurnedFuels memory fuels) internal pure returns (uint256) {
        return fuels.weighed.length + fuels.gases.length;
    }

    function _addFuel(FuelWork memory work, FuelSum memory sum, FuelLine memory line) private pure {
        uint256 item = work.fuel++;
        _requireAmount("amount", item, line.amount);
        _requireAmount("heat", item, line.heat);
        _requireAmount("carbonPerHeat", item, line.carbonPerHeat);
        _requireWithin("carbonContent", item, Fixed.mul(line.heat, line.carbonPerHeat), 0, line.mostCarbon);
        int256 amount = _print(work, "fuelAmount", item, line.unit, line.amount, 2);
        int256 heat = _print(work, "fuelHeatValue", item, line.heatUnit, line.heat, 3);
        int256 carbonPerHeat = _print(work, "fuelCarbonPerHeat", item, "tC/GJ", line.carbonPerHeat, 5);
        // Heat first, GJ: carbon per heat has the most decimals, and is rounded last.
        int256 carbon = Fixed.mul(Fixed.mul(Fixed.mul(amount, heat), carbonPerHeat), line.oxidation);
        sum.carbon += carbon;
        sum.printed += _print(work, "fuelEmissions", item, "tCO2", _carbonDioxide(carbon), 2);
    }

    function _print(
        FuelWork memory work,
        bytes32 label,
        uint256 item,
        bytes32 unit,
        int256 value,
        uint8 decimals
    ) private pure returns (int256) {
        return _use(work.draft, work.profile, label, item, unit, value, decimals);
    }

    function _weighed(FuelByMass memory fuel, int256 oxidation) private pure returns (FuelLine memory) {
        return FuelLine({
            amount: fuel.amount_t,
            heat: fuel.heat_GJ_per_t,
            carbonPerHeat: fuel.carbonPerHeat_tC_per_GJ,
            oxidation: oxidation,
            mostCarbon: Fixed.ONE,
            unit: "t",
            heatUnit: "GJ/t"
        });
    }

    function _gas(FuelByVolume memory fuel, int256 oxidation) private pure returns (FuelLine memory) {
        return FuelLine({
            amount: fuel.amount_e4Nm3,
            heat: fuel.heat_GJ_per_e4Nm3,
            carbonPerHeat: fuel.carbonPerHeat_tC_per_GJ,
            oxidation: oxidation,
            mostCarbon: MAX_NUMBER,
            unit: "e4Nm3",
            heatUnit: "GJ/e4Nm3"
        });
    }
}
