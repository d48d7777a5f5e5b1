"""
Sessions: what a representative holds after logging in, until they leave or are gone too long.

A token is shown once, when the session begins; the database has its SHA-256. A session names a
key and a party and gives no right of its own: the chain is asked at each request.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

from api.auth.authorising import Clock
from api.auth.place import Place
from api.auth.principals import Proof
from api.auth.speakers import Speaker
from api.errors import Forbidden, NotFound, Unauthenticated
from attestation.instants import MILLISECONDS_PER_DAY, MILLISECONDS_PER_SECOND, Instant
from ledger.database import Database
from ledger.repositories.actions import Noted
from ledger.repositories.sessions import Session
from ledger.unit_of_work import UnitOfWork

PREFIX: Final = "css_"
COOKIE: Final = "carbonseal-session"
SECRET_MS: Final = 600 * MILLISECONDS_PER_SECOND
"""How long a nonce, or another secret for one use, is good."""
LABEL_LENGTH: Final = 100
_TOKEN_BYTES: Final = 32
_ID_BYTES: Final = 8
_SEEN_MS: Final = 60 * MILLISECONDS_PER_SECOND
"""How exactly it is kept when a session was last used."""
_KEPT_MS: Final = 90 * MILLISECONDS_PER_DAY
"""How long one sees the sessions that have ended."""


class Sessions:
    """
    The sessions of one server.

    Args:
        database: Of the ledger.
        clock: Gives the present.
        place: How long they last.
    """

    def __init__(self, database: Database, clock: Clock, place: Place) -> None:
        self._database = database
        self._clock = clock
        self._place = place

    def open(
        self, uow: UnitOfWork, speaker: Speaker, proof: Proof, label: str, *, role: str
    ) -> tuple[Session, str]:
        """
        Begin a session in a unit of work that the caller commits.

        Returns:
            The session and its token, which is kept nowhere.
        """
        now = self._clock.now()
        session = Session(
            id=secrets.token_hex(_ID_BYTES),
            address=speaker.address,
            party_id=speaker.party.party_id,
            proof=proof.value,
            label=label[:LABEL_LENGTH],
            created_at=now,
            seen_at=now,
            expires_at=Instant(now + self._place.session_ms),
        )
        token = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
        uow.sessions.forget_ended(Instant(now - _KEPT_MS))
        uow.sessions.open(session, digest_of(token))
        _tell(uow, session, "session.open", speaker.party.code, role, now)
        return session, token

    def find(self, token: str) -> Session:
        """
        Give the session that a token opens, and note that it was used.

        Raises:
            Unauthenticated: If there is none, or it is over.
        """
        now = self._clock.now()
        with self._database.reading() as uow:
            session = uow.sessions.by_token(digest_of(token))
        if session is None or not session.is_open(now, idle_ms=self._place.idle_ms):
            raise Unauthenticated("this session is over, or there is none of this token")
        if now - session.seen_at >= _SEEN_MS:
            with self._database.unit_of_work() as uow:
                uow.sessions.touch(session.id, now)
                uow.commit()
        return session

    def listed(self, address: bytes) -> list[Session]:
        """Give the sessions of a key that can still be seen, newest first."""
        with self._database.reading() as uow:
            return uow.sessions.of_address(address)

    def is_open(self, session: Session) -> bool:
        """Say whether a session lets anybody in at present."""
        return session.is_open(self._clock.now(), idle_ms=self._place.idle_ms)

    def revoke(self, session_id: str, address: bytes, *, code: str, role: str) -> None:
        """
        End a session of a key, at once.

        Raises:
            NotFound: If there is none of this id.
            Forbidden: If it is another key's.
        """
        now = self._clock.now()
        with self._database.unit_of_work() as uow:
            session = uow.sessions.get(session_id)
            if session is None:
                raise NotFound(f"there is no session {session_id}")
            if session.address != address:
                raise Forbidden(f"session {session_id} is not yours")
            uow.sessions.revoke(session_id, now)
            _tell(uow, session, "session.revoke", code, role, now)
            uow.commit()

    def end_all(self, uow: UnitOfWork, address: bytes, proof: Proof, *, role: str) -> None:
        """End the sessions of a key that began so, in a unit of work that the caller commits."""
        now = self._clock.now()
        for session in uow.sessions.of_address(address):
            if session.proof == proof.value and session.revoked_at is None:
                party = uow.parties.by_id(session.party_id)
                uow.sessions.revoke(session.id, now)
                code = None if party is None else party.code
                _tell(uow, session, "session.revoke", code, role, now)

    def draw_secret(self, purpose: str, content: Mapping[str, Any], *, length: int) -> str:
        """Draw a secret that is good once and for ten minutes: hexadecimal digits."""
        now = self._clock.now()
        secret = secrets.token_hex(length)
        with self._database.unit_of_work() as uow:
            uow.sessions.forget_secrets(now)
            until = Instant(now + SECRET_MS)
            uow.sessions.keep_secret(digest_of(secret), purpose, content, until=until)
            uow.commit()
        return secret


def digest_of(secret: str) -> bytes:
    """Give that of a secret which may be kept."""
    return hashlib.sha256(secret.encode()).digest()


def _tell(
    uow: UnitOfWork, session: Session, what: str, code: str | None, role: str, now: Instant
) -> None:
    noted = Noted(
        actor="0x" + session.address.hex(),
        role=role,
        on_behalf_of=code,
        what=what,
        subject=f"session {session.id}",
        at=now,
        after={"proof": session.proof},
    )
    uow.actions.note(noted)
