"""
A verifier's sampling plan: strata, sizes and reasons, and the sample that a seed gives.

The document is frozen on chain by its hash before anybody can know the seed.

Source: ISO 14064-3; CONTRACTS section 5; `docs/formats/sampling.md`, section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from attestation.body_fields import (
    AMOUNT,
    HASH,
    NAME,
    body_of,
    integer,
    list_of,
    optional,
    read_body,
    require,
    stated,
    text,
    word_of,
    write_body,
)
from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.enums import SamplingMethod
from attestation.errors import EncodingError
from attestation.sampling import draw_by_amount, draw_places

_TYPE: Final = "sampling-plan"
_VERSION: Final = 1
_MAX_INDEX: Final = (1 << 53) - 1
_MAX_ITEMS: Final = 100_000
_MAX_STRATA: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A part of the population that is sampled in one way."""

    name: str = stated(NAME)
    method: SamplingMethod = stated(word_of(SamplingMethod))  # noqa: RUF009 - a field
    reason: str = stated(text())
    """Why so, and why so many."""
    start: int | None = optional(integer(0, _MAX_INDEX))
    """First entry of a stretch of the log, included; without a list of items."""
    end: int | None = optional(integer(0, _MAX_INDEX))
    """End of the stretch, excluded."""
    items: tuple[int, ...] = optional(list_of(integer(0, _MAX_INDEX), most=_MAX_ITEMS), ())
    """Entries of the log, in ascending order; without a stretch."""
    amounts: tuple[int, ...] = optional(list_of(AMOUNT, most=_MAX_ITEMS), ())
    """Of each item, for a draw by amount."""
    size: int = stated(integer(0, _MAX_INDEX))
    strict_size: int = stated(integer(0, _MAX_INDEX))
    """Where a party gave no nonce."""

    def __post_init__(self) -> None:
        is_stretch = self.start is not None and self.end is not None
        require(is_stretch != bool(self.items), "a stratum has a stretch or a list of items")
        require((self.start is None) == (self.end is None), "a stretch has a begin and an end")
        if self.start is not None and self.end is not None:
            require(self.start < self.end, "a stretch ends before it begins")
        ascending = all(low < high for low, high in zip(self.items, self.items[1:], strict=False))
        require(ascending, "the items are not in ascending order")
        by_amount = self.method is SamplingMethod.BY_AMOUNT
        require(
            len(self.amounts) == (len(self.items) if by_amount else 0),
            "amounts are stated for each item of a draw by amount, and for no other",
        )
        require(by_amount is False or bool(self.items), "a draw by amount has a list of items")
        require(all(each > 0 for each in self.amounts), "an amount is not above zero")
        require(self.size <= self.strict_size, "the strict size is below the usual one")

    @property
    def population(self) -> int:
        """How many items there are."""
        if self.start is None or self.end is None:
            return len(self.items)
        return self.end - self.start

    def entry(self, place: int) -> int:
        """Give the entry of the log at a place of the stratum."""
        return self.items[place] if self.start is None else self.start + place

    def draw(self, seed: bytes, *, is_strict: bool) -> tuple[int, ...]:
        """
        Give the entries that are drawn, in the order in which they come up.

        Args:
            seed: Seed of the draw, 32 bytes.
            is_strict: Whether a nonce is missing.
        """
        size = self.strict_size if is_strict else self.size
        if self.method is SamplingMethod.ALL:
            places: tuple[int, ...] = tuple(range(self.population))
        elif self.method is SamplingMethod.BY_AMOUNT:
            places = draw_by_amount(seed, self.name, amounts=self.amounts, size=size)
        else:
            places = draw_places(seed, self.name, population=self.population, size=size)
        return tuple(self.entry(place) for place in places)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingPlan:
    """What a verifier draws from, how, and how much."""

    inventory: bytes = stated(HASH)
    inventory_version: int = stated(integer(1))
    draw: int = stated(integer(1))
    """Number of the draw for that version."""
    population_root: bytes = stated(HASH)
    """Root of the checkpoint that was pinned for the version."""
    population_size: int = stated(integer(0, _MAX_INDEX))
    """Entries of that checkpoint."""
    strata: tuple[Stratum, ...] = stated(list_of(body_of(Stratum), least=1, most=_MAX_STRATA))

    def __post_init__(self) -> None:
        names = {each.name for each in self.strata}
        require(len(names) == len(self.strata), "two strata have one name")
        for stratum in self.strata:
            last = stratum.entry(stratum.population - 1)
            require(last < self.population_size, f"stratum {stratum.name} exceeds the population")

    def content(self) -> dict[str, Json]:
        """Give its JSON form."""
        return {"type": _TYPE, "version": _VERSION, **write_body(self)}

    @property
    def encoded(self) -> bytes:
        """The document's bytes."""
        return canonical_json(self.content())

    @property
    def plan_hash(self) -> bytes:
        """What is frozen on chain, 32 bytes."""
        return sha256(self.encoded).digest()

    def sample(self, seed: bytes, *, is_strict: bool) -> Mapping[str, tuple[int, ...]]:
        """
        Give the entries of the log that are drawn, by stratum.

        Args:
            seed: Seed of the draw, 32 bytes.
            is_strict: Whether a nonce is missing: the sample has the strict size then.
        """
        return {each.name: each.draw(seed, is_strict=is_strict) for each in self.strata}


def parse_plan(encoded: bytes) -> SamplingPlan:
    """
    Read a plan's document.

    Args:
        encoded: Canonical JSON, from outside.

    Raises:
        EncodingError: If it is no plan in its one form.
    """
    content = dict(require_object(parse_canonical(encoded), "a sampling plan"))
    if (content.pop("type", None), content.pop("version", None)) != (_TYPE, _VERSION):
        raise EncodingError("not a sampling plan of version 1", code="encoding.sampling")
    return read_body(SamplingPlan, content)
