"""
Requests signed by the key of a machine or of a representative.

The signature covers the method and the whole address as this server is called, and the digest of
the body where there is one; it is minutes old, says that it is meant for CarbonSeal, and is taken
once. Keys of machines are those that an approver of their party registered; a representative's
own key signs as wallets sign text, under the key id `eip155:<chain>:<address>` (CAIP-10).

Source: RFC 9421, sections 1.4, 2.2, 3.2 and 7.2; RFC 9530 (Content-Digest); EIP-191.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import load_der_public_key
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    VerifyResult,
)
from http_message_signatures.algorithms import ECDSA_P256_SHA256, ED25519

from api.auth.authorising import Clock
from api.auth.place import Place
from api.auth.speakers import choose_speaker, speaker_for
from api.errors import Forbidden, Unauthenticated
from attestation.errors import EncodingError
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.keys import Algorithm, PublicKey
from chain.addresses import parse_address
from chain.personal_messages import recovers_to
from ledger.database import Database

TAG: Final = "carbonseal"
PARTY_FIELD: Final = "carbonseal-party"
"""Field that names the party, where a representative's key speaks for several."""
MAX_AGE_S: Final = 300
_SKEW_S: Final = 30
_LEAST_NONCE: Final = 16
_KEY_ID: Final = re.compile(r';keyid="([^"\\]{1,200})"')
_ALWAYS: Final = frozenset({'"@method"', '"@target-uri"'})
_DIGEST: Final = '"content-digest"'


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Whose signature a request carries."""

    address: bytes
    """Of the representative's key, or of the one that registered the machine's."""
    party_id: bytes
    key: str | None
    """Id of the machine's key."""


class PersonalSignature(HTTPSignatureAlgorithm):
    """Signatures of representatives' keys: the signature base is signed as text (EIP-191)."""

    algorithm_id = "eip191-secp256k1"

    def __init__(self, public_key: Any = None, private_key: Any = None) -> None:
        self._address: bytes = public_key
        self._signer = private_key

    def verify(self, signature: bytes, message: bytes) -> None:
        """
        Check a signature.

        Raises:
            InvalidSignature: If another key made it, or none.
        """
        if not recovers_to(message, signature, self._address):
            raise InvalidSignature("another key signed this, or none")


class RequestProof:
    """
    Checks signed requests.

    Args:
        database: Has the keys, and the signatures that were taken.
        clock: Gives the present.
        place: What the server is called.
    """

    def __init__(self, database: Database, clock: Clock, place: Place) -> None:
        self._database = database
        self._clock = clock
        self._place = place

    def check(self, method: str, target: str, headers: Mapping[str, str]) -> SignedBy:
        """
        Find whose signature a request carries, and use it up.

        Args:
            method: Of the request.
            target: Path and query, as they were sent.
            headers: By lower-case name.

        Raises:
            Unauthenticated: If the signature does not hold, or was taken before.
        """
        now = self._clock.now()
        named = _KEY_ID.findall(headers["signature-input"])
        if len(named) != 1:
            raise Unauthenticated("a signed request names one key")
        key_id: str = named[0]
        signed_by, algorithm, key = self._find(key_id, headers, now)
        verifier = _Verifier(algorithm, _OneKey(key_id, key), now)
        request = SimpleNamespace(
            method=method, url=self._place.url + target, headers=dict(headers)
        )
        try:
            (result,) = verifier.verify(
                request, max_age=datetime.timedelta(seconds=MAX_AGE_S), expect_tag=TAG
            )
        except (HTTPMessageSignaturesException, ValueError) as error:
            raise Unauthenticated(f"the request's signature does not hold: {error}") from error
        _require_cover(result, headers)
        if signed_by.key is None and PARTY_FIELD in headers:
            _require(f'"{PARTY_FIELD}"' in result.covered_components, f"covers {PARTY_FIELD}")
        self._use(key_id, result.nonce, now)
        return signed_by

    def _find(
        self, key_id: str, headers: Mapping[str, str], now: Instant
    ) -> tuple[SignedBy, type[HTTPSignatureAlgorithm], Any]:
        prefix = f"eip155:{self._place.chain_id}:"
        if key_id.startswith(prefix):
            return self._representative(key_id.removeprefix(prefix), headers, now)
        with self._database.reading() as uow:
            key = uow.machine_keys.get(key_id)
            if key is None or not key.is_open(now):
                raise Unauthenticated("this key is not registered, or no longer")
            speaker_for(uow, key.address, key.party_id, now)
        algorithm = PublicKey.from_spki(key.spki).algorithm
        chosen = ED25519 if algorithm is Algorithm.ED25519 else ECDSA_P256_SHA256
        return SignedBy(key.address, key.party_id, key.id), chosen, load_der_public_key(key.spki)

    def _representative(
        self, text: str, headers: Mapping[str, str], now: Instant
    ) -> tuple[SignedBy, type[HTTPSignatureAlgorithm], Any]:
        try:
            address = parse_address(text)
            with self._database.reading() as uow:
                speaker = choose_speaker(uow, address, headers.get(PARTY_FIELD), now)
        except (EncodingError, Forbidden) as error:
            raise Unauthenticated(error.message) from error
        return SignedBy(address, speaker.party.party_id, None), PersonalSignature, address

    def _use(self, key_id: str, nonce: str | None, now: Instant) -> None:
        _require(nonce is not None and len(nonce) >= _LEAST_NONCE, "has a nonce")
        used = hashlib.sha256(f"{key_id}\0{nonce}".encode()).digest()
        # Times are whole seconds there: what is refused for its age is so a second later here.
        until = Instant(now + (MAX_AGE_S + 2 * _SKEW_S + 1) * MILLISECONDS_PER_SECOND)
        with self._database.unit_of_work() as uow:
            is_new = uow.machine_keys.use_signature(used, now=now, until=until)
            uow.commit()
        if not is_new:
            raise Unauthenticated("this signed request was taken before")


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, by our clock."""

    def __init__(
        self, algorithm: type[HTTPSignatureAlgorithm], resolver: _OneKey, now: Instant
    ) -> None:
        super().__init__(signature_algorithm=algorithm, key_resolver=resolver)
        self._now_s = now // MILLISECONDS_PER_SECOND

    def validate_created_and_expires(
        self, sig_input: Any, max_age: datetime.timedelta | None = None
    ) -> None:
        """Refuse a signature that is too old, or made later than now."""
        created = sig_input.params.get("created")
        expires = sig_input.params.get("expires", self._now_s)
        if not isinstance(created, int) or created > self._now_s + _SKEW_S:
            raise InvalidSignature("created is not a time up to now")
        if max_age is None or created + max_age.total_seconds() < self._now_s - _SKEW_S:
            raise InvalidSignature("it is too old")
        if not isinstance(expires, int) or expires < self._now_s - _SKEW_S:
            raise InvalidSignature("it has expired")


class _OneKey(HTTPSignatureKeyResolver):
    """Knows the one key that the request was found to name."""

    def __init__(self, key_id: str, key: Any) -> None:
        self._key_id = key_id
        self._key = key

    def resolve_public_key(self, key_id: str) -> Any:
        """Give the key."""
        return self._key if key_id == self._key_id else None


def _require_cover(result: VerifyResult, headers: Mapping[str, str]) -> None:
    covered = set(result.covered_components)
    _require(covered >= _ALWAYS, "covers @method and @target-uri")
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    # The digest is compared with the body where the body is read: api.http.content_digest.
    _require(not has_body or _DIGEST in covered, "covers content-digest, as there is a body")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Unauthenticated(f"a signed request {what}")
