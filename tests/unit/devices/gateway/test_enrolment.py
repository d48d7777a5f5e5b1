"""From a device's request to the records of the enterprise."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from attestation import ed25519 as rule
from attestation.certificate_issuing import (
    Issuer,
    Validity,
    issue_authority,
    issue_device,
    issue_gateway,
    issue_root,
)
from attestation.eip712 import address_of
from attestation.encodings import format_base64
from attestation.enums import CloseReason, SignerKind
from attestation.errors import CertificateError, EncodingError, SignatureError
from attestation.ids import Kid, MessageId, parse_origin
from attestation.instants import Instant
from attestation.keys import Algorithm, PublicKey, SoftwareKey, prove_possession
from attestation.record_bodies import Body
from attestation.records import body_of_record, draft_record, parse_record, sign_record
from devices.enrolment import (
    EnrolmentRequest,
    authority_body,
    epoch_body,
    key_body,
    orderly_closing_body,
    request_enrolment,
    revocation_body,
    verify_request,
)
from devices.errors import EnrolmentError
from devices.rotation import ClosedEpoch
from devices.signing_requests import make_signing_request, read_signing_request
from tests.support.gateway import NOW, ORIGIN, OTHER_USC, SERIES, USC

VALIDITY = Validity(Instant(1_577_836_800_000), Instant(4_102_444_800_000))
DEVICE_KEY = SoftwareKey.from_seed(b"d" * 32)
SECRET = b"\x01" * 32


class Enterprise:
    """A platform root and an enterprise's device authority."""

    def __init__(self, usc: str = USC) -> None:
        root_key = SoftwareKey.from_seed(b"r" * 32, Algorithm.ESP256)
        self.root = issue_root(root_key, name="test root", validity=VALIDITY)
        key = SoftwareKey.from_seed(b"a" * 32, Algorithm.ESP256)
        self.authority = issue_authority(
            key.public_key, usc=usc, validity=VALIDITY, issuer=Issuer(self.root, root_key)
        )
        self.usc = usc
        self._issuer = Issuer(self.authority, key)

    def certify(self, key: SoftwareKey = DEVICE_KEY, device: str = "meter-1") -> bytes:
        """Certify a device key."""
        return issue_device(
            key.public_key, usc=self.usc, device=device, validity=VALIDITY, issuer=self._issuer
        )

    def certify_gateway(self) -> bytes:
        """Certify the same key for TLS."""
        return issue_gateway(
            DEVICE_KEY.public_key,
            usc=self.usc,
            gateway="meter-1",
            validity=VALIDITY,
            issuer=self._issuer,
        )


def request(key: SoftwareKey = DEVICE_KEY, **changes: object) -> bytes:
    """Give a device's request."""
    named = {"origin": ORIGIN, "device": "meter-1", "series": [SERIES], **changes}
    return request_enrolment(key, **named)  # type: ignore[arg-type]


def signed(body: Body) -> Body:
    """Carry a body through a signed record and back, as it stands in the log."""
    draft = draft_record(
        body, origin=str(ORIGIN), subject="meter-1", salt=bytes(16), signer=address_of(SECRET)
    )
    return body_of_record(parse_record(sign_record(draft, SECRET).encoded))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_request_is_read_as_it_was_made(algorithm: Algorithm) -> None:
    """A device's request gives the enterprise key, series and proof of possession."""
    key = SoftwareKey.from_seed(b"k" * 32, algorithm)
    read = verify_request(request(key, gateway="gw-1", epoch=3), origin=ORIGIN)

    assert read == EnrolmentRequest(
        origin=ORIGIN,
        device="meter-1",
        key=key.public_key,
        possession=prove_possession(key, str(ORIGIN)),
        signer=SignerKind.DEVICE,
        epoch=3,
        series=(SERIES,),
        gateway="gw-1",
    )
    assert read.instruments == ("boiler-1",)


def test_request_for_another_log_is_refused() -> None:
    """A request made for one enterprise does not enrol a key at another."""
    other = parse_origin(f"log.example/log/{OTHER_USC}")

    with pytest.raises(EnrolmentError, match="the request is for"):
        verify_request(request(), origin=other)


def changed(**changes: object) -> bytes:
    """Give a request with fields replaced."""
    content = json.loads(request()) | changes
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def test_possession_by_another_key_is_refused() -> None:
    """Somebody who does not hold the key cannot enrol it."""
    thief = SoftwareKey.from_seed(b"t" * 32)
    stolen = changed(possession=format_base64(prove_possession(thief, str(ORIGIN))))

    with pytest.raises(SignatureError, match="does not match"):
        verify_request(stolen, origin=ORIGIN)


def test_possession_for_another_log_is_refused() -> None:
    """A proof made for another log is not carried over."""
    replayed = changed(
        possession=format_base64(prove_possession(DEVICE_KEY, f"log.example/log/{OTHER_USC}"))
    )

    with pytest.raises(SignatureError, match="does not match"):
        verify_request(replayed, origin=ORIGIN)


class TorsionKey:
    """
    An Ed25519 key with a part of small order, whose holder searches for signatures that hold.

    A = aB + T with T of order 8; R = rB with k a multiple of 8 hides T from every verifier.
    """

    def __init__(self) -> None:
        self._secret = 12_345_678_901_234_567_890
        self._base = rule.decode_point(bytes.fromhex("58" + "66" * 31))
        torsion = rule.decode_point(
            bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
        )
        assert self._base is not None
        assert torsion is not None
        point = rule.add_points(rule.multiply_point(self._secret, self._base), torsion)
        self.public_key = PublicKey.from_ed25519_bytes(_encode_point(point))

    def sign(self, message: bytes) -> bytes:
        """Search a nonce whose challenge is a multiple of 8."""
        assert self._base is not None
        for nonce in range(1, 1000):
            commitment = _encode_point(rule.multiply_point(nonce, self._base))
            content = commitment + self.public_key.raw + message
            challenge = int.from_bytes(hashlib.sha512(content).digest(), "little")
            challenge %= rule.GROUP_ORDER
            if challenge % 8 == 0:
                scalar = (nonce + challenge * self._secret) % rule.GROUP_ORDER
                return commitment + scalar.to_bytes(32, "little")
        raise AssertionError("no nonce found")


def _encode_point(point: rule.Point) -> bytes:
    inverse = pow(point.z, -1, rule.FIELD_PRIME)
    x, y = point.x * inverse % rule.FIELD_PRIME, point.y * inverse % rule.FIELD_PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def test_key_with_a_part_of_small_order_is_refused() -> None:
    """Its request and its possession hold, and still it is not enrolled."""
    crafted = request_enrolment(TorsionKey(), origin=ORIGIN, device="meter-1", series=[SERIES])

    with pytest.raises(SignatureError, match="outside the group of prime order"):
        verify_request(crafted, origin=ORIGIN)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"version": 2}, id="another version"),
        pytest.param({"series": []}, id="no series"),
        pytest.param({"series": ["boiler-1"]}, id="not a series"),
        pytest.param({"epoch": -1}, id="epoch below 0"),
        pytest.param({"epoch": True}, id="epoch that is a truth"),
        pytest.param({"signer": "operator"}, id="another signer"),
        pytest.param({"gateway": "GW/1"}, id="not a gateway"),
        pytest.param({"more": 1}, id="another name"),
        pytest.param({"request": "AAAA"}, id="no signing request"),
    ],
)
def test_malformed_request_is_refused(changes: dict[str, object]) -> None:
    """A request is in its one form or it is not one."""
    with pytest.raises((EncodingError, EnrolmentError)):
        verify_request(changed(**changes), origin=ORIGIN)


def test_signing_request_of_another_enterprise_is_refused() -> None:
    """The subject names the enterprise that is asked."""
    foreign = make_signing_request(DEVICE_KEY, usc=OTHER_USC, name="meter-1")

    with pytest.raises(EnrolmentError, match=f"not for O={USC}"):
        read_signing_request(foreign, usc=USC)


def test_signing_request_that_was_changed_is_refused() -> None:
    """A request whose signature does not hold is not certified."""
    genuine = make_signing_request(DEVICE_KEY, usc=USC, name="meter-1")
    changed_name = genuine.replace(b"meter-1", b"meter-2")

    with pytest.raises(EnrolmentError, match="not signed by its key"):
        read_signing_request(changed_name, usc=USC)


def test_key_record_says_what_was_asked_and_certified() -> None:
    """The enterprise's record carries key, chain, possession and series."""
    enterprise = Enterprise()
    asked = verify_request(request(), origin=ORIGIN)
    body = key_body(
        asked,
        leaf=enterprise.certify(),
        authority=enterprise.authority,
        root=enterprise.root,
        at=NOW,
    )

    assert signed(body) == body
    assert (body.kid, body.possession) == (asked.key.kid, asked.possession)
    assert body.enrolment_hash == replace(body, act=bytes(32)).enrolment_hash


def test_certificate_for_another_key_is_refused() -> None:
    """The certificate must be for the key that was asked for."""
    enterprise = Enterprise()
    leaf = enterprise.certify(SoftwareKey.from_seed(b"o" * 32))
    asked = verify_request(request(), origin=ORIGIN)

    with pytest.raises(CertificateError):
        key_body(asked, leaf=leaf, authority=enterprise.authority, root=enterprise.root, at=NOW)


def test_certificate_for_another_device_is_refused() -> None:
    """The certificate must name the device that asked."""
    enterprise = Enterprise()
    leaf = enterprise.certify(device="meter-2")
    asked = verify_request(request(), origin=ORIGIN)

    with pytest.raises(EnrolmentError, match="'meter-2', not of 'meter-1'"):
        key_body(asked, leaf=leaf, authority=enterprise.authority, root=enterprise.root, at=NOW)


def test_certificate_for_tls_enrols_no_signing_key() -> None:
    """A gateway's TLS certificate is for another purpose."""
    enterprise = Enterprise()
    asked = verify_request(request(), origin=ORIGIN)

    with pytest.raises(CertificateError):
        key_body(
            asked,
            leaf=enterprise.certify_gateway(),
            authority=enterprise.authority,
            root=enterprise.root,
            at=NOW,
        )


def test_authority_record_names_the_root() -> None:
    """The `ca` record carries the sub-CA and the key id of the root above it."""
    enterprise = Enterprise()
    body = authority_body(enterprise.authority, enterprise.root, at=NOW)

    assert signed(body) == body
    assert body.root == SoftwareKey.from_seed(b"r" * 32, Algorithm.ESP256).public_key.kid


CLOSED = ClosedEpoch(DEVICE_KEY.public_key.kid, 2, 41, MessageId(b"m" * 32), "rotated")


def test_rotation_records_name_the_last_message() -> None:
    """Rotation says which message was the last, so that a dropped tail is visible."""
    closing = orderly_closing_body(CLOSED, CloseReason.ROTATED, closed_index=100)
    epoch = epoch_body(CLOSED, next_kid=Kid(b"n" * 32))

    assert (closing.last_epoch, closing.last_sequence) == (2, 41)
    assert (epoch.closed_epoch, epoch.last_sequence, epoch.last_message) == (2, 41, b"m" * 32)
    assert signed(closing) == closing
    assert signed(epoch) == epoch


def test_revocation_names_no_last_message() -> None:
    """Nothing signed with a revoked key counts from the index on, whatever its number."""
    body = revocation_body(CLOSED.kid, closed_index=100, compromised_since_s=1_735_689_600)

    assert body.last_sequence is None
    assert signed(body) == body


def test_revocation_is_no_orderly_closing() -> None:
    """A revoked key has no last message that counts."""
    with pytest.raises(EnrolmentError, match="rotation or a decommissioning"):
        orderly_closing_body(CLOSED, CloseReason.REVOKED, closed_index=100)
