"""Machines that sign their requests, and proxies that hand certificates on."""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID
from fastapi.testclient import TestClient
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
)
from http_message_signatures.algorithms import ECDSA_P256_SHA256, ED25519

from attestation.eip712 import sign_digest
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.keys import SoftwareKey
from chain.personal_messages import personal_digest
from tests.support.access import Person, challenge, login_message, sign_text
from tests.support.enterprise import NOW

SERVER = "http://127.0.0.1:8080"
COVERED = ("@method", "@target-uri")
WITH_BODY = (*COVERED, "content-digest")
_nonces = count(1)


class WalletSignature(HTTPSignatureAlgorithm):
    """Signs the signature base as wallets sign text."""

    algorithm_id = "eip191-secp256k1"

    def __init__(self, public_key: Any = None, private_key: Any = None) -> None:
        self._secret = private_key

    def sign(self, message: bytes) -> bytes:
        """Sign."""
        return sign_digest(self._secret, personal_digest(message))


@dataclass
class _Key(HTTPSignatureKeyResolver):
    private: Any

    def resolve_private_key(self, key_id: str) -> Any:
        """Give the key, under whatever name."""
        return self.private


@dataclass
class Machine:
    """A machine with a key."""

    key_id: str
    private: Any
    algorithm: type[HTTPSignatureAlgorithm]
    now: Instant = NOW
    changes: dict[str, Any] = field(default_factory=dict)
    """What its signatures have otherwise than they should."""

    @classmethod
    def of_key(cls, key: SoftwareKey) -> Machine:
        """Give the machine of a registered key."""
        private = _private(key)
        is_edwards = isinstance(private, ed25519.Ed25519PrivateKey)
        algorithm = ED25519 if is_edwards else ECDSA_P256_SHA256
        return cls(key.public_key.kid.hex(), private, algorithm)

    @classmethod
    def of_person(cls, who: Person, chain_id: int = 31337) -> Machine:
        """Give the script of a representative, who signs with their own key."""
        key_id = f"eip155:{chain_id}:0x{who.address.hex()}"
        return cls(key_id, who.secret, WalletSignature)

    def headers(
        self,
        method: str,
        target: str,
        content: bytes | None = None,
        *,
        covered: Sequence[str] | None = None,
        server: str = SERVER,
        **fields: str,
    ) -> dict[str, str]:
        """Sign a request, and give its headers."""
        headers = dict(fields)
        if content is not None:
            digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
            headers |= {"content-digest": f"sha-256=:{digest}:", "content-type": "application/json"}
        request = SimpleNamespace(method=method, url=server + target, headers=headers)
        arguments: dict[str, Any] = {
            "key_id": self.key_id,
            "created": datetime.datetime.fromtimestamp(self.now // 1000, datetime.UTC),
            "nonce": f"nonce-{next(_nonces):016d}",
            "tag": "carbonseal",
            "covered_component_ids": covered or (COVERED if content is None else WITH_BODY),
        }
        signer = HTTPMessageSigner(
            signature_algorithm=self.algorithm, key_resolver=_Key(self.private)
        )
        signer.sign(request, **arguments | self.changes)
        return headers


def _private(key: SoftwareKey) -> Any:
    return serialization.load_pem_private_key(key.to_pem(None), None)


def registration(
    client: TestClient, who: Person, key: SoftwareKey, **changes: Any
) -> dict[str, Any]:
    """Give the body by which an approver registers a machine's key."""
    asked = challenge(client, "machine-key")
    arguments: dict[str, Any] = {
        "resources": (f"urn:carbonseal:machine-key:{key.public_key.kid.hex()}",),
        "expires_at": Instant(NOW + 365 * MILLISECONDS_PER_DAY),
    }
    text = login_message(asked, who, **arguments | changes).text()
    return {
        "message": text,
        "signature": sign_text(text, who.secret),
        "spki": base64.b64encode(key.public_key.spki_der).decode(),
        "possession": base64.b64encode(key.sign(text.encode())).decode(),
        "name": "scheduler",
    }


def certificate_of(key: SoftwareKey, *, begin: Instant = NOW, days: int = 30) -> str:
    """Give the field by which a proxy hands on a certificate of a key (RFC 9440)."""
    private = _private(key)
    issuer = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "machine")])
    start = datetime.datetime.fromtimestamp(begin // 1000, datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=days))
        .sign(issuer, hashes.SHA256())
    )
    der = made.public_bytes(serialization.Encoding.DER)
    return f":{base64.b64encode(der).decode()}:"
