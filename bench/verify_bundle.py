"""Verifying one bundle, with the chain's evidence and without, parsed anew each time."""

from __future__ import annotations

import time
from dataclasses import replace

from attestation.bundle import format_bundle, parse_bundle
from attestation.enums import Outcome
from attestation.keys import Algorithm
from attestation.policy import UnsafeAcceptAll
from attestation.verifier import Verifier
from bench import limits
from bench.measuring import Row, Say, percentile
from tests.support.evidence import small_world

_SIGNATURES = 7
"""About what a bundle holds: log, two witnesses, message, possession, two certificates."""


def run(say: Say, *, quick: bool) -> list[Row]:
    """Verify the same evidence many times."""
    world = small_world()
    root = world.trust_root()
    whole = world.bundle()
    bare = replace(whole, chain=None, anchor=None)
    signature_ms = limits.verifications(Algorithm.ED25519, cores=1).cpu_us / 1000
    rows = []
    for name, bundle, target in (
        ("without chain evidence", bare, "< 5 ms"),
        ("with chain evidence (QBFT)", whole, "< 25 ms"),
    ):
        say(f"verifying {name}")
        encoded = format_bundle(bundle)
        verifier = Verifier(root, UnsafeAcceptAll())
        spent: list[float] = []
        for _ in range(100 if quick else 1000):
            begun = time.perf_counter()
            report = verifier.verify(parse_bundle(encoded))
            spent.append((time.perf_counter() - begun) * 1000)
        assert report.outcome is not Outcome.FAILED, report
        rows.append(
            Row(
                f"bundle {name}, p50",
                percentile(spent, 50),
                "ms",
                _SIGNATURES * signature_ms,
                f"{_SIGNATURES} signatures",
                target,
                f"p99 {percentile(spent, 99):.1f} ms, {len(encoded)} bytes, {report.outcome.name}",
            )
        )
    return rows
