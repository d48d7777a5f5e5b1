"""
The case bundle: what shows that an inventory's numbers were submitted, verified and accepted.

It goes with a report, or shows one line of an inventory without the others. As with any bundle
nothing in it is believed for standing there.

Source: FORMATS sections 8 and 12; `docs/formats/case-bundle.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from attestation.body_fields import (
    HASH,
    Kind,
    body_of,
    integer,
    list_of,
    octets,
    optional,
    read_body,
    stated,
    text,
    word_of,
    write_body,
)
from attestation.bundle import MAX_LENGTH, Profile, ProvenEntry
from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.case_acts import ShownAct
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH, keccak256
from attestation.merkle import hash_leaf
from attestation.notes import MAX_NOTE_LENGTH
from attestation.trust_fields import ADDRESS, CHAIN_ID, HASH_0X, hexadecimal

FORMAT: Final = "carbonseal-case"
VERSION: Final = 1
SALT_LENGTH: Final = 16
EVIDENCE_TYPEHASH: Final = keccak256(
    b"LineEvidence(bytes32 inventoryId,bytes32 lineId,bytes32 commitment)"
)

_PROOF: Final = list_of(octets(HASH_LENGTH), most=128)
_NODES: Final = list_of(hexadecimal(), most=65)
_LINE: Final = Kind(
    lambda content: canonical_json(require_object(content, "line")), parse_canonical
)


@dataclass(frozen=True, slots=True)
class ProvenSlot:
    """A word of the registry's storage."""

    slot: bytes = stated(HASH_0X)
    proof: tuple[bytes, ...] = stated(_NODES)


@dataclass(frozen=True, slots=True)
class RegistryState:
    """Proofs of InventoryRegistry's storage under the header."""

    address: bytes = stated(ADDRESS)
    account: tuple[bytes, ...] = stated(_NODES)
    slots: tuple[ProvenSlot, ...] = stated(list_of(body_of(ProvenSlot)))


@dataclass(frozen=True, slots=True)
class CaseChainEvidence:
    """What one block of the chain says of a case."""

    profile: Profile = stated(word_of(Profile))  # noqa: RUF009 - a field
    id: str = stated(CHAIN_ID)
    header: bytes = stated(hexadecimal())
    """RLP of the block's header."""
    inventory_registry: RegistryState = stated(body_of(RegistryState))  # noqa: RUF009 - a field
    following: tuple[bytes, ...] = optional(list_of(hexadecimal()), ())
    """RLP of the headers after it, without a gap (Clique)."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of an inventory with what leads to the root that was signed."""

    line: bytes = stated(_LINE)
    """Canonical JSON, as it stands in the inventory."""
    salt: bytes = stated(octets(SALT_LENGTH))
    index: int = stated(integer())
    path: tuple[bytes, ...] = stated(_PROOF)

    @property
    def leaf(self) -> bytes:
        """Its leaf hash, 32 bytes."""
        return hash_leaf(self.salt + self.line)


@dataclass(frozen=True, slots=True)
class ReportReference:
    """The body of the report that the bundle goes with."""

    body_length: int = stated(integer(1))
    """Bytes of the file that were signed."""
    body_sha256: bytes = stated(HASH)


@dataclass(frozen=True, slots=True)
class CaseBundle:
    """
    A parsed case bundle; what it says is from outside.

    Raises:
        EncodingError: If it has another format, or neither a line nor a report, or both.
    """

    format: str = stated(text(64))
    version: int = stated(integer(VERSION, VERSION))
    acts: tuple[ShownAct, ...] = stated(list_of(body_of(ShownAct), least=1, most=16))
    chain: CaseChainEvidence | None = stated(  # noqa: RUF009 - a field
        Kind(lambda content: _parse_chain(content), lambda chain: _write_chain(chain))
    )
    line: ShownLine | None = optional(body_of(ShownLine))  # noqa: RUF009 - a field
    report: ReportReference | None = optional(body_of(ReportReference))  # noqa: RUF009 - a field
    entries: tuple[ProvenEntry, ...] = optional(list_of(body_of(ProvenEntry), most=256), ())
    """Entries of the log, such as the digests that the line stands on, in the pinned tree."""
    records: tuple[ProvenEntry, ...] = optional(list_of(body_of(ProvenEntry), most=2000), ())
    """Records about the findings that a report lists, in the tree of `checkpoint`."""
    checkpoint: str | None = optional(Kind(lambda content: _note(content), str))
    """Note of a checkpoint of the log; stands with records."""

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise _refusal(f"the format is {self.format[:40]!r}, {FORMAT!r} expected")
        if (self.line is None) == (self.report is None):
            raise _refusal("a case bundle is of a line or of a report")
        if bool(self.records) != (self.checkpoint is not None):
            raise _refusal("records stand with the checkpoint that they are in")

    def act(self, name: str) -> ShownAct | None:
        """Give the last act of a type; None where there is none."""
        found = [each for each in self.acts if each.name == name]
        return found[-1] if found else None


def make_case_bundle(
    acts: tuple[ShownAct, ...],
    chain: CaseChainEvidence | None,
    *,
    line: ShownLine | None = None,
    body: bytes | None = None,
    entries: tuple[ProvenEntry, ...] = (),
    records: tuple[ProvenEntry, ...] = (),
    checkpoint: str | None = None,
) -> CaseBundle:
    """
    Make a case bundle of its parts.

    Args:
        acts: In the order in which the registry took them.
        chain: What one block says of the case; None where it was not captured.
        line: The line it shows; or
        body: the body of the report that it goes with.
        entries: Entries of the log with proofs in the tree that the version pinned.
        records: Records about findings, with proofs in the tree of `checkpoint`.
        checkpoint: Note of a checkpoint of the log.

    Raises:
        EncodingError: If there is neither a line nor a report, or both.
    """
    report = None if body is None else ReportReference(len(body), sha256(body).digest())
    return CaseBundle(FORMAT, VERSION, acts, chain, line, report, entries, records, checkpoint)


def parse_case_bundle(encoded: bytes) -> CaseBundle:
    """
    Read a case bundle from its canonical JSON.

    Raises:
        EncodingError: If it is longer than 16 MiB, not canonical, or has another form.

    Source: `docs/formats/case-bundle.md`.
    """
    if len(encoded) > MAX_LENGTH:
        raise _refusal(f"a case bundle of {len(encoded)} bytes, at most {MAX_LENGTH}")
    try:
        return read_body(CaseBundle, parse_canonical(encoded))
    except EncodingError as error:
        raise _refusal(f"case bundle: {error.message}") from error


def format_case_bundle(bundle: CaseBundle) -> bytes:
    """
    Write a case bundle as canonical JSON.

    Raises:
        EncodingError: If a value would not be read back.
    """
    try:
        return canonical_json(write_body(bundle))
    except EncodingError as error:
        raise _refusal(f"case bundle: {error.message}") from error


def evidence_leaf(inventory_id: bytes, line_id: str, commitment: bytes) -> bytes:
    """
    Give the leaf hash of a digest that a line stands on, as `EvidenceBinding` builds it.

    Source: `docs/formats/inventories.md`, section 4.
    """
    words = (EVIDENCE_TYPEHASH, inventory_id, keccak256(line_id.encode()), commitment)
    return hash_leaf(b"".join(words))


def _note(content: Json) -> str:
    if not isinstance(content, str) or len(content) > MAX_NOTE_LENGTH:
        raise _refusal("not a note")
    return content


def _parse_chain(content: Json) -> CaseChainEvidence | None:
    section = require_object(content, "chain")
    if section == {"profile": "none"}:
        return None
    return read_body(CaseChainEvidence, section)


def _write_chain(chain: CaseChainEvidence | None) -> Json:
    return {"profile": "none"} if chain is None else write_body(chain)


def _refusal(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.case_bundle")
