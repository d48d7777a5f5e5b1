"""
A small world with evidence that holds: certificates, a log, witnesses, a chain, a trust root.

A test changes one thing of it and says which step must fall.
Tries and headers come from modules that share no code with the verifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import Any

from attestation.bundle import (
    AnchoredCheckpoint,
    Bundle,
    ChainEvidence,
    CheckpointState,
    DeviceState,
    KeyState,
    Profile,
    ProvenEntry,
    ProvenRange,
    make_bundle,
)
from attestation.certificate_issuing import (
    Issuer,
    Validity,
    issue_authority,
    issue_device,
    issue_root,
)
from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.cosignatures import Cosigner, add_signatures
from attestation.eip712 import address_of
from attestation.enums import CloseReason, SignerKind
from attestation.evm.seals import ValidatorSet
from attestation.instants import Instant
from attestation.key_bodies import CertificateAuthority, KeyClosing, KeyEnrolment
from attestation.keys import Algorithm, PublicKey, SoftwareKey, prove_possession
from attestation.messages import sign_message
from attestation.notes import NoteSigner
from attestation.readings import Reading
from attestation.record_bodies import Body
from attestation.records import draft_record, sign_record
from attestation.series_bodies import Calibration, SeriesRegistration
from attestation.trust_root import (
    Consensus,
    Contract,
    Finality,
    FinalityRule,
    Registry,
    TrustedChain,
    TrustedLog,
    TrustRoot,
    make_trust_root,
)
from attestation.witness_policy import Group, WitnessPolicy
from tests.support.headers import HeaderParts, QbftParts, clique_chain, qbft_header, sealers
from tests.support.tries import Trie, account, keccak256, word
from tests.vectors import generate_merkle as rfc

USC = "91350211M000100Y46"
ORIGIN = f"log.example/log/{USC}"
OTHER_USC = "91350100M000100Y43"
OTHER_ORIGIN = f"log.example/log/{OTHER_USC}"
CHAIN_ID = "eip155:20240"
GENESIS = sha256(b"genesis").digest()
BLOCK = 4321
NEVER = 2**64 - 1

START_S = 1_717_200_000  # 2024-06-01
SIGNED_AT = Instant((START_S + 3600) * 1000)
BLOCK_TIME_S = START_S + 3700
SERIES = "meter-1/active-energy/total/"
VALIDITY = Validity(Instant(1_700_000_000_000), Instant(1_800_000_000_000))

ENTERPRISE = sha256(b"enterprise's signer").digest()
CHECKPOINT_REGISTRY = b"\xc1" * 20
DEVICE_REGISTRY = b"\xd1" * 20
CHECKPOINT_CODE = keccak256(b"code of the checkpoint registry")
DEVICE_CODE = keccak256(b"code of the device registry")
VALIDATORS = sealers(4)
ADDRESSES = tuple(sealer.address for sealer in VALIDATORS)
LOGS_SLOT, KEYS_SLOT = 5, 4


def reading(**changes: Any) -> Reading:
    """Give a reading of the hour before signing."""
    values: dict[str, Any] = {
        "series": SERIES,
        "end_s": START_S + 3600,
        "interval_s": 3600,
        "value": 5000,
        "unit": "Wh",
    }
    return Reading(**{**values, **changes})


def registration(**changes: Any) -> SeriesRegistration:
    """Register the series of `reading`."""
    values: dict[str, Any] = {
        "series": SERIES,
        "unit": "Wh",
        "cadence_s": 3600,
        "heartbeat_s": 86_400,
        "since_s": START_S - 86_400,
        "minimum": 0,
        "maximum": 10**9,
    }
    return SeriesRegistration(**{**values, **changes})


def calibration(**changes: Any) -> Calibration:
    """Calibrate the instrument of `reading` for two years around it."""
    values: dict[str, Any] = {
        "instrument": "meter-1",
        "certificate_number": "JJ-2024-001",
        "laboratory": "Institute of Metrology",
        "from_s": START_S - 31_536_000,
        "to_s": START_S + 31_536_000,
        "accuracy_class": "0.5S",
    }
    return Calibration(**{**values, **changes})


@cache
def platform_root() -> Issuer:
    """Give the platform's root."""
    key = SoftwareKey.from_seed(b"r" * 32, Algorithm.ESP256)
    return Issuer(issue_root(key, name="platform root", validity=VALIDITY), key)


@cache
def authority(usc: str = USC) -> Issuer:
    """Give an enterprise's device authority."""
    key = SoftwareKey.from_seed(sha256(usc.encode()).digest(), Algorithm.ESP256)
    certificate = issue_authority(
        key.public_key, usc=usc, validity=VALIDITY, issuer=platform_root()
    )
    return Issuer(certificate, key)


def device_certificate(key: SoftwareKey, *, usc: str = USC, validity: Validity = VALIDITY) -> bytes:
    """Certify a device's key; the same bytes each time, so that worlds are equal."""
    return _device_certificate(key.public_key, usc, validity)


@cache
def _device_certificate(key: PublicKey, usc: str, validity: Validity) -> bytes:
    return issue_device(key, usc=usc, device="meter-1", validity=validity, issuer=authority(usc))


def enrolment(key: SoftwareKey, *, origin: str = ORIGIN, **changes: Any) -> KeyEnrolment:
    """Enrol a device's key for `SERIES`."""
    values: dict[str, Any] = {
        "kid": key.public_key.kid,
        "spki": key.public_key.spki_der,
        "certificates": (device_certificate(key), authority().certificate),
        "possession": prove_possession(key, origin),
        "signer": SignerKind.DEVICE,
        "epoch": 0,
        "instruments": ("meter-1",),
        "series": (SERIES,),
    }
    return KeyEnrolment(**{**values, **changes})


def closing(key: SoftwareKey, **changes: Any) -> KeyClosing:
    """Close a device's key in order, at entry 5, after message (0, 9)."""
    values: dict[str, Any] = {
        "kid": key.public_key.kid,
        "reason": CloseReason.ROTATED,
        "closed_index": 5,
        "last_epoch": 0,
        "last_sequence": 9,
    }
    return KeyClosing(**{**values, **changes})


def signed_record(body: Body, *, origin: str = ORIGIN, secret: bytes = ENTERPRISE) -> bytes:
    """Sign a record as the enterprise."""
    draft = draft_record(
        body,
        origin=origin,
        subject=body.record_type,
        salt=b"s" * 16,
        signer=address_of(secret),
    )
    return sign_record(draft, secret).encoded


@dataclass(frozen=True)
class Slot:
    """A device key's word in the registry."""

    enrolled: int = 0
    closed: int = NEVER
    compromised: int = NEVER
    reason: CloseReason = CloseReason.NONE
    algorithm: int = 19

    @property
    def word(self) -> int:
        return (
            self.enrolled
            | self.closed << 64
            | self.compromised << 128
            | int(self.reason) << 192
            | self.algorithm << 200
        )


def mapped(key: bytes, slot: int) -> int:
    """Give the slot of a mapping's value, as Solidity lays it out."""
    return int.from_bytes(keccak256(key + slot.to_bytes(32, "big")), "big")


def padded(slot: int) -> bytes:
    return slot.to_bytes(32, "big")


@dataclass
class World:
    """What evidence is made of; change a field, then ask for the bundle and the trust root."""

    origin: str = ORIGIN
    key: SoftwareKey = field(default_factory=lambda: SoftwareKey.from_seed(b"d" * 32))
    log_key: NoteSigner = field(default_factory=lambda: NoteSigner.from_seed(ORIGIN, b"l" * 32))
    witnesses: dict[str, Cosigner] = field(
        default_factory=lambda: {
            name: Cosigner(f"witness.example/{name}", SoftwareKey.from_seed(name.encode() * 16))
            for name in ("w1", "w2", "w3")
        }
    )
    cosigning: Sequence[str] = ("w1", "w2")
    consensus: Consensus = Consensus.QBFT
    registry_words: dict[str, Any] = field(default_factory=dict)
    """Overrides what the checkpoint registry holds: root, size, operator, block."""
    slots: dict[bytes, Slot] = field(default_factory=dict)
    """Overrides a key's slot, by key id; a key without one is open from entry 0 on."""
    entries: list[bytes] = field(default_factory=list)

    def append(self, entry: bytes) -> int:
        """Add an entry to the log and give its index."""
        self.entries.append(entry)
        return len(self.entries) - 1

    def message(self, *readings: Reading, **changes: Any) -> bytes:
        """Sign a message as the device."""
        values: dict[str, Any] = {
            "signer": self.key,
            "origin": self.origin,
            "epoch": 0,
            "sequence": 7,
            "previous": b"\x07" * 32,
            "signed_at": SIGNED_AT,
        }
        message = sign_message(readings or (reading(),), **{**values, **changes})
        return message.encoded

    @property
    def log_id(self) -> bytes:
        return keccak256(self.origin.encode())

    def root(self, size: int | None = None) -> bytes:
        return rfc.mth(self.entries[:size])

    def checkpoint(self, size: int | None = None, *, cosigned: bool = True) -> str:
        """Sign and cosign the checkpoint of a size."""
        count = len(self.entries) if size is None else size
        checkpoint = Checkpoint(self.origin, count, self.root(count))
        note = sign_checkpoint(checkpoint, self.log_key)
        if not cosigned:
            return note
        lines = [
            self.witnesses[name].cosign(checkpoint.text, 1_717_203_700) for name in self.cosigning
        ]
        return add_signatures(note, lines)

    def proven(self, index: int, size: int | None = None) -> ProvenEntry:
        """Give an entry with its inclusion proof."""
        entries = self.entries[:size]
        return ProvenEntry(index, entries[index], tuple(rfc.path(index, entries)))

    def anchor(self, size: int, anchored_size: int | None = None) -> AnchoredCheckpoint:
        """Give the anchored checkpoint, which extends that of `size`."""
        entries = self.entries[:anchored_size]
        return AnchoredCheckpoint(
            self.checkpoint(len(entries), cosigned=False), tuple(rfc.proof(size, entries))
        )

    def bundle(
        self,
        index: int | None = None,
        *,
        records: Sequence[int] | None = None,
        size: int | None = None,
    ) -> Bundle:
        """Give the bundle of a message, with every record of the log unless told otherwise."""
        count = len(self.entries) - 1 if size is None else size
        if records is None:
            records = [at for at in range(count) if self.entries[at][:1] == b"{"]
        at = (
            next(i for i in range(count) if self.entries[i][:1] == b"\xd2")
            if index is None
            else index
        )
        return make_bundle(
            checkpoint=self.checkpoint(count),
            message=self.proven(at, count),
            records=tuple(self.proven(each, count) for each in records),
            platform_root=platform_root().certificate,
            anchor=self.anchor(count),
            chain=self.chain(),
        )

    def range_bundle(self, start: int, end: int) -> Bundle:
        """Give the bundle of a range, with every record of the log."""
        count = len(self.entries) - 1
        message = self.bundle(start)
        entries = self.entries[:count]
        return replace(
            message,
            message=None,
            range=ProvenRange(start, end, tuple(rfc.outside(start, end, entries))),
        )

    # --- the chain -----------------------------------------------------------------------

    def registry_storage(self) -> Trie:
        held = {
            "root": self.root(),
            "size": len(self.entries),
            "operator": 0xAA,
            "block": BLOCK,
            **self.registry_words,
        }
        first = mapped(self.log_id, LOGS_SLOT)
        head = held["operator"] | held["size"] << 160 | held["block"] << 224
        return Trie(
            {
                padded(first): word(int.from_bytes(held["root"], "big")),
                padded(first + 1): word(head),
            }
        )

    def device_storage(self) -> Trie:
        own = {self.key.public_key.kid: Slot(), **self.slots}
        return Trie({self.key_slot(kid): word(slot.word) for kid, slot in own.items() if slot.word})

    def key_slot(self, kid: bytes) -> bytes:
        return padded(mapped(kid, mapped(self.log_id, KEYS_SLOT)))

    def state(self) -> Trie:
        return Trie(
            {
                CHECKPOINT_REGISTRY: account(self.registry_storage(), CHECKPOINT_CODE),
                DEVICE_REGISTRY: account(self.device_storage(), DEVICE_CODE),
                b"\x01" * 20: account(Trie({}), keccak256(b"")),
            }
        )

    def headers(self, length: int = 4) -> list[bytes]:
        """Give the anchoring block's header, and those after it where seals are by turns."""
        parts = HeaderParts(number=BLOCK, state_root=self.state().root, timestamp_s=BLOCK_TIME_S)
        match self.consensus:
            case Consensus.QBFT:
                return [qbft_header(parts, QbftParts(VALIDATORS, round=1), VALIDATORS[:3])]
            case Consensus.CLIQUE:
                return clique_chain(parts, VALIDATORS, length)
            case Consensus.NONE:
                return [parts.encode()]

    def chain(self) -> ChainEvidence:
        """Give the chain section."""
        state, storage, devices = self.state(), self.registry_storage(), self.device_storage()
        first = mapped(self.log_id, LOGS_SLOT)
        kids = {self.key.public_key.kid, *self.slots}
        header, *following = self.headers()
        profiles = {Consensus.NONE: Profile.NODE, Consensus.CLIQUE: Profile.CLIQUE}
        return ChainEvidence(
            profile=profiles.get(self.consensus, Profile.QBFT),
            id=CHAIN_ID,
            header=header,
            checkpoint_registry=CheckpointState(
                CHECKPOINT_REGISTRY,
                tuple(state.prove(CHECKPOINT_REGISTRY)),
                tuple(storage.prove(padded(first))),
                tuple(storage.prove(padded(first + 1))),
            ),
            device_registry=DeviceState(
                DEVICE_REGISTRY,
                tuple(state.prove(DEVICE_REGISTRY)),
                tuple(
                    KeyState(kid, tuple(devices.prove(self.key_slot(kid)))) for kid in sorted(kids)
                ),
            ),
            following=tuple(following),
        )

    # --- the trust root ------------------------------------------------------------------

    def trusted_chain(self) -> TrustedChain:
        rules = {
            Consensus.QBFT: Finality(FinalityRule.INSTANT),
            Consensus.CLIQUE: Finality(FinalityRule.DEPTH, 3),
            Consensus.NONE: Finality(FinalityRule.FINALIZED),
        }
        return TrustedChain(
            CHAIN_ID,
            GENESIS,
            self.consensus,
            rules[self.consensus],
            (
                Registry(Contract.CHECKPOINT_REGISTRY, CHECKPOINT_REGISTRY, CHECKPOINT_CODE, 0),
                Registry(Contract.DEVICE_REGISTRY, DEVICE_REGISTRY, DEVICE_CODE, 0),
            ),
            () if self.consensus is Consensus.NONE else (ValidatorSet(0, ADDRESSES),),
        )

    def trust_root(self) -> TrustRoot:
        """Give the trust root that this world's evidence holds against."""
        verifiers = {name: each.verifier for name, each in self.witnesses.items()}
        quorum = WitnessPolicy((), verifiers, {"two": Group(2, tuple(verifiers))}, "two")
        return make_trust_root(
            [TrustedLog(self.origin, self.log_key.verifier, self.log_id)],
            [sha256(platform_root().certificate).digest()],
            chain=self.trusted_chain(),
            witnesses=quorum,
        )


def small_world(**changes: Any) -> World:
    """
    Give a log of seven entries: authority, key, series, calibration, a message, and two later.

    The message is entry 4; the bundle's checkpoint is of size 6, the anchored one of size 7.
    """
    world = World(**changes)
    world.append(
        signed_record(CertificateAuthority(certificate=authority().certificate, root=b"\x01" * 32))
    )
    world.append(signed_record(enrolment(world.key)))
    world.append(signed_record(registration()))
    world.append(signed_record(calibration()))
    world.append(world.message())
    world.append(world.message(sequence=8))
    world.append(world.message(sequence=9))
    return world


class MemoryNode:
    """A node that holds a world's block."""

    def __init__(self, world: World, **answers: Any) -> None:
        self.answers: dict[str, Any] = {
            "chain_id": 20240,
            "genesis_hash": GENESIS,
            "hashes": {BLOCK: keccak256(world.headers()[0]), BLOCK + 3: b"\x03" * 32},
            "finalized": BLOCK,
            **answers,
        }

    def chain_id(self) -> int:
        return int(self.answers["chain_id"])

    def genesis_hash(self) -> bytes:
        return bytes(self.answers["genesis_hash"])

    def canonical_block_hash(self, number: int) -> bytes | None:
        found: bytes | None = self.answers["hashes"].get(number)
        return found

    def finalized_number(self) -> int | None:
        found: int | None = self.answers["finalized"]
        return found
