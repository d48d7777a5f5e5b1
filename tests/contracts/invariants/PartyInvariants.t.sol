// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {console} from "forge-std/console.sol";

import {PartyHandler} from "./PartyHandler.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {PersonId} from "contracts/types/Ids.sol";

/// @dev Numbers as in `contracts/README.md`.
contract PartyInvariantsTest is Test {
    PartyHandler private _handler;

    function setUp() public {
        _handler = new PartyHandler();
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = PartyHandler.pass.selector;
        selectors[1] = PartyHandler.appointKey.selector;
        selectors[2] = PartyHandler.removeKey.selector;
        selectors[3] = PartyHandler.recoverParty.selector;
        targetContract(address(_handler));
        targetSelector(FuzzSelector(address(_handler), selectors));
    }

    function invariant_P1toP4_PersonsAndKeys() public view {
        address[] memory keys = _handler.keys();
        for (uint256 i = 0; i < keys.length; ++i) {
            IPartyRegistry.Representative memory one = _handler.representative(keys[i]);
            // P2: no key of an earlier era is in force.
            if (one.era != _handler.era()) assertFalse(_handler.isInForce(keys[i]));
            // P4: whose key is in force, or will be, is found by one that is.
            address found = _handler.keyOf(one.persons[0]);
            if (one.era == _handler.era() && one.activeUntil > block.timestamp) {
                assertGt(_handler.representative(found).activeUntil, block.timestamp);
            }
            for (uint256 j = i + 1; j < keys.length; ++j) {
                _assertP1(one, _handler.representative(keys[j]));
            }
        }
    }

    /// @dev Rare things happen.
    function afterInvariant() public view {
        console.log("appointed %d, replaced %d", _handler.counts("appointed"), _handler.counts("replaced"));
        console.log("removed %d, recovered %d", _handler.counts("removed"), _handler.counts("recovered"));
    }

    /// @dev P1: two keys of one person and era are in force at no time, past, present or to come.
    function _assertP1(IPartyRegistry.Representative memory one, IPartyRegistry.Representative memory other)
        private
        pure
    {
        if (one.era != other.era) return;
        if (PersonId.unwrap(one.persons[0]) != PersonId.unwrap(other.persons[0])) return;
        uint64 from = one.activeFrom > other.activeFrom ? one.activeFrom : other.activeFrom;
        uint64 until = one.activeUntil < other.activeUntil ? one.activeUntil : other.activeUntil;
        assertGe(from, until, "one person has two keys");
    }
}
