"""
The machine's own limits, measured beside each benchmark: nothing of the ledger is in them.

Signatures on two processes, SHA-256 of tree nodes, fsync of a page, COPY of bare rows.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import psycopg
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256

from attestation.keys import Algorithm
from tests.support.database import Cluster

CORES = 2
_BURST_S = 0.7


def verifications(algorithm: Algorithm, *, cores: int = CORES, length: int = 300) -> float:
    """Give signature verifications a second by the bare library, on so many processes."""
    with ProcessPoolExecutor(cores, mp_context=get_context("forkserver")) as pool:
        list(pool.map(_verify_burst, [algorithm] * cores, [length] * cores, [0.05] * cores))
        return sum(
            pool.map(_verify_burst, [algorithm] * cores, [length] * cores, [_BURST_S] * cores)
        )


def _verify_burst(algorithm: Algorithm, length: int, burst_s: float) -> float:
    message = bytes(length)
    if algorithm is Algorithm.ED25519:
        key = ed25519.Ed25519PrivateKey.generate()
        signature, public = key.sign(message), key.public_key()
        return _rate(lambda: public.verify(signature, message), burst_s)
    curve_key = ec.generate_private_key(ec.SECP256R1())
    scheme = ec.ECDSA(SHA256())
    curve_signature, curve_public = curve_key.sign(message, scheme), curve_key.public_key()
    return _rate(lambda: curve_public.verify(curve_signature, message, scheme), burst_s)


def hashes(length: int = 65) -> float:
    """Give SHA-256 a second of so many bytes, on one core; 65 are a tree node."""
    message = bytes(length)
    return _rate(lambda: hashlib.sha256(message).digest(), _BURST_S)


def fsyncs() -> float:
    """Give durable writes of one page a second, where the databases stand."""
    with tempfile.TemporaryFile() as file:

        def write() -> None:
            os.pwrite(file.fileno(), bytes(8192), 0)
            os.fsync(file.fileno())

        return _rate(write, _BURST_S, block=1)


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


def _rate(work: object, burst_s: float, *, block: int = 50) -> float:
    assert callable(work)
    done, begun = 0, time.perf_counter()
    while (spent := time.perf_counter() - begun) < burst_s:
        for _ in range(block):
            work()
        done += block
    return done / spent
