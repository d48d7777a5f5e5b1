"""
What stations said, as a meter of the gateway: packets of the inbox become readings.

Data that a logger sends again later (补传) come out like any other; how late they are is judged
where messages are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from attestation.enums import Provenance, SignerKind
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.readings import Reading
from devices.errors import ProtocolError
from devices.hj212.inbox import Inbox
from devices.hj212.joining import Joined
from devices.hj212.mapping import MappedPacket, map_packet
from devices.hj212.packets import Packet
from devices.hj212.stations import Station
from devices.zones import SECONDS_PER_HOUR

PACKET_SET_ASIDE: Final = "hj212_packet_set_aside"
VALUE_NOT_TAKEN: Final = "hj212_value_not_taken"

CLOCK_TOLERANCE_S: Final = SECONDS_PER_HOUR
"""Data up to so far ahead wait until their time has come; beyond, the clock is wrong."""

_log = structlog.get_logger(__name__)


class StationMeter:
    """
    Readings of the packets in an inbox (`Meter`).

    Args:
        inbox: Where the server keeps packets.
        stations: Station files, by number.
    """

    provenance = Provenance.LIVE
    signer = SignerKind.GATEWAY

    def __init__(self, inbox: Inbox, stations: Mapping[str, Station]) -> None:
        self._inbox = inbox
        self._stations = stations
        self._given: list[int] = []

    def read(self, now: Instant) -> Sequence[Reading]:
        """
        Give the readings of the packets that wait, oldest first.

        Raises:
            StoreUnavailable: If the inbox fails.
        """
        now_s = now // MILLISECONDS_PER_SECOND
        readings: list[Reading] = []
        self._given = []
        for joined in self._inbox.waiting(now):
            try:
                mapped = self._map(joined.packet, now_s)
            except ProtocolError as error:
                self._set_aside(joined, error.message)
                continue
            if _newest_s(mapped) > now_s:
                continue  # it waits in the inbox until its time has come
            self._given.extend(joined.numbers)
            readings.extend(mapped.readings)
            for problem in mapped.problems:
                _log.warning(VALUE_NOT_TAKEN, station=joined.packet.station, reason=problem)
        return readings

    def forget(self) -> None:
        """Let go of the packets whose readings were given last."""
        self._inbox.done(self._given)
        self._given = []

    def _map(self, packet: Packet, now_s: int) -> MappedPacket:
        if packet.station not in self._stations:
            raise ProtocolError(f"no station file for {packet.station}")
        mapped = map_packet(packet, self._stations[packet.station])
        if _newest_s(mapped) > now_s + CLOCK_TOLERANCE_S:
            raise ProtocolError("the data are of the future: the station's clock is ahead")
        return mapped

    def _set_aside(self, joined: Joined, reason: str) -> None:
        self._inbox.refuse(joined.numbers, reason)
        _log.warning(
            PACKET_SET_ASIDE,
            station=joined.packet.station,
            command=joined.packet.command,
            reason=reason,
        )


def _newest_s(mapped: MappedPacket) -> int:
    return max((reading.end_s for reading in mapped.readings), default=0)
