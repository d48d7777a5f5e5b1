// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Deployed} from "./Deployed.sol";
import {SecondSumRule, SumRule, ThirdSumRule} from "./SumRule.sol";
import {FactorEntry} from "contracts/interfaces/IFactorBook.sol";
import {IRule} from "contracts/interfaces/IRule.sol";
import {RulePublication} from "contracts/interfaces/IRuleBook.sol";
import {RuleStatus} from "contracts/types/Enums.sol";

/// @title BookCases
/// @notice Entries of the books as tests need them: one thing differs, the rest is sound.
abstract contract BookCases is Deployed {
    string internal constant GUIDE = unicode"全国碳排放权交易配额分配方案 发电行业";
    string internal constant QUANTITY = "generation benchmark";
    string internal constant SUBJECT = unicode"gas 燃气机组";
    bytes32 internal constant BENCHMARK_KEY = keccak256(abi.encode("factor", GUIDE, QUANTITY, SUBJECT));
    string internal constant SUM = "test.sum";

    /// @dev A benchmark of gas units.
    function benchmark(int256 value, uint16 reportFrom, uint16 reportTo, RuleStatus status)
        internal
        pure
        returns (FactorEntry memory)
    {
        int256[] memory values = new int256[](1);
        values[0] = value;
        return FactorEntry({
            guide: GUIDE,
            edition: "2023-2024",
            quantity: QUANTITY,
            subject: SUBJECT,
            unit: "tCO2/MWh",
            values: values,
            reportFrom: reportFrom,
            reportTo: reportTo,
            validFrom: 1_700_000_000,
            validTo: 0,
            tableRow: "table 1",
            sourceHash: sha256("the plan"),
            confidence: "made up",
            status: status
        });
    }

    function publish(FactorEntry memory entry) internal returns (bytes32 factorId) {
        vm.prank(address(council));
        factorBook.publish(one(entry));
        return factorBook.factorIdOf(entry);
    }

    function setFactorStatus(bytes32 factorId, RuleStatus status, uint16 fromYear) internal {
        vm.prank(address(council));
        factorBook.setStatus(factorId, status, fromYear, "a later notice");
    }

    /// @dev Version 1, 2 or 3 of a rule that adds numbers.
    function sumRule(uint32 version, uint16 reportFrom, uint16 reportTo, RuleStatus status)
        internal
        returns (RulePublication memory)
    {
        IRule[3] memory versions =
            [IRule(new SumRule()), IRule(new SecondSumRule()), IRule(new ThirdSumRule())];
        IRule rule = versions[version - 1];
        return RulePublication({
            name: SUM,
            version: version,
            rule: address(rule),
            reportFrom: reportFrom,
            reportTo: reportTo,
            status: status,
            sourceHash: sha256(bytes(rule.source()))
        });
    }

    function publish(RulePublication memory publication) internal {
        vm.prank(address(council));
        ruleBook.publish(one(publication));
    }

    function setRuleStatus(uint32 version, RuleStatus status, uint16 fromYear) internal {
        vm.prank(address(council));
        ruleBook.setStatus(SUM, version, status, fromYear, "a later notice");
    }

    function one(FactorEntry memory entry) internal pure returns (FactorEntry[] memory entries) {
        entries = new FactorEntry[](1);
        entries[0] = entry;
    }

    function one(RulePublication memory publication)
        internal
        pure
        returns (RulePublication[] memory publications)
    {
        publications = new RulePublication[](1);
        publications[0] = publication;
    }
}
