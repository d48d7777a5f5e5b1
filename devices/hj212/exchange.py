"""
Requests of ours to a station, and the answers to them.

    host                           data logger
      request (QN, A=1)  ──────►
                         ◄──────   9011 QnRtn: taken, or why not
                         ◄──────   uploads, if any were asked for
                         ◄──────   9012 ExeRtn: how it came out

Source: HJ 212-2017, section 6.5.1, tables 10 and 11.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from devices.errors import ProtocolError, StationSilent
from devices.hj212.commands import REQUEST_TAKEN, Command
from devices.hj212.packets import Packet
from devices.hj212.regions import parse_region


@dataclass(slots=True)
class _Pending:
    """One request under way."""

    taken: threading.Event = field(default_factory=threading.Event)
    executed: threading.Event = field(default_factory=threading.Event)
    request_result: str = ""
    execution_result: str = ""


class Exchange:
    """Requests under way, by station and request number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[tuple[str, str], _Pending] = {}

    def open(self, station: str, request: str) -> None:
        """Expect answers to a request that is about to be sent."""
        with self._lock:
            self._pending[(station, request)] = _Pending()

    def hear(self, packet: Packet) -> None:
        """Take an answer; one to nothing of ours is ignored."""
        with self._lock:
            pending = self._pending.get((packet.station, packet.request))
        if pending is None:
            return
        values = _values(packet)
        if packet.command == Command.REQUEST_ANSWER:
            pending.request_result = values.get("QnRtn", "")
            pending.taken.set()
        elif packet.command == Command.EXECUTED:
            pending.execution_result = values.get("ExeRtn", "")
            pending.taken.set()
            pending.executed.set()

    def wait(self, station: str, request: str, *, timeout_s: int) -> str:
        """
        Wait for the end of a request.

        Returns:
            ExeRtn, `1` where it was carried out.

        Raises:
            ProtocolError: If the station refused the request; the message has its QnRtn.
            StationSilent: If it did not answer, or not to the end, in time.
        """
        with self._lock:
            pending = self._pending[(station, request)]
        try:
            if not pending.taken.wait(timeout_s):
                raise StationSilent(f"station {station} did not answer in {timeout_s} s")
            if pending.request_result not in {"", REQUEST_TAKEN}:
                raise ProtocolError(
                    f"station {station} refused the request: QnRtn={pending.request_result}"
                )
            if not pending.executed.wait(timeout_s):
                raise StationSilent(f"station {station} did not finish in {timeout_s} s")
            return pending.execution_result
        finally:
            with self._lock:
                del self._pending[(station, request)]


def _values(packet: Packet) -> dict[str, str]:
    try:
        return dict(parse_region(packet.region).values)
    except ProtocolError:
        return {}
