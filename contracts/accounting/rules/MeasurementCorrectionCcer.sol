// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice What an electricity meter of a project measured while its calibration stood in one way.
/// @param energy_MWh What it measured, MWh.
/// @param limit_pct Greatest error that its class permits, 0 to 100 %.
/// @param isCalibrated Whether a calibration in time covered that time.
/// @param error_pct Size of the error that the calibration found, 0 to 100 %; 0 if there was none.
struct CcerMeterPart {
    int256 energy_MWh;
    int256 limit_pct;
    bool isCalibrated;
    int256 error_pct;
}

/// @notice Power that a project gave to the grid and took from it.
/// @param exports Parts of the power given; at least one.
/// @param imports Parts of the power taken; at least one, with zero if none was taken.
struct MeasurementCorrectionCcerInputs {
    CcerMeterPart[] exports;
    CcerMeterPart[] imports;
}

/// @title MeasurementCorrectionCcer
/// @notice Net power of a project with conservative meters: `EG = Σ export × (1 − e) − Σ import × (1 + e)`.
///
/// e is 0 for a meter calibrated in time and within its class, **the whole error found** if it was calibrated in time and is out of
/// its class (not the excess, as for emitters), and the limit of the class where no calibration in time covered the part.
///
/// Result: `netPower` MWh with 3 decimals; below zero if more was taken than given. Steps: `exportCorrection`,
/// `importCorrection` % and `correctedExport`, `correctedImport` MWh per part.
///
/// Worked by hand, 0.5 % and no calibration: 100 000 × 0.995 − 500 × 1.005 = 99 500 − 502.5 = 98 997.500 MWh.
contract MeasurementCorrectionCcer is Rule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "measurement.correction-ccer";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CCER-01-002-V01, 7.3.4; read";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        MeasurementCorrectionCcerInputs memory decoded = abi.decode(inputs, (MeasurementCorrectionCcerInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(MeasurementCorrectionCcerInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireSome("exports", inputs.exports.length);
        _requireSome("imports", inputs.imports.length);
        OutcomeDraft memory draft = Outcomes.open(1, 2 * (inputs.exports.length + inputs.imports.length));

        int256 net;
        for (uint256 i = 0; i < inputs.exports.length; ++i) {
            int256 error_ = _error("export", inputs.exports[i], i);
            draft.step("exportCorrection", i, "%", -error_);
            int256 energy = Fixed.ratio(inputs.exports[i].energy_MWh, HUNDRED - error_, HUNDRED);
            net += draft.step("correctedExport", i, "MWh", energy);
        }
        for (uint256 i = 0; i < inputs.imports.length; ++i) {
            int256 error_ = _error("import", inputs.imports[i], i);
            draft.step("importCorrection", i, "%", error_);
            int256 energy = Fixed.ratio(inputs.imports[i].energy_MWh, HUNDRED + error_, HUNDRED);
            net -= draft.step("correctedImport", i, "MWh", energy);
        }
        draft.result("netPower", "MWh", net, 3);
        return draft.close();
    }

    /// @dev The error e of the part, %.
    function _error(bytes32 field, CcerMeterPart memory part, uint256 item) private pure returns (int256) {
        _requireAmount(field, item, part.energy_MWh);
        _requirePercent("limit", item, part.limit_pct);
        _requirePercent("error", item, part.error_pct);
        if (!part.isCalibrated) {
            _requireUnused("error", item, part.error_pct);
            return part.limit_pct;
        }
        return part.error_pct <= part.limit_pct ? int256(0) : part.error_pct;
    }
}
