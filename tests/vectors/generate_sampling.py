"""
Write the vectors of draws: `python tests/vectors/generate_sampling.py [--check]`.

Commitments by eth_abi, numbers by the definitions of `docs/formats/sampling.md` written out once
more, with whole lists where our code keeps what was moved; shares no code with ours.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eth_abi import encode
from eth_utils import keccak

TARGET = Path(__file__).resolve().parent / "sampling" / "draws.json"
TYPE_TEXT = "DrawNonce(bytes32 inventoryId,uint32 version,uint32 draw,bytes32 party,bytes32 nonce)"
SEED = hashlib.sha256(b"a seed").digest()
Case = dict[str, Any]


def word(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def commitments() -> Iterator[Case]:
    """Give what parties sign before a draw."""
    for number, party in enumerate(("verifier", "enterprise", "authority"), 1):
        values = [word("inventory"), 1, number, keccak(text=party), word(f"nonce of {party}")]
        kinds = ["bytes32", "uint32", "uint32", "bytes32", "bytes32"]
        names = ["inventory", "version", "draw", "party", "nonce"]
        encoded = encode(["bytes32", *kinds], [keccak(text=TYPE_TEXT), *values])
        yield {**dict(zip(names, values, strict=True)), "commitment": keccak(encoded)}


def seeds() -> Iterator[Case]:
    """Give seeds: of all nonces, of two, of none, and of each part changed."""
    parts: Case = {
        "inventory": word("inventory"),
        "plan_hash": word("plan"),
        "population_root": word("root"),
        "nonces": [word("verifier"), word("enterprise"), word("authority")],
        "block_hash": word("block"),
    }
    none = bytes(32)
    yield from (
        seed_case("all revealed", parts),
        seed_case("one withheld", parts | {"nonces": [word("verifier"), none, word("authority")]}),
        seed_case("all withheld", parts | {"nonces": [none] * 3}),
        seed_case("nonces exchanged", parts | {"nonces": list(reversed(parts["nonces"]))}),
        *(
            seed_case(f"another {name}", parts | {name: word("another")})
            for name in parts
            if name != "nonces"
        ),
    )


def seed_case(name: str, parts: Case) -> Case:
    content = b"carbonseal/draw/v1" + parts["inventory"] + parts["plan_hash"]
    content += parts["population_root"] + b"".join(parts["nonces"]) + parts["block_hash"]
    return {"name": name, **parts, "seed": hashlib.sha256(content).digest()}


def numbers(stratum: str) -> Iterator[int]:
    name = stratum.encode()
    counter = 0
    while True:
        message = b"carbonseal/sample/v1" + len(name).to_bytes(8, "big") + name
        block = hmac.new(SEED, message + counter.to_bytes(8, "big"), hashlib.sha256).digest()
        yield int.from_bytes(block[:8], "big")
        counter += 1


def below(stream: Iterator[int], limit: int) -> int:
    number = next(stream)
    while number >= 2**64 // limit * limit:
        number = next(stream)
    return number % limit


def streams() -> Iterator[Case]:
    """Give numbers below limits, of which some are drawn again."""
    for limit in (1, 2, 10, 1000, 2**32 + 1, 2**63 + 1, 2**64):
        stream = numbers("belt-scale")
        drawn = [str(below(stream, limit)) for _ in range(8)]
        yield {"stratum": "belt-scale", "limit": str(limit), "numbers": drawn}
    stream = numbers("电表")
    yield {
        "stratum": "电表",
        "limit": "100",
        "numbers": [str(below(stream, 100)) for _ in range(8)],
    }


def places() -> Iterator[Case]:
    """Give samples in which each item is drawn once."""
    for population, size in (
        (1, 1),
        (10, 3),
        (10, 10),
        (5, 9),
        (0, 4),
        (35_040, 25),
        (1_000_000, 12),
    ):
        items = list(range(population))
        stream = numbers("meter-1")
        count = min(size, population)
        for place in range(count):
            other = place + below(stream, population - place)
            items[place], items[other] = items[other], items[place]
        yield {
            "stratum": "meter-1",
            "population": population,
            "size": size,
            "places": items[:count],
        }


def amounts() -> Iterator[Case]:
    """Give samples in proportion to amounts."""
    for values, size in (([5, 0, 95], 4), ([1] * 12, 6), ([10**15, 1, 3 * 10**15], 5)):
        stream = numbers("coal")
        found: list[int] = []
        for _ in range(size):
            unit, place = below(stream, sum(values)), 0
            while unit >= values[place]:
                unit -= values[place]
                place += 1
            if place not in found:
                found.append(place)
        yield {
            "stratum": "coal",
            "amounts": [str(value) for value in values],
            "size": size,
            "places": found,
        }


def render() -> str:
    """Give the text of the file."""
    document = {
        "description": "sampling.md: commitments, seeds, numbers and samples",
        "seed": SEED,
        "commitments": list(commitments()),
        "seeds": list(seeds()),
        "streams": list(streams()),
        "places": list(places()),
        "amounts": list(amounts()),
    }
    shown = json.dumps(
        document, indent=1, ensure_ascii=False, default=lambda value: f"0x{value.hex()}"
    )
    return shown + "\n"


def main() -> int:
    """Write the file, or with `--check` say whether it is fresh."""
    if "--check" not in sys.argv[1:]:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(render(), encoding="utf-8")
        return 0
    return int(TARGET.read_text(encoding="utf-8") != render())


if __name__ == "__main__":
    sys.exit(main())
