"""
An identity provider (OpenID Connect): where people are sent, and what comes back with them.

Authorization code with PKCE and nonce. The provider's own description is believed only where its
issuer is the one that the settings name; its addresses must be reached by TLS, and no redirect is
followed. The ID token must be signed by one of the provider's present keys, be meant for this
server and of now, and have the nonce of this very login.

Source: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7; OpenID Connect Discovery 1.0, section
4; RFC 7636 (PKCE, S256); RFC 9700, section 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.errors import PartMissing, Unauthenticated
from api.secret_files import read_secret
from api.settings import ProviderSettings

_DISCOVERY: Final = "/.well-known/openid-configuration"
_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
_LEEWAY_S: Final = 30
_TIMEOUT_S: Final = 10
_MOST_BYTES: Final = 1 << 20
_OK: Final = 200
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_LONGEST_SUBJECT: Final = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider."""

    issuer: str
    subject: str

    @property
    def id(self) -> str:
        """Names it without saying it: SHA-256, hex."""
        return hashlib.sha256(f"{self.issuer}\n{self.subject}".encode()).hexdigest()


class IdentityProvider:
    """
    One provider.

    Args:
        settings: Of the provider.
        redirect_uri: Address of this server to which it sends people back.
    """

    def __init__(self, settings: ProviderSettings, redirect_uri: str) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """
        Give the address at the provider to which somebody is sent.

        Args:
            state: Comes back with them.
            nonce: Stands in the token.
            verifier: Of PKCE; only its hash is sent.

        Raises:
            PartMissing: If the provider cannot be asked.
        """
        with _Asking() as asking:
            found = self._metadata(asking)
            url, _ = self._client(asking).create_authorization_url(
                found["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        return str(url)

    def identify(self, code: str, *, nonce: str, verifier: str, now_s: int) -> Identity:
        """
        Exchange a code for the identity of whoever came back with it.

        Raises:
            Unauthenticated: If the provider refuses the code, or its token does not hold.
            PartMissing: If the provider cannot be asked.
        """
        with _Asking() as asking:
            found = self._metadata(asking)
            try:
                answer = self._client(asking).fetch_token(
                    found["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
            except (OAuth2Error, ValueError) as error:
                raise Unauthenticated("the identity provider refuses the code") from error
            keys = asking.get(found["jwks_uri"])
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Unauthenticated("the identity provider gives no ID token")
        return self._read(token, keys, nonce, now_s)

    def _read(self, token: str, keys: Mapping[str, Any], nonce: str, now_s: int) -> Identity:
        settings = self._settings
        options: Any = {
            "iss": {"essential": True, "value": settings.issuer},
            "aud": {"essential": True, "value": settings.client_id},
        }
        try:
            key_set: Any = KeySet.import_key_set(dict(keys))  # type: ignore[arg-type]
            decoded = jwt.decode(token, key_set, algorithms=list(_ALGORITHMS))
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options,
                {"nonce": nonce, "client_id": settings.client_id},
            )
            claims.validate(now=now_s, leeway=_LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated("the identity provider's token does not hold") from error
        subject = claims["sub"]
        if (
            not isinstance(subject, str)
            or not 0 < len(subject) <= _LONGEST_SUBJECT
            or not subject.isprintable()
        ):
            raise Unauthenticated("the identity provider's token names nobody")
        return Identity(settings.issuer, subject)

    def _metadata(self, asking: _Asking) -> Mapping[str, Any]:
        issuer = self._settings.issuer
        found = asking.get(issuer.rstrip("/") + _DISCOVERY)
        if found.get("issuer") != issuer:
            raise PartMissing("the identity provider calls itself something else")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            require_safe(found.get(name), issuer)
        return found

    def _client(self, asking: _Asking) -> Any:
        path = self._settings.client_secret_file
        return OAuth2Client(
            session=asking,
            client_id=self._settings.client_id,
            client_secret=None if path is None else read_secret(path),
            scope="openid",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
        )


def require_safe(address: object, issuer: str) -> None:
    """
    Refuse an address of a provider that is not reached by TLS, but on this very machine.

    Raises:
        PartMissing: If it is none to be asked.
    """
    parts = urlsplit(address) if isinstance(address, str) else None
    is_here = urlsplit(issuer).hostname in _LOOPBACK
    if parts is None or not parts.hostname:
        raise PartMissing("the identity provider does not say where it is asked")
    if parts.scheme == "https" or (
        is_here and parts.scheme == "http" and parts.hostname in _LOOPBACK
    ):
        return
    raise PartMissing("the identity provider is asked by TLS only")


class _Asking:
    """HTTP to a provider: no redirects, no more than fits; what the library calls a session."""

    def __init__(self) -> None:
        self._client = httpx2.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False)

    def __enter__(self) -> _Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, url: str) -> dict[str, Any]:
        """Fetch a JSON object."""
        response = self._send("GET", url)
        try:
            found = response.json() if response.status_code == _OK else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise PartMissing(f"the identity provider answers {response.status_code}")
        return found

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any
    ) -> httpx2.Response:
        """Send a form, with the client's own proof."""
        body = str(httpx2.QueryParams(data))
        fields = dict(headers)
        url, fields, body = auth.prepare("POST", url, fields, body)
        return self._send("POST", url, content=body.encode(), headers=fields)

    def _send(self, method: str, url: str, **more: Any) -> httpx2.Response:
        try:
            with self._client.stream(method, url, **more) as response:
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > _MOST_BYTES:
                        raise PartMissing("the identity provider answers with too much")
        except httpx2.HTTPError as error:
            raise PartMissing("the identity provider does not answer") from error
        return httpx2.Response(
            response.status_code, content=bytes(content), request=response.request
        )
