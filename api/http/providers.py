"""Logging in at an identity provider, and letting its identity stand for one's key."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from pydantic import Field

from api.auth.identities import IDENTITY_URN, Begun, Identities, Unbound
from api.auth.place import Place
from api.auth.policy import Action
from api.auth.provider import Identity
from api.auth.sessions import SECRET_MS
from api.errors import Unauthenticated
from api.http.bodies import BoundedRoute
from api.http.limits import gated
from api.http.lookup import Caller, Here
from api.http.models import Model
from api.http.sessions import (
    NO_STORE,
    PLAIN,
    HexSignature,
    OpenedModel,
    SignedText,
    describe_opened,
    logins_of,
)
from api.services import Services
from attestation.instants import MILLISECONDS_PER_SECOND, format_instant

router = APIRouter(prefix="/v1/auth", tags=["access"], route_class=BoundedRoute)

_COOKIE: Final = "carbonseal-login"
_Asked = Depends(gated(lambda limits: limits.bundles))
ProviderName = Annotated[
    str, Path(pattern="^[a-z0-9-]{1,40}$", description="Name of the provider in the settings.")
]
IdentityId = Annotated[
    str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of issuer, line feed and subject.")
]
Visible = Annotated[str, Query(pattern=r"^[\x21-\x7e]{1,2000}$")]


class ProviderModel(Model):
    """An identity provider."""

    name: str
    title: str
    issuer: str


class ProviderList(Model):
    """The identity providers at which one may log in."""

    providers: list[ProviderModel]


class BegunModel(Model):
    """Where to send the browser."""

    address: str


class CallbackModel(Model):
    """What became of a login at a provider: a session, or an identity to be bound first."""

    opened: OpenedModel | None = Field(description="The session, its token in the cookie.")
    ticket: str | None = Field(description="Lets the identity be bound, once, for ten minutes.")
    identity: str | None = Field(description="Id of the identity that stands for no key yet.")
    resources: list[str] = Field(description="What the text that binds it must name.")


class BindRequest(Model):
    """A ticket, and the text by which a key lets the identity stand for it."""

    ticket: str = Field(pattern="^[0-9a-f]{1,100}$")
    message: SignedText
    signature: HexSignature
    label: str = Field(default="", max_length=100, pattern=PLAIN)
    cookie: bool = False


class IdentityModel(Model):
    """An identity that stands for one's key."""

    id: str
    issuer: str
    subject: str
    bound_at: str


class IdentityList(Model):
    """The identities that stand for the caller's key."""

    identities: list[IdentityModel]


@router.get("/providers", operation_id="listProviders")
def list_providers(services: Here) -> ProviderList:
    """List the identity providers at which representatives may log in."""
    named = services.ledger.settings.auth.providers
    return ProviderList(
        providers=[
            ProviderModel(name=name, title=each.title or name, issuer=each.issuer)
            for name, each in sorted(named.items())
        ]
    )


@router.post(
    "/providers/{name}/logins",
    operation_id="beginProviderLogin",
    status_code=status.HTTP_201_CREATED,
    dependencies=[_Asked],
)
def begin_login(name: ProviderName, services: Here, response: Response) -> BegunModel:
    """Begin a login at a provider; the browser that begins it is the one that must come back."""
    begun: Begun = _identities(services).begin(name)
    place = services.place
    cookie, path = _cookie(place)
    response.set_cookie(
        cookie,
        begun.browser,
        max_age=SECRET_MS // MILLISECONDS_PER_SECOND,
        path=path,
        secure=place.is_secure,
        httponly=True,
        samesite="lax",  # it must come along when the provider sends the browser back
    )
    response.headers["cache-control"] = NO_STORE
    return BegunModel(address=begun.address)


@router.get("/providers/{name}/callback", operation_id="finishProviderLogin", dependencies=[_Asked])
def finish_login(
    name: ProviderName,
    services: Here,
    request: Request,
    response: Response,
    state: Visible,
    code: Annotated[str | None, Query(pattern=r"^[\x21-\x7e]{1,2000}$")] = None,
) -> CallbackModel:
    """Take somebody whom a provider sends back: a session, or a ticket to bind their identity."""
    cookie, path = _cookie(services.place)
    browser = request.cookies.get(cookie)
    response.headers["cache-control"] = NO_STORE
    response.headers["referrer-policy"] = "no-referrer"
    response.delete_cookie(cookie, path=path, secure=services.place.is_secure)
    if code is None or browser is None:
        raise Unauthenticated("the provider let nobody in, or this is another browser")
    found = _identities(services).finish(name, code, state, browser)
    if isinstance(found, Unbound):
        return CallbackModel(
            opened=None,
            ticket=found.ticket,
            identity=found.identity.id,
            resources=[IDENTITY_URN + found.identity.id, found.identity.issuer],
        )
    opened = describe_opened(services, response, found, cookie=True)
    return CallbackModel(opened=opened, ticket=None, identity=None, resources=[])


@router.post("/identities", operation_id="bindIdentity", status_code=status.HTTP_201_CREATED)
def bind_identity(services: Here, response: Response, asked: BindRequest) -> OpenedModel:
    """Let an identity stand for the key that signed, and begin a session."""
    signature = bytes.fromhex(asked.signature[2:])
    opened = _identities(services).bind(asked.ticket, asked.message, signature, asked.label)
    return describe_opened(services, response, opened, cookie=asked.cookie)


@router.get("/identities", operation_id="listIdentities")
def list_identities(services: Here, caller: Caller, response: Response) -> IdentityList:
    """List the identities that stand for the caller's key."""
    services.authorise(caller, Action.MANAGE_ACCESS)
    response.headers["cache-control"] = NO_STORE
    found = [] if caller.address is None else _identities(services).listed(caller.address)
    return IdentityList(
        identities=[
            IdentityModel(
                id=Identity(each.issuer, each.subject).id,
                issuer=each.issuer,
                subject=each.subject,
                bound_at=format_instant(each.bound_at),
            )
            for each in found
        ]
    )


@router.delete(
    "/identities/{identity}",
    operation_id="unbindIdentity",
    status_code=status.HTTP_204_NO_CONTENT,
    responses={204: {"description": "It stands for the key no more"}},
)
def unbind_identity(identity: IdentityId, services: Here, caller: Caller) -> None:
    """Let an identity stand for the caller's key no more."""
    services.authorise(caller, Action.MANAGE_ACCESS)
    if caller.address is None:
        raise Unauthenticated("identities stand for representatives' keys")
    _identities(services).unbind(caller.address, identity, role=caller.role.value)


def _cookie(place: Place) -> tuple[str, str]:
    """Give name and path of the cookie of a login; nobody beside this host may set the first."""
    if place.is_secure:
        return f"__Host-{_COOKIE}", "/"
    return _COOKIE, "/v1/auth/providers"


def _identities(services: Services) -> Identities:
    ledger = services.ledger
    return Identities(
        ledger.database,
        ledger.clock,
        services.place,
        logins_of(services),
        ledger.settings.auth.providers,
    )
