"""The Council: it decides together, slowly, and only what it decided happens."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chain.acts import Decision, Veto
from chain.bindings.council import Council, DecisionState, propose
from chain.errors import Reverted
from chain.keys import AccountSigner, generate_signer
from chain.typed_data import ActDomain, act_digest
from chain.values import Call
from tests.support.chain import VETO_DELAY_S, ChainWorld

pytestmark = pytest.mark.real
REGISTRAR = generate_signer().address


@pytest.fixture
def decision(world: ChainWorld) -> Decision:
    """To appoint another registrar."""
    return propose(
        world.parties.contract,
        "setRegistrar",
        REGISTRAR,
        True,
        title="任命登记员 appoint a registrar",
        reason="the second one in the region",
        term=world.council.term(),
        nonce=1,
        deadline=world.now_s() + 30 * 86_400,
    )


def digest(world: ChainWorld, decision: Decision) -> bytes:
    return act_digest(decision, ActDomain(world.client.chain_id(), world.address(Council.NAME)))


def endorse(world: ChainWorld, decision: Decision, signers: Sequence[AccountSigner]) -> Call:
    signatures = {each.address: world.sign(Council.NAME, decision, each) for each in signers}
    return world.council.endorse(decision, signatures)


def adopt(world: ChainWorld, decision: Decision) -> None:
    world.sender().execute(endorse(world, decision, world.council_keys[:3]))


def test_three_of_four_decide_after_five_days(world: ChainWorld, decision: Decision) -> None:
    """Three signatures and five days later anybody carries the decision out."""
    adopt(world, decision)
    world.pass_time(VETO_DELAY_S)
    world.sender().execute(world.council.execute(decision))

    assert world.parties.is_registrar(REGISTRAR)
    assert world.council.ballot(digest(world, decision)).state is DecisionState.EXECUTED


def test_two_of_four_decide_nothing(world: ChainWorld, decision: Decision) -> None:
    """Two signatures are kept and adopt nothing, however long."""
    world.sender().execute(endorse(world, decision, world.council_keys[:2]))
    world.pass_time(VETO_DELAY_S)

    assert world.council.ballot(digest(world, decision)).state is DecisionState.SIGNED
    with pytest.raises(Reverted, match="Council_StateForbids"):
        world.sender().prepare(world.council.execute(decision))


def test_nothing_happens_before_five_days(world: ChainWorld, decision: Decision) -> None:
    """A minute too early is too early."""
    adopt(world, decision)
    world.pass_time(VETO_DELAY_S - 60)

    with pytest.raises(Reverted, match="Council_TooEarly"):
        world.sender().prepare(world.council.execute(decision))


def test_one_veto_stops_a_decision(world: ChainWorld, decision: Decision) -> None:
    """Any member, also one that did not sign, stops an adopted decision for ever."""
    adopt(world, decision)
    member = world.council_keys[3]
    act = Veto(digest(world, decision), member.address, "not heard", decision.deadline)
    signature = world.sign(Council.NAME, act, member)
    world.sender().execute(world.council.veto(act, signature=signature))
    world.pass_time(VETO_DELAY_S)

    with pytest.raises(Reverted, match="Council_StateForbids"):
        world.sender().prepare(world.council.execute(decision))


def test_stranger_does_not_endorse(world: ChainWorld, decision: Decision) -> None:
    """The signature of one who is no member is refused with the whole hand-in."""
    signers = [*world.council_keys[:2], generate_signer()]

    with pytest.raises(Reverted, match="Council_NotMember"):
        world.sender().prepare(endorse(world, decision, signers))


def test_decision_is_the_call_that_was_signed(world: ChainWorld, decision: Decision) -> None:
    """Signatures for one call do not carry out another."""
    adopt(world, decision)
    world.pass_time(VETO_DELAY_S)
    other = propose(
        world.parties.contract,
        "setRegistrar",
        generate_signer().address,
        True,
        title=decision.title,
        reason=decision.reason,
        term=decision.term,
        nonce=decision.nonce,
        deadline=decision.deadline,
    )

    with pytest.raises(Reverted, match="Council_StateForbids"):
        world.sender().prepare(world.council.execute(other))


def test_members_are_readable(world: ChainWorld) -> None:
    """The members, their number and the delay are what was deployed."""
    members = world.council.members()

    assert [member.key for member in members] == [each.address for each in world.council_keys]
    assert (world.council.threshold(), world.council.delay_s()) == (3, VETO_DELAY_S)
