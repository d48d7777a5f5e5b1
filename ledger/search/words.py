"""
Words of a text as the index has them, the same on every database and for Chinese and Latin script.

Latin letters and digits make words as they stand between other characters; what is joined by a
point, hyphen or the like is also one word, since serial numbers and file names are looked for
whole. Of Chinese characters each pair of neighbours is a word, so that any part of a name is found.

Source: Unicode UAX #15 (NFKC).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 128
"""Bytes of a word; what is longer is found by its beginning."""
MOST_WORDS: Final = 2_000
"""Of one item; a record has some dozens."""
MOST_ASKED: Final = 16
SHORTEST_BEGINNING: Final = 3
"""Letters of a Latin word that may be a beginning: with fewer, any hash would be found."""

_HAN = "㐀-䶿一-鿿豈-﫿"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:[._:/@-]+[^\W_{_HAN}]+)*")
_PART = re.compile(r"[^\W_]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_HEXADECIMAL = re.compile(r"0x(?=[0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word that an item must have: whole, or by its beginning."""

    word: bytes
    is_prefix: bool

    @property
    def end(self) -> bytes | None:
        """First word that no longer begins so; None where none follows."""
        for at in range(len(self.word) - 1, -1, -1):
            if self.word[at] < 0xFF:
                return self.word[:at] + bytes((self.word[at] + 1,))
        return None


def words_of(*texts: str) -> frozenset[bytes]:
    """Give the words of some texts, as UTF-8 in folded case."""
    found: set[bytes] = set()
    for text in texts:
        for word in _words(text):
            if len(found) >= MOST_WORDS:
                return frozenset(found)
            found.add(_encode(word))
    return frozenset(found)


def asked_words(text: str) -> list[AskedWord]:
    """
    Give the words that are asked for, at most sixteen.

    Latin words of three letters and more may be beginnings, and so may a single Chinese character.
    """
    asked: dict[AskedWord, None] = {}
    for run in _runs(text):
        if _IS_HAN.match(run):
            pairs = [AskedWord(_encode(pair), is_prefix=len(pair) == 1) for pair in _pairs(run)]
            asked.update(dict.fromkeys(pairs))
        else:
            asked[AskedWord(_encode(run), is_prefix=len(run) >= SHORTEST_BEGINNING)] = None
    return list(asked)[:MOST_ASKED]


def _words(text: str) -> Iterator[str]:
    for run in _runs(text):
        if _IS_HAN.match(run):
            yield from _pairs(run)
            if len(run) > 1:
                yield run[-1]  # so that the last character, too, begins a word
            continue
        yield run
        parts = _PART.findall(run)
        if len(parts) > 1:
            yield from parts


def _runs(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _RUN.findall(_HEXADECIMAL.sub("", folded))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _encode(word: str) -> bytes:
    encoded = word.encode("utf-8", errors="ignore")
    if len(encoded) <= LONGEST:
        return encoded
    return encoded[:LONGEST].decode("utf-8", errors="ignore").encode()
