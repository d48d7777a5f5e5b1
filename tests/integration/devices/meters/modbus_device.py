"""A Modbus device for tests: pymodbus' server in a thread of its own, and a serial line to it."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import SimData, SimDevice
from pymodbus.simulator.simutils import DataType


class ModbusDevice:
    """
    A device on the loopback.

    Args:
        words: What its registers hold, from address 0.
        framer: Frames of TCP, or of a serial line passed through.
    """

    def __init__(
        self, words: Sequence[int], *, framer: FramerType = FramerType.SOCKET, number: int = 1
    ) -> None:
        self._words = list(words)
        self._framer = framer
        self._number = number
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.port = 0
        self.delay_s = 0.0
        """How long it thinks before it answers."""
        self.requests = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        data = [SimData(0, values=self._words, datatype=DataType.REGISTERS)]
        device = SimDevice(self._number, data, action=self._think)
        server = ModbusTcpServer(device, framer=self._framer, address=("127.0.0.1", 0))
        await server.serve_forever(background=True)
        self.port = server.transport.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        await server.shutdown()

    async def _think(self, *_: object) -> ExcCodes | None:
        self.requests += 1
        await asyncio.sleep(self.delay_s)
        return None


class SerialLine:
    """A pseudo-terminal whose far end is a device that passes serial frames through."""

    def __init__(self, port: int) -> None:
        self._master, self._slave = os.openpty()
        self.path = os.ttyname(self._slave)
        self._device = socket.create_connection(("127.0.0.1", port))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._carry)
        self.noise = b""
        """Bytes put on the line before the next answer."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(10)
        self._device.close()
        os.close(self._master)
        os.close(self._slave)

    def _carry(self) -> None:
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._master, self._device], [], [], 0.05)
            with suppress(OSError):
                if self._master in ready:
                    self._device.sendall(os.read(self._master, 512))
                if self._device in ready:
                    os.write(self._master, self.noise + self._device.recv(512))
                    self.noise = b""
