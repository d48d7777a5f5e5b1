"""
A request in words: what each part says, field by field, for whoever is asked to sign it.

Everything shown is read from what is signed; codes and times stand beside their meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from api.office.act_words import fields_in_words, time_in_words, title_of
from api.office.parts import ActPart, FollowingRecord, Part, RecordPart
from api.office.request import SigningRequest
from attestation.instants import format_instant
from chain.addresses import format_address

_LONG: Final = 120
_SHOWN: Final = 48


def describe(part: Part) -> tuple[str, list[tuple[str, str]]]:
    """Give what a part is, and its fields by name."""
    match part:
        case ActPart():
            act = type(part.act).__name__
            heading = f"act: {title_of(act)} ({part.contract} {format_address(part.address)})"
            fields = part.content()["fields"]
            shown = dict(fields) if isinstance(fields, dict) else {}
            return heading, list(fields_in_words(act, shown))
        case RecordPart():
            draft = part.draft
            heading = f"record: {draft.record_type}, {draft.subject}"
            return heading, list(_body_words(draft.body))
        case FollowingRecord():
            heading = f"record to be signed later: {part.subject}"
            body = part.content()["body"]
            return heading, list(_body_words(body if isinstance(body, dict) else {}))


def signatures_in_words(request: SigningRequest) -> list[tuple[str, str, bool]]:
    """Give role, address and whether it has signed, of everybody who must."""
    signed = {each.address for each in request.signatures}
    return [
        (role, format_address(address), address in signed)
        for role, address in request.signers.items()
    ]


def document_of(request: SigningRequest) -> dict[str, Any]:
    """Give a request's summary for programs."""
    return {
        "title": request.title,
        "origin": None if request.origin is None else str(request.origin),
        "chain": f"eip155:{request.chain_id}",
        "deadline": format_instant(request.deadline),
        "parts": [
            {"number": number, "what": heading, "fields": dict(fields)}
            for number, (heading, fields) in enumerate(map(describe, request.parts), start=1)
        ],
        "signers": [
            {"role": role, "address": address, "signed": signed}
            for role, address, signed in signatures_in_words(request)
        ],
    }


def _body_words(body: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Give the fields of a body, those of objects inside it by their path."""
    for name, value in body.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _body_words(value, f"{path}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, each in enumerate(value, start=1):
                yield from _body_words(each, f"{path} {number}.")
        elif isinstance(value, list):
            yield path, ", ".join(_shortened(str(each)) for each in value) or "none"
        elif name.endswith("_s") and isinstance(value, int) and not _is_length(name):
            yield path, time_in_words(str(value))
        else:
            yield path, _shortened(str(value))


def _is_length(name: str) -> bool:
    return name in {"cadence_s", "heartbeat_s", "every_s"}


def _shortened(text: str) -> str:
    if len(text) <= _LONG:
        return text
    return f"{text[:_SHOWN]}… ({len(text)} characters)"
