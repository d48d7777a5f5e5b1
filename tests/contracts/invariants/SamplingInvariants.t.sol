// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {console} from "forge-std/console.sol";

import {SamplingHandler} from "./SamplingHandler.sol";
import {ISamplingDraw} from "contracts/interfaces/ISamplingDraw.sol";

/// @dev Numbers as in `contracts/README.md`.
contract SamplingInvariantsTest is Test {
    SamplingHandler private _handler;

    function setUp() public {
        _handler = new SamplingHandler();
        targetContract(address(_handler));
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = SamplingHandler.pass.selector;
        selectors[1] = SamplingHandler.commitFor.selector;
        selectors[2] = SamplingHandler.freezeNext.selector;
        selectors[3] = SamplingHandler.store.selector;
        selectors[4] = SamplingHandler.revealFor.selector;
        selectors[5] = SamplingHandler.settleOne.selector;
        selectors[6] = SamplingHandler.goOn.selector;
        targetSelector(FuzzSelector(address(_handler), selectors));
    }

    function invariant_S1toS3_DrawsAreFixedAndFollowFromTheirParts() public view {
        SamplingHandler.Model[] memory models = _handler.models();
        assertEq(_handler.count(), models.length);
        for (uint32 number = 1; number <= models.length; ++number) {
            SamplingHandler.Model memory model = models[number - 1];
            ISamplingDraw.Draw memory draw = _handler.drawAt(number);
            assertEq(_handler.frozenPart(draw), model.frozen); // S1
            _assertS2(draw, model);
            _assertS3(draw, model, number);
        }
    }

    /// @dev Rare things happen.
    function afterInvariant() public view {
        console.log("stored %d, moved %d", _handler.counts("stored"), _handler.counts("moved"));
        console.log("revealed %d, committed %d", _handler.counts("revealed"), _handler.counts("committed"));
        console.log("usual %d, strict %d", _handler.counts("usual"), _handler.counts("strict"));
    }

    /// @dev S2: a nonce is there exactly if it was revealed in its time.
    function _assertS2(ISamplingDraw.Draw memory draw, SamplingHandler.Model memory model) private pure {
        assertEq(draw.blockHash, model.blockHash);
        assertEq(draw.drawBlock, model.drawBlock);
        assertEq(draw.revealUntil, model.revealUntil);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(draw.nonces[i] != bytes32(0), model.hasRevealed[i]);
            if (model.hasRevealed[i]) assertTrue(model.blockHash != bytes32(0) && model.hasCommitted[i]);
        }
    }

    /// @dev S3: a seed follows from its parts, and stays.
    function _assertS3(ISamplingDraw.Draw memory draw, SamplingHandler.Model memory model, uint32 number)
        private
        view
    {
        assertEq(draw.isSettled, model.isSettled);
        if (!model.isSettled) {
            assertEq(draw.seed, bytes32(0));
            return;
        }
        assertEq(draw.seed, _handler.expectedSeed(number));
        assertEq(keccak256(abi.encode(draw)), model.settled);
        assertEq(draw.isStrict, !(model.hasRevealed[0] && model.hasRevealed[1] && model.hasRevealed[2]));
        assertGt(draw.drawBlock, draw.frozenAt);
        assertEq((draw.drawBlock - draw.frozenAt) % 12, 0);
    }
}
