"""New keys for a party that lost all: signed by them, decided by the Council, on a real chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.office import party_requests
from api.office.decisions import (
    DecisionPaper,
    check_paper,
    format_paper,
    parse_paper,
    recovery_decision,
    sign_paper,
)
from api.office.errors import (
    RequestEdited,
    RequestExpired,
    SignaturesMissing,
    SignedAlready,
    WrongPlace,
    WrongSigner,
)
from api.office.request import SigningRequest
from attestation.enums import RepresentativeRole
from attestation.errors import EncodingError
from attestation.instants import Instant
from chain.bindings.council import Council, DecisionState
from chain.bindings.party_registry import party_id_of
from chain.errors import Reverted
from chain.keys import generate_signer
from tests.support.agreements import NATION, Agreement
from tests.support.case_office import CaseOffices
from tests.support.chain import VETO_DELAY_S, ChainWorld, PartyKeys

pytestmark = pytest.mark.real
KEYS = PartyKeys(NATION, generate_signer(), generate_signer())


@pytest.fixture(scope="module")
def shared_offices(shared_world: ChainWorld) -> Iterator[CaseOffices]:
    """The offices of a case, with credentials, once."""
    with shared_world.undone():
        yield CaseOffices.begin(Agreement.begin(shared_world))


@pytest.fixture
def offices(shared_offices: CaseOffices) -> Iterator[CaseOffices]:
    """The offices, and what a test does is undone."""
    with shared_offices.world.undone():
        yield shared_offices


def council(offices: CaseOffices) -> bytes:
    """Give the Council's address."""
    return offices.world.address(Council.NAME)


def recovery(offices: CaseOffices) -> SigningRequest:
    """Draft the recovery of the nation's keys, signed by the new ones."""
    drafted = party_requests.recover(offices.acts(), NATION, KEYS.seats())
    return offices.signed(drafted, KEYS.initiator, KEYS.approver)


def written(offices: CaseOffices, request: SigningRequest | None = None) -> DecisionPaper:
    """Write the decision."""
    return recovery_decision(
        offices.chain_desk(),
        council(offices),
        request or recovery(offices),
        reason="both keys burnt with the office",
        now=offices.now,
        days=30,
    )


def signed(offices: CaseOffices, members: int, paper: DecisionPaper | None = None) -> DecisionPaper:
    """Let some members sign."""
    paper = paper or written(offices)
    for key in offices.world.council_keys[:members]:
        paper = sign_paper(offices.chain_desk(), paper, key, now=offices.now)
    return paper


def test_council_gives_a_party_new_keys(offices: CaseOffices) -> None:
    """Three sign, five days pass, and the old keys are no more."""
    paper = parse_paper(format_paper(signed(offices, 3)))
    body = check_paper(offices.chain_desk(), paper, now=offices.now)
    offices.world.sender().execute(body.endorse(paper.decision, paper.signatures))
    assert body.ballot(paper.digest).state is DecisionState.ADOPTED
    offices.world.pass_time(VETO_DELAY_S)
    offices.world.sender().execute(body.execute(paper.decision))

    in_force = offices.world.parties.is_in_force
    nation, approver = party_id_of(NATION), RepresentativeRole.APPROVER
    old = offices.agreement.parties[NATION].approver
    assert in_force(nation, KEYS.approver.address, approver)
    assert not in_force(nation, old.address, approver)


def test_two_members_decide_nothing(offices: CaseOffices) -> None:
    """Their signatures are kept, and nothing is carried out."""
    paper = signed(offices, 2)
    body = check_paper(offices.chain_desk(), paper, now=offices.now)
    offices.world.sender().execute(body.endorse(paper.decision, paper.signatures))
    offices.world.pass_time(VETO_DELAY_S)

    with pytest.raises(Reverted, match="Council_StateForbids"):
        offices.world.sender().execute(body.execute(paper.decision))


def test_new_keys_have_not_signed(offices: CaseOffices) -> None:
    """Nobody gets a key that nobody holds."""
    drafted = party_requests.recover(offices.acts(), NATION, KEYS.seats())
    with pytest.raises(SignaturesMissing, match="seat-1"):
        written(offices, drafted)


def test_request_of_something_else(offices: CaseOffices) -> None:
    """Only a recovery is decided this way."""
    registrar = offices.world.registrar.address
    other = party_requests.set_group(offices.acts(), NATION, "", "g", registrar)
    with pytest.raises(WrongPlace, match="recovery"):
        written(offices, other)


def test_account_that_is_not_the_council(offices: CaseOffices) -> None:
    """A decision signed for anything else would be worth nothing."""
    with pytest.raises(WrongPlace, match="not the Council"):
        recovery_decision(
            offices.chain_desk(),
            offices.world.registrar.address,
            recovery(offices),
            reason="r",
            now=offices.now,
            days=30,
        )


def test_stranger_is_no_member(offices: CaseOffices) -> None:
    """Registrars and parties decide nothing."""
    with pytest.raises(WrongSigner):
        sign_paper(offices.chain_desk(), written(offices), offices.world.registrar, now=offices.now)


def test_member_signs_once(offices: CaseOffices) -> None:
    """A second signature of one member is no second member."""
    paper = signed(offices, 1)
    with pytest.raises(SignedAlready):
        sign_paper(offices.chain_desk(), paper, offices.world.council_keys[0], now=offices.now)


def test_decision_edited_after_the_first_signature(offices: CaseOffices) -> None:
    """Another reason, and the first member's signature no longer holds."""
    paper = signed(offices, 1)
    edited = replace(paper, decision=replace(paper.decision, reason="another"))
    with pytest.raises(RequestEdited):
        check_paper(offices.chain_desk(), edited, now=offices.now)


def test_decision_of_another_membership(offices: CaseOffices) -> None:
    """What was drafted under other members is drafted again."""
    paper = written(offices)
    other = replace(paper, decision=replace(paper.decision, term=paper.decision.term + 1))
    with pytest.raises(WrongPlace, match="membership"):
        check_paper(offices.chain_desk(), other, now=offices.now)


def test_decision_of_another_chain(offices: CaseOffices) -> None:
    """The same Council on another chain is another Council."""
    with pytest.raises(WrongPlace, match="eip155:1"):
        check_paper(offices.chain_desk(), replace(written(offices), chain_id=1), now=offices.now)


def test_decision_after_its_deadline(offices: CaseOffices) -> None:
    """The last second is in time, the next is not."""
    paper = written(offices)
    last = Instant(paper.decision.deadline * 1000)
    check_paper(offices.chain_desk(), paper, now=last)
    with pytest.raises(RequestExpired):
        check_paper(offices.chain_desk(), paper, now=Instant(last + 1000))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version": 1', b'"version": 2'),
        (b'"term": "', b'"term": "0'),
        (b'"signatures": {}', b'"signatures": {"0x12": "0x"}'),
        (b'"council"', b'"board"'),
        (b"{", b"["),
    ],
)
def test_file_that_is_no_decision(offices: CaseOffices, old: bytes, new: bytes) -> None:
    """A decision has one form."""
    with pytest.raises(EncodingError):
        parse_paper(format_paper(written(offices)).replace(old, new, 1))
