// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title WorkingCalendar
/// @notice Counts working days (工作日) of the reporting zone, UTC+8 without daylight saving, from published calendars.
///
/// What holds after every call: a question about a year whose calendar was not set is an error, never a guess.
interface IWorkingCalendar {
    /// @notice The calendar of a year was set, for the first time or anew.
    /// @param year Calendar year.
    /// @param nonWorkingDays Bit `d` set: day `d` of the year, counted from 0, is no working day.
    /// @param source The notice that fixes it.
    event YearSet(uint16 indexed year, uint256[2] nonWorkingDays, string source);

    /// @notice The calendar of the year is not known.
    error WorkingCalendar_UnknownYear(uint256 year);

    /// @notice A bit beyond the last day of the year is set.
    error WorkingCalendar_BeyondYear(uint16 year);

    /// @notice Not 1 to 60 working days.
    error WorkingCalendar_CountInvalid(uint8 count);

    /// @notice Set the calendar of a year; the Council.
    /// @dev `restricted`. What was computed from an earlier calendar of the year stays as it was.
    /// @param year Calendar year.
    /// @param nonWorkingDays Bit `d` set: day `d` of the year, counted from 0, is no working day.
    /// @param source The notice that fixes it.
    function setYear(uint16 year, uint256[2] calldata nonWorkingDays, string calldata source) external;

    /// @notice The end of the `count`-th working day after the day of `timestamp`.
    /// @param timestamp Unix seconds.
    /// @param count Number of working days, 1 to 60.
    /// @return The first second of the day after, Unix seconds.
    function endOfWorkingDay(uint64 timestamp, uint8 count) external view returns (uint64);

    /// @notice Whether the day that holds `timestamp` is a working day.
    function isWorkingDay(uint64 timestamp) external view returns (bool);

    /// @notice Whether the calendar of the year is known.
    function isKnown(uint16 year) external view returns (bool);
}
