"""
Meters: simulated ones, files of readings, and what all kinds share.

A meter gives `Reading`s with exact integers; it signs nothing and keeps nothing.
"""
