"""Leaving an operator with everything, and arriving at another with the same history."""
