"""Which account pays for acts of others: one of its own, or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from api import chain_side
from api.errors import ConfigurationError
from api.settings import ChainSettings
from chain.finality import Instant

RELAY, OPERATOR = b"\x0a" * 20, b"\x0b" * 20


def settings(folder: Path, **changes: Any) -> ChainSettings:
    """Give settings with a relay's keystore that only names its address."""
    (folder / "relay.json").write_text(json.dumps({"address": RELAY.hex()}), encoding="utf-8")
    values: dict[str, Any] = {
        "rpc_url": "http://127.0.0.1:1",
        "chain_id": 31337,
        "deployments": folder / "deployments.json",
        "operator_keystore": folder / "operator.json",
        "operator_password_file": folder / "password",
        "relay_keystore": folder / "relay.json",
        "relay_password_file": folder / "relay.password",
    }
    return ChainSettings(**values | changes)


def relay_of(place: ChainSettings, operator: bytes = OPERATOR) -> Any:
    """Open the relay."""
    return chain_side._relay(place, cast(Any, None), Instant(), operator=operator)


def test_relay_is_another_account(tmp_path: Path) -> None:
    """Its address is known without its password."""
    assert relay_of(settings(tmp_path)).sender == RELAY


def test_without_a_keystore_nothing_is_relayed(tmp_path: Path) -> None:
    """The rest of the server does without."""
    assert relay_of(settings(tmp_path, relay_keystore=None)) is None


def test_operators_account_does_not_relay(tmp_path: Path) -> None:
    """Two owners of one nonce would tear each other's transactions."""
    with pytest.raises(ConfigurationError, match="two accounts"):
        relay_of(settings(tmp_path), operator=RELAY)


def test_keystore_needs_its_password_file(tmp_path: Path) -> None:
    """It is noticed at start, not at the first act."""
    with pytest.raises(ConfigurationError, match="relay_password_file"):
        relay_of(settings(tmp_path, relay_password_file=None))
