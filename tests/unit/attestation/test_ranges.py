"""Ranges: many entries against one checkpoint, and one bad entry among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from attestation.certificate_issuing import Validity
from attestation.enums import CloseReason, Outcome, Provenance, SignerKind
from attestation.evidence import MessageFacts, Unchecked
from attestation.instants import Instant
from attestation.keys import SoftwareKey
from attestation.ranges import MAX_PROBLEMS, RangeReport, RangeVerifier, VerifiedRange
from tests.support.evidence import (
    BLOCK_TIME_S,
    SIGNED_AT,
    START_S,
    Slot,
    World,
    closing,
    device_certificate,
    enrolment,
    reading,
    registration,
    signed_record,
    small_world,
)

COUNT = 40


def long_world(**changes: Any) -> World:
    """Give a log of four records, forty messages, and one entry after the checkpoint."""
    world = small_world(**changes)
    del world.entries[4:]
    for sequence in range(COUNT):
        three = [reading(end_s=START_S + 1200 * at, interval_s=1200, value=at) for at in (1, 2, 3)]
        world.append(world.message(*three, sequence=sequence + 1))
    world.append(world.message(sequence=COUNT + 1))
    return world


WORLD = long_world()
LAST = 4 + COUNT


def verify(
    world: World,
    start: int = 4,
    end: int = LAST,
    entries: Iterable[bytes] | None = None,
    **options: Any,
) -> RangeReport:
    summarise = options.pop("summarise", None)
    root = options.pop("root", world.trust_root())
    verifier = RangeVerifier(root, batch_size=7, **options)
    given = iter(world.entries[start:end]) if entries is None else entries
    return verifier.verify(world.range_bundle(start, end), given, summarise=summarise)


def total(facts: MessageFacts) -> tuple[int, int]:
    """Add up a message's values."""
    return facts.index, sum(sum(run.values or ()) for run in facts.message.runs)


def test_range_holds() -> None:
    """Every message counts, and the counts are those of the readings."""
    report = verify(WORLD)

    assert report.outcome is Outcome.HELD
    assert (report.start, report.end) == (4, LAST)
    assert (report.tally.messages, report.tally.readings) == (COUNT, 3 * COUNT)
    assert report.problems == ()


def test_steps_of_a_range() -> None:
    """The steps that do not depend on a message are those of a message, in the same order."""
    assert [step.name for step in verify(WORLD).report.steps] == [
        "log",
        "checkpoint",
        "witnesses",
        "inclusion",
        "records",
        "anchor",
        "finality",
        "registry",
        "key",
        "entries",
        "certificate",
    ]


def test_another_checkpoint_in_the_registry() -> None:
    """A range rests on the registry as a message does."""
    report = verify(long_world(registry_words={"size": 99}))

    assert report.report.step("registry").code == "verification.anchored_checkpoint"
    assert report.outcome is Outcome.FAILED


def test_message_signed_after_the_block() -> None:
    """The block's time bounds every message of the range."""
    world = long_world()
    world.entries[9] = world.message(signed_at=Instant((BLOCK_TIME_S + 301) * 1000))

    assert failing(verify(world)) == (
        "verification.entries",
        [(9, "verification.signed_in_future")],
    )


def test_range_may_hold_other_entries() -> None:
    """Records in the range are hashed and counted, and not judged as messages."""
    report = verify(WORLD, start=0)

    assert (report.outcome, report.tally.other_entries) == (Outcome.HELD, 4)


def test_summaries_come_in_log_order() -> None:
    """What the caller takes of each message comes back in order, through a pool as well."""
    with ThreadPoolExecutor(2) as pool:
        report = verify(WORLD, summarise=total, map=pool.map)
    verified = report.verified
    assert verified is not None

    assert verified.summaries == [(index, 6) for index in range(4, LAST)]
    assert verified.tally == report.tally


def test_imports_and_gateways_are_counted() -> None:
    """How many readings were imported, and how many a gateway signed, is said."""
    world = long_world()
    world.entries[1] = signed_record(enrolment(world.key, signer=SignerKind.GATEWAY))
    row = reading(source_file=b"\x0f" * 32, source_row=1)
    for at in range(4, len(world.entries)):
        imported = at == 6
        world.entries[at] = world.message(
            row if imported else reading(),
            sequence=at,
            signer_kind=SignerKind.GATEWAY,
            provenance=Provenance.IMPORT if imported else Provenance.LIVE,
        )
    tally = verify(world).tally

    assert (tally.readings, tally.imported, tally.gateway_signed) == (COUNT, 1, COUNT)


def failing(report: RangeReport) -> tuple[str | None, list[tuple[int, str]]]:
    problems = [(problem.index, problem.code) for problem in report.problems]
    return report.report.step("entries").code, problems


@pytest.mark.parametrize("at", [4, 10, 11, LAST - 1])
def test_one_bad_signature_is_found(at: int) -> None:
    """One message among forty whose signature is another's is found at its place."""
    world = long_world()
    world.entries[at] = world.entries[at][:-64] + world.message()[-64:]
    report = verify(world)

    assert failing(report) == ("verification.entries", [(at, "verification.signature")])
    assert (report.outcome, report.verified) == (Outcome.FAILED, None)
    assert report.tally.messages == COUNT - 1


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (
            lambda world: world.message(reading(end_s=START_S + 3601)),
            "verification.interval_after_signing",
        ),
        (lambda world: world.message(reading(unit="J")), "verification.series_unit"),
        (lambda world: world.message(signer_kind=SignerKind.GATEWAY), "verification.signer_kind"),
        (lambda world: world.message() + b"\x00", "encoding.cose_signature"),
        (lambda world: b"noise", "encoding.entry"),
    ],
)
def test_one_bad_message_is_found(entry: Any, code: str) -> None:
    """Each condition of a single message holds for those of a range."""
    world = long_world()
    world.entries[9] = entry(world)

    assert failing(verify(world)) == ("verification.entries", [(9, code)])


@pytest.mark.parametrize(
    "damage",
    [
        lambda entries: entries[:-1],
        lambda entries: entries[1:],
        lambda entries: [*entries, entries[-1]],
        lambda entries: [entries[1], entries[0], *entries[2:]],
        lambda entries: [*entries[:5], entries[6], *entries[6:]],
        lambda entries: [],
    ],
)
def test_entries_that_are_not_the_logs_are_refused(damage: Any) -> None:
    """Left out, doubled, reordered: genuine messages in the wrong place are no range."""
    report = verify(WORLD, entries=damage(WORLD.entries[4:LAST]))

    assert report.report.step("entries").code == "verification.inclusion"
    assert report.outcome is Outcome.FAILED


def test_key_closed_within_the_range() -> None:
    """Messages before the closing count, those after it do not."""
    slot = Slot(closed=20, reason=CloseReason.REVOKED)
    report = verify(long_world(slots={World().key.public_key.kid: slot}))
    expected = [(index, "verification.key_closed") for index in range(20, LAST)]

    assert failing(report) == ("verification.entries", expected)
    assert report.tally.messages == 16


def test_missing_slot_is_said_of_each_message() -> None:
    """Without the chain's word on the key nothing counts, and nothing failed."""
    world = long_world()
    bundle = replace(world.range_bundle(4, LAST), chain=None)
    report = RangeVerifier(world.trust_root()).verify(bundle, world.entries[4:LAST])

    assert report.outcome is Outcome.COULD_NOT_CHECK
    assert report.report.step("entries").code == "unchecked.entries"
    assert report.problems[0].code == "unchecked.revocation"


def test_revocation_in_the_log_counts_without_the_chain() -> None:
    """A record of revocation speaks against the key where the chain does not speak."""
    world = long_world()
    record = closing(
        world.key, reason=CloseReason.REVOKED, closed_index=20, last_epoch=None, last_sequence=None
    )
    world.entries[5] = signed_record(record)
    bundle = replace(world.range_bundle(4, LAST), chain=None)
    report = RangeVerifier(world.trust_root()).verify(bundle, world.entries[4:LAST])

    assert report.outcome is Outcome.FAILED
    assert {problem.code for problem in report.problems} == {
        "unchecked.revocation",
        "verification.key_closed",
    }


def test_message_of_an_unknown_key_is_said() -> None:
    """A message whose enrolment is not at hand could not be checked."""
    world = long_world()
    stranger = SoftwareKey.from_seed(b"z" * 32)
    world.entries[12] = world.message(signer=stranger)

    assert failing(verify(world)) == ("unchecked.entries", [(12, "unchecked.record")])


def test_certificate_is_checked_for_the_whole_time_of_use() -> None:
    """A certificate that ends within the range fails, though it held at its start."""
    world = long_world()
    ends = Validity(Instant(1_700_000_000_000), Instant(SIGNED_AT + 3_000))
    certificates = (
        device_certificate(world.key, validity=ends),
        enrolment(world.key).certificates[1],
    )
    world.entries[1] = signed_record(enrolment(world.key, certificates=certificates))
    first = verify(world)
    world.entries[30] = world.message(sequence=30, signed_at=Instant(SIGNED_AT + 60_000))
    later = verify(world)

    assert first.outcome is Outcome.HELD
    assert later.report.step("certificate").code == "verification.certificate_validity"


def test_series_in_force_at_each_message() -> None:
    """A series registered anew within the range counts from there on."""
    world = long_world()
    world.entries[20] = signed_record(registration(unit="J"))
    report = verify(world)

    assert failing(report)[1][:1] == [(21, "verification.series_unit")]
    assert len(report.problems) == LAST - 21


def test_record_that_is_not_in_the_log_stops_the_range() -> None:
    """Records are proven before anything rests on them."""
    bundle = WORLD.range_bundle(4, LAST)
    records = (*bundle.records[:2], replace(bundle.records[2], index=3), bundle.records[3])
    report = RangeVerifier(WORLD.trust_root()).verify(
        replace(bundle, records=records), WORLD.entries[4:LAST]
    )

    assert report.report.step("inclusion").outcome is Outcome.FAILED
    assert report.report.step("entries").code == "unchecked.earlier"
    assert report.report.step("certificate").code == "unchecked.earlier"


def test_bundle_of_a_message_is_no_range() -> None:
    """A message's bundle names no range."""
    report = RangeVerifier(WORLD.trust_root()).verify(WORLD.bundle(), [])

    assert report.report.step("entries").code == "unchecked.range"
    assert (report.start, report.end) == (0, 0)


def test_no_trust_root() -> None:
    """Without a trust root nothing is said."""
    report = verify(WORLD, root=None)

    assert report.outcome is Outcome.COULD_NOT_CHECK
    assert report.report.trust_root is None


def test_problems_are_listed_up_to_a_bound() -> None:
    """A range of noise does not fill the memory with problems."""
    world = small_world()
    del world.entries[4:]
    for _ in range(MAX_PROBLEMS + 50):
        world.append(b"noise")
    world.append(world.message())
    report = verify(world, end=len(world.entries) - 1)

    assert len(report.problems) == MAX_PROBLEMS
    assert str(MAX_PROBLEMS + 50) in report.report.step("entries").detail


def test_entries_are_read_as_a_stream() -> None:
    """No more than a batch is read ahead."""
    read: list[int] = []

    def entries() -> Iterator[bytes]:
        for number, entry in enumerate(WORLD.entries[4:LAST]):
            read.append(number)
            yield entry

    seen: list[int] = []

    def counting(function: Any, batches: Any) -> Iterator[Any]:
        for batch in batches:
            seen.append(len(read))
            yield function(batch)

    verify(WORLD, entries=entries(), map=counting)

    assert seen == [7, 14, 21, 28, 35, 40]


def test_verified_range_is_not_made_by_accident() -> None:
    """A report in which something is open makes no verified range."""
    report = verify(WORLD, root=None)

    with pytest.raises(Unchecked, match="report that held"):
        VerifiedRange(report)
