"""Words of the index, and what kind of name is recognised in the one box."""

from __future__ import annotations

import pytest

from ledger.search.kinds import NameKind, recognise
from ledger.search.words import LONGEST, MOST_ASKED, asked_words, words_of
from tests.support.enterprise import ORIGIN, SERIES, USC


def words(*texts: str) -> set[str]:
    """Give the words of texts as text."""
    return {each.decode() for each in words_of(*texts)}


def test_latin_words_stand_alone_and_joined() -> None:
    """A serial number is found whole and by its parts, in either case."""
    assert words("Meter DTZ-341, No. 000123") == {"meter", "dtz-341", "dtz", "341", "no", "000123"}


def test_chinese_is_found_by_any_part() -> None:
    """Pairs of neighbours, and the last character."""
    assert words("锅炉房") == {"锅炉", "炉房", "房"}
    assert words("2号锅炉") == {"2", "号锅", "锅炉", "炉"}


def test_spelling_does_not_matter() -> None:
    """Full-width letters, capitals and 0x before a hash."""
    assert words("ＤＴＺ", "0x" + "AB" * 32) == {"dtz", "ab" * 32}


def test_asked_words_are_beginnings() -> None:
    """Latin words of three letters and single characters are; pairs are whole."""
    asked = [(each.word.decode(), each.is_prefix) for each in asked_words("dtz 2 锅炉房 炉")]

    assert asked == [("dtz", True), ("2", False), ("锅炉", False), ("炉房", False), ("炉", True)]
    assert len(asked_words(" ".join(map(str, range(100))))) == MOST_ASKED
    assert asked_words("!?") == []


def test_end_is_after_every_word_that_begins_so() -> None:
    """Also where the last byte is the greatest there is."""
    (asked,) = asked_words("炉")
    assert asked.end is not None
    assert asked.word < "炉渣".encode() < asked.end
    assert asked.end <= "炊".encode()


def test_long_words_are_cut_between_characters() -> None:
    """What is longer is found by its beginning, and stays text."""
    (word,) = words_of("é" * 100)

    assert len(word) <= LONGEST
    assert set(word.decode()) == {"é"}


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        (f" {USC} ", NameKind.CREDIT_CODE, USC),
        (USC[:-1] + "0", NameKind.WORDS, USC[:-1] + "0"),
        ("0x" + "AB" * 20, NameKind.ADDRESS, "ab" * 20),
        ("0x" + "AB" * 32, NameKind.HASH, "ab" * 32),
        ("ab" * 32, NameKind.HASH, "ab" * 32),
        ("0x" + "ab" * 31, NameKind.WORDS, "0x" + "ab" * 31),
        (ORIGIN, NameKind.ORIGIN, ORIGIN),
        (SERIES, NameKind.SERIES, SERIES),
        ("2号锅炉", NameKind.WORDS, "2号锅炉"),
    ],
)
def test_names_are_recognised_by_their_form(typed: str, kind: NameKind, text: str) -> None:
    """And nearly right ones are words."""
    assert (recognise(typed).kind, recognise(typed).text) == (kind, text)
