"""
Compiled contracts, as committed with the package.

An artefact holds a contract's ABI, creation and runtime code, storage layout and compiler settings.
They are made by `python -m chain.compilation` and proved reproducible by its `--check`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from chain.errors import ArtifactError

_FOLDER = "artifacts"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One contract as the compiler gave it."""

    contract_name: str
    abi: tuple[Mapping[str, Any], ...]
    bytecode: bytes
    """Creation code, without constructor arguments; empty for an interface."""
    deployed_bytecode: bytes
    """Runtime code, with zeros where immutables go."""
    immutable_ranges: tuple[tuple[int, int], ...]
    """Half-open byte ranges of the runtime code that the constructor fills in."""
    storage_layout: Mapping[str, Any]
    compiler: Mapping[str, Any]

    def matches_code(self, code: bytes) -> bool:
        """Say whether deployed code is this contract's, whatever its immutables are."""
        if len(code) != len(self.deployed_bytecode):
            return False
        masked = bytearray(code)
        for start, end in self.immutable_ranges:
            masked[start:end] = bytes(end - start)
        return bytes(masked) == self.deployed_bytecode


@cache
def load_artifact(contract_name: str) -> Artifact:
    """
    Read a committed artefact.

    Raises:
        ArtifactError: If there is none of that name, or it has another form.
    """
    path = resources.files("chain") / _FOLDER / f"{contract_name}.json"
    try:
        return parse_artifact(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArtifactError(f"no artefact of contract {contract_name}") from error


@cache
def artifact_names() -> tuple[str, ...]:
    """List the contracts that have an artefact, sorted."""
    folder = resources.files("chain") / _FOLDER
    if not folder.is_dir():
        return ()
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".json")]
    return tuple(sorted(name.removesuffix(".json") for name in names))


def parse_artifact(text: str) -> Artifact:
    """
    Read an artefact's JSON.

    Raises:
        ArtifactError: If it has another form.
    """
    try:
        fields = json.loads(text)
        return Artifact(
            contract_name=fields["contractName"],
            abi=tuple(fields["abi"]),
            bytecode=bytes.fromhex(fields["bytecode"].removeprefix("0x")),
            deployed_bytecode=bytes.fromhex(fields["deployedBytecode"].removeprefix("0x")),
            immutable_ranges=tuple((start, end) for start, end in fields["immutableRanges"]),
            storage_layout=fields["storageLayout"],
            compiler=fields["compiler"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"an artefact is malformed: {error}") from error
