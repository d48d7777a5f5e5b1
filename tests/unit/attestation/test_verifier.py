"""The verifier: evidence that holds, and evidence with one defect each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import pytest

from attestation.bundle import (
    Bundle,
    DeviceState,
    KeyState,
    Profile,
    ProvenEntry,
    make_bundle,
)
from attestation.certificate_issuing import Issuer, Validity, issue_authority, issue_root
from attestation.enums import CloseReason, Outcome, Provenance, SignerKind
from attestation.errors import Error
from attestation.evidence import CalibrationState, Report, Unchecked, VerifiedMessage
from attestation.evm.seals import ValidatorSet
from attestation.instants import Instant
from attestation.key_bodies import CertificateAuthority
from attestation.keys import Algorithm, SoftwareKey, prove_possession
from attestation.notes import NoteSigner
from attestation.policy import RequireMetered, UnsafeAcceptAll
from attestation.records import parse_record
from attestation.trust_root import (
    Consensus,
    Contract,
    Registry,
    TrustRoot,
    make_trust_root,
)
from attestation.verifier import Verifier
from tests.support.evidence import (
    BLOCK,
    BLOCK_TIME_S,
    CHECKPOINT_CODE,
    CHECKPOINT_REGISTRY,
    GENESIS,
    NEVER,
    ORIGIN,
    OTHER_ORIGIN,
    OTHER_USC,
    SERIES,
    SIGNED_AT,
    START_S,
    VALIDITY,
    MemoryNode,
    Slot,
    World,
    authority,
    calibration,
    closing,
    device_certificate,
    enrolment,
    platform_root,
    reading,
    registration,
    signed_record,
    small_world,
)
from tests.support.headers import sealers

WORLD = small_world()
BUNDLE = WORLD.bundle()
ROOT = WORLD.trust_root()
MESSAGE = BUNDLE.message or ProvenEntry(0, b"", ())
CHAIN = WORLD.chain()
DEVICE_KEY = SoftwareKey.from_seed(b"d" * 32)
OTHER_KEY = SoftwareKey.from_seed(b"o" * 32)
KID = DEVICE_KEY.public_key.kid


def verify(bundle: Bundle, root: TrustRoot | None = ROOT, node: Any = None) -> Report:
    return Verifier(root, UnsafeAcceptAll(), node).verify(bundle)


def rebuilt(
    *,
    message: Callable[[World], bytes] | bytes | None = None,
    records: dict[int, bytes] | None = None,
    **changes: Any,
) -> Bundle:
    """Give the bundle of a world in which entries are others, all proofs anew."""
    world = small_world(**changes)
    for index, entry in (records or {}).items():
        world.entries[index] = entry
    if message is not None:
        world.entries[4] = message if isinstance(message, bytes) else message(world)
    return world.bundle()


def with_message(**changes: Any) -> Bundle:
    return rebuilt(message=lambda world: world.message(**changes))


def with_reading(**changes: Any) -> Bundle:
    return rebuilt(message=lambda world: world.message(reading(**changes)))


def with_enrolment(**changes: Any) -> Bundle:
    return rebuilt(records={1: signed_record(enrolment(DEVICE_KEY, **changes))})


def with_chain(**changes: Any) -> Bundle:
    return replace(BUNDLE, chain=replace(CHAIN, **changes))


def with_slot(slot: Slot, *closings: bytes) -> Bundle:
    world = small_world(slots={KID: slot})
    world.entries[5:] = [*closings, *world.entries[5:]]
    return world.bundle(size=len(world.entries) - 1)


# --- what holds --------------------------------------------------------------------------


@pytest.mark.parametrize("consensus", [Consensus.QBFT, Consensus.CLIQUE])
def test_evidence_holds_offline(consensus: Consensus) -> None:
    """A bundle and a trust root suffice where blocks show who sealed them."""
    world = small_world(consensus=consensus)
    report = verify(world.bundle(), world.trust_root())

    assert [step.outcome for step in report.steps] == [Outcome.HELD] * 16
    assert [step.number for step in report.steps] == list(range(1, 17))
    assert report.trust_root == world.trust_root().name


@pytest.mark.parametrize("consensus", list(Consensus))
def test_evidence_holds_with_a_node(consensus: Consensus) -> None:
    """The verifier's own node is asked as well, whatever the consensus."""
    world = small_world(consensus=consensus)
    first = verify(world.bundle(), world.trust_root()).facts
    hashes = {BLOCK + 3: b"\x03" * 32}
    if first is not None and first.block is not None:
        hashes[BLOCK] = first.block.block_hash
    node = MemoryNode(world) if consensus is Consensus.NONE else MemoryNode(world, hashes=hashes)

    assert verify(world.bundle(), world.trust_root(), node).outcome is Outcome.HELD


def test_verified_readings_say_where_they_are_from() -> None:
    """Reading, place, times, calibration and block come with what held."""
    message = verify(BUNDLE).verified
    assert message is not None
    (verified,) = message

    assert verified.reading == reading()
    assert (verified.number, verified.calibration) == (0, CalibrationState.INSIDE)
    assert (message.facts.index, message.facts.origin) == (4, ORIGIN)
    assert (message.facts.signed_at, message.facts.suspected) == (SIGNED_AT, False)
    assert message.facts.block is not None
    assert message.facts.block.number == BLOCK


def test_many_readings_come_in_order() -> None:
    """Each reading of the pack comes out with its number."""
    three = [reading(end_s=START_S + 1200 * at, interval_s=1200, value=at) for at in (1, 2, 3)]
    bundle = rebuilt(message=lambda world: world.message(*three))
    message = verify(bundle).verified
    assert message is not None

    assert [(each.number, each.reading.value) for each in message] == [(0, 1), (1, 2), (2, 3)]


def test_p256_key_holds() -> None:
    """A key of the other algorithm is enrolled with its own number."""
    key = SoftwareKey.from_seed(b"p" * 32, Algorithm.ESP256)
    world = small_world(key=key, slots={key.public_key.kid: Slot(algorithm=9)})

    assert verify(world.bundle()).outcome is Outcome.HELD


@pytest.mark.parametrize(
    ("provenance", "lateness_h"), [(Provenance.BACK_FILL, 1000), (Provenance.LIVE, 47)]
)
def test_late_readings_that_may_be_late(provenance: Provenance, lateness_h: int) -> None:
    """Back-fill may be late, and live data up to two days."""
    end_s = START_S + 3600 - lateness_h * 3600
    bundle = rebuilt(
        message=lambda world: world.message(reading(end_s=end_s), provenance=provenance)
    )

    assert verify(bundle).outcome is Outcome.HELD


def test_series_may_allow_more_lateness() -> None:
    """The log's terms of the series decide, not a constant."""
    bundle = rebuilt(
        message=lambda world: world.message(reading(end_s=START_S - 50 * 3600)),
        records={2: signed_record(registration(max_lateness_h=72))},
    )

    assert verify(bundle).outcome is Outcome.HELD


def import_bundle() -> Bundle:
    row = reading(source_file=sha256(b"file").digest(), source_row=3)
    return rebuilt(
        message=lambda world: world.message(
            row, provenance=Provenance.IMPORT, signer_kind=SignerKind.GATEWAY
        ),
        records={1: signed_record(enrolment(DEVICE_KEY, signer=SignerKind.GATEWAY))},
    )


def test_import_holds_and_is_marked() -> None:
    """Rows of a file that a gateway signed hold, unless metered data is asked for."""
    report = verify(import_bundle())
    refused = Verifier(ROOT, RequireMetered()).verify(import_bundle())

    assert report.outcome is Outcome.HELD
    assert "imported" in report.step("times").detail
    assert (refused.step("policy").code, refused.verified) == ("policy.imported", None)


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (signed_record(calibration()), CalibrationState.INSIDE),
        (signed_record(calibration(to_s=START_S + 3599)), CalibrationState.OUTSIDE),
        (signed_record(calibration(from_s=START_S + 1)), CalibrationState.OUTSIDE),
        (signed_record(calibration(instrument="meter-2")), CalibrationState.NOT_SHOWN),
    ],
)
def test_calibration_is_marked(record: bytes, state: CalibrationState) -> None:
    """Out of calibration is no defect of the evidence; it is said of each reading."""
    report = verify(rebuilt(records={3: record}))

    assert report.outcome is Outcome.HELD
    assert report.facts is not None
    assert report.facts.calibration == (state,)


def test_suspicion_is_marked() -> None:
    """A key under suspicion stays valid, and its readings carry the mark."""
    report = verify(with_slot(Slot(compromised=4)))
    before = verify(with_slot(Slot(compromised=5)))

    assert (report.outcome, before.outcome) == (Outcome.HELD, Outcome.HELD)
    assert report.facts is not None
    assert before.facts is not None
    assert (report.facts.suspected, before.facts.suspected) == (True, False)
    assert "suspicion" in report.step("key").detail


@pytest.mark.parametrize("closed_index", [4, 0])
@pytest.mark.parametrize("reason", [CloseReason.ROTATED, CloseReason.DECOMMISSIONED])
def test_tail_of_a_closed_key_counts(reason: CloseReason, closed_index: int) -> None:
    """What was signed before an orderly closing counts, though it arrived after it."""
    record = signed_record(closing(DEVICE_KEY, reason=reason, closed_index=closed_index))

    assert verify(with_slot(Slot(closed=4, reason=reason), record)).outcome is Outcome.HELD


def test_closed_key_is_valid_before_its_closing() -> None:
    """Messages before the closed index are not touched, whatever the reason."""
    slot = Slot(closed=5, reason=CloseReason.REVOKED)

    assert verify(with_slot(slot)).outcome is Outcome.HELD


@pytest.mark.parametrize(
    "make",
    [
        lambda: with_slot(Slot(enrolled=4)),
        lambda: with_slot(
            Slot(closed=4, reason=CloseReason.ROTATED),
            signed_record(closing(DEVICE_KEY, closed_index=4, last_sequence=7)),
        ),
        lambda: with_message(signed_at=Instant((BLOCK_TIME_S + 300) * 1000)),
        lambda: with_reading(end_s=START_S + 3600 - 48 * 3600),
        lambda: rebuilt(
            records={3: signed_record(calibration(from_s=START_S, to_s=START_S + 3600))}
        ),
    ],
    ids=["enrolled", "closed", "signed", "late", "calibrated"],
)
def test_bounds_are_part_of_what_holds(make: Callable[[], Bundle]) -> None:
    """Exactly at the bound the evidence holds, and its calibration is shown."""
    report = verify(make())

    assert report.outcome is Outcome.HELD
    assert report.facts is not None
    assert report.facts.calibration == (CalibrationState.INSIDE,)


def test_newest_record_before_the_message_counts() -> None:
    """A series registered anew after the message does not change what it was."""
    world = small_world()
    world.entries[5] = signed_record(registration(unit="J"))

    assert verify(world.bundle()).outcome is Outcome.HELD


def test_checkpoint_may_itself_be_the_anchored_one() -> None:
    """An anchored checkpoint of the same size needs no hash."""
    world = small_world()
    bundle = world.bundle(size=7)

    assert verify(bundle).outcome is Outcome.HELD


def test_trust_root_without_a_quorum_asks_for_no_witness() -> None:
    """Where no witness is asked for, the step holds and says so."""
    root = make_trust_root(ROOT.logs, ROOT.platform_roots, chain=ROOT.chain)
    report = verify(BUNDLE, root)

    assert report.outcome is Outcome.HELD
    assert "no witness is asked for" in report.step("witnesses").detail


# --- what does not hold ------------------------------------------------------------------


@dataclass(frozen=True)
class Defect:
    """Evidence with one thing wrong, and where that must show."""

    make: Callable[[], Bundle]
    step: str
    code: str


def flip(content: bytes, at: int = -1) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 1
    return bytes(changed)


def swap_line(note: str, starts: str, line: str) -> str:
    return "".join(line if each.startswith(starts) else each for each in note.splitlines(True))


def other_signer(world: World) -> bytes:
    """Sign with another key under the device's key id."""
    own, forged = world.message(), world.message(reading(value=9))
    return own[:-64] + forged[-64:]


def issued_elsewhere() -> bytes:
    key = SoftwareKey.from_seed(b"x" * 32, Algorithm.ESP256)
    root = Issuer(issue_root(key, name="platform root", validity=VALIDITY), key)
    return issue_authority(
        authority().key.public_key, usc=WORLD.origin[-18:], validity=VALIDITY, issuer=root
    )


def expired() -> bytes:
    before = Validity(Instant(1_700_000_000_000), Instant(1_717_000_000_000))
    return device_certificate(DEVICE_KEY, validity=before)


def lone_device_state(**changes: Any) -> DeviceState:
    state = CHAIN.device_registry
    assert state is not None
    return replace(state, **changes)


def forked_anchor() -> Bundle:
    """Anchor a log that differs in one entry, with proofs that are valid for it."""
    fork = small_world()
    fork.entries[5] = fork.message(sequence=8, previous=b"\x08" * 32)
    return replace(BUNDLE, anchor=fork.anchor(6), chain=fork.chain())


def other_log(**changes: Any) -> World:
    return World(
        origin=OTHER_ORIGIN, log_key=NoteSigner.from_seed(OTHER_ORIGIN, b"m" * 32), **changes
    )


def anchored_elsewhere() -> Bundle:
    """Offer the chain's word about another log."""
    world = other_log(entries=list(WORLD.entries))
    return replace(BUNDLE, chain=world.chain())


def forged_record() -> bytes:
    """Give a record that names the enterprise and is signed by another key."""
    own = parse_record(signed_record(calibration()))
    other = parse_record(signed_record(calibration(), secret=b"\x05" * 32))
    return replace(own, signature=other.signature).encoded


DEFECTS = {
    # 2 checkpoint
    "checkpoint of another size": Defect(
        lambda: replace(BUNDLE, checkpoint=BUNDLE.checkpoint.replace("\n6\n", "\n5\n", 1)),
        "checkpoint",
        "verification.signature",
    ),
    "checkpoint by another key": Defect(
        lambda: replace(
            BUNDLE,
            checkpoint=small_world(log_key=NoteSigner.from_seed(ORIGIN, b"x" * 32)).checkpoint(6),
        ),
        "checkpoint",
        "verification.note_unsigned",
    ),
    "checkpoint that is no note": Defect(
        lambda: replace(BUNDLE, checkpoint=f"{ORIGIN}\n6\n"), "checkpoint", "encoding.note"
    ),
    # 3 witnesses
    "one witness short": Defect(
        lambda: replace(BUNDLE, checkpoint=small_world(cosigning=("w1",)).checkpoint(6)),
        "witnesses",
        "verification.quorum",
    ),
    "one witness twice": Defect(
        lambda: replace(
            BUNDLE,
            checkpoint=small_world(cosigning=("w1",)).checkpoint(6)
            + WORLD.witnesses["w1"]
            .cosign(BUNDLE.checkpoint.partition("\n\n")[0] + "\n", 1_717_203_900)
            .line,
        ),
        "witnesses",
        "verification.quorum",
    ),
    "cosignature of another checkpoint": Defect(
        lambda: replace(
            BUNDLE,
            checkpoint=swap_line(
                BUNDLE.checkpoint,
                "— witness.example/w2",
                WORLD.checkpoint(5).splitlines(True)[-1],
            ),
        ),
        "witnesses",
        "verification.signature",
    ),
    # 4 inclusion
    "entry changed by one bit": Defect(
        lambda: replace(BUNDLE, message=replace(MESSAGE, entry=flip(MESSAGE.entry, -70))),
        "inclusion",
        "verification.inclusion",
    ),
    "index of a neighbour": Defect(
        lambda: replace(BUNDLE, message=replace(MESSAGE, index=5)),
        "inclusion",
        "verification.inclusion",
    ),
    "index beyond the tree": Defect(
        lambda: replace(BUNDLE, message=replace(MESSAGE, index=6)),
        "inclusion",
        "verification.inclusion",
    ),
    "proof cut off": Defect(
        lambda: replace(BUNDLE, message=replace(MESSAGE, proof=MESSAGE.proof[:-1])),
        "inclusion",
        "verification.inclusion",
    ),
    "proof with garbage": Defect(
        lambda: replace(BUNDLE, message=replace(MESSAGE, proof=(*MESSAGE.proof, b"\x00" * 32))),
        "inclusion",
        "verification.inclusion",
    ),
    "proof from a larger tree": Defect(
        lambda: replace(BUNDLE, message=WORLD.proven(4)), "inclusion", "verification.inclusion"
    ),
    "record that is not in the log": Defect(
        lambda: replace(
            BUNDLE,
            records=(
                *BUNDLE.records[:3],
                replace(BUNDLE.records[3], entry=signed_record(calibration(to_s=START_S + 9**9))),
            ),
        ),
        "inclusion",
        "verification.inclusion",
    ),
    # 5 message
    "record in the message's place": Defect(
        lambda: replace(WORLD.bundle(index=2)), "message", "encoding.cose_frame"
    ),
    "message followed by a byte": Defect(
        lambda: rebuilt(message=lambda world: world.message() + b"\x00"),
        "message",
        "encoding.cose_signature",
    ),
    # 6 records
    "record of another log": Defect(
        lambda: rebuilt(records={3: signed_record(calibration(), origin=OTHER_ORIGIN)}),
        "records",
        "encoding.entry_origin",
    ),
    "record signed by somebody else": Defect(
        lambda: rebuilt(records={3: forged_record()}),
        "records",
        "verification.signature_signer",
    ),
    "record that is a message": Defect(
        lambda: replace(BUNDLE, records=(*BUNDLE.records, WORLD.proven(5, 6))),
        "records",
        "encoding.json",
    ),
    # 7 certificate
    "platform root of somebody else": Defect(
        lambda: replace(
            BUNDLE,
            platform_root=issue_root(platform_root().key, name="another", validity=VALIDITY),
        ),
        "certificate",
        "verification.platform_root",
    ),
    "certificate of another key": Defect(
        lambda: with_enrolment(
            certificates=(device_certificate(OTHER_KEY), authority().certificate)
        ),
        "certificate",
        "verification.certificate_key",
    ),
    "certificate of another enterprise": Defect(
        lambda: rebuilt(
            records={
                0: signed_record(
                    CertificateAuthority(
                        certificate=authority(OTHER_USC).certificate, root=b"\x01" * 32
                    )
                ),
                1: signed_record(
                    enrolment(
                        DEVICE_KEY,
                        certificates=(
                            device_certificate(DEVICE_KEY, usc=OTHER_USC),
                            authority(OTHER_USC).certificate,
                        ),
                    )
                ),
            }
        ),
        "certificate",
        "verification.certificate",
    ),
    "certificate under another root": Defect(
        lambda: with_enrolment(certificates=(device_certificate(DEVICE_KEY), issued_elsewhere())),
        "certificate",
        "verification.certificate_signature",
    ),
    "certificate expired at signing": Defect(
        lambda: with_enrolment(certificates=(expired(), authority().certificate)),
        "certificate",
        "verification.certificate_validity",
    ),
    "possession proved for another log": Defect(
        lambda: with_enrolment(possession=prove_possession(DEVICE_KEY, OTHER_ORIGIN)),
        "certificate",
        "verification.signature",
    ),
    # 8 signature
    "signature of another message": Defect(
        lambda: rebuilt(message=other_signer), "signature", "verification.signature"
    ),
    "signature for another log": Defect(
        lambda: with_message(origin=OTHER_ORIGIN), "signature", "verification.signature"
    ),
    # 9 anchor
    "fork anchored": Defect(forked_anchor, "anchor", "verification.consistency"),
    "anchored checkpoint of another log": Defect(
        lambda: replace(BUNDLE, anchor=other_log(entries=list(WORLD.entries)).anchor(6)),
        "anchor",
        "verification.note_unsigned",
    ),
    "anchored checkpoint before the message's": Defect(
        lambda: replace(
            BUNDLE, anchor=replace(WORLD.anchor(5, 5), consistency=WORLD.anchor(5, 6).consistency)
        ),
        "anchor",
        "verification.consistency",
    ),
    "consistency proof left out": Defect(
        lambda: replace(BUNDLE, anchor=replace(WORLD.anchor(6), consistency=())),
        "anchor",
        "verification.consistency",
    ),
    # 10 finality
    "evidence of another chain": Defect(
        lambda: with_chain(id="eip155:1"), "finality", "verification.chain_id"
    ),
    "evidence of another consensus": Defect(
        lambda: with_chain(profile=Profile.CLIQUE), "finality", "verification.chain_profile"
    ),
    "header changed by one bit": Defect(
        lambda: with_chain(header=flip(CHAIN.header, 100)),
        "finality",
        "verification.not_a_validator",
    ),
    "header that is none": Defect(
        lambda: with_chain(header=b"\xc0"), "finality", "encoding.header"
    ),
    # 11 registry
    "another checkpoint in the registry": Defect(
        lambda: replace(BUNDLE, chain=small_world(registry_words={"root": b"\x09" * 32}).chain()),
        "registry",
        "verification.anchored_checkpoint",
    ),
    "another size in the registry": Defect(
        lambda: replace(BUNDLE, chain=small_world(registry_words={"size": 8}).chain()),
        "registry",
        "verification.anchored_checkpoint",
    ),
    "registry of another log": Defect(anchored_elsewhere, "registry", "verification.trie_proof"),
    "registry at another address": Defect(
        lambda: with_chain(
            checkpoint_registry=replace(CHAIN.checkpoint_registry, address=b"\x01" * 20)
        ),
        "registry",
        "verification.registry_address",
    ),
    "account proof of another block": Defect(
        lambda: with_chain(
            checkpoint_registry=small_world(slots={KID: Slot(enrolled=1)})
            .chain()
            .checkpoint_registry
        ),
        "registry",
        "verification.trie_proof",
    ),
    "storage proof with a node too many": Defect(
        lambda: with_chain(
            checkpoint_registry=replace(
                CHAIN.checkpoint_registry,
                head=(*CHAIN.checkpoint_registry.head, CHAIN.checkpoint_registry.head[-1]),
            )
        ),
        "registry",
        "verification.trie_proof",
    ),
    # 12 key
    "key never enrolled": Defect(
        lambda: with_slot(Slot(enrolled=0, closed=0, compromised=0, algorithm=0)),
        "key",
        "verification.key_not_enrolled",
    ),
    "key enrolled later": Defect(
        lambda: with_slot(Slot(enrolled=5)), "key", "verification.key_before_enrolment"
    ),
    "key enrolled for another algorithm": Defect(
        lambda: with_slot(Slot(algorithm=9)), "key", "verification.key_algorithm"
    ),
    "key revoked at the message": Defect(
        lambda: with_slot(Slot(closed=4, reason=CloseReason.REVOKED)),
        "key",
        "verification.key_closed",
    ),
    "key rotated before the message was signed": Defect(
        lambda: with_slot(
            Slot(closed=4, reason=CloseReason.ROTATED),
            signed_record(closing(DEVICE_KEY, closed_index=4, last_sequence=6)),
        ),
        "key",
        "verification.key_closed",
    ),
    "key closed for no known reason": Defect(
        lambda: replace(
            BUNDLE,
            chain=replace(CHAIN, **_with_word(Slot().word | 9 << 192)),
        ),
        "key",
        "verification.key_slot",
    ),
    "slot of another key": Defect(
        lambda: with_chain(
            device_registry=lone_device_state(keys=(KeyState(KID, _slot_proof(OTHER_KEY)),))
        ),
        "key",
        "verification.trie_proof",
    ),
    "other code of the device registry": Defect(
        lambda: with_chain(
            device_registry=lone_device_state(
                address=CHECKPOINT_REGISTRY, account=CHAIN.checkpoint_registry.account
            )
        ),
        "key",
        "verification.registry_address",
    ),
    # 13 times
    "interval ends after signing": Defect(
        lambda: with_reading(end_s=START_S + 3601), "times", "verification.interval_after_signing"
    ),
    "back-dated": Defect(
        lambda: with_reading(end_s=START_S + 3600 - 48 * 3600 - 1),
        "times",
        "verification.backdated",
    ),
    "signed after the block": Defect(
        lambda: with_message(signed_at=Instant((START_S + 4001) * 1000)),
        "times",
        "verification.signed_in_future",
    ),
    # 15 agreement
    "signed by a gateway where a device is enrolled": Defect(
        lambda: with_message(signer_kind=SignerKind.GATEWAY),
        "agreement",
        "verification.signer_kind",
    ),
    "epoch before the key's first": Defect(
        lambda: with_enrolment(epoch=1), "agreement", "verification.key_epoch"
    ),
    "series of another key": Defect(
        lambda: with_enrolment(series=("meter-1/reactive-energy/total/",)),
        "agreement",
        "verification.series_key",
    ),
    "unit of another series": Defect(
        lambda: with_reading(unit="J"), "agreement", "verification.series_unit"
    ),
    "register where amounts are registered": Defect(
        lambda: with_reading(register=True, interval_s=0),
        "agreement",
        "verification.series_unit",
    ),
    "import by a device": Defect(
        lambda: rebuilt(
            message=lambda world: world.message(
                reading(source_file=sha256(b"file").digest(), source_row=1),
                provenance=Provenance.IMPORT,
            )
        ),
        "agreement",
        "verification.import_signer",
    ),
}


def _slot_proof(key: SoftwareKey) -> tuple[bytes, ...]:
    world = small_world(slots={key.public_key.kid: Slot()})
    return tuple(world.device_storage().prove(world.key_slot(key.public_key.kid)))


def _with_word(value: int) -> dict[str, Any]:
    """Give a header and proofs of a world whose key has this word in its slot."""

    class RawSlot(Slot):
        @property
        def word(self) -> int:
            return value

    chain = small_world(slots={KID: RawSlot()}).chain()
    return {
        "header": chain.header,
        "checkpoint_registry": chain.checkpoint_registry,
        "device_registry": chain.device_registry,
    }


@pytest.mark.parametrize("name", DEFECTS)
def test_defect_is_found_where_it_is(name: str) -> None:
    """Each defect fails its own step, with its code, and no step before it."""
    defect = DEFECTS[name]
    report = verify(defect.make())
    failed = [(step.name, step.code) for step in report.steps if step.outcome is Outcome.FAILED]

    assert failed[:1] == [(defect.step, defect.code)]
    assert report.outcome is Outcome.FAILED
    assert report.verified is None


# --- what can't be checked ---------------------------------------------------------------


def without_chain() -> Bundle:
    return replace(BUNDLE, chain=None)


UNCHECKED: dict[str, tuple[Callable[[], tuple[Bundle, TrustRoot | None]], str, str]] = {
    "no trust root": (lambda: (BUNDLE, None), "log", "unchecked.trust_root"),
    "unknown log": (
        lambda: (BUNDLE, other_log().trust_root()),
        "log",
        "unchecked.unknown_log",
    ),
    "range without its entries": (
        lambda: (WORLD.range_bundle(4, 6), ROOT),
        "inclusion",
        "unchecked.message",
    ),
    "no platform root": (
        lambda: (replace(BUNDLE, platform_root=None), ROOT),
        "certificate",
        "unchecked.platform_root",
    ),
    "no key record": (
        lambda: (WORLD.bundle(records=(0, 2, 3)), ROOT),
        "certificate",
        "unchecked.record",
    ),
    "no authority record": (
        lambda: (WORLD.bundle(records=(1, 2, 3)), ROOT),
        "certificate",
        "unchecked.record",
    ),
    "no series record": (
        lambda: (WORLD.bundle(records=(0, 1, 3)), ROOT),
        "times",
        "unchecked.record",
    ),
    "no anchored checkpoint": (
        lambda: (replace(BUNDLE, anchor=None), ROOT),
        "anchor",
        "unchecked.not_anchored",
    ),
    "no chain section": (
        lambda: (without_chain(), ROOT),
        "finality",
        "unchecked.no_chain_evidence",
    ),
    "no chain in the trust root": (
        lambda: (BUNDLE, make_trust_root(ROOT.logs, ROOT.platform_roots)),
        "finality",
        "unchecked.no_trusted_chain",
    ),
    "no node": (
        lambda: (
            small_world(consensus=Consensus.NONE).bundle(),
            small_world(consensus=Consensus.NONE).trust_root(),
        ),
        "finality",
        "unchecked.node",
    ),
    "no device registry": (
        lambda: (with_chain(device_registry=None), ROOT),
        "key",
        "unchecked.revocation",
    ),
    "no slot of this key": (
        lambda: (with_chain(device_registry=lone_device_state(keys=())), ROOT),
        "key",
        "unchecked.revocation",
    ),
    "no closing record": (
        lambda: (with_slot(Slot(closed=4, reason=CloseReason.ROTATED)), ROOT),
        "key",
        "unchecked.closing_record",
    ),
    "closing record for another reason": (
        lambda: (
            with_slot(
                Slot(closed=4, reason=CloseReason.ROTATED),
                signed_record(
                    closing(DEVICE_KEY, closed_index=4, reason=CloseReason.DECOMMISSIONED)
                ),
            ),
            ROOT,
        ),
        "key",
        "unchecked.closing_record",
    ),
}


@pytest.mark.parametrize("name", UNCHECKED)
def test_what_is_missing_is_said(name: str) -> None:
    """What is not at hand is neither held nor failed, and nothing else fails for it."""
    make, step, code = UNCHECKED[name]
    bundle, root = make()
    report = verify(bundle, root)

    assert report.outcome is Outcome.COULD_NOT_CHECK
    assert (report.step(step).outcome, report.step(step).code) == (Outcome.COULD_NOT_CHECK, code)
    assert report.verified is None


def test_record_of_revocation_counts_without_the_chain() -> None:
    """Without the chain's word a revocation in the log still speaks against the key."""
    world = small_world()
    record = closing(
        DEVICE_KEY,
        reason=CloseReason.REVOKED,
        closed_index=4,
        last_epoch=None,
        last_sequence=None,
    )
    world.entries[5] = signed_record(record)
    report = verify(replace(world.bundle(), chain=None))

    assert report.step("key").code == "verification.key_closed"
    assert report.outcome is Outcome.FAILED


@pytest.mark.parametrize("closed_index", [0, 5])
def test_record_of_revocation_elsewhere_says_nothing(closed_index: int) -> None:
    """A later index, or one left to the chain, does not refute without the chain's word."""
    world = small_world()
    record = closing(
        DEVICE_KEY,
        reason=CloseReason.REVOKED,
        closed_index=closed_index,
        last_epoch=None,
        last_sequence=None,
    )
    world.entries[5] = signed_record(record)
    report = verify(replace(world.bundle(), chain=None))

    assert report.step("key").outcome is Outcome.COULD_NOT_CHECK


def test_chain_overrules_a_record_of_revocation() -> None:
    """A record can't disown what the chain says was valid."""
    world = small_world()
    record = closing(
        DEVICE_KEY,
        reason=CloseReason.REVOKED,
        closed_index=4,
        last_epoch=None,
        last_sequence=None,
    )
    world.entries[5] = signed_record(record)

    assert verify(world.bundle()).outcome is Outcome.HELD


def test_failure_beats_what_could_not_be_checked() -> None:
    """A defect is reported as one, however much else is missing."""
    report = verify(replace(without_chain(), message=replace(MESSAGE, index=5)))

    assert report.outcome is Outcome.FAILED


# --- the verifier's own node -------------------------------------------------------------


class SilentNode(MemoryNode):
    """A node that can't be reached."""

    def genesis_hash(self) -> bytes:
        raise Unreachable("no answer")


class Unreachable(Error):
    """What a node's client raises."""

    code = "chain.unavailable"


@pytest.mark.parametrize(
    ("answers", "outcome", "code"),
    [
        ({"chain_id": 1}, Outcome.COULD_NOT_CHECK, "unchecked.node_chain"),
        ({"genesis_hash": b"\x01" * 32}, Outcome.COULD_NOT_CHECK, "unchecked.node_chain"),
        ({"hashes": {}}, Outcome.COULD_NOT_CHECK, "unchecked.node_behind"),
        ({"hashes": {BLOCK: b"\x01" * 32}}, Outcome.FAILED, "verification.not_canonical"),
        ({"finalized": BLOCK - 1}, Outcome.FAILED, "verification.not_final"),
        ({"finalized": None}, Outcome.FAILED, "verification.not_final"),
    ],
)
def test_node_that_disagrees(answers: dict[str, Any], outcome: Outcome, code: str) -> None:
    """A node of another chain says nothing; one that holds another block refutes."""
    world = small_world(consensus=Consensus.NONE)
    report = verify(world.bundle(), world.trust_root(), MemoryNode(world, **answers))

    assert (report.step("finality").outcome, report.step("finality").code) == (outcome, code)


def test_node_that_is_silent() -> None:
    """A node that can't be reached makes nothing false."""
    world = small_world(consensus=Consensus.NONE)
    report = verify(world.bundle(), world.trust_root(), SilentNode(world))

    assert report.step("finality").code == "chain.unavailable"
    assert report.outcome is Outcome.COULD_NOT_CHECK


def test_node_asks_for_depth_as_well() -> None:
    """With a rule of depth the node must hold the block that makes it final."""
    world = small_world(consensus=Consensus.CLIQUE)
    only = {BLOCK: MemoryNode(world).answers["hashes"][BLOCK]}
    report = verify(world.bundle(), world.trust_root(), MemoryNode(world, hashes=only))

    assert report.step("finality").code == "verification.not_final"


# --- the trust root's chain --------------------------------------------------------------


def with_registries(*registries: Registry) -> TrustRoot:
    chain = replace(WORLD.trusted_chain(), registries=registries)
    return make_trust_root(
        ROOT.logs, ROOT.platform_roots, chain=chain, witnesses=ROOT.witness_policy
    )


def test_registry_with_other_code_is_refused() -> None:
    """The code at the registry's address is part of the trust root."""
    first, second = WORLD.trusted_chain().registries
    report = verify(BUNDLE, with_registries(replace(first, code_hash=b"\x01" * 32), second))

    assert report.step("registry").code == "verification.registry_code"


def test_registry_not_yet_in_force_is_refused() -> None:
    """A block before a registry's first says nothing by it."""
    first, second = WORLD.trusted_chain().registries
    later = replace(first, from_block=BLOCK + 1)

    assert verify(BUNDLE, with_registries(later, second)).step("registry").code == (
        "verification.registry_address"
    )


def test_replaced_registry_no_longer_counts() -> None:
    """From a block on another registry is in force."""
    first, second = WORLD.trusted_chain().registries
    newer = Registry(Contract.CHECKPOINT_REGISTRY, b"\x02" * 20, CHECKPOINT_CODE, BLOCK)

    assert verify(BUNDLE, with_registries(first, newer, second)).step("registry").code == (
        "verification.registry_address"
    )


def test_other_validators_refute() -> None:
    """Seals by others than the trust root's validators are worth nothing."""
    others = tuple(sealer.address for sealer in sealers(4, "other "))
    chain = replace(WORLD.trusted_chain(), validators=(ValidatorSet(0, others),))
    root = make_trust_root(
        ROOT.logs, ROOT.platform_roots, chain=chain, witnesses=ROOT.witness_policy
    )

    assert verify(BUNDLE, root).step("finality").outcome is Outcome.FAILED


def test_one_following_header_short() -> None:
    """With Clique two blocks on top are not the three that are asked for."""
    world = small_world(consensus=Consensus.CLIQUE)
    chain = world.chain()
    short = replace(world.bundle(), chain=replace(chain, following=chain.following[:2]))

    assert verify(short, world.trust_root()).step("finality").code == "verification.not_final"


def test_report_says_by_what_a_block_is_final() -> None:
    """Seals, the node, or both are named."""
    silent, sealed = small_world(consensus=Consensus.NONE), small_world(consensus=Consensus.CLIQUE)
    both = verify(sealed.bundle(), sealed.trust_root(), MemoryNode(sealed))

    assert verify(BUNDLE).step("finality").detail.endswith("final by its seals")
    assert both.step("finality").detail.endswith("final by its seals and the node")
    assert (
        verify(silent.bundle(), silent.trust_root(), MemoryNode(silent))
        .step("finality")
        .detail.endswith("final by the node")
    )


def test_genesis_is_the_trust_roots() -> None:
    """The world's genesis is what its trust root names."""
    assert WORLD.trusted_chain().genesis_hash == GENESIS
    assert Slot().closed == NEVER


def test_verified_message_is_not_made_by_accident() -> None:
    """A report in which something is open makes no verified message."""
    report = verify(without_chain())

    with pytest.raises(Unchecked, match="report that held"):
        VerifiedMessage(report)
    with pytest.raises(Unchecked, match="report that held"):
        VerifiedMessage(Report(None, ()))


def test_report_of_no_steps_holds_nothing() -> None:
    """Nothing checked is not everything held."""
    assert Report(None, ()).outcome is Outcome.COULD_NOT_CHECK
    with pytest.raises(KeyError, match="log"):
        Report(None, ()).step("log")


def test_bundle_without_its_parts_is_reported() -> None:
    """A bundle of a message alone is read, and every other step says what it lacks."""
    bare = make_bundle(checkpoint=BUNDLE.checkpoint, message=MESSAGE)
    report = verify(bare)

    assert [step.name for step in report.steps if step.outcome is Outcome.HELD] == [
        "log",
        "checkpoint",
        "witnesses",
        "inclusion",
        "message",
        "records",
        "calibration",
        "policy",
    ]


def test_series_is_the_worlds() -> None:
    """The world's reading is of the series its key is enrolled for."""
    assert enrolment(DEVICE_KEY).series == (SERIES,)
