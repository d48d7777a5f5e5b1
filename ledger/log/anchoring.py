"""
Anchoring: the newest checkpoints of many logs go to the chain in one transaction at a time.

An outbox item goes pending → signed → broadcast → included → final, and back to broadcast when
the chain reorganises. The signed transaction is stored before it is sent, and what is sent again
is the same bytes. One worker owns an operator key and its nonces; the next transaction is signed
only when the one before stands in a block. Each step may be repeated after any failure.

Source: DESIGN section 6; EIP-155 (nonces).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from attestation.enums import OutboxState
from attestation.instants import Instant
from attestation.witness_policy import WitnessPolicy
from ledger.log.anchor_finality import AnchorFinality, AnchorReceipts
from ledger.log.anchor_following import AnchorFollowing
from ledger.log.anchor_requests import ANCHOR_NOW, AnchorRequests
from ledger.log.anchor_rules import AnchorRules
from ledger.log.anchor_signing import AnchorSigning
from ledger.log.witnessing import UNWITNESSED
from ledger.ports import Anchorer
from ledger.repositories.logs import LogNumber
from ledger.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class AnchorStep:
    """What one step did, for the log line of the worker."""

    sent: tuple[str, ...]
    """Origins whose checkpoints were signed for the chain and sent."""
    recovering: tuple[str, ...]
    """Origins found to be behind the chain; they sign nothing from now on."""
    included: int
    """Transactions that a block took."""
    final: int
    taken_back: int
    """Transactions that a reorganisation put out of their block."""


class Anchoring:
    """
    The owner of one operator key's nonces.

    Args:
        units: Makes writing units of work.
        requests: Where wishes are written.
        finality: What becomes of anchors that stand in blocks.
        following: Moves what is under way.
        signing: Signs what is due.
    """

    def __init__(
        self,
        units: UnitOfWorkFactory,
        *,
        requests: AnchorRequests,
        finality: AnchorFinality,
        following: AnchorFollowing,
        signing: AnchorSigning,
    ) -> None:
        self._units = units
        self._requests = requests
        self._finality = finality
        self._following = following
        self._signing = signing

    @classmethod
    def build(
        cls,
        units: UnitOfWorkFactory,
        readings: UnitOfWorkFactory,
        anchorer: Anchorer,
        *,
        receipts: AnchorReceipts,
        policy: WitnessPolicy = UNWITNESSED,
        rules: AnchorRules | None = None,
    ) -> Self:
        """
        Join the parts.

        Args:
            units: Makes writing units of work.
            readings: Makes reading units of work.
            anchorer: The chain.
            receipts: Who is to hear of it.
            policy: Which checkpoint of a log is public, and so anchored.
            rules: How often, and how patiently.
        """
        rules = rules or AnchorRules()
        requests = AnchorRequests(anchorer.operator)
        finality = AnchorFinality(
            units, readings, anchorer, receipts=receipts, requests=requests, rules=rules
        )
        return cls(
            units,
            requests=requests,
            finality=finality,
            following=AnchorFollowing(units, readings, anchorer, finality=finality, rules=rules),
            signing=AnchorSigning(
                units,
                readings,
                anchorer,
                requests=requests,
                finality=finality,
                policy=policy,
                rules=rules,
            ),
        )

    def request(self, number: LogNumber, *, now: Instant) -> None:
        """Ask for a log to be anchored with the next transaction, whatever its interval."""
        with self._units() as uow:
            self._requests.want(uow, uow.heads.get(number), now=now, kind=ANCHOR_NOW)
            # Commit point: the wish is stored.
            uow.commit()

    def step(self, now: Instant) -> AnchorStep:
        """
        Follow what is under way, then sign and send what is due.

        Raises:
            Error: Of the chain, with its own `retry`; what was stored until then holds.
            ForkDetected: If the chain knows another history of a log.
        """
        moves = self._following.follow(now)
        self._finality.follow_found(now)
        signed = self._signing.sign_next(now)
        if signed.item is not None:
            self._following.send(signed.item, now)
        return AnchorStep(
            sent=signed.origins if signed.item else (),
            recovering=signed.behind,
            included=moves.count(OutboxState.INCLUDED),
            final=moves.count(OutboxState.FINAL),
            taken_back=moves.count(OutboxState.BROADCAST),
        )
