"""
A serial port for Modbus RTU, with the terminal calls of the standard library.

pymodbus has a serial client of its own, but only with pyserial beside it; this one needs nothing
else, and takes any terminal device, pseudo-terminals included.

Source: MODBUS over Serial Line 1.02, section 2.5.1 (frames end with 3.5 characters of silence).
"""

from __future__ import annotations

import fcntl
import os
import select
import termios
import time
import tty
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pymodbus.client.base import ModbusBaseSyncClient
from pymodbus.exceptions import ConnectionException
from pymodbus.framer import FramerType
from pymodbus.transport import CommParams, CommType

from devices.errors import MappingError

_SPEEDS: Final = {
    1200: termios.B1200,
    2400: termios.B2400,
    4800: termios.B4800,
    9600: termios.B9600,
    19_200: termios.B19200,
    38_400: termios.B38400,
    57_600: termios.B57600,
    115_200: termios.B115200,
}
_INPUT_SPEED, _OUTPUT_SPEED, _CONTROL = 4, 5, 2  # places in the list of tcgetattr
_PARITIES: Final = ("even", "odd", "none")
_FORM: Final = termios.PARENB | termios.PARODD | termios.CSTOPB
_READ_BYTES: Final = 512  # an RTU frame has 256 at most


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """Speed and form of characters; Modbus asks for 8 bits, even parity by default."""

    baud: int = 9600
    parity: str = "even"
    """`even`, `odd` or `none`."""
    stop_bits: int = 1

    def __post_init__(self) -> None:
        known = self.baud in _SPEEDS and self.parity in _PARITIES and self.stop_bits in {1, 2}
        if not known:
            raise MappingError(
                f"no serial line runs at {self.baud} baud, {self.parity} parity, "
                f"{self.stop_bits} stop bits"
            )


class SerialPortClient(ModbusBaseSyncClient):
    """A pymodbus client on a terminal device."""

    def __init__(
        self, path: str, settings: SerialSettings, *, timeout_s: int, attempts: int
    ) -> None:
        self.comm_params = CommParams(
            comm_type=CommType.SERIAL,
            host=path,
            baudrate=settings.baud,
            bytesize=8,
            stopbits=settings.stop_bits,
            parity=settings.parity[0].upper(),
            comm_name="serial",
            timeout_connect=timeout_s,
        )
        super().__init__(FramerType.RTU, attempts - 1, self.comm_params, None, None, None)
        self._path = path
        self._settings = settings
        self._timeout_s = timeout_s
        self._descriptor: int | None = None

    @property
    def connected(self) -> bool:
        """Whether the port is open."""
        return self._descriptor is not None

    def connect(self) -> bool:
        """Open the port for this process alone, and set speed and form."""
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            fcntl.ioctl(descriptor, termios.TIOCEXCL)
            _configure(descriptor, self._settings)
        except (OSError, termios.error):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def close(self) -> None:
        """Close the port; may be repeated."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        with suppress(OSError):  # the device may be gone
            fcntl.ioctl(descriptor, termios.TIOCNXCL)  # others may open it again
        os.close(descriptor)

    def send(self, request: bytes, addr: tuple[str, int] | None = None) -> int:
        """Send a frame; what an earlier request left in the buffers is thrown away first."""
        descriptor = self._open_descriptor()
        try:
            termios.tcflush(descriptor, termios.TCIFLUSH)
            sent = 0
            while sent < len(request):
                _, ready, _ = select.select([], [descriptor], [], self._timeout_s)
                if not ready:
                    raise ConnectionException(f"{self._path} takes no bytes")
                sent += os.write(descriptor, request[sent:])
        except (OSError, termios.error) as error:
            self.close()
            raise ConnectionException(f"{self._path}: {error}") from error
        return sent

    def recv(self, size: int | None) -> bytes:
        """Give what has come, waiting for the first byte; nothing when the time is up."""
        descriptor = self._open_descriptor()
        deadline = time.monotonic() + self._timeout_s
        while (remaining_s := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([descriptor], [], [], remaining_s)
            if not ready:
                break
            try:
                received = os.read(descriptor, size or _READ_BYTES)
            except BlockingIOError:
                continue
            except OSError as error:
                self.close()
                raise ConnectionException(f"{self._path}: {error}") from error
            if received:
                return received
        return b""

    def _open_descriptor(self) -> int:
        if self._descriptor is None:
            raise ConnectionException(f"{self._path} is not open")
        return self._descriptor


def _configure(descriptor: int, settings: SerialSettings) -> None:
    """Pass bytes through unchanged, at the speed and parity of the settings."""
    tty.setraw(descriptor, termios.TCSANOW)
    attributes = termios.tcgetattr(descriptor)
    form = 0
    if settings.parity != "none":
        form |= termios.PARENB
    if settings.parity == "odd":
        form |= termios.PARODD
    if settings.stop_bits == 2:
        form |= termios.CSTOPB
    attributes[_CONTROL] = attributes[_CONTROL] & ~_FORM | form | termios.CLOCAL | termios.CREAD
    attributes[_INPUT_SPEED] = attributes[_OUTPUT_SPEED] = _SPEEDS[settings.baud]
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    # The call succeeds if anything was set: a port without parity has to be found out.
    if termios.tcgetattr(descriptor)[_CONTROL] & _FORM != form:
        raise OSError(f"the port has no {settings.parity} parity or {settings.stop_bits} stop bits")
