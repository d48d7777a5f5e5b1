"""
Every statement of every operation fails once, in two ways, and the gateway starts again.

`before`: the statement has no effect and the process dies. `after`: it has its effect and is
reported as failed. Whatever happens, the chain has no gap and no second message of a number, every
message that left is on disk, and no interval is signed twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attestation.answers import parse_answer
from attestation.epochs import verify_chain
from attestation.errors import Error
from attestation.ids import ZERO_HASH
from attestation.instants import Instant
from attestation.keys import SoftwareKey
from attestation.messages import SignedMessage, parse_message
from devices.answering import Answering
from devices.rotation import hand_over, open_next_epoch, recover_chain
from devices.signer_state import Batch, SignerState
from tests.support.gateway import ORIGIN, Gateway, MemoryLog, message_ids, reading, time_of

NOW = time_of(10)
LAST = 400


class FaultyConnection(sqlite3.Connection):
    """A connection whose n-th statement fails, and none works after it."""

    countdown: int | None = None
    after = False
    dead = False

    def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        """Run a statement, or fail."""
        cls = type(self)
        if cls.dead:
            raise sqlite3.OperationalError("the process is dead")
        if cls.countdown is None or statement.startswith("PRAGMA"):
            return super().execute(statement, *parameters)
        cls.countdown -= 1
        if cls.countdown >= 0:
            return super().execute(statement, *parameters)
        cls.dead = True
        if cls.after:
            super().execute(statement, *parameters)
        raise sqlite3.OperationalError("injected")


@pytest.fixture
def connection_class() -> type[FaultyConnection]:
    """A class of its own for each test, so that no fault outlives it."""
    return type("Faulty", (FaultyConnection,), {})


Operation = Callable[[Gateway, MemoryLog, list[SignedMessage]], None]


def sign_two(gateway: Gateway, _log: MemoryLog, left: list[SignedMessage]) -> None:
    """Sign two messages, one of a file."""
    batches = [Batch((reading(2), reading(3))), Batch((reading(4),), source="file", position=1)]
    left += gateway.state.sign_and_keep(batches, now=NOW).messages


def next_epoch(gateway: Gateway, _log: MemoryLog, left: list[SignedMessage]) -> None:
    """Open the next epoch and sign in it."""
    open_next_epoch(gateway.store, gateway.outbox, gateway.state.kid, "reset")
    left += gateway.sign(5)


def next_key(gateway: Gateway, _log: MemoryLog, left: list[SignedMessage]) -> None:
    """Hand the chain over to another key, and sign with it."""
    key = SoftwareKey.from_seed(b"n" * 32)
    hand_over(gateway.store, gateway.state.kid, key.public_key.kid, "rotated")
    successor = SignerState(gateway.store, gateway.outbox, key, ORIGIN)
    left += successor.sign_and_keep([Batch((reading(5),))], now=NOW).messages


def recover(gateway: Gateway, log: MemoryLog, left: list[SignedMessage]) -> None:
    """Open a new epoch after the newest message the ledger holds, as if the tail were lost."""
    gateway.store.execute("UPDATE signer SET next_sequence = 1")
    recover_chain(gateway.store, log.receipt_for(log.entries[-1]), ORIGIN)
    left += gateway.sign(5)


def take_answers(gateway: Gateway, log: MemoryLog, _left: list[SignedMessage]) -> None:
    """Apply a promise, a refusal, a receipt and what follows from them."""
    answering = Answering(gateway.store, gateway.outbox)
    refused = parse_message(log.entries[1], origin=log.origin)
    for content in (
        log.promise(gateway.state.kid, 0, 0, 1, NOW),
        log.refusal(refused),
        log.receipt(log.entries[0]),
    ):
        answer = parse_answer(content, origin=log.origin, key=log.key.public_key)
        answering.apply(answer, content, NOW)
    answering.settle_promises(Instant(NOW + 10**9))
    gateway.outbox.forget(Instant(NOW + 10**13))


def send(gateway: Gateway, log: MemoryLog, _left: list[SignedMessage]) -> None:
    """Send, defer and send again."""
    messages = [parse_message(entry, origin=log.origin) for entry in log.entries]
    gateway.outbox.mark_sent(message_ids(messages), NOW)
    gateway.outbox.defer(message_ids(messages), "no_subscriber", NOW)
    gateway.outbox.send_again(gateway.state.kid, 0, 0, NOW)
    gateway.outbox.send_unanswered_again(NOW)
    gateway.outbox.due(NOW, live_limit=10, backlog_limit=10)


OPERATIONS: tuple[Operation, ...] = (sign_two, next_epoch, next_key, recover, take_answers, send)


def broken_at_every_statement(
    folder: Path, connection_class: type[FaultyConnection], operation: Operation
) -> Iterator[tuple[Gateway, MemoryLog, list[SignedMessage]]]:
    """Give the gateway as it starts again after each fault, until the operation survives."""
    for number in range(LAST):
        gateway = Gateway(folder / f"{number}.db", connection_class=connection_class).begin()
        log = MemoryLog()
        left = gateway.sign(0) + gateway.sign(1)
        log.integrate([message.encoded for message in left])
        connection_class.countdown, connection_class.dead = number, False
        try:
            operation(gateway, log, left)
        except Error:
            survived = False
        else:
            survived = True
        connection_class.countdown, connection_class.dead = None, False
        gateway.restart()
        yield gateway, log, left
        gateway.close()
        if survived:
            assert number > 3, "hardly anything was injected"
            return
    pytest.fail(f"{LAST} statements and no end")


def stored_chain(gateway: Gateway) -> list[SignedMessage]:
    """Give everything on disk, in the order of the chain."""
    rows = gateway.store.fetch("SELECT content FROM message ORDER BY epoch, sequence")
    return [parse_message(content, origin=str(ORIGIN)) for (content,) in rows]


def check(gateway: Gateway, left: list[SignedMessage]) -> None:
    """Check the whole from outside."""
    chain = verify_chain(stored_chain(gateway))
    assert set(message_ids(left)) <= set(message_ids(chain))
    readings = [each for message in chain for each in message.readings]
    assert len({each.end_s for each in readings}) == len(readings)
    for kid, epoch, next_sequence, previous in gateway.store.fetch(
        "SELECT kid, epoch, next_sequence, previous FROM signer WHERE closed IS NULL"
    ):
        last = gateway.outbox.stored(kid, epoch, next_sequence - 1)
        assert next_sequence == 0 or (last is not None and last.message_id == previous)
        assert gateway.outbox.stored(kid, epoch, next_sequence) is None
        assert next_sequence > 0 or previous != ZERO_HASH


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("operation", [sign_two, next_epoch, next_key])
def test_chain_survives_every_fault(
    tmp_path: Path,
    connection_class: type[FaultyConnection],
    operation: Operation,
    after: bool,
) -> None:
    """After each fault the chain on disk is whole, and holds everything that left."""
    connection_class.after = after
    for gateway, _, left in broken_at_every_statement(tmp_path, connection_class, operation):
        check(gateway, left)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_readings_are_signed_once_after_every_fault(
    tmp_path: Path, connection_class: type[FaultyConnection], after: bool
) -> None:
    """The meter gives its readings again after the restart; each is signed exactly once."""
    connection_class.after = after
    for gateway, log, left in broken_at_every_statement(tmp_path, connection_class, sign_two):
        sign_two(gateway, log, left)
        check(gateway, left)

        assert sum(len(message.readings) for message in stored_chain(gateway)) == 5
        assert gateway.state.progress("file") == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_recovery_survives_every_fault(
    tmp_path: Path, connection_class: type[FaultyConnection], after: bool
) -> None:
    """A recovery that failed can be repeated, and the new epoch follows the ledger's newest."""
    connection_class.after = after
    for gateway, log, _ in broken_at_every_statement(tmp_path, connection_class, recover):
        position = gateway.state.position()
        newest = parse_message(log.entries[-1], origin=log.origin)

        assert (position.epoch, position.previous) in {
            (0, newest.message_id),
            (1, newest.message_id),
        } or position.next_sequence > 0


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("operation", [take_answers, send])
def test_outbox_survives_every_fault(
    tmp_path: Path,
    connection_class: type[FaultyConnection],
    operation: Operation,
    after: bool,
) -> None:
    """After each fault a message is in the outbox or among the dead letters, never nowhere."""
    connection_class.after = after
    for gateway, log, left in broken_at_every_statement(tmp_path, connection_class, operation):
        operation(gateway, log, left)
        letters = Answering(gateway.store, gateway.outbox).dead_letters()
        dead = {letter.message_id for letter in letters}
        kept = set(message_ids(stored_chain(gateway)))

        assert not dead & kept
        if operation is send:
            assert kept == set(message_ids(left))
        else:
            assert dead == {left[1].message_id}
            assert kept == set()
