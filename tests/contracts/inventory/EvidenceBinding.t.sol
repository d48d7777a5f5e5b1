// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bindings} from "../support/Bindings.sol";
import {MerkleModel} from "../support/MerkleModel.sol";
import {IEvidenceBinding} from "contracts/interfaces/IEvidenceBinding.sol";
import {IInventoryRegistry} from "contracts/interfaces/IInventoryRegistry.sol";
import {InventoryState} from "contracts/types/Enums.sol";
import {InventoryId} from "contracts/types/Ids.sol";

contract EvidenceBindingTest is Bindings {
    /// @dev Fields in the alphabetical order in which forge reads a JSON object.
    struct Digest {
        bytes32 commitment;
        uint64 first_index;
        uint64 from_s;
        uint64 gap_count;
        uint64 last_index;
        bytes32 origin_hash;
        bytes32 series_hash;
        uint64 to_s;
        bytes32 unit_id;
    }

    // --- bind

    function test_Bind() public {
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        vm.expectEmit(address(binding));
        emit IEvidenceBinding.EvidenceBound(
            inventoryId(), LINE, binding.useOf(digest), 1, DIGEST_INDEX, digest.commitment
        );
        bind(one);

        assertEq(binding.lineOf(binding.useOf(digest), inventoryId(), 1), LINE);
        assertEq(
            InventoryId.unwrap(binding.holderOf(binding.useOf(digest))), InventoryId.unwrap(inventoryId())
        );
    }

    function test_BindAgainSaysNothing() public {
        reach(InventoryState.Confirmed);
        bind(bindingOf(subject, 1, LINE));
        vm.recordLogs();
        bind(bindingOf(subject, 1, LINE));

        assertEq(vm.getRecordedLogs().length, 0);
    }

    /// @dev The digest of the vectors has the bytes that eth_abi gave it.
    function test_LeafIsThatOfTheVectors() public view {
        string memory json = vm.readFile("tests/vectors/messages/digests.json");
        for (uint256 i = 0; i < 2; ++i) {
            string memory at = string.concat(".cases[", vm.toString(i), "]");
            bytes memory encoded = vm.parseJsonBytes(json, string.concat(at, ".encoded"));
            Digest memory d = _digestAt(json, string.concat(at, ".digest"));
            IEvidenceBinding.ActivityDigest memory built = IEvidenceBinding.ActivityDigest(
                d.origin_hash,
                d.unit_id,
                d.series_hash,
                d.from_s,
                d.to_s,
                d.first_index,
                d.last_index,
                d.gap_count,
                d.commitment
            );
            assertEq(binding.digestLeaf(built), MerkleModel.hashLeaf(encoded));
        }
    }

    /// @dev A salted line has `{` after its salt; evidence has a byte of the type hash there.
    function test_EvidenceIsNoLine() public pure {
        bytes32 typeHash = keccak256("LineEvidence(bytes32 inventoryId,bytes32 lineId,bytes32 commitment)");
        assertTrue(typeHash[16] != "{");
    }

    function test_RevertWhen_VersionWasNeverSubmitted() public {
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        one.version = 2;
        expectRefused(
            one,
            abi.encodeWithSelector(
                IEvidenceBinding.EvidenceBinding_NotLive.selector, inventoryId(), 2, InventoryState.Submitted
            )
        );
    }

    function test_RevertWhen_VersionIsWithdrawn() public {
        reach(InventoryState.Withdrawn);
        expectRefused(
            bindingOf(subject, 1, LINE),
            abi.encodeWithSelector(
                IEvidenceBinding.EvidenceBinding_NotLive.selector, inventoryId(), 1, InventoryState.Withdrawn
            )
        );
    }

    /// @dev Each word of the digest changed makes it another entry, or one of another log, unit or period.
    function test_RevertWhen_OneWordDiffers() public {
        reach(InventoryState.Submitted);
        for (uint256 i = 0; i < 9; ++i) {
            Binding memory one = bindingOf(subject, 1, LINE);
            if (i == 0) one.digest.originHash ^= bytes32(uint256(1));
            if (i == 1) one.digest.unitId ^= bytes32(uint256(1));
            if (i == 2) one.digest.seriesId ^= bytes32(uint256(1));
            if (i == 3) one.digest.from += 1;
            if (i == 4) one.digest.to -= 1;
            if (i == 5) one.digest.firstIndex += 1;
            if (i == 6) one.digest.lastIndex -= 1;
            if (i == 7) one.digest.gapCount += 1;
            if (i == 8) one.digest.commitment ^= bytes32(uint256(1));
            expectRefused(one, i < 2 ? _ofAnother(one) : _notInLog());
        }
    }

    function test_RevertWhen_IndexDiffers() public {
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        one.proofs.index += 1;
        expectRefused(
            one,
            abi.encodeWithSelector(IEvidenceBinding.EvidenceBinding_NotInLog.selector, DIGEST_INDEX + 1, 13)
        );
    }

    /// @dev A digest that considers itself, or what comes after it, is none.
    function test_RevertWhen_DigestConsidersWhatIsNotYet() public {
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        one.digest.lastIndex = DIGEST_INDEX;
        expectRefused(
            one, abi.encodeWithSelector(IEvidenceBinding.EvidenceBinding_DigestInvalid.selector, DIGEST_INDEX)
        );
    }

    /// @dev An entry that came after the pinned checkpoint, proved under a later one.
    function test_RevertWhen_EntryIsLaterThanThePin() public {
        perform(Deed.Draft);
        pinSize = 13;
        perform(Deed.Submission);
        anchor(20);
        checkpoints.pin(logId);
        Binding memory one = bindingOf(subject, 1, LINE);
        one.proofs.path = MerkleModel.inclusionProof(leaves, DIGEST_INDEX, 20);
        expectRefused(one, _notInLog());
    }

    function test_RevertWhen_PeriodIsBeyondTheInventorys() public {
        subject = subjectOf(Role.Enterprise, "unit 1", MID_YEAR, YEAR_END);
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        expectRefused(one, _ofAnother(one));
    }

    function test_RevertWhen_UnitIsAnother() public {
        subject = subjectOf(Role.Enterprise, "unit 2", YEAR_BEGIN, YEAR_END);
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        expectRefused(one, _ofAnother(one));
    }

    /// @dev The lines bind the digest to one line; another line was not signed for it.
    function test_RevertWhen_LineIsAnother() public {
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        one.lineId = keccak256("another line");
        expectRefused(
            one,
            abi.encodeWithSelector(
                IEvidenceBinding.EvidenceBinding_NotInLines.selector, one.lineId, digest.commitment
            )
        );
    }

    function test_RevertWhen_LineIsMissing() public {
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        one.lineId = 0;
        expectRefused(one, abi.encodeWithSelector(IEvidenceBinding.EvidenceBinding_LineMissing.selector));
    }

    /// @dev What a thief of the operator's key anchored is above the closing, and no evidence.
    function test_RevertWhen_LogWasClosedBelow() public {
        checkpoints.pin(logId);
        reach(InventoryState.Drafted);
        anchor(20);
        perform(Deed.Submission);
        Binding memory one = bindingOf(subject, 1, LINE);
        one.proofs.path = MerkleModel.inclusionProof(leaves, DIGEST_INDEX, 20);
        vm.prank(address(council));
        checkpoints.closeLog(logId, 13, "");
        expectRefused(
            one, abi.encodeWithSelector(IEvidenceBinding.EvidenceBinding_BeyondClosing.selector, 13, 20)
        );
    }

    // --- one line

    function test_RevertWhen_AnotherLineHasIt() public {
        reach(InventoryState.Submitted);
        bind(bindingOf(subject, 1, LINE));
        Binding memory one = bindingOf(subject, 1, OTHER_LINE);
        expectRefused(one, _usedBefore(subject, LINE));
    }

    /// @dev The half-year whose month the year has bound; and free again when the year is withdrawn.
    function test_RevertWhen_AnotherInventoryHasIt() public {
        reach(InventoryState.Submitted);
        bind(bindingOf(subject, 1, LINE));
        IInventoryRegistry.Subject memory year = subject;
        subject = subjectOf(Role.Enterprise, "unit 1", YEAR_BEGIN, MID_YEAR);
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        expectRefused(one, _usedBefore(year, LINE));
        perform(make(Deed.Withdrawal, year, Role.Enterprise));
        bind(one);

        assertEq(
            InventoryId.unwrap(binding.holderOf(binding.useOf(digest))), InventoryId.unwrap(inventoryId())
        );
    }

    /// @dev The next version binds it to another line; the accepted one keeps it meanwhile.
    function test_RestatementMovesItToAnotherLine() public {
        reach(InventoryState.Reopened);
        bind(bindingOf(subject, 1, LINE));
        perform(Deed.Submission);
        bind(bindingOf(subject, 2, OTHER_LINE));

        bytes32 use = binding.useOf(digest);
        assertEq(binding.lineOf(use, inventoryId(), 1), LINE);
        assertEq(binding.lineOf(use, inventoryId(), 2), OTHER_LINE);
    }

    /// @dev A restated result may come back by an objection: what it binds is not free until then.
    function test_RevertWhen_ARestatedResultMayComeBack() public {
        reach(InventoryState.Reopened);
        bind(bindingOf(subject, 1, LINE));
        perform(Deed.Submission);
        perform(Deed.Assignment);
        perform(Deed.Statement);
        perform(Deed.Review);
        perform(Deed.Confirmation);
        IInventoryRegistry.Subject memory year = subject;
        subject = subjectOf(Role.Enterprise, "unit 1", YEAR_BEGIN, MID_YEAR);
        reach(InventoryState.Submitted);
        Binding memory one = bindingOf(subject, 1, LINE);
        expectRefused(one, _usedBefore(year, LINE));
        skip(20 days);
        bind(one);
    }

    // --- helpers

    function _digestAt(string memory json, string memory at) private pure returns (Digest memory d) {
        d.origin_hash = vm.parseJsonBytes32(json, string.concat(at, ".origin_hash"));
        d.unit_id = vm.parseJsonBytes32(json, string.concat(at, ".unit_id"));
        d.series_hash = vm.parseJsonBytes32(json, string.concat(at, ".series_hash"));
        d.commitment = vm.parseJsonBytes32(json, string.concat(at, ".commitment"));
        d.from_s = uint64(vm.parseJsonUint(json, string.concat(at, ".from_s")));
        d.to_s = uint64(vm.parseJsonUint(json, string.concat(at, ".to_s")));
        d.first_index = uint64(vm.parseJsonUint(json, string.concat(at, ".first_index")));
        d.last_index = uint64(vm.parseJsonUint(json, string.concat(at, ".last_index")));
        d.gap_count = uint64(vm.parseJsonUint(json, string.concat(at, ".gap_count")));
    }

    function _ofAnother(Binding memory one) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IEvidenceBinding.EvidenceBinding_OfAnother.selector,
            inventoryId(),
            one.digest.originHash,
            one.digest.unitId
        );
    }

    function _notInLog() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEvidenceBinding.EvidenceBinding_NotInLog.selector, DIGEST_INDEX, 13);
    }

    function _usedBefore(IInventoryRegistry.Subject memory of_, bytes32 line)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            IEvidenceBinding.EvidenceBinding_UsedBefore.selector, binding.useOf(digest), idOf(of_), line
        );
    }
}
