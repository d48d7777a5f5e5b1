"""
The gateway's mouth where no broker can be reached: messages go straight to the ledger.

One thread submits, one message after the other, and asks from time to time what the log says of
the epochs it sent. The agent sees the same as with a broker: outcomes and signed answers.

Source: DESIGN section 3, step "publish"; FORMATS section 6.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Final

from attestation.ids import Kid, MessageId
from devices.connection import ConnectionState
from devices.courier import Sent
from devices.errors import BrokerUnavailable, LedgerUnavailable, WindowFull
from devices.ledger_http import LedgerHttp
from devices.outbox import StoredMessage
from devices.session import Delivery, PublishOutcome

DEFAULT_WINDOW: Final = 50
_STOP_TIMEOUT_S: Final = 30
_WAIT_S: Final = 0.2
_FIRST_PAUSE_S: Final = 0.5
_MOST_DOUBLINGS: Final = 16


class HttpPublisher:
    """
    A gateway's way to the ledger's own address (`Courier`).

    Args:
        ledger: The log at its address; closed when this stops.
        window: How many messages may wait to be submitted.
        poll_s: How often the log is asked for its answers.
        pause_max_s: Longest pause after the ledger did not answer.
    """

    def __init__(
        self,
        ledger: LedgerHttp,
        *,
        window: int = DEFAULT_WINDOW,
        poll_s: float = 10.0,
        pause_max_s: float = 60.0,
    ) -> None:
        self._ledger = ledger
        self._window = window
        self._poll_s = poll_s
        self._pause_max_s = pause_max_s
        self._queue: SimpleQueue[StoredMessage] = SimpleQueue()
        self._outcomes: SimpleQueue[Sent] = SimpleQueue()
        self._inbox: SimpleQueue[Delivery] = SimpleQueue()
        self._in_flight: set[MessageId] = set()
        self._epochs: dict[tuple[Kid, int], None] = {}
        self._heard: dict[tuple[Kid, int], frozenset[bytes]] = {}
        self._arrivals = 0
        self._failures = 0
        self._failure: str | None = None
        self._resume_at = 0.0
        self._poll_at = 0.0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to submit, and keep at it; a dead thread is started again."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the message under way; what waits is handed over again after a start."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_TIMEOUT_S)
            self._thread = None
        self._ledger.close()

    def check(self) -> None:
        """Start the thread again where it died."""
        if self._thread is not None and not self._stopping.is_set():
            self.start()

    @property
    def state(self) -> ConnectionState:
        """What the way to the ledger looks like now."""
        return ConnectionState(
            connected=self._failure is None,
            generation=self._failures + 1,
            protocol="HTTP",
            session_present=True,
            contested=False,
            last_failure=self._failure,
            waiting=self._inbox.qsize(),
            outstanding=len(self._in_flight),
            ignored=0,
        )

    @property
    def in_flight(self) -> frozenset[MessageId]:
        """Messages that wait to be submitted, or whose submission is under way."""
        return frozenset(self._in_flight)

    @property
    def room(self) -> int:
        """How many messages may be handed over now; one at a time to see whether it is back."""
        if self._failure is None:
            return self._window - len(self._in_flight)
        return 0 if self._in_flight or time.monotonic() < self._resume_at else 1

    def send(self, message: StoredMessage) -> None:
        """
        Hand one message over.

        Raises:
            BrokerUnavailable: If the ledger does not answer at present.
            WindowFull: If as many are waiting as may.
        """
        if self.room <= 0:
            if self._failure is not None:
                raise BrokerUnavailable(self._failure)
            raise WindowFull(f"{self._window} messages are waiting")
        self._in_flight.add(message.message_id)
        self._queue.put(message)

    def take_sent(self) -> list[Sent]:
        """Give what became of messages since the last call."""
        taken = []
        while not self._outcomes.empty():
            sent = self._outcomes.get()
            self._in_flight.discard(sent.message_id)
            taken.append(sent)
        return taken

    def session_was_lost(self) -> bool:
        """There is no session; the ledger's answers say what it holds."""
        return False

    def take_answers(self, timeout_s: float = 0.0) -> list[Delivery]:
        """Give the answers that came, unverified; wait at most `timeout_s` for the first."""
        taken: list[Delivery] = []
        while True:
            try:
                taken.append(self._inbox.get(timeout_s > 0 and not taken, timeout_s or None))
            except Empty:
                return taken

    def acknowledge(self, answers: Sequence[Delivery]) -> None:
        """Nothing waits for it: an answer can be had again at any time."""

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._poll_if_due()
            try:
                message = self._queue.get(timeout=_WAIT_S)
            except Empty:
                continue
            self._submit(message)

    def _submit(self, message: StoredMessage) -> None:
        outcome = PublishOutcome.LOST
        # What was handed over before a failure is given back, not tried one by one.
        if time.monotonic() >= self._resume_at:
            outcome = self._try(message)
        self._outcomes.put(Sent(message.message_id, outcome))

    def _try(self, message: StoredMessage) -> PublishOutcome:
        try:
            submitted = self._ledger.submit(message.content)
        except LedgerUnavailable as error:
            self._failed(error)
            return PublishOutcome.LOST
        self._recovered()
        self._epochs[message.kid, message.epoch] = None
        if submitted.answer is not None:
            self._deliver(submitted.answer)
        return submitted.outcome

    def _poll_if_due(self) -> None:
        now = time.monotonic()
        if now < max(self._poll_at, self._resume_at):
            return
        self._poll_at = now + self._poll_s
        for name in tuple(self._epochs):
            try:
                answers = self._ledger.answers(*name)
            except LedgerUnavailable as error:
                self._failed(error)
                return
            self._recovered()
            known = self._heard.get(name, frozenset())
            for answer in answers:
                if answer not in known:
                    self._deliver(answer)
            self._heard[name] = frozenset(answers)

    def _deliver(self, answer: bytes) -> None:
        self._arrivals += 1
        self._inbox.put(Delivery(0, self._arrivals, "", answer, self._arrivals))

    def _failed(self, error: LedgerUnavailable) -> None:
        self._failures = min(self._failures + 1, _MOST_DOUBLINGS)
        pause_s = min(_FIRST_PAUSE_S * 2**self._failures, self._pause_max_s)
        self._resume_at = time.monotonic() + pause_s
        self._failure = error.message

    def _recovered(self) -> None:
        self._failures = 0
        self._failure = None
