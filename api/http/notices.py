"""
The inbox of a representative: what the party is told, and letters about it.

A notice is the party's, whether it is read is the person's own. What a party no longer reaches is
not shown to it any more. Letters go to an address only after the code that was sent there came
back.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth.policy import Action
from api.auth.principals import Principal
from api.errors import BadRequest, Forbidden, NotFound
from api.http.bodies import BoundedRoute
from api.http.lookup import PRIVATE, Caller, Here
from api.http.models import Model
from api.http.paging import Paged
from api.notices.concerning import Concern, concern_of, note_told, reached_of
from api.services import Services
from attestation.canonical import MAX_INTEGER
from attestation.instants import MILLISECONDS_PER_HOUR, format_instant
from ledger.repositories.notices import MailAddress, Notice

router = APIRouter(prefix="/v1/notices", tags=["notices"], route_class=BoundedRoute)

_CODE_BYTES: Final = 6
_VALID_MS: Final = 24 * MILLISECONDS_PER_HOUR
_MAIL: Final = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$"
Number = Annotated[int, Path(ge=1, le=MAX_INTEGER, description="Its number.")]


class NoticeModel(Model):
    """One thing that the party is told."""

    number: int
    to: str = Field(description="Code of the party, or the caller's own address.")
    kind: str
    subject: str
    body: dict[str, Any]
    at: str
    is_read: bool = Field(description="By the caller.")


class NoticePage(Model):
    """Notices, the newest first."""

    notices: list[NoticeModel]
    next: str | None


class MailRequest(BaseModel):
    """Where letters are to go."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(max_length=254, pattern=_MAIL)
    language: Literal["en", "zh"] = "zh"


class CodeRequest(BaseModel):
    """The code that came by letter."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=64, pattern="^[0-9a-f]+$")


class MailModel(Model):
    """Where letters go; null where the caller wants none."""

    address: str | None
    language: str | None
    is_confirmed: bool
    asked: str | None


@router.get("", operation_id="listNotices")
def list_notices(
    services: Here,
    caller: Caller,
    page: Paged,
    response: Response,
    unread: Annotated[bool, Query(description="Only what the caller has not read.")] = False,
) -> NoticePage:
    """List what the caller's party is told, the newest first."""
    recipients = _recipients(services, caller)
    before = None if page.after is None else int(page.after[0])
    rows: list[tuple[Notice, Concern | None]] = []
    host = services.ledger.settings.log.host
    while len(rows) <= page.limit:
        with services.ledger.database.reading() as uow:
            found = uow.notices.listed(
                recipients, caller.actor, before=before, unread=unread, limit=page.limit + 1
            )
            concerns = [(each, concern_of(uow, each, host=host)) for each in found]
        rows += reached_of(services.authoriser, caller, concerns)
        if len(found) <= page.limit:
            break
        before = found[-1].number
    shown = page.cut(rows, response, key=lambda row: (row[0].number,))
    note_told(services.authoriser, caller, [concern for _, concern in shown])
    response.headers["cache-control"] = PRIVATE
    return NoticePage(notices=[_notice(each) for each, _ in shown], next=page.next)


@router.put("/{number}/reading", operation_id="readNotice", status_code=204)
def read_notice(number: Number, services: Here, caller: Caller) -> None:
    """Note that the caller has read a notice."""
    recipients = _recipients(services, caller)
    ledger = services.ledger
    with ledger.database.unit_of_work() as uow:
        found = uow.notices.get(number)
        if found is None or found.recipient not in recipients:
            raise NotFound(f"there is no notice {number} for you")
        uow.notices.read(number, caller.actor, at=ledger.clock.now())
        uow.commit()


@router.get("/mail", operation_id="getMailAddress")
def get_mail(services: Here, caller: Caller, response: Response) -> MailModel:
    """Say where letters about the party's notices go for the caller."""
    party = _party(services, caller)
    response.headers["cache-control"] = "no-store"
    return _mail(services, caller, party)


@router.put("/mail", operation_id="setMailAddress")
def set_mail(asked: MailRequest, services: Here, caller: Caller, response: Response) -> MailModel:
    """Ask for letters; a code goes to the address, and nothing else until it comes back."""
    party = _party(services, caller)
    ledger = services.ledger
    if ledger.settings.mail is None:
        raise BadRequest("this place sends no letters")
    code = secrets.token_hex(_CODE_BYTES)
    wanted = MailAddress(
        reader=caller.actor,
        recipient=party,
        address=asked.address,
        language=asked.language,
        confirmation=sha256(code.encode()).digest(),
        asked=ledger.clock.now(),
    )
    with ledger.database.unit_of_work() as uow:
        uow.notices.set_address(wanted, code)
        uow.commit()
    response.headers["cache-control"] = "no-store"
    return _mail(services, caller, party)


@router.put("/mail/confirmation", operation_id="confirmMailAddress")
def confirm_mail(
    asked: CodeRequest, services: Here, caller: Caller, response: Response
) -> MailModel:
    """Confirm the address with the code that came by letter, within a day."""
    party = _party(services, caller)
    ledger = services.ledger
    with ledger.database.unit_of_work() as uow:
        found = uow.notices.address(caller.actor, party)
        if found is None or found.confirmation is None:
            raise NotFound("there is no address to confirm")
        is_late = ledger.clock.now() > found.asked + _VALID_MS
        digest = sha256(asked.code.encode()).digest()
        if is_late or not hmac.compare_digest(digest, found.confirmation):
            # One try a code: whoever guesses asks for a letter each time.
            uow.notices.erase_address(caller.actor, party)
            uow.commit()
            raise Forbidden("this is not the code, or it is too old; ask for letters again")
        uow.notices.confirm(caller.actor, party)
        uow.commit()
    response.headers["cache-control"] = "no-store"
    return _mail(services, caller, party)


@router.delete("/mail", operation_id="eraseMailAddress", status_code=204)
def erase_mail(services: Here, caller: Caller) -> None:
    """Erase the caller's address, with every letter that still waits."""
    party = _party(services, caller)
    with services.ledger.database.unit_of_work() as uow:
        if not uow.notices.erase_address(caller.actor, party):
            raise NotFound("there is no address")
        uow.commit()


def _recipients(services: Services, caller: Principal) -> tuple[str, str]:
    return (_party(services, caller), caller.actor)


def _party(services: Services, caller: Principal) -> str:
    services.authorise(caller, Action.MANAGE_NOTICES)
    if caller.code is None:
        raise Forbidden("notices are a party's")
    return caller.code


def _notice(notice: Notice) -> NoticeModel:
    return NoticeModel(
        number=notice.number,
        to=notice.recipient,
        kind=notice.kind,
        subject=notice.subject,
        body=dict(notice.body),
        at=format_instant(notice.at),
        is_read=notice.is_read,
    )


def _mail(services: Services, caller: Principal, party: str) -> MailModel:
    with services.ledger.database.reading() as uow:
        found = uow.notices.address(caller.actor, party)
    if found is None:
        return MailModel(address=None, language=None, is_confirmed=False, asked=None)
    return MailModel(
        address=found.address,
        language=found.language,
        is_confirmed=found.confirmation is None,
        asked=format_instant(found.asked),
    )
