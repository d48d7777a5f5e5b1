// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Standing} from "../libraries/Standings.sol";
import {RoundingProfile, RuleStatus} from "../types/Enums.sol";
import {Outcome} from "./IRule.sol";

/// @notice A version of a rule, to be published.
/// @param name Name of the rule, as the rule itself says it, such as `power.combustion`.
/// @param version Version, as the rule itself says it, from 1.
/// @param rule The contract.
/// @param reportFrom First report year it stands for.
/// @param reportTo Last report year it stands for; 0 while no end is known.
/// @param status `Draft`, `InForce`, `Repealed` or `Superseded`, for all its report years.
/// @param sourceHash SHA-256 of what the rule's `source()` says.
struct RulePublication {
    string name;
    uint32 version;
    address rule;
    uint16 reportFrom;
    uint16 reportTo;
    RuleStatus status;
    bytes32 sourceHash;
}

/// @notice A version of a rule in the book.
/// @param rule The contract.
/// @param codeHash Hash of its code: who has the code can work the rule out anywhere, for ever.
/// @param sourceHash SHA-256 of what the rule's `source()` says.
/// @param standing Report years, and the status with its history.
struct RuleRecord {
    address rule;
    bytes32 codeHash;
    bytes32 sourceHash;
    Standing standing;
}

/// @notice Says that an input of a rule is a value of the FactorBook.
/// @param factorId Id of the entry.
/// @param valueIndex Which of its values, counted from 0.
/// @param offset Where it stands in the encoded inputs, in bytes; a multiple of 32.
struct FactorUse {
    bytes32 factorId;
    uint8 valueIndex;
    uint32 offset;
}

/// @title RuleBook
/// @notice The rules of accounting and allocation (核算与分配规则): which contract is which version, for which report years, and what
/// hashes of calculations are made of.
///
/// What holds after every call:
///
/// - R1: a version never changes: neither its contract, nor that contract's code hash, nor its years;
/// - R2: for a rule and a report year at most one version is in force; a draft is none;
/// - R3: which version is in force for a year changes only by a recorded status; a publication answers only for years
///   that had no answer;
/// - R4: a final outcome comes from the version in force, from unchanged code, and every factor it names is in force for
///   the year and stands in the inputs where it is said to.
///
/// What it does not show: that the inputs are true, nor that an input which is not named in `uses` was free to choose.
/// Whoever relies on an outcome checks which fields were named.
interface IRuleBook {
    /// @notice A version of a rule was published.
    /// @param ruleId Names the rule.
    /// @param rule The contract.
    /// @param codeHash Hash of its code.
    /// @param publication All that was said of it.
    event RulePublished(
        bytes32 indexed ruleId, address indexed rule, bytes32 codeHash, RulePublication publication
    );

    /// @notice A version has another status from a report year on.
    /// @param ruleId Names the rule.
    /// @param version The version.
    /// @param status The status.
    /// @param fromYear First report year it counts for.
    /// @param reason The document or decision behind it.
    event RuleStatusSet(
        bytes32 indexed ruleId,
        uint32 indexed version,
        RuleStatus indexed status,
        uint16 fromYear,
        string reason
    );

    /// @notice There is no contract at the address.
    error RuleBook_NoCode(address rule);

    /// @notice The contract says that it is another rule or another version.
    error RuleBook_NotThatRule(address rule, string name, uint32 version);

    /// @notice The contract names another source.
    error RuleBook_NotThatSource(address rule, bytes32 sourceHash);

    /// @notice The version was published before.
    error RuleBook_AlreadyPublished(string name, uint32 version);

    /// @notice Another version is in force for one of the years.
    error RuleBook_AlreadyInForce(string name, uint32 other);

    /// @notice There is no such version of the rule.
    error RuleBook_Unknown(string name, uint32 version);

    /// @notice No version is in force for the report year.
    error RuleBook_NoneInForce(string name, uint16 reportYear);

    /// @notice The version is not in force for the report year.
    error RuleBook_NotFinal(string name, uint32 version, uint16 reportYear, RuleStatus status);

    /// @notice The code at the rule's address is no more what was published.
    error RuleBook_CodeChanged(address rule, bytes32 codeHash);

    /// @notice The offset is no multiple of 32, or has no word of the inputs behind it.
    error RuleBook_OffsetInvalid(uint256 use, uint32 offset);

    /// @notice The inputs say another number than the factor.
    /// @param use Which use, counted from 0.
    /// @param factorId Id of the entry.
    /// @param expected Its value, times 1e18.
    /// @param given The number in the inputs.
    error RuleBook_ValueDiffers(uint256 use, bytes32 factorId, int256 expected, int256 given);

    /// @notice Publish versions of rules; the Council.
    /// @dev `restricted`. All or none. The contract must say the same name, version and source of itself.
    /// @param publications The versions.
    function publish(RulePublication[] calldata publications) external;

    /// @notice Give a version its next status, from a report year on; the Council.
    /// @dev `restricted`. A draft comes into force or ends; what is in force ends; nothing comes back.
    /// @param name Name of the rule.
    /// @param version The version.
    /// @param status The status.
    /// @param fromYear First report year it counts for, one of the version's.
    /// @param reason The document or decision behind it.
    function setStatus(
        string calldata name,
        uint32 version,
        RuleStatus status,
        uint16 fromYear,
        string calldata reason
    ) external;

    /// @notice The version in force for a report year.
    /// @param name Name of the rule.
    /// @param reportYear Year of the report.
    /// @return version Its number; without one the call reverts.
    function ruleFor(string calldata name, uint16 reportYear) external view returns (uint32 version);

    /// @notice A version of a rule, its status history included; a draft too.
    function entry(string calldata name, uint32 version) external view returns (RuleRecord memory);

    /// @notice Versions of a rule, whatever their standing, in the order of publication.
    function versionsOf(string calldata name) external view returns (uint32[] memory);

    /// @notice Status of a version for a report year, now; `None` outside of its years.
    function statusOf(string calldata name, uint32 version, uint16 reportYear)
        external
        view
        returns (RuleStatus);

    /// @notice Work a rule out in the open: here, from these inputs, with these values of the FactorBook in them.
    /// @param name Name of the rule.
    /// @param version The version.
    /// @param inputs Canonical ABI encoding of the rule's `Inputs`.
    /// @param profile Which intermediates are rounded as a report prints them.
    /// @param uses Which inputs are values of the FactorBook.
    /// @param reportYear Year of the report.
    /// @param isFinal Whether the version and every factor must be in force for the year; otherwise a draft, or what has
    /// ended, may be tried, and the years do not matter.
    /// @return The outcome.
    function run(
        string calldata name,
        uint32 version,
        bytes calldata inputs,
        RoundingProfile profile,
        FactorUse[] calldata uses,
        uint16 reportYear,
        bool isFinal
    ) external view returns (Outcome memory);

    /// @notice Names a rule: `keccak256(abi.encode("rule", name))`.
    function ruleIdOf(string calldata name) external pure returns (bytes32);

    /// @notice What the parties of a case sign, besides the result, where each works the rule out for itself:
    /// `keccak256(abi.encode(RULE_TYPEHASH, ruleId, version, codeHash, factorIds, inputs, salt))`.
    /// @param ruleId From {ruleIdOf}.
    /// @param version The version.
    /// @param codeHash Hash of the code it was worked out with.
    /// @param factorIds Ids of the factors used, in the order of the inputs.
    /// @param inputs Canonical ABI encoding of the rule's `Inputs`.
    /// @param salt The enterprise's, shared with the parties of the case: without it nobody can try inputs out.
    function inputsHash(
        bytes32 ruleId,
        uint32 version,
        bytes32 codeHash,
        bytes32[] calldata factorIds,
        bytes calldata inputs,
        bytes32 salt
    ) external pure returns (bytes32);
}
