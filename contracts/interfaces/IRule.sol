// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RoundingProfile} from "../types/Enums.sol";

/// @dev `decimals` of a figure that was not rounded: it is carried with 18 decimals.
uint8 constant UNROUNDED = 255;

/// @notice One number of a calculation, named so that a person can follow.
/// @param name What it is, in ASCII, such as `emissions` or `carbonContent`.
/// @param item Which of several, counted from 0 as in the inputs; 0 where there is one.
/// @param unit UCUM-like unit, such as `tCO2`, `GJ/t`; `1` for a pure number.
/// @param decimals Decimals it was rounded to, or `UNROUNDED`.
/// @param value The number times 1e18.
struct Figure {
    bytes32 name;
    uint32 item;
    bytes32 unit;
    uint8 decimals;
    int256 value;
}

/// @notice What a rule gives.
/// @param results What the rule is asked for, in the order its documentation says.
/// @param steps Each number worked out on the way, in the order of the formula.
struct Outcome {
    Figure[] results;
    Figure[] steps;
}

/// @title Rule
/// @notice One rule of accounting or allocation: a pure function from inputs to results and the steps between.
///
/// What holds for every rule:
/// - the same inputs and profile give the same outcome, on every chain and off it, for ever: no state, no block, no sender;
/// - numbers are integers times 1e18; a product or quotient is rounded half away from zero (四舍五入) to 18 decimals,
///   and nothing else is rounded but where the guide or the profile says;
/// - a missing number is an error, never zero; a number out of its range is an error that names the field;
/// - inputs are the canonical ABI encoding of the rule's own `Inputs` struct, and no other bytes are taken for them.
interface IRule {
    /// @notice The bytes are not the canonical encoding of the inputs.
    error Rule_InputsNotCanonical();

    /// @notice A number is out of its range.
    /// @param field Name of the field.
    /// @param item Which of several, counted from 0.
    /// @param value What was given, times 1e18.
    error Rule_OutOfRange(bytes32 field, uint256 item, int256 value);

    /// @notice A list that must not be empty is empty.
    error Rule_NothingGiven(bytes32 field);

    /// @notice The rule does not know the profile.
    error Rule_ProfileUnknown(RoundingProfile profile);

    /// @notice Name of the rule, such as `power.combustion`; the same in every version.
    function name() external pure returns (string memory);

    /// @notice Version of the rule, from 1; a new version is a new contract.
    function version() external pure returns (uint32);

    /// @notice The document and clause that the rule follows.
    function source() external pure returns (string memory);

    /// @notice Work the rule out.
    /// @dev Each rule also has `compute(Inputs inputs, RoundingProfile profile)`, whose ABI is the schema of its inputs:
    /// an `int256` field is a number times 1e18, and the unit stands after the underscore in the field's name.
    /// @param inputs Canonical ABI encoding of the rule's `Inputs`.
    /// @param profile Which intermediates are rounded as a report prints them.
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory);
}
