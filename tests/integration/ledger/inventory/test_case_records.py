"""Findings and site visits as records of a log: who may say what of a case, and when."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from attestation.case_bodies import Anchor, Estimate
from attestation.enums import (
    FindingConclusion,
    FindingKind,
    FindingState,
    InventoryState,
    RepresentativeRole,
)
from attestation.key_bodies import Successor
from attestation.merkle import hash_leaf
from attestation.notes import NoteSigner
from attestation.record_bodies import Body
from attestation.series_bodies import Gap
from ledger.database import Database
from ledger.log.decisions import Admitted, Decision, Refused
from ledger.log.succession import succeed
from ledger.repositories.chain_inventories import ChainAct
from ledger.repositories.parties import Representative
from tests.support.cases import (
    DAY_S,
    LEAD,
    OTHER_LEAD,
    OTHER_VERIFIER,
    REVIEWER,
    CaseWorld,
    address,
    party_id,
)
from tests.support.enterprise import (
    APPROVER,
    INITIATOR,
    LABORATORY,
    OPERATOR,
    SERIES,
    STRANGER,
    Device,
    Enterprise,
)


@pytest.fixture
def world(sqlite_url: str) -> Iterator[CaseWorld]:
    """A case under verification, in the log of an enterprise with a meter."""
    with Database(sqlite_url) as database:
        yield opened(database)


def opened(database: Database) -> CaseWorld:
    """Open a case under verification."""
    enterprise = Enterprise(database)
    enterprise.enrol(Device())
    found = CaseWorld(enterprise)
    found.put()
    found.put_version()
    return found


def require_refused(decision: Decision, code: str, detail: str) -> None:
    """Check that a record was not admitted, for this reason."""
    assert isinstance(decision, Refused), decision
    assert (decision.code, detail in decision.detail) == (code, True), decision.detail


def test_finding_is_raised_answered_closed_and_opened_again(world: CaseWorld) -> None:
    """Each by whom it belongs to; the finding's state follows."""
    file, states = world.enterprise.file, [FindingState.OPEN]
    file(world.finding(), secret=LEAD)
    file(world.response(), secret=INITIATOR)
    states.append(world.thread().state)
    file(world.closing(), secret=REVIEWER)
    states.append(world.thread().state)
    file(world.reopening(), secret=LEAD)
    states.append(world.thread().state)

    assert states == [
        FindingState.OPEN,
        FindingState.ANSWERED,
        FindingState.CLOSED,
        FindingState.OPEN,
    ]
    assert world.thread().due_s == world.now_s + DAY_S


REFUSED: tuple[tuple[dict[str, Any], bytes, str, str], ...] = (
    ({}, APPROVER, "admission.unknown_signer", "may not sign"),
    ({}, STRANGER, "admission.unknown_signer", "may not sign"),
    ({}, LABORATORY, "admission.unknown_signer", "may not sign"),
    ({}, OTHER_LEAD, "admission.unknown_signer", "does not speak for verifier"),
    (
        {"verifier": OTHER_VERIFIER},
        OTHER_LEAD,
        "admission.unknown_signer",
        "is not assigned",
    ),
    ({"number": 2}, LEAD, "admission.record", "1 is the next"),
    ({"version": 2}, LEAD, "admission.not_registered", "was not submitted"),
    (
        {"inventory": sha256(b"other").digest()},
        LEAD,
        "admission.not_registered",
        "no inventory",
    ),
    ({"anchor": Anchor(entry=999)}, LEAD, "admission.not_registered", "entry 999"),
    (
        {"anchor": Anchor(series="em-9/energy/total/", from_s=1, to_s=2)},
        LEAD,
        "admission.not_registered",
        "is not registered",
    ),
)
"""What is changed of a good finding, who signs it, the code and a word of the refusal."""


def test_finding_that_nobody_may_raise_is_refused(world: CaseWorld) -> None:
    """Another party, another number, a version, inventory or place that is not there."""
    for changes, secret, code, detail in REFUSED:
        decision = world.enterprise.submit(world.finding(**changes), secret=secret)
        require_refused(decision, code, detail)


def test_finding_from_the_future_is_refused(world: CaseWorld) -> None:
    """A second that is still to come."""
    body = world.finding(raised_s=world.now_s + 1)

    require_refused(world.enterprise.submit(body, secret=LEAD), "admission.record", "to come")


def test_finding_is_raised_during_verification_only(world: CaseWorld) -> None:
    """Neither before a verifier is assigned nor after it stated its opinion."""
    for state in (InventoryState.SUBMITTED, InventoryState.VERIFIED, InventoryState.CONFIRMED):
        world.put(state, verifier=party_id("91110000MA01EXAM36"))
        decision = world.enterprise.submit(world.finding(), secret=LEAD)
        require_refused(decision, "admission.record", "not under verification")


def test_verifier_that_was_replaced_raises_nothing_but_closes_its_own(world: CaseWorld) -> None:
    """After a reassignment only the author's party says how its finding ended."""
    world.enterprise.file(world.finding(), secret=LEAD)
    world.put(verifier=party_id(OTHER_VERIFIER), lead_verifier=address(OTHER_LEAD))

    decision = world.enterprise.submit(world.finding(2), secret=LEAD)
    other = world.enterprise.submit(world.closing(), secret=OTHER_LEAD)

    require_refused(decision, "admission.unknown_signer", "is not assigned")
    require_refused(other, "admission.unknown_signer", "does not speak for verifier")
    world.enterprise.file(world.closing(), secret=REVIEWER)


def test_representative_who_was_removed_says_nothing(world: CaseWorld) -> None:
    """A key that the chain took out of force signs no finding."""
    with world.enterprise.database.unit_of_work() as uow:
        uow.parties.put_representative(
            Representative(
                party_id("91110000MA01EXAM36"),
                address(LEAD),
                sha256(LEAD).digest(),
                RepresentativeRole.NONE,
                world.now_s - 1,
            )
        )
        uow.commit()

    decision = world.enterprise.submit(world.finding(), secret=LEAD)

    require_refused(decision, "admission.unknown_signer", "may not sign")


def test_finding_is_superseded_until_somebody_answers(world: CaseWorld) -> None:
    """A number is used once; a mistake is put right by superseding, until it is answered."""
    file = world.enterprise.file
    file(world.finding(), secret=LEAD)
    first = world.leaf()
    again = world.finding(title="coal of January, belt scale B1")
    refused = world.enterprise.submit(again, secret=LEAD)
    supersede(world, again, first)
    file(world.response(), secret=APPROVER)
    late = submit_superseding(world, world.finding(title="late"), world.leaf())

    require_refused(refused, "admission.record", "used once")
    assert world.thread().finding.body.title == "coal of January, belt scale B1"
    require_refused(late, "admission.record", "answered or closed")


def test_finding_of_another_number_takes_nobodys_place(world: CaseWorld) -> None:
    """A second finding that names the first as superseded hides nothing."""
    world.enterprise.file(world.finding(), secret=LEAD)
    supersede(world, world.finding(2), world.leaf())

    assert [each.number for each in world.case().threads] == [1, 2]


def submit_superseding(
    world: CaseWorld, body: Body, superseded: bytes, *, secret: bytes = LEAD
) -> Decision:
    """Submit a record that supersedes another."""
    content = world.enterprise.record(body, secret=secret, supersedes=[superseded])
    return world.enterprise.records.admit_record(
        world.enterprise.log.number, content, now=world.enterprise.now
    )


def supersede(world: CaseWorld, body: Body, superseded: bytes) -> None:
    """File a record of the lead verifier that supersedes another."""
    assert isinstance(submit_superseding(world, body, superseded), Admitted)
    world.enterprise.integrate()


def test_response_names_records_that_came_after(world: CaseWorld) -> None:
    """A correction that was filed since is named; one from before, or of nobody, is not."""
    gap = Gap(series=SERIES, from_s=world.now_s - 900, to_s=world.now_s, cause="exchange")
    before = leaf_of(world, gap)
    world.enterprise.file(world.finding(), secret=LEAD)
    after = leaf_of(world, Gap(series=SERIES, from_s=1, to_s=2, cause="other"))

    early = world.enterprise.submit(world.response(corrections=(before,)))
    unknown = world.enterprise.submit(world.response(corrections=(after, b"\1" * 32)))

    for decision in (early, unknown):
        require_refused(decision, "admission.not_registered", "came after the finding")
    world.enterprise.file(world.response(corrections=(after,)))
    assert world.thread().state is FindingState.ANSWERED


def test_version_that_puts_right_came_after_the_one_with_the_finding(world: CaseWorld) -> None:
    """The version in which something was found cannot be what corrects it."""
    world.enterprise.file(world.finding(), secret=LEAD)
    same = world.enterprise.submit(world.response(version=1))
    world.put_version(2)
    world.put(version=2)

    require_refused(same, "admission.record", "puts nothing right")
    world.enterprise.file(world.response(version=2))
    assert world.thread().state is FindingState.ANSWERED


def test_visit_does_not_begin_before_the_case(world: CaseWorld) -> None:
    """A second before the enterprise drafted the inventory nobody was there for it."""
    drafted_s = world.now_s - DAY_S
    act = ChainAct(
        inventory_id=world.inventory_id,
        tx_hash=b"t" * 32,
        name="InventoryDraft",
        digest=b"d" * 32,
        signers={},
        state_before=InventoryState.NONE,
        state_after=InventoryState.DRAFTED,
        state_hash=b"s" * 32,
        version=0,
        reason="",
        document_hash=None,
        fields=None,
        at=world.place(),
        at_s=drafted_s,
    )
    with world.enterprise.database.unit_of_work() as uow:
        uow.chain_inventories.put_act(act)
        uow.commit()
    early = world.visit(from_s=drafted_s - 1)
    decision = world.enterprise.records.admit_record(
        world.enterprise.log.number,
        world.enterprise.record(early, secret=LEAD),
        now=world.enterprise.now,
    )

    require_refused(decision, "admission.record", "before the case did")
    world.enterprise.file(world.visit(from_s=drafted_s), secret=LEAD)


def leaf_of(world: CaseWorld, body: Body) -> bytes:
    """File a record and give its leaf hash."""
    index = world.enterprise.file(body)
    with world.enterprise.database.reading() as uow:
        return hash_leaf(uow.entries.get(world.enterprise.log.number, index).content)


def test_closed_finding_is_neither_answered_nor_closed_again(world: CaseWorld) -> None:
    """What is closed stays so until it is opened again, by the closing that stands."""
    world.enterprise.file(world.finding(), secret=LEAD)
    early = world.enterprise.submit(world.reopening(), secret=LEAD)
    world.enterprise.file(world.closing(), secret=LEAD)

    for body, secret in ((world.response(), APPROVER), (world.closing(), LEAD)):
        decision = world.enterprise.submit(body, secret=secret)
        require_refused(decision, "admission.record", "is closed")
    require_refused(early, "admission.record", "not closed by the record")


def test_response_names_the_finding_that_stands(world: CaseWorld) -> None:
    """Another leaf hash under the right number is not the finding."""
    world.enterprise.file(world.finding(), secret=LEAD)

    decision = world.enterprise.submit(world.response(finding=b"\2" * 32))

    require_refused(decision, "admission.not_registered", "no finding 1")


def test_two_findings_of_one_number_are_told_apart(world: CaseWorld) -> None:
    """Handed in at one moment, both stand; each is closed by its own leaf hash."""
    both = [world.finding(), world.finding(title="another")]
    decisions = [world.enterprise.submit(body, secret=LEAD) for body in both]
    world.enterprise.integrate()
    leaves = [each.finding.place.leaf_hash for each in world.case().threads]
    world.enterprise.file(world.closing(finding=leaves[0]), secret=LEAD)
    other = world.enterprise.submit(world.closing(number=2, finding=leaves[1]), secret=LEAD)

    assert all(isinstance(each, Admitted) for each in decisions)
    require_refused(other, "admission.record", "is of finding 1, not 2")
    assert [each.state for each in world.case().threads] == [
        FindingState.CLOSED,
        FindingState.OPEN,
    ]


def test_site_visit_is_the_assigned_verifiers(world: CaseWorld) -> None:
    """The assigned verifier records it; another does not, and nobody a visit still to come."""
    decisions = [
        world.enterprise.submit(world.visit(verifier=OTHER_VERIFIER), secret=OTHER_LEAD),
        world.enterprise.submit(world.visit(to_s=world.now_s + 1), secret=LEAD),
    ]
    world.enterprise.file(world.visit(), secret=REVIEWER)

    require_refused(decisions[0], "admission.unknown_signer", "is not assigned")
    require_refused(decisions[1], "admission.record", "to come")
    assert len(world.case().visits) == 1


def test_visit_of_another_verifier_is_not_replaced(world: CaseWorld) -> None:
    """Who comes after may add a visit of its own, and nothing else."""
    index = world.enterprise.file(world.visit(), secret=LEAD)
    with world.enterprise.database.reading() as uow:
        first = hash_leaf(uow.entries.get(world.enterprise.log.number, index).content)
    world.put(verifier=party_id(OTHER_VERIFIER), lead_verifier=address(OTHER_LEAD))
    body = world.visit(verifier=OTHER_VERIFIER)
    decision = submit_superseding(world, body, first, secret=OTHER_LEAD)
    world.enterprise.file(body, secret=OTHER_LEAD)

    require_refused(decision, "admission.unknown_signer", "not another's to replace")
    assert len(world.case().visits) == 2


def test_effects_that_are_not_put_right_add_up(world: CaseWorld) -> None:
    """An estimate stands in place of the stated effect; what nobody states is named, not zero."""
    file = world.enterprise.file
    short = FindingConclusion.NOT_CORRECTED
    estimate = Estimate(formula="1000 x 2.1", amount_gco2e=2100, difference_gco2e=700)
    bodies = [
        world.finding(1, effect_gco2e=-300),
        world.finding(2, effect_gco2e=5000),
        world.finding(3, effect_gco2e=None),
        world.finding(4, effect_gco2e=9999),
        world.finding(5, effect_gco2e=8888, kind=FindingKind.RECOMMENDATION),
    ]
    for body in bodies:
        file(body, secret=LEAD)
    file(world.closing(2, conclusion=short, estimate=estimate), secret=LEAD)
    file(world.closing(4), secret=LEAD)
    found = world.case().uncorrected

    assert (found.effect_gco2e, found.unknown, found.is_complete) == (400, (3,), False)


def test_findings_are_derived_again_from_the_log(world: CaseWorld) -> None:
    """Forgotten and surveyed anew, the same findings stand."""
    world.enterprise.file(world.finding(), secret=LEAD)
    world.enterprise.file(world.response())
    before = world.case().threads
    world.enterprise.surveyor.rebuild(world.enterprise.log.number)

    assert world.case().threads == before


def test_case_goes_on_in_the_log_that_continues_another(world: CaseWorld) -> None:
    """A finding of the closed log is answered and closed in its successor."""
    enterprise = world.enterprise
    enterprise.file(world.finding(), secret=LEAD)
    continue_log(enterprise)
    enterprise.file(world.response())
    answered = world.thread().state
    enterprise.file(world.closing(), secret=LEAD)
    enterprise.file(world.finding(2), secret=LEAD)

    assert answered is FindingState.ANSWERED
    assert [each.state for each in world.case().threads] == [
        FindingState.CLOSED,
        FindingState.OPEN,
    ]


def continue_log(enterprise: Enterprise) -> None:
    """Close the log at its size, and go on in its successor."""
    old, origin = enterprise.log, f"{enterprise.origin}-2"
    signer = NoteSigner.from_seed(origin, sha256(origin.encode()).digest())
    with enterprise.database.unit_of_work() as uow:
        head = uow.heads.get(old.number)
        body = Successor(predecessor=old.origin, size=head.size, root=head.root, reason="lost")
        record = enterprise.record(body, secret=OPERATOR, origin=origin)
        enterprise.log = succeed(uow, old, signer, record, now=enterprise.now)
        uow.commit()
    enterprise.origin, enterprise.note_signer = origin, signer
    enterprise.restart()
    enterprise.integrate()
