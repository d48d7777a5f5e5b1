"""
The demonstration's certificates: platform root, the enterprise's device authority, their leaves.

Valid from before the year that is played, because messages of that year are signed under them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attestation.certificate_issuing import (
    Issuer,
    Validity,
    certificates_to_pem,
    issue_authority,
    issue_device,
    issue_gateway,
    issue_root,
    issue_server,
)
from attestation.instants import parse_instant
from attestation.keys import Algorithm, PublicKey, SoftwareKey

VALIDITY: Final = Validity(
    parse_instant("2023-12-01T00:00:00Z"), parse_instant("2034-12-01T00:00:00Z")
)
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate with its chain, and its key, as PEM files."""

    certificate: Path
    key: Path


class CertificateOffice:
    """
    Issues what the demonstration needs, and writes what TLS reads.

    Args:
        folder: Where the files go.
        enterprise: Unified social credit code whose devices are certified.
    """

    def __init__(self, folder: Path, enterprise: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._enterprise = enterprise
        root_key = SoftwareKey.generate(Algorithm.ESP256)
        root = issue_root(root_key, name="CarbonSeal demonstration root", validity=VALIDITY)
        self.root = Issuer(root, root_key)
        self.roots_file = folder / "platform-roots.pem"
        self.roots_file.write_bytes(certificates_to_pem(root))
        authority_key = SoftwareKey.generate(Algorithm.ESP256)
        authority = issue_authority(
            authority_key.public_key, usc=enterprise, validity=VALIDITY, issuer=self.root
        )
        self.authority = Issuer(authority, authority_key)

    def device(self, key: PublicKey, name: str) -> bytes:
        """Certify a key that signs messages; DER."""
        return issue_device(
            key, usc=self._enterprise, device=name, validity=VALIDITY, issuer=self.authority
        )

    def gateway(self, name: str) -> TlsFiles:
        """Make a gateway's TLS credentials."""
        key = SoftwareKey.generate(Algorithm.ESP256)
        leaf = issue_gateway(
            key.public_key,
            usc=self._enterprise,
            gateway=name,
            validity=VALIDITY,
            issuer=self.authority,
        )
        return self._write(f"gateway-{name}", key, leaf, self.authority.certificate)

    def ingester(self, slot: str, operator: str) -> TlsFiles:
        """Make the TLS credentials of the ledger's ear, which the root itself certifies."""
        key = SoftwareKey.generate(Algorithm.ESP256)
        leaf = issue_gateway(
            key.public_key, usc=operator, gateway=slot, validity=VALIDITY, issuer=self.root
        )
        return self._write(slot, key, leaf)

    def broker(self) -> TlsFiles:
        """Make the broker's TLS credentials, for this machine."""
        key = SoftwareKey.generate(Algorithm.ESP256)
        leaf = issue_server(
            key.public_key, hosts=["localhost", "127.0.0.1"], validity=VALIDITY, issuer=self.root
        )
        return self._write("broker", key, leaf)

    def _write(self, name: str, key: SoftwareKey, *chain: bytes) -> TlsFiles:
        files = TlsFiles(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        files.certificate.write_bytes(certificates_to_pem(*chain))
        write_secret(files.key, key.to_pem(None))
        return files


def write_secret(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
