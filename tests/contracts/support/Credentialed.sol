// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICredentials} from "contracts/interfaces/ICredentials.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {CredentialStatus, PartyKind, RegulatorTier, Sector} from "contracts/types/Enums.sol";
import {PartyId, partyIdOf} from "contracts/types/Ids.sol";

import {Logs} from "./Logs.sol";

/// @title Credentialed
/// @notice Parties of every kind with their keys and credentials, in the places of two provinces.
abstract contract Credentialed is Logs {
    /// @dev Who a party is in the tests.
    enum Role {
        Enterprise,
        OtherEnterprise,
        Verifier,
        OtherVerifier,
        Laboratory,
        City,
        OtherCity,
        Province,
        OtherProvince,
        Nation
    }

    struct Cast {
        PartyKind kind;
        string code;
        string name;
        Signer first;
        Signer second;
    }

    string internal constant GRANT =
        "CredentialGrant(string name,string creditCode,string cma,string cnas,uint8[] sectors,uint32[] areas,uint8 tier,bytes32 documentHash,uint64 validFrom,uint64 validTo,bytes32 current,address registrar,uint256 nonce,uint64 deadline)";
    string internal constant CHANGE =
        "CredentialChange(string creditCode,uint8 status,string reason,bytes32 current,address registrar,uint256 nonce,uint64 deadline)";
    string internal constant ADVICE =
        "AdviceRecord(string body,string enterprise,uint64 from,uint64 to,string reason,address registrar,uint256 nonce,uint64 deadline)";
    string internal constant PREPARATION =
        "PreparationRecord(string body,uint32 province,uint64 from,uint64 to,string reason,address registrar,uint256 nonce,uint64 deadline)";
    string internal constant MEMBERSHIP =
        "GroupMembership(string creditCode,string currentGroup,string group,address registrar,uint256 nonce,uint64 deadline)";
    string internal constant EARLIER =
        "EarlierVerification(string verifier,string enterprise,uint16 year,address registrar,uint256 nonce,uint64 deadline)";

    /// @dev Pudong, Shanghai.
    uint32 internal constant AREA = 310_115;
    uint32 internal constant CITY_AREA = 310_100;
    uint32 internal constant PROVINCE_AREA = 310_000;
    uint32 internal constant OTHER_PROVINCE_AREA = 320_000;
    uint64 internal constant VALID_FROM = uint64(START - 365 days);
    uint64 internal constant VALID_TO = uint64(START + 365 days);

    mapping(Role role => Cast) internal casts;
    uint256 internal counter;

    function setUp() public virtual override {
        super.setUp();
        casts[Role.Enterprise] =
            Cast(PartyKind.Enterprise, CODE, string.concat("Enterprise ", CODE), initiator, approver);
        casts[Role.OtherEnterprise] = Cast(
            PartyKind.Enterprise,
            OTHER_CODE,
            string.concat("Enterprise ", OTHER_CODE),
            otherInitiator,
            otherApprover
        );
        enter(Role.Verifier, PartyKind.Verifier, "VERIFIER1");
        enter(Role.OtherVerifier, PartyKind.Verifier, "VERIFIER2");
        enter(Role.Laboratory, PartyKind.Laboratory, "LABORATORY1");
        enter(Role.City, PartyKind.Regulator, "CITY.310100");
        enter(Role.OtherCity, PartyKind.Regulator, "CITY.320100");
        enter(Role.Province, PartyKind.Regulator, "PROVINCE.310000");
        enter(Role.OtherProvince, PartyKind.Regulator, "PROVINCE.320000");
        enter(Role.Nation, PartyKind.Regulator, "NATION");
        for (uint256 i = 0; i <= uint256(type(Role).max); ++i) {
            grant(grantOf(Role(i)));
        }
    }

    /// @dev Register a party with an initiator and an approver.
    function enter(Role role, PartyKind kind, string memory code) internal {
        Signer memory first = makeSigner(string.concat(code, " initiator"));
        Signer memory second = makeSigner(string.concat(code, " approver"));
        IPartyRegistry.Registration memory act = registrationOf(code, first, second);
        act.kind = kind;
        bytes32 digest = digestOf(address(parties), REGISTRATION, abi.encode(act));
        parties.register(act, sign(registrar, digest), pairOf(sign(first, digest), sign(second, digest)));
        casts[role] = Cast(kind, code, act.name, first, second);
    }

    function idOf(Role role) internal view returns (PartyId) {
        return partyIdOf(casts[role].code);
    }

    /// @dev The credential that a role needs, next in the party's history.
    function grantOf(Role role) internal returns (ICredentials.CredentialGrant memory act) {
        Cast memory cast_ = casts[role];
        (act.name, act.creditCode) = (cast_.name, cast_.code);
        act.documentHash = sha256(bytes(cast_.code));
        (act.validFrom, act.validTo) = (VALID_FROM, VALID_TO);
        act.current = credentials.stateOf(idOf(role));
        (act.registrar, act.nonce, act.deadline) = (registrar.key, ++counter, DEADLINE);
        if (cast_.kind == PartyKind.Laboratory) act.cma = "210000000001";
        bool hasSectors = cast_.kind == PartyKind.Enterprise || cast_.kind == PartyKind.Verifier;
        act.sectors = new Sector[](hasSectors ? 2 : 0);
        if (hasSectors) (act.sectors[0], act.sectors[1]) = (Sector.Power, Sector.Steel);
        act.areas = new uint32[](cast_.kind == PartyKind.Laboratory ? 0 : 1);
        if (act.areas.length == 1) act.areas[0] = _areaOf(role);
        if (role == Role.Nation) act.tier = RegulatorTier.Nation;
        if (role == Role.Province || role == Role.OtherProvince) act.tier = RegulatorTier.Province;
        if (role == Role.City || role == Role.OtherCity) act.tier = RegulatorTier.City;
    }

    function grant(ICredentials.CredentialGrant memory act) internal {
        credentials.grant(act, sign(registrar, digestOf(address(credentials), GRANT, abi.encode(act))));
    }

    function changeOf(Role role, CredentialStatus status)
        internal
        returns (ICredentials.CredentialChange memory)
    {
        bytes32 state = credentials.stateOf(idOf(role));
        return ICredentials.CredentialChange(
            casts[role].code, status, "as decided", state, registrar.key, ++counter, DEADLINE
        );
    }

    function change(Role role, CredentialStatus status) internal {
        ICredentials.CredentialChange memory act = changeOf(role, status);
        credentials.change(act, sign(registrar, digestOf(address(credentials), CHANGE, abi.encode(act))));
    }

    function adviceOf(Role body, Role enterprise, uint64 from, uint64 to)
        internal
        returns (ICredentials.AdviceRecord memory)
    {
        return ICredentials.AdviceRecord(
            casts[body].code, casts[enterprise].code, from, to, "advised", registrar.key, ++counter, DEADLINE
        );
    }

    function recordAdvice(ICredentials.AdviceRecord memory act) internal {
        credentials.recordAdvice(
            act, sign(registrar, digestOf(address(credentials), ADVICE, abi.encode(act)))
        );
    }

    function preparationOf(Role body, uint32 province, uint64 from, uint64 to)
        internal
        returns (ICredentials.PreparationRecord memory)
    {
        return ICredentials.PreparationRecord(
            casts[body].code, province, from, to, "prepares", registrar.key, ++counter, DEADLINE
        );
    }

    function recordPreparation(ICredentials.PreparationRecord memory act) internal {
        credentials.recordPreparation(
            act, sign(registrar, digestOf(address(credentials), PREPARATION, abi.encode(act)))
        );
    }

    function membershipOf(Role role, string memory from, string memory to)
        internal
        returns (ICredentials.GroupMembership memory)
    {
        return ICredentials.GroupMembership(casts[role].code, from, to, registrar.key, ++counter, DEADLINE);
    }

    function setGroup(ICredentials.GroupMembership memory act) internal {
        credentials.setGroup(
            act, sign(registrar, digestOf(address(credentials), MEMBERSHIP, abi.encode(act)))
        );
    }

    function earlierOf(Role verifier, Role enterprise, uint16 year)
        internal
        returns (ICredentials.EarlierVerification memory)
    {
        return ICredentials.EarlierVerification(
            casts[verifier].code, casts[enterprise].code, year, registrar.key, ++counter, DEADLINE
        );
    }

    function recordEarlier(ICredentials.EarlierVerification memory act) internal {
        credentials.recordEarlier(
            act, sign(registrar, digestOf(address(credentials), EARLIER, abi.encode(act)))
        );
    }

    function _areaOf(Role role) private pure returns (uint32) {
        if (role == Role.Nation) return 0;
        if (role == Role.City) return CITY_AREA;
        if (role == Role.OtherCity) return 320_100;
        if (role == Role.OtherProvince) return OTHER_PROVINCE_AREA;
        if (role == Role.Enterprise || role == Role.OtherEnterprise) return AREA;
        return PROVINCE_AREA;
    }
}
