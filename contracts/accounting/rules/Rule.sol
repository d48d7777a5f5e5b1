// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IRule} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";

/// @title Rule
/// @notice The guards that every rule shares; the rest of the documentation is in {IRule}.
///
/// A number above `MAX_NUMBER` is refused by name: then a product of four numbers and a sum of a million of them fit
/// into 256 bits, and no rule ends in an overflow that names nothing.
abstract contract Rule is IRule {
    using Outcomes for OutcomeDraft;
    using SafeCast for uint256;

    /// @dev 10¹², far above any amount that a firm, or the world, could report in any unit used here.
    int256 internal constant MAX_NUMBER = 1e30;
    /// @dev 100 %.
    int256 internal constant HUNDRED = 100e18;

    /// @dev Masses of CO₂ and of the carbon in it; 44/12 is the factor of every guide.
    int256 private constant CARBON_DIOXIDE_MASS = 44;
    int256 private constant CARBON_MASS = 12;

    /// @dev CO₂ of so much carbon: × 44/12, rounded once.
    function _carbonDioxide(int256 carbon) internal pure returns (int256) {
        return Fixed.ratio(carbon, CARBON_DIOXIDE_MASS, CARBON_MASS);
    }

    /// @dev The bytes are exactly what encoding the decoded inputs gives.
    function _requireCanonical(bytes calldata inputs, bytes memory encoded) internal pure {
        require(keccak256(inputs) == keccak256(encoded), Rule_InputsNotCanonical());
    }

    /// @dev For rules that have no intermediate which a report prints rounded.
    function _requireExact(RoundingProfile profile) internal pure {
        require(profile == RoundingProfile.Exact, Rule_ProfileUnknown(profile));
    }

    /// @dev For rules with intermediates which a report prints rounded.
    function _requireExactOrReported(RoundingProfile profile) internal pure {
        require(
            profile == RoundingProfile.Exact || profile == RoundingProfile.Reported,
            Rule_ProfileUnknown(profile)
        );
    }

    /// @dev The list has at least one line.
    function _requireSome(bytes32 field, uint256 count) internal pure {
        require(count != 0, Rule_NothingGiven(field));
    }

    /// @dev min ≤ value ≤ max.
    function _requireWithin(bytes32 field, uint256 item, int256 value, int256 min, int256 max) internal pure {
        require(value >= min && value <= max, Rule_OutOfRange(field, item, value));
    }

    /// @dev 0 ≤ value ≤ 10¹².
    function _requireAmount(bytes32 field, uint256 item, int256 value) internal pure {
        _requireWithin(field, item, value, 0, MAX_NUMBER);
    }

    /// @dev 0 < value ≤ 10¹²: a divisor, or a number that cannot be zero.
    function _requirePositive(bytes32 field, uint256 item, int256 value) internal pure {
        _requireWithin(field, item, value, 1, MAX_NUMBER);
    }

    /// @dev 0 ≤ value ≤ 1.
    function _requireShare(bytes32 field, uint256 item, int256 value) internal pure {
        _requireWithin(field, item, value, 0, Fixed.ONE);
    }

    /// @dev 0 ≤ value ≤ 100.
    function _requirePercent(bytes32 field, uint256 item, int256 value) internal pure {
        _requireWithin(field, item, value, 0, HUNDRED);
    }

    /// @dev A number that this line has no use for is given as zero, so that it cannot be mistaken for one that counts.
    function _requireUnused(bytes32 field, uint256 item, int256 value) internal pure {
        require(value == 0, Rule_OutOfRange(field, item, value));
    }

    /// @dev An enum that says something: member 0 is `None` and never taken for one of the others.
    function _requireNamed(bytes32 field, uint256 item, uint8 member) internal pure {
        _requireCount(field, item, member, 1, type(uint8).max);
    }

    /// @dev min ≤ count ≤ max, for numbers that are not scaled.
    function _requireCount(bytes32 field, uint256 item, uint256 count, uint256 min, uint256 max)
        internal
        pure
    {
        require(count >= min && count <= max, Rule_OutOfRange(field, item, _number(count)));
    }

    /// @dev A count as a number.
    function _number(uint256 count) internal pure returns (int256) {
        return count.toInt256() * Fixed.ONE;
    }

    /// @dev The number as the profile uses it, written as a step: rounded to `decimals` for a report, as it is otherwise.
    function _use(
        OutcomeDraft memory draft,
        RoundingProfile profile,
        bytes32 label,
        uint256 item,
        bytes32 unit,
        int256 value,
        uint8 decimals
    ) internal pure returns (int256) {
        return profile == RoundingProfile.Reported
            ? draft.roundedStep(label, item, unit, value, decimals)
            : draft.step(label, item, unit, value);
    }
}
