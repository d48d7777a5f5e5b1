"""
Who calls: what a request shows, checked, and turned into a principal.

Shown are, in this order: a bearer token (of a grant, or of a session), a session's cookie, a
signature of the request, a client certificate handed on by the proxy. The first that is there
counts; one that does not hold makes the caller nobody, and says why where it matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from api.access import AccessList, Grant
from api.auth.authorising import Clock
from api.auth.certificates_shown import CertificateProof
from api.auth.place import Place
from api.auth.policy import Role
from api.auth.principals import NOBODY, Principal, Proof
from api.auth.sessions import COOKIE, PREFIX, Sessions
from api.auth.signed_requests import RequestProof
from api.auth.speakers import role_of, speaker_for
from api.errors import Unauthenticated
from ledger.database import Database
from ledger.repositories.sessions import Session

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_ASKED: Final = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a request says who sends it."""

    method: str
    target: str
    """Path and query, as they were sent."""
    headers: Mapping[str, str]
    """Lower-case names; several fields of a name joined with commas."""
    bearer: str | None = None
    cookies: Mapping[str, str] | None = None
    by_socket: bool = False
    """Whether it came by the UNIX socket on which the proxy stands."""

    @property
    def asked(self) -> str:
        """Method and target, as the audit has them."""
        return f"{self.method} {self.target}"[:_LONGEST_ASKED]


class Identifier:
    """
    Finds out who calls.

    Args:
        database: Of the ledger.
        clock: Gives the present.
        place: What the server is called.
        access: The grants, where there are any.
    """

    def __init__(
        self, database: Database, clock: Clock, place: Place, access: AccessList | None
    ) -> None:
        self._database = database
        self._clock = clock
        self._place = place
        self._access = access
        self._sessions = Sessions(database, clock, place)

    def identify(self, shown: Shown) -> Principal:
        """Give whoever sends a request: nobody, with the reason, where nothing shown holds."""
        try:
            found = self._identify(shown)
        except Unauthenticated as error:
            return replace(NOBODY, asked=shown.asked, refused=error.message)
        return replace(found, asked=shown.asked)

    def renew(self, caller: Principal) -> Principal:
        """
        Give a caller who was identified before as they are now, for what lasts.

        Raises:
            Unauthenticated: If they are nobody, or what they showed is over.
        """
        if caller.grant is not None and self._access is not None:
            if caller.grant in self._access.grants() and self._is_now_before(caller.grant):
                return caller
            raise Unauthenticated("the grant is over")
        if caller.address is None or caller.party is None:
            raise Unauthenticated(caller.refused or "this is for those who show who they are")
        self._require_open(caller)
        found = self._speaking(
            caller.proof,
            caller.address,
            caller.party.party_id,
            session=caller.session,
            key=caller.key,
        )
        return replace(found, asked=caller.asked)

    def _is_now_before(self, grant: Grant) -> bool:
        return self._clock.now() < grant.expires_at

    def _require_open(self, caller: Principal) -> None:
        now = self._clock.now()
        with self._database.reading() as uow:
            session = None if caller.session is None else uow.sessions.get(caller.session)
            key = None if caller.key is None else uow.machine_keys.get(caller.key)
        if caller.session is not None and (
            session is None or session.revoked_at is not None or now >= session.expires_at
        ):
            raise Unauthenticated("the session is over")
        if caller.key is not None and (key is None or not key.is_open(now)):
            raise Unauthenticated("the machine's key is not registered any more")

    def _identify(self, shown: Shown) -> Principal:
        cookie = (shown.cookies or {}).get(cookie_name(self._place))
        if shown.bearer is not None:
            if shown.bearer.startswith(PREFIX):
                return self._by_session(shown.bearer)
            return self._by_grant(shown.bearer)
        if cookie is not None:
            self._require_same_origin(shown)
            return self._by_session(cookie)
        if "signature-input" in shown.headers:
            proof = RequestProof(self._database, self._clock, self._place)
            signed = proof.check(shown.method, shown.target, shown.headers)
            return self._speaking(
                Proof.SIGNED_REQUEST, signed.address, signed.party_id, key=signed.key
            )
        if shown.by_socket and "client-cert" in shown.headers:
            found = CertificateProof(self._database, self._clock).check(
                shown.headers["client-cert"]
            )
            return self._speaking(
                Proof.CLIENT_CERTIFICATE, found.address, found.party_id, key=found.id
            )
        return NOBODY

    def _by_grant(self, token: str) -> Principal:
        if self._access is None:
            raise Unauthenticated("there is no access list here")
        grant = self._access.find(token, self._clock.now())
        if grant is None:
            raise Unauthenticated("this access token is not valid, or no longer")
        return Principal(Proof.GRANT, Role.GRANT, f"grant {grant.name}", grant=grant)

    def _by_session(self, token: str) -> Principal:
        session: Session = self._sessions.find(token)
        proof = Proof(session.proof)
        return self._speaking(proof, session.address, session.party_id, session=session.id)

    def _speaking(
        self,
        proof: Proof,
        address: bytes,
        party_id: bytes,
        *,
        session: str | None = None,
        key: str | None = None,
    ) -> Principal:
        """Give the principal of a key, as the chain has it now."""
        now = self._clock.now()
        with self._database.reading() as uow:
            speaker = speaker_for(uow, address, party_id, now)
            role, areas = role_of(uow, speaker.party, now, oversight=self._place.oversight)
        return Principal(
            proof,
            role,
            "0x" + address.hex(),
            address=address,
            party=speaker.party,
            right=speaker.right,
            areas=areas,
            session=session,
            key=key,
        )

    def _require_same_origin(self, shown: Shown) -> None:
        """A cookie comes with whatever a browser sends: what changes something names its page."""
        if shown.method in _SAFE or shown.headers.get("origin") == self._place.url:
            return
        raise Unauthenticated("with a cookie, what changes something comes from our own pages")


def cookie_name(place: Place) -> str:
    """Give the name of the session's cookie; browsers guard the prefix (`Set-Cookie`, 4.1.3.2)."""
    return f"__Host-{COOKIE}" if place.is_secure else COOKIE
