"""
What an operator sees of a gateway: what is on its disk, and what the running process last wrote.

Looking changes nothing and needs no key. What only the process knows is left out where it does
not run, and is said to be old where it has not written for a while.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.gateway.live_state import LiveState, live_file, read_live_state
from api.gateway.meters import KnownMeter, read_meters
from api.gateway.process import limits_of
from api.gateway.settings import GatewaySettings
from attestation.enums import Outcome, ReceiptStage
from attestation.instants import MILLISECONDS_PER_SECOND, Instant, format_instant, from_seconds
from attestation.messages import parse_message
from devices.answering import Answering, DeadLetter
from devices.outbox import Outbox
from devices.signed_intervals import SignedIntervals
from devices.store import StoreView, is_held

STALE_AFTER_MS: Final = 30_000


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """A gateway as it stands."""

    document: dict[str, Any]
    attention: tuple[str, ...]
    """What a person should look at, in sentences."""
    outcome: Outcome
    """Held: all is well; failed: something needs a person; could not check: it does not run."""


def gateway_status(settings: GatewaySettings, *, now: Instant) -> GatewayStatus:
    """
    Look at a gateway.

    Raises:
        StoreUnavailable: If it has no database yet, or none that can be read.
        ConfigurationError: If a file that the settings name cannot be read.
    """
    path = settings.gateway.store
    running = is_held(path)
    live = read_live_state(live_file(path))
    meters = read_meters(settings.meter)
    with StoreView(path) as store:
        outbox = Outbox(store, limits_of(settings))
        names = {} if live is None else live.key_names
        keys = [_key(store, names, *row) for row in store.fetch(_SIGNERS)]
        shown = [_meter(store, each, now) for each in meters]
        status = outbox.status()
    is_fresh = running and live is not None and now - live.at <= STALE_AFTER_MS
    attention = tuple(_attention(live if is_fresh else None, shown))
    document: dict[str, Any] = {
        "gateway": settings.gateway.name,
        "origin": settings.log.origin,
        "running": running,
        "as_of": None if live is None else format_instant(live.at),
        "connection": None if not is_fresh or live is None else live.connection,
        "clock_offset_ms": None if not is_fresh or live is None else live.clock_offset_ms,
        "outbox": {
            **{state.name.lower(): count for state, count in status.count_by_state.items()},
            "oldest_unanswered": _text(status.oldest_unanswered),
            "used_bytes": status.used_bytes,
            "max_bytes": status.max_bytes,
        },
        "dead_letters": status.dead_letters,
        "evidence": status.evidence,
        "tally": status.tally,
        "measuring_stopped": is_fresh and live is not None and live.measuring_stopped,
        "problems": live.problems if is_fresh and live is not None else {},
        "halted_keys": live.halted_keys if is_fresh and live is not None else {},
        "keys": keys,
        "meters": shown,
        "silent_meters": [each["name"] for each in shown if each["silent"]],
        "attention": list(attention),
    }
    return GatewayStatus(document, attention, _outcome(is_fresh, attention))


_SIGNERS: Final = (
    "SELECT kid, epoch, next_sequence, signed_at_ms, closed FROM signer ORDER BY signed_at_ms, kid"
)


def _outcome(is_fresh: bool, attention: tuple[str, ...]) -> Outcome:
    if not is_fresh:
        return Outcome.COULD_NOT_CHECK
    return Outcome.FAILED if attention else Outcome.HELD


def _attention(live: LiveState | None, meters: list[dict[str, Any]]) -> list[str]:
    found = [f"meter {each['name']} is silent" for each in meters if each["silent"]]
    if live is None:
        return found
    if not live.connection["connected"]:
        found.append(f"there is no connection: {live.connection['last_failure']}")
    if live.connection["contested"]:
        found.append("another process seems to connect under this gateway's name")
    if live.measuring_stopped:
        found.append("the outbox is full: meters are not read")
    offset = live.clock_offset_ms
    if offset is not None and (offset["ahead"] or offset["behind"]):
        found.append("the clock is wrong against the ledger's")
    found += [f"key {kid} signs nothing more: {code}" for kid, code in live.halted_keys.items()]
    return found


def _key(
    store: StoreView,
    names: Mapping[str, str],
    kid: bytes,
    epoch: int,
    next_sequence: int,
    signed_at_ms: int,
    closed: str | None,
) -> dict[str, Any]:
    return {
        "name": names.get(kid.hex()),
        "kid": kid.hex(),
        "epoch": epoch,
        "next_sequence": next_sequence,
        "signed_at": _text(Instant(signed_at_ms) if signed_at_ms else None),
        "closed": closed,
        "receipts": _receipts(store, kid),
    }


def _receipts(store: StoreView, kid: bytes) -> dict[str, Any] | None:
    """Give the newest epoch that has receipts, and the last sequence at each stage."""
    rows = store.fetch(
        "SELECT epoch, stage, sequence FROM receipt WHERE kid = ? AND epoch ="
        " (SELECT max(epoch) FROM receipt WHERE kid = ?) ORDER BY stage",
        (kid, kid),
    )
    if not rows:
        return None
    stages = {ReceiptStage(stage).name.lower(): sequence for _, stage, sequence in rows}
    return {"epoch": rows[0][0], **stages}


def _meter(store: StoreView, meter: KnownMeter, now: Instant) -> dict[str, Any]:
    intervals = SignedIntervals(store)
    ends = [intervals.newest_end_s(series) for series in meter.series]
    known = [end_s for end_s in ends if end_s is not None]
    newest_s = max(known, default=None)
    age_s = None if newest_s is None else now // MILLISECONDS_PER_SECOND - newest_s
    after_s = meter.silent_after_s
    return {
        "name": meter.settings.name,
        "kind": meter.settings.kind,
        "key": meter.settings.key,
        "series": list(meter.series),
        "newest_reading": None if newest_s is None else format_instant(from_seconds(newest_s)),
        "silent": after_s is not None and (age_s is None or age_s > after_s),
    }


def dead_letters(settings: GatewaySettings) -> list[DeadLetter]:
    """
    List the messages that the ledger refused for good, oldest first.

    Raises:
        StoreUnavailable: If the gateway has no database yet, or none that can be read.
    """
    with StoreView(settings.gateway.store) as store:
        return Answering(store, Outbox(store)).dead_letters()


def describe_letter(letter: DeadLetter, settings: GatewaySettings) -> dict[str, Any]:
    """Describe a refused message: what it said of which time, and why it was refused."""
    message = parse_message(letter.content, origin=settings.log.origin)
    return {
        "message_id": letter.message_id.hex(),
        "code": letter.code,
        "refused_at": format_instant(letter.at),
        "kid": letter.kid.hex(),
        "epoch": letter.epoch,
        "sequence": letter.sequence,
        "signed_at": format_instant(message.header.signed_at),
        "series": sorted({run.common.series for run in message.runs}),
        "from": format_instant(from_seconds(min(run.earliest_start_s for run in message.runs))),
        "to": format_instant(from_seconds(max(run.latest_end_s for run in message.runs))),
    }


def _text(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
