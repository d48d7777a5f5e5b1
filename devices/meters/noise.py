"""
Repeatable noise: whole numbers from a seed and a position, the same on every machine.

No state is carried from one position to the next, so any stretch of a simulation can be made
without what came before it.

Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
"""

from __future__ import annotations

from typing import Final

_MASK: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB


def noise(seed: int, position: int) -> int:
    """Give 64 bits for a position, evenly spread."""
    bits = (seed + (position + 1) * _STEP) & _MASK
    bits = ((bits ^ (bits >> 30)) * _FIRST) & _MASK
    bits = ((bits ^ (bits >> 27)) * _SECOND) & _MASK
    return bits ^ (bits >> 31)


def jitter(seed: int, position: int, width: int) -> int:
    """Give a whole number from -`width` to +`width`."""
    return noise(seed, position) % (2 * width + 1) - width
