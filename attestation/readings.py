"""
One reading: what one series said about one half-open interval.

A reading is a statement, true or not; whether it holds is the verifier's business.
Amounts are integers in a fine unit, or an integer with a decimal scale where the unit's list
allows it; there is no float and no missing value that looks like zero.

Source: FORMATS section 2 (SenML profile `carbonseal-1`).
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.enums import Quality


@dataclass(frozen=True, slots=True)
class Reading:
    """
    A record of a pack, with its base fields resolved.

    The interval is `[end_s - interval_s, end_s)`; an instantaneous reading has interval 0.
    """

    series: str
    """Series id, `<instrument>/<quantity>/<channel>/`."""
    end_s: int
    """End of the interval, whole seconds since 1970 UTC; at least 2**28."""
    interval_s: int
    """Length of the interval in seconds; 0 for an instantaneous reading."""
    value: int | None
    """Value times 10**scale, in `unit`; absent only where `quality` says why."""
    unit: str
    """A registered SenML unit, or a UCUM unit of the closed list."""
    quality: Quality = Quality.MEASURED
    scale: int = 0
    """Decimal places of `value`; 0 to 9, and 0 unless the unit allows fractions."""
    register: bool = False
    """True where the value is a register's standing at `end_s`, not the interval's amount."""
    multiplier: str | None = None
    """Id of the multiplier record in force (CT, PT, pulse constant), where there is one."""
    source_file: bytes | None = None
    """SHA-256 of the imported file, 32 bytes, with provenance import only."""
    source_row: int | None = None
    """Row number in the imported file (from 1, header not counted), with provenance import only."""

    @property
    def start_s(self) -> int:
        """Start of the interval, whole seconds since 1970 UTC."""
        return self.end_s - self.interval_s
