"""An act in words: codes and times beside their meaning, and no word read as a code."""

from __future__ import annotations

import pytest

from api.office.act_words import fields_in_words, title_of
from chain.signed_acts import SIGNED_ACTS


@pytest.mark.parametrize("name", sorted(SIGNED_ACTS))
def test_every_act_has_a_title(name: str) -> None:
    """Nobody is asked to sign the name of a type."""
    assert title_of(name) != name


def test_codes_stand_beside_their_meaning() -> None:
    """Lists of codes too."""
    fields = {"sectors": ["1", "3"], "tier": "2", "areas": ["350000"], "validTo": "1735660800"}

    assert dict(fields_in_words("CredentialGrant", fields)) == {
        "sectors": "1 (power generation), 3 (cement)",
        "tier": "2 (province)",
        "areas": "350000",
        "validTo": "1735660800 (2024-12-31T16:00:00Z)",
    }


def test_persons_words_are_never_read_as_a_code() -> None:
    """A reason of digits is a close reason of a key, and a person's own words elsewhere."""
    assert dict(fields_in_words("CloseKey", {"reason": "3"})) == {"reason": "3 (revoked)"}
    assert dict(fields_in_words("InventoryWithdrawal", {"reason": "3"})) == {"reason": "3"}


def test_seats_are_numbered() -> None:
    """Each new key is read with its own role."""
    seats = [{"key": "0xaa", "role": "1"}, {"key": "0xbb", "role": "2"}]

    assert dict(fields_in_words("Registration", {"kind": "2", "seats": seats})) == {
        "kind": "2 (verifier)",
        "seats 1.key": "0xaa",
        "seats 1.role": "1 (initiator)",
        "seats 2.key": "0xbb",
        "seats 2.role": "2 (approver)",
    }


def test_spans_are_times() -> None:
    """When a body may verify again is a day, not a number."""
    (word,) = dict(fields_in_words("AdviceRecord", {"to": "1735660800"})).values()

    assert word.endswith("(2024-12-31T16:00:00Z)")


def test_time_beyond_the_calendar() -> None:
    """A deadline of 64 bits can be shown, and signed."""
    (word,) = dict(fields_in_words("Removal", {"deadline": str(2**63)})).values()

    assert word == f"{2**63} (beyond the year 9999)"
