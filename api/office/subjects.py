"""
Which inventory a command is about, in words that people type, and as acts name it.

The registered name of an enterprise stands in every act, because people read it; the contract
compares its hash. It is looked for on the party's own node, in the block of the registration.

Source: FORMATS sections 10 and 11; `contracts/interfaces/IPartyRegistry.sol`.
"""

from __future__ import annotations

from unicodedata import is_normalized

from api.errors import BadRequest
from api.office.desk import ChainDesk
from api.office.errors import WrongPlace
from attestation.errors import EncodingError
from attestation.ids import keccak256, parse_usc
from chain.bindings.party_registry import Party, party_id_of
from chain.client import ChainClient
from chain.errors import NodeUnavailable
from chain.events import read_events
from chain.inventory_acts import Subject
from ledger.inventory.errors import InventoryError
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period


def parse_subject(text: str) -> Scope:
    """
    Read `CODE/UNIT/PERIOD`, such as `91350211M000100Y46/unit-1/2024`.

    Args:
        text: From a person.

    Raises:
        BadRequest: If it has another form, or the credit code does not hold.
    """
    code, _, rest = text.partition("/")
    unit, _, period = rest.rpartition("/")
    if not (code and unit and period) or not unit.isprintable():
        raise BadRequest(f"{text!r} is not CODE/UNIT/PERIOD, such as 91…/unit-1/2024")
    # The chain compares bytes: what only looks like another unit's code is another unit there.
    if unit != unit.strip() or not is_normalized("NFC", unit):
        raise BadRequest(f"{text!r}: the unit's code looks like another that is written otherwise")
    try:
        return Scope.of(parse_usc(code), unit, Period.parse(period))
    except (EncodingError, InventoryError) as error:
        raise BadRequest(f"{text!r}: {error.message}") from error


def subject_of(desk: ChainDesk, scope: Scope) -> Subject:
    """
    Give an inventory as acts name it.

    Raises:
        WrongPlace: If the enterprise is not registered on the chain.
        NodeUnavailable: If the node does not answer, or lacks the block of the registration.
    """
    return Subject(
        enterprise=registered_name(desk, scope.usc),
        credit_code=scope.usc,
        unit_code=scope.unit,
        period_from=scope.period.from_s,
        period_to=scope.period.to_s,
    )


def registered_name(desk: ChainDesk, code: str) -> str:
    """
    Give the registered name of a party.

    Raises:
        WrongPlace: If it is not registered.
        NodeUnavailable: If the node does not answer, or lacks the block of the registration.
    """
    party_id = party_id_of(code)
    party = desk.parties.party(party_id)
    if party is None:
        raise WrongPlace(f"{code} is no registered party")
    name = _registered_at(desk, party_id, party.registered_at_s)
    if name is None or not _is_name(name, party):
        raise NodeUnavailable(f"the node does not have the registration of {code}")
    return name


def _registered_at(desk: ChainDesk, party_id: bytes, at_s: int) -> str | None:
    # On some chains several blocks have one time.
    first = _first_block_at(desk.client, at_s)
    last = max(first, _first_block_at(desk.client, at_s + 1) - 1)
    source = desk.parties.contract.source
    for event in read_events(desk.client, [source], from_block=first, to_block=last):
        if event.name == "PartyRegistered" and event.arguments["party"] == party_id:
            return str(event.arguments["name"])
    return None


def _is_name(name: str, party: Party) -> bool:
    return keccak256(name.encode()) == party.name_hash


def _first_block_at(client: ChainClient, time_s: int) -> int:
    """Give the first block whose time is not before a time, or the one after the newest."""
    low, high = 0, client.block_number() + 1
    while low < high:
        middle = (low + high) >> 1
        block = client.block(middle)
        if block is None:
            raise NodeUnavailable(f"the node has no block {middle}", code="chain.no_block")
        low, high = (middle + 1, high) if block.timestamp_s < time_s else (low, middle)
    return low
