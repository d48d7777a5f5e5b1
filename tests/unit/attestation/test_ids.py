"""Names: one spelling each, and nearly right ones refused."""

from __future__ import annotations

import pytest

from attestation.errors import EncodingError
from attestation.ids import (
    Origin,
    SeriesId,
    keccak256,
    parse_gateway_id,
    parse_origin,
    parse_series_id,
    parse_usc,
)
from tests.support.attested import OTHER_USC, USC

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def test_keccak_is_ethereums() -> None:
    """The empty string's hash is the one every Ethereum tool knows, not SHA3-256's."""
    assert keccak256(b"").hex() == (
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )


@pytest.mark.parametrize("code", [USC, OTHER_USC])
def test_check_character_holds_alone(code: str) -> None:
    """Of the 31 possible last characters one is right."""
    accepted = []
    for last in ALPHABET:
        try:
            accepted.append(parse_usc(code[:-1] + last))
        except EncodingError:
            continue

    assert accepted == [code]


def test_swapped_neighbours_are_noticed() -> None:
    """The weights tell two characters that changed places."""
    swapped = USC[:12] + USC[13] + USC[12] + USC[14:]
    assert swapped != USC

    with pytest.raises(EncodingError, match="check character"):
        parse_usc(swapped)


@pytest.mark.parametrize(
    "text", ["", USC[:-1], USC + "0", USC.lower(), USC.replace("M", "I"), " " + USC]
)
def test_other_texts_are_no_code(text: str) -> None:
    """Length and alphabet are exact: no I, O, S, V, Z."""
    with pytest.raises(EncodingError, match="not a unified social credit code"):
        parse_usc(text)


@pytest.mark.parametrize("host", ["log.example", "log.example:8443", "a", "10.0.0.1"])
def test_origin_is_read_back(host: str) -> None:
    """Host and code, and the text again."""
    origin = parse_origin(f"{host}/log/{USC}")

    assert origin == Origin(host, USC)
    assert str(origin) == f"{host}/log/{USC}"
    assert origin.log_id == keccak256(str(origin).encode())


@pytest.mark.parametrize("generation", [2, 9, 10, 65_535])
def test_origin_of_a_successor_is_read_back(generation: int) -> None:
    """The n-th log of an enterprise is a log of its own, of the same enterprise."""
    origin = parse_origin(f"log.example/log/{USC}-{generation}")

    assert origin == Origin("log.example", USC, generation)
    assert (str(origin), origin.name) == (
        f"log.example/log/{USC}-{generation}",
        f"{USC}-{generation}",
    )
    assert origin.log_id != Origin("log.example", USC).log_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        USC,
        f"https://log.example/log/{USC}",
        f"LOG.example/log/{USC}",
        f"log.example/logs/{USC}",
        f"log.example/log/{USC}/",
        f"log.example/log/{USC}\n",
        f"log.example/log/{USC}-",
        f"log.example/log/{USC}-0",
        f"log.example/log/{USC}-1",
        f"log.example/log/{USC}-01",
        f"log.example/log/{USC}-02",
        f"log.example/log/{USC}--2",
        f"log.example/log/{USC}-2-3",
        f"log.example/log/{USC}-65536",
        f"log.example/log/{USC}-\u0662",
        f"log.example:\u0661/log/{USC}",
        f".example/log/{USC}",
        f"{'a' * 200}/log/{USC}",
    ],
)
def test_other_texts_are_no_origin(text: str) -> None:
    """No scheme, no upper case, no path, no end of line, no other number, not too long."""
    with pytest.raises(EncodingError, match="not a log origin"):
        parse_origin(text)


def test_origin_has_a_sound_code() -> None:
    """The code in an origin is checked like any other."""
    with pytest.raises(EncodingError, match="check character"):
        parse_origin(f"log.example/log/{USC[:-1]}0")


@pytest.mark.parametrize("text", ["", "GW-1", "gw_1", "gw.1", "g" * 41, "gw\n"])
def test_other_texts_are_no_gateway(text: str) -> None:
    """Lower case, digits and hyphens, at most 40."""
    assert parse_gateway_id("g" * 40)
    with pytest.raises(EncodingError, match="not a gateway id"):
        parse_gateway_id(text)


def test_series_is_read_back() -> None:
    """Three parts and a final slash."""
    text = "em-01/energy.import/total/"

    assert parse_series_id(text) == SeriesId("em-01", "energy.import", "total")
    assert str(parse_series_id(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "a/b/c", "a/b/", "a/b/c/d/", "/a/b/c/", "a//c/", "A/b/c/", "-a/b/c/", f"{'a' * 65}/b/c/"],
)
def test_other_texts_are_no_series(text: str) -> None:
    """Each part is 1 to 64 of the alphabet, with alphanumeric ends."""
    with pytest.raises(EncodingError, match="not a series id"):
        parse_series_id(text)
