"""Typed data: against eth_account's own cases, and signatures that are nearly right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from attestation.eip712 import (
    SECP256K1_ORDER,
    address_of,
    encode_type,
    hash_domain,
    hash_struct,
    hash_typed_data,
    parse_address,
    recover_address,
    sign_digest,
)
from attestation.errors import EncodingError, SignatureError

FOLDER = "vectors/eip712/eth_account"
SECRET = b"\x22" * 32
DIGEST = keccak(b"a")
SIGNATURE = sign_digest(SECRET, DIGEST)

# EIP-712, the specification's own example.
MAIL = {
    "Person": (("name", "string"), ("wallet", "address")),
    "Mail": (("from", "Person"), ("to", "Person"), ("contents", "string")),
}
MESSAGE = {
    "from": {"name": "Cow", "wallet": "0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826"},
    "to": {"name": "Bob", "wallet": "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
    "contents": "Hello, Bob!",
}
DOMAIN = {
    "name": "Ether Mail",
    "version": "1",
    "chainId": 1,
    "verifyingContract": "0xcccccccccccccccccccccccccccccccccccccccc",
}


def hash_of(document: dict[str, Any]) -> bytes:
    types = {
        name: tuple((member["name"], member["type"]) for member in members)
        for name, members in document["types"].items()
        if name != "EIP712Domain"
    }
    if {member["name"] for member in document["types"]["EIP712Domain"]} != document[
        "domain"
    ].keys():
        raise EncodingError("we derive the domain's type from the domain")
    return hash_typed_data(document["domain"], types, document["primaryType"], document["message"])


def reference_hash(document: dict[str, Any]) -> bytes:
    signable = encode_typed_data(full_message=document)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def documents(shared: Path, name: str) -> dict[str, dict[str, Any]]:
    content = json.loads((shared / FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return {name: content} if "types" in content else content


def test_example_of_the_specification() -> None:
    """Type text, domain separator, struct hash and digest as EIP-712 prints them."""
    text = "Mail(Person from,Person to,string contents)Person(string name,address wallet)"

    assert encode_type(MAIL, "Mail") == text
    assert hash_struct(MAIL, "Mail", MESSAGE).hex() == (
        "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e"
    )
    assert hash_domain(DOMAIN).hex() == (
        "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"
    )
    assert hash_typed_data(DOMAIN, MAIL, "Mail", MESSAGE).hex() == (
        "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
    )


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "valid_eip712_example",
        "valid_eip712_example_with_array",
        "valid_eip712_example_with_multi_array",
        "valid_for_all",
    ],
)
def test_valid_cases_have_the_reference_digest(shared: Path, name: str) -> None:
    """What every wallet accepts has the digest that eth_account gives."""
    for document in documents(shared, name).values():
        assert hash_of(document) == reference_hash(document)


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    ["invalid", "one_arg_invalid", "valid_message_nested_structs", "valid_py_and_metamask"]
    + [f"invalid_message_{kind}" for kind in ("invalid_abi_type", "unequal_1d_array_lengths")]
    + [f"invalid_message_{kind}" for kind in ("unequal_array_dimensions",)]
    + ["invalid_message_valid_abi_type_invalid_value", "invalid_message_value_type_mismatch_type"]
    + ["invalid_struct_identifier_message", "invalid_struct_type_message"],
)
def test_cases_that_wallets_judge_differently(shared: Path, name: str) -> None:
    """Such a message is refused, or has the digest that eth_account gives; nothing in between."""
    for case, document in documents(shared, name).items():
        try:
            found = hash_of(document)
        except EncodingError:
            continue
        assert found == reference_hash(document), case


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("uint8", 256),
        ("uint8", -1),
        ("uint8", True),
        ("uint8", "1"),
        ("int8", 128),
        ("int8", -129),
        ("uint7", 1),
        ("uint264", 1),
        ("uint", 1),
        ("bool", 1),
        ("string", b"x"),
        ("string", "\ud800"),
        ("bytes", "ff"),
        ("bytes", "0xf"),
        ("bytes", 1),
        ("bytes4", b"abc"),
        ("bytes4", b"abcde"),
        ("bytes33", b"a" * 33),
        ("bytes0", b""),
        ("address", "0x00"),
        ("address", 0),
        ("uint8[2]", [1]),
        ("uint8[2]", [1, 2, 3]),
        ("uint8[]", 1),
        ("uint8[]", [256]),
        ("uint8[0]", []),
        ("Person", {"name": "x"}),
        ("Person", []),
        ("Nobody", {}),
        ("float", 1),
        ("", ""),
    ],
)
def test_value_that_does_not_fit_is_refused(kind: str, content: object) -> None:
    """Types are exact: nothing is cut, padded or converted."""
    types = MAIL | {"Thing": (("it", kind),)}

    with pytest.raises(EncodingError, match=r".") as refusal:
        hash_struct(types, "Thing", {"it": content})
    assert refusal.value.stable_code == "encoding.typed_data"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("uint256", 2**256 - 1),
        ("int256", -(2**255)),
        ("bytes32", b"\x01" * 32),
        ("bytes1", "0x01"),
        ("bytes", b""),
        ("bool", True),
        ("string", "碳"),
        ("address", b"\x01" * 20),
        ("uint8[][2]", [[1, 2], []]),
    ],
)
def test_value_that_fits_has_the_reference_hash(kind: str, content: object) -> None:
    """Values at the borders of their types hash as eth_account hashes them."""
    types = {"Thing": [{"name": "it", "type": kind}]}
    domain_type = [{"name": "name", "type": "string"}]
    document = {
        "types": types | {"EIP712Domain": domain_type},
        "primaryType": "Thing",
        "domain": {"name": "x"},
        "message": {"it": content},
    }

    assert hash_of(document) == reference_hash(document)


def test_structs_that_contain_themselves_end() -> None:
    """A recursive type is followed as deep as a message goes, and not without end."""
    types = {"Tree": (("branches", "Tree[]"),)}
    assert len(hash_struct(types, "Tree", {"branches": [{"branches": []}]})) == 32
    endless: dict[str, object] = {}
    endless["branches"] = [endless]

    with pytest.raises(EncodingError, match="nested too deeply"):
        hash_struct(types, "Tree", endless)


def test_arrays_in_arrays_end() -> None:
    """A type of very many array levels is refused by depth."""
    nested: object = []
    for _ in range(20):
        nested = [nested]

    with pytest.raises(EncodingError, match="nested too deeply"):
        hash_struct({"A": (("it", "uint8" + "[]" * 21),)}, "A", {"it": nested})


def test_type_text_is_of_known_structs() -> None:
    """A struct that is not defined has no text."""
    with pytest.raises(EncodingError, match="no struct 'Nobody'"):
        encode_type(MAIL, "Nobody")


def test_domain_has_the_fields_of_domains() -> None:
    """A field no domain has is refused."""
    with pytest.raises(EncodingError, match="not exactly its members"):
        hash_domain({"name": "x", "chain": 1})


def test_signer_is_recovered() -> None:
    """The address is the one eth_account gives to the key."""
    assert address_of(SECRET) == Account.from_key(SECRET).address.lower()
    assert recover_address(DIGEST, SIGNATURE) == address_of(SECRET)


def test_changed_digest_recovers_somebody_else() -> None:
    """A signature is always somebody's: only comparing tells."""
    assert recover_address(keccak(b"b"), SIGNATURE) != address_of(SECRET)


def raised(signature: bytes) -> bytes:
    s = SECP256K1_ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        (b"", "signature_length"),
        (SIGNATURE[:-1], "signature_length"),
        (SIGNATURE + b"\x1b", "signature_length"),
        (SIGNATURE[:-1] + b"\x00", "signature_length"),
        (SIGNATURE[:-1] + b"\x1d", "signature_length"),
        (raised(SIGNATURE), "signature_high_s"),
        (bytes(64) + b"\x1b", "signature"),
        (bytes(32) + SIGNATURE[32:], "signature"),
        (SIGNATURE[:32] + bytes(32) + SIGNATURE[64:], "signature"),
        (b"\xff" * 32 + SIGNATURE[32:], "signature"),
        (SECP256K1_ORDER.to_bytes(32, "big") + SIGNATURE[32:], "signature"),
    ],
)
def test_signature_of_another_form_is_refused(signature: bytes, code: str) -> None:
    """Length, v, low s and the ranges of r and s are exact."""
    with pytest.raises(SignatureError, match=r".") as refusal:
        recover_address(DIGEST, signature)
    assert refusal.value.stable_code == f"verification.{code}"


@pytest.mark.parametrize("text", ["", "0x", "0x" + "0" * 39, "0x" + "A" * 40, "00" * 20])
def test_address_has_one_form(text: str) -> None:
    """Lower case, 40 digits, 0x."""
    assert parse_address("0x" + "a" * 40)
    with pytest.raises(EncodingError, match="not an address"):
        parse_address(text)
