"""An enterprise's office whose node and ledger are made up, and requests that hold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, cast

from api.office.authority import DeviceAuthority
from api.office.desk import Desk
from api.office.drafting import Drafting, People
from api.office.request import SigningRequest
from api.office.settings import OfficeSettings
from api.office.signing import sign_request
from attestation.certificate_issuing import Issuer, Validity, issue_authority, issue_root
from attestation.enums import CloseReason
from attestation.ids import parse_origin
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.keys import Algorithm, SoftwareKey
from attestation.note_keys import NoteAlgorithm, NoteVerifier
from attestation.trust_fields import Consensus, Contract, Finality, FinalityRule, Registry
from attestation.trust_root import TrustedChain, TrustedLog, TrustRoot, make_trust_root
from chain.bindings.device_registry import NEVER, KeySlot
from chain.finality import Instant as InstantFinality
from chain.keys import AccountSigner
from devices.enrolment import request_enrolment

USC = "91350211M000100Y46"
ORIGIN = parse_origin(f"log.example/log/{USC}")
NOW = Instant(1_735_776_000_000)
CHAIN_ID = 31337
CHECKPOINTS, DEVICES = b"\x01" * 20, b"\x02" * 20
INITIATOR = AccountSigner(sha256(b"initiator").digest())
APPROVER = AccountSigner(sha256(b"approver").digest())
STRANGER = AccountSigner(sha256(b"stranger").digest())
LOG_KEY = SoftwareKey.from_seed(b"L" * 32, Algorithm.ED25519)
VALIDITY = Validity(Instant(1_577_836_800_000), Instant(2_208_988_800_000))
SERIES = "em-01/energy/total/"


def seeded(name: str, algorithm: Algorithm = Algorithm.ED25519) -> SoftwareKey:
    """Give the key that belongs to a name."""
    return SoftwareKey.from_seed(sha256(name.encode()).digest(), algorithm)


_ROOT_KEY = seeded("root", Algorithm.ESP256)
ROOT = Issuer(issue_root(_ROOT_KEY, name="root", validity=VALIDITY), _ROOT_KEY)


def device_authority(usc: str = USC) -> DeviceAuthority:
    """Give the device authority of an enterprise."""
    key = seeded(f"authority {usc}", Algorithm.ESP256)
    certificate = issue_authority(key.public_key, usc=usc, validity=VALIDITY, issuer=ROOT)
    return DeviceAuthority(Issuer(certificate, key), ROOT.certificate, 365)


def trust_root(*, chain_id: int = CHAIN_ID, devices: bytes = DEVICES) -> TrustRoot:
    """Give a trust root that names the log, the chain and its contracts."""
    verifier = NoteVerifier(str(ORIGIN), NoteAlgorithm.ED25519, LOG_KEY.public_key)
    registries = (
        Registry(Contract.CHECKPOINT_REGISTRY, CHECKPOINTS, b"\x03" * 32, 1),
        Registry(Contract.DEVICE_REGISTRY, devices, b"\x04" * 32, 1),
    )
    chain = TrustedChain(
        f"eip155:{chain_id}",
        b"\x05" * 32,
        Consensus.NONE,
        Finality(FinalityRule.INSTANT),
        registries,
    )
    roots = [sha256(ROOT.certificate).digest()]
    return make_trust_root([TrustedLog(str(ORIGIN), verifier, ORIGIN.log_id)], roots, chain=chain)


@dataclass
class MadeUpChain:
    """What the office asks of its node: slots of keys, and who acts for the enterprise."""

    slots: dict[bytes, KeySlot] = field(default_factory=dict)
    persons: dict[bytes, bytes] = field(
        default_factory=lambda: {INITIATOR.address: b"i" * 32, APPROVER.address: b"a" * 32}
    )

    def key_slot(self, _log_id: bytes, kid: bytes) -> KeySlot | None:
        """Give a key's slot."""
        return self.slots.get(kid)

    def open_slot(self, kid: bytes, **changes: Any) -> None:
        """Enrol a key."""
        slot = KeySlot(0, NEVER, NEVER, CloseReason.NONE, 19)
        self.slots[kid] = replace(slot, **changes)

    def is_in_force(self, _party: bytes, address: bytes, role: object) -> bool:
        """Say whether a key acts for the enterprise in its role."""
        wanted = {1: INITIATOR.address, 2: APPROVER.address}
        return address in self.persons and wanted[int(cast(int, role))] == address

    def representative(self, _party: bytes, address: bytes) -> object:
        """Give the persons behind a key."""
        return SimpleNamespace(persons=(self.persons[address],))


def drafting(chain: MadeUpChain | None = None, *, log_size: int = 12) -> Drafting:
    """Begin a request at a made-up desk."""
    made_up = chain or MadeUpChain()
    unused = cast(Any, None)
    desk = Desk(
        settings=cast(OfficeSettings, None),
        root=trust_root(),
        origin=ORIGIN,
        client=unused,
        log=unused,
        checkpoints=unused,
        devices=cast(Any, made_up),
        parties=cast(Any, made_up),
        finality=InstantFinality(),
    )
    return Drafting(
        desk=desk,
        people=People(INITIATOR.address, APPROVER.address),
        now=NOW,
        deadline=Instant(NOW + 7 * MILLISECONDS_PER_DAY),
        log_size=log_size,
    )


def device_request(name: str = "em-01", **changes: Any) -> bytes:
    """Give a device's request for enrolment."""
    arguments: dict[str, Any] = {"origin": ORIGIN, "device": name, "series": [SERIES]}
    return request_enrolment(seeded(name), **(arguments | changes))


def signed_by(request: SigningRequest, *signers: AccountSigner) -> SigningRequest:
    """Let people sign a request."""
    for signer in signers:
        request = sign_request(request, signer, trust_root(), now=NOW)
    return request
