"""
When a key did not speak: marking messages by the index of the log at which they stand.

A key speaks from its enrolled index to its closed index. A rotated or decommissioned key is heard
later up to the last message its closing record names. The closing may become known after such
messages were integrated, from the chain or from the record, in either order; so the marks of a
key are always made anew from what is known.

Source: FORMATS section 3 ("the key is judged by log index").
"""

from __future__ import annotations

from ledger.log.devices import closure_of, granted_of
from ledger.log.marks import Mark
from ledger.repositories.devices import DeviceKey
from ledger.repositories.logs import Log
from ledger.repositories.parties import KeySlot
from ledger.unit_of_work import UnitOfWork


def speaks(key: DeviceKey, slot: KeySlot | None, index: int, place: tuple[int, int]) -> bool:
    """
    Say whether a key speaks at an index.

    Args:
        key: As registered by records.
        slot: As registered on the chain, where there is one.
        index: Of the message's entry.
        place: (epoch, sequence) of the message.
    """
    if slot is not None and index < slot.enrolled_index:
        return False
    closed_index = closure_of(key, slot)
    if closed_index is None or index < closed_index:
        return True
    granted = granted_of(key)
    return granted is not None and place <= granted


def mark_closed_key(uow: UnitOfWork, log: Log, kid: bytes, *, before_index: int) -> None:
    """
    Mark anew what a key said where it did not speak; the caller commits.

    Args:
        uow: A writing unit of work that holds the survey's cursor.
        log: The log.
        kid: The key.
        before_index: Index up to which entries are surveyed; later ones are still to be judged.
    """
    key = uow.devices.key(log.number, kid)
    if key is None:
        return
    slots = uow.parties.slots(log.log_id, kid)
    slot = slots[0] if slots else None
    closed_index = closure_of(key, slot)
    if closed_index is None:
        return
    late = [
        (index, (epoch, sequence))
        for index, epoch, sequence in uow.surveys.messages_of(
            log.number, kid, from_index=closed_index
        )
        if index < before_index
    ]
    uow.surveys.remove_marks(log.number, Mark.KEY_INVALID, [index for index, _ in late])
    uow.surveys.add_marks(
        log.number,
        Mark.KEY_INVALID,
        [index for index, place in late if not speaks(key, slot, index, place)],
    )
