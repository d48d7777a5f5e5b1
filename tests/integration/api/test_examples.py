"""Every example of the schema is asked, and answered so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import examples
from tests.support.contract import OPERATIONS, World, world

__all__ = ["world"]

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("contract")]

NOT_SHOWN = {"followEvents", "getReport"}
"""A stream is followed, not asked; a report is a file that needs a chain."""


def test_examples_are_answered_so(world: World) -> None:
    """One after the other, because some change what the next ones see."""
    wrong = [
        (name, example["name"])
        for name, example in examples.each_example()
        if not is_answered_so(world, name, example)
    ]

    assert wrong == []


def is_answered_so(world: World, name: str, example: dict[str, Any]) -> bool:
    """Ask one example and compare the answer."""
    response = examples.ask(world, examples.PLACES[name], example)
    answer, expected = examples.answer_of(response), example.get("answer")
    if example.get("varies"):
        answer, expected = examples.form_of(answer), examples.form_of(expected)
    return response.status_code == example["status"] and answer == expected


def test_every_example_has_words_in_both_languages() -> None:
    """A sentence in English and one in Chinese."""
    summaries = [(each["summary"], each["summary_zh"]) for _, each in examples.each_example()]

    assert all(english.isascii() and not chinese.isascii() for english, chinese in summaries)


def test_every_reading_operation_has_an_example() -> None:
    """Whoever reads the schema sees how it is asked."""
    reading = {name for path, method, name in OPERATIONS if method == "get"}

    assert reading - set(examples.load()) - NOT_SHOWN == set()
