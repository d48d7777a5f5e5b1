"""
A signer that opens its keystore when it is first asked to sign, and not before.

A process that only has to know the address, such as a server that queues what a worker sends,
never holds the key.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

from chain.addresses import parse_address
from chain.errors import KeyUnreadable
from chain.keys import AccountSigner, load_keystore
from chain.raw_transactions import UnsignedTransaction
from chain.values import SignedTransaction


class KeptSigner:
    """
    A signer whose key stays in its file until it is needed.

    Args:
        path: Keystore, version 3.
        password: Gives its password when it is opened.

    Raises:
        KeyUnreadable: If the file is no keystore, or does not name its address.
    """

    def __init__(self, path: Path, password: Callable[[], str]) -> None:
        self._path = path
        self._password = password
        self._opened: AccountSigner | None = None
        self._lock = threading.Lock()
        self._address = _address_in(path)

    @property
    def address(self) -> bytes:
        """The address it signs for, 20 bytes."""
        return self._address

    def sign_transaction(self, transaction: UnsignedTransaction) -> SignedTransaction:
        """
        Sign a transaction.

        Raises:
            KeyUnreadable: If the keystore does not open.
        """
        return self._signer().sign_transaction(transaction)

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign a digest of 32 bytes; errors as `sign_transaction`."""
        return self._signer().sign_digest(digest)

    def _signer(self) -> AccountSigner:
        with self._lock:
            if self._opened is None:
                self._opened = load_keystore(self._path, self._password())
            return self._opened


def _address_in(path: Path) -> bytes:
    try:
        named = json.loads(path.read_text(encoding="utf-8")).get("address")
    except (OSError, ValueError, AttributeError) as error:
        raise KeyUnreadable(f"keystore {path.name} is not readable") from error
    if not isinstance(named, str):
        raise KeyUnreadable(f"keystore {path.name} does not name its address")
    return parse_address("0x" + named.lower().removeprefix("0x"))
