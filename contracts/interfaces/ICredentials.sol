// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CredentialStatus, PartyKind, RegulatorTier, Sector} from "../types/Enums.sol";
import {PartyId, PersonId} from "../types/Ids.sol";
import {IActs} from "./IActs.sol";

/// @title Credentials
/// @notice Says what registered parties are entitled to: who may verify whom, who is the authority where, whose tests
/// count.
///
/// A registrar writes by signed acts; the Council sets the rotation rule and lists the desks that report verifications.
/// What holds after every call:
///
/// - a credential that was granted is never changed: it gets a later status, or a later credential follows it;
/// - what was valid at a past moment, by what was recorded then, stays answered the same;
/// - nobody may verify an enterprise of its own group, one that it advised, or one in a province where it prepares
///   reports, nor for more years in a row than the rule allows.
interface ICredentials is IActs {
    /// @notice A registrar's act that grants a party what its kind needs; a later one replaces it.
    ///
    /// | kind | sectors | areas | tier | besides |
    /// | --- | --- | --- | --- | --- |
    /// | enterprise (重点排放单位) | its own | one city or county: where it reports | none | |
    /// | verifier (核查机构) | at least one | at least one | none | |
    /// | laboratory (检测机构) | none | none | none | a CMA or a CNAS number |
    /// | regulator (生态环境主管部门) | none | one, as its tier has | nation, province or city | |
    /// | device authority, registry, exchange, bank, operator | none | none | none | |
    /// @param name Registered name of the party.
    /// @param creditCode Code of the party.
    /// @param cma Number of the certificate CMA (检验检测机构资质认定); empty for none.
    /// @param cnas Number of the accreditation CNAS (实验室认可); empty for none.
    /// @param sectors Sectors; each once.
    /// @param areas Codes of GB/T 2260, 0 for the nation; at most 34.
    /// @param tier Level of a regulator.
    /// @param documentHash SHA-256 of the document that grants it; of its CA certificate, for a device authority.
    /// @param validFrom First second of validity.
    /// @param validTo First second no more valid.
    /// @param current State of the party's credentials that is acted on; zero before the first.
    /// @param registrar Account of a registrar.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct CredentialGrant {
        string name;
        string creditCode;
        string cma;
        string cnas;
        Sector[] sectors;
        uint32[] areas;
        RegulatorTier tier;
        bytes32 documentHash;
        uint64 validFrom;
        uint64 validTo;
        bytes32 current;
        address registrar;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A registrar's act that suspends a party's newest credential, lifts the suspension, or withdraws it.
    /// @param creditCode Code of the party.
    /// @param status `Suspended` or `Withdrawn`, or `Valid` to lift a suspension.
    /// @param reason For the reader of the event.
    /// @param current State of the party's credentials that is acted on.
    /// @param registrar Account of a registrar.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct CredentialChange {
        string creditCode;
        CredentialStatus status;
        string reason;
        bytes32 current;
        address registrar;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A registrar's act: a body advised an enterprise and may not verify it for a time. It replaces the time
    /// recorded before.
    /// @param body Code of the body.
    /// @param enterprise Code of the enterprise.
    /// @param from First second at which it may not verify.
    /// @param to First second at which it may again; `from` to clear.
    /// @param reason For the reader of the event.
    /// @param registrar Account of a registrar.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct AdviceRecord {
        string body;
        string enterprise;
        uint64 from;
        uint64 to;
        string reason;
        address registrar;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A registrar's act: a body prepares reports in a province (碳排放交易管理暂行条例, article 13) and may not
    /// verify there for a time. It replaces the time recorded before.
    /// @param body Code of the body.
    /// @param province Code of the province.
    /// @param from First second at which it may not verify there.
    /// @param to First second at which it may again; `from` to clear.
    /// @param reason For the reader of the event.
    /// @param registrar Account of a registrar.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct PreparationRecord {
        string body;
        uint32 province;
        uint64 from;
        uint64 to;
        string reason;
        address registrar;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A registrar's act that puts a party into a group of related firms, or takes it out.
    /// @param creditCode Code of the party.
    /// @param currentGroup Name of the group it is in: the state acted on; empty for none.
    /// @param group Name of the group from now on; empty for none.
    /// @param registrar Account of a registrar.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct GroupMembership {
        string creditCode;
        string currentGroup;
        string group;
        address registrar;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A registrar's act: a verifier verified an enterprise in an earlier year, before the chain recorded it.
    /// @param verifier Code of the verifier.
    /// @param enterprise Code of the enterprise.
    /// @param year Calendar year in which it verified, 2001 to the present one.
    /// @param registrar Account of a registrar.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct EarlierVerification {
        string verifier;
        string enterprise;
        uint16 year;
        address registrar;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A later status of a credential.
    /// @param status From then on.
    /// @param recordedAt Block time, seconds.
    struct StatusStep {
        CredentialStatus status;
        uint64 recordedAt;
    }

    /// @notice A credential.
    /// @param actDigest Digest of the act that granted it.
    /// @param kind What the party is; `None` if there is no credential.
    /// @param tier Level of a regulator.
    /// @param sectors Bit `s` set: it covers the sector with the number `s`.
    /// @param grantedAt Block time of the grant, seconds.
    /// @param validFrom First second of validity.
    /// @param validTo First second no more valid.
    /// @param areas Codes of GB/T 2260.
    /// @param steps Later statuses, in the order of recording.
    struct Credential {
        bytes32 actDigest;
        PartyKind kind;
        RegulatorTier tier;
        uint32 sectors;
        uint64 grantedAt;
        uint64 validFrom;
        uint64 validTo;
        uint32[] areas;
        StatusStep[] steps;
    }

    /// @notice A time during which something is forbidden, half-open, seconds.
    struct Span {
        uint64 from;
        uint64 to;
    }

    /// @notice A party was granted a credential. `state` is what the next act about the party's credentials names.
    event CredentialGranted(
        PartyId indexed party,
        PartyKind indexed kind,
        Sector[] sectors,
        uint32[] areas,
        RegulatorTier tier,
        uint64 validFrom,
        uint64 validTo,
        bytes32 state
    );

    /// @notice What the credential just granted stands on.
    event CredentialDocument(
        PartyId indexed party, string cma, string cnas, bytes32 documentHash, bytes32 actDigest
    );

    /// @notice A credential got another status. `state` is what the next act about the party's credentials names.
    event CredentialStatusSet(PartyId indexed party, CredentialStatus status, string reason, bytes32 state);

    /// @notice A body may not verify an enterprise that it advised.
    event AdviceRecorded(
        PartyId indexed body,
        PartyId indexed enterprise,
        uint64 from,
        uint64 to,
        string reason,
        bytes32 actDigest
    );

    /// @notice A body may not verify where it prepares reports.
    event PreparationRecorded(
        PartyId indexed body,
        uint32 indexed province,
        uint64 from,
        uint64 to,
        string reason,
        bytes32 actDigest
    );

    /// @notice A party belongs to a group of related firms; an empty name is none.
    event GroupSet(PartyId indexed party, bytes32 indexed groupHash, string group, bytes32 actDigest);

    /// @notice A verifier verified an enterprise in a calendar year.
    event VerificationYear(PartyId indexed verifier, PartyId indexed enterprise, uint16 year);

    /// @notice The rotation rule from now on.
    event RotationSet(uint8 maxYears, string source);

    /// @notice A contract may report verifications, or no more.
    event DeskSet(address indexed desk, bool active);

    /// @notice The account is no registrar.
    error Credentials_NotRegistrar(address registrar);

    /// @notice The party was never registered, or under another name.
    error Credentials_PartyDiffers(string creditCode, string name);

    /// @notice The party was never registered.
    error Credentials_UnknownParty(PartyId party);

    /// @notice The act was signed for another state of the party's credentials.
    error Credentials_StateDiffers(PartyId party, bytes32 state, bytes32 named);

    /// @notice The fields are not those that the party's kind needs.
    error Credentials_GrantInvalid(PartyId party, PartyKind kind);

    /// @notice The credential is suspended: lift the suspension, or withdraw it, before another is granted.
    error Credentials_Suspended(PartyId party);

    /// @notice No way leads from the present status to the next.
    error Credentials_StatusNotNext(CredentialStatus current, CredentialStatus next);

    /// @notice The end lies before the begin.
    error Credentials_SpanInvalid(uint64 from, uint64 to);

    /// @notice The code is not that of a province.
    error Credentials_NotProvince(uint32 area);

    /// @notice The act was signed for another group than the party is in.
    error Credentials_GroupDiffers(PartyId party, bytes32 groupHash, string named);

    /// @notice The year is before 2001 or in the future.
    error Credentials_YearInvalid(uint16 year);

    /// @notice The sender may not report verifications.
    error Credentials_NotDesk(address sender);

    /// @notice The party had no credential at that time.
    error Credentials_None(PartyId party, uint64 at);

    /// @notice The party has a credential of another kind.
    error Credentials_KindDiffers(PartyId party, PartyKind kind, PartyKind required);

    /// @notice The credential was suspended or withdrawn at that time.
    error Credentials_NotValid(PartyId party, CredentialStatus status, uint64 at);

    /// @notice The time lies outside the credential's validity.
    error Credentials_OutsideValidity(PartyId party, uint64 validFrom, uint64 validTo, uint64 at);

    /// @notice The credential does not cover the sector.
    error Credentials_SectorOutside(PartyId party, Sector sector);

    /// @notice The credential does not cover the area.
    error Credentials_AreaOutside(PartyId party, uint32 area);

    /// @notice The regulator is of another level.
    error Credentials_TierDiffers(PartyId party, RegulatorTier tier, RegulatorTier required);

    /// @notice Both are one party, or of one group.
    error Credentials_Related(PartyId one, PartyId other);

    /// @notice The verifier advised the enterprise.
    error Credentials_Advised(PartyId verifier, PartyId enterprise, uint64 from, uint64 to);

    /// @notice The verifier prepares reports in the province.
    error Credentials_PreparesReports(PartyId verifier, uint32 province, uint64 from, uint64 to);

    /// @notice The verifier verified the enterprise in as many years in a row as the rule allows.
    error Credentials_RotationDue(PartyId verifier, PartyId enterprise, uint8 maxYears);

    /// @notice The key is not the verifier's, in force, in the role.
    error Credentials_NotSeated(PartyId verifier, address key);

    /// @notice The person acts for both: verifier and enterprise, or an authority and one of these.
    error Credentials_ActsForBoth(PersonId person, PartyId verifier, PartyId enterprise);

    /// @notice Grant a credential.
    /// @dev Act `CredentialGrant(string name,string creditCode,string cma,string cnas,uint8[] sectors,uint32[] areas,
    /// uint8 tier,bytes32 documentHash,uint64 validFrom,uint64 validTo,bytes32 current,address registrar,uint256 nonce,
    /// uint64 deadline)`.
    /// @param act The act.
    /// @param registrarSignature By `act.registrar`: 65 bytes r, s, v.
    function grant(CredentialGrant calldata act, bytes calldata registrarSignature) external;

    /// @notice Suspend a credential, lift the suspension, or withdraw it for ever.
    /// @dev Act `CredentialChange(string creditCode,uint8 status,string reason,bytes32 current,address registrar,
    /// uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param registrarSignature By `act.registrar`: 65 bytes r, s, v.
    function change(CredentialChange calldata act, bytes calldata registrarSignature) external;

    /// @notice Record that a body advised an enterprise.
    /// @dev Act `AdviceRecord(string body,string enterprise,uint64 from,uint64 to,string reason,address registrar,
    /// uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param registrarSignature By `act.registrar`: 65 bytes r, s, v.
    function recordAdvice(AdviceRecord calldata act, bytes calldata registrarSignature) external;

    /// @notice Record that a body prepares reports in a province.
    /// @dev Act `PreparationRecord(string body,uint32 province,uint64 from,uint64 to,string reason,address registrar,
    /// uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param registrarSignature By `act.registrar`: 65 bytes r, s, v.
    function recordPreparation(PreparationRecord calldata act, bytes calldata registrarSignature) external;

    /// @notice Put a party into a group of related firms.
    /// @dev Act `GroupMembership(string creditCode,string currentGroup,string group,address registrar,uint256 nonce,
    /// uint64 deadline)`.
    /// @param act The act.
    /// @param registrarSignature By `act.registrar`: 65 bytes r, s, v.
    function setGroup(GroupMembership calldata act, bytes calldata registrarSignature) external;

    /// @notice Record a year of verification from before the chain recorded them.
    /// @dev Act `EarlierVerification(string verifier,string enterprise,uint16 year,address registrar,uint256 nonce,
    /// uint64 deadline)`.
    /// @param act The act.
    /// @param registrarSignature By `act.registrar`: 65 bytes r, s, v.
    function recordEarlier(EarlierVerification calldata act, bytes calldata registrarSignature) external;

    /// @notice Record that a verifier verified an enterprise this year; a listed desk.
    function recordVerification(PartyId verifier, PartyId enterprise) external;

    /// @notice Set the most years in a row in which one verifier may verify one enterprise; the Council.
    /// @dev `restricted`.
    /// @param maxYears Years, 0 for no limit.
    /// @param source The document that fixes it.
    function setRotation(uint8 maxYears, string calldata source) external;

    /// @notice List a contract that reports verifications, or strike it off; the Council.
    /// @dev `restricted`.
    function setDesk(address desk, bool active) external;

    /// @notice Check that a verifier may verify an enterprise; reverts with the reason if not.
    /// @param verifier Verifier.
    /// @param enterprise Enterprise.
    /// @param sector Sector of the enterprise.
    /// @param area Code of GB/T 2260 where the enterprise reports.
    /// @param at Unix seconds.
    function mayVerify(PartyId verifier, PartyId enterprise, Sector sector, uint32 area, uint64 at)
        external
        view;

    /// @notice Check who verifies an enterprise for a verifier, or decides about either for an authority, now: an
    /// initiator and an approver of it, none of whose persons has a key of the other in force, or about to be.
    /// @param verifier Verifier, or authority.
    /// @param enterprise Enterprise; of an authority the verifier too.
    /// @param leadVerifier Key of the head of the team; of the authority's initiator.
    /// @param technicalReviewer Key of who reviews the team's work; of the authority's approver.
    function checkTeam(PartyId verifier, PartyId enterprise, address leadVerifier, address technicalReviewer)
        external
        view;

    /// @notice Check that a laboratory's tests count for a verifier's enterprise: it is accredited, and neither the
    /// verifier nor of its group.
    function mayTest(PartyId laboratory, PartyId verifier, uint64 at) external view;

    /// @notice Check that an enterprise is listed for a sector.
    /// @return area Code of GB/T 2260 where it reports.
    function checkEnterprise(PartyId enterprise, Sector sector, uint64 at) external view returns (uint32 area);

    /// @notice Check that a regulator of a tier is the authority of an area.
    function checkRegulator(PartyId regulator, RegulatorTier tier, uint32 area, uint64 at) external view;

    /// @notice Check that a party has a valid credential of a kind.
    function checkHolds(PartyId party, PartyKind kind, uint64 at) external view;

    /// @notice The credential that counted at a time, by what was recorded then, and its status; all zero for none.
    function credentialAt(PartyId party, uint64 at)
        external
        view
        returns (Credential memory, CredentialStatus);

    /// @notice State that the next act about the party's credentials must name; zero before the first.
    function stateOf(PartyId party) external view returns (bytes32);

    /// @notice keccak256 of the name of the party's group; zero for none.
    function groupOf(PartyId party) external view returns (bytes32);

    /// @notice Whether two parties belong to one group.
    function areRelated(PartyId one, PartyId other) external view returns (bool);

    /// @notice When a body may not verify an enterprise that it advised.
    function adviceOf(PartyId body, PartyId enterprise) external view returns (Span memory);

    /// @notice When a body may not verify in a province because it prepares reports there.
    function preparationOf(PartyId body, uint32 province) external view returns (Span memory);

    /// @notice Whether a verifier verified an enterprise in a calendar year.
    function hasVerified(PartyId verifier, PartyId enterprise, uint16 year) external view returns (bool);

    /// @notice The most years in a row in which one verifier may verify one enterprise; 0 for no limit.
    function rotationYears() external view returns (uint8);

    /// @notice Whether a contract may report verifications.
    function isDesk(address account) external view returns (bool);
}
