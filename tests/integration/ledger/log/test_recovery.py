"""Going back, on both databases: an old backup becomes the log it once was, or says it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attestation.enums import LogState
from ledger.database import Database
from ledger.errors import ChainWentBack, EntriesMissing, ForkDetected, Frozen
from ledger.log.anchor_targets import Standing
from ledger.log.fsck import fsck
from ledger.log.mirror import Mirror
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.readmission import readmit
from ledger.log.recovery import Recovery
from ledger.log.sources import LogSource
from ledger.log.start_check import check_logs
from tests.fakes.anchorer import RecordingAnchorer
from tests.fakes.backup import Backups
from tests.fakes.memory_log import MemoryLog
from tests.fakes.plant import Meter, Plant

OLD, NEW = 300, 700


class Lost:
    """A plant that was restored from an old backup, and what others kept of it."""

    def __init__(self, plant: Plant, backups: Backups, chain: RecordingAnchorer) -> None:
        self.chain = chain
        self.entries = Meter().sign(NEW + 50)
        plant.admit(self.entries[:OLD])
        plant.integrate_all()
        anchor(plant, chain)
        self._copy = backups.take(plant.database)
        plant.admit(self.entries[OLD:NEW])
        plant.integrate_all()
        anchor(plant, chain)
        self.mirrored = MemoryLog(self.entries[:NEW])
        self._now = plant.now

    @contextmanager
    def restored(self) -> Iterator[Plant]:
        """Open the backup."""
        with Database(self._copy) as database:
            plant = Plant(database, anchorer=self.chain)
            plant.now = self._now
            yield plant


def anchor(plant: Plant, chain: RecordingAnchorer) -> None:
    """Anchor until final."""
    plant.pass_time(60_000)
    for _ in range(2):
        plant.anchoring.step(plant.now)
        chain.mine(3)
    plant.anchoring.step(plant.now)


def start(plant: Plant, *sources: LogSource, is_development: bool = False) -> Standing:
    """Do what a ledger does before it signs."""
    assert plant.anchorer is not None
    (checked,) = check_logs(
        plant.database.unit_of_work,
        plant.anchorer,
        now=plant.now,
        sources_of=lambda _log: sources,
        is_development=is_development,
    )
    return checked.standing


def recovery_of(plant: Plant) -> Recovery:
    """Make the recovery of a plant."""
    assert plant.anchorer is not None
    return Recovery(
        plant.database.unit_of_work,
        plant.anchorer,
        lambda _origin: plant.signer,
        readmit=readmit,
        receipts=plant.receipts,
        requests=plant.requests,
    )


@pytest.fixture
def lost(plant: Plant, backups: Backups, chain: RecordingAnchorer) -> Lost:
    """A log anchored at 700 whose database is back at 300."""
    return Lost(plant, backups, chain)


def test_a_sound_log_starts(plant: Plant, chain: RecordingAnchorer) -> None:
    """A log that has everything it anchored goes on."""
    plant.admit(Meter().sign(3))
    plant.integrate_all()
    anchor(plant, chain)

    assert start(plant) is Standing.UNCHANGED


def test_an_old_backup_is_noticed_and_signs_nothing(lost: Lost) -> None:
    """A log behind its anchor is recovering, and its sequencer refuses."""
    with lost.restored() as plant:
        assert start(plant) is Standing.BEHIND
        with pytest.raises(Frozen, match="recovering"):
            plant.integrate()


def test_a_mirror_tells_of_checkpoints_that_were_never_anchored(
    plant: Plant, backups: Backups
) -> None:
    """A backup from before a published checkpoint is behind, also without any anchor."""
    meter = Meter()
    plant.admit(meter.sign(3))
    plant.integrate_all()
    copy = backups.take(plant.database)
    plant.admit(meter.sign(3))
    plant.integrate_all()
    published = MemoryLog(plant.read_from_outside())
    with Database(copy) as database:
        restored = Plant(database, anchorer=plant.anchorer)

        assert start(restored, published.source()) is Standing.BEHIND
        with pytest.raises(Frozen):
            restored.integrate()


def test_a_mirror_that_knows_less_changes_nothing(plant: Plant) -> None:
    """A mirror may lag, be silent, or serve nonsense: none of it stops an honest log."""
    entries = Meter().sign(5)
    plant.admit(entries)
    plant.integrate_all()
    lagging, silent, broken = MemoryLog(entries[:2]), MemoryLog(), MemoryLog()
    silent.is_down = True
    broken.changed["checkpoint"] = b"nonsense"

    standing = start(plant, lagging.source(), silent.source(), broken.source())

    assert standing is Standing.CHANGED


def test_a_mirror_of_another_history_is_fatal(plant: Plant) -> None:
    """Another tree under our own signature is a fork, whoever shows it."""
    entries = Meter().sign(5)
    plant.admit(entries)
    plant.integrate_all()

    with pytest.raises(ForkDetected, match="a mirror holds another tree"):
        start(plant, MemoryLog(entries[1:]).source())


def test_a_mirror_brings_everything_back(lost: Lost) -> None:
    """With a mirror's tiles and entries the log is again what it was, signature for signature."""
    with lost.restored() as plant:
        start(plant)
        progress = recovery_of(plant).recover(
            plant.log.number, [lost.mirrored.source()], now=plant.now
        )

        assert progress.is_recovered
        assert plant.read_from_outside() == lost.entries[:NEW]
        assert plant.fetch("checkpoint").decode() == lost.mirrored.checkpoint()
        with plant.database.reading() as uow:
            assert fsck(uow, plant.log, anchorer=lost.chain).findings == []


def test_a_recovered_log_goes_on(lost: Lost) -> None:
    """After the recovery new entries are integrated and anchored as ever."""
    with lost.restored() as plant:
        start(plant)
        recovery_of(plant).recover(plant.log.number, [lost.mirrored.source()], now=plant.now)
        plant.admit(lost.entries[NEW:])
        plant.integrate_all()
        anchor(plant, lost.chain)

        assert plant.read_from_outside() == lost.entries
        assert lost.chain.anchored_sizes(plant.log.log_id) == [OLD, NEW, NEW + 50]


def test_gateways_bring_the_bytes(lost: Lost) -> None:
    """Where the mirror may not show entries, gateways send theirs in any order."""
    for path in ("tile/entries/001", "tile/entries/002.p/188"):
        lost.mirrored.changed[path] = None
    with lost.restored() as plant:
        start(plant)
        recovery = recovery_of(plant)
        sources = [lost.mirrored.source()]
        before = recovery.recover(plant.log.number, sources, now=plant.now)
        backwards = list(reversed(lost.entries))
        taken = recovery.offer(plant.log.number, backwards[:300], now=plant.now)
        between = recovery.recover(plant.log.number, sources, now=plant.now)
        recovery.offer(plant.log.number, backwards[300:], now=plant.now)
        after = recovery.recover(plant.log.number, sources, now=plant.now)

        assert before.missing == ((OLD, NEW),)
        assert taken == 250
        assert between.missing == ((OLD, 450),)
        assert after.is_recovered
        assert plant.read_from_outside() == lost.entries[:NEW]


def test_what_was_found_survives_a_restart(lost: Lost) -> None:
    """Bytes that were found once need not be found again after a crash."""
    with lost.restored() as plant:
        start(plant)
        lost.mirrored.changed["tile/entries/002.p/188"] = None
        recovery_of(plant).recover(plant.log.number, [lost.mirrored.source()], now=plant.now)
        lost.mirrored.changed = {"tile/entries/001": None}

        progress = recovery_of(plant).recover(
            plant.log.number, [lost.mirrored.source()], now=plant.now
        )

        assert progress.is_recovered


def test_entries_admitted_and_never_integrated_follow(lost: Lost) -> None:
    """What the backup had admitted beyond the lost range comes after it, once."""
    with lost.restored() as plant:
        plant.admit([*lost.entries[OLD : OLD + 2], *lost.entries[NEW : NEW + 3]])
        start(plant)
        recovery_of(plant).recover(plant.log.number, [lost.mirrored.source()], now=plant.now)

        assert plant.read_from_outside() == lost.entries[: NEW + 3]
        assert plant.integrate() is None


def test_a_signed_checkpoint_beyond_the_anchor_counts_too(
    plant: Plant, backups: Backups, chain: RecordingAnchorer
) -> None:
    """Entries of a checkpoint that was published and not yet anchored are part of the log."""
    lost = Lost(plant, backups, chain)
    mirrored = MemoryLog(lost.entries)
    with lost.restored() as restored:
        start(restored)
        recovery_of(restored).recover(
            restored.log.number,
            [lost.mirrored.source(), mirrored.source()],
            now=restored.now,
        )

        assert restored.read_from_outside() == lost.entries


def test_without_tiles_there_is_no_order(lost: Lost) -> None:
    """Entries alone say nothing about their order: nothing is integrated."""
    with lost.restored() as plant:
        start(plant)
        recovery = recovery_of(plant)

        with pytest.raises(EntriesMissing, match="no source has the hash tiles"):
            recovery.recover(plant.log.number, [], now=plant.now)
        assert recovery.offer(plant.log.number, lost.entries, now=plant.now) == 0


@pytest.mark.parametrize("cheat", ["another history", "too short", "another key", "nonsense"])
def test_a_source_that_does_not_lead_to_the_anchor_is_passed_over(lost: Lost, cheat: str) -> None:
    """Tiles are believed only if they lead to the anchored root and to a checkpoint of ours."""
    source = _cheating(lost, cheat)
    with lost.restored() as plant:
        start(plant)

        with pytest.raises(EntriesMissing):
            recovery_of(plant).recover(plant.log.number, [source], now=plant.now)


def test_an_honest_source_beside_a_cheating_one_is_enough(lost: Lost) -> None:
    """One source that leads to the anchor is enough, whatever the others say."""
    sources = [_cheating(lost, "another history"), lost.mirrored.source()]
    with lost.restored() as plant:
        start(plant)
        progress = recovery_of(plant).recover(plant.log.number, sources, now=plant.now)

        assert progress.is_recovered


def test_foreign_entries_are_not_taken(lost: Lost) -> None:
    """Bytes that are not missing are not stored, whoever offers them."""
    lost.mirrored.changed["tile/entries/002.p/188"] = None
    with lost.restored() as plant:
        start(plant)
        recovery = recovery_of(plant)
        recovery.recover(plant.log.number, [lost.mirrored.source()], now=plant.now)

        assert recovery.offer(plant.log.number, Meter(9).sign(3), now=plant.now) == 0


def test_a_real_mirror_is_a_source(
    plant: Plant, backups: Backups, chain: RecordingAnchorer, tmp_path: Path
) -> None:
    """The folder that a mirror keeps brings the log back."""
    folder = MirrorFolder(tmp_path / "mirror")
    lost = Lost(plant, backups, chain)
    Mirror(folder, LogSource("the log", plant.fetch), plant.signer.verifier).follow()
    with lost.restored() as restored:
        start(restored)
        recovery_of(restored).recover(restored.log.number, [folder.source()], now=restored.now)

        assert restored.read_from_outside() == lost.entries[:NEW]


def test_a_chain_that_forgot_a_final_anchor_is_fatal(
    plant: Plant, chain: RecordingAnchorer
) -> None:
    """A chain that lost what was final stops the ledger."""
    plant.admit(Meter().sign(3))
    plant.integrate_all()
    anchor(plant, chain)
    chain.reorganise(99, keep=False)

    with pytest.raises(ChainWentBack, match="size 3"):
        start(plant)


def test_a_development_chain_gets_its_anchor_again(plant: Plant, chain: RecordingAnchorer) -> None:
    """A development chain that lost its last blocks is sent the same transaction again."""
    plant.admit(Meter().sign(3))
    plant.integrate_all()
    anchor(plant, chain)
    chain.reorganise(99, keep=False)
    start(plant, is_development=True)
    plant.restart()
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)

    assert len(set(chain.sent)) == 1
    with plant.database.reading() as uow:
        newest = uow.anchors.newest(plant.log.number, final=True)
    assert newest is not None
    assert newest.block_hash == chain.blocks[1].block_hash


def test_another_root_on_the_chain_is_fatal_at_start(
    plant: Plant, chain: RecordingAnchorer
) -> None:
    """A ledger whose log contradicts its anchor does not start."""
    plant.admit(Meter().sign(3))
    plant.integrate_all()
    anchor(plant, chain)
    events = chain.blocks[1].anchored
    events[next(iter(events))] = [(plant.log.log_id, 3, bytes(32))]

    with pytest.raises(ForkDetected, match="another tree of 3 entries"):
        start(plant)


def test_the_state_is_active_again(lost: Lost) -> None:
    """A recovered log is active."""
    with lost.restored() as plant:
        start(plant)
        recovery_of(plant).recover(plant.log.number, [lost.mirrored.source()], now=plant.now)

        with plant.database.reading() as uow:
            assert uow.logs.get(plant.log.number).state is LogState.ACTIVE


def _cheating(lost: Lost, cheat: str) -> LogSource:
    cheater = MemoryLog(lost.entries[:NEW])
    if cheat == "another history":
        cheater.entries[OLD + 5] = lost.entries[NEW]
    elif cheat == "too short":
        cheater.shown = NEW - 1
    elif cheat == "another key":
        other = MemoryLog(lost.entries[:NEW], origin="other.example/log/91110000MA01ABCD8B")
        cheater.changed["checkpoint"] = other.checkpoint().encode()
    else:
        cheater.changed["tile/0/002.p/188"] = b"nonsense"
    return cheater.source()
