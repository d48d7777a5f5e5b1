"""Answers of real nodes, kept as JSON beside the tests of the chain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent.parent / "unit" / "chain" / "recorded"


def recorded(name: str) -> Any:
    """Read one recorded answer."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
