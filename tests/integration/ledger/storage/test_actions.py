"""The ledger of actions on both databases: noted with the thing done, carried, proved, erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from attestation.action_bodies import Action
from attestation.action_proofs import parse_actions, verify_actions
from attestation.eip712 import address_of
from attestation.enums import LogState
from attestation.errors import EncodingError, InclusionError, SignatureError, VerificationError
from attestation.instants import Instant
from attestation.notes import parse_vkey
from ledger.database import Database
from ledger.errors import AppendOnly, Frozen
from ledger.log.decisions import Refused
from ledger.log.fsck import fsck
from ledger.log.fsck_signatures import SerialSignatures
from ledger.log.record_rules import RecordRules
from ledger.log.records import RecordAdmission
from ledger.repositories.actions import ActionFilter
from tests.support.enterprise import NOW, OPERATOR, OTHER_USC, STRANGER, USC, Enterprise
from tests.support.operator import ACTOR, CASE, Operator, note, noted


@pytest.fixture
def operator(sqlite_url: str) -> Iterator[Operator]:
    """An operator on SQLite: what comes out of the database is the same on both."""
    with Database(sqlite_url) as database:
        yield Operator(database)


@pytest.fixture
def operator_anywhere(database: Database) -> Operator:
    """An operator on each kind of database."""
    return Operator(database)


def test_action_comes_with_the_thing_done(database: Database) -> None:
    """What is rolled back was not done; what is committed is there with every part."""
    with database.unit_of_work() as uow:
        uow.actions.note(noted())
    whole = noted(before={"text": "?"}, on_behalf_of=USC, signature=b"s", chain_reference="0xab")
    note(database, whole)
    with database.reading() as uow:
        (found,) = uow.actions.listed()

    assert found.change == {"before": {"text": "?"}, "after": {"text": "why so much?"}}
    assert (found.body.actor, found.body.role, found.body.what) == (
        ACTOR,
        "verifier",
        "case.comment",
    )
    assert (found.body.subject, found.body.enterprise, found.body.on_behalf_of) == (CASE, USC, USC)
    assert (found.body.signature, found.body.chain_reference) == (b"s", "0xab")
    assert found.place is None


@pytest.mark.parametrize(
    "changes",
    [{"what": "comment"}, {"subject": ""}, {"actor": "a\nb"}, {"after": {"share": 0.5}}],
)
def test_what_no_record_can_say_is_refused(database: Database, changes: dict[str, Any]) -> None:
    """An action that could not stand in the log is not noted at all."""
    with pytest.raises(EncodingError), database.unit_of_work() as uow:
        uow.actions.note(noted(**changes))


def test_actions_are_found_by_actor_object_and_day(database: Database) -> None:
    """Each filter alone, and a day as the reporting zone has it."""
    begin = Instant(1_735_660_800_000)  # 2025-01-01 00:00 in UTC+8
    numbers = note(
        database,
        noted(at=Instant(begin - 1)),
        noted(at=begin, actor="grant bank"),
        noted(at=Instant(begin + 86_399_999), subject="case 0xcd", usc=None),
        noted(at=Instant(begin + 86_400_000), what="case.tick"),
    )

    def found(**wanted: Any) -> list[int]:
        with database.reading() as uow:
            listed = uow.actions.listed(ActionFilter(**wanted))
        return [numbers.index(each.body.number) for each in listed]

    assert found(day=date(2025, 1, 1)) == [1, 2]
    assert found(actor="grant bank") == [1]
    assert found(subject="case 0xcd") == [2]
    assert found(what="case.tick") == [3]
    assert found(usc=USC) == [0, 1, 3]
    assert found(until=begin) == [0, 1]
    with database.reading() as uow:
        page = uow.actions.listed(after=numbers[1], limit=1)
        newest = uow.actions.newest(ActionFilter(), before=numbers[3], limit=2)
    assert [each.body.number for each in page] == [numbers[2]]
    assert [each.body.number for each in newest] == [numbers[2], numbers[1]]


def test_actions_stand_in_the_operators_log(operator_anywhere: Operator) -> None:
    """Carried once, in order, and proved to whoever trusts the log's key."""
    numbers = note(operator_anywhere.home.database, noted(), noted(what="case.tick", after=None))

    assert (operator_anywhere.carry(), operator_anywhere.carry()) == (2, 0)
    first, second = operator_anywhere.verify(operator_anywhere.export())
    assert [first.body.number, second.body.number] == numbers
    assert first.change == {"before": None, "after": {"text": "why so much?"}}
    assert second.change is None
    assert first.signer == address_of(OPERATOR)


def test_operators_log_is_sound(operator: Operator) -> None:
    """It is checked and derived again like every other log."""
    database = operator.home.database
    note(database, noted(), noted(what="case.tick"))
    operator.carry()
    operator.home.surveyor.rebuild(operator.log.number)
    with database.reading() as uow:
        report = fsck(uow, operator.log, signatures=SerialSignatures(operator.log.origin))
        stated = uow.stated.listed(operator.log.number, Action, CASE)

    assert report.findings == []
    assert [each.body.what for each in stated] == ["case.comment", "case.tick"]


def test_carrying_again_adds_no_entry(operator: Operator) -> None:
    """A step that was cut off between log and table finds the records it made."""
    note(operator.home.database, noted(), noted())
    with operator.home.database.reading() as uow:
        waiting = uow.actions.waiting(10)
    places = [operator.carrier._admit(operator.log, each, NOW) for each in waiting]
    operator.carry()
    with operator.home.database.reading() as uow:
        size = uow.heads.get(operator.log.number).size
        found = [each.place for each in uow.actions.listed()]

    assert size == 2
    assert found == places


def test_log_that_is_frozen_keeps_actions_waiting(operator: Operator) -> None:
    """Nothing is lost: they are carried when it takes entries again."""
    database = operator.home.database
    note(database, noted())
    with database.unit_of_work() as uow:
        uow.logs.set_state(operator.log.number, LogState.FROZEN)
        uow.commit()
    with pytest.raises(Frozen):
        operator.carry()
    assert parse_actions(operator.export()).waiting == (1,)
    with database.unit_of_work() as uow:
        uow.logs.set_state(operator.log.number, LogState.ACTIVE)
        uow.commit()

    assert operator.carry() == 1


def test_nobody_else_says_actions(database: Database) -> None:
    """Neither a stranger in the operator's log, nor the operator in an enterprise's."""
    operator, enterprise = Operator(database, STRANGER), Enterprise(database)
    note(database, noted())
    with pytest.raises(Frozen, match=r"admission\.unknown_signer"):
        operator.carry()

    genuine = Operator(database)
    genuine.records = RecordAdmission(
        database.unit_of_work,
        voice=enterprise.voice,
        rules=RecordRules({}, has_chain=False, operator_log=genuine.log.origin),
        operator=address_of(OPERATOR),
    )
    with database.reading() as uow:
        (action,) = uow.actions.waiting(1)
    content = enterprise.record(action.body, secret=OPERATOR)
    decision = genuine.records.admit_record(enterprise.log.number, content, now=NOW)
    assert isinstance(decision, Refused)
    assert "the operator's own log" in decision.detail


def test_change_can_be_erased(operator_anywhere: Operator) -> None:
    """The text is gone, the proof of the action holds."""
    (number,) = note(operator_anywhere.home.database, noted())
    operator_anywhere.carry()
    with operator_anywhere.home.database.unit_of_work() as uow:
        assert uow.actions.erase_change(number)
        assert not uow.actions.erase_change(number)
        uow.commit()
    (found,) = operator_anywhere.verify(operator_anywhere.export())

    assert found.change is None
    assert found.body.change is not None
    assert b"why so much" not in operator_anywhere.export()


@pytest.mark.parametrize(
    ("tamper", "error"),
    [
        (lambda text: text.replace("why so much?", "why so few??"), VerificationError),
        (lambda text: text.replace('"index":0', '"index":1'), InclusionError),
        (lambda text: text.replace(f"log/{OTHER_USC}\\n2", f"log/{OTHER_USC}\\n3"), SignatureError),
        (lambda text: text.replace('"salt":"', '"salt":"0'), EncodingError),
        (lambda text: text.replace('"waiting":[]', '"waiting":{}'), EncodingError),
    ],
    ids=["text", "place", "size", "salt", "form"],
)
def test_export_that_was_changed_is_refused(
    operator: Operator, tamper: Callable[[str], str], error: type[Exception]
) -> None:
    """Another text, another place, another checkpoint, another form."""
    note(operator.home.database, noted(), noted())
    operator.carry()
    content = operator.export().decode()
    changed = tamper(content)

    assert changed != content
    with pytest.raises(error):
        operator.verify(changed.encode())


def test_export_of_another_log_is_refused(operator: Operator) -> None:
    """The key of an enterprise's log, trusted as it is, says nothing about actions."""
    note(operator.home.database, noted())
    operator.carry()
    enterprise = Enterprise(operator.home.database)
    proofs = parse_actions(operator.export())

    with pytest.raises(VerificationError, match="not trusted"):
        verify_actions(proofs, [parse_vkey(enterprise.log.vkey)])
    forged = replace(enterprise.note_signer, name=operator.log.origin).verifier
    with pytest.raises(SignatureError):
        verify_actions(proofs, [forged])


@pytest.mark.parametrize(
    "action",
    [
        "UPDATE action SET actor = 'x'",
        "DELETE FROM action",
        "UPDATE action_change SET content = '{}'",
        "DELETE FROM action_entry",
    ],
)
def test_actions_are_written_once(operator_anywhere: Operator, action: str) -> None:
    """The database refuses what no code of ours does."""
    note(operator_anywhere.home.database, noted())
    operator_anywhere.carry()
    with pytest.raises(AppendOnly), operator_anywhere.home.database.unit_of_work() as uow:
        uow.connection.execute(text(action))
