// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Openings} from "../support/Openings.sol";
import {SumInputs} from "../support/SumRule.sol";
import {FactorEntry, IFactorBook} from "contracts/interfaces/IFactorBook.sol";
import {IInventoryRegistry} from "contracts/interfaces/IInventoryRegistry.sol";
import {IOpenCalculations} from "contracts/interfaces/IOpenCalculations.sol";
import {IRule, Outcome} from "contracts/interfaces/IRule.sol";
import {FactorUse, IRuleBook} from "contracts/interfaces/IRuleBook.sol";
import {RoundingProfile, RuleStatus} from "contracts/types/Enums.sol";

contract OpenCalculationsTest is Openings {
    // --- calculate

    function test_Calculate() public {
        submitted();
        IOpenCalculations.Calculation memory calculation = factored();
        bytes32 inputsHash = hashOf(calculation);
        vm.expectEmit(address(openCalculations));
        emit IOpenCalculations.Calculated(inventoryId(), 1, inputsHash, SUM, 1, 2023, EXACT, sumOf(5.3305e18));
        Outcome memory outcome = calculate(calculation);

        assertEq(outcome.results[0].value, 5.3305e18);
        assertEq(_kept(inputsHash), keccak256(abi.encode(sumOf(5.3305e18))));
        assertFalse(openCalculations.isOpen(inventoryId(), 1));
    }

    function testFuzz_GivesWhatTheRuleGives(int128 first, int128 second, bytes32 salt) public {
        submitted();
        IOpenCalculations.Calculation memory calculation = plain();
        (calculation.inputs, calculation.salt) = (abi.encode(SumInputs(first, second)), salt);
        calculate(calculation);

        assertEq(_kept(hashOf(calculation)), keccak256(abi.encode(sumOf(int256(first) + second))));
    }

    function test_CalculateAgainSaysNothing() public {
        submitted();
        calculate(plain());
        vm.recordLogs();
        Outcome memory outcome = calculate(plain());

        assertEq(outcome.results[0].value, 3e18);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_RevertWhen_VersionIsUnknown() public {
        vm.expectRevert(_unknown(1));
        calculate(plain());
        submitted();
        vm.expectRevert(_unknown(2));
        openCalculations.calculate(inventoryId(), 2, plain());
        vm.expectRevert(_unknown(0));
        openCalculations.calculate(inventoryId(), 0, plain());
    }

    function test_RevertWhen_RuleIsADraft() public {
        publish(sumRule(2, 2023, 2023, RuleStatus.Draft));
        submitted();
        IOpenCalculations.Calculation memory calculation = plain();
        calculation.ruleVersion = 2;
        vm.expectRevert(_notFinal(2, 2023, RuleStatus.Draft));
        calculate(calculation);
    }

    /// @dev The successor is in force for the year after the inventory's only.
    function test_RevertWhen_RuleIsOfAnotherYear() public {
        publish(sumRule(2, 2024, 0, RuleStatus.InForce));
        submitted();
        IOpenCalculations.Calculation memory calculation = plain();
        calculation.ruleVersion = 2;
        vm.expectRevert(_notFinal(2, 2023, RuleStatus.None));
        calculate(calculation);
    }

    /// @dev The year in which another version is in force is nearly right: no hash holds it.
    function test_RevertWhen_YearIsLaterThoughTheInventorysHasARule() public {
        publish(sumRule(2, 2024, 0, RuleStatus.InForce));
        submitted();
        IOpenCalculations.Calculation memory calculation = plain();
        (calculation.ruleVersion, calculation.reportYear) = (2, 2024);
        vm.expectRevert(_yearDiffers(2024));
        calculate(calculation);
    }

    function test_LaterYearWhereTheInventorysHasNoRule() public {
        setRuleStatus(1, RuleStatus.Repealed, 2023);
        publish(sumRule(2, 2024, 0, RuleStatus.InForce));
        submitted();
        IOpenCalculations.Calculation memory calculation = plain();
        (calculation.ruleVersion, calculation.reportYear) = (2, 2024);
        calculate(calculation);

        assertNotEq(_kept(hashOf(calculation)), 0);
    }

    function test_RevertWhen_YearIsEarlier() public {
        setRuleStatus(1, RuleStatus.Repealed, 2023);
        publish(sumRule(2, 2022, 2022, RuleStatus.InForce));
        submitted();
        IOpenCalculations.Calculation memory calculation = plain();
        (calculation.ruleVersion, calculation.reportYear) = (2, 2022);
        vm.expectRevert(_yearDiffers(2022));
        calculate(calculation);
    }

    function test_RevertWhen_FactorIsADraft() public {
        bytes32 draft = publish(benchmark(0.3288e18, 2023, 2023, RuleStatus.Draft));
        submitted();
        IOpenCalculations.Calculation memory calculation = factored();
        calculation.inputs = abi.encode(SumInputs(5e18, 0.3288e18));
        (calculation.uses[0].factorId, calculation.factorIds[0]) = (draft, draft);
        vm.expectRevert(
            abi.encodeWithSelector(IFactorBook.FactorBook_NotFinal.selector, draft, 2023, RuleStatus.Draft)
        );
        calculate(calculation);
    }

    function test_RevertWhen_InputIsNotTheFactor() public {
        submitted();
        IOpenCalculations.Calculation memory calculation = factored();
        calculation.inputs = abi.encode(SumInputs(5e18, 0.3306e18));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRuleBook.RuleBook_ValueDiffers.selector, 0, factorId, int256(0.3305e18), int256(0.3306e18)
            )
        );
        calculate(calculation);
    }

    function test_RevertWhen_FactorIsUsedAndNotNamed() public {
        submitted();
        IOpenCalculations.Calculation memory calculation = factored();
        calculation.factorIds = new bytes32[](0);
        vm.expectRevert(
            abi.encodeWithSelector(IOpenCalculations.OpenCalculations_FactorNotNamed.selector, factorId)
        );
        calculate(calculation);
    }

    /// @dev Whoever names a factor and does not say where it stands could put another number there.
    function test_RevertWhen_FactorIsNamedAndNotUsed() public {
        submitted();
        IOpenCalculations.Calculation memory calculation = factored();
        calculation.uses = new FactorUse[](0);
        vm.expectRevert(
            abi.encodeWithSelector(IOpenCalculations.OpenCalculations_FactorNotUsed.selector, factorId)
        );
        calculate(calculation);
    }

    function test_OneFactorStandsAtTwoPlaces() public {
        submitted();
        IOpenCalculations.Calculation memory calculation = factored();
        calculation.inputs = abi.encode(SumInputs(0.3305e18, 0.3305e18));
        calculation.uses = new FactorUse[](2);
        calculation.uses[0] = FactorUse(factorId, 0, 0);
        calculation.uses[1] = FactorUse(factorId, 0, 32);
        calculate(calculation);

        assertEq(_kept(hashOf(calculation)), keccak256(abi.encode(sumOf(0.661e18))));
    }

    function test_RevertWhen_RuleRefuses() public {
        submitted();
        IOpenCalculations.Calculation memory calculation = plain();
        calculation.profile = RoundingProfile.Reported;
        vm.expectRevert(abi.encodeWithSelector(IRule.Rule_ProfileUnknown.selector, RoundingProfile.Reported));
        calculate(calculation);
        calculation = plain();
        calculation.inputs = abi.encode(calculation.inputs);
        vm.expectRevert(IRule.Rule_InputsNotCanonical.selector);
        calculate(calculation);
    }

    /// @dev Two factors of one value: their order is what the hash says, and the result is kept under that hash alone.
    function test_OrderOfFactorsIsPartOfTheHash() public {
        bytes32 other = _otherFactor();
        submitted();
        IOpenCalculations.Calculation memory calculation = _twoFactors(factorId, other);
        calculate(calculation);

        assertNotEq(_kept(hashOf(calculation)), 0);
        assertEq(_kept(hashOf(_twoFactors(other, factorId))), 0);
    }

    // --- complete

    function test_Complete() public {
        submitted();
        calculateBoth();
        vm.expectEmit(address(openCalculations));
        emit IOpenCalculations.Completed(inventoryId(), 1, RECIPE, listed());
        complete(RECIPE, listed());

        assertTrue(openCalculations.isOpen(inventoryId(), 1));
        assertFalse(openCalculations.isOpen(inventoryId(), 2));
    }

    function test_CompleteAgainSaysNothing() public {
        submitted();
        calculateBoth();
        complete(RECIPE, listed());
        vm.recordLogs();
        complete(RECIPE, listed());

        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_RevertWhen_CompletedVersionIsUnknown() public {
        submitted();
        calculateBoth();
        IOpenCalculations.CalculationInputs[] memory list = listed();
        vm.expectRevert(_unknown(2));
        openCalculations.complete(inventoryId(), 2, RECIPE, list);
    }

    function test_RevertWhen_SaltWasAnother() public {
        submitted();
        calculate(plain());
        IOpenCalculations.Calculation memory resalted = factored();
        resalted.salt = keccak256("salt 3");
        calculate(resalted);
        bytes32 missing = hashOf(factored());
        _assertIncomplete(RECIPE, listed(), _notCalculated(missing, EXACT));

        IOpenCalculations.CalculationInputs[] memory list = listed();
        list[1].inputsHash = hashOf(resalted);
        _assertDiffers(RECIPE, list);
    }

    function test_RevertWhen_ProfileIsAnother() public {
        submitted();
        calculateBoth();
        IOpenCalculations.CalculationInputs[] memory list = listed();
        list[0].profile = RoundingProfile.Reported;
        _assertIncomplete(RECIPE, list, _notCalculated(list[0].inputsHash, RoundingProfile.Reported));
    }

    /// @dev Versions and inventories are opened each for itself, though the calculations are the same.
    function test_RevertWhen_CalculatedForAnother() public {
        submitted();
        IInventoryRegistry.Subject memory other = subjectOf(Role.Enterprise, "unit 2", YEAR_BEGIN, YEAR_END);
        submit(other, signedHash(other));
        submit(subject, signedHash(subject));
        openCalculations.calculate(idOf(other), 1, plain());
        openCalculations.calculate(idOf(other), 1, factored());
        openCalculations.calculate(inventoryId(), 2, plain());
        openCalculations.calculate(inventoryId(), 2, factored());
        _assertIncomplete(RECIPE, listed(), _notCalculated(hashOf(plain()), EXACT));

        IOpenCalculations.CalculationInputs[] memory list = listed();
        openCalculations.complete(idOf(other), 1, RECIPE, list);
        openCalculations.complete(inventoryId(), 2, RECIPE, list);
        assertTrue(openCalculations.isOpen(idOf(other), 1));
        assertTrue(openCalculations.isOpen(inventoryId(), 2));
        assertFalse(openCalculations.isOpen(inventoryId(), 1));
    }

    function test_RevertWhen_OneIsMissing() public {
        submitted();
        calculateBoth();
        IOpenCalculations.CalculationInputs[] memory list = new IOpenCalculations.CalculationInputs[](1);
        list[0] = listed()[0];
        _assertDiffers(RECIPE, list);
        _assertDiffers(RECIPE, new IOpenCalculations.CalculationInputs[](0));
    }

    function test_RevertWhen_OneComesTwice() public {
        submitted();
        calculateBoth();
        IOpenCalculations.CalculationInputs[] memory list = new IOpenCalculations.CalculationInputs[](3);
        (list[0], list[1], list[2]) = (listed()[0], listed()[1], listed()[1]);
        _assertDiffers(RECIPE, list);
    }

    function test_RevertWhen_OrderIsAnother() public {
        submitted();
        calculateBoth();
        IOpenCalculations.CalculationInputs[] memory list = listed();
        (list[0], list[1]) = (list[1], list[0]);
        _assertDiffers(RECIPE, list);
    }

    function test_RevertWhen_RecipeIsAnother() public {
        submitted();
        calculateBoth();
        _assertDiffers("power-unit/2", listed());
    }

    /// @dev All was worked out under its own id; but what was signed names another inventory.
    function test_RevertWhen_SignedInputsAreOfAnotherInventory() public {
        submit(subject, signedHash(subjectOf(Role.Enterprise, "unit 2", YEAR_BEGIN, YEAR_END)));
        calculateBoth();
        _assertDiffers(RECIPE, listed());
    }

    // --- inventoryInputsHash

    function test_InputsHashIsAsDocumented() public view {
        assertEq(openCalculations.inventoryInputsHash(inventoryId(), RECIPE, listed()), signedHash(subject));
    }

    function _assertDiffers(string memory recipe, IOpenCalculations.CalculationInputs[] memory list) private {
        bytes32 expected = registry.versionOf(inventoryId(), 1).inputsHash;
        bytes32 given = openCalculations.inventoryInputsHash(inventoryId(), recipe, list);
        _assertIncomplete(
            recipe,
            list,
            abi.encodeWithSelector(IOpenCalculations.OpenCalculations_InputsDiffer.selector, expected, given)
        );
    }

    function _assertIncomplete(
        string memory recipe,
        IOpenCalculations.CalculationInputs[] memory list,
        bytes memory refusal
    ) private {
        vm.expectRevert(refusal);
        complete(recipe, list);

        assertFalse(openCalculations.isOpen(inventoryId(), 1));
    }

    function _kept(bytes32 inputsHash) private view returns (bytes32) {
        return openCalculations.resultsHash(inventoryId(), 1, inputsHash, EXACT);
    }

    /// @dev A factor of the same value for another subject.
    function _otherFactor() private returns (bytes32) {
        FactorEntry memory entry = benchmark(0.3305e18, 2023, 2023, RuleStatus.InForce);
        entry.subject = "steam";
        return publish(entry);
    }

    function _twoFactors(bytes32 first, bytes32 second)
        private
        view
        returns (IOpenCalculations.Calculation memory calculation)
    {
        calculation = factored();
        calculation.inputs = abi.encode(SumInputs(0.3305e18, 0.3305e18));
        calculation.uses = new FactorUse[](2);
        calculation.uses[0] = FactorUse(first, 0, 0);
        calculation.uses[1] = FactorUse(second, 0, 32);
        calculation.factorIds = new bytes32[](2);
        (calculation.factorIds[0], calculation.factorIds[1]) = (first, second);
    }

    function _unknown(uint32 version) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IOpenCalculations.OpenCalculations_VersionUnknown.selector, inventoryId(), version
        );
    }

    function _notFinal(uint32 ruleVersion, uint16 year, RuleStatus status)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(IRuleBook.RuleBook_NotFinal.selector, SUM, ruleVersion, year, status);
    }

    function _yearDiffers(uint16 named) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(IOpenCalculations.OpenCalculations_YearDiffers.selector, SUM, 2023, named);
    }

    function _notCalculated(bytes32 inputsHash, RoundingProfile profile) private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            IOpenCalculations.OpenCalculations_NotCalculated.selector, inputsHash, profile
        );
    }
}
