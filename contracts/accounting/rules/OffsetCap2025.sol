// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule} from "../../interfaces/IRule.sol";
import {OffsetCap} from "./OffsetCap.sol";

/// @title OffsetCap2025
/// @notice Surrender for 2025 and 2026, **a draft**; see {OffsetCap}.
///
/// - Vintage 2025 serves both years, 2026 serves 2026; vintages up to 2024 serve only old arrears, which are
///   none of this rule's.
/// - Whether vintage 2026 serves 2025 only the final plan says, which was not found: that is an error of its
///   own, not a guess.
/// - Only offsets registered since the market's start on 2024-01-22, that day included.
contract OffsetCap2025 is OffsetCap {
    uint16 private constant FIRST_YEAR = 2025;
    uint16 private constant LAST_YEAR = 2026;

    /// @notice No text found settles whether this vintage serves the year.
    error OffsetCap_VintageUnsettled(uint16 vintage, uint16 complianceYear);

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 2;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"碳排放权交易管理办法(试行), articles 28 and 29; allocation plan 2025–2026, draft for comment of 2026-07-27 (征求意见稿), section 5(1); read in public copies";
    }

    function _requireYear(uint16 complianceYear) internal pure override {
        _requireCount("complianceYear", 0, complianceYear, FIRST_YEAR, LAST_YEAR);
    }

    function _requireUsable(uint256 item, uint16 vintage, uint16 complianceYear) internal pure override {
        _requireCount("vintage", item, vintage, FIRST_YEAR, LAST_YEAR);
        require(vintage <= complianceYear, OffsetCap_VintageUnsettled(vintage, complianceYear));
    }

    function _requireRegistered(uint256 item, uint32 registeredOn, uint32) internal pure override {
        require(registeredOn >= MARKET_START, Rule_OutOfRange("registeredOn", item, _number(registeredOn)));
    }
}
