"""
A replica: the database that somebody makes of a copy, to reckon with it on a machine of their own.

Entries come from the mirrored tiles, events from the mirrored chain, pieces from whoever kept
them; every one is led to a signed checkpoint or to its name before it counts. The replica signs
nothing, and can be thrown away and made again.

Source: DESIGN section 6 (`mirror`); section 2 (P6, P7, P13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from attestation.errors import Error
from attestation.instants import Instant
from ledger import migrations
from ledger.database import Database
from ledger.errors import EntriesMissing, SchemaMismatch
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.holdings import Holding, Holdings
from ledger.log.adopting import adopt_entries, adopt_log
from ledger.log.copied_events import CopiedEvents
from ledger.log.mirror import Mirror
from ledger.log.mirror_events import EventCopy
from ledger.log.parties import FOLLOWER, PartyFollower
from ledger.log.surveying import Surveyor
from ledger.repositories.logs import Log

PRIVATE: Final = "private"
"""Folder within the mirror's that is nobody else's: the rest may be served as it is."""
_DATABASE_NAME: Final = "ledger.sqlite"
_EVENTS_FOLDER: Final = "chain"
_KEYS_FOLDER: Final = "document-keys"
_WORK_FOLDER: Final = "cases"
_OWN_ONLY: Final = 0o700
_PAGE: Final = 4096


class Replica:
    """
    The database beside a mirrored log; a context manager.

    Args:
        folder: Of the mirror.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / PRIVATE
        self._stack = ExitStack()

    @property
    def is_there(self) -> bool:
        """Whether a database was made here."""
        return (self._folder / _DATABASE_NAME).is_file()

    def __enter__(self) -> Self:
        self._make_folder()
        self.database = self._stack.enter_context(
            Database(f"sqlite:///{self._folder / _DATABASE_NAME}")
        )
        try:
            with self.database.reading() as uow:
                migrations.require_newest(uow.connection)
        except SchemaMismatch:
            migrations.upgrade(self.database.engine)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def events(self) -> EventCopy:
        """The copy of the chain's events."""
        self._make_folder()
        return EventCopy(self._folder / _EVENTS_FOLDER)

    @property
    def work_folder(self) -> Path:
        """Where the copy of the work on cases lies."""
        self._make_folder()
        return self._folder / _WORK_FOLDER

    @property
    def documents(self) -> DocumentStore:
        """The documents that were copied, encrypted under a key of the copy's own."""
        return DocumentStore(DocumentKeys(self._folder / _KEYS_FOLDER))

    def log(self) -> Log:
        """
        Give the log that was adopted.

        Raises:
            EntriesMissing: If none was.
        """
        with self.database.reading() as uow:
            logs = uow.logs.all()
        if not logs:
            raise EntriesMissing("the mirror holds no entries: a grant reads them")
        return logs[0]

    def adopt(self, mirror: Mirror, *, now: Instant) -> int:
        """
        Take the mirrored entries and events, and give how many entries are new.

        Raises:
            EntriesMissing: If an entry is mirrored by its hash only.
            ForkDetected: If what is mirrored is not what was adopted before.
        """
        signed = mirror.checkpoint
        if signed is None:
            raise EntriesMissing(f"{mirror.origin} has no mirrored checkpoint")
        with self.database.unit_of_work() as uow:
            log = adopt_log(uow, mirror.verifier, opened_at=now)
            head = uow.heads.get(log.number)
            entries = _entries(mirror, head.size, signed.checkpoint.size)
            adopted = adopt_entries(uow, log, entries, signed, now=now)
            # Commit point: entries, tree and the checkpoint over them.
            uow.commit()
        self._apply_events()
        Surveyor(self.database.unit_of_work).survey_all(log.number)
        return adopted

    def store(
        self, log: Log, holdings: Iterable[Holding], fetch: Callable[[Holding], bytes | None]
    ) -> list[tuple[Holding, Error | None]]:
        """Store the pieces that are not here yet; give each with what was wrong with it."""
        with self.database.unit_of_work() as uow:
            told = list(Holdings(uow, log, self.documents).store(holdings, fetch))
            uow.commit()
        return told

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=_OWN_ONLY, parents=True, exist_ok=True)

    def _apply_events(self) -> None:
        copy = CopiedEvents(self.events)
        with self.database.reading() as uow:
            cursor = uow.parties.cursor(FOLLOWER)
        if copy.final_block()[0] >= 0 and cursor != copy.final_block():
            PartyFollower(self.database.unit_of_work, self.database.reading, copy).rebuild()


def _entries(mirror: Mirror, start: int, end: int) -> Iterator[bytes]:
    for first in range(start, end, _PAGE):
        found = mirror.entries(first, min(end, first + _PAGE))
        if [index for index, _ in found] != list(range(first, min(end, first + _PAGE))):
            raise EntriesMissing(f"entries of {mirror.origin} are mirrored by their hashes only")
        yield from (entry for _, entry in found)
