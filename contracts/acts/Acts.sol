// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IActs} from "../interfaces/IActs.sol";

/// @title Acts
/// @notice See the documentation in {IActs}.
/// @dev The one place where an act is used up: `_useAct` first, then one `_requireSigned` (or the party registry's
/// check) for each signer, then the effects.
abstract contract Acts is IActs, EIP712 {
    bytes32 private constant CANCELLATION_TYPEHASH =
        keccak256("Cancellation(address signer,bytes32 actDigest)");

    mapping(bytes32 actDigest => bool used) private _used;
    mapping(bytes32 actDigest => mapping(address signer => bool cancelled)) private _cancelled;

    constructor() EIP712("CarbonSeal", "1") {}

    /// @inheritdoc IActs
    function cancel(bytes32 actDigest) external {
        _cancel(actDigest, msg.sender);
    }

    /// @inheritdoc IActs
    function cancelFor(address signer, bytes32 actDigest, bytes calldata signature) external {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CANCELLATION_TYPEHASH, signer, actDigest)));
        _requireSigned(digest, signer, signature);
        _cancel(actDigest, signer);
    }

    /// @inheritdoc IActs
    function isUsed(bytes32 actDigest) public view returns (bool) {
        return _used[actDigest];
    }

    /// @inheritdoc IActs
    function isCancelled(bytes32 actDigest, address signer) public view returns (bool) {
        return _cancelled[actDigest][signer];
    }

    /// @dev Use up the act with the struct hash `structHash`; its signatures are not checked here.
    /// @return digest EIP-712 digest of the act.
    function _useAct(bytes32 structHash, uint64 deadline) internal returns (bytes32 digest) {
        digest = _hashTypedDataV4(structHash);
        _requireBefore(deadline);
        require(!_used[digest], Acts_AlreadyUsed(digest));
        _used[digest] = true;
    }

    /// @dev Check that `signer`, an account with a key, signed `digest` and did not withdraw.
    function _requireSigned(bytes32 digest, address signer, bytes calldata signature) internal view {
        _requireNotCancelled(digest, signer);
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, signature);
        require(
            failure == ECDSA.RecoverError.NoError && recovered == signer, Acts_NotSignedBy(signer, digest)
        );
    }

    /// @dev Check that `signer` did not withdraw from the act.
    function _requireNotCancelled(bytes32 digest, address signer) internal view {
        require(!_cancelled[digest][signer], Acts_Cancelled(digest, signer));
    }

    /// @dev Check that the deadline has not passed.
    function _requireBefore(uint64 deadline) internal view {
        require(block.timestamp <= deadline, Acts_DeadlinePassed(deadline, block.timestamp));
    }

    function _cancel(bytes32 actDigest, address signer) private {
        require(!_used[actDigest], Acts_AlreadyUsed(actDigest));
        if (_cancelled[actDigest][signer]) return;
        _cancelled[actDigest][signer] = true;
        emit ActCancelled(actDigest, signer);
    }
}
