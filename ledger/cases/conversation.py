"""
The conversation of a case: comments on a line, a document, a reading or a time, and answers.

A conversation is resolved by whoever takes part, and opened again likewise; nothing that was said
goes away.

Source: SCREENS section 2.1, item 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from attestation.body_fields import read_body, write_body
from attestation.case_bodies import Anchor
from attestation.enums import CommentKind
from attestation.instants import Instant
from ledger.cases.case import Case
from ledger.cases.errors import CaseRefused, PlaceUnknown
from ledger.repositories.cases import Comment
from ledger.unit_of_work import UnitOfWork

MAX_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class Conversation:
    """A comment with everything that was said to it."""

    comment: Comment
    replies: tuple[Comment, ...]
    """Replies, and words that it is resolved or opened again; in order."""

    @property
    def anchor(self) -> Anchor | None:
        """What it is about; None where it is about the case as a whole."""
        anchor = self.comment.anchor
        return None if anchor is None else read_body(Anchor, dict(anchor))

    @property
    def is_resolved(self) -> bool:
        """Whether it is resolved at present."""
        found = False
        for each in self.replies:
            if each.kind in (CommentKind.RESOLVED, CommentKind.REOPENED):
                found = each.kind is CommentKind.RESOLVED
        return found


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks in a conversation."""

    party: str
    """Code of the party."""
    actor: str


def conversations(comments: Iterable[Comment]) -> tuple[Conversation, ...]:
    """Put the words of a case together, in the order in which conversations began."""
    replies: dict[int, list[Comment]] = {}
    for each in comments:
        if each.root is None:
            replies[each.number] = [each]
        else:
            replies[each.root].append(each)
    return tuple(Conversation(first, tuple(others)) for first, *others in replies.values())


def begin_conversation(
    uow: UnitOfWork, case: Case, anchor: Anchor | None, text: str, speaker: Speaker, now: Instant
) -> Comment:
    """
    Say something about a place of a case; the caller commits.

    Raises:
        PlaceUnknown: If the case has no such place, as far as that is known here.
    """
    if anchor is not None:
        require_place(uow, case, anchor)
    return _add(
        uow,
        case,
        Comment(
            inventory_id=case.inventory_id,
            kind=CommentKind.COMMENT,
            anchor=None if anchor is None else write_body(anchor),
            version=case.inventory.version,
            party=speaker.party,
            actor=speaker.actor,
            text=text,
            at=now,
        ),
    )


def go_on(
    uow: UnitOfWork,
    case: Case,
    root: int,
    kind: CommentKind,
    text: str,
    speaker: Speaker,
    now: Instant,
) -> Comment:
    """
    Answer in a conversation, resolve it, or open it again; the caller commits.

    Raises:
        PlaceUnknown: If the case has no such conversation.
        CaseRefused: If it is resolved or open already.
    """
    said = conversations(uow.cases.comments(case.inventory_id))
    found = {each.comment.number: each for each in said}
    if root not in found:
        raise PlaceUnknown(f"no conversation {root} in this case")
    if kind is CommentKind.RESOLVED and found[root].is_resolved:
        raise CaseRefused(f"conversation {root} is resolved already")
    if kind is CommentKind.REOPENED and not found[root].is_resolved:
        raise CaseRefused(f"conversation {root} is open")
    return _add(
        uow,
        case,
        Comment(
            inventory_id=case.inventory_id,
            kind=kind,
            root=root,
            version=case.inventory.version,
            party=speaker.party,
            actor=speaker.actor,
            text=text,
            at=now,
        ),
    )


def require_place(uow: UnitOfWork, case: Case, anchor: Anchor) -> None:
    """
    Check that a case has a place, as far as that is known here.

    Raises:
        PlaceUnknown: If it has not.
    """
    content, log = case.content, case.log
    lines = None if content is None else {line.line_id for line in content.lines}
    if anchor.line is not None and lines is not None and anchor.line not in lines:
        raise PlaceUnknown(f"no line {anchor.line} in the newest version")
    if log is None:
        return
    if anchor.entry is not None and anchor.entry >= uow.heads.get(log.number).size:
        raise PlaceUnknown(f"entry {anchor.entry} is not in the log")
    if anchor.series is not None and anchor.series not in uow.series.all(log.number):
        raise PlaceUnknown(f"series {anchor.series} is not registered")


def _add(uow: UnitOfWork, case: Case, comment: Comment) -> Comment:
    """Keep a word, and tell the other parties of the case that there is one."""
    if not 0 < len(comment.text) <= MAX_TEXT:
        raise CaseRefused(f"a text of 1 to {MAX_TEXT} characters")
    said = replace(comment, number=uow.cases.add_comment(comment))
    name = f"0x{case.inventory_id.hex()}"
    parties = (case.verifier, case.regulator, case.city_regulator)
    codes = (case.inventory.usc, *(each.code for each in parties if each is not None))
    for code in dict.fromkeys(codes):
        if code != said.party:
            uow.notices.tell(
                to=code,
                kind="case.comment",
                subject=f"case {name} comment {said.number}",
                body={
                    "case": name,
                    "conversation": said.number if said.root is None else said.root,
                    "from": said.party,
                },
                at=said.at,
            )
    return said
