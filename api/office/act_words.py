"""
An act in words: its fields by name, with codes and times beside their meaning.

Everything shown is read from what is signed. Whether a number is a code depends on the kind of
act, so that a reason of a person's own words is never read as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum
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

_TITLES: Final = {
    "OpenLog": "open a log",
    "OperatorChange": "name another operator",
    "Enrolment": "enrol a device key",
    "CloseKey": "close a device key",
    "Compromise": "cast suspicion on a device key",
    "Calibration": "record a calibration on the chain",
    "Registration": "register a party with its first keys",
    "Attestation": "attest that a commitment stands for one living person",
    "Appointment": "add a key to a party, or replace one",
    "Removal": "take a key out at once",
    "Recovery": "give new keys to a party that lost all",
    "CredentialGrant": "grant a credential",
    "CredentialChange": "change the status of a credential",
    "AdviceRecord": "record that a body advised an enterprise",
    "PreparationRecord": "record that a body prepares reports in a province",
    "GroupMembership": "put a party into a group of related firms",
    "EarlierVerification": "record a verification of an earlier year",
    "InventoryDraft": "begin an inventory",
    "InventorySubmission": "submit a version of an inventory",
    "VerificationAssignment": "fix who verifies, reviews and confirms",
    "VerificationStatement": "state the verifier's opinion",
    "ResultConfirmation": "confirm a stated result",
    "NonceCommitment": "fix a secret number for the draw of a sample",
    "SamplingPlan": "freeze a sampling plan",
    **{step.__name__: label(kind) for kind, step in STEPS.items()},
}
_CODES: Final[Mapping[str, tuple[frozenset[str], type[IntEnum]]]] = {
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
_TIMES: Final = frozenset(("deadline", "validFrom", "validTo", "periodFrom", "periodTo"))
_SPANS: Final = frozenset(("from", "to"))
_SPANNED: Final = frozenset(("AdviceRecord", "PreparationRecord"))


def title_of(act: str) -> str:
    """Give what an act does, by the name of its type."""
    return _TITLES.get(act, act)


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
        else:
            yield name, _word(act, name, str(value))


def _word(act: str, name: str, text: str) -> str:
    acts, codes = _CODES.get(name, (frozenset(), CloseReason))
    if act in acts and text.isdecimal():
        return f"{text} ({label(codes(int(text)))})"
    if name == "algorithm":
        return f"{text} ({Algorithm(-int(text)).name})"
    if name == "closedIndex" and text == "0":
        return "0 (the size that is anchored when the act takes effect)"
    if name == "total_tCO2e":
        return f"{text} t CO2e"
    if name in _TIMES or (name in _SPANS and act in _SPANNED):
        return time_in_words(text)
    return text


def time_in_words(seconds: str) -> str:
    """Give a time as acts and records have it, with what it means."""
    try:
        return f"{seconds} ({format_instant(from_seconds(int(seconds)))})"
    except EncodingError:
        return f"{seconds} (beyond the year 9999)"
