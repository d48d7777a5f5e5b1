"""A draw that was settled: its plan, its nonces, and a case's answer that tells of it."""

from __future__ import annotations

from typing import Any, Final

from attestation.enums import SamplingMethod
from attestation.sampling import draw_seed
from attestation.sampling_plans import SamplingPlan, Stratum
from chain.bindings.party_registry import party_id_of

PARTIES: Final = ("VERIFIER.1", "91350211M000100Y46", "PROVINCE.350000")
INVENTORY, ROOT, BLOCK = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
NONCES: Final = (b"\x0a" * 32, b"\x0b" * 32, b"\x0c" * 32)
PLAN: Final = SamplingPlan(
    inventory=INVENTORY,
    inventory_version=2,
    draw=1,
    population_root=ROOT,
    population_size=40_000,
    strata=(
        Stratum(
            name="meter-1",
            method=SamplingMethod.RANDOM,
            reason="one month in ten",
            start=100,
            end=35_140,
            size=25,
            strict_size=60,
        ),
        Stratum(
            name="coal",
            method=SamplingMethod.BY_AMOUNT,
            reason="largest source",
            items=(3, 5, 90),
            amounts=(10, 10**15, 5),
            size=2,
            strict_size=4,
        ),
        Stratum(
            name="corrections",
            method=SamplingMethod.ALL,
            reason="each one",
            items=(7, 8),
            size=2,
            strict_size=2,
        ),
    ),
)


def seed_of(nonces: tuple[bytes | None, ...]) -> bytes:
    """Give the seed that comes of nonces."""
    return draw_seed(
        INVENTORY,
        plan_hash=PLAN.plan_hash,
        population_root=ROOT,
        nonces=nonces,
        block_hash=BLOCK,
    )


def case_of(nonces: tuple[bytes | None, ...], **changes: Any) -> dict[str, Any]:
    """Give the parts of a case's answer that a draw is replayed from."""
    nothing = {"party": None, "word": None, "strict": False, "version": 2, "draw": 1}
    steps = [{**nothing, "step": "plan frozen", "word": f"0x{PLAN.plan_hash.hex()}"}]
    steps += [{**nothing, "step": "block hash stored", "word": f"0x{BLOCK.hex()}"}]
    for code, nonce in zip(PARTIES, nonces, strict=True):
        party = f"0x{party_id_of(code).hex()}"
        if nonce is None:
            steps.append({**nothing, "step": "nonce missing", "party": party})
        else:
            shown = f"0x{nonce.hex()}"
            steps.append({**nothing, "step": "nonce revealed", "party": party, "word": shown})
    seed = f"0x{seed_of(nonces).hex()}"
    steps.append({**nothing, "step": "settled", "word": seed, "strict": None in nonces})
    case = {
        "case": f"0x{INVENTORY.hex()}",
        "verifier": {"code": PARTIES[0]},
        "enterprise": {"code": PARTIES[1]},
        "regulator": {"code": PARTIES[2]},
        "draws": steps,
    }
    return case | changes
