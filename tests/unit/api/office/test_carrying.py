"""Acts carried by a server's account: what it says is asked for, and not believed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from api.client.transport import Answer, Asked
from api.office.carrying import ServersAccount
from api.office.errors import ActFailed, NotFinal
from api.office.parts import ActPart
from attestation.enums import Sector
from attestation.ids import ZERO_HASH
from chain.inventory_acts import InventoryDraft, Subject

PART = ActPart(
    b"\x11" * 20,
    InventoryDraft(
        subject=Subject("示例电厂", "91350211M000100Y46", "1", 0, 1),
        sector=int(Sector.POWER),
        report_year=2024,
        document_hash=ZERO_HASH,
        initiator=b"\x01" * 20,
        approver=b"\x02" * 20,
        nonce=7,
        deadline=9,
    ),
)
SIGNATURES = {"initiator": b"\x03" * 65, "approver": b"\x04" * 65}


@dataclass
class ScriptedServer:
    """A server that gives one answer after the other."""

    answers: list[dict[str, Any]]
    asked: list[Asked] = field(default_factory=list)

    def ask(self, asked: Asked) -> Answer:
        """Give the next answer; the last for ever."""
        self.asked.append(asked)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Answer(200, {}, json.dumps(answer).encode())


def carry(server: ScriptedServer, timeout_s: int = 30) -> str:
    """Hand the act in."""
    return ServersAccount(cast(Any, server), 31337).carry(PART, SIGNATURES, timeout_s=timeout_s)


def test_act_is_handed_in_as_it_was_signed() -> None:
    """Chain, contract, fields and signatures go along, under a key of their own."""
    server = ScriptedServer([{"state": "final", "block_number": 12}])

    assert carry(server) == "block 12"
    (asked,) = server.asked
    body = cast(dict[str, Any], asked.content)
    assert (asked.method, asked.address) == ("POST", "/v1/acts")
    assert (body["type"], body["chain"]) == ("InventoryDraft", "eip155:31337")
    assert body["fields"]["subject"]["creditCode"] == "91350211M000100Y46"
    assert body["signatures"] == {"initiator": "0x" + "03" * 65, "approver": "0x" + "04" * 65}
    assert "idempotency-key" in asked.headers


def test_server_is_asked_until_a_block_holds_it() -> None:
    """The operation is named by the act's own digest."""
    server = ScriptedServer(
        [{"state": "queued"}, {"state": "sent"}, {"state": "included", "block_number": 3}]
    )

    assert carry(server) == "block 3"
    assert server.asked[-1].path == {"operation": "0x" + PART.digest(31337).hex()}


def test_refusal_is_given_with_its_reason() -> None:
    """The contract's error reaches whoever handed in."""
    fault = {"code": "chain.reverted", "detail": "InventoryRegistry_StateDiffers"}
    with pytest.raises(ActFailed, match="StateDiffers"):
        carry(ScriptedServer([{"state": "failed", "fault": fault}]))


def test_server_that_never_sends_it() -> None:
    """After the time there was, nobody waits for ever."""
    with pytest.raises(NotFinal, match="0 s"):
        carry(ScriptedServer([{"state": "queued"}]), timeout_s=0)
