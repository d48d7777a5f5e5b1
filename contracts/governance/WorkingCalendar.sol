// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IWorkingCalendar} from "../interfaces/IWorkingCalendar.sol";
import {Governed} from "./Governed.sol";

/// @title WorkingCalendar
/// @notice See the documentation in {IWorkingCalendar}.
contract WorkingCalendar is IWorkingCalendar, Governed {
    using SafeCast for uint256;

    /// @dev The reporting zone is UTC+8 the whole year.
    uint256 private constant ZONE_OFFSET = 8 hours;
    uint8 private constant MAX_COUNT = 60;

    struct Year {
        bool isKnown;
        uint256[2] nonWorkingDays;
    }

    mapping(uint256 year => Year) private _years;

    constructor(address authority_) Governed(authority_) {}

    /// @inheritdoc IWorkingCalendar
    function setYear(uint16 year, uint256[2] calldata nonWorkingDays, string calldata source)
        external
        restricted
    {
        uint256 daysBeyondFirstWord = _daysOfYear(year) - 256;
        require(nonWorkingDays[1] >> daysBeyondFirstWord == 0, WorkingCalendar_BeyondYear(year));

        _years[year] = Year(true, nonWorkingDays);
        emit YearSet(year, nonWorkingDays, source);
    }

    /// @inheritdoc IWorkingCalendar
    function endOfWorkingDay(uint64 timestamp, uint8 count) external view returns (uint64) {
        require(count != 0 && count <= MAX_COUNT, WorkingCalendar_CountInvalid(count));
        uint256 day = _dayOf(timestamp);
        uint256 left = count;
        while (left != 0) {
            ++day;
            if (_isWorking(day)) --left;
        }
        return ((day + 1) * 1 days - ZONE_OFFSET).toUint64();
    }

    /// @inheritdoc IWorkingCalendar
    function isWorkingDay(uint64 timestamp) external view returns (bool) {
        return _isWorking(_dayOf(timestamp));
    }

    /// @inheritdoc IWorkingCalendar
    function isKnown(uint16 year) external view returns (bool) {
        return _years[year].isKnown;
    }

    /// @dev Days are counted from 1970-01-01 in the reporting zone.
    function _isWorking(uint256 day) private view returns (bool) {
        uint256 year = _yearOf(day);
        require(_years[year].isKnown, WorkingCalendar_UnknownYear(year));
        uint256 dayOfYear = day - _firstDayOf(year);
        return (_years[year].nonWorkingDays[dayOfYear / 256] >> (dayOfYear % 256)) & 1 == 0;
    }

    function _dayOf(uint64 timestamp) private pure returns (uint256) {
        return (uint256(timestamp) + ZONE_OFFSET) / 1 days;
    }

    /// @dev The year of a day. 146 097 days are 400 Gregorian years; the estimate is exact or one too high.
    function _yearOf(uint256 day) private pure returns (uint256) {
        uint256 estimate = 1970 + (day * 400 + 399) / 146_097;
        return day < _firstDayOf(estimate) ? estimate - 1 : estimate;
    }

    /// @dev Days from 1970-01-01 to January 1st of `year`.
    function _firstDayOf(uint256 year) private pure returns (uint256) {
        uint256 before = year - 1;
        return before * 365 + before / 4 - before / 100 + before / 400 - 719_162;
    }

    function _daysOfYear(uint256 year) private pure returns (uint256) {
        return _firstDayOf(year + 1) - _firstDayOf(year);
    }
}
