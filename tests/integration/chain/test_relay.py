"""The relay on a real chain: it carries every act to its end, and can forge none."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.chain_side import ChainSide, LedgerRelay
from api.errors import NotFound
from api.office.errors import RequestEdited, RequestExpired, SignaturesMissing, WrongPlace
from api.relaying import place_act, take_in
from attestation.enums import CredentialStatus, InventoryState, InventoryStep, OperationState
from attestation.instants import Instant
from chain.acts import Removal
from chain.addresses import format_address
from chain.bindings.party_registry import party_id_of
from chain.credential_acts import CredentialChange
from chain.errors import Reverted
from chain.finality import Instant as InstantFinality
from chain.inventory_acts import InventoryDraft
from chain.keys import AccountSigner
from chain.relay import ChainRelay
from chain.signed_acts import act_message, signed_act_of, signers_of
from chain.typed_data import Act, ActDomain
from ledger import migrations
from ledger.database import Database
from ledger.relay.relaying import Relaying
from ledger.repositories.operations import Operation
from tests.support.agreements import CITY, NATION, PROVINCE, VERIFIER, Agreement
from tests.support.chain import USC, ChainWorld

pytestmark = pytest.mark.real


@dataclass
class Office:
    """A place that relays, and the people of a case."""

    case: Agreement
    chain: ChainSide
    database: Database
    relaying: Relaying
    account: AccountSigner

    @property
    def now(self) -> Instant:
        """The chain's present."""
        return Instant(self.case.world.now_s() * 1000)

    def domain(self, act: Act) -> ActDomain:
        """Where an act counts."""
        world = self.case.world
        return ActDomain(world.chain_id, world.address(signed_act_of(act).contract))

    def hand_in(
        self, act: Act, signatures: dict[str, bytes] | None = None, **changes: Any
    ) -> Operation:
        """Hand an act in as the server does."""
        domain = self.domain(act)
        arguments = {
            "chain_id": f"eip155:{domain.chain_id}",
            "address": format_address(domain.contract),
            "now": self.now,
        }
        placed = place_act(self.chain, type(act).__name__, act_message(act, domain))
        signed = self.case.signatures(act) if signatures is None else signatures
        new = take_in(self.chain, placed, signed, **(arguments | changes))
        with self.database.unit_of_work() as uow:
            queued = uow.operations.queue(new, now=self.now)
            uow.commit()
        return queued

    def carry(self, act: Act, signatures: dict[str, bytes] | None = None) -> Operation:
        """Hand an act in, and work until it has come to its end."""
        queued = self.hand_in(act, signatures)
        for _ in range(4):
            self.relaying.step(self.now)
        with self.database.reading() as uow:
            found = uow.operations.by_digest(queued.digest)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def shared_case(shared_world: ChainWorld) -> Iterator[Agreement]:
    """The parties of a case, registered and accredited once."""
    with shared_world.undone():
        yield Agreement.begin(shared_world)


@pytest.fixture
def office(shared_case: Agreement, tmp_path: Path) -> Iterator[Office]:
    """A place that relays, on a database of its own."""
    world = shared_case.world
    with shared_case.world.undone(), Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        migrations.upgrade(opened.engine)
        account = world.funded()
        relay = ChainRelay(world.client, world.sender(account), InstantFinality())
        parts = SimpleNamespace(client=world.client, deployment=world.deployment, relay=relay)
        relaying = Relaying(opened.unit_of_work, opened.reading, cast(Any, LedgerRelay(relay)))
        yield Office(shared_case, cast(ChainSide, parts), opened, relaying, account)


def test_whole_case_is_relayed(office: Office) -> None:
    """Every party's act comes to its end, paid for by an account that holds no right."""
    case = office.case
    makers = (
        case.draft,
        case.submission,
        lambda: case.assignment(CITY),
        case.statement,
        lambda: case.step(InventoryStep.REVIEW, CITY),
        case.confirmation,
    )
    states = [office.carry(make()).state for make in makers]

    assert set(states) == {OperationState.FINAL}
    assert case.found().state is InventoryState.CONFIRMED


def test_refused_act_says_why_and_costs_nothing(office: Office) -> None:
    """An act on another state is refused before anything is sent."""
    office.carry(office.case.draft())
    stale = replace(office.case.submission(), previous_state=b"\x01" * 32)
    before = office.case.world.client.balance_wei(office.account.address)
    failed = office.carry(stale)

    assert failed.state is OperationState.FAILED
    assert "InventoryRegistry_StateDiffers" in str(failed.error)
    assert office.case.world.client.balance_wei(office.account.address) == before


def test_act_that_its_party_sent_itself(office: Office) -> None:
    """It is final here too, and the relay sends nothing."""
    act = office.case.draft()
    office.hand_in(act)
    office.case.perform(act)
    done = office.carry(act)

    assert (done.state, done.tx_hash) == (OperationState.FINAL, None)


def test_stopped_between_storing_and_sending(office: Office) -> None:
    """The stored bytes are sent by the next step, and the act takes effect once."""
    act = office.case.draft()
    office.hand_in(act)
    relay = office.relaying._relay
    cast(Any, relay).send = lambda _raw: None
    office.relaying.step(office.now)
    del cast(Any, relay).__dict__["send"]

    assert office.carry(act).state is OperationState.FINAL
    assert office.case.found().state is InventoryState.DRAFTED


# --- what is refused before it is queued ---------------------------------------------------------


def test_act_for_another_chain(office: Office) -> None:
    """What was signed for another chain is not for this one."""
    with pytest.raises(WrongPlace, match="eip155:1"):
        office.hand_in(office.case.draft(), chain_id="eip155:1")


def test_act_for_another_contract(office: Office) -> None:
    """The deployment says where the contract stands."""
    elsewhere = format_address(b"\x09" * 20)
    with pytest.raises(WrongPlace, match="not for"):
        office.hand_in(office.case.draft(), address=elsewhere)


def test_act_after_its_deadline(office: Office) -> None:
    """The last second is in time, the next is not."""
    now_s = office.now // 1000
    office.hand_in(replace(office.case.draft(), deadline=now_s))
    with pytest.raises(RequestExpired):
        office.hand_in(replace(office.case.draft(), deadline=now_s - 1))


def test_one_signature_of_two(office: Office) -> None:
    """Who is missing is named."""
    act = office.case.draft()
    signatures = office.case.signatures(act)
    with pytest.raises(SignaturesMissing, match="approver"):
        office.hand_in(act, {"initiator": signatures["initiator"]})


def test_signature_of_somebody_who_is_not_named(office: Office) -> None:
    """A third signature says that something else was meant."""
    act = office.case.draft()
    signatures = office.case.signatures(act)
    with pytest.raises(SignaturesMissing, match="not named"):
        office.hand_in(act, {**signatures, "operator": signatures["approver"]})


def test_signatures_in_each_others_place(office: Office) -> None:
    """The initiator's signature is not the approver's."""
    act = office.case.draft()
    given = office.case.signatures(act)
    swapped = {"initiator": given["approver"], "approver": given["initiator"]}
    with pytest.raises(RequestEdited, match="initiator"):
        office.hand_in(act, swapped)


def test_fields_that_were_changed_after_signing(office: Office) -> None:
    """One nonce further, and no signature holds."""
    act = office.case.draft()
    with pytest.raises(RequestEdited):
        office.hand_in(replace(act, nonce=act.nonce + 1), office.case.signatures(act))


def test_place_without_an_account(office: Office) -> None:
    """Nothing is relayed where nothing pays."""
    cast(Any, office.chain).relay = None
    with pytest.raises(NotFound, match="relays no acts"):
        office.hand_in(office.case.draft())


# --- what the server could try -------------------------------------------------------------------


def test_server_can_forge_no_act(office: Office) -> None:
    """
    Every act, at the moment when it would count: not by the server's keys, but by its persons'.

    That the persons' signatures do it right after shows that nothing but the signatures was wrong.
    """
    case = office.case
    makers: tuple[Callable[[], Act], ...] = (
        case.draft,
        case.submission,
        lambda: case.assignment(CITY),
        lambda: case.step(InventoryStep.FINDINGS, VERIFIER),
        lambda: case.step(InventoryStep.RESPONSE, USC),
        case.statement,
        lambda: case.step(InventoryStep.REVIEW, CITY),
        case.confirmation,
        lambda: case.step(InventoryStep.OBJECTION, USC),
        lambda: case.step(InventoryStep.OBJECTION_DISMISSED, PROVINCE),
        lambda: case.step(InventoryStep.OBJECTION, NATION),
        lambda: case.step(InventoryStep.OBJECTION_UPHELD, PROVINCE),
        lambda: case.step(InventoryStep.REJECTION, PROVINCE),
        lambda: case.submission(2),
        lambda: case.step(InventoryStep.WITHDRAWAL, USC),
        lambda: _enrolment(case),
        lambda: _suspension(case),
        lambda: _removal(case),
    )
    for make in makers:
        act = make()
        for keys in _forgeries(office, act):
            _require_refused(office, act, _signatures(office, act, keys))
            own = _naming(act, {role: key.address for role, key in keys.items()})
            _require_refused(office, own, _signatures(office, own, keys))
        assert office.carry(act).state is OperationState.FINAL


def _forgeries(office: Office, act: Act) -> Iterator[dict[str, AccountSigner]]:
    """Put the keys that the server holds into an act's roles, two at a time."""
    log_key = AccountSigner(hashlib.sha256(b"seed of the log's key").digest())
    held = (office.account, office.case.operator, log_key)
    for keys in itertools.permutations(held, 2):
        yield dict(zip(signers_of(act), keys, strict=False))


def _enrolment(case: Agreement) -> Act:
    return case.world.enrolment(case.parties[USC], case.log, b"k" * 32, len(case.log.entries))


def _suspension(case: Agreement) -> Act:
    return CredentialChange(
        credit_code=VERIFIER,
        status=int(CredentialStatus.SUSPENDED),
        reason="资质复核",
        current=case.world.credentials.state_of(party_id_of(VERIFIER)),
        registrar=case.world.registrar.address,
        nonce=next(case.world.nonces),
        deadline=case.world.deadline(),
    )


def _removal(case: Agreement) -> Act:
    keys = case.parties[NATION]
    return Removal(
        credit_code=NATION,
        key=keys.initiator.address,
        remover=keys.approver.address,
        nonce=next(case.world.nonces),
        deadline=case.world.deadline(),
    )


def test_stored_act_is_good_for_nothing_else(office: Office) -> None:
    """What the database holds of an act does not do it twice, nor another in its place."""
    case = office.case
    act = case.draft()
    done = office.carry(act)
    sender = case.world.sender(office.account)
    with pytest.raises(Reverted):
        sender.execute(replace(case.call(act), data=done.call_data))

    given = case.signatures(act)
    for other in (replace(act, nonce=act.nonce + 1), case.another("2").draft()):
        _require_refused(office, other, given)
    assert isinstance(act, InventoryDraft)


def _signatures(office: Office, act: Act, keys: dict[str, AccountSigner]) -> dict[str, bytes]:
    contract = signed_act_of(act).contract
    return {role: office.case.world.sign(contract, act, key) for role, key in keys.items()}


def _naming(act: Act, addresses: dict[str, bytes]) -> Act:
    """Put other signers in an act's place."""
    return replace(cast(Any, act), **addresses)


def _require_refused(office: Office, act: Act, signatures: dict[str, bytes]) -> None:
    """Send an act straight to its contract, past everything that the server checks."""
    call = office.case.call(act, signatures)
    with pytest.raises(Reverted):
        office.case.world.client.estimate_gas(call.to, call.data, sender=office.account.address)
