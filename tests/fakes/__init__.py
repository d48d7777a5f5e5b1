"""Implementations of the ledger's ports for tests; each keeps what its port promises."""
