// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IInventoryRegistry} from "../interfaces/IInventoryRegistry.sol";
import {IOpenCalculations} from "../interfaces/IOpenCalculations.sol";
import {Outcome} from "../interfaces/IRule.sol";
import {FactorUse, IRuleBook} from "../interfaces/IRuleBook.sol";
import {RoundingProfile, RuleStatus} from "../types/Enums.sol";
import {InventoryId} from "../types/Ids.sol";

/// @title OpenCalculations
/// @notice See the documentation in {IOpenCalculations}.
contract OpenCalculations is IOpenCalculations {
    bytes32 private constant CALCULATION_TYPEHASH =
        keccak256("CalculationInputs(bytes32 inputsHash,uint8 profile)");
    bytes32 private constant INVENTORY_TYPEHASH = keccak256(
        "InventoryInputs(bytes32 inventoryId,string recipe,CalculationInputs[] calculations)"
        "CalculationInputs(bytes32 inputsHash,uint8 profile)"
    );

    /// @notice The registry whose versions are opened.
    IInventoryRegistry public immutable inventoryRegistry;
    /// @notice The book whose rules are run.
    IRuleBook public immutable ruleBook;

    /// @dev Hash of the results, by {_keyOf} inventory, version, inputs hash and profile.
    mapping(bytes32 key => bytes32 hash) private _results;
    mapping(InventoryId id => mapping(uint32 version => bool)) private _open;

    constructor(IInventoryRegistry inventoryRegistry_, IRuleBook ruleBook_) {
        inventoryRegistry = inventoryRegistry_;
        ruleBook = ruleBook_;
    }

    /// @inheritdoc IOpenCalculations
    function calculate(InventoryId id, uint32 version, Calculation calldata calculation)
        external
        returns (Outcome memory outcome)
    {
        _requireYear(calculation, _submitted(id, version).reportYear);
        _requireSameFactors(calculation.uses, calculation.factorIds);
        outcome = _run(calculation);
        bytes32 inputsHash = _inputsHash(calculation);
        bytes32 key = _keyOf(id, version, inputsHash, calculation.profile);
        if (_results[key] != bytes32(0)) return outcome;

        _results[key] = keccak256(abi.encode(outcome.results));
        emit Calculated(
            id,
            version,
            inputsHash,
            calculation.rule,
            calculation.ruleVersion,
            calculation.reportYear,
            calculation.profile,
            outcome.results
        );
    }

    /// @inheritdoc IOpenCalculations
    function complete(
        InventoryId id,
        uint32 version,
        string calldata recipe,
        CalculationInputs[] calldata calculations
    ) external {
        _submitted(id, version);
        for (uint256 i = 0; i < calculations.length; ++i) {
            (bytes32 inputsHash, RoundingProfile profile) =
                (calculations[i].inputsHash, calculations[i].profile);
            require(
                resultsHash(id, version, inputsHash, profile) != bytes32(0),
                OpenCalculations_NotCalculated(inputsHash, profile)
            );
        }
        bytes32 expected = inventoryRegistry.versionOf(id, version).inputsHash;
        bytes32 given = inventoryInputsHash(id, recipe, calculations);
        require(expected == given, OpenCalculations_InputsDiffer(expected, given));
        if (_open[id][version]) return;

        _open[id][version] = true;
        emit Completed(id, version, recipe, calculations);
    }

    /// @inheritdoc IOpenCalculations
    function isOpen(InventoryId id, uint32 version) external view returns (bool) {
        return _open[id][version];
    }

    /// @inheritdoc IOpenCalculations
    function resultsHash(InventoryId id, uint32 version, bytes32 inputsHash, RoundingProfile profile)
        public
        view
        returns (bytes32)
    {
        return _results[_keyOf(id, version, inputsHash, profile)];
    }

    /// @inheritdoc IOpenCalculations
    function inventoryInputsHash(
        InventoryId id,
        string calldata recipe,
        CalculationInputs[] calldata calculations
    ) public pure returns (bytes32) {
        bytes32[] memory members = new bytes32[](calculations.length);
        for (uint256 i = 0; i < calculations.length; ++i) {
            members[i] = keccak256(abi.encode(CALCULATION_TYPEHASH, calculations[i]));
        }
        return keccak256(
            abi.encode(INVENTORY_TYPEHASH, id, keccak256(bytes(recipe)), keccak256(abi.encodePacked(members)))
        );
    }

    /// @dev The inventory, if it has that version.
    function _submitted(InventoryId id, uint32 version)
        private
        view
        returns (IInventoryRegistry.Inventory memory record)
    {
        record = inventoryRegistry.inventory(id);
        require(version != 0 && version <= record.version, OpenCalculations_VersionUnknown(id, version));
    }

    /// @dev No hash holds the year, so a sender could look for one in which the rule is in force.
    function _requireYear(Calculation calldata calculation, uint16 expected) private view {
        uint16 named = calculation.reportYear;
        if (named == expected) return;
        require(
            named > expected && !_hasVersionFor(calculation.rule, expected),
            OpenCalculations_YearDiffers(calculation.rule, expected, named)
        );
    }

    function _hasVersionFor(string calldata rule, uint16 reportYear) private view returns (bool) {
        uint32[] memory versions = ruleBook.versionsOf(rule);
        for (uint256 i = 0; i < versions.length; ++i) {
            if (ruleBook.statusOf(rule, versions[i], reportYear) == RuleStatus.InForce) return true;
        }
        return false;
    }

    function _run(Calculation calldata calculation) private view returns (Outcome memory) {
        return ruleBook.run(
            calculation.rule,
            calculation.ruleVersion,
            calculation.inputs,
            calculation.profile,
            calculation.uses,
            calculation.reportYear,
            true
        );
    }

    function _inputsHash(Calculation calldata calculation) private view returns (bytes32) {
        return ruleBook.inputsHash(
            ruleBook.ruleIdOf(calculation.rule),
            calculation.ruleVersion,
            ruleBook.entry(calculation.rule, calculation.ruleVersion).codeHash,
            calculation.factorIds,
            calculation.inputs,
            calculation.salt
        );
    }

    /// @dev Check that the factors used are those that are named. A calculation has a few.
    function _requireSameFactors(FactorUse[] calldata uses, bytes32[] calldata factorIds) private pure {
        bool[] memory isUsed = new bool[](factorIds.length);
        for (uint256 i = 0; i < uses.length; ++i) {
            bool isNamed = false;
            for (uint256 j = 0; j < factorIds.length; ++j) {
                if (uses[i].factorId != factorIds[j]) continue;
                (isNamed, isUsed[j]) = (true, true);
            }
            require(isNamed, OpenCalculations_FactorNotNamed(uses[i].factorId));
        }
        for (uint256 j = 0; j < factorIds.length; ++j) {
            require(isUsed[j], OpenCalculations_FactorNotUsed(factorIds[j]));
        }
    }

    function _keyOf(InventoryId id, uint32 version, bytes32 inputsHash, RoundingProfile profile)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(id, version, inputsHash, profile));
    }
}
