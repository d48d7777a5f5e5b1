"""
What is said about a measurement, and whether it holds.

Everything here is pure: no database, no network, no clock, no environment.
A stranger runs the same code, later and offline, on the same bytes.
"""
