"""
Joining the parts of a packet (拆分包) that was too long for one frame.

Parts of one packet have the same station, command and number of parts, and either the same request
or the same data time: loggers give each part its own request number, and others leave the time out
of all parts but the first. Answers to a request for history are numbered the same way but are of
different times; they never become one.

Nothing that was acknowledged is lost: parts whose siblings do not come within a patience are given
as they are.

Source: HJ 212-2017, annex C, tables C.47 to C.50.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from devices.hj212.packets import Packet
from devices.hj212.regions import join_regions, parse_region


@dataclass(frozen=True, slots=True)
class Kept:
    """A packet that was kept, whole or a part."""

    number: int
    """Number under which it is kept, rising in the order of arrival."""
    packet: Packet
    received_at_s: int


@dataclass(frozen=True, slots=True)
class Joined:
    """A packet that is whole, or as whole as it will be."""

    packet: Packet
    numbers: tuple[int, ...]
    """What it was made of."""


@dataclass(slots=True)
class _Group:
    """Parts that belong together."""

    times: set[str]
    requests: set[str]
    parts: dict[int, Kept] = field(default_factory=dict)

    def takes(self, kept: Kept, time: str) -> bool:
        first = next(iter(self.parts.values())).packet
        packet = kept.packet
        same_kind = (first.station, first.command, first.system, first.part_count) == (
            packet.station,
            packet.command,
            packet.system,
            packet.part_count,
        )
        if not same_kind or packet.part in self.parts:
            return False
        if time and self.times:
            return time in self.times
        return packet.request != "" and packet.request in self.requests

    def add(self, kept: Kept, time: str) -> None:
        self.parts[kept.packet.part] = kept
        self.requests.add(kept.packet.request)
        if time:
            self.times.add(time)

    def is_due(self, now_s: int, patience_s: int) -> bool:
        newest_s = max(kept.received_at_s for kept in self.parts.values())
        first = next(iter(self.parts.values())).packet
        return len(self.parts) == first.part_count or now_s - newest_s >= patience_s


def join_parts(kept: Iterable[Kept], *, now_s: int, patience_s: int) -> list[Joined]:
    """
    Give what is whole, in the order of arrival of its first part.

    Args:
        kept: Packets in the order of arrival, their regions well-formed.
        now_s: The time, seconds since 1970 UTC.
        patience_s: How long to wait for a sibling after the newest part came.
    """
    groups: list[_Group] = []
    for each in kept:
        time = "" if each.packet.is_whole else _data_time(each.packet)
        group = None
        if not each.packet.is_whole:
            group = next((group for group in groups if group.takes(each, time)), None)
        if group is None:
            group = _Group(set(), set())
            groups.append(group)
        group.add(each, time)
    return [_join(group) for group in groups if group.is_due(now_s, patience_s)]


def _join(group: _Group) -> Joined:
    ordered = [group.parts[part] for part in sorted(group.parts)]
    first = ordered[0].packet
    region = join_regions(kept.packet.region for kept in ordered)
    whole = replace(first, region=region, part_count=1, part=1)
    return Joined(first if first.is_whole else whole, tuple(kept.number for kept in ordered))


def _data_time(packet: Packet) -> str:
    return parse_region(packet.region).values.get("DataTime", "")
