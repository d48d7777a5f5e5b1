"""Packages: signed whole, and refused for a byte, a file or a signature of another."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from hashlib import sha256

import pytest

from attestation.errors import EncodingError, Error, SignatureError, VerificationError
from attestation.instants import Instant
from attestation.notes import NoteSigner
from attestation.packages import Package, make_package, open_package

SIGNER = NoteSigner.from_seed("log.example/log/operator", sha256(b"operator").digest())
OTHER = NoteSigner.from_seed("log.example/log/operator", sha256(b"other").digest())
PACKAGE = Package(
    kind="search",
    made_at=Instant(1_735_689_600_000),
    query={"words": "锅炉"},
    as_of={"block": 7, "logs": {"log.example/log/1": 12}},
    files={"results.csv": b"a,b\r\n", "proofs/1.json": b"{}"},
)
Members = dict[str, bytes]


def packed(members: Members) -> bytes:
    """Put files into a ZIP file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, each in members.items():
            archive.writestr(name, each)
    return content.getvalue()


def unpacked(content: bytes) -> Members:
    """Give the files of a ZIP file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def without(name: str) -> Callable[[Members], Members]:
    """Leave a file out."""
    return lambda members: {key: value for key, value in members.items() if key != name}


def test_package_is_opened() -> None:
    """Whoever trusts the key gets what was packed, the manifest first."""
    content = make_package(PACKAGE, SIGNER)
    opened = open_package(content, [SIGNER.verifier])

    assert opened.package == PACKAGE
    assert opened.origin == SIGNER.name
    members = unpacked(content)
    assert list(members) == ["manifest.json", "manifest.note", "results.csv", "proofs/1.json"]
    assert opened.manifest_sha256 == sha256(members["manifest.json"]).digest()


def test_same_content_gives_the_same_file() -> None:
    """Nothing of the day or the machine is in it."""
    assert make_package(PACKAGE, SIGNER) == make_package(PACKAGE, SIGNER)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda members: members | {"results.csv": b"a,c\r\n"}, VerificationError),
        (lambda members: members | {"results.csv": b"a,b\r\n "}, VerificationError),
        (lambda members: members | {"more.txt": b""}, VerificationError),
        (without("results.csv"), VerificationError),
        (without("manifest.note"), EncodingError),
        (
            lambda members: (
                members
                | {"manifest.json": members["manifest.json"].replace(b'"block":7', b'"block":8')}
            ),
            SignatureError,
        ),
        (lambda members: members | {"../evil": b""}, EncodingError),
        (lambda members: members | {"/evil": b""}, EncodingError),
    ],
    ids=["byte", "length", "more", "less", "unsigned", "manifest", "above", "root"],
)
def test_package_that_was_changed_is_refused(
    change: Callable[[Members], Members], error: type[Error]
) -> None:
    """One byte, one file, one name."""
    members = unpacked(make_package(PACKAGE, SIGNER))
    with pytest.raises(error):
        open_package(packed(change(members)), [SIGNER.verifier])


def test_signature_of_another_is_refused() -> None:
    """A key of the same name that is not the one trusted; a note over another manifest."""
    with pytest.raises(SignatureError):
        open_package(make_package(PACKAGE, OTHER), [SIGNER.verifier])
    first = unpacked(make_package(PACKAGE, SIGNER))
    second = unpacked(make_package(Package("case", PACKAGE.made_at, {}, {}, PACKAGE.files), SIGNER))
    with pytest.raises(SignatureError):
        open_package(packed(first | {"manifest.note": second["manifest.note"]}), [SIGNER.verifier])


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"PK\x03\x04" + bytes(40), b"{}"])
def test_anything_else_is_refused(content: bytes) -> None:
    """Whatever the bytes are, the answer is an error of ours."""
    with pytest.raises(EncodingError):
        open_package(content, [SIGNER.verifier])


def test_every_cut_is_refused() -> None:
    """A file that came only in part is no package."""
    content = make_package(PACKAGE, SIGNER)
    for length in range(0, len(content), 7):
        with pytest.raises(Error):
            open_package(content[:length], [SIGNER.verifier])


@pytest.mark.parametrize("name", ["", "../a", "/a", "a/../b", "a\\b", "a b", "名.txt"])
def test_odd_names_are_not_packed(name: str) -> None:
    """No name leads out of the folder it is unpacked into."""
    package = Package("case", PACKAGE.made_at, {}, {}, {name: b""})
    with pytest.raises(EncodingError):
        make_package(package, SIGNER)
