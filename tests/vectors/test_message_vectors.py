"""The vectors of messages, packs, records, digests and answers: fresh, and obeyed to the code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from attestation.answers import parse_answer
from attestation.digests import commit, decode_digest, encode_digest
from attestation.errors import Error
from attestation.keys import PublicKey, check_prime_order
from attestation.messages import parse_message, verify_message
from attestation.records import is_known, parse_record, verify_record
from attestation.senml import decode_pack
from tests.vectors import generate_messages

FOLDER = Path(__file__).resolve().parent / "messages"

Case = dict[str, Any]


def cases(name: str) -> list[Any]:
    document = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in document["cases"]]


def obey(case: Case, check: Callable[[Case], None]) -> None:
    if case["result"] == "valid":
        check(case)
        return
    with pytest.raises(Error, match=r".") as refusal:
        check(case)
    assert refusal.value.stable_code == case["error"]


def check_signature(case: Case) -> None:
    key = PublicKey.from_spki(bytes.fromhex(case["spki"]))
    if case["step"] == "enrolment":
        check_prime_order(key)
    if case["step"] == "verify":
        key.verify(bytes.fromhex(case["signature"]), bytes.fromhex(case["message"]))


def check_message(case: Case) -> None:
    message = parse_message(bytes.fromhex(case["encoded"]), origin=case["origin"])
    verify_message(message, PublicKey.from_spki(bytes.fromhex(case["spki"])))
    assert message.message_id.hex() == case["message_id"]
    assert message.leaf_hash.hex() == case["leaf_hash"]
    assert len(message.readings) == case["readings"]


def check_pack(case: Case) -> None:
    readings = [asdict(reading) for reading in decode_pack(bytes.fromhex(case["payload"]))]
    for reading in readings:
        if reading["source_file"] is not None:
            reading["source_file"] = reading["source_file"].hex()
    assert readings == case["readings"]


def check_record(case: Case) -> None:
    record = parse_record(bytes.fromhex(case["encoded"]))
    assert verify_record(record) == case["signer"]
    assert record.content_hash.hex() == case["content_hash"]
    assert record.leaf_hash.hex() == case["leaf_hash"]
    assert record.encoded.hex() == case["encoded"]
    assert record.record_type == case["type"]
    assert is_known(record) is (case["type"] != "drone-survey")


def check_digest(case: Case) -> None:
    digest = decode_digest(bytes.fromhex(case["encoded"]))
    shown = {name: v.hex() if isinstance(v, bytes) else v for name, v in asdict(digest).items()}
    assert shown == case["digest"]
    assert encode_digest(digest).hex() == case["encoded"]
    if "salt" in case:
        assert commit(case["document"], bytes.fromhex(case["salt"])) == digest.commitment


def check_answer(case: Case) -> None:
    key = PublicKey.from_spki(bytes.fromhex(case["spki"]))
    parse_answer(bytes.fromhex(case["encoded"]), origin=case["origin"], key=key)


@pytest.mark.parametrize("name", generate_messages.FILES)
def test_file_is_what_the_generator_writes(name: str) -> None:
    """The committed vectors are those the generator makes without the implementation."""
    description, make = generate_messages.FILES[name]
    written = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))

    assert written == {"description": description, "cases": list(make())}


@pytest.mark.parametrize("name", generate_messages.FILES)
def test_names_are_told_apart(name: str) -> None:
    """No two cases of a file have one name, so that a failure can be found."""
    names = [param.id for param in cases(name)]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", cases("ed25519"))
def test_ed25519_vector(case: Case) -> None:
    """An Ed25519 key or signature is accepted exactly where the rule says so."""
    obey(case, check_signature)


@pytest.mark.parametrize("case", cases("p256"))
def test_p256_vector(case: Case) -> None:
    """A P-256 key or signature is accepted exactly where the rule says so."""
    obey(case, check_signature)


@pytest.mark.parametrize("case", cases("messages"))
def test_message_vector(case: Case) -> None:
    """A message holds, or is refused with the code the vector names."""
    obey(case, check_message)


@pytest.mark.parametrize("case", cases("packs"))
def test_pack_vector(case: Case) -> None:
    """A pack means what the vector says, or is refused with the code it names."""
    obey(case, check_pack)


@pytest.mark.parametrize("case", cases("records"))
def test_record_vector(case: Case) -> None:
    """A record holds, or is refused with the code the vector names."""
    obey(case, check_record)


@pytest.mark.parametrize("case", cases("digests"))
def test_digest_vector(case: Case) -> None:
    """A digest means what the vector says, or is refused."""
    obey(case, check_digest)


@pytest.mark.parametrize("case", cases("answers"))
def test_answer_vector(case: Case) -> None:
    """An answer holds, or is refused with the code the vector names."""
    obey(case, check_answer)
