"""The record of deployments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chain.deployments import DeployedContract, Deployment, load_deployment, save_deployment
from chain.errors import ArtifactError

REGISTRY = DeployedContract(b"\x11" * 20, b"\x22" * 32, 7)
DEPLOYMENT = Deployment(31337, b"\x33" * 32, {"CheckpointRegistry": REGISTRY})


def test_record_is_read_back(tmp_path: Path) -> None:
    """What was written is read."""
    path = tmp_path / "deployments.json"

    save_deployment(path, DEPLOYMENT)

    assert load_deployment(path, 31337) == DEPLOYMENT


def test_chains_stand_beside_each_other(tmp_path: Path) -> None:
    """A deployment on a second chain leaves the first."""
    path = tmp_path / "deployments.json"
    save_deployment(path, DEPLOYMENT)

    save_deployment(path, Deployment(5, b"\x44" * 32, {}))

    assert load_deployment(path, 31337) == DEPLOYMENT
    assert load_deployment(path, 5).genesis_hash == b"\x44" * 32


def test_identity_names_every_contract() -> None:
    """A node is checked for each contract's code."""
    identity = DEPLOYMENT.identity

    assert identity.code_hashes == {b"\x11" * 20: b"\x22" * 32}
    assert identity.caip2 == "eip155:31337"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"eip155:5": {}}'])
def test_file_without_this_chain_is_refused(tmp_path: Path, content: str) -> None:
    """A record of another chain, or none, is not taken."""
    path = tmp_path / "deployments.json"
    path.write_text(content)

    with pytest.raises(ArtifactError, match="deployment"):
        load_deployment(path, 31337)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "0x" + "11" * 19),
        ("codeHash", "0x" + "22" * 31),
        ("blockNumber", None),
        ("codeHash", "0xzz"),
    ],
)
def test_damaged_record_is_refused(tmp_path: Path, field: str, value: object) -> None:
    """A field that is nearly right makes the record unusable."""
    path = tmp_path / "deployments.json"
    save_deployment(path, DEPLOYMENT)
    records: dict[str, Any] = json.loads(path.read_text())
    records["eip155:31337"]["contracts"]["CheckpointRegistry"][field] = value
    path.write_text(json.dumps(records))

    with pytest.raises(ArtifactError, match="malformed"):
        load_deployment(path, 31337)


def test_unknown_contract_is_named() -> None:
    """A contract that was not deployed is named."""
    with pytest.raises(ArtifactError, match="no Treasury"):
        DEPLOYMENT.address("Treasury")
