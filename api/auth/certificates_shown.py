"""
A client certificate that the proxy before this server has seen, by its key.

The proxy ends TLS, checks the chain and hands the certificate on. The header counts only on the
UNIX socket where nobody else can write, and the certificate counts by its key: one that an
approver of the party registered. So whoever issues certificates makes nobody's machine.

Source: RFC 9440, sections 2.1 and 4; RFC 9651, section 3.3.5 (byte sequences).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.auth.authorising import Clock
from api.auth.speakers import speaker_for
from api.errors import Unauthenticated
from attestation.errors import EncodingError, VerificationError
from attestation.instants import MILLISECONDS_PER_SECOND
from attestation.keys import PublicKey
from ledger.database import Database
from ledger.repositories.machine_keys import MachineKey

_BYTES: Final = re.compile(r":([A-Za-z0-9+/]{1,16384}={0,2}):")


class CertificateProof:
    """
    Checks certificates that were handed on.

    Args:
        database: Has the keys.
        clock: Gives the present.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def check(self, field: str) -> MachineKey:
        """
        Find the registered key of a certificate.

        Args:
            field: Value of `Client-Cert`.

        Raises:
            Unauthenticated: If it is no certificate in its time, or its key is not registered.
        """
        now = self._clock.now()
        certificate = _read(field)
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not begin.timestamp() <= now // MILLISECONDS_PER_SECOND <= end.timestamp():
            raise Unauthenticated("the client certificate is not in its time")
        spki = certificate.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        try:
            kid = PublicKey.from_spki(spki).kid
        except (EncodingError, VerificationError) as error:
            raise Unauthenticated("the client certificate has a key of another kind") from error
        with self._database.reading() as uow:
            key = uow.machine_keys.get(kid.hex())
            if key is None or not key.is_open(now):
                raise Unauthenticated("the client certificate's key is not registered")
            speaker_for(uow, key.address, key.party_id, now)
        return key


def _read(field: str) -> x509.Certificate:
    found = _BYTES.fullmatch(field.strip())
    if found is None:
        raise Unauthenticated("Client-Cert is not one byte sequence")
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(found[1], validate=True))
        certificate.public_key()  # refuses a key of a kind that the library does not know
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise Unauthenticated("Client-Cert is not a certificate") from error
    return certificate
