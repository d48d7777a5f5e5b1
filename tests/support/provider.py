"""An identity provider on this machine: discovery, codes with PKCE, and signed tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT, SECRET = "carbonseal", "s3cret of the client"


@dataclass
class Provider:
    """What the provider knows, and how it may be made to lie."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1"}))
    signing_key: ECKey | None = None
    """Signs tokens in the place of the key that is published."""
    algorithm: str = "ES256"
    metadata: dict[str, Any] = field(default_factory=dict)
    """What the description says otherwise."""
    claims: dict[str, Any] = field(default_factory=dict)
    """What tokens say otherwise; None leaves a claim out."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    issuer: str = ""
    now_s: int = 0
    _numbers: Any = field(default_factory=lambda: count(1))

    def __enter__(self) -> Provider:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.get(self)

            def do_POST(self) -> None:
                provider.post(self)

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}/realm"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def log_in(self, address: str, subject: str = "zhang") -> dict[str, str]:
        """Let a person log in at the address they were sent to; what they come back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{next(self._numbers)}"
        self.codes[code] = {**asked, "subject": subject}
        return {"code": code, "state": asked["state"]}

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer what is public."""
        if handler.path == "/realm/.well-known/openid-configuration":
            _answer(
                handler,
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                    **self.metadata,
                },
            )
        elif handler.path == "/realm/keys":
            _answer(handler, {"keys": [self.key.as_dict(private=False)]})
        else:
            _answer(handler, {"error": "not_found"}, 404)

    def post(self, handler: BaseHTTPRequestHandler) -> None:
        """Exchange a code, once, for who proves to have begun the login."""
        length = int(handler.headers["content-length"])
        form = {
            name: each[0] for name, each in parse_qs(handler.rfile.read(length).decode()).items()
        }
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        begun = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if handler.headers.get("authorization") != f"Basic {basic}":
            _answer(handler, {"error": "invalid_client"}, 401)
        elif (
            begun is None
            or begun["code_challenge"] != challenge
            or begun["redirect_uri"] != form.get("redirect_uri")
        ):
            _answer(handler, {"error": "invalid_grant"}, 400)
        else:
            token = self._token(begun)
            _answer(handler, {"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _token(self, begun: dict[str, str]) -> str:
        now_s = self.now_s or int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": begun["subject"],
            "aud": CLIENT,
            "iat": now_s,
            "exp": now_s + 300,
            "nonce": begun["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "k1"}
        if self.algorithm == "none":
            parts = (json.dumps(each).encode() for each in (header, claims))
            return (
                ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)
                + "."
            )
        return jwt.encode(header, claims, self.signing_key or self.key)


def _answer(handler: BaseHTTPRequestHandler, document: Any, status: int = 200) -> None:
    content = json.dumps(document).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
