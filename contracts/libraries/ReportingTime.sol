// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title ReportingTime
/// @notice Years and months of the reporting zone: UTC+8 the whole year, no daylight saving.
library ReportingTime {
    using SafeCast for uint256;

    uint256 private constant ZONE_OFFSET = 8 hours;
    /// @dev Months of a year that is no leap year, two hexadecimal digits each, December first.
    uint256 private constant MONTH_LENGTHS = 0x1f1e1f1e1f1f1e1f1e1f1c1f;
    uint256 private constant FEBRUARY = 1;
    /// @dev 9999-01-01: calendars and texts of times know years of four digits, and the end of a period lies in the next.
    uint256 private constant LAST_END = 253_370_764_800;

    /// @notice The calendar year that holds `timestamp`, Unix seconds.
    function yearOf(uint64 timestamp) internal pure returns (uint16) {
        return _yearOf((uint256(timestamp) + ZONE_OFFSET) / 1 days).toUint16();
    }

    /// @notice The months of one year that make up a period.
    /// @param from Begin of the period, Unix seconds, included.
    /// @param to End of the period, Unix seconds, excluded.
    /// @return year The year.
    /// @return months Bit 0 for January to bit 11 for December; zero if the period is not one or more whole months of
    /// one year up to 9998.
    function monthsOf(uint64 from, uint64 to) internal pure returns (uint16 year, uint16 months) {
        (uint256 begin, uint256 end) = (uint256(from) + ZONE_OFFSET, uint256(to) + ZONE_OFFSET);
        if (begin >= end || end > LAST_END || begin % 1 days != 0 || end % 1 days != 0) return (0, 0);
        (uint256 firstDay, uint256 endDay) = (begin / 1 days, end / 1 days);
        year = _yearOf(firstDay).toUint16();

        uint256 monthStart = _firstDayOf(year);
        uint256 covered = 0;
        for (uint256 month = 0; month < 12; ++month) {
            uint256 next = monthStart + _lengthOf(year, month);
            if (firstDay <= monthStart && next <= endDay) {
                months |= (uint256(1) << month).toUint16();
                covered += next - monthStart;
            }
            monthStart = next;
        }
        if (covered != endDay - firstDay) return (0, 0);
    }

    /// @dev The year of a day counted from 1970-01-01. 146 097 days are 400 Gregorian years; the estimate is exact or
    /// one too high.
    function _yearOf(uint256 day) private pure returns (uint256) {
        uint256 estimate = 1970 + (day * 400 + 399) / 146_097;
        return day < _firstDayOf(estimate) ? estimate - 1 : estimate;
    }

    /// @dev Days from 1970-01-01 to January 1st of `year`.
    function _firstDayOf(uint256 year) private pure returns (uint256) {
        uint256 before = year - 1;
        return before * 365 + before / 4 - before / 100 + before / 400 - 719_162;
    }

    function _lengthOf(uint256 year, uint256 month) private pure returns (uint256) {
        bool isLeap = _firstDayOf(year + 1) - _firstDayOf(year) == 366;
        uint256 length = (MONTH_LENGTHS >> (8 * month)) & 0xff;
        return isLeap && month == FEBRUARY ? length + 1 : length;
    }
}
