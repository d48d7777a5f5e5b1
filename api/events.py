"""Events of logs in the words of the outside: what HTTP and the command line show of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from attestation.canonical import Json
from attestation.enums import EventKind
from attestation.instants import format_instant
from ledger.repositories.events import Event
from ledger.repositories.logs import Log, LogNumber


class KindWord(StrEnum):
    """The words for kinds, for whoever asks for one kind only."""

    CHECKPOINT = "checkpoint"
    CHECKPOINT_ANCHORED = "checkpoint-anchored"
    CHECKPOINT_FINAL = "checkpoint-final"
    RECORD = "record"
    DIGEST = "digest"
    EVIDENCE = "evidence"
    LAB_REPORT = "lab-report"
    SAMPLE_ALARM = "sample-alarm"
    INVENTORY_VERSION = "inventory-version"
    CROSS_CHECK = "cross-check"


def kind_of(word: KindWord | None) -> EventKind | None:
    """Give the kind that a word stands for; None for none."""
    return None if word is None else EventKind[word.name]


def event_document(event: Event, log: Log) -> dict[str, Json]:
    """Describe an event of a log."""
    return {
        "id": event.id,
        "log": log.name,
        "kind": KindWord[event.kind.name].value,
        "at": format_instant(event.happened_at),
        "body": event.body,
    }


def documents(events: Sequence[Event], logs: Sequence[Log]) -> list[dict[str, Json]]:
    """Describe events of some logs, in their order."""
    by_number: Mapping[LogNumber, Log] = {log.number: log for log in logs}
    return [event_document(each, by_number[each.log]) for each in events]
