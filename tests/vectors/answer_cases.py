"""
Cases of the ledger's answers: genuine ones, and each rule broken once.

Built with cbor2 and cryptography; trees of two or three leaves are hashed by hand.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.vectors.cases_cbor import array, canonical
from tests.vectors.message_cases import ORIGIN, OTHER_ORIGIN, message, record

Case = dict[str, Any]

LOG_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x33" * 32)
OTHER_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x34" * 32)
CONTENT_TYPE = "application/carbonseal-answer+cbor"
KID = hashlib.sha256(b"a device key").digest()
INTEGRATE_BY = 1_735_690_260_000

ENTRY = message([record()])
LEAVES = [hashlib.sha256(b"\x00" + each).digest() for each in (b"first", ENTRY, b"third")]


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


ROOT = node(node(LEAVES[0], LEAVES[1]), LEAVES[2])


def raw_of(key: ed25519.Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def spki_of(key: ed25519.Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def note(
    *, origin: str = ORIGIN, size: int = 3, root: bytes = ROOT, key: Any = LOG_KEY, name: str = ""
) -> str:
    """Give a checkpoint as a signed note (C2SP)."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    name = name or origin
    typed = b"\x01" + raw_of(key)
    key_id = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    line = base64.b64encode(key_id + key.sign(text.encode())).decode()
    return f"{text}\n\N{EM DASH} {name} {line}\n"


def promise(**changes: Any) -> dict[int, Any]:
    return _changed({1: 1, 2: KID, 3: 0, 4: [[0, 6], [9, 12]], 5: INTEGRATE_BY}, changes)


def refusal(**changes: Any) -> dict[int, Any]:
    message_id = hashlib.sha256(ENTRY).digest()
    return _changed({1: 2, 2: KID, 3: 0, 6: 7, 7: message_id, 8: "admission.backdated"}, changes)


def receipt(**changes: Any) -> dict[int, Any]:
    newest = [7, hashlib.sha256(ENTRY).digest(), LEAVES[1], 1, [LEAVES[0], LEAVES[2]]]
    return _changed({1: 3, 2: KID, 3: 0, 4: [[0, 7]], 9: 0, 10: newest, 11: note()}, changes)


def _changed(payload: dict[int, Any], changes: dict[str, Any]) -> dict[int, Any]:
    """Change labels given as `l5=…`; None takes one away."""
    merged = payload | {int(name[1:]): value for name, value in changes.items()}
    return {label: value for label, value in merged.items() if value is not None}


def answer(
    payload: Any,
    *,
    key: Any = LOG_KEY,
    origin: str = ORIGIN,
    protected: Any = None,
    context: bytes = b"carbonseal/answer/v1\n",
) -> bytes:
    if protected is None:
        protected = {1: -19, 3: CONTENT_TYPE, 4: hashlib.sha256(spki_of(key)).digest()}
    head = canonical(protected)
    body = payload if isinstance(payload, bytes) else canonical(payload)
    statement = canonical(["Signature1", head, context + origin.encode(), body])
    parts = (canonical(head), b"\xa0", canonical(body), canonical(key.sign(statement)))
    return b"\xd2" + array(*parts)


def case(name: str, encoded: bytes, error: str | None = None) -> Case:
    given: Case = {
        "name": name,
        "origin": ORIGIN,
        "spki": spki_of(LOG_KEY).hex(),
        "encoded": encoded.hex(),
        "result": "invalid" if error else "valid",
    }
    return given | ({"error": error} if error else {})


def answer_cases() -> Iterator[Case]:
    anchored = {"l9": 1, "l12": ["eip155:1337", 42]}
    for name, payload in {
        "promise": promise(),
        "promise of one": promise(l4=[[0, 0]]),
        "refusal": refusal(),
        "refusal of bytes without a header": refusal(l2=None, l3=None, l6=None),
        "receipt, integrated": receipt(),
        "receipt, anchored": receipt(**anchored),
        "receipt, final": receipt(l9=2, l12=["eip155:1337", 42]),
    }.items():
        yield case(name, answer(payload))
    yield from _frames()
    yield from _payloads()
    yield from _proofs()


def _frames() -> Iterator[Case]:
    good = answer(promise())
    kid = hashlib.sha256(spki_of(LOG_KEY)).digest()
    key, plain = "verification.answer_key", "verification.signature"
    yield case("by another key", answer(promise(), key=OTHER_KEY), key)
    forged = {1: -19, 3: CONTENT_TYPE, 4: kid}
    yield case(
        "by another key under our kid", answer(promise(), key=OTHER_KEY, protected=forged), plain
    )
    yield case("for another log", answer(promise(), origin=OTHER_ORIGIN), plain)
    yield case("in a message's context", answer(promise(), context=b"carbonseal/v1\n"), plain)
    yield case("one bit of the signature", good[:-1] + bytes([good[-1] ^ 1]), plain)
    yield case("algorithm -8", answer(promise(), protected=forged | {1: -8}), key)
    yield case("content type of messages", answer(promise(), protected=forged | {3: 112}), key)
    yield case("one label more", answer(promise(), protected=forged | {5: b""}), key)
    yield case("a device message", ENTRY, key)
    yield case("one byte more", good + b"\x00", "encoding.cose_signature")
    yield case("not tagged", good[1:], "encoding.cose_frame")
    yield case("empty", b"", "encoding.cose_frame")


def _payloads() -> Iterator[Case]:
    form = "encoding.answer"
    too_many = [[2 * number, 2 * number] for number in range(1025)]
    table: dict[str, dict[int, Any]] = {
        "kind 4": promise(l1=4),
        "no kind": promise(l1=None),
        "promise without a time": promise(l5=None),
        "promise with a code": promise(l8="admission.backdated"),
        "promise with a label of later": promise(l13=0),
        "no ranges": promise(l4=[]),
        "range backwards": promise(l4=[[6, 0]]),
        "range below 0": promise(l4=[[-1, 0]]),
        "range of three": promise(l4=[[0, 1, 2]]),
        "ranges touch": promise(l4=[[0, 6], [7, 12]]),
        "ranges overlap": promise(l4=[[0, 6], [6, 12]]),
        "ranges descend": promise(l4=[[9, 12], [0, 6]]),
        "range to 2**53": promise(l4=[[0, 2**53]]),
        "more than 1024 ranges": promise(l4=too_many),
        "ranges as a map": promise(l4={0: 6}),
        "kid of 31 bytes": promise(l2=KID[1:]),
        "kid as text": promise(l2=KID.hex()),
        "epoch below 0": promise(l3=-1),
        "time as text": promise(l5="2025-01-01T00:00:00Z"),
        "refusal without code": refusal(l8=None),
        "refusal with half a place": refusal(l6=None),
        "code in upper case": refusal(l8="Admission.Backdated"),
        "code of one part": refusal(l8="backdated"),
        "code as number": refusal(l8=1),
        "stage 3": receipt(l9=3),
        "stage as text": receipt(l9="final"),
        "anchor at stage integrated": receipt(l12=["eip155:1337", 42]),
        "no anchor at stage anchored": receipt(l9=1),
        "anchor of no chain": receipt(l9=1, l12=["1337", 42]),
        "anchor without block": receipt(l9=1, l12=["eip155:1337"]),
        "newest is not the last": receipt(l4=[[0, 8]]),
        "newest of four parts": receipt(l10=[7, KID, KID, 1]),
        "proof of 65 hashes": receipt(l10=[7, KID, KID, 1, [KID] * 65]),
        "proof hash of 31 bytes": receipt(l10=[7, KID, KID, 1, [KID[1:]]]),
        "checkpoint as bytes": receipt(l11=note().encode()),
    }
    for name, payload in table.items():
        yield case(name, answer(payload), form)
    yield case("an array", answer(canonical([1, 2])), form)
    yield case("a float", answer(canonical({1: 1.5})), "encoding.cbor_float")
    yield case(
        "a byte after the map", answer(canonical(promise()) + b"\x00"), "encoding.cbor_trailing"
    )
    yield case("indefinite", answer(b"\xbf\xff"), "encoding.cbor_indefinite")


def _proofs() -> Iterator[Case]:
    message_id = hashlib.sha256(ENTRY).digest()
    inclusion, unsigned = "verification.inclusion", "verification.note_unsigned"
    right = [LEAVES[0], LEAVES[2]]
    other_root = node(node(LEAVES[1], LEAVES[0]), LEAVES[2])
    table: dict[str, tuple[dict[int, Any], str]] = {
        "leaf of another entry": (receipt(l10=[7, message_id, LEAVES[0], 1, right]), inclusion),
        "index of another entry": (receipt(l10=[7, message_id, LEAVES[1], 0, right]), inclusion),
        "index beyond the tree": (receipt(l10=[7, message_id, LEAVES[1], 3, right]), inclusion),
        "proof too short": (receipt(l10=[7, message_id, LEAVES[1], 1, right[:1]]), inclusion),
        "proof too long": (receipt(l10=[7, message_id, LEAVES[1], 1, [*right, KID]]), inclusion),
        "root of another tree": (receipt(l11=note(root=other_root)), inclusion),
        "checkpoint by another key": (receipt(l11=note(key=OTHER_KEY)), unsigned),
        "checkpoint of another log": (receipt(l11=note(origin=OTHER_ORIGIN)), unsigned),
        "checkpoint of another log under our name": (
            receipt(l11=note(origin=OTHER_ORIGIN, name=ORIGIN)),
            "verification.checkpoint_origin",
        ),
    }
    for name, (payload, error) in table.items():
        yield case(f"receipt: {name}", answer(payload), error)
