"""
Secrets that settings name by a file, or that a person types; never an argument, never a default.

A file may be a descriptor (`/dev/fd/3`) or what a service manager hands over.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from api.errors import ConfigurationError

Ask = Callable[[str], str]
"""Asks a person at a terminal for the secret that the text names."""

_MAX_BYTES: Final = 4096


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
