"""
The log's voice: answers to devices, signed by the log's key.

Source: FORMATS section 6; `docs/formats/answers.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attestation import answers
from attestation.answers import Answer, Refusal
from attestation.ids import Kid, MessageId
from attestation.keys import Signer
from ledger.log.ranges import Ranges

MAX_RANGES: Final = 1024
"""More do not fit an answer; the lowest are left out, and were answered long ago."""


class Voice:
    """
    Signs answers.

    Args:
        signer_of: Gives a log's key by its origin.
    """

    def __init__(self, signer_of: Callable[[str], Signer]) -> None:
        self._signer_of = signer_of

    def say(self, answer: Answer, origin: str) -> bytes:
        """Sign an answer and give its complete tagged bytes."""
        return answers.encode_answer(answer, self._signer_of(origin), origin)

    def refuse(
        self, origin: str, code: str, message_id: bytes, place: tuple[bytes, int, int] | None
    ) -> bytes:
        """Sign a refusal; `place` is (kid, epoch, sequence) where the bytes have a header."""
        if place is None:
            return self.say(Refusal(None, None, None, MessageId(message_id), code), origin)
        kid, epoch, sequence = place
        refusal = Refusal(Kid(kid), epoch, sequence, MessageId(message_id), code)
        return self.say(refusal, origin)


def closed_ranges(ranges: Ranges) -> answers.Ranges:
    """Give half-open ranges as an answer has them: first and last, both included."""
    return tuple((start, end - 1) for start, end in ranges.pairs[-MAX_RANGES:])
