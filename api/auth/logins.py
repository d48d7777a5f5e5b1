"""
Logging in with a key: a nonce is drawn, the person signs a text that names it, a session begins.

The text is checked in the order of EIP-4361: that it is meant for this server and this chain, that
it is of now, that the key it names signed it, that its nonce was drawn here for this purpose and
never used; then that the chain has the key as a representative's. The same text with another
statement lets a machine's key, or an identity at a provider, stand for the signer's key.

Source: EIP-4361; ERC-1271; RFC 8141 (URNs as resources).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.auth.authorising import Clock
from api.auth.place import Place
from api.auth.principals import Proof
from api.auth.sessions import SECRET_MS, Sessions, digest_of
from api.auth.speakers import Speaker, choose_speaker, role_of
from api.errors import BadRequest, Unauthenticated
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from chain.login_messages import LoginMessage, parse_login
from ledger.database import Database
from ledger.repositories.sessions import Session
from ledger.unit_of_work import UnitOfWork

PARTY_URN: Final = "urn:carbonseal:party:"
NONCE_BYTES: Final = 16
_SKEW_MS: Final = 60 * MILLISECONDS_PER_SECOND

SignatureCheck = Callable[[bytes, bytes, bytes], bool]
"""Says of a text, a signature and an address whether it is theirs; may ask the chain."""


class Purpose(StrEnum):
    """What a nonce is drawn for; a text signed for one is not taken for another."""

    SESSION = "session"
    MACHINE_KEY = "machine-key"
    IDENTITY = "identity"

    @property
    def statement(self) -> str:
        """What the signer is told, in the text."""
        return _STATEMENTS[self]


_STATEMENTS: Final = {
    Purpose.SESSION: "Sign in to CarbonSeal. This signs no act and moves nothing.",
    Purpose.MACHINE_KEY: "Let the machine key named below send requests for my party.",
    Purpose.IDENTITY: "Let the identity named below sign in to CarbonSeal as me.",
}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a text to sign must say."""

    purpose: Purpose
    nonce: str
    place: Place
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has begun, and whose."""

    session: Session
    token: str
    speaker: Speaker
    role: str


class Logins:
    """
    Lets people in by their keys.

    Args:
        database: Of the ledger.
        clock: Gives the present.
        place: What the server is called.
        is_signed_by: Checks a signature over a text.
    """

    def __init__(
        self, database: Database, clock: Clock, place: Place, is_signed_by: SignatureCheck
    ) -> None:
        self._database = database
        self._clock = clock
        self._place = place
        self._is_signed_by = is_signed_by
        self._sessions = Sessions(database, clock, place)

    def challenge(self, purpose: Purpose) -> Challenge:
        """Draw a nonce that is good once, for one purpose and ten minutes."""
        nonce = self._sessions.draw_secret(_kept_as(purpose), {}, length=NONCE_BYTES)
        return Challenge(purpose, nonce, self._place, Instant(self._clock.now() + SECRET_MS))

    def open(self, text: str, signature: bytes, label: str) -> Opened:
        """
        Begin the session that a signed text asks for.

        Raises:
            EncodingError: If it is no text to log in with.
            Unauthenticated: If it does not hold, or its key is no representative's in force.
            Forbidden: If the key does not speak for the party named.
            NodeUnavailable: If only the chain can say, and its node does not answer.
        """
        message = self.check(text, signature, Purpose.SESSION)
        with self._database.unit_of_work() as uow:
            self.use_nonce(uow, message, Purpose.SESSION)
            opened = self.begin(uow, message.address, party_named(message), Proof.WALLET, label)
            uow.commit()
        return opened

    def begin(
        self, uow: UnitOfWork, address: bytes, code: str | None, proof: Proof, label: str
    ) -> Opened:
        """
        Begin a session of a key for a party, in a unit of work that the caller commits.

        Raises:
            Unauthenticated: If the key is no representative's in force.
            Forbidden: If it does not speak for the party.
        """
        now = self._clock.now()
        speaker = choose_speaker(uow, address, code, now)
        role, _ = role_of(uow, speaker.party, now, oversight=self._place.oversight)
        session, token = self._sessions.open(uow, speaker, proof, label, role=role.value)
        return Opened(session, token, speaker, role.value)

    def check(self, text: str, signature: bytes, purpose: Purpose) -> LoginMessage:
        """
        Check all of a signed text but its nonce.

        Raises:
            EncodingError: If it is no text to log in with.
            Unauthenticated: If it is meant for another, of another time, or another key's.
            NodeUnavailable: If only the chain can say, and its node does not answer.
        """
        message = parse_login(text)
        place = self._place
        _require(message.domain == place.domain, f"is meant for {message.domain}")
        _require(message.uri == place.url, f"is meant for {message.uri}")
        _require(message.chain_id == place.chain_id, f"names chain {message.chain_id}")
        _require(message.statement == purpose.statement, "states something else")
        self._require_now(message)
        is_theirs = self._is_signed_by(text.encode(), signature, message.address)
        _require(is_theirs, "is not signed by the key it names")
        return message

    def use_nonce(self, uow: UnitOfWork, message: LoginMessage, purpose: Purpose) -> None:
        """
        Use up the nonce of a text, in a unit of work that the caller commits.

        Raises:
            Unauthenticated: If it was not drawn here for this, is too old, or was used.
        """
        found = uow.sessions.use_secret(
            digest_of(message.nonce), _kept_as(purpose), now=self._clock.now()
        )
        _require(found is not None, "has a nonce that is not good, or no more: ask for another")

    def _require_now(self, message: LoginMessage) -> None:
        now = self._clock.now()
        issued, begin, end = message.issued_at, message.not_before, message.expires_at
        _require(issued <= now + _SKEW_MS, "is of a time to come")
        _require(issued > now - SECRET_MS, "is too old")
        _require(begin is None or begin <= now, "holds only later")
        _require(end is None or now < end, "has expired")


def party_named(message: LoginMessage) -> str | None:
    """
    Give the code of the party that a text names to be spoken for; None where it names none.

    Raises:
        BadRequest: If it names several.
    """
    found = resources_of(message, PARTY_URN)
    if len(found) > 1:
        raise BadRequest("the text names several parties")
    return next(iter(found), None)


def resources_of(message: LoginMessage, prefix: str) -> list[str]:
    """Give what follows a prefix in the resources of a text."""
    named = message.resources or ()
    return [each.removeprefix(prefix) for each in named if each.startswith(prefix)]


def _kept_as(purpose: Purpose) -> str:
    return f"nonce/{purpose.value}"


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Unauthenticated(f"the signed text {what}")
