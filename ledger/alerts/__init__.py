"""Alerts: what the cross-checks raise, as things that somebody looks after."""
