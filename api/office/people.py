"""
Whether the persons of a request act for the enterprise now, each in its role, and are two.

The contract asks the same when an act is handed in; asking before spares people a signature, and
covers requests of records alone, of which the contract sees nothing.

Source: CONTRACTS section 1 (representatives are persons; two-person rules compare persons).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.office.errors import NotInForce, OnePerson
from attestation.enums import RepresentativeRole
from chain.addresses import format_address
from chain.bindings.party_registry import PartyRegistry, party_id_of

_ROLES: Final = {
    "initiator": RepresentativeRole.INITIATOR,
    "approver": RepresentativeRole.APPROVER,
}


def check_people(parties: PartyRegistry, usc: str, signers: Mapping[str, bytes]) -> None:
    """
    Check the persons who sign for an enterprise.

    Args:
        parties: The registry.
        usc: Unified social credit code of the enterprise.
        signers: Address by role; roles that are not the enterprise's are left out.

    Raises:
        NotInForce: If a key has not its role in force.
        OnePerson: If two keys are one person's.
        NodeUnavailable: If the node does not answer.
    """
    party = party_id_of(usc)
    known: dict[bytes, str] = {}
    for name, address in signers.items():
        role = _ROLES.get(name)
        if role is None:
            continue
        if not parties.is_in_force(party, address, role):
            raise NotInForce(f"{format_address(address)} is no {name} of {usc} at present")
        found = parties.representative(party, address)
        for person in () if found is None else found.persons:
            other = known.setdefault(person, name)
            if other != name:
                raise OnePerson(f"{other} and {name} are one person of {usc}")
