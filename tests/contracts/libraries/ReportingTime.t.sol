// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {Jurisdictions} from "contracts/libraries/Jurisdictions.sol";
import {ReportingTime} from "contracts/libraries/ReportingTime.sol";

contract ReportingTimeTest is Test {
    /// @dev 2024-01-01, 00:00 in the reporting zone.
    uint64 private constant YEAR_2024 = 1_704_038_400;

    function test_YearTurnsAtMidnightOfTheZone() public pure {
        assertEq(ReportingTime.yearOf(YEAR_2024 - 1), 2023);
        assertEq(ReportingTime.yearOf(YEAR_2024), 2024);
    }

    /// @dev Lengths as a calendar has them, leap years of all three rules among them.
    function test_EveryRunOfMonths() public pure {
        uint16[5] memory numbers = [uint16(2023), 2024, 2000, 2100, 1972];
        uint64[5] memory begins = [uint64(1_672_502_400), YEAR_2024, 946_656_000, 4_102_416_000, 63_043_200];
        for (uint256 y = 0; y < 5; ++y) {
            bool isLeap = y == 1 || y == 2 || y == 4;
            for (uint256 first = 0; first < 12; ++first) {
                for (uint256 end = first + 1; end <= 12; ++end) {
                    (uint16 year, uint16 months) = ReportingTime.monthsOf(
                        begins[y] + _daysBefore(first, isLeap) * 1 days,
                        begins[y] + _daysBefore(end, isLeap) * 1 days
                    );
                    assertEq(year, numbers[y]);
                    assertEq(months, uint16((uint256(1) << end) - (uint256(1) << first)));
                }
            }
        }
    }

    /// @dev A second, a day, another zone, two years, nothing, the wrong way round.
    function test_NoRunOfMonths() public pure {
        _assertNone(YEAR_2024, YEAR_2024 + 31 days - 1);
        _assertNone(YEAR_2024 + 1, YEAR_2024 + 31 days);
        _assertNone(YEAR_2024, YEAR_2024 + 30 days);
        _assertNone(YEAR_2024 + 8 hours, YEAR_2024 + 31 days + 8 hours);
        _assertNone(YEAR_2024 - 31 days, YEAR_2024 + 31 days);
        _assertNone(YEAR_2024, YEAR_2024);
        _assertNone(YEAR_2024 + 31 days, YEAR_2024);
    }

    /// @dev 9998-12 is the last month; whoever reads inventories has four digits for a year, and for the end of a period.
    function test_YearsHaveFourDigits() public pure {
        uint64 lastEnd = 253_370_764_800 - 8 hours;
        (uint16 year, uint16 months) = ReportingTime.monthsOf(lastEnd - 31 days, lastEnd);
        assertEq(year, 9998);
        assertEq(months, 1 << 11);
        _assertNone(lastEnd, lastEnd + 31 days);
        _assertNone(lastEnd, type(uint64).max);
    }

    function testFuzz_MonthsNeverRevert(uint64 from, uint64 to) public pure {
        ReportingTime.monthsOf(from, to);
    }

    function testFuzz_MonthsNeverRevertInThisMillennium(uint64 from, uint64 to) public pure {
        from = uint64(bound(from, 0, 32_503_651_200));
        to = uint64(bound(to, 0, 32_503_651_200));
        ReportingTime.monthsOf(from, to);
    }

    function test_CodesContainWhatBeginsWithThem() public pure {
        assertTrue(Jurisdictions.contains(0, 310_115));
        assertTrue(Jurisdictions.contains(310_000, 310_115));
        assertTrue(Jurisdictions.contains(310_100, 310_115));
        assertTrue(Jurisdictions.contains(310_115, 310_115));
        assertFalse(Jurisdictions.contains(310_115, 310_100));
        assertFalse(Jurisdictions.contains(310_100, 310_000));
        assertFalse(Jurisdictions.contains(310_000, 320_115));
        assertFalse(Jurisdictions.contains(310_000, 0));
        assertFalse(Jurisdictions.contains(310_100, 310_215));
    }

    function test_CodesAreOfAProvinceACityOrACounty() public pure {
        uint32[4] memory codes = [uint32(0), 110_000, 310_100, 310_115];
        uint32[5] memory others = [uint32(1), 100_000, 310_015, 1_000_000, 99_999];
        for (uint256 i = 0; i < codes.length; ++i) {
            assertTrue(Jurisdictions.isCode(codes[i]));
        }
        for (uint256 i = 0; i < others.length; ++i) {
            assertFalse(Jurisdictions.isCode(others[i]));
        }
    }

    function _assertNone(uint64 from, uint64 to) private pure {
        (uint16 year, uint16 months) = ReportingTime.monthsOf(from, to);
        assertEq(year, 0);
        assertEq(months, 0);
    }

    function _daysBefore(uint256 month, bool isLeap) private pure returns (uint64) {
        uint16[13] memory before = [uint16(0), 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
        return before[month] + (isLeap && month > 1 ? 1 : 0);
    }
}
