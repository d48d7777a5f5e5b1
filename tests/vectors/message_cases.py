"""
Cases of signed messages: genuine ones, and each rule of the frame and the header broken once.

Built with cbor2 and cryptography alone; nothing of the implementation is used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.vectors.cases_cbor import array, canonical, mapping

Case = dict[str, Any]
Header = dict[Any, Any]

ORIGIN = "log.example/log/91110000MA0123456P"
OTHER_ORIGIN = "test.example/log/91110000MA0123456P"
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNED_AT = 1_735_690_200_000
END = 1_735_689_600
FILE_HASH = hashlib.sha256(b"meter.csv").digest()

PRIVATE_KEYS: dict[int, Any] = {
    -19: ed25519.Ed25519PrivateKey.from_private_bytes(b"\x11" * 32),
    -9: ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1()),
}


def spki_of(algorithm: int) -> bytes:
    spki: bytes = (
        PRIVATE_KEYS[algorithm]
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return spki


def header(algorithm: int = -19, **changes: Any) -> Header:
    """Give a header by label; `changes` by name."""
    names = {
        "alg": 1,
        "content_type": 3,
        "kid": 4,
        "epoch": -70001,
        "sequence": -70002,
        "previous": -70003,
        "signed_at": -70004,
        "provenance": -70005,
        "signer": -70006,
    }
    values: dict[str, Any] = {
        "alg": algorithm,
        "content_type": 112,
        "kid": hashlib.sha256(spki_of(algorithm)).digest(),
        "epoch": 0,
        "sequence": 7,
        "previous": hashlib.sha256(b"the message before").digest(),
        "signed_at": SIGNED_AT,
        "provenance": 0,
        "signer": 0,
    }
    return {names[name]: value for name, value in (values | changes).items()}


def record(**changes: Any) -> dict[Any, Any]:
    """Give one SenML record by label; `changes` by name, None takes one away."""
    names = {"u": 1, "v": 2, "t": 6, "bver": -1, "bn": -2, "bt": -3}
    values: dict[str, Any] = {
        "bver": 26,
        "bn": "em-01/energy.import/total/",
        "bt": END,
        "u": "Wh",
        "v": 1_250_000,
        "i_": 900,
    }
    return {
        names.get(name, name): value
        for name, value in (values | changes).items()
        if value is not None
    }


def row(count: int) -> list[dict[Any, Any]]:
    later = [
        {1: "Wh", 2: 1_250_000 + number * 1000, 6: number * 900, "i_": 900}
        for number in range(1, count)
    ]
    return [record(), *later]


def to_be_signed(protected: bytes, payload: bytes, origin: str = ORIGIN) -> bytes:
    aad = b"carbonseal/v1\n" + origin.encode()
    return canonical(["Signature1", protected, aad, payload])


def sign(algorithm: int, content: bytes) -> bytes:
    key = PRIVATE_KEYS[algorithm]
    if algorithm == -19:
        signature: bytes = key.sign(content)
        return signature
    der = key.sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + min(s, N - s).to_bytes(32, "big")


def assemble(
    protected: bytes, payload: bytes, *, algorithm: int = -19, origin: str = ORIGIN
) -> bytes:
    """Sign and put a message together; header and payload are encoded already."""
    signature = sign(algorithm, to_be_signed(protected, payload, origin))
    return b"\xd2" + array(canonical(protected), b"\xa0", canonical(payload), canonical(signature))


def message(records: Any, *, algorithm: int = -19, **changes: Any) -> bytes:
    return assemble(
        canonical(header(algorithm, **changes)), canonical(records), algorithm=algorithm
    )


def case(
    name: str, encoded: bytes, error: str | None = None, *, algorithm: int = -19, **more: Any
) -> Case:
    """Give one case; an error of `verification.` is found by the signature, others before it."""
    given: Case = {
        "name": name,
        "origin": ORIGIN,
        "spki": spki_of(algorithm).hex(),
        "encoded": encoded.hex(),
        "result": "invalid" if error else "valid",
    }
    if error:
        return {**given, "error": error, **more}
    return {
        **given,
        "message_id": hashlib.sha256(encoded).hexdigest(),
        "leaf_hash": hashlib.sha256(b"\x00" + encoded).hexdigest(),
        **more,
    }


def message_cases() -> Iterator[Case]:
    yield from _genuine()
    yield from _frames()
    yield from _headers()
    yield from _raw_headers()
    yield from _signatures()


def _genuine() -> Iterator[Case]:
    one = [record()]
    yield case("Ed25519, one reading", message(one), readings=1)
    yield case("ESP256, one reading", message(one, algorithm=-9), algorithm=-9, readings=1)
    yield case("a hundred readings", message(row(100)), readings=100)
    first = {"epoch": 0, "sequence": 0, "previous": bytes(32)}
    yield case("very first message", message(one, **first), readings=1)
    yield case("first message of an epoch", message(one, epoch=1, sequence=0), readings=1)
    yield case("back-fill", message(one, provenance=1), readings=1)
    yield case("signed by a gateway", message(one, signer=1), readings=1)
    top = 2**53 - 1
    greatest = message(one, epoch=top, sequence=top, signed_at=top)
    yield case("greatest numbers", greatest, readings=1)
    imported = [record(bf_=FILE_HASH, w_=1), {1: "Wh", 2: 1, 6: 900, "i_": 900, "w_": 2}]
    yield case("import", message(imported, provenance=2), readings=2)


def _frames() -> Iterator[Case]:
    good = message([record()])
    protected, payload = canonical(header()), canonical([record()])
    signature = sign(-19, to_be_signed(protected, payload))
    parts = [canonical(protected), b"\xa0", canonical(payload), canonical(signature)]
    frame, unprotected = "encoding.cose_frame", "encoding.cose_unprotected"
    yield case("no tag", array(*parts), frame)
    yield case("tag of COSE_Sign", b"\xd8\x62" + array(*parts), frame)
    yield case("tag in two bytes", b"\xd8\x12" + array(*parts), frame)
    yield case("tag twice", b"\xd2\xd2" + array(*parts), frame)
    yield case("array of five", b"\xd2" + array(*parts, b"\xa0"), frame)
    yield case("array of three", b"\xd2" + array(*parts[:3]), frame)
    yield case("indefinite array", b"\xd2\x9f" + b"".join(parts) + b"\xff", frame)
    yield case("array head in two bytes", b"\xd2\x98\x04" + b"".join(parts), frame)
    changed = {
        "kid in the unprotected header": (1, mapping((4, b"\x41\x01")), unprotected),
        "unprotected header indefinite": (1, b"\xbf\xff", unprotected),
        "unprotected header in two bytes": (1, b"\xb8\x00", unprotected),
        "unprotected header as a byte string": (1, b"\x40", unprotected),
        "protected header as a map": (0, protected, frame),
        "protected header empty": (0, b"\x40", "encoding.cbor_truncated"),
        "protected length in three bytes": (
            0,
            b"\x59" + len(protected).to_bytes(2, "big") + protected,
            "encoding.cbor_not_shortest",
        ),
        "payload detached": (2, b"\xf6", "encoding.cbor_simple"),
        "payload as text": (2, b"\x78" + canonical(payload)[1:], frame),
        "payload indefinite": (
            2,
            b"\x5f" + canonical(payload) + b"\xff",
            "encoding.cbor_indefinite",
        ),
        "signature of 63 bytes": (3, canonical(signature[:-1]), "encoding.cose_signature"),
        "signature of 65 bytes": (3, canonical(signature + b"\x00"), "encoding.cose_signature"),
        "signature as text": (3, b"\x78\x40" + signature, "encoding.cose_signature"),
    }
    for name, (place, part, error) in changed.items():
        yield case(name, b"\xd2" + array(*parts[:place], part, *parts[place + 1 :]), error)
    yield case("one byte more", good + b"\x00", "encoding.cose_signature")
    yield case("one byte less", good[:-1], "encoding.cose_signature")
    yield case("cut in the payload", good[:-80], "encoding.cbor_truncated")
    yield case("empty", b"", frame)
    yield case("twice", good + good, "encoding.cose_signature")


def _headers() -> Iterator[Case]:
    table: tuple[tuple[str, Header, str], ...] = (
        ("ES256 (-7)", {"alg": -7}, "encoding.header_algorithm"),
        ("EdDSA (-8)", {"alg": -8}, "encoding.header_algorithm"),
        ("algorithm as text", {"alg": "Ed25519"}, "encoding.header_algorithm"),
        ("SenML in JSON (110)", {"content_type": 110}, "encoding.header_content_type"),
        ("SensML (113)", {"content_type": 113}, "encoding.header_content_type"),
        (
            "content type as text",
            {"content_type": "application/senml+cbor"},
            "encoding.header_content_type",
        ),
        ("kid of 31 bytes", {"kid": bytes(31)}, "encoding.header_range"),
        ("kid as text", {"kid": "0" * 32}, "encoding.header_range"),
        ("epoch below 0", {"epoch": -1}, "encoding.header_range"),
        ("epoch 2**53", {"epoch": 2**53}, "encoding.header_range"),
        ("sequence 2**53", {"sequence": 2**53}, "encoding.header_range"),
        ("sequence 2**64", {"sequence": 2**64}, "encoding.header_range"),
        ("sequence as bytes", {"sequence": b"\x07"}, "encoding.header_range"),
        ("signed-at below 0", {"signed_at": -1}, "encoding.header_range"),
        ("previous of 33 bytes", {"previous": bytes(33)}, "encoding.header_range"),
        ("previous zero in message 7", {"previous": bytes(32)}, "encoding.header_previous"),
        (
            "previous zero at the begin of epoch 1",
            {"epoch": 1, "sequence": 0, "previous": bytes(32)},
            "encoding.header_previous",
        ),
        ("previous not zero in the very first", {"sequence": 0}, "encoding.header_previous"),
        ("provenance 3", {"provenance": 3}, "encoding.header_range"),
        ("signer 2", {"signer": 2}, "encoding.header_range"),
        ("signer below 0", {"signer": -1}, "encoding.header_range"),
        ("sequence as a float", {"sequence": 7.0}, "encoding.cbor_float"),
        ("signer as false", {"signer": False}, "encoding.cbor_simple"),
        ("signed-at with tag 1", {"signed_at": None}, "encoding.cbor_simple"),
    )
    for name, changes, error in table:
        yield case(name, message([record()], **changes), error)
    imported = [record(bf_=FILE_HASH, w_=1)]
    source = "encoding.senml_source"
    yield case("import without file and row", message([record()], provenance=2), source)
    yield case("file and row in a live message", message(imported), source)


def _raw_headers() -> Iterator[Case]:
    payload = canonical([record()])
    good = header()
    pairs = [(label, canonical(value)) for label, value in good.items()]
    sequence = 4
    label = "encoding.header_label"
    table: tuple[tuple[str, bytes, str], ...] = (
        ("label missing", mapping(*pairs[:-1]), label),
        ("label -70007", mapping(*pairs, (-70007, b"\x00")), label),
        ("critical label (2)", mapping(pairs[0], (2, b"\x81\x01"), *pairs[1:]), label),
        ("labels swapped", mapping(pairs[1], pairs[0], *pairs[2:]), "encoding.cbor_key_order"),
        ("label twice", mapping(pairs[0], pairs[0], *pairs[1:]), "encoding.cbor_duplicate_key"),
        (
            "sequence in two bytes",
            mapping(*pairs[:sequence], (-70002, b"\x18\x07"), *pairs[sequence + 1 :]),
            "encoding.cbor_not_shortest",
        ),
        (
            "sequence as a bignum",
            mapping(*pairs[:sequence], (-70002, b"\xc2\x41\x07"), *pairs[sequence + 1 :]),
            "encoding.header_range",
        ),
        ("map indefinite", b"\xbf" + mapping(*pairs)[1:] + b"\xff", "encoding.cbor_indefinite"),
        ("byte after the map", mapping(*pairs) + b"\x00", "encoding.cbor_trailing"),
        ("map in two bytes", b"\xb8\x09" + mapping(*pairs)[1:], "encoding.cbor_not_shortest"),
        ("array for a map", b"\x80", label),
        ("label as text", mapping(*pairs[:-1], ("signer", b"\x00")), label),
    )
    for name, protected, error in table:
        yield case(f"header: {name}", assemble(protected, payload), error)


def _signatures() -> Iterator[Case]:
    plain = "verification.signature"
    protected, payload = canonical(header()), canonical([record()])
    good = assemble(protected, payload)
    yield case("signed for another log", assemble(protected, payload, origin=OTHER_ORIGIN), plain)
    aad = b"carbonseal/v2\n" + ORIGIN.encode()
    statement = canonical(["Signature1", protected, aad, payload])
    yield case("signed in another context", good[:-64] + sign(-19, statement), plain)
    statement = canonical(["Signature", protected, aad, payload])
    yield case("signed as COSE_Sign", good[:-64] + sign(-19, statement), plain)
    yield case("one bit of the signature", good[:-1] + bytes([good[-1] ^ 1]), plain)
    changed = canonical([record(v=1_250_001)])
    yield case("one unit of a value", good.replace(payload, changed), plain)
    later = canonical(header(sequence=8))
    yield case("one sequence later", good.replace(protected, later), plain)
    yield case(
        "signed by another key of the same kid",
        assemble(canonical(header(-9)), payload),
        plain,
        algorithm=-9,
    )
    other = case("another key than the header's", good, "verification.signature_key", algorithm=-9)
    yield other
    esp = message([record()], algorithm=-9)
    s = int.from_bytes(esp[-32:], "big")
    yield case(
        "high s",
        esp[:-32] + (N - s).to_bytes(32, "big"),
        "verification.signature_high_s",
        algorithm=-9,
    )
