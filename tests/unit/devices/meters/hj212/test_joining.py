"""Parts of a packet are joined; what only looks like parts is not."""

from __future__ import annotations

import random

import pytest

from devices.hj212.joining import Joined, Kept, join_parts
from devices.hj212.logger import split_region
from devices.hj212.packets import Packet
from devices.hj212.regions import format_region
from tests.unit.devices.meters.hj212.builders import packet

NOW_S = 1_706_000_000
REGION = format_region(
    [("DataTime", "20240122170000")], [(f"a{n:05}", [("Avg", "1.5")]) for n in range(90)]
)


def parts(*, requests: bool = False, times: bool = True) -> list[Packet]:
    """Give the parts of one packet; each with its own request, or all but one without time."""
    pieces = list(split_region(REGION))
    return [
        packet(
            region=piece if times or part == 1 else piece.split(b";", 1)[1],
            request=f"2024012310150{part:04}" if requests else "20240123101501421",
            part=part,
            part_count=len(pieces),
        )
        for part, piece in enumerate(pieces, start=1)
    ]


def kept(packets: list[Packet], *, age_s: int = 0) -> list[Kept]:
    """Give packets as they were kept, in the order of arrival."""
    return [Kept(number, each, NOW_S - age_s) for number, each in enumerate(packets, start=1)]


def join(packets: list[Packet], *, age_s: int = 0) -> list[Joined]:
    """Join packets of an age, with a patience of a minute."""
    return join_parts(kept(packets, age_s=age_s), now_s=NOW_S, patience_s=60)


def test_whole_packets_pass_in_order() -> None:
    """Nothing waits for what has no siblings."""
    first, second = packet(), packet(request="20240123101501422")

    assert join([first, second]) == [Joined(first, (1,)), Joined(second, (2,))]


@pytest.mark.parametrize(
    ("requests", "times"), [(False, True), (True, True), (False, False)], ids=str
)
def test_parts_become_the_packet_that_was_split(requests: bool, times: bool) -> None:
    """Whether parts share their request or only their data time, they are one packet."""
    pieces = parts(requests=requests, times=times)
    (joined,) = join(pieces)

    assert joined.packet.region == REGION
    assert joined.packet.is_whole
    assert joined.numbers == tuple(range(1, len(pieces) + 1))
    assert len(pieces) > 1


def test_order_of_arrival_makes_no_difference() -> None:
    """Parts carry their place."""
    pieces = parts()
    random.Random(7).shuffle(pieces)

    assert join(pieces)[0].packet.region == REGION


def test_incomplete_packet_waits_and_is_then_given_as_it_is() -> None:
    """What was acknowledged is not lost, though its sibling never came."""
    first = parts()[:1]

    assert join(first) == []
    (joined,) = join(first, age_s=60)
    assert joined.packet.region == first[0].region


def test_numbered_answers_of_different_times_stay_apart() -> None:
    """Hours asked for later are numbered like parts, and are hours."""
    hours = [
        packet(region=f"DataTime=202401221{n}0000;a=1".encode(), part=n, part_count=3)
        for n in (1, 2, 3)
    ]

    assert len(join(hours, age_s=60)) == 3


def test_same_part_twice_begins_another_packet() -> None:
    """Two parts with one number are never one packet."""
    first = parts()[0]

    assert len(join([first, first], age_s=60)) == 2


def test_stations_do_not_mix() -> None:
    """Parts of two loggers with the same request are two packets."""
    one, two = parts()[0], packet(number="OTHER", region=parts()[1].region, part=2, part_count=2)

    assert len(join([one, two], age_s=60)) == 2
