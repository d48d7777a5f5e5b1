"""
Write the vectors of messages, packs, records, digests and answers:
`python -m tests.vectors.generate_messages [--check]`.

The cases are made without the implementation: with cbor2, cryptography, rfc8785, eth_account and
eth_abi, and curve arithmetic of their own. Each broken case breaks one thing and names the code
with which it must be refused.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.vectors.answer_cases import answer_cases
from tests.vectors.digest_cases import digest_cases
from tests.vectors.message_cases import message_cases
from tests.vectors.pack_cases import pack_cases
from tests.vectors.record_cases import record_cases
from tests.vectors.signature_cases import ed25519_cases, p256_cases

FOLDER = Path(__file__).resolve().parent / "messages"

Cases = Callable[[], Iterator[dict[str, Any]]]

FILES: dict[str, tuple[str, Cases]] = {
    "ed25519": (
        "the Ed25519 rule of signed-message.md: canonical A and R of no small order, S < L, the"
        " equation without cofactor; `step` says where a case is decided",
        ed25519_cases,
    ),
    "p256": ("ECDSA on P-256 as r || s with low s; SubjectPublicKeyInfo in one form", p256_cases),
    "messages": ("signed-message.md: frame, header, signature", message_cases),
    "packs": ("readings.md: SenML packs of the profile carbonseal-1", pack_cases),
    "records": ("records.md: canonical JSON, typed bodies, EIP-712 signature", record_cases),
    "digests": ("activity-digest.md: ten words of the Solidity ABI", digest_cases),
    "answers": ("answers.md: promise, refusal, receipt", answer_cases),
}


def documents() -> dict[str, str]:
    """Give the text of each file."""
    return {
        name: json.dumps(
            {"description": description, "cases": list(cases())}, indent=1, ensure_ascii=False
        )
        + "\n"
        for name, (description, cases) in FILES.items()
    }


def main(arguments: list[str]) -> int:
    stale = []
    for name, text in documents().items():
        path = FOLDER / f"{name}.json"
        if "--check" in arguments:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"stale: {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
