"""The office's view of its log: believed only as far as it is signed and proved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from api.errors import ConfigurationError, PartMissing
from api.office.ledger_log import LedgerLog, LedgerRefused, open_ledger_client
from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.errors import InclusionError, VerificationError
from attestation.merkle import inclusion_proof, root_hash
from attestation.notes import NoteSigner
from attestation.tree_hash import hash_children, hash_leaf
from tests.support.office import LOG_KEY, ORIGIN, seeded, trust_root

ENTRIES = [hash_leaf(f"entry {number}".encode()) for number in range(5)]
LEDGER = NoteSigner(str(ORIGIN), LOG_KEY)

Answer = Callable[[httpx2.Request], httpx2.Response]


class Tree:
    """Complete subtrees of the log's leaf hashes."""

    def node(self, level: int, index: int) -> bytes:
        """Give a node's hash."""
        if level == 0:
            return ENTRIES[index]
        left, right = self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1)
        return hash_children(left, right)


def log_with(answers: dict[str, Answer], signer: NoteSigner = LEDGER) -> LedgerLog:
    """Give the log at a ledger that serves it, but for what a test changes."""
    note = sign_checkpoint(Checkpoint(str(ORIGIN), 5, root_hash(ENTRIES)), signer)

    def proof(request: httpx2.Request) -> httpx2.Response:
        found = inclusion_proof(Tree(), int(request.url.params["index"]), 5)
        return httpx2.Response(200, json={"proof": [each.hex() for each in found]})

    served: dict[str, Answer] = {
        "checkpoint": lambda _request: httpx2.Response(200, text=note),
        "tile": lambda _request: httpx2.Response(200, content=b"".join(ENTRIES)),
        "inclusion": proof,
        **answers,
    }

    def answer(request: httpx2.Request) -> httpx2.Response:
        for name, made in served.items():
            if name in request.url.path:
                return made(request)
        return httpx2.Response(404)

    transport = httpx2.MockTransport(answer)
    client = httpx2.Client(base_url="http://ledger", transport=transport)
    trusted = trust_root().log(str(ORIGIN))
    assert trusted is not None
    return LedgerLog(client, ORIGIN, trusted.vkey)


def test_entry_is_found_and_proved() -> None:
    """Its index comes from the tiles, its place in the tree from a proof."""
    found = log_with({}).find_leaves({ENTRIES[3], hash_leaf(b"not there")}, start=1)

    assert found == {ENTRIES[3]: 3}


def test_nothing_is_found_below_the_start() -> None:
    """Entries from before a request was drafted are not looked at."""
    assert log_with({}).find_leaves({ENTRIES[0]}, start=1) == {}


def test_tile_that_lies() -> None:
    """An entry that is in a tile and not in the signed tree is not in the log."""
    other = hash_leaf(b"not there")
    tile = b"".join([*ENTRIES[:3], other, ENTRIES[4]])
    log = log_with({"tile": lambda _request: httpx2.Response(200, content=tile)})

    with pytest.raises(InclusionError):
        log.find_leaves({other}, start=0)


def test_checkpoint_of_another_key() -> None:
    """A log under another key is another log."""
    log = log_with({}, NoteSigner(str(ORIGIN), seeded("somebody else")))

    with pytest.raises(VerificationError):
        log.size()


def test_log_without_a_checkpoint() -> None:
    """A log that has published nothing has no entries."""
    log = log_with({"checkpoint": lambda _request: httpx2.Response(404)})

    assert log.size() == 0
    assert log.find_leaves({ENTRIES[0]}, start=0) == {}


def test_refusal_has_the_ledgers_code() -> None:
    """What the ledger says of a record is what the person reads."""
    problem = {"code": "admission.record", "detail": "another unit"}
    log = log_with({"records": lambda _request: httpx2.Response(422, json=problem)})

    with pytest.raises(LedgerRefused, match="another unit") as refused:
        log.submit_record(b"{}")
    assert refused.value.stable_code == "admission.record"


def test_ledger_that_says_when_to_come_back() -> None:
    """A limit is no refusal: the record goes in after the pause."""
    answers = iter(
        [
            httpx2.Response(429, headers={"retry-after": "0"}),
            httpx2.Response(503, headers={"retry-after": "0"}),
            httpx2.Response(202, json={"code": "admitted"}),
        ]
    )
    log = log_with({"records": lambda _request: next(answers)})
    log.submit_record(b"{}")

    assert next(answers, None) is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_ledger_that_cannot_now(status: int) -> None:
    """Without a word about when, the command says that it could not check."""
    log = log_with({"records": lambda _request: httpx2.Response(status)})

    with pytest.raises(PartMissing, match=str(status)):
        log.submit_record(b"{}")


@pytest.mark.parametrize("body", [b"<html>", b"[]", json.dumps({"code": 5}).encode()])
def test_answer_that_is_none(body: bytes) -> None:
    """A proxy's page is no decision of the ledger."""
    log = log_with({"records": lambda _request: httpx2.Response(403, content=body)})

    with pytest.raises(PartMissing, match="403"):
        log.submit_record(b"{}")


@pytest.mark.parametrize("url", ["ftp://ledger", "ledger"])
def test_address_that_is_none(url: str) -> None:
    """An address is one of HTTP."""
    with pytest.raises(ConfigurationError, match="address"):
        open_ledger_client(url)


def test_certificates_that_are_none(tmp_path: Path) -> None:
    """A file of something else is named at once."""
    (tmp_path / "ca.pem").write_text("nothing", encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"ca\.pem"):
        open_ledger_client("https://ledger", ca_file=tmp_path / "ca.pem")
