"""
A case under verification: the parties, the inventory on chain, and what is said about it.

What the chain says is put where the follower puts it; records go the real way through the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from attestation.case_bodies import (
    Anchor,
    Finding,
    FindingClosing,
    FindingReopening,
    FindingResponse,
    SiteVisit,
)
from attestation.eip712 import address_of
from attestation.enums import (
    CredentialStatus,
    DataClass,
    FindingConclusion,
    FindingKind,
    FindingSeverity,
    InventoryState,
    PartyKind,
    RegulatorTier,
    RepresentativeRole,
    Sector,
    VerificationOpinion,
    VersionState,
)
from ledger.cases.case import Case, read_case
from ledger.cases.threads import Thread, read_threads
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Assembled, store
from ledger.inventory.identity import Scope
from ledger.inventory.lines import TOTAL, Line
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.versions import EMISSIONS, InventoryVersion, in_order
from ledger.repositories.chain_inventories import ChainInventory, ChainVersion
from ledger.repositories.credentials import Credential
from ledger.repositories.parties import Party, Representative
from ledger.repositories.places import Place
from tests.support.enterprise import USC, Enterprise

VERIFIER = "91110000MA01EXAM36"
OTHER_VERIFIER = "91310000MA1EXAMP5L"
PROVINCE = "11350000MB1EXAMP0A"
LEAD = sha256(b"lead verifier").digest()
REVIEWER = sha256(b"technical reviewer").digest()
OTHER_LEAD = sha256(b"lead of another verifier").digest()
AREA = 350_211
DAY_S = 86_400
LINE = "emissions:2025-01-01:total:emissions"


def party_id(code: str) -> bytes:
    """Give the id under which a party stands in these tests."""
    return sha256(code.encode()).digest()


def address(secret: bytes) -> bytes:
    """Give the address of a key, 20 bytes."""
    return bytes.fromhex(address_of(secret)[2:])


@dataclass
class CaseWorld:
    """One case of one enterprise."""

    enterprise: Enterprise
    scope: Scope = field(default_factory=lambda: Scope.of(USC, "hall", Period.parse("2025-01-01")))
    block: int = 0

    def __post_init__(self) -> None:
        people = (
            (VERIFIER, PartyKind.VERIFIER, LEAD, RepresentativeRole.INITIATOR),
            (VERIFIER, PartyKind.VERIFIER, REVIEWER, RepresentativeRole.APPROVER),
            (OTHER_VERIFIER, PartyKind.VERIFIER, OTHER_LEAD, RepresentativeRole.INITIATOR),
        )
        with self.enterprise.database.unit_of_work() as uow:
            for code, kind in dict.fromkeys((each[0], each[1]) for each in people):
                uow.parties.put_party(Party(party_id(code), kind, code, True, f"verifier {code}"))
            uow.parties.put_party(
                Party(party_id(PROVINCE), PartyKind.REGULATOR, PROVINCE, True, "province")
            )
            for code, _, secret, role in people:
                uow.parties.put_representative(
                    Representative(
                        party_id(code), address(secret), sha256(secret).digest(), role, 0
                    )
                )
            uow.commit()

    @property
    def inventory_id(self) -> bytes:
        """The case."""
        return self.scope.inventory_id

    @property
    def now_s(self) -> int:
        """The present second."""
        return self.enterprise.now // 1000

    def place(self) -> Place:
        """Give the place of the next event."""
        self.block += 1
        return Place(self.block, 0)

    def put(
        self, state: InventoryState = InventoryState.UNDER_VERIFICATION, **changes: Any
    ) -> ChainInventory:
        """Let the chain say how the inventory stands."""
        verifying = state not in (InventoryState.DRAFTED, InventoryState.SUBMITTED)
        arguments: dict[str, Any] = {
            "inventory_id": self.inventory_id,
            "enterprise": party_id(USC),
            "usc": USC,
            "name": "works",
            "unit_code": self.scope.unit,
            "period_from_s": self.scope.period.from_s,
            "period_to_s": self.scope.period.to_s,
            "report_year": self.scope.report_year,
            "sector": Sector.POWER,
            "area": AREA,
            "state": state,
            "version": 1,
            "state_hash": bytes([self.block + 1]) * 32,
            "verifier": party_id(VERIFIER) if verifying else None,
            "regulator": party_id(PROVINCE) if verifying else None,
            "city_regulator": None,
            "lead_verifier": address(LEAD) if verifying else None,
            "technical_reviewer": address(REVIEWER) if verifying else None,
            "is_reviewed": False,
            "accepted_version": 0,
            "objections": 0,
            "objectable_until_s": 0,
            "decision_due_s": 0,
            "act": "VerificationAssignment",
            "reason": "",
            "document_hash": None,
            "at": self.place(),
            "at_s": self.now_s,
        }
        inventory = ChainInventory(**(arguments | changes))
        with self.enterprise.database.unit_of_work() as uow:
            uow.chain_inventories.put(inventory)
            uow.commit()
        return inventory

    def put_version(self, number: int = 1, **changes: Any) -> ChainVersion:
        """Let the chain say what was submitted."""
        arguments: dict[str, Any] = {
            "inventory_id": self.inventory_id,
            "number": number,
            "submitted_at_s": self.now_s,
            "inputs_hash": b"i" * 32,
            "lines_root": b"r" * 32,
            "line_count": 3,
            "log_id": self.enterprise.log.log_id,
            "log_size": 1,
            "log_root": b"l" * 32,
            "total_t": 1000,
            "document_hash": b"d" * 32,
            "laboratories": (),
            "reason": "" if number == 1 else "corrected",
            "restates": 0,
            "restated_by": 0,
            "opinion": VerificationOpinion.NONE,
            "report_hash": None,
            "at": self.place(),
            "at_s": self.now_s,
        }
        version = ChainVersion(**(arguments | changes))
        with self.enterprise.database.unit_of_work() as uow:
            uow.chain_inventories.put_version(version)
            uow.commit()
        return version

    def submit(
        self, number: int = 1, *, changed: str | None = None, **changes: Any
    ) -> InventoryVersion:
        """Keep a version of three lines here, and let the chain say that it was submitted."""
        tonnes = {"coal": "700", "gas": "300", TOTAL: "1000"}
        if changed is not None:
            tonnes |= {changed: "701", TOTAL: "1001"}
        content = InventoryVersion(
            scope=self.scope,
            number=number + 4,
            state=VersionState.FINAL,
            recipe="power-unit/1",
            log_size=1,
            lines=in_order([self._line(item, text) for item, text in tonnes.items()]),
            calculations=(),
            checks=(),
            secret=bytes([number]) * 32,
        )
        with self.enterprise.database.unit_of_work() as uow:
            store(uow, self.enterprise.log, Assembled(content, ()), now=self.enterprise.now)
            uow.commit()
        arguments: dict[str, Any] = {
            "document_hash": bytes.fromhex(content.sha256),
            "lines_root": content.root,
            "line_count": content.tree.count,
            "total_t": int(tonnes[TOTAL]),
        }
        self.put_version(number, **(arguments | changes))
        return content

    def _line(self, item: str, tonnes: str) -> Line:
        source = Source(SourceKind.DOCUMENT, sha256(b"fuel ledger").hexdigest())
        return Line(
            DataClass.EMISSIONS,
            self.scope.period,
            item,
            EMISSIONS,
            Amount.parse(tonnes, "tCO2"),
            (source,),
        )

    def accredit(self, code: str = VERIFIER, **changes: Any) -> None:
        """Let the chain say that a verifier is accredited for the enterprise's sector and area."""
        arguments: dict[str, Any] = {
            "party_id": party_id(code),
            "code": code,
            "name": f"verifier {code}",
            "kind": PartyKind.VERIFIER,
            "tier": RegulatorTier.NONE,
            "sectors": (Sector.POWER,),
            "areas": (350_000,),
            "valid_from_s": 0,
            "valid_to_s": self.now_s + DAY_S,
            "cma": "",
            "cnas": "",
            "document_hash": b"c" * 32,
            "act_digest": b"a" * 32,
            "status": CredentialStatus.VALID,
            "reason": "",
            "state": b"s" * 32,
            "at": self.place(),
            "at_s": 0,
        }
        with self.enterprise.database.unit_of_work() as uow:
            uow.credentials.put(Credential(**(arguments | changes)))
            uow.commit()

    def finding(self, number: int = 1, **changes: Any) -> Finding:
        """Give a finding about the total."""
        body = Finding(
            inventory=self.inventory_id,
            version=1,
            number=number,
            verifier=VERIFIER,
            kind=FindingKind.NON_CONFORMITY,
            severity=FindingSeverity.MAJOR,
            anchor=Anchor(line=LINE),
            title="coal of January",
            text="the belt scale was not checked",
            effect_gco2e=1_500_000,
            raised_s=self.now_s,
            due_s=self.now_s + 10 * DAY_S,
        )
        return replace(body, **changes)

    def response(self, number: int = 1, **changes: Any) -> FindingResponse:
        """Give the enterprise's answer to a finding of the log."""
        body = FindingResponse(
            inventory=self.inventory_id,
            number=number,
            finding=self.leaf(number),
            text="checked and corrected",
            at_s=self.now_s,
        )
        return replace(body, **changes)

    def closing(self, number: int = 1, **changes: Any) -> FindingClosing:
        """Give the closing of a finding of the log."""
        body = FindingClosing(
            inventory=self.inventory_id,
            number=number,
            finding=changes.get("finding") or self.leaf(number),
            conclusion=FindingConclusion.CORRECTED,
            text="seen",
            at_s=self.now_s,
        )
        return replace(body, **changes)

    def reopening(self, number: int = 1, **changes: Any) -> FindingReopening:
        """Give the opening again of a finding that is closed."""
        closing = self.thread(number).closing
        body = FindingReopening(
            inventory=self.inventory_id,
            number=number,
            finding=self.leaf(number),
            closing=b"\0" * 32 if closing is None else closing.place.leaf_hash,
            reason="of another scale",
            at_s=self.now_s,
            due_s=self.now_s + DAY_S,
        )
        return replace(body, **changes)

    def visit(self, **changes: Any) -> SiteVisit:
        """Give a visit to the site on the last day."""
        body = SiteVisit(
            inventory=self.inventory_id,
            version=1,
            verifier=VERIFIER,
            from_s=self.now_s - DAY_S,
            to_s=self.now_s,
            place="works",
            latitude_udeg=24_479_834,
            longitude_udeg=118_089_425,
            persons=(sha256(b"lead").digest(),),
            observations=("the belt scale runs",),
        )
        return replace(body, **changes)

    def thread(self, number: int = 1) -> Thread:
        """Read a finding that stands."""
        with self.enterprise.database.reading() as uow:
            found = read_threads(uow, self.enterprise.log, self.inventory_id)
        return next(each for each in found if each.number == number)

    def leaf(self, number: int = 1) -> bytes:
        """Give the leaf hash of a finding that stands."""
        return self.thread(number).finding.place.leaf_hash

    def case(self) -> Case:
        """Read the case."""
        with self.enterprise.database.reading() as uow:
            return read_case(uow, self.inventory_id, now=self.enterprise.now)
