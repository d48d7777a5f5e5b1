"""
Facts about an instrument as the log has them: multipliers, calibrations, exchanges, descriptions.

A record that a later one of its type about the same instrument supersedes is left out: what was
filed wrongly is filed again, and the wrong one stays in the log without effect.

Source: FORMATS section 4 (corrections supersede); `docs/formats/inventory-records.md`, section 4.
"""

from __future__ import annotations

from typing import TypeVar

from attestation.records import body_of_record, parse_record
from attestation.series_bodies import Calibration, Instrument, MeterExchange, Multiplier
from attestation.tree_hash import hash_leaf
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

Fact = TypeVar("Fact", Multiplier, Calibration, MeterExchange, Instrument)


def facts_about(
    uow: UnitOfWork, log: Log, kind: type[Fact], instrument: str
) -> list[tuple[int, Fact]]:
    """
    Load what the records of a type say of an instrument, by index.

    Args:
        uow: A reading unit of work.
        log: The log.
        kind: Class of their bodies.
        instrument: Name of the instrument.
    """
    indexes = [place.index for place in uow.series.registrations(log.number, kind.record_type)]
    found: dict[bytes, tuple[int, Fact]] = {}
    for index, entry in sorted(uow.entries.many(log.number, indexes).items()):
        record = parse_record(entry.content)
        body = body_of_record(record)
        if isinstance(body, kind) and body.instrument == instrument:
            for leaf_hash in record.supersedes:
                found.pop(leaf_hash, None)
            found[hash_leaf(entry.content)] = index, body
    return list(found.values())
