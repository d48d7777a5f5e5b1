"""What a mirror watches: anchors that are late or of another history, and broken promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.answers import Promise, encode_answer
from attestation.errors import VerificationError
from attestation.ids import parse_origin
from attestation.instants import Instant
from attestation.merkle import hash_leaf, root_hash
from ledger.log.mirror import AlertKind, Mirror
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.mirror_watch import MirrorWatch
from ledger.ports import LatestAnchor
from tests.fakes.memory_log import ORIGIN, MemoryLog
from tests.fakes.plant import Meter

DAY = 86_400_000
NOW = Instant(1_800_000_000_000)


class OneAnchor:
    """A chain that holds one checkpoint."""

    def __init__(self, anchor: LatestAnchor | None) -> None:
        self.anchor = anchor

    def latest(self, log_id: bytes, *, final: bool = False) -> LatestAnchor | None:
        """Give it."""
        assert log_id == parse_origin(ORIGIN).log_id
        assert final
        return self.anchor


def watch(log: MemoryLog, folder: Path, chain: OneAnchor | None = None) -> MirrorWatch:
    """Mirror a log and watch it."""
    mirror = Mirror(MirrorFolder(folder), log.source(), log.signer.verifier)
    mirror.follow()
    return MirrorWatch(
        mirror,
        log_id=parse_origin(ORIGIN).log_id,
        key=log.signer.key.public_key,
        chain=chain,
    )


def anchor_of(log: MemoryLog, size: int) -> LatestAnchor:
    """Give the anchor of a log's first entries."""
    return LatestAnchor(size, root_hash([hash_leaf(entry) for entry in log.entries[:size]]), 7)


def kinds_at(watched: MirrorWatch, now: int) -> list[AlertKind]:
    """Give what is alerted at a time."""
    return [alert.kind for alert in watched.check(now=Instant(now))]


def test_an_anchored_log_is_quiet(tmp_path: Path) -> None:
    """An anchor of the mirrored tree is no alert, at whatever size."""
    log = MemoryLog([b"a", b"b", b"c"])

    assert kinds_at(watch(log, tmp_path, OneAnchor(anchor_of(log, 2))), NOW) == []


def test_an_anchor_of_another_history_is_a_fork(tmp_path: Path) -> None:
    """An anchor whose root is not that of the mirrored entries is a fork, kept as evidence."""
    log = MemoryLog([b"a", b"b", b"c"])
    watched = watch(log, tmp_path, OneAnchor(anchor_of(MemoryLog([b"a", b"x"]), 2)))

    (alert,) = watched.check(now=NOW)

    assert alert.kind is AlertKind.FORK
    assert (tmp_path / "evidence" / (alert.evidence or "")).is_file()


def test_an_anchor_beyond_the_log_is_not_published(tmp_path: Path) -> None:
    """A chain that holds more than the log shows is an alert."""
    log = MemoryLog([b"a"])
    chain = OneAnchor(LatestAnchor(5, bytes(32), 7))

    assert kinds_at(watch(log, tmp_path, chain), NOW) == [AlertKind.NOT_PUBLISHED]


def test_a_checkpoint_that_waits_too_long_is_late(tmp_path: Path) -> None:
    """A size that is not anchored within a day of being seen is late, and not before."""
    log = MemoryLog([b"a", b"b"])
    watched = watch(log, tmp_path, OneAnchor(anchor_of(log, 1)))

    assert kinds_at(watched, NOW) == []
    assert kinds_at(watched, NOW + DAY) == []
    assert kinds_at(watched, NOW + DAY + 1) == [AlertKind.EVIDENCE_LATE]


def test_a_log_without_any_anchor_has_no_evidence(tmp_path: Path) -> None:
    """A log that is never anchored is missing its evidence."""
    watched = watch(MemoryLog([b"a"]), tmp_path, OneAnchor(None))
    watched.check(now=NOW)

    assert kinds_at(watched, NOW + DAY + 1) == [AlertKind.EVIDENCE_MISSING]


def test_a_late_anchor_ends_the_alert(tmp_path: Path) -> None:
    """Once the anchor comes, nothing is late any more."""
    log = MemoryLog([b"a", b"b"])
    chain = OneAnchor(None)
    watched = watch(log, tmp_path, chain)
    watched.check(now=NOW)
    chain.anchor = anchor_of(log, 2)

    assert kinds_at(watched, NOW + 2 * DAY) == []


def promise_of(log: MemoryLog, meter: Meter, first: int, last: int) -> bytes:
    """Sign a promise by the log."""
    promise = Promise(meter.key.public_key.kid, 0, ((first, last),), NOW)
    return encode_answer(promise, log.signer.key, ORIGIN)


def test_a_kept_promise_is_quiet(tmp_path: Path) -> None:
    """Messages that are in the log by their time were promised truly."""
    meter = Meter()
    log = MemoryLog(meter.sign(5))
    watched = watch(log, tmp_path)
    watched.expect(promise_of(log, meter, 0, 4))

    assert kinds_at(watched, NOW + 1) == []


def test_a_broken_promise_is_kept_as_evidence(tmp_path: Path) -> None:
    """A message that was promised and is not there is an alert with the signed promise."""
    meter = Meter()
    messages = meter.sign(5)
    log = MemoryLog([*messages[:2], *messages[3:]])
    watched = watch(log, tmp_path)
    promise = promise_of(log, meter, 0, 4)
    watched.expect(promise)

    (alert,) = watched.check(now=Instant(NOW + 1))

    assert alert.kind is AlertKind.BROKEN_PROMISE
    assert "messages 2 to 2" in alert.detail
    assert (tmp_path / "evidence" / (alert.evidence or "")).read_bytes() == promise


def test_a_promise_is_not_broken_before_its_time(tmp_path: Path) -> None:
    """Until the time it names, a promise is owed and nothing else."""
    meter = Meter()
    log = MemoryLog([b"\x7b"])
    watched = watch(log, tmp_path)
    watched.expect(promise_of(log, meter, 0, 4))

    assert kinds_at(watched, NOW) == []


def test_a_promise_by_somebody_else_is_refused(tmp_path: Path) -> None:
    """Only the log's own key promises for the log."""
    meter = Meter()
    log, other = MemoryLog([b"\x7b"]), MemoryLog(origin="other.example/log/91110000MA01ABCD8B")
    watched = watch(log, tmp_path)
    forged = encode_answer(
        Promise(meter.key.public_key.kid, 0, ((0, 1),), NOW), other.signer.key, ORIGIN
    )

    with pytest.raises(VerificationError):
        watched.expect(forged)
