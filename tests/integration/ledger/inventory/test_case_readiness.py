"""What a case counts as its own verifier's work, and what still stands against a sign-off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from attestation.enums import CaseStage, DrawStep, InventoryState
from attestation.instants import Instant
from ledger.cases.approvals import LEAD as LEAD_SEAT
from ledger.cases.approvals import approval_by, seats
from ledger.cases.case import Case
from ledger.cases.readiness import Point, readiness
from ledger.cases.stages import stage_of
from ledger.cases.statement import statement_document
from ledger.cases.working import read_work
from ledger.database import Database
from ledger.repositories.draws import DrawnStep
from tests.support.cases import (
    LEAD,
    OTHER_LEAD,
    OTHER_VERIFIER,
    VERIFIER,
    CaseWorld,
    address,
    party_id,
)
from tests.support.enterprise import Enterprise


@pytest.fixture
def world(sqlite_url: str) -> Iterator[CaseWorld]:
    """A case under verification with one version."""
    with Database(sqlite_url) as database:
        found = CaseWorld(Enterprise(database))
        found.put()
        found.submit()
        yield found


def draw(world: CaseWorld, *steps: DrawStep, number: int = 1, version: int = 1) -> None:
    """Let the chain tell steps of the draw of a sample."""
    with world.enterprise.database.unit_of_work() as uow:
        for step in steps:
            uow.draws.put(
                DrawnStep(
                    inventory_id=world.inventory_id,
                    at=world.place(),
                    at_s=world.now_s,
                    version=version,
                    draw=number,
                    step=step,
                    party=None,
                    word=b"\7" * 32,
                    draw_block=0,
                    reveal_until_s=0,
                    is_strict=False,
                    reason="",
                    act_digest=None,
                )
            )
        uow.commit()


def point(world: CaseWorld, name: str) -> Point:
    """Give a point of the checklist."""
    case = world.case()
    with world.enterprise.database.reading() as uow:
        found = readiness(case, read_work(uow, case))
    return next(each for each in found.points if each.name == name)


def replaced(world: CaseWorld) -> Case:
    """Assign the other verifier instead."""
    world.put(verifier=party_id(OTHER_VERIFIER), lead_verifier=address(OTHER_LEAD))
    return world.case()


def test_case_shows_the_draws_that_the_chain_tells(world: CaseWorld) -> None:
    """Every step, in order."""
    draw(world, DrawStep.NONCE_FIXED, DrawStep.PLAN_FROZEN)

    steps = [each.step for each in world.case().draws]
    assert steps == [DrawStep.NONCE_FIXED, DrawStep.PLAN_FROZEN]


def test_sample_on_its_way_is_not_ready(world: CaseWorld) -> None:
    """From the first nonce to the seed, and again where another draw was begun."""
    before = point(world, "sample.settled")
    draw(world, DrawStep.NONCE_FIXED, DrawStep.PLAN_FROZEN, DrawStep.NONCE_REVEALED)
    begun = point(world, "sample.settled")
    draw(world, DrawStep.SETTLED)
    settled = point(world, "sample.settled")
    draw(world, DrawStep.PLAN_FROZEN, number=2)
    again = point(world, "sample.settled")

    met = [each.is_met for each in (before, begun, settled, again)]
    assert met == [True, False, True, False]
    assert "draw 2" in again.english


def test_sample_of_an_older_version_is_none_of_the_newest(world: CaseWorld) -> None:
    """What was drawn of version 1 says nothing of version 2."""
    draw(world, DrawStep.SETTLED)
    world.submit(2, changed="coal")
    world.put(version=2)
    draw(world, DrawStep.NONCE_FIXED, version=2)

    assert not point(world, "sample.settled").is_met


def test_checks_that_could_not_be_made_are_named(world: CaseWorld) -> None:
    """They are not passed over as if they held."""
    found = point(world, "checks.made")

    assert "could not be made: " in found.english
    assert "evidence.signatures" in found.english
    assert "无法核对: " in found.chinese


def test_visit_of_a_former_verifier_is_not_in_the_report(world: CaseWorld) -> None:
    """Nor does it bring the case to its conclusion: the one assigned now was not there."""
    world.enterprise.file(world.visit(), secret=LEAD)
    before = world.case()
    after = replaced(world)
    document: Any = statement_document(after)

    assert stage_of(before, all_seen=True) is CaseStage.CONCLUSION
    assert stage_of(after, all_seen=True) is CaseStage.SITE_VISIT
    assert (len(after.visits), document["visits"]) == (1, [])


def test_findings_add_up_while_nobody_is_assigned(world: CaseWorld) -> None:
    """All of them, whoever raised them; not those of one verifier that chance picks."""
    world.enterprise.file(world.finding(effect_gco2e=2), secret=LEAD)
    replaced(world)
    other = world.finding(2, verifier=OTHER_VERIFIER, effect_gco2e=-5)
    world.enterprise.file(other, secret=OTHER_LEAD)
    world.put(InventoryState.SUBMITTED)

    assert world.case().uncorrected.effect_gco2e == -3


def test_approval_for_a_former_verifier_is_none_for_the_next(world: CaseWorld) -> None:
    """The same person with the same key, at another verifier now."""
    given = approval_by(world.case(), address(LEAD), is_given=True, now=Instant(1))
    assert given.party == VERIFIER
    assert seats(world.case(), [given])[0].stands
    world.put(verifier=party_id(OTHER_VERIFIER))
    seat, _ = seats(world.case(), [given])

    assert (seat.role, seat.address) == (LEAD_SEAT, address(LEAD))
    assert not seat.stands
