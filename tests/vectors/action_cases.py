"""Bodies of records of actions: one genuine, and rules broken."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

Content = dict[str, Any]


def action_bodies() -> dict[str, Content]:
    """Give a genuine body of each type."""
    return {
        "action": {
            "number": 41,
            "at_ms": 1_711_900_800_123,
            "actor": "0x" + "22" * 20,
            "role": "verifier",
            "what": "case.comment",
            "subject": "case 0x" + "ab" * 32,
            "on_behalf_of": "91350211M000100Y46",
            "enterprise": "91350211M000100Y46",
            "change": hashlib.sha256(b"change").hexdigest(),
            "signature": base64.b64encode(b"s" * 65).decode(),
            "chain_reference": "0x" + "cd" * 32,
        }
    }


ACTION_DEFECTS: tuple[tuple[str, Content], ...] = (
    ("action", {"number": 0}),
    ("action", {"what": "comment"}),
    ("action", {"what": "case.Comment"}),
    ("action", {"actor": ""}),
    ("action", {"subject": "case\n"}),
    ("action", {"change": "ab"}),
)
"""What no action may say."""
