"""
Packages: what is exported, in one ZIP file with a manifest that the operator's log key signs.

A package says what was asked, as of when, and the SHA-256 of each file. Opening checks all of it
against keys the reader trusts already, and refuses a file too many as well as one that is missing.

Source: `docs/formats/action-records.md`, section 3; C2SP signed-note; RFC 8785.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Final

from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.errors import EncodingError, SignatureError, VerificationError
from attestation.instants import Instant, format_instant, parse_instant
from attestation.notes import NoteSigner, NoteVerifier, open_note, sign_note

FORMAT: Final = "carbonseal-package"
VERSION: Final = 1
MAX_LENGTH: Final = 512 << 20
"""Bytes of all files together, unpacked."""
MAX_FILES: Final = 10_000
_MANIFEST: Final = "manifest.json"
_NOTE: Final = "manifest.note"
_HEADING: Final = "carbonseal-package/v1"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""Time of every member, so that the same content gives the same file."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,4}")
_NAMES: Final = frozenset(("format", "version", "kind", "made_at", "query", "as_of", "files"))
_FILE_NAMES: Final = frozenset(("name", "size", "sha256"))
_REGULAR_FILE: Final = 0o644 << 16


@dataclass(frozen=True, slots=True)
class Package:
    """What was exported, and of which question it is the answer."""

    kind: str
    made_at: Instant
    query: Mapping[str, Json]
    as_of: Mapping[str, Json]
    """`block` and `logs`."""
    files: Mapping[str, bytes]
    """By name, in order."""


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """A package whose signature, hashes and list of files hold."""

    package: Package
    origin: str
    """Of the log whose key signed."""
    manifest_sha256: bytes


def make_package(package: Package, signer: NoteSigner) -> bytes:
    """
    Write a package as a ZIP file.

    Args:
        package: What is exported.
        signer: Key of the operator's own log, under its origin.

    Raises:
        EncodingError: If a file's name is none, or there is too much.
    """
    for name in package.files:
        _require_name(name)
    if len(package.files) > MAX_FILES or sum(map(len, package.files.values())) > MAX_LENGTH:
        raise _malformed("more than a package holds")
    manifest = canonical_json(_manifest(package))
    note = sign_note(_statement(signer.name, manifest), signer)
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        members = [(_MANIFEST, manifest), (_NOTE, note.encode()), *package.files.items()]
        for name, each in members:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _REGULAR_FILE
            archive.writestr(entry, each)
    return content.getvalue()


def open_package(content: bytes, verifiers: Iterable[NoteVerifier]) -> OpenedPackage:
    """
    Read a package and check its signature, the hash of each file, and that there is no other.

    Args:
        content: From outside.
        verifiers: Keys of logs that are trusted.

    Raises:
        EncodingError: If it is no package in its form.
        SignatureError: If no trusted key signed its manifest.
        VerificationError: If a file is missing, too many, or another than was signed.
    """
    members = _members(content)
    manifest, note = members.pop(_MANIFEST, None), members.pop(_NOTE, None)
    if manifest is None or note is None:
        raise _malformed("a package without its signed manifest")
    origin = _signed_by(note, manifest, verifiers)
    package = _parse(manifest, members)
    return OpenedPackage(package, origin, sha256(manifest).digest())


def _signed_by(note: bytes, manifest: bytes, verifiers: Iterable[NoteVerifier]) -> str:
    try:
        text = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("the note is no text") from error
    opened = open_note(text, verifiers)
    for each in opened.verified:
        if opened.text == _statement(each.verifier.name, manifest):
            return each.verifier.name
    raise SignatureError("what was signed is not this manifest", code="verification.package")


def _statement(origin: str, manifest: bytes) -> str:
    return f"{_HEADING}\n{origin}\n{sha256(manifest).hexdigest()}\n"


def _manifest(package: Package) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": package.kind,
        "made_at": format_instant(package.made_at),
        "query": dict(package.query),
        "as_of": dict(package.as_of),
        "files": [
            {"name": name, "size": len(content), "sha256": sha256(content).hexdigest()}
            for name, content in package.files.items()
        ],
    }


def _parse(manifest: bytes, members: Mapping[str, bytes]) -> Package:
    content = require_object(parse_canonical(manifest), "manifest")
    if content.keys() != _NAMES or (content["format"], content["version"]) != (FORMAT, VERSION):
        raise _malformed("a manifest of another form")
    kind, made_at, listed = content["kind"], content["made_at"], content["files"]
    if not isinstance(kind, str) or not isinstance(made_at, str) or not isinstance(listed, list):
        raise _malformed("a manifest of another form")
    return Package(
        kind=kind,
        made_at=parse_instant(made_at),
        query=require_object(content["query"], "query"),
        as_of=require_object(content["as_of"], "as_of"),
        files=_listed_files(listed, members),
    )


def _listed_files(listed: Sequence[Json], members: Mapping[str, bytes]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for each in listed:
        row = require_object(each, "file")
        name = row.get("name")
        if row.keys() != _FILE_NAMES or not isinstance(name, str) or name in found:
            raise _malformed("a manifest of another form")
        content = members.get(name)
        if content is None:
            raise _not_as_signed(f"{name} is missing")
        if (len(content), sha256(content).hexdigest()) != (row["size"], row["sha256"]):
            raise _not_as_signed(f"{name} is not the file that was signed")
        found[name] = content
    if more := sorted(members.keys() - found.keys()):
        raise _not_as_signed(f"{more[0]} is not in the manifest")
    return found


def _members(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _read_members(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError) as error:
        raise _malformed("not a ZIP file") from error
    except (NotImplementedError, RuntimeError, EOFError) as error:
        raise _malformed("a ZIP file of another kind") from error


def _read_members(archive: zipfile.ZipFile) -> dict[str, bytes]:
    listed = archive.infolist()
    if len(listed) > MAX_FILES + 2 or sum(each.file_size for each in listed) > MAX_LENGTH:
        raise _malformed("more than a package holds")
    members: dict[str, bytes] = {}
    for each in listed:
        _require_name(each.filename)
        if each.filename in members:
            raise _malformed(f"{each.filename} twice")
        with archive.open(each) as file:
            # A ZIP file may say less than it unpacks to.
            read = file.read(each.file_size + 1)
        if len(read) != each.file_size:
            raise _malformed(f"{each.filename} is longer than it says")
        members[each.filename] = read
    return members


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise _malformed(f"{name!r} is no name of a file in a package")


def _malformed(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.package")


def _not_as_signed(message: str) -> VerificationError:
    return VerificationError(message, code="verification.package")
