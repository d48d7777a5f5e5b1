"""The survey: gaps, broken links and marks, derived in the order of the log and of nothing else."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from attestation.enums import CloseReason, GapState, Provenance, Quality
from attestation.instants import Instant
from attestation.key_bodies import EpochClosing, KeyClosing
from attestation.merkle import hash_leaf
from attestation.series_bodies import Correction, Gap, ReadingReference, Replacement
from ledger.log.epoch_survey import open_tails
from ledger.log.marks import Mark
from ledger.log.silence import overdue
from ledger.log.surveying import Surveyor
from tests.support.derived import derived_rows
from tests.support.enterprise import (
    QUARTER_S,
    SERIES,
    START_S,
    Device,
    Enterprise,
    reading,
    signed_at,
)

OPEN, DECLARED, CLOSED = GapState.OPEN, GapState.DECLARED, GapState.CLOSED


def sequence_gaps(enterprise: Enterprise) -> list[tuple[int, int, GapState]]:
    """Give the sequence gaps of the log."""
    with enterprise.database.reading() as uow:
        gaps = uow.gaps.sequence_gaps(enterprise.log.number, list(GapState))
    return [(each.gap.start, each.gap.end, each.gap.state) for each in gaps]


def interval_gaps(enterprise: Enterprise) -> list[tuple[int, int, GapState]]:
    """Give the interval gaps of the log, in quarter hours after the start."""
    with enterprise.database.reading() as uow:
        gaps = uow.gaps.interval_gaps(enterprise.log.number, list(GapState))
    return [
        (
            (each.gap.start - START_S) // QUARTER_S,
            (each.gap.end - START_S) // QUARTER_S,
            each.gap.state,
        )
        for each in gaps
    ]


def marked(enterprise: Enterprise, mark: Mark) -> list[int]:
    """Give the indexes of the entries with a mark."""
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
        marks = uow.surveys.marks(enterprise.log.number, range(size))
    return sorted(index for index, found in marks.items() if mark in found)


def index_of(enterprise: Enterprise, device: Device, sequence: int, epoch: int = 0) -> int:
    """Give the index of a message."""
    with enterprise.database.reading() as uow:
        stored = uow.admissions.message(enterprise.log.number, (device.kid, epoch, sequence))
        assert stored is not None
        index = uow.entries.index_of(enterprise.log.number, stored.admission_id)
    assert index is not None
    return index


def tails(enterprise: Enterprise) -> list[tuple[bytes, int]]:
    """Give (kid, epoch) of the epochs whose end is missing."""
    with enterprise.database.reading() as uow:
        return [(each.kid, each.epoch) for each in open_tails(uow, enterprise.log)]


def test_unbroken_chain_has_no_gaps(enterprise: Enterprise, device: Device) -> None:
    """Nothing is missing, nothing is marked."""
    enterprise.accept(*device.row(10))

    assert sequence_gaps(enterprise) == interval_gaps(enterprise) == []
    assert marked(enterprise, Mark.BROKEN_LINK) == []


def test_missing_message_is_a_gap(enterprise: Enterprise, device: Device) -> None:
    """Number and time are missing both."""
    messages = device.row(5)
    enterprise.accept(messages[0], messages[3], messages[4])

    assert sequence_gaps(enterprise) == [(1, 3, OPEN)]
    assert interval_gaps(enterprise) == [(1, 3, OPEN)]


def test_late_message_closes_the_gap(enterprise: Enterprise, device: Device) -> None:
    """Late data is data; that it was missing stays visible."""
    messages = device.row(5)
    enterprise.accept(messages[0], messages[4])
    enterprise.accept(messages[2])

    assert sequence_gaps(enterprise) == [(1, 2, OPEN), (2, 3, CLOSED), (3, 4, OPEN)]
    assert interval_gaps(enterprise) == [(1, 2, OPEN), (2, 3, CLOSED), (3, 4, OPEN)]


def test_first_messages_that_are_missing_are_a_gap(enterprise: Enterprise, device: Device) -> None:
    """An epoch begins with 0, a series when it was registered."""
    enterprise.accept(*device.row(3)[2:])

    assert sequence_gaps(enterprise) == [(0, 2, OPEN)]
    assert interval_gaps(enterprise) == [(0, 2, OPEN)]


def test_refused_message_leaves_a_gap(enterprise: Enterprise, device: Device) -> None:
    """What was refused is not there."""
    enterprise.admit(device.sign(reading(0)), device.sign(reading(1, value=-1)))
    enterprise.accept(device.sign(reading(2)))

    assert sequence_gaps(enterprise) == [(1, 2, OPEN)]


def test_back_fill_closes_a_gap_of_time_but_not_of_numbers(
    enterprise: Enterprise, device: Device
) -> None:
    """The readings come again in a new message; the old message stays missing."""
    messages = device.row(3)
    enterprise.accept(messages[0], messages[2])
    enterprise.accept(device.sign(reading(1), at=signed_at(9), provenance=Provenance.BACK_FILL))

    assert sequence_gaps(enterprise) == [(1, 2, OPEN)]
    assert interval_gaps(enterprise) == [(1, 2, CLOSED)]


def test_gap_of_time_is_declared(enterprise: Enterprise, device: Device) -> None:
    """A signed record gives the gap a cause; only over the seconds it names."""
    messages = device.row(6)
    enterprise.accept(messages[0], messages[5])
    enterprise.file(_gap(2, 4))

    assert interval_gaps(enterprise) == [(1, 2, OPEN), (2, 4, DECLARED), (4, 5, OPEN)]


def _gap(start: int, end: int) -> Gap:
    return Gap(
        cause="power was off",
        series=SERIES,
        from_s=START_S + start * QUARTER_S,
        to_s=START_S + end * QUARTER_S,
    )


def test_gap_of_time_is_declared_in_advance(enterprise: Enterprise, device: Device) -> None:
    """A planned outage is declared before anything is missing."""
    enterprise.file(_gap(1, 3))
    messages = device.row(5)
    enterprise.accept(messages[0], messages[4])

    assert interval_gaps(enterprise) == [(1, 3, DECLARED), (3, 4, OPEN)]


def test_gap_of_messages_is_declared(enterprise: Enterprise, device: Device) -> None:
    """Lost messages are named by number, also beyond the last one that came."""
    messages = device.row(3)
    enterprise.accept(messages[0], messages[2])
    enterprise.file(Gap(cause="lost", kid=device.kid, epoch=0, first_sequence=1, last_sequence=1))
    enterprise.file(Gap(cause="lost", kid=device.kid, epoch=0, first_sequence=5, last_sequence=6))

    assert sequence_gaps(enterprise) == [(1, 2, DECLARED), (3, 5, OPEN), (5, 7, DECLARED)]


def test_declared_messages_that_come_close_the_gap(enterprise: Enterprise, device: Device) -> None:
    """What was thought lost and comes all the same is data."""
    messages = device.row(3)
    enterprise.accept(messages[0])
    enterprise.file(Gap(cause="lost", kid=device.kid, epoch=0, first_sequence=1, last_sequence=2))
    enterprise.accept(messages[1], messages[2])

    assert sequence_gaps(enterprise) == [(1, 2, CLOSED), (2, 3, CLOSED)]
    assert marked(enterprise, Mark.BROKEN_LINK) == []


def test_sparse_readings_leave_gaps_between_them(enterprise: Enterprise, device: Device) -> None:
    """A row with holes covers its readings and nothing between."""
    enterprise.accept(device.sign(reading(0), reading(2), reading(4)))

    assert interval_gaps(enterprise) == [(1, 2, OPEN), (3, 4, OPEN)]


def test_instant_covers_its_cadence(enterprise: Enterprise) -> None:
    """An instantaneous reading stands for the time since the one before was due."""
    device = Device(series=("em-01/power/total/",))
    enterprise.register_authority()
    enterprise.file(enterprise.registration("em-01/power/total/", unit="W"))
    enterprise.file(enterprise.enrolment(device))
    readings = [
        replace(reading(at, series="em-01/power/total/", interval_s=0), unit="W")
        for at in (0, 1, 4)
    ]
    enterprise.accept(device.sign(*readings))

    assert interval_gaps(enterprise) == [(2, 4, OPEN)]


def test_longer_interval_covers_itself(enterprise: Enterprise, device: Device) -> None:
    """An hour's sum fills four quarters."""
    enterprise.accept(device.sign(reading(0), reading(4, interval_s=4 * QUARTER_S)))

    assert interval_gaps(enterprise) == []


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0), (1, 2, 0)], ids=str)
def test_wrong_previous_is_found_in_any_order(
    enterprise: Enterprise, device: Device, order: tuple[int, ...]
) -> None:
    """As soon as both neighbours are there, the later one is marked; once, and no other."""
    messages = [
        device.sign(reading(0)),
        device.sign(reading(1), previous=b"\x01" * 32),
        device.sign(reading(2)),
    ]
    for at in order:
        enterprise.accept(messages[at])

    assert marked(enterprise, Mark.BROKEN_LINK) == [index_of(enterprise, device, 1)]


def test_wrong_previous_is_found_within_a_batch(enterprise: Enterprise, device: Device) -> None:
    """Messages of one batch know each other."""
    messages = [
        device.sign(reading(0)),
        device.sign(reading(1), previous=b"\x01" * 32),
        device.sign(reading(2)),
    ]
    enterprise.accept(messages[2], messages[0], messages[1])

    assert marked(enterprise, Mark.BROKEN_LINK) == [index_of(enterprise, device, 1)]


def test_next_epoch_follows_the_last_message(enterprise: Enterprise, device: Device) -> None:
    """A new state that follows the last message leaves nothing open."""
    enterprise.accept(*device.row(3))
    device.next_epoch()
    enterprise.accept(device.sign(reading(3)))

    assert tails(enterprise) == []


def test_dropped_tail_is_visible(enterprise: Enterprise, device: Device) -> None:
    """The next epoch names a last message that never came."""
    messages = device.row(4)
    enterprise.accept(*messages[:3])
    device.next_epoch()
    enterprise.accept(device.sign(reading(5)))

    assert tails(enterprise) == [(device.kid, 0)]


def test_tail_that_comes_late_closes_it(enterprise: Enterprise, device: Device) -> None:
    """When the named message is there, nothing is missing."""
    messages = device.row(4)
    enterprise.accept(*messages[:3])
    device.next_epoch()
    enterprise.accept(device.sign(reading(5)))
    enterprise.accept(messages[3])

    assert tails(enterprise) == []


def test_whole_epoch_that_is_missing_is_visible(enterprise: Enterprise, device: Device) -> None:
    """An epoch of which nothing came is named by the one after it."""
    enterprise.accept(*device.row(2))
    device.next_epoch()
    device.row(2)
    device.next_epoch()
    enterprise.accept(device.sign(reading(5)))

    assert (device.kid, 1) in tails(enterprise)


def _closing(device: Device, last: int, last_message: bytes, **changes: object) -> EpochClosing:
    arguments: dict[str, object] = {
        "kid": device.kid,
        "closed_epoch": 0,
        "last_sequence": last,
        "last_message": last_message,
        "reason": "rotation",
    }
    return EpochClosing(**(arguments | changes))  # type: ignore[arg-type]


def test_closing_record_names_the_missing_messages(enterprise: Enterprise, device: Device) -> None:
    """Without anything coming later, the end of the epoch is known."""
    messages = device.row(5)
    enterprise.accept(*messages[:2])
    enterprise.file(_closing(device, 4, messages[4].message_id))

    assert sequence_gaps(enterprise) == [(2, 5, OPEN)]
    assert tails(enterprise) == [(device.kid, 0)]


def test_messages_after_the_closing_record_close_the_gap(
    enterprise: Enterprise, device: Device
) -> None:
    """They were on their way; their links are checked like any other."""
    messages = device.row(5)
    enterprise.accept(*messages[:2])
    enterprise.file(_closing(device, 4, messages[4].message_id))
    enterprise.accept(*messages[2:])

    assert {state for _, _, state in sequence_gaps(enterprise)} == {CLOSED}
    assert marked(enterprise, Mark.BROKEN_LINK) == []
    assert tails(enterprise) == []


@pytest.mark.parametrize("record_first", [True, False], ids=["record first", "epoch first"])
def test_next_key_follows_by_the_closing_record(
    enterprise: Enterprise, device: Device, record_first: bool
) -> None:
    """A rotated key's chain goes on under the next key."""
    enterprise.accept(*device.row(3))
    following = _next_device(enterprise, device)
    first = following.sign(reading(3))
    closing = _closing(device, 2, device.previous, next_kid=following.kid)
    if record_first:
        enterprise.file(closing)
        enterprise.accept(first)
    else:
        enterprise.accept(first)
        enterprise.file(closing)

    assert tails(enterprise) == []
    assert marked(enterprise, Mark.BROKEN_LINK) == []


@pytest.mark.parametrize("record_first", [True, False], ids=["record first", "epoch first"])
def test_next_epoch_that_contradicts_the_record_is_marked(
    enterprise: Enterprise, device: Device, record_first: bool
) -> None:
    """Record and message 0 name two different last messages."""
    enterprise.accept(*device.row(3))
    following = _next_device(enterprise, device)
    following.previous = b"\x01" * 32
    first = following.sign(reading(3))
    closing = _closing(device, 2, device.previous, next_kid=following.kid)
    if record_first:
        enterprise.file(closing)
        enterprise.accept(first)
    else:
        enterprise.accept(first)
        enterprise.file(closing)

    assert marked(enterprise, Mark.BROKEN_LINK) == [index_of(enterprise, following, 0, 1)]


def _next_device(enterprise: Enterprise, device: Device) -> Device:
    following = Device(name="em-01b", epoch=1, previous=device.previous)
    enterprise.file(enterprise.enrolment(following, epoch=1))
    return following


@pytest.mark.parametrize(
    ("values", "expected"),
    [((0, 10, 20), []), ((0, 10, 21), [2]), ((100, 90, 79), [2]), ((0, 11, 22), [1, 2])],
    ids=["at the limit", "up", "down", "twice"],
)
def test_steep_value_is_marked(
    enterprise: Enterprise, values: tuple[int, ...], expected: list[int]
) -> None:
    """A change beyond forty an hour is ten a quarter."""
    enterprise.register_authority()
    enterprise.file(enterprise.registration(rate_limit_per_h=40))
    device = Device()
    enterprise.file(enterprise.enrolment(device))
    enterprise.accept(*(device.sign(reading(at, value=value)) for at, value in enumerate(values)))

    first = index_of(enterprise, device, 0)
    assert marked(enterprise, Mark.STEEP) == [first + at for at in expected]


def test_message_after_the_closing_index_is_marked(enterprise: Enterprise, device: Device) -> None:
    """The index decides: what was admitted in good faith does not count afterwards."""
    enterprise.accept(*device.row(2))
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
    enterprise.file(KeyClosing(kid=device.kid, reason=CloseReason.REVOKED, closed_index=size + 2))
    enterprise.accept(*device.row(4))

    assert index_of(enterprise, device, 2) == size + 1
    assert marked(enterprise, Mark.KEY_INVALID) == [size + 2, size + 3, size + 4]


def test_messages_granted_by_the_closing_record_are_not_marked(
    enterprise: Enterprise, device: Device
) -> None:
    """A rotated key is heard up to the message the record names."""
    enterprise.accept(*device.row(2))
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
    enterprise.file(
        KeyClosing(
            kid=device.kid,
            reason=CloseReason.ROTATED,
            closed_index=size + 2,
            last_epoch=0,
            last_sequence=4,
        )
    )
    enterprise.accept(*device.row(4))

    assert marked(enterprise, Mark.KEY_INVALID) == [index_of(enterprise, device, 5)]


def test_silence_is_seen_by_the_clock(enterprise: Enterprise, device: Device) -> None:
    """Nothing comes later, and the series is overdue all the same."""
    enterprise.accept(*device.row(4))
    end_s = START_S + 4 * QUARTER_S
    with enterprise.database.reading() as uow:
        at_limit = overdue(uow, enterprise.log, Instant((end_s + 3600) * 1000))
        (late,) = overdue(uow, enterprise.log, Instant((end_s + 3601) * 1000))

    assert at_limit == []
    assert (late.series.series, late.since_s, late.undeclared_s) == (SERIES, end_s, 3601)


def test_series_that_never_spoke_is_overdue(enterprise: Enterprise, device: Device) -> None:
    """It was registered, so it is expected."""
    del device
    with enterprise.database.reading() as uow:
        (late,) = overdue(uow, enterprise.log, enterprise.now)

    assert late.since_s == START_S


def test_series_that_ended_is_not_overdue(enterprise: Enterprise, device: Device) -> None:
    """Nothing is expected after its end."""
    enterprise.accept(*device.row(4))
    enterprise.file(enterprise.registration(until_s=START_S + 4 * QUARTER_S))
    with enterprise.database.reading() as uow:
        assert overdue(uow, enterprise.log, enterprise.now) == []


def test_declared_silence_is_told_apart(enterprise: Enterprise, device: Device) -> None:
    """The part a record declares is not held against the enterprise."""
    enterprise.accept(*device.row(4))
    enterprise.file(_gap(4, 6))
    now = Instant((START_S + 10 * QUARTER_S) * 1000)
    with enterprise.database.reading() as uow:
        (late,) = overdue(uow, enterprise.log, now)

    assert late.undeclared_s == 4 * QUARTER_S


def _eventful_log(enterprise: Enterprise, device: Device) -> None:
    """Fill a log with everything the survey knows, in a shuffled order."""
    random = Random(7)
    other = Device(name="em-02", series=(SERIES, "em-02/energy/total/"))
    enterprise.file(enterprise.registration("em-02/energy/total/", rate_limit_per_h=4))
    enterprise.file(enterprise.enrolment(other))
    messages = device.row(12)
    also = other.row(12)
    third = [
        other.sign(reading(at, series="em-02/energy/total/", value=at * 7)) for at in range(12, 20)
    ]
    mixed = [*messages[:5], *messages[6:], *also[:3], *also[4:], *third]
    random.shuffle(mixed)
    for at in range(0, len(mixed), 7):
        enterprise.admit(*sorted(mixed[at : at + 7], key=lambda each: each.header.signed_at))
        enterprise.integrate()
    enterprise.file(_gap(3, 9))
    enterprise.admit(replace(device).sign(reading(9, value=2), sequence=9, previous=b"\x01" * 32))
    enterprise.integrate()
    enterprise.file(
        Correction(
            series=SERIES,
            from_s=START_S,
            to_s=START_S + QUARTER_S,
            reason="checked",
            counts=ReadingReference(entry=hash_leaf(messages[0].encoded), reading=0),
        )
    )
    enterprise.file(
        Correction(
            series=SERIES,
            from_s=START_S + QUARTER_S,
            to_s=START_S + 2 * QUARTER_S,
            reason="estimated",
            replacement=Replacement(value=9, unit="Wh", quality=Quality.ESTIMATED),
        )
    )
    enterprise.file(_closing(other, 25, b"\x02" * 32, next_kid=device.kid))
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
    enterprise.file(KeyClosing(kid=other.kid, reason=CloseReason.REVOKED, closed_index=size))


@pytest.mark.parametrize(
    "limits",
    [
        {"batch": 1},
        {"batch": 2},
        {"batch": 5},
        {"batch": 1000},
        {"batch_bytes": 1},
        {"batch_bytes": 2000},
    ],
    ids=str,
)
def test_result_does_not_depend_on_batches(
    enterprise: Enterprise, device: Device, limits: dict[str, int]
) -> None:
    """Derived again in other stretches, every row is the same."""
    _eventful_log(enterprise, device)
    before = derived_rows(enterprise.database, enterprise.log.number)
    surveyor = Surveyor(enterprise.database.unit_of_work, **limits)
    surveyor.rebuild(enterprise.log.number)

    assert all(before[name] for name in ("conflict", "correction", "message_mark", "span"))
    assert derived_rows(enterprise.database, enterprise.log.number) == before


def test_rebuilding_tells_admission(enterprise: Enterprise, device: Device) -> None:
    """What admission judges by is loaded again."""
    enterprise.accept(*device.row(2))
    with enterprise.database.reading() as uow:
        before = uow.devices.version()
    enterprise.surveyor.rebuild(enterprise.log.number)
    with enterprise.database.reading() as uow:
        assert uow.devices.version() > before


def test_long_entries_end_a_transaction_early(enterprise: Enterprise, device: Device) -> None:
    """Whoever waits for the database waits for some readings, not for 2000 messages of them."""
    messages = device.row(6)
    enterprise.admit(*messages)
    while enterprise.sequencer.integrate(enterprise.log.number, now=enterprise.now, wait=False):
        pass
    two = len(messages[0].encoded) + 1
    surveyor = Surveyor(enterprise.database.unit_of_work, batch_bytes=two)

    assert [surveyor.survey(enterprise.log.number) for _ in range(4)] == [2, 2, 2, 0]


def test_survey_stops_at_the_head(enterprise: Enterprise, device: Device) -> None:
    """Nothing new, nothing done."""
    enterprise.accept(*device.row(2))

    assert enterprise.surveyor.survey(enterprise.log.number) == 0
