"""The full check on both databases: clean logs are clean, and each damage has its finding."""

from __future__ import annotations

import pytest

from attestation.enums import Outcome
from ledger.log.fsck import fsck
from ledger.log.fsck_report import Check, Report, State
from ledger.log.fsck_signatures import SerialSignatures
from tests.fakes.anchorer import RecordingAnchorer
from tests.fakes.faulty import Fault, FaultyAnchorer
from tests.fakes.plant import Meter, Plant
from tests.fakes.vandal import Vandal


def check(plant: Plant, *, with_chain: bool = False) -> Report:
    """Check the plant's log."""
    with plant.database.reading() as uow:
        return fsck(
            uow, uow.logs.get(plant.log.number), anchorer=plant.anchorer if with_chain else None
        )


def found(report: Report) -> list[tuple[Check, str, State]]:
    """Give what was found, without the words."""
    return [(finding.check, finding.resource, finding.state) for finding in report.findings]


@pytest.fixture
def grown(plant: Plant) -> Plant:
    """A log of 600 entries in several batches: two full tiles and a partial one."""
    for meter in (Meter(0), Meter(1), Meter(2)):
        plant.admit(meter.sign(200))
        plant.integrate_all()
    return plant


@pytest.fixture
def vandal(grown: Plant) -> Vandal:
    """Somebody with the rights of the database's owner."""
    return Vandal(grown.database)


def test_a_sound_log_is_held(grown: Plant) -> None:
    """A log nobody touched has no finding, and everything was looked at."""
    report = check(grown)

    assert report.findings == []
    assert report.outcome() is Outcome.HELD
    assert report.looked_at[Check.ENTRIES] == 600
    assert report.looked_at[Check.CHECKPOINTS] == 4
    assert report.looked_at[Check.MESSAGES] == 600


def test_an_empty_log_is_held(plant: Plant) -> None:
    """A log without entries is sound."""
    assert check(plant).outcome() is Outcome.HELD


def test_a_full_tile_boundary_is_held(plant: Plant) -> None:
    """A log of exactly 256 entries has no partial tile at level 0 and is sound."""
    plant.admit(Meter().sign(256))
    plant.integrate_all()

    assert check(plant).findings == []


@pytest.mark.parametrize("index", [0, 255, 256, 511, 512, 599])
def test_an_edited_entry_is_found(grown: Plant, vandal: Vandal, index: int) -> None:
    """One changed byte of one entry is one finding, in full and in partial tiles."""
    content = _content(grown, index)
    edited = content[:-1] + bytes([content[-1] ^ 1])
    vandal.execute(
        "UPDATE message SET content = :edited WHERE admission_id ="
        ' (SELECT admission_id FROM entry WHERE "index" = :index)',
        edited=edited,
        index=index,
    )

    report = check(grown)

    assert (Check.ENTRIES, f"entry {index}", State.CHANGED) in found(report)
    assert {finding.resource for finding in report.findings} == {f"entry {index}"}


def test_a_deleted_message_is_found(grown: Plant, vandal: Vandal) -> None:
    """An entry whose bytes are gone is missing, and nothing else is damaged."""
    vandal.execute(
        "DELETE FROM message WHERE admission_id ="
        ' (SELECT admission_id FROM entry WHERE "index" = 300)'
    )

    assert found(check(grown)) == [(Check.ENTRIES, "entry 300", State.MISSING)]


def test_a_deleted_entry_is_found(grown: Plant, vandal: Vandal) -> None:
    """An index without a row is missing."""
    vandal.execute('DELETE FROM entry WHERE "index" = 599')

    assert found(check(grown)) == [(Check.ENTRIES, "entry 599", State.MISSING)]


def test_swapped_entries_are_found(grown: Plant, vandal: Vandal) -> None:
    """Two entries that changed places are both found, with where they belong."""
    _swap(grown, vandal, 255, 256)

    report = check(grown)

    assert found(report) == [
        (Check.ENTRIES, "entry 255", State.CHANGED),
        (Check.ENTRIES, "entry 256", State.CHANGED),
    ]


def test_reordered_entries_say_where_they_belong(grown: Plant, vandal: Vandal) -> None:
    """Entries that were put in another order within a tile name their place."""
    _swap(grown, vandal, 10, 11)

    assert "belong to entry 11" in check(grown).findings[0].detail


@pytest.mark.parametrize(("level", "number"), [(0, 0), (0, 2), (1, 0)])
def test_a_changed_tile_is_found(grown: Plant, vandal: Vandal, level: int, number: int) -> None:
    """A tile whose hash was changed is found as the tile, not as its entries."""
    with grown.database.reading() as uow:
        tile = uow.tiles.get(grown.log.number, level, number) or b""
    vandal.execute(
        "UPDATE tile SET hashes = :junk WHERE level = :level AND number = :number",
        junk=bytes([tile[0] ^ 1]) + tile[1:],
        level=level,
        number=number,
    )

    assert (Check.TILES, f"tile {level}/{number}", State.CHANGED) in found(check(grown))


def test_a_deleted_tile_is_found(grown: Plant, vandal: Vandal) -> None:
    """A tile that is gone is missing."""
    vandal.execute("DELETE FROM tile WHERE level = 0 AND number = 1")

    assert found(check(grown)) == [(Check.TILES, "tile 0/1", State.MISSING)]


def test_an_extra_tile_is_found(grown: Plant, vandal: Vandal) -> None:
    """A tile that the tree does not have is one too many."""
    vandal.execute(
        "INSERT INTO tile (log_number, level, number, hashes) VALUES (1, 2, 0, :junk)",
        junk=bytes(32),
    )

    assert found(check(grown)) == [(Check.TILES, "tile 2/0", State.EXTRA)]


def test_an_extra_entry_is_found(grown: Plant, vandal: Vandal) -> None:
    """An entry beyond the head has no place."""
    vandal.execute('INSERT INTO entry (log_number, "index", admission_id) VALUES (1, 600, 1)')

    assert found(check(grown)) == [(Check.ENTRIES, "entry 600", State.EXTRA)]


def test_a_changed_checkpoint_is_found(grown: Plant, vandal: Vandal) -> None:
    """A checkpoint row with another root contradicts its entries and its own note."""
    vandal.execute("UPDATE checkpoint SET root = :junk WHERE size = 400", junk=bytes(32))

    assert set(found(check(grown))) == {(Check.CHECKPOINTS, "checkpoint 400", State.CHANGED)}


def test_a_changed_note_is_found(grown: Plant, vandal: Vandal) -> None:
    """A checkpoint whose note was changed is not signed by the log."""
    with grown.database.reading() as uow:
        newest = uow.checkpoints.newest(grown.log.number)
    assert newest is not None
    vandal.execute(
        "UPDATE checkpoint SET note = :note WHERE size = 600",
        note=newest.note.replace("\n600\n", "\n601\n"),
    )

    assert found(check(grown)) == [(Check.CHECKPOINTS, "checkpoint 600", State.UNSIGNED)]


def test_a_deleted_checkpoint_of_the_head_is_found(grown: Plant, vandal: Vandal) -> None:
    """A head without its checkpoint is found."""
    vandal.execute("DELETE FROM checkpoint WHERE size = 600")

    assert found(check(grown)) == [(Check.CHECKPOINTS, "checkpoint 600", State.MISSING)]


def test_a_changed_head_is_found(grown: Plant, vandal: Vandal) -> None:
    """A head with another root is not the entries'."""
    vandal.execute("UPDATE head SET root = :junk", junk=bytes(32))

    assert found(check(grown)) == [(Check.HEAD, "head", State.CHANGED)]


def test_a_changed_message_key_is_found(grown: Plant, vandal: Vandal) -> None:
    """Numbers that are kept for another message are found."""
    vandal.execute(
        "UPDATE message_key SET message_id = :junk WHERE sequence = 7 AND kid = :kid",
        junk=bytes(32),
        kid=Meter(1).key.public_key.kid,
    )

    assert found(check(grown)) == [(Check.MESSAGES, "entry 207", State.CHANGED)]


def test_a_message_that_stands_twice_is_found(plant: Plant) -> None:
    """Two entries of one epoch and sequence are a conflict, also when the tree is sound."""
    messages = Meter().sign(3)
    plant.admit(messages)
    with plant.database.unit_of_work() as uow:
        again = uow.messages.draw_ids(1)[0]
        kind = uow.messages.after(plant.log.number, 0, limit=1)[0].kind
        uow.messages.add(plant.log.number, [(again, kind, messages[1])], received_at=plant.now)
        uow.commit()
    plant.integrate_all()

    assert found(check(plant)) == [(Check.MESSAGES, "entry 3", State.CONFLICTING)]


def test_gaps_are_counted_and_no_damage(plant: Plant) -> None:
    """A missing sequence number is a note, not a finding."""
    messages = Meter().sign(10)
    plant.admit(messages[:3] + messages[5:])
    plant.integrate_all()

    report = check(plant)

    assert report.findings == []
    assert report.notes["missing sequence numbers"] == 2
    assert report.notes["sequence gaps"] == 1


def test_a_message_without_a_key_record_is_found(grown: Plant) -> None:
    """With signatures checked, a message needs a record that enrols its key."""
    with grown.database.reading() as uow:
        report = fsck(uow, grown.log, signatures=SerialSignatures(grown.log.origin))

    assert report.found[Check.SIGNATURES] == 600
    assert report.findings[0].state is State.UNSIGNED


def test_an_operator_who_rewrites_everything_is_found(
    plant: Plant, chain: RecordingAnchorer
) -> None:
    """A log that was rewritten from entries to checkpoint still contradicts its anchor."""
    messages = Meter().sign(20)
    plant.admit(messages)
    plant.integrate_all()
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)
    _rewrite(plant, [*messages[:7], *messages[8:]])

    report = check(plant, with_chain=True)

    assert {finding.check for finding in report.findings} == {Check.CHAIN}
    assert report.outcome() is Outcome.FAILED


def test_an_unreachable_chain_is_not_a_failure(grown: Plant, chain: RecordingAnchorer) -> None:
    """Without a node the chain could not be checked, and the report says just that."""
    grown.anchorer = _gone(chain)

    report = check(grown, with_chain=True)

    assert report.outcome() is Outcome.COULD_NOT_CHECK
    assert report.to_json()["outcome"] == "could_not_check"


def _swap(plant: Plant, vandal: Vandal, first: int, second: int) -> None:
    with plant.database.reading() as uow:
        entries = uow.entries.many(plant.log.number, [first, second])
    for index, other in ((first, second), (second, first)):
        vandal.execute(
            'UPDATE entry SET admission_id = :other WHERE "index" = :index',
            other=entries[other].admission_id,
            index=index,
        )


def _content(plant: Plant, index: int) -> bytes:
    with plant.database.reading() as uow:
        return uow.entries.get(plant.log.number, index).content


def _rewrite(plant: Plant, entries: list[bytes]) -> None:
    """Replace the whole log by another one, as an operator with the log key can."""
    vandal = Vandal(plant.database)
    log = ("entry", "tile", "checkpoint", "message_key", "message", "head")
    for table in ("anchor", "outbox", *log, "log"):
        vandal.execute(f"DELETE FROM {table}")
    rewritten = Plant(plant.database, anchorer=plant.anchorer)
    rewritten.admit(entries)
    rewritten.integrate_all()
    plant.log = rewritten.log


def _gone(chain: RecordingAnchorer) -> RecordingAnchorer:

    return FaultyAnchorer(chain, Fault(at=1, has_effect=False))
