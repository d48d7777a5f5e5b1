"""What counts: no second twice, nothing by itself where two speak, and every sum exact."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from attestation.enums import CloseReason, Provenance, Quality
from attestation.instants import Instant
from attestation.key_bodies import KeyClosing
from attestation.merkle import hash_leaf
from attestation.messages import SignedMessage
from attestation.readings import Reading
from attestation.series_bodies import (
    Calibration,
    Correction,
    ReadingReference,
    Replacement,
)
from ledger.errors import NotRegistered
from ledger.log.condensing import CountedSpan, counted_spans
from ledger.log.counting import CountedReading, counted_readings
from ledger.log.marks import Mark
from ledger.log.summing import Sum, standings, sums
from ledger.repositories.parties import KeySlot
from tests.support.enterprise import QUARTER_S, SERIES, START_S, Device, Enterprise, reading

OTHER = "em-02/energy/total/"
END_S = START_S + 40 * QUARTER_S


@pytest.fixture
def second(enterprise: Enterprise, device: Device) -> Device:
    """Another device that may speak of the same series."""
    del device
    other = Device(name="em-01-spare")
    enterprise.file(enterprise.enrolment(other))
    return other


def at(quarter: int) -> int:
    """Give the begin of a quarter hour."""
    return START_S + quarter * QUARTER_S


def counted(
    enterprise: Enterprise, start: int = 0, end: int = 40, series: str = SERIES
) -> list[CountedReading]:
    """Give what counts between two quarter hours."""
    with enterprise.database.reading() as uow:
        return list(counted_readings(uow, enterprise.log, series, at(start), at(end)))


def values(enterprise: Enterprise) -> dict[int, int | None]:
    """Give the value that counts by quarter hour; none may count twice."""
    found: dict[int, int | None] = {}
    for each in counted(enterprise):
        quarter = (each.reading.start_s - START_S) // QUARTER_S
        assert quarter not in found
        found[quarter] = each.reading.value
    return found


def total(enterprise: Enterprise, *bounds: int, series: str = SERIES) -> list[Sum]:
    """Sum up between quarter hours."""
    with enterprise.database.reading() as uow:
        return sums(uow, enterprise.log, series, [at(each) for each in bounds or (0, 40)])


def conflicts(enterprise: Enterprise) -> int:
    """Count the conflicts of the log."""
    with enterprise.database.reading() as uow:
        return len(uow.spans.conflicts(enterprise.log.number))


def settle(
    enterprise: Enterprise, message: SignedMessage, number: int, start: int, end: int
) -> None:
    """File a correction that names a reading."""
    enterprise.file(
        Correction(
            series=SERIES,
            from_s=at(start),
            to_s=at(end),
            reason="checked",
            counts=ReadingReference(entry=hash_leaf(message.encoded), reading=number),
        )
    )


def put(enterprise: Enterprise, value: int, start: int, end: int) -> None:
    """File a correction with a value of its own."""
    enterprise.file(
        Correction(
            series=SERIES,
            from_s=at(start),
            to_s=at(end),
            reason="estimated",
            replacement=Replacement(value=value, unit="Wh", quality=Quality.ESTIMATED),
        )
    )


def test_readings_come_back_as_they_were_signed(enterprise: Enterprise, device: Device) -> None:
    """In order of their ends, with index and number."""
    message = device.sign(reading(0), reading(1), reading(2))
    enterprise.accept(message)
    found = counted(enterprise)

    assert tuple(each.reading for each in found) == message.readings
    assert [each.number for each in found] == [0, 1, 2]


@pytest.mark.parametrize("value", [5, 6], ids=["equal", "different"])
def test_two_that_speak_of_one_interval_are_neither_counted(
    enterprise: Enterprise, device: Device, second: Device, value: int
) -> None:
    """Equal values too: nobody can say whether it was measured twice or copied."""
    enterprise.accept(*device.row(3))
    enterprise.accept(second.sign(reading(1, value=value)))

    assert values(enterprise) == {0: 5, 2: 5}
    assert conflicts(enterprise) == 1


def test_conflict_is_found_within_a_batch(
    enterprise: Enterprise, device: Device, second: Device
) -> None:
    """Two messages that are surveyed together know each other."""
    enterprise.accept(device.sign(reading(1)), second.sign(reading(1)))

    assert values(enterprise) == {}


def test_same_key_conflicts_with_itself(enterprise: Enterprise, device: Device) -> None:
    """Sending an interval again under a new number counts nothing twice."""
    enterprise.accept(device.sign(reading(0)), device.sign(reading(0)), device.sign(reading(1)))

    assert values(enterprise) == {1: 5}


def test_file_conflicts_with_the_meter(enterprise: Enterprise, device: Device) -> None:
    """An imported row over a measured interval contradicts it."""
    enterprise.accept(device.sign(reading(0)))
    imported = replace(reading(0), source_file=b"f" * 32, source_row=1)
    enterprise.accept(device.sign(imported, provenance=Provenance.IMPORT))

    assert values(enterprise) == {}


def test_overlap_in_part_is_a_conflict(
    enterprise: Enterprise, device: Device, second: Device
) -> None:
    """An hour over one of its quarters: the hour and that quarter do not count."""
    enterprise.accept(*device.row(1), device.sign(reading(6)))
    enterprise.accept(second.sign(reading(3, interval_s=4 * QUARTER_S)))

    assert values(enterprise) == {6: 5}


def test_conflict_takes_only_the_readings_it_touches(
    enterprise: Enterprise, device: Device, second: Device
) -> None:
    """The rest of a long message counts."""
    enterprise.accept(device.sign(*(reading(each) for each in range(10))))
    enterprise.accept(second.sign(reading(3), reading(4)))

    assert sorted(values(enterprise)) == [0, 1, 2, 5, 6, 7, 8, 9]


def test_neighbouring_intervals_do_not_conflict(
    enterprise: Enterprise, device: Device, second: Device
) -> None:
    """The end of one is the begin of the next."""
    enterprise.accept(device.sign(reading(0)), second.sign(reading(1)))

    assert values(enterprise) == {0: 5, 1: 5}


def test_other_series_do_not_conflict(enterprise: Enterprise, device: Device) -> None:
    """One time, two series."""
    other = Device(name="em-02", series=(OTHER,))
    enterprise.file(enterprise.registration(OTHER))
    enterprise.file(enterprise.enrolment(other))
    enterprise.accept(device.sign(reading(0)), other.sign())

    assert conflicts(enterprise) == 0


def test_correction_names_the_one_that_counts(
    enterprise: Enterprise, device: Device, second: Device
) -> None:
    """The later of two, if the enterprise says so; it is shown as corrected."""
    message = second.sign(reading(1, value=9))
    enterprise.accept(*device.row(3), message)
    settle(enterprise, message, 0, 1, 2)
    found = {each.reading.start_s: each.marks for each in counted(enterprise)}

    assert values(enterprise) == {0: 5, 1: 9, 2: 5}
    assert Mark.CORRECTED in found[at(1)]
    assert Mark.CORRECTED not in found[at(0)]


def test_newest_correction_counts(enterprise: Enterprise, device: Device, second: Device) -> None:
    """Who corrects a correction corrects it."""
    first, other = device.sign(reading(1)), second.sign(reading(1, value=9))
    enterprise.accept(first, other)
    settle(enterprise, other, 0, 1, 2)
    settle(enterprise, first, 0, 1, 2)

    assert values(enterprise) == {1: 5}


def test_third_message_does_not_undo_a_correction(
    enterprise: Enterprise, device: Device, second: Device
) -> None:
    """Over corrected seconds nothing else counts, whatever comes later."""
    first = device.sign(reading(1))
    enterprise.accept(first, second.sign(reading(1)))
    settle(enterprise, first, 0, 1, 2)
    enterprise.accept(second.sign(reading(1, value=9), at=Instant(at(9) * 1000)))

    assert values(enterprise) == {1: 5}


def test_replacement_takes_the_place_of_what_was_measured(
    enterprise: Enterprise, device: Device
) -> None:
    """It counts with its quality, and the measured value does not."""
    enterprise.accept(*device.row(3))
    put(enterprise, 70, 1, 2)
    (replacement,) = [each for each in counted(enterprise) if each.reading.value == 70]

    assert values(enterprise) == {0: 5, 1: 70, 2: 5}
    assert replacement.reading.quality is Quality.ESTIMATED
    assert replacement.marks == {Mark.CORRECTED}


def test_replacement_fills_a_gap(enterprise: Enterprise, device: Device) -> None:
    """Where nothing was said, the signed value counts."""
    messages = device.row(3)
    enterprise.accept(messages[0], messages[2])
    put(enterprise, 70, 1, 2)

    assert values(enterprise) == {0: 5, 1: 70, 2: 5}


def test_replacement_over_several_readings_stands_for_all(
    enterprise: Enterprise, device: Device
) -> None:
    """One value for an hour, and none of its quarters."""
    enterprise.accept(*device.row(6))
    put(enterprise, 70, 1, 5)

    assert values(enterprise) == {0: 5, 1: 70, 5: 5}


def test_replacement_that_is_partly_overruled_does_not_count(
    enterprise: Enterprise, device: Device
) -> None:
    """Nobody can say which part of its value is left."""
    enterprise.accept(*device.row(6))
    put(enterprise, 70, 1, 5)
    put(enterprise, 80, 2, 3)

    assert values(enterprise) == {0: 5, 2: 80, 5: 5}


def test_message_of_a_closed_key_does_not_count_nor_contradict(
    enterprise: Enterprise, device: Device, second: Device
) -> None:
    """What a thief says takes nothing away from what the device says."""
    enterprise.accept(*device.row(3))
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
    closing = KeyClosing(kid=second.kid, reason=CloseReason.REVOKED, closed_index=size + 1)
    enterprise.submit(closing)
    enterprise.accept(second.sign(reading(1)), second.sign(reading(8)))

    assert values(enterprise) == {0: 5, 1: 5, 2: 5}


def test_reading_without_a_value_counts_as_missing(enterprise: Enterprise, device: Device) -> None:
    """It says why; it is neither zero nor covered."""
    said = replace(reading(1), value=None, quality=Quality.FAULT)
    enterprise.accept(device.sign(reading(0), said, reading(2)))
    (found,) = total(enterprise, 0, 3)

    assert (found.total, found.count, found.without_value) == (10, 2, 1)
    assert found.missing_s == QUARTER_S


def test_calibration_is_judged_by_interval(enterprise: Enterprise, device: Device) -> None:
    """A certificate may be filed later; half an interval outside is outside."""
    enterprise.accept(*device.row(4))
    enterprise.file(
        Calibration(
            instrument="em-01",
            certificate_number="C-1",
            laboratory="laboratory",
            from_s=at(1),
            to_s=at(3) - 1,
            accuracy_class="0.5S",
        )
    )
    outside = [Mark.OUT_OF_CALIBRATION in each.marks for each in counted(enterprise)]

    assert outside == [True, False, True, True]


def test_provenance_is_shown(enterprise: Enterprise, device: Device) -> None:
    """Back-filled and imported readings say so."""
    imported = replace(reading(2), source_file=b"f" * 32, source_row=1)
    enterprise.accept(
        device.sign(reading(0)),
        device.sign(reading(1), provenance=Provenance.BACK_FILL),
        device.sign(imported, provenance=Provenance.IMPORT),
    )
    marks = [each.marks - {Mark.OUT_OF_CALIBRATION} for each in counted(enterprise)]

    assert marks == [set(), {Mark.BACK_FILLED}, {Mark.IMPORTED}]


def test_suspected_key_is_marked_from_its_index(enterprise: Enterprise, device: Device) -> None:
    """Suspicion marks readings and removes none."""
    enterprise.accept(*device.row(3))
    with enterprise.database.unit_of_work() as uow:
        size = uow.heads.get(enterprise.log.number).size
        slot = KeySlot(enterprise.log.log_id, device.kid, -19, 0, b"", b"")
        uow.parties.put_slot(replace(slot, compromised_since=size - 1))
        uow.commit()
    marks = [Mark.SUSPECTED in each.marks for each in counted(enterprise)]

    assert marks == [False, False, True]
    assert total(enterprise, 0, 3)[0].marked[Mark.SUSPECTED] == 1


def test_only_what_reaches_into_the_stretch_is_given(
    enterprise: Enterprise, device: Device
) -> None:
    """Neighbours before and after are left out, a reading across the edge is not."""
    enterprise.accept(device.sign(*(reading(each) for each in range(6))))
    with enterprise.database.reading() as uow:
        found = list(counted_readings(uow, enterprise.log, SERIES, at(2) + 1, at(4)))

    assert [each.reading.start_s for each in found] == [at(2), at(3)]


def test_unknown_series_is_an_error(enterprise: Enterprise) -> None:
    """A series that is not there has no sum of zero."""
    with pytest.raises(NotRegistered, match="em-02"):
        total(enterprise, series=OTHER)


def test_sums_are_cut_at_the_bounds(enterprise: Enterprise, device: Device) -> None:
    """A message that spans several stretches is divided by reading."""
    enterprise.accept(device.sign(*(reading(each, value=each) for each in range(8))))
    found = total(enterprise, 0, 3, 4, 8, 9)

    assert [each.total for each in found] == [3, 3, 22, 0]
    assert [each.missing_s for each in found] == [0, 0, 0, QUARTER_S]


def test_reading_across_a_bound_is_in_no_sum(enterprise: Enterprise, device: Device) -> None:
    """It is named on both sides."""
    enterprise.accept(device.sign(reading(0)), device.sign(reading(4, interval_s=4 * QUARTER_S)))
    found = total(enterprise, 0, 3, 6)

    assert [(each.total, each.across) for each in found] == [(5, 1), (0, 1)]


def test_values_of_different_scale_are_added_exactly(enterprise: Enterprise) -> None:
    """Tenths and thousandths make thousandths."""
    name = "em-01/temperature/total/"
    device = Device(series=(name,))
    enterprise.register_authority()
    enterprise.file(enterprise.registration(name, unit="Cel"))
    enterprise.file(enterprise.enrolment(device))
    readings = [
        Reading(name, at(1), QUARTER_S, 15, "Cel", scale=1),
        Reading(name, at(2), QUARTER_S, 2001, "Cel", scale=3),
    ]
    enterprise.accept(device.sign(*readings))
    (found,) = total(enterprise, 0, 2, series=name)

    assert (found.total, found.scale) == (3501, 3)


def test_sum_beyond_64_bits_is_exact(enterprise: Enterprise) -> None:
    """Sums do not wrap around."""
    device = Device()
    enterprise.register_authority()
    enterprise.file(enterprise.registration(maximum=2**63 - 1))
    enterprise.file(enterprise.enrolment(device))
    largest = [reading(each, value=2**63 - 1) for each in range(3)]
    enterprise.accept(device.sign(*largest), device.sign(reading(3)))

    assert total(enterprise)[0].total == 3 * (2**63 - 1) + 5


def test_bounds_must_ascend(enterprise: Enterprise, device: Device) -> None:
    """A stretch has a length."""
    del device
    with pytest.raises(ValueError, match="ascend"):
        total(enterprise, 3, 3)


@pytest.fixture
def register(enterprise: Enterprise) -> Device:
    """A device that reads a register."""
    enrolled = Device()
    enterprise.register_authority()
    enterprise.file(enterprise.registration(register=True))
    enterprise.file(enterprise.enrolment(enrolled))
    return enrolled


def standing(quarter: int, value: int) -> Reading:
    """Give a register's standing at the begin of a quarter hour."""
    return Reading(SERIES, at(quarter), 0, value, "Wh", register=True)


def test_register_is_read_at_the_instants_asked_for(
    enterprise: Enterprise, register: Device
) -> None:
    """Where nobody read it, nothing is said."""
    enterprise.accept(register.sign(*(standing(each, 100 + each) for each in (1, 2, 3))))
    with enterprise.database.reading() as uow:
        found = standings(uow, enterprise.log, SERIES, [at(1), at(3), at(4)])

    assert [each and each.reading.value for each in found] == [101, 103, None]


def test_register_with_two_standings_at_one_instant_says_nothing(
    enterprise: Enterprise, register: Device
) -> None:
    """A conflict is not resolved by taking one."""
    enterprise.accept(register.sign(standing(1, 5)), register.sign(standing(1, 6)))
    with enterprise.database.reading() as uow:
        assert standings(uow, enterprise.log, SERIES, [at(1)]) == [None]


def test_register_is_not_summed(enterprise: Enterprise, register: Device) -> None:
    """Adding up standings makes no amount."""
    del register
    with pytest.raises(ValueError, match="differences"):
        total(enterprise)


@pytest.mark.parametrize("seed", range(4))
def test_what_counts_is_what_a_plain_model_says(
    enterprise: Enterprise, device: Device, second: Device, seed: int
) -> None:
    """Every second of every reading: alone it counts, with another it does not."""
    random = Random(seed)
    said: list[Reading] = []
    for signer in (device, second):
        for _ in range(6):
            start, length = random.randrange(30), random.randrange(1, 4)
            width = random.choice((1, 1, 2))
            row = [
                reading(start + (each + 1) * width - 1, interval_s=width * QUARTER_S)
                for each in range(length)
            ]
            sent = signer.sign(*row, at=Instant(at(40) * 1000), provenance=Provenance.BACK_FILL)
            enterprise.accept(sent)
            said += row

    def alone(one: Reading) -> bool:
        others = [each for each in said if each is not one]
        return all(one.end_s <= each.start_s or each.end_s <= one.start_s for each in others)

    expected = sorted((each for each in said if alone(each)), key=lambda each: each.end_s)
    found = counted(enterprise)
    assert [each.reading for each in found] == expected
    assert total(enterprise)[0].total == 5 * len(expected)
    assert sum(each.total for each in total(enterprise, *range(0, 41, 10))) <= 5 * len(expected)
    assert kept_together(enterprise) == sorted(
        (each.reading.end_s, each.reading.interval_s, each.reading.value, each.marks)
        for each in found
    )


def test_readings_of_one_message_are_kept_together(enterprise: Enterprise, device: Device) -> None:
    """A row is one, with its sum; where a bound or a correction cuts it, it is told apart."""
    enterprise.accept(device.sign(*(reading(each, value=each) for each in range(6))))
    whole = spans(enterprise)
    put(enterprise, 9, 5, 6)

    assert [(each.total, each.span.count) for each in whole] == [(15, 6)]
    assert spans(enterprise) == []
    assert [each.total for each in spans(enterprise, 0, 3)] == []


def spans(enterprise: Enterprise, start: int = 0, end: int = 40) -> list[CountedSpan]:
    """Give what counts and is kept together."""
    with enterprise.database.reading() as uow:
        found = counted_spans(uow, enterprise.log, SERIES, at(start), at(end))
        return [each for each in found if isinstance(each, CountedSpan)]


def kept_together(
    enterprise: Enterprise,
) -> list[tuple[int, int, int | None, frozenset[Mark]]]:
    """Give what counts by `counted_spans`, told apart again; sums are those of the readings."""
    found = []
    with enterprise.database.reading() as uow:
        for each in counted_spans(uow, enterprise.log, SERIES, at(0), at(40)):
            if isinstance(each, CountedSpan):
                assert each.total == 5 * each.span.count
                rows = each.span.occupied(each.span.start_s, each.span.end_s)
                found += [(end, end - start, 5, each.marks) for start, end in rows]
            else:
                row = each.reading
                found.append((row.end_s, row.interval_s, row.value, each.marks))
    return sorted(found)
