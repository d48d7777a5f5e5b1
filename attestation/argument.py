"""
The steps of a verification as they are taken: each is tried, named and kept.

A step gives a value that later steps need. Where it did not hold, those steps are not tried: they
could not be checked, and say which step they needed.

Source: STYLE section 14, item 1; `docs/formats/bundle.md`, steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from attestation.enums import Outcome
from attestation.errors import EncodingError, Error, VerificationError
from attestation.evidence import Step, Unchecked

_Value = TypeVar("_Value")


class Argument:
    """Steps in their order, numbered from 1."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def step(self, name: str, check: Callable[[], tuple[_Value, str]]) -> _Value | None:
        """
        Take a step and keep what came of it.

        Args:
            name: One word, stable.
            check: Gives a value and a sentence; raises where the step does not hold. What is
                neither an error of the evidence nor of its form says only that something could
                not be checked: a node that can't be reached, a record that is not at hand.

        Returns:
            The value, or None where the step did not hold.

        Source: DESIGN section 2, P14.
        """
        try:
            value, detail = check()
        except (VerificationError, EncodingError) as error:
            self._keep(name, Outcome.FAILED, error.stable_code, error.message)
            return None
        except Error as error:
            self._keep(name, Outcome.COULD_NOT_CHECK, error.stable_code, error.message)
            return None
        self._keep(name, Outcome.HELD, None, detail)
        return value

    def _keep(self, name: str, outcome: Outcome, code: str | None, detail: str) -> None:
        self.steps.append(Step(len(self.steps) + 1, name, outcome, code, detail))


def need(value: _Value | None, name: str) -> _Value:
    """
    Give the value of an earlier step.

    Raises:
        Unchecked: If that step did not hold.
    """
    if value is None:
        raise Unchecked(f"rests on step {name!r}, which did not hold", code="unchecked.earlier")
    return value
