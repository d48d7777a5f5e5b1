"""
An enterprise with a log on a database: people who sign records, devices that sign messages.

Everything goes the real way: through admission, sequencing and survey. Keys, salts and times are
made from numbers, so that a run can be repeated byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import count

from attestation.certificate_issuing import (
    Issuer,
    Validity,
    issue_authority,
    issue_device,
    issue_root,
)
from attestation.eip712 import address_of
from attestation.enums import PartyKind, Provenance, RepresentativeRole, SignerKind
from attestation.ids import ZERO_HASH
from attestation.instants import Instant
from attestation.key_bodies import CertificateAuthority, KeyEnrolment
from attestation.keys import Algorithm, PublicKey, SoftwareKey, prove_possession
from attestation.messages import SignedMessage, sign_message
from attestation.notes import NoteSigner
from attestation.readings import Reading
from attestation.record_bodies import Body
from attestation.records import draft_record, sign_record
from attestation.series_bodies import SeriesRegistration
from ledger.database import Database
from ledger.log.admission import Admission
from ledger.log.anchor_requests import AnchorRequests
from ledger.log.answers import Answering
from ledger.log.checkers import Checker, SerialChecker
from ledger.log.decisions import Admitted, Decision, Submission
from ledger.log.equivocation import Evidence
from ledger.log.opening import open_log
from ledger.log.quotas import Quota
from ledger.log.receipts import DeviceReceipts
from ledger.log.record_rules import RecordRules
from ledger.log.records import RecordAdmission
from ledger.log.sequencing import Sequencer
from ledger.log.surveying import Surveyor
from ledger.log.voice import Voice
from ledger.repositories.logs import Log
from ledger.repositories.parties import Party, Representative
from ledger.unit_of_work import UnitOfWorkFactory

USC = "91350211M000100Y46"
ORIGIN = f"log.example/log/{USC}"
OTHER_USC = "91440300MA5EXAMP72"
START_S = 1_735_689_600
"""2025-01-01T00:00:00Z: the series begin here."""
QUARTER_S = 900
NOW = Instant((START_S + 86_400) * 1000)
CHAIN = "eip155:31337"
SERIES = "em-01/energy/total/"
VALIDITY = Validity(Instant(1_577_836_800_000), Instant(2_208_988_800_000))
"""2020 to 2040."""

APPROVER = sha256(b"approver").digest()
INITIATOR = sha256(b"initiator").digest()
LABORATORY = sha256(b"laboratory").digest()
OPERATOR = sha256(b"operator").digest()
STRANGER = sha256(b"stranger").digest()
"""Private keys of people."""


def seeded_key(name: str, algorithm: Algorithm = Algorithm.ED25519) -> SoftwareKey:
    """Give the key that belongs to a name."""
    return SoftwareKey.from_seed(sha256(name.encode()).digest(), algorithm)


def reading(number: int = 0, *, series: str = SERIES, value: int = 5, **changes: int) -> Reading:
    """Give the reading of quarter hour `number`."""
    arguments = {"end_s": START_S + (number + 1) * QUARTER_S, "interval_s": QUARTER_S} | changes
    return Reading(series=series, value=value, unit="Wh", **arguments)


def signed_at(number: int) -> Instant:
    """Give a time one second after quarter hour `number` has ended."""
    return Instant((START_S + (number + 1) * QUARTER_S + 1) * 1000)


@dataclass
class Device:
    """A device that signs a chain of messages."""

    name: str = "em-01"
    algorithm: Algorithm = Algorithm.ED25519
    origin: str = ORIGIN
    series: tuple[str, ...] = (SERIES,)
    epoch: int = 0
    sequence: int = 0
    previous: bytes = ZERO_HASH

    @cached_property
    def key(self) -> SoftwareKey:
        """Its key."""
        return seeded_key(self.name, self.algorithm)

    @property
    def kid(self) -> bytes:
        """Its key id."""
        return self.key.public_key.kid

    def sign(
        self,
        *readings: Reading,
        at: Instant | None = None,
        provenance: Provenance = Provenance.LIVE,
        kind: SignerKind = SignerKind.DEVICE,
        **place: int | bytes,
    ) -> SignedMessage:
        """Sign readings as the next message, or at another place, and go on from there."""
        said = readings or (reading(self.sequence, series=self.series[0]),)
        numbers = {"epoch": self.epoch, "sequence": self.sequence, "previous": self.previous}
        message = sign_message(
            said,
            signer=self.key,
            origin=self.origin,
            signed_at=at or Instant((max(each.end_s for each in said) + 1) * 1000),
            provenance=provenance,
            signer_kind=kind,
            **(numbers | place),
        )
        self.epoch = message.header.epoch
        self.sequence = message.header.sequence + 1
        self.previous = message.message_id
        return message

    def row(self, number: int, *, start: int | None = None) -> list[SignedMessage]:
        """Sign `number` messages of one quarter hour each."""
        first = self.sequence if start is None else start
        return [
            self.sign(reading(at, series=self.series[0])) for at in range(first, first + number)
        ]

    def next_epoch(self, previous: bytes | None = None) -> None:
        """Begin the next epoch."""
        self.epoch += 1
        self.sequence = 0
        self.previous = self.previous if previous is None else previous


@dataclass
class Enterprise:
    """One log, its people, and the parts that work on it."""

    database: Database
    usc: str = USC
    checker: Checker = field(default_factory=SerialChecker)
    quota: Quota | None = None
    units: UnitOfWorkFactory | None = None
    has_chain: bool = False
    now: Instant = NOW

    def __post_init__(self) -> None:
        self.origin = f"log.example/log/{self.usc}"
        seed = sha256(self.origin.encode()).digest()
        self.log_key = SoftwareKey.from_seed(seed)
        self.note_signer = NoteSigner.from_seed(self.origin, seed)
        root_key = seeded_key("root", Algorithm.ESP256)
        self.root = Issuer(issue_root(root_key, name="root", validity=VALIDITY), root_key)
        authority_key = seeded_key(f"authority {self.usc}", Algorithm.ESP256)
        certificate = issue_authority(
            authority_key.public_key, usc=self.usc, validity=VALIDITY, issuer=self.root
        )
        self.authority = Issuer(certificate, authority_key)
        self._salts = count()
        self.log = self._open()
        self.restart(self.units)

    def restart(self, units: UnitOfWorkFactory | None = None) -> None:
        """Make every part anew, as a new process does; perhaps on a store that fails."""
        units = units or self.database.unit_of_work
        self.voice = Voice(lambda _origin: self.log_key)
        self.receipts = DeviceReceipts(self.voice, CHAIN)
        evidence = Evidence(
            address_of(OPERATOR), lambda draft: sign_record(draft, OPERATOR), self._salt
        )
        self.admission = Admission(
            units,
            self.database.reading,
            self.checker,
            voice=self.voice,
            evidence=evidence,
            quota=self.quota,
        )
        self.record_rules = RecordRules(
            {self.root.key.public_key.kid: self.root.certificate}, self.has_chain
        )
        self.records = RecordAdmission(
            units,
            voice=self.voice,
            rules=self.record_rules,
            operator=address_of(OPERATOR),
        )
        self.sequencer = Sequencer(
            units,
            lambda _origin: self.note_signer,
            receipts=self.receipts,
            requests=AnchorRequests(bytes(20)),
        )
        self.surveyor = Surveyor(units)
        self.answering = Answering(units, self.voice)

    @property
    def answer_key(self) -> PublicKey:
        """The key that answers are checked with."""
        return self.log_key.public_key

    def admit(
        self, *messages: SignedMessage | bytes, gateway: str | None = "gw-1"
    ) -> list[Decision]:
        """Submit messages as one batch."""
        batch = [
            Submission(each if isinstance(each, bytes) else each.encoded, gateway)
            for each in messages
        ]
        return self.admission.admit(batch, now=self.now)

    def integrate(self) -> None:
        """Integrate everything that is admitted, and survey it."""
        while self.sequencer.integrate(self.log.number, now=self.now, wait=False):
            pass
        self.surveyor.survey_all(self.log.number)

    def accept(self, *messages: SignedMessage) -> None:
        """Submit messages that must be admitted, integrate and survey them."""
        for at in range(0, len(messages), 500):
            decisions = self.admit(*messages[at : at + 500])
            assert all(isinstance(each, Admitted) for each in decisions), decisions
        self.integrate()

    def record(
        self,
        body: Body,
        *,
        secret: bytes = APPROVER,
        origin: str | None = None,
        supersedes: Sequence[bytes] = (),
    ) -> bytes:
        """Sign a record."""
        draft = draft_record(
            body,
            origin=origin or self.origin,
            subject="test",
            salt=self._salt(),
            signer=address_of(secret),
            supersedes=supersedes,
        )
        return sign_record(draft, secret).encoded

    def submit(self, body: Body, *, secret: bytes = APPROVER) -> Decision:
        """Sign a record and submit it."""
        content = self.record(body, secret=secret)
        return self.records.admit_record(self.log.number, content, now=self.now)

    def file(self, body: Body, *, secret: bytes = APPROVER) -> int:
        """Sign a record that must be admitted, integrate and survey it; give its index."""
        decision = self.submit(body, secret=secret)
        assert isinstance(decision, Admitted), decision
        self.integrate()
        with self.database.reading() as uow:
            index = uow.entries.index_of(self.log.number, decision.admission_id)
        assert index is not None
        return index

    def enrolment(self, device: Device, **changes: object) -> KeyEnrolment:
        """Give the body of a device's enrolment."""
        arguments: dict[str, object] = {
            "kid": device.kid,
            "spki": device.key.public_key.spki_der,
            "certificates": (self.certificate(device), self.authority.certificate),
            "possession": prove_possession(device.key, self.origin),
            "signer": SignerKind.DEVICE,
            "epoch": 0,
            "instruments": (device.series[0].split("/")[0],),
            "series": device.series,
        }
        return KeyEnrolment(**(arguments | changes))  # type: ignore[arg-type]

    def certificate(self, device: Device) -> bytes:
        """Certify a device's key."""
        return issue_device(
            device.key.public_key,
            usc=self.usc,
            device=device.name,
            validity=VALIDITY,
            issuer=self.authority,
        )

    def registration(self, series: str = SERIES, **changes: object) -> SeriesRegistration:
        """Give the body of a series' registration."""
        arguments: dict[str, object] = {
            "series": series,
            "unit": "Wh",
            "cadence_s": QUARTER_S,
            "heartbeat_s": 3600,
            "since_s": START_S,
            "minimum": 0,
            "maximum": 1_000_000,
        }
        return SeriesRegistration(**(arguments | changes))  # type: ignore[arg-type]

    def register_authority(self) -> None:
        """File the record of the enterprise's device authority."""
        self.file(
            CertificateAuthority(
                certificate=self.authority.certificate, root=self.root.key.public_key.kid
            )
        )

    def enrol(self, *devices: Device) -> None:
        """Register the authority, the series and the devices, the real way."""
        self.register_authority()
        for series in dict.fromkeys(name for device in devices for name in device.series):
            self.file(self.registration(series))
        for device in devices:
            self.file(self.enrolment(device))

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now = Instant(self.now + milliseconds)

    def skip_salts(self, number: int) -> None:
        """Leave salts out: those of records that an earlier run of this enterprise signed."""
        self._salts = count(number)

    def _salt(self) -> bytes:
        return next(self._salts).to_bytes(16, "big")

    def _open(self) -> Log:
        with self.database.unit_of_work() as uow:
            for log in uow.logs.all():
                if log.origin == self.origin:
                    return log
            log = open_log(uow, self.note_signer, now=self.now)
            for party in self._parties():
                uow.parties.put_party(party)
            for secret, party_id, role in (
                (APPROVER, self._party_id, RepresentativeRole.APPROVER),
                (INITIATOR, self._party_id, RepresentativeRole.INITIATOR),
                (LABORATORY, b"L" * 32, RepresentativeRole.APPROVER),
            ):
                address = bytes.fromhex(address_of(secret)[2:])
                uow.parties.put_representative(
                    Representative(party_id, address, sha256(secret).digest(), role, 0)
                )
            uow.commit()
        return log

    @property
    def _party_id(self) -> bytes:
        return sha256(self.usc.encode()).digest()

    def _parties(self) -> list[Party]:
        return [
            Party(self._party_id, PartyKind.ENTERPRISE, self.usc, True),
            Party(b"L" * 32, PartyKind.LABORATORY, "91350211M000100Y46", True),
        ]
