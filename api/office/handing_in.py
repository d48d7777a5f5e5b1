"""
Handing a signed request in: acts to the chain, records to the log, until both are final.

It may be broken off and done again at any time: an act takes effect once, a record is admitted
once, and what is done already is only looked at. Where everything stands is read from the
enterprise's own node and from the log's signed tree.

Source: DESIGN section 9; CONTRACTS section 1 (anybody may send an act).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.office.carrying import Carrier, OpenSender, OwnAccount
from api.office.desk import ChainDesk, Desk
from api.office.errors import NotFinal, RequestExpired, WrongPlace
from api.office.ledger_log import LedgerRefused
from api.office.parts import ActPart, FollowingRecord, RecordPart
from api.office.place import check_place, trusted_chain
from api.office.request import SigningRequest
from api.office.signing import require_complete, signed_record
from api.office.standing import check_standing
from attestation.instants import Instant, format_instant
from attestation.tree_hash import hash_leaf
from chain.contract import Contract
from chain.signed_acts import signers_of

_POLL_S: Final = 0.5
_NOT_YET: Final = frozenset(("admission.not_registered", "admission.unknown_signer"))
"""What the ledger says of things it has not read from the chain, or not integrated, yet."""


class Stage(StrEnum):
    """How far a part has come."""

    WAITING = "waiting"
    """Not handed in yet."""
    INCLUDED = "included"
    """An act in a block that is not final yet."""
    ADMITTED = "admitted"
    """A record the ledger has taken."""
    INTEGRATED = "integrated"
    """A record in the log's signed tree."""
    FINAL = "final"


@dataclass(slots=True)
class PartState:
    """Where one part stands."""

    number: int
    kind: str
    name: str
    """Type of the act or record."""
    stage: Stage = Stage.WAITING
    place: str = ""
    """Block of an act or index of a record, where it is known."""


class HandingIn:
    """
    One signed request on its way.

    Args:
        desk: The office; one with the request's log where it has records.
        request: From outside.
        open_sender: Opens the account that pays.
        carrier: Sends the acts instead of that account, where it is given.
        tell: Told whenever a part has come further.
        timeout_s: How long to wait in all.
    """

    def __init__(
        self,
        desk: ChainDesk,
        request: SigningRequest,
        *,
        open_sender: OpenSender,
        carrier: Carrier | None = None,
        tell: Callable[[PartState], None],
        timeout_s: float,
    ) -> None:
        self._desk = desk
        self._request = request
        self._carrier = carrier or OwnAccount(desk.client, open_sender)
        self._tell = tell
        self._timeout_s = timeout_s
        self._deadline = 0.0
        self.states = tuple(_state(number, part) for number, part in _numbered(request))
        """Where each part stands, in the request's order; records that follow are left out."""

    def run(self, *, now: Instant) -> None:
        """
        Hand everything in and wait until it is final.

        Args:
            now: Present time.

        Raises:
            SigningError: If the request cannot be handed in; nothing was sent then.
            Reverted: If a contract refuses an act.
            LedgerRefused: If the ledger refuses a record.
            NotFinal: If it takes longer; run it again.
        """
        self._check(now)
        self._deadline = time.monotonic() + self._timeout_s
        acts = [state for state in self.states if isinstance(self._part(state), ActPart)]
        records = [state for state in self.states if isinstance(self._part(state), RecordPart)]
        for state in acts:
            self._send(state, now)
        self._wait(acts, self._look_at_act)
        for state in records:
            self._submit(state)
        self._wait(records, self._look_at_records)

    def _check(self, now: Instant) -> None:
        request, desk = self._request, self._desk
        # What is under way may be looked at after the deadline; what is not may not begin.
        check_place(request, desk.root, now=min(now, request.deadline))
        require_complete(request)
        if any(isinstance(part, RecordPart) for part in request.parts):
            self._at_log()
        if now > request.deadline and not self._has_begun():
            raise RequestExpired(f"the deadline was {format_instant(request.deadline)}")
        check_standing(desk, request)

    def _has_begun(self) -> bool:
        acts = [part for part in self._request.parts if isinstance(part, ActPart)]
        if acts:
            return all(self._is_used(part) for part in acts)
        self._look_at_records()
        return any(state.stage is not Stage.WAITING for state in self.states)

    def _at_log(self) -> Desk:
        if not isinstance(self._desk, Desk) or self._desk.origin != self._request.origin:
            raise WrongPlace(f"the office works on another log than {self._request.origin}")
        return self._desk

    def _part(self, state: PartState) -> ActPart | RecordPart | FollowingRecord:
        return self._request.parts[state.number - 1]

    def _act(self, state: PartState) -> ActPart:
        part = self._part(state)
        if not isinstance(part, ActPart):
            raise TypeError(f"part {state.number} is no act")
        return part

    # --- acts --------------------------------------------------------------------------------

    def _send(self, state: PartState, now: Instant) -> None:
        part = self._act(state)
        if self._is_used(part):
            return
        if now > self._request.deadline:
            raise RequestExpired(f"the deadline was {format_instant(self._request.deadline)}")
        signatures = {
            role: self._request.signature(state.number, address)
            for role, address in signers_of(part.act).items()
        }
        place = self._carrier.carry(part, signatures, timeout_s=max(1, int(self._remaining_s())))
        self._come_to(state, Stage.INCLUDED, place)

    def _look_at_act(self) -> None:
        final_block = self._desk.final_block()
        first_block = min(each.from_block for each in trusted_chain(self._desk.root).registries)
        for state in self.states:
            part = self._part(state)
            if not isinstance(part, ActPart) or state.stage is Stage.FINAL:
                continue
            if final_block >= first_block and self._is_used(part, at=final_block):
                self._come_to(state, Stage.FINAL, state.place)

    def _is_used(self, part: ActPart, *, at: int | str = "latest") -> bool:
        contract = Contract(self._desk.client, part.address, part.contract)
        used: bool = contract.read("isUsed", part.digest(self._request.chain_id), at=at)
        return used

    # --- records -----------------------------------------------------------------------------

    def _submit(self, state: PartState) -> None:
        if state.stage is not Stage.WAITING:
            return
        content = signed_record(self._request, state.number)
        while True:
            try:
                self._at_log().log.submit_record(content)
            except LedgerRefused as error:
                # What it rests on may be on its way: a final block unread, an index not reached.
                # That the persons are in force was seen on the chain before.
                if error.stable_code not in _NOT_YET:
                    raise
                if self._remaining_s() <= 0:
                    raise NotFinal(
                        f"the ledger does not take part {state.number} yet: {error.message}"
                    ) from error
                time.sleep(_POLL_S)
            else:
                break
        self._come_to(state, Stage.ADMITTED, "")

    def _look_at_records(self) -> None:
        waiting = {
            hash_leaf(signed_record(self._request, state.number)): state
            for state in self.states
            if isinstance(self._part(state), RecordPart)
            and state.stage in {Stage.WAITING, Stage.ADMITTED}
        }
        if waiting:
            found = self._at_log().log.find_leaves(waiting.keys(), start=self._request.log_size)
            for leaf_hash, index in found.items():
                self._come_to(waiting[leaf_hash], Stage.INTEGRATED, f"entry {index}")
        anchored = self._final_size()
        for state in self.states:
            if state.stage is Stage.INTEGRATED and int(state.place.split()[1]) < anchored:
                self._come_to(state, Stage.FINAL, state.place)

    def _final_size(self) -> int:
        """Give how much of the log is anchored in a final block."""
        block = self._desk.final_block()
        if block < min(each.from_block for each in trusted_chain(self._desk.root).registries):
            return 0
        newest = self._desk.checkpoints.latest(self._at_log().origin.log_id, at=block)
        return 0 if newest is None else newest.size

    # --- waiting -----------------------------------------------------------------------------

    def _wait(self, states: list[PartState], look: Callable[[], None]) -> None:
        while any(state.stage is not Stage.FINAL for state in states):
            look()
            if all(state.stage is Stage.FINAL for state in states):
                return
            if self._remaining_s() <= 0:
                open_parts = [str(s.number) for s in states if s.stage is not Stage.FINAL]
                raise NotFinal(f"not final in {self._timeout_s:g} s: part {', '.join(open_parts)}")
            time.sleep(_POLL_S)

    def _remaining_s(self) -> float:
        return self._deadline - time.monotonic()

    def _come_to(self, state: PartState, stage: Stage, place: str) -> None:
        state.stage, state.place = stage, place
        self._tell(state)


def _numbered(request: SigningRequest) -> list[tuple[int, ActPart | RecordPart]]:
    return [
        (number, part)
        for number, part in enumerate(request.parts, start=1)
        if not isinstance(part, FollowingRecord)
    ]


def _state(number: int, part: ActPart | RecordPart) -> PartState:
    if isinstance(part, ActPart):
        return PartState(number, "act", type(part.act).__name__)
    return PartState(number, "record", part.draft.record_type)
