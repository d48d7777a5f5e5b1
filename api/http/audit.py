"""
The ledger of actions (操作日志): who did what, from what to what, and the proof that it is logged.

An enterprise reads what concerns it, an authority what lies in its area or its cases, the
oversight everything.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from api.audit.documents import action_document, action_package, as_of
from api.audit.operator_log import require_operator_log, sign_package
from api.audit.reach import Reach, note_shown, reach_of, unseen_by
from api.auth.policy import Action, Role
from api.auth.principals import Principal
from api.http.limits import gated
from api.http.lookup import PRIVATE, Caller, Here
from api.http.models import Model
from api.http.paging import Paged
from api.services import Services
from ledger.actions.exporting import prove_actions
from ledger.repositories.actions import ActionFilter

router = APIRouter(prefix="/v1/audit", tags=["audit"])

EXPORTED: Final = 10_000
"""Actions of one package; more are exported day by day."""
ZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A package: ZIP with a signed manifest",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}

Printable = r"^[^\x00-\x1f\x7f]+$"
Actor = Annotated[
    str | None,
    Query(max_length=200, pattern=Printable, description="Only of this actor."),
]
Subject = Annotated[
    str | None,
    Query(max_length=200, pattern=Printable, description="Only about this, such as `case 0x…`."),
]
What = Annotated[
    str | None,
    Query(max_length=100, pattern="^[a-z0-9.-]+$", description="Only of this kind."),
]
Enterprise = Annotated[
    str | None,
    Query(pattern="^[0-9A-Z]{18}$", description="Only about this enterprise's things."),
]
Day = Annotated[date | None, Query(description="Only of this day of UTC+8.")]


class FieldModel(Model):
    """One field that was changed."""

    field: str
    from_: Any = Field(alias="from")
    to: Any


class ActionModel(Model):
    """One thing that somebody did."""

    number: int
    at: str
    actor: str
    role: str
    on_behalf_of: str | None
    what: str
    subject: str
    enterprise: str | None
    change: str | None = Field(description="Commitment to the change, in the log.")
    changes: list[FieldModel] = Field(description="Empty also where it was erased.")
    signature: str | None
    chain_reference: str | None
    in_log: bool = Field(description="Whether the operator's log has taken it.")


class ActionPage(Model):
    """Actions, the newest first."""

    actions: list[ActionModel]
    next: str | None


@router.get("/actions", operation_id="listActions")
def list_actions(
    services: Here,
    caller: Caller,
    page: Paged,
    response: Response,
    actor: Actor = None,
    subject: Subject = None,
    what: What = None,
    enterprise: Enterprise = None,
    day: Day = None,
) -> ActionPage:
    """List who did what, the newest first."""
    wanted, reach = _wanted(services, caller, actor, subject, what, enterprise, day)
    before = None if page.after is None else int(page.after[0])
    with services.ledger.database.reading() as uow:
        rows = uow.actions.newest(wanted, before=before, limit=page.limit + 1)
    shown = page.cut(rows, response, key=lambda row: (row.body.number,))
    codes = (row.body.enterprise for row in shown)
    note_shown(services, caller, Action.READ_ACTIONS, reach, codes)
    response.headers["cache-control"] = PRIVATE
    return ActionPage(
        actions=[ActionModel.model_validate(action_document(each)) for each in shown],
        next=page.next,
    )


@router.get(
    "/actions/package",
    operation_id="exportActions",
    response_class=Response,
    responses=ZIP,
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def export_actions(
    services: Here,
    caller: Caller,
    actor: Actor = None,
    subject: Subject = None,
    what: What = None,
    enterprise: Enterprise = None,
    day: Day = None,
) -> Response:
    """Export actions with inclusion proofs, in a package that the operator's log key signs."""
    wanted, reach = _wanted(services, caller, actor, subject, what, enterprise, day)
    ledger = services.ledger
    with ledger.database.reading() as uow:
        log = require_operator_log(uow, ledger.settings)
        found = uow.actions.listed(wanted, limit=EXPORTED)
        proofs = prove_actions(uow, log, found, policy=ledger.policy, cache=ledger.tiles)
        reached = as_of(uow, [log])
    codes = (each.body.enterprise for each in found)
    note_shown(services, caller, Action.READ_ACTIONS, reach, codes)
    package = action_package(found, proofs, wanted, as_of=reached, now=ledger.clock.now())
    return zip_answer(sign_package(ledger.keys, log, package), "actions.zip")


def zip_answer(content: bytes, name: str) -> Response:
    """Answer with a package, to be saved under a name."""
    headers = {
        "cache-control": PRIVATE,
        "content-disposition": f'attachment; filename="{name}"',
    }
    return Response(content, media_type="application/zip", headers=headers)


def _wanted(
    services: Services,
    caller: Principal,
    actor: str | None,
    subject: str | None,
    what: str | None,
    enterprise: str | None,
    day: date | None,
) -> tuple[ActionFilter, Reach]:
    reach = reach_of(services, caller, Action.READ_ACTIONS, enterprise)
    unseen = None
    if caller.code is not None and caller.role is Role.ENTERPRISE:
        with services.ledger.database.reading() as uow:
            unseen = unseen_by(uow, caller, caller.code)
    wanted = ActionFilter(
        actor=actor, subject=subject, what=what, among=reach.codes, day=day, unseen=unseen
    )
    return wanted, reach
