// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {InventoryState, InventoryStep, Sector, VerificationOpinion} from "../types/Enums.sol";
import {InventoryId, LogId, PartyId} from "../types/Ids.sol";
import {IActs} from "./IActs.sol";

/// @title InventoryRegistry
/// @notice Holds what enterprise, verifier and authorities signed about an inventory, and which result is accepted.
///
/// | act | from | to | signed by |
/// | --- | --- | --- | --- |
/// | `draft` | – | drafted | enterprise |
/// | `submit` | drafted, submitted, under verification, findings, verified, withdrawn, rejected, reopened | submitted; under verification while a verifier is assigned | enterprise |
/// | `assign` | submitted, under verification, findings, verified | under verification | provincial authority |
/// | step: findings | under verification | findings | lead verifier, technical reviewer |
/// | step: response | findings | under verification | enterprise |
/// | `conclude` | under verification | verified; rejected by an adverse or disclaimed opinion | lead verifier, technical reviewer |
/// | step: review | verified, not reviewed yet | verified | city authority, if one was named |
/// | `confirm` | verified | confirmed | provincial authority that assigned |
/// | step: objection | confirmed or objected, within 7 working days | objected | enterprise, or national authority |
/// | step: objection upheld | objected | under verification | provincial authority; after 10 working days the national one |
/// | step: objection dismissed | objected | confirmed | the same |
/// | step: reopening | confirmed, after the 7 working days | reopened | a provincial authority |
/// | step: withdrawal | drafted, submitted, under verification, findings | withdrawn | enterprise |
/// | step: rejection | submitted, under verification, findings, verified; of a restatement also reopened, withdrawn, rejected | rejected; of a restatement confirmed | a provincial authority |
///
/// Every act is signed by two persons of the party: an initiator and an approver. Authorities are those of the area
/// where the enterprise reports; no person who acts for one acts for the enterprise or the assigned verifier too. What
/// holds after every call:
///
/// - a month of a unit of an enterprise counts in one accepted result at most;
/// - verifier and provincial authority sign the inputs hash and the total that the enterprise submitted;
/// - an accepted result was stated by the verifier and confirmed by the authority named beforehand, for that version;
/// - a version, and the checkpoint that it stands on, never changes; a restated result stays readable beside the new one;
/// - an act takes effect only on the state that it names.
interface IInventoryRegistry is IActs {
    /// @notice What an act is about, in words.
    /// @param enterprise Registered name of the enterprise.
    /// @param creditCode Code of the enterprise.
    /// @param unitCode Code of the unit (机组或设施编码), or `enterprise` for the whole.
    /// @param periodFrom Begin of the period, Unix seconds, included.
    /// @param periodTo End of the period, Unix seconds, excluded.
    struct Subject {
        string enterprise;
        string creditCode;
        string unitCode;
        uint64 periodFrom;
        uint64 periodTo;
    }

    /// @notice The enterprise's act that begins an inventory.
    /// @param subject Inventory; its period is one or more whole months of the report year.
    /// @param sector Sector of the unit, one for which the enterprise is listed.
    /// @param reportYear Report year (核算年度).
    /// @param documentHash SHA-256 of the draft, or zero.
    /// @param initiator Initiator of the enterprise.
    /// @param approver Approver of the enterprise.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct InventoryDraft {
        Subject subject;
        Sector sector;
        uint16 reportYear;
        bytes32 documentHash;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The enterprise's act that submits a version.
    /// @param subject Inventory.
    /// @param version Number of the version: one more than the newest, from 1 on.
    /// @param origin Origin of the enterprise's log that the version stands on.
    /// @param logSize Entries of the log that it was worked out from; the pinned checkpoint has as many at least.
    /// @param inputsHash Hash of the inputs, which every party works out for itself.
    /// @param linesRoot Root of the tree over the salted lines.
    /// @param lineCount Leaves of that tree.
    /// @param total_tCO2e Result, whole tonnes of CO2 equivalent.
    /// @param documentHash SHA-256 of the version's document.
    /// @param laboratories Codes of the laboratories whose tests it uses, at most 8.
    /// @param reason Why there is another version; empty for the first only.
    /// @param previousState State hash of the inventory that is acted on.
    /// @param initiator Initiator of the enterprise.
    /// @param approver Approver of the enterprise.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct InventorySubmission {
        Subject subject;
        uint32 version;
        string origin;
        uint64 logSize;
        bytes32 inputsHash;
        bytes32 linesRoot;
        uint64 lineCount;
        uint64 total_tCO2e;
        bytes32 documentHash;
        string[] laboratories;
        string reason;
        bytes32 previousState;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The provincial authority's act that fixes who verifies, reviews and confirms; a later one replaces it.
    /// @param subject Inventory.
    /// @param version Newest version.
    /// @param regulator Code of the provincial authority that acts, and will confirm.
    /// @param cityRegulator Code of the city authority that reviews; empty for none.
    /// @param verifier Code of the verifier.
    /// @param leadVerifier Initiator of the verifier: the head of the team.
    /// @param technicalReviewer Approver of the verifier, another person: who reviews the team's work.
    /// @param reason Why, for a reassignment.
    /// @param previousState State hash of the inventory that is acted on.
    /// @param initiator Initiator of the authority.
    /// @param approver Approver of the authority.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct VerificationAssignment {
        Subject subject;
        uint32 version;
        string regulator;
        string cityRegulator;
        string verifier;
        address leadVerifier;
        address technicalReviewer;
        string reason;
        bytes32 previousState;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The verifier's statement.
    /// @param subject Inventory.
    /// @param version Newest version.
    /// @param inputsHash Inputs hash as the verifier worked it out.
    /// @param total_tCO2e Result as the verifier worked it out.
    /// @param opinion Opinion.
    /// @param reportHash SHA-256 of the body of the report.
    /// @param previousState State hash of the inventory that is acted on.
    /// @param leadVerifier The one who was assigned.
    /// @param technicalReviewer The one who was assigned.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct VerificationStatement {
        Subject subject;
        uint32 version;
        bytes32 inputsHash;
        uint64 total_tCO2e;
        VerificationOpinion opinion;
        bytes32 reportHash;
        bytes32 previousState;
        address leadVerifier;
        address technicalReviewer;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The provincial authority's act that confirms a stated result.
    /// @param subject Inventory.
    /// @param version Newest version.
    /// @param regulator Code of the authority.
    /// @param inputsHash Inputs hash as the authority worked it out.
    /// @param total_tCO2e Result as the authority worked it out.
    /// @param previousState State hash of the inventory that is acted on.
    /// @param initiator Initiator of the authority.
    /// @param approver Approver of the authority.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct ResultConfirmation {
        Subject subject;
        uint32 version;
        string regulator;
        bytes32 inputsHash;
        uint64 total_tCO2e;
        bytes32 previousState;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice An act that moves an inventory on for a reason; its type's name says which.
    /// @param subject Inventory.
    /// @param version Newest version, 0 before the first.
    /// @param actor Code of the party that acts.
    /// @param reason Reason, for the reader of the event; not empty.
    /// @param documentHash SHA-256 of a document that says more; zero for none, which findings do not allow.
    /// @param previousState State hash of the inventory that is acted on.
    /// @param initiator Initiator of the party.
    /// @param approver Approver of the party.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct Step {
        Subject subject;
        uint32 version;
        string actor;
        string reason;
        bytes32 documentHash;
        bytes32 previousState;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice An inventory.
    /// @param stateHash What the next act must name.
    /// @param enterprise Enterprise.
    /// @param unitId keccak256 of the unit's code.
    /// @param verifier Verifier; zero while none is assigned.
    /// @param regulator Authority that confirms; zero while no verifier is assigned.
    /// @param cityRegulator Authority that reviews; zero for none.
    /// @param leadVerifier Who leads the verification.
    /// @param state State; `None` if it was never drafted.
    /// @param sector Sector of the unit.
    /// @param reportYear Report year.
    /// @param months Months of the period, bit 0 for January.
    /// @param area Code of GB/T 2260 where the enterprise reported when it drafted.
    /// @param technicalReviewer Who reviews the verification.
    /// @param version Newest version, 0 before the first.
    /// @param acceptedVersion Version whose result is accepted, 0 while there is none.
    /// @param isReviewed Whether the city authority reviewed the stated result.
    /// @param objections Who objected to the newest confirmation: bit 0 the enterprise, bit 1 the national authority.
    /// @param objectableUntil First second at which nobody may object any more.
    /// @param decisionDue First second at which the national authority decides on what was objected; from the last
    /// objection.
    struct Inventory {
        bytes32 stateHash;
        PartyId enterprise;
        bytes32 unitId;
        PartyId verifier;
        PartyId regulator;
        PartyId cityRegulator;
        address leadVerifier;
        InventoryState state;
        Sector sector;
        uint16 reportYear;
        uint16 months;
        uint32 area;
        address technicalReviewer;
        uint32 version;
        uint32 acceptedVersion;
        bool isReviewed;
        uint8 objections;
        uint64 objectableUntil;
        uint64 decisionDue;
    }

    /// @notice A submitted version.
    /// @param inputsHash Hash of the inputs.
    /// @param linesRoot Root of the tree over the lines.
    /// @param logId Log that it stands on.
    /// @param logRoot Root of the pinned checkpoint.
    /// @param logSize Entries of the pinned checkpoint.
    /// @param lineCount Leaves of the tree over the lines.
    /// @param total_tCO2e Result.
    /// @param restates Version whose accepted result it replaced; 0 for none.
    /// @param restatedBy Version that replaced its accepted result; 0 for none.
    /// @param laboratories Laboratories whose tests it uses.
    struct Version {
        bytes32 inputsHash;
        bytes32 linesRoot;
        LogId logId;
        bytes32 logRoot;
        uint64 logSize;
        uint64 lineCount;
        uint64 total_tCO2e;
        uint32 restates;
        uint32 restatedBy;
        PartyId[] laboratories;
    }

    /// @notice An act took effect. `stateHash` is what the next one names.
    event InventoryAdvanced(
        InventoryId indexed id,
        InventoryState indexed state,
        uint32 version,
        bytes32 actDigest,
        bytes32 stateHash
    );

    /// @notice An inventory was begun.
    event InventoryDrafted(
        InventoryId indexed id,
        PartyId indexed enterprise,
        string unitCode,
        uint64 periodFrom,
        uint64 periodTo,
        Sector sector,
        uint32 area,
        bytes32 documentHash
    );

    /// @notice A version was submitted; it stands on the checkpoint that was pinned for it.
    event VersionSubmitted(
        InventoryId indexed id, uint32 indexed version, Version content, bytes32 documentHash, string reason
    );

    /// @notice Who verifies, reviews and confirms was fixed.
    event VerifierAssigned(
        InventoryId indexed id,
        PartyId indexed verifier,
        PartyId indexed regulator,
        PartyId cityRegulator,
        address leadVerifier,
        address technicalReviewer,
        string reason
    );

    /// @notice The verifier stated its opinion.
    event ResultStated(
        InventoryId indexed id, uint32 indexed version, VerificationOpinion opinion, bytes32 reportHash
    );

    /// @notice A result is accepted; until `objectableUntil` it may be objected to.
    event ResultAccepted(
        InventoryId indexed id, uint32 indexed version, uint64 total_tCO2e, uint64 objectableUntil
    );

    /// @notice An accepted result was replaced by another; both stay.
    event ResultRestated(
        InventoryId indexed id,
        uint32 indexed oldVersion,
        uint32 indexed newVersion,
        uint64 oldTotal_tCO2e,
        uint64 newTotal_tCO2e
    );

    /// @notice A party moved an inventory on for a reason.
    event StepTaken(
        InventoryId indexed id,
        InventoryStep indexed kind,
        PartyId indexed actor,
        string reason,
        bytes32 documentHash
    );

    /// @notice The inventory was never drafted.
    error InventoryRegistry_Unknown(InventoryId id);

    /// @notice The inventory was drafted before.
    error InventoryRegistry_AlreadyDrafted(InventoryId id);

    /// @notice The name is not the enterprise's.
    error InventoryRegistry_NameDiffers(PartyId enterprise, string name);

    /// @notice The period is not one or more whole months of the report year.
    error InventoryRegistry_PeriodInvalid(uint64 periodFrom, uint64 periodTo, uint16 reportYear);

    /// @notice The period is not over.
    error InventoryRegistry_PeriodOpen(uint64 periodTo);

    /// @notice The act was signed for another state of the inventory.
    error InventoryRegistry_StateDiffers(InventoryId id, bytes32 stateHash, bytes32 named);

    /// @notice The act was signed for another version, or the next version has another number.
    error InventoryRegistry_VersionDiffers(InventoryId id, uint32 expected, uint32 named);

    /// @notice The act does not lead on from the inventory's state.
    error InventoryRegistry_NotInThisState(InventoryId id, InventoryState state);

    /// @notice A field that must not be empty or zero is, or there are more than 8 laboratories.
    error InventoryRegistry_FieldMissing();

    /// @notice The log is not the enterprise's.
    error InventoryRegistry_NotOwnLog(LogId logId, PartyId enterprise);

    /// @notice The log's anchored checkpoint is smaller than what the version was worked out from.
    error InventoryRegistry_LogBehind(LogId logId, uint64 anchoredSize, uint64 logSize);

    /// @notice The party or the key is not the one that was named for the inventory, or the city has reviewed already.
    error InventoryRegistry_NotNamed(InventoryId id);

    /// @notice The inputs hash or the total is not that of the version.
    error InventoryRegistry_ResultDiffers(InventoryId id, bytes32 inputsHash, uint64 total_tCO2e);

    /// @notice The city authority has not reviewed.
    error InventoryRegistry_NotReviewed(InventoryId id);

    /// @notice Another accepted result of the unit counts one of the months.
    error InventoryRegistry_MonthsAccepted(InventoryId id, uint16 months);

    /// @notice The time for objections has passed, or the party objected before.
    error InventoryRegistry_NotObjectable(InventoryId id, uint64 objectableUntil);

    /// @notice The time for objections has not passed.
    error InventoryRegistry_StillObjectable(InventoryId id, uint64 objectableUntil);

    /// @notice Begin an inventory.
    /// @dev Act `InventoryDraft(Subject subject,uint8 sector,uint16 reportYear,bytes32 documentHash,address initiator,
    /// address approver,uint256 nonce,uint64 deadline)`, here and below followed by `Subject(string enterprise,
    /// string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)`.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    /// @return id Name of the inventory.
    function draft(
        InventoryDraft calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external returns (InventoryId id);

    /// @notice Submit a version; it pins the log's newest checkpoint. What was stated and reviewed before falls.
    /// @dev Act `InventorySubmission(Subject subject,uint32 version,string origin,uint64 logSize,bytes32 inputsHash,
    /// bytes32 linesRoot,uint64 lineCount,uint64 total_tCO2e,bytes32 documentHash,string[] laboratories,string reason,
    /// bytes32 previousState,address initiator,address approver,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    function submit(
        InventorySubmission calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external;

    /// @notice Fix who verifies, reviews and confirms.
    /// @dev Act `VerificationAssignment(Subject subject,uint32 version,string regulator,string cityRegulator,
    /// string verifier,address leadVerifier,address technicalReviewer,string reason,bytes32 previousState,
    /// address initiator,address approver,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    function assign(
        VerificationAssignment calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external;

    /// @notice Conclude the verification with an opinion. The result is verified by an unmodified or a modified opinion.
    /// @dev Act `VerificationStatement(Subject subject,uint32 version,bytes32 inputsHash,uint64 total_tCO2e,
    /// uint8 opinion,bytes32 reportHash,bytes32 previousState,address leadVerifier,address technicalReviewer,
    /// uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param leadSignature By `act.leadVerifier`.
    /// @param reviewerSignature By `act.technicalReviewer`, another person.
    function conclude(
        VerificationStatement calldata act,
        bytes calldata leadSignature,
        bytes calldata reviewerSignature
    ) external;

    /// @notice Confirm a stated result; the provincial authority. It is accepted from now on. Refused while the calendar
    /// does not reach the end of the 17th working day: until then an objection in the last second may be decided.
    /// @dev Act `ResultConfirmation(Subject subject,uint32 version,string regulator,bytes32 inputsHash,
    /// uint64 total_tCO2e,bytes32 previousState,address initiator,address approver,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    function confirm(
        ResultConfirmation calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external;

    /// @notice Move an inventory on for a reason.
    ///
    /// | kind | type | what it does |
    /// | --- | --- | --- |
    /// | `Findings` | `VerificationFindings` | raises findings (不符合项); the document lists them |
    /// | `Response` | `FindingsResponse` | answers findings without another version |
    /// | `Withdrawal` | `InventoryWithdrawal` | takes back what was submitted |
    /// | `Rejection` | `InventoryRejection` | refuses it; a restatement ends with it, and the accepted result stays |
    /// | `Review` | `CityReview` | says that the city authority reviewed the stated result |
    /// | `Objection` | `ResultObjection` | asks for a review (申请复核) of a confirmed result; each party once, also while the other's is open |
    /// | `ObjectionUpheld` | `ObjectionUpheld` | the result is accepted no more, and verified anew |
    /// | `ObjectionDismissed` | `ObjectionDismissed` | the result stays confirmed |
    /// | `Reopening` | `InventoryReopening` | asks for a restatement; the result stays accepted until another one is |
    /// @dev Act: the type, with `(Subject subject,uint32 version,string actor,string reason,bytes32 documentHash,
    /// bytes32 previousState,address initiator,address approver,uint256 nonce,uint64 deadline)`.
    /// @param kind Which of them.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    function take(
        InventoryStep kind,
        Step calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external;

    /// @notice An inventory; all zero for an unknown one.
    function inventory(InventoryId id) external view returns (Inventory memory);

    /// @notice A submitted version; all zero for an unknown one.
    function versionOf(InventoryId id, uint32 version) external view returns (Version memory);

    /// @notice Whether a result is accepted, and neither objected to nor to be restated nor objectable any more.
    function isFinal(InventoryId id) external view returns (bool);

    /// @notice Months of a year that accepted results of a unit count, bit 0 for January.
    function acceptedMonths(PartyId enterprise, bytes32 unitId, uint16 year) external view returns (uint16);
}
