// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {CheckpointActs} from "../acts/CheckpointActs.sol";
import {PartyActs} from "../acts/PartyActs.sol";
import {Governed} from "../governance/Governed.sol";
import {ICheckpointRegistry} from "../interfaces/ICheckpointRegistry.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Rfc9162} from "../libraries/Rfc9162.sol";
import {LogId, NO_LOG, NO_PARTY, PartyId, logIdOf, partyIdOf} from "../types/Ids.sol";
import {LogHead, LogHeadLibrary} from "../types/LogHead.sol";

/// @title CheckpointRegistry
/// @notice See the documentation in {ICheckpointRegistry}.
contract CheckpointRegistry is ICheckpointRegistry, PartyActs, Governed {
    using CheckpointActs for OpenLog;
    using CheckpointActs for OperatorChange;
    using SafeCast for uint256;

    /// @dev {ICheckpointRegistry.Log} as it is stored.
    struct Newest {
        bytes32 root;
        LogHead head;
    }

    /// @dev A checkpoint is not refused.
    bytes4 private constant ACCEPTED = bytes4(0);

    /// @dev The newest checkpoint of each log: all that an anchor touches.
    mapping(LogId logId => Newest) private _logs;
    mapping(LogId logId => LogRecord) private _records;
    mapping(LogId logId => mapping(uint64 size => bytes32 root)) private _pinnedRoots;
    mapping(PartyId party => LogId logId) private _lastLogs;

    constructor(address authority_, IPartyRegistry partyRegistry_)
        PartyActs(partyRegistry_)
        Governed(authority_)
    {}

    /// @inheritdoc ICheckpointRegistry
    function closeLog(LogId logId, uint64 size, string calldata reason) external restricted {
        LogRecord storage record = _openRecord(logId);
        bytes32 root = _pinnedRoots[logId][size];
        bool neverAnchored = size == 0 && _logs[logId].head.size() == 0;
        require(root != bytes32(0) || neverAnchored, CheckpointRegistry_NotPinned(logId, size));

        record.closedAt = block.timestamp.toUint64();
        delete record.pendingOperator;
        _logs[logId] = Newest(root, LogHeadLibrary.pack(address(0), size, block.number.toUint32()));

        emit LogClosed(logId, size, root, reason);
    }

    /// @inheritdoc ICheckpointRegistry
    function openLog(
        OpenLog calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature,
        bytes calldata operatorSignature
    ) external returns (LogId logId) {
        PartyId party = partyIdOf(act.creditCode);
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireTwoPersons(party, digest, act.initiator, initiatorSignature, act.approver, approverSignature);
        _requireSigned(digest, act.operator, operatorSignature);
        return _open(act, party, digest);
    }

    /// @inheritdoc ICheckpointRegistry
    function anchor(LogId logId, uint64 size, bytes32 root, bytes32[] calldata proof) external {
        LogHead head = _logs[logId].head;
        bytes4 refusal = _refusal(logId, head, size, root, proof);
        require(
            refusal != CheckpointRegistry_NotOperator.selector,
            CheckpointRegistry_NotOperator(logId, msg.sender)
        );
        require(
            refusal != CheckpointRegistry_SizeNotGreater.selector,
            CheckpointRegistry_SizeNotGreater(logId, head.size(), size)
        );
        require(
            refusal != CheckpointRegistry_NotConsistent.selector,
            CheckpointRegistry_NotConsistent(logId, head.size(), size)
        );

        _advance(logId, head, size, root);
    }

    /// @inheritdoc ICheckpointRegistry
    function anchorMany(Anchor[] calldata anchors) external {
        for (uint256 i = 0; i < anchors.length; ++i) {
            Anchor calldata one = anchors[i];
            LogHead head = _logs[one.logId].head;
            bytes4 refusal = _refusal(one.logId, head, one.size, one.root, one.proof);
            if (refusal == ACCEPTED) _advance(one.logId, head, one.size, one.root);
            else emit AnchorSkipped(one.logId, one.size, one.root, refusal);
        }
    }

    /// @inheritdoc ICheckpointRegistry
    function pin(LogId logId) external returns (uint64 size, bytes32 root) {
        (size, root) = (_logs[logId].head.size(), _logs[logId].root);
        require(size != 0, CheckpointRegistry_NothingAnchored(logId));

        _pin(logId, size, root);
    }

    /// @inheritdoc ICheckpointRegistry
    function pinEarlier(LogId logId, uint64 size, bytes32 root, bytes32[] calldata proof) external {
        uint64 newestSize = _logs[logId].head.size();
        require(
            size != 0 && Rfc9162.isConsistent(size, root, newestSize, _logs[logId].root, proof),
            CheckpointRegistry_NotConsistent(logId, newestSize, size)
        );

        _pin(logId, size, root);
    }

    /// @inheritdoc ICheckpointRegistry
    function proposeOperator(
        OperatorChange calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external {
        LogId logId = logIdOf(act.origin);
        LogRecord storage record = _openRecord(logId);
        address operator = _logs[logId].head.operator();
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireTwoPersons(
            record.party, digest, act.initiator, initiatorSignature, act.approver, approverSignature
        );
        require(
            operator == act.currentOperator,
            CheckpointRegistry_OperatorDiffers(logId, operator, act.currentOperator)
        );
        require(act.newOperator != address(0), CheckpointRegistry_FieldMissing());

        record.pendingOperator = act.newOperator;
        emit OperatorChangeProposed(logId, operator, act.newOperator, digest);
    }

    /// @inheritdoc ICheckpointRegistry
    function acceptOperator(LogId logId) external {
        LogRecord storage record = _openRecord(logId);
        LogHead head = _logs[logId].head;
        require(
            msg.sender == record.pendingOperator, CheckpointRegistry_NotPendingOperator(logId, msg.sender)
        );

        delete record.pendingOperator;
        _logs[logId].head = LogHeadLibrary.pack(msg.sender, head.size(), head.blockNumber());
        emit OperatorChanged(logId, head.operator(), msg.sender);
    }

    /// @inheritdoc ICheckpointRegistry
    function latest(LogId logId) external view returns (uint64 size, bytes32 root, uint64 blockNumber) {
        Log memory newest = log(logId);
        return (newest.size, newest.root, newest.blockNumber);
    }

    /// @inheritdoc ICheckpointRegistry
    function logRecord(LogId logId) external view returns (LogRecord memory) {
        return _records[logId];
    }

    /// @inheritdoc ICheckpointRegistry
    function pinnedRoot(LogId logId, uint64 size) external view returns (bytes32) {
        return _pinnedRoots[logId][size];
    }

    /// @inheritdoc ICheckpointRegistry
    function lastLogOf(PartyId party) external view returns (LogId) {
        return _lastLogs[party];
    }

    /// @inheritdoc ICheckpointRegistry
    function log(LogId logId) public view returns (Log memory) {
        LogHead head = _logs[logId].head;
        return Log(_logs[logId].root, head.operator(), head.size(), head.blockNumber());
    }

    /// @dev Open the log of an act whose signatures hold.
    function _open(OpenLog calldata act, PartyId party, bytes32 digest) private returns (LogId logId) {
        logId = logIdOf(act.origin);
        LogId predecessor = bytes(act.predecessor).length == 0 ? NO_LOG : logIdOf(act.predecessor);
        uint16 generation = _nextGeneration(party, predecessor);
        _requireOrigin(act.origin, act.creditCode, generation);
        require(_records[logId].party == NO_PARTY, CheckpointRegistry_AlreadyOpened(logId));
        require(act.vkeyHash != bytes32(0), CheckpointRegistry_FieldMissing());

        _records[logId] = LogRecord({
            party: party,
            vkeyHash: act.vkeyHash,
            predecessor: predecessor,
            successor: NO_LOG,
            pendingOperator: address(0),
            openedAt: block.timestamp.toUint64(),
            closedAt: 0,
            generation: generation
        });
        _logs[logId].head = LogHeadLibrary.pack(act.operator, 0, 0);
        _lastLogs[party] = logId;
        emit LogOpened(logId, party, act.origin, act.vkeyHash, act.operator, generation, digest);

        if (predecessor == NO_LOG) return logId;
        _records[predecessor].successor = logId;
        emit LogSucceeded(predecessor, logId);
    }

    /// @dev The selector of the error that `anchor` raises for this checkpoint, or `ACCEPTED`.
    function _refusal(LogId logId, LogHead head, uint64 size, bytes32 root, bytes32[] calldata proof)
        private
        view
        returns (bytes4)
    {
        if (msg.sender != head.operator()) return CheckpointRegistry_NotOperator.selector;
        uint64 newestSize = head.size();
        bytes32 newestRoot = _logs[logId].root;
        if (size == newestSize && root == newestRoot) return ACCEPTED;
        if (size <= newestSize) return CheckpointRegistry_SizeNotGreater.selector;
        bool isContinuation = newestSize == 0
            ? proof.length == 0
            : Rfc9162.isConsistent(newestSize, newestRoot, size, root, proof);
        return isContinuation ? ACCEPTED : CheckpointRegistry_NotConsistent.selector;
    }

    /// @dev Store an accepted checkpoint; the newest one again changes nothing.
    function _advance(LogId logId, LogHead head, uint64 size, bytes32 root) private {
        if (size == head.size()) return;
        _logs[logId].root = root;
        _logs[logId].head = LogHeadLibrary.pack(head.operator(), size, block.number.toUint32());
        emit Anchored(logId, size, root);
    }

    function _pin(LogId logId, uint64 size, bytes32 root) private {
        if (_pinnedRoots[logId][size] != bytes32(0)) return;
        _pinnedRoots[logId][size] = root;
        emit Pinned(logId, size, root);
    }

    function _openRecord(LogId logId) private view returns (LogRecord storage record) {
        record = _records[logId];
        require(record.party != NO_PARTY, CheckpointRegistry_UnknownLog(logId));
        require(record.closedAt == 0, CheckpointRegistry_LogClosed(logId));
    }

    /// @dev The generation of the party's next log, which continues `predecessor`, its last one.
    function _nextGeneration(PartyId party, LogId predecessor) private view returns (uint16) {
        LogId last = _lastLogs[party];
        require(last == NO_LOG || predecessor != NO_LOG, CheckpointRegistry_PartyHasLog(party, last));
        require(predecessor == last, CheckpointRegistry_PredecessorNotLast(predecessor, last));
        if (last == NO_LOG) return 1;
        require(_records[last].closedAt != 0, CheckpointRegistry_PredecessorOpen(last));
        return _records[last].generation + 1;
    }

    /// @dev A log's origin ends with its party's code, so that nobody opens a log in another's name.
    function _requireOrigin(string calldata origin, string calldata creditCode, uint16 generation)
        private
        pure
    {
        string memory number = generation == 1 ? "" : string.concat("-", Strings.toString(generation));
        string memory suffix = string.concat("/log/", creditCode, number);
        uint256 length = bytes(origin).length;
        uint256 suffixLength = bytes(suffix).length;
        require(
            length > suffixLength
                && keccak256(bytes(origin)[length - suffixLength:]) == keccak256(bytes(suffix)),
            CheckpointRegistry_OriginNotOfParty(origin, suffix)
        );
    }
}
