// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {RuleStatus} from "../types/Enums.sol";

/// @notice A later status of an entry.
/// @param status From the report year on.
/// @param fromYear First report year it counts for.
/// @param recordedAt When the book took it, Unix seconds.
struct StatusAct {
    RuleStatus status;
    uint16 fromYear;
    uint64 recordedAt;
}

/// @notice For which report years an entry of a book stands, and as what.
/// @param reportFrom First report year.
/// @param reportTo Last report year; 0 while no end is known.
/// @param publishedAs Status at publication, for all its report years.
/// @param publishedAt When the book took it, Unix seconds; 0 if it never did.
/// @param later What was decided since, in the order of recording; two at most.
struct Standing {
    uint16 reportFrom;
    uint16 reportTo;
    RuleStatus publishedAs;
    uint64 publishedAt;
    StatusAct[] later;
}

/// @title Standings
/// @notice The standing of factors and rules by report year, now and as it was recorded at every moment before.
///
/// A status moves one way: a draft comes into force, is repealed or is superseded; what is in force is repealed or
/// superseded; nothing comes back. So an entry is in force for one run of report years, or for none.
library Standings {
    using SafeCast for uint256;

    uint16 private constant NO_END = type(uint16).max;

    /// @notice The report years are none: the first is 0, or after the last.
    error Standings_YearsInvalid(uint16 reportFrom, uint16 reportTo);

    /// @notice An entry is published with a status.
    error Standings_StatusMissing();

    /// @notice The year is not one of the entry's report years.
    error Standings_YearOutside(uint16 year, uint16 reportFrom, uint16 reportTo);

    /// @notice No way leads from the present status to the next.
    error Standings_StatusNotNext(RuleStatus current, RuleStatus next);

    /// @notice Begin the standing of a new entry.
    function begin(Standing storage standing, uint16 reportFrom, uint16 reportTo, RuleStatus status)
        internal
    {
        require(
            reportFrom != 0 && (reportTo == 0 || reportFrom <= reportTo),
            Standings_YearsInvalid(reportFrom, reportTo)
        );
        require(status != RuleStatus.None, Standings_StatusMissing());

        standing.reportFrom = reportFrom;
        standing.reportTo = reportTo;
        standing.publishedAs = status;
        standing.publishedAt = block.timestamp.toUint64();
    }

    /// @notice Record the next status, from a report year on.
    function record(Standing storage standing, RuleStatus next, uint16 fromYear) internal {
        require(
            covers(standing, fromYear),
            Standings_YearOutside(fromYear, standing.reportFrom, standing.reportTo)
        );
        RuleStatus current = latest(standing);
        require(_isNext(current, next), Standings_StatusNotNext(current, next));

        standing.later.push(StatusAct(next, fromYear, block.timestamp.toUint64()));
    }

    /// @notice Whether the entry was ever published.
    function isPublished(Standing storage standing) internal view returns (bool) {
        return standing.publishedAt != 0;
    }

    /// @notice Whether a year is one of the entry's report years.
    function covers(Standing storage standing, uint16 year) internal view returns (bool) {
        return standing.reportFrom <= year && year <= _lastYear(standing);
    }

    /// @notice The status for a report year, by what was recorded up to a moment, that second included.
    /// @return status `None` where the entry does not stand for the year, or did not yet.
    function statusFor(Standing storage standing, uint16 year, uint64 timestamp)
        internal
        view
        returns (RuleStatus status)
    {
        if (!covers(standing, year) || standing.publishedAt > timestamp) return RuleStatus.None;
        status = standing.publishedAs;
        for (uint256 i = 0; i < standing.later.length; ++i) {
            StatusAct memory act = standing.later[i];
            if (act.recordedAt <= timestamp && act.fromYear <= year) status = act.status;
        }
    }

    /// @notice Whether the entry is in force for a report year now.
    function isInForce(Standing storage standing, uint16 year) internal view returns (bool) {
        return statusFor(standing, year, type(uint64).max) == RuleStatus.InForce;
    }

    /// @notice The status that was recorded last, whatever years it counts for.
    function latest(Standing storage standing) internal view returns (RuleStatus) {
        uint256 count = standing.later.length;
        return count == 0 ? standing.publishedAs : standing.later[count - 1].status;
    }

    /// @notice The report years for which the entry is in force now.
    /// @return first First of them.
    /// @return last Last of them, 65535 where no end is known; below `first` where there is none.
    function yearsInForce(Standing storage standing) internal view returns (uint16 first, uint16 last) {
        bool hasForce = standing.publishedAs == RuleStatus.InForce;
        (first, last) = (standing.reportFrom, _lastYear(standing));
        for (uint256 i = 0; i < standing.later.length; ++i) {
            StatusAct memory act = standing.later[i];
            if (act.status == RuleStatus.InForce) (hasForce, first) = (true, act.fromYear);
            else last = act.fromYear - 1;
        }
        return hasForce ? (first, last) : (NO_END, 0);
    }

    /// @notice Whether two entries are in force for one report year.
    function overlap(Standing storage one, Standing storage other) internal view returns (bool) {
        (uint16 first, uint16 last) = yearsInForce(one);
        (uint16 otherFirst, uint16 otherLast) = yearsInForce(other);
        if (first > last || otherFirst > otherLast) return false;
        return first <= otherLast && otherFirst <= last;
    }

    function _lastYear(Standing storage standing) private view returns (uint16) {
        return standing.reportTo == 0 ? NO_END : standing.reportTo;
    }

    function _isNext(RuleStatus current, RuleStatus next) private pure returns (bool) {
        if (next == RuleStatus.InForce) return current == RuleStatus.Draft;
        bool hasEnded = next == RuleStatus.Repealed || next == RuleStatus.Superseded;
        return hasEnded && (current == RuleStatus.Draft || current == RuleStatus.InForce);
    }
}
