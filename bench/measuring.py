"""What a benchmark gives: rows of a figure, the machine's own limit and the design's target."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"

Say = Callable[[str], None]
"""Tells whoever waits what is being done."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure."""

    what: str
    measured: float
    unit: str
    limit: float | None = None
    """In the same unit, measured in the same run."""
    limit_name: str = ""
    target: str = ""
    """Of DESIGN section 12."""
    remark: str = ""

    @property
    def ratio(self) -> float | None:
        """How much of the limit is reached; for durations, how often the limit fits in."""
        return None if not self.limit else self.measured / self.limit


def seconds(work: Callable[[], object]) -> float:
    """Give how long `work` takes, in seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def percentile(sample: list[float], per_cent: int) -> float:
    """Give a percentile of a sample."""
    return sorted(sample)[min(len(sample) - 1, len(sample) * per_cent // 100)]


def write_rows(name: str, rows: list[Row], *, quick: bool) -> Path:
    """Write what was measured as JSON."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = {
        "name": name,
        "quick": quick,
        "rows": [asdict(row) | {"ratio": row.ratio} for row in rows],
    }
    path.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    return path
