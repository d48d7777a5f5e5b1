"""The keys of requests that are carried out once, and shared secrets, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from attestation.instants import Instant
from ledger.database import Database
from ledger.repositories.requests import Claim, KeptAnswer

NOW = Instant(1_750_000_000_000)
LATER = Instant(NOW + 1000)
CLAIM = Claim(bytes(32), "k-1", b"\x01" * 32)


def claim(database: Database, claimed: Claim = CLAIM, now: Instant = NOW) -> bool:
    """Take a key and commit."""
    with database.unit_of_work() as uow:
        is_taken = uow.request_keys.claim(claimed, now=now, until=LATER)
        uow.commit()
    return is_taken


def test_key_is_taken_once(database: Database) -> None:
    """Of a caller's key there is one holder; another caller's key is another key."""
    assert claim(database)
    assert not claim(database, Claim(CLAIM.caller, CLAIM.key, b"\x02" * 32))
    assert claim(database, Claim(b"\x03" * 32, CLAIM.key, CLAIM.request_sha256))


def test_key_is_taken_once_by_many_at_once(database: Database) -> None:
    """Four at the same moment: one holds it."""
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: claim(database), range(4)))

    assert sorted(taken) == [False, False, False, True]


def test_answer_is_kept_as_it_was(database: Database) -> None:
    """Whoever asks under the key gets the bytes of the answer."""
    answer = KeptAnswer(201, '{"location": "/v1/x"}', b"\x00\xff")
    claim(database)
    with database.unit_of_work() as uow:
        assert uow.request_keys.carried_out(CLAIM, started_at=NOW)
        uow.request_keys.answered(CLAIM, answer, started_at=NOW)
        uow.commit()

    with database.reading() as uow:
        found = uow.request_keys.get(CLAIM)
    assert found is not None and found.answer == answer and found.is_carried_out


def test_what_was_taken_over_is_no_longer_its_first_holders(database: Database) -> None:
    """The first holder can neither carry out, nor answer, nor give the key back."""
    claim(database)
    with database.unit_of_work() as uow:
        keys = uow.request_keys
        assert keys.take_over(CLAIM, started_at=NOW, now=LATER)
        assert not keys.take_over(CLAIM, started_at=NOW, now=Instant(LATER + 1))
        assert not keys.carried_out(CLAIM, started_at=NOW)
        keys.answered(CLAIM, KeptAnswer(201, "{}", b""), started_at=NOW)
        keys.release(CLAIM, started_at=NOW)
        found = keys.get(CLAIM)

    assert found is not None and (found.started_at, found.answer) == (LATER, None)


def test_what_was_carried_out_is_neither_given_back_nor_taken_over(database: Database) -> None:
    """A commit is a commit, whatever became of the answer."""
    claim(database)
    with database.unit_of_work() as uow:
        uow.request_keys.carried_out(CLAIM, started_at=NOW)
        uow.request_keys.release(CLAIM, started_at=NOW)

        assert not uow.request_keys.take_over(CLAIM, started_at=NOW, now=LATER)
        assert uow.request_keys.get(CLAIM) is not None


def test_expired_keys_are_forgotten(database: Database) -> None:
    """At the instant named and not a millisecond before."""
    claim(database)
    with database.unit_of_work() as uow:
        assert uow.request_keys.forget(Instant(LATER - 1)) == 0
        assert uow.request_keys.forget(LATER) == 1
        assert uow.request_keys.get(CLAIM) is None


def test_first_secret_is_everybodys(database: Database) -> None:
    """Whoever draws second gets what the first one drew."""
    with database.unit_of_work() as uow:
        first = uow.secrets.first("cursors", b"\x01" * 32)
        second = uow.secrets.first("cursors", b"\x02" * 32)

        assert first == second == uow.secrets.get("cursors") == b"\x01" * 32
        assert uow.secrets.get("other") is None
