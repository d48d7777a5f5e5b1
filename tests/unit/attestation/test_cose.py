"""The closed COSE_Sign1, and the Sig_structure against the COSE working group's examples."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import cbor2
import pytest

from attestation.cose import parse_sign1, sig_structure, sign_sign1
from attestation.errors import EncodingError, SignatureError
from attestation.keys import PublicKey, normalise_low_s
from tests.support.attested import ED25519_KEY

P256_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
FILES = [
    *(f"sign1-tests/sign-pass-0{number}" for number in (1, 2, 3)),
    *(f"sign1-tests/sign-fail-0{number}" for number in (1, 2, 3, 4, 6, 7)),
    "ecdsa-examples/ecdsa-sig-01",
    "eddsa-examples/eddsa-sig-01",
]


def load(shared: Path, name: str) -> dict[str, Any]:
    text = (shared / "vectors/cose" / f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def key_of(document: dict[str, Any]) -> PublicKey:
    key = document["input"]["sign0"]["key"]

    def coordinate(name: str) -> bytes:
        if f"{name}_hex" in key:
            return bytes.fromhex(key[f"{name}_hex"])
        return base64.urlsafe_b64decode(key[name] + "=" * (-len(key[name]) % 4))

    if key["kty"] == "OKP":
        return PublicKey.from_ed25519_bytes(coordinate("x"))
    return PublicKey.from_spki(P256_SPKI + coordinate("x") + coordinate("y"))


def parts_of(document: dict[str, Any]) -> tuple[bytes, bytes, bytes, bytes]:
    """Give protected header, payload, external_aad and signature of an example."""
    message = cbor2.loads(bytes.fromhex(document["output"]["cbor"]))
    protected, _, payload, signature = getattr(message, "value", message)
    external = bytes.fromhex(document["input"]["sign0"].get("external", ""))
    if protected == b"\xa0":  # RFC 9052, section 4.4, step 2: no parameters, no bytes; never ours
        protected = b""
    return protected, payload, external, signature


@pytest.mark.shared
@pytest.mark.parametrize("name", FILES)
def test_sig_structure_of_the_examples(shared: Path, name: str) -> None:
    """The bytes to be signed are those of the working group's examples, where they hold."""
    document = load(shared, name)
    protected, payload, external, signature = parts_of(document)
    to_be_signed = sig_structure(protected, payload, external_aad=external)
    if document["input"]["sign0"]["key"]["kty"] == "EC":
        signature = normalise_low_s(signature)

    # sign-fail-01 differs in its tag only, which our frame refuses and its signature does not.
    if document.get("fail") and name != "sign1-tests/sign-fail-01":
        with pytest.raises(SignatureError, match="does not match"):
            key_of(document).verify(signature, to_be_signed)
    else:
        assert to_be_signed.hex().upper() == document["intermediates"]["ToBeSign_hex"].upper()
        key_of(document).verify(signature, to_be_signed)


@pytest.mark.shared
@pytest.mark.parametrize("name", FILES)
def test_examples_are_not_of_the_closed_form(shared: Path, name: str) -> None:
    """Each example has an unprotected header, or another frame: none of them is ours."""
    encoded = bytes.fromhex(load(shared, name)["output"]["cbor"])

    with pytest.raises(EncodingError, match=r"unprotected|tagged"):
        parse_sign1(encoded, external_aad=b"")


def test_parts_are_given_as_received() -> None:
    """Header, payload and signature are slices of the bytes; the statement covers them."""
    encoded = sign_sign1(
        protected=b"\xa0", payload=b"p" * 300, external_aad=b"x", signer=ED25519_KEY
    )
    parts = parse_sign1(encoded, external_aad=b"x")

    assert (parts.protected, parts.payload) == (b"\xa0", b"p" * 300)
    assert parts.to_be_signed == cbor2.dumps(["Signature1", b"\xa0", b"x", b"p" * 300])
    ED25519_KEY.public_key.verify(parts.signature, parts.to_be_signed)


def test_statement_depends_on_the_context() -> None:
    """The same bytes in another context are another statement."""
    encoded = sign_sign1(protected=b"\xa0", payload=b"p", external_aad=b"x", signer=ED25519_KEY)
    parts = parse_sign1(encoded, external_aad=b"y")

    with pytest.raises(SignatureError, match="does not match"):
        ED25519_KEY.public_key.verify(parts.signature, parts.to_be_signed)
