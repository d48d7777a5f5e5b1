"""Passwords and PINs that a person types: never echoed, never an argument."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.secret_files import ask_nobody, read_secret

SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        help="File with the password, such as /dev/fd/3; without it the terminal is asked.",
    ),
]


def ask(what: str) -> str:
    """
    Ask at the terminal, on standard error, without showing what is typed.

    Raises:
        ConfigurationError: If there is no terminal.
    """
    if not sys.stdin.isatty():
        return ask_nobody(what)
    typed: str = typer.prompt(what[0].upper() + what[1:], hide_input=True, err=True)
    return typed


def password_from(path: Path | None, what: str) -> str:
    """
    Give a password from the file named, else from the terminal.

    Raises:
        ConfigurationError: If it is to be had from neither.
    """
    return ask(what) if path is None else read_secret(path)
