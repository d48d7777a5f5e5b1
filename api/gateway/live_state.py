"""
What only the running gateway knows, written beside its database for whoever looks.

The file is replaced whole, so a reader sees one moment; its age tells whether it still holds.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from attestation.errors import EncodingError
from attestation.instants import Instant, format_instant, parse_instant
from devices.agent import AgentStatus
from devices.clock_offset import ClockOffset

WRITE_EVERY_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class LiveState:
    """A moment of a running gateway."""

    at: Instant
    connection: dict[str, Any]
    clock_offset_ms: dict[str, Any] | None
    measuring_stopped: bool
    problems: dict[str, str]
    """Code of the present problem of each meter that has one, by name."""
    halted_keys: dict[str, str]
    """Code of what stopped a key for good, by the first characters of its id."""
    key_names: dict[str, str]
    """Names the settings give to the keys in use, by key id in hexadecimal."""

    @classmethod
    def of(cls, status: AgentStatus, at: Instant, *, key_names: dict[str, str]) -> Self:
        """Give the moment of an agent's status."""
        offset = status.clock_offset
        return cls(
            at=at,
            connection=asdict(status.connection),
            clock_offset_ms=None if offset is None else _describe(offset),
            measuring_stopped=status.measuring_stopped,
            problems=status.problems,
            halted_keys=status.halted_keys,
            key_names=key_names,
        )

    def alarms(self) -> tuple[object, ...]:
        """Give what is worth a line in the log when it changes."""
        return (
            self.connection["connected"],
            self.connection["contested"],
            self.measuring_stopped,
            tuple(sorted(self.problems.items())),
            tuple(sorted(self.halted_keys.items())),
        )


def _describe(offset: ClockOffset) -> dict[str, Any]:
    return {
        "low": offset.low_ms,
        "high": offset.high_ms,
        "ahead": offset.is_ahead,
        "behind": offset.is_behind,
    }


def live_file(store: Path) -> Path:
    """Give the file beside a gateway's database."""
    return store.with_name(store.name + ".live.json")


def write_live_state(path: Path, state: LiveState) -> None:
    """Write a moment; a disk that does not take it does not stop the gateway."""
    document = asdict(state) | {"at": format_instant(state.at)}
    aside = path.with_name(path.name + ".part")
    with suppress(OSError):
        aside.write_text(json.dumps(document), encoding="utf-8")
        aside.replace(path)


def read_live_state(path: Path) -> LiveState | None:
    """Read the last moment; None where there is none, or none that can be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        document["at"] = parse_instant(document["at"])
        return LiveState(**document)
    except (OSError, ValueError, TypeError, KeyError, EncodingError):
        return None
