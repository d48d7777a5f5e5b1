"""Requests about an inventory, from draft to final, by real keys on a real chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.errors import BadRequest
from api.office.comparing import compare_with_chain
from api.office.errors import (
    Contradicted,
    NotInForce,
    NotInThisState,
    OnePerson,
    RequestEdited,
    SignaturesMissing,
    WrongPlace,
    WrongSigner,
)
from api.office.handing_in import Stage
from api.office.inventory_requests import Pair
from api.office.parts import ActPart
from api.office.request import SigningRequest, format_request, parse_request
from api.office.signing import check_request, sign_request
from api.office.subjects import parse_subject, registered_name
from api.office.words import describe
from attestation.enums import InventoryState, InventoryStep, Sector, VerificationOpinion
from attestation.errors import EncodingError
from chain.bindings.inventory_registry import RegisteredInventory
from chain.errors import Reverted
from chain.keys import generate_signer
from tests.support.agreements import CITY, LABORATORY, NATION, PROVINCE, VERIFIER, Agreement, word
from tests.support.case_office import NAME, SCOPE, TOTAL_T, USC, CaseOffices
from tests.support.chain import ChainWorld

pytestmark = pytest.mark.real
OTHER = replace(SCOPE, unit="unit-2")


@pytest.fixture(scope="module")
def shared_offices(shared_world: ChainWorld) -> Iterator[CaseOffices]:
    """The offices of a case, with credentials and a version submitted, once."""
    with shared_world.undone():
        offices = CaseOffices.begin(Agreement.begin(shared_world))
        offices.perform(offices.drafting().begin(Sector.POWER))
        offices.perform(offices.drafting().submit(offices.carried(), laboratories=[LABORATORY]))
        yield offices


@pytest.fixture
def submitted(shared_offices: CaseOffices) -> Iterator[CaseOffices]:
    """The offices with a version submitted; what a test does is undone."""
    with shared_offices.world.undone():
        yield shared_offices


@pytest.fixture
def assigned(submitted: CaseOffices) -> CaseOffices:
    """The offices with a verifier assigned."""
    team = submitted.pair(VERIFIER)
    submitted.perform(submitted.drafting(PROVINCE).assign(PROVINCE, VERIFIER, team), PROVINCE)
    return submitted


def found(offices: CaseOffices) -> RegisteredInventory:
    """Read the inventory."""
    inventory = offices.world.inventories.inventory(SCOPE.inventory_id)
    assert inventory is not None
    return inventory


def statement(offices: CaseOffices) -> SigningRequest:
    """Draft the verifier's statement."""
    drafting = offices.drafting(VERIFIER)
    return drafting.conclude(offices.carried(), VerificationOpinion.UNMODIFIED, word("report", 1))


def test_whole_case_by_requests(submitted: CaseOffices) -> None:
    """Every party drafts from its own node, signs by two persons, and the result is accepted."""
    offices, team = submitted, submitted.pair(VERIFIER)
    assign = offices.drafting(PROVINCE).assign(PROVINCE, VERIFIER, team, city_regulator=CITY)
    offices.perform(assign, PROVINCE)
    raised = offices.drafting(VERIFIER).step(
        InventoryStep.FINDINGS, VERIFIER, "三项不符合项", document_hash=word("findings", 1)
    )
    offices.perform(raised, VERIFIER)
    offices.perform(offices.drafting().step(InventoryStep.RESPONSE, USC, "已整改"))
    offices.perform(statement(offices), VERIFIER)
    review = offices.drafting(CITY).step(InventoryStep.REVIEW, CITY, "已初审")
    offices.perform(review, CITY)
    confirm = offices.drafting(PROVINCE).confirm(PROVINCE, offices.carried())
    last = offices.perform(confirm, PROVINCE)

    assert {state.stage for state in last.states} == {Stage.FINAL}
    assert (found(offices).state, found(offices).accepted_version) == (InventoryState.CONFIRMED, 1)


def test_objection_and_reopening_by_requests(assigned: CaseOffices) -> None:
    """What was confirmed is objected to, dismissed, and later opened for a restatement."""
    offices = assigned
    offices.perform(statement(offices), VERIFIER)
    confirm = offices.drafting(PROVINCE).confirm(PROVINCE, offices.carried())
    offices.perform(confirm, PROVINCE)
    offices.perform(offices.drafting().step(InventoryStep.OBJECTION, USC, "总量有误"))
    dismiss = InventoryStep.OBJECTION_DISMISSED
    offices.perform(offices.drafting(PROVINCE).step(dismiss, PROVINCE, "维持"), PROVINCE)
    nation = offices.drafting(NATION).step(InventoryStep.OBJECTION, NATION, "数据异常")
    offices.perform(nation, NATION)
    upheld = InventoryStep.OBJECTION_UPHELD
    offices.perform(offices.drafting(PROVINCE).step(upheld, PROVINCE, "成立"), PROVINCE)

    assert found(offices).state is InventoryState.UNDER_VERIFICATION
    assert found(offices).accepted_version == 0


def test_second_version_needs_its_reason(submitted: CaseOffices) -> None:
    """The chain takes no other version without one, so nobody is asked to sign it."""
    drafting = submitted.drafting()
    with pytest.raises(Contradicted, match="reason"):
        drafting.submit(submitted.carried(2))
    submitted.perform(drafting.submit(submitted.carried(2), reason="更正电力消费量"))

    assert found(submitted).version == 2


def test_version_of_another_inventory(submitted: CaseOffices) -> None:
    """A version at hand of another unit is not submitted here."""
    with pytest.raises(Contradicted, match="another inventory"):
        submitted.drafting().submit(submitted.carried(scope=OTHER), reason="x")


@pytest.mark.parametrize("what", ["total", "inputs hash", "root of the lines"])
def test_verifier_does_not_state_what_it_did_not_find(assigned: CaseOffices, what: str) -> None:
    """A figure at hand that differs from the submitted one stops the request, and is named."""
    carried = assigned.carried()
    changed = {
        "total": replace(carried, total_t=TOTAL_T - 1),
        "inputs hash": replace(carried, inputs_hash=word("inputs", 2)),
        "root of the lines": replace(carried, lines_root=word("lines", 2)),
    }[what]
    with pytest.raises(Contradicted, match=what):
        assigned.drafting(VERIFIER).conclude(
            changed, VerificationOpinion.UNMODIFIED, word("report", 1)
        )


def test_others_than_those_assigned_do_not_state(assigned: CaseOffices) -> None:
    """The province's own persons are nobody's verification team."""
    drafting = assigned.drafting(PROVINCE)
    with pytest.raises(Contradicted, match="others were assigned"):
        drafting.conclude(assigned.carried(), VerificationOpinion.UNMODIFIED, word("report", 1))


def test_confirming_what_is_not_stated(assigned: CaseOffices) -> None:
    """The state is named in words people know."""
    with pytest.raises(NotInThisState, match="under verification"):
        assigned.drafting(PROVINCE).confirm(PROVINCE, assigned.carried())


def test_inventory_is_begun_once(submitted: CaseOffices) -> None:
    """A second draft of the same inventory is stopped before anybody signs."""
    with pytest.raises(NotInThisState, match="begun before"):
        submitted.drafting().begin(Sector.POWER)


def test_unregistered_verifier_is_not_assigned(submitted: CaseOffices) -> None:
    """A code that the registry does not know is no party."""
    with pytest.raises(WrongPlace, match="no registered party"):
        submitted.drafting(PROVINCE).assign(PROVINCE, "VERIFIER.9", submitted.pair(VERIFIER))


def test_findings_without_their_list(assigned: CaseOffices) -> None:
    """Findings name the document that lists them."""
    with pytest.raises(Contradicted, match="document"):
        assigned.drafting(VERIFIER).step(InventoryStep.FINDINGS, VERIFIER, "不符合项")


def test_one_key_for_two_persons() -> None:
    """Initiator and approver are never one address."""
    with pytest.raises(OnePerson):
        Pair(b"a" * 20, b"a" * 20)


def test_persons_of_another_party(submitted: CaseOffices) -> None:
    """The verifier's persons cannot act for the enterprise."""
    drafting = submitted.drafting(scope=OTHER)
    drafting._pair = submitted.pair(VERIFIER)
    with pytest.raises(NotInForce):
        drafting.begin(Sector.POWER)


def test_swapped_persons(submitted: CaseOffices) -> None:
    """An approver's key does not initiate."""
    drafting, pair = submitted.drafting(scope=OTHER), submitted.pair(USC)
    drafting._pair = Pair(pair.approver, pair.initiator)
    with pytest.raises(NotInForce, match="initiator"):
        drafting.begin(Sector.POWER)


def test_state_that_moved_on_before_the_second_signature(submitted: CaseOffices) -> None:
    """Who compares with the own node sees it; who does not is stopped by the contract."""
    offices = submitted
    drafted = offices.drafting().submit(offices.carried(2), reason="更正")
    compare_with_chain(offices.chain_desk(), drafted, offices.carried(2))
    team = offices.pair(VERIFIER)
    offices.perform(offices.drafting(PROVINCE).assign(PROVINCE, VERIFIER, team), PROVINCE)

    with pytest.raises(Contradicted, match="state that the act names"):
        compare_with_chain(offices.chain_desk(), drafted)
    with pytest.raises(Reverted, match="InventoryRegistry_StateDiffers"):
        offices.perform(drafted)


def test_request_about_another_figure_than_at_hand(submitted: CaseOffices) -> None:
    """The second signer's own version decides for the second signer."""
    drafted = submitted.drafting().submit(submitted.carried(2), reason="更正")
    other = submitted.carried(2, total_t=TOTAL_T + 1)
    with pytest.raises(Contradicted, match="total"):
        compare_with_chain(submitted.chain_desk(), drafted, other)


def test_act_edited_after_the_first_signature(submitted: CaseOffices) -> None:
    """One tonne less in the file, and the first signature no longer holds."""
    offices = submitted
    drafted = offices.drafting().submit(offices.carried(2), reason="更正")
    initiator = offices.agreement.parties[USC].initiator
    signed = sign_request(drafted, initiator, offices.root, now=offices.now)
    edited = format_request(signed).replace(b'"1234567"', b'"1234566"')

    with pytest.raises(RequestEdited, match="changed after it was signed"):
        check_request(parse_request(edited), offices.root, now=offices.now)


def test_one_signature_is_not_handed_in(submitted: CaseOffices) -> None:
    """Two persons are demanded, and who is missing is named."""
    offices = submitted
    drafted = offices.drafting().submit(offices.carried(2), reason="更正")
    initiator = offices.agreement.parties[USC].initiator
    signed = sign_request(drafted, initiator, offices.root, now=offices.now)

    with pytest.raises(SignaturesMissing, match="approver"):
        offices.hand_in(signed)


def test_stranger_does_not_sign(submitted: CaseOffices) -> None:
    """A key that the request does not name is refused."""
    drafted = submitted.drafting().submit(submitted.carried(2), reason="更正")
    with pytest.raises(WrongSigner):
        sign_request(drafted, generate_signer(), submitted.root, now=submitted.now)


def test_contract_at_another_address(submitted: CaseOffices) -> None:
    """The trust root says where the registry stands, not the file."""
    drafted = submitted.drafting().submit(submitted.carried(2), reason="更正")
    (part,) = drafted.parts
    assert isinstance(part, ActPart)
    moved = replace(drafted, parts=(replace(part, address=b"\x09" * 20),))

    with pytest.raises(WrongPlace, match="InventoryRegistry"):
        check_request(moved, submitted.root, now=submitted.now)


def test_inventory_of_another_enterprise_than_the_log(submitted: CaseOffices) -> None:
    """A request is about one enterprise: its log's."""
    drafted = submitted.drafting().submit(submitted.carried(2), reason="更正")
    (part,) = drafted.parts
    assert isinstance(part, ActPart)
    subject = replace(part.act.subject, credit_code="91440300MA5EXAMP72")  # type: ignore[attr-defined]
    strange = replace(part, act=replace(part.act, subject=subject))  # type: ignore[call-arg]

    with pytest.raises(WrongPlace, match="91440300MA5EXAMP72"):
        check_request(replace(drafted, parts=(strange,)), submitted.root, now=submitted.now)


def test_request_goes_through_its_file(submitted: CaseOffices) -> None:
    """What was written is what is read, lists and nested words too."""
    drafted = submitted.drafting().submit(
        submitted.carried(2), laboratories=[LABORATORY], reason="更正"
    )

    assert parse_request(format_request(drafted)) == drafted


def test_what_is_signed_is_shown_in_words(submitted: CaseOffices) -> None:
    """Name, period, total with its unit and deadline can be read."""
    drafted = submitted.drafting().submit(submitted.carried(2), reason="更正 3")
    heading, fields = describe(drafted.parts[0])
    shown = dict(fields)

    assert "submit a version" in heading
    assert shown["subject.enterprise"] == NAME
    assert shown["subject.periodFrom"].endswith("(2023-12-31T16:00:00Z)")
    assert shown["total_tCO2e"] == "1234567 t CO2e"
    assert shown["reason"] == "更正 3"


def test_registered_name_is_found_on_the_own_node(submitted: CaseOffices) -> None:
    """The name that acts carry is the one whose hash the contract compares."""
    assert registered_name(submitted.chain_desk(), VERIFIER) == f"单位 {VERIFIER}"
    assert registered_name(submitted.chain_desk(), USC) == NAME


@pytest.mark.parametrize(
    "text",
    ["", "unit-1/2024", f"{USC}//2024", f"{USC}/unit-1/2024-13", "91350211M000100Y47/unit-1/2024"],
)
def test_subject_that_is_none(text: str) -> None:
    """Code, unit and period are demanded, each in its form."""
    with pytest.raises((BadRequest, EncodingError)):
        parse_subject(text)


@pytest.mark.parametrize("unit", ["unit-1 ", " unit-1", "unite\u0301"])
def test_subject_whose_unit_only_looks_like_another(unit: str) -> None:
    """A space at the end, or another way to write a letter, would be another unit to the chain."""
    with pytest.raises(BadRequest, match="looks like another"):
        parse_subject(f"{USC}/{unit}/2024")


def test_subject_in_words() -> None:
    """A unit's code may hold a slash."""
    assert parse_subject(f"{USC}/a/b/2024") == replace(SCOPE, unit="a/b")
