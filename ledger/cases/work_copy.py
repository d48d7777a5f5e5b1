"""
A mirror's copy of the work on cases: what a server showed of it, a JSON line for each change.

Ticks, comments and approvals are no records: no log commits to them, and the copy is the holder's
own memory of what was shown. A line is only ever added. The last line may be torn by a crash; it is
cut off before the next one is written.

Source: SCREENS section 2.1; `docs/own-means.md`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from attestation.body_fields import read_body
from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.case_bodies import Anchor
from attestation.encodings import parse_hex
from attestation.enums import CommentKind, label
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH
from attestation.instants import Instant, parse_instant
from ledger.errors import StorageUnavailable

_NAME: Final = re.compile("[0-9a-f]{64}")
_ADDRESS_LENGTH: Final = 20
_MOST_NUMBER: Final = 1 << 53
_OWN_ONLY: Final = 0o600
_FOLDER_OWN_ONLY: Final = 0o700
_KINDS: Final = {label(each): each for each in CommentKind}


@dataclass(frozen=True, slots=True)
class SeenTick:
    """What was shown of a line."""

    line: str
    is_seen: bool
    has_changed: bool
    at: Instant | None
    """When it was seen; None where it was not."""
    actor: str


@dataclass(frozen=True, slots=True)
class SeenComment:
    """One word of a conversation, as it was shown."""

    number: int
    root: int | None
    anchor: Mapping[str, Json] | None
    kind: CommentKind
    party: str
    actor: str
    version: int
    text: str
    at: Instant


@dataclass(frozen=True, slots=True)
class SeenApproval:
    """One of the two who approve, as it was shown."""

    address: bytes
    stands: bool
    has_fallen: bool


@dataclass(frozen=True, slots=True)
class SeenWork:
    """The work on a case as a server showed it at one time."""

    content: Mapping[str, Json]
    """As it is kept."""
    at: Instant
    """When it was first shown so."""
    version: int | None
    verifier: str | None
    """Code of the party that is assigned."""
    ticks: tuple[SeenTick, ...]
    comments: tuple[SeenComment, ...]
    basis: bytes | None
    """Hash of what is approved, 32 bytes; None where approvals are not shown."""
    approvals: tuple[SeenApproval, ...]


class WorkCopy:
    """
    The work on the cases of one log, in a folder.

    Args:
        folder: Made where it is missing, for its owner only.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=_FOLDER_OWN_ONLY, parents=True, exist_ok=True)
        self._folder = folder

    def cases(self) -> list[bytes]:
        """Give the ids of the cases that are copied, 32 bytes each."""
        found = (path.stem for path in self._folder.glob("*.jsonl"))
        return sorted(bytes.fromhex(each) for each in found if _NAME.fullmatch(each))

    def add(self, inventory_id: bytes, content: Mapping[str, Json], now: Instant) -> bool:
        """
        Keep what was shown, if it is not what was shown last; say whether it was kept.

        Raises:
            EncodingError: If it has another form.
            StorageUnavailable: If it cannot be written; what was kept holds.
        """
        read_work(content, now)
        whole = self._whole(inventory_id)
        lines = list(_parsed(whole))
        if lines and {**lines[-1], "at_ms": 0} == {**content, "at_ms": 0}:
            return False
        line = canonical_json({**content, "at_ms": int(now)}) + b"\n"
        try:
            descriptor = os.open(self._path(inventory_id), os.O_RDWR | os.O_CREAT, _OWN_ONLY)
            with os.fdopen(descriptor, "r+b") as writer:
                writer.truncate(len(whole))
                writer.seek(len(whole))
                writer.write(line)
                writer.flush()
                os.fsync(writer.fileno())
        except OSError as error:
            raise StorageUnavailable(f"cannot keep a case: {error.strerror}") from error
        return True

    def read(self, inventory_id: bytes) -> list[SeenWork]:
        """
        Give what was shown of a case, in order.

        Raises:
            EncodingError: If a line is not one of ours.
        """
        lines = _parsed(self._whole(inventory_id))
        return [read_work(each, Instant(_integer(each.get("at_ms")))) for each in lines]

    def _whole(self, inventory_id: bytes) -> bytes:
        """Give the lines that are whole: a crash may have torn the last."""
        path = self._path(inventory_id)
        content = path.read_bytes() if path.is_file() else b""
        return content[: content.rfind(b"\n") + 1]

    def _path(self, inventory_id: bytes) -> Path:
        return self._folder / f"{inventory_id.hex()}.jsonl"


def _parsed(whole: bytes) -> Iterator[Mapping[str, Any]]:
    for line in whole.splitlines():
        yield require_object(parse_canonical(line), "work on a case")


def read_work(content: Mapping[str, Any], at: Instant) -> SeenWork:
    """
    Read the work on a case.

    Args:
        content: From outside: `version`, `verifier`, `lines`, `conversations`, `basis`, `approvals`
            as a server shows them.
        at: When it was shown.

    Raises:
        EncodingError: If it has another form.
    """
    try:
        version, verifier, basis = (content[name] for name in ("version", "verifier", "basis"))
        return SeenWork(
            content=content,
            at=at,
            version=None if version is None else _integer(version),
            verifier=None if verifier is None else _text(verifier),
            ticks=tuple(map(_tick, content["lines"])),
            comments=tuple(
                word for each in content["conversations"] for word in _conversation(each)
            ),
            basis=None if basis is None else parse_hex(f"0x{basis}", length=HASH_LENGTH),
            approvals=tuple(
                _approval(each) for each in content["approvals"] if each["address"] is not None
            ),
        )
    except (EncodingError, KeyError, TypeError, ValueError, IndexError) as error:
        raise EncodingError("not the work on a case", code="encoding.case_work") from error


def _tick(row: Mapping[str, Any]) -> SeenTick:
    at = row["seen_at"]
    return SeenTick(
        line=_text(row["line"]),
        is_seen=row["seen"] is True,
        has_changed=row["changed"] is True,
        at=None if at is None else parse_instant(_text(at)),
        actor="" if at is None else _text(row["seen_by"]),
    )


def _conversation(row: Mapping[str, Any]) -> Iterator[SeenComment]:
    root, anchor = _integer(row["number"]), row["anchor"]
    for at, said in enumerate(row["said"]):
        is_first = at == 0
        if is_first and said["number"] != root:
            raise ValueError("a conversation begins with the word that it is named by")
        yield SeenComment(
            number=_integer(said["number"]),
            root=None if is_first else root,
            anchor=_anchor(anchor) if is_first and anchor else None,
            kind=_KINDS[said["kind"]],
            party=_text(said["party"]),
            actor=_text(said["actor"]),
            version=_integer(said["version"]),
            text=_text(said["text"]),
            at=parse_instant(_text(said["at"])),
        )


def _anchor(content: Json) -> dict[str, Json]:
    """Give the place without what a server shows as absent."""
    named = require_object(content, "anchor")
    found: dict[str, Json] = {name: each for name, each in named.items() if each is not None}
    read_body(Anchor, found)
    return found


def _approval(row: Mapping[str, Any]) -> SeenApproval:
    return SeenApproval(
        address=parse_hex(_text(row["address"]), length=_ADDRESS_LENGTH),
        stands=row["stands"] is True,
        has_fallen=row["fallen"] is True,
    )


def _text(content: object) -> str:
    if not isinstance(content, str):
        raise TypeError(f"{content!r} is no text")
    return content


def _integer(content: object) -> int:
    if not isinstance(content, int) or isinstance(content, bool):
        raise TypeError(f"{content!r} is no number")
    if not 0 <= content < _MOST_NUMBER:
        raise ValueError(f"{content} is too large")
    return content
