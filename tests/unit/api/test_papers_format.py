"""Sealed papers are HPKE as RFC 9180 has it: opened here by its text, step by step."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.errors import PaperBroken
from api.papers import Paper, open_paper, seal_paper
from attestation.canonical import canonical_json, parse_canonical
from attestation.instants import Instant

KEM = b"KEM" + (0x0020).to_bytes(2, "big")
SUITE = b"HPKE" + b"".join(each.to_bytes(2, "big") for each in (0x0020, 0x0001, 0x0002))
KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
PAPER = Paper("底稿.txt", "0xabc", Instant(1_735_776_000_000), b"what was seen")


def extract(salt: bytes, label: bytes, ikm: bytes, suite: bytes) -> bytes:
    """LabeledExtract of RFC 9180, section 4."""
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def expand(prk: bytes, label: bytes, info: bytes, length: int, suite: bytes) -> bytes:
    """LabeledExpand of RFC 9180, section 4; at most one block of HKDF."""
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(prk, labelled + b"\x01", "sha256")[:length]


def open_by_hand(sealed: bytes, key: X25519PrivateKey) -> tuple[bytes, bytes]:
    """Give the line and what was sealed, as `docs/formats/working-papers.md` says."""
    line, _, rest = sealed.partition(b"\n")
    info, enc, ciphertext = line + b"\n", rest[:32], rest[32:]
    shared = key.exchange(X25519PublicKey.from_public_bytes(enc))
    context = enc + key.public_key().public_bytes_raw()
    secret = expand(extract(b"", b"eae_prk", shared, KEM), b"shared_secret", context, 32, KEM)
    schedule = b"\x00" + b"".join(
        extract(b"", label, content, SUITE)
        for label, content in ((b"psk_id_hash", b""), (b"info_hash", info))
    )
    prk = extract(secret, b"secret", b"", SUITE)
    aead_key = expand(prk, b"key", schedule, 32, SUITE)
    nonce = expand(prk, b"base_nonce", schedule, 12, SUITE)
    return line, AESGCM(aead_key).decrypt(nonce, ciphertext, b"")


def test_paper_opens_by_the_text_of_the_standard() -> None:
    """Line, key and content are where the format says, and nothing else is needed."""
    line, opened = open_by_hand(seal_paper(PAPER, KEY.public_key()), KEY)
    head, _, content = opened.partition(b"\n")

    recipient = sha256(KEY.public_key().public_bytes_raw()).hexdigest()
    assert parse_canonical(line) == {
        "format": "carbonseal-paper",
        "version": 1,
        "recipient": recipient,
    }
    assert parse_canonical(head) == {
        "name": PAPER.name,
        "case": PAPER.case,
        "added_at_ms": PAPER.added_at,
    }
    assert content == PAPER.content


def test_paper_opens_as_it_was_sealed() -> None:
    """An empty one too."""
    for content in (PAPER.content, b"", b"\n\n"):
        paper = Paper(PAPER.name, PAPER.case, PAPER.added_at, content)
        assert open_paper(seal_paper(paper, KEY.public_key()), KEY) == paper


@pytest.mark.parametrize("version", [0, 2])
def test_paper_of_another_version_is_not_opened(version: int) -> None:
    """The line is exactly that of the own key, or it is not for us."""
    sealed = seal_paper(PAPER, KEY.public_key())
    line, _, rest = sealed.partition(b"\n")
    fields = dict(parse_canonical(line))  # type: ignore[arg-type]
    other = canonical_json(fields | {"version": version})
    with pytest.raises(PaperBroken):
        open_paper(other + b"\n" + rest, KEY)


@pytest.mark.parametrize("length", [0, 1, 130, 160, 170])
def test_paper_that_was_cut_off_is_not_opened(length: int) -> None:
    """At any place."""
    with pytest.raises(PaperBroken):
        open_paper(seal_paper(PAPER, KEY.public_key())[:length], KEY)
