"""
Eleven frauds, each *nearly right*, and the check that catches each.

A fraud is tried on the running ledger with real keys; what comes back decides whether it was
caught, and nothing here decides it beforehand.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from api.bootstrap import Ledger
from api.demo.office import EnterpriseOffice
from api.demo.plant import YEAR_END
from attestation.enums import GapState, Outcome, Provenance, SignerKind
from attestation.errors import Error
from attestation.ids import ZERO_HASH
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.key_bodies import EpochClosing
from attestation.keys import SoftwareKey
from attestation.merkle import CompactRange, consistency_proof, hash_leaf
from attestation.messages import SignedMessage, sign_message
from attestation.readings import Reading
from attestation.series_bodies import Calibration, Instrument, SeriesRegistration
from attestation.tree_hash import hash_children
from ledger.database import Database
from ledger.log.decisions import Admitted, Decision, Duplicate, Equivocal, Refused, Submission
from ledger.log.fsck import fsck
from ledger.log.marks import Mark
from ledger.log.summing import sums
from ledger.ports import AnchorTarget

SERIES: Final = "probe-1/active-energy/export/"
_COAL: Final = "unit-1-coal/mass/amount/"
_QUARTER_S: Final = 900
_ONE_THOUSAND: Final = b"\x19\x03\xe8"
"""1000 in CBOR."""
_HOUR_MS: Final = 3_600_000
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Caught:
    """How one fraud ended."""

    name: str
    chinese: str
    tried: str
    by: str
    """The check that caught it, or what was seen instead."""
    held: bool
    """True where the fraud was caught."""


class Rogue:
    """A device whose owner does not play fair; its key is genuine."""

    def __init__(self, origin: str) -> None:
        self.key = SoftwareKey.generate()
        self._origin = origin
        self.epoch = 0
        self.sequence = 0
        self.previous: bytes = ZERO_HASH

    def sign(self, reading: Reading, at: Instant, *, keeps_place: bool = False) -> SignedMessage:
        """Sign one reading as the next message; with `keeps_place` the next one takes the place."""
        message = sign_message(
            [reading],
            signer=self.key,
            origin=self._origin,
            epoch=self.epoch,
            sequence=self.sequence,
            previous=self.previous,
            signed_at=at,
            provenance=Provenance.LIVE,
            signer_kind=SignerKind.DEVICE,
        )
        if not keeps_place:
            self.sequence += 1
            self.previous = message.message_id
        return message


class Frauds:
    """
    Tries every fraud.

    Args:
        ledger: The ledger.
        office: The enterprise, which enrols the rogue devices and revokes one.
        folder: Where a copy of the database may be damaged.
    """

    def __init__(self, ledger: Ledger, office: EnterpriseOffice, folder: Path) -> None:
        self._ledger = ledger
        self._office = office
        self._folder = folder
        self._slots = 0
        self._now = ledger.clock.now()
        self._base_s = self._now // MILLISECONDS_PER_SECOND // _QUARTER_S * _QUARTER_S - _DAY_S
        self.first, self.second, self.third = (Rogue(office.log.origin) for _ in range(3))

    def prepare(self) -> None:
        """Enrol three devices of one instrument, as an enterprise with spare keys might."""
        office = self._office
        office.record(_instrument(self._base_s), "instrument probe-1")
        office.record(_series(self._base_s - 30 * _DAY_S), f"series {SERIES}")
        office.record(_calibration(self._base_s), "calibration of probe-1")
        office.settle()
        for name, rogue in (
            ("probe-a", self.first),
            ("probe-b", self.second),
            ("probe-c", self.third),
        ):
            office.enrol(rogue.key, name, [SERIES], SignerKind.DEVICE)
        office.settle()

    def try_all(self) -> list[Caught]:
        """Try every fraud, in an order in which each finds what it needs."""
        tries: Sequence[Callable[[], Caught]] = (
            self.tampered,
            self.replayed,
            self.omitted,
            self.back_dated,
            self.double_interval,
            self.equivocation,
            self.tail_dropped,
            self.revoked,
            self.out_of_calibration,
            self.edited_database,
            self.rewritten_log,
        )
        return [attempt() for attempt in tries]

    def tampered(self) -> Caught:
        """Change one byte of a signed value."""
        message = self.first.sign(self._reading(value=1000), self._at(), keeps_place=True)
        changed = bytearray(message.encoded)
        changed[message.encoded.index(_ONE_THOUSAND) + 2] ^= 1  # 1000 Wh become 1001 Wh
        decision = self._admit(bytes(changed))
        self._admit(self.first.sign(self._reading(), self._at()).encoded)
        return _refused(
            "tampered reading", "篡改读数", "one byte of a signed value changed", decision
        )

    def replayed(self) -> Caught:
        """Send an admitted message a second time."""
        message = self.first.sign(self._reading(), self._at())
        first, second = self._admit(message.encoded), self._admit(message.encoded)
        held = isinstance(first, Admitted) and isinstance(second, Duplicate)
        by = "the same (key, epoch, sequence): the first answer again, counted once"
        return Caught("replayed message", "重放消息", "a genuine message sent twice", by, held)

    def omitted(self) -> Caught:
        """Sign a message and keep it back."""
        hidden = self.first.sign(self._reading(), self._at())
        self._admit(self.first.sign(self._reading(), self._at()).encoded)
        self._office.settle()
        gaps = self._open_gaps(self.first)
        held = any(start <= hidden.header.sequence < end for start, end in gaps)
        by = f"a gap in the sequence: message {hidden.header.sequence} is missing, and shown"
        return Caught("omitted reading", "漏报读数", "one signed message kept back", by, held)

    def back_dated(self) -> Caught:
        """Report an interval of last week as if it had just been measured."""
        old = self._reading(end_s=self._base_s - 7 * _DAY_S)
        decision = self._admit(self.first.sign(old, self._at(), keeps_place=True).encoded)
        tried = "an interval of last week signed as live today"
        return _refused("back-dated reading", "倒签读数", tried, decision)

    def double_interval(self) -> Caught:
        """Report one interval of one series under two keys."""
        reading = self._reading()
        self._admit(self.first.sign(reading, self._at()).encoded)
        self._admit(self.second.sign(reading, self._at()).encoded)
        self._office.settle()
        with self._ledger.database.reading() as uow:
            total = sums(uow, self._office.log, SERIES, [reading.start_s, reading.end_s])[0]
        held = total.count == 0 and total.missing_s == _QUARTER_S
        by = "a conflict of intervals: neither reading counts until a signed correction"
        return Caught("double interval", "重复时段", "one interval under two keys", by, held)

    def equivocation(self) -> Caught:
        """Sign two different values under one number."""
        small = self.second.sign(self._reading(value=1), self._at(), keeps_place=True)
        large = self.second.sign(self._reading(value=2), self._at())
        self._admit(small.encoded)
        decision = self._admit(large.encoded)
        by = "equivocation: both messages are kept as one piece of evidence, neither counts"
        return Caught(
            "two truths",
            "双重签名",
            "two values under one sequence number",
            by,
            isinstance(decision, Equivocal),
        )

    def tail_dropped(self) -> Caught:
        """Drop the last messages of an epoch, where nothing later shows the hole."""
        self._admit(self.third.sign(self._reading(), self._at()).encoded)
        dropped = [self.third.sign(self._reading(), self._at()) for _ in range(2)]
        last = dropped[-1]
        self._office.record(
            EpochClosing(
                kid=self.third.key.public_key.kid,
                closed_epoch=0,
                last_sequence=last.header.sequence,
                last_message=last.message_id,
                reason="planned change of epoch",
            ),
            "epoch closed",
        )
        self._office.settle()
        gaps = self._open_gaps(self.third)
        held = any(end > last.header.sequence for _, end in gaps)
        by = f"the rotation record names message {last.header.sequence}; the tail is an open gap"
        return Caught("dropped tail", "截断尾部", "the last two messages never sent", by, held)

    def revoked(self) -> Caught:
        """Sign with a key that was revoked."""
        self._office.revoke(self.third.key)
        self._office.settle()
        self.third.epoch, self.third.sequence = 1, 0
        decision = self._admit(self.third.sign(self._reading(), self._at()).encoded)
        return _refused(
            "revoked key", "吊销密钥", "a message signed after the key was revoked", decision
        )

    def out_of_calibration(self) -> Caught:
        """Count on a belt scale whose certificate has expired."""
        end_s = YEAR_END // MILLISECONDS_PER_SECOND
        with self._ledger.database.reading() as uow:
            month = sums(uow, self._office.log, _COAL, [end_s - 31 * _DAY_S, end_s])[0]
        marked = month.marked.get(Mark.OUT_OF_CALIBRATION, 0)
        held = marked == month.count > 0
        by = (
            f"no certificate covers December: {marked} readings are marked, for a conservative rule"
        )
        return Caught(
            "expired calibration", "校准过期", "a month weighed by an uncalibrated scale", by, held
        )

    def edited_database(self) -> Caught:
        """Change an admitted row, with the guard removed, in a copy of the database."""
        copy = self._folder / "edited.sqlite"
        url = self._ledger.settings.database.url.get_secret_value()
        source, target = sqlite3.connect(url.removeprefix("sqlite:///")), sqlite3.connect(copy)
        source.backup(target)
        source.close()
        guarded = _edit(target, "UPDATE message SET content = x'00'")
        _drop_guards(target)
        row, content = target.execute(
            "SELECT admission_id, content FROM message WHERE kind = 0 LIMIT 1"
        ).fetchone()
        changed = content[:-1] + bytes([content[-1] ^ 1])
        target.execute("UPDATE message SET content = ? WHERE admission_id = ?", (changed, row))
        target.commit()
        target.close()
        with Database(f"sqlite:///{copy}") as database, database.reading() as uow:
            report = fsck(uow, self._office.log)
        held = guarded and report.outcome() is Outcome.FAILED
        found = report.findings[0].resource if report.findings else "nothing"
        by = f"the table refuses it; with its guard removed, fsck names {found}"
        return Caught("edited database", "改库", "the operator edits one admitted byte", by, held)

    def rewritten_log(self) -> Caught:
        """Rewrite history: another log that differs in one entry, with proofs valid for it."""
        with self._ledger.database.reading() as uow:
            size = uow.heads.get(self._office.log.number).size
            leaves = [
                hash_leaf(each.content)
                for each in uow.entries.between(self._office.log.number, 0, size)
            ]
        latest = self._ledger.chain.anchorer.latest(self._office.log.log_id)
        if latest is None:
            return Caught(
                "rewritten log", "改写日志", "a fork", "nothing was anchored yet", held=False
            )
        leaves[latest.size // 2] = sha256(b"another history").digest()
        leaves.append(sha256(b"one more").digest())
        tree = CompactRange()
        tree.append_many(leaves)
        proof = consistency_proof(_Leaves(leaves), latest.size, len(leaves))
        fork = AnchorTarget(self._office.log.log_id, len(leaves), tree.root(), tuple(proof))
        try:
            nonce = self._ledger.chain.anchorer.next_nonce()
            self._ledger.chain.anchorer.prepare([fork], nonce=nonce)
        except Error as error:
            by = f"the contract refuses the fork: {error.message.split('(')[0].strip()}"
            return Caught(
                "rewritten log", "改写日志", "a fork with proofs valid for it", by, held=True
            )
        return Caught("rewritten log", "改写日志", "a fork", "the chain took it", held=False)

    def _reading(self, *, end_s: int | None = None, value: int = 5) -> Reading:
        self._slots += 1
        end = self._base_s + self._slots * _QUARTER_S if end_s is None else end_s
        return Reading(series=SERIES, end_s=end, interval_s=_QUARTER_S, value=value, unit="Wh")

    def _at(self) -> Instant:
        return Instant(max(self._ledger.clock.now(), self._now))

    def _admit(self, content: bytes) -> Decision:
        submission = Submission(content, log=self._office.log.number)
        return self._ledger.admission.admit([submission], now=self._ledger.clock.now())[0]

    def _open_gaps(self, rogue: Rogue) -> list[tuple[int, int]]:
        with self._ledger.database.reading() as uow:
            found = uow.gaps.sequence_gaps(self._office.log.number, states=[GapState.OPEN])
        kid = rogue.key.public_key.kid
        return [(each.gap.start, each.gap.end) for each in found if each.kid == kid]


class _Leaves:
    """Complete subtrees of a list of leaf hashes."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append(
                [hash_children(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
            )

    def node(self, level: int, index: int) -> bytes:
        """Give the root of a complete subtree of 2**level leaves."""
        return self._levels[level][index]


def _refused(name: str, chinese: str, tried: str, decision: Decision) -> Caught:
    if isinstance(decision, Refused):
        return Caught(name, chinese, tried, f"admission: {decision.code}", held=True)
    return Caught(name, chinese, tried, f"it was taken: {decision}", held=False)


def _edit(connection: sqlite3.Connection, statement: str) -> bool:
    """Say whether the database refuses a statement."""
    try:
        connection.execute(statement)
    except sqlite3.DatabaseError:
        return True
    return False


def _drop_guards(connection: sqlite3.Connection) -> None:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f'DROP TRIGGER "{name}"')


def _instrument(at_s: int) -> Instrument:
    return Instrument(
        instrument="probe-1",
        kind="electricity meter (电能表)",
        maker="simulated",
        model="simulated",
        serial_number="SIM-probe-1",
        accuracy_class="0.5",
        place="workshop",
        installer="示例安装公司",
        installed_s=at_s - 40 * _DAY_S,
    )


def _series(since_s: int) -> SeriesRegistration:
    return SeriesRegistration(
        series=SERIES,
        unit="Wh",
        cadence_s=_QUARTER_S,
        heartbeat_s=_DAY_S,
        since_s=since_s,
        minimum=0,
        maximum=10**12,
    )


def _calibration(at_s: int) -> Calibration:
    return Calibration(
        instrument="probe-1",
        certificate_number="CAL-probe-1",
        laboratory="示例计量检测院",
        from_s=at_s - 40 * _DAY_S,
        to_s=at_s + 300 * _DAY_S,
        accuracy_class="0.5",
    )
