"""
Acts on their way between persons: as the JSON a wallet shows, back again, and as a call.

Only acts whose fields are plain stand here; which of their fields name signers, and to which
contract they go, is said once.

Source: EIP-712; `contracts/interfaces/`; FORMATS section 10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, TypeAlias

from attestation.errors import EncodingError
from chain.acts import Calibration, CloseKey, Compromise, Enrolment, OpenLog, OperatorChange
from chain.addresses import parse_address
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.device_registry import DeviceRegistry
from chain.client import ChainClient
from chain.typed_data import Act, ActDomain, act_digest, wallet_request
from chain.values import Call

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,77}")
_BYTES = re.compile(r"bytes(\d+)")

Signatures: TypeAlias = Mapping[str, bytes]
"""Signature of 65 bytes by the role that gave it."""
_MakeCall: TypeAlias = Callable[[ChainClient, bytes, Act, Signatures], Call]
_Registry: TypeAlias = type[CheckpointRegistry] | type[DeviceRegistry]


@dataclass(frozen=True, slots=True)
class SignedAct:
    """A kind of act: who signs it, and where it goes."""

    act_type: type[Act]
    contract: str
    """Name of the contract that takes it."""
    roles: tuple[str, ...]
    """Fields that name its signers, in the order of their signatures."""
    make_call: _MakeCall
    """Gives the call from a client, the contract's address, the act and its signatures."""


def _caller(registry: _Registry, method: str, roles: tuple[str, ...]) -> _MakeCall:
    def make_call(client: ChainClient, address: bytes, act: Act, signatures: Signatures) -> Call:
        named = {f"{role}_signature": signatures[role] for role in roles}
        made: Call = getattr(registry(client, address), method)(act, **named)
        return made

    return make_call


def _kind(
    act_type: type[Act], registry: _Registry, method: str, roles: tuple[str, ...]
) -> SignedAct:
    return SignedAct(act_type, registry.NAME, roles, _caller(registry, method, roles))


_TWO: Final = ("initiator", "approver")
_THREE: Final = ("initiator", "approver", "operator")
_ONE: Final = ("approver",)

SIGNED_ACTS: Final[Mapping[str, SignedAct]] = {
    each.act_type.__name__: each
    for each in (
        _kind(OpenLog, CheckpointRegistry, "open_log", _THREE),
        _kind(OperatorChange, CheckpointRegistry, "propose_operator", _TWO),
        _kind(Enrolment, DeviceRegistry, "enrol", _TWO),
        _kind(CloseKey, DeviceRegistry, "close", _ONE),
        _kind(Compromise, DeviceRegistry, "mark_compromised", _ONE),
        _kind(Calibration, DeviceRegistry, "calibrate", _TWO),
    )
}
"""The kinds of acts, by the name of their type."""


def signed_act_of(act: Act) -> SignedAct:
    """Give the kind of an act."""
    return SIGNED_ACTS[type(act).__name__]


def signers_of(act: Act) -> dict[str, bytes]:
    """Give the address that each role of an act names."""
    return {role: getattr(act, role) for role in signed_act_of(act).roles}


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
        raise _refusal(f"no kind of act {name!r}")
    members = kind.act_type.members()
    if message.keys() != {each for each, _ in members}:
        raise _refusal(f"an act {name} has not exactly its fields")
    values = [_read(text_type, message[member]) for member, text_type in members]
    named = dict(zip((each.name for each in fields(kind.act_type)), values, strict=True))
    act = kind.act_type(**named)
    # Hashing it checks that every value fits its type.
    act_digest(act, ActDomain(1, bytes(20)))
    return act


def _read(kind: str, value: object) -> object:
    if not isinstance(value, str):
        raise _refusal(f"{value!r} is no text")
    if kind == "string" and value.isprintable():
        return value
    if kind == "address":
        return parse_address(value)
    if kind.startswith("uint") and _NUMBER.fullmatch(value):
        return int(value)
    width = _BYTES.fullmatch(kind)
    if width and _HEX.fullmatch(value) and len(value) == 2 + 2 * int(width[1]):
        return bytes.fromhex(value[2:])
    raise _refusal(f"{value!r} is no {kind}")


def _refusal(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.typed_data")
