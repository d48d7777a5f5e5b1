"""Rules that nothing settles on: pure, versioned, in Python, and marked as not on chain."""
