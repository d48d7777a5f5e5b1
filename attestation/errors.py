"""
Errors of the evidence itself.

    Error
    ├─ EncodingError               bytes are not the one encoding we accept
    └─ VerificationError           the evidence does not hold
       ├─ SignatureError           a signature, or the key it needs, is not acceptable
       ├─ CertificateError         a certificate does not speak for this key, party or time
       ├─ InclusionError           a proof does not lead from the leaf to the root
       ├─ ConsistencyError         a later tree is not an extension of the earlier one
       ├─ CheckpointError          a checkpoint or its cosignatures do not hold
       ├─ AnchorError              the chain evidence does not hold
       ├─ SequenceError            messages of one epoch do not chain
       ├─ AnswerError              a signed answer of the ledger does not hold
       └─ PolicyError              the evidence is sound but not what was asked for

Each class has a stable `code`; a more precise one may be given where it is raised.
Any bytes from outside lead to one of these and to nothing else.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar


class Retry(Enum):
    """Whether doing the same thing again can help; all that a worker reads of an error."""

    NEVER = "never"
    LATER = "later"
    FATAL = "fatal"


class Error(Exception):
    """
    The root of every error this project raises on purpose.

    Args:
        message: Lower case, without a full stop, safe to show to anybody.
        code: A more precise stable code than the class's own, listed in `docs/errors.md`.
        context: Values for logs; never keys, payloads or tokens.
    """

    code: ClassVar[str] = "error"
    retry: ClassVar[Retry] = Retry.NEVER

    def __init__(self, message: str, *, code: str | None = None, **context: object) -> None:
        super().__init__(message)
        self.message = message
        self.context = context
        self._code = code

    @property
    def stable_code(self) -> str:
        """The code to show and to store: the precise one where there is one."""
        return self._code or type(self).code


class EncodingError(Error):
    """Bytes or text are not the one encoding we accept."""

    code = "encoding.malformed"


class VerificationError(Error):
    """The evidence does not hold."""

    code = "verification.failed"


class SignatureError(VerificationError):
    """A signature, or the key it is checked with, is not acceptable."""

    code = "verification.signature"


class CertificateError(VerificationError):
    """A certificate does not speak for this key, this party or this time."""

    code = "verification.certificate"


class InclusionError(VerificationError):
    """A proof does not lead from the leaf to the root."""

    code = "verification.inclusion"


class ConsistencyError(VerificationError):
    """A later tree is not an extension of the earlier one."""

    code = "verification.consistency"


class CheckpointError(VerificationError):
    """A checkpoint, its signature or its cosignatures do not hold."""

    code = "verification.checkpoint"


class AnchorError(VerificationError):
    """The chain evidence does not hold."""

    code = "verification.anchor"


class SequenceError(VerificationError):
    """Messages of one epoch, or two epochs of one key, do not chain."""

    code = "verification.sequence"


class AnswerError(VerificationError):
    """A signed answer of the ledger does not hold."""

    code = "verification.answer"


class PolicyError(VerificationError):
    """The evidence is sound, but not what the policy asks for."""

    code = "verification.policy"
