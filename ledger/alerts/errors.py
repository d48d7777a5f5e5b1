"""
Errors of alerts.

    attestation.errors.Error
    └─ AlertRefused               an alert or an inspection cannot be handled so
"""

from __future__ import annotations

from attestation.errors import Error


class AlertRefused(Error):
    """An alert or an inspection cannot be handled so."""

    code = "alerts.refused"
