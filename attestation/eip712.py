"""
EIP-712: the hash of typed data that a wallet shows and signs, and who signed it.

Everything is strict: a message has exactly the fields of its type, numbers fit, byte strings have
their length, a signature is 65 bytes with low s and v of 27 or 28. Names are not judged.

Source: EIP-712; EIP-2 (low s); SEC 1, section 4.1.6 (recovery); `docs/formats/records.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from coincurve import PrivateKey, PublicKey

from attestation.errors import EncodingError, SignatureError
from attestation.ids import keccak256

SIGNATURE_LENGTH: Final = 65
SECP256K1_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_HALF_ORDER: Final = SECP256K1_ORDER >> 1
_V_OFFSET: Final = 27
_PREFIX: Final = b"\x19\x01"
_WORD: Final = 32
_MAX_DEPTH: Final = 16

_ARRAY = re.compile(r"(.+)\[([1-9]\d{0,5})?\]", re.DOTALL)
_NUMBER = re.compile(r"(u?)int([1-9]\d{0,2})")
_FIXED_BYTES = re.compile(r"bytes([1-9]\d?)")
_ATOMIC = re.compile(r"string|bytes(?:[1-9]\d?)?|bool|address|u?int[1-9]\d{0,2}")
_HEX = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")

Types: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
"""Struct name → its members in order, each (name, type)."""

DOMAIN_TYPE: Final = "EIP712Domain"
_DOMAIN_MEMBERS: Final = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
    ("salt", "bytes32"),
)


def hash_typed_data(
    domain: Mapping[str, object], types: Types, primary_type: str, message: Mapping[str, object]
) -> bytes:
    """
    Give the digest that is signed, 32 bytes.

    Args:
        domain: Some of name, version, chainId, verifyingContract, salt.
        types: Structs by name, without the domain's.
        primary_type: The struct that `message` is.
        message: Integers, booleans, text, bytes (or `0x` text), lists and mappings.

    Raises:
        EncodingError: If a type is unknown or a value does not fit its type.

    Source: EIP-712, definition of hashStruct and of the encoding.
    """
    return keccak256(_PREFIX + hash_domain(domain) + hash_struct(types, primary_type, message))


def hash_domain(domain: Mapping[str, object]) -> bytes:
    """
    Give the domain separator, 32 bytes.

    Raises:
        EncodingError: If it has a field that no domain has, or a value does not fit.

    Source: EIP-712, definition of domainSeparator.
    """
    members = [member for member in _DOMAIN_MEMBERS if member[0] in domain]
    return hash_struct({DOMAIN_TYPE: members}, DOMAIN_TYPE, domain)


def hash_struct(types: Types, name: str, content: Mapping[str, object]) -> bytes:
    """
    Give hashStruct of a struct's value, 32 bytes.

    Raises:
        EncodingError: If a type is unknown or a value does not fit its type.

    Source: EIP-712, definition of hashStruct.
    """
    return _hash_struct(types, name, content, _MAX_DEPTH)


def encode_type(types: Types, name: str) -> str:
    """
    Give the text of a struct's type, followed by those it refers to, sorted.

    Raises:
        EncodingError: If there is no such struct.

    Source: EIP-712, definition of encodeType.
    """
    referred = _referred(types, name, set())
    return "".join(_type_text(types, struct) for struct in [name, *sorted(referred - {name})])


def recover_address(digest: bytes, signature: bytes) -> str:
    """
    Give the address whose key signed a digest: `0x` and 40 lower-case hexadecimal digits.

    Args:
        digest: 32 bytes.
        signature: 65 bytes r || s || v, from outside.

    Raises:
        SignatureError: If the signature has another form, a high s, or no key belongs to it.

    Source: SEC 1, section 4.1.6; EIP-2.
    """
    if len(signature) != SIGNATURE_LENGTH or signature[64] not in (27, 28):
        raise SignatureError(
            "a signature is 65 bytes and ends in 27 or 28", code="verification.signature_length"
        )
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise SignatureError("s is above half the order", code="verification.signature_high_s")
    recoverable = signature[:64] + bytes((signature[64] - _V_OFFSET,))
    try:
        key = PublicKey.from_signature_and_message(recoverable, digest, hasher=None)
    except ValueError as error:
        raise SignatureError("no key belongs to this signature") from error
    return _address(key)


def sign_digest(secret: bytes, digest: bytes) -> bytes:
    """
    Sign a digest with a secp256k1 key; 65 bytes r || s || v with low s.

    Args:
        secret: The private key, 32 bytes.
        digest: 32 bytes.
    """
    signature = PrivateKey(secret).sign_recoverable(digest, hasher=None)
    return signature[:64] + bytes((signature[64] + _V_OFFSET,))


def address_of(secret: bytes) -> str:
    """Give the address of a private key: `0x` and 40 lower-case hexadecimal digits."""
    return _address(PrivateKey(secret).public_key)


def parse_address(text: str) -> str:
    """
    Check an address: `0x` and 40 lower-case hexadecimal digits.

    Raises:
        EncodingError: If it has another form.
    """
    if not _ADDRESS.fullmatch(text):
        raise EncodingError(f"not an address in lower case: {text!r}", code="encoding.address")
    return text


def _address(key: PublicKey) -> str:
    return "0x" + keccak256(key.format(compressed=False)[1:])[12:].hex()


def _hash_struct(types: Types, name: str, content: object, depth: int) -> bytes:
    if name not in types:
        raise _refusal(f"no struct {name!r}")
    if not isinstance(content, Mapping) or content.keys() != {member for member, _ in types[name]}:
        raise _refusal(f"a value of {name} has not exactly its members")
    if depth == 0:
        raise _refusal("nested too deeply")
    words = [keccak256(encode_type(types, name).encode())]
    words += [_encode(types, kind, content[member], depth - 1) for member, kind in types[name]]
    return keccak256(b"".join(words))


def _encode(types: Types, kind: str, content: object, depth: int) -> bytes:
    """Give encodeData of one member, 32 bytes."""
    if array := _ARRAY.fullmatch(kind):
        return _encode_array(types, array[1], array[2], content, depth)
    if kind in types:
        return _hash_struct(types, kind, content, depth)
    if kind == "string" and isinstance(content, str):
        return keccak256(_utf8(content))
    if kind == "bytes":
        return keccak256(_bytes(content))
    if kind == "bool" and isinstance(content, bool):
        return int(content).to_bytes(_WORD, "big")
    if kind == "address":
        return _sized(content, 20).rjust(_WORD, b"\x00")
    if fixed := _FIXED_BYTES.fullmatch(kind):
        return _encode_fixed(content, int(fixed[1]))
    if number := _NUMBER.fullmatch(kind):
        return _encode_number(content, int(number[2]), signed=not number[1])
    raise _refusal(f"{content!r} is no {kind}")


def _encode_array(
    types: Types, kind: str, length: str | None, content: object, depth: int
) -> bytes:
    if not isinstance(content, list | tuple) or (length and len(content) != int(length)):
        raise _refusal(f"not an array of {length or 'any number of'} {kind}")
    if depth == 0:
        raise _refusal("nested too deeply")
    return keccak256(b"".join(_encode(types, kind, item, depth - 1) for item in content))


def _encode_fixed(content: object, length: int) -> bytes:
    if length > _WORD:
        raise _refusal(f"no type bytes{length}")
    return _sized(content, length).ljust(_WORD, b"\x00")


def _encode_number(content: object, bits: int, *, signed: bool) -> bytes:
    if bits % 8 or bits > 256:
        raise _refusal(f"no integer of {bits} bits")
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    if not isinstance(content, int) or isinstance(content, bool) or not low <= content < high:
        raise _refusal(f"{content!r} is no integer of {bits} bits")
    return content.to_bytes(_WORD, "big", signed=signed)


def _sized(content: object, length: int) -> bytes:
    found = _bytes(content)
    if len(found) != length:
        raise _refusal(f"{len(found)} bytes, {length} expected")
    return found


def _bytes(content: object) -> bytes:
    if isinstance(content, bytes):
        return content
    match = _HEX.fullmatch(content) if isinstance(content, str) else None
    if match is None:
        raise _refusal(f"{content!r} is no byte string")
    return bytes.fromhex(match[1])


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise _refusal("a text has a lone surrogate") from error


def _referred(types: Types, name: str, known: set[str]) -> set[str]:
    if name not in types:
        raise _refusal(f"no struct {name!r}")
    known.add(name)
    for _, kind in types[name]:
        base = kind.partition("[")[0]
        if base not in types and not _ATOMIC.fullmatch(base):
            raise _refusal(f"no type {base!r}")
        if base in types and base not in known:
            _referred(types, base, known)
    return known


def _type_text(types: Types, name: str) -> str:
    members = ",".join(f"{kind} {member}" for member, kind in types[name])
    return f"{name}({members})"


def _refusal(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.typed_data")
