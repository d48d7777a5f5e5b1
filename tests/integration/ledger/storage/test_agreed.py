"""What was agreed on the chain is read as of any block, and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from attestation.enums import (
    CredentialStatus,
    InventoryState,
    InventoryStep,
    PartyKind,
    RegulatorTier,
    VerificationOpinion,
)
from ledger.database import Database
from ledger.errors import StorageConflict
from ledger.log.parties import PartyFollower, apply_event
from ledger.ports import (
    AdviceRecorded,
    CredentialStatusSet,
    EvidenceBound,
    GroupSet,
    PreparationRecorded,
    RotationSet,
    VerificationYear,
)
from ledger.repositories.chain_inventories import ChainInventory
from tests.support.agreed_chain import (
    CITY,
    ENTERPRISE,
    INVENTORY,
    LEAD,
    NATION,
    OBJECTABLE_S,
    PROVINCE,
    REVIEWER,
    USC,
    VERIFIER,
    AgreedChain,
)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database; that the other kind answers the same is tested at the end."""
    with Database(sqlite_url) as opened:
        yield opened


@pytest.fixture
def chain() -> AgreedChain:
    """A chain on which everybody has credentials."""
    told = AgreedChain()
    told.register()
    return told


@pytest.fixture
def confirmed(chain: AgreedChain) -> AgreedChain:
    """A chain on which an inventory was confirmed."""
    chain.draft()
    chain.submit()
    chain.assign(CITY)
    chain.conclude()
    chain.step(InventoryStep.REVIEW, InventoryState.VERIFIED, CITY)
    chain.confirm()
    return chain


def inventory(database: Database, at_block: int | None = None) -> ChainInventory:
    """Load the inventory."""
    with database.reading() as uow:
        found = uow.chain_inventories.get(INVENTORY, at_block=at_block)
    assert found is not None
    return found


# --- credentials ---------------------------------------------------------------------------------


def test_credential_has_the_partys_names(database: Database, chain: AgreedChain) -> None:
    """What a party is entitled to is read with its code and registered name."""
    chain.tell(database)
    with database.reading() as uow:
        found = uow.credentials.of(PROVINCE)

    assert found is not None
    assert (found.code, found.name, found.kind) == ("MEE-35", "示例省厅", PartyKind.REGULATOR)
    assert (found.tier, found.areas, found.sectors) == (RegulatorTier.PROVINCE, (350_000,), ())


def test_credential_as_of_a_block_is_what_held_there(
    database: Database, chain: AgreedChain
) -> None:
    """A suspension changes nothing of the blocks before it."""
    granted = chain.number
    event = CredentialStatusSet(chain.at(), VERIFIER, CredentialStatus.SUSPENDED, "why", b"s" * 32)
    suspended = chain.add(event)
    chain.tell(database)
    with database.reading() as uow:
        before = uow.credentials.of(VERIFIER, at_block=granted)
        after = uow.credentials.of(VERIFIER, at_block=suspended)
        none = uow.credentials.of(VERIFIER, at_block=granted - 1)

    assert before is not None
    assert after is not None
    assert before.is_valid(chain.time_s(suspended))
    assert not after.is_valid(chain.time_s(suspended))
    assert (after.reason, after.state, after.act_digest) == ("why", b"s" * 32, before.act_digest)
    assert none is None


def test_credential_of_a_past_validity_is_not_valid(database: Database, chain: AgreedChain) -> None:
    """The first second after a validity is outside it."""
    chain.add(replace(chain.granted(VERIFIER, PartyKind.VERIFIER), valid_to_s=1_000))
    chain.tell(database)
    with database.reading() as uow:
        found = uow.credentials.of(VERIFIER)
        history = uow.credentials.history(VERIFIER)

    assert found is not None
    assert found.is_valid(999)
    assert not found.is_valid(1_000)
    assert len(history) == 2


def test_every_credential_is_listed_once(database: Database, chain: AgreedChain) -> None:
    """Of each party the newest."""
    chain.add(chain.granted(VERIFIER, PartyKind.VERIFIER))
    chain.tell(database)
    with database.reading() as uow:
        found = uow.credentials.all()

    assert [each.party_id for each in found] == sorted(
        (CITY, ENTERPRISE, NATION, PROVINCE, VERIFIER)
    )


def test_status_without_a_credential_is_refused(database: Database, chain: AgreedChain) -> None:
    """A chain that tells so is not the one that was followed."""
    event = CredentialStatusSet(chain.at(), b"X" * 32, CredentialStatus.SUSPENDED, "", b"s" * 32)
    with database.unit_of_work() as uow, pytest.raises(StorageConflict):
        apply_event(uow, event)


def test_group_as_of_a_block(database: Database, chain: AgreedChain) -> None:
    """A party that left a group was in it before."""
    joined = chain.add(GroupSet(chain.at(), VERIFIER, "示例集团", b"a" * 32))
    chain.add(GroupSet(chain.at(), ENTERPRISE, "示例集团", b"a" * 32))
    chain.add(GroupSet(chain.at(), VERIFIER, "", b"b" * 32))
    chain.tell(database)
    with database.reading() as uow:
        assert uow.credentials.group_of(VERIFIER, at_block=joined) == "示例集团"
        assert uow.credentials.group_of(VERIFIER) is None
        assert uow.credentials.group_members("示例集团") == [ENTERPRISE]


def test_conflicts_of_interest_of_a_body(database: Database, chain: AgreedChain) -> None:
    """Of each enterprise and province the newest recording counts."""
    chain.add(AdviceRecorded(chain.at(), VERIFIER, ENTERPRISE, 100, 200, "advised", b"a" * 32))
    chain.add(PreparationRecorded(chain.at(), VERIFIER, 350_000, 100, 300, "prepares", b"b" * 32))
    chain.add(AdviceRecorded(chain.at(), VERIFIER, ENTERPRISE, 100, 100, "cleared", b"c" * 32))
    chain.tell(database)
    with database.reading() as uow:
        found = uow.credentials.conflicts(VERIFIER)

    assert [(each.enterprise, each.province, each.to_s, each.reason) for each in found] == [
        (ENTERPRISE, None, 100, "cleared"),
        (None, 350_000, 300, "prepares"),
    ]


def test_rotation_and_years_of_verification(database: Database, chain: AgreedChain) -> None:
    """The years in a row and the rule are read beside each other."""
    chain.add(RotationSet(chain.at(), 3, "the rule"))
    chain.add(VerificationYear(chain.at(), VERIFIER, ENTERPRISE, 2024))
    chain.add(VerificationYear(chain.at(), VERIFIER, ENTERPRISE, 2023))
    chain.tell(database)
    with database.reading() as uow:
        assert uow.credentials.verified_years(VERIFIER, ENTERPRISE) == (2023, 2024)
        assert uow.credentials.verified_years(VERIFIER, PROVINCE) == ()
        assert uow.credentials.rotation_years() == 3


# --- inventories ---------------------------------------------------------------------------------


def test_drafted_inventory_names_its_subject(database: Database, chain: AgreedChain) -> None:
    """A draft has a state, and nobody who verifies."""
    chain.draft()
    chain.tell(database)
    found = inventory(database)

    assert (found.usc, found.name, found.unit_code, found.report_year) == (
        USC,
        "示例电厂",
        "unit-1",
        2024,
    )
    assert (found.state, found.version, found.verifier) == (InventoryState.DRAFTED, 0, None)


def test_confirmed_inventory_says_who_and_until_when(
    database: Database, confirmed: AgreedChain
) -> None:
    """Parties, persons, version and the time for objections are all there."""
    confirmed.tell(database)
    found = inventory(database)

    assert found.state is InventoryState.CONFIRMED
    assert (found.verifier, found.regulator, found.city_regulator) == (VERIFIER, PROVINCE, CITY)
    assert (found.lead_verifier, found.technical_reviewer) == (LEAD, REVIEWER)
    assert found.accepted_version == 1
    assert found.is_reviewed
    until_s = confirmed.time_s(confirmed.number) + OBJECTABLE_S
    assert not found.is_final(until_s - 1)
    assert found.is_final(until_s)


def test_inventory_as_of_a_block(database: Database, chain: AgreedChain) -> None:
    """Each block keeps the state that held there."""
    drafted, submitted, assigned = chain.draft(), chain.submit(), chain.assign()
    chain.tell(database)
    states = [inventory(database, at).state for at in (drafted, submitted, assigned)]

    assert states == [
        InventoryState.DRAFTED,
        InventoryState.SUBMITTED,
        InventoryState.UNDER_VERIFICATION,
    ]
    with database.reading() as uow:
        assert uow.chain_inventories.get(INVENTORY, at_block=drafted - 1) is None


def test_adverse_opinion_dismisses_the_team(database: Database, chain: AgreedChain) -> None:
    """After a rejection nobody is named any more, and before it they were."""
    chain.draft()
    chain.submit()
    named = chain.assign()
    chain.conclude(VerificationOpinion.ADVERSE)
    chain.tell(database)

    assert inventory(database, named).verifier == VERIFIER
    assert inventory(database).verifier is None
    with database.reading() as uow:
        (version,) = uow.chain_inventories.versions(INVENTORY)
        assert uow.chain_inventories.held_by(VERIFIER) == []
        assert len(uow.chain_inventories.held_by(VERIFIER, at_block=named)) == 1
    assert version.opinion is VerificationOpinion.ADVERSE


def test_another_version_takes_back_the_review(database: Database, chain: AgreedChain) -> None:
    """What the city reviewed was another version."""
    chain.draft()
    chain.submit()
    chain.assign(CITY)
    chain.conclude()
    chain.step(InventoryStep.REVIEW, InventoryState.VERIFIED, CITY)
    chain.submit(reason="a meter was read anew")
    chain.tell(database)
    found = inventory(database)

    assert (found.version, found.is_reviewed, found.reason) == (2, False, "a meter was read anew")


def test_restated_result_stays_beside_the_new_one(
    database: Database, confirmed: AgreedChain
) -> None:
    """Both versions name each other, and before the restatement neither did."""
    confirmed.step(InventoryStep.REOPENING, InventoryState.REOPENED, PROVINCE)
    confirmed.submit(total_t=900, reason="restated")
    confirmed.assign()
    before = confirmed.conclude()
    confirmed.confirm(total_t=900)
    confirmed.tell(database)
    with database.reading() as uow:
        old, new = uow.chain_inventories.versions(INVENTORY)
        first, _ = uow.chain_inventories.versions(INVENTORY, at_block=before)

    assert (old.restated_by, new.restates, first.restated_by) == (2, 1, 0)
    assert (old.total_t, new.total_t) == (1_000, 900)
    assert inventory(database).accepted_version == 2


def test_upheld_objection_takes_acceptance_back(database: Database, confirmed: AgreedChain) -> None:
    """What the undone result had restated is accepted again."""
    confirmed.step(InventoryStep.REOPENING, InventoryState.REOPENED, PROVINCE)
    confirmed.submit(total_t=900, reason="restated")
    confirmed.assign()
    confirmed.conclude()
    confirmed.confirm(total_t=900)
    objected = confirmed.step(InventoryStep.OBJECTION, InventoryState.OBJECTED, ENTERPRISE)
    confirmed.step(InventoryStep.OBJECTION_UPHELD, InventoryState.UNDER_VERIFICATION, PROVINCE)
    confirmed.tell(database)
    found = inventory(database)
    with database.reading() as uow:
        old, new = uow.chain_inventories.versions(INVENTORY)

    assert (found.accepted_version, found.objectable_until_s) == (1, 0)
    assert (old.restated_by, new.restates) == (0, 0)
    assert found.objections == 1
    assert found.decision_due_s == confirmed.time_s(objected) + 10 * 86_400


def test_nation_objects_with_its_own_bit(database: Database, confirmed: AgreedChain) -> None:
    """The enterprise and the national authority object once each."""
    confirmed.step(InventoryStep.OBJECTION, InventoryState.OBJECTED, ENTERPRISE)
    confirmed.step(InventoryStep.OBJECTION_DISMISSED, InventoryState.CONFIRMED, PROVINCE)
    confirmed.step(InventoryStep.OBJECTION, InventoryState.OBJECTED, NATION)
    confirmed.tell(database)

    assert inventory(database).objections == 3


def test_acts_are_listed_in_order_with_their_states(
    database: Database, confirmed: AgreedChain
) -> None:
    """Every act has its name, its states, its signers and its fields."""
    confirmed.tell(database)
    with database.reading() as uow:
        acts = uow.chain_inventories.acts(INVENTORY)
        again = uow.chain_inventories.act(acts[2].digest)

    assert [each.name for each in acts] == [
        "InventoryDraft",
        "InventorySubmission",
        "VerificationAssignment",
        "VerificationStatement",
        "CityReview",
        "ResultConfirmation",
    ]
    assert [each.state_after for each in acts] == confirmed.states
    assert [each.state_before for each in acts] == [InventoryState.NONE, *confirmed.states[:-1]]
    assert acts[0].signers == {"initiator": LEAD, "approver": REVIEWER}
    assert acts[4].reason == "why"
    assert again == acts[2]


def test_inventories_are_found_by_enterprise_and_by_holder(
    database: Database, confirmed: AgreedChain
) -> None:
    """The enterprise, the verifier and both authorities find it; the nation is not named."""
    confirmed.tell(database)
    with database.reading() as uow:
        repository = uow.chain_inventories
        assert [each.inventory_id for each in repository.of_enterprise(USC)] == [INVENTORY]
        holders = (VERIFIER, PROVINCE, CITY, NATION)
        assert [len(repository.held_by(each)) for each in holders] == [1, 1, 1, 0]
        assert len(repository.all()) == 1


def test_bound_evidence_is_kept(database: Database, chain: AgreedChain) -> None:
    """A line that was bound names its entry."""
    chain.add(EvidenceBound(chain.at(), INVENTORY, b"l" * 32, b"u" * 32, 1, 77, b"c" * 32))
    chain.tell(database)
    with database.reading() as uow:
        (found,) = uow.chain_inventories.bindings(INVENTORY)

    assert (found.line_id, found.entry_index, found.version) == (b"l" * 32, 77, 1)


# --- following -----------------------------------------------------------------------------------


def test_applying_twice_has_the_effect_of_once(database: Database, confirmed: AgreedChain) -> None:
    """A follower that was stopped before its cursor moved reads the same again."""
    confirmed.tell(database)
    first = inventory(database)
    confirmed.tell(database)
    with database.reading() as uow:
        acts = uow.chain_inventories.acts(INVENTORY)

    assert inventory(database) == first
    assert len(acts) == len(confirmed.states)


def test_rebuilding_gives_the_same(database: Database, confirmed: AgreedChain) -> None:
    """Forgetting everything and following from the start again changes nothing."""
    follower = PartyFollower(database.unit_of_work, database.reading, confirmed)
    follower.follow()
    with database.reading() as uow:
        before = uow.chain_inventories.acts(INVENTORY), uow.credentials.all()
    follower.rebuild()
    with database.reading() as uow:
        after = uow.chain_inventories.acts(INVENTORY), uow.credentials.all()

    assert after == before


def everything(database: Database) -> list[Any]:
    """Ask everything that can be asked, now and as of every block."""
    answers: list[Any] = []
    with database.reading() as uow:
        inventories, credentials = uow.chain_inventories, uow.credentials
        for at_block in (None, *range(16)):
            answers += [
                inventories.get(INVENTORY, at_block=at_block),
                inventories.of_enterprise(USC, at_block=at_block),
                inventories.held_by(VERIFIER, at_block=at_block),
                inventories.versions(INVENTORY, at_block=at_block),
                inventories.version(INVENTORY, 1, at_block=at_block),
                inventories.acts(INVENTORY, at_block=at_block),
                inventories.bindings(INVENTORY, at_block=at_block),
                credentials.all(at_block=at_block),
                credentials.of(VERIFIER, at_block=at_block),
                credentials.group_of(VERIFIER, at_block=at_block),
                credentials.group_members("示例集团", at_block=at_block),
                credentials.conflicts(VERIFIER, at_block=at_block),
                credentials.verified_years(VERIFIER, ENTERPRISE, at_block=at_block),
                credentials.rotation_years(at_block=at_block),
            ]
    return answers


@pytest.mark.real
def test_both_databases_answer_the_same(
    database: Database, postgresql_url: str, confirmed: AgreedChain
) -> None:
    """Every question, as of every block, on SQLite and on PostgreSQL."""
    confirmed.add(GroupSet(confirmed.at(), VERIFIER, "示例集团", b"a" * 32))
    confirmed.add(AdviceRecorded(confirmed.at(), VERIFIER, ENTERPRISE, 1, 2, "x", b"a" * 32))
    confirmed.add(PreparationRecorded(confirmed.at(), VERIFIER, 350_000, 1, 2, "x", b"b" * 32))
    confirmed.add(VerificationYear(confirmed.at(), VERIFIER, ENTERPRISE, 2024))
    confirmed.add(RotationSet(confirmed.at(), 3, "the rule"))
    confirmed.add(EvidenceBound(confirmed.at(), INVENTORY, b"l" * 32, b"u" * 32, 1, 7, b"c" * 32))
    with Database(postgresql_url) as other:
        for _ in range(2):
            confirmed.tell(database)
            confirmed.tell(other)

        assert everything(other) == everything(database)
        PartyFollower(other.unit_of_work, other.reading, confirmed).rebuild()
        assert everything(other) == everything(database)
