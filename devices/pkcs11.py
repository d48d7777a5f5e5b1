"""
Keys in a PKCS#11 token: made there, never leaving it.

The token may be a secure element in the gateway, a USB token or a network HSM; tests use SoftHSM.
The key is found by its label and used for nothing but signing. A signature is normalised to
64 bytes with low s, since half of those a token gives have the other s.

Source: PKCS #11 v3.0 (CKM_ECDSA, CKM_EDDSA, EC_POINT as DER OCTET STRING);
FORMATS section 1.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final, Self

import pkcs11
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import PKCS11Error

from attestation.errors import Error
from attestation.keys import Algorithm, PublicKey, normalise_low_s
from devices.errors import TokenError

_OCTET_STRING: Final = 0x04


class Token:
    """
    An open session with one token.

    Args:
        library: The token's PKCS#11 library.
        label: The token's label.
        pin: Of the user, from a file or a prompt, never from a command line.

    Raises:
        TokenError: If there is no such library or token, or the PIN is wrong.
    """

    def __init__(self, library: Path, *, label: str, pin: str) -> None:
        try:
            token = pkcs11.lib(str(library)).get_token(token_label=label)
            self._session: Any = token.open(rw=True, user_pin=pin)
        except (PKCS11Error, RuntimeError) as error:
            raise TokenError(f"cannot open token {label!r}: {_name(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session; keys of it can sign no more. May be repeated."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def generate(self, label: str, algorithm: Algorithm = Algorithm.ESP256) -> TokenKey:
        """
        Make a key pair inside the token.

        Raises:
            TokenError: If a key of this label exists, or the token cannot make one.
        """
        if self._find(ObjectClass.PRIVATE_KEY, label) is not None:
            raise TokenError(f"token has a key {label!r} already")
        key_type, parameters = _PARAMETERS[algorithm]
        try:
            domain = self._session.create_domain_parameters(
                key_type, {Attribute.EC_PARAMS: parameters}, local=True
            )
            domain.generate_keypair(
                store=True,
                label=label,
                private_template={
                    Attribute.SENSITIVE: True,
                    Attribute.EXTRACTABLE: False,
                },
            )
        except PKCS11Error as error:
            raise TokenError(f"token made no key: {_name(error)}") from error
        return self.key(label)

    def key(self, label: str) -> TokenKey:
        """
        Give the key of a label.

        Raises:
            TokenError: If there is none, or it is neither P-256 nor Ed25519.
        """
        private = self._find(ObjectClass.PRIVATE_KEY, label)
        public = self._find(ObjectClass.PUBLIC_KEY, label)
        if private is None or public is None:
            raise TokenError(f"token has no key pair {label!r}")
        return TokenKey(private, _read_public_key(public))

    def _find(self, object_class: ObjectClass, label: str) -> Any:
        try:
            found = list(
                self._session.get_objects({Attribute.CLASS: object_class, Attribute.LABEL: label})
            )
        except PKCS11Error as error:
            raise TokenError(f"token does not answer: {_name(error)}") from error
        if len(found) > 1:
            raise TokenError(f"token has {len(found)} keys {label!r}")
        return found[0] if found else None


class TokenKey:
    """A private key in a token; a `Signer`."""

    def __init__(self, private_key: Any, public_key: PublicKey) -> None:
        self._private_key = private_key
        self._public_key = public_key

    @property
    def public_key(self) -> PublicKey:
        """The key that checks what `sign` gives."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """
        Sign; 64 bytes, r || s with low s or R || S.

        Raises:
            TokenError: If the token does not sign.
        """
        ecdsa = self._public_key.algorithm is Algorithm.ESP256
        # Many tokens know ECDSA over a given hash only, so the hash is made here.
        content = hashlib.sha256(message).digest() if ecdsa else message
        mechanism = Mechanism.ECDSA if ecdsa else Mechanism.EDDSA
        try:
            signature = bytes(self._private_key.sign(content, mechanism=mechanism))
        except PKCS11Error as error:
            raise TokenError(f"token does not sign: {_name(error)}") from error
        return normalise_low_s(signature) if ecdsa else signature


_PARAMETERS: Final = {
    # DER of the curves' object identifiers: secp256r1 and id-Ed25519.
    Algorithm.ESP256: (KeyType.EC, bytes.fromhex("06082a8648ce3d030107")),
    Algorithm.ED25519: (KeyType.EC_EDWARDS, bytes.fromhex("06032b6570")),
}


def _read_public_key(public_key: Any) -> PublicKey:
    point = _unwrap(bytes(public_key[Attribute.EC_POINT]))
    try:
        key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
        if public_key.key_type is KeyType.EC:
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        else:
            key = ed25519.Ed25519PublicKey.from_public_bytes(point)
        return PublicKey.from_spki(
            key.public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
    except (ValueError, Error) as error:
        raise TokenError("token's key is neither P-256 nor Ed25519") from error


def _unwrap(point: bytes) -> bytes:
    """Take the DER OCTET STRING off; some tokens give the bare point."""
    is_wrapped = len(point) > 2 and point[0] == _OCTET_STRING and point[1] == len(point) - 2
    return point[2:] if is_wrapped else point


def _name(error: Exception) -> str:
    return str(error) or type(error).__name__
