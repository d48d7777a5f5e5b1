"""
Logging in by an identity at a provider that a representative's key has signed for.

Somebody is sent to the provider with a state, a nonce and a PKCE challenge drawn for this login,
and comes back with a code in the same browser. An identity that stands for no key yet gets a
ticket, good once: with it and a text signed by the key the two are bound. The chain still decides
what the key may say, so an identity opens nothing once its key is removed there.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from api.auth.authorising import Clock
from api.auth.logins import Logins, Opened, Purpose, party_named, resources_of
from api.auth.place import Place
from api.auth.principals import Proof
from api.auth.provider import Identity, IdentityProvider
from api.auth.sessions import Sessions, digest_of
from api.errors import BadRequest, NotFound, Unauthenticated
from api.settings import ProviderSettings
from attestation.instants import MILLISECONDS_PER_SECOND
from ledger.database import Database
from ledger.repositories.actions import Noted
from ledger.repositories.sessions import Binding

IDENTITY_URN: Final = "urn:carbonseal:identity:"
_STATE: Final = "oidc/state"
_TICKET: Final = "oidc/ticket"
_SECRET_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that has begun."""

    address: str
    """At the provider."""
    browser: str
    """Secret of the browser that began it; the one that comes back must have it."""


@dataclass(frozen=True, slots=True)
class Unbound:
    """An identity that stands for no key yet."""

    identity: Identity
    ticket: str
    """Lets it be bound, once and for ten minutes."""


class Identities:
    """
    Lets people in by their identities.

    Args:
        database: Of the ledger.
        clock: Gives the present.
        place: What the server is called.
        logins: Checks what people sign, and begins sessions.
        providers: By their names in addresses.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        place: Place,
        logins: Logins,
        providers: dict[str, ProviderSettings],
    ) -> None:
        self._database = database
        self._clock = clock
        self._place = place
        self._logins = logins
        self._providers = providers
        self._sessions = Sessions(database, clock, place)

    def begin(self, name: str) -> Begun:
        """
        Begin a login at a provider.

        Raises:
            NotFound: If there is no such provider.
            PartMissing: If it cannot be asked.
        """
        provider = self._provider(name)
        nonce, verifier = (secrets.token_urlsafe(2 * _SECRET_BYTES) for _ in range(2))
        browser = secrets.token_urlsafe(_SECRET_BYTES)
        kept = {
            "provider": name,
            "nonce": nonce,
            "verifier": verifier,
            "browser": digest_of(browser).hex(),
        }
        state = self._sessions.draw_secret(_STATE, kept, length=_SECRET_BYTES)
        return Begun(provider.address(state=state, nonce=nonce, verifier=verifier), browser)

    def finish(self, name: str, code: str, state: str, browser: str) -> Opened | Unbound:
        """
        Take somebody who comes back from a provider.

        Raises:
            NotFound: If there is no such provider.
            Unauthenticated: If nobody here sent them, in this browser, or the token does not hold,
                or the key that their identity stands for is no representative's any more.
            PartMissing: If the provider cannot be asked.
        """
        provider = self._provider(name)
        now = self._clock.now()
        with self._database.unit_of_work() as uow:
            kept = uow.sessions.use_secret(digest_of(state), _STATE, now=now)
            uow.commit()
        if kept is None or kept["provider"] != name:
            raise Unauthenticated("nobody was sent to the provider from here with this state")
        if not hmac.compare_digest(kept["browser"], digest_of(browser).hex()):
            raise Unauthenticated("this login began in another browser")
        identity = provider.identify(
            code,
            nonce=kept["nonce"],
            verifier=kept["verifier"],
            now_s=now // MILLISECONDS_PER_SECOND,
        )
        with self._database.reading() as uow:
            binding = uow.sessions.binding(identity.issuer, identity.subject)
            party = None if binding is None else uow.parties.by_id(binding.party_id)
        if binding is None or party is None:
            return self._ticket(identity)
        with self._database.unit_of_work() as uow:
            opened = self._logins.begin(uow, binding.address, party.code, Proof.OIDC, name)
            uow.commit()
        return opened

    def bind(self, ticket: str, text: str, signature: bytes, label: str) -> Opened:
        """
        Let the identity of a ticket stand for the key that signed a text, and begin a session.

        Raises:
            EncodingError: If it is no such text.
            Unauthenticated: If ticket or text does not hold, or the key is no representative's.
            BadRequest: If the text names another identity.
        """
        message = self._logins.check(text, signature, Purpose.IDENTITY)
        now = self._clock.now()
        with self._database.unit_of_work() as uow:
            kept = uow.sessions.use_secret(digest_of(ticket), _TICKET, now=now)
            if kept is None:
                raise Unauthenticated("this ticket is not good, or no more: log in again")
            identity = Identity(kept["issuer"], kept["subject"])
            if resources_of(message, IDENTITY_URN) != [identity.id]:
                raise BadRequest(f"the text must name this identity: {IDENTITY_URN}{identity.id}")
            self._logins.use_nonce(uow, message, Purpose.IDENTITY)
            opened = self._logins.begin(
                uow, message.address, party_named(message), Proof.OIDC, label
            )
            uow.sessions.bind(
                Binding(
                    issuer=identity.issuer,
                    subject=identity.subject,
                    address=message.address,
                    party_id=opened.speaker.party.party_id,
                    message=text,
                    signature=signature,
                    bound_at=now,
                )
            )
            noted = Noted(
                actor="0x" + message.address.hex(),
                role=opened.role,
                on_behalf_of=opened.speaker.party.code,
                what="identity.bind",
                subject=f"identity {identity.id}",
                at=now,
                signature=signature,
            )
            uow.actions.note(noted)
            uow.commit()
        return opened

    def listed(self, address: bytes) -> list[Binding]:
        """Give the identities that stand for a key."""
        with self._database.reading() as uow:
            return uow.sessions.bindings_of(address)

    def unbind(self, address: bytes, identity_id: str, *, role: str) -> None:
        """
        Let an identity stand for a key no more; what was begun by identities of the key ends.

        A session does not say which of them began it, so all of them end.

        Raises:
            NotFound: If none of this id stands for it.
        """
        with self._database.unit_of_work() as uow:
            for each in uow.sessions.bindings_of(address):
                if Identity(each.issuer, each.subject).id == identity_id:
                    uow.sessions.unbind(each.issuer, each.subject, address)
                    self._sessions.end_all(uow, address, Proof.OIDC, role=role)
                    noted = Noted(
                        actor="0x" + address.hex(),
                        role=role,
                        what="identity.unbind",
                        subject=f"identity {identity_id}",
                        at=self._clock.now(),
                    )
                    uow.actions.note(noted)
                    uow.commit()
                    return
        raise NotFound("no such identity stands for your key")

    def _ticket(self, identity: Identity) -> Unbound:
        kept = {"issuer": identity.issuer, "subject": identity.subject}
        ticket = self._sessions.draw_secret(_TICKET, kept, length=_SECRET_BYTES)
        return Unbound(identity, ticket)

    def _provider(self, name: str) -> IdentityProvider:
        settings = self._providers.get(name)
        if settings is None:
            raise NotFound(f"there is no identity provider {name!r} here")
        return IdentityProvider(settings, redirect_uri(self._place, name))


def redirect_uri(place: Place, name: str) -> str:
    """Give the address to which a provider sends people back; it must be registered there."""
    return f"{place.url}/v1/auth/providers/{name}/callback"
