"""Signed acts of others carried to the chain, from their queue to their finality."""
