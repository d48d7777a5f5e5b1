// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Jurisdictions
/// @notice Areas by their six-digit codes of administrative divisions (GB/T 2260); zero stands for the nation.
///
/// Two digits each for province, city and county; trailing zeros leave the rest open, so that a code contains all that
/// begin with its digits.
library Jurisdictions {
    /// @notice The whole nation.
    uint32 internal constant NATION = 0;
    uint32 private constant FIRST_PROVINCE = 110_000;
    uint32 private constant END = 1_000_000;
    uint32 private constant PROVINCE = 10_000;
    uint32 private constant CITY = 100;

    /// @notice Whether the number is a code: of the nation, a province, a city, or a county of a city.
    function isCode(uint32 code) internal pure returns (bool) {
        if (code == NATION) return true;
        if (code < FIRST_PROVINCE || code >= END) return false;
        return isProvince(code) || isCity(code) || (code / CITY) % CITY != 0;
    }

    /// @notice Whether a code is that of a province, an autonomous region or a municipality under the nation.
    function isProvince(uint32 code) internal pure returns (bool) {
        return code >= FIRST_PROVINCE && code < END && code % PROVINCE == 0;
    }

    /// @notice Whether a code is that of a city or a prefecture.
    function isCity(uint32 code) internal pure returns (bool) {
        return code >= FIRST_PROVINCE && code < END && code % CITY == 0 && code % PROVINCE != 0;
    }

    /// @notice Whether `area` is `code` or contains it.
    function contains(uint32 area, uint32 code) internal pure returns (bool) {
        if (area == NATION) return true;
        if (isProvince(area)) return provinceOf(code) == area;
        if (isCity(area)) return code / CITY == area / CITY;
        return code == area;
    }

    /// @notice The code of the province that a code lies in; zero for the nation.
    function provinceOf(uint32 code) internal pure returns (uint32) {
        return code - code % PROVINCE;
    }
}
