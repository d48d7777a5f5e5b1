"""
Keys that pay for transactions and sign acts, kept so that they cannot be read by accident.

A signer shows its address and nothing else: not in `repr`, not in errors, not when pickled.
Keys at rest are keystores of version 3.

Source: Web3 Secret Storage Definition, version 3; EIP-155; EIP-1559; EIP-2718.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol

from eth_account import Account
from eth_account.signers.local import LocalAccount

from chain.addresses import format_address, parse_address
from chain.errors import KeyUnreadable
from chain.fees import DynamicFees, LegacyFees
from chain.raw_transactions import UnsignedTransaction
from chain.values import SignedTransaction

KEY_LENGTH: Final = 32
_OWNER_ONLY: Final = 0o600


class Signer(Protocol):
    """Whoever can sign for one address; a keystore here, a hardware key elsewhere."""

    @property
    def address(self) -> bytes:
        """The address it signs for, 20 bytes."""

    def sign_transaction(self, transaction: UnsignedTransaction) -> SignedTransaction:
        """Sign a transaction."""

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign an EIP-712 digest of 32 bytes: r, s, v in 65 bytes, s in the lower half."""


class AccountSigner:
    """A signer whose key lies in this process's memory."""

    __slots__ = ("_account",)

    def __init__(self, key: bytes) -> None:
        """
        Take a key of 32 bytes.

        Raises:
            KeyUnreadable: If it is not a private key.
        """
        try:
            self._account: LocalAccount = Account.from_key(key)
        except ValueError:
            # Without the cause: its text may quote the key.
            raise KeyUnreadable("not a private key of 32 bytes") from None

    def __repr__(self) -> str:
        return f"AccountSigner({self._account.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signer does not leave its process")

    @property
    def address(self) -> bytes:
        """The address it signs for, 20 bytes."""
        return parse_address(self._account.address)

    def save(self, path: Path, password: str) -> None:
        """
        Write the key to a new keystore file.

        Raises:
            KeyUnreadable: If the password is empty, or the file exists or cannot be written.
        """
        save_keystore(path, bytes(self._account.key), password)

    def sign_transaction(self, transaction: UnsignedTransaction) -> SignedTransaction:
        """Sign a transaction; the same one gives the same bytes (RFC 6979)."""
        signed = self._account.sign_transaction(_fields(transaction))
        return SignedTransaction(
            raw=bytes(signed.raw_transaction),
            tx_hash=bytes(signed.hash),
            nonce=transaction.nonce,
        )

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign a digest of 32 bytes: r, s, v in 65 bytes, s in the lower half, v 27 or 28."""
        typed: Any = digest  # eth_account wants its own name for 32 bytes
        return bytes(self._account.unsafe_sign_hash(typed).signature)


def generate_signer() -> AccountSigner:
    """Make a signer with a new random key that nobody else has."""
    return AccountSigner(bytes(Account.create().key))


def create_keystore(path: Path, password: str) -> bytes:
    """
    Make a new key and write it to a new file that only its owner may read.

    Returns:
        Its address, 20 bytes.

    Raises:
        KeyUnreadable: If the password is empty, or the file exists or cannot be written.
    """
    account = Account.create()
    save_keystore(path, bytes(account.key), password)
    return parse_address(account.address)


def save_keystore(path: Path, key: bytes, password: str) -> None:
    """
    Write a key to a new keystore file that only its owner may read.

    Raises:
        KeyUnreadable: If the password is empty, or the file exists or cannot be written.
    """
    if not password:
        raise KeyUnreadable("a keystore needs a password")
    # The function is named, because eth_account otherwise takes it from the environment.
    content = json.dumps(Account.encrypt(key, password, kdf="scrypt"))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
    except OSError as error:
        raise KeyUnreadable(f"keystore {path.name} is not written: {error.strerror}") from error


def load_keystore(path: Path, password: str) -> AccountSigner:
    """
    Open a keystore file.

    Raises:
        KeyUnreadable: If the file is not a keystore, the password is wrong, or the file names an
            address that is not its key's.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        key = bytes(Account.decrypt(content, password))
        named = content.get("address")
    except OSError as error:
        raise KeyUnreadable(f"keystore {path.name} is not readable: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, NotImplementedError, AttributeError):
        # Without the cause: what the library says may quote the file.
        raise KeyUnreadable(f"keystore {path.name} does not open with this password") from None
    signer = AccountSigner(key)
    if isinstance(named, str) and named.lower().removeprefix("0x") != signer.address.hex():
        raise KeyUnreadable(f"keystore {path.name} names another address than its key's")
    return signer


def _fields(transaction: UnsignedTransaction) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "chainId": transaction.chain_id,
        "nonce": transaction.nonce,
        "gas": transaction.gas,
        "value": transaction.value_wei,
        "data": transaction.data,
    }
    if transaction.to is not None:
        fields["to"] = format_address(transaction.to)
    match transaction.fees:
        case LegacyFees(gas_price_wei=price):
            fields["gasPrice"] = price
        case DynamicFees(max_fee_wei=cap, priority_fee_wei=tip):
            fields |= {"type": 2, "maxFeePerGas": cap, "maxPriorityFeePerGas": tip}
    return fields
