"""
The machine's own limits, measured beside each benchmark: nothing of the ledger is in them.

Signatures on two processes, SHA-256 of tree nodes, fsync of a page, COPY of bare rows.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import psycopg
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256

from attestation.keys import Algorithm
from tests.support.database import Cluster

CORES = 2
_BURST_S = 0.7


class Limit(NamedTuple):
    """What the machine can do of one thing."""

    rate: float
    """A second, by the clock."""
    cpu_us: float
    """Microseconds of processor time for each."""


def verifications(algorithm: Algorithm, *, cores: int = CORES, length: int = 300) -> Limit:
    """Give signature verifications by the bare library, on so many processes."""
    with ProcessPoolExecutor(cores, mp_context=get_context("forkserver")) as pool:
        list(pool.map(_verify_burst, [algorithm] * cores, [length] * cores, [0.05] * cores))
        found = list(
            pool.map(_verify_burst, [algorithm] * cores, [length] * cores, [_BURST_S] * cores)
        )
    return Limit(sum(each.rate for each in found), min(each.cpu_us for each in found))


def _verify_burst(algorithm: Algorithm, length: int, burst_s: float) -> Limit:
    message = bytes(length)
    if algorithm is Algorithm.ED25519:
        key = ed25519.Ed25519PrivateKey.generate()
        signature, public = key.sign(message), key.public_key()
        return _limit(lambda: public.verify(signature, message), burst_s)
    curve_key = ec.generate_private_key(ec.SECP256R1())
    scheme = ec.ECDSA(SHA256())
    curve_signature, curve_public = curve_key.sign(message, scheme), curve_key.public_key()
    return _limit(lambda: curve_public.verify(curve_signature, message, scheme), burst_s)


def hashes(length: int = 65) -> float:
    """Give SHA-256 a second of so many bytes, on one core; 65 are a tree node."""
    message = bytes(length)
    return _limit(lambda: hashlib.sha256(message).digest(), _BURST_S).rate


def fsyncs() -> float:
    """Give durable writes of one page a second, where the databases stand."""
    with tempfile.TemporaryFile() as file:

        def write() -> None:
            os.pwrite(file.fileno(), bytes(8192), 0)
            os.fsync(file.fileno())

        return _limit(write, _BURST_S, block=1).rate


def copied_rows(cluster: Cluster, length: int, *, count: int, batch: int = 2000) -> float:
    """Give rows a second by COPY into a bare table, committed once a batch."""
    content = bytes(length)
    with psycopg.connect(
        host=str(cluster.socket_folder), user="postgres", dbname="postgres"
    ) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute("CREATE TABLE bare (id bigint PRIMARY KEY, content bytea)")
        connection.commit()
        begun = time.perf_counter()
        for first in range(0, count, batch):
            with connection.cursor().copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["int8", "bytea"])
                for number in range(first, first + batch):
                    copy.write_row((number, content))
            connection.commit()
        return count / (time.perf_counter() - begun)


def _limit(work: Callable[[], object], burst_s: float, *, block: int = 50) -> Limit:
    done, begun, cpu_begun = 0, time.perf_counter(), time.process_time()
    while (wall_s := time.perf_counter() - begun) < burst_s:
        for _ in range(block):
            work()
        done += block
    return Limit(done / wall_s, (time.process_time() - cpu_begun) * 1_000_000 / done)
