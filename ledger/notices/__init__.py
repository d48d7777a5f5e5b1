"""Notices: what parties are told, and how it reaches them."""
