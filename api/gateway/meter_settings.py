"""
Which meters a gateway reads, as its settings file says: one `[[meter]]` each, of four kinds.

What a reading means (series, units, bounds) stands in the mapping, station file or register map
that the entry names; `docs/meters.md` describes them.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from api.settings_files import AnchoredPath, Section

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
_A_YEAR_S = 366 * 86_400


class _Meter(Section):
    name: Name = Field(description="Names the meter on screens; 1 to 40 of `[a-z0-9-]`.")
    key: Name = Field(description="Name of the `[[key]]` that signs its readings.")
    silent_after_s: int | None = Field(
        default=None,
        ge=1,
        le=_A_YEAR_S,
        description="The meter is shown as silent when its newest reading is older than this. "
        "Absent: three intervals, or a day for HJ 212; an import is never silent.",
    )

    readings_per_message: int = Field(
        default=100,
        ge=1,
        le=1000,
        description="Most readings under one signature; 1 where each must be shown by itself.",
    )


class SimulatedSettings(_Meter):
    """A simulated meter (模拟仪表), for trying out; everything from it is shown as such."""

    kind: Literal["simulated"] = Field(description="`simulated`.")
    series: str = Field(description="Series of its amounts, `<instrument>/<quantity>/<channel>/`.")
    unit: str = Field(description="Unit of the amounts, as registered for the series.")
    mean: int = Field(ge=1, description="Amount of a usual interval, in `unit`.")
    jitter_permille: int = Field(
        default=50, ge=0, le=1000, description="How far an interval may differ from the mean."
    )
    seed: int = Field(default=1, ge=0, description="Another seed gives other noise.")
    cadence_s: int = Field(default=900, ge=1, le=86_400, description="Length of an interval.")
    start: str = Field(
        description="When it was put up, RFC 3339 in UTC, at a whole interval; never changed."
    )
    register_series: str | None = Field(
        default=None, description="Series of its register (表底), where it shows one."
    )
    register_modulus: int = Field(
        default=10**12, ge=2, description="The register counts from 0 to one below this."
    )


class CsvSettings(_Meter):
    """Files of readings (CSV) that somebody puts into a folder; signed as imports."""

    kind: Literal["csv"] = Field(description="`csv`.")
    folder: AnchoredPath = Field(
        description="Folder that is looked at; move finished files into it. They stay where they "
        "are, and each row is signed once."
    )
    pattern: str = Field(default="*.csv", description="Which files of the folder are readings.")
    mapping: AnchoredPath = Field(description="Mapping file: how to understand the files.")


class Hj212Settings(_Meter):
    """Data loggers (数采仪) that connect and speak HJ 212; they count as one meter."""

    kind: Literal["hj212"] = Field(description="`hj212`.")
    listen_host: str = Field(
        default="127.0.0.1",
        description="Address to listen on. The protocol is plain text: keep it inside the plant.",
    )
    listen_port: int = Field(ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    stations: tuple[AnchoredPath, ...] = Field(
        min_length=1, description="Station files: who may speak, and what the factors mean."
    )
    inbox: AnchoredPath = Field(
        description="File in which packets are kept before they are answered; made if missing."
    )


class ModbusSettings(_Meter):
    """A Modbus device behind TCP, RTU over TCP, or a serial port (RTU)."""

    kind: Literal["modbus"] = Field(description="`modbus`.")
    register_map: AnchoredPath = Field(description="Register map: what to ask, what it means.")
    host: str | None = Field(default=None, description="Address of the device or converter.")
    port: int = Field(default=502, ge=1, le=65_535, description="Its TCP port.")
    rtu_over_tcp: bool = Field(
        default=False, description="The converter passes serial frames through as they are."
    )
    serial: str | None = Field(default=None, description="Serial port, such as `/dev/ttyUSB0`.")
    baud: int = Field(default=9600, ge=1, description="Speed of the serial line.")
    parity: Literal["even", "odd", "none"] = Field(
        default="even", description="Parity of the serial line."
    )
    stop_bits: Literal[1, 2] = Field(default=1, description="Stop bits of the serial line.")

    @model_validator(mode="after")
    def _one_line(self) -> Self:
        if (self.host is None) == (self.serial is None):
            raise ValueError("a modbus meter has either host or serial")
        return self


MeterSettings = Annotated[
    SimulatedSettings | CsvSettings | Hj212Settings | ModbusSettings, Field(discriminator="kind")
]
