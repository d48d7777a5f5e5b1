// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {Deployed} from "../support/Deployed.sol";
import {Council} from "contracts/governance/Council.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {IDirectory} from "contracts/interfaces/IDirectory.sol";

contract CouncilTest is Deployed {
    ICouncil.Decision private _decision;
    bytes32 private _digest;

    function setUp() public override {
        super.setUp();
        _decision = decisionOf(
            address(parties), "setRegistrar(address,bool)", abi.encode(makeAddr("second registrar"), true)
        );
        _digest = digestOf(address(council), DECISION, abi.encode(_decision));
    }

    // --- constructor

    function test_HasTheMembersOfItsDeployment() public view {
        assertEq(council.threshold(), 3);
        assertEq(council.delay(), 5 days);
        assertEq(council.term(), 1);
        assertEq(council.members().length, 4);
        assertEq(council.members()[2].organisation, "regulator");
        assertTrue(council.isMember(members[0].key));
        assertFalse(council.isMember(deployer));
    }

    function test_RevertWhen_MembersAreTwo() public {
        _expectThresholdRefused(2, 2);
    }

    function test_RevertWhen_MembersAreSeventeen() public {
        _expectThresholdRefused(17, 9);
    }

    function test_RevertWhen_ThresholdIsHalf() public {
        _expectThresholdRefused(4, 2);
    }

    function test_RevertWhen_ThresholdIsAboveTheMembers() public {
        _expectThresholdRefused(4, 5);
    }

    function test_RevertWhen_MemberComesTwice() public {
        ICouncil.Member[] memory some = _members(4);
        some[3].key = some[0].key;
        _expectMemberRefused(some, some[0].key);
    }

    function test_RevertWhen_MemberHasNoKey() public {
        ICouncil.Member[] memory some = _members(4);
        some[3].key = address(0);
        _expectMemberRefused(some, address(0));
    }

    function test_RevertWhen_MemberHasNoName() public {
        ICouncil.Member[] memory some = _members(4);
        some[3].organisation = "";
        _expectMemberRefused(some, some[3].key);
    }

    function test_RevertWhen_DelayIsTooLong() public {
        ICouncil.Member[] memory some = _members(4);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.Council_DelayInvalid.selector, uint64(30 days) + 1));
        new Council(some, 3, uint64(30 days) + 1);
    }

    // --- endorse

    function test_EndorseBelowTheThreshold() public {
        _endorse(2);

        ICouncil.Ballot memory standing = council.ballot(_digest);
        assertTrue(standing.state == ICouncil.State.Signed);
        assertEq(standing.endorsements, 2);
        assertEq(standing.endorsers, 3);
        assertEq(standing.adoptedAt, 0);
    }

    function test_EndorseReachesTheThreshold() public {
        vm.expectEmit(address(council));
        emit ICouncil.DecisionEndorsed(_digest, members[0].key);
        vm.expectEmit(address(council));
        emit ICouncil.DecisionEndorsed(_digest, members[1].key);
        vm.expectEmit(address(council));
        emit ICouncil.DecisionEndorsed(_digest, members[2].key);
        vm.expectEmit(address(council));
        emit ICouncil.DecisionAdopted(
            _digest,
            _decision.target,
            _decision.title,
            _decision.reason,
            _decision.functionSignature,
            _decision.arguments,
            uint64(START) + 5 days
        );
        _endorse(3);

        assertTrue(council.ballot(_digest).state == ICouncil.State.Adopted);
    }

    /// @dev Signatures that arrive one by one count together; the last one starts the time.
    function test_EndorseBitByBit() public {
        _endorseAlone(0);
        skip(3 days);
        _endorseAlone(2);
        skip(3 days);
        _endorseAlone(3);

        assertEq(council.ballot(_digest).adoptedAt, START + 6 days);
        assertEq(council.ballot(_digest).endorsers, 13);
    }

    function test_RevertWhen_SignerIsNoMember() public {
        Signer memory stranger = makeSigner("stranger");
        _expectEndorsementRefused(
            stranger.key,
            sign(stranger, _digest),
            abi.encodeWithSelector(ICouncil.Council_NotMember.selector, stranger.key)
        );
    }

    function test_RevertWhen_MemberSignsTwice() public {
        _endorse(1);
        _expectEndorsementRefused(
            members[0].key,
            sign(members[0], _digest),
            abi.encodeWithSelector(ICouncil.Council_AlreadyEndorsed.selector, _digest, members[0].key)
        );
    }

    function test_RevertWhen_SignatureIsAnotherMembers() public {
        _expectEndorsementRefused(
            members[1].key,
            sign(members[0], _digest),
            abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, members[1].key, _digest)
        );
    }

    function test_RevertWhen_CountsDiffer() public {
        (address[] memory signers,) = endorsements(_decision, 3);
        (, bytes[] memory signatures) = endorsements(_decision, 4);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.Council_CountsDiffer.selector, 3, 4));
        council.endorse(_decision, signers, signatures);
    }

    function test_RevertWhen_MemberWithdrew() public {
        vm.prank(members[0].key);
        council.cancel(_digest);
        _expectEndorsementRefused(
            members[0].key,
            sign(members[0], _digest),
            abi.encodeWithSelector(IActs.Acts_Cancelled.selector, _digest, members[0].key)
        );
    }

    function test_RevertWhen_DecisionIsOfAnotherTerm() public {
        _decision.term = 2;
        (address[] memory signers, bytes[] memory signatures) = endorsements(_decision, 3);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.Council_TermDiffers.selector, 1, 2));
        council.endorse(_decision, signers, signatures);
    }

    function test_RevertWhen_EndorsedAfterTheDeadline() public {
        vm.warp(_decision.deadline + 1);
        _expectEndorsementRefused(
            members[0].key, sign(members[0], _digest), _deadlinePassed(_decision.deadline)
        );
    }

    function test_RevertWhen_AdoptedDecisionIsEndorsed() public {
        _endorse(3);
        _expectEndorsementRefused(
            members[3].key, sign(members[3], _digest), _stateForbids(ICouncil.State.Adopted)
        );
    }

    function test_RevertWhen_VetoedDecisionIsEndorsed() public {
        _veto(3);
        _expectEndorsementRefused(
            members[0].key, sign(members[0], _digest), _stateForbids(ICouncil.State.Vetoed)
        );
    }

    // --- veto

    /// @dev Any one member stops a decision, until it is executed.
    function test_VetoStopsAnAdoptedDecision() public {
        _endorse(3);
        skip(30 days);
        vm.expectEmit(address(council));
        emit ICouncil.DecisionVetoed(_digest, members[3].key, "not with us");
        _veto(3);

        assertTrue(council.ballot(_digest).state == ICouncil.State.Vetoed);
        vm.expectRevert(_stateForbids(ICouncil.State.Vetoed));
        council.execute(_decision);
    }

    function test_VetoOfOneThatSigned() public {
        _endorse(3);
        _veto(0);

        assertTrue(council.ballot(_digest).state == ICouncil.State.Vetoed);
    }

    function test_RevertWhen_StrangerVetoes() public {
        Signer memory stranger = makeSigner("stranger");
        ICouncil.Veto memory act = ICouncil.Veto(_digest, stranger.key, "no", DEADLINE);
        bytes memory signature = sign(stranger, digestOf(address(council), VETO, abi.encode(act)));
        vm.expectRevert(abi.encodeWithSelector(ICouncil.Council_NotMember.selector, stranger.key));
        council.veto(act, signature);
    }

    function test_RevertWhen_ExecutedDecisionIsVetoed() public {
        _endorse(3);
        skip(5 days);
        council.execute(_decision);
        _expectVetoRefused(3, _stateForbids(ICouncil.State.Executed));
    }

    function test_RevertWhen_DecisionIsVetoedTwice() public {
        _veto(3);
        _expectVetoRefused(2, _stateForbids(ICouncil.State.Vetoed));
    }

    // --- execute

    function test_Execute() public {
        _endorse(3);
        skip(5 days);
        vm.expectEmit(address(council));
        emit ICouncil.DecisionExecuted(_digest, address(parties));
        vm.prank(anybody);
        council.execute(_decision);

        assertTrue(parties.isRegistrar(makeAddr("second registrar")));
        assertTrue(council.ballot(_digest).state == ICouncil.State.Executed);
    }

    function test_ExecuteGivesTheResult() public {
        _decision.target = address(council);
        _decision.functionSignature = "threshold()";
        _decision.arguments = "";
        _digest = digestOf(address(council), DECISION, abi.encode(_decision));
        _endorse(3);
        skip(5 days);

        assertEq(abi.decode(council.execute(_decision), (uint8)), 3);
    }

    function test_RevertWhen_ASecondTooEarly() public {
        _endorse(3);
        skip(5 days - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICouncil.Council_TooEarly.selector, START + 5 days, START + 5 days - 1)
        );
        council.execute(_decision);
    }

    function test_RevertWhen_SignaturesAreTooFew() public {
        _endorse(2);
        skip(5 days);
        vm.expectRevert(_stateForbids(ICouncil.State.Signed));
        council.execute(_decision);
    }

    function test_RevertWhen_ExecutedTwice() public {
        _endorse(3);
        skip(5 days);
        council.execute(_decision);
        vm.expectRevert(_stateForbids(ICouncil.State.Executed));
        council.execute(_decision);
    }

    function test_RevertWhen_ArgumentsAreOthers() public {
        _endorse(3);
        skip(5 days);
        _decision.arguments = abi.encode(makeAddr("another registrar"), true);
        _digest = digestOf(address(council), DECISION, abi.encode(_decision));
        vm.expectRevert(_stateForbids(ICouncil.State.None));
        council.execute(_decision);
    }

    function test_RevertWhen_ExecutedAfterTheDeadline() public {
        _endorse(3);
        vm.warp(_decision.deadline + 1);
        vm.expectRevert(_deadlinePassed(_decision.deadline));
        council.execute(_decision);
    }

    /// @dev A decision that fails now can be executed when its reason is gone.
    function test_RevertWhen_CalledFunctionFails() public {
        address absent = makeAddr("absent");
        _decision = decisionOf(address(directory), "set(string,address)", abi.encode("Absent", absent));
        _digest = digestOf(address(council), DECISION, abi.encode(_decision));
        _endorse(3);
        skip(5 days);
        vm.expectRevert(abi.encodeWithSelector(IDirectory.Directory_NoCode.selector, absent));
        council.execute(_decision);
        vm.etch(absent, hex"00");
        council.execute(_decision);

        assertEq(directory.addressOf("Absent"), absent);
    }

    /// @dev A call to an address without code would succeed and do nothing.
    function test_RevertWhen_TargetIsNoContract() public {
        _decision.target = anybody;
        _digest = digestOf(address(council), DECISION, abi.encode(_decision));
        _endorse(3);
        skip(5 days);
        vm.expectRevert(abi.encodeWithSelector(Address.AddressEmptyCode.selector, anybody));
        council.execute(_decision);
    }

    // --- setMembers

    function test_RevertWhen_MembersAreSetWithoutDecision() public {
        vm.expectRevert(abi.encodeWithSelector(ICouncil.Council_OnlyByDecision.selector, members[0].key));
        vm.prank(members[0].key);
        council.setMembers(new ICouncil.Member[](0), 0);
    }

    /// @dev New members, a new term; what the old ones signed is void.
    function test_SetMembers() public {
        _endorse(3);
        decide(address(council), "setMembers((address,string)[],uint8)", abi.encode(_members(5), uint8(4)));

        assertEq(council.term(), 2);
        assertEq(council.threshold(), 4);
        assertEq(council.members().length, 5);
        assertFalse(council.isMember(members[0].key));
        assertTrue(council.isMember(_members(5)[4].key));
        vm.expectRevert(abi.encodeWithSelector(ICouncil.Council_TermDiffers.selector, 2, 1));
        council.execute(_decision);
    }

    // --- helpers

    function _members(uint256 count) private returns (ICouncil.Member[] memory some) {
        some = new ICouncil.Member[](count);
        for (uint256 i = 0; i < count; ++i) {
            string memory name = string.concat("organisation ", vm.toString(i));
            some[i] = ICouncil.Member(makeAddr(name), name);
        }
    }

    function _endorse(uint256 count) private {
        (address[] memory signers, bytes[] memory signatures) = endorsements(_decision, count);
        council.endorse(_decision, signers, signatures);
    }

    function _endorseAlone(uint256 member) private {
        address[] memory signers = new address[](1);
        bytes[] memory signatures = new bytes[](1);
        (signers[0], signatures[0]) = (members[member].key, sign(members[member], _digest));
        council.endorse(_decision, signers, signatures);
    }

    function _vetoOf(uint256 member) private view returns (ICouncil.Veto memory act, bytes memory signature) {
        act = ICouncil.Veto(_digest, members[member].key, "not with us", DEADLINE);
        signature = sign(members[member], digestOf(address(council), VETO, abi.encode(act)));
    }

    function _veto(uint256 member) private {
        (ICouncil.Veto memory act, bytes memory signature) = _vetoOf(member);
        council.veto(act, signature);
    }

    function _expectVetoRefused(uint256 member, bytes memory reason) private {
        (ICouncil.Veto memory act, bytes memory signature) = _vetoOf(member);
        vm.expectRevert(reason);
        council.veto(act, signature);
    }

    function _expectEndorsementRefused(address signer, bytes memory signature, bytes memory reason) private {
        address[] memory signers = new address[](1);
        bytes[] memory signatures = new bytes[](1);
        (signers[0], signatures[0]) = (signer, signature);
        vm.expectRevert(reason);
        council.endorse(_decision, signers, signatures);
    }

    function _expectThresholdRefused(uint256 count, uint8 newThreshold) private {
        ICouncil.Member[] memory some = _members(count);
        vm.expectRevert(
            abi.encodeWithSelector(ICouncil.Council_ThresholdInvalid.selector, count, newThreshold)
        );
        new Council(some, newThreshold, 5 days);
    }

    function _expectMemberRefused(ICouncil.Member[] memory some, address key) private {
        vm.expectRevert(abi.encodeWithSelector(ICouncil.Council_MemberInvalid.selector, key));
        new Council(some, 3, 5 days);
    }

    function _stateForbids(ICouncil.State state) private view returns (bytes memory) {
        return abi.encodeWithSelector(ICouncil.Council_StateForbids.selector, _digest, state);
    }

    function _deadlinePassed(uint64 deadline) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IActs.Acts_DeadlinePassed.selector, deadline, uint256(deadline) + 1);
    }
}
