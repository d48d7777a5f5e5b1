"""
Requests about the draw of a sample: nonces fixed beforehand, and the verifier's plan.

What the chain knows is read from the party's own node: the version, its population, the number of
the draw. A nonce leaves its file only when it is revealed.

Source: CONTRACTS section 5; `docs/formats/sampling.md`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from api.errors import BadRequest
from api.office.act_drafting import ActDrafting
from api.office.drafting import draw_nonce
from api.office.errors import NotInThisState
from api.office.inventory_requests import Pair
from api.office.request import SigningRequest
from api.office.subjects import subject_of
from attestation.ids import HASH_LENGTH
from attestation.sampling import DRAW_VERSION, commit_nonce
from attestation.sampling_plans import SamplingPlan as PlanDocument
from attestation.sampling_plans import Stratum
from chain.bindings.inventory_registry import inventory_id_of
from chain.bindings.party_registry import party_id_of
from chain.sampling_acts import NonceCommitment, SamplingPlan
from ledger.inventory.identity import Scope

_OWNER_ONLY = 0o600


class SamplingDrafting:
    """
    Drafts the acts of one draw.

    Args:
        drafting: The request under way, at a desk with the enterprise's log.
        scope: Of the inventory.
        pair: Who shall sign.
    """

    def __init__(self, drafting: ActDrafting, scope: Scope, pair: Pair) -> None:
        self._drafting = drafting
        self._pair = pair
        self._desk = drafting.desk
        self.subject = subject_of(drafting.desk, scope)
        self.inventory_id = inventory_id_of(self.subject)
        self._name = f"{scope.usc}/{scope.unit}"

    def fix_nonce(self, actor: str, version: int, nonce: bytes) -> SigningRequest:
        """
        Draft the act by which enterprise or authority fixes its nonce for the next draw.

        Args:
            actor: Code of the party.
            version: Version whose sample will be drawn; it need not be submitted yet.
            nonce: 32 random bytes.

        Raises:
            NotInThisState: If the party fixed one for that draw before.
        """
        draw = self._next(version)
        party = party_id_of(actor)
        if self._desk.sampling.committed(self.inventory_id, version, draw, party) is not None:
            raise NotInThisState(f"{actor} fixed its nonce for draw {draw} before")
        act = NonceCommitment(
            subject=self.subject,
            version=version,
            draw=draw,
            actor=actor,
            commitment=commit_nonce(self.inventory_id, version, draw, party=party, nonce=nonce),
            initiator=self._pair.initiator,
            approver=self._pair.approver,
            nonce=draw_nonce(),
            deadline=self._drafting.deadline_s,
        )
        return self._drafting.request(f"Fix a nonce for draw {draw} of {self._name}", [act])

    def freeze(
        self, verifier: str, strata: Sequence[Stratum], nonce: bytes, *, reason: str = ""
    ) -> tuple[SigningRequest, PlanDocument]:
        """
        Draft the act by which the verifier freezes a plan for the newest version.

        Args:
            verifier: Code of the verifier.
            strata: What is drawn from, and how.
            nonce: The verifier's own, 32 random bytes.
            reason: Why there is another plan; empty for the first only.

        Returns:
            The request, and the plan's document, whose hash is signed.

        Raises:
            NotInThisState: If no version is under verification, or the reason is not as the
                number of the draw asks.
            EncodingError: If a stratum exceeds the version's population.
        """
        record = self._desk.inventories.inventory(self.inventory_id)
        number = 0 if record is None else record.version
        version = self._desk.inventories.version(self.inventory_id, number)
        if record is None or version is None:
            raise NotInThisState("no version of the inventory was submitted")
        draw = self._next(number)
        if bool(reason) != (draw > 1):
            raise NotInThisState(f"draw {draw}: a reason is for every plan but the first")
        document = PlanDocument(
            inventory=self.inventory_id,
            inventory_version=number,
            draw=draw,
            population_root=version.log_root,
            population_size=version.log_size,
            strata=tuple(strata),
        )
        act = SamplingPlan(
            subject=self.subject,
            version=number,
            draw=draw,
            verifier=verifier,
            plan_hash=document.plan_hash,
            population_root=version.log_root,
            draw_version=DRAW_VERSION,
            commitment=commit_nonce(
                self.inventory_id, number, draw, party=party_id_of(verifier), nonce=nonce
            ),
            reason=reason,
            previous_state=record.state_hash,
            lead_verifier=self._pair.initiator,
            technical_reviewer=self._pair.approver,
            nonce=draw_nonce(),
            deadline=self._drafting.deadline_s,
        )
        request = self._drafting.request(f"Freeze sampling plan {draw} of {self._name}", [act])
        return request, document

    def _next(self, version: int) -> int:
        return self._desk.sampling.draw_count(self.inventory_id, version) + 1


def make_nonce() -> bytes:
    """Draw a nonce."""
    return secrets.token_bytes(HASH_LENGTH)


def keep_nonce(path: Path, nonce: bytes) -> None:
    """
    Keep a nonce in a new file that only its owner reads.

    Raises:
        BadRequest: If the file is there already, or cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{nonce.hex()}\n")
    except OSError as error:
        raise BadRequest(f"cannot write {path}: {error.strerror}") from error


def read_nonce(path: Path) -> bytes:
    """
    Read a nonce that `keep_nonce` kept.

    Raises:
        BadRequest: If the file cannot be read, or holds none.
    """
    try:
        nonce = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise BadRequest(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise BadRequest(f"{path} holds no nonce") from error
    if len(nonce) != HASH_LENGTH:
        raise BadRequest(f"{path} holds no nonce")
    return nonce
