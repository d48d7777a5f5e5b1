"""Signatures of webhooks against the example of the specification's own libraries."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from api.notices.signatures import format_public_key, format_secret, new_secret, sign_message
from attestation.instants import Instant
from attestation.keys import SoftwareKey

KEY = SoftwareKey.from_seed(bytes(range(32)))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
PAYLOAD = b'{"test": 2432232314}'
NOW = Instant(1_614_265_330_999)
EXPECTED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_example_of_the_libraries() -> None:
    """Id, seconds and payload, joined by points, under the decoded secret."""
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = sign_message(MESSAGE, PAYLOAD, live=[secret], key=KEY, now=NOW)
    first, second = signed.headers["webhook-signature"].split()
    public = base64.b64decode(format_public_key(KEY).removeprefix("whpk_"))

    assert first == EXPECTED
    assert format_secret(secret) == SECRET
    assert (signed.headers["webhook-id"], signed.headers["webhook-timestamp"]) == (
        MESSAGE,
        "1614265330",
    )
    assert signed.payload == PAYLOAD
    version, signature = second.split(",")
    content = f"{MESSAGE}.1614265330.".encode() + PAYLOAD
    Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(signature), content)
    assert version == "v1a"


def test_each_live_secret_signs() -> None:
    """One signature each, in the order of the secrets; another message has others."""
    one, two = new_secret(), new_secret()
    both = sign_message(MESSAGE, PAYLOAD, live=[one, two], key=KEY, now=NOW)
    alone = sign_message(MESSAGE, PAYLOAD, live=[two], key=KEY, now=NOW)
    other = sign_message(MESSAGE + "x", PAYLOAD, live=[two], key=KEY, now=NOW)

    signatures = both.headers["webhook-signature"].split()
    assert len(signatures) == 3
    assert signatures[1:] == alone.headers["webhook-signature"].split()
    assert not set(signatures) & set(other.headers["webhook-signature"].split())
