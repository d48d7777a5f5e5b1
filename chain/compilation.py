"""
The contracts' artefacts, made from the sources by py-solc-x, and proved to be theirs.

    python -m chain.compilation            writes chain/artifacts/*.json
    python -m chain.compilation --check    fails if one of them is not what the sources give

The settings are read from `foundry.toml`, so the compiler sees what forge sees.
Every source is put into the compiler's input here: it reads no file of its own.

Source: Solidity, "Compiler input and output JSON description".
"""

from __future__ import annotations

import argparse
import json
import posixpath
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import solcx
from solcx.exceptions import SolcError
from solcx.wrapper import get_solc_version

from chain.errors import CompilationError

PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent
ARTIFACTS: Final = PROJECT_ROOT / "chain" / "artifacts"
_COMPILER: Final = Path("contracts/tools/solc")
_NOT_DEPLOYED: Final = ("interfaces", "libraries", "tools", "types", "test")
_ACCESS_MANAGER: Final = "access/manager/AccessManager.sol"
_IMPORT = re.compile(r"""^\s*import\b[^"';]*["']([^"']+)["']\s*;""", re.MULTILINE | re.DOTALL)
_NODE_NUMBER = re.compile(r"(t_(?:struct|userDefinedValueType|enum|contract)\([^()]*\))\d+")
"""The number of a syntax tree's node in a type's name; an array's length stays."""
_OUTPUT: Final = (
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
    "storageLayout",
)


class Sources:
    """The Solidity files of a project and of what they import, by source unit name."""

    def __init__(self, root: Path, remappings: Sequence[str]) -> None:
        self._root = root
        pairs = (remapping.partition("=") for remapping in remappings)
        self._remappings = sorted(
            ((prefix, target) for prefix, _, target in pairs), key=lambda pair: -len(pair[0])
        )
        self.contents: dict[str, str] = {}

    def add(self, unit: str) -> None:
        """
        Take a source unit and everything it imports.

        Raises:
            CompilationError: If a file is missing.
        """
        waiting = [unit]
        while waiting:
            name = waiting.pop()
            if name not in self.contents:
                self.contents[name] = self._read(name)
                waiting += self._imports(name)

    def remapped(self, path: str) -> str:
        """Apply the longest remapping that fits."""
        for prefix, target in self._remappings:
            if path.startswith(prefix):
                return target + path.removeprefix(prefix)
        return path

    def _read(self, unit: str) -> str:
        try:
            return (self._root / unit).read_text(encoding="utf-8")
        except OSError as error:
            raise CompilationError(f"no source {unit}: {error.strerror}") from error

    def _imports(self, unit: str) -> Iterator[str]:
        for path in _IMPORT.findall(self.contents[unit]):
            if path.startswith("."):
                yield posixpath.normpath(posixpath.join(posixpath.dirname(unit), path))
            else:
                yield self.remapped(path)


def compile_contracts(root: Path = PROJECT_ROOT) -> Mapping[str, str]:
    """
    Compile the deployable contracts.

    Returns:
        The text of each artefact by contract name.

    Raises:
        CompilationError: If a source is missing or the compiler refuses, warnings included.
    """
    profile = tomllib.loads((root / "foundry.toml").read_text(encoding="utf-8"))["profile"]
    settings: dict[str, Any] = profile["default"]
    sources = Sources(root, settings.get("remappings", ()))
    units = [*_deployed_units(root), *_access_manager_unit(sources, settings)]
    for unit in units:
        sources.add(unit)
    output = _compile(root, sources, settings)
    version = str(get_solc_version(root / _COMPILER, with_commit_hash=True))
    artifacts: dict[str, str] = {}
    for unit in units:
        for name, contract in output["contracts"].get(unit, {}).items():
            if _is_deployable(contract):
                artifacts[name] = _format_artifact(name, contract, settings, version)
    return dict(sorted(artifacts.items()))


def _is_deployable(contract: Mapping[str, Any]) -> bool:
    """Say whether there is code to deploy, and something in it to call: no inlined library."""
    has_functions = any(entry["type"] == "function" for entry in contract["abi"])
    return has_functions and bool(contract["evm"]["bytecode"]["object"])


def _deployed_units(root: Path) -> list[str]:
    found = (path.relative_to(root) for path in (root / "contracts").rglob("*.sol"))
    return sorted(
        unit.as_posix() for unit in found if not set(unit.parts).intersection(_NOT_DEPLOYED)
    )


def _access_manager_unit(sources: Sources, settings: Mapping[str, Any]) -> list[str]:
    """Find the one contract we deploy as others wrote it, under the alias that names it."""
    prefixes = [remapping.partition("=")[0] for remapping in settings.get("remappings", ())]
    aliases = [prefix for prefix in prefixes if "access-manager" in prefix]
    return [sources.remapped(f"{alias}{_ACCESS_MANAGER}") for alias in aliases]


def _compile(root: Path, sources: Sources, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    compiler_input = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.contents.items()},
        "settings": {
            "remappings": list(settings.get("remappings", ())),
            "optimizer": {
                "enabled": settings["optimizer"],
                "runs": settings["optimizer_runs"],
            },
            "evmVersion": settings["evm_version"],
            "viaIR": settings.get("via_ir", False),
            "metadata": {
                "bytecodeHash": settings["bytecode_hash"],
                "appendCBOR": settings.get("cbor_metadata", True),
            },
            "outputSelection": {"*": {"*": list(_OUTPUT)}},
        },
    }
    try:
        output: Mapping[str, Any] = solcx.compile_standard(
            compiler_input, solc_binary=root / _COMPILER
        )
    except SolcError as error:
        # Its own text repeats the whole input; what it says of the sources is enough.
        raise CompilationError(
            f"the compiler refuses: {_messages(cast(Any, error.error_dict))}"
        ) from None
    except (OSError, ValueError) as error:
        raise CompilationError(f"the compiler does not run: {error}") from error
    if output.get("errors"):
        raise CompilationError(f"the compiler warns: {_messages(output['errors'])}")
    return output


def _messages(entries: Sequence[Mapping[str, Any]] | None) -> str:
    return "\n".join(entry["formattedMessage"] for entry in entries or ())


def _format_artifact(
    name: str, contract: Mapping[str, Any], settings: Mapping[str, Any], version: str
) -> str:
    deployed = contract["evm"]["deployedBytecode"]
    ranges = sorted(
        [place["start"], place["start"] + place["length"]]
        for places in deployed.get("immutableReferences", {}).values()
        for place in places
    )
    artifact = {
        "contractName": name,
        "abi": contract["abi"],
        "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + deployed["object"],
        "immutableRanges": ranges,
        "storageLayout": _stable_layout(contract["storageLayout"]),
        "compiler": {
            "version": version,
            "evmVersion": settings["evm_version"],
            "optimizerRuns": settings["optimizer_runs"],
        },
    }
    return json.dumps(artifact, indent=1, sort_keys=True) + "\n"


def _stable_layout(layout: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out the syntax tree's node numbers, which change with files that do not matter."""
    text = _NODE_NUMBER.sub(r"\1", json.dumps(layout))
    stable: Mapping[str, Any] = json.loads(text)
    for variable in stable["storage"]:
        variable.pop("astId", None)
    for kind in (stable["types"] or {}).values():
        for member in kind.get("members", ()):
            member.pop("astId", None)
    return stable


def stale_artifacts(expected: Mapping[str, str], folder: Path = ARTIFACTS) -> list[str]:
    """List the files of a folder that differ from what the sources give, are missing or extra."""
    committed = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    names = sorted(expected.keys() | committed.keys())
    return [name for name in names if expected.get(name) != committed.get(name)]


def write_artifacts(artifacts: Mapping[str, str], folder: Path = ARTIFACTS) -> None:
    """Write the artefacts and remove those of contracts that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        if path.stem not in artifacts:
            path.unlink()
    for name, text in artifacts.items():
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the artefacts, or check them; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m chain.compilation", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    artifacts = compile_contracts()
    if not options.check:
        write_artifacts(artifacts)
        return 0
    stale = stale_artifacts(artifacts)
    if stale:
        sys.stderr.write(f"artefacts that are not the sources': {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
