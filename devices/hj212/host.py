"""
The host (上位机) without its sockets: what is done with one frame, and what is answered.

An upload is answered only after `keep` returned, because the logger forgets what was answered.
A packet that was answered before is answered again and not kept again. What cannot be kept or
must not be believed is not answered: the protocol has no other way to refuse data, and the logger
tries again.

Source: HJ 212-2017, section 6.5 (exchange of requests and answers) and annex C.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from attestation.instants import Instant
from devices.errors import DeviceError, ProtocolError, StationRefused
from devices.hj212.commands import ANSWERS, INTERACTION, NOTICES, Command
from devices.hj212.encryption import open_frame
from devices.hj212.flags import Flag
from devices.hj212.frames import Frame, encode_frame
from devices.hj212.packets import Packet, format_packet, parse_packet
from devices.hj212.stations import Station

FRAME_REFUSED: Final = "hj212_frame_refused"
PACKET_KEPT: Final = "hj212_packet_kept"
PACKET_REPEATED: Final = "hj212_packet_repeated"
PACKET_NOT_KEPT: Final = "hj212_packet_not_kept"
NOTICE_RECEIVED: Final = "hj212_notice_received"

_REMEMBERED: Final = 20_000
"""Answered packets remembered: a day of a busy station; older ones are `keep`'s to recognise."""

Keep = Callable[[Packet, Instant], object]
"""Keeps a packet durably; called by one thread at a time. Raises `DeviceError` if it cannot."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one frame."""

    packet: Packet | None = None
    """The packet, if it was from a registered station."""
    answer: bytes | None = None
    """The frame to send back."""
    refused_station: bool = False
    """Whether somebody spoke who is not registered, or does not know the password."""


class Host:
    """
    Judges frames, keeps packets, makes answers; may be used by several threads.

    Args:
        stations: Who may speak, by number.
        keep: Where packets go before they are answered.
        clock: Tells the time of arrival.
    """

    def __init__(
        self, stations: Mapping[str, Station], keep: Keep, clock: Callable[[], Instant]
    ) -> None:
        self._stations = stations
        self._keep = keep
        self._clock = clock
        self._lock = threading.Lock()
        self._answered: OrderedDict[bytes, None] = OrderedDict()

    def hear(self, frame: Frame) -> Heard:
        """Take one frame; never raises for what somebody sent."""
        try:
            packet = self._open(frame)
        except StationRefused as error:
            _log.warning(FRAME_REFUSED, code=error.stable_code, reason=error.message)
            return Heard(refused_station=True)
        except ProtocolError as error:
            _log.warning(FRAME_REFUSED, code=error.stable_code, reason=error.message)
            return Heard()
        if packet.command in ANSWERS:
            return Heard(packet)
        if packet.command in NOTICES:
            _log.info(NOTICE_RECEIVED, station=packet.station, command=packet.command)
            return Heard(packet, self._answer(packet, Command.NOTICE_ANSWER))
        if not self._take_in(packet):
            return Heard(packet)
        return Heard(packet, self._answer(packet, Command.DATA_ANSWER))

    def request(self, number: str, command: str, region: bytes, *, request: str) -> bytes:
        """
        Make the frame of a request of ours to a station.

        Raises:
            StationRefused: If no such station is registered.
        """
        station = self._station(number)
        packet = Packet(
            command=command,
            station=number,
            region=region,
            request=request,
            system=INTERACTION,
            password=station.password,
            flag=Flag(version_bits=1, answer_wanted=True),
        )
        return encode_frame(format_packet(packet))

    def _open(self, frame: Frame) -> Packet:
        """Give the packet of a frame, from a station that knows its password, in plain."""
        packet = parse_packet(frame.segment)
        station = self._station(packet.station)
        if not station.knows(packet.password):
            raise StationRefused(f"wrong password for station {packet.station}")
        return parse_packet(open_frame(frame, station.key))

    def _station(self, number: str) -> Station:
        try:
            return self._stations[number]
        except KeyError as error:
            raise StationRefused(f"station {number} is not registered") from error

    def _take_in(self, packet: Packet) -> bool:
        """Keep a packet, unless it was kept before; say whether it may be answered."""
        name = _name(packet)
        with self._lock:
            if name in self._answered:
                _log.info(PACKET_REPEATED, station=packet.station, command=packet.command)
                return True
            try:
                # Commit point: `keep` has the packet on disk when it returns.
                self._keep(packet, self._clock())
            except DeviceError as error:
                _log.warning(
                    PACKET_NOT_KEPT,
                    station=packet.station,
                    command=packet.command,
                    code=error.stable_code,
                    reason=error.message,
                )
                return False
            self._answered[name] = None
            if len(self._answered) > _REMEMBERED:
                self._answered.popitem(last=False)
        _log.info(PACKET_KEPT, station=packet.station, command=packet.command)
        return True

    def _answer(self, packet: Packet, command: Command) -> bytes | None:
        """Make the answer to a packet, if its sender wants one."""
        flag = packet.flag
        if flag is None or not flag.answer_wanted:
            return None
        answer = Packet(
            command=command,
            station=packet.station,
            region=b"",
            request=packet.request,
            system=INTERACTION,
            password=packet.password,
            flag=Flag(version_bits=flag.version_bits),
        )
        return encode_frame(format_packet(answer))


def _name(packet: Packet) -> bytes:
    """
    Name a packet for recognising it when it is sent again.

    The content is part of the name: a logger whose clock repeats gives one number to two packets,
    and neither may be lost.
    """
    head = f"{packet.station};{packet.command};{packet.request};{packet.part};".encode()
    return hashlib.sha256(head + packet.region).digest()
