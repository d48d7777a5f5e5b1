"""Our certificates in a TLS handshake: what OpenSSL makes of names, purposes and constraints."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

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
from tests.support.attested import OTHER_USC, USC

# TLS asks the machine's own clock: 2020 to 2100.
VALIDITY = Validity(Instant(1_577_836_800_000), Instant(4_102_444_800_000))
KEYS = {
    name: SoftwareKey.from_seed(name.encode().ljust(32, b"."), Algorithm.ESP256)
    for name in ("root", "ca", "server", "client")
}
ROOT = Issuer(issue_root(KEYS["root"], name="root", validity=VALIDITY), KEYS["root"])
CA = Issuer(
    issue_authority(KEYS["ca"].public_key, usc=USC, validity=VALIDITY, issuer=ROOT), KEYS["ca"]
)
SERVER = issue_server(
    KEYS["server"].public_key, hosts=["broker.example"], validity=VALIDITY, issuer=ROOT
)
CLIENT_KEY = KEYS["client"].public_key
GATEWAY = issue_gateway(CLIENT_KEY, usc=USC, gateway="gw-01", validity=VALIDITY, issuer=CA)
FOREIGN = issue_gateway(CLIENT_KEY, usc=OTHER_USC, gateway="gw-01", validity=VALIDITY, issuer=CA)
DEVICE = issue_device(CLIENT_KEY, usc=USC, device="em-01", validity=VALIDITY, issuer=CA)


def context(folder: Path, purpose: ssl.Purpose, key: SoftwareKey, *chain: bytes) -> ssl.SSLContext:
    """Give a context that trusts the root and shows a chain; the other side must show one too."""
    (folder / "root.pem").write_bytes(certificates_to_pem(ROOT.certificate))
    (folder / "chain.pem").write_bytes(certificates_to_pem(*chain))
    (folder / "key.pem").write_bytes(key.to_pem(None))
    made = ssl.create_default_context(purpose, cafile=str(folder / "root.pem"))
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    return made


def shake_hands(folder: Path, leaf: bytes) -> dict[str, object]:
    """Run a handshake in memory; gives what the server learned of the client."""
    server_side = context(folder, ssl.Purpose.CLIENT_AUTH, KEYS["server"], SERVER)
    client_side = context(folder, ssl.Purpose.SERVER_AUTH, KEYS["client"], leaf, CA.certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    client = client_side.wrap_bio(to_client, to_server, server_hostname="broker.example")
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return dict(server.getpeercert() or {})


def test_gateway_and_broker_accept_each_other(tmp_path: Path) -> None:
    """The chain verifies in OpenSSL, and the subject reads O, then CN."""
    peer = shake_hands(tmp_path, GATEWAY)

    assert peer["subject"] == ((("organizationName", USC),), (("commonName", "gw-01"),))


def test_sub_ca_cannot_name_another_enterprise(tmp_path: Path) -> None:
    """The name constraint holds in OpenSSL, whatever the sub-CA signs."""
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(tmp_path, FOREIGN)


def test_device_key_opens_no_connection(tmp_path: Path) -> None:
    """A certificate for signing messages is not one for TLS."""
    with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
        shake_hands(tmp_path, DEVICE)
