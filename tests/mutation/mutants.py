"""
Wrong roundings, planted one at a time in the sources of the rules, and compiled.

A planted fault is nearly right: one decimal more or less, down in place of half away from zero,
or the other way round.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import solcx

from chain.compilation import Sources
from tests.support.chain import PROJECT_ROOT

RULES = PROJECT_ROOT / "contracts" / "accounting" / "rules"
_ROUNDED = re.compile(
    r"(?:\b_use|\b_used|\.roundedStep|\.result|\.floorResult|\bFixed\.round|\bFixed\.floor)"
    r"\((?P<before>(?:[^;]*?,\s*))(?P<decimals>\d+)\)(?=[;,)\s])"
)
_SWAPS = {
    ".result(": ".floorResult(",
    ".floorResult(": ".result(",
    "Fixed.round(": "Fixed.floor(",
    "Fixed.floor(": "Fixed.round(",
}
_LIBRARIES = {
    "contracts/libraries/Fixed.sol": [
        ("if (rest >= divisor - rest) ++quotient;", "if (rest > divisor - rest) ++quotient;"),
        ("if (rest >= divisor - rest) ++quotient;", ""),
        ("if (rest < 0) rest += step;", ""),
        ("return x - rest;", "return x - rest + (rest == 0 ? int256(0) : step);"),
    ],
}
_EVERY_DECIMAL = 18


@dataclass(frozen=True)
class Mutant:
    """One fault: a place in a file, and what stands there in place of what is right."""

    unit: str
    start: int
    right: str
    wrong: str

    def text(self) -> str:
        """Give the file with the fault in it."""
        source = (PROJECT_ROOT / self.unit).read_text("utf-8")
        assert source.startswith(self.right, self.start)
        return source[: self.start] + self.wrong + source[self.start + len(self.right) :]


@dataclass(frozen=True)
class Place:
    """One rounding in a source, and the faults that are planted there."""

    name: str
    """File and figure, or the text of the line: it stays when lines move."""
    unit: str
    not_rounded: Mutant | None
    """The number used as it comes; None where there is more than rounding at the place."""
    faults: tuple[Mutant, ...]


def places() -> Iterator[Place]:
    """Give every rounding of every rule, and those of the library they share."""
    for path in sorted(RULES.glob("*.sol")):
        unit = path.relative_to(PROJECT_ROOT).as_posix()
        source = path.read_text("utf-8")
        for found in _ROUNDED.finditer(source):
            yield _place(unit, source, found)
    for unit, pairs in _LIBRARIES.items():
        source = (PROJECT_ROOT / unit).read_text("utf-8")
        for right, wrong in pairs:
            start = source.index(right)
            name = f"{Path(unit).stem}: {wrong or 'nothing'} for {right}"
            yield Place(name, unit, None, (Mutant(unit, start, right, wrong),))


def _place(unit: str, source: str, found: re.Match[str]) -> Place:
    at, written = found.start("decimals"), found["decimals"]
    decimals = int(written)
    others = [each for each in (decimals - 1, decimals + 1) if 0 <= each < _EVERY_DECIMAL]
    faults = [Mutant(unit, at, written, str(each)) for each in others]
    for right, wrong in _SWAPS.items():
        if source.startswith(right, found.start()):
            faults.append(Mutant(unit, found.start(), right, wrong))
    line = " ".join(found.group().split())
    figure = re.search(r'"([A-Za-z]+)"', line)
    not_rounded = Mutant(unit, at, written, str(_EVERY_DECIMAL))
    named = line if figure is None else f"{line.partition('(')[0].lstrip('.')} {figure[1]}"
    return Place(f"{Path(unit).stem}: {named}", unit, not_rounded, tuple(faults))


@cache
def _sources_of(contract: str) -> dict[str, str]:
    sources = Sources(PROJECT_ROOT, _settings()["remappings"])
    sources.add(f"contracts/accounting/rules/{contract}.sol")
    return dict(sources.contents)


def rests_on(contract: str, unit: str) -> bool:
    """Say whether a rule's contract is compiled from a file."""
    return unit in _sources_of(contract)


def compile_mutant(contract: str, mutant: Mutant) -> bytes:
    """Give the runtime code of a rule with the fault."""
    settings, unit = _settings(), f"contracts/accounting/rules/{contract}.sol"
    contents = {**_sources_of(contract), mutant.unit: mutant.text()}
    output = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in contents.items()},
            "settings": {
                "remappings": settings["remappings"],
                "evmVersion": settings["evm_version"],
                "viaIR": settings.get("via_ir", False),
                "optimizer": {
                    "enabled": settings["optimizer"],
                    "runs": settings["optimizer_runs"],
                },
                "outputSelection": {unit: {contract: ["evm.deployedBytecode.object"]}},
            },
        },
        solc_binary=PROJECT_ROOT / "contracts" / "tools" / "solc",
    )
    code: str = output["contracts"][unit][contract]["evm"]["deployedBytecode"]["object"]
    return bytes.fromhex(code)


@cache
def _settings() -> dict[str, Any]:
    text = (PROJECT_ROOT / "foundry.toml").read_text("utf-8")
    settings: dict[str, Any] = tomllib.loads(text)["profile"]["default"]
    return settings
