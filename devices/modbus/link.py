"""
The line to a Modbus device: TCP, RTU over TCP, or RTU on a serial port, through pymodbus.

After any failure the line is closed and opened anew for the next request: RTU answers carry no
number, and a late answer to one request must not be taken for the answer to the next.
"""

from __future__ import annotations

from typing import Protocol, Self

from pymodbus.client import ModbusTcpClient
from pymodbus.client.base import ModbusBaseSyncClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU

from devices.errors import MeterUnreadable
from devices.modbus.serial_port import SerialPortClient, SerialSettings

_HOLDING = 3


class Link(Protocol):
    """What a meter asks of a line."""

    def read_words(self, *, device: int, function: int, address: int, count: int) -> list[int]:
        """
        Read registers.

        Raises:
            MeterUnreadable: If there is no answer in time, or one that refuses.
        """

    def close(self) -> None:
        """Let go of the line."""


class ModbusLink:
    """A line through a pymodbus client; make one with `tcp_link` or `serial_link`."""

    def __init__(self, client: ModbusBaseSyncClient, name: str) -> None:
        self._client = client
        self._name = name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the line; the next request opens it again."""
        self._client.close()  # type: ignore[no-untyped-call]

    def read_words(self, *, device: int, function: int, address: int, count: int) -> list[int]:
        """
        Read `count` registers from `address`.

        Raises:
            MeterUnreadable: If the device does not answer in time, refuses, or gives another
                number of registers.
        """
        read = (
            self._client.read_holding_registers
            if function == _HOLDING
            else self._client.read_input_registers
        )
        try:
            response: ModbusPDU = read(address, count=count, device_id=device)
        except (ModbusException, OSError) as error:
            self.close()
            raise MeterUnreadable(f"device {device} at {self._name}: {error}") from error
        if response.isError():
            self.close()
            raise MeterUnreadable(
                f"device {device} at {self._name} refuses registers {address} to "
                f"{address + count - 1} with exception {getattr(response, 'exception_code', '?')}"
            )
        if len(response.registers) != count:
            self.close()
            raise MeterUnreadable(
                f"device {device} at {self._name} gave {len(response.registers)} registers, "
                f"{count} were asked for"
            )
        return list(response.registers)


def tcp_link(
    host: str, port: int = 502, *, timeout_s: int = 3, attempts: int = 3, rtu: bool = False
) -> ModbusLink:
    """
    Give a line over TCP; nothing is sent yet.

    Args:
        host: The device, or a converter from TCP to a serial line.
        port: Its port.
        timeout_s: How long to wait for a connection and for each answer.
        attempts: How often a request is sent in all.
        rtu: Whether serial frames are passed through as they are (RTU over TCP).
    """
    client = ModbusTcpClient(
        host,
        port=port,
        framer=FramerType.RTU if rtu else FramerType.SOCKET,
        timeout=timeout_s,
        retries=attempts - 1,
    )
    return ModbusLink(client, f"{host}:{port}")


def serial_link(
    path: str,
    settings: SerialSettings | None = None,
    *,
    timeout_s: int = 3,
    attempts: int = 3,
) -> ModbusLink:
    """Give a line on a serial port (RTU); nothing is opened yet."""
    client = SerialPortClient(
        path, settings or SerialSettings(), timeout_s=timeout_s, attempts=attempts
    )
    return ModbusLink(client, path)
