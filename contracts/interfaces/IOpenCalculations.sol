// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RoundingProfile} from "../types/Enums.sol";
import {InventoryId} from "../types/Ids.sol";
import {Figure, Outcome} from "./IRule.sol";
import {FactorUse} from "./IRuleBook.sol";

/// @title OpenCalculations
/// @notice The open mode: the calculations of a submitted version are worked out here, from inputs in the transaction,
/// and shown to be those that enterprise, verifier and authority signed. Anybody may, with the calculation records.
///
/// What holds after every call:
///
/// - O1: a kept result was worked out by {IRuleBook-run} as final, from inputs, factors and a salt whose hash is the
///   inputs hash that it is kept under;
/// - O2: a version is open only if each calculation of its signed inputs hash was worked out here for that version, in
///   that order, under that recipe and those roundings;
/// - O3: what is kept never changes.
///
/// What it does not show: that the inputs are true, nor that the total is the sum that the recipe makes of the results.
/// The report year is not in the inputs hash, so it is bounded: it is the inventory's, or a later one for a rule of which
/// no version is in force for the inventory's.
/// Inputs and salt that were sent are public for ever.
interface IOpenCalculations {
    /// @notice A calculation, as its record says it (docs/formats/inventories.md, section 2).
    /// @param rule Name of the rule.
    /// @param ruleVersion Its version.
    /// @param reportYear Whose rules and factors it was worked out by.
    /// @param inputs Canonical ABI encoding of the rule's `Inputs`.
    /// @param profile Which intermediates are rounded as a report prints them.
    /// @param uses Which inputs are values of the FactorBook; each factor of `factorIds`, and no other.
    /// @param factorIds Ids of the factors, in the order of the record.
    /// @param salt The enterprise's for this record.
    struct Calculation {
        string rule;
        uint32 ruleVersion;
        uint16 reportYear;
        bytes inputs;
        RoundingProfile profile;
        FactorUse[] uses;
        bytes32[] factorIds;
        bytes32 salt;
    }

    /// @notice A calculation, as the signed inputs hash of a version has it.
    /// @param inputsHash Its inputs hash.
    /// @param profile Its rounding profile.
    struct CalculationInputs {
        bytes32 inputsHash;
        RoundingProfile profile;
    }

    /// @notice A calculation of a version was worked out in the open.
    event Calculated(
        InventoryId indexed id,
        uint32 indexed version,
        bytes32 indexed inputsHash,
        string rule,
        uint32 ruleVersion,
        uint16 reportYear,
        RoundingProfile profile,
        Figure[] results
    );

    /// @notice All calculations of a version were worked out in the open, and are those that were signed.
    event Completed(
        InventoryId indexed id, uint32 indexed version, string recipe, CalculationInputs[] calculations
    );

    /// @notice The version was never submitted.
    error OpenCalculations_VersionUnknown(InventoryId id, uint32 version);

    /// @notice The report year is before the inventory's, or after it though a version is in force for the inventory's.
    error OpenCalculations_YearDiffers(string rule, uint16 expected, uint16 named);

    /// @notice A factor is used that the calculation does not name.
    error OpenCalculations_FactorNotNamed(bytes32 factorId);

    /// @notice A factor is named that no input uses.
    error OpenCalculations_FactorNotUsed(bytes32 factorId);

    /// @notice The calculation was not worked out here for that version, or with another rounding profile.
    error OpenCalculations_NotCalculated(bytes32 inputsHash, RoundingProfile profile);

    /// @notice Recipe and calculations are not what was signed.
    /// @param expected Inputs hash of the version.
    /// @param given That of the recipe and the calculations.
    error OpenCalculations_InputsDiffer(bytes32 expected, bytes32 given);

    /// @notice Work a calculation of a submitted version out, and keep the hash of its results.
    /// Repeating it keeps and says nothing.
    /// @dev Whether it is one of the version's calculations, {complete} decides: until then it only was worked out.
    /// @param id Inventory.
    /// @param version Version of the inventory.
    /// @param calculation The calculation.
    /// @return What the rule gives.
    function calculate(InventoryId id, uint32 version, Calculation calldata calculation)
        external
        returns (Outcome memory);

    /// @notice Show that what was worked out here is what was signed for a version. Repeating it says nothing.
    /// @param id Inventory.
    /// @param version Version of the inventory.
    /// @param recipe How its lines are worked out, by name and version.
    /// @param calculations All its calculations, in their order.
    function complete(
        InventoryId id,
        uint32 version,
        string calldata recipe,
        CalculationInputs[] calldata calculations
    ) external;

    /// @notice `keccak256(abi.encode(results))` of a calculation; zero if it was not worked out here for that version.
    function resultsHash(InventoryId id, uint32 version, bytes32 inputsHash, RoundingProfile profile)
        external
        view
        returns (bytes32);

    /// @notice Whether all calculations of a version were worked out here, and are those that were signed.
    function isOpen(InventoryId id, uint32 version) external view returns (bool);

    /// @notice The inputs hash of an inventory (docs/formats/inventories.md, section 5): the EIP-712 struct hash of
    /// `InventoryInputs(bytes32 inventoryId,string recipe,CalculationInputs[] calculations)` followed by
    /// `CalculationInputs(bytes32 inputsHash,uint8 profile)`.
    function inventoryInputsHash(
        InventoryId id,
        string calldata recipe,
        CalculationInputs[] calldata calculations
    ) external pure returns (bytes32);
}
