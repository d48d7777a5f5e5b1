// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManaged} from "openzeppelin-access-manager/access/manager/IAccessManaged.sol";

import {BookCases} from "../support/BookCases.sol";
import {SecondSumRule, SumInputs, SumRule} from "../support/SumRule.sol";
import {FactorEntry, IFactorBook} from "contracts/interfaces/IFactorBook.sol";
import {IRule, Outcome} from "contracts/interfaces/IRule.sol";
import {FactorUse, IRuleBook, RulePublication, RuleRecord} from "contracts/interfaces/IRuleBook.sol";
import {Standings} from "contracts/libraries/Standings.sol";
import {RoundingProfile, RuleStatus} from "contracts/types/Enums.sol";

contract RuleBookTest is BookCases {
    RoundingProfile private constant EXACT = RoundingProfile.Exact;
    RuleStatus private constant DRAFT = RuleStatus.Draft;
    RuleStatus private constant IN_FORCE = RuleStatus.InForce;
    RuleStatus private constant SUPERSEDED = RuleStatus.Superseded;
    bytes32 private constant SUM_ID = keccak256(abi.encode("rule", SUM));

    // --- publish

    function test_Publish() public {
        RulePublication memory publication = sumRule(1, 2023, 2024, IN_FORCE);
        bytes32 codeHash = publication.rule.codehash;
        vm.expectEmit(address(ruleBook));
        emit IRuleBook.RulePublished(SUM_ID, publication.rule, codeHash, publication);
        publish(publication);

        RuleRecord memory kept = ruleBook.entry(SUM, 1);
        assertEq(kept.rule, publication.rule);
        assertEq(kept.codeHash, codeHash);
        assertEq(kept.sourceHash, sha256(bytes(unicode"addition 加法")));
        assertEq(kept.standing.reportFrom, 2023);
        assertEq(kept.standing.reportTo, 2024);
        assertTrue(kept.standing.publishedAs == IN_FORCE);
        assertEq(ruleBook.ruleFor(SUM, 2023), 1);
        assertEq(ruleBook.ruleFor(SUM, 2024), 1);
        assertEq(ruleBook.versionsOf(SUM).length, 1);
    }

    function test_DraftStandsBesideWhatIsInForce() public {
        publish(sumRule(1, 2023, 0, IN_FORCE));
        publish(sumRule(2, 2025, 2026, DRAFT));

        assertEq(ruleBook.ruleFor(SUM, 2025), 1);
        assertTrue(ruleBook.statusOf(SUM, 2, 2025) == DRAFT);
    }

    function test_RevertWhen_AnotherVersionIsInForce() public {
        publish(sumRule(1, 2023, 0, IN_FORCE));
        _assertRefused(
            sumRule(2, 2025, 2026, IN_FORCE),
            abi.encodeWithSelector(IRuleBook.RuleBook_AlreadyInForce.selector, SUM, 1)
        );
    }

    function test_RevertWhen_PublishedBefore() public {
        publish(sumRule(1, 2023, 2023, DRAFT));
        _assertRefused(
            sumRule(1, 2024, 2024, IN_FORCE),
            abi.encodeWithSelector(IRuleBook.RuleBook_AlreadyPublished.selector, SUM, 1)
        );
    }

    function test_RevertWhen_ThereIsNoContract() public {
        RulePublication memory publication = sumRule(1, 2023, 2023, IN_FORCE);
        publication.rule = anybody;
        _assertRefused(publication, abi.encodeWithSelector(IRuleBook.RuleBook_NoCode.selector, anybody));
    }

    /// @dev The contract of version 2 cannot be passed off as version 1, nor as another rule.
    function test_RevertWhen_ContractSaysOtherwise() public {
        RulePublication memory publication = sumRule(1, 2023, 2023, IN_FORCE);
        publication.rule = address(new SecondSumRule());
        _assertRefused(
            publication,
            abi.encodeWithSelector(IRuleBook.RuleBook_NotThatRule.selector, publication.rule, SUM, 2)
        );
        publication = sumRule(1, 2023, 2023, IN_FORCE);
        publication.name = "test.difference";
        _assertRefused(
            publication,
            abi.encodeWithSelector(IRuleBook.RuleBook_NotThatRule.selector, publication.rule, SUM, 1)
        );
    }

    function test_RevertWhen_SourceIsAnother() public {
        RulePublication memory publication = sumRule(1, 2023, 2023, IN_FORCE);
        bytes32 sourceHash = publication.sourceHash;
        publication.sourceHash = sha256("another");
        _assertRefused(
            publication,
            abi.encodeWithSelector(IRuleBook.RuleBook_NotThatSource.selector, publication.rule, sourceHash)
        );
    }

    function test_RevertWhen_YearsOrStatusAreNone() public {
        _assertRefused(
            sumRule(1, 2024, 2023, IN_FORCE),
            abi.encodeWithSelector(Standings.Standings_YearsInvalid.selector, 2024, 2023)
        );
        _assertRefused(
            sumRule(1, 2023, 2023, RuleStatus.None),
            abi.encodeWithSelector(Standings.Standings_StatusMissing.selector)
        );
    }

    function test_RevertWhen_StrangerPublishes() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, deployer));
        vm.prank(deployer);
        ruleBook.publish(new RulePublication[](0));
    }

    // --- setStatus, ruleFor

    function test_SuccessorTakesOver() public {
        publish(sumRule(1, 2023, 0, IN_FORCE));
        skip(1 days);
        vm.expectEmit(address(ruleBook));
        emit IRuleBook.RuleStatusSet(SUM_ID, 1, SUPERSEDED, 2026, "a later notice");
        setRuleStatus(1, SUPERSEDED, 2026);
        publish(sumRule(2, 2026, 0, IN_FORCE));

        assertEq(ruleBook.ruleFor(SUM, 2025), 1);
        assertEq(ruleBook.ruleFor(SUM, 2026), 2);
        assertEq(ruleBook.entry(SUM, 1).standing.later[0].recordedAt, START + 1 days);
    }

    function test_RevertWhen_DraftComesIntoForceBesideAnother() public {
        publish(sumRule(1, 2023, 0, IN_FORCE));
        publish(sumRule(2, 2026, 0, DRAFT));
        vm.expectRevert(abi.encodeWithSelector(IRuleBook.RuleBook_AlreadyInForce.selector, SUM, 1));
        setRuleStatus(2, IN_FORCE, 2026);
    }

    function test_RevertWhen_NoVersionIsInForce() public {
        publish(sumRule(1, 2023, 2023, IN_FORCE));
        publish(sumRule(2, 2024, 2024, DRAFT));
        publish(sumRule(3, 2024, 2024, SUPERSEDED));
        vm.expectRevert(abi.encodeWithSelector(IRuleBook.RuleBook_NoneInForce.selector, SUM, 2024));
        ruleBook.ruleFor(SUM, 2024);
        vm.expectRevert(abi.encodeWithSelector(IRuleBook.RuleBook_NoneInForce.selector, "test.product", 2023));
        ruleBook.ruleFor("test.product", 2023);
    }

    function test_RevertWhen_StatusCannotFollow() public {
        publish(sumRule(1, 2023, 2024, IN_FORCE));
        vm.expectRevert(abi.encodeWithSelector(Standings.Standings_StatusNotNext.selector, IN_FORCE, DRAFT));
        setRuleStatus(1, DRAFT, 2023);
        vm.expectRevert(abi.encodeWithSelector(Standings.Standings_YearOutside.selector, 2025, 2023, 2024));
        setRuleStatus(1, SUPERSEDED, 2025);
        vm.expectRevert(abi.encodeWithSelector(IRuleBook.RuleBook_Unknown.selector, SUM, 2));
        setRuleStatus(2, SUPERSEDED, 2023);
    }

    function test_RevertWhen_StrangerSetsStatus() public {
        publish(sumRule(1, 2023, 2024, IN_FORCE));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anybody));
        vm.prank(anybody);
        ruleBook.setStatus(SUM, 1, SUPERSEDED, 2023, "");
    }

    // --- run

    function testFuzz_RunGivesWhatTheRuleGives(int128 first, int128 second, bool isFinal) public {
        publish(sumRule(1, 2023, 2023, IN_FORCE));
        bytes memory inputs = abi.encode(SumInputs(first, second));
        Outcome memory outcome = ruleBook.run(SUM, 1, inputs, EXACT, new FactorUse[](0), 2023, isFinal);

        assertEq(outcome.results[0].value, int256(first) + second);
        IRule rule = IRule(ruleBook.entry(SUM, 1).rule);
        assertEq(keccak256(abi.encode(outcome)), keccak256(abi.encode(rule.evaluate(inputs, EXACT))));
    }

    function test_FactorStandsInTheInputs() public {
        publish(sumRule(1, 2023, 2023, IN_FORCE));
        bytes32 factorId = publish(benchmark(0.3305e18, 2023, 2023, IN_FORCE));
        bytes memory inputs = abi.encode(SumInputs(1e18, 0.3305e18));
        Outcome memory outcome = ruleBook.run(SUM, 1, inputs, EXACT, _uses(factorId, 32), 2023, true);

        assertEq(outcome.results[0].value, 1.3305e18);
    }

    /// @dev The number of a neighbouring year is nearly right, and is refused.
    function testFuzz_RevertWhen_ValueDiffers(int256 given) public {
        vm.assume(given != 0.3305e18);
        publish(sumRule(1, 2023, 2023, IN_FORCE));
        bytes32 factorId = publish(benchmark(0.3305e18, 2023, 2023, IN_FORCE));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRuleBook.RuleBook_ValueDiffers.selector, 0, factorId, int256(0.3305e18), given
            )
        );
        ruleBook.run(SUM, 1, abi.encode(SumInputs(1e18, given)), EXACT, _uses(factorId, 32), 2023, true);
    }

    /// @dev The right value at another place does not count.
    function test_RevertWhen_ValueStandsElsewhere() public {
        publish(sumRule(1, 2023, 2023, IN_FORCE));
        bytes32 factorId = publish(benchmark(0.3305e18, 2023, 2023, IN_FORCE));
        bytes memory inputs = abi.encode(SumInputs(0.3305e18, 1e18));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRuleBook.RuleBook_ValueDiffers.selector, 0, factorId, int256(0.3305e18), int256(1e18)
            )
        );
        ruleBook.run(SUM, 1, inputs, EXACT, _uses(factorId, 32), 2023, true);
    }

    function testFuzz_RevertWhen_OffsetIsNoWordOfTheInputs(uint32 offset) public {
        vm.assume(offset % 32 != 0 || offset > 32);
        publish(sumRule(1, 2023, 2023, IN_FORCE));
        bytes32 factorId = publish(benchmark(1e18, 2023, 2023, IN_FORCE));
        bytes memory inputs = abi.encode(SumInputs(1e18, 1e18));
        vm.expectRevert(abi.encodeWithSelector(IRuleBook.RuleBook_OffsetInvalid.selector, 0, offset));
        ruleBook.run(SUM, 1, inputs, EXACT, _uses(factorId, offset), 2023, true);
    }

    function test_RevertWhen_FinalWithADraftFactor() public {
        publish(sumRule(1, 2025, 2025, IN_FORCE));
        bytes32 draft = publish(benchmark(0.3288e18, 2025, 2025, DRAFT));
        bytes memory inputs = abi.encode(SumInputs(1e18, 0.3288e18));
        vm.expectRevert(abi.encodeWithSelector(IFactorBook.FactorBook_NotFinal.selector, draft, 2025, DRAFT));
        ruleBook.run(SUM, 1, inputs, EXACT, _uses(draft, 32), 2025, true);

        Outcome memory trial = ruleBook.run(SUM, 1, inputs, EXACT, _uses(draft, 32), 2025, false);
        assertEq(trial.results[0].value, 1.3288e18);
    }

    /// @dev A factor of another report year is not final, though it was in force once.
    function test_RevertWhen_FinalWithAFactorOfAnotherYear() public {
        publish(sumRule(1, 2023, 0, IN_FORCE));
        bytes32 factorId = publish(benchmark(0.3305e18, 2023, 2023, IN_FORCE));
        bytes memory inputs = abi.encode(SumInputs(1e18, 0.3305e18));
        vm.expectRevert(
            abi.encodeWithSelector(IFactorBook.FactorBook_NotFinal.selector, factorId, 2024, RuleStatus.None)
        );
        ruleBook.run(SUM, 1, inputs, EXACT, _uses(factorId, 32), 2024, true);
    }

    function test_RevertWhen_FinalWithADraftVersion() public {
        publish(sumRule(1, 2025, 2025, DRAFT));
        bytes memory inputs = abi.encode(SumInputs(1, 2));
        vm.expectRevert(abi.encodeWithSelector(IRuleBook.RuleBook_NotFinal.selector, SUM, 1, 2025, DRAFT));
        ruleBook.run(SUM, 1, inputs, EXACT, new FactorUse[](0), 2025, true);

        Outcome memory trial = ruleBook.run(SUM, 1, inputs, EXACT, new FactorUse[](0), 2025, false);
        assertEq(trial.results[0].value, 3);
    }

    function test_RevertWhen_VersionIsUnknown() public {
        publish(sumRule(1, 2023, 2023, IN_FORCE));
        bytes memory refusal = abi.encodeWithSelector(IRuleBook.RuleBook_Unknown.selector, SUM, 2);
        vm.expectRevert(refusal);
        ruleBook.run(SUM, 2, "", EXACT, new FactorUse[](0), 2023, false);
        vm.expectRevert(refusal);
        ruleBook.entry(SUM, 2);
    }

    /// @dev On a chain where code can be destroyed, other code may come to the address.
    function test_RevertWhen_CodeHasChanged() public {
        RulePublication memory publication = sumRule(1, 2023, 2023, IN_FORCE);
        bytes32 codeHash = publication.rule.codehash;
        publish(publication);
        vm.etch(publication.rule, address(new SecondSumRule()).code);
        vm.expectRevert(
            abi.encodeWithSelector(IRuleBook.RuleBook_CodeChanged.selector, publication.rule, codeHash)
        );
        ruleBook.run(SUM, 1, abi.encode(SumInputs(1, 2)), EXACT, new FactorUse[](0), 2023, false);
    }

    function test_RevertWhen_RuleRefuses() public {
        publish(sumRule(1, 2023, 2023, IN_FORCE));
        bytes memory inputs = abi.encode(SumInputs(1, 2));
        vm.expectRevert(abi.encodeWithSelector(IRule.Rule_ProfileUnknown.selector, RoundingProfile.Reported));
        ruleBook.run(SUM, 1, inputs, RoundingProfile.Reported, new FactorUse[](0), 2023, true);
        vm.expectRevert(IRule.Rule_InputsNotCanonical.selector);
        ruleBook.run(SUM, 1, abi.encode(inputs), EXACT, new FactorUse[](0), 2023, true);
    }

    // --- inputsHash

    function testFuzz_InputsHashIsAsDocumented(
        bytes32 ruleId,
        uint32 version,
        bytes32 codeHash,
        bytes32[] memory factorIds,
        bytes memory inputs,
        bytes32 salt
    ) public view {
        bytes32 typeHash = keccak256(
            "Rule(bytes32 ruleId,uint32 version,bytes32 codeHash,bytes32[] factorIds,bytes inputs,bytes32 salt)"
        );

        assertEq(
            ruleBook.inputsHash(ruleId, version, codeHash, factorIds, inputs, salt),
            keccak256(abi.encode(typeHash, ruleId, version, codeHash, factorIds, inputs, salt))
        );
        assertNotEq(
            ruleBook.inputsHash(ruleId, version, codeHash, factorIds, inputs, salt),
            ruleBook.inputsHash(
                ruleId, version, codeHash, factorIds, abi.encodePacked(inputs, uint8(0)), salt
            )
        );
    }

    function test_RuleIdIsAsDocumented() public view {
        assertEq(ruleBook.ruleIdOf(SUM), SUM_ID);
    }

    function _assertRefused(RulePublication memory publication, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(address(council));
        ruleBook.publish(one(publication));
    }

    /// @dev One use: the first value of the factor stands at the offset.
    function _uses(bytes32 factorId, uint32 offset) private pure returns (FactorUse[] memory uses) {
        uses = new FactorUse[](1);
        uses[0] = FactorUse(factorId, 0, offset);
    }
}
