// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Acts
/// @notice What every contract that takes signed acts of parties has in common.
///
/// An act is an EIP-712 message in the domain ("CarbonSeal", "1", chain id, this contract) that names its signers
/// and a deadline. Anybody may send it. What holds after every call:
///
/// - an act takes effect at most once, and never after its deadline;
/// - an act that one of its signers cancelled never takes effect;
/// - nonces have no order: a nonce only makes two equal acts different.
interface IActs {
    /// @notice A signer withdrew the signature from an act.
    /// @param actDigest EIP-712 digest of the act.
    /// @param signer Who withdrew.
    event ActCancelled(bytes32 indexed actDigest, address indexed signer);

    /// @notice A contract vouched for a signature (ERC-1271). The answer may change later; this event is the proof that
    /// it was given.
    /// @param actDigest EIP-712 digest of the act.
    /// @param signer The contract that vouched.
    event ContractSignatureAccepted(bytes32 indexed actDigest, address indexed signer);

    /// @notice The deadline, in seconds, has passed at block time `timestamp`.
    error Acts_DeadlinePassed(uint64 deadline, uint256 timestamp);

    /// @notice The act took effect before.
    error Acts_AlreadyUsed(bytes32 actDigest);

    /// @notice One of the signers withdrew from the act.
    error Acts_Cancelled(bytes32 actDigest, address signer);

    /// @notice The signature is not by the signer that the act names.
    error Acts_NotSignedBy(address signer, bytes32 actDigest);

    /// @notice Withdraw the sender's signature from an act of this contract, for ever. Repeating it has no effect.
    /// @param actDigest EIP-712 digest of the act.
    function cancel(bytes32 actDigest) external;

    /// @notice Withdraw `signer`'s signature from an act, for ever, by a signature; anybody may send it.
    /// @dev Type `Cancellation(address signer,bytes32 actDigest)`.
    /// @param signer Who withdraws; an account with a key, not a contract.
    /// @param actDigest EIP-712 digest of the act.
    /// @param signature 65 bytes r, s, v over the cancellation.
    function cancelFor(address signer, bytes32 actDigest, bytes calldata signature) external;

    /// @notice Whether the act took effect.
    function isUsed(bytes32 actDigest) external view returns (bool);

    /// @notice Whether `signer` withdrew from the act.
    function isCancelled(bytes32 actDigest, address signer) external view returns (bool);
}
