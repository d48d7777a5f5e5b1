"""
Signing requests with the key of a machine, so that a server knows whose they are.

Each request is signed as it is sent: method, whole address, and the digest of the body where there
is one, with the time and a number that is used once. A request that is sent again is signed anew.
Nothing is signed for another server than the one the key is used at.

Source: RFC 9421, sections 2.2 and 3.1; RFC 9530; `docs/access.md`, "Machines".
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import secrets
from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any, Final

import httpx2
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256, ED25519

from api.clock import SystemClock
from api.errors import ConfigurationError
from api.session_file import address_of
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.keys import Algorithm, SoftwareKey

TAG: Final = "carbonseal"
_COVERED: Final = ("@method", "@target-uri")
_DIGEST: Final = "content-digest"
_NONCE_BYTES: Final = 18


class MachineSignature(httpx2.Auth):
    """
    The key of a machine, for one server.

    Args:
        key: P-256 or Ed25519; registered there.
        address: Of the server.
        now: Gives the present; the system's clock where it is None.

    Raises:
        ConfigurationError: If the address is none, or what it answers would go without TLS.
    """

    requires_request_body = True

    def __init__(
        self,
        key: SoftwareKey,
        address: str,
        now: Callable[[], Instant] | None = None,
    ) -> None:
        self._server = httpx2.URL(address_of(address))
        self._key_id = key.public_key.kid.hex()
        self._now = now or SystemClock().now
        is_edwards = key.public_key.algorithm is Algorithm.ED25519
        self._signer = HTTPMessageSigner(
            signature_algorithm=ED25519 if is_edwards else ECDSA_P256_SHA256,
            key_resolver=_OwnKey(load_pem_private_key(key.to_pem(None), None)),
        )

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Sign a request on its way; called by the HTTP client."""
        self.sign(request)
        yield request

    def sign(self, request: httpx2.Request) -> None:
        """
        Add the digest of the body and the signature.

        Raises:
            ConfigurationError: If the request goes to another server.
        """
        server, url = self._server, str(request.url)
        here = request.url.scheme, request.url.host, request.url.port
        if here != (server.scheme, server.host, server.port):
            raise ConfigurationError(f"nothing is signed for another server than {server}")
        covered: tuple[str, ...] = _COVERED
        if request.content:
            digest = base64.b64encode(hashlib.sha256(request.content).digest()).decode()
            request.headers[_DIGEST] = f"sha-256=:{digest}:"
            covered = (*_COVERED, _DIGEST)
        message = SimpleNamespace(
            method=request.method, url=url, headers={_DIGEST: request.headers.get(_DIGEST, "")}
        )
        seconds = self._now() // MILLISECONDS_PER_SECOND
        self._signer.sign(
            message,
            key_id=self._key_id,
            created=datetime.datetime.fromtimestamp(seconds, datetime.UTC),
            nonce=secrets.token_urlsafe(_NONCE_BYTES),
            tag=TAG,
            covered_component_ids=covered,
        )
        for name in ("Signature-Input", "Signature"):
            request.headers[name] = message.headers[name]


class _OwnKey(HTTPSignatureKeyResolver):
    """Knows the one private key."""

    def __init__(self, private_key: Any) -> None:
        self._private_key = private_key

    def resolve_private_key(self, _key_id: str) -> Any:
        """Give the key."""
        return self._private_key
