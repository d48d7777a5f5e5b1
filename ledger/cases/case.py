"""
One case as it stands: what the chain says, what was submitted, what was found.

A case is an inventory under co-verification; it is read from the chain's events and the
enterprise's log each time, so that nothing of it is kept twice. A version's content is known only
where a document with the hash that was signed is kept here.

Source: DESIGN section 8; SCREENS section 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from attestation.case_bodies import SiteVisit
from attestation.enums import FindingState
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from ledger.cases.errors import CaseUnknown, ContentMissing
from ledger.cases.threads import Thread, Uncorrected, read_threads, read_visits, uncorrected
from ledger.inventory.versions import Change, InventoryVersion, diff, read_version
from ledger.repositories.chain_inventories import ChainAct, ChainInventory, ChainVersion
from ledger.repositories.draws import DrawnStep
from ledger.repositories.logs import Log
from ledger.repositories.parties import Party
from ledger.repositories.stated import StatedRecord
from ledger.unit_of_work import UnitOfWork

_PARSED: Final = 32
"""Versions that are kept as read: the forms of a year take a third of a second to check."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands."""

    inventory: ChainInventory
    log: Log | None
    """Log that the newest version stands on; the enterprise's newest before the first."""
    versions: tuple[ChainVersion, ...]
    """Submitted, in order."""
    contents: tuple[InventoryVersion | None, ...]
    """Of each submitted version, what is kept here under the hash that was signed."""
    acts: tuple[ChainAct, ...]
    threads: tuple[Thread, ...]
    visits: tuple[StatedRecord[SiteVisit], ...]
    verifier: Party | None
    regulator: Party | None
    city_regulator: Party | None
    now: Instant
    draws: tuple[DrawnStep, ...] = ()
    """Every step of the draws of samples, in order."""

    @property
    def inventory_id(self) -> bytes:
        """Its id, 32 bytes."""
        return self.inventory.inventory_id

    @property
    def now_s(self) -> int:
        """The present second."""
        return self.now // MILLISECONDS_PER_SECOND

    @property
    def version(self) -> ChainVersion | None:
        """The newest version submitted."""
        return self.versions[-1] if self.versions else None

    @property
    def content(self) -> InventoryVersion | None:
        """What the newest version says, where it is kept here."""
        return self.contents[-1] if self.contents else None

    def require_content(self) -> InventoryVersion:
        """
        Give what the newest version says.

        Raises:
            ContentMissing: If nothing was submitted, or the document is not kept here.
        """
        if self.content is None:
            which = "nothing was submitted" if self.version is None else "it is not kept here"
            raise ContentMissing(f"no content of the newest version: {which}")
        return self.content

    @property
    def is_open(self) -> bool:
        """Whether a finding is not closed yet."""
        return any(each.state is not FindingState.CLOSED for each in self.own_threads)

    @property
    def own_threads(self) -> tuple[Thread, ...]:
        """The findings of the verifier that is assigned; all where none is."""
        if self.verifier is None:
            return self.threads
        code = self.verifier.code
        return tuple(each for each in self.threads if each.finding.body.verifier == code)

    @property
    def own_visits(self) -> tuple[StatedRecord[SiteVisit], ...]:
        """The visits of the verifier that is assigned; all where none is."""
        if self.verifier is None:
            return self.visits
        code = self.verifier.code
        return tuple(each for each in self.visits if each.body.verifier == code)

    @property
    def uncorrected(self) -> Uncorrected:
        """What is not put right, added up."""
        return uncorrected(self.own_threads)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed since the submission before; nothing where one is not kept here."""
        for before, after in pairwise(self.contents[-2:]):
            if before is not None and after is not None:
                return tuple(diff(before, after))
        return ()


def read_case(
    uow: UnitOfWork, inventory_id: bytes, *, now: Instant, newest_only: bool = False
) -> Case:
    """
    Read a case.

    Args:
        uow: A reading unit of work.
        inventory_id: 32 bytes.
        now: Present time.
        newest_only: Only the newest version's content is read: enough for a row of the queue.

    Raises:
        CaseUnknown: If no such inventory stands on chain.
        InventoryError: If what is kept of a version is not one.
    """
    inventory = uow.chain_inventories.get(inventory_id)
    if inventory is None:
        raise CaseUnknown(f"no inventory 0x{inventory_id.hex()} on chain, as far as it was read")
    versions = tuple(uow.chain_inventories.versions(inventory_id))
    logs = {each.log_id: each for each in uow.logs.all() if each.usc == inventory.usc}
    newest = list(logs.values())[-1] if logs else None
    return Case(
        inventory=inventory,
        log=logs.get(versions[-1].log_id) if versions else newest,
        versions=versions,
        contents=tuple(
            None
            if newest_only and each is not versions[-1]
            else _content(uow, logs.get(each.log_id), each)
            for each in versions
        ),
        acts=tuple(uow.chain_inventories.acts(inventory_id)),
        threads=() if newest is None else read_threads(uow, newest, inventory_id),
        visits=() if newest is None else read_visits(uow, newest, inventory_id),
        verifier=_party(uow, inventory.verifier),
        regulator=_party(uow, inventory.regulator),
        city_regulator=_party(uow, inventory.city_regulator),
        now=now,
        draws=tuple(uow.draws.steps(inventory_id)),
    )


def _content(uow: UnitOfWork, log: Log | None, version: ChainVersion) -> InventoryVersion | None:
    if log is None:
        return None
    kept = uow.inventories.named(log.number, version.inventory_id, version.document_hash)
    return None if kept is None else _parsed(kept.content)


@lru_cache(maxsize=_PARSED)
def _parsed(content: bytes) -> InventoryVersion:
    """Read a version; what was read of the same bytes is given again, since it never changes."""
    return read_version(content)


def _party(uow: UnitOfWork, party_id: bytes | None) -> Party | None:
    return None if party_id is None else uow.parties.by_id(party_id)
