"""
Drafting requests of acts alone: for inventories, parties and credentials.

Who signs stands in each act; the request only gathers them. Nothing is signed and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.office.desk import ChainDesk, Desk
from api.office.errors import RequestEdited
from api.office.parts import ActPart, Part
from api.office.place import trusted_address, trusted_chain
from api.office.request import SigningRequest
from api.office.standing import check_standing
from attestation.instants import MILLISECONDS_PER_DAY, MILLISECONDS_PER_SECOND, Instant
from chain.signed_acts import signed_act_of, signers_of
from chain.typed_data import Act


@dataclass(frozen=True, slots=True)
class ActDrafting:
    """
    One request of acts on its way to paper.

    Args:
        desk: The office; one with a log where the acts are about a log's inventory.
        now: Present time.
        deadline: Last moment at which it may be signed and handed in; a whole second.
    """

    desk: ChainDesk
    now: Instant
    deadline: Instant

    @property
    def deadline_s(self) -> int:
        """The deadline, as acts have it."""
        return self.deadline // MILLISECONDS_PER_SECOND

    def request(
        self, title: str, acts: Sequence[Act], records: Sequence[Part] = ()
    ) -> SigningRequest:
        """
        Put a request together, and see that everybody may sign it.

        Raises:
            NotInForce: If a key has not its role at present.
            OnePerson: If two keys are one person's.
            RequestEdited: If two acts name different keys in one role.
            WrongPlace: If the trust root does not name a contract.
        """
        signers: dict[str, bytes] = {}
        for act in acts:
            for role, address in signers_of(act).items():
                if signers.setdefault(role, address) != address:
                    raise RequestEdited(f"two keys are named as {role}")
        log = self.desk if isinstance(self.desk, Desk) else None
        request = SigningRequest(
            title=title[:200],
            origin=None if log is None else log.origin,
            chain_id=self.desk.chain_id,
            # Only records are looked for in the log; acts alone need no ledger that answers.
            log_size=log.log_size() if log is not None and records else 0,
            drafted_at=self.now,
            deadline=self.deadline,
            signers=signers,
            parts=(*map(self._placed, acts), *records),
        )
        check_standing(self.desk, request)
        return request

    def _placed(self, act: Act) -> ActPart:
        contract = signed_act_of(act).contract
        return ActPart(trusted_address(trusted_chain(self.desk.root), contract), act)


def begin_acts(desk: ChainDesk, *, now: Instant, days: int) -> ActDrafting:
    """
    Begin a request of acts.

    Args:
        desk: The office.
        now: Present time.
        days: How long it may be signed and handed in.
    """
    end = now + days * MILLISECONDS_PER_DAY
    return ActDrafting(desk, now, Instant(end - end % MILLISECONDS_PER_SECOND))
