"""
The enterprise's own office: records signed by its approver, keys enrolled by two persons.

It sees the ledger as any enterprise does: it submits records and waits until they are in the log.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from api.bootstrap import Ledger
from api.demo.cast import Person
from api.demo.world import World
from api.errors import PartMissing
from attestation.body_fields import write_body
from attestation.canonical import canonical_json
from attestation.enums import CloseReason, SignerKind
from attestation.errors import Error
from attestation.key_bodies import KeyClosing
from attestation.keys import SoftwareKey
from attestation.record_bodies import Body
from attestation.records import attach_signature, draft_record
from devices.enrolment import (
    authority_body,
    key_body,
    request_enrolment,
    revocation_body,
    verify_request,
)
from ledger.log.decisions import Admitted, Duplicate
from ledger.repositories.logs import Log

_PATIENCE_S: Final = 30
_POLL_S: Final = 0.02


class EnterpriseOffice:
    """
    Acts for the enterprise.

    Args:
        world: Where everything is.
        ledger: The ledger it writes to.
    """

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger
        with ledger.database.reading() as uow:
            self.log: Log = uow.logs.by_origin(str(world.origin))

    def record(
        self,
        body: Body,
        subject: str,
        *,
        by: Person | None = None,
        supersedes: tuple[bytes, ...] = (),
    ) -> int:
        """
        Sign a record and submit it; gives its admission id.

        Args:
            body: What it says.
            subject: What it is about, for people.
            by: Who signs; the enterprise's approver where it is None.
            supersedes: Leaf hashes of the entries whose place it takes.

        Raises:
            Error: With the refusal's code, if it is refused.
        """
        approver = by or self._world.cast.enterprise.approver
        draft = draft_record(
            body,
            origin=str(self._world.origin),
            subject=subject,
            salt=secrets.token_bytes(16),
            supersedes=supersedes,
            signer="0x" + approver.address.hex(),
        )
        record = attach_signature(draft, approver.signer.sign_digest(draft.digest))
        decision = self._ledger.records.admit_record(
            self.log.number, record.encoded, now=self._ledger.clock.now()
        )
        if isinstance(decision, Admitted | Duplicate):
            return decision.admission_id
        raise Error(f"the record was refused: {decision}", code="admission.record")

    def settle(self) -> int:
        """Integrate and survey everything that was admitted; gives the size of the tree."""
        ledger = self._ledger
        while ledger.sequencer.integrate(self.log.number, now=ledger.clock.now(), wait=False):
            pass
        ledger.surveyor.survey_all(self.log.number)
        with ledger.database.reading() as uow:
            return uow.heads.get(self.log.number).size

    def anchor(self) -> None:
        """
        Integrate what was admitted, and have it anchored until that is final.

        Raises:
            PartMissing: If that takes too long.
        """
        ledger, number = self._ledger, self.log.number
        size = self.settle()
        ledger.anchoring.request(number, now=ledger.clock.now())
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            ledger.anchoring.step(ledger.clock.now())
            with ledger.database.reading() as uow:
                if uow.anchors.covering(number, size - 1, final=True) is not None:
                    return
            time.sleep(_POLL_S)
        raise PartMissing(f"entry {size - 1} is not final after {_PATIENCE_S} s")

    def certify(self) -> None:
        """Let the enterprise's own device authority count."""
        world = self._world
        body = authority_body(
            world.office.authority.certificate,
            world.office.root.certificate,
            at=self._ledger.clock.now(),
        )
        self.record(body, "device authority")

    def enrol(self, key: SoftwareKey, device: str, series: Sequence[str], kind: SignerKind) -> None:
        """Enrol a key: the device's request, two signatures on chain, the record in the log."""
        world, ledger = self._world, self._ledger
        now = ledger.clock.now()
        encoded = request_enrolment(
            key, origin=world.origin, device=device, series=series, kind=kind
        )
        request = verify_request(encoded, origin=world.origin)
        leaf = world.office.device(request.key, device)
        certified = {
            "leaf": leaf,
            "authority": world.office.authority.certificate,
            "root": world.office.root.certificate,
        }
        draft = key_body(request, at=now, **certified)
        act = world.stage.enrol(
            world.origin,
            request.key.kid,
            request.key.algorithm,
            enrolled_index=self.settle(),
            record_hash=draft.enrolment_hash,
            possession=request.possession,
        )
        self.follow_chain()
        self.record(key_body(request, at=now, act=act, **certified), f"key of {device}")

    def revoke(self, key: SoftwareKey) -> None:
        """Close a key for good, on chain and in the log."""
        world = self._world
        size = self.settle()
        kid = key.public_key.kid
        body = revocation_body(kid, closed_index=size)
        act = world.stage.close_key(
            world.origin,
            kid,
            closed_index=size,
            reason=int(CloseReason.REVOKED),
            record_hash=_content_hash(body),
        )
        self.follow_chain()
        self.record(revocation_body(kid, closed_index=size, act=act), "key revoked")

    def follow_chain(self) -> None:
        """
        Wait until the newest act is final on chain and the ledger has read it.

        Raises:
            PartMissing: If that takes too long.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            final, _ = self._ledger.chain.events.final_block()
            self._ledger.follower.follow()
            block = self._world.stage.block_of_newest_act()
            if block is not None and block <= final:
                return
            time.sleep(_POLL_S)
        raise PartMissing(f"the act on chain is not final after {_PATIENCE_S} s")


def _content_hash(body: KeyClosing) -> bytes:
    return sha256(canonical_json(write_body(body))).digest()
