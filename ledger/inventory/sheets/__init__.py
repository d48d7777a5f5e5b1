"""Sheets people fill in: templates, reading with errors by row and column, safe writing."""
