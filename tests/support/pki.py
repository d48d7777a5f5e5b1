"""Certificates of a platform with two enterprises, as PEM files for TLS."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
from attestation.instants import Instant
from attestation.keys import Algorithm, SoftwareKey

OPERATOR_USC = "91110000MA0123456P"
VALIDITY = Validity(Instant(1_577_836_800_000), Instant(4_102_444_800_000))
"""2020 to 2100: TLS asks the machine's own clock."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A certificate with its chain, and its key, as files."""

    certificate: Path
    private_key: Path


class Pki:
    """A platform root and the certificates made under it; each file is written once."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        root_key = SoftwareKey.generate(Algorithm.ESP256)
        self.root = Issuer(issue_root(root_key, name="test root", validity=VALIDITY), root_key)
        self.authorities = folder / "root.pem"
        self.authorities.write_bytes(certificates_to_pem(self.root.certificate))
        self._issuers: dict[str, Issuer] = {}

    def authority(self, usc: str) -> Issuer:
        """Give the device authority of an enterprise."""
        if usc not in self._issuers:
            key = SoftwareKey.generate(Algorithm.ESP256)
            certificate = issue_authority(
                key.public_key, usc=usc, validity=VALIDITY, issuer=self.root
            )
            self._issuers[usc] = Issuer(certificate, key)
        return self._issuers[usc]

    def server(self) -> Credentials:
        """Make the broker's certificate, for loopback."""
        key = SoftwareKey.generate(Algorithm.ESP256)
        hosts = ["localhost", "127.0.0.1"]
        leaf = issue_server(key.public_key, hosts=hosts, validity=VALIDITY, issuer=self.root)
        return self._write("broker", key, leaf)

    def ledger(self, slot: str = "ledger-0") -> Credentials:
        """Make an ingest slot's certificate, which the root issues."""
        key = SoftwareKey.generate(Algorithm.ESP256)
        leaf = issue_gateway(
            key.public_key, usc=OPERATOR_USC, gateway=slot, validity=VALIDITY, issuer=self.root
        )
        return self._write(slot, key, leaf)

    def gateway(self, usc: str, gateway: str, *, issuer: Issuer | None = None) -> Credentials:
        """Make a gateway's certificate, by its own enterprise's authority unless told otherwise."""
        authority = issuer or self.authority(usc)
        key = SoftwareKey.generate(Algorithm.ESP256)
        leaf = issue_gateway(
            key.public_key, usc=usc, gateway=gateway, validity=VALIDITY, issuer=authority
        )
        name = f"{usc}-{gateway}" if issuer is None else f"forged-{usc}-{gateway}"
        return self._write(name, key, leaf, authority.certificate)

    def device(self, usc: str, device: str) -> Credentials:
        """Make the certificate of a key that signs messages; it opens no TLS connection."""
        authority = self.authority(usc)
        key = SoftwareKey.generate(Algorithm.ESP256)
        leaf = issue_device(
            key.public_key, usc=usc, device=device, validity=VALIDITY, issuer=authority
        )
        return self._write(f"{usc}-device-{device}", key, leaf, authority.certificate)

    def _write(self, name: str, key: SoftwareKey, *chain: bytes) -> Credentials:
        made = Credentials(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        made.certificate.write_bytes(certificates_to_pem(*chain))
        made.private_key.write_bytes(key.to_pem(None))
        return made
