"""Bodies of records of a verification case: one genuine of each, and rules broken."""

from __future__ import annotations

from typing import Any

from tests.vectors.sample_cases import hash_of

Content = dict[str, Any]

INVENTORY = hash_of("inventory")
FINDING = hash_of("finding")
RAISED = 1_735_700_000
DAY = 86_400
_LINE = {"line": "energy_in:2024-03:coal-1:consumption"}


def case_bodies() -> dict[str, Content]:
    """Give a genuine body of each type."""
    place = {"inventory": INVENTORY, "number": 3, "finding": FINDING}
    return {
        "finding": {
            "inventory": INVENTORY,
            "version": 2,
            "number": 3,
            "verifier": "91110000MA01EXAM36",
            "kind": "non-conformity",
            "severity": "major",
            "anchor": _LINE,
            "title": "coal of March 皮带秤",
            "text": "the belt scale was not checked in March",
            "effect_gco2e": "-1250000000",
            "raised_s": RAISED,
            "due_s": RAISED + 10 * DAY,
        },
        "finding-response": {
            **place,
            "text": "the scale was checked, and the month corrected",
            "corrections": [hash_of("correction")],
            "version": 3,
            "at_s": RAISED + DAY,
        },
        "finding-closing": {
            **place,
            "conclusion": "not-corrected",
            "text": "no record of a check was handed in",
            "estimate": {
                "formula": "1000 t x (1 + 0.5 %) x 2.1",
                "amount_gco2e": "2110500000",
                "difference_gco2e": "10500000",
            },
            "at_s": RAISED + 2 * DAY,
        },
        "finding-reopening": {
            **place,
            "closing": hash_of("closing"),
            "reason": "the record was of another scale",
            "at_s": RAISED + 3 * DAY,
            "due_s": RAISED + 9 * DAY,
        },
        "site-visit": {
            "inventory": INVENTORY,
            "version": 2,
            "verifier": "91110000MA01EXAM36",
            "from_s": RAISED,
            "to_s": RAISED + DAY,
            "place": "Works 厂区, control room",
            "latitude_udeg": 24_479_834,
            "longitude_udeg": -118_089_425,
            "persons": [hash_of("lead"), hash_of("member")],
            "observations": ["belt scale B1 runs; its seal is whole"],
            "files": [hash_of("photograph")],
        },
    }


_RANGE = {"series": "em-01/energy/total/", "from_s": RAISED, "to_s": RAISED + DAY}
_ESTIMATE = case_bodies()["finding-closing"]["estimate"]

CASE_DEFECTS: tuple[tuple[str, Content], ...] = (
    ("finding", {"anchor": {}}),
    ("finding", {"anchor": _LINE | {"entry": 7}}),
    ("finding", {"anchor": {"series": _RANGE["series"]}}),
    ("finding", {"anchor": {"entry": 7, "from_s": RAISED, "to_s": RAISED + 1}}),
    ("finding", {"anchor": _RANGE | {"to_s": RAISED}}),
    ("finding", {"anchor": {"document": "x"}}),
    ("finding", {"number": 0}),
    ("finding", {"version": 0}),
    ("finding", {"kind": "opinion"}),
    ("finding", {"severity": "material"}),
    ("finding", {"effect_gco2e": -1_250_000_000}),
    ("finding", {"effect_gco2e": "-1250000000.5"}),
    ("finding", {"due_s": RAISED}),
    ("finding", {"verifier": ""}),
    ("finding", {"inventory": "0x" + INVENTORY}),
    ("finding-response", {"corrections": []}),
    ("finding-response", {"corrections": [FINDING, FINDING]}),
    ("finding-response", {"finding": None}),
    ("finding-closing", {"conclusion": "corrected"}),
    ("finding-closing", {"conclusion": "withdrawn"}),
    ("finding-closing", {"conclusion": "good"}),
    ("finding-closing", {"estimate": _ESTIMATE | {"difference_gco2e": "-1"}}),
    ("finding-closing", {"estimate": _ESTIMATE | {"amount_gco2e": "-1"}}),
    ("finding-reopening", {"due_s": RAISED}),
    ("finding-reopening", {"closing": None}),
    ("site-visit", {"to_s": RAISED}),
    ("site-visit", {"persons": []}),
    ("site-visit", {"persons": ["Zhang San"]}),
    ("site-visit", {"persons": [FINDING, FINDING]}),
    ("site-visit", {"latitude_udeg": 90_000_001}),
    ("site-visit", {"longitude_udeg": "118.089425"}),
    ("site-visit", {"observations": []}),
    ("site-visit", {"files": [FINDING, FINDING]}),
)
"""A type, and one name of its body with another value; None leaves it out."""
