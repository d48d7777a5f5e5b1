// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {FactorBook} from "contracts/accounting/FactorBook.sol";
import {FactorEntry} from "contracts/interfaces/IFactorBook.sol";
import {RuleStatus} from "contracts/types/Enums.sol";

/// @title FactorHandler
/// @notice Publishes entries of two keys, gives them statuses, and asks; every refusal must be one that the model expects.
/// @dev The model of an entry is a list of years with the status of each, nothing more. The model of what was said is a
/// list of past answers with their moments.
contract FactorHandler is Test {
    uint16 public constant FIRST_YEAR = 2019;
    uint16 public constant YEARS = 10;

    struct Model {
        bytes32 factorId;
        uint256 key;
        FactorEntry entry;
        uint64 publishedAt;
        RuleStatus latest;
        uint256 acts;
        RuleStatus[10] byYear;
    }

    struct Answer {
        uint256 key;
        uint16 year;
        uint64 timestamp;
        bytes32 factorId;
    }

    FactorBook private immutable _book;
    address private immutable _council;
    Model[] private _models;
    Answer[] private _answers;
    uint256 private _serial;
    /// @dev Who was prescribed before the last action that was no status act.
    bytes32[10][2] private _before;
    /// @dev How often each thing happened: rare events should.
    mapping(string what => uint256 times) public counts;

    constructor(FactorBook book, address council) {
        (_book, _council) = (book, council);
    }

    function models() external view returns (Model[] memory) {
        return _models;
    }

    function answers() external view returns (Answer[] memory) {
        return _answers;
    }

    function keyOf(uint256 key) public view returns (bytes32) {
        return _book.keyOf("guide", "quantity", key == 0 ? "first" : "second");
    }

    // --- what the Council does

    /// @dev What was prescribed for a year before a publication is prescribed for it afterwards.
    function publish(uint256 key, uint16 from, uint16 length, uint256 status, bool isOpen) external {
        FactorEntry memory entry = _entry(key % 2, from % YEARS, length % YEARS, isOpen);
        // Mostly drafts and what is in force.
        entry.status = RuleStatus(status % 6 == 0 ? 3 + status / 6 % 2 : 1 + status % 2);
        bool isFree = entry.status != RuleStatus.InForce || _isFree(key % 2, entry);
        for (uint16 i = 0; i < YEARS; ++i) {
            _before[key % 2][i] = prescribedByBook(key % 2, FIRST_YEAR + i);
        }
        if (!_publish(entry, isFree)) return;
        _remember(key % 2, entry);
        for (uint16 i = 0; i < YEARS; ++i) {
            bytes32 said = _before[key % 2][i];
            if (said != 0) assertEq(prescribedByBook(key % 2, FIRST_YEAR + i), said, "F3");
        }
    }

    /// @dev The same entry again, or with the same words and another status afterwards.
    function publishAgain(uint256 which) external {
        if (_models.length == 0) return;
        FactorEntry memory entry = _models[which % _models.length].entry;
        assertFalse(_publish(entry, false), "F1");
        ++counts["published again"];
    }

    function setStatus(uint256 which, uint256 status, uint16 fromYear) external {
        if (_models.length == 0) return;
        Model storage model = _models[which % _models.length];
        // Mostly what may follow, and a year near the entry's own.
        RuleStatus next = RuleStatus(status % 6 == 0 ? status / 6 % 5 : 2 + status % 3);
        uint16 year = (model.entry.reportFrom - FIRST_YEAR + fromYear % 3) % YEARS;
        bool isAllowed = model.byYear[year] != RuleStatus.None && _isAfter(model.latest, next)
            && (next != RuleStatus.InForce || _isFreeFrom(model, year));
        vm.prank(_council);
        try _book.setStatus(model.factorId, next, FIRST_YEAR + year, "") {
            assertTrue(isAllowed, "a status that must be refused");
        } catch {
            assertFalse(isAllowed, "a status that must be taken");
            return;
        }
        for (uint16 i = year; i < YEARS; ++i) {
            if (model.byYear[i] != RuleStatus.None) model.byYear[i] = next;
        }
        model.latest = next;
        ++model.acts;
        ++counts[next == RuleStatus.InForce ? "came into force" : "ended"];
    }

    /// @dev Anybody else may do nothing.
    function actAsStranger(address sender, uint256 which) external {
        if (sender == _council || _models.length == 0) return;
        vm.prank(sender);
        try _book.setStatus(_models[which % _models.length].factorId, RuleStatus.Repealed, FIRST_YEAR, "") {
            assertTrue(false, "a stranger set a status");
        } catch {}
    }

    /// @dev Keep an answer of now, to ask for it again later, and let time pass.
    function askAndWait(uint256 key, uint16 year, uint16 wait) external {
        year = FIRST_YEAR + year % YEARS;
        bytes32 factorId = prescribedByBook(key % 2, year);
        _answers.push(Answer(key % 2, year, uint64(block.timestamp), factorId));
        vm.warp(block.timestamp + 1 + wait);
        ++counts["asked"];
    }

    // --- the book's and the model's answers; zero for none

    function prescribedByBook(uint256 key, uint16 year) public view returns (bytes32 factorId) {
        try _book.prescribed(keyOf(key), year) returns (bytes32 found) {
            factorId = found;
        } catch {}
    }

    function prescribedByModel(uint256 key, uint16 year) external view returns (bytes32 factorId) {
        for (uint256 i = 0; i < _models.length; ++i) {
            Model storage model = _models[i];
            if (model.key != key || model.byYear[year - FIRST_YEAR] != RuleStatus.InForce) continue;
            assertEq(factorId, 0, "two are in force");
            factorId = model.factorId;
        }
    }

    function _entry(uint256 key, uint16 from, uint16 length, bool isOpen)
        private
        returns (FactorEntry memory entry)
    {
        (entry.guide, entry.quantity, entry.unit) = ("guide", "quantity", "1");
        entry.subject = key == 0 ? "first" : "second";
        entry.values = new int256[](1);
        entry.values[0] = int256(++_serial);
        entry.reportFrom = FIRST_YEAR + from;
        entry.reportTo = isOpen ? 0 : FIRST_YEAR + from + length;
    }

    function _publish(FactorEntry memory entry, bool isAllowed) private returns (bool isPublished) {
        FactorEntry[] memory entries = new FactorEntry[](1);
        entries[0] = entry;
        vm.prank(_council);
        try _book.publish(entries) {
            isPublished = true;
        } catch {}
        assertEq(isPublished, isAllowed, "publication");
    }

    function _remember(uint256 key, FactorEntry memory entry) private {
        Model storage model = _models.push();
        model.factorId = _book.factorIdOf(entry);
        model.key = key;
        model.entry = entry;
        model.publishedAt = uint64(block.timestamp);
        model.latest = entry.status;
        for (uint16 year = entry.reportFrom; year < FIRST_YEAR + YEARS; ++year) {
            if (entry.reportTo == 0 || year <= entry.reportTo) {
                model.byYear[year - FIRST_YEAR] = entry.status;
            }
        }
        ++counts[entry.status == RuleStatus.Draft ? "drafts" : "published"];
    }

    /// @dev Beyond the model's last year an entry that is open goes on as it is in that year.
    function _isFree(uint256 key, FactorEntry memory entry) private view returns (bool) {
        uint16 first = entry.reportFrom - FIRST_YEAR;
        uint16 last = entry.reportTo == 0 ? YEARS - 1 : entry.reportTo - FIRST_YEAR;
        return _isFreeBetween(key, bytes32(0), first, last < YEARS ? last : YEARS - 1);
    }

    function _isFreeFrom(Model storage model, uint16 year) private view returns (bool) {
        uint16 last = year;
        while (last + 1 < YEARS && model.byYear[last + 1] != RuleStatus.None) ++last;
        return _isFreeBetween(model.key, model.factorId, year, last);
    }

    function _isFreeBetween(uint256 key, bytes32 except, uint16 first, uint16 last)
        private
        view
        returns (bool)
    {
        for (uint256 i = 0; i < _models.length; ++i) {
            Model storage model = _models[i];
            if (model.key != key || model.factorId == except) continue;
            for (uint16 year = first; year <= last; ++year) {
                if (model.byYear[year] == RuleStatus.InForce) return false;
            }
        }
        return true;
    }

    /// @dev The table of statuses, written out.
    function _isAfter(RuleStatus current, RuleStatus next) private pure returns (bool) {
        bytes memory pairs = "DI DR DS IR IS";
        bytes memory letters = "NDIRS";
        for (uint256 i = 0; i < pairs.length; i += 3) {
            if (pairs[i] == letters[uint8(current)] && pairs[i + 1] == letters[uint8(next)]) return true;
        }
        return false;
    }
}
