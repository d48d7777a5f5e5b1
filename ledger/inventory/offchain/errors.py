"""
Errors of rules off chain.

    ledger.inventory.errors.InventoryError
    └─ RuleRefused                 a rule refuses its inputs or its profile, or there is none
       └─ RuleInputError           the inputs do not have the form that the rule takes

The codes are those of the rules on chain: the same fault has the same code on either side.
"""

from __future__ import annotations

from attestation.errors import EncodingError
from ledger.inventory.errors import InventoryError


class RuleRefused(InventoryError):
    """A rule refuses its inputs or its profile, or there is none of that name for the year."""

    code = "rule.refused"


class RuleInputError(RuleRefused, EncodingError):
    """Something of the inputs is missing, unknown, or not what its field takes."""

    code = "rule.input"
