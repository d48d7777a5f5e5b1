"""
What was done about an enterprise at an operator, on its way to the next one.

Each operator's part is a file of proofs against one checkpoint of that operator's own log. It is
kept as it came and never added to, so that the next operator can show who did what before, and
nobody has to believe it.

Source: FORMATS section 4; `docs/formats/action-records.md`, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attestation.action_proofs import (
    VerifiedAction,
    format_actions,
    parse_actions,
    verify_actions,
)
from attestation.errors import EncodingError, VerificationError
from attestation.notes import NoteVerifier, parse_vkey
from ledger.actions.exporting import prove_actions
from ledger.errors import ArchiveDamaged
from ledger.leaving.parcel import Parcel, ParcelFolder
from ledger.log.witnessing import UNWITNESSED
from ledger.repositories.actions import ActionFilter, StoredAction
from ledger.repositories.earlier import EarlierActions
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_FOLDER: Final = "actions/"
_PAGE: Final = 1000


def pack_history(uow: UnitOfWork, log: Log, operator_log: Log | None, into: ParcelFolder) -> None:
    """
    Write what was done about the log's enterprise, at earlier operators and here.

    Args:
        uow: A reading unit of work.
        log: The enterprise's.
        operator_log: The operator's own; None where actions are in no log, and cannot be proved.
        into: The parcel.
    """
    parts = [each.content for each in uow.earlier.all(log.number)]
    if operator_log is not None:
        done = list(_actions(uow, log.usc))
        parts.append(format_actions(prove_actions(uow, operator_log, done, policy=UNWITNESSED)))
    for number, content in enumerate(parts, start=1):
        into.write(_path(number), content)


def unpack_history(
    uow: UnitOfWork,
    log: Log,
    parcel: Parcel,
    folder: ParcelFolder,
    operators: Sequence[NoteVerifier],
) -> tuple[int, tuple[str, ...]]:
    """
    Keep what was done at earlier operators whose own logs' keys are trusted.

    Args:
        uow: A writing unit of work; the caller commits.
        log: The log that arrives.
        parcel: Names the files.
        folder: From outside.
        operators: The trusted keys.

    Returns:
        How many actions were kept, and the origins of those left out.

    Raises:
        ArchiveDamaged: If what is by a trusted key does not hold, or is about somebody else.
    """
    trusted = {each.name: each for each in operators}
    count, left_out = 0, []
    for path in sorted(each for each in parcel.files if each.startswith(_FOLDER)):
        content = folder.read(path)
        try:
            proofs = parse_actions(content)
            verifier = trusted.get(proofs.origin)
            if verifier is None:
                left_out.append(proofs.origin)
                continue
            found = verify_actions(proofs, [verifier])
        except (EncodingError, VerificationError) as error:
            raise ArchiveDamaged(f"{path}: {error.message}") from error
        if any(each.body.enterprise != log.usc for each in found):
            raise ArchiveDamaged(f"{path} is about another enterprise")
        uow.earlier.add(log.number, EarlierActions(verifier.vkey, content))
        count += len(found)
    return count, tuple(left_out)


def read_history(uow: UnitOfWork, log: Log) -> list[tuple[str, list[VerifiedAction]]]:
    """
    Give what was done at each earlier operator: the origin of its log, and its actions.

    Every proof is checked again, so that a row that was changed at rest is noticed.

    Raises:
        EncodingError: If a part has another form.
        VerificationError: If a proof does not hold.
    """
    found = []
    for each in uow.earlier.all(log.number):
        proofs = parse_actions(each.content)
        found.append((proofs.origin, verify_actions(proofs, [parse_vkey(each.vkey)])))
    return found


def _actions(uow: UnitOfWork, usc: str) -> Iterator[StoredAction]:
    after = 0
    while page := uow.actions.listed(ActionFilter(usc=usc), after=after, limit=_PAGE):
        yield from page
        after = page[-1].body.number


def _path(number: int) -> str:
    return f"{_FOLDER}{number:04d}.json"
