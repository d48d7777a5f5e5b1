"""A case on a real chain whose version is a real inventory, and the ledger that follows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

from api.chain_side import final_events
from api.reports.making import ReportWish, finished_report
from api.reports.proving import CaseProver
from attestation.bundle import Profile
from attestation.enums import DataClass, VerificationOpinion, VersionState
from attestation.instants import Instant
from chain.finality import Instant as InstantFinality
from ledger.cases.case import Case, read_case
from ledger.database import Database
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Assembled, store
from ledger.inventory.identity import Scope
from ledger.inventory.lines import TOTAL, Line
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.versions import EMISSIONS, InventoryVersion, in_order
from ledger.log.parties import PartyFollower
from tests.support.agreements import Agreement
from tests.support.chain import USC, ChainWorld

YEAR = Period.year(2025)
COAL = "emissions:2025:coal:emissions"
INPUTS_HASH = sha256(b"inputs").digest()
TOTAL_T = 1_235
WISH = ReportWish(
    body_name="ABC",
    drawn_on="2026-04-10",
    opinion=VerificationOpinion.UNMODIFIED,
    verify_url="https://ledger.example/verify",
    languages=("zh",),
)


def version(number: int = 1, coal: str = "1234.56") -> InventoryVersion:
    """Give a final version of a unit's year: coal, and the total."""
    source = Source(SourceKind.DOCUMENT, "ab" * 32)

    def line(item: str) -> Line:
        amount = Amount.parse(coal, "tCO2")
        return Line(DataClass.EMISSIONS, YEAR, item, EMISSIONS, amount, (source,))

    return InventoryVersion(
        scope=Scope.of(USC, "1", YEAR),
        number=number,
        state=VersionState.FINAL,
        recipe="power-unit/1",
        log_size=5,
        lines=in_order([line("coal"), line(TOTAL)]),
        calculations=(),
        checks=(),
        secret=bytes([number]) * 32,
    )


@dataclass
class Reporting:
    """The case, and the ledger of one party that follows the chain."""

    agreement: Agreement
    database: Database

    @property
    def now(self) -> Instant:
        """The chain's own time."""
        return Instant((self.agreement.world.now_s() + 1) * 1000)

    @property
    def prover(self) -> CaseProver:
        """The party's own node."""
        world = self.agreement.world
        return CaseProver(world.client, world.deployment, Profile.NODE, InstantFinality())

    def follow(self) -> Case:
        """Read what became final, and give the case."""
        world = self.agreement.world
        events = final_events(world.client, world.deployment, InstantFinality())
        PartyFollower(self.database.unit_of_work, self.database.reading, events).follow()
        with self.database.reading() as uow:
            return read_case(uow, self.agreement.inventory_id, now=self.now)

    def finished(self, body: bytes) -> bytes:
        """Finish a report as the chain has the case now."""
        case = self.follow()
        with self.database.reading() as uow:
            return finished_report(uow, case, self.prover, body)

    def submit(self, of: InventoryVersion, number: int = 1) -> None:
        """Keep a version, and hand it in as the enterprise does."""
        with self.database.unit_of_work() as uow:
            log = uow.logs.by_origin(self.agreement.log.origin)
            store(uow, log, Assembled(of, ()), now=self.now)
            uow.commit()
        act = replace(
            self.agreement.submission(number),
            inputs_hash=INPUTS_HASH,
            lines_root=of.root,
            line_count=of.tree.count,
            total_t=TOTAL_T,
            document_hash=bytes.fromhex(of.sha256),
        )
        self.agreement.perform(act)

    def conclude(self, body: bytes) -> None:
        """State the verifier's opinion on a report."""
        act = replace(
            self.agreement.statement(TOTAL_T),
            inputs_hash=INPUTS_HASH,
            report_hash=sha256(body).digest(),
        )
        self.agreement.perform(act)

    def confirm(self) -> None:
        """Accept the result."""
        act = replace(self.agreement.confirmation(TOTAL_T), inputs_hash=INPUTS_HASH)
        self.agreement.perform(act)


@contextmanager
def reporting(world: ChainWorld, url: str) -> Iterator[Reporting]:
    """Begin a case, up to the assigned verifier, with a submitted version."""
    with world.undone(), Database(url) as database:
        agreement = Agreement.begin(world)
        case = Reporting(agreement, database)
        with database.unit_of_work() as uow:
            log = agreement.log
            uow.logs.add(
                log_id=log.log_id, origin=log.origin, usc=USC, vkey=log.origin, opened_at=case.now
            )
            uow.commit()
        agreement.perform(agreement.draft())
        case.submit(version())
        agreement.perform(agreement.assignment())
        yield case
