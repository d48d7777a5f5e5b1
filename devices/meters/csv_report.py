"""
What an import did: every cell that was refused, with its row, its reason and the way to mend it.

Nothing is dropped silently: rows read = rows imported in full + rows with a problem + blank rows,
and the intervals that no row covers are listed.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.readings import Reading

_SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One cell that gives no reading because it cannot be one."""

    row: int
    """Row number in the file, from 1, the header and what is above it not counted."""
    column: str
    code: str
    """Stable: `time`, `number`, `digits`, `bounds`, `quality`, `cells`, `overlap`."""
    what: str
    """What is wrong, with the text that was found."""
    remedy: str
    """What to do about it, in the file or in the mapping."""

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.what} ({self.remedy})"


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A stretch of time between two rows of one series that no row covers."""

    series: str
    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class CsvImport:
    """A file, read."""

    readings: tuple[Reading, ...]
    """In the file's order; each names the file's SHA-256 and its row."""
    problems: tuple[CellProblem, ...]
    uncovered: tuple[Uncovered, ...]
    out_of_order: tuple[int, ...]
    """Rows whose time goes back, where the mapping says that times rise (or the other way)."""
    row_count: int
    """Rows after the header."""
    blank_count: int
    """Rows without any cell."""
    absent_count: int
    """Cells that say "no value"."""
    file_sha256: bytes
    """SHA-256 of the file's bytes, 32 bytes."""

    @property
    def is_sound(self) -> bool:
        """Whether every cell was read, and the rows' times follow each other as declared."""
        return not self.problems and not self.out_of_order

    def summary(self) -> str:
        """Give the report as text, the first twenty problems in full."""
        lines = [
            f"{self.row_count} rows, {len(self.readings)} readings, {len(self.problems)} problems, "
            f"{self.absent_count} absent, {len(self.uncovered)} gaps",
        ]
        if self.out_of_order:
            lines.append(
                f"{len(self.out_of_order)} rows are out of order, row {self.out_of_order[0]} the "
                "first: set midnight or order in the mapping"
            )
        lines += [str(problem) for problem in self.problems[:_SHOWN_PROBLEMS]]
        if len(self.problems) > _SHOWN_PROBLEMS:
            lines.append(f"… and {len(self.problems) - _SHOWN_PROBLEMS} more")
        return "\n".join(lines)
