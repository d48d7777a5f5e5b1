// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title ContractWallet
/// @notice A contract that vouches (ERC-1271) for what its owner signed, until it is shut.
contract ContractWallet is IERC1271 {
    address private immutable _owner;
    bool private _isShut;

    constructor(address owner) {
        _owner = owner;
    }

    function shut() external {
        _isShut = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        bool isValid = !_isShut && ECDSA.recover(digest, signature) == _owner;
        return isValid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
