"""Activity digests: made from the log, kept with their document, made again and compared."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from itertools import count

import pytest
from sqlalchemy import text

from attestation.digests import decode_digest
from attestation.enums import MissingDataRule
from attestation.ids import keccak256
from attestation.series_bodies import Correction, ReadingReference
from attestation.tree_hash import hash_leaf
from ledger.errors import AppendOnly
from ledger.inventory.digests import (
    DigestMaker,
    MadeDigest,
    Subject,
    digests_within,
    load_digest,
)
from ledger.inventory.errors import DatumIncomplete, DigestBroken, DigestUnknown
from ledger.inventory.periods import Period
from ledger.inventory.rederiving import Rederivation, rederive
from tests.fakes.vandal import Vandal
from tests.support.accounts import (
    BACKUP,
    ENERGY,
    NOW,
    PARAMETER,
    UNIT,
    Accounts,
    calibration,
    hour,
    hourly,
    plan,
)

FIRST = Period.day(2025, 1, 1)
SUBJECT = Subject(UNIT, PARAMETER, ENERGY, FIRST)


@pytest.fixture
def maker(accounts: Accounts) -> DigestMaker:
    """Who makes digests in the enterprise's log; salts are numbers."""
    salts = count(1)
    return DigestMaker(
        accounts.enterprise.database.unit_of_work,
        accounts.enterprise.database.reading,
        records=accounts.enterprise.records,
        salt=lambda: next(salts).to_bytes(16, "big"),
    )


@pytest.fixture
def digested(accounts: Accounts, maker: DigestMaker) -> Accounts:
    """An enterprise whose first day is digested, with hour 10 missing."""
    accounts.plan()
    accounts.say(hourly([*range(10), *range(11, 24)]))
    make(accounts, maker)
    return accounts


def make(accounts: Accounts, maker: DigestMaker, subject: Subject = SUBJECT) -> MadeDigest:
    """Make a digest and integrate it."""
    made = maker.make(accounts.enterprise.log.number, subject, now=NOW)
    accounts.enterprise.integrate()
    return made


def newest(accounts: Accounts) -> int:
    """Give the index of the newest digest of the first day."""
    with accounts.enterprise.database.reading() as uow:
        return digests_within(uow, accounts.enterprise.log, FIRST)[-1].index


def again(accounts: Accounts, index: int | None = None) -> Rederivation:
    """Make the document of a digest again."""
    index = newest(accounts) if index is None else index
    with accounts.enterprise.database.reading() as uow:
        return rederive(uow, accounts.enterprise.log, index)


def test_entry_says_what_and_hides_how_much(accounts: Accounts, maker: DigestMaker) -> None:
    """Every word of the entry but the commitment can be checked by anybody."""
    message = accounts.say(hourly([*range(10), *range(11, 24)]))
    made = make(accounts, maker)
    digest = decode_digest(made.content)

    assert digest.origin_hash == accounts.enterprise.log.log_id
    assert digest.unit_id == keccak256(UNIT.encode())
    assert digest.series_hash == keccak256(ENERGY.encode())
    assert (digest.from_s, digest.to_s, digest.gap_count) == (FIRST.from_s, FIRST.to_s, 1)
    with accounts.enterprise.database.reading() as uow:
        entry = uow.entries.get(accounts.enterprise.log.number, digest.first_index)
    assert entry.content == message.encoded
    assert digest.last_index == newest(accounts) - 1


def test_pieces_are_hashed_as_the_format_says(accounts: Accounts, maker: DigestMaker) -> None:
    """Whoever has the readings can make the hash without this ledger: a row is its sum."""
    accounts.say(hourly(range(20)))
    accounts.say([*hourly(range(20, 22)), *hourly([23])])
    datum = make(accounts, maker).datum
    row, rest = datum.entries
    pieces = [(0, 20, row), (20, 22, rest), (23, 24, rest)]
    content = "".join(
        f'[{hour(start)},{hour(end)},"{1000 * (end - start)}","metered",null,[{entry}]]\n'
        for start, end, entry in pieces
    )

    assert datum.document()["pieces"] == sha256(content.encode()).hexdigest()
    assert datum.parts[0].count == 23


def test_digest_is_found_with_its_document(digested: Accounts) -> None:
    """The document says the total that the entry hides."""
    with digested.enterprise.database.reading() as uow:
        stored = load_digest(uow, digested.enterprise.log, newest(digested))

    assert stored.document["total"] == "23000"
    assert stored.document["missing"] == [[hour(10), hour(11)]]
    assert stored.subject == SUBJECT


def test_unchanged_log_gives_the_same_document(digested: Accounts) -> None:
    """Entries of other days do not matter."""
    digested.say(hourly(range(30, 40)))
    found = again(digested)

    assert found.agrees
    assert found.explain() == (f"digest at entry {newest(digested)} states what the log gives",)


def test_unchanged_datum_is_not_digested_twice(digested: Accounts, maker: DigestMaker) -> None:
    """Making it again gives the digest there is."""
    before = newest(digested)
    make(digested, maker)

    assert newest(digested) == before


def test_changed_reading_changes_the_digest(accounts: Accounts, maker: DigestMaker) -> None:
    """Also where the total stays: two hours that exchange their values are another document."""
    accounts.say(hourly(range(24)))
    first = accounts.datum(FIRST)
    make(accounts, maker)
    replaced = [hourly([3], value=900)[0], hourly([4], value=1100)[0]]
    message = accounts.say(replaced)
    for number, begin in enumerate((3, 4)):
        accounts.enterprise.file(
            Correction(
                series=ENERGY,
                from_s=hour(begin),
                to_s=hour(begin + 1),
                reason="clock",
                counts=ReadingReference(entry=hash_leaf(message.encoded), reading=number),
            )
        )
    second = accounts.datum(FIRST)
    names = [difference.name for difference in again(accounts).differences]

    assert first.total == second.total
    assert first.pieces_hash != second.pieces_hash
    assert "pieces" in names
    assert "total" not in names


def test_late_data_is_told_with_its_entry(digested: Accounts) -> None:
    """The digest was right when it was made; the entry that came later is named."""
    message = digested.say(hourly([10], value=777))
    found = again(digested)
    with digested.enterprise.database.reading() as uow:
        size = uow.heads.get(digested.enterprise.log.number).size
        late = uow.entries.get(digested.enterprise.log.number, size - 1)
    sentences = found.explain()

    assert late.content == message.encoded
    assert found.later == (late.index,)
    assert 'total: the digest states "23000", the log now gives "23777"' in sentences
    assert sentences[-1].endswith(f"entries that came later speak of its period: {late.index}")


def test_late_contradiction_is_told(digested: Accounts) -> None:
    """A second word about an hour takes the hour away, and is named though it counts nothing."""
    digested.say(hourly([5], value=1))
    found = again(digested)

    assert found.datum.total == 22_000
    assert len(found.later) == 1


def test_late_calibration_is_told(digested: Accounts) -> None:
    """A certificate that is filed later moves amounts to another part."""
    index = digested.enterprise.file(calibration())
    found = again(digested)

    assert "parts" in [difference.name for difference in found.differences]
    assert found.later == (index,)


def test_edition_that_begins_later_changes_nothing(digested: Accounts) -> None:
    """A datum is judged by the plan in force at the begin of its period."""
    later = plan(2, FIRST.to_s, missing=MissingDataRule.HIGHEST)
    digested.enterprise.file(later)

    assert again(digested).agrees


def test_plan_that_is_filed_afterwards_is_told(accounts: Accounts, maker: DigestMaker) -> None:
    """A plan for a time that was digested without one fills what was missing, and is named."""
    accounts.say(hourly([*range(10), *range(11, 24)]))
    make(accounts, maker)
    index = accounts.plan(missing=MissingDataRule.HIGHEST)
    found = again(accounts)

    assert [each.name for each in found.differences] == [
        "missing",
        "parts",
        "pieces",
        "plan",
        "substituted",
        "total",
    ]
    assert index in found.later


def test_new_digest_follows_the_late_data(digested: Accounts, maker: DigestMaker) -> None:
    """Both stay in the log; the newer one agrees with it."""
    before = newest(digested)
    digested.say(hourly([10]))
    make(digested, maker)

    assert newest(digested) > before
    assert again(digested).agrees
    assert not again(digested, before).agrees


def test_document_that_is_not_what_was_committed_to_is_refused(digested: Accounts) -> None:
    """Whoever changes the table is found out by the entry."""
    Vandal(digested.enterprise.database).execute(
        "UPDATE digest_document SET salt = :junk", junk=bytes(16)
    )
    with digested.enterprise.database.reading() as uow:
        size = uow.heads.get(digested.enterprise.log.number).size
        with pytest.raises(DigestBroken, match="not what entry"):
            load_digest(uow, digested.enterprise.log, size - 1)


def test_digest_whose_document_is_not_kept_is_unknown(digested: Accounts) -> None:
    """Without its document a digest says nothing to anybody."""
    Vandal(digested.enterprise.database).execute("DELETE FROM digest_document")
    with digested.enterprise.database.reading() as uow:
        size = uow.heads.get(digested.enterprise.log.number).size
        with pytest.raises(DigestUnknown, match="no document is kept"):
            load_digest(uow, digested.enterprise.log, size - 1)


def test_entry_that_is_no_digest_is_unknown(digested: Accounts) -> None:
    """Neither a record nor an index beyond the log."""
    with digested.enterprise.database.reading() as uow:
        for index in (0, 10_000):
            with pytest.raises(DigestUnknown):
                load_digest(uow, digested.enterprise.log, index)


def test_kept_document_cannot_be_changed(digested: Accounts) -> None:
    """The table is append-only."""
    with (
        digested.enterprise.database.unit_of_work() as uow,
        pytest.raises(AppendOnly),
    ):
        uow.connection.execute(text("UPDATE digest_document SET unit = 'x'"))


def test_interrupted_making_is_done_again(
    accounts: Accounts, maker: DigestMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document whose entry was not submitted is submitted with the same salt."""
    accounts.say(hourly(range(24)))

    def fail(*_arguments: object, **_named: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(accounts.enterprise.records, "admit_digest", fail)
        with pytest.raises(ConnectionError):
            maker.make(accounts.enterprise.log.number, SUBJECT, now=NOW)
    made = make(accounts, maker)
    with accounts.enterprise.database.reading() as uow:
        (kept,) = uow.digests.within(accounts.enterprise.log.number, FIRST.from_s, FIRST.to_s)

    assert kept.content_hash == sha256(made.content).digest()
    assert kept.salt == (1).to_bytes(16, "big")


def test_empty_log_has_nothing_to_digest(accounts: Accounts, maker: DigestMaker) -> None:
    """A series that nothing was said of is digested as missing, not as zero."""
    made = make(accounts, maker, replace(SUBJECT, series=BACKUP))

    assert decode_digest(made.content).gap_count == 1
    with pytest.raises(DatumIncomplete):
        made.datum.amount("MWh")
