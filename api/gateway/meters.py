"""
From the settings of meters to what reads them: what each measures, and the lines of the agent.

Mapping files are read first, all of them, so that a mistake in one is found before anything
listens or signs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from api.errors import ConfigurationError
from api.gateway.meter_settings import (
    CsvSettings,
    Hj212Settings,
    MeterSettings,
    ModbusSettings,
    SimulatedSettings,
)
from attestation.enums import SignerKind
from attestation.errors import EncodingError
from attestation.ids import parse_series_id
from attestation.instants import MILLISECONDS_PER_SECOND, Instant, parse_instant
from devices.folder_import import FolderImport
from devices.hj212.inbox import Inbox
from devices.hj212.meter import StationMeter
from devices.hj212.server import HostServer
from devices.hj212.stations import Station, parse_station
from devices.measuring import Line, MeterLine
from devices.meters.csv_file import CsvFile
from devices.meters.csv_mapping import CsvMapping, parse_csv_mapping
from devices.meters.noise import jitter
from devices.meters.protocol import Meter
from devices.meters.simulated import (
    LiveSimulation,
    SimulatedMeter,
    SimulatedQuantity,
    SimulatedRegister,
)
from devices.modbus.link import ModbusLink, serial_link, tcp_link
from devices.modbus.meter import ModbusMeter
from devices.modbus.register_map import RegisterMap, parse_register_map
from devices.modbus.serial_port import SerialSettings
from devices.signed_intervals import SignedIntervals
from devices.signer_state import SignerState
from devices.store import GatewayStore

_SILENT_INTERVALS: Final = 3
_SILENT_HJ212_S: Final = 86_400
_PERMILLE: Final = 1000

Definition = SimulatedSettings | CsvMapping | Mapping[str, Station] | RegisterMap
"""What the files that a meter's settings name say of it."""


@dataclass(frozen=True, slots=True)
class KnownMeter:
    """A meter whose files were read; nothing of it is open yet."""

    settings: MeterSettings
    series: tuple[str, ...]
    """Series it gives, sorted."""
    silent_after_s: int | None
    """Age of the newest reading from which it is silent; None for imports."""
    definition: Definition


def read_meters(settings: tuple[MeterSettings, ...]) -> tuple[KnownMeter, ...]:
    """
    Read the files of every meter; opens nothing.

    Raises:
        ConfigurationError: If a file cannot be read, or two meters give one series.
        MappingError: If a mapping, station file or register map is wrong.
    """
    meters = tuple(_known(each) for each in settings)
    owners: dict[str, str] = {}
    for meter in meters:
        for series in meter.series:
            other = owners.setdefault(series, meter.settings.name)
            if other != meter.settings.name:
                raise ConfigurationError(
                    f"series {series} is given by two meters: {other} and {meter.settings.name}"
                )
    return meters


def _known(settings: MeterSettings) -> KnownMeter:
    definition: Definition
    match settings:
        case SimulatedSettings():
            definition = settings
            names = [settings.series, settings.register_series]
            series = [_series(each) for each in names if each is not None]
            usual_s: int | None = _SILENT_INTERVALS * settings.cadence_s
        case CsvSettings():
            definition = parse_csv_mapping(_text(settings.mapping), name=settings.mapping.name)
            series = [each.quantity.series for each in definition.series]
            usual_s = None
        case Hj212Settings():
            definition = _stations(settings)
            series = [
                factor.quantity.series
                for station in definition.values()
                for factor in station.factors
            ]
            usual_s = _SILENT_HJ212_S
        case ModbusSettings():
            path = settings.register_map
            definition = parse_register_map(_text(path), name=path.name)
            series = [each.quantity.series for each in definition.registers]
            usual_s = _SILENT_INTERVALS * definition.cadence_s
        case _:
            assert_never(settings)
    chosen_s = usual_s if settings.silent_after_s is None else settings.silent_after_s
    return KnownMeter(settings, tuple(sorted(series)), chosen_s, definition)


def _series(text: str) -> str:
    try:
        return str(parse_series_id(text))
    except EncodingError as error:
        raise ConfigurationError(error.message) from error


def _stations(settings: Hj212Settings) -> Mapping[str, Station]:
    stations: dict[str, Station] = {}
    for path in settings.stations:
        station = parse_station(_text(path), name=path.name)
        if station.number in stations:
            raise ConfigurationError(f"{path.name}: station {station.number} has two files")
        stations[station.number] = station
    return stations


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}") from error


class LineBuilder:
    """
    Opens meters as lines of an agent.

    Args:
        stack: Closes what is opened.
        store: The gateway's database, which knows how far a simulation has come.
        states: The keys' states, by their names in the settings.
        clock: Gives the time.
    """

    def __init__(
        self,
        stack: ExitStack,
        *,
        store: GatewayStore,
        states: Mapping[str, SignerState],
        clock: Callable[[], Instant],
    ) -> None:
        self._stack = stack
        self._store = store
        self._states = states
        self._clock = clock
        self._links: dict[str, ModbusLink] = {}
        self.chores: list[Callable[[Instant], object]] = []
        """What is to be done now and then, such as forgetting old packets."""

    def open(self, meter: KnownMeter, kind: SignerKind) -> Line:
        """
        Open one meter.

        Args:
            meter: With its files read.
            kind: Who signs for it, as its key is enrolled.

        Raises:
            ConfigurationError: If it cannot be opened as its settings say.
            StoreUnavailable: If the inbox of a data logger cannot be opened.
        """
        settings, definition = meter.settings, meter.definition
        if isinstance(settings, CsvSettings) and isinstance(definition, CsvMapping):
            return self._folder(settings, definition)
        if isinstance(settings, SimulatedSettings):
            return self._line(settings, self._simulated(settings, kind))
        if isinstance(settings, ModbusSettings) and isinstance(definition, RegisterMap):
            return self._line(settings, ModbusMeter(self._link(settings, definition), definition))
        if isinstance(settings, Hj212Settings) and isinstance(definition, Mapping):
            return self._line(settings, self._listen(settings, definition))
        raise TypeError("settings and definition are of two kinds")

    def _line(self, settings: MeterSettings, meter: Meter) -> MeterLine:
        state = self._states[settings.key]
        return MeterLine(settings.name, meter, state, settings.readings_per_message)

    def _folder(self, settings: CsvSettings, mapping: CsvMapping) -> FolderImport:
        return FolderImport(
            settings.name,
            settings.folder,
            settings.pattern,
            lambda path: CsvFile(path, mapping),
            self._states[settings.key],
            readings_per_message=settings.readings_per_message,
        )

    def _simulated(self, settings: SimulatedSettings, kind: SignerKind) -> LiveSimulation:
        start_s = _start_s(settings)
        register = None
        if settings.register_series is not None:
            register = SimulatedRegister(settings.register_series, 0, settings.register_modulus)
        quantity = SimulatedQuantity(
            settings.unit, _amounts(settings), settings.series, register=register
        )
        meter = SimulatedMeter((quantity,), start_s=start_s, cadence_s=settings.cadence_s)
        newest_s = SignedIntervals(self._store).newest_end_s(settings.series)
        simulation = LiveSimulation(meter, since_s=start_s if newest_s is None else newest_s)
        simulation.signer = kind
        return simulation

    def _link(self, settings: ModbusSettings, definition: RegisterMap) -> ModbusLink:
        """Give the line; meters behind one converter or on one port share it."""
        place = settings.serial or f"{settings.host}:{settings.port} {settings.rtu_over_tcp}"
        if place not in self._links:
            times = {"timeout_s": definition.timeout_s, "attempts": definition.attempts}
            if settings.serial is not None:
                form = SerialSettings(settings.baud, settings.parity, settings.stop_bits)
                link = serial_link(settings.serial, form, **times)
            else:
                rtu = settings.rtu_over_tcp
                link = tcp_link(settings.host or "", settings.port, rtu=rtu, **times)
            self._links[place] = self._stack.enter_context(link)
        return self._links[place]

    def _listen(self, settings: Hj212Settings, stations: Mapping[str, Station]) -> StationMeter:
        inbox = self._stack.enter_context(Inbox(settings.inbox))
        self.chores.append(inbox.prune)
        try:
            server = HostServer(
                stations,
                inbox.keep,
                clock=self._clock,
                host=settings.listen_host,
                port=settings.listen_port,
            )
        except OSError as error:
            raise ConfigurationError(
                f"meter {settings.name} cannot listen on {settings.listen_host}:"
                f"{settings.listen_port}: {error.strerror}"
            ) from error
        self._stack.enter_context(server)
        return StationMeter(inbox, stations)


def _start_s(settings: SimulatedSettings) -> int:
    try:
        start = parse_instant(settings.start)
    except EncodingError as error:
        raise ConfigurationError(f"meter {settings.name}: {error.message}") from error
    start_s, rest = divmod(start, MILLISECONDS_PER_SECOND)
    if rest or start_s % settings.cadence_s:
        raise ConfigurationError(
            f"meter {settings.name}: start is no whole interval of {settings.cadence_s} s"
        )
    return start_s


def _amounts(settings: SimulatedSettings) -> Callable[[int], int]:
    width = settings.mean * settings.jitter_permille // _PERMILLE

    def amount(end_s: int) -> int:
        return settings.mean + jitter(settings.seed, end_s // settings.cadence_s, width)

    return amount


def series_of(meters: tuple[KnownMeter, ...], key: str) -> Iterator[str]:
    """Give the series that a key signs, by the key's name in the settings."""
    for meter in meters:
        if meter.settings.key == key:
            yield from meter.series
