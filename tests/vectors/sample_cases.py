"""Bodies of records about samples and monthly evidence: one genuine of each, and rules broken."""

from __future__ import annotations

import hashlib
from typing import Any

Content = dict[str, Any]

LABORATORY = "91350211M000100Y46"
TAKEN = 1_711_900_800
"""2024-04-01 00:00 in UTC+8: the composite of March is put together."""
MARCH = {"from_s": 1_709_222_400, "to_s": TAKEN}
DAY = 86_400


def hash_of(name: str) -> str:
    """Give a hash that belongs to a name."""
    return hashlib.sha256(name.encode()).hexdigest()


def sample_bodies() -> dict[str, Content]:
    """Give a genuine body of each type."""
    return {
        "laboratory": {
            "code": LABORATORY,
            "laboratory": "coal laboratory 煤质检测中心",
            "key": "0x" + "22" * 20,
            "mark": "cma-and-cnas",
            "accreditation": "220012345678",
            "from_s": 1_672_502_400,
            "to_s": 1_767_196_800,
            "file": hash_of("certificate"),
        },
        "sample": {
            "sample": "2024-03-u1",
            "unit": "u1",
            "fuel": "烟煤",
            "kind": "composite",
            "taken_s": TAKEN,
            **MARCH,
            "mass_g": 3000,
            "sampler": hash_of("sampler"),
            "seal": "F-000123",
            "standard": "GB/T 475, GB/T 474",
            "parts": ["2024-03-01-u1", "2024-03-02-u1"],
        },
        "sample-step": {
            "sample": "2024-03-u1",
            "step": "received",
            "at_s": TAKEN + 2 * DAY,
            "holder": "coal laboratory",
            "seal": "F-000123",
            "broken": True,
            "mass_g": 2950,
            "person": hash_of("clerk"),
            "note": "seal torn in the post",
        },
        "lab-report": {
            "report": "M2024-0412",
            "laboratory": LABORATORY,
            "mark": "cma",
            "standards": ["GB/T 476", "GB/T 213", "GB/T 214", "GB/T 212"],
            "basis": "air-dry",
            "unit": "u1",
            "fuel": "烟煤",
            **MARCH,
            "samples": ["2024-03-u1"],
            "received_s": TAKEN + 2 * DAY,
            "tested_s": TAKEN + 9 * DAY,
            "reported_s": TAKEN + 11 * DAY,
            "mass_g": 2950,
            "instrument": "5E-CHN2200",
            "staff": [hash_of("tester"), hash_of("checker")],
            "file": hash_of("report"),
            "carbon_ppm": 576_100,
            "ncv_j_per_g": 22_415,
            "hydrogen_ppm": 36_200,
            "sulphur_ppm": 5_100,
            "moisture_ppm": 24_300,
            "ash_ppm": 213_000,
        },
        "manifest": {
            "month": "2024-03",
            "number": 2,
            "files": [
                {
                    "name": "fuel-ledger-2024-03.xlsx",
                    "kind": "fuel-use",
                    "media_type": "application/vnd.openxmlformats",
                    "size": 18_231,
                    "sha256": hash_of("ledger"),
                    "unit": "u1",
                },
                {
                    "name": "M2024-0412.pdf",
                    "kind": "test-report",
                    "media_type": "application/pdf",
                    "size": 401_232,
                    "sha256": hash_of("report"),
                },
            ],
            "reason": "the report came after the first manifest",
        },
        "evidence-question": {
            "month": "2024-03",
            "manifest": hash_of("manifest"),
            "question": "fuel use of 17 March is blank",
        },
    }


_FILE = sample_bodies()["manifest"]["files"][0]

SAMPLE_DEFECTS: tuple[tuple[str, Content], ...] = (
    ("laboratory", {"code": "91350211M000100Y47"}),
    ("laboratory", {"key": "0x" + "22" * 19}),
    ("laboratory", {"code": 1}),
    ("laboratory", {"key": 1}),
    ("laboratory", {"mark": "iso"}),
    ("laboratory", {"to_s": 1_672_502_400}),
    ("sample", {"sample": "2024 03"}),
    ("sample", {"kind": "daily"}),
    ("sample", {"parts": None}),
    ("sample", {"parts": ["a", "a"]}),
    ("sample", {"parts": ["2024-03-u1"]}),
    ("sample", {"to_s": MARCH["from_s"]}),
    ("sample", {"taken_s": MARCH["from_s"] - 1}),
    ("sample", {"mass_g": 0}),
    ("sample", {"sampler": "Zhang San"}),
    ("sample-step", {"step": "lost"}),
    ("sample-step", {"seal": None}),
    ("sample-step", {"step": "tested"}),
    ("sample-step", {"particle_um": 3000}),
    ("sample-step", {"broken": False}),
    ("lab-report", {"basis": "from-heat"}),
    ("lab-report", {"carbon_ppm": 1_000_001}),
    ("lab-report", {"carbon_ppm": "576100"}),
    ("lab-report", {"gas_carbon_mg_per_m3": 596_000}),
    ("lab-report", {"samples": []}),
    ("lab-report", {"samples": ["a", "a"]}),
    ("lab-report", {"file": None}),
    ("lab-report", {"staff": []}),
    ("manifest", {"month": "2024-13"}),
    ("manifest", {"month": "2024-3"}),
    ("manifest", {"number": 1}),
    ("manifest", {"reason": None}),
    ("manifest", {"files": [_FILE, _FILE]}),
    ("manifest", {"files": [_FILE, _FILE | {"name": "again.xlsx"}]}),
    ("manifest", {"files": [_FILE | {"media_type": "application/pdf; q=1"}]}),
    ("manifest", {"files": [_FILE | {"media_type": 1}]}),
    ("manifest", {"month": 202_403}),
    ("evidence-question", {"manifest": None}),
)
"""A type, and one name of its body with another value; None leaves it out."""
