"""
The keys of a gateway's settings: opened where they lie, in a file or inside a token.

A token's session stays open as long as its keys are used, and is closed with the gateway.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from api.errors import ConfigurationError
from api.gateway.settings import GatewaySettings, KeySettings, TokenSettings
from api.secret_files import Ask, secret_of
from attestation.keys import Algorithm, Signer
from devices.key_files import generate_key_file, load_key_file
from devices.pkcs11 import Token

_ENCRYPTED: Final = b"ENCRYPTED PRIVATE KEY"


class Signers:
    """
    Gives signers by the names their settings have.

    Args:
        settings: Of the gateway.
        ask: Asks for a password or PIN that no file holds.
    """

    def __init__(self, settings: GatewaySettings, ask: Ask) -> None:
        self._settings = settings
        self._ask = ask
        self._stack = ExitStack()
        self._tokens: dict[tuple[Path, str], Token] = {}
        self._opened: dict[str, Signer] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the tokens' sessions; may be repeated."""
        self._stack.close()
        self._tokens.clear()
        self._opened.clear()

    def open(self, name: str) -> Signer:
        """
        Open a key, once.

        Raises:
            ConfigurationError: If no key has this name, or its password is not to be had.
            EnrolmentError: If the file is missing or open to others, or the token has no key.
            EncodingError: If the file is no key, or the password is wrong.
        """
        if name not in self._opened:
            self._opened[name] = self._open(self._settings_of(name))
        return self._opened[name]

    def make(self, name: str, algorithm: Algorithm) -> Signer:
        """
        Make the key that the settings name, in its file or inside its token.

        Raises:
            ConfigurationError: If no key has this name, or its password is not to be had.
            EnrolmentError: If there is a key already, or none can be made.
        """
        settings = self._settings_of(name)
        if settings.token is not None:
            made: Signer = self._token(settings.token).generate(settings.token.key, algorithm)
        else:
            password = secret_of(settings.password_file, f"password of key {name}", self._ask)
            path = _file_of(settings)
            made = generate_key_file(path, password=password.encode(), algorithm=algorithm)
        self._opened[name] = made
        return made

    def _settings_of(self, name: str) -> KeySettings:
        settings = self._settings.key_named(name)
        if settings is None:
            known = ", ".join(each.name for each in self._settings.key)
            raise ConfigurationError(f"no [[key]] has the name {name!r}; there is: {known}")
        return settings

    def _open(self, settings: KeySettings) -> Signer:
        if settings.token is not None:
            return self._token(settings.token).key(settings.token.key)
        path = _file_of(settings)
        password = None
        if settings.password_file is not None or _is_encrypted(path):
            what = f"password of key {settings.name}"
            password = secret_of(settings.password_file, what, self._ask).encode()
        return load_key_file(path, password=password)

    def _token(self, settings: TokenSettings) -> Token:
        place = settings.library, settings.label
        if place not in self._tokens:
            pin = secret_of(settings.pin_file, f"PIN of token {settings.label}", self._ask)
            token = Token(settings.library, label=settings.label, pin=pin)
            self._tokens[place] = self._stack.enter_context(token)
        return self._tokens[place]


def _file_of(settings: KeySettings) -> Path:
    if settings.file is None:
        raise ConfigurationError(f"key {settings.name} has no file")
    return settings.file


def _is_encrypted(path: Path) -> bool:
    try:
        return _ENCRYPTED in path.read_bytes()
    except OSError:
        return False  # opening it says what is wrong
