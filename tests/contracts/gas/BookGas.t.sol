// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {console} from "forge-std/console.sol";

import {BookCases} from "../support/BookCases.sol";
import {SumInputs} from "../support/SumRule.sol";
import {FactorEntry} from "contracts/interfaces/IFactorBook.sol";
import {FactorUse, RulePublication} from "contracts/interfaces/IRuleBook.sol";
import {RoundingProfile, RuleStatus} from "contracts/types/Enums.sol";

/// @title What the books cost
/// @notice Gas of whole transactions, each on its own (`isolate`), so that storage is as cold as it is on a chain.
contract BookGasTest is BookCases {
    uint256 private constant BATCH = 40;
    uint256 private constant ENTRY_BOUND = 240_000;

    /// @dev An entry in a batch; the first of a key, with words as long as the seed's.
    /// forge-config: default.isolate = true
    function test_PublishingABatchStaysBelowTheBound() public {
        FactorEntry[] memory entries = new FactorEntry[](BATCH);
        for (uint256 i = 0; i < BATCH; ++i) {
            entries[i] = benchmark(0.3305e18, 2023, 2023, RuleStatus.InForce);
            entries[i].subject = string.concat(SUBJECT, vm.toString(i));
        }
        vm.prank(address(council));
        factorBook.publish(entries);
        uint256 used = vm.lastCallGas().gasTotalUsed;
        console.log("an entry in a batch of %d: %d", BATCH, used / BATCH);

        assertLt(used / BATCH, ENTRY_BOUND);
    }

    /// forge-config: default.isolate = true
    function test_StatusAndQuestions() public {
        bytes32 factorId = publish(benchmark(0.3305e18, 2023, 0, RuleStatus.InForce));
        factorBook.prescribed(BENCHMARK_KEY, 2023);
        uint256 asking = vm.lastCallGas().gasTotalUsed;
        setFactorStatus(factorId, RuleStatus.Superseded, 2026);
        uint256 setting = vm.lastCallGas().gasTotalUsed;
        console.log("a status: %d, what is prescribed: %d", setting, asking);

        assertLt(setting, 120_000);
        assertLt(asking, 45_000);
    }

    /// forge-config: default.isolate = true
    function test_Rules() public {
        RulePublication memory publication = sumRule(1, 2023, 2023, RuleStatus.InForce);
        publish(publication);
        uint256 publishing = vm.lastCallGas().gasTotalUsed;
        FactorUse[] memory uses = new FactorUse[](1);
        uses[0] = FactorUse(publish(benchmark(1e18, 2023, 2023, RuleStatus.InForce)), 0, 32);
        bytes memory inputs = abi.encode(SumInputs(1e18, 1e18));
        ruleBook.run(SUM, 1, inputs, RoundingProfile.Exact, new FactorUse[](0), 2023, true);
        uint256 alone = vm.lastCallGas().gasTotalUsed;
        ruleBook.run(SUM, 1, inputs, RoundingProfile.Exact, uses, 2023, true);
        uint256 withFactor = vm.lastCallGas().gasTotalUsed;
        console.log(
            "a rule: %d, to run one: %d, each factor of it: %d", publishing, alone, withFactor - alone
        );

        assertLt(publishing, 240_000);
        assertLt(alone, 75_000);
        assertLt(withFactor - alone, 35_000);
    }
}
