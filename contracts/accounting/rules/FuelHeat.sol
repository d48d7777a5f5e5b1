// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Fixed} from "../../libraries/Fixed.sol";
import {Rule} from "./Rule.sol";

/// @notice Heat of a fuel that is weighed.
/// @param consumed_t Fuel burned, t.
/// @param heat_GJ_per_t Its lower heat value, GJ/t.
struct FuelHeatMass {
    int256 consumed_t;
    int256 heat_GJ_per_t;
}

/// @notice Heat of a fuel that is measured by volume.
/// @param consumed_e4Nm3 Gas burned, 10⁴ Nm³.
/// @param heat_GJ_per_e4Nm3 Its lower heat value, GJ/10⁴Nm³.
struct FuelHeatGas {
    int256 consumed_e4Nm3;
    int256 heat_GJ_per_e4Nm3;
}

/// @title FuelHeat
/// @notice Heat of the fossil fuels of a unit, `Σ FC × NCV`, for the rules that compare it with what came out.
abstract contract FuelHeat is Rule {
    /// @dev Heat of all fuels, GJ. A unit without any gives a line with zero: none at all is missing, not zero.
    function _fuelHeat(FuelHeatMass[] memory weighed, FuelHeatGas[] memory gases)
        internal
        pure
        returns (int256 heat)
    {
        _requireSome("fuels", weighed.length + gases.length);
        for (uint256 i = 0; i < weighed.length; ++i) {
            _requireAmount("consumed", i, weighed[i].consumed_t);
            _requireAmount("heat", i, weighed[i].heat_GJ_per_t);
            heat += Fixed.mul(weighed[i].consumed_t, weighed[i].heat_GJ_per_t);
        }
        for (uint256 i = 0; i < gases.length; ++i) {
            _requireAmount("consumedGas", i, gases[i].consumed_e4Nm3);
            _requireAmount("heatGas", i, gases[i].heat_GJ_per_e4Nm3);
            heat += Fixed.mul(gases[i].consumed_e4Nm3, gases[i].heat_GJ_per_e4Nm3);
        }
    }
}
