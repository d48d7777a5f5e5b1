// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";

/// @title PartyRegistryActs
/// @notice EIP-712 struct hashes of the acts of {IPartyRegistry}.
library PartyRegistryActs {
    bytes32 private constant SEAT_TYPEHASH =
        keccak256("Seat(address key,bytes32[] persons,uint8 role,bool isContract)");
    bytes32 private constant REGISTRATION_TYPEHASH = keccak256(
        "Registration(uint8 kind,string name,string creditCode,Seat[] seats,address registrar,uint256 nonce,"
        "uint64 deadline)Seat(address key,bytes32[] persons,uint8 role,bool isContract)"
    );
    bytes32 private constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(string creditCode,bytes32 person,address registrar,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant APPOINTMENT_TYPEHASH = keccak256(
        "Appointment(string creditCode,Seat seat,address replaces,address approver,uint256 nonce,"
        "uint64 deadline)Seat(address key,bytes32[] persons,uint8 role,bool isContract)"
    );
    bytes32 private constant REMOVAL_TYPEHASH =
        keccak256("Removal(string creditCode,address key,address remover,uint256 nonce,uint64 deadline)");
    bytes32 private constant RECOVERY_TYPEHASH = keccak256(
        "Recovery(string creditCode,uint32 era,Seat[] seats,uint256 nonce,uint64 deadline)"
        "Seat(address key,bytes32[] persons,uint8 role,bool isContract)"
    );

    function structHash(IPartyRegistry.Registration calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                REGISTRATION_TYPEHASH,
                act.kind,
                keccak256(bytes(act.name)),
                keccak256(bytes(act.creditCode)),
                _seatsHash(act.seats),
                act.registrar,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(IPartyRegistry.Attestation calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                ATTESTATION_TYPEHASH,
                keccak256(bytes(act.creditCode)),
                act.person,
                act.registrar,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(IPartyRegistry.Appointment calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                APPOINTMENT_TYPEHASH,
                keccak256(bytes(act.creditCode)),
                _seatHash(act.seat),
                act.replaces,
                act.approver,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(IPartyRegistry.Removal calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                REMOVAL_TYPEHASH,
                keccak256(bytes(act.creditCode)),
                act.key,
                act.remover,
                act.nonce,
                act.deadline
            )
        );
    }

    function structHash(IPartyRegistry.Recovery calldata act) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                RECOVERY_TYPEHASH,
                keccak256(bytes(act.creditCode)),
                act.era,
                _seatsHash(act.seats),
                act.nonce,
                act.deadline
            )
        );
    }

    function _seatsHash(IPartyRegistry.Seat[] calldata seats) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](seats.length);
        for (uint256 i = 0; i < seats.length; ++i) {
            hashes[i] = _seatHash(seats[i]);
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _seatHash(IPartyRegistry.Seat calldata seat) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SEAT_TYPEHASH, seat.key, keccak256(abi.encodePacked(seat.persons)), seat.role, seat.isContract
            )
        );
    }
}
