"""Canonical JSON: the published triples, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestation.canonical import MAX_DEPTH, Json, canonical_json, parse_canonical, require_object
from attestation.errors import EncodingError


@pytest.mark.shared
@pytest.mark.parametrize("name", ["french", "unicode", "weird"])
def test_published_texts(shared: Path, name: str) -> None:
    """The canonical text of RFC 8785's examples, byte for byte, and read back."""
    folder = shared / "vectors/jcs/testdata"
    content = json.loads((folder / f"input/{name}.json").read_text(encoding="utf-8"))
    expected = bytes.fromhex((folder / f"outhex/{name}.txt").read_text(encoding="utf-8"))

    assert canonical_json(content) == expected
    assert parse_canonical(expected) == content


@pytest.mark.shared
@pytest.mark.parametrize("name", ["values"])
def test_published_texts_with_floats_are_refused(shared: Path, name: str) -> None:
    """RFC 8785 has a form for floats; we have none, in either direction."""
    folder = shared / "vectors/jcs/testdata"
    content = json.loads((folder / f"input/{name}.json").read_text(encoding="utf-8"))
    text = (folder / f"output/{name}.json").read_bytes()

    with pytest.raises(EncodingError, match="is a float"):
        canonical_json(content)
    with pytest.raises(EncodingError, match="is no integer"):
        parse_canonical(text)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["arrays", "structures"])
def test_published_texts_are_canonical(shared: Path, name: str) -> None:
    """Texts that were integers in another spelling before are read as they came out."""
    text = (shared / f"vectors/jcs/testdata/output/{name}.json").read_bytes()

    assert canonical_json(parse_canonical(text)) == text


@pytest.mark.parametrize(
    "content",
    [
        1.0,
        0.5,
        {"a": [1.0]},
        float("nan"),
        2**53,
        -(2**53),
        "\ud800",
        {"\ud800": 1},
        {1: 2},
        b"",
        {1},
    ],
    ids=repr,
)
def test_other_values_are_not_written(content: object) -> None:
    """Floats, large integers, lone surrogates and other kinds have no canonical form here."""
    with pytest.raises(EncodingError, match=r"."):
        canonical_json(content)  # type: ignore[arg-type]


def test_endless_value_is_refused() -> None:
    """A value that contains itself is our error."""
    content: list[Json] = []
    content.append(content)

    with pytest.raises(EncodingError, match="canonical JSON"):
        canonical_json(content)


def test_names_are_ordered_by_utf16() -> None:
    """RFC 8785 orders by UTF-16 code units: U+1F600 comes before U+FB33."""
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2}).decode() == '{"\U0001f600":2,"\ufb33":1}'


def test_depth_limit_is_the_limit() -> None:
    """32 levels are read, 33 are not; brackets in strings do not count."""
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert canonical_json(parse_canonical(deepest)) == deepest
    brackets = canonical_json(["[" * 100, '"[' * 50, {}])
    assert parse_canonical(brackets) == ["[" * 100, '"[' * 50, {}]
    wide = canonical_json([[]] * 100)
    assert parse_canonical(wide) == [[]] * 100

    with pytest.raises(EncodingError, match="nested deeper than 32"):
        parse_canonical(b"[" + deepest + b"]")


@pytest.mark.parametrize("content", [None, [], "x", 1])
def test_object_is_asked_for(content: Json) -> None:
    """Whatever is no object is named."""
    assert require_object({"a": 1}, "thing") == {"a": 1}
    with pytest.raises(EncodingError, match="thing is no JSON object"):
        require_object(content, "thing")
