"""
The survey of epochs: which messages are missing, and whether each names the one before it.

A message's `previous` is compared as soon as both neighbours are there, whichever came first. Only
what is integrated before an entry is looked at, so the result depends on the order of the
log and on nothing else.

Source: FORMATS section 1; `docs/formats/signed-message.md`, section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attestation.ids import ZERO_HASH
from attestation.messages import SignedMessage, parse_header
from ledger.log.gaps import GapTrack
from ledger.log.marks import Mark
from ledger.repositories.admissions import StoredMessage
from ledger.repositories.devices import DeviceKey
from ledger.repositories.logs import Log
from ledger.repositories.surveys import EpochProgress
from ledger.unit_of_work import UnitOfWork

Epoch = tuple[bytes, int]
"""(kid, epoch)."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One message that is being surveyed."""

    index: int
    admission_id: int
    message: SignedMessage
    message_id: bytes

    @property
    def epoch(self) -> Epoch:
        """(kid, epoch)."""
        return self.message.header.kid, self.message.header.epoch

    @property
    def sequence(self) -> int:
        """Its number in the epoch."""
        return self.message.header.sequence

    @property
    def previous(self) -> bytes:
        """The id it names as that of the message before."""
        return self.message.header.previous


def survey_epochs(
    uow: UnitOfWork, log: Log, messages: Sequence[Surveyed], keys: dict[bytes, DeviceKey]
) -> None:
    """Apply messages, in index order, to the progress of their epochs; the caller commits."""
    by_epoch: dict[Epoch, list[Surveyed]] = {}
    for message in messages:
        by_epoch.setdefault(message.epoch, []).append(message)
    if not by_epoch:
        return
    known = uow.surveys.epochs(log.number, by_epoch)
    changed = {
        name: _EpochSurvey(uow, log, known.get(name) or EpochProgress(*name)).apply(arrived)
        for name, arrived in by_epoch.items()
    }
    for name, arrived in by_epoch.items():
        if any(message.sequence == 0 for message in arrived):
            _name_predecessor(uow, log, changed[name], changed, keys)
    uow.surveys.put_epochs(log.number, [changed[name] for name in sorted(changed)])


class _EpochSurvey:
    """The survey of one epoch through one batch."""

    def __init__(self, uow: UnitOfWork, log: Log, progress: EpochProgress) -> None:
        self._uow = uow
        self._log = log
        self._progress = progress
        self._arrived: dict[int, Surveyed] = {}

    def apply(self, messages: Sequence[Surveyed]) -> EpochProgress:
        kid, epoch = self._progress.kid, self._progress.epoch
        low = min(message.sequence for message in messages)
        high = max(message.sequence for message in messages)
        frontier = self._progress.next_sequence
        gaps = (
            self._uow.gaps.sequence_gaps_within(self._log.number, kid, epoch, low, high + 1)
            if low < frontier
            else []
        )
        track = GapTrack(frontier, gaps)
        marks: dict[Mark, list[int]] = {Mark.BROKEN_LINK: [], Mark.DISPUTED: []}
        for message in messages:
            track.cover(message.sequence, message.sequence + 1, index=message.index)
            marks[Mark.BROKEN_LINK] += self._broken_links(message)
            disputed_from = self._progress.disputed_from
            if disputed_from is not None and message.sequence >= disputed_from:
                marks[Mark.DISPUTED].append(message.index)
            self._arrived[message.sequence] = message
            self._advance(message)
        self._progress = replace(self._progress, next_sequence=track.frontier)
        self._uow.gaps.save_sequence_gaps(self._log.number, kid, epoch, track.changes())
        for mark, indexes in marks.items():
            self._uow.surveys.add_marks(self._log.number, mark, indexes)
        return self._progress

    def _advance(self, message: Surveyed) -> None:
        if message.sequence == 0:
            self._progress = replace(self._progress, first_previous=message.previous)
        newest = self._progress.newest_sequence
        if newest is None or message.sequence > newest:
            self._progress = replace(
                self._progress,
                newest_sequence=message.sequence,
                newest_message_id=message.message_id,
                newest_index=message.index,
            )

    def _broken_links(self, message: Surveyed) -> list[int]:
        """Give the entries whose `previous` is now known to be wrong."""
        broken: list[int] = []
        before = self._id_of(message.sequence - 1, message) if message.sequence else None
        if before is not None and before != message.previous:
            broken.append(message.index)
        newest = self._progress.newest_sequence
        if newest is not None and message.sequence < newest:
            after = self._follower(message.sequence + 1, message)
            if after is not None and after[1] != message.message_id:
                broken.append(after[0])
        return broken

    def _id_of(self, sequence: int, message: Surveyed) -> bytes | None:
        if sequence == self._progress.newest_sequence:
            return self._progress.newest_message_id
        if sequence in self._arrived:
            return self._arrived[sequence].message_id
        stored = self._stored(sequence, message)
        return None if stored is None else stored.message_id

    def _follower(self, sequence: int, message: Surveyed) -> tuple[int, bytes] | None:
        """Give index and `previous` of a message, if it stands before `message` in the log."""
        if sequence in self._arrived:
            return self._arrived[sequence].index, self._arrived[sequence].previous
        stored = self._stored(sequence, message)
        if stored is None:
            return None
        number = stored.admission_id
        index = self._uow.entries.index_of(self._log.number, number)
        content = self._uow.messages.contents(self._log.number, [number])[number]
        return None if index is None else (index, parse_header(content).previous)

    def _stored(self, sequence: int, message: Surveyed) -> StoredMessage | None:
        place = self._progress.kid, self._progress.epoch, sequence
        stored = self._uow.admissions.message(self._log.number, place)
        # Order of admission is order of the log: a later one is not there yet.
        return None if stored is None or stored.admission_id > message.admission_id else stored


def _name_predecessor(
    uow: UnitOfWork,
    log: Log,
    progress: EpochProgress,
    changed: dict[Epoch, EpochProgress],
    keys: dict[bytes, DeviceKey],
) -> None:
    """Let message 0 of an epoch say which message was the last of the epoch before."""
    name = predecessor_of(uow, log, (progress.kid, progress.epoch), keys)
    if name is None or progress.first_previous is None:
        return
    before = changed.get(name) or uow.surveys.epochs(log.number, [name]).get(name)
    before = before or EpochProgress(*name)
    succession = uow.devices.succession(log.number, *name)
    if succession is None:
        changed[name] = replace(before, last_message_id=progress.first_previous)
        return
    changed[name] = replace(before, last_message_id=succession.last_message)
    if succession.last_message != progress.first_previous:
        first = uow.admissions.message(log.number, (progress.kid, progress.epoch, 0))
        index = first and uow.entries.index_of(log.number, first.admission_id)
        if index is not None:
            uow.surveys.add_marks(log.number, Mark.BROKEN_LINK, [index])


def predecessor_of(
    uow: UnitOfWork, log: Log, epoch: Epoch, keys: dict[bytes, DeviceKey]
) -> Epoch | None:
    """
    Name the epoch before an epoch, None where there is none or none is known.

    The first epoch of a key follows the epoch whose closing record names the key as the next.
    """
    kid, number = epoch
    if number == 0:
        return None
    key = keys.get(kid)
    if key is None or number > key.first_epoch:
        return kid, number - 1
    for succession in uow.devices.successions(log.number, kid):
        if succession.closed_epoch == number - 1:
            return succession.kid, succession.closed_epoch
    return None


def open_tails(uow: UnitOfWork, log: Log) -> list[EpochProgress]:
    """
    Give the epochs whose end is missing: their last message is named and is not there.

    Of a disputed epoch the last undisputed message counts as the last.
    """
    return [
        progress
        for progress in uow.surveys.epochs(log.number).values()
        if progress.last_message_id is not None
        and progress.last_message_id != _last_undisputed(uow, log, progress)
    ]


def _last_undisputed(uow: UnitOfWork, log: Log, progress: EpochProgress) -> bytes | None:
    if progress.disputed_from is None:
        return progress.newest_message_id
    if progress.disputed_from == 0:
        # The very first message of a key: no undisputed one is left, so that the next epoch
        # follows whichever variant its signer had.
        is_very_first = progress.first_previous in (None, ZERO_HASH)
        return progress.last_message_id if is_very_first else progress.first_previous
    place = progress.kid, progress.epoch, progress.disputed_from - 1
    stored = uow.admissions.message(log.number, place)
    return None if stored is None else stored.message_id
