// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {PartyActs} from "../acts/PartyActs.sol";
import {SamplingActs} from "../acts/SamplingActs.sol";
import {IInventoryRegistry} from "../interfaces/IInventoryRegistry.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {ISamplingDraw} from "../interfaces/ISamplingDraw.sol";
import {IWorkingCalendar} from "../interfaces/IWorkingCalendar.sol";
import {InventoryState} from "../types/Enums.sol";
import {InventoryId, PartyId, inventoryIdOf, partyIdOf} from "../types/Ids.sol";

/// @title SamplingDraw
/// @notice See the documentation in {ISamplingDraw}.
contract SamplingDraw is ISamplingDraw, PartyActs {
    using SafeCast for uint256;
    using SamplingActs for NonceCommitment;
    using SamplingActs for SamplingPlan;

    /// @inheritdoc ISamplingDraw
    uint64 public constant DRAW_BLOCKS = 12;
    bytes32 private constant DRAW_NONCE_TYPEHASH =
        keccak256("DrawNonce(bytes32 inventoryId,uint32 version,uint32 draw,bytes32 party,bytes32 nonce)");
    bytes private constant SEED_PREFIX = "carbonseal/draw/v1";
    uint8 private constant REVEAL_WORKING_DAYS = 2;
    /// @dev Places in the arrays of three.
    uint256 private constant VERIFIER = 0;
    uint256 private constant ENTERPRISE = 1;
    uint256 private constant AUTHORITY = 2;

    /// @notice The registry whose versions are sampled.
    IInventoryRegistry public immutable inventoryRegistry;
    /// @notice The calendar that counts the working days.
    IWorkingCalendar public immutable workingCalendar;

    mapping(InventoryId id => mapping(uint32 version => Draw[])) private _draws;
    /// @dev By {_keyOf} inventory, version and draw.
    mapping(bytes32 key => mapping(PartyId party => bytes32 commitment)) private _commitments;

    constructor(
        IPartyRegistry partyRegistry_,
        IInventoryRegistry inventoryRegistry_,
        IWorkingCalendar workingCalendar_
    ) PartyActs(partyRegistry_) {
        inventoryRegistry = inventoryRegistry_;
        workingCalendar = workingCalendar_;
    }

    /// @inheritdoc ISamplingDraw
    function commitNonce(
        NonceCommitment calldata act,
        bytes calldata initiatorSignature,
        bytes calldata approverSignature
    ) external {
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        InventoryId id = _idOf(act.subject);
        PartyId party = partyIdOf(act.actor);
        _requireTwoPersons(party, digest, act.initiator, initiatorSignature, act.approver, approverSignature);
        _requireName(partyIdOf(act.subject.creditCode), act.subject.enterprise);
        require(act.version != 0 && act.commitment != bytes32(0), SamplingDraw_FieldMissing());
        uint32 last = drawCount(id, act.version);
        require(act.draw > last, SamplingDraw_NotNext(id, act.version, last + 1, act.draw));
        bytes32 key = _keyOf(id, act.version, act.draw);
        require(
            _commitments[key][party] == bytes32(0), SamplingDraw_Committed(id, act.version, act.draw, party)
        );

        _commitments[key][party] = act.commitment;
        emit NonceCommitted(id, act.version, party, act.draw, act.commitment, digest);
    }

    /// @inheritdoc ISamplingDraw
    function freezePlan(
        SamplingPlan calldata act,
        bytes calldata leadSignature,
        bytes calldata reviewerSignature
    ) external {
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        InventoryId id = _idOf(act.subject);
        IInventoryRegistry.Inventory memory record = inventoryRegistry.inventory(id);
        _requireUnderVerification(id, act, record);
        _requireTwoPersons(
            record.verifier, digest, act.leadVerifier, leadSignature, act.technicalReviewer, reviewerSignature
        );
        uint32 next = drawCount(id, act.version) + 1;
        require(act.draw == next, SamplingDraw_NotNext(id, act.version, next, act.draw));
        require(_isComplete(act), SamplingDraw_FieldMissing());

        Draw storage draw = _draws[id][act.version].push();
        draw.parties = [record.verifier, record.enterprise, record.regulator];
        _commit(draw, _keyOf(id, act.version, act.draw), act.commitment);
        _fill(draw, id, act);
        emit PlanFrozen(id, act.version, act.draw, draw, act.reason, digest);
    }

    /// @inheritdoc ISamplingDraw
    function storeBlockHash(InventoryId id, uint32 version, uint32 number) external {
        Draw storage draw = _found(id, version, number);
        require(draw.blockHash == bytes32(0), SamplingDraw_NotAtThisStep(id, version, number));
        uint64 drawBlock = draw.drawBlock;
        require(block.number > drawBlock, SamplingDraw_TooEarly(drawBlock, block.number));

        bytes32 hash = blockhash(drawBlock);
        if (hash == bytes32(0)) {
            // A block to come, so that nobody chooses among hashes that are known.
            uint256 passed = block.number - draw.frozenAt;
            draw.drawBlock = (draw.frozenAt + (passed / DRAW_BLOCKS + 1) * DRAW_BLOCKS).toUint64();
            emit DrawBlockMoved(id, version, number, draw.drawBlock);
            return;
        }
        draw.blockHash = hash;
        draw.revealUntil = workingCalendar.endOfWorkingDay(block.timestamp.toUint64(), REVEAL_WORKING_DAYS);
        emit BlockHashStored(id, version, number, drawBlock, hash, draw.revealUntil);
    }

    /// @inheritdoc ISamplingDraw
    function reveal(InventoryId id, uint32 version, uint32 number, PartyId party, bytes32 nonce) external {
        Draw storage draw = _found(id, version, number);
        require(
            draw.blockHash != bytes32(0) && !draw.isSettled, SamplingDraw_NotAtThisStep(id, version, number)
        );
        require(block.timestamp < draw.revealUntil, SamplingDraw_TooLate(draw.revealUntil));
        uint256 place = _placeOf(draw, party);
        bool isCommitted = place < 3 && nonce != bytes32(0) && draw.nonces[place] == bytes32(0)
            && draw.commitments[place] == commitmentOf(id, version, number, party, nonce);
        require(isCommitted, SamplingDraw_NotCommitted(party, nonce));

        draw.nonces[place] = nonce;
        emit NonceRevealed(id, version, number, party, nonce);
        if (_isAllRevealed(draw)) _settle(draw, id, version, number);
    }

    /// @inheritdoc ISamplingDraw
    function settle(InventoryId id, uint32 version, uint32 number) external {
        Draw storage draw = _found(id, version, number);
        require(
            draw.blockHash != bytes32(0) && !draw.isSettled, SamplingDraw_NotAtThisStep(id, version, number)
        );
        require(block.timestamp >= draw.revealUntil, SamplingDraw_StillOpen(draw.revealUntil));
        for (uint256 i = 0; i < 3; ++i) {
            if (draw.nonces[i] != bytes32(0)) continue;
            emit NonceMissing(id, version, number, draw.parties[i], draw.commitments[i] != bytes32(0));
        }
        _settle(draw, id, version, number);
    }

    /// @inheritdoc ISamplingDraw
    function drawOf(InventoryId id, uint32 version, uint32 number) external view returns (Draw memory draw) {
        if (number != 0 && number <= drawCount(id, version)) draw = _draws[id][version][number - 1];
    }

    /// @inheritdoc ISamplingDraw
    function committed(InventoryId id, uint32 version, uint32 number, PartyId party)
        external
        view
        returns (bytes32)
    {
        return _commitments[_keyOf(id, version, number)][party];
    }

    /// @inheritdoc ISamplingDraw
    function drawCount(InventoryId id, uint32 version) public view returns (uint32) {
        return _draws[id][version].length.toUint32();
    }

    /// @inheritdoc ISamplingDraw
    function commitmentOf(InventoryId id, uint32 version, uint32 number, PartyId party, bytes32 nonce)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(DRAW_NONCE_TYPEHASH, id, version, number, party, nonce));
    }

    function _settle(Draw storage draw, InventoryId id, uint32 version, uint32 number) private {
        bytes32 seed = sha256(
            abi.encodePacked(SEED_PREFIX, id, draw.planHash, draw.populationRoot, draw.nonces, draw.blockHash)
        );
        bool isStrict = !_isAllRevealed(draw);
        (draw.seed, draw.isStrict, draw.isSettled) = (seed, isStrict, true);
        emit DrawSettled(id, version, number, seed, isStrict);
    }

    /// @dev Take over what the parties committed to; one that did not has no commitment for ever.
    function _commit(Draw storage draw, bytes32 key, bytes32 verifiers) private {
        draw.commitments[VERIFIER] = verifiers;
        draw.commitments[ENTERPRISE] = _commitments[key][draw.parties[ENTERPRISE]];
        draw.commitments[AUTHORITY] = _commitments[key][draw.parties[AUTHORITY]];
    }

    /// @dev Write down what is drawn from, and when.
    function _fill(Draw storage draw, InventoryId id, SamplingPlan calldata act) private {
        IInventoryRegistry.Version memory content = inventoryRegistry.versionOf(id, act.version);
        require(
            content.logRoot == act.populationRoot,
            SamplingDraw_PopulationDiffers(id, content.logRoot, act.populationRoot)
        );
        (draw.planHash, draw.populationRoot) = (act.planHash, act.populationRoot);
        (draw.populationSize, draw.drawVersion) = (content.logSize, act.drawVersion);
        draw.frozenAt = block.number.toUint64();
        draw.drawBlock = draw.frozenAt + DRAW_BLOCKS;
    }

    /// @dev Check that the inventory is what the act names: its state, its version, its verifier.
    function _requireUnderVerification(
        InventoryId id,
        SamplingPlan calldata act,
        IInventoryRegistry.Inventory memory record
    ) private view {
        require(
            record.stateHash == act.previousState,
            SamplingDraw_StateDiffers(id, record.stateHash, act.previousState)
        );
        bool isUnderWay =
            record.state == InventoryState.UnderVerification || record.state == InventoryState.Findings;
        require(
            isUnderWay && record.version == act.version, SamplingDraw_NotUnderVerification(id, act.version)
        );
        _requireName(record.enterprise, act.subject.enterprise);
        require(
            partyIdOf(act.verifier) == record.verifier && act.leadVerifier == record.leadVerifier
                && act.technicalReviewer == record.technicalReviewer,
            SamplingDraw_NotNamed(id)
        );
    }

    function _requireName(PartyId enterprise, string calldata name) private view {
        require(
            partyRegistry.partyRecord(enterprise).nameHash == keccak256(bytes(name)),
            SamplingDraw_NameDiffers(enterprise, name)
        );
    }

    function _found(InventoryId id, uint32 version, uint32 number) private view returns (Draw storage) {
        require(number != 0 && number <= drawCount(id, version), SamplingDraw_Unknown(id, version, number));
        return _draws[id][version][number - 1];
    }

    function _placeOf(Draw storage draw, PartyId party) private view returns (uint256 place) {
        while (place < 3 && draw.parties[place] != party) ++place;
    }

    function _isAllRevealed(Draw storage draw) private view returns (bool) {
        return draw.nonces[VERIFIER] != bytes32(0) && draw.nonces[ENTERPRISE] != bytes32(0)
            && draw.nonces[AUTHORITY] != bytes32(0);
    }

    function _isComplete(SamplingPlan calldata act) private pure returns (bool) {
        bool hasReason = bytes(act.reason).length != 0;
        return act.planHash != bytes32(0) && act.commitment != bytes32(0) && act.drawVersion != 0
            && hasReason == (act.draw != 1);
    }

    function _idOf(IInventoryRegistry.Subject calldata subject) private pure returns (InventoryId) {
        return inventoryIdOf(subject.creditCode, subject.unitCode, subject.periodFrom, subject.periodTo);
    }

    function _keyOf(InventoryId id, uint32 version, uint32 number) private pure returns (bytes32) {
        return keccak256(abi.encode(id, version, number));
    }
}
