"""
Acts of people as EIP-712 messages, from one description of each struct.

A struct is a dataclass whose fields are annotated with their Solidity types: the type text that a
contract hashes, the message a wallet shows, the digest and the call data all come from it.

Source: EIP-712; FORMATS section 10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Annotated, Any, Final, get_args, get_type_hints

from attestation.eip712 import Types, encode_type, hash_typed_data
from chain.addresses import format_address
from chain.keys import Signer

DOMAIN_NAME: Final = "CarbonSeal"
DOMAIN_VERSION: Final = "1"
_DOMAIN_MEMBERS: Final = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)
_UNDERSCORE = re.compile(r"_([a-z0-9])")


# A field's annotation carries its Solidity type, and its name where Python has another one.
Address = Annotated[bytes, "address"]
Data = Annotated[bytes, "bytes"]
Flag = Annotated[bool, "bool"]
Text = Annotated[str, "string"]
Texts = Annotated[tuple[str, ...], "string[]"]
Uint8 = Annotated[int, "uint8"]
Uint8s = Annotated[tuple[int, ...], "uint8[]"]
Uint16 = Annotated[int, "uint16"]
Uint32 = Annotated[int, "uint32"]
Uint32s = Annotated[tuple[int, ...], "uint32[]"]
Uint64 = Annotated[int, "uint64"]
Uint256 = Annotated[int, "uint256"]
Word = Annotated[bytes, "bytes32"]
Words = Annotated[tuple[bytes, ...], "bytes32[]"]


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct of EIP-712 whose members are its fields, in their order."""

    @classmethod
    def members(cls) -> tuple[tuple[str, str], ...]:
        """Give name and type of each member, as Solidity writes them."""
        return tuple(member for _, member in named_members(cls))

    @classmethod
    def structs(cls) -> dict[str, type[Struct]]:
        """Give this struct and every struct in it, by name."""
        found: dict[str, type[Struct]] = {cls.__name__: cls}
        for hint in get_type_hints(cls).values():
            for inner in (hint, *get_args(hint)):
                if isinstance(inner, type) and issubclass(inner, Struct):
                    found |= inner.structs()
        return found

    @classmethod
    def types(cls) -> dict[str, tuple[tuple[str, str], ...]]:
        """Give the members of this struct and of every struct in it, by name."""
        return {name: kind.members() for name, kind in cls.structs().items()}

    @classmethod
    def type_text(cls) -> str:
        """Give what a contract hashes as the struct's type: `Name(type name,…)`."""
        return encode_type(cls.types(), cls.__name__)

    def values(self) -> dict[str, Any]:
        """Give the members' values by their Solidity names, structs as dictionaries."""
        members = named_members(type(self))
        return {member: _plain(getattr(self, field)) for field, (member, _) in members}


class Act(Struct):
    """A struct that people sign."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ActDomain:
    """Where an act counts: one contract on one chain."""

    chain_id: int
    contract: bytes
    """Address, 20 bytes."""

    def values(self) -> dict[str, Any]:
        """Give the domain's fields by their EIP-712 names."""
        return {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": self.chain_id,
            "verifyingContract": self.contract,
        }


def named_members(kind: type[Struct]) -> tuple[tuple[str, tuple[str, str]], ...]:
    """Give each field's name, with its name and type in Solidity."""
    found = []
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        type_text, *given = hints[field.name].__metadata__
        found.append((field.name, (given[0] if given else _camel_case(field.name), type_text)))
    return tuple(found)


def act_digest(act: Act, domain: ActDomain) -> bytes:
    """
    Give what the signers sign, 32 bytes.

    Raises:
        EncodingError: If a value does not fit its type.

    Source: EIP-712.
    """
    return hash_typed_data(domain.values(), act.types(), type(act).__name__, act.values())


def sign_act(act: Act, domain: ActDomain, signer: Signer) -> bytes:
    """
    Sign an act: 65 bytes r, s, v.

    Raises:
        EncodingError: If a value does not fit its type.
    """
    return signer.sign_digest(act_digest(act, domain))


def wallet_request(act: Act, domain: ActDomain) -> dict[str, Any]:
    """
    Give the JSON that `eth_signTypedData_v4` takes and a wallet shows.

    Numbers are text, because a browser's own numbers end at 2**53.
    """
    types = {"EIP712Domain": _DOMAIN_MEMBERS, **act.types()}
    name = type(act).__name__
    return {
        "types": {
            struct: [{"name": each, "type": kind} for each, kind in members]
            for struct, members in types.items()
        },
        "primaryType": name,
        "domain": _json_value("EIP712Domain", domain.values(), types),
        "message": _json_value(name, act.values(), types),
    }


def _json_value(kind: str, value: Any, types: Types) -> Any:
    if kind.endswith("]"):
        return [_json_value(kind.rpartition("[")[0], item, types) for item in value]
    if kind in types:
        return {name: _json_value(inner, value[name], types) for name, inner in types[kind]}
    if kind == "address":
        return format_address(value)
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return value if isinstance(value, str | bool) else str(int(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        return value.values()
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _camel_case(name: str) -> str:
    return _UNDERSCORE.sub(lambda match: match[1].upper(), name)
