"""The committed artefacts: what the rest of the house relies on stands in them."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.evm.storage import KEYS_SLOT, LOGS_SLOT
from chain.artifacts import Artifact, artifact_names, load_artifact, parse_artifact
from chain.errors import ArtifactError

CODE_LIMIT = 24_576  # EIP-170


def slot_of(contract: str, variable: str) -> int:
    """Give where the compiler put a state variable."""
    storage: list[dict[str, Any]] = load_artifact(contract).storage_layout["storage"]
    [slot] = [int(entry["slot"]) for entry in storage if entry["label"] == variable]
    return slot


@pytest.mark.parametrize("name", artifact_names())
def test_contract_fits_the_code_limit(name: str) -> None:
    """Every contract can be deployed where EIP-170 holds."""
    assert 0 < len(load_artifact(name).deployed_bytecode) <= CODE_LIMIT


@pytest.mark.parametrize(
    ("contract", "variable", "slot"),
    [("CheckpointRegistry", "_logs", LOGS_SLOT), ("DeviceRegistry", "_slots", KEYS_SLOT)],
)
def test_verifier_looks_where_the_compiler_put_it(contract: str, variable: str, slot: int) -> None:
    """The slots that the offline verifier reads are the compiler's."""
    assert slot_of(contract, variable) == slot


def artifact(**changes: Any) -> Artifact:
    fields = {
        "contract_name": "Example",
        "abi": (),
        "bytecode": b"\x00",
        "deployed_bytecode": b"\x60\x00\x00\x60",
        "immutable_ranges": ((1, 3),),
        "storage_layout": {},
        "compiler": {},
    }
    return Artifact(**(fields | changes))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (b"\x60\x12\x34\x60", True),
        (b"\x60\x12\x34\x61", False),
        (b"\x60\x12\x34\x60\x00", False),
        (b"", False),
    ],
    ids=["immutables filled in", "one byte differs", "longer", "no code"],
)
def test_deployed_code_is_compared_but_for_immutables(code: bytes, expected: bool) -> None:
    """Code on chain is ours if it differs only where the constructor writes."""
    assert artifact().matches_code(code) is expected


def test_unknown_contract_is_named() -> None:
    """An artefact that is not there is named."""
    with pytest.raises(ArtifactError, match="Treasury"):
        load_artifact("Treasury")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"contractName": "X", "abi": 1}'])
def test_malformed_artefact_is_refused(text: str) -> None:
    """A file of another form is refused with our error."""
    with pytest.raises(ArtifactError, match="malformed"):
        parse_artifact(text)
