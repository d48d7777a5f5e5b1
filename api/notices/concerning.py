"""
Whose data a notice speaks of, so that it is shown to who may still know it, and noted.

A notice stays in the inbox of the party that was told. A verifier that was replaced, or an
authority whose area has changed, does not find there any more what they no longer reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from api.auth.authorising import Authoriser
from api.auth.policy import Action
from api.auth.principals import Principal
from attestation.canonical import Json
from attestation.errors import EncodingError
from attestation.ids import parse_origin
from ledger.repositories.chain_inventories import ChainInventory
from ledger.unit_of_work import UnitOfWork

_ALERTS: Final = "alert."


class Told(Protocol):
    """What somebody was told."""

    @property
    def kind(self) -> str:
        """Such as `case.confirmation`."""

    @property
    def body(self) -> Mapping[str, Json]:
        """What it says."""


Notice = TypeVar("Notice", bound=Told)


@dataclass(frozen=True, slots=True)
class Concern:
    """What one must be allowed to be told of a thing."""

    action: Action
    usc: str
    case: ChainInventory | None = None


def concern_of(uow: UnitOfWork, told: Told, *, host: str) -> Concern | None:
    """
    Say what a notice speaks of; None where it is of nobody but its recipient.

    Args:
        uow: Reads.
        told: The notice.
        host: Of the logs' origins.
    """
    inventory_id, log = told.body.get("inventory_id"), told.body.get("log")
    if isinstance(inventory_id, str):
        case = uow.chain_inventories.get(bytes.fromhex(inventory_id.removeprefix("0x")))
        return None if case is None else Concern(Action.READ_CASE, case.usc, case)
    if isinstance(log, str):
        try:
            return Concern(Action.READ_EVENTS, parse_origin(f"{host}/log/{log}").usc)
        except EncodingError:
            return None
    usc = told.body.get("enterprise")
    if isinstance(usc, str) and told.kind.startswith(_ALERTS):
        return Concern(Action.READ_ALERTS, usc)
    return None


def reached_of(
    authoriser: Authoriser, caller: Principal, found: Sequence[tuple[Notice, Concern | None]]
) -> list[tuple[Notice, Concern | None]]:
    """Give those of some notices that a caller may still know, in their order."""
    named = [each for _, each in found if each is not None]
    cases = {each.case.inventory_id: each.case for each in named if each.case is not None}
    seen = {
        each.inventory_id
        for each in authoriser.cases_reached(caller, Action.READ_CASE, cases.values())
    }
    reached = {
        action: set(authoriser.reached(caller, action, codes))
        for action, codes in _codes(named).items()
    }
    return [
        (notice, concern)
        for notice, concern in found
        if concern is None
        or (
            concern.usc in reached[concern.action]
            if concern.case is None
            else concern.case.inventory_id in seen
        )
    ]


def note_told(
    authoriser: Authoriser, caller: Principal, concerns: Sequence[Concern | None]
) -> None:
    """Note whose data some notices speak of, before they are shown."""
    named = [each for each in concerns if each is not None]
    cases = [each.case for each in named if each.case is not None]
    authoriser.cases_shown(caller, Action.READ_CASE, cases)
    for action, codes in _codes(named).items():
        authoriser.shown(caller, action, codes)


def _codes(concerns: Sequence[Concern]) -> dict[Action, list[str]]:
    """Give the enterprises that are named by more than a case, by what must be allowed."""
    found: dict[Action, dict[str, None]] = {}
    for each in concerns:
        if each.case is None:
            found.setdefault(each.action, {})[each.usc] = None
    return {action: list(codes) for action, codes in found.items()}
