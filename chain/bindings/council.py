"""
Council: k of n members sign, a time to veto passes, anybody executes.

Source: `contracts/interfaces/ICouncil.sol`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from chain.acts import Decision, Veto
from chain.client import ChainClient
from chain.contract import Contract
from chain.values import Call


class DecisionState(IntEnum):
    """Where a decision stands."""

    NONE = 0
    SIGNED = 1
    ADOPTED = 2
    VETOED = 3
    EXECUTED = 4


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the Council."""

    key: bytes
    """Account that signs for the organisation."""
    organisation: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """How a decision stands."""

    state: DecisionState
    endorsements: int
    adopted_at_s: int
    """Block time of the k-th signature; 0 before."""


class Council:
    """The Council at an address."""

    NAME: Final = "Council"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def endorse(self, decision: Decision, signatures: Mapping[bytes, bytes]) -> Call:
        """Hand in members' signatures, by member; the k-th adopts the decision."""
        return self.contract.call(
            "endorse", decision.values(), list(signatures), list(signatures.values())
        )

    def veto(self, act: Veto, *, signature: bytes) -> Call:
        """Stop a decision for ever."""
        return self.contract.call("veto", act.values(), signature)

    def execute(self, decision: Decision) -> Call:
        """Carry out an adopted decision after the time to veto."""
        return self.contract.call("execute", decision.values())

    def members(self) -> tuple[Member, ...]:
        """Read the members, by seat."""
        fields = self.contract.read("members")
        return tuple(Member(each["key"], each["organisation"]) for each in fields)

    def threshold(self) -> int:
        """Read how many members must sign."""
        return int(self.contract.read("threshold"))

    def delay_s(self) -> int:
        """Read the seconds between the k-th signature and execution."""
        return int(self.contract.read("delay"))

    def term(self) -> int:
        """Read the number of the present membership."""
        return int(self.contract.read("term"))

    def ballot(self, decision_digest: bytes) -> Ballot:
        """Read how a decision stands."""
        fields = self.contract.read("ballot", decision_digest)
        return Ballot(DecisionState(fields["state"]), fields["endorsements"], fields["adoptedAt"])


def propose(
    target: Contract,
    function: str,
    *arguments: object,
    title: str,
    reason: str,
    term: int,
    nonce: int,
    deadline: int,
) -> Decision:
    """
    Write the decision that calls a function of a contract.

    Raises:
        EncodingError: If an argument does not fit its type.
    """
    call = target.interface.encode_call(function, *arguments)
    return Decision(
        title=title,
        reason=reason,
        target=target.address,
        function_signature=target.interface.selectors[call[:4]],
        arguments=call[4:],
        term=term,
        nonce=nonce,
        deadline=deadline,
    )
