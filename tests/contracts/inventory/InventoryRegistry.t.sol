// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Inventories} from "../support/Inventories.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {ICredentials} from "contracts/interfaces/ICredentials.sol";
import {IInventoryRegistry} from "contracts/interfaces/IInventoryRegistry.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {IWorkingCalendar} from "contracts/interfaces/IWorkingCalendar.sol";
import {
    CredentialStatus,
    InventoryState,
    InventoryStep,
    RepresentativeRole,
    Sector,
    VerificationOpinion
} from "contracts/types/Enums.sol";
import {PartyId, logIdOf} from "contracts/types/Ids.sol";

contract InventoryRegistryTest is Inventories {
    /// @dev 7 working days after Monday 2024-03-04 end with Wednesday 2024-03-13.
    uint64 private constant OBJECTABLE_UNTIL = 1_710_345_600;
    /// @dev 10 working days after it end with Monday 2024-03-18.
    uint64 private constant DECISION_DUE = 1_710_777_600;

    // --- the whole course

    function test_FromDraftToFinal() public {
        reach(InventoryState.Confirmed);
        IInventoryRegistry.Inventory memory record = registry.inventory(inventoryId());

        assertEq(record.acceptedVersion, 1);
        assertEq(record.months, 0xfff);
        assertEq(record.area, AREA);
        assertEq(record.objectableUntil, OBJECTABLE_UNTIL);
        assertEq(registry.acceptedMonths(party, keccak256("unit 1"), 2023), 0xfff);
        assertTrue(credentials.hasVerified(idOf(Role.Verifier), party, 2024));
        vm.warp(OBJECTABLE_UNTIL - 1);
        assertFalse(registry.isFinal(inventoryId()));
        vm.warp(OBJECTABLE_UNTIL);
        assertTrue(registry.isFinal(inventoryId()));
    }

    /// @dev Each state hash commits to the one before, the act, the state and the checkpoint.
    function test_StateHashesAreAChain() public {
        perform(Deed.Draft);
        bytes32 drafted = registry.inventory(inventoryId()).stateHash;
        Act memory act = make(Deed.Submission, subject, Role.Enterprise);
        bytes32 digest = digestOfAct(act);
        perform(act);

        assertEq(
            registry.inventory(inventoryId()).stateHash,
            keccak256(abi.encode(drafted, digest, InventoryState.Submitted, uint64(5), rootOf(5)))
        );
    }

    // --- draft

    function test_RevertWhen_NameIsNotTheEnterprises() public {
        subject.enterprise = "Enterprise 91310000MA1K00001Y";
        expectRefused(
            make(Deed.Draft, subject, Role.Enterprise),
            abi.encodeWithSelector(
                IInventoryRegistry.InventoryRegistry_NameDiffers.selector, party, subject.enterprise
            )
        );
    }

    function test_RevertWhen_PeriodIsNotOfWholeMonths() public {
        subject.periodTo -= 1 days;
        expectRefused(make(Deed.Draft, subject, Role.Enterprise), _periodInvalid());
    }

    /// @dev A year of the zone of Greenwich is none of the reporting zone.
    function test_RevertWhen_PeriodIsOfAnotherZone() public {
        (subject.periodFrom, subject.periodTo) = (YEAR_BEGIN + 8 hours, YEAR_END + 8 hours);
        expectRefused(make(Deed.Draft, subject, Role.Enterprise), _periodInvalid());
    }

    function test_RevertWhen_EnterpriseIsNotListedForTheSector() public {
        Act memory act = make(Deed.Draft, subject, Role.Enterprise);
        IInventoryRegistry.InventoryDraft memory fields =
            abi.decode(act.fields, (IInventoryRegistry.InventoryDraft));
        fields.sector = Sector.Cement;
        act.fields = abi.encode(fields);
        expectRefused(
            act, abi.encodeWithSelector(ICredentials.Credentials_SectorOutside.selector, party, Sector.Cement)
        );
    }

    // --- submission

    function test_SubmissionPinsTheNewestCheckpoint() public {
        perform(Deed.Draft);
        anchor(13);
        perform(Deed.Submission);
        IInventoryRegistry.Version memory version = registry.versionOf(inventoryId(), 1);

        assertEq(version.logSize, 13);
        assertEq(version.logRoot, rootOf(13));
        assertEq(checkpoints.pinnedRoot(logId, 13), rootOf(13));
    }

    function test_RevertWhen_LogIsBehind() public {
        perform(Deed.Draft);
        IInventoryRegistry.InventorySubmission memory act = _submission();
        act.logSize = 6;
        _expectSubmissionRefused(
            act, abi.encodeWithSelector(IInventoryRegistry.InventoryRegistry_LogBehind.selector, logId, 5, 6)
        );
    }

    function test_RevertWhen_LogIsAnothers() public {
        openOtherLog();
        perform(Deed.Draft);
        IInventoryRegistry.InventorySubmission memory act = _submission();
        act.origin = OTHER_ORIGIN;
        _expectSubmissionRefused(
            act,
            abi.encodeWithSelector(
                IInventoryRegistry.InventoryRegistry_NotOwnLog.selector, logIdOf(OTHER_ORIGIN), party
            )
        );
    }

    function test_RevertWhen_VersionIsSkipped() public {
        perform(Deed.Draft);
        IInventoryRegistry.InventorySubmission memory act = _submission();
        act.version = 2;
        act.reason = "skipped";
        _expectSubmissionRefused(
            act,
            abi.encodeWithSelector(
                IInventoryRegistry.InventoryRegistry_VersionDiffers.selector, inventoryId(), 0, 1
            )
        );
    }

    function test_RevertWhen_PeriodIsNotOver() public {
        subject = subjectOf(Role.Enterprise, "unit 1", YEAR_END, YEAR_END + 91 days); // to 2024-04-01
        Act memory act = make(Deed.Draft, subject, Role.Enterprise);
        IInventoryRegistry.InventoryDraft memory fields =
            abi.decode(act.fields, (IInventoryRegistry.InventoryDraft));
        fields.reportYear = 2024;
        act.fields = abi.encode(fields);
        perform(act);
        expectRefused(
            make(Deed.Submission, subject, Role.Enterprise),
            abi.encodeWithSelector(IInventoryRegistry.InventoryRegistry_PeriodOpen.selector, subject.periodTo)
        );
    }

    /// @dev Each missing hash, a missing reason, and one laboratory too many.
    function test_RevertWhen_SubmissionIsIncomplete() public {
        perform(Deed.Draft);
        perform(Deed.Submission);
        bytes memory missing =
            abi.encodeWithSelector(IInventoryRegistry.InventoryRegistry_FieldMissing.selector);
        for (uint256 i = 0; i < 6; ++i) {
            IInventoryRegistry.InventorySubmission memory act = _submission();
            if (i == 0) act.inputsHash = 0;
            if (i == 1) act.linesRoot = 0;
            if (i == 2) act.documentHash = 0;
            if (i == 3) act.lineCount = 0;
            if (i == 4) act.reason = "";
            if (i == 5) act.laboratories = new string[](9);
            _expectSubmissionRefused(act, missing);
        }
    }

    /// @dev What was stated and reviewed falls with another version, and is wanted again.
    function test_ApprovalsFallWithAnotherVersion() public {
        reach(InventoryState.Verified);
        perform(Deed.Review);
        perform(Deed.Submission);

        assertEq(uint8(stateOf()), uint8(InventoryState.UnderVerification));
        assertFalse(registry.inventory(inventoryId()).isReviewed);
        perform(Deed.Statement);
        expectRefused(make(Deed.Confirmation, subject, Role.Province), _notReviewed());
    }

    // --- assignment

    function test_RevertWhen_VerifierIsOfTheEnterprisesGroup() public {
        setGroup(membershipOf(Role.Enterprise, "", "group"));
        setGroup(membershipOf(Role.Verifier, "", "group"));
        reach(InventoryState.Submitted);
        expectRefused(
            make(Deed.Assignment, subject, Role.Province),
            abi.encodeWithSelector(ICredentials.Credentials_Related.selector, idOf(Role.Verifier), party)
        );
    }

    function test_RevertWhen_LaboratoryIsOfTheVerifiersGroup() public {
        setGroup(membershipOf(Role.Laboratory, "", "group"));
        setGroup(membershipOf(Role.Verifier, "", "group"));
        reach(InventoryState.Submitted);
        expectRefused(
            make(Deed.Assignment, subject, Role.Province),
            abi.encodeWithSelector(
                ICredentials.Credentials_Related.selector, idOf(Role.Laboratory), idOf(Role.Verifier)
            )
        );
    }

    function test_RevertWhen_LeadIsOfAnotherVerifier() public {
        reach(InventoryState.Submitted);
        IInventoryRegistry.VerificationAssignment memory act = _assignment(Role.OtherVerifier);
        act.verifier = casts[Role.Verifier].code;
        _expectAssignmentRefused(act, _notSeated(Role.Verifier, act.leadVerifier));
    }

    /// @dev One person in both places is no second person.
    function test_RevertWhen_LeadReviewsItself() public {
        reach(InventoryState.Submitted);
        IInventoryRegistry.VerificationAssignment memory act = _assignment(Role.Verifier);
        act.technicalReviewer = act.leadVerifier;
        _expectAssignmentRefused(act, _notSeated(Role.Verifier, act.leadVerifier));
    }

    /// @dev Who has a key of the enterprise verifies it with no key of the verifier, though the keys differ.
    function test_RevertWhen_LeadActsForTheEnterpriseToo() public {
        reach(InventoryState.UnderVerification);
        Signer memory lead = casts[Role.Verifier].first;
        Signer memory another = makeSigner("another key of the lead verifier");
        IPartyRegistry.Appointment memory act = appointmentOf(another, RepresentativeRole.ReadOnly);
        act.seat.persons[0] = personOf(lead);
        attest(lead);
        appoint(act, another);
        bytes memory reason = abi.encodeWithSelector(
            ICredentials.Credentials_ActsForBoth.selector, personOf(lead), idOf(Role.Verifier), party
        );
        expectRefused(make(Deed.Statement, subject, Role.Verifier), reason);
        _expectAssignmentRefused(_assignment(Role.Verifier), reason);
        remove(another);
        perform(Deed.Statement);
    }

    /// @dev The fields of a withdrawal and of a response are the same; what was signed is not.
    function test_RevertWhen_StepIsTakenForAnother() public {
        reach(InventoryState.Findings);
        Act memory act = make(Deed.Withdrawal, subject, Role.Enterprise);
        bytes32 digest = digestOfAct(act);
        (bytes memory first, bytes memory second) = (sign(act.first, digest), sign(act.second, digest));
        (act.deed, act.typeDefinition) = (Deed.Response, typeOf(Deed.Response));
        (bool success, bytes memory answer) = send(act, first, second);

        assertFalse(success);
        assertEq(
            answer, abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, initiator.key, digestOfAct(act))
        );
    }

    /// @dev An act of no kind is none, whatever its type.
    function test_RevertWhen_StepHasNoKind() public {
        reach(InventoryState.Confirmed);
        skip(20 days);
        Act memory act = make(Deed.Reopening, subject, Role.Province);
        bytes32 digest = digestOfAct(act);
        IInventoryRegistry.Step memory fields = abi.decode(act.fields, (IInventoryRegistry.Step));
        (bytes memory first, bytes memory second) = (sign(act.first, digest), sign(act.second, digest));
        vm.expectRevert(
            abi.encodeWithSelector(
                IInventoryRegistry.InventoryRegistry_NotInThisState.selector,
                inventoryId(),
                InventoryState.Confirmed
            )
        );
        registry.take(InventoryStep.None, fields, first, second);
    }

    function test_RevertWhen_CityIsElsewhere() public {
        reach(InventoryState.Submitted);
        IInventoryRegistry.VerificationAssignment memory act = _assignment(Role.Verifier);
        act.cityRegulator = casts[Role.OtherCity].code;
        _expectAssignmentRefused(
            act,
            abi.encodeWithSelector(ICredentials.Credentials_AreaOutside.selector, idOf(Role.OtherCity), AREA)
        );
    }

    /// @dev After a reassignment the first verifier has no say, and what it stated falls.
    function test_ReassignmentReplacesTheSigners() public {
        reach(InventoryState.Verified);
        _assign(Role.OtherVerifier);

        assertEq(uint8(stateOf()), uint8(InventoryState.UnderVerification));
        expectRefused(make(Deed.Statement, subject, Role.Verifier), _notNamed());
        perform(Deed.Statement, Role.OtherVerifier);
        assertEq(uint8(stateOf()), uint8(InventoryState.Verified));
    }

    function test_RevertWhen_ReassignmentDoesNotSayWhy() public {
        reach(InventoryState.UnderVerification);
        IInventoryRegistry.VerificationAssignment memory act = _assignment(Role.OtherVerifier);
        act.reason = "";
        _expectAssignmentRefused(
            act, abi.encodeWithSelector(IInventoryRegistry.InventoryRegistry_FieldMissing.selector)
        );
    }

    /// @dev Without a city authority, as under some municipalities, the province confirms at once.
    function test_NoCityNeedsToReview() public {
        reach(InventoryState.Submitted);
        IInventoryRegistry.VerificationAssignment memory act = _assignment(Role.Verifier);
        act.cityRegulator = "";
        perform(_assignmentAct(act));
        perform(Deed.Statement);
        perform(Deed.Confirmation);

        assertEq(uint8(stateOf()), uint8(InventoryState.Confirmed));
    }

    // --- findings, statement, confirmation

    function test_FindingsAreAnsweredAndRaisedAgain() public {
        reach(InventoryState.Findings);
        perform(Deed.Response);
        perform(Deed.Findings);
        perform(Deed.Submission);

        assertEq(uint8(stateOf()), uint8(InventoryState.UnderVerification));
        assertEq(registry.inventory(inventoryId()).version, 2);
    }

    function test_RevertWhen_FindingsHaveNoList() public {
        reach(InventoryState.UnderVerification);
        Act memory act = make(Deed.Findings, subject, Role.Verifier);
        IInventoryRegistry.Step memory fields = abi.decode(act.fields, (IInventoryRegistry.Step));
        fields.documentHash = 0;
        act.fields = abi.encode(fields);
        expectRefused(act, abi.encodeWithSelector(IInventoryRegistry.InventoryRegistry_FieldMissing.selector));
    }

    /// @dev One tonne, or one input, is another result.
    function test_RevertWhen_VerifierSignsAnotherResult() public {
        reach(InventoryState.UnderVerification);
        for (uint256 i = 0; i < 2; ++i) {
            IInventoryRegistry.VerificationStatement memory fields = _statement();
            if (i == 0) fields.total_tCO2e += 1;
            else fields.inputsHash = keccak256("other inputs");
            _expectStatementRefused(fields, _resultDiffers());
        }
    }

    function test_RevertWhen_ProvinceSignsAnotherResult() public {
        reach(InventoryState.Verified);
        perform(Deed.Review);
        Act memory act = make(Deed.Confirmation, subject, Role.Province);
        IInventoryRegistry.ResultConfirmation memory fields =
            abi.decode(act.fields, (IInventoryRegistry.ResultConfirmation));
        fields.total_tCO2e -= 1;
        act.fields = abi.encode(fields);
        expectRefused(act, _resultDiffers());
    }

    function test_RevertWhen_CityDidNotReview() public {
        reach(InventoryState.Verified);
        expectRefused(make(Deed.Confirmation, subject, Role.Province), _notReviewed());
    }

    /// @dev A review said again would only make void what the province signed after the first.
    function test_RevertWhen_CityReviewsTwice() public {
        reach(InventoryState.Verified);
        perform(Deed.Review);
        expectRefused(make(Deed.Review, subject, Role.City), _notNamed());
    }

    /// @dev Who has a key of the enterprise, or of the verifier, neither assigns nor confirms with a key of the authority.
    function test_RevertWhen_AuthoritysPersonActsForAnother() public {
        reach(InventoryState.Submitted);
        Signer memory official = casts[Role.Province].first;
        Role[2] memory others = [Role.Enterprise, Role.Verifier];
        for (uint256 i = 0; i < 2; ++i) {
            uint256 snapshot = vm.snapshotState();
            _seatElsewhere(official, others[i]);
            bytes memory reason = abi.encodeWithSelector(
                ICredentials.Credentials_ActsForBoth.selector,
                personOf(official),
                idOf(Role.Province),
                idOf(others[i])
            );
            expectRefused(make(Deed.Assignment, subject, Role.Province), reason);
            vm.revertToState(snapshot);
            perform(Deed.Assignment);
            perform(Deed.Statement);
            perform(Deed.Review);
            _seatElsewhere(official, others[i]);
            expectRefused(make(Deed.Confirmation, subject, Role.Province), reason);
            expectRefused(make(Deed.Rejection, subject, Role.Province), reason);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Adverse and disclaimed opinions end the verification.
    function test_AdverseOpinionRejects() public {
        uint256 snapshot = vm.snapshotState();
        VerificationOpinion[4] memory opinions = [
            VerificationOpinion.Unmodified,
            VerificationOpinion.Modified,
            VerificationOpinion.Adverse,
            VerificationOpinion.Disclaimed
        ];
        for (uint256 i = 0; i < 4; ++i) {
            reach(InventoryState.UnderVerification);
            IInventoryRegistry.VerificationStatement memory fields = _statement();
            fields.opinion = opinions[i];
            perform(_statementAct(fields));
            assertEq(uint8(stateOf()), uint8(i < 2 ? InventoryState.Verified : InventoryState.Rejected));
            vm.revertToState(snapshot);
        }
    }

    function test_RevertWhen_VerifierIsSuspendedMeanwhile() public {
        reach(InventoryState.UnderVerification);
        change(Role.Verifier, CredentialStatus.Suspended);
        expectRefused(
            make(Deed.Statement, subject, Role.Verifier),
            abi.encodeWithSelector(
                ICredentials.Credentials_NotValid.selector,
                idOf(Role.Verifier),
                CredentialStatus.Suspended,
                uint64(block.timestamp)
            )
        );
    }

    /// @dev A lead verifier whose key was removed states nothing; another assignment is wanted.
    function test_RevertWhen_LeadsKeyWasRemoved() public {
        reach(InventoryState.UnderVerification);
        Cast memory verifier = casts[Role.Verifier];
        IPartyRegistry.Removal memory act =
            IPartyRegistry.Removal(verifier.code, verifier.first.key, verifier.second.key, 0, DEADLINE);
        parties.remove(act, sign(verifier.second, digestOf(address(parties), REMOVAL, abi.encode(act))));
        expectRefused(
            make(Deed.Statement, subject, Role.Verifier),
            abi.encodeWithSelector(
                IPartyRegistry.PartyRegistry_NotInForce.selector, idOf(Role.Verifier), verifier.first.key
            )
        );
    }

    // --- one accepted result

    /// @dev A half-year whose months a whole year counts is confirmed only where the year is not.
    function test_RevertWhen_MonthsAreAccepted() public {
        reach(InventoryState.Confirmed);
        subject = subjectOf(Role.Enterprise, "unit 1", YEAR_BEGIN, MID_YEAR);
        reach(InventoryState.Verified);
        perform(Deed.Review);
        expectRefused(
            make(Deed.Confirmation, subject, Role.Province),
            abi.encodeWithSelector(
                IInventoryRegistry.InventoryRegistry_MonthsAccepted.selector, inventoryId(), 0xfff
            )
        );
    }

    function test_HalfYearsAndOtherUnitsDoNotMeet() public {
        subject = subjectOf(Role.Enterprise, "unit 1", YEAR_BEGIN, MID_YEAR);
        reach(InventoryState.Confirmed);
        subject = subjectOf(Role.Enterprise, "unit 1", MID_YEAR, YEAR_END);
        reach(InventoryState.Confirmed);
        subject = subjectOf(Role.Enterprise, "unit 2", YEAR_BEGIN, YEAR_END);
        reach(InventoryState.Confirmed);

        assertEq(registry.acceptedMonths(party, keccak256("unit 1"), 2023), 0xfff);
        assertEq(registry.acceptedMonths(party, keccak256("unit 2"), 2023), 0xfff);
    }

    // --- objections

    function test_ObjectionInTheLastSecond() public {
        reach(InventoryState.Confirmed);
        vm.warp(OBJECTABLE_UNTIL - 1);
        perform(Deed.Objection);

        assertEq(uint8(stateOf()), uint8(InventoryState.Objected));
    }

    function test_RevertWhen_ObjectionIsLate() public {
        reach(InventoryState.Confirmed);
        vm.warp(OBJECTABLE_UNTIL);
        expectRefused(make(Deed.Objection, subject, Role.Enterprise), _notObjectable());
    }

    /// @dev Each party once; the nation after the enterprise.
    function test_RevertWhen_OnePartyObjectsTwice() public {
        reach(InventoryState.Objected);
        perform(Deed.ObjectionDismissed);
        expectRefused(make(Deed.Objection, subject, Role.Enterprise), _notObjectable());
        perform(Deed.Objection, Role.Nation);
        assertEq(uint8(stateOf()), uint8(InventoryState.Objected));
    }

    /// @dev While one objection is open the other party's time runs: it may add its own, once.
    function test_NationObjectsBesideTheEnterprise() public {
        reach(InventoryState.Objected);
        vm.warp(OBJECTABLE_UNTIL - 1);
        expectRefused(make(Deed.Objection, subject, Role.Enterprise), _notObjectable());
        perform(Deed.Objection, Role.Nation);
        IInventoryRegistry.Inventory memory record = registry.inventory(inventoryId());
        assertEq(record.objections, 3);
        assertEq(record.decisionDue, calendar.endOfWorkingDay(OBJECTABLE_UNTIL - 1, 10));
        expectRefused(make(Deed.Objection, subject, Role.Nation), _notObjectable());
        perform(Deed.ObjectionDismissed);
        assertEq(uint8(stateOf()), uint8(InventoryState.Confirmed));
    }

    function test_RevertWhen_ObjectionBesideAnotherIsLate() public {
        reach(InventoryState.Objected);
        vm.warp(OBJECTABLE_UNTIL);
        expectRefused(make(Deed.Objection, subject, Role.Nation), _notObjectable());
    }

    /// @dev Who may object in the last second finds ten working days in the calendar, or the result is not confirmed.
    function test_RevertWhen_CalendarEndsBeforeTheDecision() public {
        reach(InventoryState.Verified);
        perform(Deed.Review);
        uint256 verified = vm.snapshotState();
        vm.warp(1_733_709_600); // Monday 2024-12-09, 10:00: 16 working days are left of the year
        Act memory act = _lateConfirmation();
        expectRefused(
            act, abi.encodeWithSelector(IWorkingCalendar.WorkingCalendar_UnknownYear.selector, uint256(2025))
        );
        vm.revertToState(verified);
        vm.warp(1_733_450_400); // Friday 2024-12-06, 10:00: 17
        perform(_lateConfirmation());
        vm.warp(registry.inventory(inventoryId()).objectableUntil - 1);
        Act memory objection = make(Deed.Objection, subject, Role.Enterprise);
        IInventoryRegistry.Step memory fields = abi.decode(objection.fields, (IInventoryRegistry.Step));
        fields.deadline = type(uint64).max;
        objection.fields = abi.encode(fields);
        perform(objection);

        assertEq(registry.inventory(inventoryId()).decisionDue, 1_735_660_800); // with the year
    }

    /// @dev The province decides within ten working days; after them only the nation does.
    function test_DecisionPassesToTheNation() public {
        reach(InventoryState.Objected);
        assertEq(registry.inventory(inventoryId()).decisionDue, DECISION_DUE);
        vm.warp(DECISION_DUE - 1);
        (bool success,) = send(make(Deed.ObjectionUpheld, subject, Role.Nation));
        assertFalse(success);
        vm.warp(DECISION_DUE);
        (success,) = send(make(Deed.ObjectionUpheld, subject, Role.Province));
        assertFalse(success);
        perform(Deed.ObjectionUpheld, Role.Nation);

        assertEq(uint8(stateOf()), uint8(InventoryState.UnderVerification));
    }

    /// @dev A result that is objected to with success is accepted no more: its months are free.
    function test_UpheldObjectionFreesTheMonths() public {
        reach(InventoryState.Objected);
        perform(Deed.ObjectionUpheld);

        assertEq(registry.inventory(inventoryId()).acceptedVersion, 0);
        assertEq(registry.acceptedMonths(party, keccak256("unit 1"), 2023), 0);
        perform(Deed.Statement);
        expectRefused(make(Deed.Confirmation, subject, Role.Province), _notReviewed());
    }

    // --- restatement

    function test_RevertWhen_ReopenedBeforeItIsFinal() public {
        reach(InventoryState.Confirmed);
        expectRefused(
            make(Deed.Reopening, subject, Role.Province),
            abi.encodeWithSelector(
                IInventoryRegistry.InventoryRegistry_StillObjectable.selector, inventoryId(), OBJECTABLE_UNTIL
            )
        );
    }

    /// @dev The old result stays accepted until the new one is, and readable after.
    function test_RestatementKeepsBothResults() public {
        _submitRestatement();
        assertEq(registry.inventory(inventoryId()).acceptedVersion, 1);
        _acceptRestatement();

        IInventoryRegistry.Version memory old = registry.versionOf(inventoryId(), 1);
        IInventoryRegistry.Version memory new_ = registry.versionOf(inventoryId(), 2);
        assertEq(registry.inventory(inventoryId()).acceptedVersion, 2);
        assertEq(old.total_tCO2e, totalOf(1));
        assertEq(old.restatedBy, 2);
        assertEq(new_.total_tCO2e, totalOf(2));
        assertEq(new_.restates, 1);
        assertEq(registry.acceptedMonths(party, keccak256("unit 1"), 2023), 0xfff);
    }

    function test_RejectedRestatementLeavesTheResult() public {
        _submitRestatement();
        perform(Deed.Withdrawal);
        perform(Deed.Rejection);

        assertTrue(registry.isFinal(inventoryId()));
        assertEq(registry.inventory(inventoryId()).acceptedVersion, 1);
    }

    function test_UpheldObjectionBringsTheRestatedResultBack() public {
        _submitRestatement();
        _acceptRestatement();
        perform(Deed.Objection);
        perform(Deed.ObjectionUpheld);

        assertEq(registry.inventory(inventoryId()).acceptedVersion, 1);
        assertEq(registry.versionOf(inventoryId(), 1).restatedBy, 0);
        assertEq(registry.acceptedMonths(party, keccak256("unit 1"), 2023), 0xfff);
    }

    /// @dev A reopened inventory has no verifier: another request fixes the signers anew.
    function test_ReopeningDismissesTheSigners() public {
        reach(InventoryState.Reopened);
        perform(Deed.Submission);

        assertEq(uint8(stateOf()), uint8(InventoryState.Submitted));
        assertEq(PartyId.unwrap(registry.inventory(inventoryId()).verifier), 0);
    }

    // --- helpers

    /// @dev Give a person another key, of a party that it does not act for yet.
    function _seatElsewhere(Signer memory person, Role role) private {
        Cast memory party_ = casts[role];
        Signer memory another = makeSigner(string.concat("another key, of ", party_.code));
        IPartyRegistry.Attestation memory attested =
            IPartyRegistry.Attestation(party_.code, personOf(person), registrar.key, 0, DEADLINE);
        parties.attest(
            attested, sign(registrar, digestOf(address(parties), ATTESTATION, abi.encode(attested)))
        );
        IPartyRegistry.Appointment memory act = appointmentOf(another, RepresentativeRole.ReadOnly);
        (act.creditCode, act.approver) = (party_.code, party_.second.key);
        act.seat.persons[0] = personOf(person);
        bytes32 digest = digestOf(address(parties), APPOINTMENT, abi.encode(act));
        parties.appoint(act, sign(party_.second, digest), sign(another, digest));
    }

    /// @dev A confirmation that may be sent at any time.
    function _lateConfirmation() private returns (Act memory act) {
        act = make(Deed.Confirmation, subject, Role.Province);
        IInventoryRegistry.ResultConfirmation memory fields =
            abi.decode(act.fields, (IInventoryRegistry.ResultConfirmation));
        fields.deadline = type(uint64).max;
        act.fields = abi.encode(fields);
    }

    function _submitRestatement() private {
        reach(InventoryState.Reopened);
        perform(Deed.Submission);
    }

    function _acceptRestatement() private {
        perform(Deed.Assignment);
        perform(Deed.Statement);
        perform(Deed.Review);
        perform(Deed.Confirmation);
    }

    function _submission() private returns (IInventoryRegistry.InventorySubmission memory) {
        return submissionOf(subject, registry.inventory(inventoryId()), casts[Role.Enterprise]);
    }

    function _expectSubmissionRefused(
        IInventoryRegistry.InventorySubmission memory fields,
        bytes memory reason
    ) private {
        Act memory act = Act(
            Deed.Submission, typeOf(Deed.Submission), abi.encode(fields), initiator, approver
        );
        expectRefused(act, reason);
    }

    function _assignment(Role verifier) private returns (IInventoryRegistry.VerificationAssignment memory) {
        return assignmentOf(subject, registry.inventory(inventoryId()), casts[Role.Province], verifier);
    }

    function _assignmentAct(IInventoryRegistry.VerificationAssignment memory fields)
        private
        view
        returns (Act memory)
    {
        Cast memory province = casts[Role.Province];
        return
            Act(Deed.Assignment, typeOf(Deed.Assignment), abi.encode(fields), province.first, province.second);
    }

    function _assign(Role verifier) private {
        perform(_assignmentAct(_assignment(verifier)));
    }

    function _expectAssignmentRefused(
        IInventoryRegistry.VerificationAssignment memory fields,
        bytes memory reason
    ) private {
        expectRefused(_assignmentAct(fields), reason);
    }

    function _statement() private returns (IInventoryRegistry.VerificationStatement memory) {
        return statementOf(subject, registry.inventory(inventoryId()), casts[Role.Verifier]);
    }

    function _statementAct(IInventoryRegistry.VerificationStatement memory fields)
        private
        view
        returns (Act memory)
    {
        Cast memory verifier = casts[Role.Verifier];
        return
            Act(Deed.Statement, typeOf(Deed.Statement), abi.encode(fields), verifier.first, verifier.second);
    }

    function _expectStatementRefused(
        IInventoryRegistry.VerificationStatement memory fields,
        bytes memory reason
    ) private {
        expectRefused(_statementAct(fields), reason);
    }

    function _periodInvalid() private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IInventoryRegistry.InventoryRegistry_PeriodInvalid.selector,
            subject.periodFrom,
            subject.periodTo,
            2023
        );
    }

    function _notSeated(Role role, address key) private view returns (bytes memory) {
        return abi.encodeWithSelector(ICredentials.Credentials_NotSeated.selector, idOf(role), key);
    }

    function _resultDiffers() private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IInventoryRegistry.InventoryRegistry_ResultDiffers.selector,
            inventoryId(),
            inputsOf(subject, 1),
            totalOf(1)
        );
    }

    function _notReviewed() private view returns (bytes memory) {
        return
            abi.encodeWithSelector(IInventoryRegistry.InventoryRegistry_NotReviewed.selector, inventoryId());
    }

    function _notNamed() private view returns (bytes memory) {
        return abi.encodeWithSelector(IInventoryRegistry.InventoryRegistry_NotNamed.selector, inventoryId());
    }

    function _notObjectable() private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IInventoryRegistry.InventoryRegistry_NotObjectable.selector, inventoryId(), OBJECTABLE_UNTIL
        );
    }
}
