// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "./RuleTest.sol";
import {
    BurnedByMass,
    BurnedByVolume,
    BurnedFuels,
    FuelByMass,
    FuelByVolume,
    FuelFlows
} from "contracts/accounting/rules/FuelRule.sol";

/// @notice Fuels of table A.1 of the steel guide, and a model of their emissions that shares nothing with the rules.
abstract contract FuelTest is RuleTest {
    /// @dev A fuel as a report prints it: hundredths of a tonne, thousandths of a GJ/t, hundred-thousandths of a tC/GJ.
    struct Printed {
        uint32 amount;
        uint24 heat;
        uint16 carbonPerHeat;
    }

    function _coke(int256 amount) internal pure returns (FuelByMass memory) {
        return FuelByMass(amount, 28.435e18, 0.02942e18);
    }

    function _bituminous(int256 amount) internal pure returns (FuelByMass memory) {
        return FuelByMass(amount, 23.736e18, 0.02618e18);
    }

    function _cokingCoal(int256 amount) internal pure returns (FuelByMass memory) {
        return FuelByMass(amount, 26.344e18, 0.02541e18);
    }

    function _blastFurnaceGas(int256 amount) internal pure returns (FuelByVolume memory) {
        return FuelByVolume(amount, 33e18, 0.0708e18);
    }

    function _cokeOvenGas(int256 amount) internal pure returns (FuelByVolume memory) {
        return FuelByVolume(amount, 173.854e18, 0.0121e18);
    }

    function _flows(FuelByMass memory one) internal pure returns (FuelFlows memory flows) {
        flows.weighed = new FuelByMass[](1);
        flows.weighed[0] = one;
    }

    function _flows(FuelByMass memory one, FuelByMass memory other)
        internal
        pure
        returns (FuelFlows memory flows)
    {
        flows.weighed = new FuelByMass[](2);
        (flows.weighed[0], flows.weighed[1]) = (one, other);
    }

    function _flows(FuelByMass memory weighed, FuelByVolume memory gas)
        internal
        pure
        returns (FuelFlows memory flows)
    {
        flows = _flows(weighed);
        flows.gases = _flows(gas).gases;
    }

    function _flows(FuelByVolume memory gas) internal pure returns (FuelFlows memory flows) {
        flows.gases = new FuelByVolume[](1);
        flows.gases[0] = gas;
    }

    function _flows(Printed memory one) internal pure returns (FuelFlows memory) {
        return _flows(_fuel(one));
    }

    function _burned(FuelByMass memory fuel, int256 oxidation)
        internal
        pure
        returns (BurnedFuels memory fuels)
    {
        fuels.weighed = new BurnedByMass[](1);
        fuels.weighed[0] = BurnedByMass(fuel, oxidation);
    }

    function _burned(FuelByVolume memory fuel, int256 oxidation)
        internal
        pure
        returns (BurnedFuels memory fuels)
    {
        fuels.gases = new BurnedByVolume[](1);
        fuels.gases[0] = BurnedByVolume(fuel, oxidation);
    }

    function _fuel(Printed memory one) internal pure returns (FuelByMass memory) {
        int256 heat = int256(uint256(one.heat)) * 1e15;
        return FuelByMass(int256(uint256(one.amount)) * 1e16, heat, int256(uint256(one.carbonPerHeat)) * 1e13);
    }

    /// A fuel of at most 1 tC/t, whatever was given: 50 GJ/t × 0.02 tC/GJ.
    function _bounded(Printed memory one) internal pure returns (Printed memory) {
        one.heat = uint24(bound(one.heat, 0, 50_000));
        one.carbonPerHeat = uint16(bound(one.carbonPerHeat, 0, 2000));
        return one;
    }

    /// Carbon of a fuel in units of 10⁻¹⁰ tC, which is exact.
    function _carbon(Printed memory one) internal pure returns (int256) {
        return int256(uint256(one.amount) * uint256(one.heat) * uint256(one.carbonPerHeat));
    }

    /// Hundredths of a tonne of CO₂ of so much carbon, half away from zero: × 44 / 12 / 10⁸.
    function _hundredths(int256 carbon) internal pure returns (int256) {
        int256 half = carbon < 0 ? -6e8 : int256(6e8);
        return (44 * carbon + half) / 12e8;
    }
}
