"""
What operations about energy answer: the documents of `api.energy.documents`, with their form.

Amounts are decimal strings in the unit that the answer names; what is not known is null, never
zero.
"""

from __future__ import annotations

from pydantic import ConfigDict, Field

from api.http.models import Model


class SpanModel(Model):
    """A stretch of time, half-open."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    begin: str = Field(alias="from", description="First instant.")
    end: str = Field(alias="to", description="Instant after the last.")


class PeakModel(SpanModel):
    """A highest or lowest load, and the interval it stood in."""

    load: str
    entries: list[int] = Field(description="Indexes of the entries it comes from.")


class LoadModel(SpanModel):
    """What a series did in one piece of time."""

    label: str = Field(description="Such as 2024-03, 2024-W05, 2024-03-01.")
    total: str | None = Field(description="Null for what is no amount, and without a reading.")
    mean: str | None
    highest: PeakModel | None
    lowest: PeakModel | None
    load_factor: str | None = Field(description="Mean by highest load (负荷率).")
    spread: str | None = Field(description="Highest less lowest, by highest (峰谷差率).")
    count: int
    missing_s: int
    left_out: dict[str, int] = Field(description="What is in no sum, by its reason.")
    marked: dict[str, int] = Field(description="What is in the sum and to be known of it.")


class CurveModel(Model):
    """A load curve (负荷曲线)."""

    series: str
    unit: str
    load_unit: str
    zone: str
    by: str
    loads: list[LoadModel]


class PowerFactorModel(SpanModel):
    """Power factor of one piece of time."""

    label: str
    active_kwh: str = Field(alias="active_kWh")
    lagging_kvarh: str
    leading_kvarh: str
    lagging: str | None
    leading: str | None
    billed: str | None = Field(description="With the sizes of both kinds added.")
    comparable: bool = Field(description="False where the energies cover other seconds.")
    missing_s: int


class PowerFactorList(Model):
    """Power factors (功率因数) of a connection."""

    zone: str
    by: str
    power_factors: list[PowerFactorModel]


class LevelModel(Model):
    """What the meters of a level counted together."""

    level: int
    meters: int
    amount: str
    incomplete: list[str]


class BalanceModel(Model):
    """A meter against those right below it."""

    meter: str
    level: int
    amount: str | None
    children: list[str]
    below: str
    rest: str | None = Field(description="Lost or unmetered; null where a meter is incomplete.")
    rest_share: str | None
    incomplete: list[str]
    outcome: str = Field(description="held, failed or could_not_check.")
    outcome_zh: str


class MeteringModel(SpanModel):
    """Energy by levels of metering 1 to 4 (四级计量)."""

    unit: str
    levels: list[LevelModel]
    balances: list[BalanceModel]


class AnomalyModel(SpanModel):
    """A value that is far from the usual of its hour."""

    kind: str
    value: str
    usual: str
    score: str
    entries: list[int]
    explanation: str
    explanation_zh: str


class AnomalyList(Model):
    """What was found in a stream, and how much of it could be judged."""

    series: str
    unit: str
    judged: int
    not_judged: int
    early_share: str
    late_share: str
    drifted: bool
    anomalies: list[AnomalyModel]
