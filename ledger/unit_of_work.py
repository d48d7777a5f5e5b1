"""
The one place that commits.

A unit of work is one transaction. It rolls back unless `commit` was called; repositories hang on
it and share its connection. A reading unit of work sees one snapshot and cannot write.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ledger.errors import StorageUnavailable
from ledger.repositories.actions import ActionRepository
from ledger.repositories.admissions import AdmissionRepository
from ledger.repositories.alerts import AlertRepository
from ledger.repositories.anchors import AnchorRepository
from ledger.repositories.carried import CarriedRepository
from ledger.repositories.cases import CaseRepository
from ledger.repositories.chain_inventories import ChainInventoryRepository
from ledger.repositories.credentials import CredentialRepository
from ledger.repositories.deliveries import DeliveryRepository
from ledger.repositories.devices import DeviceRepository
from ledger.repositories.digest_documents import DigestDocumentRepository
from ledger.repositories.disclosures import DisclosureRepository
from ledger.repositories.documents import DocumentRepository
from ledger.repositories.draws import DrawRepository
from ledger.repositories.earlier import EarlierRepository
from ledger.repositories.entries import EntryRepository
from ledger.repositories.events import EventRepository
from ledger.repositories.gaps import GapRepository
from ledger.repositories.inventories import InventoryRepository
from ledger.repositories.logs import HeadRepository, LogRepository
from ledger.repositories.machine_keys import MachineKeyRepository
from ledger.repositories.messages import MessageRepository
from ledger.repositories.notices import NoticeRepository
from ledger.repositories.operations import OperationRepository
from ledger.repositories.outbox import OutboxRepository
from ledger.repositories.parties import PartyRepository
from ledger.repositories.partitions import PartitionRepository
from ledger.repositories.persons import PersonRepository
from ledger.repositories.reads import ReadRepository
from ledger.repositories.report_bodies import ReportBodyRepository
from ledger.repositories.requests import RequestKeyRepository, ServerSecretRepository
from ledger.repositories.searching import SearchRepository
from ledger.repositories.series import SeriesRepository
from ledger.repositories.sessions import SessionRepository
from ledger.repositories.spans import SpanRepository
from ledger.repositories.standings import StandingRepository
from ledger.repositories.stated import StatedRepository
from ledger.repositories.surveys import SurveyRepository
from ledger.repositories.trees import CheckpointRepository, TileRepository
from ledger.repositories.webhooks import WebhookRepository

READING: Final = "carbonseal_reading"
"""Execution option that marks a connection of a reading unit of work; see `ledger.database`."""


class UnitOfWork:
    """
    One transaction on the ledger's database.

    Use as a context manager. Leaving without `commit` rolls back, also after an error.
    A writing unit of work on SQLite holds the database's write lock from its first statement.

    Raises:
        StorageUnavailable: On entry or at any statement, if the database is busy or gone.
    """

    def __init__(self, engine: Engine, *, reading: bool = False) -> None:
        self._engine = engine
        self._reading = reading
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        connection = self._stack.enter_context(self._connect())
        options: dict[str, object] = {READING: self._reading}
        if self._reading and self._engine.dialect.name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._connection = connection.execution_options(**options)
        self._transaction = self._connection.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closing rolls back what was not committed; the stack gives the connection back.
        self._stack.close()

    def _connect(self) -> Connection:
        try:
            return self._engine.connect()
        except PoolTimeout as error:
            raise StorageUnavailable("every connection to the database is in use") from error

    def commit(self) -> None:
        """
        Make everything done in this unit of work durable, at once or not at all.

        Raises:
            StorageUnavailable: If the database does not answer; it may have committed.
        """
        # Last of all, because what was told gets its ids under a lock that all writers share.
        self.events.flush()
        self._transaction.commit()

    @property
    def connection(self) -> Connection:
        """The connection inside the transaction, for repositories and migrations' checks only."""
        return self._connection

    @cached_property
    def logs(self) -> LogRepository:
        """The logs that are kept here."""
        return LogRepository(self._connection)

    @cached_property
    def heads(self) -> HeadRepository:
        """The newest tree of each log."""
        return HeadRepository(self._connection)

    @cached_property
    def messages(self) -> MessageRepository:
        """The admitted bytes, in order of admission."""
        return MessageRepository(self._connection)

    @cached_property
    def admissions(self) -> AdmissionRepository:
        """What admission has decided."""
        return AdmissionRepository(self._connection)

    @cached_property
    def deliveries(self) -> DeliveryRepository:
        """The answers on their way to gateways."""
        return DeliveryRepository(self._connection)

    @cached_property
    def devices(self) -> DeviceRepository:
        """What the records of each log register of keys."""
        return DeviceRepository(self._connection)

    @cached_property
    def series(self) -> SeriesRepository:
        """What the records of each log register of series and instruments."""
        return SeriesRepository(self._connection)

    @cached_property
    def parties(self) -> PartyRepository:
        """What final chain events say of keys and parties."""
        return PartyRepository(self._connection)

    @cached_property
    def credentials(self) -> CredentialRepository:
        """What final chain events say parties are entitled to."""
        return CredentialRepository(self._connection)

    @cached_property
    def chain_inventories(self) -> ChainInventoryRepository:
        """What final chain events say was agreed on inventories."""
        return ChainInventoryRepository(self._connection)

    @cached_property
    def draws(self) -> DrawRepository:
        """What final chain events say of the draws of samples."""
        return DrawRepository(self._connection)

    @cached_property
    def partitions(self) -> PartitionRepository:
        """The partitions of the two big tables."""
        return PartitionRepository(self._connection)

    @cached_property
    def entries(self) -> EntryRepository:
        """The entries of each log by index."""
        return EntryRepository(self._connection)

    @cached_property
    def tiles(self) -> TileRepository:
        """The hash tiles of each log."""
        return TileRepository(self._connection)

    @cached_property
    def checkpoints(self) -> CheckpointRepository:
        """The checkpoints and cosignatures of each log."""
        return CheckpointRepository(self._connection)

    @cached_property
    def surveys(self) -> SurveyRepository:
        """What the survey has derived: progress and marks."""
        return SurveyRepository(self._connection)

    @cached_property
    def gaps(self) -> GapRepository:
        """What is, or was, missing of each epoch and series."""
        return GapRepository(self._connection)

    @cached_property
    def spans(self) -> SpanRepository:
        """What each message says of which seconds of a series."""
        return SpanRepository(self._connection)

    @cached_property
    def stated(self) -> StatedRepository:
        """The records of each log that accounting rests on."""
        return StatedRepository(self._connection)

    @cached_property
    def digests(self) -> DigestDocumentRepository:
        """The documents that activity digests commit to."""
        return DigestDocumentRepository(self._connection)

    @cached_property
    def outbox(self) -> OutboxRepository:
        """The transactions on their way to the chain."""
        return OutboxRepository(self._connection)

    @cached_property
    def operations(self) -> OperationRepository:
        """The signed acts of others on their way to the chain."""
        return OperationRepository(self._connection)

    @cached_property
    def anchors(self) -> AnchorRepository:
        """The checkpoints that the chain holds."""
        return AnchorRepository(self._connection)

    @cached_property
    def documents(self) -> DocumentRepository:
        """The encrypted documents of enterprises, and the drafts of their monthly evidence."""
        return DocumentRepository(self._connection)

    @cached_property
    def inventories(self) -> InventoryRepository:
        """The versions of inventories and the calculation records."""
        return InventoryRepository(self._connection)

    @cached_property
    def search(self) -> SearchRepository:
        """What there is to find, by its words."""
        return SearchRepository(self._connection)

    @cached_property
    def alerts(self) -> AlertRepository:
        """What the cross-checks raise, and what is done about it."""
        return AlertRepository(self._connection)

    @cached_property
    def notices(self) -> NoticeRepository:
        """What parties are told."""
        return NoticeRepository(self._connection)

    @cached_property
    def webhooks(self) -> WebhookRepository:
        """Where parties want to be called."""
        return WebhookRepository(self._connection)

    @cached_property
    def actions(self) -> ActionRepository:
        """Who did what by way of the operator."""
        return ActionRepository(self._connection)

    @cached_property
    def sessions(self) -> SessionRepository:
        """The representatives who came in."""
        return SessionRepository(self._connection)

    @cached_property
    def machine_keys(self) -> MachineKeyRepository:
        """The keys by which machines of parties come in."""
        return MachineKeyRepository(self._connection)

    @cached_property
    def reads(self) -> ReadRepository:
        """Who has read whose data."""
        return ReadRepository(self._connection)

    @cached_property
    def standings(self) -> StandingRepository:
        """What decides who may look at the things of which enterprises."""
        return StandingRepository(self._connection)

    @cached_property
    def earlier(self) -> EarlierRepository:
        """What was done about enterprises at operators that they left."""
        return EarlierRepository(self._connection)

    @cached_property
    def disclosures(self) -> DisclosureRepository:
        """What enterprises show to whoever has a link."""
        return DisclosureRepository(self._connection)

    @cached_property
    def report_bodies(self) -> ReportBodyRepository:
        """The bodies of reports that verifiers signed."""
        return ReportBodyRepository(self._connection)

    @cached_property
    def cases(self) -> CaseRepository:
        """The work on cases that is no record: ticks, comments, approvals."""
        return CaseRepository(self._connection)

    @cached_property
    def events(self) -> EventRepository:
        """What happened in the logs, for whoever follows them."""
        return EventRepository(self._connection)

    @cached_property
    def request_keys(self) -> RequestKeyRepository:
        """The requests that are carried out once."""
        return RequestKeyRepository(self._connection)

    @cached_property
    def secrets(self) -> ServerSecretRepository:
        """The secrets that the processes of a server share."""
        return ServerSecretRepository(self._connection)

    @cached_property
    def carried(self) -> CarriedRepository:
        """Whole tables of one enterprise, for leaving and arriving."""
        return CarriedRepository(self._connection)

    @cached_property
    def persons(self) -> PersonRepository:
        """What is kept of people, until it is erased."""
        return PersonRepository(self._connection)


UnitOfWorkFactory = Callable[[], UnitOfWork]
"""Makes a fresh unit of work each time it is called."""
