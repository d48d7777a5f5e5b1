"""
EvidenceBinding: which line of an inventory stands on which activity digest of the log.

Source: `contracts/interfaces/IEvidenceBinding.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.digests import ActivityDigest
from attestation.ids import ZERO_HASH
from chain.client import ChainClient
from chain.contract import Contract
from chain.inventory_acts import Subject
from chain.values import Call


@dataclass(frozen=True, slots=True)
class BindingProofs:
    """Where a digest stands; paths lead from the leaf up."""

    index: int
    """Of the entry in the log."""
    path: Sequence[bytes]
    """Inclusion proof under the pinned checkpoint."""
    leaf_index: int
    """Of the leaf in the tree of lines."""
    leaf_path: Sequence[bytes]
    """Inclusion proof under the root of the lines."""


class EvidenceBinding:
    """The contract at an address."""

    NAME: Final = "EvidenceBinding"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def bind(
        self,
        subject: Subject,
        version: int,
        line_id: bytes,
        digest: ActivityDigest,
        proofs: BindingProofs,
    ) -> Call:
        """Bind a line of a version to a digest; anybody may, with the proofs."""
        scope = {
            "creditCode": subject.credit_code,
            "unitCode": subject.unit_code,
            "periodFrom": subject.period_from,
            "periodTo": subject.period_to,
        }
        where = {
            "index": proofs.index,
            "path": list(proofs.path),
            "leafIndex": proofs.leaf_index,
            "leafPath": list(proofs.leaf_path),
        }
        return self.contract.call("bind", scope, version, line_id, _words(digest), where)

    def use_of(self, digest: ActivityDigest) -> bytes:
        """Read what names the period of a series, 32 bytes."""
        use: bytes = self.contract.read("useOf", _words(digest))
        return use

    def digest_leaf(self, digest: ActivityDigest) -> bytes:
        """Read the leaf hash of a digest in its log, 32 bytes."""
        leaf: bytes = self.contract.read("digestLeaf", _words(digest))
        return leaf

    def evidence_leaf(self, inventory_id: bytes, line_id: bytes, commitment: bytes) -> bytes:
        """Read the leaf hash of a line's evidence in the tree of lines, 32 bytes."""
        leaf: bytes = self.contract.read("evidenceLeaf", inventory_id, line_id, commitment)
        return leaf

    def line_of(self, use: bytes, inventory_id: bytes, version: int) -> bytes | None:
        """Read the line of a version that a period of a series is bound to; None for none."""
        line: bytes = self.contract.read("lineOf", use, inventory_id, version)
        return None if line == ZERO_HASH else line

    def holder_of(self, use: bytes) -> bytes | None:
        """Read the inventory that a period of a series was last bound to; None for none."""
        holder: bytes = self.contract.read("holderOf", use)
        return None if holder == ZERO_HASH else holder


def _words(digest: ActivityDigest) -> dict[str, object]:
    """Give a digest as the contract's struct."""
    return {
        "originHash": digest.origin_hash,
        "unitId": digest.unit_id,
        "seriesId": digest.series_hash,
        "from": digest.from_s,
        "to": digest.to_s,
        "firstIndex": digest.first_index,
        "lastIndex": digest.last_index,
        "gapCount": digest.gap_count,
        "commitment": digest.commitment,
    }
