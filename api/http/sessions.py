"""
Logging in and out: nonces, sessions, and who one is here.

A session is shown by its token (`Authorization: Bearer …`) or by a cookie that scripts cannot
read. With the cookie, whatever changes something must come from this server's own pages.

Source: EIP-4361; RFC 6265, section 4.1.2; SameSite and `__Host-` as in RFC 6265bis.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Response, status
from pydantic import Field

from api.auth.identifying import cookie_name
from api.auth.logins import Logins, Opened, Purpose
from api.auth.policy import POLICY, Action
from api.errors import Unauthenticated
from api.http.bodies import BoundedRoute
from api.http.limits import gated
from api.http.lookup import Caller, Here
from api.http.models import Model
from api.services import Services
from attestation.instants import MILLISECONDS_PER_SECOND, format_instant
from chain.addresses import format_address
from chain.login_messages import MAX_LENGTH
from chain.personal_messages import MAX_SIGNATURE, contract_signed, recovers_to
from ledger.repositories.sessions import Session

router = APIRouter(prefix="/v1/auth", tags=["access"], route_class=BoundedRoute)

NO_STORE: Final = "no-store"
PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"
_CURRENT: Final = "current"
_Bounded = Depends(gated(lambda limits: limits.proofs))
"""Whoever is nobody yet makes the database write: not too much of it at once."""
_HEX_SIGNATURE: Final = rf"^0x([0-9a-f]{{2}}){{1,{MAX_SIGNATURE}}}$"
SignedText = Annotated[
    str, Field(max_length=MAX_LENGTH, description="The text that was signed (EIP-4361).")
]
HexSignature = Annotated[
    str, Field(pattern=_HEX_SIGNATURE, description="Signature over it (EIP-191), 0x and hex.")
]
_GONE: Final[dict[int | str, dict[str, Any]]] = {204: {"description": "The session has ended"}}


class NonceRequest(Model):
    """What a nonce is asked for."""

    purpose: Literal["session", "machine-key", "identity"] = "session"


class NonceModel(Model):
    """What a text to sign must say, in the fields of EIP-4361."""

    nonce: str
    domain: str
    uri: str
    chain_id: int
    statement: str
    expires_at: str = Field(description="Until when the nonce is good, once.")


class LoginRequest(Model):
    """A signed text."""

    message: SignedText
    signature: HexSignature
    label: str = Field(
        default="",
        max_length=100,
        pattern=PLAIN,
        description="What you call the place you log in at.",
    )
    cookie: bool = Field(
        default=False, description="Give the token as a cookie, for browsers, and not here."
    )


class SessionModel(Model):
    """A session."""

    id: str
    proof: str
    label: str
    created_at: str
    seen_at: str
    expires_at: str
    open: bool
    current: bool


class OpenedModel(Model):
    """A session that has begun."""

    session: SessionModel
    token: str | None = Field(description="Shown once; null where it went into the cookie.")
    role: str
    party: str = Field(description="Code of the party spoken for.")
    address: str


class SessionList(Model):
    """The sessions of one key, newest first."""

    sessions: list[SessionModel]


class CallerModel(Model):
    """Who one is here, and what one may do."""

    role: str
    proof: str
    address: str | None
    party: str | None = Field(description="Code of the party spoken for.")
    right: str = Field(description="What one may say for it: initiator, approver, read-only.")
    areas: list[int] = Field(description="Codes of GB/T 2260 of an authority; 0 is the nation.")
    may: dict[str, list[str]] = Field(description="Actions, each with how it must be yours.")


def logins_of(services: Services) -> Logins:
    """Give what lets people in by their keys."""
    ledger = services.ledger

    def check(content: bytes, signature: bytes, address: bytes) -> bool:
        if recovers_to(content, signature, address):
            return True
        return contract_signed(ledger.chain.client, content, signature, address)

    return Logins(ledger.database, ledger.clock, services.place, check)


@router.post(
    "/nonces",
    operation_id="drawNonce",
    status_code=status.HTTP_201_CREATED,
    dependencies=[_Bounded],
)
def draw_nonce(services: Here, response: Response, asked: NonceRequest) -> NonceModel:
    """Draw a nonce for a text to sign; good once and for ten minutes."""
    challenge = logins_of(services).challenge(Purpose(asked.purpose))
    response.headers["cache-control"] = NO_STORE
    return NonceModel(
        nonce=challenge.nonce,
        domain=challenge.place.domain,
        uri=challenge.place.url,
        chain_id=challenge.place.chain_id,
        statement=challenge.purpose.statement,
        expires_at=format_instant(challenge.expires_at),
    )


@router.post(
    "/sessions",
    operation_id="openSession",
    status_code=status.HTTP_201_CREATED,
    dependencies=[_Bounded],
)
def open_session(services: Here, response: Response, asked: LoginRequest) -> OpenedModel:
    """Begin a session of a representative with a text signed by their key."""
    signature = bytes.fromhex(asked.signature[2:])
    opened = logins_of(services).open(asked.message, signature, asked.label)
    return describe_opened(services, response, opened, cookie=asked.cookie)


@router.get("/sessions", operation_id="listSessions")
def list_sessions(services: Here, caller: Caller, response: Response) -> SessionList:
    """List the sessions of the caller's key, those that have ended too."""
    address = _address(services, caller)
    response.headers["cache-control"] = NO_STORE
    found = services.sessions.listed(address)
    return SessionList(
        sessions=[_describe(services, each, current=caller.session) for each in found]
    )


@router.delete(
    "/sessions/{session}",
    operation_id="revokeSession",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=_GONE,
)
def revoke_session(
    session: Annotated[
        str,
        Path(pattern="^(current|[0-9a-f]{16})$", description="Id of the session, or `current`."),
    ],
    services: Here,
    caller: Caller,
    response: Response,
) -> None:
    """End a session of the caller's key, at once."""
    address = _address(services, caller)
    named = caller.session if session == _CURRENT else session
    if named is None:
        raise Unauthenticated("there is no session here to end")
    services.sessions.revoke(named, address, code=caller.code or "", role=caller.role.value)
    if named == caller.session:
        place = services.place
        response.delete_cookie(cookie_name(place), path="/", secure=place.is_secure)


@router.get("/me", operation_id="getCaller")
def get_caller(services: Here, caller: Caller, response: Response) -> CallerModel:
    """Say who the caller is, and by how something must be theirs what they may do with it."""
    if caller.refused:
        raise Unauthenticated(caller.refused)
    response.headers["cache-control"] = NO_STORE
    return CallerModel(
        role=caller.role.value,
        proof=caller.proof.value,
        address=None if caller.address is None else format_address(caller.address),
        party=caller.code,
        right=caller.right.name.lower().replace("_", "-"),
        areas=list(caller.areas),
        may={
            action.value: sorted(relation.value for relation in relations)
            for action, relations in POLICY[caller.role].items()
        },
    )


def describe_opened(
    services: Services, response: Response, opened: Opened, *, cookie: bool
) -> OpenedModel:
    """Describe a session that has begun; its token goes into the answer or into the cookie."""
    response.headers["cache-control"] = NO_STORE
    place = services.place
    if cookie:
        response.set_cookie(
            cookie_name(place),
            opened.token,
            max_age=place.session_ms // MILLISECONDS_PER_SECOND,
            path="/",
            secure=place.is_secure,
            httponly=True,
            samesite="strict",
        )
    return OpenedModel(
        session=_describe(services, opened.session, current=opened.session.id),
        token=None if cookie else opened.token,
        role=opened.role,
        party=opened.speaker.party.code,
        address=format_address(opened.speaker.address),
    )


def _address(services: Services, caller: Caller) -> bytes:
    services.authorise(caller, Action.MANAGE_ACCESS)
    if caller.address is None:
        raise Unauthenticated("sessions are of representatives' keys")
    return caller.address


def _describe(services: Services, session: Session, *, current: str | None) -> SessionModel:
    return SessionModel(
        id=session.id,
        proof=session.proof,
        label=session.label,
        created_at=format_instant(session.created_at),
        seen_at=format_instant(session.seen_at),
        expires_at=format_instant(session.expires_at),
        open=services.sessions.is_open(session),
        current=session.id == current,
    )
