"""
What is said to people about each code: status, a title in English and Chinese, and what to do next.

One file, `error_catalogue.json`, for HTTP answers, the command line and `docs/errors.md`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """What is said to people about one code."""

    status: int
    title: str
    title_zh: str
    next_step: str


@cache
def catalogue() -> dict[str, CatalogueRow]:
    """Read the catalogue of codes."""
    text = resources.files("api").joinpath("error_catalogue.json").read_text(encoding="utf-8")
    return {code: CatalogueRow(**row) for code, row in json.loads(text).items()}


def row_of(code: str) -> CatalogueRow:
    """Give the row of a code, or that of an error nobody thought of."""
    return catalogue().get(code) or catalogue()["error"]
