// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice Names a party: `keccak256(abi.encode("party", creditCode))`.
type PartyId is bytes32;

/// @notice Names a log: `keccak256(bytes(origin))`.
type LogId is bytes32;

/// @notice Names a device key: SHA-256 of its DER SubjectPublicKeyInfo.
type KeyId is bytes32;

/// @notice Names a measuring instrument: `keccak256(bytes(instrument id))`.
type InstrumentId is bytes32;

/// @notice Names a natural person by a salted commitment to an identity document; never the document itself.
type PersonId is bytes32;

/// @notice Names an inventory: `keccak256(abi.encode("inventory", creditCode, unitCode, periodFrom, periodTo))`.
type InventoryId is bytes32;

using {partiesEqual as ==, partiesDiffer as !=} for PartyId global;
using {logsEqual as ==, logsDiffer as !=} for LogId global;
using {personsDiffer as !=} for PersonId global;
using {inventoriesEqual as ==, inventoriesDiffer as !=} for InventoryId global;

PartyId constant NO_PARTY = PartyId.wrap(0);
LogId constant NO_LOG = LogId.wrap(0);
PersonId constant NO_PERSON = PersonId.wrap(0);
InventoryId constant NO_INVENTORY = InventoryId.wrap(0);

/// @dev The party with the unified social credit code (or, without one, the registry code) `creditCode`.
function partyIdOf(string memory creditCode) pure returns (PartyId) {
    return PartyId.wrap(keccak256(abi.encode("party", creditCode)));
}

/// @dev The log with the origin line `origin`.
function logIdOf(string memory origin) pure returns (LogId) {
    return LogId.wrap(keccak256(bytes(origin)));
}

/// @dev The instrument with the id `instrument`.
function instrumentIdOf(string memory instrument) pure returns (InstrumentId) {
    return InstrumentId.wrap(keccak256(bytes(instrument)));
}

/// @dev The inventory of the unit `unitCode` of an enterprise over a period, Unix seconds, half-open.
function inventoryIdOf(string memory creditCode, string memory unitCode, uint64 periodFrom, uint64 periodTo)
    pure
    returns (InventoryId)
{
    return InventoryId.wrap(keccak256(abi.encode("inventory", creditCode, unitCode, periodFrom, periodTo)));
}

function partiesEqual(PartyId a, PartyId b) pure returns (bool) {
    return PartyId.unwrap(a) == PartyId.unwrap(b);
}

function partiesDiffer(PartyId a, PartyId b) pure returns (bool) {
    return PartyId.unwrap(a) != PartyId.unwrap(b);
}

function logsEqual(LogId a, LogId b) pure returns (bool) {
    return LogId.unwrap(a) == LogId.unwrap(b);
}

function logsDiffer(LogId a, LogId b) pure returns (bool) {
    return LogId.unwrap(a) != LogId.unwrap(b);
}

function personsDiffer(PersonId a, PersonId b) pure returns (bool) {
    return PersonId.unwrap(a) != PersonId.unwrap(b);
}

function inventoriesEqual(InventoryId a, InventoryId b) pure returns (bool) {
    return InventoryId.unwrap(a) == InventoryId.unwrap(b);
}

function inventoriesDiffer(InventoryId a, InventoryId b) pure returns (bool) {
    return InventoryId.unwrap(a) != InventoryId.unwrap(b);
}
