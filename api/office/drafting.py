"""
Drafting a request: acts with their place and deadline, records with their signer and salt.

Nothing is signed and nothing is sent here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.errors import ConfigurationError
from api.office.desk import Desk
from api.office.errors import OnePerson
from api.office.parts import ActPart, Part, RecordPart
from api.office.place import trusted_address, trusted_chain
from api.office.request import SigningRequest
from api.office.settings import OfficeSettings
from api.office.standing import check_standing
from attestation.instants import MILLISECONDS_PER_DAY, MILLISECONDS_PER_SECOND, Instant
from attestation.record_bodies import Body
from attestation.records import SALT_LENGTH, draft_record
from chain.addresses import parse_address
from chain.signed_acts import signed_act_of
from chain.typed_data import Act

TWO_PERSONS: Final = ("initiator", "approver")
APPROVER: Final = ("approver",)
_NONCE_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class People:
    """Who shall sign."""

    initiator: bytes
    """Address, 20 bytes."""
    approver: bytes

    def of(self, roles: Sequence[str]) -> dict[str, bytes]:
        """Give the addresses of some roles."""
        both = {"initiator": self.initiator, "approver": self.approver}
        return {role: both[role] for role in roles}


@dataclass(frozen=True, slots=True)
class Drafting:
    """
    One request on its way to paper.

    Args:
        desk: The office.
        people: Who shall sign.
        now: Present time.
        deadline: Last moment at which it may be signed and handed in; a whole second.
        log_size: Entries the log has now.
    """

    desk: Desk
    people: People
    now: Instant
    deadline: Instant
    log_size: int

    @property
    def origin(self) -> str:
        """The log's origin."""
        return str(self.desk.origin)

    @property
    def deadline_s(self) -> int:
        """The deadline, as acts have it."""
        return self.deadline // MILLISECONDS_PER_SECOND

    def act(self, act: Act) -> ActPart:
        """
        Give an act its place.

        Raises:
            WrongPlace: If the trust root does not name the contract.
        """
        chain = trusted_chain(self.desk.root)
        return ActPart(trusted_address(chain, signed_act_of(act).contract), act)

    def digest(self, part: ActPart) -> bytes:
        """Give what is signed of an act, 32 bytes: what records name it by."""
        return part.digest(self.desk.chain_id)

    def record(self, body: Body, subject: str, *, supersedes: Sequence[bytes] = ()) -> RecordPart:
        """
        Draft a record that the approver signs.

        Raises:
            EncodingError: If a part of it is malformed, or it is too long.
        """
        return RecordPart(
            draft_record(
                body,
                origin=self.origin,
                subject=subject,
                salt=secrets.token_bytes(SALT_LENGTH),
                signer="0x" + self.people.approver.hex(),
                supersedes=supersedes,
            )
        )

    def request(self, title: str, parts: Sequence[Part], roles: Sequence[str]) -> SigningRequest:
        """
        Put a request together, and see that the persons may sign it.

        Acts come before records, so that they become final together.

        Raises:
            NotInForce: If one of them has not that role at present.
            OnePerson: If the two are one.
        """
        signers = self.people.of(roles)
        request = SigningRequest(
            title=title,
            origin=self.desk.origin,
            chain_id=self.desk.chain_id,
            log_size=self.log_size,
            drafted_at=self.now,
            deadline=self.deadline,
            signers=signers,
            parts=tuple(sorted(parts, key=lambda part: not isinstance(part, ActPart))),
        )
        check_standing(self.desk, request)
        return request


def begin_drafting(
    desk: Desk, *, now: Instant, days: int, people: Mapping[str, str | None]
) -> Drafting:
    """
    Begin a request.

    Args:
        desk: The office.
        now: Present time.
        days: How long it may be signed and handed in.
        people: Address by role in place of those the settings name, where one is given.

    Raises:
        OnePerson: If initiator and approver are one address.
        EncodingError: If an address is malformed.
    """
    chosen = choose_people(desk.settings, people)
    end = now + days * MILLISECONDS_PER_DAY
    return Drafting(
        desk=desk,
        people=chosen,
        now=now,
        deadline=Instant(end - end % MILLISECONDS_PER_SECOND),
        log_size=desk.log_size(),
    )


def choose_people(settings: OfficeSettings, people: Mapping[str, str | None]) -> People:
    """
    Give the two persons who shall sign: those named, else those of the settings.

    Raises:
        OnePerson: If initiator and approver are one address.
        ConfigurationError: If one is named in neither place.
        EncodingError: If an address is malformed.
    """
    usual = settings.people
    named: dict[str, bytes] = {}
    for role in TWO_PERSONS:
        address = people.get(role) or (None if usual is None else getattr(usual, role))
        if address is None:
            raise ConfigurationError(f"the office's settings have no [people]: name the {role}")
        named[role] = parse_address(address)
    if named["initiator"] == named["approver"]:
        raise OnePerson("initiator and approver are two persons")
    return People(**named)


def draw_nonce() -> int:
    """Give a number that makes two equal acts different."""
    return secrets.randbits(_NONCE_BITS)
