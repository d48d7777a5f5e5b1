// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "openzeppelin-access-manager/access/manager/AccessManaged.sol";

/// @title Governed
/// @notice A contract whose operation one AccessManager permits, the same for ever.
abstract contract Governed is AccessManaged {
    /// @notice The authority was fixed at deployment.
    error Governed_AuthorityFixed();

    constructor(address authority_) AccessManaged(authority_) {}

    /// @notice Always refused: who could change the authority could change every permission at once.
    function setAuthority(address) public pure override {
        revert Governed_AuthorityFixed();
    }
}
