// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {console} from "forge-std/console.sol";

import {Deployed} from "../support/Deployed.sol";
import {FactorHandler} from "./FactorHandler.sol";
import {Factor} from "contracts/interfaces/IFactorBook.sol";
import {RuleStatus} from "contracts/types/Enums.sol";

/// @dev Numbers as in `contracts/README.md`.
contract FactorInvariantsTest is Deployed {
    FactorHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new FactorHandler(factorBook, address(council));
        targetContract(address(_handler));
    }

    function invariant_F1toF4_WhatIsPrescribedStays() public view {
        FactorHandler.Model[] memory models = _handler.models();
        for (uint256 i = 0; i < models.length; ++i) {
            _assertF1(models[i]);
            _assertStatuses(models[i]);
        }
        _assertF2();
        _assertF4();
    }

    /// @dev Rare things happen.
    function afterInvariant() public view {
        console.log("published %d, drafts %d", _handler.counts("published"), _handler.counts("drafts"));
        console.log(
            "came into force %d, ended %d", _handler.counts("came into force"), _handler.counts("ended")
        );
        console.log("again %d, asked %d", _handler.counts("published again"), _handler.counts("asked"));
    }

    /// @dev F1: an entry is what it was published as.
    function _assertF1(FactorHandler.Model memory model) private view {
        Factor memory kept = factorBook.factor(model.factorId);
        assertEq(factorBook.factorIdOf(model.entry), model.factorId);
        assertEq(kept.key, _handler.keyOf(model.key));
        assertEq(kept.values, model.entry.values);
        assertEq(kept.unit, model.entry.unit);
        assertEq(kept.standing.reportFrom, model.entry.reportFrom);
        assertEq(kept.standing.reportTo, model.entry.reportTo);
        assertTrue(kept.standing.publishedAs == model.entry.status);
        assertEq(kept.standing.publishedAt, model.publishedAt);
        assertEq(kept.standing.later.length, model.acts);
    }

    function _assertStatuses(FactorHandler.Model memory model) private view {
        for (uint16 i = 0; i < model.byYear.length; ++i) {
            RuleStatus status = factorBook.statusOf(model.factorId, _handler.FIRST_YEAR() + i);
            assertTrue(status == model.byYear[i]);
        }
    }

    /// @dev F2: one at most is in force for a year, and only what is in force is prescribed, so never a draft.
    function _assertF2() private view {
        for (uint256 key = 0; key < 2; ++key) {
            for (uint16 i = 0; i < _handler.YEARS(); ++i) {
                uint16 year = _handler.FIRST_YEAR() + i;
                assertEq(_handler.prescribedByBook(key, year), _handler.prescribedByModel(key, year));
            }
        }
    }

    /// @dev F4: what was said at a past moment is still what was said then.
    function _assertF4() private view {
        FactorHandler.Answer[] memory answers = _handler.answers();
        for (uint256 i = 0; i < answers.length; ++i) {
            bytes32 key = _handler.keyOf(answers[i].key);
            bytes32 factorId;
            try factorBook.asOf(key, answers[i].year, answers[i].timestamp) returns (bytes32 found) {
                factorId = found;
            } catch {}
            assertEq(factorId, answers[i].factorId);
        }
    }
}
