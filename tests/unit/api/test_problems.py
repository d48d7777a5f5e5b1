"""Problems: what a contract said stands in them, decoded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import Request

from api.errors import RequestUnderWay
from api.problems import answer_error
from attestation.errors import Error
from chain.errors import Reverted, RuleRefused

REVERTED = Reverted(
    "InventoryRegistry_WrongState",
    {"inventoryId": b"\x01" * 32, "state": 3},
    transaction_hash=b"\x02" * 32,
)
"""A refusal with its arguments, of a mined transaction."""


def body_of(error: Error) -> dict[str, Any]:
    """Give the body of the problem for an error."""
    scope = {"type": "http", "headers": [], "state": {"request_id": "r-1"}}
    found: dict[str, Any] = json.loads(bytes(answer_error(Request(scope), error).body))
    return found


def test_contracts_refusal_is_decoded() -> None:
    """Name, arguments and transaction stand apart, as strings."""
    found = body_of(REVERTED)

    assert found["contract_error"] == {
        "name": "InventoryRegistry_WrongState",
        "arguments": {"inventoryId": "0x" + "01" * 32, "state": "3"},
    }
    assert (found["transaction"], found["request_id"]) == ("0x" + "02" * 32, "r-1")


def test_rules_refusal_has_its_contracts_error() -> None:
    """What a rule refused was said by its contract, in no transaction."""
    found = body_of(RuleRefused("too much", Reverted("Rule_TooMuch", {"limit": 5})))

    assert found["contract_error"] == {"name": "Rule_TooMuch", "arguments": {"limit": "5"}}
    assert "transaction" not in found


@pytest.mark.parametrize("error", [Error("no"), RequestUnderWay("wait")], ids=["no", "wait"])
def test_other_errors_have_no_contract(error: Error) -> None:
    """Only a contract's refusal says what a contract said."""
    assert {"contract_error", "transaction"}.isdisjoint(body_of(error))
