"""A client of a ledger's server: generated operations on a thin, hand-written transport."""
