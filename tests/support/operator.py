"""An operator with a log of its own, and actions that stand in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from attestation.action_proofs import VerifiedAction, format_actions, parse_actions, verify_actions
from attestation.eip712 import address_of
from attestation.notes import parse_vkey
from attestation.records import sign_record
from ledger.actions.carrying import ActionCarrier
from ledger.actions.exporting import prove_actions
from ledger.database import Database
from ledger.log.records import RecordAdmission
from ledger.log.witnessing import UNWITNESSED
from ledger.repositories.actions import ActionFilter, Noted
from tests.support.enterprise import NOW, OPERATOR, OTHER_USC, USC, Enterprise

CASE = "case 0x" + "ab" * 32
ACTOR = "0x" + "22" * 20


def noted(**changes: Any) -> Noted:
    """Give what is said of a comment."""
    said: dict[str, Any] = {
        "actor": ACTOR,
        "role": "verifier",
        "what": "case.comment",
        "subject": CASE,
        "at": NOW,
        "usc": USC,
        "after": {"text": "why so much?"},
    }
    return Noted(**(said | changes))


def note(database: Database, *actions: Noted) -> list[int]:
    """Note actions in one transaction."""
    with database.unit_of_work() as uow:
        numbers = [uow.actions.note(each) for each in actions]
        uow.commit()
    return numbers


class Operator:
    """An operator with a log of its own on a database."""

    def __init__(self, database: Database, secret: bytes = OPERATOR) -> None:
        self.home = Enterprise(database, usc=OTHER_USC)
        self.log = self.home.log
        self.records = RecordAdmission(
            database.unit_of_work,
            voice=self.home.voice,
            rules=replace(self.home.record_rules, operator_log=self.log.origin),
            operator=address_of(OPERATOR),
        )
        self.carrier = ActionCarrier(
            database.unit_of_work,
            database.reading,
            self.records,
            operator=address_of(secret),
            sign=lambda draft: sign_record(draft, secret),
        )

    def carry(self) -> int:
        """Carry what waits, and integrate it."""
        count = self.carrier.carry(self.log, now=NOW)
        self.home.integrate()
        return count

    def export(self, wanted: ActionFilter | None = None) -> bytes:
        """Export actions with their proofs."""
        with self.home.database.reading() as uow:
            found = uow.actions.listed(wanted)
            return format_actions(prove_actions(uow, self.log, found, policy=UNWITNESSED))

    def verify(self, content: bytes) -> list[VerifiedAction]:
        """Check an export as a stranger does, who trusts the log's key."""
        return verify_actions(parse_actions(content), [parse_vkey(self.log.vkey)])
