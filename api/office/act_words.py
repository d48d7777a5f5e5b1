"""
An act in words: its fields by name, with codes and times beside their meaning.

Everything shown is read from what is signed. Whether a number is a code depends on the kind of
act, so that a reason of a person's own words is never read as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import IntEnum
from importlib import resources
from typing import Any, Final

from attestation.enums import (
    CloseReason,
    CredentialStatus,
    PartyKind,
    RegulatorTier,
    RepresentativeRole,
    Sector,
    VerificationOpinion,
    label,
)
from attestation.errors import EncodingError
from attestation.instants import format_instant, from_seconds
from attestation.keys import Algorithm
from chain.inventory_acts import STEPS

_WORDS: Final[Mapping[str, Mapping[str, list[str]]]] = json.loads(
    resources.files("api.office").joinpath("act_words.json").read_text(encoding="utf-8")
)
FIELDS: Final = tuple((name, tuple(words)) for name, words in _WORDS["fields"].items())
"""Every field of every act, with what it is in English and Chinese."""
_STEPS: Final = {step.__name__: kind for kind, step in STEPS.items()}
CODES: Final[Mapping[str, tuple[frozenset[str], type[IntEnum]]]] = {
    "reason": (frozenset({"CloseKey"}), CloseReason),
    "opinion": (frozenset({"VerificationStatement"}), VerificationOpinion),
    "sector": (frozenset({"InventoryDraft"}), Sector),
    "sectors": (frozenset({"CredentialGrant"}), Sector),
    "tier": (frozenset({"CredentialGrant"}), RegulatorTier),
    "status": (frozenset({"CredentialChange"}), CredentialStatus),
    "kind": (frozenset({"Registration"}), PartyKind),
    "role": (frozenset({"Registration", "Appointment", "Recovery"}), RepresentativeRole),
}
"""Fields that are codes, in which acts, and of which enum."""
TIMES: Final = frozenset(("deadline", "validFrom", "validTo", "periodFrom", "periodTo"))
SPANS: Final = frozenset(("from", "to"))
SPANNED: Final = frozenset(("AdviceRecord", "PreparationRecord"))


def title_of(act: str, language: str = "en") -> str:
    """Give what an act does, by the name of its type, in English (`en`) or Chinese (`zh`)."""
    if act in _STEPS:
        return label(_STEPS[act], language)
    english, chinese = _WORDS["titles"].get(act, (act, act))
    return chinese if language == "zh" else english


def fields_in_words(act: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """
    Give an act's fields by name, those of structs in it by their path.

    Args:
        act: Name of the act's type.
        fields: As a wallet shows them.
    """
    for name, value in fields.items():
        if isinstance(value, Mapping):
            inner = fields_in_words(act, value)
            yield from ((f"{name}.{each}", word) for each, word in inner)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for number, each in enumerate(value, start=1):
                inner = fields_in_words(act, each)
                yield from ((f"{name} {number}.{part}", word) for part, word in inner)
        elif isinstance(value, list):
            yield name, ", ".join(_word(act, name, str(each)) for each in value) or "none"
        elif isinstance(value, bool):
            yield name, "true" if value else "false"
        else:
            yield name, _word(act, name, str(value))


def _word(act: str, name: str, text: str) -> str:
    acts, codes = CODES.get(name, (frozenset(), CloseReason))
    if act in acts and text.isdecimal():
        return f"{text} ({label(codes(int(text)))})"
    if name == "algorithm":
        return f"{text} ({Algorithm(-int(text)).name})"
    if name == "closedIndex" and text == "0":
        return "0 (the size that is anchored when the act takes effect)"
    if name == "total_tCO2e":
        return f"{text} t CO2e"
    if name in TIMES or (name in SPANS and act in SPANNED):
        return time_in_words(text)
    return text


def time_in_words(seconds: str) -> str:
    """Give a time as acts and records have it, with what it means."""
    try:
        return f"{seconds} ({format_instant(from_seconds(int(seconds)))})"
    except EncodingError:
        return f"{seconds} (beyond the year 9999)"
