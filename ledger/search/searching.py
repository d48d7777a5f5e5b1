"""
Searching: what was typed into the one box, recognised, and looked for wherever it may be found.

Names that the index does not hold, because there are too many of them or because they change
hands, are looked up where they stand: roots and transactions of anchors, addresses of persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.searching import Item, Search
from ledger.search.items import party_item
from ledger.search.kinds import ItemKind, NameKind, Recognised, recognise
from ledger.search.words import asked_words
from ledger.unit_of_work import UnitOfWork

_NOTHING = Instant(0)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found."""

    recognised: Recognised
    items: tuple[Item, ...]
    """Of the index, the newest first."""
    direct: tuple[Item, ...]
    """What was looked up where it stands; on the first page only."""
    counts: dict[ItemKind, int]
    """Of the index, by kind; on the first page only."""


def search(
    uow: UnitOfWork, asked: Search, *, before: int | None = None, limit: int, now: Instant
) -> Found:
    """
    Look for what was typed.

    Args:
        uow: A reading unit of work.
        asked: What is asked for, and what the caller may see.
        before: Id of the last item of the page before.
        limit: How many items of the index at most.
        now: Present time.
    """
    recognised = recognise(asked.words)
    narrowed = replace(asked, words=recognised.text)
    if asked.words.strip() and not asked_words(recognised.text):
        return Found(recognised, (), (), {})
    items = uow.search.find(narrowed, before=before, limit=limit)
    if before is not None:
        return Found(recognised, tuple(items), (), {})
    direct = _direct(uow, recognised, narrowed, now)
    return Found(recognised, tuple(items), tuple(direct), uow.search.count(narrowed))


def concerned(uow: UnitOfWork, asked: Search, now: Instant) -> list[str]:
    """
    Give the credit codes of the enterprises whose things would be found.

    Which of them the caller reaches is asked for these alone: a serial number is of one, while
    the caller may reach thousands.
    """
    recognised = recognise(asked.words)
    narrowed = replace(asked, words=recognised.text)
    if asked.words.strip() and not asked_words(recognised.text):
        return []
    codes = {each.enterprise for each in _direct(uow, recognised, narrowed, now)}
    codes.update(uow.search.enterprises(narrowed))
    return sorted(each for each in codes if each is not None)


def _direct(uow: UnitOfWork, recognised: Recognised, asked: Search, now: Instant) -> Sequence[Item]:
    if recognised.kind is NameKind.HASH and _wants(asked, ItemKind.ANCHOR):
        found = uow.anchors.named(bytes.fromhex(recognised.text))
        shown = [_anchor_item(uow, each) for each in found]
        return [each for each in shown if _may_see(asked, each)]
    if recognised.kind is NameKind.ADDRESS and _wants(asked, ItemKind.PARTY):
        address = bytes.fromhex(recognised.text)
        spoken = uow.parties.speaking(address, at_s=now // MILLISECONDS_PER_SECOND)
        return [party_item(party, _NOTHING)[0] for party, _ in spoken]
    return ()


def _anchor_item(uow: UnitOfWork, anchor: StoredAnchor) -> Item:
    log = uow.logs.get(anchor.log)
    return Item(
        kind=ItemKind.ANCHOR,
        key=f"{log.origin} {anchor.size}",
        title=f"checkpoint of {anchor.size} entries of {log.origin} in block {anchor.block_number}",
        at=anchor.final_at or _NOTHING,
        enterprise=log.usc,
        log=log.number,
        block_number=anchor.block_number,
        body={
            "size": anchor.size,
            "root": anchor.root.hex(),
            "transaction": f"0x{anchor.tx_hash.hex()}",
        },
    )


def _wants(asked: Search, kind: ItemKind) -> bool:
    return not asked.kinds or kind in asked.kinds


def _may_see(asked: Search, item: Item) -> bool:
    """Hold what was looked up directly against everything that narrows the index."""
    if asked.enterprise is not None and item.enterprise != asked.enterprise:
        return False
    if asked.enterprises is not None and item.enterprise not in asked.enterprises:
        return False
    block = item.block_number
    is_early = asked.as_of_block is None or (block is not None and block <= asked.as_of_block)
    since, until = asked.since or _NOTHING, asked.until
    return is_early and item.at >= since and (until is None or item.at <= until)
