"""Bodies of records about structure and control plan: one genuine of each, and rules broken."""

from __future__ import annotations

from typing import Any

Content = dict[str, Any]

BEGIN = 1_735_660_800
"""2025-01-01 00:00 in UTC+8."""
METER, SERIES = "em-01", "em-01/energy.import/total/"
BACKUP = "em-02/energy.import/total/"

SITE: Content = {
    "code": "S1",
    "name": "Works 一厂",
    "region": "350211",
    "latitude_udeg": 24_479_834,
    "longitude_udeg": 118_089_425,
    "altitude_m": 12,
}
UNIT: Content = {
    "code": "HB-1",
    "name": "1号机组",
    "site": "S1",
    "kind": "power-unit",
    "unit_class": "coal-up-to-300-mw",
    "capacity": "300000",
    "capacity_unit": "kW",
    "commissioned_s": 1_104_537_600,
}
STREAM: Content = {"code": "F1", "unit": "HB-1", "kind": "fuel", "subject": "bituminous coal 烟煤"}
POINT: Content = {"instrument": METER, "series": [SERIES], "level": 1}
BELOW: Content = {
    "instrument": "em-02",
    "series": [BACKUP],
    "level": 3,
    "parent": METER,
    "unit": "HB-1",
    "stream": "F1",
}
PARAMETER: Content = {
    "unit": "HB-1",
    "parameter": "electricity-bought",
    "measured_in": "MWh",
    "way": "measured",
    "side": "emission",
    "series": [SERIES],
    "every_s": 3600,
    "accuracy_class": "0.5S",
    "accuracy_ppm": 5000,
    "calibration_days": 366,
    "missing": "other-series",
    "backup_series": BACKUP,
    "imports": True,
    "department": "metering 计量",
}


def _without(body: Content, name: str) -> Content:
    return {key: value for key, value in body.items() if key != name}


def structure_bodies() -> dict[str, Content]:
    """Give a genuine body of each type."""
    return {
        "structure": {
            "from_s": BEGIN,
            "sites": [SITE],
            "units": [UNIT],
            "streams": [STREAM, {**STREAM, "code": "P1", "kind": "product", "leaves": True}],
            "instruments": [POINT, BELOW],
        },
        "control-plan": {
            "plan": "plan-1",
            "edition": 1,
            "from_s": BEGIN,
            "reason": "first",
            "explanation": "as the guide asks for",
            "parameters": [PARAMETER, {**PARAMETER, "parameter": "heat-bought"}],
        },
    }


STRUCTURE_DEFECTS: tuple[tuple[str, str, Content], ...] = (
    ("structure", "no site", {"sites": []}),
    ("structure", "site twice", {"sites": [SITE, SITE]}),
    ("structure", "unit on a site that is not there", {"sites": [{**SITE, "code": "S2"}]}),
    ("structure", "region that begins with 0", {"sites": [{**SITE, "region": "035021"}]}),
    ("structure", "beyond the pole", {"sites": [{**SITE, "latitude_udeg": 90_000_001}]}),
    ("structure", "unit twice", {"units": [UNIT, UNIT]}),
    ("structure", "power unit without a class", {"units": [{**UNIT, "unit_class": "none"}]}),
    ("structure", "process with a class", {"units": [{**UNIT, "kind": "process"}]}),
    ("structure", "capacity in MW", {"units": [{**UNIT, "capacity_unit": "MW"}]}),
    ("structure", "no capacity", {"units": [{**UNIT, "capacity": "0"}]}),
    (
        "structure",
        "closed when it began",
        {"units": [{**UNIT, "closed_s": UNIT["commissioned_s"]}]},
    ),
    ("structure", "stream of a unit that is not there", {"streams": [{**STREAM, "unit": "HB-2"}]}),
    ("structure", "false written", {"streams": [{**STREAM, "leaves": False}]}),
    ("structure", "level of its parent", {"instruments": [POINT, {**BELOW, "level": 1}]}),
    (
        "structure",
        "parent that is not there",
        {"instruments": [POINT, {**BELOW, "parent": "em-03"}]},
    ),
    (
        "structure",
        "series of another instrument",
        {"instruments": [POINT, {**BELOW, "series": [SERIES]}]},
    ),
    ("structure", "instrument twice", {"instruments": [POINT, POINT]}),
    (
        "structure",
        "series of a point twice",
        {"instruments": [{**POINT, "series": [SERIES, SERIES]}]},
    ),
    ("structure", "stream that is not there", {"instruments": [POINT, {**BELOW, "stream": "F9"}]}),
    ("control-plan", "second edition as the first", {"edition": 2}),
    ("control-plan", "first edition as a revision", {"reason": "more-accurate"}),
    ("control-plan", "reason that is not listed", {"reason": "convenience"}),
    ("control-plan", "parameter twice", {"parameters": [PARAMETER, PARAMETER]}),
    ("control-plan", "measured by nothing", {"parameters": [{**PARAMETER, "series": []}]}),
    (
        "control-plan",
        "series of a parameter twice",
        {"parameters": [{**PARAMETER, "series": [SERIES, SERIES]}]},
    ),
    ("control-plan", "its own back-up", {"parameters": [{**PARAMETER, "backup_series": SERIES}]}),
    (
        "control-plan",
        "back-up without its rule",
        {"parameters": [{**PARAMETER, "missing": "mean"}]},
    ),
    (
        "control-plan",
        "rule that is not listed",
        {"parameters": [{**PARAMETER, "missing": "guess"}]},
    ),
    (
        "control-plan",
        "lowest of emission data",
        {"parameters": [_without({**PARAMETER, "missing": "lowest"}, "backup_series")]},
    ),
    ("control-plan", "no department", {"parameters": [{**PARAMETER, "department": ""}]}),
)
"""Type, what is wrong, and the one name that is changed."""
