"""
The demonstration's acts on one inventory: each drafted for the state that the chain has, signed by
the two persons it needs, and sent by an account that is nobody to the contracts.
"""

from __future__ import annotations

from typing import Final, TypedDict

from api.bootstrap import Ledger
from api.demo.cast import Party
from api.demo.world import World
from api.errors import PartMissing
from attestation.digests import decode_digest
from attestation.enums import InventoryStep, Sector, VerificationOpinion
from attestation.ids import ZERO_HASH
from chain.bindings.evidence_binding import BindingProofs, EvidenceBinding
from chain.bindings.inventory_registry import (
    InventoryRegistry,
    RegisteredInventory,
    inventory_id_of,
)
from chain.inventory_acts import (
    STEPS,
    InventoryDraft,
    InventorySubmission,
    ResultConfirmation,
    Subject,
    VerificationAssignment,
    VerificationStatement,
)
from chain.keys import AccountSigner
from chain.typed_data import Act
from ledger.inventory.agreeing import Submission
from ledger.inventory.identity import Scope
from ledger.inventory.line_tree import line_hash
from ledger.inventory.versions import InventoryVersion
from ledger.log.proving import LogProver
from ledger.repositories.logs import Log

_NO_DEADLINE: Final = 2**63


class _Persons(TypedDict):
    initiator: bytes
    approver: bytes
    nonce: int
    deadline: int


class CaseDesk:
    """
    Drafts and sends the acts of one inventory.

    Args:
        world: Where everything is.
        scope: Of the inventory.
    """

    def __init__(self, world: World, scope: Scope) -> None:
        self._world = world
        self._cast = world.cast
        self.stage = world.stage
        address = world.stage.deployment.address
        self.registry = InventoryRegistry(world.stage.client, address(InventoryRegistry.NAME))
        self._binding = EvidenceBinding(world.stage.client, address(EvidenceBinding.NAME))
        self._year = scope.report_year
        self.subject = Subject(
            enterprise=self._cast.enterprise.name,
            credit_code=self._cast.enterprise.code,
            unit_code=scope.unit,
            period_from=scope.period.from_s,
            period_to=scope.period.to_s,
        )
        self.inventory_id = inventory_id_of(self.subject)

    @property
    def now(self) -> RegisteredInventory:
        """
        The inventory as the chain has it.

        Raises:
            PartMissing: If it was not begun.
        """
        found = self.registry.inventory(self.inventory_id)
        if found is None:
            raise PartMissing("the inventory is not on chain")
        return found

    def send(self, act: Act, *signers: AccountSigner) -> bytes:
        """
        Have an act signed by its two persons and send it; gives its digest.

        Raises:
            Reverted: If the contract refuses it.
        """
        roles = ("initiator", "approver")
        if isinstance(act, VerificationStatement):
            roles = ("lead_verifier", "technical_reviewer")
        return self.stage.act(act, **dict(zip(roles, signers, strict=True)))

    # --- the enterprise ------------------------------------------------------------------------

    def draft(self) -> bytes:
        """Begin the inventory."""
        act = InventoryDraft(
            subject=self.subject,
            sector=int(Sector.POWER),
            report_year=self._year,
            document_hash=ZERO_HASH,
            **self._persons(self._cast.enterprise),
        )
        return self.send(act, *keys_of(self._cast.enterprise))

    def submission(self, carried: Submission, *, reason: str) -> InventorySubmission:
        """Draft the act that submits a version."""
        found = self.now
        return InventorySubmission(
            subject=self.subject,
            version=found.version + 1,
            origin=str(self._world.origin),
            log_size=carried.log_size,
            inputs_hash=carried.inputs_hash,
            lines_root=carried.lines_root,
            line_count=carried.line_count,
            total_t=carried.total_t,
            document_hash=carried.document_sha256,
            laboratories=(self._cast.laboratory.code,),
            reason=reason,
            previous_state=found.state_hash,
            **self._persons(self._cast.enterprise),
        )

    def submit(self, carried: Submission, *, reason: str = "") -> InventorySubmission:
        """Submit a version; gives the act."""
        act = self.submission(carried, reason=reason)
        self.send(act, *keys_of(self._cast.enterprise))
        return act

    # --- the authorities ----------------------------------------------------------------------

    def assign(self) -> bytes:
        """Fix who verifies, reviews and confirms."""
        found, cast = self.now, self._cast
        act = VerificationAssignment(
            subject=self.subject,
            version=found.version,
            regulator=cast.regulator.code,
            city_regulator=cast.city.code,
            verifier=cast.verifier.code,
            lead_verifier=cast.verifier.initiator.address,
            technical_reviewer=cast.verifier.approver.address,
            reason="",
            previous_state=found.state_hash,
            **self._persons(cast.regulator),
        )
        return self.send(act, *keys_of(cast.regulator))

    def confirmation(self, carried: Submission, by: Party) -> ResultConfirmation:
        """Draft the act by which an authority confirms a stated result."""
        found = self.now
        return ResultConfirmation(
            subject=self.subject,
            version=found.version,
            regulator=by.code,
            inputs_hash=carried.inputs_hash,
            total_t=carried.total_t,
            previous_state=found.state_hash,
            **self._persons(by),
        )

    # --- the verifier ----------------------------------------------------------------------------

    def statement(
        self, carried: Submission, *, total_t: int | None = None, report_hash: bytes
    ) -> VerificationStatement:
        """Draft the verifier's statement, with the total that it found itself."""
        found, verifier = self.now, self._cast.verifier
        persons = self._persons(verifier)
        return VerificationStatement(
            subject=self.subject,
            version=found.version,
            inputs_hash=carried.inputs_hash,
            total_t=carried.total_t if total_t is None else total_t,
            opinion=int(VerificationOpinion.UNMODIFIED),
            report_hash=report_hash,
            previous_state=found.state_hash,
            lead_verifier=verifier.initiator.address,
            technical_reviewer=verifier.approver.address,
            nonce=persons["nonce"],
            deadline=persons["deadline"],
        )

    def step(
        self, kind: InventoryStep, by: Party, reason: str, *, document_hash: bytes = ZERO_HASH
    ) -> bytes:
        """Move the inventory on for a reason."""
        found = self.now
        act = STEPS[kind](
            subject=self.subject,
            version=found.version,
            actor=by.code,
            reason=reason,
            document_hash=document_hash,
            previous_state=found.state_hash,
            **self._persons(by),
        )
        return self.send(act, *keys_of(by))

    # --- anybody ----------------------------------------------------------------------------------

    def bind(self, ledger: Ledger, log: Log, version: InventoryVersion) -> int:
        """Bind each digest to its line, by proofs alone; gives how many."""
        number = self.now.version
        pinned = self.registry.version(self.inventory_id, number)
        if pinned is None:
            raise PartMissing(f"version {number} is not on chain")
        with ledger.database.reading() as uow:
            prover = LogProver(uow, log)
            checkpoint = uow.checkpoints.get(log.number, pinned.log_size)
            for each in version.evidence:
                proved = prover.entry(each.index, checkpoint=checkpoint)
                evidence = version.tree.prove_evidence(each.index)
                proofs = BindingProofs(
                    index=each.index,
                    path=proved.proof,
                    leaf_index=evidence.leaf_index,
                    leaf_path=evidence.path,
                )
                self.stage.send(
                    self._binding.bind(
                        self.subject,
                        number,
                        line_hash(each.line_id),
                        decode_digest(proved.entry.content),
                        proofs,
                    )
                )
        return len(version.evidence)

    def _persons(self, party: Party) -> _Persons:
        return {
            "initiator": party.initiator.address,
            "approver": party.approver.address,
            "nonce": next(self.stage.nonces),
            "deadline": _NO_DEADLINE,
        }


def keys_of(party: Party) -> tuple[AccountSigner, AccountSigner]:
    """Give the keys of a party's initiator and approver."""
    return party.initiator.signer, party.approver.signer
