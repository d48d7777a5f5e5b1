"""
The part of a verification that does not depend on what the bundle is about.

The log and its checkpoint, witnesses, the records and their inclusion, the anchor, the block that
holds it, and the registries in that block. Message and range verifiers take these steps in the
order of `docs/formats/bundle.md`; each method is one step and gives what later ones need.

Source: FORMATS section 8; `docs/formats/bundle.md`, steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from attestation.argument import need
from attestation.bundle import Bundle, Profile, ProvenEntry
from attestation.certificates import verify_device_certificate
from attestation.chain_evidence import (
    ChainReader,
    FinalBlock,
    verify_anchored,
    verify_final_block,
    verify_key_slot,
)
from attestation.checkpoints import Checkpoint, open_checkpoint, open_cosigned_checkpoint
from attestation.errors import CertificateError
from attestation.evidence import Unchecked
from attestation.evm.storage import KeySlot
from attestation.ids import parse_origin
from attestation.instants import Instant
from attestation.key_bodies import KeyEnrolment
from attestation.keys import PublicKey, verify_possession
from attestation.log_records import LogRecords, read_records
from attestation.merkle import hash_leaf, verify_consistency, verify_inclusion
from attestation.notes import NoteAlgorithm
from attestation.records import verify_record
from attestation.trust_root import TrustedChain, TrustedLog, TrustRoot


@dataclass
class Foundation:
    """A bundle, what it is held against, and what the steps so far have found."""

    bundle: Bundle
    trust_root: TrustRoot | None
    node: ChainReader | None
    log: TrustedLog | None = None
    checkpoint: Checkpoint | None = None
    records: LogRecords | None = None
    anchored: Checkpoint | None = None
    block: FinalBlock | None = None
    witnesses: int | None = None

    @property
    def claimed_origin(self) -> str:
        """What the checkpoint says it is of; only good for looking things up."""
        return self.bundle.checkpoint.partition("\n")[0]

    def find_log(self) -> tuple[TrustedLog, str]:
        """Find the log in the trust root."""
        root = self._require_trust_root()
        log = root.log(self.claimed_origin)
        if log is None:
            raise Unchecked(
                f"the trust root does not name {self.claimed_origin[:80]!r}",
                code="unchecked.unknown_log",
            )
        return log, f"the trust root names {log.origin}"

    def open_checkpoint(self) -> tuple[Checkpoint, str]:
        """Check the log's signature on the checkpoint."""
        log = need(self.log, "log")
        checkpoint = open_checkpoint(self.bundle.checkpoint, log.vkey)
        return checkpoint, f"the log signed size {checkpoint.size}"

    def count_witnesses(self) -> tuple[int, str]:
        """Check the witnesses' signatures and the quorum."""
        need(self.checkpoint, "checkpoint")
        policy = self._require_trust_root().witness_policy
        _, opened = open_cosigned_checkpoint(
            self.bundle.checkpoint, need(self.log, "log").vkey, policy.witnesses.values()
        )
        cosigned = {
            each.verifier
            for each in opened.verified
            if each.verifier.algorithm is NoteAlgorithm.COSIGNATURE_V1
        }
        policy.require_quorum(cosigned)
        if not policy.requires_witnesses:
            return len(cosigned), f"no witness is asked for, {len(cosigned)} cosigned"
        return len(cosigned), f"{len(cosigned)} witnesses cosigned and make the quorum"

    def include_entries(self, entries: Sequence[ProvenEntry]) -> str:
        """Check that entries stand in the checkpoint's tree."""
        checkpoint = need(self.checkpoint, "checkpoint")
        for each in entries:
            verify_inclusion(
                hash_leaf(each.entry),
                index=each.index,
                size=checkpoint.size,
                root=checkpoint.root,
                proof=each.proof,
            )
        return f"{len(entries)} entries stand in the tree of {checkpoint.size}"

    def read_records(self) -> tuple[LogRecords, str]:
        """Read the records and check the signature of each."""
        records = read_records(self.bundle.records, origin=self.claimed_origin)
        signers = {verify_record(each.record) for each in records.placed}
        return records, f"{len(records.placed)} records are signed by {len(signers)} addresses"

    def certify_key(self, kid: bytes, index: int, times: Sequence[Instant]) -> KeyEnrolment:
        """
        Check the certificate of a key at given times, and that its holder asked for a place.

        Args:
            kid: Of the key, 32 bytes.
            index: Of a message signed by it: the enrolment must stand before it.
            times: When messages were signed; validity has no holes, so first and last suffice.
        """
        log, records = need(self.log, "log"), need(self.records, "records")
        enrolled_at, enrolment = records.enrolment(kid, index)
        leaf, issuer = enrolment.certificates
        root = self._platform_root()
        for at in times:
            verify_device_certificate(
                leaf, issuer, root, at=at, usc=parse_origin(log.origin).usc, kid=kid
            )
        records.authority(issuer, enrolled_at)
        verify_possession(PublicKey.from_spki(enrolment.spki), log.origin, enrolment.possession)
        return enrolment

    def open_anchored(self) -> tuple[Checkpoint, str]:
        """Check the anchored checkpoint and that it extends the bundle's."""
        log, checkpoint = need(self.log, "log"), need(self.checkpoint, "checkpoint")
        anchor = self.bundle.anchor
        if anchor is None:
            raise Unchecked("no anchored checkpoint is given", code="unchecked.not_anchored")
        anchored = open_checkpoint(anchor.checkpoint, log.vkey)
        verify_consistency(
            old_size=checkpoint.size,
            old_root=checkpoint.root,
            new_size=anchored.size,
            new_root=anchored.root,
            proof=anchor.consistency,
        )
        return anchored, f"the checkpoint of size {anchored.size} extends it"

    def find_final_block(self) -> tuple[FinalBlock, str]:
        """Check that the block is of the trusted chain and final."""
        chain = self._require_chain()
        if self.bundle.chain is None:
            raise Unchecked("no chain evidence is given", code="unchecked.no_chain_evidence")
        block = verify_final_block(self.bundle.chain, chain, self.node)
        by_seals = ["its seals"] if self.bundle.chain.profile is not Profile.NODE else []
        by = " and ".join([*by_seals, *(["the node"] if self.node is not None else [])])
        return block, f"block {block.reference.number} of {chain.chain_id} is final by {by}"

    def read_registry(self) -> tuple[bool, str]:
        """Check that the registry holds the anchored checkpoint in that block."""
        block, anchored = need(self.block, "finality"), need(self.anchored, "anchor")
        evidence = need(self.bundle.chain, "finality")
        verify_anchored(
            block,
            evidence.checkpoint_registry,
            log_id=need(self.log, "log").log_id,
            checkpoint=anchored,
            chain=self._require_chain(),
        )
        return True, f"the registry holds size {anchored.size} in block {block.reference.number}"

    def read_key_slot(self, kid: bytes) -> KeySlot:
        """Give what the chain says of a key in that block."""
        block = need(self.block, "finality")
        evidence = need(self.bundle.chain, "finality")
        if evidence.device_registry is None:
            raise Unchecked("no proof of the key's slot", code="unchecked.revocation")
        return verify_key_slot(
            block,
            evidence.device_registry,
            log_id=need(self.log, "log").log_id,
            kid=kid,
            chain=self._require_chain(),
        )

    def _platform_root(self) -> bytes:
        root = self._require_trust_root()
        certificate = self.bundle.platform_root
        if certificate is None:
            raise Unchecked("no platform root is given", code="unchecked.platform_root")
        if sha256(certificate).digest() not in root.platform_roots:
            raise CertificateError(
                "the platform root is none that is trusted", code="verification.platform_root"
            )
        return certificate

    def _require_trust_root(self) -> TrustRoot:
        if self.trust_root is None:
            raise Unchecked("no trust root is given", code="unchecked.trust_root")
        return self.trust_root

    def _require_chain(self) -> TrustedChain:
        chain = self._require_trust_root().chain
        if chain is None:
            raise Unchecked("the trust root names no chain", code="unchecked.no_trusted_chain")
        return chain
