"""Who has read whose data, for the party concerned and for the oversight."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.auth.disclosing_reads import reads_shown_to_owner
from api.auth.policy import Action, Relation
from api.http.lookup import PRIVATE, Caller, Here
from api.http.models import Model
from api.http.paging import Paged
from attestation.instants import format_instant
from ledger.repositories.reads import Read

router = APIRouter(prefix="/v1/access", tags=["access"])

Code = Annotated[
    str | None,
    Query(
        pattern="^[0-9A-Z._]{1,32}$",
        description="Code of the party whose data was read; one's own, for enterprises.",
    ),
]


class ReadModel(Model):
    """One read of a party's data by another."""

    id: int
    at: str
    usc: str
    inventory_id: str | None
    reader: str = Field(description="Address of the key, or name of the grant.")
    party: str | None = Field(description="Code of the reader's party.")
    role: str
    proof: str
    relation: str = Field(description="Why it was allowed.")
    action: str
    asked: str = Field(description="Method and address of the request.")
    sealed: bool = Field(description="Whether it was kept from the party while a case was open.")


class ReadList(Model):
    """Reads, newest first."""

    reads: list[ReadModel]
    next: str | None = Field(description="Cursor of the next page.")


@router.get("/reads", operation_id="listReads")
def list_reads(
    services: Here, caller: Caller, page: Paged, response: Response, usc: Code = None
) -> ReadList:
    """List who has read a party's data; sealed reads are for the oversight alone."""
    wanted = usc or caller.code
    access = services.authorise(caller, Action.READ_ACCESS, usc=wanted)
    before = None if page.after is None else int(page.after[0])
    with services.ledger.database.reading() as uow:
        if access.relation is Relation.OWN:
            found = reads_shown_to_owner(uow, access.usc or "", before=before, limit=page.limit + 1)
        else:
            found = uow.reads.listed(usc=usc, before=before, limit=page.limit + 1)
    shown = page.cut(found, response, key=lambda read: (read.id,))
    response.headers["cache-control"] = PRIVATE
    return ReadList(reads=[_describe(each) for each in shown], next=page.next)


def _describe(read: Read) -> ReadModel:
    case = read.inventory_id
    return ReadModel(
        id=read.id,
        at=format_instant(read.at),
        usc=read.usc,
        inventory_id=None if case is None else f"0x{case.hex()}",
        reader=read.reader,
        party=read.reader_code,
        role=read.role,
        proof=read.proof,
        relation=read.relation,
        action=read.action,
        asked=read.asked,
        sealed=bool(read.sealed_by),
    )
