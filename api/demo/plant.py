"""
The demonstration's plant: a made-up coal unit's meters, its stack monitor, and one gateway.

Everything measured is simulated and the screen says so; keys, signatures, outbox, broker and the
HJ 212 line are the real ones. The gateway's clock is played through the year, day by day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.demo.office import EnterpriseOffice
from api.demo.world import World
from attestation.enums import SignerKind
from attestation.instants import MILLISECONDS_PER_SECOND, Instant, parse_instant
from attestation.keys import Algorithm, SoftwareKey
from attestation.series_bodies import Calibration, Instrument, SeriesRegistration
from devices.hj212.cems import Cems
from devices.hj212.inbox import Inbox
from devices.hj212.logger import DataLogger, LoggerSettings
from devices.hj212.meter import StationMeter
from devices.hj212.server import HostServer
from devices.hj212.stations import Station, parse_station
from devices.measuring import MeterLine
from devices.meters.coal_unit import CoalUnit, Outage, unit_meters
from devices.meters.simulated import LiveSimulation
from devices.outbox import Outbox
from devices.rotation import begin_chain
from devices.signer_state import SignerState
from devices.store import GatewayStore

YEAR_START: Final = parse_instant("2023-12-31T16:00:00Z")
"""2024-01-01 00:00 in the reporting zone, UTC+8."""
YEAR_END: Final = parse_instant("2024-12-31T16:00:00Z")
_DAY_S: Final = 86_400
_START_S: Final = YEAR_START // MILLISECONDS_PER_SECOND
_END_S: Final = YEAR_END // MILLISECONDS_PER_SECOND
_CALIBRATED_UNTIL_S: Final = parse_instant("2024-11-30T16:00:00Z") // MILLISECONDS_PER_SECOND
_HOURLY_SINCE_S: Final = _END_S - 31 * _DAY_S
_HOUR_S: Final = 3600
_GREATEST: Final = 10**15
_STATION: Final = """
[station]
number = "81733553216103"
password = "123456"

[[factor]]
command = "2031"
code = "a00000"
field = "Cou"
series = "stack-1/flue-gas-volume/day/"
unit = "L"

[[factor]]
command = "2031"
code = "a05001"
field = "Cou"
series = "stack-1/carbon-dioxide/day/"
unit = "g"

[[factor]]
command = "2061"
code = "a00000"
field = "Cou"
series = "stack-1/flue-gas-volume/hour/"
unit = "L"

[[factor]]
command = "2061"
code = "a05001"
field = "Cou"
series = "stack-1/carbon-dioxide/hour/"
unit = "g"
"""

Meters: Final = {
    # meter: (instrument, what it is, {series: (unit, is a register)})
    "generator": (
        "unit-1-generator",
        "electricity meter (电能表)",
        {
            "unit-1-generator/active-energy/export/": ("Wh", False),
            "unit-1-generator/active-energy/register/": ("Wh", True),
            "unit-1-generator/reactive-energy/export/": ("varh", False),
        },
    ),
    "gas": (
        "unit-1-gas",
        "gas meter (燃气表)",
        {
            "unit-1-gas/volume/amount/": ("L{20Cel}", False),
            "unit-1-gas/volume/register/": ("L{20Cel}", True),
        },
    ),
    "coal": (
        "unit-1-coal",
        "belt scale (皮带秤)",
        {"unit-1-coal/mass/amount/": ("g", False), "unit-1-coal/mass/register/": ("g", True)},
    ),
}
STACK: Final = (
    "stack-1",
    "continuous emission monitor (CEMS, 烟气在线监测)",
    {
        "stack-1/flue-gas-volume/day/": ("L", False),
        "stack-1/carbon-dioxide/day/": ("g", False),
        "stack-1/flue-gas-volume/hour/": ("L", False),
        "stack-1/carbon-dioxide/hour/": ("g", False),
    },
)
"""Day data (2031) for the whole year, hour data (2061) from December on."""


@dataclass
class Device:
    """A key and what it measures."""

    name: str
    key: SoftwareKey
    kind: SignerKind
    series: tuple[str, ...]


class Plant:
    """
    The plant's devices and gateway.

    Args:
        world: Where everything is.
        folder: Where the gateway keeps its state.
    """

    def __init__(self, world: World, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._world = world
        self.store = GatewayStore(folder / "gateway.sqlite")
        self.outbox = Outbox(self.store)
        self.inbox = Inbox(folder / "hj212.sqlite")
        self._unit = CoalUnit(outages=(Outage(_START_S + 120 * _DAY_S, _START_S + 128 * _DAY_S),))
        self.devices = {
            name: Device(name, _key(), SignerKind.DEVICE, tuple(series))
            for name, (_, _, series) in Meters.items()
        }
        # The stack's logger cannot sign: the gateway does it for it, and the message says so.
        self.devices["stack"] = Device("stack", _key(), SignerKind.GATEWAY, tuple(STACK[2]))

    def close(self) -> None:
        """Close the gateway's files."""
        self.inbox.close()
        self.store.close()

    def enrol(self, office: EnterpriseOffice) -> None:
        """Register instruments, series, calibration and keys."""
        office.certify()
        for instrument, kind, series in (*Meters.values(), STACK):
            office.record(_instrument(instrument, kind), f"instrument {instrument}")
            for name, (unit, register) in series.items():
                office.record(_series(name, unit, register), f"series {name}")
            office.record(_calibration(instrument), f"calibration of {instrument}")
        office.settle()
        for device in self.devices.values():
            office.enrol(device.key, device.name, device.series, device.kind)
        office.settle()
        for device in self.devices.values():
            begin_chain(self.store, device.key.public_key.kid, self._world.origin)

    def live_a_year(self, told: Callable[[int, int], None]) -> int:
        """Measure, sign and keep every day of the year; gives the number of readings."""
        states = {name: self._state(device) for name, device in self.devices.items()}
        meters = unit_meters(self._unit, start_s=_START_S)
        lines = [
            MeterLine(name, _DeviceMeter(meters[name]), states[name], readings_per_message=400)
            for name in Meters
        ]
        station = parse_station(_STATION)
        stations = {station.number: station}
        lines.append(MeterLine("stack", StationMeter(self.inbox, stations), states["stack"]))
        clock = _PlayedClock(YEAR_START)
        with HostServer(stations, self.inbox.keep, clock=clock.now) as server:
            cems = Cems(self._unit)
            with _logger(server.port, station, clock) as logger:
                for day in range((_END_S - _START_S) // _DAY_S):
                    self._live_a_day(_START_S + day * _DAY_S, clock, cems, logger, lines)
                    told(day + 1, (_END_S - _START_S) // _DAY_S)
        return self._count()

    def _live_a_day(
        self,
        day_s: int,
        clock: _PlayedClock,
        cems: Cems,
        logger: DataLogger,
        lines: Sequence[MeterLine],
    ) -> None:
        clock.set(day_s + _DAY_S + 60)
        for command in ("2031", "2061") if day_s >= _HOURLY_SINCE_S else ("2031",):
            for region in cems.history(command, day_s, day_s + _DAY_S):
                logger.upload(command, region)
        for line in lines:
            line.measure(clock.now())

    def _state(self, device: Device) -> SignerState:
        return SignerState(self.store, self.outbox, device.key, self._world.origin)

    def _count(self) -> int:
        quarter_hours = (_END_S - _START_S) // 900
        per_slot = sum(len(series) for _, _, series in Meters.values())
        days, hours = (_END_S - _START_S) // _DAY_S, (_END_S - _HOURLY_SINCE_S) // _HOUR_S
        return quarter_hours * per_slot + 2 * (days + hours)


class _PlayedClock:
    """The gateway's clock, played through the year."""

    def __init__(self, start: Instant) -> None:
        self._now = start

    def set(self, seconds: int) -> None:
        """Move to a second since 1970."""
        self._now = Instant(seconds * MILLISECONDS_PER_SECOND)

    def now(self) -> Instant:
        """Give the played time."""
        return self._now


class _DeviceMeter(LiveSimulation):
    """A simulated meter that signs for itself."""

    signer = SignerKind.DEVICE

    def __init__(self, meter: object) -> None:
        super().__init__(meter, since_s=_START_S)  # type: ignore[arg-type]


def _logger(port: int, station: Station, clock: _PlayedClock) -> DataLogger:
    settings = LoggerSettings(number=station.number, password=station.password)
    return DataLogger(("127.0.0.1", port), settings, clock=clock.now)


def _key() -> SoftwareKey:
    return SoftwareKey.generate(Algorithm.ED25519)


def _instrument(name: str, kind: str) -> Instrument:
    return Instrument(
        instrument=name,
        kind=kind,
        maker="simulated",
        model="simulated",
        serial_number=f"SIM-{name}",
        accuracy_class="0.5",
        place="unit 1",
        installer="示例安装公司",
        installed_s=_START_S - _DAY_S,
    )


def _series(name: str, unit: str, register: bool) -> SeriesRegistration:
    cadence_s = {"hour": _HOUR_S, "day": _DAY_S}.get(name.split("/")[2], 900)
    return SeriesRegistration(
        series=name,
        unit=unit,
        cadence_s=cadence_s,
        heartbeat_s=_DAY_S,
        since_s=_HOURLY_SINCE_S if cadence_s == _HOUR_S else _START_S,
        minimum=0,
        maximum=_GREATEST,
        register=register,
        until_s=_END_S,
    )


def _calibration(instrument: str) -> Calibration:
    # The belt scale's certificate ends a month early: its December is out of calibration.
    ends = _CALIBRATED_UNTIL_S if instrument == "unit-1-coal" else _END_S
    return Calibration(
        instrument=instrument,
        certificate_number=f"CAL-2024-{instrument}",
        laboratory="示例计量检测院",
        from_s=_START_S,
        to_s=ends,
        accuracy_class="0.5",
    )
