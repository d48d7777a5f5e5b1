// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Vm.sol";
import {IAccessManaged} from "openzeppelin-access-manager/access/manager/IAccessManaged.sol";
import {IAccessManager} from "openzeppelin-access-manager/access/manager/IAccessManager.sol";

import {Logs} from "../support/Logs.sol";
import {Governed} from "contracts/governance/Governed.sol";

/// @title Every power of every address after deployment
/// @notice Read from the chain and the compiled interfaces, and compared with the table in `contracts/README.md`.
contract PowersTest is Logs {
    string private constant README = "contracts/README.md";
    string private constant TABLE_START = "<!-- powers: restricted functions -->";
    string private constant TABLE_END = "<!-- /powers -->";

    Vm.Log[] private _deployment;

    function setUp() public override {
        vm.recordLogs();
        super.setUp();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(manager)) _deployment.push(logs[i]);
        }
    }

    /// @dev The manager gave one role to two accounts and took it from one: the deployer.
    function test_CouncilIsTheOnlyAdministrator() public view {
        assertEq(_deployment.length, 3);
        _assertRoleEvent(_deployment[0], IAccessManager.RoleGranted.selector, deployer);
        _assertRoleEvent(_deployment[1], IAccessManager.RoleGranted.selector, address(council));
        _assertRoleEvent(_deployment[2], IAccessManager.RoleRevoked.selector, deployer);
        (bool isAdmin, uint32 delay) = manager.hasRole(manager.ADMIN_ROLE(), address(council));
        assertTrue(isAdmin);
        assertEq(delay, 0);
        (isAdmin,) = manager.hasRole(manager.ADMIN_ROLE(), deployer);
        assertFalse(isAdmin);
    }

    /// @dev What a stranger is refused for want of a role is what the README lists, no more and no less.
    function test_RestrictedFunctionsAreThoseOfTheReadme() public {
        string memory found = "\n| contract | function | who | delay |\n| --- | --- | --- | --- |\n";
        (string[] memory names, address[] memory targets) = _contracts();
        for (uint256 i = 0; i < names.length; ++i) {
            string[] memory functions = _functionsOf(names[i]);
            for (uint256 j = 0; j < functions.length; ++j) {
                if (!_isRestricted(targets[i], functions[j])) continue;
                string memory row =
                    string.concat("| `", names[i], "` | `", functions[j], "` | Council | 5 days |\n");
                found = string.concat(found, row);
            }
        }

        assertEq(_readmeTable(), found);
    }

    /// @dev No other address that the deployment or the parties know can call them.
    function test_RestrictedFunctionsAreTheCouncilsAlone() public {
        address[14] memory known = [
            deployer,
            anybody,
            registrar.key,
            operator.key,
            initiator.key,
            approver.key,
            members[0].key,
            members[1].key,
            members[2].key,
            members[3].key,
            address(manager),
            address(parties),
            address(registry),
            address(binding)
        ];
        (string[] memory names, address[] memory targets) = _contracts();
        for (uint256 i = 0; i < names.length; ++i) {
            string[] memory functions = _functionsOf(names[i]);
            for (uint256 j = 0; j < functions.length; ++j) {
                bytes4 selector = bytes4(keccak256(bytes(functions[j])));
                if (!_isRestricted(targets[i], functions[j])) continue;
                for (uint256 k = 0; k < known.length; ++k) {
                    assertFalse(_canCall(known[k], targets[i], selector), functions[j]);
                }
                assertTrue(_canCall(address(council), targets[i], selector), functions[j]);
            }
        }
    }

    /// @dev Not even the Council changes who decides what is permitted.
    function test_AuthorityIsFixed() public {
        address[7] memory governed = [
            address(calendar),
            address(parties),
            address(checkpoints),
            address(factorBook),
            address(ruleBook),
            address(credentials),
            address(directory)
        ];
        for (uint256 i = 0; i < governed.length; ++i) {
            vm.expectRevert(Governed.Governed_AuthorityFixed.selector);
            vm.prank(address(council));
            manager.updateAuthority(governed[i], address(this));
            vm.expectRevert(Governed.Governed_AuthorityFixed.selector);
            vm.prank(address(manager));
            IAccessManaged(governed[i]).setAuthority(address(this));
        }
    }

    function _contracts() private view returns (string[] memory names, address[] memory targets) {
        (names, targets) = (new string[](14), new address[](14));
        (names[0], targets[0]) = ("CheckpointRegistry", address(checkpoints));
        (names[1], targets[1]) = ("DeviceRegistry", address(devices));
        (names[2], targets[2]) = ("PartyRegistry", address(parties));
        (names[3], targets[3]) = ("WorkingCalendar", address(calendar));
        (names[4], targets[4]) = ("FactorBook", address(factorBook));
        (names[5], targets[5]) = ("RuleBook", address(ruleBook));
        (names[6], targets[6]) = ("Credentials", address(credentials));
        (names[7], targets[7]) = ("InventoryRegistry", address(registry));
        (names[8], targets[8]) = ("EvidenceBinding", address(binding));
        (names[9], targets[9]) = ("SamplingDraw", address(sampling));
        (names[10], targets[10]) = ("OpenCalculations", address(openCalculations));
        (names[11], targets[11]) = ("Directory", address(directory));
        (names[12], targets[12]) = ("Council", address(council));
        (names[13], targets[13]) = ("AccessManager", address(manager));
    }

    /// @dev Signatures of all functions of a contract, from what the compiler made of it.
    function _functionsOf(string memory name) private view returns (string[] memory) {
        string memory artifact = vm.readFile(string.concat("out/", name, ".sol/", name, ".json"));
        return vm.parseJsonKeys(artifact, ".methodIdentifiers");
    }

    /// @dev Whether a call by a stranger, with arguments of zeros, is refused for want of a role or of membership.
    function _isRestricted(address target, string memory function_) private returns (bool) {
        bytes memory callData = bytes.concat(bytes4(keccak256(bytes(function_))), new bytes(1024));
        vm.prank(anybody);
        (bool success, bytes memory answer) = target.call(callData);
        if (success || answer.length < 4) return false;
        bytes4 refusal = bytes4(answer);
        return refusal == IAccessManaged.AccessManagedUnauthorized.selector
            || refusal == IAccessManager.AccessManagerUnauthorizedAccount.selector
            || refusal == bytes4(keccak256("Council_OnlyByDecision(address)"));
    }

    function _canCall(address caller, address target, bytes4 selector) private view returns (bool) {
        if (target == address(council)) return caller == address(council); // by itself, without the manager
        if (target == address(manager)) {
            (bool isAdmin,) = manager.hasRole(manager.ADMIN_ROLE(), caller);
            return isAdmin;
        }
        (bool immediate, uint32 delay) = manager.canCall(caller, target, selector);
        return immediate || delay != 0;
    }

    function _readmeTable() private view returns (string memory) {
        string memory readme = vm.readFile(README);
        uint256 start = vm.indexOf(readme, TABLE_START) + bytes(TABLE_START).length;
        uint256 end = vm.indexOf(readme, TABLE_END);
        bytes memory table = new bytes(end - start);
        for (uint256 i = 0; i < table.length; ++i) {
            table[i] = bytes(readme)[start + i];
        }
        return string(table);
    }

    function _assertRoleEvent(Vm.Log memory entry, bytes32 topic, address account) private view {
        assertEq(entry.topics[0], topic);
        assertEq(uint256(entry.topics[1]), manager.ADMIN_ROLE());
        assertEq(address(uint160(uint256(entry.topics[2]))), account);
    }
}
