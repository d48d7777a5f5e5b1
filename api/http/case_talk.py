"""The conversation of a case: comments on its places, answers, resolving."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Response

from api.auth.policy import Action
from api.cases import case_name, conversation_document
from api.http.case_models import (
    CommentRequest,
    ConversationList,
    ConversationModel,
    ReplyRequest,
)
from api.http.cases import CaseId, note, open_case, speaker_of
from api.http.idempotency import Idempotent, IdempotentRoute
from api.http.lookup import PRIVATE, Caller, Here
from attestation.body_fields import read_body
from attestation.case_bodies import Anchor
from attestation.enums import CommentKind
from ledger.cases.case import Case, read_case
from ledger.cases.conversation import begin_conversation, conversations, go_on
from ledger.repositories.cases import Comment
from ledger.unit_of_work import UnitOfWork


def _private(response: Response) -> None:
    """Let nobody in between keep the answer."""
    response.headers["cache-control"] = PRIVATE


router = APIRouter(
    prefix="/v1/cases/{case}/comments",
    tags=["cases"],
    dependencies=[Depends(_private)],
    route_class=IdempotentRoute,
)

CommentNumber = Annotated[
    int, Path(ge=1, le=1 << 53, description="Number of the comment that began the conversation.")
]
_KINDS: Final = {
    "reply": CommentKind.REPLY,
    "resolved": CommentKind.RESOLVED,
    "reopened": CommentKind.REOPENED,
}


@router.get("", operation_id="listCaseComments")
def list_comments(case: CaseId, services: Here, caller: Caller) -> ConversationList:
    """List the conversations of a case, in the order in which they began."""
    with open_case(services, caller, Action.READ_CASE, case) as (uow, found):
        said = conversations(uow.cases.comments(found.inventory_id))
    return ConversationList(
        case=case_name(found),
        conversations=[
            ConversationModel.model_validate(conversation_document(each)) for each in said
        ],
    )


@router.post("", operation_id="beginCaseConversation", status_code=201)
def add_comment(
    case: CaseId, wanted: CommentRequest, services: Here, caller: Caller, once: Idempotent
) -> ConversationModel:
    """Say something about a line, a document, an entry or a time, or about the case."""
    inventory_id = bytes.fromhex(case[2:])
    services.authorise(caller, Action.COMMENT_CASE, inventory_id=inventory_id)
    now, speaker = services.ledger.clock.now(), speaker_of(caller)
    given = None if wanted.anchor is None else wanted.anchor.model_dump(exclude_none=True)
    anchor = None if given is None else read_body(Anchor, given)
    with services.ledger.database.unit_of_work() as uow:
        found = read_case(uow, inventory_id, now=now)
        said = begin_conversation(uow, found, anchor, wanted.text, speaker, now)
        after = {"number": said.number, "anchor": given, "text": wanted.text}
        note(uow, caller, found, "case.comment", after, now)
        answer = _conversation(uow, found, said)
        once.carried_out(uow)
        # Commit point: the words, the action and the key of the request, together.
        uow.commit()
    return answer


@router.post("/{number}/replies", operation_id="replyInCaseConversation", status_code=201)
def add_reply(
    case: CaseId,
    number: CommentNumber,
    wanted: ReplyRequest,
    services: Here,
    caller: Caller,
    once: Idempotent,
) -> ConversationModel:
    """Answer in a conversation, resolve it, or open it again."""
    inventory_id = bytes.fromhex(case[2:])
    services.authorise(caller, Action.COMMENT_CASE, inventory_id=inventory_id)
    now, speaker = services.ledger.clock.now(), speaker_of(caller)
    with services.ledger.database.unit_of_work() as uow:
        found = read_case(uow, inventory_id, now=now)
        said = go_on(uow, found, number, _KINDS[wanted.kind], wanted.text, speaker, now)
        after = {"number": said.number, "root": number, "kind": wanted.kind, "text": wanted.text}
        note(uow, caller, found, "case.comment", after, now)
        answer = _conversation(uow, found, said)
        once.carried_out(uow)
        # Commit point: the words, the action and the key of the request, together.
        uow.commit()
    return answer


def _conversation(uow: UnitOfWork, case: Case, said: Comment) -> ConversationModel:
    """Give the conversation that something was said in."""
    root = said.number if said.root is None else said.root
    found = conversations(uow.cases.comments(case.inventory_id))
    mine = next(each for each in found if each.comment.number == root)
    return ConversationModel.model_validate(conversation_document(mine))
