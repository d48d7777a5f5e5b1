"""A caller of the HTTP server, in a process that loads nothing else."""

from __future__ import annotations

import time

import httpx2


def ask(address: str, token: str, path: str, count: int) -> list[float]:
    """Ask so many times, one after the other; give the milliseconds of each."""
    headers = {"authorization": f"Bearer {token}"}
    waits: list[float] = []
    with httpx2.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
        for _ in range(count):
            begun = time.perf_counter()
            answer = client.get(path)
            waits.append((time.perf_counter() - begun) * 1000)
            assert answer.status_code == 200, (path, answer.status_code, answer.text[:200])
    return waits
