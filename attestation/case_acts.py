"""
The acts on an inventory, as evidence: what was signed, by whom, for which contract.

The contract judged who was entitled; a verifier shows that the contract took exactly this act, and
that the two persons named in it signed it.

Source: FORMATS section 10; CONTRACTS section 2 (InventoryRegistry); `docs/formats/case-bundle.md`,
section 2; EIP-712.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from attestation.body_fields import Kind, list_of, octets, stated
from attestation.canonical import Json, require_object
from attestation.eip712 import SIGNATURE_LENGTH, Types, hash_typed_data, recover_address
from attestation.encodings import format_hex, parse_hex
from attestation.errors import EncodingError, SignatureError, VerificationError
from attestation.ids import keccak256

SUBMISSION: Final = "InventorySubmission"
ASSIGNMENT: Final = "VerificationAssignment"
STATEMENT: Final = "VerificationStatement"
CONFIRMATION: Final = "ResultConfirmation"

_DOMAIN: Final = {"name": "CarbonSeal", "version": "1"}
_TEXT_LIMIT: Final = 2000
_PERSONS: Final = (("initiator", "address"), ("approver", "address"))
_END: Final = (("nonce", "uint256"), ("deadline", "uint64"))
_STEP: Final = (
    ("subject", "Subject"),
    ("version", "uint32"),
    ("actor", "string"),
    ("reason", "string"),
    ("documentHash", "bytes32"),
    ("previousState", "bytes32"),
    *_PERSONS,
    *_END,
)
_SUBJECT: Final = (
    ("enterprise", "string"),
    ("creditCode", "string"),
    ("unitCode", "string"),
    ("periodFrom", "uint64"),
    ("periodTo", "uint64"),
)
ACT_TYPES: Final[Types] = {
    "InventoryDraft": (
        ("subject", "Subject"),
        ("sector", "uint8"),
        ("reportYear", "uint16"),
        ("documentHash", "bytes32"),
        *_PERSONS,
        *_END,
    ),
    SUBMISSION: (
        ("subject", "Subject"),
        ("version", "uint32"),
        ("origin", "string"),
        ("logSize", "uint64"),
        ("inputsHash", "bytes32"),
        ("linesRoot", "bytes32"),
        ("lineCount", "uint64"),
        ("total_tCO2e", "uint64"),
        ("documentHash", "bytes32"),
        ("laboratories", "string[]"),
        ("reason", "string"),
        ("previousState", "bytes32"),
        *_PERSONS,
        *_END,
    ),
    ASSIGNMENT: (
        ("subject", "Subject"),
        ("version", "uint32"),
        ("regulator", "string"),
        ("cityRegulator", "string"),
        ("verifier", "string"),
        ("leadVerifier", "address"),
        ("technicalReviewer", "address"),
        ("reason", "string"),
        ("previousState", "bytes32"),
        *_PERSONS,
        *_END,
    ),
    STATEMENT: (
        ("subject", "Subject"),
        ("version", "uint32"),
        ("inputsHash", "bytes32"),
        ("total_tCO2e", "uint64"),
        ("opinion", "uint8"),
        ("reportHash", "bytes32"),
        ("previousState", "bytes32"),
        ("leadVerifier", "address"),
        ("technicalReviewer", "address"),
        *_END,
    ),
    CONFIRMATION: (
        ("subject", "Subject"),
        ("version", "uint32"),
        ("regulator", "string"),
        ("inputsHash", "bytes32"),
        ("total_tCO2e", "uint64"),
        ("previousState", "bytes32"),
        *_PERSONS,
        *_END,
    ),
    **dict.fromkeys(
        (
            "VerificationFindings",
            "FindingsResponse",
            "CityReview",
            "InventoryWithdrawal",
            "InventoryRejection",
            "ResultObjection",
            "ObjectionUpheld",
            "ObjectionDismissed",
            "InventoryReopening",
        ),
        _STEP,
    ),
}
"""Members of each act; every one is followed by `Subject` in its type's text."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,77}")


def _of_a_known_act(content: Json) -> str:
    if not isinstance(content, str) or content not in ACT_TYPES:
        raise _refusal("no act on an inventory has this name")
    return content


@dataclass(frozen=True, slots=True)
class ShownAct:
    """
    An act on an inventory with its signatures; what it says is from outside.

    Raises:
        EncodingError: If the message has not the members of its type.
    """

    name: str = stated(Kind(_of_a_known_act, str))
    """Name of its type."""
    message: Mapping[str, Json] = stated(Kind(lambda content: require_object(content, "act"), dict))
    """As a wallet shows it; numbers are decimal text, addresses and words lower-case."""
    signatures: tuple[bytes, ...] = stated(list_of(octets(), least=2, most=2))
    """In the order in which the message names the signers; 65 bytes each, of a key."""

    def __post_init__(self) -> None:
        _parse_struct(self.name, self.message)

    @property
    def signers(self) -> tuple[str, str]:
        """The two persons' addresses, `0x` and lower-case hexadecimal."""
        if self.name == STATEMENT:
            return self.text("leadVerifier"), self.text("technicalReviewer")
        return self.text("initiator"), self.text("approver")

    @property
    def signatures_by_key(self) -> int:
        """How many of the two are of a key, and can be checked without the chain."""
        return sum(len(each) == SIGNATURE_LENGTH for each in self.signatures)

    @property
    def subject(self) -> Mapping[str, Json]:
        """What it is about, in words."""
        return require_object(self.message["subject"], "subject")

    @property
    def inventory_id(self) -> bytes:
        """Name of the inventory it is about, 32 bytes."""
        subject = self.subject
        return inventory_id(
            str(subject["creditCode"]),
            str(subject["unitCode"]),
            int(str(subject["periodFrom"])),
            int(str(subject["periodTo"])),
        )

    def text(self, member: str) -> str:
        """Give a member as it stands."""
        return str(self.message[member])

    def number(self, member: str) -> int:
        """Give a member that is a number."""
        return int(self.text(member))

    def word(self, member: str) -> bytes:
        """Give a member that is 32 bytes."""
        return parse_hex(self.text(member))

    def digest(self, chain_id: int, contract: bytes) -> bytes:
        """
        Give what was signed, 32 bytes.

        Args:
            chain_id: Number of the chain (EIP-155).
            contract: Address of the InventoryRegistry, 20 bytes.

        Source: EIP-712.
        """
        domain = {**_DOMAIN, "chainId": chain_id, "verifyingContract": contract}
        types = {self.name: ACT_TYPES[self.name], "Subject": _SUBJECT}
        return hash_typed_data(domain, types, self.name, _parse_struct(self.name, self.message))

    def verify_signed(self, chain_id: int, contract: bytes) -> bytes:
        """
        Check that two signed, the ones whom the act names; give its digest.

        A signature of another length is that of a contract (ERC-1271): the registry alone can
        judge it, and did where it took the act.

        Raises:
            SignatureError: If a signature is another's, or one signer stands for both.
        """
        digest = self.digest(chain_id, contract)
        if len(set(self.signers)) != len(self.signers):
            raise SignatureError(f"one person signed {self.name} twice", code="verification.act")
        for signer, signature in zip(self.signers, self.signatures, strict=True):
            by_key = len(signature) == SIGNATURE_LENGTH
            if by_key and recover_address(digest, signature) != signer:
                raise SignatureError(f"{self.name} is not signed by {signer}")
        return digest


def inventory_id(credit_code: str, unit_code: str, period_from_s: int, period_to_s: int) -> bytes:
    """
    Give the name of an inventory, 32 bytes.

    Source: FORMATS section 11: `keccak256(abi.encode("inventory", usc, unit, from, to))`.
    """
    texts = [b"inventory", credit_code.encode(), unit_code.encode()]
    tails = [_word(len(each)) + each + bytes(-len(each) % 32) for each in texts]
    offsets: list[int] = []
    start = 5 * 32
    for tail in tails:
        offsets.append(start)
        start += len(tail)
    heads = [*offsets, period_from_s, period_to_s]
    return keccak256(b"".join(map(_word, heads)) + b"".join(tails))


def require_same_inventory(acts: tuple[ShownAct, ...]) -> bytes:
    """
    Give the inventory that all acts are about.

    Raises:
        VerificationError: If they are not about one, or there is none.
    """
    named = {each.inventory_id for each in acts}
    if len(named) != 1:
        raise VerificationError("the acts are not of one inventory", code="verification.act")
    return named.pop()


def _parse_struct(name: str, content: Json) -> dict[str, Any]:
    """Read a message in its one form: exactly the members of its type."""
    members = _SUBJECT if name == "Subject" else ACT_TYPES[name]
    given = require_object(content, name)
    if given.keys() != {member for member, _ in members}:
        raise _refusal(f"not the members of {name}")
    return {member: _parse(kind, given[member]) for member, kind in members}


def _parse(kind: str, content: Json) -> Any:
    if kind == "Subject":
        return _parse_struct(kind, content)
    if kind == "string[]":
        if not isinstance(content, list | tuple) or len(content) > 8:
            raise _refusal("not a list of texts")
        return [_parse("string", each) for each in content]
    if not isinstance(content, str) or len(content) > _TEXT_LIMIT:
        raise _refusal("a member that is no text")
    if kind == "string":
        return content
    if kind.startswith("uint"):
        return _parse_number(content, int(kind.removeprefix("uint")))
    # An address stays text: so it is hashed by its one form.
    octets_ = parse_hex(content, length=20 if kind == "address" else 32)
    return format_hex(octets_) if kind == "address" else octets_


def _parse_number(content: str, bits: int) -> int:
    if not _NUMBER.fullmatch(content) or int(content) >> bits:
        raise _refusal(f"not a decimal number of {bits} bits")
    return int(content)


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _refusal(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.case_bundle")
