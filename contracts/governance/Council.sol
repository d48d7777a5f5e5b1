// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Acts} from "../acts/Acts.sol";
import {CouncilActs} from "../acts/CouncilActs.sol";
import {ICouncil} from "../interfaces/ICouncil.sol";

/// @title Council
/// @notice See the documentation in {ICouncil}.
contract Council is ICouncil, Acts {
    using CouncilActs for Decision;
    using CouncilActs for Veto;
    using SafeCast for uint256;

    uint256 private constant MIN_MEMBERS = 3;
    uint256 private constant MAX_MEMBERS = 16;
    uint64 private constant MAX_DELAY = 30 days;

    /// @inheritdoc ICouncil
    uint64 public immutable delay;

    /// @inheritdoc ICouncil
    uint8 public threshold;
    /// @inheritdoc ICouncil
    uint32 public term;
    Member[] private _members;
    /// @dev Seat of each member of a term, counted from 1.
    mapping(uint32 term => mapping(address key => uint8 seat)) private _seats;
    mapping(bytes32 decisionDigest => Ballot) private _ballots;

    constructor(Member[] memory firstMembers, uint8 firstThreshold, uint64 delay_) {
        require(delay_ <= MAX_DELAY, Council_DelayInvalid(delay_));
        delay = delay_;
        _setMembers(firstMembers, firstThreshold);
    }

    /// @inheritdoc ICouncil
    function setMembers(Member[] calldata newMembers, uint8 newThreshold) external {
        require(msg.sender == address(this), Council_OnlyByDecision(msg.sender));
        _setMembers(newMembers, newThreshold);
    }

    /// @inheritdoc ICouncil
    function endorse(Decision calldata decision, address[] calldata signers, bytes[] calldata signatures)
        external
    {
        bytes32 digest = _openDecision(decision);
        Ballot storage standing = _ballots[digest];
        require(
            standing.state == State.None || standing.state == State.Signed,
            Council_StateForbids(digest, standing.state)
        );
        require(signers.length == signatures.length, Council_CountsDiffer(signers.length, signatures.length));

        for (uint256 i = 0; i < signers.length; ++i) {
            _endorse(standing, digest, signers[i], signatures[i]);
        }
        if (standing.endorsements < threshold) return;

        standing.state = State.Adopted;
        standing.adoptedAt = block.timestamp.toUint64();
        emit DecisionAdopted(
            digest,
            decision.target,
            decision.title,
            decision.reason,
            decision.functionSignature,
            decision.arguments,
            standing.adoptedAt + delay
        );
    }

    /// @inheritdoc ICouncil
    function veto(Veto calldata act, bytes calldata signature) external {
        bytes32 digest = _useAct(act.structHash(), act.deadline);
        _requireSigned(digest, act.member, signature);
        require(isMember(act.member), Council_NotMember(act.member));
        Ballot storage standing = _ballots[act.decisionDigest];
        require(
            standing.state != State.Vetoed && standing.state != State.Executed,
            Council_StateForbids(act.decisionDigest, standing.state)
        );

        standing.state = State.Vetoed;
        emit DecisionVetoed(act.decisionDigest, act.member, act.reason);
    }

    /// @inheritdoc ICouncil
    function execute(Decision calldata decision) external returns (bytes memory result) {
        bytes32 digest = _openDecision(decision);
        Ballot storage standing = _ballots[digest];
        require(standing.state == State.Adopted, Council_StateForbids(digest, standing.state));
        uint64 executableAt = standing.adoptedAt + delay;
        require(block.timestamp >= executableAt, Council_TooEarly(executableAt, block.timestamp));

        standing.state = State.Executed;
        emit DecisionExecuted(digest, decision.target);

        bytes4 selector = bytes4(keccak256(bytes(decision.functionSignature)));
        return Address.functionCall(decision.target, abi.encodePacked(selector, decision.arguments));
    }

    /// @inheritdoc ICouncil
    function members() external view returns (Member[] memory) {
        return _members;
    }

    /// @inheritdoc ICouncil
    function ballot(bytes32 decisionDigest) external view returns (Ballot memory) {
        return _ballots[decisionDigest];
    }

    /// @inheritdoc ICouncil
    function isMember(address account) public view returns (bool) {
        return _seats[term][account] != 0;
    }

    /// @dev Check what must hold whenever a decision is touched.
    /// @return digest EIP-712 digest of the decision.
    function _openDecision(Decision calldata decision) private view returns (bytes32 digest) {
        _requireBefore(decision.deadline);
        require(decision.term == term, Council_TermDiffers(term, decision.term));
        return _hashTypedDataV4(decision.structHash());
    }

    /// @dev Count a member's signature.
    function _endorse(Ballot storage standing, bytes32 digest, address signer, bytes calldata signature)
        private
    {
        require(isMember(signer), Council_NotMember(signer));
        _requireSigned(digest, signer, signature);
        uint16 bit = uint16(1) << (_seats[term][signer] - 1);
        require(standing.endorsers & bit == 0, Council_AlreadyEndorsed(digest, signer));

        standing.endorsers |= bit;
        ++standing.endorsements;
        standing.state = State.Signed;
        emit DecisionEndorsed(digest, signer);
    }

    /// @dev Replace the members. The new term voids every decision that was not executed.
    function _setMembers(Member[] memory newMembers, uint8 newThreshold) private {
        uint256 count = newMembers.length;
        require(
            count >= MIN_MEMBERS && count <= MAX_MEMBERS && newThreshold <= count
                && uint256(newThreshold) * 2 > count,
            Council_ThresholdInvalid(count, newThreshold)
        );
        ++term;
        threshold = newThreshold;
        delete _members;
        for (uint8 i = 0; i < count; ++i) {
            Member memory member = newMembers[i];
            require(
                member.key != address(0) && bytes(member.organisation).length != 0
                    && _seats[term][member.key] == 0,
                Council_MemberInvalid(member.key)
            );
            _seats[term][member.key] = i + 1;
            _members.push(member);
        }
        emit MembersSet(term, newMembers, newThreshold);
    }
}
