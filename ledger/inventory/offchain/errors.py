"""
Errors of rules off chain.

    ledger.inventory.errors.InventoryError
    └─ RuleRefused                 a rule refuses its inputs or its profile, or there is none

The codes are those of the rules on chain: the same fault has the same code on either side.
"""

from __future__ import annotations

from ledger.inventory.errors import InventoryError


class RuleRefused(InventoryError):
    """A rule refuses its inputs or its profile, or there is none of that name for the year."""

    code = "rule.refused"
