"""A key or a plant that sends too much is held back alone; nobody is held back for another."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from api.app import create_app
from api.bootstrap import Ledger
from api.services import Services
from attestation.answers import Promise, parse_answer
from attestation.instants import Instant
from ledger.log.quotas import Quota
from tests.support.enterprise import OTHER_USC, USC, Device, Enterprise, reading
from tests.support.limits import ONE, OTHER, Clock, Server, clock, is_too_many, limited, serve

__all__ = ["clock", "limited", "serve"]

MESSAGES = f"/v1/logs/{USC}/messages"


def test_key_that_sends_too_much_is_held_back_alone(
    serve: Server, enterprise: Enterprise, device: Device, clock: Clock
) -> None:
    """Its messages wait; those of another key of the plant do not."""
    other = Device(name="em-02", series=("em-02/energy/total/",))
    enterprise.file(enterprise.registration("em-02/energy/total/"))
    enterprise.file(enterprise.enrolment(other))
    client = serve(key_per_s=1, key_burst=2)
    statuses = [client.post(MESSAGES, content=each.encoded).status_code for each in device.row(2)]
    third = device.sign().encoded
    held_back = client.post(MESSAGES, content=third)

    assert statuses == [202, 202]
    assert is_too_many(held_back)
    assert client.post(MESSAGES, content=other.sign().encoded).status_code == 202
    clock.at = Instant(clock.at + 1000)
    assert client.post(MESSAGES, content=third).json()["code"] == "admitted"


def test_nobody_uses_up_the_bucket_of_another_key(
    serve: Server, limited: Callable[..., Ledger], device: Device
) -> None:
    """Messages that name a key and are not signed by it do not count for it."""
    app = create_app(limited(key_per_s=1, key_burst=1))
    message = device.sign().encoded
    forged = [message[:-1] + bytes([message[-1] ^ each]) for each in range(1, 6)]
    attacker, gateway = serve(OTHER, app), serve(ONE, app)

    refused = [attacker.post(MESSAGES, content=each) for each in forged]

    assert {each.status_code for each in refused} == {422}
    assert gateway.post(MESSAGES, content=message).json()["code"] == "admitted"
    assert is_too_many(gateway.post(MESSAGES, content=message))


@pytest.fixture
def neighbours(enterprise: Enterprise, limited: Callable[..., Ledger]) -> tuple[Any, Enterprise]:
    """A server of two plants' logs that takes three messages of each at once, and its second."""
    neighbour = Enterprise(enterprise.database, usc=OTHER_USC)
    enterprise.quota = Quota(1, 3)
    enterprise.restart()
    keys = {each.origin: each.log_key for each in (enterprise, neighbour)}
    ledger = replace(limited(), admission=enterprise.admission, keys=cast(Any, KeysOf(keys)))
    return create_app(ledger), neighbour


class KeysOf:
    """The keys of some logs."""

    def __init__(self, keys: dict[str, Any]) -> None:
        self.key_of = keys.__getitem__


def test_flood_of_one_plant_does_not_delay_another(
    serve: Server, neighbours: tuple[Any, Enterprise], device: Device
) -> None:
    """The flooder is told to wait; the neighbour's message is promised and receipted at once."""
    app, neighbour = neighbours
    theirs = Device(name="em-02", origin=neighbour.origin, series=("em-02/energy/total/",))
    neighbour.enrol(theirs)
    flooder, quiet = serve(ONE, app), serve(OTHER, app)
    flood = [flooder.post(MESSAGES, content=each.encoded) for each in device.row(40)]
    found = quiet.post(f"/v1/logs/{OTHER_USC}/messages", content=theirs.sign().encoded)
    neighbour.integrate()
    answers = quiet.get(f"/v1/logs/{OTHER_USC}/answers/{theirs.kid.hex()}").json()["answers"]

    assert [each.status_code for each in flood] == [202] * 3 + [429] * 37
    assert all(is_too_many(each, "admission.throttled") for each in flood[3:])
    assert found.json()["code"] == "admitted"
    assert [each["kind"] for each in answers] == ["promise", "receipt"]


def test_nobody_uses_up_the_quota_of_another_plant(
    serve: Server, neighbours: tuple[Any, Enterprise], enterprise: Enterprise, device: Device
) -> None:
    """Garbage, forgeries and messages of keys nobody enrolled cost the plant nothing."""
    app, _ = neighbours
    message = device.sign().encoded
    for number in range(5):
        for content in (
            b"\xd2",
            message[:-1] + bytes([message[-1] ^ 1]),
            Device(f"x-{number}").sign().encoded,
        ):
            assert serve(OTHER, app).post(MESSAGES, content=content).status_code == 422
    found = serve(ONE, app).post(MESSAGES, content=message).json()
    promise = parse_answer(
        base64.b64decode(found["answer"]),
        origin=enterprise.origin,
        key=enterprise.answer_key,
    )

    assert found["code"] == "admitted"
    assert isinstance(promise, Promise)


def test_one_log_has_only_so_many_commits_under_way(serve: Server, device: Device) -> None:
    """Beyond them a gateway is sent away for a while, and nothing is kept of its message."""
    client = serve(open_submissions=1)
    services: Services = cast(Any, client.app).state.services
    message = device.sign(reading(3)).encoded
    with services.limits.submissions.open(USC):
        busy = client.post(MESSAGES, content=message)

    assert (busy.status_code, busy.json()["code"]) == (503, "api.busy")
    assert client.post(MESSAGES, content=message).json()["code"] == "admitted"
