"""Keys in files."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from attestation.errors import EncodingError
from attestation.keys import Algorithm
from devices.errors import EnrolmentError
from devices.key_files import generate_key_file, load_key_file

PASSWORD = b"a password"


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_key_is_read_as_it_was_made(tmp_path: Path, algorithm: Algorithm) -> None:
    """The key in the file is the one that was made, and only its owner may read it."""
    path = tmp_path / "device.pem"
    made = generate_key_file(path, password=PASSWORD, algorithm=algorithm)

    assert load_key_file(path, password=PASSWORD).public_key == made.public_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in path.read_bytes()


@pytest.mark.parametrize("password", [None, b"", b"a passwore"])
def test_wrong_password_is_refused(tmp_path: Path, password: bytes | None) -> None:
    """Without its password the file is no key."""
    path = tmp_path / "device.pem"
    generate_key_file(path, password=PASSWORD)

    with pytest.raises(EncodingError, match="private key"):
        load_key_file(path, password=password)


def test_key_is_never_written_over(tmp_path: Path) -> None:
    """A second key does not take the place of the first."""
    path = tmp_path / "device.pem"
    generate_key_file(path, password=PASSWORD)

    with pytest.raises(EnrolmentError, match="File exists"):
        generate_key_file(path, password=PASSWORD)


def test_key_others_may_read_is_refused(tmp_path: Path) -> None:
    """A key file that a group may read is not used."""
    path = tmp_path / "device.pem"
    generate_key_file(path, password=PASSWORD)
    path.chmod(0o640)

    with pytest.raises(EnrolmentError, match="mode 640"):
        load_key_file(path, password=PASSWORD)


def test_missing_key_is_told(tmp_path: Path) -> None:
    """A file that is not there is an error that says so."""
    with pytest.raises(EnrolmentError, match="No such file"):
        load_key_file(tmp_path / "none.pem", password=PASSWORD)
