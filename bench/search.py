"""Search: one query, indexing, and whom of thousands a caller reaches, on both databases."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from api.auth.authorising import Authoriser
from api.auth.policy import Action
from api.auth.principals import Principal, Proof, Role
from attestation.instants import Instant
from bench.measuring import Row, Say, percentile
from ledger import migrations
from ledger.database import Database
from ledger.repositories.logs import LogNumber
from ledger.repositories.parties import Party
from ledger.repositories.searching import Item, Search
from ledger.search.kinds import ItemKind
from ledger.search.searching import search
from ledger.search.words import words_of
from tests.fakes.clock import FixedClock
from tests.support.access import CITY, put_case, register
from tests.support.database import start_cluster, stop_cluster

_QUERIES = 200
_BATCH = 500
_NOW = Instant(1_800_000_000_000)
_PLACES = ("锅炉房", "汽机房", "升压站", "皮带秤", "脱硫塔", "烟气排口")
_ENTERPRISES = 500
_REPORTING = 4_000
"""Enterprises that a search may meet."""


def run(say: Say, *, quick: bool) -> list[Row]:
    """Index made-up instruments of many enterprises, and look for some of them."""
    size = 5_000 if quick else 200_000
    rows: list[Row] = []
    for name, place in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with place() as database:
            migrations.upgrade(database.engine)
            rows += _measure(say, name, database, size)
            rows += _reach(say, name, database, 500 if quick else _REPORTING)
    return rows


def _reach(say: Say, name: str, database: Database, count: int) -> list[Row]:
    """Ask which of many enterprises an authority reaches: at once, and one after the other."""
    say(f"registering {count} enterprises on {name}")
    codes = [_code(number) for number in range(count)]
    register(database, CITY)
    for number, code in enumerate(codes):
        # Two cases each, one of them in the city's area for every second enterprise.
        for unit, area in (("1", 350_211 if number % 2 else 110_101), ("2", 110_101)):
            put_case(
                database,
                block=number % 255 + 1,
                inventory_id=sha256(f"{code} {unit}".encode()).digest(),
                usc=code,
                unit_code=unit,
                area=area,
                regulator=None,
            )
    party = Party(CITY.party_id, CITY.kind, CITY.code, True)
    areas = (CITY.area or 0,)
    caller = Principal(Proof.WALLET, Role.CITY, "0x", party=party, areas=areas)
    authoriser = Authoriser(database, FixedClock(_NOW))
    rows = []
    for way, ask in (
        ("at once", lambda: authoriser.reached(caller, Action.READ_INVENTORIES, codes)),
        (
            "one after the other",
            lambda: [
                each for each in codes if authoriser.may(caller, Action.READ_INVENTORIES, usc=each)
            ],
        ),
    ):
        begun = time.perf_counter()
        reached = ask()
        taken = (time.perf_counter() - begun) * 1000
        what = f"whom of {count:,} enterprises a city reaches, {way}, {name}"
        rows.append(Row(what, taken, "ms", remark=f"{len(reached):,} of them"))
    return rows


def _measure(say: Say, name: str, database: Database, size: int) -> list[Row]:
    say(f"indexing {size} things on {name}")
    begun = time.perf_counter()
    for first in range(0, size, _BATCH):
        with database.unit_of_work() as uow:
            for number in range(first, min(first + _BATCH, size)):
                uow.search.put(*_indexed(number))
            uow.commit()
    rate = size / (time.perf_counter() - begun)
    rows = [Row(f"indexing on {name}", rate, "items/s", remark="20 words each")]
    rng = random.Random(size)
    for what, words in (
        ("a serial number", lambda: f"SN-{rng.randrange(size):08d}"),
        ("a hash", lambda: _hash(rng.randrange(size))),
        ("two Chinese words and a number", lambda: f"{rng.randrange(9)}号{rng.choice(_PLACES)}"),
        ("the beginning of a number", lambda: f"SN-{rng.randrange(size):08d}"[:8]),
    ):
        say(f"looking for {what} on {name}")
        times = [_query(database, words()) for _ in range(_QUERIES)]
        rows.append(
            Row(
                f"search for {what}, {size:,} items, {name}, p95",
                percentile(times, 95),
                "ms",
                remark=f"p50 {percentile(times, 50):.2f} ms, with counts; one of {_ENTERPRISES}"
                " enterprises' things is visible in ten",
            )
        )
    return rows


def _query(database: Database, words: str) -> float:
    visible = tuple(_code(number) for number in range(0, _ENTERPRISES, 10))
    begun = time.perf_counter()
    with database.reading() as uow:
        search(uow, Search(words=words, enterprises=visible), limit=50, now=_NOW)
    return (time.perf_counter() - begun) * 1000


def _indexed(number: int) -> tuple[Item, frozenset[bytes]]:
    place = f"{number % 9}号{_PLACES[number % len(_PLACES)]}"
    title = f"electricity meter 电能表 {place}"
    code, leaf = _code(number % _ENTERPRISES), _hash(number)
    item = Item(
        kind=ItemKind.INSTRUMENT,
        key=leaf,
        title=title,
        at=_NOW,
        enterprise=code,
        log=LogNumber(1),
        entry_index=number,
        body={"type": "instrument"},
    )
    return item, words_of(title, code, leaf, f"SN-{number:08d}", "DTZ341 a maker 0.2S")


def _code(number: int) -> str:
    return f"9135{number:014d}"


def _hash(number: int) -> str:
    return sha256(number.to_bytes(8, "big")).hexdigest()


@contextmanager
def _sqlite() -> Iterator[Database]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Database(f"sqlite:///{Path(folder) / 'bench.sqlite'}") as database,
    ):
        yield database


@contextmanager
def _postgresql() -> Iterator[Database]:
    folder = Path(tempfile.mkdtemp(prefix="carbonseal-bench-"))
    cluster = start_cluster(folder)
    try:
        cluster.execute("CREATE DATABASE bench")
        with Database(cluster.url("bench")) as database:
            yield database
    finally:
        stop_cluster(cluster)
        shutil.rmtree(folder, ignore_errors=True)
