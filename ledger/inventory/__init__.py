"""Inventories: from the entries of a log to signed figures of emissions, each traceable back."""
