// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManaged} from "openzeppelin-access-manager/access/manager/IAccessManaged.sol";

import {Credentialed} from "../support/Credentialed.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {ICredentials} from "contracts/interfaces/ICredentials.sol";
import {CredentialStatus, PartyKind, RegulatorTier, Sector} from "contracts/types/Enums.sol";
import {PartyId} from "contracts/types/Ids.sol";

contract CredentialsTest is Credentialed {
    // --- grant

    function test_GrantSaysWhatItGives() public {
        ICredentials.CredentialGrant memory act = grantOf(Role.Verifier);
        bytes32 digest = digestOf(address(credentials), GRANT, abi.encode(act));
        vm.expectEmit(address(credentials));
        emit ICredentials.CredentialGranted(
            idOf(Role.Verifier),
            PartyKind.Verifier,
            act.sectors,
            act.areas,
            RegulatorTier.None,
            VALID_FROM,
            VALID_TO,
            digest
        );
        grant(act);

        assertEq(credentials.stateOf(idOf(Role.Verifier)), digest);
    }

    function test_RevertWhen_GranterIsNoRegistrar() public {
        ICredentials.CredentialGrant memory act = grantOf(Role.Verifier);
        act.registrar = anybody;
        _expectGrantRefused(
            act, abi.encodeWithSelector(ICredentials.Credentials_NotRegistrar.selector, anybody)
        );
    }

    /// @dev A registrar's name does not do; its signature does.
    function test_RevertWhen_RegistrarDidNotSign() public {
        ICredentials.CredentialGrant memory act = grantOf(Role.Verifier);
        bytes32 digest = digestOf(address(credentials), GRANT, abi.encode(act));
        bytes memory signature = sign(casts[Role.Verifier].first, digest);
        vm.expectRevert(abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, registrar.key, digest));
        credentials.grant(act, signature);
    }

    function test_RevertWhen_NameIsAnothers() public {
        ICredentials.CredentialGrant memory act = grantOf(Role.Verifier);
        act.name = "VERIFIER 1";
        _expectGrantRefused(
            act,
            abi.encodeWithSelector(ICredentials.Credentials_PartyDiffers.selector, act.creditCode, act.name)
        );
    }

    function test_RevertWhen_StateIsAnother() public {
        ICredentials.CredentialGrant memory act = grantOf(Role.Verifier);
        grant(grantOf(Role.Verifier));
        bytes32 state = credentials.stateOf(idOf(Role.Verifier));
        _expectGrantRefused(
            act,
            abi.encodeWithSelector(
                ICredentials.Credentials_StateDiffers.selector, idOf(Role.Verifier), state, act.current
            )
        );
    }

    /// @dev Each field that a kind needs, spoilt.
    function test_RevertWhen_GrantIsIncomplete() public {
        uint32[] memory county = new uint32[](1);
        county[0] = AREA;
        uint32[] memory whole = new uint32[](1);
        whole[0] = PROVINCE_AREA;
        uint32[] memory nowhere = new uint32[](1);
        nowhere[0] = 310_005; // a county of no city
        ICredentials.CredentialGrant memory act = grantOf(Role.Verifier);
        act.sectors = new Sector[](0);
        _expectInvalid(act, Role.Verifier);
        act = grantOf(Role.Verifier);
        act.sectors[0] = Sector.None;
        _expectInvalid(act, Role.Verifier);
        act = grantOf(Role.Verifier);
        act.areas = new uint32[](0);
        _expectInvalid(act, Role.Verifier);
        act = grantOf(Role.Verifier);
        act.areas = nowhere;
        _expectInvalid(act, Role.Verifier);
        act = grantOf(Role.Verifier);
        act.tier = RegulatorTier.City;
        _expectInvalid(act, Role.Verifier);
        act = grantOf(Role.Verifier);
        act.validTo = act.validFrom;
        _expectInvalid(act, Role.Verifier);
        act = grantOf(Role.Verifier);
        act.documentHash = 0;
        _expectInvalid(act, Role.Verifier);
        act = grantOf(Role.Laboratory);
        act.cma = "";
        _expectInvalid(act, Role.Laboratory);
        act = grantOf(Role.Enterprise);
        act.areas = whole;
        _expectInvalid(act, Role.Enterprise);
        act = grantOf(Role.Province);
        act.tier = RegulatorTier.Nation;
        _expectInvalid(act, Role.Province);
        act = grantOf(Role.City);
        (act.areas, act.tier) = (county, RegulatorTier.None);
        _expectInvalid(act, Role.City);
    }

    // --- status

    function test_SuspendedAndLifted() public {
        change(Role.Verifier, CredentialStatus.Suspended);
        _expectMayNot(
            abi.encodeWithSelector(
                ICredentials.Credentials_NotValid.selector,
                idOf(Role.Verifier),
                CredentialStatus.Suspended,
                _now()
            )
        );
        skip(1 days);
        change(Role.Verifier, CredentialStatus.Valid);
        _mayVerify();
    }

    function test_RevertWhen_WithdrawnIsLifted() public {
        change(Role.Verifier, CredentialStatus.Withdrawn);
        ICredentials.CredentialChange memory act = changeOf(Role.Verifier, CredentialStatus.Valid);
        bytes memory signature = sign(registrar, digestOf(address(credentials), CHANGE, abi.encode(act)));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredentials.Credentials_StatusNotNext.selector,
                CredentialStatus.Withdrawn,
                CredentialStatus.Valid
            )
        );
        credentials.change(act, signature);
    }

    function test_RevertWhen_GrantedWhileSuspended() public {
        change(Role.Verifier, CredentialStatus.Suspended);
        _expectGrantRefused(
            grantOf(Role.Verifier),
            abi.encodeWithSelector(ICredentials.Credentials_Suspended.selector, idOf(Role.Verifier))
        );
    }

    /// @dev What was valid then stays valid then.
    function test_ThePastIsAnsweredTheSame() public {
        uint64 before = _now();
        skip(1 days);
        change(Role.Verifier, CredentialStatus.Withdrawn);
        skip(1 days);
        grant(grantOf(Role.Verifier));
        credentials.mayVerify(idOf(Role.Verifier), party, Sector.Power, AREA, before);
        (, CredentialStatus status) = credentials.credentialAt(idOf(Role.Verifier), before + 1 days);

        assertEq(uint8(status), uint8(CredentialStatus.Withdrawn));
        _mayVerify();
    }

    // --- mayVerify

    function test_RevertWhen_VerifierIsNone() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredentials.Credentials_KindDiffers.selector,
                idOf(Role.Laboratory),
                PartyKind.Laboratory,
                PartyKind.Verifier
            )
        );
        credentials.mayVerify(idOf(Role.Laboratory), party, Sector.Power, AREA, _now());
    }

    function test_RevertWhen_NothingWasGranted() public {
        PartyId unknown = PartyId.wrap(keccak256("nobody"));
        vm.expectRevert(abi.encodeWithSelector(ICredentials.Credentials_None.selector, unknown, _now()));
        credentials.mayVerify(unknown, party, Sector.Power, AREA, _now());
    }

    function test_RevertWhen_TimeIsOutsideTheValidity() public {
        credentials.mayVerify(idOf(Role.Verifier), party, Sector.Power, AREA, VALID_TO - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredentials.Credentials_OutsideValidity.selector,
                idOf(Role.Verifier),
                VALID_FROM,
                VALID_TO,
                VALID_TO
            )
        );
        credentials.mayVerify(idOf(Role.Verifier), party, Sector.Power, AREA, VALID_TO);
    }

    function test_RevertWhen_SectorIsOutside() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredentials.Credentials_SectorOutside.selector, idOf(Role.Verifier), Sector.Cement
            )
        );
        credentials.mayVerify(idOf(Role.Verifier), party, Sector.Cement, AREA, _now());
    }

    function test_RevertWhen_AreaIsOutside() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredentials.Credentials_AreaOutside.selector, idOf(Role.Verifier), OTHER_PROVINCE_AREA
            )
        );
        credentials.mayVerify(idOf(Role.Verifier), party, Sector.Power, OTHER_PROVINCE_AREA, _now());
    }

    function test_RevertWhen_BothAreOfOneGroup() public {
        setGroup(membershipOf(Role.Verifier, "", "group"));
        _mayVerify();
        setGroup(membershipOf(Role.Enterprise, "", "group"));
        _expectMayNot(
            abi.encodeWithSelector(ICredentials.Credentials_Related.selector, idOf(Role.Verifier), party)
        );
        setGroup(membershipOf(Role.Enterprise, "group", ""));
        _mayVerify();
    }

    function test_RevertWhen_GroupIsAnotherThanNamed() public {
        setGroup(membershipOf(Role.Verifier, "", "group"));
        ICredentials.GroupMembership memory act = membershipOf(Role.Verifier, "", "another");
        bytes memory signature = sign(registrar, digestOf(address(credentials), MEMBERSHIP, abi.encode(act)));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredentials.Credentials_GroupDiffers.selector, idOf(Role.Verifier), keccak256("group"), ""
            )
        );
        credentials.setGroup(act, signature);
    }

    function test_RevertWhen_VerifierAdvised() public {
        (uint64 from, uint64 to) = (_now(), _now() + 1 days);
        recordAdvice(adviceOf(Role.Verifier, Role.Enterprise, from, to));
        _expectMayNot(
            abi.encodeWithSelector(
                ICredentials.Credentials_Advised.selector, idOf(Role.Verifier), party, from, to
            )
        );
        credentials.mayVerify(idOf(Role.OtherVerifier), party, Sector.Power, AREA, _now());
        skip(1 days);
        _mayVerify();
    }

    /// @dev In the province, not beside it.
    function test_RevertWhen_VerifierPreparesReports() public {
        (uint64 from, uint64 to) = (_now(), _now() + 1 days);
        recordPreparation(preparationOf(Role.Verifier, OTHER_PROVINCE_AREA, from, to));
        _mayVerify();
        recordPreparation(preparationOf(Role.Verifier, PROVINCE_AREA, from, to));
        _expectMayNot(
            abi.encodeWithSelector(
                ICredentials.Credentials_PreparesReports.selector,
                idOf(Role.Verifier),
                PROVINCE_AREA,
                from,
                to
            )
        );
    }

    function test_RevertWhen_PreparationIsOfACity() public {
        ICredentials.PreparationRecord memory act = preparationOf(Role.Verifier, CITY_AREA, 0, 1);
        bytes memory signature = sign(registrar, digestOf(address(credentials), PREPARATION, abi.encode(act)));
        vm.expectRevert(abi.encodeWithSelector(ICredentials.Credentials_NotProvince.selector, CITY_AREA));
        credentials.recordPreparation(act, signature);
    }

    /// @dev Three years in a row and no fourth; a year's pause begins anew.
    function test_RevertWhen_RotationIsDue() public {
        vm.prank(address(council));
        credentials.setRotation(3, "a notice");
        recordEarlier(earlierOf(Role.Verifier, Role.Enterprise, 2021));
        recordEarlier(earlierOf(Role.Verifier, Role.Enterprise, 2023));
        _mayVerify();
        recordEarlier(earlierOf(Role.Verifier, Role.Enterprise, 2022));
        _expectMayNot(
            abi.encodeWithSelector(
                ICredentials.Credentials_RotationDue.selector, idOf(Role.Verifier), party, 3
            )
        );
        credentials.mayVerify(idOf(Role.Verifier), otherParty(), Sector.Power, AREA, _now());
        vm.prank(address(council));
        credentials.setRotation(0, "no rule");
        _mayVerify();
    }

    function test_RevertWhen_EarlierYearIsInTheFuture() public {
        ICredentials.EarlierVerification memory act = earlierOf(Role.Verifier, Role.Enterprise, 2025);
        bytes memory signature = sign(registrar, digestOf(address(credentials), EARLIER, abi.encode(act)));
        vm.expectRevert(abi.encodeWithSelector(ICredentials.Credentials_YearInvalid.selector, 2025));
        credentials.recordEarlier(act, signature);
    }

    function test_RevertWhen_SenderIsNoDesk() public {
        PartyId verifier = idOf(Role.Verifier);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.Credentials_NotDesk.selector, anybody));
        vm.prank(anybody);
        credentials.recordVerification(verifier, party);
    }

    // --- the other questions

    function test_LaboratoryIsNotTheVerifiers() public {
        credentials.mayTest(idOf(Role.Laboratory), idOf(Role.Verifier), _now());
        setGroup(membershipOf(Role.Verifier, "", "group"));
        setGroup(membershipOf(Role.Laboratory, "", "group"));
        (PartyId laboratory, PartyId verifier) = (idOf(Role.Laboratory), idOf(Role.Verifier));
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.Credentials_Related.selector, laboratory, verifier)
        );
        credentials.mayTest(laboratory, verifier, _now());
    }

    /// @dev Each tier in its own area.
    function test_RegulatorsAreOfTheirTierAndArea() public {
        credentials.checkRegulator(idOf(Role.Nation), RegulatorTier.Nation, AREA, _now());
        credentials.checkRegulator(idOf(Role.Province), RegulatorTier.Province, AREA, _now());
        credentials.checkRegulator(idOf(Role.City), RegulatorTier.City, AREA, _now());
        PartyId province = idOf(Role.Province);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredentials.Credentials_TierDiffers.selector,
                province,
                RegulatorTier.Province,
                RegulatorTier.City
            )
        );
        credentials.checkRegulator(province, RegulatorTier.City, AREA, _now());
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredentials.Credentials_AreaOutside.selector, province, OTHER_PROVINCE_AREA
            )
        );
        credentials.checkRegulator(province, RegulatorTier.Province, OTHER_PROVINCE_AREA, _now());
    }

    function test_EnterpriseReportsInItsArea() public view {
        assertEq(credentials.checkEnterprise(party, Sector.Power, _now()), AREA);
    }

    function test_HoldsACredentialOfItsKind() public view {
        credentials.checkHolds(idOf(Role.Laboratory), PartyKind.Laboratory, _now());
    }

    // --- the acts

    /// @dev Every act of a registrar: once, until its deadline, not after a cancellation, not on another chain.
    function test_ActsAreNotReplayed() public {
        for (uint256 i = 0; i < 6; ++i) {
            uint256 snapshot = vm.snapshotState();
            (bytes memory callData, bytes32 digest) = _signedAct(i);
            vm.warp(DEADLINE + 1);
            _expectCallRefused(
                callData,
                abi.encodeWithSelector(IActs.Acts_DeadlinePassed.selector, DEADLINE, uint256(DEADLINE) + 1)
            );
            vm.revertToState(snapshot);
            (callData, digest) = _signedAct(i);
            vm.chainId(block.chainid + 1);
            _expectCallRefused(callData, "");
            vm.chainId(block.chainid - 1);
            vm.prank(registrar.key);
            credentials.cancel(digest);
            _expectCallRefused(
                callData, abi.encodeWithSelector(IActs.Acts_Cancelled.selector, digest, registrar.key)
            );
            vm.revertToState(snapshot);
            (callData, digest) = _signedAct(i);
            vm.prank(anybody);
            (bool success,) = address(credentials).call(callData);
            assertTrue(success);
            _expectCallRefused(callData, abi.encodeWithSelector(IActs.Acts_AlreadyUsed.selector, digest));
            vm.revertToState(snapshot);
        }
    }

    function test_RevertWhen_StrangerSetsTheRule() public {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, registrar.key)
        );
        vm.prank(registrar.key);
        credentials.setRotation(1, "");
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, registrar.key)
        );
        vm.prank(registrar.key);
        credentials.setDesk(registrar.key, true);
    }

    // --- helpers

    function _now() private view returns (uint64) {
        return uint64(block.timestamp);
    }

    function _mayVerify() private view {
        credentials.mayVerify(idOf(Role.Verifier), party, Sector.Power, AREA, _now());
    }

    function _expectMayNot(bytes memory reason) private {
        PartyId verifier = idOf(Role.Verifier);
        vm.expectRevert(reason);
        credentials.mayVerify(verifier, party, Sector.Power, AREA, _now());
    }

    function _expectGrantRefused(ICredentials.CredentialGrant memory act, bytes memory reason) private {
        bytes memory signature = sign(registrar, digestOf(address(credentials), GRANT, abi.encode(act)));
        vm.expectRevert(reason);
        credentials.grant(act, signature);
    }

    function _expectInvalid(ICredentials.CredentialGrant memory act, Role role) private {
        _expectGrantRefused(
            act,
            abi.encodeWithSelector(
                ICredentials.Credentials_GrantInvalid.selector, idOf(role), casts[role].kind
            )
        );
    }

    function _expectCallRefused(bytes memory callData, bytes memory reason) private {
        (bool success, bytes memory answer) = address(credentials).call(callData);
        assertFalse(success);
        if (reason.length == 0) assertEq(bytes4(answer), IActs.Acts_NotSignedBy.selector);
        else assertEq(answer, reason);
    }

    /// @dev The acts of a registrar, each valid.
    function _signedAct(uint256 which) private returns (bytes memory callData, bytes32 digest) {
        if (which == 0) {
            ICredentials.CredentialGrant memory act = grantOf(Role.Verifier);
            digest = digestOf(address(credentials), GRANT, abi.encode(act));
            return (abi.encodeCall(credentials.grant, (act, sign(registrar, digest))), digest);
        }
        if (which == 1) {
            ICredentials.CredentialChange memory act = changeOf(Role.Verifier, CredentialStatus.Suspended);
            digest = digestOf(address(credentials), CHANGE, abi.encode(act));
            return (abi.encodeCall(credentials.change, (act, sign(registrar, digest))), digest);
        }
        if (which == 2) {
            ICredentials.AdviceRecord memory act = adviceOf(Role.Verifier, Role.Enterprise, 1, 2);
            digest = digestOf(address(credentials), ADVICE, abi.encode(act));
            return (abi.encodeCall(credentials.recordAdvice, (act, sign(registrar, digest))), digest);
        }
        if (which == 3) {
            ICredentials.PreparationRecord memory act = preparationOf(Role.Verifier, PROVINCE_AREA, 1, 2);
            digest = digestOf(address(credentials), PREPARATION, abi.encode(act));
            return (abi.encodeCall(credentials.recordPreparation, (act, sign(registrar, digest))), digest);
        }
        if (which == 4) {
            ICredentials.GroupMembership memory act = membershipOf(Role.Verifier, "", "group");
            digest = digestOf(address(credentials), MEMBERSHIP, abi.encode(act));
            return (abi.encodeCall(credentials.setGroup, (act, sign(registrar, digest))), digest);
        }
        ICredentials.EarlierVerification memory earlier = earlierOf(Role.Verifier, Role.Enterprise, 2022);
        digest = digestOf(address(credentials), EARLIER, abi.encode(earlier));
        return (abi.encodeCall(credentials.recordEarlier, (earlier, sign(registrar, digest))), digest);
    }
}
