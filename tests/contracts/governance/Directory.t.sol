// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManaged} from "openzeppelin-access-manager/access/manager/IAccessManaged.sol";

import {Deployed} from "../support/Deployed.sol";
import {IDirectory} from "contracts/interfaces/IDirectory.sol";

contract DirectoryTest is Deployed {
    string private constant NAME = "CheckpointRegistry";

    /// @dev The names of the deployment point to its contracts.
    function test_KnowsTheDeployedContracts() public view {
        assertEq(directory.addressOf("AccessManager"), address(manager));
        assertEq(directory.addressOf("Council"), address(council));
        assertEq(directory.addressOf("PartyRegistry"), address(parties));
        assertEq(directory.addressOf(NAME), address(checkpoints));
        assertEq(directory.addressOf("DeviceRegistry"), address(devices));
    }

    function test_Set() public {
        vm.roll(5000);
        vm.expectEmit(address(directory));
        emit IDirectory.AddressSet(
            keccak256(bytes(NAME)), address(devices), NAME, address(devices).codehash, 5000
        );
        _set(address(devices));

        assertEq(directory.addressOf(NAME), address(devices));
        assertEq(directory.historyLength(NAME), 2);
        (uint64 fromBlock, address target) = directory.historyEntry(NAME, 0);
        assertEq(fromBlock, 1000);
        assertEq(target, address(checkpoints));
    }

    /// @dev What was true at a block stays true for it.
    function test_RemembersEachBlock() public {
        vm.roll(5000);
        _set(address(devices));
        vm.roll(6000);

        assertEq(directory.addressAt(NAME, 1000), address(checkpoints));
        assertEq(directory.addressAt(NAME, 4999), address(checkpoints));
        assertEq(directory.addressAt(NAME, 5000), address(devices));
        assertEq(directory.addressAt(NAME, 5999), address(devices));
    }

    /// @dev Within one block the last word counts; so the block itself cannot be asked about.
    function test_RevertWhen_BlockIsNotPast() public {
        vm.expectRevert(abi.encodeWithSelector(IDirectory.Directory_BlockNotPast.selector, 1000, 1000));
        directory.addressAt(NAME, 1000);
    }

    function test_RevertWhen_NamePointedNowhereYet() public {
        vm.expectRevert(abi.encodeWithSelector(IDirectory.Directory_UnknownName.selector, NAME, 999));
        directory.addressAt(NAME, 999);
    }

    function test_RevertWhen_NameIsUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IDirectory.Directory_UnknownName.selector, "Nobody", 1000));
        directory.addressOf("Nobody");
    }

    function test_RevertWhen_NameIsEmpty() public {
        vm.expectRevert(abi.encodeWithSelector(IDirectory.Directory_NameMissing.selector));
        vm.prank(address(council));
        directory.set("", address(devices));
    }

    function test_RevertWhen_TargetIsNoContract() public {
        vm.expectRevert(abi.encodeWithSelector(IDirectory.Directory_NoCode.selector, anybody));
        _set(anybody);
    }

    function test_RevertWhen_StrangerSets() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, deployer));
        vm.prank(deployer);
        directory.set(NAME, address(devices));
    }

    function _set(address target) private {
        vm.prank(address(council));
        directory.set(NAME, target);
    }
}
