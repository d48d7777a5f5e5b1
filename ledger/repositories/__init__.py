"""Rows and values: the only modules, beside migrations, that speak SQL."""
