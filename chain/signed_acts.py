"""
Acts on their way between persons: as the JSON a wallet shows, back again, and as a call.

Which of an act's fields name signers, and to which contract it goes, is said once.
The Council's own acts, and withdrawals of a signature, have other ways.

Source: EIP-712; `contracts/interfaces/`; FORMATS section 10.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from chain import credential_acts as credentials
from chain import inventory_acts as inventories
from chain.acts import (
    Appointment,
    Attestation,
    Calibration,
    CloseKey,
    Compromise,
    Enrolment,
    OpenLog,
    OperatorChange,
    Recovery,
    Registration,
    Removal,
    Seat,
)
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.credentials import Credentials
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.inventory_registry import InventoryRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.bindings.sampling_draw import SamplingDraw
from chain.client import ChainClient
from chain.sampling_acts import NonceCommitment, SamplingPlan
from chain.typed_data import Act, ActDomain, act_digest, wallet_request
from chain.typed_reading import read_struct, refusal
from chain.values import Call

Signatures: TypeAlias = Mapping[str, bytes]
"""Signature by the role that gave it: 65 bytes, or what a contract takes that is a signer."""
_MakeCall: TypeAlias = Callable[[ChainClient, bytes, Act, Signatures], Call]
_Registry: TypeAlias = (
    type[CheckpointRegistry]
    | type[Credentials]
    | type[DeviceRegistry]
    | type[InventoryRegistry]
    | type[PartyRegistry]
    | type[SamplingDraw]
)


@dataclass(frozen=True, slots=True)
class SignedAct:
    """A kind of act: who signs it, and where it goes."""

    act_type: type[Act]
    contract: str
    """Name of the contract that takes it."""
    roles: tuple[str, ...]
    """Fields that name its signers, in the order of their signatures; new keys come after."""
    make_call: _MakeCall
    """Gives the call from a client, the contract's address, the act and its signatures."""


def seat_role(number: int) -> str:
    """Give the role of a new key that an act seats, counted from 1."""
    return f"seat-{number}"


def _kind(
    act_type: type[Act], registry: _Registry, method: str, roles: tuple[str, ...]
) -> SignedAct:
    def make_call(client: ChainClient, address: bytes, act: Act, signatures: Signatures) -> Call:
        named: dict[str, Any] = {f"{role}_signature": signatures[role] for role in roles}
        if isinstance(act, Appointment):
            named["seat_signature"] = signatures[seat_role(1)]
        elif seats := _seats(act):
            named["seat_signatures"] = [signatures[role] for role in seats]
        made: Call = getattr(registry(client, address), method)(act, **named)
        return made

    return SignedAct(act_type, registry.NAME, roles, make_call)


def _seats(act: Act) -> dict[str, bytes]:
    """Give the keys that an act seats, by role; each signs that it takes its seat."""
    seats: tuple[Seat, ...] = ()
    if isinstance(act, Registration | Recovery):
        seats = act.seats
    elif isinstance(act, Appointment):
        seats = (act.seat,)
    return {seat_role(number): seat.key for number, seat in enumerate(seats, 1)}


_TWO: Final = ("initiator", "approver")
_THREE: Final = ("initiator", "approver", "operator")
_ONE: Final = ("approver",)
_TEAM: Final = ("lead_verifier", "technical_reviewer")
_REGISTRAR: Final = ("registrar",)

SIGNED_ACTS: Final[Mapping[str, SignedAct]] = {
    each.act_type.__name__: each
    for each in (
        _kind(OpenLog, CheckpointRegistry, "open_log", _THREE),
        _kind(OperatorChange, CheckpointRegistry, "propose_operator", _TWO),
        _kind(Enrolment, DeviceRegistry, "enrol", _TWO),
        _kind(CloseKey, DeviceRegistry, "close", _ONE),
        _kind(Compromise, DeviceRegistry, "mark_compromised", _ONE),
        _kind(Calibration, DeviceRegistry, "calibrate", _TWO),
        _kind(Registration, PartyRegistry, "register", _REGISTRAR),
        _kind(Attestation, PartyRegistry, "attest", _REGISTRAR),
        _kind(Appointment, PartyRegistry, "appoint", _ONE),
        _kind(Removal, PartyRegistry, "remove", ("remover",)),
        _kind(Recovery, PartyRegistry, "recover", ()),
        _kind(credentials.CredentialGrant, Credentials, "grant", _REGISTRAR),
        _kind(credentials.CredentialChange, Credentials, "change", _REGISTRAR),
        _kind(credentials.AdviceRecord, Credentials, "record_advice", _REGISTRAR),
        _kind(credentials.PreparationRecord, Credentials, "record_preparation", _REGISTRAR),
        _kind(credentials.GroupMembership, Credentials, "set_group", _REGISTRAR),
        _kind(credentials.EarlierVerification, Credentials, "record_earlier", _REGISTRAR),
        _kind(inventories.InventoryDraft, InventoryRegistry, "draft", _TWO),
        _kind(inventories.InventorySubmission, InventoryRegistry, "submit", _TWO),
        _kind(inventories.VerificationAssignment, InventoryRegistry, "assign", _TWO),
        _kind(inventories.VerificationStatement, InventoryRegistry, "conclude", _TEAM),
        _kind(inventories.ResultConfirmation, InventoryRegistry, "confirm", _TWO),
        _kind(NonceCommitment, SamplingDraw, "commit_nonce", _TWO),
        _kind(SamplingPlan, SamplingDraw, "freeze_plan", _TEAM),
        *(_kind(each, InventoryRegistry, "take", _TWO) for each in inventories.STEPS.values()),
    )
}
"""The kinds of acts, by the name of their type."""


def signed_act_of(act: Act) -> SignedAct:
    """Give the kind of an act."""
    return SIGNED_ACTS[type(act).__name__]


def signers_of(act: Act) -> dict[str, bytes]:
    """Give the address that each role of an act names."""
    return {role: getattr(act, role) for role in signed_act_of(act).roles} | _seats(act)


def act_message(act: Act, domain: ActDomain) -> dict[str, Any]:
    """Give an act's fields as a wallet shows them: Solidity's names, numbers and bytes as text."""
    message: dict[str, Any] = wallet_request(act, domain)["message"]
    return message


def parse_act(name: str, message: Mapping[str, object]) -> Act:
    """
    Read an act from its fields, as `act_message` gives them.

    Args:
        name: Name of the act's type.
        message: From outside.

    Raises:
        EncodingError: If the type is not known, or a field is missing, unknown or malformed.
    """
    kind = SIGNED_ACTS.get(name)
    if kind is None:
        raise refusal(f"no kind of act {name!r}")
    act = read_struct(kind.act_type, message)
    # Hashing it checks that every value fits its type.
    act_digest(act, ActDomain(1, bytes(20)))
    return act
