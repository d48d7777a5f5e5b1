"""
What is open on one connection: arrivals not acknowledged, and messages of ours in flight.

Source: MQTT 5.0, sections 4.3.2 (QoS 1) and 4.6 (acknowledgements go out in order of arrival).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Final

from devices.session import Delivery

_MOST_MIDS: Final = 65_535
"""Packet ids have two bytes and are not 0; a window is smaller."""


class Arrivals:
    """
    Arrivals of one connection, acknowledged in their order.

    `note` is for the connection's thread and takes no lock: the MQTT client calls it while it
    holds its own.
    """

    def __init__(self, generation: int) -> None:
        self._generation = generation
        self._lock = threading.Lock()
        self._open: deque[Delivery] = deque()
        self._ready: set[int] = set()
        self.count = 0

    @property
    def open(self) -> int:
        """How many arrivals are not acknowledged."""
        return len(self._open)

    def note(self, mid: int, topic: str, payload: bytes) -> Delivery:
        """Add an arrival."""
        delivery = Delivery(self._generation, mid, topic, payload, self.count)
        self.count += 1
        self._open.append(delivery)
        return delivery

    def release(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """
        Mark arrivals as safe, and give those whose acknowledgement may go out, in order.

        One that came after an arrival still open waits for it; those of another connection are
        left out.
        """
        with self._lock:
            self._ready.update(
                delivery.arrival
                for delivery in deliveries
                if delivery.generation == self._generation
            )
            released = []
            while self._open and self._open[0].arrival in self._ready:
                first = self._open.popleft()
                self._ready.discard(first.arrival)
                released.append(first)
        return released


class InFlight:
    """Tokens of messages handed to the broker, by packet id, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[int, tuple[int, float]] = {}
        self._last_mid = 1  # that of the client's SUBSCRIBE

    def __len__(self) -> int:
        return len(self._tokens)

    def free_mid(self) -> int:
        """Give a packet id that is not in flight, another one at each call."""
        with self._lock:
            self._last_mid = self._last_mid % _MOST_MIDS + 1
            while self._last_mid in self._tokens:
                self._last_mid = self._last_mid % _MOST_MIDS + 1
            return self._last_mid

    def add(self, mid: int, token: int) -> None:
        """Note a message that was handed over now."""
        with self._lock:
            self._tokens[mid] = (token, time.monotonic())

    def settle(self, mid: int) -> int | None:
        """Take a message out that the broker answered, and give its token."""
        with self._lock:
            token, _ = self._tokens.pop(mid, (None, 0.0))
        return token

    def drain(self) -> list[int]:
        """Take everything out."""
        with self._lock:
            tokens = [token for token, _ in self._tokens.values()]
            self._tokens.clear()
        return tokens

    def oldest_age_s(self) -> float:
        """Give how long the oldest message is in flight; 0 without one."""
        with self._lock:
            oldest = next(iter(self._tokens.values()), None)
        return 0.0 if oldest is None else time.monotonic() - oldest[1]
