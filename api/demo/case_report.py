"""
The report on the demonstration's case: drawn before it is signed, finished and verified after.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.bootstrap import Ledger
from api.demo.world import World
from api.errors import PartMissing
from api.reports.making import ReportWish, finished_report, report_body
from api.reports.proving import CaseProver
from api.reports.verifying import Verified, verify_content
from api.trust import build_trust_root
from attestation.enums import VerificationOpinion
from chain.verifier_node import VerifierNode
from ledger.cases.case import read_case
from ledger.inventory.periods import day_of

FILE: Final = "report.pdf"
_BODY: Final = "report.body.pdf"


@dataclass(frozen=True, slots=True)
class ReportOnDisk:
    """A finished report, and what verifying it gave."""

    path: Path
    length: int
    """Bytes."""
    verified: Verified
    """With the verifier's own node."""


class CaseReports:
    """
    Makes the report on one case.

    Args:
        world: Where everything is.
        ledger: The ledger that keeps the log.
        inventory_id: The case, 32 bytes.
    """

    def __init__(self, world: World, ledger: Ledger, inventory_id: bytes) -> None:
        self._world = world
        self._ledger = ledger
        self._inventory_id = inventory_id
        client, deployment = world.stage.client, world.stage.deployment
        self._prover = CaseProver.of(world.settings.chain, client, deployment)

    def draw(self) -> bytes:
        """Draw the body for the newest version: what the verifier signs the hash of."""
        newest = self._world.stage.client.block("latest")
        if newest is None:
            raise PartMissing("the node has no block")
        wish = ReportWish(
            body_name="SLHC",
            drawn_on=day_of(newest.timestamp_s).isoformat(),
            opinion=VerificationOpinion.UNMODIFIED,
            verify_url="http://localhost:8080/verify",
        )
        with self._ledger.database.reading() as uow:
            case = read_case(uow, self._inventory_id, now=self._ledger.clock.now())
        body = report_body(case, self._prover, wish)
        (self._world.folder / _BODY).write_bytes(body)
        return body

    def finish(self, body: bytes) -> ReportOnDisk:
        """Add what proves it, write it, and verify it as a stranger with a node would."""
        with self._ledger.database.reading() as uow:
            case = read_case(uow, self._inventory_id, now=self._ledger.clock.now())
            content = finished_report(uow, case, self._prover, body)
        path = self._world.folder / FILE
        path.write_bytes(content)
        root = build_trust_root(self._world.settings, self._world.chain.validators)
        node = VerifierNode(self._world.stage.client)
        return ReportOnDisk(path, len(content), verify_content(content, root, node))
