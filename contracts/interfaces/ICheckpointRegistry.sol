// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {LogId, PartyId} from "../types/Ids.sol";
import {IActs} from "./IActs.sol";

/// @title CheckpointRegistry
/// @notice Holds the newest checkpoint of every log and refuses a fork.
///
/// What holds after every call:
///
/// - the newest checkpoint of a log is consistent (RFC 9162) with every checkpoint anchored before it;
/// - its size only grows; only the Council's closing sets it back, once, to a pinned checkpoint;
/// - a pinned checkpoint never changes;
/// - only a log's own operator anchors to it, and nobody anchors to a closed log;
/// - a party has at most one open log.
interface ICheckpointRegistry is IActs {
    /// @notice The enterprise's act that opens its log, signed by initiator, approver and operator.
    /// @param creditCode Credit code of the enterprise; it ends the origin.
    /// @param origin Origin line: `<host>/log/<credit code>`; of successor n = 2, 3 …: `<host>/log/<credit code>-<n>`.
    /// @param predecessor Origin of the closed log that this one continues; empty for the first.
    /// @param vkeyHash SHA-256 of the log's verification key in signed-note text form.
    /// @param operator Account that anchors; it signs too.
    /// @param initiator Person of the enterprise who starts the act.
    /// @param approver Another person of the enterprise, who approves it.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct OpenLog {
        string creditCode;
        string origin;
        string predecessor;
        bytes32 vkeyHash;
        address operator;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The enterprise's act that names another operator; it takes effect when that operator accepts.
    /// @param origin Origin line of the log.
    /// @param currentOperator Operator at the time of signing: the state acted on.
    /// @param newOperator Account that shall anchor.
    /// @param initiator Person of the enterprise who starts the act.
    /// @param approver Another person of the enterprise, who approves it.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the act may take effect.
    struct OperatorChange {
        string origin;
        address currentOperator;
        address newOperator;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice One checkpoint to anchor.
    /// @param logId Log.
    /// @param size Number of entries, at least 1.
    /// @param root RFC 9162 root hash of that tree.
    /// @param proof Consistency proof from the newest anchored size to `size`; empty for the first checkpoint.
    struct Anchor {
        LogId logId;
        uint64 size;
        bytes32 root;
        bytes32[] proof;
    }

    /// @notice The newest checkpoint of a log: two words of storage, proved by `eth_getProof`.
    /// @param root Root hash; zero before the first anchor.
    /// @param operator Who anchors; zero before opening and after closing.
    /// @param size Number of entries; zero before the first anchor.
    /// @param blockNumber Block of the last change of `size`; zero before the first anchor.
    struct Log {
        bytes32 root;
        address operator;
        uint64 size;
        uint32 blockNumber;
    }

    /// @notice What is fixed about a log, and how it ended.
    /// @param party Enterprise; zero if the log was never opened.
    /// @param vkeyHash SHA-256 of the log's verification key in signed-note text form.
    /// @param predecessor The log this one continues; zero for a first log.
    /// @param successor The log that continues this one; zero while there is none.
    /// @param pendingOperator Who may accept the operation; zero while nobody is asked.
    /// @param openedAt Block time of opening, seconds.
    /// @param closedAt Block time of closing, seconds; zero while open.
    /// @param generation 1 for a first log, then one more for each successor.
    struct LogRecord {
        PartyId party;
        bytes32 vkeyHash;
        LogId predecessor;
        LogId successor;
        address pendingOperator;
        uint64 openedAt;
        uint64 closedAt;
        uint16 generation;
    }

    /// @notice An enterprise opened a log.
    event LogOpened(
        LogId indexed logId,
        PartyId indexed party,
        string origin,
        bytes32 vkeyHash,
        address operator,
        uint16 generation,
        bytes32 actDigest
    );

    /// @notice A log continues a closed one.
    event LogSucceeded(LogId indexed logId, LogId indexed successor);

    /// @notice A checkpoint became the newest of its log.
    event Anchored(LogId indexed logId, uint64 size, bytes32 root);

    /// @notice A checkpoint of a batch was refused; `reason` is the selector of the error that `anchor` would raise.
    event AnchorSkipped(LogId indexed logId, uint64 size, bytes32 root, bytes4 reason);

    /// @notice A checkpoint is kept for ever.
    event Pinned(LogId indexed logId, uint64 size, bytes32 root);

    /// @notice The enterprise named another operator.
    event OperatorChangeProposed(
        LogId indexed logId, address indexed currentOperator, address indexed newOperator, bytes32 actDigest
    );

    /// @notice Another operator accepted and anchors from now on.
    event OperatorChanged(LogId indexed logId, address indexed oldOperator, address indexed newOperator);

    /// @notice The Council closed a log at its last good checkpoint.
    event LogClosed(LogId indexed logId, uint64 size, bytes32 root, string reason);

    /// @notice The log was never opened.
    error CheckpointRegistry_UnknownLog(LogId logId);

    /// @notice The log was opened before.
    error CheckpointRegistry_AlreadyOpened(LogId logId);

    /// @notice The log is closed.
    error CheckpointRegistry_LogClosed(LogId logId);

    /// @notice The log to be continued is still open.
    error CheckpointRegistry_PredecessorOpen(LogId predecessor);

    /// @notice The log to be continued belongs to somebody else, or is not this party's last one.
    error CheckpointRegistry_PredecessorNotLast(LogId predecessor, LogId lastLog);

    /// @notice The party has a log already.
    error CheckpointRegistry_PartyHasLog(PartyId party, LogId lastLog);

    /// @notice The origin does not end in `expectedSuffix`.
    error CheckpointRegistry_OriginNotOfParty(string origin, string expectedSuffix);

    /// @notice An operator, or a verification key's hash, is missing.
    error CheckpointRegistry_FieldMissing();

    /// @notice The sender does not operate the log, or the log is closed or unknown.
    error CheckpointRegistry_NotOperator(LogId logId, address sender);

    /// @notice The operator named by the act is not the log's operator.
    error CheckpointRegistry_OperatorDiffers(LogId logId, address operator, address named);

    /// @notice The sender was not asked to operate the log.
    error CheckpointRegistry_NotPendingOperator(LogId logId, address sender);

    /// @notice The size is not greater than the newest anchored one.
    error CheckpointRegistry_SizeNotGreater(LogId logId, uint64 latestSize, uint64 size);

    /// @notice The proof does not show that the newest anchored tree is a prefix: a fork, or a wrong proof.
    error CheckpointRegistry_NotConsistent(LogId logId, uint64 latestSize, uint64 size);

    /// @notice Nothing was anchored to the log.
    error CheckpointRegistry_NothingAnchored(LogId logId);

    /// @notice A checkpoint of that size was not pinned.
    error CheckpointRegistry_NotPinned(LogId logId, uint64 size);

    /// @notice Open a log.
    /// @dev Act `OpenLog(string creditCode,string origin,string predecessor,bytes32 vkeyHash,address operator,
    /// address initiator,address approver,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    /// @param operatorSignature By `act.operator`: 65 bytes r, s, v.
    /// @return logId Name of the log.
    function openLog(
        OpenLog calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature,
        bytes calldata operatorSignature
    ) external returns (LogId logId);

    /// @notice Make a checkpoint the newest of its log. The newest checkpoint once more is accepted and does nothing.
    /// @param logId Log that the sender operates.
    /// @param size Number of entries.
    /// @param root Root hash.
    /// @param proof RFC 9162 §2.1.4 consistency proof from the newest anchored size; empty for the first checkpoint.
    function anchor(LogId logId, uint64 size, bytes32 root, bytes32[] calldata proof) external;

    /// @notice Anchor many checkpoints; a bad one is skipped with `AnchorSkipped`, and the others stand.
    /// @param anchors Checkpoints, taken in order.
    function anchorMany(Anchor[] calldata anchors) external;

    /// @notice Keep the newest checkpoint for ever; anybody may. Repeating it has no effect.
    /// @param logId Log with at least one checkpoint.
    /// @return size Its number of entries.
    /// @return root Its root hash.
    function pin(LogId logId) external returns (uint64 size, bytes32 root);

    /// @notice Keep an earlier checkpoint for ever; anybody may, with the proof that the newest tree contains it.
    /// @param logId Log.
    /// @param size Number of entries, at least 1, below the newest.
    /// @param root Root hash of that tree.
    /// @param proof Consistency proof from `size` to the newest anchored size.
    function pinEarlier(LogId logId, uint64 size, bytes32 root, bytes32[] calldata proof) external;

    /// @notice Ask another account to operate a log. A later act replaces an earlier one.
    /// @dev Act `OperatorChange(string origin,address currentOperator,address newOperator,address initiator,
    /// address approver,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    function proposeOperator(
        OperatorChange calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external;

    /// @notice Accept to operate a log, from the account that was asked; the operator before stops at once.
    /// @param logId Log.
    function acceptOperator(LogId logId) external;

    /// @notice Close a log at its last good checkpoint; the Council, when an operator key was stolen.
    /// @dev `restricted`. The checkpoint is pinned beforehand, so that the thief cannot outrun the decision.
    /// @param logId Log.
    /// @param size Size of a pinned checkpoint, or 0 for a log to which nothing was anchored.
    /// @param reason For the reader of the event.
    function closeLog(LogId logId, uint64 size, string calldata reason) external;

    /// @notice The newest checkpoint; zeros before the first anchor.
    /// @return size Number of entries.
    /// @return root Root hash.
    /// @return blockNumber Block that anchored it.
    function latest(LogId logId) external view returns (uint64 size, bytes32 root, uint64 blockNumber);

    /// @notice The two words of a log.
    function log(LogId logId) external view returns (Log memory);

    /// @notice What is fixed about a log; all zero for an unknown one.
    function logRecord(LogId logId) external view returns (LogRecord memory);

    /// @notice The pinned root hash of that size; zero if none was pinned.
    function pinnedRoot(LogId logId, uint64 size) external view returns (bytes32);

    /// @notice The party's open log, or its last one; zero if it never had one.
    function lastLogOf(PartyId party) external view returns (LogId);
}
