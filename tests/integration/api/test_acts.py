"""Signed acts handed in by HTTP: who may, what is queued, and what is answered."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from fastapi.testclient import TestClient

from api.bootstrap import Ledger
from attestation.enums import InventoryStep, Sector
from attestation.ids import ZERO_HASH
from attestation.instants import Instant
from chain.addresses import format_address
from chain.inventory_acts import STEPS, InventoryDraft, Subject
from chain.keys import AccountSigner
from chain.signed_acts import act_message, signed_act_of, signers_of
from chain.typed_data import Act, ActDomain, act_digest, sign_act
from ledger.relay.relaying import Relaying
from ledger.repositories.actions import ActionFilter
from tests.fakes.relay import MemoryRelay
from tests.integration.api.conftest import QuietChain
from tests.support.access import OWNER, READER, register, signed_in
from tests.support.enterprise import NOW, USC

REGISTRY = b"\x11" * 20
CHAIN_ID = 31337
INITIATOR, APPROVER = AccountSigner(b"\x01" * 32), AccountSigner(b"\x02" * 32)
SUBJECT = Subject("示例电厂", USC, "1", 1_704_038_400, 1_735_660_800)
ACT = InventoryDraft(
    subject=SUBJECT,
    sector=int(Sector.POWER),
    report_year=2024,
    document_hash=ZERO_HASH,
    initiator=INITIATOR.address,
    approver=APPROVER.address,
    nonce=7,
    deadline=NOW // 1000 + 60,
)
DIGEST = "0x" + act_digest(ACT, ActDomain(CHAIN_ID, REGISTRY)).hex()


@pytest.fixture
def relay(chain: QuietChain) -> MemoryRelay:
    """A chain with the registry, and the account that pays."""
    found = MemoryRelay()
    parts: Any = chain
    contracts = {"InventoryRegistry": SimpleNamespace(address=REGISTRY)}
    parts.deployment = SimpleNamespace(chain_id=CHAIN_ID, contracts=contracts)
    parts.relay = found
    parts.client = SimpleNamespace(code=lambda _address: b"")
    return found


@pytest.fixture
def relaying(ledger: Ledger, relay: MemoryRelay) -> Relaying:
    """What the worker does."""
    return Relaying(ledger.database.unit_of_work, ledger.database.reading, relay)


@pytest.fixture
def owner(client: TestClient, ledger: Ledger, relay: MemoryRelay) -> dict[str, str]:
    """The header of an approver of the enterprise."""
    assert relay.sender
    return signed_in(client, OWNER)


def body_of(act: Act = ACT, **changes: Any) -> dict[str, Any]:
    """Give the body that hands an act in."""
    domain = ActDomain(CHAIN_ID, REGISTRY)
    by_address = {each.address: each for each in (INITIATOR, APPROVER)}
    return {
        "type": type(act).__name__,
        "chain": f"eip155:{CHAIN_ID}",
        "address": format_address(REGISTRY),
        "fields": act_message(act, domain),
        "signatures": {
            role: "0x" + sign_act(act, domain, by_address[address]).hex()
            for role, address in signers_of(act).items()
        },
    } | changes


def hand_in(client: TestClient, header: dict[str, str], body: dict[str, Any], key: str = "") -> Any:
    """Hand an act in."""
    headers = {**header, "idempotency-key": key or uuid4().hex}
    return client.post("/v1/acts", json=body, headers=headers)


def test_act_is_queued_and_found(client: TestClient, owner: dict[str, str]) -> None:
    """The answer names the operation, which is the act's own digest."""
    answer = hand_in(client, owner, body_of())
    found = client.get(answer.headers["location"], headers=owner)

    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.headers["location"] == f"/v1/operations/{DIGEST}"
    assert found.json() == answer.json()
    assert found.json()["act"] == "InventoryDraft"


def test_operation_comes_to_its_end(
    client: TestClient, owner: dict[str, str], relay: MemoryRelay, relaying: Relaying
) -> None:
    """Sent, in a block, and final, with the transaction and the block."""
    place = hand_in(client, owner, body_of()).headers["location"]
    relaying.step(NOW)
    sent = client.get(place, headers=owner).json()
    relay.mine()
    relaying.step(Instant(NOW + 1))
    final = client.get(place, headers=owner).json()

    assert (sent["state"], sent["block_number"]) == ("sent", None)
    assert (final["state"], final["block_number"], final["fault"]) == ("final", 1, None)
    assert final["transaction"] == sent["transaction"]


def test_refused_operation_says_why(
    client: TestClient, owner: dict[str, str], relay: MemoryRelay, relaying: Relaying
) -> None:
    """The contract's own error is in the answer."""
    place = hand_in(client, owner, body_of()).headers["location"]
    with relaying._readings() as uow:
        queued = uow.operations.by_digest(bytes.fromhex(DIGEST[2:]))
    assert queued is not None
    relay.refusing.add(queued.call_data)
    relaying.step(NOW)
    failed = client.get(place, headers=owner).json()

    assert failed["state"] == "failed"
    assert failed["fault"] == {"code": "chain.reverted", "detail": "Registry_StateDiffers"}


def test_same_act_under_two_keys_is_one_operation(
    client: TestClient, owner: dict[str, str], relay: MemoryRelay, relaying: Relaying
) -> None:
    """Two persons of a party may hand the same in without knowing of each other."""
    first = hand_in(client, owner, body_of())
    relaying.step(NOW)
    second = hand_in(client, owner, body_of())

    assert (first.json()["id"], second.json()["state"]) == (second.json()["id"], "sent")
    assert len(relay.sent) == 1


def test_repeated_request_is_answered_again(client: TestClient, owner: dict[str, str]) -> None:
    """The same key and body give the same answer."""
    key = uuid4().hex
    first, second = (hand_in(client, owner, body_of(), key) for _ in range(2))

    assert second.headers["idempotency-replayed"] == "true"
    assert first.json() == second.json()


def test_handing_in_is_noted(client: TestClient, owner: dict[str, str], ledger: Ledger) -> None:
    """Who had the server pay for what is in the ledger of actions."""
    hand_in(client, owner, body_of())
    with ledger.database.reading() as uow:
        (stored,) = uow.actions.listed(ActionFilter(what="act.submit"))

    assert stored.body.subject == f"operation {DIGEST}"
    assert stored.body.on_behalf_of == USC


def test_nobody_has_acts_sent(client: TestClient, owner: dict[str, str]) -> None:
    """Without a session nothing is paid for."""
    assert hand_in(client, {}, body_of()).status_code == 401
    assert client.get(f"/v1/operations/{DIGEST}").status_code == 401
    assert owner


def test_reader_has_nothing_sent(client: TestClient, owner: dict[str, str], ledger: Ledger) -> None:
    """A representative who may only read has no act sent."""
    register(ledger.database)
    header = signed_in(client, READER)

    assert hand_in(client, header, body_of()).status_code == 403
    assert owner


def test_act_that_is_not_for_here(client: TestClient, owner: dict[str, str]) -> None:
    """Place, type and signers are judged before anything is queued."""
    cases: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"chain": "eip155:1"}, 422, "signing.wrong_place"),
        ({"address": "0x" + "12" * 20}, 422, "signing.wrong_place"),
        ({"type": "InventoryDrafts"}, 400, "encoding.typed_data"),
        ({"type": "CredentialGrant"}, 400, "encoding.typed_data"),
        ({"signatures": {}}, 422, "signing.incomplete"),
    )
    for changes, status, code in cases:
        answer = hand_in(client, owner, body_of(**changes))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert client.get(f"/v1/operations/{DIGEST}", headers=owner).status_code == 404


def test_act_after_its_deadline(client: TestClient, owner: dict[str, str]) -> None:
    """What is over is not queued."""
    late = replace(ACT, deadline=NOW // 1000 - 1)

    assert hand_in(client, owner, body_of(late)).json()["code"] == "signing.expired"


def test_signature_over_other_fields(client: TestClient, owner: dict[str, str]) -> None:
    """One tonne, one second, one nonce: no signature holds for anything else."""
    body = body_of()
    body["fields"] = act_message(replace(ACT, nonce=8), ActDomain(CHAIN_ID, REGISTRY))

    assert hand_in(client, owner, body).json()["code"] == "signing.edited"


def test_signature_that_a_contract_judges(
    client: TestClient, owner: dict[str, str], chain: QuietChain
) -> None:
    """Where a signer has code, the contract says what it takes (ERC-1271), not the server."""
    body = body_of()
    body["signatures"]["approver"] = "0x" + "07" * 12
    refused = hand_in(client, owner, body)
    parts: Any = chain
    parts.client = SimpleNamespace(
        code=lambda address: b"\x60" if address == APPROVER.address else b""
    )

    assert refused.json()["code"] == "signing.edited"
    assert hand_in(client, owner, body).status_code == 202


def test_signature_for_another_step(client: TestClient, owner: dict[str, str]) -> None:
    """The nine steps have one form and nine names: a withdrawal is no rejection."""
    step = STEPS[InventoryStep.WITHDRAWAL](
        subject=SUBJECT,
        version=1,
        actor=USC,
        reason="r",
        document_hash=ZERO_HASH,
        previous_state=b"\x01" * 32,
        initiator=INITIATOR.address,
        approver=APPROVER.address,
        nonce=1,
        deadline=NOW // 1000 + 60,
    )
    body = body_of(step, type="InventoryRejection")

    assert signed_act_of(step).contract == "InventoryRegistry"
    assert hand_in(client, owner, body).json()["code"] == "signing.edited"


def test_place_without_an_account_relays_nothing(
    client: TestClient, owner: dict[str, str], chain: QuietChain
) -> None:
    """The answer says that this place has none."""
    parts: Any = chain
    parts.relay = None

    assert hand_in(client, owner, body_of()).status_code == 404


def test_wallet_signs_what_the_ledger_checks(client: TestClient, owner: dict[str, str]) -> None:
    """What another implementation of EIP-712 signs of the answer is taken in."""
    fields = act_message(ACT, ActDomain(CHAIN_ID, REGISTRY))
    asked = client.post("/v1/acts/typed-data", json={"type": "InventoryDraft", "fields": fields})
    found = asked.json()
    typed = found["typed_data"]
    signatures = {}
    for role, key in (("initiator", b"\x01" * 32), ("approver", b"\x02" * 32)):
        signed = Account.sign_message(encode_typed_data(full_message=typed), key)
        signatures[role] = "0x" + signed.signature.hex()
    answer = hand_in(client, owner, body_of(signatures=signatures))

    assert (found["digest"], found["contract"]) == (DIGEST, format_address(REGISTRY))
    assert typed["message"] == fields
    assert answer.status_code == 202


def test_typed_data_of_no_act(client: TestClient, relay: MemoryRelay) -> None:
    """An unknown type, or a field too many, is refused."""
    fields = act_message(ACT, ActDomain(CHAIN_ID, REGISTRY))
    for body in (
        {"type": "Transfer", "fields": fields},
        {"type": "InventoryDraft", "fields": {**fields, "more": "1"}},
    ):
        assert client.post("/v1/acts/typed-data", json=body).status_code == 400
    assert relay.sent == []


def test_waiting_for_the_end(
    client: TestClient, owner: dict[str, str], relay: MemoryRelay, relaying: Relaying
) -> None:
    """What is over is answered without waiting."""
    place = hand_in(client, owner, body_of()).headers["location"]
    relaying.step(NOW)
    relay.mine()
    relaying.step(Instant(NOW + 1))
    answer = client.get(place, headers={**owner, "prefer": "wait=10"})

    assert answer.json()["state"] == "final"
    assert "preference-applied" not in answer.headers
