// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {console} from "forge-std/console.sol";

import {DeviceHandler} from "./DeviceHandler.sol";

/// @dev Numbers as in `contracts/README.md`.
contract DeviceInvariantsTest is Test {
    DeviceHandler private _handler;

    function setUp() public {
        _handler = new DeviceHandler();
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = DeviceHandler.grow.selector;
        selectors[1] = DeviceHandler.enrolKey.selector;
        selectors[2] = DeviceHandler.closeKey.selector;
        selectors[3] = DeviceHandler.markKey.selector;
        targetContract(address(_handler));
        targetSelector(FuzzSelector(address(_handler), selectors));
    }

    function invariant_D1toD3_HistoryIsNotRewritten() public view {
        for (uint256 key = 0; key < _handler.KEYS(); ++key) {
            _assertD1(key);
            // D2, D3: every slot is the model's, so a closed key stays as it is and marks move earlier only.
            assertEq(abi.encode(_handler.actualSlot(key)), abi.encode(_handler.modelSlot(key)));
        }
    }

    /// @dev Rare things happen.
    function afterInvariant() public view {
        console.log("enrolled %d, closed %d", _handler.counts("enrolled"), _handler.counts("closed"));
        console.log("marked %d", _handler.counts("marked"));
    }

    /// @dev D1: what was valid at an index when the index was anchored is valid now, and nothing else is.
    function _assertD1(uint256 key) private view {
        bool[] memory noted = _handler.noted(key);
        for (uint64 index = 0; index < noted.length; ++index) {
            assertEq(_handler.isValidAt(key, index), noted[index]);
        }
    }
}
