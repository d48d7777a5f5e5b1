// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Calendar2024
/// @notice Working days of 2024: weekends and holidays off, eight weekend days worked instead.
/// Source: General Office of the State Council, notice 国办发明电〔2023〕7号.
library Calendar2024 {
    string internal constant SOURCE = unicode"国办发明电〔2023〕7号";

    /// @dev Bit `d` set: day `d` of 2024, counted from 0, is no working day.
    function nonWorkingDays() internal pure returns (uint256[2] memory words) {
        for (uint256 day = 0; day < 366; ++day) {
            if (day % 7 == 5 || day % 7 == 6) _set(words, day); // January 1st was a Monday
        }
        // New Year; Spring Festival 02-10…17; Qingming 04-04…06; Labour Day 05-01…05; Dragon Boat 06-10; Mid-Autumn
        // 09-15…17; National Day 10-01…07.
        uint16[28] memory holidays = [
            0,
            40,
            41,
            42,
            43,
            44,
            45,
            46,
            47,
            94,
            95,
            96,
            121,
            122,
            123,
            124,
            125,
            161,
            258,
            259,
            260,
            274,
            275,
            276,
            277,
            278,
            279,
            280
        ];
        for (uint256 i = 0; i < holidays.length; ++i) {
            _set(words, holidays[i]);
        }
        // 02-04, 02-18, 04-07, 04-28, 05-11, 09-14, 09-29, 10-12.
        uint16[8] memory worked = [34, 48, 97, 118, 131, 257, 272, 285];
        for (uint256 i = 0; i < worked.length; ++i) {
            words[worked[i] / 256] &= ~(uint256(1) << (worked[i] % 256));
        }
    }

    function _set(uint256[2] memory words, uint256 day) private pure {
        words[day / 256] |= uint256(1) << (day % 256);
    }
}
