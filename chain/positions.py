"""
Places in the chain, of which every event has one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChainPosition:
    """Where an event stands; events are ordered by block and log index."""

    block_number: int
    log_index: int
    block_hash: bytes
    block_time_s: int
