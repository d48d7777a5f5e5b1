"""Calls, results and events by ABI."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.errors import EncodingError
from chain.abi import Interface
from chain.errors import ArtifactError, NodeUnavailable
from chain.values import RawLog

ANCHOR = {"name": "size", "type": "uint64"}, {"name": "operator", "type": "address"}
ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": "anchorMany",
        "inputs": [{"name": "anchors", "type": "tuple[]", "components": ANCHOR}],
        "outputs": [{"name": "", "type": "tuple[]", "components": ANCHOR}],
    },
    {
        "type": "function",
        "name": "latest",
        "inputs": [{"name": "logId", "type": "bytes32"}],
        "outputs": [{"name": "size", "type": "uint64"}, {"name": "root", "type": "bytes32"}],
    },
    {"type": "function", "name": "twice", "inputs": [], "outputs": []},
    {"type": "function", "name": "twice", "inputs": [ANCHOR[0]], "outputs": []},
    {
        "type": "event",
        "name": "Anchored",
        "inputs": [
            {"name": "logId", "type": "bytes32", "indexed": True},
            {"name": "origin", "type": "string", "indexed": True},
            {"name": "size", "type": "uint64", "indexed": False},
        ],
    },
]
INTERFACE = Interface(ABI)
ALICE = b"\xaa" * 20


def log(topics: tuple[bytes, ...], data: bytes) -> RawLog:
    return RawLog(ALICE, topics, data, 5, bytes(32), bytes(32), 0)


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def test_selector_of_a_struct_array() -> None:
    """A function with structs is selected by its collapsed types."""
    assert INTERFACE.selectors[INTERFACE.selector("anchorMany")] == "anchorMany((uint64,address)[])"


def test_structs_are_dictionaries_both_ways() -> None:
    """Structs go in and come out by field name, addresses as bytes."""
    anchors = [{"operator": ALICE, "size": 7}]

    call = INTERFACE.encode_call("anchorMany", anchors)

    assert INTERFACE.decode_result("anchorMany", call[4:]) == ({"size": 7, "operator": ALICE},)


def test_several_results_come_by_name() -> None:
    """A function of two results gives both by name."""
    assert INTERFACE.decode_result("latest", word(9) + b"\x11" * 32) == {
        "size": 9,
        "root": b"\x11" * 32,
    }


@pytest.mark.parametrize(
    "arguments",
    [[[{"size": 2**64, "operator": ALICE}]], [[{"size": 1}]], [[{"size": 1, "operator": b""}]], []],
    ids=["too large", "field missing", "no address", "no argument"],
)
def test_argument_that_does_not_fit_is_refused(arguments: list[Any]) -> None:
    """A value outside its type is refused before anything is sent."""
    with pytest.raises((EncodingError, ArtifactError), match=r"arguments"):
        INTERFACE.encode_call("anchorMany", *arguments)


@pytest.mark.parametrize("data", [b"", word(9), word(2**64) + bytes(32)])
def test_result_that_is_none_is_the_nodes_fault(data: bytes) -> None:
    """Bytes that are not the result are an unusable answer, not a crash."""
    with pytest.raises(NodeUnavailable, match="does not decode"):
        INTERFACE.decode_result("latest", data)


def test_overloaded_function_is_chosen_by_arity() -> None:
    """Of two functions of a name the one with as many inputs is called."""
    assert INTERFACE.encode_call("twice") != INTERFACE.encode_call("twice", 1)[:4]


def test_unknown_function_is_named() -> None:
    """A function that is not in the ABI is named in the error."""
    with pytest.raises(ArtifactError, match="forge"):
        INTERFACE.encode_call("forge")


def test_event_is_read() -> None:
    """Indexed and other arguments come by name; an indexed text comes as its hash."""
    topics = (INTERFACE.topic("Anchored"), b"\x01" * 32, b"\x02" * 32)

    event = INTERFACE.decode_log(log(topics, word(3)))

    assert event is not None
    assert event.name == "Anchored"
    assert event.arguments == {"logId": b"\x01" * 32, "origin": b"\x02" * 32, "size": 3}


@pytest.mark.parametrize(
    "topics",
    [(), (b"\x09" * 32,), (INTERFACE.topic("Anchored"), b"\x01" * 32)],
    ids=["anonymous", "unknown", "an index missing"],
)
def test_foreign_record_is_no_event(topics: tuple[bytes, ...]) -> None:
    """A log record that is not of this ABI is left out."""
    assert INTERFACE.decode_log(log(topics, word(3))) is None
