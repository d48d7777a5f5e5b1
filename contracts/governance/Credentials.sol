// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Acts} from "../acts/Acts.sol";
import {CredentialActs} from "../acts/CredentialActs.sol";
import {ICredentials} from "../interfaces/ICredentials.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Jurisdictions} from "../libraries/Jurisdictions.sol";
import {ReportingTime} from "../libraries/ReportingTime.sol";
import {CredentialStatus, PartyKind, RegulatorTier, RepresentativeRole, Sector} from "../types/Enums.sol";
import {PartyId, PersonId, partyIdOf} from "../types/Ids.sol";
import {Governed} from "./Governed.sol";

/// @title Credentials
/// @notice See the documentation in {ICredentials}.
contract Credentials is ICredentials, Acts, Governed {
    using CredentialActs for CredentialGrant;
    using CredentialActs for CredentialChange;
    using CredentialActs for AdviceRecord;
    using CredentialActs for PreparationRecord;
    using CredentialActs for GroupMembership;
    using CredentialActs for EarlierVerification;
    using SafeCast for uint256;

    /// @dev As many as there are divisions of the first level.
    uint256 private constant MAX_AREAS = 34;
    /// @dev Bit 0 of the years of a verifier and an enterprise stands for this year.
    uint16 private constant YEAR_ZERO = 2000;

    /// @notice The registry that says who the parties and the registrars are.
    IPartyRegistry public immutable partyRegistry;

    mapping(PartyId party => Credential[]) private _credentials;
    mapping(PartyId party => bytes32 state) private _states;
    mapping(PartyId party => bytes32 groupHash) private _groups;
    mapping(PartyId body => mapping(PartyId enterprise => Span)) private _advice;
    mapping(PartyId body => mapping(uint32 province => Span)) private _preparations;
    mapping(PartyId verifier => mapping(PartyId enterprise => uint256 yearSet)) private _years;
    mapping(address account => bool desk) private _desks;
    uint8 private _rotationYears;

    constructor(address authority_, IPartyRegistry partyRegistry_) Governed(authority_) {
        partyRegistry = partyRegistry_;
    }

    /// @inheritdoc ICredentials
    function setRotation(uint8 maxYears, string calldata source) external restricted {
        _rotationYears = maxYears;
        emit RotationSet(maxYears, source);
    }

    /// @inheritdoc ICredentials
    function setDesk(address desk, bool active) external restricted {
        _desks[desk] = active;
        emit DeskSet(desk, active);
    }

    /// @inheritdoc ICredentials
    function grant(CredentialGrant calldata act, bytes calldata registrarSignature) external {
        PartyId party = partyIdOf(act.creditCode);
        bytes32 digest = _begin(act.structHash(), act.deadline, act.registrar, registrarSignature);
        IPartyRegistry.Party memory record = partyRegistry.partyRecord(party);
        require(
            record.kind != PartyKind.None && record.nameHash == keccak256(bytes(act.name)),
            Credentials_PartyDiffers(act.creditCode, act.name)
        );
        _requireState(party, act.current);
        require(_newestStatus(party) != CredentialStatus.Suspended, Credentials_Suspended(party));
        uint32 sectors = _sectorSet(act.sectors);
        require(_isComplete(act, record.kind, sectors), Credentials_GrantInvalid(party, record.kind));

        Credential storage added = _credentials[party].push();
        (added.actDigest, added.kind, added.tier, added.sectors) = (digest, record.kind, act.tier, sectors);
        (added.grantedAt, added.validFrom, added.validTo) =
        (block.timestamp.toUint64(), act.validFrom, act.validTo);
        added.areas = act.areas;
        _states[party] = digest;
        _announce(act, party, record.kind, digest);
    }

    /// @inheritdoc ICredentials
    function change(CredentialChange calldata act, bytes calldata registrarSignature) external {
        PartyId party = partyIdOf(act.creditCode);
        bytes32 digest = _begin(act.structHash(), act.deadline, act.registrar, registrarSignature);
        _requireState(party, act.current);
        CredentialStatus current = _newestStatus(party);
        require(_isNext(current, act.status), Credentials_StatusNotNext(current, act.status));

        Credential storage newest = _credentials[party][_credentials[party].length - 1];
        newest.steps.push(StatusStep(act.status, block.timestamp.toUint64()));
        _states[party] = digest;
        emit CredentialStatusSet(party, act.status, act.reason, digest);
    }

    /// @inheritdoc ICredentials
    function recordAdvice(AdviceRecord calldata act, bytes calldata registrarSignature) external {
        bytes32 digest = _begin(act.structHash(), act.deadline, act.registrar, registrarSignature);
        (PartyId body, PartyId enterprise) = (_known(act.body), _known(act.enterprise));
        require(act.from <= act.to, Credentials_SpanInvalid(act.from, act.to));

        _advice[body][enterprise] = Span(act.from, act.to);
        emit AdviceRecorded(body, enterprise, act.from, act.to, act.reason, digest);
    }

    /// @inheritdoc ICredentials
    function recordPreparation(PreparationRecord calldata act, bytes calldata registrarSignature) external {
        bytes32 digest = _begin(act.structHash(), act.deadline, act.registrar, registrarSignature);
        PartyId body = _known(act.body);
        require(Jurisdictions.isProvince(act.province), Credentials_NotProvince(act.province));
        require(act.from <= act.to, Credentials_SpanInvalid(act.from, act.to));

        _preparations[body][act.province] = Span(act.from, act.to);
        emit PreparationRecorded(body, act.province, act.from, act.to, act.reason, digest);
    }

    /// @inheritdoc ICredentials
    function setGroup(GroupMembership calldata act, bytes calldata registrarSignature) external {
        bytes32 digest = _begin(act.structHash(), act.deadline, act.registrar, registrarSignature);
        PartyId party = _known(act.creditCode);
        require(
            _groups[party] == _groupHash(act.currentGroup),
            Credentials_GroupDiffers(party, _groups[party], act.currentGroup)
        );

        _groups[party] = _groupHash(act.group);
        emit GroupSet(party, _groupHash(act.group), act.group, digest);
    }

    /// @inheritdoc ICredentials
    function recordEarlier(EarlierVerification calldata act, bytes calldata registrarSignature) external {
        _begin(act.structHash(), act.deadline, act.registrar, registrarSignature);
        uint16 thisYear = ReportingTime.yearOf(block.timestamp.toUint64());
        require(act.year > YEAR_ZERO && act.year <= thisYear, Credentials_YearInvalid(act.year));

        _recordYear(_known(act.verifier), _known(act.enterprise), act.year);
    }

    /// @inheritdoc ICredentials
    function recordVerification(PartyId verifier, PartyId enterprise) external {
        require(_desks[msg.sender], Credentials_NotDesk(msg.sender));

        _recordYear(verifier, enterprise, ReportingTime.yearOf(block.timestamp.toUint64()));
    }

    /// @inheritdoc ICredentials
    function mayVerify(PartyId verifier, PartyId enterprise, Sector sector, uint32 area, uint64 at)
        external
        view
    {
        Credential storage held = _valid(verifier, PartyKind.Verifier, at);
        require(_covers(held, sector), Credentials_SectorOutside(verifier, sector));
        require(_contains(held, area), Credentials_AreaOutside(verifier, area));
        require(!areRelated(verifier, enterprise), Credentials_Related(verifier, enterprise));
        Span memory advised = _advice[verifier][enterprise];
        require(!_isWithin(advised, at), Credentials_Advised(verifier, enterprise, advised.from, advised.to));
        uint32 province = Jurisdictions.provinceOf(area);
        Span memory preparing = _preparations[verifier][province];
        require(
            !_isWithin(preparing, at),
            Credentials_PreparesReports(verifier, province, preparing.from, preparing.to)
        );
        require(
            !_isRotationDue(verifier, enterprise, at),
            Credentials_RotationDue(verifier, enterprise, _rotationYears)
        );
    }

    /// @inheritdoc ICredentials
    function checkTeam(PartyId verifier, PartyId enterprise, address leadVerifier, address technicalReviewer)
        external
        view
    {
        _requireMember(verifier, enterprise, leadVerifier, RepresentativeRole.Initiator);
        _requireMember(verifier, enterprise, technicalReviewer, RepresentativeRole.Approver);
    }

    /// @inheritdoc ICredentials
    function mayTest(PartyId laboratory, PartyId verifier, uint64 at) external view {
        _valid(laboratory, PartyKind.Laboratory, at);
        require(!areRelated(laboratory, verifier), Credentials_Related(laboratory, verifier));
    }

    /// @inheritdoc ICredentials
    function checkEnterprise(PartyId enterprise, Sector sector, uint64 at)
        external
        view
        returns (uint32 area)
    {
        Credential storage held = _valid(enterprise, PartyKind.Enterprise, at);
        require(_covers(held, sector), Credentials_SectorOutside(enterprise, sector));
        return held.areas[0];
    }

    /// @inheritdoc ICredentials
    function checkRegulator(PartyId regulator, RegulatorTier tier, uint32 area, uint64 at) external view {
        Credential storage held = _valid(regulator, PartyKind.Regulator, at);
        require(held.tier == tier, Credentials_TierDiffers(regulator, held.tier, tier));
        require(_contains(held, area), Credentials_AreaOutside(regulator, area));
    }

    /// @inheritdoc ICredentials
    function checkHolds(PartyId party, PartyKind kind, uint64 at) external view {
        _valid(party, kind, at);
    }

    /// @inheritdoc ICredentials
    function credentialAt(PartyId party, uint64 at)
        external
        view
        returns (Credential memory held, CredentialStatus status)
    {
        uint256 count = _countAt(party, at);
        if (count == 0) return (held, status);
        Credential storage found = _credentials[party][count - 1];
        return (found, _statusAt(found, at));
    }

    /// @inheritdoc ICredentials
    function stateOf(PartyId party) external view returns (bytes32) {
        return _states[party];
    }

    /// @inheritdoc ICredentials
    function groupOf(PartyId party) external view returns (bytes32) {
        return _groups[party];
    }

    /// @inheritdoc ICredentials
    function adviceOf(PartyId body, PartyId enterprise) external view returns (Span memory) {
        return _advice[body][enterprise];
    }

    /// @inheritdoc ICredentials
    function preparationOf(PartyId body, uint32 province) external view returns (Span memory) {
        return _preparations[body][province];
    }

    /// @inheritdoc ICredentials
    function hasVerified(PartyId verifier, PartyId enterprise, uint16 year) external view returns (bool) {
        return year >= YEAR_ZERO && _years[verifier][enterprise] & _bitOf(year) != 0;
    }

    /// @inheritdoc ICredentials
    function rotationYears() external view returns (uint8) {
        return _rotationYears;
    }

    /// @inheritdoc ICredentials
    function isDesk(address account) external view returns (bool) {
        return _desks[account];
    }

    /// @inheritdoc ICredentials
    function areRelated(PartyId one, PartyId other) public view returns (bool) {
        return one == other || (_groups[one] != bytes32(0) && _groups[one] == _groups[other]);
    }

    function _recordYear(PartyId verifier, PartyId enterprise, uint16 year) private {
        uint256 yearSet = _years[verifier][enterprise];
        if (yearSet & _bitOf(year) != 0) return;
        _years[verifier][enterprise] = yearSet | _bitOf(year);
        emit VerificationYear(verifier, enterprise, year);
    }

    /// @dev Use up a registrar's act.
    function _begin(bytes32 structHash, uint64 deadline, address registrar, bytes calldata signature)
        private
        returns (bytes32 digest)
    {
        digest = _useAct(structHash, deadline);
        require(partyRegistry.isRegistrar(registrar), Credentials_NotRegistrar(registrar));
        _requireSigned(digest, registrar, signature);
    }

    function _announce(CredentialGrant calldata act, PartyId party, PartyKind kind, bytes32 digest) private {
        emit CredentialGranted(
            party, kind, act.sectors, act.areas, act.tier, act.validFrom, act.validTo, digest
        );
        emit CredentialDocument(party, act.cma, act.cnas, act.documentHash, digest);
    }

    function _requireState(PartyId party, bytes32 named) private view {
        require(_states[party] == named, Credentials_StateDiffers(party, _states[party], named));
    }

    function _known(string calldata creditCode) private view returns (PartyId party) {
        party = partyIdOf(creditCode);
        require(partyRegistry.partyRecord(party).kind != PartyKind.None, Credentials_UnknownParty(party));
    }

    /// @dev Check that a key is in force for the verifier, and that no person behind it acts for the enterprise.
    function _requireMember(PartyId verifier, PartyId enterprise, address key, RepresentativeRole role)
        private
        view
    {
        require(partyRegistry.isInForce(verifier, key, role), Credentials_NotSeated(verifier, key));
        PersonId[] memory persons = partyRegistry.representative(verifier, key).persons;
        for (uint256 i = 0; i < persons.length; ++i) {
            address other = partyRegistry.keyOf(enterprise, persons[i]);
            if (other == address(0)) continue;
            require(
                partyRegistry.representative(enterprise, other).activeUntil <= block.timestamp,
                Credentials_ActsForBoth(persons[i], verifier, enterprise)
            );
        }
    }

    /// @dev The credential of a kind that counts at a time, if it is valid then.
    function _valid(PartyId party, PartyKind kind, uint64 at) private view returns (Credential storage held) {
        uint256 count = _countAt(party, at);
        require(count != 0, Credentials_None(party, at));
        held = _credentials[party][count - 1];
        require(held.kind == kind, Credentials_KindDiffers(party, held.kind, kind));
        CredentialStatus status = _statusAt(held, at);
        require(status == CredentialStatus.Valid, Credentials_NotValid(party, status, at));
        require(
            held.validFrom <= at && at < held.validTo,
            Credentials_OutsideValidity(party, held.validFrom, held.validTo, at)
        );
    }

    /// @dev How many credentials the party had been granted by a time.
    function _countAt(PartyId party, uint64 at) private view returns (uint256 count) {
        count = _credentials[party].length;
        while (count != 0 && _credentials[party][count - 1].grantedAt > at) --count;
    }

    function _statusAt(Credential storage held, uint64 at) private view returns (CredentialStatus) {
        uint256 count = held.steps.length;
        while (count != 0 && held.steps[count - 1].recordedAt > at) --count;
        return count == 0 ? CredentialStatus.Valid : held.steps[count - 1].status;
    }

    function _newestStatus(PartyId party) private view returns (CredentialStatus) {
        uint256 count = _credentials[party].length;
        if (count == 0) return CredentialStatus.None;
        return _statusAt(_credentials[party][count - 1], type(uint64).max);
    }

    function _contains(Credential storage held, uint32 area) private view returns (bool) {
        for (uint256 i = 0; i < held.areas.length; ++i) {
            if (Jurisdictions.contains(held.areas[i], area)) return true;
        }
        return false;
    }

    function _covers(Credential storage held, Sector sector) private view returns (bool) {
        return held.sectors & _bitOfSector(sector) != 0;
    }

    /// @dev Whether another verification in the year of `at` would be one year in a row too many.
    function _isRotationDue(PartyId verifier, PartyId enterprise, uint64 at) private view returns (bool) {
        uint16 limit = _rotationYears;
        uint256 yearSet = _years[verifier][enterprise];
        uint16 year = ReportingTime.yearOf(at);
        if (limit == 0 || year < YEAR_ZERO + limit) return false;
        for (uint16 back = 1; back <= limit; ++back) {
            if (yearSet & _bitOf(year - back) == 0) return false;
        }
        return true;
    }

    /// @dev Whether the fields are those that a kind needs; see the table in {ICredentials}.
    function _isComplete(CredentialGrant calldata act, PartyKind kind, uint32 sectors)
        private
        pure
        returns (bool)
    {
        bool hasNumber = bytes(act.cma).length != 0 || bytes(act.cnas).length != 0;
        if (act.documentHash == bytes32(0) || act.validFrom >= act.validTo) return false;
        if (act.areas.length > MAX_AREAS || !_areCodes(act.areas)) return false;
        if (kind == PartyKind.Regulator) {
            return sectors == 0 && act.areas.length == 1 && act.tier != RegulatorTier.None
                && act.tier == _tierOf(act.areas[0]);
        }
        if (act.tier != RegulatorTier.None || sectors & _bitOfSector(Sector.None) != 0) return false;
        if (kind == PartyKind.Enterprise) {
            return sectors != 0 && act.areas.length == 1 && _isPlace(act.areas[0]);
        }
        if (kind == PartyKind.Verifier) return sectors != 0 && act.areas.length != 0;
        return sectors == 0 && act.areas.length == 0 && (kind != PartyKind.Laboratory || hasNumber);
    }

    function _sectorSet(Sector[] calldata sectors) private pure returns (uint32 set) {
        for (uint256 i = 0; i < sectors.length; ++i) {
            set |= _bitOfSector(sectors[i]);
        }
    }

    function _areCodes(uint32[] calldata areas) private pure returns (bool) {
        for (uint256 i = 0; i < areas.length; ++i) {
            if (!Jurisdictions.isCode(areas[i])) return false;
        }
        return true;
    }

    /// @dev An enterprise reports in a city or a county, never in a whole province.
    function _isPlace(uint32 area) private pure returns (bool) {
        return area != Jurisdictions.NATION && !Jurisdictions.isProvince(area);
    }

    /// @dev The level of the authority of an area; counties have none here.
    function _tierOf(uint32 area) private pure returns (RegulatorTier) {
        if (area == Jurisdictions.NATION) return RegulatorTier.Nation;
        if (Jurisdictions.isProvince(area)) return RegulatorTier.Province;
        return Jurisdictions.isCity(area) ? RegulatorTier.City : RegulatorTier.None;
    }

    function _isNext(CredentialStatus current, CredentialStatus next) private pure returns (bool) {
        if (current == CredentialStatus.Valid) {
            return next == CredentialStatus.Suspended || next == CredentialStatus.Withdrawn;
        }
        return current == CredentialStatus.Suspended
            && (next == CredentialStatus.Valid || next == CredentialStatus.Withdrawn);
    }

    function _groupHash(string calldata group) private pure returns (bytes32) {
        return bytes(group).length == 0 ? bytes32(0) : keccak256(bytes(group));
    }

    function _isWithin(Span memory span, uint64 at) private pure returns (bool) {
        return span.from <= at && at < span.to;
    }

    function _bitOfSector(Sector sector) private pure returns (uint32) {
        return uint32(1) << uint8(sector);
    }

    function _bitOf(uint16 year) private pure returns (uint256) {
        return uint256(1) << (year - YEAR_ZERO);
    }
}
