// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Standing} from "../libraries/Standings.sol";
import {RuleStatus} from "../types/Enums.sol";

/// @notice A factor, benchmark, table row or curve as a document states it.
/// @param guide Document that states it, the same in all its editions, such as `CETS-AG-03.01`.
/// @param edition Edition of the document, such as `V01-2024`.
/// @param quantity What it is, in English, such as `net calorific value`.
/// @param subject Of what: English with the Chinese beside it, such as `anthracite 无烟煤`.
/// @param unit UCUM-like unit of the values, 1 to 31 bytes, such as `GJ/t`; `1` for a pure number. A curve whose
/// parameters have no common unit says `1`, and its quantity names them in order.
/// @param values Numbers times 1e18: one, or several for a curve or a table row.
/// @param reportFrom First report year it stands for.
/// @param reportTo Last report year it stands for; 0 while no end is known.
/// @param validFrom First second at which the document has force, Unix seconds; 0 where it is not known.
/// @param validTo First second at which it no more has; 0 while no end is known.
/// @param tableRow Where in the document: table, row, clause.
/// @param sourceHash SHA-256 of the citation of what was read.
/// @param confidence How the numbers were come by, in words.
/// @param status `Draft`, `InForce`, `Repealed` or `Superseded`, for all its report years.
struct FactorEntry {
    string guide;
    string edition;
    string quantity;
    string subject;
    string unit;
    int256[] values;
    uint16 reportFrom;
    uint16 reportTo;
    uint64 validFrom;
    uint64 validTo;
    string tableRow;
    bytes32 sourceHash;
    string confidence;
    RuleStatus status;
}

/// @notice What the book keeps of an entry in storage; the words stand in the event, and the id commits to all.
/// @param key Names guide, quantity and subject.
/// @param unit Unit of the values.
/// @param values Numbers times 1e18.
/// @param validFrom First second at which the document has force; 0 where it is not known.
/// @param validTo First second at which it no more has; 0 while no end is known.
/// @param standing Report years, and the status with its history.
struct Factor {
    bytes32 key;
    string unit;
    int256[] values;
    uint64 validFrom;
    uint64 validTo;
    Standing standing;
}

/// @title FactorBook
/// @notice Emission factors, benchmarks, curves and other parameters (排放因子、基准值、参数) that rules take as inputs: each with
/// its document, years and standing. Which report year a factor *stands for* and which document *states* it are two
/// things: a mean of 2022 may be prescribed for reports of 2023, or for none.
///
/// What holds after every call:
///
/// - F1: an entry never changes, and its id commits to every word and number of it;
/// - F2: for a key and a report year at most one entry is in force; a draft is none, and is never final;
/// - F3: what is prescribed for a year changes only by a recorded status; a publication answers only for years that had
///   no answer;
/// - F4: what the book said at a past moment never changes.
interface IFactorBook {
    /// @notice An entry was published.
    /// @param factorId Id of the entry.
    /// @param key Names guide, quantity and subject.
    /// @param entry All of it.
    event FactorPublished(bytes32 indexed factorId, bytes32 indexed key, FactorEntry entry);

    /// @notice An entry has another status from a report year on.
    /// @param factorId Id of the entry.
    /// @param status The status.
    /// @param fromYear First report year it counts for.
    /// @param reason The document or decision behind it.
    event FactorStatusSet(
        bytes32 indexed factorId, RuleStatus indexed status, uint16 fromYear, string reason
    );

    /// @notice A word that an entry needs is missing: guide, quantity or subject.
    error FactorBook_WordMissing();

    /// @notice The unit is not 1 to 31 bytes.
    error FactorBook_UnitInvalid(string unit);

    /// @notice Not 1 to 255 values.
    error FactorBook_ValuesInvalid(uint256 count);

    /// @notice The document ends before it begins.
    error FactorBook_ValidityInvalid(uint64 validFrom, uint64 validTo);

    /// @notice The entry was published before.
    error FactorBook_AlreadyPublished(bytes32 factorId);

    /// @notice Another entry of the key is in force for one of the years.
    /// @param key The key of both.
    /// @param other Id of the other entry.
    error FactorBook_AlreadyPrescribed(bytes32 key, bytes32 other);

    /// @notice There is no such entry.
    error FactorBook_Unknown(bytes32 factorId);

    /// @notice The entry has fewer values.
    error FactorBook_NoValue(bytes32 factorId, uint8 index);

    /// @notice Nothing is in force for the report year: nothing was published, or a draft, or what has ended.
    error FactorBook_NotPrescribed(bytes32 key, uint16 reportYear);

    /// @notice The entry is not in force for the report year.
    error FactorBook_NotFinal(bytes32 factorId, uint16 reportYear, RuleStatus status);

    /// @notice The moment is not in the past.
    error FactorBook_NotPast(uint64 timestamp, uint256 currentTime);

    /// @notice Publish entries; the Council.
    /// @dev `restricted`. All or none.
    /// @param entries The entries.
    function publish(FactorEntry[] calldata entries) external;

    /// @notice Give an entry its next status, from a report year on; the Council.
    /// @dev `restricted`. A draft comes into force or ends; what is in force ends; nothing comes back.
    /// @param factorId Id of the entry.
    /// @param status The status.
    /// @param fromYear First report year it counts for, one of the entry's.
    /// @param reason The document or decision behind it.
    function setStatus(bytes32 factorId, RuleStatus status, uint16 fromYear, string calldata reason) external;

    /// @notice The entry that is in force for a report year.
    /// @param key From {keyOf}.
    /// @param reportYear Year of the report.
    /// @return factorId Its id; without one the call reverts.
    function prescribed(bytes32 key, uint16 reportYear) external view returns (bytes32 factorId);

    /// @notice What {prescribed} answered at a past moment.
    /// @param key From {keyOf}.
    /// @param reportYear Year of the report.
    /// @param timestamp A second before this block's, Unix.
    /// @return factorId Its id; without one the call reverts.
    function asOf(bytes32 key, uint16 reportYear, uint64 timestamp) external view returns (bytes32 factorId);

    /// @notice Fails unless an entry is in force for a report year.
    function requireFinal(bytes32 factorId, uint16 reportYear) external view;

    /// @notice What storage keeps of an entry, its status history included; a draft too.
    function factor(bytes32 factorId) external view returns (Factor memory);

    /// @notice One value of an entry, times 1e18.
    function valueOf(bytes32 factorId, uint8 index) external view returns (int256);

    /// @notice Status of an entry for a report year, now; `None` outside of its years.
    function statusOf(bytes32 factorId, uint16 reportYear) external view returns (RuleStatus);

    /// @notice Ids of the entries of a key, whatever their standing, in the order of publication.
    function entriesOf(bytes32 key) external view returns (bytes32[] memory);

    /// @notice Names guide, quantity and subject: `keccak256(abi.encode("factor", guide, quantity, subject))`.
    function keyOf(string calldata guide, string calldata quantity, string calldata subject)
        external
        pure
        returns (bytes32);

    /// @notice Id of an entry: `keccak256(abi.encode("carbonseal.factor", entry))`.
    function factorIdOf(FactorEntry calldata entry) external pure returns (bytes32);
}
