// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IInventoryRegistry} from "contracts/interfaces/IInventoryRegistry.sol";
import {IOpenCalculations} from "contracts/interfaces/IOpenCalculations.sol";
import {Figure, Outcome} from "contracts/interfaces/IRule.sol";
import {FactorUse} from "contracts/interfaces/IRuleBook.sol";
import {InventoryState, RoundingProfile, RuleStatus} from "contracts/types/Enums.sol";

import {BookCases} from "./BookCases.sol";
import {Deployed} from "./Deployed.sol";
import {Inventories} from "./Inventories.sol";
import {SumInputs} from "./SumRule.sol";

/// @title Openings
/// @notice A submitted version of two calculations, and the means to open it.
abstract contract Openings is BookCases, Inventories {
    string internal constant RECIPE = "power-unit/1";
    RoundingProfile internal constant EXACT = RoundingProfile.Exact;

    bytes32 internal factorId;

    function setUp() public virtual override(Deployed, Inventories) {
        Inventories.setUp();
        publish(sumRule(1, 2023, 2023, RuleStatus.InForce));
        factorId = publish(benchmark(0.3305e18, 2023, 2023, RuleStatus.InForce));
    }

    /// @dev A calculation without a factor.
    function plain() internal pure returns (IOpenCalculations.Calculation memory calculation) {
        calculation.rule = SUM;
        calculation.ruleVersion = 1;
        calculation.reportYear = 2023;
        calculation.inputs = abi.encode(SumInputs(1e18, 2e18));
        calculation.salt = keccak256("salt 1");
    }

    /// @dev A calculation whose second number is the factor.
    function factored() internal view returns (IOpenCalculations.Calculation memory calculation) {
        calculation = plain();
        calculation.inputs = abi.encode(SumInputs(5e18, 0.3305e18));
        calculation.uses = new FactorUse[](1);
        calculation.uses[0] = FactorUse(factorId, 0, 32);
        calculation.factorIds = new bytes32[](1);
        calculation.factorIds[0] = factorId;
        calculation.salt = keccak256("salt 2");
    }

    /// @dev The inputs hash, put together without the contracts.
    function hashOf(IOpenCalculations.Calculation memory calculation) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Rule(bytes32 ruleId,uint32 version,bytes32 codeHash,bytes32[] factorIds,bytes inputs,bytes32 salt)"
                ),
                keccak256(abi.encode("rule", calculation.rule)),
                calculation.ruleVersion,
                ruleBook.entry(calculation.rule, calculation.ruleVersion).rule.codehash,
                calculation.factorIds,
                calculation.inputs,
                calculation.salt
            )
        );
    }

    /// @dev What is signed of the two calculations, in their order.
    function listed() internal view returns (IOpenCalculations.CalculationInputs[] memory list) {
        list = new IOpenCalculations.CalculationInputs[](2);
        list[0] = IOpenCalculations.CalculationInputs(hashOf(plain()), EXACT);
        list[1] = IOpenCalculations.CalculationInputs(hashOf(factored()), EXACT);
    }

    /// @dev The inputs hash of an inventory of two calculations, put together word by word.
    function signedHash(IInventoryRegistry.Subject memory of_) internal view returns (bytes32) {
        IOpenCalculations.CalculationInputs[] memory list = listed();
        bytes32 member = keccak256("CalculationInputs(bytes32 inputsHash,uint8 profile)");
        bytes32 first = keccak256(abi.encode(member, list[0].inputsHash, uint8(list[0].profile)));
        bytes32 second = keccak256(abi.encode(member, list[1].inputsHash, uint8(list[1].profile)));
        return keccak256(
            abi.encode(
                keccak256(
                    "InventoryInputs(bytes32 inventoryId,string recipe,CalculationInputs[] calculations)CalculationInputs(bytes32 inputsHash,uint8 profile)"
                ),
                idOf(of_),
                keccak256(bytes(RECIPE)),
                keccak256(abi.encodePacked(first, second))
            )
        );
    }

    /// @dev Submit the next version of an inventory with an inputs hash.
    function submit(IInventoryRegistry.Subject memory of_, bytes32 inputsHash) internal {
        if (registry.inventory(idOf(of_)).state == InventoryState.None) {
            perform(make(Deed.Draft, of_, Role.Enterprise));
        }
        Act memory act = make(Deed.Submission, of_, Role.Enterprise);
        IInventoryRegistry.InventorySubmission memory fields =
            abi.decode(act.fields, (IInventoryRegistry.InventorySubmission));
        fields.inputsHash = inputsHash;
        act.fields = abi.encode(fields);
        perform(act);
    }

    /// @dev Submit the inventory of `subject` with its two calculations.
    function submitted() internal {
        submit(subject, signedHash(subject));
    }

    /// @dev Work a calculation out for version 1, from an address that has no right at all.
    function calculate(IOpenCalculations.Calculation memory calculation) internal returns (Outcome memory) {
        vm.prank(anybody);
        return openCalculations.calculate(inventoryId(), 1, calculation);
    }

    function calculateBoth() internal {
        calculate(plain());
        calculate(factored());
    }

    function complete(string memory recipe, IOpenCalculations.CalculationInputs[] memory list) internal {
        vm.prank(anybody);
        openCalculations.complete(inventoryId(), 1, recipe, list);
    }

    /// @dev What the sum rule gives.
    function sumOf(int256 value) internal pure returns (Figure[] memory results) {
        results = new Figure[](1);
        results[0] = Figure("sum", 0, "1", 18, value);
    }
}
