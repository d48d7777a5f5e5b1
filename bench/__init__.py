"""Benchmarks: how fast the ledger is, each beside what the machine itself could do at that time."""
