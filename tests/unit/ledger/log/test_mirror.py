"""A mirror follows an honest log and is not fooled by any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.errors import Error
from ledger.errors import ForkDetected
from ledger.log.mirror import AlertKind, Mirror, Mirrored
from ledger.log.mirror_folder import MirrorFolder
from tests.fakes.memory_log import MemoryLog
from tests.fakes.outside import read_log


def entries(count: int, word: str = "entry") -> list[bytes]:
    """Make some entries."""
    return [f"{word} {number}".encode() for number in range(count)]


def mirror_of(log: MemoryLog, folder: Path) -> Mirror:
    """Mirror a log into a folder."""
    return Mirror(MirrorFolder(folder), log.source(), log.signer.verifier)


def kinds(mirrored: Mirrored) -> list[AlertKind]:
    """Give what was alerted."""
    return [alert.kind for alert in mirrored.alerts]


@pytest.mark.parametrize("sizes", [(1,), (255, 256, 257), (3, 700), (512, 513)])
def test_a_mirror_holds_what_the_log_holds(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    """After each step the folder can be read as the log itself, by a stranger."""
    log = MemoryLog(entries(sizes[-1]))
    mirror = mirror_of(log, tmp_path / "copy")
    for size in sizes:
        log.shown = size
        assert kinds(mirror.follow()) == []

    folder = MirrorFolder(tmp_path / "copy")
    assert read_log(lambda path: folder.fetch(path) or b"", log.signer.verifier.vkey) == entries(
        sizes[-1]
    )


def test_a_restarted_mirror_goes_on(tmp_path: Path) -> None:
    """A mirror made anew on its folder continues where it was."""
    log = MemoryLog(entries(600))
    log.shown = 300
    mirror_of(log, tmp_path).follow()
    log.shown = None

    mirrored = mirror_of(log, tmp_path).follow()

    assert (mirrored.old_size, mirrored.size) == (300, 600)
    assert mirrored.alerts == ()


def test_nothing_new_asks_for_the_checkpoint_only(tmp_path: Path) -> None:
    """A quiet log costs one request."""
    log = MemoryLog(entries(10))
    mirror = mirror_of(log, tmp_path)
    mirror.follow()
    log.asked.clear()
    mirror.follow()

    assert log.asked == ["checkpoint"]


def test_another_root_for_the_same_size_is_a_fork(tmp_path: Path) -> None:
    """Two signed roots of one size are a fork, and both notes are kept."""
    log = MemoryLog(entries(10))
    mirror = mirror_of(log, tmp_path)
    mirror.follow()
    before = log.checkpoint()
    log.entries[4] = b"another"

    mirrored = mirror.follow()

    assert kinds(mirrored) == [AlertKind.FORK]
    kept = (tmp_path / "evidence" / (mirrored.alerts[0].evidence or "")).read_text()
    assert before in kept
    assert log.checkpoint() in kept


def test_a_larger_tree_of_another_history_is_not_taken(tmp_path: Path) -> None:
    """A log that rewrote one old entry and went on is caught, and the copy stays."""
    log = MemoryLog(entries(10))
    mirror = mirror_of(log, tmp_path)
    mirror.follow()
    log.entries = [b"another", *entries(20)[1:]]

    mirrored = mirror.follow()

    assert kinds(mirrored) == [AlertKind.TILES_CONTRADICT]
    assert mirror.size == 10
    assert mirrored.alerts[0].evidence is not None


def test_a_smaller_checkpoint_is_going_back(tmp_path: Path) -> None:
    """A log that shows less than before went back, even if it is a prefix."""
    log = MemoryLog(entries(10))
    mirror = mirror_of(log, tmp_path)
    mirror.follow()
    log.shown = 7

    assert kinds(mirror.follow()) == [AlertKind.WENT_BACK]


def test_a_smaller_checkpoint_of_another_history_is_a_fork(tmp_path: Path) -> None:
    """A smaller checkpoint that is no prefix is a fork."""
    log = MemoryLog(entries(10))
    mirror = mirror_of(log, tmp_path)
    mirror.follow()
    log.entries[2] = b"another"
    log.shown = 7

    assert kinds(mirror.follow()) == [AlertKind.FORK]


def test_a_checkpoint_of_another_key_is_malformed(tmp_path: Path) -> None:
    """A checkpoint that the log's key did not sign is not looked at."""
    log, other = MemoryLog(entries(3)), MemoryLog(entries(4), origin="other.example/log/x")
    mirror = mirror_of(log, tmp_path)
    log.changed["checkpoint"] = other.checkpoint().encode()

    assert kinds(mirror.follow()) == [AlertKind.MALFORMED]
    assert mirror.size == 0


@pytest.mark.parametrize("junk", [None, b"", b"\xff\xfe", b"x" * 2_000_000])
def test_junk_for_a_checkpoint_is_malformed(tmp_path: Path, junk: bytes | None) -> None:
    """Whatever stands in the place of a checkpoint is one alert."""
    log = MemoryLog(entries(3))
    log.changed["checkpoint"] = junk

    assert kinds(mirror_of(log, tmp_path).follow()) == [AlertKind.MALFORMED]


@pytest.mark.parametrize("junk", [None, bytes(31), bytes(96)])
def test_a_wrong_tile_stops_the_step(tmp_path: Path, junk: bytes | None) -> None:
    """A missing, cut or changed tile leaves the copy as it was."""
    log = MemoryLog(entries(3))
    log.changed["tile/0/000.p/3"] = junk
    mirror = mirror_of(log, tmp_path)

    assert kinds(mirror.follow()) == [AlertKind.TILES_CONTRADICT]
    assert mirror.size == 0


def test_a_changed_entry_is_found_and_not_kept(tmp_path: Path) -> None:
    """A bundle with one changed entry is an alert, and is not stored."""
    log = MemoryLog(entries(3))
    other = MemoryLog([*entries(2), b"another"])
    log.changed["tile/entries/000.p/3"] = other.fetch("tile/entries/000.p/3")
    mirror = mirror_of(log, tmp_path)

    mirrored = mirror.follow()

    assert kinds(mirrored) == [AlertKind.ENTRY_CHANGED]
    assert mirror.entries(0, 3) == []


def test_an_old_entry_changed_in_a_growing_bundle_is_found(tmp_path: Path) -> None:
    """The entries that were mirrored before are checked again with the new ones."""
    log = MemoryLog(entries(5))
    log.shown = 3
    mirror = mirror_of(log, tmp_path)
    mirror.follow()
    log.shown = None
    log.changed["tile/entries/000.p/5"] = MemoryLog([b"another", *entries(5)[1:]]).fetch(
        "tile/entries/000.p/5"
    )

    assert kinds(mirror.follow()) == [AlertKind.ENTRY_CHANGED]


def test_entries_behind_a_permission_are_counted(tmp_path: Path) -> None:
    """A log may keep its entries to itself; the tree is mirrored all the same."""
    log = MemoryLog(entries(3))
    log.changed["tile/entries/000.p/3"] = None
    mirror = mirror_of(log, tmp_path)

    mirrored = mirror.follow()

    assert mirrored.unread == 3
    assert mirrored.alerts == ()
    assert mirror.size == 3


def test_a_source_that_dropped_partial_tiles_is_read(tmp_path: Path) -> None:
    """Where the partial tile is gone, the full one is taken."""
    log = MemoryLog(entries(300))
    log.changed["checkpoint"] = log.checkpoint(200).encode()
    log.changed["tile/0/000.p/200"] = None
    log.changed["tile/entries/000.p/200"] = None
    mirror = mirror_of(log, tmp_path)

    assert mirror.follow().size == 200
    assert len(mirror.entries(0, 200)) == 200


def test_a_source_that_is_down_changes_nothing(tmp_path: Path) -> None:
    """A source that does not answer raises, and the next step goes on."""
    log = MemoryLog(entries(3))
    mirror = mirror_of(log, tmp_path)
    log.is_down = True
    with pytest.raises(Error, match="nobody answers"):
        mirror.follow()
    log.is_down = False

    assert mirror.follow().size == 3


def test_a_damaged_copy_is_noticed_at_start(tmp_path: Path) -> None:
    """A copy whose tile was changed at rest is not followed further."""
    log = MemoryLog(entries(3))
    mirror_of(log, tmp_path).follow()
    (tmp_path / "tile/0/000.p/3").write_bytes(bytes(96))

    with pytest.raises(ForkDetected, match="not its checkpoint"):
        mirror_of(log, tmp_path)


def test_a_mirror_serves_no_other_file(tmp_path: Path) -> None:
    """What lies beside the log, and what lies outside the folder, is not served."""
    folder = MirrorFolder(tmp_path / "copy")
    (tmp_path / "secret").write_bytes(b"secret")
    folder.keep("fork.txt", b"evidence")

    assert folder.fetch("evidence/fork.txt") is None
    assert folder.fetch("../secret") is None
    assert folder.fetch("tile/0/../../../secret") is None
