"""Sessions, secrets, machines' keys and reads are kept the same by both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from attestation.instants import Instant
from ledger.database import Database
from ledger.errors import AppendOnly, StorageConflict
from ledger.repositories.machine_keys import MachineKey
from ledger.repositories.reads import Read
from ledger.repositories.sessions import Binding, Session

NOW = Instant(1_800_000_000_000)
HASH = b"h" * 32
SESSION = Session("1", b"a" * 20, HASH, "wallet", "desk", NOW, NOW, Instant(NOW + 10))
KEY = MachineKey(
    id="k",
    spki=b"s",
    party_id=HASH,
    address=b"a" * 20,
    name="n",
    message="m",
    signature=b"",
    registered_at=NOW,
    expires_at=Instant(NOW + 10),
)
READ = Read(
    usc="A",
    inventory_id=HASH,
    reader="0x",
    reader_code="B",
    role="verifier",
    proof="wallet",
    relation="held",
    action="case.read",
    asked="GET /",
    at=NOW,
    sealed_by=(HASH, bytes(32)),
)


def test_secret_is_used_once(database: Database) -> None:
    """Of two who come with a secret the second is too late, and another purpose is none."""
    with database.unit_of_work() as uow:
        uow.sessions.keep_secret(HASH, "nonce", {"a": "b"}, until=Instant(NOW + 1))
        uow.sessions.keep_secret(bytes(32), "nonce", {}, until=NOW)
        uow.commit()
    with database.unit_of_work() as uow:
        other = uow.sessions.use_secret(HASH, "ticket", now=NOW)
        late = uow.sessions.use_secret(bytes(32), "nonce", now=NOW)
        first = uow.sessions.use_secret(HASH, "nonce", now=NOW)
        second = uow.sessions.use_secret(HASH, "nonce", now=NOW)

    assert (other, late, first, second) == (None, None, {"a": "b"}, None)


def test_session_comes_back_as_it_was(database: Database) -> None:
    """A session is found by its token, is used, and ends once."""
    with database.unit_of_work() as uow:
        uow.sessions.open(SESSION, HASH)
        uow.sessions.touch("1", Instant(NOW + 1))
        uow.sessions.revoke("1", Instant(NOW + 2))
        uow.sessions.revoke("1", Instant(NOW + 3))
        uow.commit()
    with database.reading() as uow:
        found = uow.sessions.by_token(HASH)
        listed = uow.sessions.of_address(b"a" * 20)

    ended = replace(SESSION, seen_at=Instant(NOW + 1), revoked_at=Instant(NOW + 2))
    assert found == ended
    assert listed == [ended]


def test_ended_sessions_are_forgotten(database: Database) -> None:
    """What ended long ago goes, what is open stays."""
    with database.unit_of_work() as uow:
        uow.sessions.open(SESSION, HASH)
        uow.sessions.open(replace(SESSION, id="2", expires_at=Instant(NOW + 99)), bytes(32))
        uow.sessions.forget_ended(Instant(NOW + 50))
        uow.commit()
    with database.reading() as uow:
        assert [each.id for each in uow.sessions.of_address(b"a" * 20)] == ["2"]


def test_identity_stands_for_one_key(database: Database) -> None:
    """Bound again it stands for the newer key, and only its holder takes it back."""
    binding = Binding("i", "s", b"a" * 20, HASH, "m", b"x", NOW)
    newer = replace(binding, address=b"b" * 20)
    with database.unit_of_work() as uow:
        uow.sessions.bind(binding)
        uow.sessions.bind(newer)
        taken = uow.sessions.unbind("i", "s", b"a" * 20)
        uow.commit()
    with database.reading() as uow:
        assert not taken
        assert uow.sessions.binding("i", "s") == newer
        assert uow.sessions.bindings_of(b"b" * 20) == [newer]
        assert uow.sessions.binding("i", "other") is None


def test_signature_is_taken_once_until_it_is_too_old(database: Database) -> None:
    """A signed request is noted, refused the second time, and forgotten when its age refuses it."""
    later = Instant(NOW + 1)
    with database.unit_of_work() as uow:
        met = [uow.machine_keys.use_signature(HASH, now=NOW, until=later) for _ in range(2)]
        again = uow.machine_keys.use_signature(HASH, now=later, until=Instant(later + 1))

    assert (met, again) == ([True, False], True)


def test_key_is_registered_once(database: Database) -> None:
    """A second registration under the same id is refused by the database itself."""
    with database.unit_of_work() as uow:
        uow.machine_keys.add(KEY)
        uow.commit()
    with database.reading() as uow:
        assert uow.machine_keys.of_party(HASH) == [KEY]
    with database.unit_of_work() as uow, pytest.raises(StorageConflict):
        uow.machine_keys.add(replace(KEY, party_id=bytes(32)))


def test_reads_come_newest_first_and_cannot_be_changed(database: Database) -> None:
    """Rows have ascending ids, filters by owner and reader, and no way to be altered."""
    with database.unit_of_work() as uow:
        for usc in ("A", "B", "A"):
            uow.reads.note(replace(READ, usc=usc))
        uow.commit()
    with database.reading() as uow:
        found = uow.reads.listed(usc="A")
        older = uow.reads.listed(usc="A", before=found[0].id)
        by_nobody = uow.reads.listed(reader_code="C")

    assert [replace(each, id=0) for each in found] == [READ, READ]
    assert (older, by_nobody) == (found[1:], [])
    for statement in ("UPDATE access_read SET role = role", "DELETE FROM access_read"):
        with database.unit_of_work() as uow, pytest.raises(AppendOnly):
            uow.connection.execute(text(statement))
