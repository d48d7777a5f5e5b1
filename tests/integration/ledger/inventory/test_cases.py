"""A case read from chain and log: stage, clocks, ticks, talk, approvals, checklist, statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from attestation.case_bodies import Anchor
from attestation.enums import (
    CaseStage,
    CommentKind,
    CredentialStatus,
    EvidenceKind,
    InventoryState,
    Outcome,
    PartyKind,
    Sector,
    VerificationOpinion,
)
from attestation.evidence_bodies import EvidenceFile, Manifest
from ledger.cases.approvals import approval_by, seats
from ledger.cases.case import read_case
from ledger.cases.conversation import Speaker, begin_conversation, conversations, go_on
from ledger.cases.errors import CaseRefused, CaseUnknown, ContentMissing, PlaceUnknown
from ledger.cases.impartiality import impartiality, rotation
from ledger.cases.progress import ticks_for
from ledger.cases.queue import queued
from ledger.cases.readiness import readiness
from ledger.cases.stages import countdowns, stage_of
from ledger.cases.statement import Assurance, statement_document
from ledger.cases.working import read_panel, read_work, verifier_progress
from ledger.database import Database
from ledger.errors import AppendOnly
from ledger.repositories.credentials import ConflictOfInterest
from tests.support.cases import (
    DAY_S,
    LEAD,
    LINE,
    OTHER_LEAD,
    OTHER_VERIFIER,
    PROVINCE,
    REVIEWER,
    VERIFIER,
    CaseWorld,
    address,
    party_id,
)
from tests.support.enterprise import APPROVER, USC, Enterprise

SPEAKER = Speaker(VERIFIER, "0x" + "11" * 20)
COAL = "emissions:2025-01-01:coal:emissions"


@pytest.fixture
def world(sqlite_url: str) -> Iterator[CaseWorld]:
    """A case under verification with one version."""
    with Database(sqlite_url) as database:
        yield opened(database)


def opened(database: Database) -> CaseWorld:
    """Open a case under verification with one version."""
    found = CaseWorld(Enterprise(database))
    found.put()
    found.submit()
    return found


def tick(world: CaseWorld, *lines: str, is_seen: bool = True) -> None:
    """Let the verifier see lines."""
    now = world.enterprise.now
    with world.enterprise.database.unit_of_work() as uow:
        case = read_case(uow, world.inventory_id, now=now)
        for each in ticks_for(
            case, lines, party=VERIFIER, actor=SPEAKER.actor, is_seen=is_seen, now=now
        ):
            uow.cases.add_tick(each)
        uow.commit()


def seen(world: CaseWorld) -> tuple[int, tuple[str, ...]]:
    """Give how many lines the verifier has seen, and which changed since."""
    with world.enterprise.database.reading() as uow:
        found = verifier_progress(uow, world.case())
    return found.seen_count, found.changed


def test_unknown_case_is_an_error(world: CaseWorld) -> None:
    """An inventory that nobody drafted is no case."""
    with world.enterprise.database.reading() as uow, pytest.raises(CaseUnknown):
        read_case(uow, b"\1" * 32, now=world.enterprise.now)


def test_content_is_what_was_signed_and_nothing_else(world: CaseWorld) -> None:
    """A version whose document is not kept under the signed hash has no content."""
    before = world.case()
    world.put_version(2, document_hash=b"\5" * 32)
    after = world.case()

    assert before.require_content().sha256 == before.versions[0].document_hash.hex()
    assert after.content is None
    with pytest.raises(ContentMissing, match="not kept here"):
        after.require_content()


def test_changes_since_the_submission_before_are_shown(world: CaseWorld) -> None:
    """Both lines that differ, with the difference."""
    world.submit(2, changed="coal")
    found = {each.line_id: each.difference for each in world.case().changes}

    assert found == {COAL: "1 tCO2", LINE: "1 tCO2"}


STAGES = {
    InventoryState.DRAFTED: CaseStage.PREPARATION,
    InventoryState.SUBMITTED: CaseStage.TEAM,
    InventoryState.UNDER_VERIFICATION: CaseStage.DOCUMENT_REVIEW,
    InventoryState.FINDINGS: CaseStage.FINDINGS,
    InventoryState.VERIFIED: CaseStage.CONCLUSION,
    InventoryState.CONFIRMED: CaseStage.ARCHIVED,
    InventoryState.OBJECTED: CaseStage.NOTIFICATION,
    InventoryState.REOPENED: CaseStage.PREPARATION,
    InventoryState.WITHDRAWN: CaseStage.ENDED,
    InventoryState.REJECTED: CaseStage.ENDED,
}


def test_stage_follows_the_chain(world: CaseWorld) -> None:
    """Each state on chain has its stage of the guide."""
    found = {}
    for state in STAGES:
        world.put(state)
        found[state] = stage_of(world.case(), all_seen=False)

    assert found == STAGES


def test_stage_within_the_verification_follows_the_log(world: CaseWorld) -> None:
    """Document review, site visit, correction, conclusion."""
    file, stages = world.enterprise.file, []

    def look(*, all_seen: bool) -> None:
        stages.append(stage_of(world.case(), all_seen=all_seen))

    look(all_seen=True)
    file(world.visit(), secret=LEAD)
    look(all_seen=True)
    file(world.finding(), secret=LEAD)
    look(all_seen=True)
    world.put(InventoryState.FINDINGS)
    file(world.response())
    look(all_seen=True)
    world.put()
    file(world.closing(), secret=LEAD)
    look(all_seen=True)

    assert stages == [
        CaseStage.SITE_VISIT,
        CaseStage.CONCLUSION,
        CaseStage.CORRECTION,
        CaseStage.CORRECTION,
        CaseStage.CONCLUSION,
    ]


def test_clocks_run_as_the_chain_set_them(world: CaseWorld) -> None:
    """Seven working days to object, ten to decide, and an answer that is overdue."""
    world.enterprise.file(world.finding(due_s=world.now_s + 1), secret=LEAD)
    end_s = world.now_s + 9 * DAY_S + 5
    world.put(InventoryState.CONFIRMED, objectable_until_s=end_s)
    confirmed = countdowns(world.case())
    world.enterprise.pass_time(2000)
    world.put(InventoryState.OBJECTED, decision_due_s=end_s)
    objected = countdowns(world.case())

    assert [(each.name, each.working_days) for each in confirmed] == [
        ("objection", 7),
        ("finding", None),
    ]
    # From Thursday 2 January 2025 to Saturday the 11th.
    assert (confirmed[0].days_left, confirmed[0].working_days_left) == (9, 6)
    assert [(each.name, each.days_left) for each in objected] == [("decision", 9), ("finding", -1)]


def test_clock_of_the_other_party_runs_on_beside_an_objection(world: CaseWorld) -> None:
    """While one party's objection is open the other may still object; after both nobody may."""
    times = {"objectable_until_s": world.now_s + DAY_S, "decision_due_s": world.now_s + 9 * DAY_S}
    world.put(InventoryState.OBJECTED, objections=1, **times)
    one = countdowns(world.case())
    world.put(InventoryState.OBJECTED, objections=3, **times)
    both = countdowns(world.case())

    assert [each.name for each in one] == ["objection", "decision"]
    assert [each.name for each in both] == ["decision"]


def test_confirmed_result_is_archived_when_the_time_is_over(world: CaseWorld) -> None:
    """One second before it may still be objected to."""
    world.put(InventoryState.CONFIRMED, objectable_until_s=world.now_s + 1)
    before = stage_of(world.case(), all_seen=True)
    world.enterprise.pass_time(1000)

    assert before is CaseStage.NOTIFICATION
    assert stage_of(world.case(), all_seen=True) is CaseStage.ARCHIVED


def test_tick_falls_when_its_line_changes(world: CaseWorld) -> None:
    """The ticks of lines that say the same stand; a calculation's new salt is no change."""
    tick(world, *(line.line_id for line in world.case().require_content().lines))
    before = seen(world)
    world.submit(2, changed="coal")

    assert before == (3, ())
    assert seen(world) == (1, (COAL, LINE))


def test_tick_is_taken_back(world: CaseWorld) -> None:
    """What was seen by mistake is not seen any more."""
    tick(world, COAL, LINE)
    tick(world, COAL, is_seen=False)

    assert seen(world) == (1, ())


def test_ticks_of_another_verifier_do_not_count(world: CaseWorld) -> None:
    """After a reassignment nothing is seen yet."""
    tick(world, COAL, LINE)
    world.put(verifier=party_id(OTHER_VERIFIER))

    assert seen(world) == (0, ())


def test_line_that_is_not_there_is_not_ticked(world: CaseWorld) -> None:
    """A name that the newest version does not have is refused."""
    with pytest.raises(PlaceUnknown, match="no line"):
        tick(world, "emissions:2025-01-01:oil:emissions")


def test_conversation_is_resolved_and_opened_again(world: CaseWorld) -> None:
    """Nothing that was said goes away; a place that is not there is refused."""
    now, states = world.enterprise.now, []
    with world.enterprise.database.unit_of_work() as uow:
        case = read_case(uow, world.inventory_id, now=now)
        first = begin_conversation(uow, case, Anchor(line=COAL), "which scale?", SPEAKER, now)
        begin_conversation(uow, case, None, "when may we come?", SPEAKER, now)
        for kind in (CommentKind.REPLY, CommentKind.RESOLVED, CommentKind.REOPENED):
            go_on(uow, case, first.number, kind, "B1", SPEAKER, now)
            found = conversations(uow.cases.comments(case.inventory_id))
            states.append(found[0].is_resolved)
        for kind, root in ((CommentKind.REOPENED, first.number), (CommentKind.REPLY, 99)):
            with pytest.raises((CaseRefused, PlaceUnknown)):
                go_on(uow, case, root, kind, "again", SPEAKER, now)
        for anchor in (Anchor(line="x"), Anchor(entry=999)):
            with pytest.raises(PlaceUnknown):
                begin_conversation(uow, case, anchor, "what?", SPEAKER, now)

    assert states == [False, True, False]
    assert [len(each.replies) for each in found] == [3, 0]
    assert found[0].anchor == Anchor(line=COAL)


def test_other_parties_are_told_of_a_comment(world: CaseWorld) -> None:
    """The enterprise and the province, each once and without the words; not the speaker."""
    now = world.enterprise.now
    with world.enterprise.database.unit_of_work() as uow:
        case = read_case(uow, world.inventory_id, now=now)
        begin_conversation(uow, case, None, "when may we come?", SPEAKER, now)
        told = {
            code: [each.body for each in uow.notices.listed([code], "nobody")]
            for code in (USC, PROVINCE, VERIFIER)
        }

    assert [len(told[code]) for code in (USC, PROVINCE, VERIFIER)] == [1, 1, 0]
    assert told[USC][0]["from"] == VERIFIER
    assert "when may we come?" not in str(told)


def approve(world: CaseWorld, secret: bytes, *, is_given: bool = True) -> None:
    """Let a person approve the case as it stands."""
    with world.enterprise.database.unit_of_work() as uow:
        case = read_case(uow, world.inventory_id, now=world.enterprise.now)
        uow.cases.add_approval(
            approval_by(case, address(secret), is_given=is_given, now=world.enterprise.now)
        )
        uow.commit()


def standing(world: CaseWorld) -> list[tuple[bool, bool]]:
    """Say of lead and reviewer whether they approve, and whether that has fallen."""
    with world.enterprise.database.reading() as uow:
        found = seats(world.case(), uow.cases.approvals(world.inventory_id))
    return [(each.stands, each.has_fallen) for each in found]


def test_approval_falls_when_data_change(world: CaseWorld) -> None:
    """By another version, and by anything said about a finding; it is given anew or not."""
    approve(world, LEAD)
    approve(world, REVIEWER)
    both = standing(world)
    world.enterprise.file(world.finding(), secret=LEAD)
    fallen = standing(world)
    approve(world, LEAD)
    world.submit(2, changed="coal")

    assert both == [(True, False), (True, False)]
    assert fallen == [(False, True), (False, True)]
    assert standing(world) == [(False, True), (False, True)]


def test_approval_is_taken_back_and_is_two_persons(world: CaseWorld) -> None:
    """One of them does not approve for both, and no other key of anybody approves."""
    approve(world, LEAD)
    one = standing(world)
    approve(world, LEAD, is_given=False)

    assert one == [(True, False), (False, False)]
    assert standing(world) == [(False, False), (False, False)]
    for secret in (OTHER_LEAD, APPROVER):
        with pytest.raises(CaseRefused, match="only the lead verifier"):
            approve(world, secret)


def unmet(world: CaseWorld) -> list[str]:
    """Name the points of the checklist that are not met."""
    with world.enterprise.database.reading() as uow:
        case = world.case()
        found = readiness(case, read_work(uow, case))
    assert found.is_ready == all(each.is_met for each in found.points)
    return [each.name for each in found.points if not each.is_met]


def test_checklist_is_met_point_by_point(world: CaseWorld) -> None:
    """Lines seen, findings closed, the site visited, impartial, approved by two: ready."""
    world.enterprise.file(world.finding(effect_gco2e=None), secret=LEAD)
    first = unmet(world)
    tick(world, *(line.line_id for line in world.case().require_content().lines))
    world.accredit()
    world.enterprise.file(world.closing(), secret=LEAD)
    world.enterprise.file(world.visit(), secret=LEAD)
    approve(world, LEAD)
    approve(world, REVIEWER)

    assert first == [
        "lines.seen",
        "findings.closed",
        "effects.counted",
        "site.visited",
        "impartiality",
        "approval.lead",
        "approval.reviewer",
    ]
    assert unmet(world) == []


def test_visit_of_another_verifier_does_not_count(world: CaseWorld) -> None:
    """A former verifier's visit and findings stay readable and are not the new one's."""
    world.enterprise.file(world.visit(), secret=LEAD)
    world.enterprise.file(world.finding(), secret=LEAD)
    world.put(verifier=party_id(OTHER_VERIFIER), lead_verifier=address(OTHER_LEAD))
    document: Any = statement_document(world.case())

    assert "site.visited" in unmet(world)
    assert (document["findings"], len(document["former_findings"])) == ([], 1)


ACCREDITATIONS: tuple[tuple[dict[str, Any], Outcome], ...] = (
    ({}, Outcome.HELD),
    ({"areas": (350_211,)}, Outcome.HELD),
    ({"areas": (350_200,)}, Outcome.HELD),
    ({"areas": (0,)}, Outcome.HELD),
    ({"areas": (350_212, 360_000)}, Outcome.FAILED),
    ({"sectors": (Sector.STEEL,)}, Outcome.FAILED),
    ({"valid_to_s": 1}, Outcome.FAILED),
    ({"status": CredentialStatus.SUSPENDED}, Outcome.FAILED),
    ({"kind": PartyKind.LABORATORY}, Outcome.FAILED),
)


def test_accreditation_covers_sector_area_and_time(world: CaseWorld) -> None:
    """A province, city or county that contains the enterprise's, and a credential in force."""
    for changes, outcome in ACCREDITATIONS:
        world.accredit(**changes)
        with world.enterprise.database.reading() as uow:
            found = impartiality(uow, world.case(), party_id(VERIFIER))
        assert found[0].outcome is outcome, changes


def test_interests_stand_in_the_way_while_they_last(world: CaseWorld) -> None:
    """One group, advice to the enterprise, reports prepared in the province; over is over."""
    world.accredit()
    common = {"body": party_id(VERIFIER), "act_digest": b"a" * 32, "at_s": 0}
    with world.enterprise.database.unit_of_work() as uow:
        for name in (VERIFIER, USC):
            uow.credentials.put_group(party_id(name), "one group", b"a" * 32, world.place(), 0)
        for enterprise, province, to_s in (
            (party_id(USC), None, world.now_s + 1),
            (None, 350_000, world.now_s),
            (None, 360_000, world.now_s + 1),
        ):
            uow.credentials.put_conflict(
                ConflictOfInterest(
                    enterprise=enterprise,
                    province=province,
                    from_s=0,
                    to_s=to_s,
                    reason="advised in 2023",
                    at=world.place(),
                    **common,  # type: ignore[arg-type]
                )
            )
        uow.commit()
    with world.enterprise.database.reading() as uow:
        found = impartiality(uow, world.case(), party_id(VERIFIER))

    assert [each.name for each in found if each.outcome is Outcome.FAILED] == [
        "impartiality.group",
        "impartiality.advice",
    ]


@pytest.mark.parametrize(
    ("years", "limit", "outcome"),
    [
        ((2022, 2023, 2024), 3, Outcome.FAILED),
        ((2021, 2022, 2023, 2024), 3, Outcome.FAILED),
        ((2021, 2022, 2024), 3, Outcome.HELD),
        ((2022, 2023), 3, Outcome.HELD),
        ((2022, 2023, 2024, 2025), 0, Outcome.HELD),
    ],
)
def test_rotation_counts_years_in_a_row(
    years: tuple[int, ...], limit: int, outcome: Outcome
) -> None:
    """Three in a row before this one are as many as a limit of three allows."""
    assert rotation(years, limit, 2025).outcome is outcome


def test_queue_says_whose_turn_it_is_and_why_a_case_is_risky(world: CaseWorld) -> None:
    """A major finding, overdue, and a second submission: each a reason with its points."""
    world.enterprise.file(world.finding(due_s=world.now_s + 1), secret=LEAD)
    world.enterprise.pass_time(2000)
    tick(world, COAL)
    world.submit(2, changed="coal")
    with world.enterprise.database.reading() as uow:
        case = world.case()
        found = queued(case, verifier_progress(uow, case))

    assert found.waits_for is PartyKind.VERIFIER
    assert {each.name: each.points for each in found.reasons} == {
        "findings.major": 10,
        "findings.overdue": 3,
        "versions.again": 2,
        "lines.changed": 1,
    }
    assert found.risk == 16


def test_statement_says_what_records_and_chain_say(world: CaseWorld) -> None:
    """Finding, sum, version and the verifier's own words on assurance."""
    world.enterprise.file(world.finding(), secret=LEAD)
    document: Any = statement_document(
        world.case(), Assurance(materiality="5 %", opinion=VerificationOpinion.MODIFIED)
    )

    assert document["assurance"] == "REASONABLE"
    assert (document["materiality"], document["opinion"]) == ("5 %", "MODIFIED")
    assert document["findings"][0]["anchor"] == f"line {LINE}"
    assert document["uncorrected_gco2e"] == "1500000"
    assert document["versions"][0]["document_sha256"] == world.case().require_content().sha256


def test_panel_says_what_cannot_be_checked(world: CaseWorld) -> None:
    """Without readings, structure or records nothing is called held."""
    with world.enterprise.database.reading() as uow:
        panel = read_panel(uow, world.case())
    assert panel is not None
    outcomes = {each.name: each.outcome for each in panel.evidence}

    assert outcomes["evidence.signatures"] is Outcome.COULD_NOT_CHECK
    assert outcomes["boundary.streams"] is Outcome.COULD_NOT_CHECK
    assert outcomes["evidence.duplicates"] is Outcome.HELD


def test_document_that_is_not_what_was_signed_is_seen(world: CaseWorld) -> None:
    """A total one tonne lower, another root, or entries beyond the pinned checkpoint."""
    content = world.case().require_content()
    others: tuple[dict[str, Any], ...] = (
        {"total_t": 999},
        {"lines_root": b"r" * 32},
        {"log_size": 0},
        {},
    )
    for number, changes in enumerate(others, start=2):
        signed: dict[str, Any] = {
            "document_hash": bytes.fromhex(content.sha256),
            "lines_root": content.root,
            "line_count": content.tree.count,
            "total_t": 1000,
        }
        world.put_version(number, **(signed | changes))
        with world.enterprise.database.reading() as uow:
            panel = read_panel(uow, world.case())
        assert panel is not None
        assert panel.evidence[0].name == "submission.agrees"
        assert (panel.evidence[0].outcome is Outcome.HELD) is (not changes)


def test_file_that_stands_in_two_months_is_named(world: CaseWorld) -> None:
    """One bill as evidence of two months."""
    bill = EvidenceFile(
        name="bill.pdf",
        kind=EvidenceKind.SETTLEMENT,
        media_type="application/pdf",
        size=7,
        sha256=b"b" * 32,
    )
    for month in ("2024-10", "2024-11"):
        world.enterprise.file(Manifest(month=month, number=1, files=(bill,)))
    with world.enterprise.database.reading() as uow:
        panel = read_panel(uow, world.case())
    assert panel is not None
    (found,) = [each for each in panel.evidence if each.name == "evidence.duplicates"]

    assert found.outcome is Outcome.FAILED
    assert "in 2024-10, 2024-11" in found.english


def test_work_on_a_case_is_only_added_to(database: Database) -> None:
    """On both kinds of database a tick, a comment or an approval is neither changed nor removed."""
    world = opened(database)
    tick(world, COAL)
    approve(world, LEAD)
    now = world.enterprise.now
    with database.unit_of_work() as uow:
        case = read_case(uow, world.inventory_id, now=now)
        begin_conversation(uow, case, None, "when may we come?", SPEAKER, now)
        uow.commit()

    for table in ("case_tick", "case_comment", "case_approval"):
        for words in (f"UPDATE {table} SET at_ms = 0", f"DELETE FROM {table}"):
            with database.unit_of_work() as uow, pytest.raises(AppendOnly):
                uow.connection.exec_driver_sql(words)
    assert seen(world) == (1, ())
    assert standing(world)[0] == (True, False)
