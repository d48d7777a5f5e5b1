// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Figure, Outcome, UNROUNDED} from "../interfaces/IRule.sol";
import {Fixed} from "./Fixed.sol";

/// @notice An outcome under way.
struct OutcomeDraft {
    Figure[] results;
    Figure[] steps;
    uint256 resultCount;
    uint256 stepCount;
}

/// @title Outcomes
/// @notice Writes the steps of a calculation down while it runs; each function gives back the number it wrote.
library Outcomes {
    using SafeCast for uint256;

    /// @notice Begin an outcome with room for so many results and steps; writing beyond it reverts.
    function open(uint256 maxResults, uint256 maxSteps) internal pure returns (OutcomeDraft memory draft) {
        draft.results = new Figure[](maxResults);
        draft.steps = new Figure[](maxSteps);
    }

    /// @notice Write an unrounded step.
    function step(OutcomeDraft memory draft, bytes32 name, uint256 item, bytes32 unit, int256 value)
        internal
        pure
        returns (int256)
    {
        draft.steps[draft.stepCount++] = Figure(name, item.toUint32(), unit, UNROUNDED, value);
        return value;
    }

    /// @notice Round half away from zero, write the step, and give the rounded number back.
    function roundedStep(
        OutcomeDraft memory draft,
        bytes32 name,
        uint256 item,
        bytes32 unit,
        int256 value,
        uint8 decimals
    ) internal pure returns (int256 rounded) {
        rounded = Fixed.round(value, decimals);
        draft.steps[draft.stepCount++] = Figure(name, item.toUint32(), unit, decimals, rounded);
    }

    /// @notice Write a number that is already rounded, or is a whole number, as a step.
    function writtenStep(
        OutcomeDraft memory draft,
        bytes32 name,
        uint256 item,
        bytes32 unit,
        int256 value,
        uint8 decimals
    ) internal pure returns (int256) {
        draft.steps[draft.stepCount++] = Figure(name, item.toUint32(), unit, decimals, value);
        return value;
    }

    /// @notice Round half away from zero, write the result, and give the rounded number back.
    function result(OutcomeDraft memory draft, bytes32 name, bytes32 unit, int256 value, uint8 decimals)
        internal
        pure
        returns (int256 rounded)
    {
        rounded = Fixed.round(value, decimals);
        draft.results[draft.resultCount++] = Figure(name, 0, unit, decimals, rounded);
    }

    /// @notice Round down (向下取整), write the result, and give the rounded number back.
    function floorResult(OutcomeDraft memory draft, bytes32 name, bytes32 unit, int256 value, uint8 decimals)
        internal
        pure
        returns (int256 rounded)
    {
        rounded = Fixed.floor(value, decimals);
        draft.results[draft.resultCount++] = Figure(name, 0, unit, decimals, rounded);
    }

    /// @notice The outcome, with exactly what was written.
    function close(OutcomeDraft memory draft) internal pure returns (Outcome memory outcome) {
        outcome.results = _first(draft.results, draft.resultCount);
        outcome.steps = _first(draft.steps, draft.stepCount);
    }

    function _first(Figure[] memory figures, uint256 count) private pure returns (Figure[] memory kept) {
        kept = new Figure[](count);
        for (uint256 i = 0; i < count; ++i) {
            kept[i] = figures[i];
        }
    }
}
