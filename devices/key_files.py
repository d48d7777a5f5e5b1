"""
Private keys in files: made on the device, encrypted, readable by their owner alone.

The password comes from the caller, who has it from a file or a prompt; it is never a default.
Where a token is at hand, `devices.pkcs11` is the better place.

Source: PKCS #8 (RFC 5958) in PEM; `docs/gateway.md`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from attestation.keys import Algorithm, SoftwareKey
from devices.errors import EnrolmentError

_FILE_MODE: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def generate_key_file(
    path: Path, *, password: bytes | None, algorithm: Algorithm = Algorithm.ED25519
) -> SoftwareKey:
    """
    Make a key and write it to a new file of mode 600, on disk when this returns.

    Args:
        path: Must not exist: a key is never written over.
        password: Encrypts the file; None leaves it plain, for TLS keys that a broker reads.
        algorithm: Ed25519, or P-256 where other equipment asks for it.

    Raises:
        EnrolmentError: If the file exists or cannot be written.
    """
    key = SoftwareKey.generate(algorithm)
    write_key_file(path, key, password=password)
    return key


def write_key_file(path: Path, key: SoftwareKey, *, password: bytes | None) -> None:
    """
    Write a key to a new file of mode 600, on disk when this returns.

    Raises:
        EnrolmentError: If the file exists or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.to_pem(password))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise EnrolmentError(f"cannot write key file {path.name}: {error.strerror}") from error


def load_key_file(path: Path, *, password: bytes | None) -> SoftwareKey:
    """
    Read a key file.

    Raises:
        EnrolmentError: If it is missing, or others may read it.
        EncodingError: If it is no key, or the password is wrong.
    """
    try:
        mode = path.stat().st_mode
        pem = path.read_bytes()
    except OSError as error:
        raise EnrolmentError(f"cannot read key file {path.name}: {error.strerror}") from error
    if mode & _OTHERS:
        raise EnrolmentError(
            f"others may use key file {path.name}: mode {stat.S_IMODE(mode):03o}, 600 expected"
        )
    return SoftwareKey.from_pem(pem, password)
