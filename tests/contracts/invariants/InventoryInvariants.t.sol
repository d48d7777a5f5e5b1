// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {console} from "forge-std/console.sol";

import {InventoryHandler} from "./InventoryHandler.sol";
import {IInventoryRegistry} from "contracts/interfaces/IInventoryRegistry.sol";
import {InventoryState} from "contracts/types/Enums.sol";

/// @dev Numbers as in `contracts/README.md`.
contract InventoryInvariantsTest is Test {
    InventoryHandler private _handler;

    function setUp() public {
        _handler = new InventoryHandler();
        targetContract(address(_handler));
        bytes4[] memory selectors = new bytes4[](11);
        selectors[0] = InventoryHandler.pass.selector;
        selectors[1] = InventoryHandler.growLog.selector;
        selectors[2] = InventoryHandler.goOn.selector;
        selectors[3] = InventoryHandler.act.selector;
        selectors[4] = InventoryHandler.actAs.selector;
        selectors[5] = InventoryHandler.review.selector;
        selectors[6] = InventoryHandler.signAnotherResult.selector;
        selectors[7] = InventoryHandler.actOnAnotherState.selector;
        selectors[8] = InventoryHandler.replay.selector;
        selectors[9] = InventoryHandler.restate.selector;
        selectors[10] = InventoryHandler.bindLine.selector;
        targetSelector(FuzzSelector(address(_handler), selectors));
    }

    function invariant_I1toI5_ResultsAreAgreedAndKept() public view {
        InventoryHandler.Model[] memory models = _handler.models();
        for (uint256 i = 0; i < models.length; ++i) {
            _assertI2(models[i]);
            _assertI3(models[i]);
            _assertI4(models[i]);
        }
        _assertI1(models, "unit 1");
        _assertI1(models, "unit 2");
        assertLe(_handler.holders(), 1); // I5: a period of a series is bound in one inventory that counts
    }

    /// @dev Rare things happen.
    function afterInvariant() public view {
        console.log("accepted %d, restated %d", _handler.counts("accepted"), _handler.counts("restated"));
        console.log("upheld %d, replayed %d", _handler.counts("upheld"), _handler.counts("replayed"));
        console.log(
            "another result %d, bound %d", _handler.counts("another result"), _handler.counts("bound")
        );
    }

    /// @dev I1: a month of a unit counts in one accepted result at most.
    function _assertI1(InventoryHandler.Model[] memory models, string memory unitCode) private view {
        uint16 taken = 0;
        for (uint256 i = 0; i < models.length; ++i) {
            bool isOfUnit = keccak256(bytes(models[i].subject.unitCode)) == keccak256(bytes(unitCode));
            if (!isOfUnit || models[i].accepted == 0) continue;
            assertEq(taken & models[i].months, 0);
            taken |= models[i].months;
        }
        assertEq(_handler.acceptedMonths(unitCode), taken);
    }

    /// @dev I2: states change along the table only, by whom it names.
    function _assertI2(InventoryHandler.Model memory model) private view {
        IInventoryRegistry.Inventory memory record = _handler.inventoryOf(model.subject);
        assertEq(uint8(record.state), uint8(model.state));
        assertEq(record.version, model.version);
        assertEq(record.isReviewed, model.isReviewed);
        bool isFinal = model.state == InventoryState.Confirmed && block.timestamp >= model.objectableUntil;
        assertEq(_handler.isFinal(model.subject), isFinal);
    }

    /// @dev I3: an accepted result was stated and confirmed, as it was submitted.
    function _assertI3(InventoryHandler.Model memory model) private view {
        uint32 accepted = _handler.inventoryOf(model.subject).acceptedVersion;
        assertEq(accepted, model.accepted);
        if (accepted == 0) return;
        assertTrue(model.isStated[accepted]);
        assertTrue(model.isConfirmed[accepted]);
    }

    /// @dev I4: a version and its checkpoint stay as they were; a restated result stays beside the new one.
    function _assertI4(InventoryHandler.Model memory model) private view {
        for (uint32 number = 1; number <= model.version; ++number) {
            IInventoryRegistry.Version memory version = _handler.versionOf(model.subject, number);
            bytes32 content = keccak256(
                abi.encode(
                    version.inputsHash,
                    version.linesRoot,
                    version.logRoot,
                    version.logSize,
                    version.lineCount,
                    version.total_tCO2e
                )
            );
            assertEq(content, model.contents[number]);
            assertEq(_handler.pinnedRoot(version.logSize), version.logRoot);
            assertEq(version.restates, model.restates[number]);
            if (version.restates == 0) continue;
            assertEq(_handler.versionOf(model.subject, version.restates).restatedBy, number);
        }
    }
}
