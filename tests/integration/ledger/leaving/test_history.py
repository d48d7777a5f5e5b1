"""What was done at earlier operators comes along with its proofs, and is added to by nobody."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from attestation.notes import NoteVerifier, parse_vkey
from ledger.database import Database
from ledger.errors import AppendOnly, ArchiveDamaged
from ledger.leaving.history import read_history
from ledger.leaving.packing import freeze, pack
from ledger.leaving.unpacking import Unpacked, unpack
from tests.integration.ledger.leaving.test_leaving import LATER, Leaving
from tests.support.enterprise import OTHER_USC, USC, Device, Enterprise
from tests.support.operator import Operator, note, noted


@dataclass
class Left:
    """A parcel whose operator had a log of its own, and that log's key."""

    leaving: Leaving
    operator: Operator

    @property
    def key(self) -> NoteVerifier:
        return parse_vkey(self.operator.log.vkey)

    def arrive(self, database: Database, *operators: NoteVerifier) -> Unpacked:
        """Take the parcel in, trusting some operators' keys."""
        verifier = self.leaving.enterprise.note_signer.verifier
        return unpack(
            *(database, self.leaving.folder, verifier, None),
            goes_on=True,
            now=LATER,
            operators=operators,
        )


def pack_at(database: Database, enterprise: Enterprise, operator: Operator, to: Path) -> None:
    """Freeze and pack the enterprise's log, with what was done at the operator."""
    freeze(database, enterprise.log.number)
    pack(database, enterprise.log.number, to, None, operator_origin=operator.log.origin)


@pytest.fixture
def left(sqlite_template: Path, tmp_path: Path) -> Iterator[Left]:
    """Two actions about the enterprise and one about a neighbour; one of the two has waited."""
    shutil.copyfile(sqlite_template, tmp_path / "old.sqlite")
    with Database(f"sqlite:///{tmp_path / 'old.sqlite'}") as database:
        enterprise, device = Enterprise(database), Device()
        enterprise.enrol(device)
        enterprise.accept(*device.row(3))
        operator = Operator(database)
        note(database, noted(), noted(usc=OTHER_USC))
        operator.carry()
        note(database, noted(what="case.approve"))
        folder = tmp_path / "parcel"
        pack_at(database, enterprise, operator, folder)
        yield Left(Leaving(enterprise, device, folder, None), operator)  # type: ignore[arg-type]


@pytest.fixture
def empty(sqlite_url: str) -> Iterator[Database]:
    """Another operator's ledger."""
    with Database(sqlite_url) as opened:
        yield opened


def proofs(left: Left) -> dict[str, Any]:
    """Read the file of what was done at the operator."""
    found: dict[str, Any] = json.loads((left.leaving.folder / "actions" / "0001.json").read_bytes())
    return found


def test_actions_of_this_enterprise_come_along(left: Left, empty: Database) -> None:
    """Of nobody else; with what was changed, and with those that waited named by their numbers."""
    came = left.arrive(empty, left.key)
    with empty.reading() as uow:
        ((origin, actions),) = read_history(uow, came.log)

    assert (came.actions, came.left_out) == (1, ())
    assert origin == left.operator.log.origin
    assert [(each.body.what, each.body.enterprise) for each in actions] == [("case.comment", USC)]
    assert actions[0].change == {"before": None, "after": {"text": "why so much?"}}
    assert len(proofs(left)["waiting"]) == 1


def test_operator_that_is_not_trusted_is_left_out(left: Left, empty: Database) -> None:
    """And named: nobody's word is taken for what was done."""
    came = left.arrive(empty)

    assert (came.actions, came.left_out) == (0, (left.operator.log.origin,))
    with empty.reading() as uow:
        assert read_history(uow, came.log) == []


def exchanged(entry: bytes) -> bytes:
    """Give an action that says who did it otherwise."""
    return entry.replace(b"2222", b"3333", 1)


@pytest.mark.parametrize("how", ["entry", "index", "change", "checkpoint"])
def test_history_that_was_changed_is_refused(left: Left, empty: Database, how: str) -> None:
    """With the parcel's list; nothing of the parcel comes in then."""
    document = proofs(left)
    (action,) = document["actions"]
    if how == "entry":
        action["entry"] = base64.b64encode(exchanged(base64.b64decode(action["entry"]))).decode()
    elif how == "index":
        action["index"] += 1
    elif how == "change":
        action["change"]["after"]["text"] = "fine"
    else:
        document["checkpoint"] = document["checkpoint"].replace("\n2\n", "\n3\n")
    encoded = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    left.leaving.change("actions/0001.json", encoded.encode())

    with pytest.raises(ArchiveDamaged, match="actions/0001"):
        left.arrive(empty, left.key)
    with empty.reading() as uow:
        assert uow.logs.all() == []


def test_history_of_another_enterprise_is_refused(left: Left, empty: Database) -> None:
    """Proved as it may be."""
    content = left.operator.export()
    left.leaving.change("actions/0001.json", content)

    with pytest.raises(ArchiveDamaged, match="another enterprise"):
        left.arrive(empty, left.key)


def test_history_goes_on_to_the_next_operator(
    left: Left, empty: Database, sqlite_template: Path, tmp_path: Path
) -> None:
    """The first operator's part as it was, then the second's."""
    left.arrive(empty, left.key)
    second = Operator(empty)
    note(empty, noted(what="case.tick"))
    second.carry()
    onward = Leaving(left.leaving.enterprise, left.leaving.device, tmp_path / "onward", None)  # type: ignore[arg-type]
    pack_at(empty, Enterprise(empty), second, onward.folder)
    shutil.copyfile(sqlite_template, tmp_path / "third.sqlite")
    with Database(f"sqlite:///{tmp_path / 'third.sqlite'}") as third:
        came = Left(onward, second).arrive(third, parse_vkey(second.log.vkey))
        with third.reading() as uow:
            told = [each.body.what for _, part in read_history(uow, came.log) for each in part]

    first, again = (
        (folder / "actions" / "0001.json").read_bytes()
        for folder in (left.leaving.folder, onward.folder)
    )
    assert first == again
    assert told == ["case.comment", "case.tick"]


def test_history_is_not_changed_at_rest(left: Left, empty: Database) -> None:
    """The table refuses it."""
    left.arrive(empty, left.key)
    with pytest.raises(AppendOnly), empty.unit_of_work() as uow:
        uow.connection.execute(text("UPDATE earlier_actions SET content = x'00'"))
