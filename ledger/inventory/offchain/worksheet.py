"""
The worksheet of a rule: every number worked out on the way is written down, then used.

What is used further is what stands on the sheet, so that a reader can follow it with pencil and
paper: with 18 decimals, or under the profile *as the report prints them* with the decimals that
the report has. Results are rounded as the guide says.

Source: CONTRACTS section 3, whose rules on chain write down their steps in the same form.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from attestation.enums import RoundingProfile, label
from ledger.decimals import PLACES, rounded
from ledger.inventory.offchain.errors import RuleRefused
from ledger.ports import CalculatedFigure

_KNOWN = (RoundingProfile.EXACT, RoundingProfile.REPORTED)


class Worksheet:
    """
    The numbers of one calculation.

    Args:
        profile: Which intermediates are rounded.

    Raises:
        RuleRefused: If no rule here knows the profile.
    """

    def __init__(self, profile: RoundingProfile) -> None:
        if profile not in _KNOWN:
            raise RuleRefused(
                f"a rule off chain does not know the profile {label(profile)}",
                code="rule.profile_unknown",
            )
        self._profile = profile
        self.steps: list[CalculatedFigure] = []
        self.results: list[CalculatedFigure] = []

    def step(
        self,
        name: str,
        number: Fraction | Decimal,
        unit: str,
        *,
        item: int = 0,
        reported: int | None = None,
    ) -> Decimal:
        """
        Write down an intermediate, and give what is used further.

        Args:
            name: What it is.
            number: Exact.
            unit: As rules write it.
            item: Which of several, counted from 0 as in the inputs.
            reported: Decimals that a report prints it with; None where it prints none of it.
        """
        is_rounded = self._profile is RoundingProfile.REPORTED and reported is not None
        decimals = reported if is_rounded else None
        value = rounded(number, PLACES if decimals is None else decimals)
        self.steps.append(CalculatedFigure(name, item, unit, decimals, value))
        return value

    def result(
        self, name: str, number: Fraction | Decimal, unit: str, decimals: int, *, item: int = 0
    ) -> Decimal:
        """Write down a result, rounded as it is stated."""
        value = rounded(number, decimals)
        self.results.append(CalculatedFigure(name, item, unit, decimals, value))
        return value
