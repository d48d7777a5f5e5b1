"""The index of search on both databases: what is found, by whom, and as of when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from attestation.digests import ActivityDigest, encode_digest
from attestation.enums import PartyKind
from attestation.instants import Instant
from attestation.series_bodies import Instrument
from ledger.database import Database
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.parties import Party
from ledger.repositories.searching import Item, Search
from ledger.search.indexing import Indexer
from ledger.search.kinds import ItemKind
from ledger.search.searching import Found, concerned, search
from tests.support.enterprise import (
    NOW,
    OTHER_USC,
    START_S,
    USC,
    Device,
    Enterprise,
)


@dataclass
class Place:
    """Two enterprises whose records are indexed."""

    database: Database
    enterprise: Enterprise
    other: Enterprise
    indexer: Indexer

    def index(self) -> None:
        """Index everything that is new."""
        while self.indexer.step(NOW):
            pass

    def find(self, words: str = "", **asked: Any) -> Found:
        """Search as somebody who may see everything, unless it is said otherwise."""
        with self.database.reading() as uow:
            return search(uow, Search(words=words, **asked), limit=50, now=NOW)

    def titles(self, words: str = "", **asked: Any) -> list[str]:
        """Give the titles of what is found."""
        return sorted(each.title for each in self.find(words, **asked).items)


def meter(serial: str, place: str) -> Instrument:
    """Give the record of a meter."""
    return Instrument(
        instrument="em-01",
        kind="electricity meter 电能表",
        maker="a maker",
        model="DTZ341",
        serial_number=serial,
        accuracy_class="0.2S",
        place=place,
        installer="grid company",
        installed_s=START_S,
    )


@pytest.fixture
def place(sqlite_url: str) -> Iterator[Place]:
    """The enterprises on SQLite; what asks the database in a way of its own is tried on both."""
    with Database(sqlite_url) as database:
        yield place_on(database)


def place_on(database: Database) -> Place:
    """Give an enterprise with a device and a meter, and another with one of a similar number."""
    enterprise, other = Enterprise(database), Enterprise(database, usc=OTHER_USC)
    enterprise.enrol(Device())
    enterprise.file(meter("SN-000123", "2号锅炉房"))
    other.file(meter("SN-000124", "1号锅炉房"))
    with database.unit_of_work() as uow:
        uow.parties.put_party(
            Party(b"V" * 32, PartyKind.VERIFIER, "91110000100000000A", True, "华北核查中心")
        )
        uow.commit()
    found = Place(
        database, enterprise, other, Indexer(database.unit_of_work, database.reading, batch=3)
    )
    found.index()
    return found


def items(found: Found, kind: ItemKind) -> list[Item]:
    """Give the items of a kind."""
    return [each for each in (*found.direct, *found.items) if each.kind is kind]


def test_both_databases_give_the_same_answers(database: Database) -> None:
    """Words, beginnings, Chinese, kinds, what may be seen, and what was anchored by a block."""
    place = place_on(database)
    number = place.enterprise.log.number
    with database.unit_of_work() as uow:
        uow.anchors.add(StoredAnchor(number, 4, b"R" * 32, 9, b"B" * 32, b"T" * 32))
        uow.commit()

    assert [
        len(place.find(words).items) for words in ("sn-0001", "SN-000123", "锅炉", "2号锅炉")
    ] == [*(2, 1, 2, 1)]
    assert place.find(kinds=(ItemKind.SERIES,)).counts == {ItemKind.SERIES: 1}
    assert len(place.find("锅炉", enterprises=(OTHER_USC,)).items) == 1
    assert place.find("锅炉", enterprises=()).items == ()
    assert [each.entry_index for each in place.find("锅炉", as_of_block=9).items] == [3]
    assert place.find("锅炉", as_of_block=8).items == ()
    (anchor,) = place.find((b"R" * 32).hex()).direct
    assert anchor.block_number == 9
    assert items(place.find("0x" + Device().kid.hex()), ItemKind.KEY)
    with database.reading() as uow:
        assert concerned(uow, Search(words="锅炉"), NOW) == sorted((USC, OTHER_USC))
        assert concerned(uow, Search(words="000123"), NOW) == [USC]
        assert concerned(uow, Search(words=(b"R" * 32).hex()), NOW) == [USC]
        assert concerned(uow, Search(words="!"), NOW) == []


def test_serial_number_is_found(place: Place) -> None:
    """Whole, by a part and by its beginning; a nearly right one is not."""
    (found,) = place.find("SN-000123").items

    assert (found.kind, found.enterprise) == (ItemKind.INSTRUMENT, USC)
    assert (found.log, found.entry_index) == (place.enterprise.log.number, 3)
    assert [each.key for each in place.find("000123").items] == [found.key]
    assert len(place.find("sn-0001").items) == 2
    assert place.find("SN-000125").items == ()


def test_chinese_words_are_found(place: Place) -> None:
    """By any part of a name; every word must be there."""
    assert len(place.find("锅炉").items) == 2
    assert len(place.find("2号锅炉").items) == 1
    assert place.find("锅炉 北京").items == ()
    (party,) = place.find("核查中心").items
    assert (party.kind, party.enterprise) == (ItemKind.PARTY, None)


def test_hashes_are_found_by_each_spelling(place: Place) -> None:
    """A key id, a leaf hash with 0x, a log id; and nothing for a hash of nothing."""
    (key,) = place.find(Device().kid.hex()).items
    (same,) = place.find("0x" + key.key.upper()).items
    (log,) = items(place.find(place.enterprise.log.log_id.hex()), ItemKind.LOG)

    assert key.kind is same.kind is ItemKind.KEY
    assert key == same
    assert log.key == place.enterprise.origin
    assert place.find("ab" * 32).items == ()


def test_credit_code_finds_everything_of_an_enterprise(place: Place) -> None:
    """With counts of each kind; what is not typed as a code is not narrowed."""
    found = place.find(USC)

    assert found.recognised.kind.value == "credit code"
    assert found.counts[ItemKind.LOG] == 1
    assert found.counts[ItemKind.PARTY] == 2
    assert {each.enterprise for each in found.items} == {USC, None}


def test_others_things_are_not_found(place: Place) -> None:
    """Whoever reaches one enterprise sees its things and what is public."""
    found = place.find("锅炉", enterprises=(OTHER_USC,))
    public = place.find("", enterprises=())

    assert [each.enterprise for each in found.items] == [OTHER_USC]
    assert found.counts == {ItemKind.INSTRUMENT: 1}
    assert {each.kind for each in public.items} == {ItemKind.PARTY, ItemKind.LOG}


def test_filters_narrow(place: Place) -> None:
    """By kind, by enterprise and by time."""
    assert {each.kind for each in place.find(kinds=(ItemKind.SERIES,)).items} == {ItemKind.SERIES}
    assert {each.enterprise for each in place.find(enterprise=OTHER_USC).items} == {OTHER_USC}
    assert place.find(until=Instant(NOW - 1)).items == ()
    assert place.find("锅炉", since=NOW).counts == {ItemKind.INSTRUMENT: 2}


def test_as_of_a_block_shows_what_was_anchored_by_then(place: Place) -> None:
    """Entry 3 is covered by the anchor of four entries in block 9, not by that of three."""
    number = place.enterprise.log.number
    with place.database.unit_of_work() as uow:
        uow.anchors.add(StoredAnchor(number, 3, b"r" * 32, 8, b"b" * 32, b"t" * 32))
        uow.anchors.add(StoredAnchor(number, 4, b"R" * 32, 9, b"B" * 32, b"T" * 32))
        uow.commit()

    assert place.find("锅炉", as_of_block=8).items == ()
    assert [each.entry_index for each in place.find("锅炉", as_of_block=9).items] == [3]
    assert {each.entry_index for each in place.find(as_of_block=8).items} == {0, 1, 2}


def test_anchors_are_found_by_root_and_transaction(place: Place) -> None:
    """As of a block only if they stood there, and only for whoever reaches the enterprise."""
    number = place.enterprise.log.number
    with place.database.unit_of_work() as uow:
        uow.anchors.add(StoredAnchor(number, 3, b"r" * 32, 8, b"b" * 32, b"t" * 32))
        uow.commit()
    root, transaction = (b"r" * 32).hex(), "0x" + (b"t" * 32).hex()

    (found,) = place.find(root).direct
    assert (found.kind, found.block_number) == (ItemKind.ANCHOR, 8)
    assert place.find(transaction).direct == (found,)
    assert place.find(root, as_of_block=7).direct == ()
    assert place.find(root, enterprises=(OTHER_USC,)).direct == ()
    assert place.find(root, kinds=(ItemKind.CASE,)).direct == ()


def test_address_finds_whom_it_speaks_for(place: Place) -> None:
    """And the records that it signed."""
    with place.database.reading() as uow:
        entry = uow.entries.get(place.enterprise.log.number, 0)
    signer = entry.content.split(b'"signer":"')[1][:42].decode()
    found = place.find(signer)

    assert {each.body["kind"] for each in items(found, ItemKind.PARTY)} == {"enterprise"}
    assert len(found.items) > 3


def test_pages_follow_each_other(place: Place) -> None:
    """The newest first; nothing twice and nothing missing."""
    with place.database.reading() as uow:
        whole = search(uow, Search(), limit=50, now=NOW).items
        first = search(uow, Search(), limit=4, now=NOW).items
        rest = search(uow, Search(), before=first[-1].id, limit=50, now=NOW)

    assert [*first, *rest.items] == list(whole)
    assert rest.counts == {}


def test_what_is_no_word_finds_nothing(place: Place) -> None:
    """Marks alone are no question; nothing at all asks for everything."""
    assert place.find("!?").items == ()
    assert place.find(" ").items != ()


def test_digest_is_found_by_its_commitment(place: Place) -> None:
    """And by the month it is about."""
    enterprise = place.enterprise
    digest = ActivityDigest(
        enterprise.log.log_id, b"u" * 32, b"s" * 32, START_S, START_S + 86_400, 0, 1, 0, b"c" * 32
    )
    enterprise.records.admit_digest(enterprise.log.number, encode_digest(digest), now=NOW)
    enterprise.integrate()
    place.index()

    (found,) = place.find((b"c" * 32).hex()).items
    assert (found.kind, found.entry_index) == (ItemKind.DIGEST, 4)


def test_indexing_again_gives_the_same(place: Place) -> None:
    """Nothing new adds nothing; forgetting everything and indexing it again too."""

    def state() -> list[tuple[object, ...]]:
        found = place.find().items
        return sorted((each.kind, each.key, each.title, each.enterprise) for each in found)

    before = state()
    place.index()
    assert state() == before
    place.indexer.rebuild(NOW)
    assert state() == before


def test_changed_party_is_found_by_its_new_name(place: Place) -> None:
    """The chain moved on: the old name is gone from the index."""
    with place.database.unit_of_work() as uow:
        uow.parties.put_party(
            Party(b"V" * 32, PartyKind.VERIFIER, "91110000100000000A", True, "华东核查所")
        )
        uow.parties.move_cursor("parties", 5, bytes(32))
        uow.commit()
    place.index()

    assert place.titles("核查所") == ["华东核查所 (verifier)"]
    assert place.titles("核查中心") == []


def test_queries_are_kept_by_name(database: Database) -> None:
    """Each person's own; the same name again replaces."""
    with database.unit_of_work() as uow:
        uow.search.save("0xab", "boilers", {"q": "锅炉"}, at=NOW)
        uow.search.save("0xab", "boilers", {"q": "锅炉房"}, at=NOW)
        uow.search.save("0xcd", "boilers", {"q": "x"}, at=NOW)
        uow.commit()
    with database.unit_of_work() as uow:
        assert uow.search.saved("0xab") == {"boilers": ({"q": "锅炉房"}, NOW)}
        assert uow.search.forget("0xab", "boilers")
        assert not uow.search.forget("0xab", "boilers")
        assert list(uow.search.saved("0xcd")) == ["boilers"]
