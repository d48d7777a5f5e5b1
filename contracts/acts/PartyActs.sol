// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {RepresentativeRole} from "../types/Enums.sol";
import {PartyId} from "../types/Ids.sol";
import {Acts} from "./Acts.sol";

/// @title PartyActs
/// @notice Acts that representatives of a registered party sign.
/// @dev The party registry is a book: it is never replaced, so its address is fixed.
abstract contract PartyActs is Acts {
    /// @notice The registry that says who acts for whom.
    IPartyRegistry public immutable partyRegistry;

    constructor(IPartyRegistry partyRegistry_) {
        partyRegistry = partyRegistry_;
    }

    /// @dev Check that two persons of `party` signed the act, an initiator and an approver.
    function _requireTwoPersons(
        PartyId party,
        bytes32 digest,
        address initiator,
        bytes calldata initiatorSignature,
        address approver,
        bytes calldata approverSignature
    ) internal {
        _requireNotCancelled(digest, initiator);
        _requireNotCancelled(digest, approver);
        address contractSigner = partyRegistry.checkTwoPersons(
            party, digest, initiator, initiatorSignature, approver, approverSignature
        );
        if (contractSigner != address(0)) emit ContractSignatureAccepted(digest, contractSigner);
    }

    /// @dev Check that an approver of `party` signed the act.
    function _requireApprover(PartyId party, bytes32 digest, address approver, bytes calldata signature)
        internal
    {
        _requireNotCancelled(digest, approver);
        bool isContract =
            partyRegistry.checkSigned(party, RepresentativeRole.Approver, digest, approver, signature);
        if (isContract) emit ContractSignatureAccepted(digest, approver);
    }
}
