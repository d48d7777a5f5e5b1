"""Proofs from tiles, on both databases, checked by the standard's definitions and by ours."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest

from attestation.merkle import hash_leaf, verify_consistency, verify_inclusion, verify_range
from attestation.tiles import parse_tile_path
from ledger.errors import NotIntegrated
from ledger.log.proving import LogProver
from ledger.log.tile_cache import TileCache
from tests.fakes.outside import leaf_hash, tree_hash
from tests.fakes.plant import Meter, Plant
from tests.integration.ledger.log.databases import module_database

SIZE = 600


@pytest.fixture(scope="module")
def entries() -> list[bytes]:
    """The entries of the log."""
    return Meter().sign(SIZE)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)]
)
def proved(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, entries: list[bytes]
) -> Iterator[Plant]:
    """A log with checkpoints at 100, 300 and 600, on each database; tests only read it."""
    with module_database(request, tmp_path_factory) as database:
        plant = Plant(database)
        for start, end in ((0, 100), (100, 300), (300, SIZE)):
            plant.admit(entries[start:end])
            plant.integrate_all()
        yield plant


@pytest.mark.parametrize("index", [0, 1, 254, 255, 256, 511, 512, 599])
def test_an_entry_is_proved(proved: Plant, entries: list[bytes], index: int) -> None:
    """An inclusion proof leads from the entry's bytes to the root a stranger computes."""
    with proved.database.reading() as uow:
        found = LogProver(uow, proved.log).entry(index)

    assert found.entry.content == entries[index]
    verify_inclusion(
        leaf_hash(entries[index]),
        index=index,
        size=SIZE,
        root=tree_hash([leaf_hash(entry) for entry in entries]),
        proof=found.proof,
    )


def test_an_entry_is_proved_under_an_earlier_checkpoint(
    proved: Plant, entries: list[bytes]
) -> None:
    """A proof may lead to any checkpoint that covers the entry."""
    with proved.database.reading() as uow:
        checkpoint = uow.checkpoints.get(proved.log.number, 300)
        found = LogProver(uow, proved.log).entry(7, checkpoint=checkpoint)

    assert found.checkpoint.size == 300
    verify_inclusion(
        leaf_hash(entries[7]),
        index=7,
        size=300,
        root=found.checkpoint.root,
        proof=found.proof,
    )


def test_a_message_is_found_by_its_numbers(proved: Plant, entries: list[bytes]) -> None:
    """Key, epoch and sequence lead to the entry."""
    kid = Meter().key.public_key.kid
    with proved.database.reading() as uow:
        prover = LogProver(uow, proved.log)

        assert prover.message(kid, 0, 345).entry.content == entries[345]


@pytest.mark.parametrize(("epoch", "sequence"), [(0, SIZE), (1, 0)])
def test_an_unknown_message_is_not_integrated(proved: Plant, epoch: int, sequence: int) -> None:
    """Numbers that nothing was admitted under lead nowhere."""
    with proved.database.reading() as uow, pytest.raises(NotIntegrated, match="no message"):
        LogProver(uow, proved.log).index_of(Meter().key.public_key.kid, epoch, sequence)


def test_an_admitted_message_is_not_yet_integrated(plant: Plant) -> None:
    """A message that waits for its batch has no index."""
    meter = Meter(7)
    plant.admit(meter.sign(1))
    with plant.database.reading() as uow, pytest.raises(NotIntegrated):
        LogProver(uow, plant.log).index_of(meter.key.public_key.kid, 0, 0)


@pytest.mark.parametrize(("old", "new"), [(0, 600), (100, 300), (255, 257), (300, 300), (1, 600)])
def test_growth_is_proved(proved: Plant, entries: list[bytes], old: int, new: int) -> None:
    """A consistency proof leads between roots that a stranger computes."""
    leaves = [leaf_hash(entry) for entry in entries]
    with proved.database.reading() as uow:
        proof = LogProver(uow, proved.log).consistency(old, new)

    verify_consistency(
        old_size=old,
        old_root=tree_hash(leaves[:old]),
        new_size=new,
        new_root=tree_hash(leaves[:new]),
        proof=proof,
    )


@pytest.mark.parametrize(("start", "end"), [(0, 600), (0, 1), (255, 257), (100, 400), (599, 600)])
def test_a_range_is_proved(proved: Plant, entries: list[bytes], start: int, end: int) -> None:
    """One proof places all entries of a range."""
    with proved.database.reading() as uow:
        prover = LogProver(uow, proved.log)
        proved_range = prover.range(start, end)
        contents = [entry.content for entry in prover.entries(start, end)]

    assert contents == entries[start:end]
    verify_range(
        [hash_leaf(entry) for entry in contents],
        start=start,
        end=end,
        size=SIZE,
        root=proved_range.checkpoint.root,
        proof=proved_range.proof,
    )


@pytest.mark.parametrize("size", [0, 1, 100, 256, 511, 600])
def test_the_root_of_any_size_is_known(proved: Plant, entries: list[bytes], size: int) -> None:
    """Roots of sizes without a checkpoint follow from tiles."""
    with proved.database.reading() as uow:
        root = LogProver(uow, proved.log).root(size)

    assert root == tree_hash([leaf_hash(entry) for entry in entries[:size]])


def test_nothing_is_proved_beyond_the_newest_checkpoint(proved: Plant) -> None:
    """Sizes, ranges, entries and tiles beyond the checkpoint are not there."""
    with proved.database.reading() as uow:
        prover = LogProver(uow, proved.log)
        for attempt in (
            lambda: prover.entry(SIZE),
            lambda: prover.consistency(1, SIZE + 1),
            lambda: prover.consistency(5, 3),
            lambda: prover.range(3, 3),
            lambda: prover.range(0, SIZE + 1),
            lambda: prover.root(SIZE + 1),
            lambda: prover.resource(parse_tile_path("tile/0/002.p/89")),
            lambda: prover.resource(parse_tile_path("tile/entries/003.p/1")),
            lambda: prover.resource(parse_tile_path("tile/2/000.p/1")),
        ):
            with pytest.raises(NotIntegrated):
                attempt()


def test_a_log_without_checkpoints_proves_nothing(proved: Plant) -> None:
    """Without any checkpoint there is nothing to prove towards."""
    with proved.database.unit_of_work() as uow:
        origin = "ledger.example/log/91310000MA1FL5E865"
        log = uow.logs.add(
            log_id=sha256(b"x").digest(), origin=origin, usc="x", vkey="x", opened_at=proved.now
        )
        with pytest.raises(NotIntegrated, match="no checkpoint yet"):
            LogProver(uow, log)


def test_an_old_partial_tile_is_still_served(proved: Plant, entries: list[bytes]) -> None:
    """A tile at the width of an earlier checkpoint is the beginning of the later one."""
    with proved.database.reading() as uow:
        tile = LogProver(uow, proved.log).resource(parse_tile_path("tile/0/000.p/100"))

    assert tile == b"".join(leaf_hash(entry) for entry in entries[:100])


def test_a_shared_cache_changes_nothing(proved: Plant) -> None:
    """Proofs with a cache are those without, also when it is too small."""
    cache = TileCache(capacity=1)
    with proved.database.reading() as uow:
        with_cache = LogProver(uow, proved.log, cache=cache)
        without = LogProver(uow, proved.log)
        indexes = [0, 599, 300, 0, 255, 256]

        assert [with_cache.entry(at).proof for at in indexes] == [
            without.entry(at).proof for at in indexes
        ]
