"""What the ledger is told of credentials and inventories: every event, and every act in full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from attestation.enums import InventoryState, InventoryStep, PartyKind, RegulatorTier, Sector
from chain.agreed_events import (
    CredentialGranted,
    CredentialStatusSet,
    GroupSet,
    InventoryAdvanced,
    InventoryDrafted,
    ResultAccepted,
    ResultRestated,
    ResultStated,
    RotationSet,
    StepTaken,
    VerificationYear,
    VerifierAssigned,
    VersionSubmitted,
)
from chain.agreements import AgreementContracts
from chain.bindings.party_registry import party_id_of
from chain.credential_acts import CredentialChange, GroupMembership
from chain.final_events import FinalEvents
from chain.finality import Instant
from chain.ledger_events import LedgerEvent, PartyRegistered
from chain.sent_acts import SentActs
from chain.signed_acts import parse_act
from chain.typed_data import ActDomain, act_digest
from tests.support.agreements import (
    AREA,
    CITY,
    LABORATORY,
    PROVINCE,
    TOTAL_T,
    VERIFIER,
    YEAR_BEGIN_S,
    YEAR_END_S,
    Agreement,
    name_of,
    word,
)
from tests.support.chain import USC, ChainWorld

pytestmark = pytest.mark.real
DAY_S = 86_400
Kind = TypeVar("Kind")


@pytest.fixture(scope="module")
def played(shared_world: ChainWorld) -> Iterator[Agreement]:
    """A case with everything that can happen to it; read by every test, changed by none."""
    with shared_world.undone():
        yield _played(shared_world)


def _played(world: ChainWorld) -> Agreement:
    case = Agreement.begin(world)
    registrars: dict[str, Any] = {
        "registrar": world.registrar.address,
        "deadline": world.deadline(),
        "nonce": 1,
    }
    case.perform(GroupMembership(VERIFIER, "", "某某集团", **registrars))
    world.as_council(world.credentials.set_rotation(3, "轮换规则"))
    case.perform(case.draft())
    case.perform(case.submission())
    case.perform(case.assignment(CITY))
    case.perform(case.step(InventoryStep.FINDINGS, VERIFIER))
    case.perform(case.step(InventoryStep.RESPONSE, USC))
    case.perform(case.statement())
    case.perform(case.step(InventoryStep.REVIEW, CITY))
    case.perform(case.confirmation())
    case.perform(case.step(InventoryStep.OBJECTION, USC))
    case.perform(case.step(InventoryStep.OBJECTION_DISMISSED, PROVINCE))
    world.pass_time(30 * DAY_S)
    case.perform(case.step(InventoryStep.REOPENING, PROVINCE))
    case.perform(case.submission(2, TOTAL_T - 7))
    case.perform(case.assignment())
    case.perform(case.statement(TOTAL_T - 7))
    case.perform(case.confirmation(TOTAL_T - 7))
    current = world.credentials.state_of(party_id_of(VERIFIER))
    case.perform(CredentialChange(VERIFIER, 2, "因由", current, **registrars))
    return case


@pytest.fixture(scope="module")
def tale(played: Agreement) -> list[LedgerEvent]:
    """Everything that was told of it, in the order of the chain."""
    world = played.world
    events = FinalEvents(
        world.client,
        Instant(),
        checkpoints=world.checkpoints,
        devices=world.devices,
        parties=world.parties,
        agreements=AgreementContracts.of(world.client, world.deployment),
        first_block=world.deployment.first_block,
    )
    found = list(events.events(0, events.final_block()[0]))
    places = [(each.at.block_number, each.at.log_index) for each in found]
    assert places == sorted(places)
    return found


def told(tale: list[LedgerEvent], kind: type[Kind]) -> list[Kind]:
    """Give the events of a kind."""
    return [each for each in tale if isinstance(each, kind)]


def test_parties_are_told_by_name(played: Agreement, tale: list[LedgerEvent]) -> None:
    """A party comes with the name that it was registered under."""
    assert {(each.code, each.name) for each in told(tale, PartyRegistered)} == {
        (code, name_of(code)) for code in played.parties
    }


def test_credentials_are_told_with_their_documents(
    played: Agreement, tale: list[LedgerEvent]
) -> None:
    """A grant is one event: what was granted, on what document, by which act."""
    granted = {each.party_id: each for each in told(tale, CredentialGranted)}

    verifier = granted[party_id_of(VERIFIER)]
    assert (verifier.kind, verifier.sectors) == (PartyKind.VERIFIER, (Sector.POWER,))
    assert (verifier.areas, verifier.tier) == ((310_000,), RegulatorTier.NONE)
    assert verifier.state == verifier.act_digest
    laboratory = granted[party_id_of(LABORATORY)]
    assert (laboratory.cma, laboratory.cnas) == ("210000000001", "")
    assert len({each.document_hash for each in granted.values()}) == len(played.parties)


def test_what_else_registrars_and_council_say_is_told(
    played: Agreement, tale: list[LedgerEvent]
) -> None:
    """Status, group, rotation and the years of verification each have their event."""
    [status] = told(tale, CredentialStatusSet)
    [group] = told(tale, GroupSet)
    [rotation] = told(tale, RotationSet)
    [year] = told(tale, VerificationYear)

    assert (status.party_id, status.reason) == (party_id_of(VERIFIER), "因由")
    assert status.state == played.world.credentials.state_of(party_id_of(VERIFIER))
    assert (group.party_id, group.group) == (party_id_of(VERIFIER), "某某集团")
    assert (rotation.max_years, rotation.source) == (3, "轮换规则")
    assert (year.verifier, year.enterprise) == (party_id_of(VERIFIER), party_id_of(USC))


def test_versions_and_results_are_told(tale: list[LedgerEvent]) -> None:
    """Draft, versions, statements, acceptances and the restatement, with their numbers."""
    [draft] = told(tale, InventoryDrafted)
    first, second = told(tale, VersionSubmitted)
    [restated] = told(tale, ResultRestated)

    assert (draft.unit_code, draft.area, draft.sector) == ("1", AREA, Sector.POWER)
    assert (draft.period_from_s, draft.period_to_s) == (YEAR_BEGIN_S, YEAR_END_S)
    assert (first.version, first.total_t, first.reason) == (1, TOTAL_T, "")
    assert (second.version, second.log_size) == (2, 5)
    assert second.laboratories == (party_id_of(LABORATORY),)
    assert [each.report_hash for each in told(tale, ResultStated)] == [
        word("report", 1),
        word("report", 2),
    ]
    assert [each.total_t for each in told(tale, ResultAccepted)] == [TOTAL_T, TOTAL_T - 7]
    assert (restated.old_version, restated.new_version) == (1, 2)
    assert (restated.old_total_t, restated.new_total_t) == (TOTAL_T, TOTAL_T - 7)
    assert [each.city_regulator for each in told(tale, VerifierAssigned)] == [
        party_id_of(CITY),
        bytes(32),
    ]


def test_objection_is_told_with_its_term(tale: list[LedgerEvent]) -> None:
    """Of an objection the ledger learns until when the province decides; of other steps nothing."""
    due = {each.kind: each.decision_due_s for each in told(tale, StepTaken)}
    objection = next(each for each in told(tale, StepTaken) if each.kind == InventoryStep.OBJECTION)

    assert 10 * DAY_S < due.pop(InventoryStep.OBJECTION) - objection.at.block_time_s <= 15 * DAY_S
    assert set(due.values()) == {0}


def test_every_act_is_told_word_for_word(played: Agreement, tale: list[LedgerEvent]) -> None:
    """The acts are read back from their transactions, and have the digests of the events."""
    advanced = told(tale, InventoryAdvanced)
    domain = ActDomain(played.world.chain_id, played.world.address("InventoryRegistry"))
    names = [each.act.name for each in advanced if each.act is not None]

    assert names == [
        "InventoryDraft",
        "InventorySubmission",
        "VerificationAssignment",
        "VerificationFindings",
        "FindingsResponse",
        "VerificationStatement",
        "CityReview",
        "ResultConfirmation",
        "ResultObjection",
        "ObjectionDismissed",
        "InventoryReopening",
        "InventorySubmission",
        "VerificationAssignment",
        "VerificationStatement",
        "ResultConfirmation",
    ]
    for each in advanced:
        assert each.act is not None
        assert act_digest(parse_act(each.act.name, each.act.fields), domain) == each.act_digest
    assert advanced[-1].state == InventoryState.CONFIRMED
    assert advanced[-1].state_hash == played.found().state_hash
    team = played.parties[VERIFIER]
    assert advanced[5].act is not None
    assert advanced[5].act.signers == {
        "lead_verifier": team.initiator.address,
        "technical_reviewer": team.approver.address,
    }


def test_act_of_another_digest_is_not_told(played: Agreement, tale: list[LedgerEvent]) -> None:
    """An act is believed only with the digest that the registry announced."""
    acts = SentActs(played.world.client, played.world.inventories, played.world.chain_id)
    first, second = told(tale, InventoryAdvanced)[:2]

    assert acts.find(first.tx_hash, first.act_digest) is not None
    assert acts.find(first.tx_hash, second.act_digest) is None


def test_deployment_without_inventories_tells_the_rest(world: ChainWorld) -> None:
    """A deployment from before there were inventories still tells of parties."""
    contracts = {
        name: each
        for name, each in world.deployment.contracts.items()
        if name not in {"Credentials", "InventoryRegistry", "EvidenceBinding"}
    }
    older = replace(world.deployment, contracts=contracts)

    assert AgreementContracts.of(world.client, older) is None
