"""The gateway's database file."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from devices.errors import OutboxFull, StoreBusy, StoreUnavailable
from devices.store import SCHEMA_VERSION, GatewayStore, StoreView, is_held

INSERT = "INSERT INTO progress (source, position) VALUES ('file', 1)"


@pytest.mark.parametrize(("name", "value"), [("synchronous", 2), ("journal_mode", "wal")])
def test_every_commit_reaches_the_disk(tmp_path: Path, name: str, value: object) -> None:
    """Full synchronisation and a write-ahead log: the pragma is per connection and must be set."""
    with GatewayStore(tmp_path / "gateway.db") as store:
        assert store.fetch(f"PRAGMA {name}") == [(value,)]


def test_transaction_is_undone_when_it_raises(tmp_path: Path) -> None:
    """Nothing of an interrupted transaction stays, and the next one works."""
    with GatewayStore(tmp_path / "gateway.db") as store:
        with pytest.raises(KeyError), store.transaction():
            store.execute(INSERT)
            raise KeyError

        assert store.fetch("SELECT * FROM progress") == []
        with store.transaction():
            store.execute(INSERT)
        assert store.fetch_one("SELECT position FROM progress") == (1,)


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    """Readings are the enterprise's business."""
    with GatewayStore(tmp_path / "gateway.db") as store:
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_file_is_held_until_it_is_closed(tmp_path: Path) -> None:
    """A second opener is refused while the first holds the file, and served after it."""
    path = tmp_path / "gateway.db"
    with GatewayStore(path) as store:
        with pytest.raises(StoreBusy, match="another process holds"):
            GatewayStore(path)
        store.close()
        GatewayStore(path).close()


def test_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """A file of a later program is not touched, and not held either."""
    path = tmp_path / "gateway.db"
    GatewayStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()

    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=f"knows {SCHEMA_VERSION}"):
            GatewayStore(path)


def test_damaged_file_is_refused(tmp_path: Path) -> None:
    """A file that is no database is an error that says so."""
    path = tmp_path / "gateway.db"
    path.write_bytes(b"not a database, and long enough to be looked at" * 100)

    with pytest.raises(StoreUnavailable, match="file is not a database"):
        GatewayStore(path)


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A missing folder is an error that says so."""
    with pytest.raises(StoreUnavailable, match="No such file"):
        GatewayStore(tmp_path / "none" / "gateway.db")


def test_full_disk_stops_measuring(tmp_path: Path) -> None:
    """A disk without room is the outbox's full, not a broken database; nothing is changed."""
    with GatewayStore(tmp_path / "gateway.db") as store:
        pages = store.fetch("PRAGMA page_count")[0][0]
        store.fetch(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OutboxFull, match="disk"), store.transaction():
            store.execute("INSERT INTO progress VALUES (?, 1)", ("x" * 100_000,))

        assert store.fetch("SELECT * FROM progress") == []


def test_closing_may_be_repeated(tmp_path: Path) -> None:
    """A second close does nothing."""
    store = GatewayStore(tmp_path / "gateway.db")
    store.close()
    store.close()


def test_view_reads_what_another_process_holds(tmp_path: Path) -> None:
    """A screen sees what is committed, changes nothing, and the holder goes on."""
    path = tmp_path / "gate way#.sqlite"
    with GatewayStore(path) as store, StoreView(path) as view:
        with store.transaction():
            store.execute("INSERT INTO progress (source, position) VALUES ('a', 1)")

        assert is_held(path)
        assert view.fetch("SELECT position FROM progress") == [(1,)]
        with pytest.raises(StoreUnavailable, match="readonly"):
            view.execute("DELETE FROM progress")
    assert not is_held(path)


def test_view_of_nothing(tmp_path: Path) -> None:
    """Looking makes no database."""
    path = tmp_path / "gateway.sqlite"

    with pytest.raises(StoreUnavailable, match="no gateway"):
        StoreView(path)
    assert not path.exists()
    assert not is_held(path)


def test_view_of_another_format(tmp_path: Path) -> None:
    """A database of another version is not guessed at."""
    path = tmp_path / "gateway.sqlite"
    with GatewayStore(path) as store:
        store.execute("PRAGMA user_version = 99")

    with pytest.raises(StoreUnavailable, match="format 99"):
        StoreView(path)
