// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bindings} from "../support/Bindings.sol";
import {MerkleModel} from "../support/MerkleModel.sol";
import {IInventoryRegistry} from "contracts/interfaces/IInventoryRegistry.sol";
import {InventoryState} from "contracts/types/Enums.sol";

/// @title InventoryHandler
/// @notice Takes four inventories of two units, some of the same months, through their acts over months: by whose act it
/// is, by others, late, twice, on another state and with another result. Each answer must be the expected one.
/// @dev The model is written from the table in {IInventoryRegistry}, not from the contract.
contract InventoryHandler is Bindings {
    struct Model {
        IInventoryRegistry.Subject subject;
        uint16 months;
        InventoryState state;
        uint32 version;
        uint32 accepted;
        Role verifier;
        bool isReviewed;
        bool hasEnterpriseObjected;
        bool hasNationObjected;
        uint64 objectableUntil;
        uint64 decisionDue;
        /// @dev By number: what was submitted, which one it restates, whether it was stated and confirmed as it stands.
        bytes32[] contents;
        uint32[] restates;
        bool[] isStated;
        bool[] isConfirmed;
    }

    uint256 private constant INVENTORIES = 4;
    uint256 private constant LATEST = START + 150 days;

    Model[] private _models;
    /// @dev By inventory and version: the line that the month of the series is bound to.
    mapping(uint256 which => mapping(uint32 version => bytes32 line)) private _boundLines;
    /// @dev Calls that took effect, to be sent again.
    bytes[] private _sent;
    mapping(string what => uint256 times) public counts;

    constructor() {
        setUp();
        _add("unit 1", YEAR_BEGIN, YEAR_END, 0xfff);
        _add("unit 1", YEAR_BEGIN, MID_YEAR, 0x03f);
        _add("unit 1", MID_YEAR, YEAR_END, 0xfc0);
        _add("unit 2", YEAR_BEGIN, YEAR_END, 0xfff);
    }

    function models() external view returns (Model[] memory) {
        return _models;
    }

    function inventoryOf(IInventoryRegistry.Subject calldata of_)
        external
        view
        returns (IInventoryRegistry.Inventory memory)
    {
        return registry.inventory(idOf(of_));
    }

    function versionOf(IInventoryRegistry.Subject calldata of_, uint32 number)
        external
        view
        returns (IInventoryRegistry.Version memory)
    {
        return registry.versionOf(idOf(of_), number);
    }

    function acceptedMonths(string calldata unitCode) external view returns (uint16) {
        return registry.acceptedMonths(party, keccak256(bytes(unitCode)), 2023);
    }

    function pinnedRoot(uint64 size) external view returns (bytes32) {
        return checkpoints.pinnedRoot(logId, size);
    }

    function isFinal(IInventoryRegistry.Subject calldata of_) external view returns (bool) {
        return registry.isFinal(idOf(of_));
    }

    // --- what may be done

    function pass(uint32 time) external {
        if (block.timestamp < LATEST) skip(time % 8 days);
    }

    function growLog() external {
        (uint64 size,,) = checkpoints.latest(logId);
        if (size < ENTRIES) anchor(size + 1);
    }

    /// @dev A few acts on the way from nothing to a confirmed result.
    function goOn(uint256 which, uint256 steps) external {
        Model storage model = _models[which % INVENTORIES];
        for (uint256 i = 0; i <= steps % 8; ++i) {
            if (!_isOnTheWay(model.state)) return;
            (Deed deed, Role role) = _nextOf(model);
            _try(model, deed, role);
        }
    }

    /// @dev Any act, by whose it is.
    function act(uint256 which, uint256 deed) external {
        Model storage model = _models[which % INVENTORIES];
        Deed tried = Deed(deed % (uint256(type(Deed).max) + 1));
        Role role = ownerOf(tried);
        if (role == Role.Verifier) role = model.verifier;
        _try(model, tried, role);
    }

    /// @dev Any act, by anybody.
    function actAs(uint256 which, uint256 deed, uint256 role) external {
        _try(
            _models[which % INVENTORIES],
            Deed(deed % (uint256(type(Deed).max) + 1)),
            Role(role % (uint256(type(Role).max) + 1))
        );
    }

    /// @dev An objection and its decision, by whom the time allows.
    function review(uint256 which, bool isNations, bool isUpheld) external {
        Model storage model = _models[which % INVENTORIES];
        if (model.state == InventoryState.Confirmed) {
            _try(model, Deed.Objection, isNations ? Role.Nation : Role.Enterprise);
        } else if (model.state == InventoryState.Objected) {
            Deed decision = isUpheld ? Deed.ObjectionUpheld : Deed.ObjectionDismissed;
            _try(model, decision, isNations ? Role.Nation : Role.Province);
        }
    }

    /// @dev A final result is opened for a restatement, when its time has come.
    function restate(uint256 which) external {
        Model storage model = _models[which % INVENTORIES];
        if (model.state != InventoryState.Confirmed || block.timestamp >= LATEST) return;
        if (block.timestamp < model.objectableUntil) vm.warp(model.objectableUntil);
        _try(model, Deed.Reopening, Role.Province);
    }

    /// @dev A line of any version is bound to the digest.
    function bindLine(uint256 which, uint32 number, bool isOther) external {
        which %= INVENTORIES;
        Model storage model = _models[which];
        number %= model.version + 1;
        bytes32 line = isOther ? OTHER_LINE : LINE;
        bool isExpected = _mayBind(which, number, line);
        Binding memory one = bindingOf(model.subject, number, line);
        uint64 size = registry.versionOf(idOf(model.subject), number).logSize;
        if (number != 0) one.proofs.path = MerkleModel.inclusionProof(leaves, DIGEST_INDEX, size);
        try binding.bind(one.scope, one.version, one.lineId, one.digest, one.proofs) {
            assertTrue(isExpected, "a line was bound against the rules");
            _boundLines[which][number] = line;
            ++counts["bound"];
        } catch {
            assertFalse(isExpected, "a line was not bound");
        }
    }

    // --- what may not

    /// @dev A result of one tonne less, stated or confirmed.
    function signAnotherResult(uint256 which) external {
        Model storage model = _models[which % INVENTORIES];
        Act memory one;
        if (model.state == InventoryState.UnderVerification) {
            one = make(Deed.Statement, model.subject, model.verifier);
            IInventoryRegistry.VerificationStatement memory fields =
                abi.decode(one.fields, (IInventoryRegistry.VerificationStatement));
            fields.total_tCO2e -= 1;
            one.fields = abi.encode(fields);
        } else if (model.state == InventoryState.Verified) {
            one = make(Deed.Confirmation, model.subject, Role.Province);
            IInventoryRegistry.ResultConfirmation memory fields =
                abi.decode(one.fields, (IInventoryRegistry.ResultConfirmation));
            fields.total_tCO2e -= 1;
            one.fields = abi.encode(fields);
        } else {
            return;
        }
        (bool success,) = send(one);
        assertFalse(success, "another result was signed");
        ++counts["another result"];
    }

    /// @dev An act signed on the state of another inventory, or of this one before.
    function actOnAnotherState(uint256 which, uint256 other, bytes32 state) external {
        Model storage model = _models[which % INVENTORIES];
        if (model.state == InventoryState.None) return;
        Act memory one = make(Deed.Submission, model.subject, Role.Enterprise);
        IInventoryRegistry.InventorySubmission memory fields =
            abi.decode(one.fields, (IInventoryRegistry.InventorySubmission));
        bytes32 present = fields.previousState;
        fields.previousState =
            other % 2 == 0 ? state : registry.inventory(idOf(_models[other % INVENTORIES].subject)).stateHash;
        if (fields.previousState == present) return;
        one.fields = abi.encode(fields);
        (bool success,) = send(one);
        assertFalse(success, "an act took effect on another state");
    }

    /// @dev What took effect once, sent again, whatever happened since.
    function replay(uint256 which) external {
        if (_sent.length == 0) return;
        (bool success,) = address(registry).call(_sent[which % _sent.length]);
        assertFalse(success, "an act was replayed");
        ++counts["replayed"];
    }

    // --- the model

    /// @dev How many inventories have a version that counts, or may come to count, and binds the digest.
    function holders() external view returns (uint256 count) {
        for (uint256 i = 0; i < INVENTORIES; ++i) {
            if (_holds(i)) ++count;
        }
    }

    function _mayBind(uint256 which, uint32 number, bytes32 line) private view returns (bool) {
        Model storage model = _models[which];
        bool holdsMonth = which < 2; // February of unit 1: the year and its first half
        bytes32 present = _boundLines[which][number];
        if (!holdsMonth || !_isLive(model, number) || (present != 0 && present != line)) return false;
        for (uint256 i = 0; i < INVENTORIES; ++i) {
            if (i != which && _holds(i)) return false;
        }
        return true;
    }

    function _holds(uint256 which) private view returns (bool) {
        Model storage model = _models[which];
        for (uint32 number = 1; number <= model.version; ++number) {
            if (_boundLines[which][number] != 0 && _isLive(model, number)) return true;
        }
        return false;
    }

    function _isLive(Model storage model, uint32 number) private view returns (bool) {
        if (number == 0) return false;
        InventoryState state = model.state;
        bool isUnderWay = state == InventoryState.Submitted || state == InventoryState.UnderVerification
            || state == InventoryState.Findings || state == InventoryState.Verified;
        bool mayBeTakenBack = state == InventoryState.Objected
            || (state == InventoryState.Confirmed && block.timestamp < model.objectableUntil);
        return number == model.accepted || (isUnderWay && number == model.version)
            || (mayBeTakenBack && model.restates[model.accepted] == number);
    }

    function _try(Model storage model, Deed deed, Role role) private {
        bool isExpected = _isPossible(model, deed, role);
        Act memory one = make(deed, model.subject, role);
        if (deed == Deed.Assignment) one = _assignmentBy(model, role);
        bytes32 digest = digestOfAct(one);
        bytes memory callData = callOf(one, sign(one.first, digest), sign(one.second, digest));
        vm.prank(anybody);
        (bool success,) = address(registry).call(callData);
        assertEq(success, isExpected, _label(model, deed, role));
        if (!success) return;
        _sent.push(callData);
        ++counts[_nameOfState(model.state)];
        _apply(model, deed, role);
    }

    /// @dev The one verifier and the other in turn.
    function _assignmentBy(Model storage model, Role role) private returns (Act memory one) {
        Role verifier = model.verifier == Role.Verifier ? Role.OtherVerifier : Role.Verifier;
        Cast memory who = casts[role];
        IInventoryRegistry.Inventory memory record = registry.inventory(idOf(model.subject));
        one = make(Deed.Assignment, model.subject, role);
        one.fields = abi.encode(assignmentOf(model.subject, record, who, verifier));
    }

    function _isPossible(Model storage model, Deed deed, Role role) private view returns (bool) {
        InventoryState state = model.state;
        bool isUnderWay = state == InventoryState.Submitted || state == InventoryState.UnderVerification
            || state == InventoryState.Findings || state == InventoryState.Verified;
        bool isEnded = state == InventoryState.Withdrawn || state == InventoryState.Rejected;
        bool isEnterprises = role == Role.Enterprise;
        if (deed == Deed.Draft) return isEnterprises && state == InventoryState.None;
        if (deed == Deed.Submission) {
            return isEnterprises
                && (isUnderWay
                    || isEnded
                    || state == InventoryState.Drafted
                    || state == InventoryState.Reopened);
        }
        if (deed == Deed.Response) return isEnterprises && state == InventoryState.Findings;
        if (deed == Deed.Withdrawal) {
            return isEnterprises
                && (state == InventoryState.Drafted || (isUnderWay && state != InventoryState.Verified));
        }
        if (deed == Deed.Assignment) return role == Role.Province && isUnderWay;
        if (deed == Deed.Statement || deed == Deed.Findings) {
            return state == InventoryState.UnderVerification && role == model.verifier;
        }
        if (deed == Deed.Review) {
            return role == Role.City && state == InventoryState.Verified && !model.isReviewed;
        }
        if (deed == Deed.Confirmation) {
            return role == Role.Province && state == InventoryState.Verified && model.isReviewed
                && _areMonthsFree(model);
        }
        if (deed == Deed.Rejection) {
            bool isRestatement = model.accepted != 0 && (isEnded || state == InventoryState.Reopened);
            return role == Role.Province && (isUnderWay || isRestatement);
        }
        return _isPossibleAfter(model, deed, role);
    }

    /// @dev What comes after a confirmation.
    function _isPossibleAfter(Model storage model, Deed deed, Role role) private view returns (bool) {
        bool isConfirmed = model.state == InventoryState.Confirmed;
        if (deed == Deed.Objection) {
            bool isFree = (role == Role.Enterprise && !model.hasEnterpriseObjected)
                || (role == Role.Nation && !model.hasNationObjected);
            bool mayBeObjectedTo = isConfirmed || model.state == InventoryState.Objected;
            return mayBeObjectedTo && isFree && block.timestamp < model.objectableUntil;
        }
        if (deed == Deed.Reopening) {
            return isConfirmed && role == Role.Province && block.timestamp >= model.objectableUntil;
        }
        bool isInTime = block.timestamp < model.decisionDue;
        return model.state == InventoryState.Objected && role == (isInTime ? Role.Province : Role.Nation);
    }

    function _apply(Model storage model, Deed deed, Role role) private {
        if (deed == Deed.Draft) {
            model.state = InventoryState.Drafted;
        } else if (deed == Deed.Submission) {
            _applySubmission(model);
        } else if (deed == Deed.Assignment) {
            model.verifier = model.verifier == Role.Verifier ? Role.OtherVerifier : Role.Verifier;
            (model.state, model.isReviewed) = (InventoryState.UnderVerification, false);
        } else if (deed == Deed.Statement) {
            model.state = InventoryState.Verified;
            model.isStated[model.version] = true;
        } else if (deed == Deed.Findings) {
            model.state = InventoryState.Findings;
        } else if (deed == Deed.Response) {
            model.state = InventoryState.UnderVerification;
        } else if (deed == Deed.Review) {
            model.isReviewed = true;
        } else if (deed == Deed.Confirmation) {
            _applyConfirmation(model);
        } else if (deed == Deed.Withdrawal) {
            _end(model, InventoryState.Withdrawn);
        } else if (deed == Deed.Rejection) {
            _end(model, model.accepted == 0 ? InventoryState.Rejected : InventoryState.Confirmed);
        } else if (deed == Deed.Reopening) {
            _end(model, InventoryState.Reopened);
        } else if (deed == Deed.Objection) {
            if (role == Role.Enterprise) model.hasEnterpriseObjected = true;
            else model.hasNationObjected = true;
            model.decisionDue = calendar.endOfWorkingDay(uint64(block.timestamp), 10);
            model.state = InventoryState.Objected;
        } else if (deed == Deed.ObjectionDismissed) {
            model.state = InventoryState.Confirmed;
        } else {
            _applyUpheld(model);
        }
    }

    function _applySubmission(Model storage model) private {
        ++model.version;
        model.isReviewed = false;
        (uint64 size, bytes32 root,) = checkpoints.latest(logId);
        (bytes32 linesRoot, uint64 lineCount) = linesOf(model.subject, model.version);
        model.contents
            .push(
                keccak256(
                    abi.encode(
                        inputsOf(model.subject, model.version),
                        linesRoot,
                        root,
                        size,
                        lineCount,
                        totalOf(model.version)
                    )
                )
            );
        model.restates.push(0);
        model.isStated.push(false);
        model.isConfirmed.push(false);
        bool hasVerifier = model.verifier != Role.Enterprise;
        model.state = hasVerifier ? InventoryState.UnderVerification : InventoryState.Submitted;
    }

    function _applyConfirmation(Model storage model) private {
        model.restates[model.version] = model.accepted;
        if (model.accepted != 0) ++counts["restated"];
        model.accepted = model.version;
        model.isConfirmed[model.version] = true;
        (model.hasEnterpriseObjected, model.hasNationObjected) = (false, false);
        model.objectableUntil = calendar.endOfWorkingDay(uint64(block.timestamp), 7);
        model.state = InventoryState.Confirmed;
        ++counts["accepted"];
    }

    function _applyUpheld(Model storage model) private {
        model.accepted = model.restates[model.version];
        model.restates[model.version] = 0;
        (model.isStated[model.version], model.isConfirmed[model.version]) = (false, false);
        (model.objectableUntil, model.isReviewed) = (0, false);
        model.state = InventoryState.UnderVerification;
        ++counts["upheld"];
    }

    /// @dev `Enterprise` stands for no verifier: it never is one.
    function _end(Model storage model, InventoryState state) private {
        (model.state, model.verifier, model.isReviewed) = (state, Role.Enterprise, false);
    }

    function _areMonthsFree(Model storage model) private view returns (bool) {
        if (model.accepted != 0) return true;
        for (uint256 i = 0; i < INVENTORIES; ++i) {
            Model storage other = _models[i];
            bool isOfUnit =
                keccak256(bytes(other.subject.unitCode)) == keccak256(bytes(model.subject.unitCode));
            if (isOfUnit && other.accepted != 0 && other.months & model.months != 0) return false;
        }
        return true;
    }

    function _isOnTheWay(InventoryState state) private pure returns (bool) {
        return state != InventoryState.Confirmed && state != InventoryState.Objected;
    }

    function _nextOf(Model storage model) private view returns (Deed, Role) {
        InventoryState state = model.state;
        if (state == InventoryState.None) return (Deed.Draft, Role.Enterprise);
        if (state == InventoryState.Submitted) return (Deed.Assignment, Role.Province);
        if (state == InventoryState.UnderVerification) return (Deed.Statement, model.verifier);
        if (state == InventoryState.Findings) return (Deed.Response, Role.Enterprise);
        if (state == InventoryState.Verified) {
            return model.isReviewed ? (Deed.Confirmation, Role.Province) : (Deed.Review, Role.City);
        }
        return (Deed.Submission, Role.Enterprise);
    }

    function _add(string memory unitCode, uint64 from, uint64 to, uint16 months) private {
        Model storage model = _models.push();
        model.subject = subjectOf(Role.Enterprise, unitCode, from, to);
        model.months = months;
        model.verifier = Role.Enterprise;
        model.contents.push(0);
        model.restates.push(0);
        model.isStated.push(false);
        model.isConfirmed.push(false);
    }

    function _label(Model storage model, Deed deed, Role role) private view returns (string memory) {
        return string.concat(
            "deed ",
            vm.toString(uint8(deed)),
            " role ",
            vm.toString(uint8(role)),
            " in ",
            _nameOfState(model.state)
        );
    }

    function _nameOfState(InventoryState state) private pure returns (string memory) {
        return string.concat("state ", vm.toString(uint8(state)));
    }
}
