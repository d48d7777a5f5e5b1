// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManaged} from "openzeppelin-access-manager/access/manager/IAccessManaged.sol";

import {BookCases} from "../support/BookCases.sol";
import {Factor, FactorEntry, IFactorBook} from "contracts/interfaces/IFactorBook.sol";
import {Standings} from "contracts/libraries/Standings.sol";
import {RuleStatus} from "contracts/types/Enums.sol";

contract FactorBookTest is BookCases {
    RuleStatus private constant DRAFT = RuleStatus.Draft;
    RuleStatus private constant IN_FORCE = RuleStatus.InForce;
    RuleStatus private constant REPEALED = RuleStatus.Repealed;
    RuleStatus private constant SUPERSEDED = RuleStatus.Superseded;

    // --- publish

    function test_Publish() public {
        FactorEntry memory entry = benchmark(0.3305e18, 2023, 2023, IN_FORCE);
        bytes32 factorId = factorBook.factorIdOf(entry);
        vm.expectEmit(address(factorBook));
        emit IFactorBook.FactorPublished(factorId, BENCHMARK_KEY, entry);
        publish(entry);

        Factor memory kept = factorBook.factor(factorId);
        assertEq(kept.key, BENCHMARK_KEY);
        assertEq(kept.unit, "tCO2/MWh");
        assertEq(kept.values, entry.values);
        assertEq(kept.validFrom, entry.validFrom);
        assertEq(kept.validTo, entry.validTo);
        assertEq(kept.standing.reportFrom, 2023);
        assertEq(kept.standing.reportTo, 2023);
        assertTrue(kept.standing.publishedAs == IN_FORCE);
        assertEq(kept.standing.publishedAt, block.timestamp);
        assertEq(kept.standing.later.length, 0);
        assertEq(factorBook.entriesOf(BENCHMARK_KEY).length, 1);
        assertEq(factorBook.valueOf(factorId, 0), 0.3305e18);
    }

    /// @dev A word that differs makes another id: what the event says can be checked against the id.
    function testFuzz_IdCommitsToEveryField(uint8 field, uint256 seed) public view {
        FactorEntry memory entry = benchmark(0.3305e18, 2023, 2023, IN_FORCE);
        FactorEntry memory other = _changed(entry, field % 14, seed);

        assertNotEq(factorBook.factorIdOf(entry), factorBook.factorIdOf(other));
    }

    /// @dev The id and the key are what their documentation says.
    function test_IdAndKeyAreAsDocumented() public view {
        FactorEntry memory entry = benchmark(0.3305e18, 2023, 2023, IN_FORCE);

        assertEq(factorBook.factorIdOf(entry), keccak256(abi.encode("carbonseal.factor", entry)));
        assertEq(factorBook.keyOf(GUIDE, QUANTITY, SUBJECT), BENCHMARK_KEY);
    }

    function test_DraftAndEndedStandBesideWhatIsInForce() public {
        bytes32 inForce = publish(benchmark(0.3305e18, 2023, 2024, IN_FORCE));
        publish(benchmark(0.3e18, 2023, 2024, DRAFT));
        publish(benchmark(0.4e18, 2023, 0, SUPERSEDED));
        publish(benchmark(0.5e18, 2024, 2024, REPEALED));

        assertEq(factorBook.entriesOf(BENCHMARK_KEY).length, 4);
        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2023), inForce);
        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2024), inForce);
    }

    /// @dev Whether two entries may both be in force is whether their years have none in common.
    function testFuzz_EntriesInForceNeverShareAYear(uint16 from, uint16 to, uint16 from2, uint16 to2) public {
        (from, to) = _years(from, to);
        (from2, to2) = _years(from2, to2);
        bytes32 first = publish(benchmark(1, from, to, IN_FORCE));
        FactorEntry memory second = benchmark(2, from2, to2, IN_FORCE);
        bool isDisjoint = (to != 0 && to < from2) || (to2 != 0 && to2 < from);
        if (!isDisjoint) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IFactorBook.FactorBook_AlreadyPrescribed.selector, BENCHMARK_KEY, first
                )
            );
        }
        vm.prank(address(council));
        factorBook.publish(one(second));

        assertEq(factorBook.entriesOf(BENCHMARK_KEY).length, isDisjoint ? 2 : 1);
    }

    function test_RevertWhen_OneOfABatchIsPrescribed() public {
        FactorEntry[] memory entries = new FactorEntry[](2);
        entries[0] = benchmark(1, 2023, 2023, IN_FORCE);
        entries[1] = benchmark(2, 2023, 2024, IN_FORCE);
        bytes32 first = factorBook.factorIdOf(entries[0]);
        vm.expectRevert(
            abi.encodeWithSelector(IFactorBook.FactorBook_AlreadyPrescribed.selector, BENCHMARK_KEY, first)
        );
        vm.prank(address(council));
        factorBook.publish(entries);

        assertEq(factorBook.entriesOf(BENCHMARK_KEY).length, 0);
        vm.expectRevert(abi.encodeWithSelector(IFactorBook.FactorBook_Unknown.selector, first));
        factorBook.factor(first);
    }

    function test_RevertWhen_PublishedBefore() public {
        FactorEntry memory entry = benchmark(1, 2023, 2023, DRAFT);
        bytes32 factorId = publish(entry);

        _assertRefused(
            entry, abi.encodeWithSelector(IFactorBook.FactorBook_AlreadyPublished.selector, factorId)
        );
    }

    function test_RevertWhen_AWordIsMissing() public {
        bytes memory refusal = abi.encodeWithSelector(IFactorBook.FactorBook_WordMissing.selector);
        FactorEntry memory entry = benchmark(1, 2023, 2023, IN_FORCE);
        entry.guide = "";
        _assertRefused(entry, refusal);
        entry = benchmark(1, 2023, 2023, IN_FORCE);
        entry.quantity = "";
        _assertRefused(entry, refusal);
        entry = benchmark(1, 2023, 2023, IN_FORCE);
        entry.subject = "";
        _assertRefused(entry, refusal);
    }

    /// @dev 31 bytes take one word of storage, 32 would take two.
    function test_RevertWhen_UnitIsMissingOrTooLong() public {
        FactorEntry memory entry = benchmark(1, 2023, 2023, IN_FORCE);
        entry.unit = "";
        _assertRefused(entry, abi.encodeWithSelector(IFactorBook.FactorBook_UnitInvalid.selector, ""));
        entry.unit = "tCO2/MWh tCO2/MWh tCO2/MWh tCO2/";
        _assertRefused(entry, abi.encodeWithSelector(IFactorBook.FactorBook_UnitInvalid.selector, entry.unit));
        entry.unit = "tCO2/MWh tCO2/MWh tCO2/MWh tCO2";
        publish(entry);
    }

    function test_RevertWhen_ThereAreNoOrTooManyValues() public {
        FactorEntry memory entry = benchmark(1, 2023, 2023, IN_FORCE);
        entry.values = new int256[](0);
        _assertRefused(entry, abi.encodeWithSelector(IFactorBook.FactorBook_ValuesInvalid.selector, 0));
        entry.values = new int256[](256);
        _assertRefused(entry, abi.encodeWithSelector(IFactorBook.FactorBook_ValuesInvalid.selector, 256));
        entry.values = new int256[](255);
        publish(entry);
    }

    function test_RevertWhen_YearsAreNone() public {
        _assertRefused(
            benchmark(1, 0, 2023, IN_FORCE),
            abi.encodeWithSelector(Standings.Standings_YearsInvalid.selector, 0, 2023)
        );
        _assertRefused(
            benchmark(1, 2024, 2023, IN_FORCE),
            abi.encodeWithSelector(Standings.Standings_YearsInvalid.selector, 2024, 2023)
        );
    }

    function test_RevertWhen_ValidityEndsBeforeItBegins() public {
        FactorEntry memory entry = benchmark(1, 2023, 2023, IN_FORCE);
        entry.validTo = entry.validFrom;
        _assertRefused(
            entry,
            abi.encodeWithSelector(
                IFactorBook.FactorBook_ValidityInvalid.selector, entry.validFrom, entry.validTo
            )
        );
        entry.validTo = entry.validFrom + 1;
        publish(entry);
    }

    function test_RevertWhen_ThereIsNoStatus() public {
        _assertRefused(
            benchmark(1, 2023, 2023, RuleStatus.None),
            abi.encodeWithSelector(Standings.Standings_StatusMissing.selector)
        );
    }

    function test_RevertWhen_StrangerPublishes() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, deployer));
        vm.prank(deployer);
        factorBook.publish(new FactorEntry[](0));
    }

    // --- setStatus

    function test_SetStatus() public {
        bytes32 factorId = publish(benchmark(1, 2022, 0, IN_FORCE));
        skip(1 days);
        vm.expectEmit(address(factorBook));
        emit IFactorBook.FactorStatusSet(factorId, SUPERSEDED, 2026, "a later notice");
        setFactorStatus(factorId, SUPERSEDED, 2026);

        Factor memory kept = factorBook.factor(factorId);
        assertEq(kept.standing.later.length, 1);
        assertTrue(kept.standing.later[0].status == SUPERSEDED);
        assertEq(kept.standing.later[0].fromYear, 2026);
        assertEq(kept.standing.later[0].recordedAt, START + 1 days);
        assertTrue(factorBook.statusOf(factorId, 2021) == RuleStatus.None);
        assertTrue(factorBook.statusOf(factorId, 2025) == IN_FORCE);
        assertTrue(factorBook.statusOf(factorId, 2026) == SUPERSEDED);
    }

    /// @dev What was prescribed for earlier years stays; the new one takes over from its year.
    function test_SuccessorTakesOver() public {
        bytes32 old = publish(benchmark(1, 2022, 0, IN_FORCE));
        setFactorStatus(old, SUPERSEDED, 2026);
        bytes32 successor = publish(benchmark(2, 2026, 0, IN_FORCE));

        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2025), old);
        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2026), successor);
        assertEq(factorBook.prescribed(BENCHMARK_KEY, 65_535), successor);
    }

    function test_DraftComesIntoForce() public {
        bytes32 draft = publish(benchmark(1, 2025, 2026, DRAFT));
        setFactorStatus(draft, IN_FORCE, 2026);

        assertTrue(factorBook.statusOf(draft, 2025) == DRAFT);
        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2026), draft);
        factorBook.requireFinal(draft, 2026);
    }

    /// @dev A draft that came into force for a later year leaves its earlier years to others.
    function test_YearsBeforeADraftCameIntoForceStayFree() public {
        bytes32 draft = publish(benchmark(1, 2025, 2026, DRAFT));
        setFactorStatus(draft, IN_FORCE, 2026);
        bytes32 other = publish(benchmark(2, 2025, 2025, IN_FORCE));

        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2025), other);
        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2026), draft);
    }

    /// @dev A draft that was replaced before its first year is in force for none, and leaves the years free.
    function test_DraftThatEndsBeforeItsYearIsNeverInForce() public {
        bytes32 draft = publish(benchmark(1, 2025, 2026, DRAFT));
        setFactorStatus(draft, IN_FORCE, 2026);
        setFactorStatus(draft, SUPERSEDED, 2025);
        bytes32 successor = publish(benchmark(2, 2025, 2026, IN_FORCE));

        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2025), successor);
        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2026), successor);
    }

    function test_RevertWhen_DraftComesIntoForceBesideAnother() public {
        bytes32 inForce = publish(benchmark(1, 2022, 0, IN_FORCE));
        bytes32 draft = publish(benchmark(2, 2025, 2026, DRAFT));
        vm.expectRevert(
            abi.encodeWithSelector(IFactorBook.FactorBook_AlreadyPrescribed.selector, BENCHMARK_KEY, inForce)
        );
        setFactorStatus(draft, IN_FORCE, 2026);
    }

    function test_RevertWhen_NothingLeadsToTheStatus() public {
        bytes32 inForce = publish(benchmark(1, 2022, 0, IN_FORCE));
        RuleStatus[3] memory notNext = [RuleStatus.None, DRAFT, IN_FORCE];
        for (uint256 i = 0; i < notNext.length; ++i) {
            _assertNotNext(inForce, IN_FORCE, notNext[i]);
        }
        setFactorStatus(inForce, REPEALED, 2022);
        RuleStatus[5] memory all = [RuleStatus.None, DRAFT, IN_FORCE, REPEALED, SUPERSEDED];
        for (uint256 i = 0; i < all.length; ++i) {
            _assertNotNext(inForce, REPEALED, all[i]);
        }
    }

    function test_RevertWhen_YearIsNotTheEntrys() public {
        bytes32 factorId = publish(benchmark(1, 2023, 2024, IN_FORCE));
        vm.expectRevert(abi.encodeWithSelector(Standings.Standings_YearOutside.selector, 2022, 2023, 2024));
        setFactorStatus(factorId, SUPERSEDED, 2022);
        vm.expectRevert(abi.encodeWithSelector(Standings.Standings_YearOutside.selector, 2025, 2023, 2024));
        setFactorStatus(factorId, SUPERSEDED, 2025);
    }

    function test_RevertWhen_EntryIsUnknown() public {
        bytes32 unknown = keccak256("unknown");
        bytes memory refusal = abi.encodeWithSelector(IFactorBook.FactorBook_Unknown.selector, unknown);
        vm.expectRevert(refusal);
        setFactorStatus(unknown, SUPERSEDED, 2023);
        vm.expectRevert(refusal);
        factorBook.valueOf(unknown, 0);
        vm.expectRevert(refusal);
        factorBook.requireFinal(unknown, 2023);
    }

    function test_RevertWhen_StrangerSetsStatus() public {
        bytes32 factorId = publish(benchmark(1, 2023, 2024, IN_FORCE));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anybody));
        vm.prank(anybody);
        factorBook.setStatus(factorId, SUPERSEDED, 2023, "");
    }

    /// @dev What three of four decide takes effect after the time to veto.
    function test_CouncilDecides() public {
        FactorEntry memory entry = benchmark(1, 2023, 2024, IN_FORCE);
        decide(
            address(factorBook),
            "publish((string,string,string,string,string,int256[],uint16,uint16,uint64,uint64,string,bytes32,string,uint8)[])",
            abi.encode(one(entry))
        );

        assertEq(factorBook.prescribed(BENCHMARK_KEY, 2024), factorBook.factorIdOf(entry));
    }

    // --- prescribed, asOf, requireFinal, valueOf

    function test_RevertWhen_OnlyADraftOrWhatHasEndedStands() public {
        bytes32 draft = publish(benchmark(1, 2025, 2025, DRAFT));
        publish(benchmark(2, 2025, 2025, SUPERSEDED));
        vm.expectRevert(
            abi.encodeWithSelector(IFactorBook.FactorBook_NotPrescribed.selector, BENCHMARK_KEY, 2025)
        );
        factorBook.prescribed(BENCHMARK_KEY, 2025);
        vm.expectRevert(abi.encodeWithSelector(IFactorBook.FactorBook_NotFinal.selector, draft, 2025, DRAFT));
        factorBook.requireFinal(draft, 2025);
    }

    function test_RevertWhen_NothingStandsForTheYear() public {
        bytes32 factorId = publish(benchmark(1, 2023, 2024, IN_FORCE));
        for (uint16 year = 2022; year < 2026; year += 3) {
            vm.expectRevert(
                abi.encodeWithSelector(IFactorBook.FactorBook_NotPrescribed.selector, BENCHMARK_KEY, year)
            );
            factorBook.prescribed(BENCHMARK_KEY, year);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IFactorBook.FactorBook_NotFinal.selector, factorId, year, RuleStatus.None
                )
            );
            factorBook.requireFinal(factorId, year);
        }
    }

    /// @dev A correction of the past is a recorded status; what was said before it remains known.
    function test_RemembersWhatItSaid() public {
        bytes32 wrong = publish(benchmark(1, 2023, 2023, IN_FORCE));
        skip(10 days);
        setFactorStatus(wrong, REPEALED, 2023);
        skip(10 days);
        bytes32 right = publish(benchmark(2, 2023, 2023, IN_FORCE));
        skip(1);

        assertEq(factorBook.asOf(BENCHMARK_KEY, 2023, uint64(START)), wrong);
        assertEq(factorBook.asOf(BENCHMARK_KEY, 2023, uint64(START + 10 days - 1)), wrong);
        assertEq(factorBook.asOf(BENCHMARK_KEY, 2023, uint64(START + 20 days)), right);
        _expectNotPrescribed(2023);
        factorBook.asOf(BENCHMARK_KEY, 2023, uint64(START + 10 days));
        _expectNotPrescribed(2023);
        factorBook.asOf(BENCHMARK_KEY, 2023, uint64(START - 1));
    }

    /// @dev Within a block the last word counts, so the block's own second cannot be asked about.
    function test_RevertWhen_MomentIsNotPast() public {
        publish(benchmark(1, 2023, 2023, IN_FORCE));
        vm.expectRevert(abi.encodeWithSelector(IFactorBook.FactorBook_NotPast.selector, START, START));
        factorBook.asOf(BENCHMARK_KEY, 2023, uint64(START));
    }

    function test_GivesEachValueOfACurve() public {
        FactorEntry memory entry = benchmark(1, 2025, 2026, DRAFT);
        entry.values = new int256[](3);
        (entry.values[0], entry.values[1], entry.values[2]) = (7.254e18, -0.633e18, 29.822e18);
        bytes32 factorId = publish(entry);

        assertEq(factorBook.valueOf(factorId, 0), 7.254e18);
        assertEq(factorBook.valueOf(factorId, 1), -0.633e18);
        assertEq(factorBook.valueOf(factorId, 2), 29.822e18);
        vm.expectRevert(abi.encodeWithSelector(IFactorBook.FactorBook_NoValue.selector, factorId, 3));
        factorBook.valueOf(factorId, 3);
    }

    function _expectNotPrescribed(uint16 year) private {
        vm.expectRevert(
            abi.encodeWithSelector(IFactorBook.FactorBook_NotPrescribed.selector, BENCHMARK_KEY, year)
        );
    }

    function _assertRefused(FactorEntry memory entry, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(address(council));
        factorBook.publish(one(entry));
    }

    function _assertNotNext(bytes32 factorId, RuleStatus current, RuleStatus next) private {
        vm.expectRevert(abi.encodeWithSelector(Standings.Standings_StatusNotNext.selector, current, next));
        setFactorStatus(factorId, next, 2023);
    }

    /// @dev A run of years between 2019 and 2030, perhaps without an end.
    function _years(uint16 from, uint16 to) private pure returns (uint16, uint16) {
        from = 2019 + from % 12;
        return (from, to % 4 == 0 ? 0 : from + to % 5);
    }

    /// @dev The entry with one field another.
    function _changed(FactorEntry memory entry, uint8 field, uint256 seed)
        private
        pure
        returns (FactorEntry memory other)
    {
        other = abi.decode(abi.encode(entry), (FactorEntry));
        string memory word = string.concat("another ", vm.toString(seed));
        if (field == 0) other.guide = word;
        if (field == 1) other.edition = word;
        if (field == 2) other.quantity = word;
        if (field == 3) other.subject = word;
        if (field == 4) other.unit = word;
        if (field == 5) other.values = new int256[](1 + seed % 5);
        if (field == 6) other.reportFrom -= uint16(1 + seed % 100);
        if (field == 7) other.reportTo += uint16(1 + seed % 100);
        if (field == 8) other.validFrom += uint64(1 + seed % 100);
        if (field == 9) other.validTo += uint64(1 + seed % 100);
        if (field == 10) other.tableRow = word;
        if (field == 11) other.sourceHash = keccak256(bytes(word));
        if (field == 12) other.confidence = word;
        if (field == 13) other.status = RuleStatus.Draft;
    }
}
