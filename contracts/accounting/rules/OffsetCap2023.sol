// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule} from "../../interfaces/IRule.sol";
import {OffsetCap} from "./OffsetCap.sol";

/// @title OffsetCap2023
/// @notice Surrender for 2023 and 2024; see {OffsetCap}.
///
/// - Vintages 2019–2020 to 2023 serve 2023, and 2019–2020 to 2024 serve 2024; never a later one.
/// - Offsets registered before the market of 2024-01-22 serve until the end of 2024: recalled, not retrieved;
///   confidence 0.9.
contract OffsetCap2023 is OffsetCap {
    uint16 private constant FIRST_VINTAGE = 2020;
    uint16 private constant FIRST_YEAR = 2023;
    uint16 private constant LAST_YEAR = 2024;
    uint32 private constant OLD_OFFSETS_END = 20_241_231;

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"碳排放权交易管理办法(试行), articles 28 and 29, and 国环规气候〔2024〕1号, section 7; read in public copies; rounding of the cap assumed";
    }

    function _requireYear(uint16 complianceYear) internal pure override {
        _requireCount("complianceYear", 0, complianceYear, FIRST_YEAR, LAST_YEAR);
    }

    function _requireUsable(uint256 item, uint16 vintage, uint16 complianceYear) internal pure override {
        _requireCount("vintage", item, vintage, FIRST_VINTAGE, complianceYear);
    }

    function _requireRegistered(uint256 item, uint32 registeredOn, uint32 surrenderedOn)
        internal
        pure
        override
    {
        bool isUsable = registeredOn >= MARKET_START || surrenderedOn <= OLD_OFFSETS_END;
        require(isUsable, Rule_OutOfRange("registeredOn", item, _number(registeredOn)));
    }
}
