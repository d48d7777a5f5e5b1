"""The small witness: every answer of C2SP tlog-witness, and no second history."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import pytest

from attestation.cosignatures import (
    AddCheckpointRequest,
    Cosigner,
    format_add_checkpoint,
    pick_cosignatures,
)
from attestation.instants import Instant
from attestation.keys import SoftwareKey
from attestation.merkle import consistency_proof
from attestation.notes import parse_note
from attestation.tiles import TileReader
from ledger.database import Database
from ledger.log.witness import NOTHING, Known, SmallWitness, WitnessStore
from ledger.log.witness_store import DatabaseWitnessStore
from ledger.ports import WitnessAnswer
from tests.fakes.memory_log import MemoryLog
from tests.fakes.witnesses import MemoryWitnessStore

NOW = Instant(1_800_000_000_000)
COSIGNER = Cosigner("witness.example", SoftwareKey.from_seed(bytes(range(32))))


def witness_of(*logs: MemoryLog, store: WitnessStore | None = None) -> SmallWitness:
    """Make a witness that knows some logs."""
    known = {log.signer.name: log.signer.verifier for log in logs}
    return SmallWitness(COSIGNER, known, store or MemoryWitnessStore())


def request(log: MemoryLog, old_size: int, size: int | None = None) -> str:
    """Make an honest request."""
    new_size = log.size if size is None else size
    tiles = log.tiles()
    reader = TileReader(lambda level, number, _width: tiles[level, number], len(log.entries))
    proof = consistency_proof(reader, old_size, new_size)
    note = log.checkpoint(new_size)
    return format_add_checkpoint(AddCheckpointRequest(old_size, tuple(proof), note))


def ask(witness: SmallWitness, *bodies: str) -> list[int]:
    """Send requests; give the statuses."""
    return [witness.answer(body, now=NOW).status for body in bodies]


def entries(count: int) -> Sequence[bytes]:
    """Make some entries."""
    return [f"entry {number}".encode() for number in range(count)]


def test_a_growing_log_is_cosigned() -> None:
    """Each checkpoint that extends the last one is cosigned, with the time."""
    log = MemoryLog(entries(20))
    witness = witness_of(log)
    ask(witness, request(log, 0, 7))

    answer = witness.answer(request(log, 7, 20), now=NOW)

    text = parse_note(log.checkpoint()).text
    (signature,) = pick_cosignatures(text, answer.body, [COSIGNER.verifier])
    assert answer.status == HTTPStatus.OK
    assert int.from_bytes(signature.blob[:8], "big") == 1_800_000_000


def test_the_same_checkpoint_is_cosigned_again() -> None:
    """A checkpoint may be confirmed."""
    log = MemoryLog(entries(5))

    assert ask(witness_of(log), request(log, 0), request(log, 5)) == [200, 200]


def test_a_log_may_begin_anywhere() -> None:
    """The first checkpoint of a log needs no proof, and an empty log has one."""
    log = MemoryLog(entries(5))

    assert ask(witness_of(log), request(log, 0, 0), request(log, 0)) == [200, 200]


def test_another_old_size_is_a_conflict_that_says_the_size() -> None:
    """A request from another size is answered with the size that is known."""
    log = MemoryLog(entries(9))
    witness = witness_of(log)
    ask(witness, request(log, 0, 5))

    assert witness.answer(request(log, 3), now=NOW) == WitnessAnswer(HTTPStatus.CONFLICT, "5\n")


def test_a_smaller_checkpoint_is_never_cosigned() -> None:
    """A log that goes back is told what it was."""
    log = MemoryLog(entries(9))
    witness = witness_of(log)
    ask(witness, request(log, 0, 9))

    assert ask(witness, request(log, 5, 7), request(log, 0, 3)) == [409, 409]


def test_a_fork_is_refused() -> None:
    """A checkpoint of another history has no proof, not even one that is valid for itself."""
    log, forked = MemoryLog(entries(9)), MemoryLog([b"another", *entries(9)[1:]])
    witness = witness_of(log)
    ask(witness, request(log, 0, 5))

    assert ask(witness, request(forked, 5)) == [422]


def test_another_root_for_the_same_size_is_refused() -> None:
    """Two roots of one size are never both cosigned."""
    log, forked = MemoryLog(entries(5)), MemoryLog([b"another", *entries(5)[1:]])
    witness = witness_of(log)
    ask(witness, request(log, 0))

    assert ask(witness, request(forked, 5)) == [422]


def test_a_proof_with_one_hash_too_many_is_refused() -> None:
    """A proof has one length."""
    log = MemoryLog(entries(9))
    witness = witness_of(log)
    ask(witness, request(log, 0, 5))
    body = request(log, 5).replace("old 5\n", "old 5\n" + "A" * 43 + "=\n")

    assert ask(witness, body) == [422]


def test_an_unknown_log_is_not_found() -> None:
    """A witness says nothing about logs it does not know."""
    log, other = MemoryLog(entries(1)), MemoryLog(entries(1), origin="other.example/log/x")

    assert ask(witness_of(log), request(other, 0)) == [404]


def test_a_checkpoint_without_the_logs_signature_is_forbidden() -> None:
    """Somebody else's signature over the log's checkpoint is none."""
    log, other = MemoryLog(entries(1)), MemoryLog(entries(1), origin="other.example/log/x")
    signature = other.checkpoint().split("\n\n")[1]
    body = request(log, 0).rpartition("\n\n")[0] + "\n\n" + signature

    assert ask(witness_of(log), body) == [403]


@pytest.mark.parametrize(
    "body", ["", "old 0\n", "old -1\n\nx\n", "old 00\n\nx\n\n— a b\n", "old 0\nzz\n\nx\n"]
)
def test_a_malformed_request_is_bad(body: str) -> None:
    """Anything that is no request is answered, and with 400."""
    assert ask(witness_of(MemoryLog()), body) == [400]


def test_an_old_size_above_the_new_is_bad() -> None:
    """A request may not claim to come from the future."""
    log = MemoryLog(entries(5))
    body = request(log, 0).replace("old 0\n", "old 6\n")

    assert ask(witness_of(log), body) == [400]


def test_what_is_known_moves_before_the_answer() -> None:
    """A witness whose store does not move does not cosign."""
    log = MemoryLog(entries(5))
    store = MemoryWitnessStore()
    store.refuses = True

    answer = witness_of(log, store=store).answer(request(log, 0), now=NOW)

    assert answer == WitnessAnswer(HTTPStatus.CONFLICT, "0\n")
    assert store.get(log.signer.name) == NOTHING


def test_of_two_requests_at_once_one_wins() -> None:
    """A request that was overtaken between look-up and store is told the new size."""
    log = MemoryLog(entries(9))
    store = MemoryWitnessStore()
    witness = witness_of(log, store=store)
    ask(witness, request(log, 0, 3))
    store.overtake = Known(7, bytes(32))

    assert witness.answer(request(log, 3), now=NOW) == WitnessAnswer(HTTPStatus.CONFLICT, "7\n")


class TestDatabaseStore:
    """The store in a database keeps what `WitnessStore` promises."""

    def test_it_remembers(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        """What is known survives a restart."""
        url = f"sqlite:///{tmp_path_factory.mktemp('witness')}/witness.sqlite"
        with Database(url) as database:
            first = DatabaseWitnessStore(database)
            assert first.get("log") == NOTHING
            assert first.replace("log", NOTHING, Known(3, b"3" * 32))

        with Database(url) as database:
            assert DatabaseWitnessStore(database).get("log") == Known(3, b"3" * 32)

    def test_only_one_of_two_replacements_succeeds(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Of two that expect the same, the second is refused, also for the first row."""
        url = f"sqlite:///{tmp_path_factory.mktemp('witness')}/witness.sqlite"
        with Database(url) as database:
            store = DatabaseWitnessStore(database)
            won = [
                store.replace("log", NOTHING, Known(3, b"3" * 32)),
                store.replace("log", NOTHING, Known(4, b"4" * 32)),
                store.replace("log", Known(3, b"3" * 32), Known(5, b"5" * 32)),
                store.replace("log", Known(3, b"3" * 32), Known(6, b"6" * 32)),
            ]

        assert won == [True, False, True, False]

    def test_logs_do_not_meet(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        """What is known of one log says nothing of another."""
        url = f"sqlite:///{tmp_path_factory.mktemp('witness')}/witness.sqlite"
        with Database(url) as database:
            store = DatabaseWitnessStore(database)
            store.replace("log", NOTHING, Known(3, b"3" * 32))

            assert store.get("other") == NOTHING
