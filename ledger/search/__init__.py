"""Search: one index of words and names over everything that a regulator may look for."""
