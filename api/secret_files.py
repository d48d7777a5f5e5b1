"""
Secrets that settings name by a file, or that a person types; never an argument, never a default.

A file may be a descriptor (`/dev/fd/3`) or what a service manager hands over.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from api.errors import ConfigurationError

Ask = Callable[[str], str]
"""Asks a person at a terminal for the secret that the text names."""

_MAX_BYTES: Final = 4096
_OWN_ONLY: Final = 0o600
_FOLDER_OWN_ONLY: Final = 0o700


def read_secret(path: Path) -> str:
    """
    Read a secret; the line's end does not belong to it.

    Raises:
        ConfigurationError: If the file cannot be read, is empty, too long or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        text = content.decode().strip("\r\n")
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError:
        # Without the cause, which quotes the bytes.
        raise ConfigurationError(f"{path} is not UTF-8 text") from None
    if not text or len(content) > _MAX_BYTES:
        raise ConfigurationError(f"{path} is empty, or longer than {_MAX_BYTES} bytes")
    return text


def make_secret(path: Path, text: str) -> None:
    """
    Write a secret for its owner alone, durably; where another was first, its file stays.

    Raises:
        ConfigurationError: If it cannot be written.
    """
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=_FOLDER_OWN_ONLY, parents=True, exist_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link fails where another process was first; its secret counts then.
            os.link(aside, path)
        except FileExistsError:
            return
        finally:
            aside.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ConfigurationError(f"cannot make {path}: {error.strerror}") from error


def secret_of(path: Path | None, what: str, ask: Ask) -> str:
    """
    Give a secret from its file, or from whoever sits at the terminal.

    Raises:
        ConfigurationError: If it is to be had from neither.
    """
    return ask(what) if path is None else read_secret(path)


def ask_nobody(what: str) -> str:
    """
    Ask where there is no terminal.

    Raises:
        ConfigurationError: Always.
    """
    raise ConfigurationError(f"no file is named for the {what}, and there is no terminal to ask at")
