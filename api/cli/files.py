"""Files that commands read and write, with bounds and with errors that name the file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from api.errors import BadRequest

_MAX_PASSWORD_BYTES: Final = 4096

Input = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="File to read.")]
Output = Annotated[Path, typer.Option("--out", help="File to write.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="File with the key's password, on one line."),
]


def read_file(path: Path, *, most: int) -> bytes:
    """
    Read a file of at most so many bytes.

    Raises:
        BadRequest: If it cannot be read or is longer.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise BadRequest(f"cannot read {path}: {error.strerror}") from error
    if len(content) > most:
        raise BadRequest(f"{path} is longer than {most} bytes")
    return content


def write_file(path: Path, content: bytes) -> None:
    """
    Write a file, whole or not at all.

    Raises:
        BadRequest: If it cannot be written.
    """
    aside = path.with_name(path.name + ".part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        raise BadRequest(f"cannot write {path}: {error.strerror}") from error


def read_password(path: Path) -> bytes:
    """
    Read a password or a token; the line's end does not belong to it.

    Raises:
        BadRequest: If the file cannot be read, is empty, or is not UTF-8.
    """
    password = read_file(path, most=_MAX_PASSWORD_BYTES).strip()
    try:
        text = password.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"{path} is not UTF-8 text") from error
    if not text:
        raise BadRequest(f"no password in {path}")
    return password
