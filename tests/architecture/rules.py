"""
House rules that can be checked by reading the code, each small, with a name and a reason.

A rule sees one module's syntax tree and its path, and yields the lines that break it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("attestation", "devices", "ledger", "chain", "api")

Check = Callable[[ast.Module, str], Iterator[int]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: where it holds, why, and how it is checked."""

    name: str
    reason: str
    check: Check
    packages: tuple[str, ...] = PACKAGES
    exempt: tuple[str, ...] = ()

    def applies_to(self, path: str) -> bool:
        """Say whether the rule holds for this file."""
        return path.split("/")[0] in self.packages and not path.startswith(self.exempt)


def _attribute_calls(tree: ast.Module, owners: set[str], names: set[str]) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in names:
            owner = node.value
            text = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if text in owners:
                yield node.lineno


def reads_clock(tree: ast.Module, _path: str) -> Iterator[int]:
    """Find `datetime.now`, `time.time` and their like."""
    yield from _attribute_calls(
        tree, {"datetime", "date", "time"}, {"now", "utcnow", "today", "time", "time_ns"}
    )


def reads_environment(tree: ast.Module, _path: str) -> Iterator[int]:
    """Find `os.environ` and `os.getenv`."""
    yield from _attribute_calls(tree, {"os"}, {"environ", "getenv"})


def prints(tree: ast.Module, _path: str) -> Iterator[int]:
    """Find calls of `print`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
        ):
            yield node.lineno


def is_async(tree: ast.Module, _path: str) -> Iterator[int]:
    """Find coroutine functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef):
            yield node.lineno


def commits(tree: ast.Module, _path: str) -> Iterator[int]:
    """Find calls of `….commit()` on something other than a unit of work."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
            and not (isinstance(node.func.value, ast.Name) and node.func.value.id == "uow")
        ):
            yield node.lineno


def catches_everything(tree: ast.Module, _path: str) -> Iterator[int]:
    """Find `except Exception`, `except BaseException` and bare `except`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        ):
            yield node.lineno


def has_float(tree: ast.Module, _path: str) -> Iterator[int]:
    """Find float literals and calls of `float`."""
    for node in ast.walk(tree):
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        is_call = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "float"
        )
        if is_literal or is_call:
            yield node.lineno


def divides(tree: ast.Module, _path: str) -> Iterator[int]:
    """Find true division, which makes floats of integers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno


def imports_for_types_only(tree: ast.Module, _path: str) -> Iterator[int]:
    """Find `TYPE_CHECKING`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "TYPE_CHECKING":
            yield node.lineno


RULES = (
    Rule(
        "clock", "time is passed in; only the clock reads it", reads_clock, exempt=("api/clock.py",)
    ),
    Rule(
        "environment",
        "only the settings read the environment",
        reads_environment,
        exempt=("api/settings.py",),
    ),
    Rule("print", "only commands print", prints, exempt=("api/cli/",)),
    Rule(
        "async",
        "a blocking call inside a coroutine stops the whole server",
        is_async,
        exempt=(
            "api/app.py",
            "api/http/bodies.py",
            "api/http/content_digest.py",
            "api/http/events.py",
            "api/http/idempotency.py",
            "devices/broker/embedded.py",
        ),
    ),
    Rule(
        "commit",
        "one place commits",
        commits,
        packages=("ledger", "api"),
        exempt=("ledger/unit_of_work.py", "api/demo/frauds.py"),
    ),
    Rule(
        "except",
        "an error nobody thought of must not be swallowed",
        catches_everything,
        exempt=(
            "api/worker.py",
            "devices/subscriber.py",
            "devices/publisher.py",
            "api/cli/doctor.py",
        ),
    ),
    Rule(
        "float",
        "no float is signed, hashed, stored or settled",
        has_float,
        packages=("attestation", "ledger"),
    ),
    Rule(
        "division",
        "amounts are integers; a quotient has a named rounding",
        divides,
        packages=("attestation",),
    ),
    Rule(
        "type-checking",
        "an import that exists only for types hides a cycle",
        imports_for_types_only,
    ),
)


@cache
def modules() -> Sequence[tuple[str, ast.Module]]:
    """Give every module of our packages with its path from the root."""
    return [
        (str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8")))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def violations(rule: Rule) -> list[str]:
    """List the places where the rule is broken, as `path:line`."""
    return [
        f"{path}:{line}"
        for path, tree in modules()
        if rule.applies_to(path)
        for line in rule.check(tree, path)
    ]
