// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IInventoryRegistry} from "contracts/interfaces/IInventoryRegistry.sol";
import {InventoryState, InventoryStep, Sector, VerificationOpinion} from "contracts/types/Enums.sol";
import {InventoryId, inventoryIdOf} from "contracts/types/Ids.sol";

import {Credentialed} from "./Credentialed.sol";

/// @title Inventories
/// @notice Every act on an inventory, valid for its present state and signed by whom the test names.
abstract contract Inventories is Credentialed {
    /// @dev All acts; the steps in the order of {InventoryStep}.
    enum Deed {
        Draft,
        Submission,
        Assignment,
        Statement,
        Confirmation,
        Findings,
        Response,
        Review,
        Withdrawal,
        Rejection,
        Objection,
        ObjectionUpheld,
        ObjectionDismissed,
        Reopening
    }

    /// @dev An act with the keys that sign it.
    struct Act {
        Deed deed;
        string typeDefinition;
        bytes fields;
        Signer first;
        Signer second;
    }

    string private constant SUBJECT =
        "Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)";
    string private constant TAIL =
        "bytes32 previousState,address initiator,address approver,uint256 nonce,uint64 deadline)";

    /// @dev 2023-01-01 and 2024-01-01 in the reporting zone.
    uint64 internal constant YEAR_BEGIN = 1_672_502_400;
    uint64 internal constant YEAR_END = 1_704_038_400;
    /// @dev 2023-07-01 in the reporting zone.
    uint64 internal constant MID_YEAR = 1_688_140_800;

    IInventoryRegistry.Subject internal subject;

    function setUp() public virtual override {
        super.setUp();
        subject = subjectOf(Role.Enterprise, "unit 1", YEAR_BEGIN, YEAR_END);
        anchor(5);
    }

    function subjectOf(Role role, string memory unitCode, uint64 from, uint64 to)
        internal
        view
        returns (IInventoryRegistry.Subject memory)
    {
        return IInventoryRegistry.Subject(casts[role].name, casts[role].code, unitCode, from, to);
    }

    function idOf(IInventoryRegistry.Subject memory of_) internal pure returns (InventoryId) {
        return inventoryIdOf(of_.creditCode, of_.unitCode, of_.periodFrom, of_.periodTo);
    }

    function inventoryId() internal view returns (InventoryId) {
        return idOf(subject);
    }

    function stateOf() internal view returns (InventoryState) {
        return registry.inventory(inventoryId()).state;
    }

    /// @dev What is in the tree of lines of a version.
    function linesOf(IInventoryRegistry.Subject memory of_, uint32 version)
        internal
        view
        virtual
        returns (bytes32 root, uint64 count)
    {
        return (keccak256(abi.encode("lines", idOf(of_), version)), 10);
    }

    function inputsOf(IInventoryRegistry.Subject memory of_, uint32 version) internal pure returns (bytes32) {
        return keccak256(abi.encode("inputs", idOf(of_), version));
    }

    function totalOf(uint32 version) internal pure returns (uint64) {
        return version == 0 ? 0 : 1_000_000 + version;
    }

    /// @dev Whose act it is.
    function ownerOf(Deed deed) internal pure returns (Role) {
        if (deed == Deed.Statement || deed == Deed.Findings) return Role.Verifier;
        if (deed == Deed.Review) return Role.City;
        bool isEnterprises = deed == Deed.Draft || deed == Deed.Submission || deed == Deed.Response
            || deed == Deed.Withdrawal || deed == Deed.Objection;
        return isEnterprises ? Role.Enterprise : Role.Province;
    }

    /// @dev A state in which the act is possible.
    function stateBefore(Deed deed) internal pure returns (InventoryState) {
        if (deed == Deed.Draft) return InventoryState.None;
        if (deed == Deed.Submission) return InventoryState.Drafted;
        if (deed == Deed.Assignment || deed == Deed.Withdrawal) return InventoryState.Submitted;
        if (deed == Deed.Statement || deed == Deed.Findings) return InventoryState.UnderVerification;
        if (deed == Deed.Response) return InventoryState.Findings;
        if (deed == Deed.ObjectionUpheld || deed == Deed.ObjectionDismissed) return InventoryState.Objected;
        if (deed == Deed.Objection || deed == Deed.Reopening) return InventoryState.Confirmed;
        return InventoryState.Verified;
    }

    /// @dev Take the inventory of `subject` from nothing to a state, through acts that succeed.
    function reach(InventoryState state) internal {
        if (state == InventoryState.None) return;
        perform(Deed.Draft);
        if (state == InventoryState.Drafted) return;
        perform(Deed.Submission);
        if (state == InventoryState.Submitted) return;
        if (state == InventoryState.Withdrawn) return perform(Deed.Withdrawal);
        if (state == InventoryState.Rejected) return perform(Deed.Rejection);
        perform(Deed.Assignment);
        if (state == InventoryState.UnderVerification) return;
        if (state == InventoryState.Findings) return perform(Deed.Findings);
        perform(Deed.Statement);
        if (state == InventoryState.Verified) return;
        perform(Deed.Review);
        perform(Deed.Confirmation);
        if (state == InventoryState.Confirmed) return;
        if (state == InventoryState.Objected) return perform(Deed.Objection);
        skip(20 days);
        perform(Deed.Reopening);
    }

    /// @dev Take an act, by whose it is.
    function perform(Deed deed) internal {
        perform(make(deed, subject, ownerOf(deed)));
    }

    function perform(Act memory act) internal {
        (bool success, bytes memory answer) = send(act);
        assertTrue(success, vm.toString(answer));
    }

    function perform(Deed deed, Role role) internal {
        perform(make(deed, subject, role));
    }

    /// @dev Send an act from an address that has no right at all.
    function send(Act memory act) internal returns (bool success, bytes memory answer) {
        bytes32 digest = digestOf(address(registry), act.typeDefinition, act.fields);
        return send(act, sign(act.first, digest), sign(act.second, digest));
    }

    function send(Act memory act, bytes memory first, bytes memory second)
        internal
        returns (bool success, bytes memory answer)
    {
        bytes memory callData = callOf(act, first, second);
        vm.prank(anybody);
        return address(registry).call(callData);
    }

    function expectRefused(Act memory act, bytes memory reason) internal {
        bytes32 before = registry.inventory(inventoryId()).stateHash;
        (bool success, bytes memory answer) = send(act);

        assertFalse(success);
        assertEq(answer, reason);
        assertEq(registry.inventory(inventoryId()).stateHash, before);
    }

    function digestOfAct(Act memory act) internal view returns (bytes32) {
        return digestOf(address(registry), act.typeDefinition, act.fields);
    }

    /// @dev An act on the present state of an inventory, by the party of a role.
    function make(Deed deed, IInventoryRegistry.Subject memory of_, Role role)
        internal
        returns (Act memory act)
    {
        Cast memory who = casts[role];
        IInventoryRegistry.Inventory memory record = registry.inventory(idOf(of_));
        (act.deed, act.first, act.second) = (deed, who.first, who.second);
        if (deed == Deed.Draft) {
            act.fields = abi.encode(draftOf(of_, who));
        } else if (deed == Deed.Submission) {
            act.fields = abi.encode(submissionOf(of_, record, who));
        } else if (deed == Deed.Assignment) {
            act.fields = abi.encode(assignmentOf(of_, record, who, Role.Verifier));
        } else if (deed == Deed.Statement) {
            act.fields = abi.encode(statementOf(of_, record, who));
        } else if (deed == Deed.Confirmation) {
            act.fields = abi.encode(confirmationOf(of_, record, who));
        } else {
            act.fields = abi.encode(stepOf(of_, record, who));
        }
        act.typeDefinition = typeOf(deed);
    }

    function draftOf(IInventoryRegistry.Subject memory of_, Cast memory who)
        internal
        returns (IInventoryRegistry.InventoryDraft memory)
    {
        return IInventoryRegistry.InventoryDraft(
            of_, Sector.Power, 2023, sha256("draft"), who.first.key, who.second.key, ++counter, DEADLINE
        );
    }

    function submissionOf(
        IInventoryRegistry.Subject memory of_,
        IInventoryRegistry.Inventory memory record,
        Cast memory who
    ) internal returns (IInventoryRegistry.InventorySubmission memory act) {
        (act.subject, act.version, act.origin, act.logSize) = (of_, record.version + 1, ORIGIN, 5);
        act.inputsHash = inputsOf(of_, act.version);
        (act.linesRoot, act.lineCount) = linesOf(of_, act.version);
        act.total_tCO2e = totalOf(act.version);
        act.documentHash = sha256("version");
        act.laboratories = new string[](1);
        act.laboratories[0] = casts[Role.Laboratory].code;
        act.reason = act.version == 1 ? "" : "corrected";
        act.previousState = record.stateHash;
        (act.initiator, act.approver) = (who.first.key, who.second.key);
        (act.nonce, act.deadline) = (++counter, DEADLINE);
    }

    function assignmentOf(
        IInventoryRegistry.Subject memory of_,
        IInventoryRegistry.Inventory memory record,
        Cast memory who,
        Role verifier
    ) internal returns (IInventoryRegistry.VerificationAssignment memory act) {
        (act.subject, act.version) = (of_, record.version);
        (act.regulator, act.cityRegulator) = (who.code, casts[Role.City].code);
        act.verifier = casts[verifier].code;
        act.leadVerifier = casts[verifier].first.key;
        act.technicalReviewer = casts[verifier].second.key;
        act.reason = "as planned";
        act.previousState = record.stateHash;
        (act.initiator, act.approver) = (who.first.key, who.second.key);
        (act.nonce, act.deadline) = (++counter, DEADLINE);
    }

    function statementOf(
        IInventoryRegistry.Subject memory of_,
        IInventoryRegistry.Inventory memory record,
        Cast memory who
    ) internal returns (IInventoryRegistry.VerificationStatement memory) {
        return IInventoryRegistry.VerificationStatement({
            subject: of_,
            version: record.version,
            inputsHash: inputsOf(of_, record.version),
            total_tCO2e: totalOf(record.version),
            opinion: VerificationOpinion.Unmodified,
            reportHash: sha256("report"),
            previousState: record.stateHash,
            leadVerifier: who.first.key,
            technicalReviewer: who.second.key,
            nonce: ++counter,
            deadline: DEADLINE
        });
    }

    function confirmationOf(
        IInventoryRegistry.Subject memory of_,
        IInventoryRegistry.Inventory memory record,
        Cast memory who
    ) internal returns (IInventoryRegistry.ResultConfirmation memory) {
        return IInventoryRegistry.ResultConfirmation({
            subject: of_,
            version: record.version,
            regulator: who.code,
            inputsHash: inputsOf(of_, record.version),
            total_tCO2e: totalOf(record.version),
            previousState: record.stateHash,
            initiator: who.first.key,
            approver: who.second.key,
            nonce: ++counter,
            deadline: DEADLINE
        });
    }

    function stepOf(
        IInventoryRegistry.Subject memory of_,
        IInventoryRegistry.Inventory memory record,
        Cast memory who
    ) internal returns (IInventoryRegistry.Step memory) {
        return IInventoryRegistry.Step({
            subject: of_,
            version: record.version,
            actor: who.code,
            reason: "for a reason",
            documentHash: sha256("document"),
            previousState: record.stateHash,
            initiator: who.first.key,
            approver: who.second.key,
            nonce: ++counter,
            deadline: DEADLINE
        });
    }

    function stepKindOf(Deed deed) internal pure returns (InventoryStep) {
        return InventoryStep(uint8(deed) - uint8(Deed.Findings) + 1);
    }

    function typeOf(Deed deed) internal pure returns (string memory) {
        return string.concat(nameOf(deed), "(Subject subject,", _fieldsOf(deed), SUBJECT);
    }

    function callOf(Act memory act, bytes memory first, bytes memory second)
        internal
        view
        returns (bytes memory)
    {
        bytes memory fields = act.fields;
        if (act.deed == Deed.Draft) {
            return abi.encodeCall(
                registry.draft, (abi.decode(fields, (IInventoryRegistry.InventoryDraft)), first, second)
            );
        }
        if (act.deed == Deed.Submission) {
            return abi.encodeCall(
                registry.submit, (abi.decode(fields, (IInventoryRegistry.InventorySubmission)), first, second)
            );
        }
        if (act.deed == Deed.Assignment) {
            return abi.encodeCall(
                registry.assign,
                (abi.decode(fields, (IInventoryRegistry.VerificationAssignment)), first, second)
            );
        }
        if (act.deed == Deed.Statement) {
            return abi.encodeCall(
                registry.conclude,
                (abi.decode(fields, (IInventoryRegistry.VerificationStatement)), first, second)
            );
        }
        if (act.deed == Deed.Confirmation) {
            return abi.encodeCall(
                registry.confirm, (abi.decode(fields, (IInventoryRegistry.ResultConfirmation)), first, second)
            );
        }
        return abi.encodeCall(
            registry.take,
            (stepKindOf(act.deed), abi.decode(fields, (IInventoryRegistry.Step)), first, second)
        );
    }

    function nameOf(Deed deed) internal pure returns (string memory) {
        string[14] memory names = [
            "InventoryDraft",
            "InventorySubmission",
            "VerificationAssignment",
            "VerificationStatement",
            "ResultConfirmation",
            "VerificationFindings",
            "FindingsResponse",
            "CityReview",
            "InventoryWithdrawal",
            "InventoryRejection",
            "ResultObjection",
            "ObjectionUpheld",
            "ObjectionDismissed",
            "InventoryReopening"
        ];
        return names[uint8(deed)];
    }

    function _fieldsOf(Deed deed) private pure returns (string memory) {
        if (deed == Deed.Draft) {
            return "uint8 sector,uint16 reportYear,bytes32 documentHash,address initiator,address approver,uint256 nonce,uint64 deadline)";
        }
        if (deed == Deed.Submission) {
            return string.concat(
                "uint32 version,string origin,uint64 logSize,bytes32 inputsHash,bytes32 linesRoot,uint64 lineCount,uint64 total_tCO2e,bytes32 documentHash,string[] laboratories,string reason,",
                TAIL
            );
        }
        if (deed == Deed.Assignment) {
            return string.concat(
                "uint32 version,string regulator,string cityRegulator,string verifier,address leadVerifier,address technicalReviewer,string reason,",
                TAIL
            );
        }
        if (deed == Deed.Statement) {
            return "uint32 version,bytes32 inputsHash,uint64 total_tCO2e,uint8 opinion,bytes32 reportHash,bytes32 previousState,address leadVerifier,address technicalReviewer,uint256 nonce,uint64 deadline)";
        }
        if (deed == Deed.Confirmation) {
            return
                string.concat("uint32 version,string regulator,bytes32 inputsHash,uint64 total_tCO2e,", TAIL);
        }
        return string.concat("uint32 version,string actor,string reason,bytes32 documentHash,", TAIL);
    }
}
