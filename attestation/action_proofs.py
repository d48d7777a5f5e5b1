"""
Proofs of actions: entries of the operator's log, each with its path to a signed checkpoint.

Checking an export needs the key of the operator's log and nothing else. What was changed is held
against the commitment in the signed record; where it is left out, only that much is missing.

Source: `docs/formats/action-records.md`, sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from attestation.action_bodies import SALT_LENGTH, Action, change_document, commit_change
from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.checkpoints import open_checkpoint
from attestation.encodings import format_base64, parse_base64
from attestation.errors import EncodingError, VerificationError
from attestation.ids import HASH_LENGTH
from attestation.merkle import hash_leaf, verify_inclusion
from attestation.notes import NoteVerifier
from attestation.records import body_of_record, parse_record, verify_record

FILE: Final = "actions.json"
_NAMES: Final = frozenset(("origin", "checkpoint", "actions", "waiting"))
_ACTION_NAMES: Final = frozenset(("index", "entry", "proof", "change"))
_CHANGE_NAMES: Final = frozenset(("salt", "before", "after"))


@dataclass(frozen=True, slots=True)
class ProvenAction:
    """An action's entry, its place, and what was changed where that is shown."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]
    """32 bytes each, from the leaf up."""
    change: dict[str, Json] | None = None
    """Object of `salt` (hexadecimal), `before` and `after`."""


@dataclass(frozen=True, slots=True)
class ActionProofs:
    """Some actions, proved against one checkpoint of the operator's log."""

    origin: str
    checkpoint: str | None
    """Signed note; None where nothing is published yet."""
    actions: tuple[ProvenAction, ...]
    waiting: tuple[int, ...] = ()
    """Numbers of actions that no published checkpoint covers yet."""


@dataclass(frozen=True, slots=True)
class VerifiedAction:
    """An action that stands in the operator's log."""

    index: int
    body: Action
    signer: str
    change: dict[str, Json] | None
    """Object of `before` and `after`, which the record commits to; None where it is not shown."""


def format_actions(proofs: ActionProofs) -> bytes:
    """Write proofs as canonical JSON."""
    return canonical_json(
        {
            "origin": proofs.origin,
            "checkpoint": proofs.checkpoint,
            "actions": [
                {
                    "index": each.index,
                    "entry": format_base64(each.entry),
                    "proof": [format_base64(node) for node in each.proof],
                    "change": each.change,
                }
                for each in proofs.actions
            ],
            "waiting": list(proofs.waiting),
        }
    )


def parse_actions(content: bytes) -> ActionProofs:
    """
    Read proofs; nothing in them is checked.

    Raises:
        EncodingError: If they have another form.
    """
    names = require_object(parse_canonical(content), "actions")
    if names.keys() != _NAMES:
        raise _malformed("other names than those of an export of actions")
    origin, checkpoint = names["origin"], names["checkpoint"]
    actions, waiting = names["actions"], names["waiting"]
    if not isinstance(origin, str) or not isinstance(checkpoint, str | None):
        raise _malformed("origin or checkpoint is no text")
    if not isinstance(actions, list) or not isinstance(waiting, list):
        raise _malformed("actions or waiting is no array")
    return ActionProofs(
        origin, checkpoint, tuple(map(_parse_action, actions)), tuple(map(_integer, waiting))
    )


def verify_actions(proofs: ActionProofs, verifiers: Iterable[NoteVerifier]) -> list[VerifiedAction]:
    """
    Check that every action stands in the operator's log, and give them.

    Args:
        proofs: From outside.
        verifiers: Keys of logs that are trusted.

    Raises:
        EncodingError: If an entry is no record of an action.
        VerificationError: If the log's key is not trusted, or a signature, proof or commitment
            does not hold.
    """
    if proofs.checkpoint is None:
        if proofs.actions:
            raise VerificationError("actions without a checkpoint", code="verification.actions")
        return []
    verifier = next((each for each in verifiers if each.name == proofs.origin), None)
    if verifier is None:
        raise VerificationError(
            f"the key of {proofs.origin} is not trusted", code="verification.actions"
        )
    checkpoint = open_checkpoint(proofs.checkpoint, verifier)
    found: list[VerifiedAction] = []
    for each in proofs.actions:
        verify_inclusion(
            hash_leaf(each.entry),
            index=each.index,
            size=checkpoint.size,
            root=checkpoint.root,
            proof=each.proof,
        )
        found.append(_verified(each, proofs.origin))
    return found


def _verified(proven: ProvenAction, origin: str) -> VerifiedAction:
    record = parse_record(proven.entry)
    body = body_of_record(record)
    if not isinstance(body, Action) or record.origin != origin:
        raise _malformed(f"entry {proven.index} is no action of {origin}")
    signer = verify_record(record)
    change = None
    if proven.change is not None:
        change = change_document(_object(proven.change["before"]), _object(proven.change["after"]))
        salt = _salt(proven.change["salt"])
        if body.change != commit_change(salt, change):
            raise VerificationError(
                f"action {body.number} did not change what is shown", code="verification.actions"
            )
    return VerifiedAction(proven.index, body, signer, change)


def _parse_action(content: Json) -> ProvenAction:
    names = require_object(content, "action")
    if names.keys() != _ACTION_NAMES:
        raise _malformed("other names than those of an action")
    entry, proof, change = names["entry"], names["proof"], names["change"]
    if not isinstance(entry, str) or not isinstance(proof, list):
        raise _malformed("entry or proof has another form")
    return ProvenAction(
        index=_integer(names["index"]),
        entry=parse_base64(entry),
        proof=tuple(_node(each) for each in proof),
        change=None if change is None else _parse_change(change),
    )


def _parse_change(content: Json) -> dict[str, Json]:
    names = require_object(content, "change")
    if names.keys() != _CHANGE_NAMES:
        raise _malformed("other names than those of a change")
    return dict(names)


def _salt(content: Json) -> bytes:
    text = content if isinstance(content, str) else ""
    try:
        salt = bytes.fromhex(text)
    except ValueError as error:
        raise _malformed("the salt is not in hexadecimal") from error
    if len(salt) != SALT_LENGTH or salt.hex() != text:
        raise _malformed("the salt is not 16 bytes in hexadecimal")
    return salt


def _object(content: Json) -> dict[str, Json] | None:
    return None if content is None else dict(require_object(content, "change"))


def _node(content: Json) -> bytes:
    if not isinstance(content, str):
        raise _malformed("a hash is no text")
    return parse_base64(content, length=HASH_LENGTH)


def _integer(content: Json) -> int:
    if not isinstance(content, int) or isinstance(content, bool) or content < 0:
        raise _malformed(f"{content!r} is no index")
    return content


def _malformed(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.actions")
