"""Several admitters at once, and processes that are killed in the middle."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from random import Random

import pytest

from attestation.instants import MILLISECONDS_PER_DAY
from ledger.database import Database
from ledger.errors import CheckingInterrupted
from ledger.log.checkers import PooledChecker, SerialChecker
from ledger.log.checking import Candidate
from ledger.log.decisions import Admitted, Decision, Duplicate
from ledger.log.devices import load_key_table
from tests.support.enterprise import OTHER_USC, Device, Enterprise, reading


def admit_at_once(
    enterprises: Sequence[Enterprise], batches: Sequence[list[bytes]]
) -> list[list[Decision]]:
    """Let each enterprise's admission decide about a batch, all at the same time."""
    results: list[list[Decision]] = [[] for _ in batches]
    start = threading.Barrier(len(batches))

    def run(place: int) -> None:
        start.wait()
        results[place] = enterprises[place].admit(*batches[place])

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(batches))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_admitters_store_each_message_once(enterprise: Enterprise, device: Device) -> None:
    """The same messages by two ways at once: one is first, the other a duplicate."""
    messages = [each.encoded for each in device.row(60)]
    other = Enterprise(enterprise.database)
    shuffled = Random(3).sample(messages, len(messages))
    results = admit_at_once(
        [enterprise, other, enterprise, other],
        [messages[:40], messages[20:], shuffled[:30], shuffled[30:]],
    )
    decisions = [each for result in results for each in result]
    admitted = [each for each in decisions if isinstance(each, Admitted)]

    assert len({each.admission_id for each in admitted}) == len(admitted)
    assert {type(each) for each in decisions} == {Admitted, Duplicate}
    with enterprise.database.reading() as uow:
        stored = [each.content for each in uow.messages.stream(enterprise.log.number)]
    assert len(stored) == len(set(stored))


def test_two_statements_at_once_make_one_proof(enterprise: Enterprise, device: Device) -> None:
    """Whoever is second finds the first, however close they come."""
    other = Enterprise(enterprise.database)
    first = device.sign(reading(0)).encoded
    second = Device().sign(reading(0, value=9)).encoded
    results = admit_at_once([enterprise, other], [[first], [second]])
    kinds = sorted(type(result[0]).__name__ for result in results)

    assert kinds == ["Admitted", "Equivocal"]


def test_batches_of_two_logs_do_not_block_each_other_for_ever(database: Database) -> None:
    """Logs are locked in one order, whatever the order of the messages."""
    ours, theirs = Enterprise(database), Enterprise(database, usc=OTHER_USC)
    one, two = Device(), Device(name="em-02", origin=theirs.origin)
    ours.enrol(one)
    theirs.enrol(two)
    for _ in range(5):
        mixed = [one.sign().encoded, two.sign().encoded]
        more = [two.sign().encoded, one.sign().encoded]
        results = admit_at_once([ours, theirs], [mixed, more])

        assert all(isinstance(each, Admitted) for result in results for each in result)


def _admit_until_killed(url: str, batches: list[list[bytes]], pipe: Connection) -> None:
    """Admit batches and report each one after its commit, as an ingester acknowledges."""
    with Database(url) as database:
        enterprise = Enterprise(database)
        for batch in batches:
            enterprise.admit(*batch)
            pipe.send(len(batch))


@pytest.mark.parametrize("after", [1, 3, 6])
def test_killed_ingester_loses_nothing_it_acknowledged(
    enterprise: Enterprise, device: Device, database_url: str, after: int
) -> None:
    """After kill -9 every acknowledged message is there, and the rest is admitted again."""
    messages = [each.encoded for each in device.row(80)]
    batches = [messages[at : at + 8] for at in range(0, 80, 8)]
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_admit_until_killed, args=(database_url, batches, sender), daemon=True
    )
    process.start()
    acknowledged = sum(receiver.recv() for _ in range(after))
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    decisions = _admit_when_free(enterprise, messages)

    assert all(isinstance(each, Duplicate) for each in decisions[:acknowledged])
    assert all(isinstance(each, Admitted | Duplicate) for each in decisions)
    with enterprise.database.reading() as uow:
        stored = [
            each.content
            for each in uow.messages.stream(enterprise.log.number)
            if each.content[0] == 0xD2
        ]
    assert stored == messages


def _admit_when_free(enterprise: Enterprise, messages: list[bytes]) -> list[Decision]:
    time.sleep(0.2)  # a server notices a killed client when it next writes to it
    return enterprise.admit(*messages)


def test_workers_find_what_one_process_finds(enterprise: Enterprise, device: Device) -> None:
    """Good, refused and garbage: the results are the same, in order."""
    contents = [each.encoded for each in device.row(600)]
    contents[5] = contents[5][:-1] + b"\0"
    contents[300] = device.sign(reading(700, value=-1)).encoded
    with enterprise.database.reading() as uow:
        table = load_key_table(uow)
    candidates = [Candidate(each) for each in contents]
    serial = SerialChecker().start(candidates, table, now=enterprise.now).results()
    with PooledChecker(2) as checker:
        pooled = checker.start(candidates, table, now=enterprise.now).results()

    assert pooled == serial


def test_workers_get_the_newest_keys(enterprise: Enterprise) -> None:
    """A key enrolled while they run is known to them at once."""
    with PooledChecker(2) as checker:
        pooled = Enterprise(enterprise.database, checker=checker)
        first, second = Device(), Device(name="em-02", series=("em-02/energy/total/",))
        pooled.enrol(first)
        pooled.pass_time(5 * MILLISECONDS_PER_DAY)
        before = pooled.admit(first.sign(), second.sign())
        pooled.file(pooled.registration("em-02/energy/total/"))
        pooled.file(pooled.enrolment(second))
        after = pooled.admit(*first.row(300), *second.row(2))

    assert isinstance(before[0], Admitted)
    assert not isinstance(before[1], Admitted)
    assert all(isinstance(each, Admitted) for each in after)


def test_dead_worker_interrupts_and_is_replaced(enterprise: Enterprise, device: Device) -> None:
    """Nothing was decided; the batch is done again by new workers."""
    with PooledChecker(1) as checker:
        pooled = Enterprise(enterprise.database, checker=checker)
        pooled.admit(device.sign())
        _kill_workers(checker)
        message = device.sign()
        with pytest.raises(CheckingInterrupted, match="died"):
            pooled.admit(message)
        decisions = pooled.admit(message)

    assert isinstance(decisions[0], Admitted)


def _kill_workers(checker: PooledChecker) -> None:
    for process in list(checker._pool._processes.values()):
        os.kill(process.pid, signal.SIGKILL)
        process.join()
