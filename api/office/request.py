"""
A signing request: everything that is to be signed for one purpose, in one file people can read.

Every signer signs the request as a whole, and each act and record that names them. So whoever signs
second, and whoever hands it in, sees whether a single character was changed since.

Source: FORMATS section 10; EIP-712; `docs/gateway.md`, "Signing requests".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from api.office.parts import FollowingRecord, Part, parse_part, refusal
from attestation.canonical import Json, canonical_json, refuse_depth
from attestation.eip712 import SIGNATURE_LENGTH, Types, hash_typed_data
from attestation.encodings import parse_hex
from attestation.errors import EncodingError
from attestation.ids import Origin, parse_origin
from attestation.instants import MILLISECONDS_PER_SECOND, Instant, format_instant, parse_instant
from chain.addresses import format_address, parse_address

FORMAT: Final = "carbonseal-signing-request"
VERSION: Final = 1
MAX_BYTES: Final = 256 << 20
"""A sheet of 50 000 rows with two signatures takes less."""

_DOMAIN: Final = {"name": "CarbonSeal Request", "version": "1"}
_TYPE: Final = "SigningRequest"
_TYPES: Final[Types] = {
    _TYPE: (
        ("title", "string"),
        ("origin", "string"),
        ("contentHash", "bytes32"),
        ("signer", "address"),
        ("deadline", "uint64"),
    )
}
_NAMES: Final = frozenset(
    (
        "format",
        "version",
        "title",
        "origin",
        "chain",
        "log_size",
        "drafted_at",
        "deadline",
        "signers",
        "parts",
    )
)
_NAMESPACE: Final = "eip155:"
_MAX_TITLE: Final = 200
_ROLES: Final = re.compile(
    "initiator|approver|operator|laboratory|verifier|lead_verifier|technical_reviewer"
    "|registrar|remover|seat-[1-9][0-9]?"
)


@dataclass(frozen=True, slots=True)
class SignerEntry:
    """What one signer gave."""

    address: bytes
    """20 bytes."""
    request: bytes
    """Signature over the request as a whole, 65 bytes."""
    parts: Mapping[int, bytes]
    """Signatures over the parts that name the signer, by their number from 1."""


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """A request; whether its signatures hold is said by `api.office.signing`."""

    title: str
    origin: Origin | None
    """The log; None where it says nothing about one: acts about parties and credentials."""
    chain_id: int
    log_size: int
    """Entries the log had when it was drafted; records are looked for from there on."""
    drafted_at: Instant
    deadline: Instant
    """Last moment at which it may be signed and handed in; a whole second."""
    signers: Mapping[str, bytes]
    """Address of each role that must sign, 20 bytes."""
    parts: tuple[Part, ...]
    """Handed in one after the other, in this order."""
    signatures: tuple[SignerEntry, ...] = ()

    @property
    def deadline_s(self) -> int:
        """The deadline in whole seconds, as acts have it."""
        return self.deadline // MILLISECONDS_PER_SECOND

    def content(self) -> dict[str, Json]:
        """Give everything but the signatures as a JSON object."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "title": self.title,
            "origin": None if self.origin is None else str(self.origin),
            "chain": f"{_NAMESPACE}{self.chain_id}",
            "log_size": self.log_size,
            "drafted_at": format_instant(self.drafted_at),
            "deadline": format_instant(self.deadline),
            "signers": {role: format_address(each) for role, each in self.signers.items()},
            "parts": [part.content() for part in self.parts],
        }

    def digest(self, signer: bytes) -> bytes:
        """Give what a signer signs of the request as a whole, 32 bytes."""
        message = {
            "title": self.title,
            "origin": "" if self.origin is None else str(self.origin),
            "contentHash": sha256(canonical_json(self.content())).digest(),
            "signer": signer,
            "deadline": self.deadline_s,
        }
        return hash_typed_data({**_DOMAIN, "chainId": self.chain_id}, _TYPES, _TYPE, message)

    def parts_of(self, signer: bytes) -> Iterator[tuple[int, bytes]]:
        """Give number, from 1, and digest of each part that names a signer."""
        for number, part in enumerate(self.parts, start=1):
            if not isinstance(part, FollowingRecord) and signer in part.signers:
                yield number, part.digest(self.chain_id)

    def role_of(self, address: bytes) -> str | None:
        """Give the role in which an address signs, or None."""
        return next((role for role, each in self.signers.items() if each == address), None)

    def signature(self, number: int, signer: bytes) -> bytes:
        """
        Give a signer's signature over a part.

        Raises:
            KeyError: If there is none.
        """
        entry = next(each for each in self.signatures if each.address == signer)
        return entry.parts[number]

    def with_signature(self, entry: SignerEntry) -> SigningRequest:
        """Give the request with one more signer's signatures."""
        return replace(self, signatures=(*self.signatures, entry))


def format_request(request: SigningRequest) -> bytes:
    """Write a request as JSON that people can read, in UTF-8."""
    signatures = [
        {
            "role": request.role_of(each.address),
            "signer": format_address(each.address),
            "request": _hex(each.request),
            "parts": {str(number): _hex(signature) for number, signature in each.parts.items()},
        }
        for each in request.signatures
    ]
    document = {**request.content(), "signatures": signatures}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def parse_request(encoded: bytes) -> SigningRequest:
    """
    Read a request; signatures and contradictions are not judged.

    Args:
        encoded: From outside.

    Raises:
        EncodingError: If it is no request; code `encoding.signing_request` or that of a part.
    """
    document = dict(_parse_json(encoded))
    signatures = document.pop("signatures", None)
    if document.keys() != _NAMES or not isinstance(signatures, list):
        raise refusal("not a signing request, or one with other names")
    request = _read(document)
    if canonical_json(request.content()) != canonical_json(document):
        raise refusal("a value of the request is not in its one form")
    for each in signatures:
        request = request.with_signature(_read_signature(each, request))
    return request


def _read(document: Mapping[str, Any]) -> SigningRequest:
    match document:
        case {
            "format": "carbonseal-signing-request",
            "version": 1,
            "title": str(title),
            "origin": str() | None as origin,
            "chain": str(chain),
            "log_size": int(log_size),
            "drafted_at": str(drafted_at),
            "deadline": str(deadline),
            "signers": dict(signers),
            "parts": [_, *_] as parts,
        } if 0 < len(title) <= _MAX_TITLE and title.isprintable():
            pass
        case _:
            raise refusal("the request is malformed")
    number = chain.removeprefix(_NAMESPACE)
    if not number.isdecimal() or not signers or not all(map(_ROLES.fullmatch, signers)):
        raise refusal("chain or signers are malformed")
    return SigningRequest(
        title=title,
        origin=None if origin is None else parse_origin(origin),
        chain_id=int(number),
        log_size=log_size,
        drafted_at=parse_instant(drafted_at),
        deadline=parse_instant(deadline),
        signers={role: parse_address(str(each)) for role, each in signers.items()},
        parts=tuple(parse_part(_object(each)) for each in parts),
    )


def _read_signature(content: object, request: SigningRequest) -> SignerEntry:
    match content:
        case {
            "role": str(role),
            "signer": str(signer),
            "request": str(whole),
            "parts": dict(parts),
        }:
            pass
        case _:
            raise refusal("a signature is malformed")
    address = parse_address(signer)
    if request.role_of(address) != role:
        raise refusal(f"{signer} is not the {role} of this request")
    return SignerEntry(
        address,
        parse_hex(whole, length=SIGNATURE_LENGTH),
        {int(number): _signature(each) for number, each in parts.items() if number.isdecimal()},
    )


def _signature(content: object) -> bytes:
    if not isinstance(content, str):
        raise refusal("a signature is no text")
    return parse_hex(content, length=SIGNATURE_LENGTH)


def _parse_json(encoded: bytes) -> Mapping[str, Json]:
    if len(encoded) > MAX_BYTES:
        raise refusal(f"a request of more than {MAX_BYTES} bytes")
    refuse_depth(encoded)
    try:
        document = json.loads(encoded.decode(), object_pairs_hook=_unique, parse_float=_no_float)
        canonical_json(document)
    except (ValueError, RecursionError) as error:
        raise refusal("not JSON in UTF-8") from error
    return _object(document)


def _object(content: object) -> Mapping[str, Json]:
    if not isinstance(content, Mapping):
        raise refusal("not a JSON object")
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise refusal("an object has the same name twice")
    return content


def _no_float(text: str) -> EncodingError:
    raise refusal(f"{text} is no integer")


def _hex(content: bytes) -> str:
    return "0x" + content.hex()
