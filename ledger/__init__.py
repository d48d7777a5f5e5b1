"""What was admitted, in which order, what it adds up to, and who owns what."""
