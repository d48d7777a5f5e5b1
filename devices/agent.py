"""
The gateway's loop: measure, sign and keep, publish, hear the answers; several meters, one process.

Each step is durable before the next begins, so the process may be killed anywhere:

1. measure: a meter gives readings, and gives them again until it is told to forget;
2. sign and keep: one transaction; intervals signed before are left out;
3. publish: what the outbox says is due, live messages first, the backlog at a controlled rate;
4. hear: answers are verified with the pinned log key, applied to the outbox, then acknowledged.

When the outbox is full measuring stops, and goes on when the ledger has caught up. A key whose
state is behind the ledger's, or that somebody else uses, signs nothing more; the others go on.

Source: DESIGN section 3; FORMATS sections 1 and 6.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from attestation.errors import Error, Retry
from attestation.ids import Kid, MessageId
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from devices.clock_offset import ClockOffset
from devices.connection import ConnectionState
from devices.courier import Courier
from devices.errors import BrokerUnavailable, OutboxFull, SignerStateError, WindowFull
from devices.hearing import Hearing
from devices.measuring import Line
from devices.outbox import BACKLOG_LANE, Outbox, OutboxStatus
from devices.session import PublishOutcome
from devices.signer_state import SignerState

NOT_ENDED: Final = "meter.interval_not_ended"
ALREADY_SIGNED: Final = "meter.already_signed"
_HOUSEKEEPING_MS: Final = 10_000


class ReceiptSource(Protocol):
    """Where the newest receipt of a key can be asked for, besides the broker."""

    def fetch_receipt(self, kid: Kid) -> bytes | None:
        """Give the signed bytes of the newest receipt, or None where it cannot be had."""


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """Rates of the loop."""

    interval_s: float = 1.0
    """Pause between two rounds."""
    backlog_per_s: int = 50
    """Messages of the backlog sent in a second; live messages are not counted."""
    listen_s: float = 2.0
    """How long to listen for queued answers before the first signature."""


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """What an operator sees of a gateway."""

    connection: ConnectionState
    outbox: OutboxStatus
    clock_offset: ClockOffset | None
    measuring_stopped: bool
    """The outbox is full: meters are not read."""
    problems: dict[str, str]
    """Code of the present problem of each meter or file that has one, by name."""
    halted_keys: dict[str, str]
    """Code of what stopped a key for good, by the first characters of its id."""


class Agent:
    """
    One gateway.

    Args:
        publisher: The courier to the ledger; the agent starts and stops it.
        outbox: Where messages are kept.
        hearing: What answers do.
        lines: Meters and files with their keys.
        clock: Gives the time.
        receipts: Another way to the newest receipts, where there is one.
        settings: Rates of the loop.
    """

    def __init__(
        self,
        *,
        publisher: Courier,
        outbox: Outbox,
        hearing: Hearing,
        lines: Sequence[Line],
        clock: Callable[[], Instant],
        receipts: ReceiptSource | None = None,
        settings: AgentSettings | None = None,
    ) -> None:
        self._publisher = publisher
        self._outbox = outbox
        self._hearing = hearing
        self._lines = tuple(lines)
        self._clock = clock
        self._receipts = receipts
        self._settings = settings or AgentSettings()
        self._halted: dict[Kid, Error] = {}
        self._problems: dict[str, str] = {}
        self._full = False
        self._backlog_at: Instant | None = None
        self._backlog_allowance = 0
        self._tidied_at: Instant | None = None

    def start(self) -> None:
        """
        Check every key's state against the last receipt that can be had, and begin to connect.

        Besides `receipts`, the broker's queue is listened to, and the newest message of each
        key is sent again: the ledger answers it with all it holds of that key.

        Raises:
            SignerStateError: If a state is missing, closed or behind; nothing was signed.
        """
        now = self._clock()
        for state in self._states():
            position = state.position()
            self._hearing.check_receipt(state, self._hearing.answering.last_receipt(state.kid))
            if self._receipts is not None:
                self._hearing.check_receipt(state, self._receipts.fetch_receipt(state.kid))
            newest = max(position.next_sequence - 1, 0)
            self._outbox.send_again(state.kid, position.epoch, newest, now)
        self._publisher.start()
        self._listen()
        if self._halted:
            self._publisher.stop()
            raise next(iter(self._halted.values()))

    def run(
        self, stopping: threading.Event, after_round: Callable[[], None] = lambda: None
    ) -> None:
        """
        Go round until `stopping` is set, then disconnect.

        Args:
            stopping: Ends the loop after the round under way.
            after_round: Called after every round, in this thread.

        Raises:
            Error: Whatever is fatal; the outbox is sound and a restart goes on.
        """
        try:
            while not stopping.is_set():
                self.step()
                after_round()
                stopping.wait(self._settings.interval_s)
        finally:
            self._publisher.stop()

    def step(self) -> None:
        """
        Go round once: hear, measure, publish, tidy.

        Raises:
            StoreUnavailable: If the gateway's database fails.
            SessionTakenOver: If another process has this gateway's certificate.
        """
        self._publisher.check()
        now = self._clock()
        self._hear(now)
        self._measure(now)
        self._publish(now)
        self._tidy(now)

    def status(self) -> AgentStatus:
        """Give a snapshot for a screen."""
        return AgentStatus(
            connection=self._publisher.state,
            outbox=self._outbox.status(),
            clock_offset=self._hearing.clock.offset,
            measuring_stopped=self._full,
            problems=dict(self._problems),
            halted_keys={kid.hex()[:16]: halt.stable_code for kid, halt in self._halted.items()},
        )

    def _states(self) -> list[SignerState]:
        return list({line.state.kid: line.state for line in self._lines}.values())

    def _listen(self) -> None:
        """Apply queued answers, and those to the newest messages, before anything is signed."""
        remaining = self._settings.listen_s
        pause = threading.Event()
        heard: set[Kid] = set()
        while remaining > 0 and len(heard) < len(self._states()) and not self._halted:
            now = self._clock()
            heard |= self._hear(now)
            self._publish(now)
            pause.wait(min(remaining, 0.05))
            remaining -= 0.05

    def _hear(self, now: Instant) -> set[Kid]:
        """Apply what came, acknowledge it, and give the keys it spoke of."""
        answers = self._publisher.take_answers()
        heard: set[Kid] = set()
        for answer in answers:
            result = self._hearing.hear(answer.payload, now)
            if result.kid is not None:
                heard.add(result.kid)
                if result.stop is not None:
                    self._halted.setdefault(result.kid, result.stop)
        self._publisher.acknowledge(answers)
        return heard

    def _measure(self, now: Instant) -> None:
        self._full = False
        for line in self._lines:
            if line.state.kid not in self._halted and not self._full:
                self._measure_line(line, now)

    def _measure_line(self, line: Line, now: Instant) -> None:
        """Measure one line; its problem stops neither the other lines nor the sending."""
        try:
            measured = line.measure(now)
        except OutboxFull as error:
            self._full = True
            self._problems[line.name] = error.stable_code
            return
        except Error as error:
            if error.retry is Retry.FATAL and not isinstance(error, SignerStateError):
                raise
            self._problems[line.name] = error.stable_code
            return
        self._problems.pop(line.name, None)
        if measured.already_signed:
            self._outbox.tally(ALREADY_SIGNED, now, measured.already_signed)
        if measured.not_ended:
            self._problems[line.name] = NOT_ENDED

    def _publish(self, now: Instant) -> None:
        self._note_sent(now)
        if self._publisher.session_was_lost():
            self._outbox.send_unanswered_again(now)
        room = self._publisher.room
        if room <= 0:
            return
        due = self._outbox.due(
            now,
            live_limit=room,
            backlog_limit=min(room, self._allowance(now)),
            in_flight=self._publisher.in_flight,
        )
        for message in due[:room]:
            try:
                self._publisher.send(message)
            except (BrokerUnavailable, WindowFull):
                return
            if message.lane == BACKLOG_LANE:
                self._backlog_allowance -= 1
            self._hearing.note_sent(message, now)

    def _note_sent(self, now: Instant) -> None:
        """Carry over what the broker did with messages; only `taken` counts as sent."""
        taken: list[MessageId] = []
        deferred: dict[PublishOutcome, list[MessageId]] = {}
        for sent in self._publisher.take_sent():
            if sent.outcome is PublishOutcome.TAKEN:
                taken.append(sent.message_id)
            elif sent.outcome is not PublishOutcome.LOST:  # lost: due as before
                deferred.setdefault(sent.outcome, []).append(sent.message_id)
        if taken:
            self._outbox.mark_sent(taken, now)
        for outcome, message_ids in deferred.items():
            self._outbox.defer(message_ids, outcome, now)
            self._outbox.tally(f"broker.{outcome}", now, len(message_ids))

    def _allowance(self, now: Instant) -> int:
        """Give how many backlog messages may go now; unused allowance of a second is kept."""
        rate = self._settings.backlog_per_s
        elapsed_ms = now - self._backlog_at if self._backlog_at is not None else 0
        gained = elapsed_ms * rate // MILLISECONDS_PER_SECOND
        if self._backlog_at is None or gained > 0 or elapsed_ms < 0:
            self._backlog_at = now
            self._backlog_allowance = min(self._backlog_allowance + max(gained, 1), rate)
        return self._backlog_allowance

    def _tidy(self, now: Instant) -> None:
        if self._tidied_at is not None and 0 <= now - self._tidied_at < _HOUSEKEEPING_MS:
            return
        self._tidied_at = now
        self._hearing.answering.settle_promises(now)
        self._outbox.forget(now)
