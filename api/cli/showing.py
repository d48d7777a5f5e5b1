"""What a command shows to come in at a server: a person's session, or a machine's key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli.files import read_file
from api.cli.secrets import ask
from api.client.machine import MachineSignature
from api.client.transport import Transport, open_transport
from api.errors import BadRequest, ConfigurationError
from api.secret_files import secret_of
from api.session_file import SessionFile, address_of
from attestation.keys import SoftwareKey
from devices.key_files import load_key_file

_MOST_PEM: Final = 16_384
_ENCRYPTED: Final = b"ENCRYPTED"

MachineKey = Annotated[
    Path | None,
    typer.Option(
        "--machine-key",
        dir_okay=False,
        help="Instead of a session: sign each request with a machine's key, PEM of mode 600.",
    ),
]


@dataclass(frozen=True, slots=True)
class Showing:
    """What is shown to a server."""

    session_file: Path | None = None
    """File of sessions; the usual one where it is None."""
    machine_key: Path | None = None

    def open(self, url: str, ca_file: Path | None) -> Transport:
        """
        Open a server, in one's session there or as a machine.

        Raises:
            ConfigurationError: If there is no session there, or no TLS.
            EnrolmentError: If the key's file is missing, or others may read it.
            EncodingError: If it is no key.
        """
        here = address_of(url)
        if self.machine_key is not None:
            if self.session_file is not None:
                raise BadRequest("--session-file or --machine-key, not both")
            signature = machine_signature(self.machine_key, None, here)
            return open_transport(here, auth=signature, ca_file=ca_file)
        file = SessionFile.usual() if self.session_file is None else SessionFile(self.session_file)
        kept = file.get(here)
        if kept is None:
            raise ConfigurationError(f"there is no session at {here}: log in first")
        return open_transport(here, token=kept.token, ca_file=ca_file)


def machine_signature(key: Path, password_file: Path | None, url: str) -> MachineSignature:
    """
    Give the signature of a machine's key at a server.

    Args:
        key: The key's file.
        password_file: Of its password; where it is encrypted and there is none, a terminal is
            asked.
        url: Of the server.

    Raises:
        ConfigurationError: If the address has no TLS, or there is no password.
        EnrolmentError: If the key's file is missing, or others may read it.
        EncodingError: If it is no key, or the password is another.
    """
    return MachineSignature(_load(key, password_file), url)


def _load(key: Path, password_file: Path | None) -> SoftwareKey:
    is_plain = password_file is None and _ENCRYPTED not in read_file(key, most=_MOST_PEM)
    what = f"password of {key.name}"
    password = None if is_plain else secret_of(password_file, what, ask).encode()
    return load_key_file(key, password=password)
