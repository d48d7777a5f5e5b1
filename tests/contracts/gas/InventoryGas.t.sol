// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {console} from "forge-std/console.sol";

import {Bindings} from "../support/Bindings.sol";
import {InventoryState} from "contracts/types/Enums.sol";

/// @title What the acts on an inventory cost
/// @notice Gas of whole transactions, each on its own (`isolate`), so that storage is as cold as it is on a chain.
contract InventoryGasTest is Bindings {
    uint256 private constant DRAFT_BOUND = 360_000;
    uint256 private constant SUBMISSION_BOUND = 500_000;
    uint256 private constant ASSIGNMENT_BOUND = 420_000;
    uint256 private constant STEP_BOUND = 260_000;
    /// @dev It looks 17 working days ahead, and for the persons of the authority at the enterprise and the verifier.
    uint256 private constant CONFIRMATION_BOUND = 340_000;
    uint256 private constant BINDING_BOUND = 220_000;

    /// forge-config: default.isolate = true
    function test_ActsStayBelowTheirBounds() public {
        assertLt(_costOf(Deed.Draft), DRAFT_BOUND);
        assertLt(_costOf(Deed.Submission), SUBMISSION_BOUND);
        assertLt(_costOf(Deed.Assignment), ASSIGNMENT_BOUND);
        assertLt(_costOf(Deed.Findings), STEP_BOUND);
        assertLt(_costOf(Deed.Response), STEP_BOUND);
        assertLt(_costOf(Deed.Statement), STEP_BOUND);
        assertLt(_costOf(Deed.Review), STEP_BOUND);
        assertLt(_costOf(Deed.Confirmation), CONFIRMATION_BOUND);
        assertLt(_costOf(Deed.Objection), STEP_BOUND);
        assertLt(_costOf(Deed.ObjectionDismissed), STEP_BOUND);
        skip(20 days);
        assertLt(_costOf(Deed.Reopening), STEP_BOUND);
        assertLt(_costOf(Deed.Rejection), STEP_BOUND);
    }

    /// forge-config: default.isolate = true
    function test_OtherActsStayBelowTheirBounds() public {
        reach(InventoryState.Submitted);
        assertLt(_costOf(Deed.Withdrawal), STEP_BOUND);
        perform(Deed.Submission);
        perform(Deed.Assignment);
        perform(Deed.Statement);
        perform(Deed.Review);
        perform(Deed.Confirmation);
        perform(Deed.Objection);
        assertLt(_costOf(Deed.ObjectionUpheld), STEP_BOUND);
    }

    /// forge-config: default.isolate = true
    function test_BindingStaysBelowItsBound() public {
        reach(InventoryState.Submitted);
        bind(bindingOf(subject, 1, LINE));
        uint256 used = vm.lastCallGas().gasTotalUsed;
        console.log("bind, with paths of 4 and 3 nodes: %d", used);

        assertLt(used, BINDING_BOUND);
    }

    /// forge-config: default.isolate = true
    function test_CredentialsStayBelowTheirBounds() public {
        grant(grantOf(Role.Verifier));
        uint256 granting = vm.lastCallGas().gasTotalUsed;
        recordAdvice(adviceOf(Role.Verifier, Role.Enterprise, 1, 2));
        uint256 advising = vm.lastCallGas().gasTotalUsed;
        console.log("grant: %d, record advice: %d", granting, advising);

        assertLt(granting, 320_000);
        assertLt(advising, 120_000);
    }

    function _costOf(Deed deed) private returns (uint256 used) {
        Act memory act = make(deed, subject, ownerOf(deed));
        (bool success,) = send(act);
        used = vm.lastCallGas().gasTotalUsed;
        assertTrue(success);
        console.log("%s: %d", nameOf(deed), used);
    }
}
