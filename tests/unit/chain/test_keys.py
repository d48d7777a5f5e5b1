"""Keys: opened from keystores, never shown."""

from __future__ import annotations

import json
import pickle
import stat
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from chain.addresses import format_address, parse_address
from chain.errors import KeyUnreadable
from chain.fees import DynamicFees, LegacyFees
from chain.keys import AccountSigner, create_keystore, generate_signer, load_keystore, save_keystore
from chain.raw_transactions import UnsignedTransaction

KEY = bytes.fromhex("4646464646464646464646464646464646464646464646464646464646464646")

# Web3 Secret Storage Definition, test vector for PBKDF2-SHA-256; the password is "testpassword".
PUBLISHED: dict[str, Any] = {
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144,
            "dklen": 32,
            "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}
PUBLISHED_KEY = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_published_keystore_opens(tmp_path: Path) -> None:
    """The keystore of the definition opens and gives its key's address."""
    signer = load_keystore(write(tmp_path / "key.json", PUBLISHED), "testpassword")

    assert signer.address == AccountSigner(bytes.fromhex(PUBLISHED_KEY)).address


def test_wrong_password_is_refused(tmp_path: Path) -> None:
    """A keystore does not open with another password."""
    with pytest.raises(KeyUnreadable, match="does not open"):
        load_keystore(write(tmp_path / "key.json", PUBLISHED), "Testpassword")


def test_keystore_that_names_another_address_is_refused(tmp_path: Path) -> None:
    """A keystore whose address was changed does not stand for that address."""
    path = write(tmp_path / "key.json", PUBLISHED | {"address": "00" * 20})

    with pytest.raises(KeyUnreadable, match="another address"):
        load_keystore(path, "testpassword")


@pytest.mark.parametrize("content", [[], "text", {}, {"version": 9}, {"version": 3}, None])
def test_other_json_is_refused(tmp_path: Path, content: object) -> None:
    """JSON that is no keystore is refused with our error."""
    with pytest.raises(KeyUnreadable, match="does not open"):
        load_keystore(write(tmp_path / "key.json", content), "testpassword")


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A keystore that is not there is named."""
    with pytest.raises(KeyUnreadable, match=r"none\.json"):
        load_keystore(tmp_path / "none.json", "testpassword")


def test_new_keystore_opens_and_is_private(tmp_path: Path) -> None:
    """A new keystore opens with its password and only its owner may read it."""
    path = tmp_path / "key.json"
    address = create_keystore(path, "correct horse")

    assert load_keystore(path, "correct horse").address == address
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keystore_is_not_overwritten(tmp_path: Path) -> None:
    """A key that exists is not lost to a new one."""
    path = write(tmp_path / "key.json", PUBLISHED)

    with pytest.raises(KeyUnreadable, match="exists"):
        save_keystore(path, KEY, "correct horse")


def test_empty_password_is_refused(tmp_path: Path) -> None:
    """A keystore without a password is a key in the open."""
    with pytest.raises(KeyUnreadable, match="password"):
        save_keystore(tmp_path / "key.json", KEY, "")


def test_key_is_not_shown() -> None:
    """Neither repr nor str of a signer holds the key."""
    signer = AccountSigner(KEY)

    assert repr(signer) == f"AccountSigner({format_address(signer.address)})"
    assert KEY.hex() not in str(signer)


def test_signer_is_not_pickled() -> None:
    """A signer cannot be sent to another process or a cache."""
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(AccountSigner(KEY))


def test_bad_key_is_not_quoted() -> None:
    """The error about a bad key neither holds the key nor a cause that does."""
    with pytest.raises(KeyUnreadable) as caught:
        AccountSigner(b"\xaa" * 31)

    assert "aa" not in caught.value.message
    assert caught.value.__cause__ is None


def test_legacy_transaction_is_that_of_eip_155() -> None:
    """The example of EIP-155 is signed to the same bytes."""
    transaction = UnsignedTransaction(
        chain_id=1,
        nonce=9,
        to=b"\x35" * 20,
        data=b"",
        gas=21000,
        fees=LegacyFees(20 * 10**9),
        value_wei=10**18,
    )

    assert AccountSigner(KEY).sign_transaction(transaction).raw.hex() == (
        "f86c098504a817c800825208943535353535353535353535353535353535353535880"
        "de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63"
        "e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297"
        "fb1966a3b6d83"
    )


def test_dynamic_transaction_is_recovered() -> None:
    """An EIP-1559 transaction is signed by the signer's own address."""
    signer = generate_signer()
    transaction = UnsignedTransaction(5, 0, None, b"\x60", 100_000, DynamicFees(9, 1))

    signed = signer.sign_transaction(transaction)

    assert parse_address(Account.recover_transaction(signed.raw)) == signer.address
    assert signed.nonce == 0


def test_digest_signature_has_a_low_s() -> None:
    """Signatures of digests are 65 bytes with v of 27 or 28 and s in the lower half."""
    signature = AccountSigner(KEY).sign_digest(b"\x11" * 32)

    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    assert len(signature) == 65
    assert signature[64] in {27, 28}
    assert int.from_bytes(signature[32:64], "big") <= order // 2
