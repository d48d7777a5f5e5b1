"""The ledger of actions: into the operator's own log, and out of it with proofs."""
