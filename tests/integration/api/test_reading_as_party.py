"""Parties read by their sessions what the policy lets them, of real logs and their files."""

from __future__ import annotations

from typing import cast

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Ledger
from attestation.enums import InventoryState, PartyKind
from attestation.instants import Instant
from tests.fakes.clock import FixedClock
from tests.support.access import (
    CITY,
    LABORATORY,
    NEIGHBOUR,
    OTHER_CITY,
    OTHER_VERIFIER,
    OWNER,
    PROVINCE,
    VERIFIER,
    Person,
    person,
    put_case,
    register,
    remove,
    signed_in,
)
from tests.support.enterprise import APPROVER, OTHER_USC, USC, Enterprise
from tests.support.samples import laboratory, report, sample

LOG = f"/v1/logs/{USC}"
GUARDED = (
    f"{LOG}/entries/3",
    f"{LOG}/entries/3/bundle",
    f"{LOG}/devices",
    f"{LOG}/events",
    f"{LOG}/inventories",
    f"{LOG}/holdings",
    f"{LOG}/evidence/months?year=2025",
    f"{LOG}/evidence/samples",
    f"/log/{USC}/tile/entries/000.p/6",
)
TESTER = person("91310000MA1EXAMP5G", PartyKind.LABORATORY)


@pytest.fixture(autouse=True)
def _people(enterprise: Enterprise) -> None:
    register(enterprise.database)
    register(enterprise.database, TESTER)


def met(client: TestClient, who: Person) -> set[int]:
    """Ask for everything that is guarded, and give the different answers."""
    header = signed_in(client, who)
    return {client.get(path, headers=header).status_code for path in GUARDED}


@pytest.mark.parametrize("who", [OWNER, VERIFIER, PROVINCE, CITY])
def test_those_whose_business_it_is_read(
    client: TestClient, enterprise: Enterprise, who: Person
) -> None:
    """The owner, the verifier of an open case, and the authorities of the area read all of it."""
    put_case(enterprise.database)

    assert met(client, who) == {200}


@pytest.mark.parametrize("who", [NEIGHBOUR, OTHER_VERIFIER, OTHER_CITY, LABORATORY])
def test_those_whose_business_it_is_not_read_nothing(
    client: TestClient, enterprise: Enterprise, who: Person
) -> None:
    """Another enterprise, verifier, area and laboratory are refused all of it."""
    put_case(enterprise.database)

    assert met(client, who) == {403}


def test_nobody_is_asked_who_they_are(client: TestClient) -> None:
    """Without anything shown, everything guarded is refused as such."""
    assert {client.get(path).status_code for path in GUARDED} == {401}


def test_verifier_reads_nothing_before_and_after_the_case(
    client: TestClient, enterprise: Enterprise
) -> None:
    """A verifier that is not named yet, or whose case is confirmed, reads no entries."""
    put_case(enterprise.database, InventoryState.SUBMITTED, block=1, verifier=None)
    before = met(client, VERIFIER)
    put_case(enterprise.database, InventoryState.CONFIRMED, block=2)

    assert (before, met(client, VERIFIER)) == ({403}, {403})


def test_laboratory_sees_the_samples_it_reported_on(
    client: TestClient, enterprise: Enterprise
) -> None:
    """Of two samples a laboratory sees its own, no alarm, and nothing else of the enterprise."""
    key = "0x" + TESTER.address.hex()
    enterprise.file(laboratory(code=TESTER.code, key=key), secret=APPROVER)
    enterprise.file(sample("c-03"))
    enterprise.file(sample("c-04"))
    enterprise.file(report("c-03", laboratory=TESTER.code), secret=TESTER.secret)
    header = signed_in(client, TESTER)

    found = client.get(f"{LOG}/evidence/samples", headers=header).json()
    other = client.get(f"{LOG}/evidence/samples?sample=c-04", headers=header)
    months = client.get(f"{LOG}/evidence/months?year=2024", headers=header)

    assert [each["sample"] for each in found["samples"]] == ["c-03"]
    assert found["alarms"] == []
    assert (other.status_code, months.status_code) == (404, 403)


def test_stream_shows_only_what_is_reached(client: TestClient, enterprise: Enterprise) -> None:
    """A stream has the events of the caller's logs and of no other."""
    Enterprise(enterprise.database, usc=OTHER_USC).register_authority()
    header = signed_in(client, OWNER, resources=(f"urn:carbonseal:party:{USC}",))

    own = client.get("/v1/events?after=0&until_s=0", headers=header).text
    theirs = client.get("/v1/events?after=0&until_s=0", headers=signed_in(client, NEIGHBOUR)).text

    assert USC in own
    assert OTHER_USC not in own
    assert USC not in theirs


def test_followed_logs_are_noted_once(client: TestClient, enterprise: Enterprise) -> None:
    """Whoever follows another's log is noted once a stream, not once a second."""
    put_case(enterprise.database)
    header = signed_in(client, VERIFIER)

    client.get("/v1/events?after=0&until_s=1", headers=header)

    with enterprise.database.reading() as uow:
        assert [each.action for each in uow.reads.listed()] == ["events.read"]


def test_stream_ends_with_the_representative(
    client: TestClient, ledger: Ledger, enterprise: Enterprise
) -> None:
    """Whoever is removed on the chain is not told another thing."""
    header = signed_in(client, OWNER)
    remove(enterprise.database, OWNER, at_s=0)
    clock = cast(FixedClock, ledger.clock)
    clock.instant = Instant(clock.instant + 1000)

    assert client.get("/v1/events?after=0", headers=header).status_code == 401


def test_broken_session_is_no_hindrance_to_what_is_public(client: TestClient) -> None:
    """A broken session does not keep anybody from what is public."""
    broken = {"authorization": "Bearer css_x"}

    assert client.get(f"/log/{USC}/tile/0/000.p/6", headers=broken).status_code == 200
    assert client.get(f"{LOG}/entries/3", headers=broken).status_code == 401
