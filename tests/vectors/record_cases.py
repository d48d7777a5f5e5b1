"""
Cases of records: one genuine of each type, and each rule of the frame and of bodies broken once.

Built with rfc8785, and signed by eth_account: the library a wallet's backend would use.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import rfc8785
from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.vectors.action_cases import ACTION_DEFECTS, action_bodies
from tests.vectors.case_cases import CASE_DEFECTS, case_bodies
from tests.vectors.message_cases import ORIGIN, OTHER_ORIGIN, header, message, record, spki_of
from tests.vectors.sample_cases import SAMPLE_DEFECTS, sample_bodies
from tests.vectors.structure_cases import STRUCTURE_DEFECTS, structure_bodies

Case = dict[str, Any]
Content = dict[str, Any]

ACCOUNT = Account.from_key(b"\x22" * 32)
OTHER_ACCOUNT = Account.from_key(b"\x23" * 32)
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
START = 1_735_660_800
HASH = hashlib.sha256(b"something").hexdigest()

DOMAIN_TYPE = [{"name": "name", "type": "string"}, {"name": "version", "type": "string"}]
RECORD_TYPE = [
    {"name": "recordType", "type": "string"},
    {"name": "origin", "type": "string"},
    {"name": "subject", "type": "string"},
    {"name": "contentHash", "type": "bytes32"},
    {"name": "signer", "type": "address"},
]


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def bodies() -> dict[str, Content]:
    """Give a genuine body of each type; certificates are not looked into by a record."""
    one, other = message([record()]), message([record(v=1_250_001)])
    kid = header()[4].hex()
    return {
        "ca": {"certificate": base64_of(b"sub-CA"), "root": HASH},
        "key": {
            "kid": kid,
            "spki": base64_of(spki_of(-19)),
            "certificates": [base64_of(b"leaf"), base64_of(b"sub-CA")],
            "possession": base64_of(b"\x01" * 64),
            "signer": "device",
            "epoch": 0,
            "instruments": ["em-01"],
            "series": ["em-01/energy.import/total/"],
            "gateway": "gw-01",
            "act": HASH,
        },
        "key-close": {
            "kid": kid,
            "reason": "rotated",
            "closed_index": 1200,
            "last_epoch": 0,
            "last_sequence": 7,
        },
        "epoch": {
            "kid": kid,
            "closed_epoch": 0,
            "last_sequence": 7,
            "last_message": hashlib.sha256(one).hexdigest(),
            "reason": "state lost",
        },
        "equivocation": {
            "kid": kid,
            "epoch": 0,
            "sequence": 7,
            "messages": [
                {"message_id": hashlib.sha256(each).hexdigest(), "message": base64_of(each)}
                for each in (one, other)
            ],
        },
        "successor": {
            "predecessor": OTHER_ORIGIN,
            "size": 1200,
            "root": HASH,
            "reason": "operator key stolen",
        },
        "series": {
            "series": "em-01/energy.import/total/",
            "unit": "Wh",
            "cadence_s": 900,
            "heartbeat_s": 3600,
            "since_s": START,
            "scale": 0,
            "minimum": "0",
            "maximum": "50000000",
            "max_lateness_h": 48,
            "rate_limit_per_h": "200000000",
        },
        "instrument": {
            "instrument": "em-01",
            "kind": "electricity meter 电能表",
            "maker": "a maker",
            "model": "DTZ341",
            "serial_number": "000123",
            "accuracy_class": "0.2S",
            "place": "110 kV incoming line 1",
            "installer": "grid company",
            "installed_s": START,
            "register_modulus": "1000000000000",
            "unit": "Wh",
        },
        "multiplier": {
            "multiplier": "ct-01.1",
            "instrument": "em-01",
            "kind": "CT 2000/5, PT 110 kV/100 V",
            "numerator": 440_000,
            "denominator": 1,
            "valid_from_s": START,
        },
        "calibration": {
            "instrument": "em-01",
            "certificate_number": "JL-2024-0001",
            "laboratory": "provincial institute of metrology",
            "from_s": START,
            "to_s": START + 6 * 365 * 86_400,
            "accuracy_class": "0.2S",
            "file": HASH,
        },
        "exchange": {
            "instrument": "em-01",
            "old_serial_number": "000123",
            "new_serial_number": "000124",
            "at_s": START,
            "registers": [
                {
                    "series": "em-01/energy.import/total/",
                    "unit": "Wh",
                    "last": "999999000",
                    "first": "0",
                }
            ],
        },
        "gap": {
            "series": "em-01/energy.import/total/",
            "from_s": START,
            "to_s": START + 3600,
            "cause": "meter exchanged",
        },
        "correction": {
            "series": "em-01/energy.import/total/",
            "from_s": START,
            "to_s": START + 900,
            "reason": "gateway sent twice after a restart",
            "counts": {"entry": HASH, "reading": 0},
        },
        **sample_bodies(),
        **case_bodies(),
        **action_bodies(),
        **structure_bodies(),
    }


def content(record_type: str, body: Content, **changes: Any) -> Content:
    """Give everything of a record but the signature."""
    return {
        "type": record_type,
        "version": 1,
        "origin": ORIGIN,
        "subject": "em-01",
        "salt": "000102030405060708090a0b0c0d0e0f",
        "body": body,
        "supersedes": [],
        "signer": ACCOUNT.address.lower(),
    } | changes


def signature(unsigned: Content, account: Any = ACCOUNT, name: str = "CarbonSeal Record") -> str:
    typed = {
        "types": {"EIP712Domain": DOMAIN_TYPE, "Record": RECORD_TYPE},
        "primaryType": "Record",
        "domain": {"name": name, "version": "1"},
        "message": {
            "recordType": unsigned["type"],
            "origin": unsigned["origin"],
            "subject": unsigned["subject"],
            "contentHash": hashlib.sha256(rfc8785.dumps(unsigned)).digest(),
            "signer": unsigned["signer"],
        },
    }
    signed = account.sign_message(encode_typed_data(full_message=typed))
    return "0x" + bytes(signed.signature).hex()


def signed(unsigned: Content, **changes: Any) -> Content:
    return unsigned | {"signature": signature(unsigned)} | changes


def case(name: str, encoded: bytes, error: str | None = None, **more: Any) -> Case:
    given: Case = {"name": name, "encoded": encoded.hex(), "result": "valid", **more}
    if error:
        return given | {"result": "invalid", "error": error}
    content_hash = {key: v for key, v in json.loads(encoded).items() if key != "signature"}
    return given | {
        "content_hash": hashlib.sha256(rfc8785.dumps(content_hash)).hexdigest(),
        "leaf_hash": hashlib.sha256(b"\x00" + encoded).hexdigest(),
        "signer": ACCOUNT.address.lower(),
    }


def record_cases() -> Iterator[Case]:
    for record_type, body in bodies().items():
        encoded = rfc8785.dumps(signed(content(record_type, body)))
        yield case(f"{record_type}, genuine", encoded, type=record_type)
    unknown = signed(content("drone-survey", {"any": [True, None, {"n": 1}]}, version=3))
    yield case("type of a later release", rfc8785.dumps(unknown), type="drone-survey")
    yield from _other_bodies()
    yield from _frames()
    yield from _texts()
    yield from _signatures()
    yield from _bodies_broken()


def _other_bodies() -> Iterator[Case]:
    table = {
        "series of a register": ("series", bodies()["series"] | {"register": True}),
        "key-close, revoked": (
            "key-close",
            {"kid": HASH, "reason": "revoked", "closed_index": 5, "compromised_since_s": START},
        ),
        "gap of messages": (
            "gap",
            {"kid": HASH, "epoch": 0, "first_sequence": 4, "last_sequence": 6, "cause": "flash"},
        ),
        "correction by a replacement": (
            "correction",
            {
                "series": "em-01/energy.import/total/",
                "from_s": START,
                "to_s": START + 900,
                "reason": "meter fault",
                "replacement": {"value": "-5", "unit": "Wh", "scale": 0, "quality": "substituted"},
            },
        ),
    }
    for name, (record_type, body) in table.items():
        yield case(name, rfc8785.dumps(signed(content(record_type, body))), type=record_type)


def _frames() -> Iterator[Case]:
    good = content("gap", bodies()["gap"])
    frame, names = "encoding.record", "encoding.record_names"
    table: tuple[tuple[str, Content, str], ...] = (
        ("type in upper case", {"type": "Gap"}, frame),
        ("type empty", {"type": ""}, frame),
        ("type as number", {"type": 1}, frame),
        ("version 0", {"version": 0}, frame),
        ("version true", {"version": True}, frame),
        ("version as text", {"version": "1"}, frame),
        ("origin without a log", {"origin": "log.example"}, "encoding.origin"),
        ("subject empty", {"subject": ""}, frame),
        ("subject of two lines", {"subject": "a\nb"}, frame),
        ("subject of 201 characters", {"subject": "x" * 201}, frame),
        ("salt of 15 bytes", {"salt": "00" * 15}, frame),
        ("salt in upper case", {"salt": "AB" * 16}, frame),
        ("body as text", {"body": "gap"}, "encoding.json_type"),
        ("supersedes as text", {"supersedes": HASH}, frame),
        ("supersedes half a hash", {"supersedes": [HASH[:32]]}, frame),
        ("supersedes one entry twice", {"supersedes": [HASH, HASH]}, frame),
        ("signer in mixed case", {"signer": ACCOUNT.address}, "encoding.address"),
        ("signer of 19 bytes", {"signer": "0x" + "00" * 19}, "encoding.address"),
        ("one name more", {"note": ""}, names),
    )
    for name, changes, error in table:
        forged = good | changes | {"signature": "0x" + "00" * 64 + "1b"}
        yield case(f"frame: {name}", rfc8785.dumps(forged), error)
    for name in good:
        short = {key: value for key, value in good.items() if key != name}
        forged = short | {"signature": "0x" + "00" * 64 + "1b"}
        yield case(f"frame: without {name}", rfc8785.dumps(forged), names)
    yield case("frame: without signature", rfc8785.dumps(good), names)
    hexadecimal = "encoding.hex"
    for name, text, error in (
        ("signature of 64 bytes", "0x" + "00" * 64, "encoding.length"),
        ("signature without 0x", "00" * 65, hexadecimal),
        ("signature in upper case", "0x" + "AA" * 64 + "1b", hexadecimal),
    ):
        yield case(f"frame: {name}", rfc8785.dumps(good | {"signature": text}), error)
    long_body = {"cause": "x" * 33_000}
    yield case("frame: body above 32 KiB", rfc8785.dumps(signed(content("note", long_body))), frame)


def _texts() -> Iterator[Case]:
    good = rfc8785.dumps(signed(content("gap", bodies()["gap"])))
    form, malformed = "encoding.json_form", "encoding.json"
    spread = json.dumps(json.loads(good), ensure_ascii=False).encode()
    number = good.replace(b'"version":1', b'"version":1.0')
    table: tuple[tuple[str, bytes, str], ...] = (
        ("a space", good.replace(b',"version"', b', "version"', 1), form),
        ("spread out", spread, form),
        (
            "names in another order",
            json.dumps(dict(reversed(json.loads(good).items())), separators=(",", ":")).encode(),
            form,
        ),
        ("newline at the end", good + b"\n", form),
        ("byte order mark", b"\xef\xbb\xbf" + good, malformed),
        ("escaped solidus", good.replace(b"/log/", b"\\/log\\/", 1), form),
        ("escaped letter", good.replace(b'"gap"', b'"\\u0067ap"', 1), form),
        ("version 1.0", number, "encoding.json_float"),
        ("version 1e0", good.replace(b'"version":1', b'"version":1e0'), "encoding.json_float"),
        ("version 2**53", good.replace(b'"version":1', b'"version":9007199254740992'), malformed),
        ("version NaN", good.replace(b'"version":1', b'"version":NaN'), "encoding.json_float"),
        (
            "name twice",
            good.replace(b'"version":1', b'"version":1,"version":1'),
            "encoding.json_duplicate",
        ),
        ("lone surrogate", good.replace(b'"gap"', b'"\\ud800"', 1), malformed),
        ("not UTF-8", good.replace(b'"gap"', b'"\xff"', 1), malformed),
        ("cut short", good[:-1], malformed),
        ("two values", good + good, malformed),
        ("empty", b"", malformed),
        ("an array", b"[]", "encoding.json_type"),
        ("nested 33 deep", b"[" * 33 + b"]" * 33, "encoding.json_depth"),
        ("nested without end", b"[{" * 500, "encoding.json_depth"),
        ("a number of 5000 digits", b"[" + b"9" * 5000 + b"]", malformed),
    )
    for name, encoded, error in table:
        yield case(f"text: {name}", encoded, error)


def _signatures() -> Iterator[Case]:
    unsigned = content("gap", bodies()["gap"])
    good = signed(unsigned)
    other, plain = "verification.signature_signer", "verification.signature"
    blob = bytes.fromhex(good["signature"][2:])
    s = int.from_bytes(blob[32:64], "big")
    high = blob[:32] + (SECP256K1_ORDER - s).to_bytes(32, "big") + bytes([55 - blob[64]])
    table: tuple[tuple[str, Content, str], ...] = (
        ("signed by another", unsigned | {"signature": signature(unsigned, OTHER_ACCOUNT)}, other),
        ("another named as signer", good | {"signer": OTHER_ACCOUNT.address.lower()}, other),
        (
            "in another domain",
            unsigned | {"signature": signature(unsigned, name="CarbonSeal")},
            other,
        ),
        (
            "one word of the body",
            good | {"body": unsigned["body"] | {"cause": "Meter exchanged"}},
            other,
        ),
        ("another salt", good | {"salt": "ff" * 16}, other),
        ("for another log", good | {"origin": OTHER_ORIGIN}, other),
        ("one entry superseded more", good | {"supersedes": [HASH]}, other),
        ("high s", good | {"signature": "0x" + high.hex()}, "verification.signature_high_s"),
        (
            "v of 0",
            good | {"signature": "0x" + blob[:64].hex() + "00"},
            "verification.signature_length",
        ),
        ("other v", good | {"signature": "0x" + blob[:64].hex() + f"{55 - blob[64]:02x}"}, other),
        ("all zero", good | {"signature": "0x" + "00" * 64 + "1b"}, plain),
    )
    for name, forged, error in table:
        yield case(f"signature: {name}", rfc8785.dumps(forged), error)


def _bodies_broken() -> Iterator[Case]:
    table: tuple[tuple[str, Content], ...] = (
        ("gap", {"cause": None}),
        ("gap", {"cause": ""}),
        ("gap", {"note": "x"}),
        ("gap", {"to_s": START}),
        ("gap", {"kid": HASH}),
        ("gap", {"series": "em-01/energy/"}),
        ("gap", {"from_s": -1}),
        ("gap", {"from_s": True}),
        ("series", {"heartbeat_s": 86_401}),
        ("series", {"cadence_s": 0}),
        ("series", {"minimum": 0}),
        ("series", {"minimum": "00"}),
        ("series", {"minimum": "-0"}),
        ("series", {"minimum": "50000001"}),
        ("series", {"maximum": "9223372036854775808"}),
        ("series", {"register": False}),
        ("series", {"until_s": START}),
        ("series", {"rate_limit_per_h": "0"}),
        ("series", {"scale": 10}),
        ("key", {"kid": HASH}),
        ("key", {"certificates": []}),
        ("key", {"possession": base64_of(b"\x01" * 63)}),
        ("key", {"possession": "AQ"}),
        ("key", {"signer": "server"}),
        ("key", {"series": "em-01/energy.import/total/"}),
        ("key-close", {"reason": "none"}),
        ("key-close", {"last_sequence": "7"}),
        ("key-close", {"reason": "revoked"}),
        ("equivocation", {"messages": []}),
        ("multiplier", {"denominator": 0}),
        ("multiplier", {"multiplier": "CT"}),
        ("multiplier", {"multiplier": "ct_1"}),
        ("calibration", {"to_s": START}),
        ("calibration", {"file": HASH.upper()}),
        ("exchange", {"new_serial_number": "000123"}),
        ("exchange", {"registers": []}),
        ("instrument", {"unit": "Furlong"}),
        ("instrument", {"register_modulus": "0"}),
        ("instrument", {"place": "line\t1"}),
        (
            "correction",
            {"replacement": {"value": "1", "unit": "Wh", "scale": 0, "quality": "estimated"}},
        ),
        ("correction", {"counts": {"entry": HASH}}),
        ("successor", {"predecessor": "log.example"}),
        ("epoch", {"last_message": HASH[:-2]}),
        ("ca", {"certificate": "?"}),
        *SAMPLE_DEFECTS,
        *CASE_DEFECTS,
        *ACTION_DEFECTS,
    )
    genuine = bodies()
    told: Counter[str] = Counter()
    for record_type, changes in table:
        changed = {
            name: value
            for name, value in (genuine[record_type] | changes).items()
            if value is not None
        }
        encoded = rfc8785.dumps(signed(content(record_type, changed)))
        (name,) = changes
        error = "encoding.unit" if changes == {"unit": "Furlong"} else "encoding.record_body"
        words = f"body: {record_type} {name} {changes[name]!r}"[:100]
        told[words] += 1
        again = f" ({told[words]})" if told[words] > 1 else ""
        yield case(f"{words}{again}", encoded, error)
    for record_type, words, changes in STRUCTURE_DEFECTS:
        encoded = rfc8785.dumps(signed(content(record_type, genuine[record_type] | changes)))
        yield case(f"body: {record_type}, {words}", encoded, "encoding.record_body")
