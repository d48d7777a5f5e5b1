"""Figures of an oracle: results and steps by the names that the rules give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from tests.oracle.numbers import floored, half_up


@dataclass
class Sheet:
    """Figures of one calculation."""

    results: dict[str, Decimal] = field(default_factory=dict)
    steps: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    near: dict[str, Decimal] = field(default_factory=dict)
    """Steps that cannot be exact, with how far off they may be; of results none may."""

    def step(
        self, name: str, value: Decimal, *, item: int = 0, decimals: int | None = None
    ) -> Decimal:
        """Write a step down, rounded half up where decimals are given, and give it back."""
        assert (name, item) not in self.steps, name
        written = value if decimals is None else half_up(value, decimals)
        self.steps[name, item] = written
        return written

    def near_step(self, name: str, value: Decimal, error: Decimal) -> Decimal:
        """Write a step down that the rule gives within an error it states."""
        self.near[name] = error
        return self.step(name, value)

    def result(self, name: str, value: Decimal, decimals: int) -> Decimal:
        """Write a result down, rounded half up, and give it back."""
        self.results[name] = half_up(value, decimals)
        return self.results[name]

    def floor_result(self, name: str, value: Decimal, decimals: int = 0) -> Decimal:
        """Write a result down, rounded down, and give it back."""
        self.results[name] = floored(value, decimals)
        return self.results[name]
