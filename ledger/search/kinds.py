"""
What can be searched for, and what kind of name somebody has typed into the one box.

A name is recognised by its form alone: where a form fits several things (32 bytes may be a hash, a
root, an id or a transaction) all of them are looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from attestation.errors import EncodingError
from attestation.ids import parse_origin, parse_series_id, parse_usc


class ItemKind(StrEnum):
    """What an item of the index is."""

    PARTY = "party"
    LOG = "log"
    KEY = "key"
    SERIES = "series"
    INSTRUMENT = "instrument"
    DOCUMENT = "document"
    SAMPLE = "sample"
    REPORT = "report"
    FINDING = "finding"
    RECORD = "record"
    DIGEST = "digest"
    VERSION = "version"
    CASE = "case"
    ACT = "act"
    ANCHOR = "anchor"


class NameKind(StrEnum):
    """What was typed."""

    CREDIT_CODE = "credit code"
    ADDRESS = "address"
    HASH = "hash, root, id or transaction"
    ORIGIN = "log"
    SERIES = "series"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was typed, in the one spelling that the index has."""

    kind: NameKind
    text: str


_ADDRESS = re.compile(r"0x[0-9a-f]{40}")
_HASH = re.compile(r"(?:0x)?([0-9a-f]{64})")


def recognise(typed: str) -> Recognised:
    """Say what kind of name something is; whatever is no name is words."""
    text = typed.strip()
    lower = text.lower()
    if match := _HASH.fullmatch(lower):
        return Recognised(NameKind.HASH, match[1])
    if _ADDRESS.fullmatch(lower):
        return Recognised(NameKind.ADDRESS, lower[2:])
    for kind, parse in (
        (NameKind.CREDIT_CODE, parse_usc),
        (NameKind.ORIGIN, lambda name: str(parse_origin(name))),
        (NameKind.SERIES, lambda name: str(parse_series_id(name))),
    ):
        try:
            return Recognised(kind, parse(text))
        except EncodingError:
            continue
    return Recognised(NameKind.WORDS, text)
