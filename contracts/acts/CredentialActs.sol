// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICredentials} from "../interfaces/ICredentials.sol";

/// @title CredentialActs
/// @notice EIP-712 struct hashes of the acts of {ICredentials}.
library CredentialActs {
    bytes32 private constant GRANT_TYPEHASH = keccak256(
        "CredentialGrant(string name,string creditCode,string cma,string cnas,uint8[] sectors,uint32[] areas,"
        "uint8 tier,bytes32 documentHash,uint64 validFrom,uint64 validTo,bytes32 current,address registrar,"
        "uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant CHANGE_TYPEHASH = keccak256(
        "CredentialChange(string creditCode,uint8 status,string reason,bytes32 current,address registrar,"
        "uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant ADVICE_TYPEHASH = keccak256(
        "AdviceRecord(string body,string enterprise,uint64 from,uint64 to,string reason,address registrar,"
        "uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant PREPARATION_TYPEHASH = keccak256(
        "PreparationRecord(string body,uint32 province,uint64 from,uint64 to,string reason,address registrar,"
        "uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant MEMBERSHIP_TYPEHASH = keccak256(
        "GroupMembership(string creditCode,string currentGroup,string group,address registrar,uint256 nonce,"
        "uint64 deadline)"
    );
    bytes32 private constant EARLIER_TYPEHASH = keccak256(
        "EarlierVerification(string verifier,string enterprise,uint16 year,address registrar,uint256 nonce,"
        "uint64 deadline)"
    );

    function structHash(ICredentials.CredentialGrant calldata act) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(
                    GRANT_TYPEHASH,
                    keccak256(bytes(act.name)),
                    keccak256(bytes(act.creditCode)),
                    keccak256(bytes(act.cma)),
                    keccak256(bytes(act.cnas)),
                    keccak256(abi.encodePacked(act.sectors)),
                    keccak256(abi.encodePacked(act.areas))
                ),
                abi.encode(
                    act.tier,
                    act.documentHash,
                    act.validFrom,
                    act.validTo,
                    act.current,
                    act.registrar,
                    act.nonce,
                    act.deadline
                )
            )
        );
    }

    function structHash(ICredentials.CredentialChange calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                CHANGE_TYPEHASH,
                keccak256(bytes(act.creditCode)),
                act.status,
                keccak256(bytes(act.reason)),
                act.current,
                act.registrar,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(ICredentials.AdviceRecord calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                ADVICE_TYPEHASH,
                keccak256(bytes(act.body)),
                keccak256(bytes(act.enterprise)),
                act.from,
                act.to,
                keccak256(bytes(act.reason)),
                act.registrar,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(ICredentials.PreparationRecord calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                PREPARATION_TYPEHASH,
                keccak256(bytes(act.body)),
                act.province,
                act.from,
                act.to,
                keccak256(bytes(act.reason)),
                act.registrar,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(ICredentials.GroupMembership calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                MEMBERSHIP_TYPEHASH,
                keccak256(bytes(act.creditCode)),
                keccak256(bytes(act.currentGroup)),
                keccak256(bytes(act.group)),
                act.registrar,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(ICredentials.EarlierVerification calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                EARLIER_TYPEHASH,
                keccak256(bytes(act.verifier)),
                keccak256(bytes(act.enterprise)),
                act.year,
                act.registrar,
                act.nonce,
                act.deadline
            )
        );
    }
}
