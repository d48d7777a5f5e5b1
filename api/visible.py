"""
Text from outside as people are shown it: what does not show stands as its number.

A name may hold characters that turn the direction of writing, move a terminal's cursor or take no
room at all, so that people read another name than the one that was signed.

Source: Unicode Technical Report 36, section 2.5 (bidirectional text spoofing).
"""

from __future__ import annotations


def visible(text: str) -> str:
    """Give text in which every character that does not print stands as `[U+202E]`."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else f"[U+{ord(each):04X}]" for each in text)
