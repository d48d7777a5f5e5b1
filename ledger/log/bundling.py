"""
Bundling: everything a stranger needs to verify a message or a range, in one file.

All proofs lead to the checkpoint that a final anchor holds, so that log and chain speak of one
tree. Of the anchors that cover an entry the newest is taken that was captured with the key's
slot. Without any anchor the bundle ends at the newest published checkpoint and says so.

Source: FORMATS section 8; `docs/formats/bundle.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from attestation.body_fields import read_body
from attestation.bundle import (
    AnchoredCheckpoint,
    Bundle,
    ChainEvidence,
    ProvenEntry,
    ProvenRange,
    make_bundle,
)
from attestation.entries import EntryKind
from attestation.ids import parse_series_id
from attestation.messages import parse_header, parse_message
from attestation.witness_policy import WitnessPolicy
from ledger.errors import NotIntegrated
from ledger.log.proving import LogProver
from ledger.log.record_places import RecordPlaces
from ledger.log.tile_cache import TileCache
from ledger.log.witnessing import cosigned_note, published
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.logs import Log, LogNumber
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a bundle's proofs lead to."""

    checkpoint: StoredCheckpoint
    note: str
    """With cosignatures."""
    anchor: StoredAnchor | None


class Bundler:
    """
    Makes bundles.

    Args:
        readings: Makes reading units of work.
        policy: Which checkpoint is published while there is no anchor.
        platform_root: DER of the platform's root certificate, where there is one.
        cache: Full tiles, shared with other provers.
    """

    def __init__(
        self,
        readings: UnitOfWorkFactory,
        policy: WitnessPolicy,
        *,
        platform_root: bytes | None = None,
        cache: TileCache | None = None,
    ) -> None:
        self._readings = readings
        self._policy = policy
        self._platform_root = platform_root
        self._cache = cache
        self._places: dict[LogNumber, RecordPlaces] = {}
        self._lock = Lock()

    def entry(self, log: Log, index: int) -> Bundle:
        """
        Bundle the message at an index.

        Raises:
            NotIntegrated: If there is no such entry under a published checkpoint, or it is not
                a message.
            WitnessesMissing: If no checkpoint of the log is published yet.
        """
        with self._readings() as uow:
            prover = LogProver(uow, log, cache=self._cache)
            return self._message(uow, prover, index)

    def message(self, log: Log, kid: bytes, epoch: int, sequence: int) -> Bundle:
        """
        Bundle a message by its numbers.

        Raises:
            NotIntegrated: If it is not integrated under a published checkpoint.
            WitnessesMissing: If no checkpoint of the log is published yet.
        """
        with self._readings() as uow:
            prover = LogProver(uow, log, cache=self._cache)
            return self._message(uow, prover, prover.index_of(kid, epoch, sequence))

    def range(self, log: Log, start: int, end: int) -> tuple[Bundle, list[bytes]]:
        """
        Bundle the entries `[start, end)`, with one proof for all; the entries travel apart.

        Returns:
            The bundle and the entries in order.

        Raises:
            NotIntegrated: If the range is empty or not under a published checkpoint.
            WitnessesMissing: If no checkpoint of the log is published yet.
        """
        with self._readings() as uow:
            prover = LogProver(uow, log, cache=self._cache)
            entries = list(prover.entries(start, end))
            kids = {
                bytes(parse_header(entry.content).kid)
                for entry in entries
                if entry.kind is EntryKind.MESSAGE
            }
            ground = self._ground(uow, log, end - 1, kids)
            proved = prover.range(start, end, checkpoint=ground.checkpoint)
            places = self._record_places(uow, log)
            records = _range_records(places, kids, end, ground.checkpoint.size)
            bundle = self._bundle(
                ground,
                kids,
                entries=ProvenRange(start, end, proved.proof),
                records=_prove(prover, records, ground.checkpoint),
            )
            return bundle, [entry.content for entry in entries]

    def _message(self, uow: UnitOfWork, prover: LogProver, index: int) -> Bundle:
        log = prover.log
        found = prover.entry(index)
        if found.entry.kind is not EntryKind.MESSAGE:
            raise NotIntegrated(f"entry {index} of {log.origin} is not a message")
        message = parse_message(found.entry.content, origin=log.origin)
        kid = bytes(message.header.kid)
        ground = self._ground(uow, log, index, {kid})
        series = {run.common.series for run in message.runs}
        places = self._record_places(uow, log)
        records = _message_records(places, kid, series, index, ground.checkpoint.size)
        (proven,) = _prove(prover, [index], ground.checkpoint)
        return self._bundle(
            ground, {kid}, message=proven, records=_prove(prover, records, ground.checkpoint)
        )

    def _bundle(self, ground: _Ground, kids: Collection[bytes], **parts: Any) -> Bundle:
        anchor = ground.anchor
        return make_bundle(
            checkpoint=ground.note,
            platform_root=self._platform_root,
            # Equal sizes need no consistency proof: the anchored tree is the bundle's.
            anchor=None if anchor is None else AnchoredCheckpoint(ground.checkpoint.note, ()),
            chain=None if anchor is None else _evidence(anchor, kids),
            **parts,
        )

    # --- what the proofs lead to ---------------------------------------------------------------

    def _ground(self, uow: UnitOfWork, log: Log, index: int, kids: Collection[bytes]) -> _Ground:
        for anchor in _candidates(uow, log, index):
            checkpoint = uow.checkpoints.get(log.number, anchor.size)
            if checkpoint is not None and _has_slots(anchor, kids):
                return _Ground(checkpoint, cosigned_note(uow, checkpoint), anchor)
        first = uow.anchors.covering(log.number, index, final=True)
        checkpoint = uow.checkpoints.get(log.number, first.size) if first else None
        if checkpoint is not None:
            return _Ground(checkpoint, cosigned_note(uow, checkpoint), first)
        newest, note = published(uow, log, self._policy)
        if newest.size <= index:
            raise NotIntegrated(f"entry {index} of {log.origin} is not published yet")
        return _Ground(newest, note, None)

    def _record_places(self, uow: UnitOfWork, log: Log) -> RecordPlaces:
        with self._lock:
            places = self._places.setdefault(log.number, RecordPlaces(log.number))
            places.update(uow)
            return places


def _candidates(uow: UnitOfWork, log: Log, index: int) -> Iterable[StoredAnchor]:
    """Give the newest final anchor, then the first that covers an entry."""
    newest = uow.anchors.newest(log.number, final=True)
    if newest is not None and newest.size > index:
        yield newest
        first = uow.anchors.covering(log.number, index, final=True)
        if first is not None and first.size != newest.size:
            yield first


def _evidence(anchor: StoredAnchor, kids: Collection[bytes]) -> ChainEvidence | None:
    """Give an anchor's chain section, with the slots of these keys only."""
    if anchor.evidence is None:
        return None
    evidence = replace(read_body(ChainEvidence, anchor.evidence), transaction=anchor.tx_hash)
    registry = evidence.device_registry
    if registry is None:
        return evidence
    keys = tuple(state for state in registry.keys if state.kid in kids)
    return replace(evidence, device_registry=replace(registry, keys=keys))


def _has_slots(anchor: StoredAnchor, kids: Collection[bytes]) -> bool:
    if anchor.evidence is None:
        return False
    registry = read_body(ChainEvidence, anchor.evidence).device_registry
    return registry is not None and {state.kid for state in registry.keys} >= set(kids)


def _message_records(
    places: RecordPlaces, kid: bytes, series: Collection[str], index: int, size: int
) -> set[int]:
    instruments = {parse_series_id(name).instrument for name in series}
    return {
        *_key_records(places, kid, index),
        *places.series(sorted(series), index),
        *places.calibrations(sorted(instruments), size),
        *places.closings([kid], size),
    }


def _range_records(places: RecordPlaces, kids: Collection[bytes], end: int, size: int) -> set[int]:
    """Give the records of every key that signed in a range, and of every series it may speak of."""
    records: set[int] = set(places.closings(kids, size))
    for kid in kids:
        records.update(_key_records(places, kid, end))
        enrolled = places.enrolment(kid, end)
        if enrolled is not None:
            series = enrolled[1].series
            records.update(places.series_within(series, end))
            instruments = {parse_series_id(name).instrument for name in series}
            records.update(places.calibrations(instruments, size))
    return records


def _key_records(places: RecordPlaces, kid: bytes, before: int) -> Iterable[int]:
    enrolled = places.enrolment(kid, before)
    if enrolled is None:
        return
    index, enrolment = enrolled
    yield index
    authority = places.authority(enrolment.certificates[1], index)
    if authority is not None:
        yield authority


def _prove(
    prover: LogProver, indexes: Iterable[int], checkpoint: StoredCheckpoint
) -> tuple[ProvenEntry, ...]:
    proved = [prover.entry(index, checkpoint=checkpoint) for index in sorted(indexes)]
    return tuple(
        ProvenEntry(index=each.entry.index, entry=each.entry.content, proof=each.proof)
        for each in proved
    )
