"""What those who sign or send may write into an act stops nobody who reads the chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.chain_side import final_events
from attestation.enums import InventoryState, InventoryStep, RegulatorTier
from chain.bindings.party_registry import party_id_of
from chain.bounds import LATEST_S, MOST
from chain.errors import Reverted
from chain.finality import Instant
from chain.typed_data import Act
from chain.values import Call
from ledger import migrations
from ledger.database import Database
from ledger.log.parties import PartyFollower
from ledger.repositories.chain_inventories import ChainAct
from tests.support.agreements import CITY, Agreement, name_of
from tests.support.chain import USC, ChainWorld

pytestmark = pytest.mark.real
PLACE = "instead of text"
ODD = b"\xff\0\xc3( is no text"
assert len(ODD) == len(PLACE)
FORWARDER = bytes.fromhex(
    "602780600b6000396000f3"  # gives the code that follows
    "601436036014600037"
    "600060006014360360006000600035"
    "60601c5af1"
    "60255760006000fd5b00"
)
"""Calls the address in the first 20 bytes of its call data with the rest."""


@pytest.fixture(scope="module")
def shared_case(shared_world: ChainWorld) -> Iterator[Agreement]:
    """The parties of a case, registered and accredited once."""
    with shared_world.undone():
        yield Agreement.begin(shared_world)


@pytest.fixture
def case(shared_case: Agreement) -> Iterator[Agreement]:
    """A case; a test's own changes are undone."""
    with shared_case.world.undone():
        yield shared_case


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A fresh database."""
    with Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        migrations.upgrade(opened.engine)
        yield opened


def follow(case: Agreement, database: Database) -> list[ChainAct]:
    """Read the chain to its end, and give the acts of the case."""
    events = final_events(case.world.client, case.world.deployment, Instant())
    PartyFollower(database.unit_of_work, database.reading, events).follow()
    with database.reading() as uow:
        return uow.chain_inventories.acts(case.inventory_id)


def odd_call(case: Agreement, act: Act) -> Call:
    """Give the call of an act with odd bytes in the place of a text, rightly signed."""
    call = with_odd_bytes(case.call(act))
    with pytest.raises(Reverted, match="Acts_NotSignedBy") as refused:
        case.world.client.call(call.to, call.data)
    # What the contract makes of these bytes, it says itself.
    digest, keys = refused.value.arguments["actDigest"], case.parties[USC]
    signed = {
        "initiator": keys.initiator.sign_digest(digest),
        "approver": keys.approver.sign_digest(digest),
    }
    return with_odd_bytes(case.call(act, signed))


def with_odd_bytes(call: Call) -> Call:
    """Put odd bytes in the place of a text."""
    assert call.data.count(PLACE.encode()) == 1
    return Call(call.to, call.data.replace(PLACE.encode(), ODD))


def test_a_reason_that_is_no_text_is_read_over(case: Agreement, database: Database) -> None:
    """An enterprise signs bytes that are no UTF-8, and NUL: what comes after is read as ever."""
    case.perform(case.draft())
    withdrawal = replace(case.step(InventoryStep.WITHDRAWAL, USC), reason=PLACE)
    case.world.sender().execute(odd_call(case, withdrawal))
    case.perform(case.submission())

    drafted, odd, submitted = follow(case, database)
    assert odd.state_after is InventoryState.WITHDRAWN
    assert odd.reason == "\ufffd\ufffd\ufffd( is no text"
    assert odd.fields is None
    assert drafted.fields is not None
    assert submitted.fields is not None
    assert submitted.state_before is InventoryState.WITHDRAWN


def test_a_unit_that_is_no_text_is_read_over(case: Agreement, database: Database) -> None:
    """The name of a unit is any bytes to the contract."""
    other = case.another(PLACE)
    case.world.sender().execute(odd_call(other, other.draft()))
    case.perform(case.draft())

    assert len(follow(case, database)) == 1
    with database.reading() as uow:
        units = {each.unit_code for each in uow.chain_inventories.of_enterprise(USC)}
    assert len(units) == 2
    assert not any("\0" in each for each in units)


def test_padding_that_the_contract_does_not_look_at(case: Agreement, database: Database) -> None:
    """Whoever sends an act may fill up the last word of a text; the act is read in full."""
    call = case.call(case.draft())
    name = name_of(USC).encode()
    end = call.data.index(name) + len(name)
    assert call.data[end : end + 2] == b"\0\0"
    odd = call.data[: end + 1] + b"\x01" + call.data[end + 2 :]
    case.world.sender().execute(Call(call.to, odd))

    (act,) = follow(case, database)
    assert act.fields is not None
    assert act.fields["subject"]["enterprise"] == name_of(USC)
    assert act.signers["initiator"] == case.parties[USC].initiator.address


def test_an_act_sent_through_another_contract(case: Agreement, database: Database) -> None:
    """Whoever sends an act may put a contract before the registry; the act is read in full."""
    sender = case.world.sender()
    forwarder = sender.execute(Call(None, FORWARDER)).contract_address
    call = case.call(case.draft())
    assert call.to is not None
    sender.execute(Call(forwarder, call.to + call.data))

    (act,) = follow(case, database)
    assert act.fields is not None
    assert act.signers["approver"] == case.parties[USC].approver.address


def test_numbers_that_no_column_holds(case: Agreement, database: Database) -> None:
    """The greatest total, and a credential that never ends, are told as the most there can be."""
    endless = replace(case.grant(CITY, (), (310_100,), RegulatorTier.CITY), valid_to=2**64 - 1)
    case.perform(endless)
    case.perform(case.draft())
    case.perform(replace(case.submission(total_t=2**64 - 1), line_count=2**63))

    assert len(follow(case, database)) == 2
    with database.reading() as uow:
        (version,) = uow.chain_inventories.versions(case.inventory_id)
        held = uow.credentials.of(party_id_of(CITY))
    assert (version.total_t, version.line_count) == (MOST, MOST)
    assert held is not None
    assert held.valid_to_s == LATEST_S
