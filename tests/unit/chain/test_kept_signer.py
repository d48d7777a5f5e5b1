"""A key that stays in its file until somebody has to sign."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from attestation.eip712 import recover_address
from chain.errors import KeyUnreadable
from chain.kept_signer import KeptSigner
from chain.keys import AccountSigner

SIGNER = AccountSigner(sha256(b"relay").digest())


@pytest.fixture(scope="module")
def keystore(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A keystore whose password is `right`."""
    path = tmp_path_factory.mktemp("keys") / "relay.json"
    SIGNER.save(path, "right")
    return path


def test_address_is_known_without_the_password(keystore: Path) -> None:
    """Who only queues never asks for it."""

    def password() -> str:
        raise AssertionError("the password was asked for")

    assert KeptSigner(keystore, password).address == SIGNER.address


def test_key_is_opened_once(keystore: Path) -> None:
    """The first signature opens the file, the second does not."""
    asked: list[str] = []

    def password() -> str:
        asked.append("asked")
        return "right"

    kept, digest = KeptSigner(keystore, password), sha256(b"digest").digest()
    signatures = {kept.sign_digest(digest) for _ in range(2)}

    assert len(asked) == 1
    assert recover_address(digest, signatures.pop()) == "0x" + SIGNER.address.hex()


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"address": 1})])
def test_file_that_is_no_keystore(tmp_path: Path, content: str) -> None:
    """It is noticed at start, not at the first act."""
    path = tmp_path / "relay.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KeyUnreadable):
        KeptSigner(path, lambda: "right")


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """The same holds for a wrong path."""
    with pytest.raises(KeyUnreadable):
        KeptSigner(tmp_path / "nobody.json", lambda: "right")
