"""From the admitted byte to the anchored checkpoint, and what the entries add up to."""
