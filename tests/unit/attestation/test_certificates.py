"""Certificates: what we issue holds, for TLS too, and what is nearly right does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from attestation.certificate_issuing import (
    DEVICE_PURPOSE,
    Issuer,
    Validity,
    certificates_from_pem,
    certificates_to_pem,
    device_uri,
    issue_authority,
    issue_device,
    issue_gateway,
    issue_root,
    issue_server,
    key_usage,
    own_subtree,
    subject_name,
)
from attestation.certificates import (
    verify_authority,
    verify_device_certificate,
    verify_gateway_certificate,
)
from attestation.errors import CertificateError, EncodingError
from attestation.instants import Instant
from attestation.keys import Algorithm, SoftwareKey
from tests.support.attested import ED25519_KEY, OTHER_USC, P256_KEY, USC

START, END = Instant(1_700_000_000_000), Instant(1_800_000_000_000)
AT = Instant(1_750_000_000_000)
VALIDITY = Validity(START, END)

ROOT_KEY = SoftwareKey.from_seed(b"\x41" * 32, Algorithm.ESP256)
CA_KEY = SoftwareKey.from_seed(b"\x42" * 32, Algorithm.ESP256)
DEVICE_KEY = SoftwareKey.from_seed(b"\x43" * 32)
ROOT = issue_root(ROOT_KEY, name="platform root", validity=VALIDITY)
CA = issue_authority(CA_KEY.public_key, usc=USC, validity=VALIDITY, issuer=Issuer(ROOT, ROOT_KEY))
DEVICE = issue_device(
    DEVICE_KEY.public_key, usc=USC, device="em-01", validity=VALIDITY, issuer=Issuer(CA, CA_KEY)
)
GATEWAY = issue_gateway(
    DEVICE_KEY.public_key, usc=USC, gateway="gw-01", validity=VALIDITY, issuer=Issuer(CA, CA_KEY)
)
UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")

Extension = tuple[x509.ExtensionType, bool]


@dataclass
class Raw:
    """A certificate to be made by hand: the leaf of a device, unless changed."""

    subject: x509.Name
    key: Any
    issuer: bytes
    issuer_key: Any
    extensions: list[Extension]
    start: Instant = START
    end: Instant = END
    digest: Any = field(default_factory=hashes.SHA256)

    def make(self) -> bytes:
        issuer_name = x509.load_der_x509_certificate(self.issuer).subject
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(issuer_name)
            .public_key(self.key)
            .serial_number(7)
            .not_valid_before(epoch + timedelta(milliseconds=self.start))
            .not_valid_after(epoch + timedelta(milliseconds=self.end))
        )
        for extension, critical in self.extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.issuer_key, self.digest).public_bytes(serialization.Encoding.DER)


def usage(**changes: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    more = ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**(dict.fromkeys(names + more, False) | changes))


def raw_device() -> Raw:
    return Raw(
        subject=subject_name(USC, "em-01"),
        key=DEVICE_KEY.private_key.public_key(),
        issuer=CA,
        issuer_key=CA_KEY.private_key,
        extensions=[
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (key_usage(signs_certificates=False), True),
            (x509.ExtendedKeyUsage([DEVICE_PURPOSE]), True),
            (
                x509.SubjectAlternativeName(
                    [x509.UniformResourceIdentifier(device_uri(USC, "em-01"))]
                ),
                False,
            ),
        ],
    )


def raw_authority() -> Raw:
    return Raw(
        subject=subject_name(USC, "device authority"),
        key=CA_KEY.private_key.public_key(),
        issuer=ROOT,
        issuer_key=ROOT_KEY.private_key,
        extensions=[
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (key_usage(signs_certificates=True), True),
            (x509.NameConstraints([own_subtree(USC)], None), True),
        ],
    )


def swapped(raw: Raw, extension: x509.ExtensionType | None, critical: bool = True) -> None:
    """Put an extension in the place of the one of its kind, or add it."""
    kept = [each for each in raw.extensions if type(each[0]) is not type(extension)]
    raw.extensions = [*kept, (extension, critical)] if extension is not None else kept


def without(raw: Raw, kind: type[x509.ExtensionType]) -> None:
    raw.extensions = [each for each in raw.extensions if not isinstance(each[0], kind)]


def check_device(leaf: bytes, ca: bytes = CA, *, at: Instant = AT) -> Any:
    return verify_device_certificate(leaf, ca, ROOT, at=at, usc=USC, kid=DEVICE_KEY.public_key.kid)


def test_device_certificate_holds() -> None:
    """It names enterprise, device and key, and its validity."""
    identity = check_device(DEVICE)

    assert (identity.usc, identity.name) == (USC, "em-01")
    assert identity.key == DEVICE_KEY.public_key
    assert (identity.not_before, identity.not_after) == (START, END + 999)


def test_gateway_certificate_holds() -> None:
    """It names enterprise and gateway."""
    identity = verify_gateway_certificate(GATEWAY, CA, ROOT, at=AT)

    assert (identity.usc, identity.name) == (USC, "gw-01")


def test_hand_made_certificates_hold() -> None:
    """The certificates that tests damage are right before they are damaged."""
    assert check_device(raw_device().make()).name == "em-01"
    assert verify_authority(raw_authority().make(), ROOT, at=AT).usc == USC


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_each_algorithm_can_issue(algorithm: Algorithm) -> None:
    """Root and sub-CA may be of either kind."""
    root_key, ca_key = (SoftwareKey.generate(algorithm) for _ in range(2))
    root = issue_root(root_key, name="root", validity=VALIDITY)
    ca = issue_authority(
        ca_key.public_key, usc=USC, validity=VALIDITY, issuer=Issuer(root, root_key)
    )
    leaf = issue_device(
        P256_KEY.public_key, usc=USC, device="d", validity=VALIDITY, issuer=Issuer(ca, ca_key)
    )

    kid = P256_KEY.public_key.kid
    assert verify_device_certificate(leaf, ca, root, at=AT, usc=USC, kid=kid).name == "d"


@pytest.mark.parametrize("at", [START, END, Instant(END + 999)])
def test_both_ends_of_the_validity_count(at: Instant) -> None:
    """The first and the last second are inside."""
    check_device(DEVICE, at=at)


@pytest.mark.parametrize("at", [Instant(START - 1), Instant(END + 1000)])
def test_outside_the_validity_it_does_not_hold(at: Instant) -> None:
    """One millisecond before or after is outside."""
    with pytest.raises(CertificateError, match="outside the validity") as refusal:
        check_device(DEVICE, at=at)
    assert refusal.value.stable_code == "verification.certificate_validity"


@pytest.mark.parametrize("place", ["leaf", "authority"])
def test_each_certificate_must_be_valid_itself(place: str) -> None:
    """A leaf outlives neither itself nor its sub-CA."""
    leaf, ca = raw_device(), raw_authority()
    (leaf if place == "leaf" else ca).end = Instant(AT - 1000)

    with pytest.raises(CertificateError, match="outside the validity"):
        check_device(leaf.make(), ca.make())


def test_certificate_is_for_the_enterprise_asked_for() -> None:
    """Another enterprise's device does not sign here."""
    kid = DEVICE_KEY.public_key.kid
    with pytest.raises(CertificateError, match=f"not for {OTHER_USC}"):
        verify_device_certificate(DEVICE, CA, ROOT, at=AT, usc=OTHER_USC, kid=kid)


def test_certificate_is_for_the_key_asked_for() -> None:
    """The key id of the messages is the certified key's."""
    with pytest.raises(CertificateError, match="another key") as refusal:
        verify_device_certificate(DEVICE, CA, ROOT, at=AT, usc=USC, kid=ED25519_KEY.public_key.kid)
    assert refusal.value.stable_code == "verification.certificate_key"


def test_purposes_are_kept_apart() -> None:
    """A gateway's TLS key signs no messages, a device's key opens no connection."""
    with pytest.raises(CertificateError, match="another purpose"):
        check_device(GATEWAY)
    with pytest.raises(CertificateError, match="another purpose"):
        verify_gateway_certificate(DEVICE, CA, ROOT, at=AT)


def other_root() -> bytes:
    return issue_root(ED25519_KEY, name="platform root", validity=VALIDITY)


def test_another_root_of_the_same_name_is_refused() -> None:
    """It is the key that counts, not the name."""
    with pytest.raises(CertificateError, match="not issued by"):
        verify_authority(CA, other_root(), at=AT)


def test_sub_ca_of_another_key_of_the_same_name_is_refused() -> None:
    """A leaf by a pretender under the enterprise's name does not hold."""
    pretender = raw_device()
    pretender.issuer_key, pretender.digest = ED25519_KEY.private_key, None

    with pytest.raises(CertificateError, match="not issued by"):
        check_device(pretender.make())


def test_root_cannot_stand_for_a_sub_ca() -> None:
    """Leaves hang under a sub-CA with path length 0 and a name constraint."""
    leaf = raw_device()
    leaf.issuer, leaf.issuer_key = ROOT, ROOT_KEY.private_key

    with pytest.raises(CertificateError, match="path length 0"):
        check_device(leaf.make(), ROOT)


def test_leaf_cannot_issue() -> None:
    """A device cannot certify another."""
    leaf = raw_device()
    leaf.issuer, leaf.issuer_key, leaf.digest = DEVICE, DEVICE_KEY.private_key, None

    with pytest.raises(CertificateError, match=r"."):
        check_device(leaf.make(), DEVICE)


def name_of(*attributes: tuple[ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])


O, CN, C = NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME, NameOID.COUNTRY_NAME  # noqa: E741
SUBJECTS = {
    "CN before O": name_of((CN, "em-01"), (O, USC)),
    "no O": name_of((CN, "em-01")),
    "no CN": name_of((O, USC)),
    "one part more": name_of((O, USC), (CN, "em-01"), (C, "CN")),
    "O twice": name_of((O, USC), (O, OTHER_USC), (CN, "em-01")),
    "both in one": x509.Name(
        [
            x509.RelativeDistinguishedName(
                [x509.NameAttribute(O, USC), x509.NameAttribute(CN, "em-01")]
            )
        ]
    ),
    "empty": x509.Name([]),
    "code with a wrong check character": name_of((O, USC[:-1] + "0"), (CN, "em-01")),
    "another enterprise": name_of((O, OTHER_USC), (CN, "em-01")),
    "CN in upper case": name_of((O, USC), (CN, "EM-01")),
    "CN of 41 characters": name_of((O, USC), (CN, "a" * 41)),
}


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS.keys())
def test_subject_has_one_form(subject: x509.Name) -> None:
    """O of the enterprise, then CN of the device, and nothing else."""
    leaf = raw_device()
    leaf.subject = subject

    with pytest.raises(CertificateError, match=r".") as refusal:
        check_device(leaf.make())
    assert refusal.value.stable_code == "verification.certificate_names"


def uri(text: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(text)


URI = uri(device_uri(USC, "em-01"))
LEAF_DAMAGE: dict[str, tuple[Callable[[Raw], None], str]] = {
    "is an authority": (
        lambda raw: swapped(raw, x509.BasicConstraints(ca=True, path_length=0)),
        "certificate_usage",
    ),
    "basic constraints not critical": (
        lambda raw: swapped(raw, x509.BasicConstraints(ca=False, path_length=None), False),
        "certificate_critical",
    ),
    "no basic constraints": (lambda raw: without(raw, x509.BasicConstraints), "certificate_usage"),
    "signs certificates": (
        lambda raw: swapped(raw, usage(digital_signature=True, key_cert_sign=True)),
        "certificate_usage",
    ),
    "agrees on keys": (
        lambda raw: swapped(raw, usage(digital_signature=True, key_agreement=True)),
        "certificate_usage",
    ),
    "no key usage": (lambda raw: without(raw, x509.KeyUsage), "certificate_usage"),
    "no purpose": (lambda raw: without(raw, x509.ExtendedKeyUsage), "certificate_usage"),
    "two purposes": (
        lambda raw: swapped(
            raw, x509.ExtendedKeyUsage([DEVICE_PURPOSE, ExtendedKeyUsageOID.CLIENT_AUTH])
        ),
        "certificate_purpose",
    ),
    "any purpose": (
        lambda raw: swapped(
            raw, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
        ),
        "certificate_purpose",
    ),
    "no alternative name": (
        lambda raw: without(raw, x509.SubjectAlternativeName),
        "certificate_usage",
    ),
    "alternative name of a gateway": (
        lambda raw: swapped(
            raw, x509.SubjectAlternativeName([uri(f"urn:carbonseal:{USC}:gateway:em-01")])
        ),
        "certificate_names",
    ),
    "alternative name of another enterprise": (
        lambda raw: swapped(
            raw, x509.SubjectAlternativeName([uri(device_uri(OTHER_USC, "em-01"))])
        ),
        "certificate_names",
    ),
    "two alternative names": (
        lambda raw: swapped(raw, x509.SubjectAlternativeName([URI, x509.DNSName("broker")])),
        "certificate_names",
    ),
    "unknown critical extension": (lambda raw: swapped(raw, UNKNOWN), "certificate_critical"),
    "name constraints in a leaf": (
        lambda raw: swapped(raw, x509.NameConstraints([own_subtree(USC)], None)),
        "certificate_critical",
    ),
    "signed with SHA-384": (
        lambda raw: setattr(raw, "digest", hashes.SHA384()),
        "certificate_signature",
    ),
    "RSA key": (
        lambda raw: setattr(raw, "key", rsa.generate_private_key(65537, 2048).public_key()),
        "certificate_key",
    ),
    "P-384 key": (
        lambda raw: setattr(raw, "key", ec.generate_private_key(ec.SECP384R1()).public_key()),
        "certificate_key",
    ),
    "key of small order": (
        lambda raw: setattr(
            raw, "key", ed25519.Ed25519PublicKey.from_public_bytes(b"\x01" + bytes(31))
        ),
        "certificate_key",
    ),
}


@pytest.mark.parametrize(("damage", "code"), LEAF_DAMAGE.values(), ids=LEAF_DAMAGE.keys())
def test_damaged_leaf_is_refused(damage: Callable[[Raw], None], code: str) -> None:
    """Each condition on a leaf, broken alone."""
    leaf = raw_device()
    damage(leaf)

    with pytest.raises(CertificateError, match=r".") as refusal:
        check_device(leaf.make())
    assert refusal.value.stable_code == f"verification.{code}"


def test_unknown_extension_that_is_not_critical_is_ignored() -> None:
    """RFC 5280 lets a certificate say more than we ask."""
    leaf = raw_device()
    swapped(leaf, UNKNOWN, critical=False)

    check_device(leaf.make())


def constraints(
    permitted: Sequence[x509.GeneralName] | None, excluded: Sequence[x509.GeneralName] | None = None
) -> Callable[[Raw], None]:
    return lambda raw: swapped(raw, x509.NameConstraints(permitted, excluded))


AUTHORITY_DAMAGE: dict[str, tuple[Callable[[Raw], None], str]] = {
    "no name constraint": (lambda raw: without(raw, x509.NameConstraints), "certificate_usage"),
    "name constraint not critical": (
        lambda raw: swapped(raw, x509.NameConstraints([own_subtree(USC)], None), False),
        "certificate_critical",
    ),
    "name constraint of another enterprise": (
        constraints([own_subtree(OTHER_USC)]),
        "certificate_names",
    ),
    "two enterprises": (
        constraints([own_subtree(USC), own_subtree(OTHER_USC)]),
        "certificate_names",
    ),
    "excluded instead of permitted": (constraints(None, [own_subtree(USC)]), "certificate_names"),
    "every name permitted": (
        constraints([x509.DirectoryName(x509.Name([]))]),
        "certificate_names",
    ),
    "path length 1": (
        lambda raw: swapped(raw, x509.BasicConstraints(ca=True, path_length=1)),
        "certificate_usage",
    ),
    "no path length": (
        lambda raw: swapped(raw, x509.BasicConstraints(ca=True, path_length=None)),
        "certificate_usage",
    ),
    "no authority": (
        lambda raw: swapped(raw, x509.BasicConstraints(ca=False, path_length=None)),
        "certificate_usage",
    ),
    "signs other things": (
        lambda raw: swapped(raw, usage(digital_signature=True, key_cert_sign=True, crl_sign=True)),
        "certificate_usage",
    ),
    "unknown critical extension": (lambda raw: swapped(raw, UNKNOWN), "certificate_critical"),
    "subject of two enterprises": (
        lambda raw: setattr(raw, "subject", SUBJECTS["O twice"]),
        "certificate_names",
    ),
    "code with a wrong check character": (
        lambda raw: setattr(raw, "subject", SUBJECTS["code with a wrong check character"]),
        "certificate_names",
    ),
}


@pytest.mark.parametrize(("damage", "code"), AUTHORITY_DAMAGE.values(), ids=AUTHORITY_DAMAGE.keys())
def test_damaged_authority_is_refused(damage: Callable[[Raw], None], code: str) -> None:
    """Each condition on a sub-CA, broken alone; a good leaf under it does not help."""
    authority = raw_authority()
    damage(authority)

    with pytest.raises(CertificateError, match=r".") as refusal:
        check_device(DEVICE, authority.make())
    assert refusal.value.stable_code == f"verification.{code}"


@pytest.mark.parametrize(
    "damage",
    [b"", b"\x30\x00", DEVICE[:-1], DEVICE + b"\x00", certificates_to_pem(DEVICE)],
    ids=["empty", "empty sequence", "cut", "byte more", "PEM"],
)
def test_other_bytes_are_no_certificate(damage: bytes) -> None:
    """Anything but one DER certificate is refused."""
    with pytest.raises(CertificateError, match="certificate") as refusal:
        check_device(damage)
    assert refusal.value.stable_code == "encoding.certificate"


def test_pem_keeps_the_order() -> None:
    """A chain is written leaf first and read back so."""
    assert certificates_from_pem(certificates_to_pem(DEVICE, CA)) == (DEVICE, CA)

    with pytest.raises(EncodingError, match="not certificates"):
        certificates_from_pem(b"x")


@pytest.mark.parametrize(
    ("not_before", "not_after"),
    [(END, START), (START, START), (START + 1, END), (START, END + 1), (-1000, END)],
)
def test_validity_is_of_whole_seconds(not_before: int, not_after: int) -> None:
    """Certificates know seconds only, and begin before they end."""
    with pytest.raises(EncodingError, match="whole seconds"):
        Validity(Instant(not_before), Instant(not_after))


@pytest.mark.parametrize("issue", [issue_gateway, issue_device])
def test_names_are_checked_before_issuing(issue: Any) -> None:
    """Neither a wrong code nor a wrong name is certified."""
    issuer = Issuer(CA, CA_KEY)
    word = "gateway" if issue is issue_gateway else "device"

    with pytest.raises(EncodingError, match="check character"):
        issue(
            DEVICE_KEY.public_key,
            usc=USC[:-1] + "0",
            validity=VALIDITY,
            issuer=issuer,
            **{word: "a"},
        )
    with pytest.raises(EncodingError, match="not a gateway id"):
        issue(DEVICE_KEY.public_key, usc=USC, validity=VALIDITY, issuer=issuer, **{word: "A"})


def test_server_certificate_names_its_hosts() -> None:
    """DNS names and addresses stand in the alternative name, each as its kind."""
    issuer = Issuer(ROOT, ROOT_KEY)
    leaf = issue_server(
        P256_KEY.public_key, hosts=["broker.example", "127.0.0.1"], validity=VALIDITY, issuer=issuer
    )
    names = x509.load_der_x509_certificate(leaf).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )

    assert names.value.get_values_for_type(x509.DNSName) == ["broker.example"]
    assert [str(each) for each in names.value.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
