// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IActs} from "./IActs.sol";

/// @title Council
/// @notice Decides for the organisations together: k of n members sign, a time passes in which each may veto, then
/// anybody executes. It is the only administrator of the contracts, and its own only governor.
///
/// What holds after every call:
///
/// - a decision is executed at most once, at least `delay` seconds after its k-th signature arrived, before its
///   deadline, never after a veto, and never under another membership than it was signed for;
/// - the function named in a decision is the function that is called;
/// - only an executed decision changes the members.
interface ICouncil is IActs {
    /// @notice What the members sign.
    /// @param title One line.
    /// @param reason Why.
    /// @param target Contract that is called.
    /// @param functionSignature Function that is called, such as `closeLog(bytes32,uint64,string)`.
    /// @param arguments ABI encoding of its arguments, without a selector.
    /// @param term Membership the decision is signed under: the state acted on.
    /// @param nonce Any number that was not used with the same fields.
    /// @param deadline Last second at which the decision may be executed.
    struct Decision {
        string title;
        string reason;
        address target;
        string functionSignature;
        bytes arguments;
        uint32 term;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A member's act that stops a decision for ever.
    /// @param decisionDigest EIP-712 digest of the decision.
    /// @param member Who objects.
    /// @param reason Why.
    /// @param deadline Last second at which the veto may be sent.
    struct Veto {
        bytes32 decisionDigest;
        address member;
        string reason;
        uint64 deadline;
    }

    /// @notice A member.
    /// @param key Account that signs for the organisation.
    /// @param organisation Its name.
    struct Member {
        address key;
        string organisation;
    }

    /// @notice Where a decision stands.
    enum State {
        None,
        Signed,
        Adopted,
        Vetoed,
        Executed
    }

    /// @notice A decision's standing.
    /// @param state Where it stands.
    /// @param endorsements Number of members that signed.
    /// @param endorsers Bit `s` set: the member in seat `s` signed.
    /// @param adoptedAt Block time of the k-th signature, seconds; zero before.
    struct Ballot {
        State state;
        uint8 endorsements;
        uint16 endorsers;
        uint64 adoptedAt;
    }

    /// @notice A member's signature arrived.
    event DecisionEndorsed(bytes32 indexed decisionDigest, address indexed member);

    /// @notice Enough members signed; the time to veto runs until `executableAt`.
    event DecisionAdopted(
        bytes32 indexed decisionDigest,
        address indexed target,
        string title,
        string reason,
        string functionSignature,
        bytes arguments,
        uint64 executableAt
    );

    /// @notice A member objected.
    event DecisionVetoed(bytes32 indexed decisionDigest, address indexed member, string reason);

    /// @notice A decision was carried out.
    event DecisionExecuted(bytes32 indexed decisionDigest, address indexed target);

    /// @notice The members changed; decisions signed before are void.
    event MembersSet(uint32 indexed term, Member[] members, uint8 threshold);

    /// @notice The account is no member.
    error Council_NotMember(address account);

    /// @notice There are fewer than 3 or more than 16 members, or the threshold is no majority of them.
    error Council_ThresholdInvalid(uint256 members, uint8 threshold);

    /// @notice A member has no key or no name, or the key of another.
    error Council_MemberInvalid(address key);

    /// @notice The delay is above 30 days.
    error Council_DelayInvalid(uint64 delay);

    /// @notice There are not as many signatures as members.
    error Council_CountsDiffer(uint256 members, uint256 signatures);

    /// @notice The member signed before.
    error Council_AlreadyEndorsed(bytes32 decisionDigest, address member);

    /// @notice The membership changed since the decision was signed.
    error Council_TermDiffers(uint32 term, uint32 named);

    /// @notice The decision stands where this can't be done.
    error Council_StateForbids(bytes32 decisionDigest, State state);

    /// @notice The time to veto has not passed.
    error Council_TooEarly(uint64 executableAt, uint256 timestamp);

    /// @notice Only the Council, by a decision, may do this.
    error Council_OnlyByDecision(address sender);

    /// @notice Hand in signatures of members, some or all; the k-th adopts the decision.
    /// @dev `Decision(string title,string reason,address target,string functionSignature,bytes arguments,uint32 term,
    /// uint256 nonce,uint64 deadline)`.
    /// @param decision The decision.
    /// @param signers Members that signed.
    /// @param signatures Theirs, in the same order: 65 bytes r, s, v.
    function endorse(Decision calldata decision, address[] calldata signers, bytes[] calldata signatures)
        external;

    /// @notice Stop a decision for ever, before it is executed.
    /// @dev `Veto(bytes32 decisionDigest,address member,string reason,uint64 deadline)`.
    /// @param act The veto.
    /// @param signature By `act.member`: 65 bytes r, s, v.
    function veto(Veto calldata act, bytes calldata signature) external;

    /// @notice Carry out an adopted decision after the time to veto; anybody may.
    /// @param decision The decision.
    /// @return result What the called function returned.
    function execute(Decision calldata decision) external returns (bytes memory result);

    /// @notice Change the members; the Council itself, by a decision.
    /// @param newMembers 3 to 16 members.
    /// @param newThreshold How many must sign: more than half.
    function setMembers(Member[] calldata newMembers, uint8 newThreshold) external;

    /// @notice Seconds between the k-th signature and execution.
    function delay() external view returns (uint64);

    /// @notice How many members must sign.
    function threshold() external view returns (uint8);

    /// @notice Number of changes of the membership, from 1.
    function term() external view returns (uint32);

    /// @notice The members, by seat.
    function members() external view returns (Member[] memory);

    /// @notice Whether the account is a member.
    function isMember(address account) external view returns (bool);

    /// @notice Where a decision stands.
    function ballot(bytes32 decisionDigest) external view returns (Ballot memory);
}
