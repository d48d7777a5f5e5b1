"""
What a mirror watches besides the log itself: anchors on the chain, and promises to devices.

A checkpoint that is not anchored in time, an anchor of another history, a message that was promised
and is not there: each is an alert with the evidence kept.

Source: FORMATS sections 5 and 6; DESIGN section 6.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from attestation.answers import Promise, parse_answer
from attestation.entries import EntryKind, classify_entry
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.keys import PublicKey
from attestation.merkle import EMPTY_ROOT
from attestation.messages import parse_header
from ledger.log.mirror import Alert, AlertKind, Mirror
from ledger.log.ranges import EMPTY, Ranges
from ledger.ports import LatestAnchor

_SEEN = "seen.json"
_WAITING = "waiting.json"
_PROMISES = "promises.json"


class AnchorReader(Protocol):
    """The chain, as a mirror asks it."""

    def latest(self, log_id: bytes, *, final: bool = False) -> LatestAnchor | None:
        """Read the registry's newest checkpoint of a log."""
        ...


@dataclass(frozen=True, slots=True)
class WatchRules:
    """How long a mirror is patient."""

    anchor_within_ms: int = MILLISECONDS_PER_DAY
    """A checkpoint is to be anchored within this time of its being seen; DESIGN section 6."""


class MirrorWatch:
    """
    Watches one mirrored log.

    Args:
        mirror: The copy.
        log_id: Keccak-256 of the origin, 32 bytes.
        key: The log's key.
        chain: The mirror's own node; None where it has none.
        rules: How long it is patient.
    """

    def __init__(
        self,
        mirror: Mirror,
        *,
        log_id: bytes,
        key: PublicKey,
        chain: AnchorReader | None = None,
        rules: WatchRules | None = None,
    ) -> None:
        self._mirror = mirror
        self._log_id = log_id
        self._key = key
        self._chain = chain
        self._rules = rules or WatchRules()

    def check(self, *, now: Instant) -> list[Alert]:
        """Compare with the chain and look for broken promises; to be called after `follow`."""
        return [*self._check_anchor(now), *self._check_promises(now)]

    def expect(self, promise: bytes) -> None:
        """
        Take a signed promise that a device or gateway was given, to see whether it is kept.

        Raises:
            EncodingError: If it is not an answer.
            VerificationError: If it is not signed by the log.
        """
        answer = parse_answer(promise, origin=self._mirror.origin, key=self._key)
        if isinstance(answer, Promise):
            held = self._load(_PROMISES)
            held[sha256(promise).hexdigest()] = promise.hex()
            self._store(_PROMISES, held)

    # --- anchors ------------------------------------------------------------------------------

    def _check_anchor(self, now: Instant) -> list[Alert]:
        if self._chain is None:
            return []
        latest = self._chain.latest(self._log_id, final=True)
        anchored = 0 if latest is None else latest.size
        if anchored > self._mirror.size:
            detail = f"the chain holds {anchored} entries, the log shows {self._mirror.size}"
            return [Alert(AlertKind.NOT_PUBLISHED, detail)]
        if self._mirror.root(anchored) != (EMPTY_ROOT if latest is None else latest.root):
            name = f"anchor-{anchored}.json"
            self._mirror.folder.keep(name, _anchor_json(latest))
            detail = f"the chain holds another tree of {anchored} entries"
            return [Alert(AlertKind.FORK, detail, name)]
        return self._check_lateness(anchored, now)

    def _check_lateness(self, anchored: int, now: Instant) -> list[Alert]:
        """Remember since when each size waits for an anchor, and alert when it is too long."""
        waiting = {int(size): since for size, since in self._load(_WAITING).items()}
        waiting = {size: since for size, since in waiting.items() if size > anchored}
        if self._mirror.size > anchored:
            waiting.setdefault(self._mirror.size, now)
        self._store(_WAITING, {str(size): since for size, since in waiting.items()})
        late = [
            size for size, since in waiting.items() if now - since > self._rules.anchor_within_ms
        ]
        if not late:
            return []
        detail = f"size {min(late)} has waited for its anchor for too long"
        kind = AlertKind.EVIDENCE_LATE if anchored else AlertKind.EVIDENCE_MISSING
        return [Alert(kind, detail)]

    # --- promises -----------------------------------------------------------------------------

    def _check_promises(self, now: Instant) -> list[Alert]:
        held = self._load(_PROMISES)
        due: dict[str, Promise] = {}
        for name, encoded in held.items():
            answer = parse_answer(bytes.fromhex(encoded), origin=self._mirror.origin, key=self._key)
            if isinstance(answer, Promise) and answer.integrate_by < now:
                due[name] = answer
        if not due:
            return []
        seen = self._seen()
        alerts = []
        for name, promise in due.items():
            missing = _missing(promise, seen.get((bytes(promise.kid), promise.epoch), EMPTY))
            if missing:
                evidence = f"promise-{name[:16]}.cose"
                self._mirror.folder.keep(evidence, bytes.fromhex(held[name]))
                detail = (
                    f"messages {missing.pairs[0][0]} to {missing.pairs[0][1] - 1} of epoch"
                    f" {promise.epoch} of key {promise.kid.hex()} were promised and are missing"
                )
                alerts.append(Alert(AlertKind.BROKEN_PROMISE, detail, evidence))
        self._store(_PROMISES, {name: held[name] for name in held if name not in due})
        return alerts

    def _seen(self) -> dict[tuple[bytes, int], Ranges]:
        """Give which messages are in the copy; entries are read once and remembered."""
        stored = self._load(_SEEN)
        seen = {
            (bytes.fromhex(kid), int(epoch)): Ranges(tuple((low, high) for low, high in pairs))
            for kid, epoch, pairs in stored.get("epochs", [])
        }
        for _, entry in self._mirror.entries(stored.get("size", 0), self._mirror.size):
            if classify_entry(entry) is EntryKind.MESSAGE:
                header = parse_header(entry)
                name = (bytes(header.kid), header.epoch)
                seen[name] = seen.get(name, EMPTY).add(header.sequence)
        epochs = [[kid.hex(), epoch, list(ranges)] for (kid, epoch), ranges in seen.items()]
        self._store(_SEEN, {"size": self._mirror.size, "epochs": epochs})
        return seen

    # --- memory -------------------------------------------------------------------------------

    def _load(self, name: str) -> dict[str, Any]:
        content = self._mirror.folder.load(name)
        loaded: dict[str, Any] = {} if content is None else json.loads(content)
        return loaded

    def _store(self, name: str, content: dict[str, Any]) -> None:
        self._mirror.folder.store(name, json.dumps(content, sort_keys=True).encode())


def _missing(promise: Promise, seen: Ranges) -> Ranges:
    missing = EMPTY
    for first, last in promise.ranges:
        missing = missing.union(seen.missing(first, last + 1))
    return missing


def _anchor_json(latest: LatestAnchor | None) -> bytes:
    if latest is None:
        return b"{}"
    content = {"size": latest.size, "root": latest.root.hex(), "block": latest.block_number}
    return json.dumps(content, sort_keys=True).encode()
