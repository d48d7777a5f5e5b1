// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {NewerCheats} from "./NewerCheats.sol";

/// @title Signing
/// @notice EIP-712 digests and signatures, made by forge from the type's text: no code of the contracts is used.
abstract contract Signing is Test {
    struct Signer {
        address key;
        uint256 secret;
    }

    string internal constant CANCELLATION = "Cancellation(address signer,bytes32 actDigest)";
    string internal constant OPEN_LOG =
        "OpenLog(string creditCode,string origin,string predecessor,bytes32 vkeyHash,address operator,address initiator,address approver,uint256 nonce,uint64 deadline)";
    string internal constant OPERATOR_CHANGE =
        "OperatorChange(string origin,address currentOperator,address newOperator,address initiator,address approver,uint256 nonce,uint64 deadline)";
    string internal constant ENROLMENT =
        "Enrolment(string origin,bytes32 kid,uint8 algorithm,uint64 enrolledIndex,bytes32 recordHash,bytes32 popHash,address initiator,address approver,uint256 nonce,uint64 deadline)";
    string internal constant CLOSE_KEY =
        "CloseKey(string origin,bytes32 kid,uint64 closedIndex,uint8 reason,bytes32 recordHash,address approver,uint256 nonce,uint64 deadline)";
    string internal constant COMPROMISE =
        "Compromise(string origin,bytes32 kid,uint64 sinceIndex,bytes32 recordHash,address approver,uint256 nonce,uint64 deadline)";
    string internal constant CALIBRATION =
        "Calibration(string origin,string instrument,uint64 validFrom,uint64 validTo,bytes32 recordHash,address initiator,address approver,uint256 nonce,uint64 deadline)";
    string internal constant REGISTRATION =
        "Registration(uint8 kind,string name,string creditCode,Seat[] seats,address registrar,uint256 nonce,uint64 deadline)Seat(address key,bytes32[] persons,uint8 role,bool isContract)";
    string internal constant ATTESTATION =
        "Attestation(string creditCode,bytes32 person,address registrar,uint256 nonce,uint64 deadline)";
    string internal constant APPOINTMENT =
        "Appointment(string creditCode,Seat seat,address replaces,address approver,uint256 nonce,uint64 deadline)Seat(address key,bytes32[] persons,uint8 role,bool isContract)";
    string internal constant REMOVAL =
        "Removal(string creditCode,address key,address remover,uint256 nonce,uint64 deadline)";
    string internal constant RECOVERY =
        "Recovery(string creditCode,uint32 era,Seat[] seats,uint256 nonce,uint64 deadline)Seat(address key,bytes32[] persons,uint8 role,bool isContract)";
    string internal constant DECISION =
        "Decision(string title,string reason,address target,string functionSignature,bytes arguments,uint32 term,uint256 nonce,uint64 deadline)";
    string internal constant VETO =
        "Veto(bytes32 decisionDigest,address member,string reason,uint64 deadline)";

    /// @dev Digest of an act for the contract `target` on this chain.
    function digestOf(address target, string memory typeDefinition, bytes memory act)
        internal
        view
        returns (bytes32)
    {
        return digestOn(block.chainid, target, typeDefinition, act);
    }

    /// @dev Digest of an act for the contract `target` on the chain `chainId`.
    function digestOn(uint256 chainId, address target, string memory typeDefinition, bytes memory act)
        internal
        pure
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("CarbonSeal"),
                keccak256("1"),
                chainId,
                target
            )
        );
        bytes32 structHash = NewerCheats(VM_ADDRESS).eip712HashStruct(typeDefinition, act);
        return keccak256(abi.encodePacked(bytes2(0x1901), domain, structHash));
    }

    function sign(Signer memory signer, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer.secret, digest);
        return abi.encodePacked(r, s, v);
    }

    function makeSigner(string memory label) internal returns (Signer memory signer) {
        (signer.key, signer.secret) = makeAddrAndKey(label);
    }
}
