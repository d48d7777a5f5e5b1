"""
Working papers (工作底稿) of a verifier: files sealed to the verifier's own key, in a folder.

Each file is sealed by HPKE: whoever adds one needs the public key only, and no ledger, operator
or folder's keeper can read it. Name, case and time lie inside; outside stands the recipient alone.
A sealed file is named by its SHA-256, so that one that was changed is noticed without the key.

Source: RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM;
`docs/formats/working-papers.md`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from api.errors import BadRequest, NotFound, PaperBroken
from attestation.canonical import canonical_json, parse_canonical, require_object
from attestation.encodings import format_base64, parse_base64
from attestation.errors import EncodingError
from attestation.instants import Instant

MAX_PAPER_BYTES: Final = 128 << 20
"""A film of a site visit does not fit; photographs and scans do."""
ENDING: Final = ".sealed"
_FORMAT: Final = "carbonseal-paper"
_KEY_PREFIX: Final = "carbonseal-papers:"
_KEY_BYTES: Final = 32
_OWN_ONLY: Final = 0o600
_LONGEST_LINE: Final = 4096
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_RAW: Final = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@dataclass(frozen=True, slots=True)
class Paper:
    """A working paper, opened."""

    name: str
    case: str
    """What it belongs to: an inventory id, or the verifier's own word."""
    added_at: Instant
    content: bytes

    @property
    def sha256(self) -> str:
        """Of the content, in hex: what a statement or a site visit may name."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class SealedPaper:
    """A sealed file in a folder."""

    path: Path
    sha256: str
    """Of the sealed bytes, in hex."""
    is_whole: bool
    """Whether the bytes are those that the file is named by."""


def recipient_of(text: str) -> X25519PublicKey:
    """
    Read a public key as `format_recipient` writes it.

    Raises:
        BadRequest: If it is none.
    """
    prefix, found, encoded = text.strip().partition(_KEY_PREFIX)
    try:
        key = X25519PublicKey.from_public_bytes(parse_base64(encoded, length=_KEY_BYTES))
    except (ValueError, EncodingError) as error:
        raise BadRequest(f"not a public key for working papers: {text[:80]!r}") from error
    if prefix or not found:
        raise BadRequest(f"not a public key for working papers: {text[:80]!r}")
    return key


def format_recipient(key: X25519PublicKey) -> str:
    """Write a public key in one line."""
    return _KEY_PREFIX + format_base64(key.public_bytes(*_RAW))


def make_key(path: Path, password: bytes) -> X25519PublicKey:
    """
    Make a key in a new file of mode 600, encrypted, and its public half beside it in `.pub`.

    Raises:
        BadRequest: If the file exists or cannot be written.
    """
    key = X25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        public = path.with_name(f"{path.name}.pub")
        public.write_text(format_recipient(key.public_key()) + "\n", encoding="ascii")
    except OSError as error:
        raise BadRequest(f"cannot write {path.name}: {error.strerror}") from error
    return key.public_key()


def load_key(path: Path, password: bytes) -> X25519PrivateKey:
    """
    Read a key file.

    Raises:
        BadRequest: If it is no such key, or the password is wrong.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password)
    except OSError as error:
        raise BadRequest(f"cannot read {path.name}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise BadRequest(f"{path.name} does not open with this password") from error
    if not isinstance(key, X25519PrivateKey):
        raise BadRequest(f"{path.name} is no key for working papers")
    return key


def seal_paper(paper: Paper, recipient: X25519PublicKey) -> bytes:
    """
    Seal a paper.

    Raises:
        BadRequest: If it is too long, or the key is of small order.
    """
    if len(paper.content) > MAX_PAPER_BYTES:
        raise BadRequest(f"{paper.name} has more than {MAX_PAPER_BYTES} bytes")
    inside = canonical_json(
        {"name": paper.name, "case": paper.case, "added_at_ms": int(paper.added_at)}
    )
    if len(inside) > _LONGEST_LINE:
        raise BadRequest(f"name and case of {paper.name} have more than {_LONGEST_LINE} bytes")
    head = _head(recipient)
    try:
        return head + _SUITE.encrypt(inside + b"\n" + paper.content, recipient, info=head)
    except ValueError as error:
        raise BadRequest("nothing can be sealed to this public key") from error


def open_paper(sealed: bytes, key: X25519PrivateKey) -> Paper:
    """
    Open a sealed paper.

    Raises:
        PaperBroken: If it is sealed to another key, or not as it was sealed.
    """
    head = _head(key.public_key())
    if not sealed.startswith(head):
        raise PaperBroken("sealed to another key, or no sealed paper")
    try:
        opened = _SUITE.decrypt(sealed[len(head) :], key, info=head)
        line, _, content = opened.partition(b"\n")
        fields = require_object(parse_canonical(line[:_LONGEST_LINE]), "paper")
        name, case, added_at = (fields[each] for each in ("name", "case", "added_at_ms"))
    except (InvalidTag, ValueError, KeyError, EncodingError) as error:
        raise PaperBroken("not as it was sealed") from error
    if not isinstance(added_at, int):
        raise PaperBroken("not as it was sealed")
    return Paper(str(name), str(case), Instant(added_at), content)


class PaperFolder:
    """
    The sealed papers of a folder.

    Args:
        folder: Made at the first paper.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, paper: Paper, recipient: X25519PublicKey) -> SealedPaper:
        """
        Seal a paper into the folder.

        Raises:
            BadRequest: If it is too long, or cannot be written.
        """
        sealed = seal_paper(paper, recipient)
        name = sha256(sealed).hexdigest()
        path = self._folder / f"{name}{ENDING}"
        aside = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with aside.open("wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except OSError as error:
            raise BadRequest(f"cannot write {path.name}: {error.strerror}") from error
        return SealedPaper(path, name, is_whole=True)

    def listed(self) -> list[SealedPaper]:
        """
        List the sealed files by name; one that was changed or cut off says so.

        Raises:
            BadRequest: If there is no such folder, or a file cannot be read.
        """
        if not self._folder.is_dir():
            raise BadRequest(f"there is no folder {self._folder}")
        try:
            return [
                SealedPaper(path, path.stem, sha256(path.read_bytes()).hexdigest() == path.stem)
                for path in sorted(self._folder.glob(f"*{ENDING}"))
            ]
        except OSError as error:
            raise BadRequest(f"cannot read {self._folder}: {error.strerror}") from error

    def opened(self, key: X25519PrivateKey) -> Iterator[tuple[SealedPaper, Paper | PaperBroken]]:
        """
        Open every paper, oldest name first; one that does not open gives its error instead.

        Raises:
            BadRequest: If there is no such folder, or a file cannot be read.
        """
        for sealed in self.listed():
            try:
                yield sealed, open_paper(sealed.path.read_bytes(), key)
            except PaperBroken as error:
                yield sealed, error

    def find(self, name: str, key: X25519PrivateKey) -> Paper:
        """
        Give the newest paper of a name, or the one whose content has this SHA-256.

        Raises:
            NotFound: If there is none that opens.
        """
        papers = [paper for _, paper in self.opened(key) if isinstance(paper, Paper)]
        found = [paper for paper in papers if name in (paper.name, paper.sha256)]
        if not found:
            raise NotFound(f"no working paper {name} opens with this key")
        return max(found, key=lambda paper: paper.added_at)


def _head(recipient: X25519PublicKey) -> bytes:
    """Give what stands before the sealed bytes, which are bound to it."""
    key_id = sha256(recipient.public_bytes(*_RAW)).hexdigest()
    return canonical_json({"format": _FORMAT, "version": 1, "recipient": key_id}) + b"\n"
