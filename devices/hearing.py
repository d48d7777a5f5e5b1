"""
What the gateway does with answers that arrive: verify, compare with its own state, apply.

An answer that does not verify under the pinned log key changes nothing and is counted.
One that speaks of messages this gateway has not signed stops the key it speaks of.

Source: FORMATS section 6.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from attestation.answers import Answer, Promise, Receipt, Refusal, parse_answer
from attestation.errors import EncodingError, VerificationError
from attestation.ids import Kid, Origin
from attestation.instants import Instant
from attestation.keys import PublicKey
from devices.answering import Answering
from devices.clock_offset import ClockComparison
from devices.errors import ForeignMessage, SignerStateError, SignerStateMissing
from devices.outbox import Outbox, StoredMessage
from devices.position import check_answer
from devices.signer_state import SignerState
from devices.store import GatewayStore

FORGED: Final = "answer.forged"
FOREIGN_KEY: Final = "answer.foreign_key"
_REMEMBERED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What one answer led to."""

    kid: Kid | None
    """The key it speaks of; None where it was not usable or names none."""
    stop: SignerStateError | None = None
    """Why that key must sign nothing more, or None."""


class Hearing:
    """
    Takes the ledger's answers for the keys of one gateway.

    Args:
        origin: The log the gateway writes to.
        log_key: That log's key, pinned at enrolment.
        store: The gateway's database.
        outbox: Where the messages are; over the same store.
        promise_delay_ms: How far ahead of its own time the log promises integration, by its
            published rule; None leaves the clocks uncompared.
    """

    def __init__(
        self,
        *,
        origin: Origin,
        log_key: PublicKey,
        store: GatewayStore,
        outbox: Outbox,
        promise_delay_ms: int | None = None,
    ) -> None:
        self._promise_delay_ms = promise_delay_ms
        self._origin = str(origin)
        self._log_key = log_key
        self._store = store
        self._outbox = outbox
        self.answering = Answering(store, outbox)
        self.clock = ClockComparison()
        self._sent_at: OrderedDict[tuple[Kid, int, int], Instant] = OrderedDict()

    def hear(self, content: bytes, now: Instant) -> Heard:
        """
        Verify and apply one answer; one that is not usable is counted and changes nothing.

        Args:
            content: From outside.
            now: The clock's time.
        """
        try:
            answer = parse_answer(content, origin=self._origin, key=self._log_key)
            if not isinstance(answer, Refusal):
                check_answer(self._store, self._outbox, answer)
        except (EncodingError, VerificationError):
            self._outbox.tally(FORGED, now)
            return Heard(None)
        except SignerStateMissing:
            self._outbox.tally(FOREIGN_KEY, now)
            return Heard(None)
        except SignerStateError as error:
            if isinstance(error, ForeignMessage):
                self.answering.keep_foreign_message(content, now)
            return Heard(answer.kid, stop=error)
        self._observe_clock(answer, now)
        self.answering.apply(answer, content, now)
        return Heard(answer.kid)

    def note_sent(self, message: StoredMessage, now: Instant) -> None:
        """Remember when a message went out, to compare clocks when it is answered."""
        self._sent_at[message.kid, message.epoch, message.sequence] = now
        while len(self._sent_at) > _REMEMBERED:
            self._sent_at.popitem(last=False)

    def check_receipt(self, state: SignerState, content: bytes | None) -> None:
        """
        Compare a key's state with the last receipt there is, before it signs.

        Args:
            state: Of one key.
            content: The receipt's signed bytes, from outside; None where there is none.

        Raises:
            AnswerError: If the bytes are not an answer of the log.
            SignerStateError: If the state is behind, or the receipt is of another key.
        """
        if content is None:
            return
        answer = parse_answer(content, origin=self._origin, key=self._log_key)
        if not isinstance(answer, Receipt) or answer.kid != state.kid:
            raise SignerStateError("not a receipt of this key")
        check_answer(self._store, self._outbox, answer)

    def _observe_clock(self, answer: Answer, now: Instant) -> None:
        if not isinstance(answer, Promise) or self._promise_delay_ms is None:
            return
        key = (answer.kid, answer.epoch, max(last for _, last in answer.ranges))
        sent_at = self._sent_at.pop(key, None)
        if sent_at is not None:
            ledger_at = Instant(answer.integrate_by - self._promise_delay_ms)
            self.clock.observe(sent_at=sent_at, ledger_at=ledger_at, received_at=now)
