// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "contracts/interfaces/IRule.sol";
import {OutcomeDraft, Outcomes} from "contracts/libraries/Outcomes.sol";
import {RoundingProfile} from "contracts/types/Enums.sol";

/// @notice Two numbers to be added.
struct SumInputs {
    int256 first_1;
    int256 second_1;
}

/// @title SumRule
/// @notice The smallest rule: it adds two numbers.
contract SumRule is IRule {
    using Outcomes for OutcomeDraft;

    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        require(profile == RoundingProfile.Exact, Rule_ProfileUnknown(profile));
        SumInputs memory decoded = abi.decode(inputs, (SumInputs));
        require(keccak256(abi.encode(decoded)) == keccak256(inputs), Rule_InputsNotCanonical());
        OutcomeDraft memory draft = Outcomes.open(1, 0);
        draft.result("sum", "1", decoded.first_1 + decoded.second_1, 18);
        return draft.close();
    }

    function version() external pure virtual returns (uint32) {
        return 1;
    }

    function name() external pure returns (string memory) {
        return "test.sum";
    }

    function source() external pure returns (string memory) {
        return unicode"addition 加法";
    }
}

/// @notice Its second version.
contract SecondSumRule is SumRule {
    function version() external pure override returns (uint32) {
        return 2;
    }
}

/// @notice Its third version.
contract ThirdSumRule is SumRule {
    function version() external pure override returns (uint32) {
        return 3;
    }
}
