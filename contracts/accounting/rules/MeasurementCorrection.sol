// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {DataSide, RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice What a meter measured while its calibration stood in one way.
/// @param measured What it measured, in the unit named beside it.
/// @param required_pct Accuracy that the guide requires, 0 to 100 %.
/// @param isCalibrated Whether a calibration covered that time.
/// @param calibrated_pct Accuracy that the calibration found, 0 to 100 %; 0 if there was none.
struct MeterPart {
    int256 measured;
    int256 required_pct;
    bool isCalibrated;
    int256 calibrated_pct;
}

/// @notice A quantity of the report, in the parts that one calibration each covers.
/// @param side Which way is conservative.
/// @param unit Unit of the quantity, such as `t`.
/// @param parts The parts; together the whole quantity.
struct MeasurementCorrectionInputs {
    DataSide side;
    bytes32 unit;
    MeterPart[] parts;
}

/// @title MeasurementCorrection
/// @notice Conservative correction (保守性处理) of what a meter measured, by how its calibration stood.
///
/// With r the accuracy required and c that found:
///
/// | calibration | emission data | production data |
/// |---|---|---|
/// | in time, c not above r | x | x |
/// | in time, c above r | x · [1 + (c − r)] | x · [1 − (c − r)] |
/// | none | x · (1 + r) | x · (1 − r) |
/// | late | the covered part as calibrated, the other as not | the same |
///
/// A meter that was calibrated late gives two parts. The correction never helps who reports: emissions go up or stay, production
/// goes down or stays.
///
/// Result: `corrected` in the unit given, with 3 decimals. Steps: `correction` % and `correctedPart` per part.
///
/// Worked by hand, r = 0.5 %: 100 000 t, none: 100 500.000; found 0.8 %: 100 300.000; late, 75 000 covered and 25 000 not:
/// 75 000 + 25 125 = 100 125.000.
contract MeasurementCorrection is Rule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "measurement.correction";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-VG-01.01-V02-2026, 3.4.1; read";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        MeasurementCorrectionInputs memory decoded = abi.decode(inputs, (MeasurementCorrectionInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(MeasurementCorrectionInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireNamed("side", 0, uint8(inputs.side));
        _requireSome("parts", inputs.parts.length);
        OutcomeDraft memory draft = Outcomes.open(1, 2 * inputs.parts.length);

        int256 corrected;
        for (uint256 i = 0; i < inputs.parts.length; ++i) {
            int256 excess = _excess(inputs.parts[i], i);
            int256 correction = inputs.side == DataSide.Emission ? excess : -excess;
            draft.step("correction", i, "%", correction);
            int256 part = Fixed.ratio(inputs.parts[i].measured, HUNDRED + correction, HUNDRED);
            corrected += draft.step("correctedPart", i, inputs.unit, part);
        }
        draft.result("corrected", inputs.unit, corrected, 3);
        return draft.close();
    }

    /// @dev By how many percent the part is corrected, 0 or more.
    function _excess(MeterPart memory part, uint256 item) private pure returns (int256) {
        _requireAmount("measured", item, part.measured);
        _requirePercent("required", item, part.required_pct);
        _requirePercent("calibrated", item, part.calibrated_pct);
        if (!part.isCalibrated) {
            _requireUnused("calibrated", item, part.calibrated_pct);
            return part.required_pct;
        }
        bool isWithin = part.calibrated_pct <= part.required_pct;
        return isWithin ? int256(0) : part.calibrated_pct - part.required_pct;
    }
}
