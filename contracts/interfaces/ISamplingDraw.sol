// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {InventoryId, PartyId} from "../types/Ids.sol";
import {IActs} from "./IActs.sol";
import {IInventoryRegistry} from "./IInventoryRegistry.sol";

/// @title SamplingDraw
/// @notice Draws the seed of a verifier's sample, so that none of those who take part can choose it: commit, then draw.
///
/// | step | by whom | when |
/// | --- | --- | --- |
/// | commit to a nonce | enterprise and provincial authority, two persons each | before the plan is frozen |
/// | freeze the plan | lead verifier and technical reviewer, with the verifier's own commitment | while verifying |
/// | store the block hash | anybody | from the block after the draw block on, within 256 blocks |
/// | reveal a nonce | anybody who knows it | within 2 working days of the stored block hash |
/// | settle | anybody; the last nonce does it too | when all are revealed, or the time is over |
///
/// The plan's document says what is drawn from, how, and two sizes. The sample has the strict size if a party withheld
/// its nonce, or never committed to one. What holds after every call:
///
/// - a frozen plan never changes; another plan for the version needs a reason, and both stay readable;
/// - the seed commits to the plan, to the population and to nonces that were fixed before the block of the draw;
/// - no nonce is taken before the block hash is stored, nor after its time;
/// - a settled draw never changes.
interface ISamplingDraw is IActs {
    /// @notice A party's act that fixes its nonce for a draw to come, without showing it.
    /// @param subject Inventory.
    /// @param version Version whose sample is drawn.
    /// @param draw Number of the draw for that version, from 1 on.
    /// @param actor Code of the party: the enterprise, or the authority that assigns the verifier.
    /// @param commitment {commitmentOf} the nonce.
    /// @param initiator Initiator of the party.
    /// @param approver Approver of the party.
    /// @param nonce Any number that was not used with the same fields; not the committed one.
    /// @param deadline Last second at which the act may take effect.
    struct NonceCommitment {
        IInventoryRegistry.Subject subject;
        uint32 version;
        uint32 draw;
        string actor;
        bytes32 commitment;
        address initiator;
        address approver;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice The verifier's act that freezes a plan.
    /// @param subject Inventory.
    /// @param version Newest version.
    /// @param draw Number of the draw for that version: one more than the last.
    /// @param verifier Code of the verifier that was assigned.
    /// @param planHash SHA-256 of the plan's document.
    /// @param populationRoot Root of the checkpoint that was pinned for the version: what is drawn from.
    /// @param drawVersion Version of the way of drawing (docs/formats/sampling.md).
    /// @param commitment {commitmentOf} the verifier's nonce.
    /// @param reason Why there is another plan; empty for the first only.
    /// @param previousState State hash of the inventory that is acted on.
    /// @param leadVerifier The one who was assigned.
    /// @param technicalReviewer The one who was assigned.
    /// @param nonce Any number that was not used with the same fields; not the committed one.
    /// @param deadline Last second at which the act may take effect.
    struct SamplingPlan {
        IInventoryRegistry.Subject subject;
        uint32 version;
        uint32 draw;
        string verifier;
        bytes32 planHash;
        bytes32 populationRoot;
        uint16 drawVersion;
        bytes32 commitment;
        string reason;
        bytes32 previousState;
        address leadVerifier;
        address technicalReviewer;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A draw. Of three, the first is the verifier, the second the enterprise, the third the authority.
    /// @param planHash SHA-256 of the plan's document; zero if there is no such draw.
    /// @param populationRoot Root of the pinned checkpoint.
    /// @param populationSize Entries of the pinned checkpoint.
    /// @param frozenAt Block in which the plan was frozen.
    /// @param drawBlock Block whose hash goes into the seed.
    /// @param revealUntil First second at which no nonce is taken any more; 0 while the block hash is not stored.
    /// @param drawVersion Version of the way of drawing.
    /// @param isStrict Whether the sample has the strict size; known when settled.
    /// @param isSettled Whether the seed is there.
    /// @param blockHash Hash of the draw block; zero while it is not stored.
    /// @param seed Seed; zero while not settled.
    /// @param parties Who takes part.
    /// @param commitments Commitments to their nonces; zero for one who made none.
    /// @param nonces Revealed nonces; zero for one who did not.
    struct Draw {
        bytes32 planHash;
        bytes32 populationRoot;
        uint64 populationSize;
        uint64 frozenAt;
        uint64 drawBlock;
        uint64 revealUntil;
        uint16 drawVersion;
        bool isStrict;
        bool isSettled;
        bytes32 blockHash;
        bytes32 seed;
        PartyId[3] parties;
        bytes32[3] commitments;
        bytes32[3] nonces;
    }

    /// @notice A party fixed its nonce for a draw.
    event NonceCommitted(
        InventoryId indexed id,
        uint32 indexed version,
        PartyId indexed party,
        uint32 draw,
        bytes32 commitment,
        bytes32 actDigest
    );

    /// @notice A plan was frozen.
    event PlanFrozen(
        InventoryId indexed id,
        uint32 indexed version,
        uint32 indexed draw,
        Draw content,
        string reason,
        bytes32 actDigest
    );

    /// @notice The block of the draw was missed; another one, still to come, takes its place.
    event DrawBlockMoved(
        InventoryId indexed id, uint32 indexed version, uint32 indexed draw, uint64 drawBlock
    );

    /// @notice The hash of the draw block was stored; nonces are taken until `revealUntil`.
    event BlockHashStored(
        InventoryId indexed id,
        uint32 indexed version,
        uint32 indexed draw,
        uint64 drawBlock,
        bytes32 blockHash,
        uint64 revealUntil
    );

    /// @notice A nonce was revealed.
    event NonceRevealed(
        InventoryId indexed id, uint32 indexed version, uint32 indexed draw, PartyId party, bytes32 nonce
    );

    /// @notice A party that takes part gave no nonce. `hadCommitted` says whether it withheld one.
    event NonceMissing(
        InventoryId indexed id, uint32 indexed version, uint32 indexed draw, PartyId party, bool hadCommitted
    );

    /// @notice The seed is there.
    event DrawSettled(
        InventoryId indexed id, uint32 indexed version, uint32 indexed draw, bytes32 seed, bool isStrict
    );

    /// @notice A field that must not be empty or zero is.
    error SamplingDraw_FieldMissing();

    /// @notice The name is not the enterprise's.
    error SamplingDraw_NameDiffers(PartyId enterprise, string name);

    /// @notice The party committed for that draw before.
    error SamplingDraw_Committed(InventoryId id, uint32 version, uint32 draw, PartyId party);

    /// @notice The plan of that draw is frozen already, or it is not the next one.
    error SamplingDraw_NotNext(InventoryId id, uint32 version, uint32 expected, uint32 named);

    /// @notice The act was signed for another state of the inventory.
    error SamplingDraw_StateDiffers(InventoryId id, bytes32 stateHash, bytes32 named);

    /// @notice The inventory is not under verification, in this version.
    error SamplingDraw_NotUnderVerification(InventoryId id, uint32 version);

    /// @notice The verifier or the keys are not those that were assigned.
    error SamplingDraw_NotNamed(InventoryId id);

    /// @notice The root is not that of the checkpoint that was pinned for the version.
    error SamplingDraw_PopulationDiffers(InventoryId id, bytes32 logRoot, bytes32 named);

    /// @notice There is no such draw.
    error SamplingDraw_Unknown(InventoryId id, uint32 version, uint32 draw);

    /// @notice The draw block is still to come.
    error SamplingDraw_TooEarly(uint64 drawBlock, uint256 blockNumber);

    /// @notice The block hash is not stored yet, or was stored before.
    error SamplingDraw_NotAtThisStep(InventoryId id, uint32 version, uint32 draw);

    /// @notice The time to reveal has passed.
    error SamplingDraw_TooLate(uint64 revealUntil);

    /// @notice The time to reveal has not passed, and a nonce is missing.
    error SamplingDraw_StillOpen(uint64 revealUntil);

    /// @notice The party takes no part, committed to another nonce or to none, or revealed it before.
    error SamplingDraw_NotCommitted(PartyId party, bytes32 nonce);

    /// @notice Fix a party's nonce for a draw to come.
    /// @dev Act `NonceCommitment(Subject subject,uint32 version,uint32 draw,string actor,bytes32 commitment,
    /// address initiator,address approver,uint256 nonce,uint64 deadline)`, followed by `Subject(string enterprise,
    /// string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)`, here and below.
    /// @param act The act.
    /// @param initiatorSignature By `act.initiator`.
    /// @param approverSignature By `act.approver`, another person.
    function commitNonce(
        NonceCommitment calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external;

    /// @notice Freeze a plan.
    /// @dev Act `SamplingPlan(Subject subject,uint32 version,uint32 draw,string verifier,bytes32 planHash,
    /// bytes32 populationRoot,uint16 drawVersion,bytes32 commitment,string reason,bytes32 previousState,
    /// address leadVerifier,address technicalReviewer,uint256 nonce,uint64 deadline)`.
    /// @param act The act.
    /// @param leadSignature By `act.leadVerifier`.
    /// @param reviewerSignature By `act.technicalReviewer`, another person.
    function freezePlan(
        SamplingPlan calldata act,
        bytes calldata leadSignature,
        bytes calldata reviewerSignature
    ) external;

    /// @notice Store the hash of the draw block. Missed by 256 blocks, the next multiple of {DRAW_BLOCKS} after the
    /// present block takes its place.
    function storeBlockHash(InventoryId id, uint32 version, uint32 draw) external;

    /// @notice Reveal a party's nonce; the last one settles the draw.
    function reveal(InventoryId id, uint32 version, uint32 draw, PartyId party, bytes32 nonce) external;

    /// @notice Settle a draw whose time to reveal is over; whose nonce is missing is recorded.
    function settle(InventoryId id, uint32 version, uint32 draw) external;

    /// @notice A draw; all zero for an unknown one.
    function drawOf(InventoryId id, uint32 version, uint32 draw) external view returns (Draw memory);

    /// @notice How many plans were frozen for a version.
    function drawCount(InventoryId id, uint32 version) external view returns (uint32);

    /// @notice What a party committed to for a draw; zero for nothing.
    function committed(InventoryId id, uint32 version, uint32 draw, PartyId party)
        external
        view
        returns (bytes32);

    /// @notice What a nonce is committed to as: `keccak256(abi.encode(DRAW_NONCE_TYPEHASH, id, version, draw, party,
    /// nonce))`.
    function commitmentOf(InventoryId id, uint32 version, uint32 draw, PartyId party, bytes32 nonce)
        external
        pure
        returns (bytes32);

    /// @notice Blocks from a frozen plan to its draw block, and between the blocks that may take its place.
    function DRAW_BLOCKS() external view returns (uint64);
}
