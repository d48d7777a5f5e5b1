"""Cases: what enterprise, verifier and authorities do about one inventory, read together."""
