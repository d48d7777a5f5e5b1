"""Acts of others on their way to the chain, through crashes and reorganisations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from attestation.enums import OperationState
from attestation.instants import Instant
from ledger.database import Database
from ledger.errors import StorageConflict
from ledger.relay.relaying import Relaying
from ledger.repositories.operations import NewOperation, Operation
from tests.fakes.relay import SENDER, Away, MemoryRelay

NOW = Instant(1_740_000_000_000)
DEADLINE_S = 1_740_000_100
NEW = NewOperation(
    digest=b"d" * 32,
    act="InventoryDraft",
    contract="InventoryRegistry",
    address=b"c" * 20,
    call_data=b"call",
    fields={"nonce": "1"},
    deadline_s=DEADLINE_S,
    sender=SENDER,
)
OTHER = replace(NEW, digest=b"e" * 32, call_data=b"other")


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database; the way of an act is tested on both kinds."""
    with Database(sqlite_url) as opened:
        yield opened


@pytest.fixture
def relay() -> MemoryRelay:
    """A chain on which a block is final at once."""
    return MemoryRelay()


@pytest.fixture
def relaying(database: Database, relay: MemoryRelay) -> Relaying:
    """What carries acts to it."""
    return Relaying(database.unit_of_work, database.reading, relay)


def queue(database: Database, new: NewOperation = NEW, now: Instant = NOW) -> Operation:
    """Hand an act in."""
    with database.unit_of_work() as uow:
        queued = uow.operations.queue(new, now=now)
        uow.commit()
    return queued


def found(database: Database, new: NewOperation = NEW) -> Operation:
    """Load an operation."""
    with database.reading() as uow:
        operation = uow.operations.by_digest(new.digest)
    assert operation is not None
    return operation


def after(seconds: int) -> Instant:
    """Give a later time."""
    return Instant(NOW + seconds * 1000)


def test_act_is_sent_included_and_final(database_url: str, relay: MemoryRelay) -> None:
    """Each state is seen on the way; on both databases."""
    with Database(database_url) as opened:
        _follow_an_act(opened, relay, Relaying(opened.unit_of_work, opened.reading, relay))


def _follow_an_act(database: Database, relay: MemoryRelay, relaying: Relaying) -> None:
    relay.depth = 2
    states = [queue(database).state]
    relaying.step(NOW)
    states.append(found(database).state)
    relay.mine()
    relaying.step(after(1))
    states.append(found(database).state)
    relay.mine(2)
    relaying.step(after(2))
    states.append(found(database).state)

    assert states == [
        OperationState.QUEUED,
        OperationState.SENT,
        OperationState.INCLUDED,
        OperationState.FINAL,
    ]
    assert found(database).block_number == 1


def test_same_act_twice_is_one_operation(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """Handing in again neither sends again nor begins anew."""
    first = queue(database)
    relaying.step(NOW)
    again = queue(database, now=after(1))
    relaying.step(after(1))

    assert (again.number, again.state) == (first.number, OperationState.SENT)
    assert len(relay.sent) == 1


def test_raw_transaction_is_stored_before_it_is_sent(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """A process that died between the two sends the same bytes, once."""
    queue(database)
    relay.loses = True
    relaying.step(NOW)
    stored = found(database).raw_tx
    relay.loses = False
    relaying.step(after(1))
    relay.mine()
    relaying.step(after(2))

    assert set(relay.sent) == {stored}
    assert found(database).state is OperationState.FINAL
    assert relay.next_nonce() == 1


def test_one_transaction_is_on_its_way(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """The second act waits for the first's block, and takes the next nonce."""
    queue(database)
    queue(database, OTHER)
    relaying.step(NOW)
    relaying.step(after(1))
    assert found(database, OTHER).state is OperationState.QUEUED
    relay.mine()
    relaying.step(after(2))

    assert (found(database).nonce, found(database, OTHER).nonce) == (0, 1)
    assert found(database, OTHER).state is OperationState.SENT


def test_act_that_the_contract_refuses(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """Nothing is sent or paid, and the contract's reason is kept."""
    queue(database)
    relay.refusing.add(b"call")
    relaying.step(NOW)
    failed = found(database)

    assert (failed.state, failed.error_code) == (OperationState.FAILED, "chain.reverted")
    assert failed.error is not None
    assert "Registry_StateDiffers" in failed.error
    assert relay.sent == []


def test_refused_act_is_handed_in_again(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """What failed begins anew, with the signatures that come now."""
    queue(database)
    relay.refusing.add(b"call")
    relaying.step(NOW)
    again = queue(database, replace(NEW, call_data=b"signed anew"), after(1))
    relaying.step(after(1))
    relay.mine()
    relaying.step(after(2))

    assert (again.state, again.error) == (OperationState.QUEUED, None)
    assert found(database).state is OperationState.FINAL
    assert relay.sent == [b"0/1/signed anew"]


def test_act_that_fails_in_its_block(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """The state may have moved between the estimate and the block."""
    queue(database)
    relaying.step(NOW)
    relay.failing.add(b"call")
    relay.mine()
    relaying.step(after(1))
    failed = found(database)

    assert (failed.state, failed.block_number) == (OperationState.FAILED, 1)
    assert failed.error == "Registry_Late in block 1"
    assert queue(database, now=after(2)).block_number is None


def test_act_past_its_deadline_is_not_sent(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """The first second after the deadline is too late; the last one is not."""
    queue(database)
    queue(database, replace(OTHER, deadline_s=DEADLINE_S + 1))
    relaying.step(Instant((DEADLINE_S + 1) * 1000))
    relaying.step(Instant((DEADLINE_S + 1) * 1000))

    assert found(database).error_code == "signing.expired"
    assert found(database, OTHER).state is OperationState.SENT


def test_act_that_somebody_else_has_sent(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """It is final when it is final there, and nobody pays twice."""
    queue(database)
    relay.used[NEW.digest] = None
    relaying.step(NOW)
    assert found(database).state is OperationState.QUEUED
    relay.used[NEW.digest] = True
    relaying.step(after(60))

    assert found(database).state is OperationState.FINAL
    assert relay.sent == []


def test_reorganised_act_is_sent_again(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """An included act whose block went away is not included any more."""
    relay.depth = 3
    queue(database)
    relaying.step(NOW)
    relay.mine()
    relaying.step(after(1))
    relay.reorganise()
    relaying.step(after(2))
    assert (found(database).state, found(database).block_number) == (OperationState.SENT, None)
    relay.mine(4)
    relaying.step(after(3))

    assert found(database).state is OperationState.FINAL
    assert len(set(relay.sent)) == 1


def test_act_that_does_not_get_in_pays_more(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """The same call, the same nonce, and never both."""
    queue(database)
    relaying.step(NOW)
    relaying.step(after(61))
    relay.pool = relay.pool[-1:]
    relay.mine()
    relaying.step(after(62))

    assert relay.sent == [b"0/1/call", b"0/2/call"]
    assert found(database).state is OperationState.FINAL


def test_nonce_that_a_stranger_took(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """The act is queued again and gets another nonce."""
    queue(database)
    relaying.step(NOW)
    relay.pool, relay.taken = [], 1
    relaying.step(after(1))
    relaying.step(after(3))
    relay.mine()
    relaying.step(after(4))

    assert found(database).nonce == 1
    assert found(database).state is OperationState.FINAL


def test_node_that_is_away_loses_nothing(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """The act stays queued until a node answers."""
    queue(database)
    relay.is_away = True
    with pytest.raises(Away):
        relaying.step(NOW)
    relay.is_away = False
    relaying.step(after(1))

    assert found(database).state is OperationState.SENT


def test_two_workers_do_not_move_one_operation(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """Whoever comes second is told."""
    queued = queue(database)
    relaying.step(NOW)
    with database.unit_of_work() as uow, pytest.raises(StorageConflict):
        uow.operations.move(queued, OperationState.FAILED, now=NOW)


@pytest.mark.parametrize("steps", [0, 1])
def test_act_of_an_account_that_is_no_more(
    database: Database, relay: MemoryRelay, relaying: Relaying, steps: int
) -> None:
    """Queued or sent by a lost account, it is handed in again and goes by the new one."""
    lost = MemoryRelay(account=b"\x0b" * 20, loses=True)
    queue(database, replace(NEW, sender=lost.sender))
    for _ in range(steps):
        Relaying(database.unit_of_work, database.reading, lost).step(NOW)
    again = queue(database, now=after(1))
    relaying.step(after(1))
    relay.mine()
    relaying.step(after(2))

    assert (again.sender, again.nonce) == (SENDER, None)
    assert found(database).state is OperationState.FINAL


def test_operations_of_another_account_are_left_alone(
    database: Database, relay: MemoryRelay, relaying: Relaying
) -> None:
    """One nonce owner each."""
    queue(database, replace(NEW, sender=b"\x0b" * 20))
    relaying.step(NOW)

    assert relay.sent == []
