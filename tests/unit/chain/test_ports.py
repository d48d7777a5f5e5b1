"""What the ledger asks of a chain, and what the chain gives, have the same names and fields."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, get_args

import pytest

from chain import agreed_events, ledger_events, positions, values
from chain.anchorer import ChainAnchorer
from chain.final_events import FinalEvents
from ledger import ports

PAIRS = [
    (values.AnchorTarget, ports.AnchorTarget),
    (values.SignedTransaction, ports.PreparedTransaction),
    (values.TransactionStatus, ports.TransactionStatus),
    (values.LatestAnchor, ports.LatestAnchor),
    (values.FoundAnchor, ports.FoundAnchor),
    (positions.ChainPosition, ports.ChainPosition),
    *((each, getattr(ports, each.__name__)) for each in get_args(agreed_events.AgreedEvent)),
    (agreed_events.InventoryAct, ports.InventoryAct),
    *(
        (getattr(ledger_events, name), getattr(ports, name))
        for name in (
            "KeyEnrolled",
            "KeyClosed",
            "KeyCompromised",
            "PartyRegistered",
            "RepresentativeChanged",
            "LogRegistered",
        )
    ),
]


def fields_of(kind: Any) -> list[tuple[str, str]]:
    return [(field.name, str(field.type)) for field in dataclasses.fields(kind)]


@pytest.mark.parametrize(("given", "asked"), PAIRS, ids=lambda kind: kind.__name__)
def test_values_have_the_fields_asked_for(given: Any, asked: Any) -> None:
    """A value of the chain can be taken where the ledger asks for its own."""
    assert fields_of(given) == fields_of(asked)


def test_every_event_is_known_on_both_sides() -> None:
    """The ledger knows each event that the chain can tell, and no other."""
    told = {each.__name__ for each in get_args(ledger_events.LedgerEvent)}

    assert told == {each.__name__ for each in get_args(ports.ChainEvent)}


def test_states_have_the_same_numbers() -> None:
    """A transaction's state means the same on both sides."""
    assert dict(values.TransactionState.__members__) == dict(ports.TransactionState.__members__)


METHODS = [
    (given, asked, name)
    for given, asked in ((ChainAnchorer, ports.Anchorer), (FinalEvents, ports.ChainEvents))
    for name in vars(asked)
    if not name.startswith("_")
]


@pytest.mark.parametrize(("given", "asked", "name"), METHODS)
def test_method_takes_what_is_asked(given: type, asked: type, name: str) -> None:
    """Every method and property the ledger uses is there and takes the same arguments."""
    ours, theirs = getattr(given, name), getattr(asked, name)

    assert isinstance(ours, property) == isinstance(theirs, property)
    if not isinstance(ours, property):
        assert list(inspect.signature(ours).parameters) == list(
            inspect.signature(theirs).parameters
        )
