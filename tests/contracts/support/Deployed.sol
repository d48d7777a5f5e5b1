// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManager} from "openzeppelin-access-manager/access/manager/AccessManager.sol";

import {Calendar2024} from "./Calendar2024.sol";
import {Signing} from "./Signing.sol";
import {FactorBook} from "contracts/accounting/FactorBook.sol";
import {RuleBook} from "contracts/accounting/RuleBook.sol";
import {CheckpointRegistry} from "contracts/evidence/CheckpointRegistry.sol";
import {DeviceRegistry} from "contracts/evidence/DeviceRegistry.sol";
import {Council} from "contracts/governance/Council.sol";
import {Credentials} from "contracts/governance/Credentials.sol";
import {Directory} from "contracts/governance/Directory.sol";
import {PartyRegistry} from "contracts/governance/PartyRegistry.sol";
import {WorkingCalendar} from "contracts/governance/WorkingCalendar.sol";
import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {EvidenceBinding} from "contracts/inventory/EvidenceBinding.sol";
import {InventoryRegistry} from "contracts/inventory/InventoryRegistry.sol";
import {OpenCalculations} from "contracts/inventory/OpenCalculations.sol";
import {SamplingDraw} from "contracts/inventory/SamplingDraw.sol";

/// @title Deployed
/// @notice The contracts as the deployment leaves them: steps and order of `contracts/README.md`, "Deployment".
abstract contract Deployed is Signing {
    /// @dev Monday 2024-03-04, 10:00 in the reporting zone.
    uint256 internal constant START = 1_709_517_600;
    uint64 internal constant DEADLINE = uint64(START + 200 days);
    uint64 internal constant COUNCIL_DELAY = 5 days;

    AccessManager internal manager;
    Council internal council;
    WorkingCalendar internal calendar;
    PartyRegistry internal parties;
    CheckpointRegistry internal checkpoints;
    DeviceRegistry internal devices;
    FactorBook internal factorBook;
    RuleBook internal ruleBook;
    Credentials internal credentials;
    InventoryRegistry internal registry;
    EvidenceBinding internal binding;
    SamplingDraw internal sampling;
    OpenCalculations internal openCalculations;
    Directory internal directory;

    address internal deployer = makeAddr("deployer");
    address internal anybody = makeAddr("anybody");
    Signer internal registrar;
    Signer[4] internal members;

    function setUp() public virtual {
        vm.warp(START);
        vm.roll(1000);
        registrar = makeSigner("registrar");
        string[4] memory organisations = ["enterprise association", "verifiers", "regulator", "registry"];
        ICouncil.Member[] memory firstMembers = new ICouncil.Member[](4);
        for (uint256 i = 0; i < 4; ++i) {
            members[i] = makeSigner(organisations[i]);
            firstMembers[i] = ICouncil.Member(members[i].key, organisations[i]);
        }
        vm.startPrank(deployer);
        _create(firstMembers);
        _settle();
        _handOver();
        vm.stopPrank();
    }

    function _create(ICouncil.Member[] memory firstMembers) private {
        manager = new AccessManager(deployer);
        council = new Council(firstMembers, 3, COUNCIL_DELAY);
        calendar = new WorkingCalendar(address(manager));
        parties = new PartyRegistry(address(manager), calendar);
        checkpoints = new CheckpointRegistry(address(manager), parties);
        devices = new DeviceRegistry(parties, checkpoints);
        factorBook = new FactorBook(address(manager));
        ruleBook = new RuleBook(address(manager), factorBook);
        credentials = new Credentials(address(manager), parties);
        registry = new InventoryRegistry(parties, checkpoints, credentials, calendar);
        binding = new EvidenceBinding(registry, checkpoints);
        sampling = new SamplingDraw(parties, registry, calendar);
        openCalculations = new OpenCalculations(registry, ruleBook);
        directory = new Directory(address(manager));
    }

    function _settle() private {
        calendar.setYear(2024, Calendar2024.nonWorkingDays(), Calendar2024.SOURCE);
        parties.setRegistrar(registrar.key, true);
        credentials.setDesk(address(registry), true);
        directory.set("AccessManager", address(manager));
        directory.set("Council", address(council));
        directory.set("WorkingCalendar", address(calendar));
        directory.set("PartyRegistry", address(parties));
        directory.set("CheckpointRegistry", address(checkpoints));
        directory.set("DeviceRegistry", address(devices));
        directory.set("FactorBook", address(factorBook));
        directory.set("RuleBook", address(ruleBook));
        directory.set("Credentials", address(credentials));
        directory.set("InventoryRegistry", address(registry));
        directory.set("EvidenceBinding", address(binding));
        directory.set("SamplingDraw", address(sampling));
        directory.set("OpenCalculations", address(openCalculations));
        directory.set("Directory", address(directory));
    }

    function _handOver() private {
        uint64 admin = manager.ADMIN_ROLE();
        manager.grantRole(admin, address(council), 0);
        manager.renounceRole(admin, deployer);
    }

    /// @dev A decision of the present members to call a function; valid for a year.
    function decisionOf(address target, string memory functionSignature, bytes memory arguments)
        internal
        view
        returns (ICouncil.Decision memory)
    {
        return ICouncil.Decision({
            title: functionSignature,
            reason: "as discussed",
            target: target,
            functionSignature: functionSignature,
            arguments: arguments,
            term: council.term(),
            nonce: 1,
            deadline: uint64(block.timestamp + 365 days)
        });
    }

    /// @dev Signatures of the first `count` members over a decision.
    function endorsements(ICouncil.Decision memory decision, uint256 count)
        internal
        view
        returns (address[] memory signers, bytes[] memory signatures)
    {
        bytes32 digest = digestOf(address(council), DECISION, abi.encode(decision));
        signers = new address[](count);
        signatures = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            signers[i] = members[i].key;
            signatures[i] = sign(members[i], digest);
        }
    }

    /// @dev Decide, wait and execute.
    function decide(address target, string memory functionSignature, bytes memory arguments) internal {
        ICouncil.Decision memory decision = decisionOf(target, functionSignature, arguments);
        (address[] memory signers, bytes[] memory signatures) = endorsements(decision, 3);
        council.endorse(decision, signers, signatures);
        skip(COUNCIL_DELAY);
        council.execute(decision);
    }
}
