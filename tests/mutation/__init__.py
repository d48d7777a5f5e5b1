"""Faults planted in the contracts, each of which the comparison with the oracle must notice."""
