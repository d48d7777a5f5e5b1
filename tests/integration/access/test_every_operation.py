"""Every operation asks who calls, but for those that are listed here as public."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from api.app import describe_operations
from attestation.enums import InventoryState
from ledger.database import Database
from tests.support.access import CASE, NEIGHBOUR, OTHER_CITY, OTHER_VERIFIER, put_case, signed_in
from tests.support.enterprise import USC

PUBLIC: Final = frozenset(
    {
        *("getHealth", "getReadiness", "getMetrics"),
        *("listLogs", "getLog", "getCheckpoint", "getTile"),
        *("getInclusionProof", "getConsistencyProof", "listAnswers", "getProgress"),
        *("submitMessage", "submitRecord"),  # signed, and judged by that alone
        *("verifyBundle", "verifyCase", "getTypedData"),
        *("listRules", "getRule", "findFactors"),
        "openDisclosure",  # the address is the secret
        *("drawNonce", "openSession", "registerMachineKey", "bindIdentity", "getCaller"),
        *("listProviders", "beginProviderLogin", "finishProviderLogin"),
    }
)
"""What is answered to those who show nothing, or only what the operation itself checks."""
ABOUT_ENTERPRISE: Final = frozenset({"name", "case", "inventory_id"})
HEX: Final = "0" * 64
NAMES: Final = {"saveQuery": "mine", "forgetQuery": "mine", "revokeDisclosure": HEX[:16]}
"""Operations whose `name` is not that of a log."""
VALUES: Final[dict[str, Any]] = {
    "name": USC,
    "case": f"0x{CASE.hex()}",
    "inventory_id": f"0x{CASE.hex()}",
    "index": 3,
    "number": 1,
    "call": 1,
    "year": 2025,
    "month": "2025-01",
    "session": "current",
    "key": HEX,
    "identity": HEX,
    "sha256": HEX,
    "kind": "calculations",
    "piece": HEX,
    "verifier": "VERIFIER.1",
    "operation": f"0x{HEX}",
    "path": "entries/000.p/6",
    "series": "em-01/energy/total/",
    "period": "2025-01-01",
    "active": "em-01/energy/total/",
    "lagging": "em-01/energy/total/",
    "id": "line",
    "since": 1,
    "q": USC,
    "enterprise": USC,
}
"""What stands in addresses, where no example says it."""

BODIES: Final[dict[str, Any]] = {
    "makeDisclosure": {"scope": "message", "label": "x", "log": USC, "index": 3},
    "tickCaseLines": {"lines": ["line"]},
    "beginCaseConversation": {"text": "text"},
    "replyInCaseConversation": {"text": "text"},
    "approveCase": {"basis": HEX},
    "snoozeAlert": {"until": "2030-01-01T00:00:00Z"},
    "assignAlert": {"to": "0x" + "0" * 40},
    "closeInspection": {"conclusion": "text"},
    "setMailAddress": {"address": "a@works.example"},
    "confirmMailAddress": {"code": HEX},
    "addWebhook": {"url": "https://works.example/hook"},
    "handInAct": {
        "type": "InventoryDraft",
        "chain": "eip155:31337",
        "address": "0x" + "0" * 40,
        "fields": {},
        "signatures": {},
    },
}
"""What is sent along, where the operation takes a body."""


@dataclass(frozen=True)
class Operation:
    """One operation, with what it takes to be understood."""

    id: str
    method: str
    path: str
    query: dict[str, Any]
    body: Any
    media_type: str | None

    @property
    def is_about_enterprise(self) -> bool:
        """Whether its address names an enterprise's log or case."""
        named = {name for name in VALUES if "{" + name + "}" in self.path}
        return bool(named & ABOUT_ENTERPRISE) and self.id not in NAMES


def operations() -> Iterator[Operation]:
    """Give every operation of the schema, asked for as its example does."""
    text = resources.files("api.http").joinpath("examples.json").read_text(encoding="utf-8")
    examples = json.loads(text)
    for path, methods in describe_operations()["paths"].items():
        for method, found in methods.items():
            shown = next(iter(examples.get(found["operationId"], [])), {}).get("request", {})
            needed = [
                each["name"]
                for each in found.get("parameters", [])
                if each["in"] == "query" and each.get("required")
            ]
            body = next(iter(found.get("requestBody", {}).get("content", {})), None)
            yield Operation(
                id=found["operationId"],
                method=method.upper(),
                path=path,
                query={name: VALUES.get(name) for name in needed} | shown.get("query", {}),
                body=BODIES.get(found["operationId"], shown.get("body")),
                media_type=body,
            )


EVERY = tuple(operations())
GUARDED = [each for each in EVERY if each.id not in PUBLIC]
OF_ENTERPRISES = [each for each in GUARDED if each.is_about_enterprise]


def ask(client: TestClient, asked: Operation, headers: dict[str, str]) -> Any:
    """Ask for an operation in a form that it understands."""
    path = asked.path
    for name, value in VALUES.items():
        path = path.replace("{" + name + "}", str(NAMES.get(asked.id, value)))
    assert "{" not in path, f"say above what stands for the names in {path}"
    extra = {"idempotency-key": "0" * 32, **headers}
    if asked.media_type == "application/json":
        return client.request(
            asked.method, path, params=asked.query, json=asked.body or {}, headers=extra
        )
    if asked.media_type is not None:
        extra["content-type"] = asked.media_type
    return client.request(asked.method, path, params=asked.query, headers=extra)


def test_public_operations_are_there() -> None:
    """The list names operations that exist, so that none is public under an old name."""
    assert {each.id for each in EVERY} >= PUBLIC


def test_nobody_gets_nothing(client: TestClient, database: Database) -> None:
    """Whoever shows nothing is told so by every other operation, and by nothing else."""
    put_case(database, InventoryState.UNDER_VERIFICATION)
    met = {each.id: ask(client, each, {}) for each in GUARDED}

    assert [(name, said.text) for name, said in met.items() if said.status_code != 401] == []


@pytest.mark.parametrize("who", [NEIGHBOUR, OTHER_VERIFIER, OTHER_CITY], ids=lambda who: who.code)
def test_those_whose_business_it_is_not_get_nothing(
    client: TestClient, database: Database, who: Any
) -> None:
    """Another enterprise, verifier and authority are refused it all, and have read nothing."""
    put_case(database, InventoryState.UNDER_VERIFICATION)
    header = signed_in(client, who)
    met = {each.id: ask(client, each, header) for each in OF_ENTERPRISES}

    assert [(name, said.text) for name, said in met.items() if said.status_code != 403] == []
    with database.reading() as uow:
        assert uow.reads.listed() == []
