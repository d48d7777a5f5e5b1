"""
What a benchmark gives: rows of a figure, the machine's own limit and the design's target.

Time is measured twice: by the clock, which others on the machine spoil, and as processor time of
all processes that take part, which they spoil much less. A ratio of processor times says what
share of the work is the one thing that cannot be saved.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

RESULTS: Final = Path(__file__).parent / "results"
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")

Say = Callable[[str], None]
"""Tells whoever waits what is being done."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What some work took."""

    wall_s: float
    cpu_s: float
    """User and system time of this process and all that came from it and still run."""

    def rate(self, count: int) -> float:
        """Give how many a second by the clock."""
        return count / self.wall_s

    def cpu_us(self, count: int) -> float:
        """Give microseconds of processor time for each."""
        return self.cpu_s * 1_000_000 / count


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
    cpu_us: float | None = None
    """Processor time of all processes for each of what is counted."""
    limit_cpu_us: float | None = None
    """What the limit takes of it."""

    @property
    def ratio(self) -> float | None:
        """How much of the limit is reached; for durations, how often the limit fits in."""
        return None if not self.limit else self.measured / self.limit

    @property
    def cpu_share(self) -> float | None:
        """How much of the processor time is the limit's: the ratio on a machine of its own."""
        if self.cpu_us is None or self.limit_cpu_us is None:
            return None
        return self.limit_cpu_us / self.cpu_us


def spent(work: Callable[[], object]) -> Spent:
    """Do some work and say what it took."""
    cpu_before = sum(_cpu_seconds().values())
    begun = time.perf_counter()
    work()
    wall_s = time.perf_counter() - begun
    return Spent(wall_s, sum(_cpu_seconds().values()) - cpu_before)


def cpu_by_program() -> dict[str, float]:
    """Give seconds of processor time so far, by program: `python`, `postgres`, `mosquitto`."""
    found: dict[str, float] = {}
    for process_id, cpu_s in _cpu_seconds().items():
        with suppress(OSError):
            name = (_PROC / str(process_id) / "comm").read_text().strip()
            found[name] = found.get(name, 0.0) + cpu_s
    return found


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
        "rows": [asdict(row) | {"ratio": row.ratio, "cpu_share": row.cpu_share} for row in rows],
    }
    path.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    return path


def _cpu_seconds() -> dict[int, float]:
    """Give the processor time of this process and its descendants, by process id."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for path in _PROC.glob("[0-9]*/stat"):
        try:
            # What stands before the last bracket is the program's name, with spaces perhaps.
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        process_id = int(path.parent.name)
        parents[process_id] = int(fields[1])
        ticks[process_id] = int(fields[11]) + int(fields[12])
    ours = {os.getpid()}
    while more := {each for each, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return {each: ticks[each] / _TICKS_PER_S for each in ours}
