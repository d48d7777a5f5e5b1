"""
Errors of the ledger.

    attestation.errors.Error
    ├─ AdmissionError              one submission is not admitted
    │  ├─ Malformed                not one of the three kinds of entry, or not in its one encoding
    │  ├─ TooLarge                 longer than an entry may be
    │  ├─ WrongLog                 meant for another log than the one it was sent to
    │  ├─ UnknownDevice            no enrolled key with this key id
    │  ├─ SignatureRefused         the signature does not hold under the enrolled key
    │  ├─ RevokedKey               the key is closed
    │  ├─ OutsideCertificate       signed outside the validity of the key's certificate
    │  ├─ SignedInFuture           signed more than five minutes after receipt
    │  ├─ SignedBeforePrevious     signed before an earlier message of its epoch, or after a later
    │  ├─ Backdated                live data of an interval that ended too long ago
    │  ├─ Implausible              a reading that contradicts its own time or its series' bounds
    │  ├─ UnknownSeries            a series that is not registered for this key
    │  ├─ EpochClosed              beyond the last undisputed message of a disputed epoch
    │  ├─ Equivocation             other words under numbers that are already taken
    │  ├─ UnknownSigner            a record whose signer may not say this in this log
    │  ├─ RecordRefused            a record that contradicts what is registered
    │  ├─ NotRegistered            a record that rests on what is not in the log (yet)
    │  ├─ Throttled                more than the gateway's quota; not a refusal, send again later
    │  └─ CheckingInterrupted      a process that checks messages died; nothing was decided
    ├─ LogError                    the log cannot do what was asked
    │  ├─ UnknownLog
    │  ├─ NotIntegrated            the index or size asked for is not in the tree (yet)
    │  ├─ HeadMoved                another sequencer advanced the head first
    │  ├─ Frozen                   the log does not take or sign anything at present
    │  ├─ EntriesMissing           a recovering log has not found everything it once signed
    │  ├─ WitnessesMissing         fewer cosignatures than the witness policy asks for
    │  ├─ ForkDetected             two histories under one origin (fatal)
    │  └─ ChainWentBack            a block that was final is gone (fatal)
    └─ StorageError                the database did not do what was asked
       ├─ StorageUnavailable       busy, timed out or gone; nothing is known to be stored
       ├─ StorageConflict          a uniqueness rule was broken
       ├─ ArchiveDamaged           a sealed segment is not what was sealed
       ├─ AppendOnly               a guarded row was to be changed or removed (fatal)
       └─ SchemaMismatch           the database has another schema than this code (fatal)

Codes are stable and listed in `docs/errors.md`. A worker reads only `retry`.
"""

from __future__ import annotations

from attestation.errors import Error, Retry


class AdmissionError(Error):
    """One submission is not admitted."""

    code = "admission.refused"


class Malformed(AdmissionError):
    """The bytes are not a message, digest or record in its one encoding."""

    code = "admission.malformed"


class TooLarge(AdmissionError):
    """The bytes are longer than an entry may be."""

    code = "admission.too_large"


class WrongLog(AdmissionError):
    """The submission is meant for another log than the one it was sent to."""

    code = "admission.wrong_log"


class UnknownDevice(AdmissionError):
    """No enrolled key has this key id; it may be enrolled later."""

    code = "admission.unknown_device"
    retry = Retry.LATER


class SignatureRefused(AdmissionError):
    """The signature does not hold under the enrolled key."""

    code = "admission.signature"


class RevokedKey(AdmissionError):
    """The key is closed at every index that the message could still get."""

    code = "admission.revoked_key"


class OutsideCertificate(AdmissionError):
    """The message was signed outside the validity of the key's certificate."""

    code = "admission.outside_certificate"


class SignedInFuture(AdmissionError):
    """The message says that it was signed more than five minutes after its receipt."""

    code = "admission.future"


class SignedBeforePrevious(AdmissionError):
    """The signing time does not lie between those of its neighbours in the epoch."""

    code = "admission.signed_before_previous"


class Backdated(AdmissionError):
    """A live message carries a reading whose interval ended too long before it was signed."""

    code = "admission.backdated"


class Implausible(AdmissionError):
    """A reading contradicts its own time, or the bounds registered for its series."""

    code = "admission.implausible"


class UnknownSeries(AdmissionError):
    """A reading is of a series that is not registered for the key that signed it."""

    code = "admission.unknown_series"


class EpochClosed(AdmissionError):
    """The epoch is disputed and closed before this sequence number."""

    code = "admission.epoch_closed"


class Equivocation(AdmissionError):
    """One key signed two different things under one epoch and sequence number."""

    code = "admission.equivocation"


class UnknownSigner(AdmissionError):
    """The signer of the record may not say this in this log."""

    code = "admission.unknown_signer"


class RecordRefused(AdmissionError):
    """The record is well-formed and signed, but contradicts what is registered."""

    code = "admission.record"


class NotRegistered(AdmissionError):
    """The record rests on a key, series, authority or reading that is not in the log (yet)."""

    code = "admission.not_registered"
    retry = Retry.LATER


class Throttled(AdmissionError):
    """The gateway sends more than its quota; nothing was decided about the message."""

    code = "admission.throttled"
    retry = Retry.LATER


class CheckingInterrupted(AdmissionError):
    """A worker process died while it checked a batch; nothing was decided about it."""

    code = "admission.interrupted"
    retry = Retry.LATER


class LogError(Error):
    """The log cannot do what was asked."""

    code = "log.error"


class UnknownLog(LogError):
    """There is no such log here."""

    code = "log.unknown"


class NotIntegrated(LogError):
    """The index or tree size asked for is not in the tree, or not yet."""

    code = "log.not_integrated"
    retry = Retry.LATER


class HeadMoved(LogError):
    """Another sequencer advanced the head first; nothing of this step was stored."""

    code = "log.head_moved"
    retry = Retry.LATER


class Frozen(LogError):
    """The log is recovering, frozen or closed, and takes or signs nothing."""

    code = "log.frozen"
    retry = Retry.LATER


class EntriesMissing(LogError):
    """A recovering log has not yet found every entry that it once signed for."""

    code = "log.entries_missing"
    retry = Retry.LATER


class WitnessesMissing(LogError):
    """Fewer witnesses cosigned than the policy asks for; they may answer later."""

    code = "log.witnesses_missing"
    retry = Retry.LATER


class ForkDetected(LogError):
    """Two histories exist under one origin. Going on would sign one more."""

    code = "log.fork_detected"
    retry = Retry.FATAL


class ChainWentBack(LogError):
    """A block whose events or anchors were taken as final is no longer part of the chain."""

    code = "log.chain_went_back"
    retry = Retry.FATAL


class StorageError(Error):
    """The database did not do what was asked."""

    code = "storage.error"


class StorageUnavailable(StorageError):
    """The database is busy, timed out or gone. Whether a commit happened is not known."""

    code = "storage.unavailable"
    retry = Retry.LATER


class StorageConflict(StorageError):
    """A uniqueness rule of the database was broken; somebody else was first."""

    code = "storage.conflict"
    retry = Retry.LATER


class AppendOnly(StorageError):
    """A row that is guarded against change was to be changed or removed."""

    code = "storage.append_only"
    retry = Retry.FATAL


class ArchiveDamaged(StorageError):
    """A segment of cold storage is not what was sealed, or cannot be read."""

    code = "storage.archive_damaged"


class SchemaMismatch(StorageError):
    """The database has another schema than this code expects."""

    code = "storage.schema_mismatch"
    retry = Retry.FATAL
