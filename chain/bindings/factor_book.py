"""
FactorBook: emission factors, benchmarks and curves, with their documents, years and standing.

Storage keeps the numbers, the unit and the standing; the words stand in the event of publication,
and the id commits to all of them. An entry read from an event is checked against its id.

Source: `contracts/interfaces/IFactorBook.sol`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from attestation.enums import RuleStatus
from attestation.ids import keccak256
from chain.abi import Entry, encode_arguments
from chain.artifacts import load_artifact
from chain.bindings.standing import Standing, read_standing
from chain.client import ChainClient
from chain.contract import Contract
from chain.errors import EvidenceUnsound
from chain.events import read_events
from chain.values import Call

_STRING: Final = {"name": "", "type": "string"}


@dataclass(frozen=True, slots=True)
class FactorEntry:
    """A factor, benchmark, table row or curve as a document states it."""

    guide: str
    """Document that states it, the same in all its editions."""
    edition: str
    quantity: str
    """What it is, in English."""
    subject: str
    """Of what: English with the Chinese beside it."""
    unit: str
    """UCUM-like, such as `GJ/t`; `1` for a pure number."""
    values: tuple[int, ...]
    """Numbers times 10^18."""
    report_from: int
    """First report year it stands for."""
    report_to: int
    """Last report year it stands for; 0 while no end is known."""
    valid_from_s: int
    """First second at which the document has force, Unix; 0 where it is not known."""
    valid_to_s: int
    """First second at which it no more has; 0 while no end is known."""
    table_row: str
    """Where in the document."""
    source_hash: bytes
    """SHA-256 of the citation of what was read."""
    confidence: str
    """How the numbers were come by, in words."""
    status: RuleStatus

    @property
    def key(self) -> bytes:
        """Names guide, quantity and subject, 32 bytes."""
        return factor_key(self.guide, self.quantity, self.subject)

    @property
    def factor_id(self) -> bytes:
        """Commits to every word and number, 32 bytes."""
        return keccak256(
            encode_arguments((_STRING, _entry_type()), ("carbonseal.factor", self.fields()))
        )

    def fields(self) -> dict[str, object]:
        """Give the entry as the contract's struct."""
        return {
            "guide": self.guide,
            "edition": self.edition,
            "quantity": self.quantity,
            "subject": self.subject,
            "unit": self.unit,
            "values": self.values,
            "reportFrom": self.report_from,
            "reportTo": self.report_to,
            "validFrom": self.valid_from_s,
            "validTo": self.valid_to_s,
            "tableRow": self.table_row,
            "sourceHash": self.source_hash,
            "confidence": self.confidence,
            "status": int(self.status),
        }


@dataclass(frozen=True, slots=True)
class Factor:
    """What storage keeps of an entry."""

    key: bytes
    """Names guide, quantity and subject, 32 bytes."""
    unit: str
    values: tuple[int, ...]
    """Numbers times 10^18."""
    valid_from_s: int
    valid_to_s: int
    standing: Standing


class FactorBook:
    """The book at an address."""

    NAME: Final = "FactorBook"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self._client = client
        self.contract = Contract(client, address, self.NAME)

    def publish(self, entries: Sequence[FactorEntry]) -> Call:
        """Publish entries, all or none; the Council."""
        return self.contract.call("publish", [entry.fields() for entry in entries])

    def set_status(
        self, factor_id: bytes, status: RuleStatus, *, from_year: int, reason: str
    ) -> Call:
        """Give an entry its next status from a report year on; the Council."""
        return self.contract.call("setStatus", factor_id, int(status), from_year, reason)

    def prescribed(self, key: bytes, report_year: int) -> bytes:
        """
        Read which entry is in force for a report year, 32 bytes.

        Raises:
            Reverted: If none is; a draft is none.
        """
        factor_id: bytes = self.contract.read("prescribed", key, report_year)
        return factor_id

    def as_of(self, key: bytes, report_year: int, timestamp_s: int) -> bytes:
        """
        Read what `prescribed` answered at a past moment, 32 bytes.

        Raises:
            Reverted: If it answered nothing, or the moment is not past.
        """
        factor_id: bytes = self.contract.read("asOf", key, report_year, timestamp_s)
        return factor_id

    def factor(self, factor_id: bytes) -> Factor:
        """
        Read the numbers and the standing of an entry.

        Raises:
            Reverted: If there is none of that id.
        """
        fields = self.contract.read("factor", factor_id)
        return Factor(
            key=fields["key"],
            unit=fields["unit"],
            values=fields["values"],
            valid_from_s=fields["validFrom"],
            valid_to_s=fields["validTo"],
            standing=read_standing(fields["standing"]),
        )

    def status_of(self, factor_id: bytes, report_year: int) -> RuleStatus:
        """
        Read an entry's status for a report year.

        Raises:
            Reverted: If there is none of that id.
        """
        return RuleStatus(self.contract.read("statusOf", factor_id, report_year))

    def entries_of(self, key: bytes) -> tuple[bytes, ...]:
        """Read the ids of a key's entries, in the order of publication, 32 bytes each."""
        ids: tuple[bytes, ...] = self.contract.read("entriesOf", key)
        return ids

    def entries(self, *, from_block: int, to_block: int) -> Iterator[FactorEntry]:
        """
        Read the entries published in a range of blocks, words included.

        Raises:
            EvidenceUnsound: If the node gives an entry that its id does not commit to.
        """
        for event in read_events(
            self._client, [self.contract.source], from_block=from_block, to_block=to_block
        ):
            if event.name != "FactorPublished":
                continue
            entry = _read_entry(event.arguments["entry"])
            if entry.factor_id != event.arguments["factorId"]:
                raise EvidenceUnsound(f"a node's entry of {entry.subject} is not that of its id")
            yield entry


def factor_key(guide: str, quantity: str, subject: str) -> bytes:
    """
    Give the name of a guide's quantity of a subject, 32 bytes.

    Source: `IFactorBook.keyOf`.
    """
    kinds = (_STRING,) * 4
    return keccak256(encode_arguments(kinds, ("factor", guide, quantity, subject)))


def _read_entry(fields: Mapping[str, Any]) -> FactorEntry:
    return FactorEntry(
        guide=fields["guide"],
        edition=fields["edition"],
        quantity=fields["quantity"],
        subject=fields["subject"],
        unit=fields["unit"],
        values=fields["values"],
        report_from=fields["reportFrom"],
        report_to=fields["reportTo"],
        valid_from_s=fields["validFrom"],
        valid_to_s=fields["validTo"],
        table_row=fields["tableRow"],
        source_hash=fields["sourceHash"],
        confidence=fields["confidence"],
        status=RuleStatus(fields["status"]),
    )


def _entry_type() -> Entry:
    """Give the struct's ABI, as the contract declares it."""
    abi = load_artifact(FactorBook.NAME).abi
    function = next(each for each in abi if each.get("name") == "factorIdOf")
    entry_type: Entry = function["inputs"][0]
    return entry_type
