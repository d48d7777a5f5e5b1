"""What the ledger reads of a real chain is what the contracts hold, after every act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.chain_side import final_events
from attestation.enums import InventoryState, InventoryStep, RegulatorTier, Sector
from attestation.ids import ZERO_HASH
from chain.addresses import ZERO_ADDRESS
from chain.bindings.party_registry import party_id_of
from chain.credential_acts import AdviceRecord, CredentialChange, GroupMembership
from chain.finality import Instant
from ledger import migrations
from ledger.database import Database
from ledger.log.parties import PartyFollower
from ledger.repositories.chain_inventories import ChainInventory
from tests.support.agreements import CITY, NATION, PROVINCE, VERIFIER, Agreement, name_of, word
from tests.support.chain import USC, ChainWorld

pytestmark = pytest.mark.real
DAY_S = 86_400


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A fresh database."""
    with Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        migrations.upgrade(opened.engine)
        yield opened


@pytest.fixture
def case(world: ChainWorld) -> Agreement:
    """A case whose parties have credentials."""
    return Agreement.begin(world)


def follow(case: Agreement, database: Database) -> PartyFollower:
    """Read the chain to its end."""
    world = case.world
    events = final_events(world.client, world.deployment, Instant())
    follower = PartyFollower(database.unit_of_work, database.reading, events)
    follower.follow()
    return follower


def read(case: Agreement, database: Database) -> ChainInventory:
    """Read the inventory from the ledger."""
    with database.reading() as uow:
        found = uow.chain_inventories.get(case.inventory_id)
    assert found is not None
    return found


def require_equal(case: Agreement, database: Database) -> None:
    """Compare what the ledger read with what the contract holds, field by field."""
    follow(case, database)
    ours, theirs = read(case, database), case.found()
    assert ours.state is theirs.state
    assert ours.state_hash == theirs.state_hash
    assert (ours.enterprise, ours.usc, ours.name) == (theirs.enterprise, USC, name_of(USC))
    assert (ours.verifier, ours.regulator) == (theirs.verifier, theirs.regulator)
    assert ours.city_regulator == theirs.city_regulator
    assert (ours.lead_verifier or ZERO_ADDRESS) == theirs.lead_verifier
    assert (ours.technical_reviewer or ZERO_ADDRESS) == theirs.technical_reviewer
    assert (ours.sector, ours.area, ours.report_year) == (
        theirs.sector,
        theirs.area,
        theirs.report_year,
    )
    assert (ours.version, ours.accepted_version) == (theirs.version, theirs.accepted_version)
    assert (ours.is_reviewed, ours.objections) == (theirs.is_reviewed, theirs.objections)
    assert ours.objectable_until_s == theirs.objectable_until_s
    assert ours.decision_due_s == theirs.decision_due_s
    require_equal_versions(case, database)


def require_equal_versions(case: Agreement, database: Database) -> None:
    """Compare every version."""
    with database.reading() as uow:
        versions = uow.chain_inventories.versions(case.inventory_id)
    for ours in versions:
        theirs = case.world.inventories.version(case.inventory_id, ours.number)
        assert theirs is not None
        assert (ours.inputs_hash, ours.lines_root) == (theirs.inputs_hash, theirs.lines_root)
        assert (ours.log_id, ours.log_root) == (theirs.log_id, theirs.log_root)
        assert (ours.log_size, ours.line_count) == (theirs.log_size, theirs.line_count)
        assert ours.total_t == theirs.total_t
        assert (ours.restates, ours.restated_by) == (theirs.restates, theirs.restated_by)
        assert ours.laboratories == theirs.laboratories


def test_every_state_of_a_case_is_the_contracts(case: Agreement, database: Database) -> None:
    """From draft to restatement and back, no field of the read model ever differs."""
    province, nation = PROVINCE, NATION
    steps = [
        case.draft,
        case.submission,
        lambda: case.assignment(CITY),
        lambda: case.step(InventoryStep.FINDINGS, VERIFIER),
        lambda: case.step(InventoryStep.RESPONSE, USC),
        case.statement,
        lambda: case.step(InventoryStep.REVIEW, CITY),
        case.confirmation,
        lambda: case.step(InventoryStep.OBJECTION, USC),
        lambda: case.step(InventoryStep.OBJECTION_DISMISSED, province),
        lambda: case.step(InventoryStep.OBJECTION, nation),
        lambda: case.step(InventoryStep.OBJECTION_UPHELD, province),
        case.statement,
        lambda: case.step(InventoryStep.REVIEW, CITY),
        case.confirmation,
    ]
    for make in steps:
        case.perform(make())
        require_equal(case, database)
    case.world.pass_time(30 * DAY_S)
    for make in (
        lambda: case.step(InventoryStep.REOPENING, province),
        lambda: case.submission(2, 1_000),
        case.assignment,
        lambda: case.statement(1_000),
        lambda: case.confirmation(1_000),
        lambda: case.step(InventoryStep.OBJECTION, USC),
        lambda: case.step(InventoryStep.OBJECTION_UPHELD, province),
        lambda: case.step(InventoryStep.REJECTION, province),
    ):
        case.perform(make())
        require_equal(case, database)

    with database.reading() as uow:
        acts = uow.chain_inventories.acts(case.inventory_id)
    assert len(acts) == len(steps) + 8
    assert all(act.fields and act.signers for act in acts)
    assert acts[-1].state_after is read(case, database).state is InventoryState.CONFIRMED


def test_read_again_from_the_start_it_is_the_same(case: Agreement, database: Database) -> None:
    """Nothing of the read model is anywhere but on the chain."""
    case.confirm_first(CITY)
    follower = follow(case, database)
    with database.reading() as uow:
        before = uow.chain_inventories.acts(case.inventory_id), uow.credentials.all()
    follower.rebuild()
    with database.reading() as uow:
        after = uow.chain_inventories.acts(case.inventory_id), uow.credentials.all()

    assert before == after


def test_credentials_are_the_contracts(case: Agreement, database: Database) -> None:
    """Grant, suspension, group and advice are read as they were recorded."""
    world = case.world
    verifier, enterprise = party_id_of(VERIFIER), party_id_of(USC)
    common = {
        "registrar": world.registrar.address,
        "nonce": next(world.nonces),
        "deadline": world.deadline(),
    }
    suspension = CredentialChange(
        credit_code=VERIFIER,
        status=2,
        reason="资质复核",
        current=world.credentials.state_of(verifier),
        **common,
    )
    case.perform(suspension)
    case.perform(GroupMembership(VERIFIER, "", "示例集团", **common))
    case.perform(AdviceRecord(VERIFIER, USC, 100, 200, "咨询", **common))
    follow(case, database)
    with database.reading() as uow:
        ours = uow.credentials.of(verifier)
        group, (conflict,) = uow.credentials.group_of(verifier), uow.credentials.conflicts(verifier)
        province = uow.credentials.of(party_id_of(PROVINCE))

    now_s = world.now_s()
    theirs = world.credentials.credential_at(verifier, now_s)
    assert ours is not None
    assert theirs is not None
    assert (ours.kind, ours.tier, ours.status) == (theirs.kind, theirs.tier, theirs.status)
    assert (set(ours.sectors), ours.areas) == (theirs.sectors, theirs.areas)
    assert (ours.valid_from_s, ours.valid_to_s) == (theirs.valid_from_s, theirs.valid_to_s)
    assert ours.act_digest == theirs.act_digest
    assert ours.state == world.credentials.state_of(verifier) != ZERO_HASH
    assert (group, conflict.enterprise, conflict.to_s) == ("示例集团", enterprise, 200)
    assert province is not None
    assert (province.tier, province.sectors) == (RegulatorTier.PROVINCE, ())
    assert Sector.POWER in ours.sectors


def test_withdrawn_draft_and_new_version(case: Agreement, database: Database) -> None:
    """A withdrawal forgets nobody's version."""
    case.perform(case.draft())
    case.perform(case.submission())
    case.perform(case.step(InventoryStep.WITHDRAWAL, USC))
    case.perform(replace(case.submission(2), document_hash=word("document", 2)))
    require_equal(case, database)
