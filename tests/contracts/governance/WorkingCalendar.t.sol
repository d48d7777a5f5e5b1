// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManaged} from "openzeppelin-access-manager/access/manager/IAccessManaged.sol";

import {Calendar2024} from "../support/Calendar2024.sol";
import {Deployed} from "../support/Deployed.sol";
import {IWorkingCalendar} from "contracts/interfaces/IWorkingCalendar.sol";

contract WorkingCalendarTest is Deployed {
    /// @dev 2024-01-01, 00:00 in the reporting zone.
    uint64 private constant NEW_YEAR_2024 = 1_704_038_400;
    uint64 private constant DAY = 1 days;

    /// @dev 2024 had 251 working days, and New Year's Day is not one.
    function test_CountsTheWorkingDaysOfAYear() public view {
        uint256 working;
        for (uint64 day = 0; day < 366; ++day) {
            if (calendar.isWorkingDay(NEW_YEAR_2024 + day * DAY)) ++working;
        }

        assertEq(working, 251);
        assertFalse(calendar.isWorkingDay(NEW_YEAR_2024));
        assertTrue(calendar.isWorkingDay(NEW_YEAR_2024 + DAY));
    }

    /// @dev Sunday 2024-02-18 was worked, and Saturday the 17th was not.
    function test_WorkedWeekendCounts() public view {
        assertFalse(calendar.isWorkingDay(NEW_YEAR_2024 + 47 * DAY));
        assertTrue(calendar.isWorkingDay(NEW_YEAR_2024 + 48 * DAY));
    }

    /// @dev One second before midnight in the zone is still the day; UTC is eight hours behind.
    function test_DayIsTheZones() public view {
        uint64 lastSecond = NEW_YEAR_2024 + DAY - 1;

        assertFalse(calendar.isWorkingDay(lastSecond));
        assertTrue(calendar.isWorkingDay(lastSecond + 1));
        assertEq(calendar.endOfWorkingDay(lastSecond, 1), NEW_YEAR_2024 + 2 * DAY);
        assertEq(calendar.endOfWorkingDay(lastSecond + 1, 1), NEW_YEAR_2024 + 3 * DAY);
    }

    /// @dev From Friday: the next working day is Monday, and ends on Tuesday at midnight.
    function test_CountsOverAWeekend() public view {
        assertEq(calendar.endOfWorkingDay(NEW_YEAR_2024 + 4 * DAY + 5 hours, 1), NEW_YEAR_2024 + 8 * DAY);
    }

    function test_CountsOverTheEndOfTheYear() public {
        uint256[2] memory nonWorking = [uint256(1), 0];
        vm.prank(address(council));
        calendar.setYear(2025, nonWorking, "a made-up calendar: only January 1st is off");

        // Tuesday 2024-12-31: January 2nd is the next working day.
        assertEq(calendar.endOfWorkingDay(NEW_YEAR_2024 + 365 * DAY, 1), NEW_YEAR_2024 + 368 * DAY);
        assertTrue(calendar.isKnown(2025));
        assertFalse(calendar.isKnown(2026));
    }

    function test_SetAnew() public {
        uint256[2] memory nonWorking = Calendar2024.nonWorkingDays();
        nonWorking[0] |= 2;
        vm.expectEmit(address(calendar));
        emit IWorkingCalendar.YearSet(2024, nonWorking, "a later notice");
        vm.prank(address(council));
        calendar.setYear(2024, nonWorking, "a later notice");

        assertFalse(calendar.isWorkingDay(NEW_YEAR_2024 + DAY));
    }

    function test_RevertWhen_YearIsUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IWorkingCalendar.WorkingCalendar_UnknownYear.selector, 2023));
        calendar.isWorkingDay(NEW_YEAR_2024 - 1);
    }

    function test_RevertWhen_CountingIntoAnUnknownYear() public {
        vm.expectRevert(abi.encodeWithSelector(IWorkingCalendar.WorkingCalendar_UnknownYear.selector, 2025));
        calendar.endOfWorkingDay(NEW_YEAR_2024 + 365 * DAY, 1);
    }

    function test_RevertWhen_CountIsZeroOrTooHigh() public {
        vm.expectRevert(abi.encodeWithSelector(IWorkingCalendar.WorkingCalendar_CountInvalid.selector, 0));
        calendar.endOfWorkingDay(NEW_YEAR_2024, 0);
        vm.expectRevert(abi.encodeWithSelector(IWorkingCalendar.WorkingCalendar_CountInvalid.selector, 61));
        calendar.endOfWorkingDay(NEW_YEAR_2024, 61);
    }

    /// @dev Day 365, counted from 0, exists in leap years only.
    function test_RevertWhen_BitIsBeyondTheYear() public {
        uint256[2] memory nonWorking = [uint256(0), uint256(1) << (365 - 256)];
        vm.startPrank(address(council));
        calendar.setYear(2028, nonWorking, "leap year");
        vm.expectRevert(abi.encodeWithSelector(IWorkingCalendar.WorkingCalendar_BeyondYear.selector, 2027));
        calendar.setYear(2027, nonWorking, "common year");
    }

    function test_RevertWhen_StrangerSetsYear() public {
        uint256[2] memory nonWorking;
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anybody));
        vm.prank(anybody);
        calendar.setYear(2024, nonWorking, "");
    }

    /// @dev The last second of a year belongs to it, and the next one to the next year, for four centuries.
    function test_KnowsEveryTurnOfTheYear() public {
        uint256[2] memory nonWorking;
        uint64 turn = NEW_YEAR_2024 + 366 * DAY;
        for (uint16 year = 2025; year < 2425; ++year) {
            vm.expectRevert(
                abi.encodeWithSelector(IWorkingCalendar.WorkingCalendar_UnknownYear.selector, year)
            );
            calendar.isWorkingDay(turn);
            vm.prank(address(council));
            calendar.setYear(year, nonWorking, "");
            assertTrue(calendar.isWorkingDay(turn));
            bool isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            turn += (isLeap ? 366 : 365) * DAY;
            assertTrue(calendar.isWorkingDay(turn - 1));
        }
    }
}
