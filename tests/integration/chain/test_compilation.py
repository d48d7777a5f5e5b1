"""The compiler's artefacts: what they tell, and how a stale one is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chain.compilation import (
    ARTIFACTS,
    PROJECT_ROOT,
    compile_contracts,
    stale_artifacts,
    write_artifacts,
)
from chain.errors import CompilationError

pytestmark = pytest.mark.real
SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { twice } from "../libraries/Numbers.sol";

contract Example {
    uint256 public immutable start;
    uint64 private _low;
    uint64 private _high;

    constructor(uint256 start_) { start = start_; }

    function set(uint64 low) external { (_low, _high) = (low, twice(low)); }
}
"""
LIBRARY = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

function twice(uint64 number) pure returns (uint64) { return number * 2; }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one contract with our compiler and our settings, without AccessManager."""
    for folder in ("evidence", "libraries", "tools"):
        (tmp_path / "contracts" / folder).mkdir(parents=True)
    settings = (PROJECT_ROOT / "foundry.toml").read_text().splitlines()
    (tmp_path / "foundry.toml").write_text(
        "\n".join(line for line in settings if "openzeppelin-access-manager/=" not in line)
    )
    shutil.copy(PROJECT_ROOT / "contracts/tools/solc", tmp_path / "contracts/tools")
    (tmp_path / "node_modules").symlink_to(PROJECT_ROOT / "node_modules")
    (tmp_path / "contracts/evidence/Example.sol").write_text(SOURCE)
    (tmp_path / "contracts/libraries/Numbers.sol").write_text(LIBRARY)
    return tmp_path


def test_artefact_tells_immutables_and_storage(project: Path) -> None:
    """Runtime code comes with the places of its immutables, and storage with its packing."""
    artifacts = compile_contracts(project)

    example = json.loads(artifacts["Example"])
    [[start, end]] = example["immutableRanges"]
    assert end - start == 32
    layout = example["storageLayout"]["storage"]
    assert [(each["label"], each["slot"], each["offset"]) for each in layout] == [
        ("_low", "0", 0),
        ("_high", "0", 8),
    ]
    assert example["compiler"]["version"].startswith("0.8.30+commit")


def test_changed_missing_and_extra_artefacts_are_named(tmp_path: Path) -> None:
    """Each way in which a folder is not what the sources give is found."""
    artifacts = {"Same": "1\n", "Changed": "2\n", "Missing": "3\n"}
    write_artifacts({"Same": "1\n", "Changed": "0\n", "Extra": "4\n"}, tmp_path)

    assert stale_artifacts(artifacts, tmp_path) == ["Changed", "Extra", "Missing"]
    write_artifacts(artifacts, tmp_path)
    assert stale_artifacts(artifacts, tmp_path) == []


def test_unrelated_file_changes_no_artefact(project: Path) -> None:
    """Another source in the project leaves an artefact as it was."""
    before = compile_contracts(project)["Example"]
    other = SOURCE.replace("Example", "Another")
    (project / "contracts/evidence/Another.sol").write_text(other)

    assert compile_contracts(project)["Example"] == before


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("low, twice(low)", "low, thrice(low)", "Undeclared identifier"),
        ("uint64 low) external {", "uint64 low) external { uint8 unused;", "Unused local variable"),
        ("../libraries/Numbers.sol", "../libraries/None.sol", "no source contracts/libraries/None"),
    ],
    ids=["error", "warning", "missing import"],
)
def test_compiler_is_obeyed(project: Path, old: str, new: str, what: str) -> None:
    """An error, a warning or a missing source ends the compilation with its reason."""
    (project / "contracts/evidence/Example.sol").write_text(SOURCE.replace(old, new))

    with pytest.raises(CompilationError, match=what):
        compile_contracts(project)


def test_every_artefact_is_committed() -> None:
    """There is an artefact for each contract that is deployed."""
    assert {path.stem for path in ARTIFACTS.glob("*.json")} >= {"AccessManager", "Council"}
