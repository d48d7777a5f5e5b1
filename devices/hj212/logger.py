"""
A simulated data logger (数采仪): it uploads, waits for answers, repeats itself, obeys requests.

For demonstrations and tests; it speaks to the host over a real connection and knows nothing of it
but the protocol.

Source: HJ 212-2017, sections 6.3 and 6.5; HJ 212-2025, sections 6.3 and 6.4.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from attestation.instants import Instant
from devices.errors import ProtocolError, StationSilent
from devices.hj212.checksum import checksum
from devices.hj212.commands import EXECUTED_WELL, INTERACTION, NO_DATA, REQUEST_TAKEN, Command
from devices.hj212.encryption import encrypt_region
from devices.hj212.flags import Edition, Flag
from devices.hj212.frames import FrameParser, encode_frame
from devices.hj212.packets import Packet, format_packet, parse_packet
from devices.hj212.regions import parse_region
from devices.hj212.times import format_request, parse_time

MAX_REGION_BYTES: Final = 950
"""Longest data region of one packet; longer ones are sent in parts."""
STACK_GAS: Final = "31"
"""ST of stack gas (大气环境污染源)."""

_RECEIVE_BYTES: Final = 4096
_ANSWERS: Final = frozenset({Command.DATA_ANSWER, Command.NOTICE_ANSWER})

History = Callable[[str, int, int], Iterable[bytes]]
"""Gives the regions of a command's data between two times, in seconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class LoggerSettings:
    """How a logger presents itself."""

    number: str
    """MN."""
    password: str
    edition: Edition = Edition.Y2017
    key: bytes | None = None
    """SM4 key; with one, regions are encrypted as the edition of 2025 asks."""
    answer_s: int = 5
    """How long to wait for an answer (超时时间)."""
    attempts: int = 3
    """How often a packet is sent in all (重发次数)."""


class DataLogger:
    """
    A data logger connected to a host.

    Args:
        address: The host's address and port.
        settings: How it presents itself.
        clock: Tells the time, for request numbers.
        history: What it has recorded, for requests of the host.
    """

    def __init__(
        self,
        address: tuple[str, int],
        settings: LoggerSettings,
        *,
        clock: Callable[[], Instant],
        history: History | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._history = history
        self._parser = FrameParser()
        self._last_request = ""
        self._answers: set[str] = set()
        self._socket = socket.create_connection(address, timeout=settings.answer_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def upload(
        self, command: str, region: bytes, *, sent_again: bool = False, request: str = ""
    ) -> None:
        """
        Send data until the host has answered, in parts where they are long.

        Args:
            command: CN.
            region: The plain data region.
            sent_again: Whether the data are of an earlier time (补传).
            request: Request number; a new one if not given.

        Raises:
            StationSilent: If the host did not answer any attempt.
        """
        number = request or self._new_request()
        parts = list(split_region(region))
        for part, content in enumerate(parts, start=1):
            packet = self._packet(
                command, content, number, parts=(part, len(parts)), sent_again=sent_again
            )
            self._send_until_answered(packet)

    def heartbeat(self) -> None:
        """
        Show that the line is alive.

        Raises:
            StationSilent: If the host did not answer.
        """
        self._send_until_answered(self._packet(Command.HEARTBEAT, b"", self._new_request()))

    def send_bytes(self, content: bytes) -> None:
        """Put bytes on the line as they are, as a faulty logger does."""
        self._socket.sendall(content)

    def serve(self, for_s: int) -> None:
        """Obey requests of the host for a while."""
        deadline = time.monotonic() + for_s
        while self._receive(deadline):
            continue

    def _packet(
        self,
        command: str,
        region: bytes,
        request: str,
        *,
        parts: tuple[int, int] = (1, 1),
        sent_again: bool = False,
        answer_wanted: bool = True,
    ) -> Packet:
        part, part_count = parts
        return Packet(
            command=command,
            station=self._settings.number,
            region=region,
            request=request,
            system=STACK_GAS if command.startswith("2") else INTERACTION,
            password=self._settings.password,
            flag=Flag(self._settings.edition, part_count > 1, answer_wanted),
            part_count=part_count,
            part=part,
            sent_again=sent_again,
        )

    def _frame(self, packet: Packet) -> bytes:
        plain = format_packet(packet)
        key = self._settings.key
        if key is None or not packet.command.startswith("2"):
            return encode_frame(plain)
        head = plain.removesuffix(packet.region + b"&&")
        encrypted = head + encrypt_region(packet.region, key) + b"&&"
        return encode_frame(encrypted, check_value=checksum(plain))

    def _send_until_answered(self, packet: Packet) -> None:
        self._answers.discard(packet.request)
        for _ in range(self._settings.attempts):
            self._socket.sendall(self._frame(packet))
            deadline = time.monotonic() + self._settings.answer_s
            while packet.request not in self._answers and self._receive(deadline):
                continue
            if packet.request in self._answers:
                return
        raise StationSilent(f"no answer to {packet.command} in {self._settings.attempts} attempts")

    def _receive(self, deadline: float) -> bool:
        """Take in what comes next; False when the time is up or the line has ended."""
        remaining_s = deadline - time.monotonic()
        if remaining_s <= 0:
            return False
        self._socket.settimeout(remaining_s)
        try:
            received = self._socket.recv(_RECEIVE_BYTES)
        except TimeoutError:
            return False
        for frame in self._parser.feed(received):
            self._hear(parse_packet(frame.segment))
        return bool(received)

    def _hear(self, packet: Packet) -> None:
        if packet.command in _ANSWERS:
            self._answers.add(packet.request)
        else:
            self._obey(packet)

    def _obey(self, packet: Packet) -> None:
        """Carry out a request of the host: taken, data, executed."""
        self._say(Command.REQUEST_ANSWER, b"QnRtn=" + REQUEST_TAKEN.encode(), packet.request)
        sent = 0
        for region in self._recorded(packet):
            request = self._new_request()
            data = self._packet(packet.command, region, request, answer_wanted=False)
            self._socket.sendall(self._frame(data))
            sent += 1
        asked_for_data = packet.command.startswith("2")
        result = NO_DATA if asked_for_data and not sent else EXECUTED_WELL
        self._say(Command.EXECUTED, b"ExeRtn=" + result.encode(), packet.request)

    def _recorded(self, packet: Packet) -> Iterable[bytes]:
        values = parse_region(packet.region).values
        if self._history is None or "BeginTime" not in values:
            return ()
        begin_s, end_s = parse_time(values["BeginTime"]), parse_time(values["EndTime"])
        return self._history(packet.command, begin_s, end_s)

    def _say(self, command: Command, region: bytes, request: str) -> None:
        packet = self._packet(command, region, request, answer_wanted=False)
        self._socket.sendall(self._frame(packet))

    def _new_request(self) -> str:
        """Give a number that was not used before, though the clock may stand still."""
        number = max(format_request(self._clock()), str(int(self._last_request or 0) + 1))
        self._last_request = number
        return number


def split_region(region: bytes, *, limit: int = MAX_REGION_BYTES) -> Iterator[bytes]:
    """
    Cut a data region between its groups, each piece with the data time.

    Raises:
        ProtocolError: If a single group is longer than the limit.
    """
    first, *groups = region.split(b";")
    piece = [first]
    for group in groups:
        if len(first) + 1 + len(group) > limit:
            raise ProtocolError(f"a group of {len(group)} bytes, {limit} at most")
        if sum(len(each) + 1 for each in piece) + len(group) > limit:
            yield b";".join(piece)
            piece = [first]
        piece.append(group)
    yield b";".join(piece)
