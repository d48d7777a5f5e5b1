"""The work on a case in a mirror: what the operator shows of it, field by field, and afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.case_mirroring import CaseWorkServer
from api.cli.case_documents import LocalCases
from api.client.transport import Transport
from api.errors import PartMissing
from attestation.errors import EncodingError
from attestation.instants import Instant
from ledger.cases.copied_work import apply_copied_work
from ledger.cases.work_copy import WorkCopy
from ledger.database import Database
from tests.integration.api.test_cases import COAL, REVIEWING, Header, lead, owner, path, post, world
from tests.support.access import CITY, signed_in
from tests.support.cases import LEAD, LINE, CaseWorld
from tests.support.enterprise import NOW, USC

__all__ = ["lead", "owner", "path", "world"]

PARTS = ("lines", "comments", "readiness")
WORK = ("case_tick", "case_comment", "case_approval")


@dataclass
class Copier:
    """The verifier's machine, which copies the work and reckons with a replica."""

    client: TestClient
    header: Header
    world: CaseWorld
    folder: Path
    at: Instant = NOW
    told: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"0x{self.world.inventory_id.hex()}"

    @property
    def work(self) -> WorkCopy:
        return WorkCopy(self.folder / "cases")

    def copy(self) -> int:
        """Copy what the server shows; gives how many cases had something new."""
        token = self.header["authorization"].removeprefix("Bearer ")
        self.at = Instant(self.at + 1000)
        server = CaseWorkServer(Transport(self.client, token=token), USC)
        return sum(self.work.add(case, content, self.at) for case, content in server.work())

    def replica(self) -> Path:
        """Make what log and chain alone give: the operator's database without anybody's work."""
        path = self.folder / "replica.sqlite"
        path.unlink(missing_ok=True)
        source = self.world.enterprise.database.engine.url.database
        assert source is not None
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(path)) as new:
            old.backup(new)
            for table in WORK:
                new.execute(f"DROP TRIGGER guard_{table}_delete")
                new.execute(f"DELETE FROM {table}")
            new.commit()
        return path

    @contextmanager
    def opened(self, replica: Path) -> Iterator[Database]:
        """Open a replica with the work brought up to what was copied."""
        with Database(f"sqlite:///{replica}") as database:
            self.told = apply_copied_work(database, self.world.enterprise.log, self.work, self.at)
            yield database

    def compare(self, replica: Path) -> None:
        """Compare the case from the mirror with the operator's, field by field."""
        with self.opened(replica) as database:
            for part in PARTS:
                theirs = LocalCases(database).look(self.name, part)
                assert theirs == LocalCases(self.world.enterprise.database).look(self.name, part)
        assert self.told == []


@pytest.fixture
def copier(client: TestClient, lead: Header, world: CaseWorld, tmp_path: Path) -> Copier:
    """The verifier copies with its own session."""
    return Copier(client, lead, world, tmp_path / "mirror")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> None:
    """The mirror's folder."""
    (tmp_path / "mirror").mkdir()


def work_on(client: TestClient, path: str, lead: Header, owner: Header) -> int:
    """Tick two lines, ask, answer, approve as both persons; gives the conversation's number."""
    post(client, f"{path}/ticks", lead, lines=[COAL, LINE])
    asked = post(client, f"{path}/comments", lead, text="which scale?", anchor={"line": COAL})
    number: int = asked.json()["number"]
    post(client, f"{path}/comments/{number}/replies", owner, text="B1 (一号秤)")
    basis = client.get(f"{path}/readiness", headers=lead).json()["basis"]
    for who in (lead, signed_in(client, REVIEWING)):
        assert post(client, f"{path}/approvals", who, basis=basis).status_code == 201
    return number


def test_case_from_the_mirror_is_the_operator_s(
    client: TestClient, path: str, copier: Copier, lead: Header, owner: Header
) -> None:
    """Ticks with person and time, words with their numbers, approvals; and again after more."""
    number = work_on(client, path, lead, owner)
    assert (copier.copy(), copier.copy()) == (1, 0)
    replica = copier.replica()
    copier.compare(replica)

    replies = f"{path}/comments/{number}/replies"
    post(client, replies, lead, text="thanks", kind="resolved")
    post(client, f"{path}/ticks", lead, lines=[LINE], seen=False)
    post(client, f"{path}/comments", owner, text="of the case as a whole", anchor=None)
    basis = client.get(f"{path}/readiness", headers=lead).json()["basis"]
    post(client, f"{path}/approvals", lead, basis=basis, approved=False)
    assert copier.copy() == 1
    copier.compare(replica)
    copier.compare(replica)


def test_what_fell_at_the_operator_has_fallen_in_the_mirror(
    client: TestClient, path: str, copier: Copier, world: CaseWorld, lead: Header, owner: Header
) -> None:
    """A line that says something else now, and approvals of what has changed since."""
    work_on(client, path, lead, owner)
    copier.copy()
    world.enterprise.file(world.finding(), secret=LEAD)
    world.submit(2, changed="coal")
    world.put(version=2)
    lines = client.get(f"{path}/lines", headers=lead).json()
    seats = client.get(f"{path}/readiness", headers=lead).json()["approvals"]

    assert lines["changed"] and [each["fallen"] for each in seats] == [True, True]
    copier.compare(copier.replica())
    copier.copy()
    copier.compare(copier.replica())


def test_mirror_that_saw_only_the_fallen_shows_it_fallen(
    client: TestClient, path: str, copier: Copier, world: CaseWorld, lead: Header, owner: Header
) -> None:
    """Copied for the first time after the change."""
    work_on(client, path, lead, owner)
    world.submit(2, changed="coal")
    world.put(version=2)
    copier.copy()

    copier.compare(copier.replica())


def test_others_copy_what_they_may_read(
    client: TestClient, path: str, copier: Copier, lead: Header, owner: Header
) -> None:
    """The enterprise keeps the conversation and the ticks; approvals are the verifier's own."""
    work_on(client, path, lead, owner)
    for header in (owner, signed_in(client, CITY)):
        copier.header = header
        copier.copy()
        (case,) = copier.work.cases()
        newest = copier.work.read(case)[-1]
        assert (len(newest.comments), newest.approvals, newest.basis) == (2, (), None)
        with copier.opened(copier.replica()) as database:
            shown = LocalCases(copier.world.enterprise.database).look(copier.name, "comments")
            assert LocalCases(database).look(copier.name, "comments") == shown


def test_word_that_was_changed_or_removed_is_told(
    client: TestClient, path: str, copier: Copier, lead: Header, owner: Header
) -> None:
    """What was said stays as it was first shown."""
    number = work_on(client, path, lead, owner)
    copier.copy()
    case = copier.world.inventory_id
    replica = copier.replica()
    with copier.opened(replica):
        pass
    content: dict[str, Any] = dict(copier.work.read(case)[-1].content)
    first, answer = content["conversations"][0]["said"]
    other = {**content["conversations"][0], "said": [{**first, "text": "which scales?"}]}
    copier.work.add(case, {**content, "conversations": [other]}, copier.at)

    with copier.opened(replica) as database:
        kept = LocalCases(database).look(copier.name, "comments")["conversations"]

    assert copier.told == [
        f"word {number} of a case was another before",
        f"word {answer['number']} of a case is not shown any more",
    ]
    assert [each["text"] for each in kept[0]["said"]] == ["which scale?", "B1 (一号秤)"]


def test_copy_that_a_crash_has_torn_goes_on(
    client: TestClient, path: str, copier: Copier, lead: Header, owner: Header
) -> None:
    """Half a line counts for nothing, and is written anew."""
    work_on(client, path, lead, owner)
    copier.copy()
    (file,) = (copier.folder / "cases").iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:77])
    assert len(copier.work.read(copier.world.inventory_id)) == 1
    post(client, f"{path}/ticks", lead, lines=[LINE], seen=False)

    assert copier.copy() == 1
    assert file.read_bytes().startswith(whole)
    copier.compare(copier.replica())


def test_replica_that_was_removed_is_made_again(
    client: TestClient, path: str, copier: Copier, lead: Header, owner: Header
) -> None:
    """From the copy alone: the operator is not asked."""
    work_on(client, path, lead, owner)
    copier.copy()
    post(client, f"{path}/ticks", lead, lines=[COAL], seen=False)
    copier.copy()
    copier.compare(copier.replica())
    copier.compare(copier.replica())


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": [{"line": 1, "seen": True, "changed": False, "seen_at": None, "seen_by": None}]},
        {"conversations": [{"number": 1, "anchor": None, "resolved": False, "said": [None]}]},
        {"conversations": [{"number": "../../x", "anchor": None, "said": [{}]}]},
        {"basis": "../../etc"},
        {"approvals": [{"address": "0x1", "stands": True, "fallen": False}]},
        {"version": -1},
    ],
)
def test_answer_of_another_form_is_not_kept(tmp_path: Path, changes: dict[str, Any]) -> None:
    """A host that shows what is no work on a case adds nothing to the copy."""
    copy = WorkCopy(tmp_path / "cases")
    content: dict[str, Any] = {
        "version": 1,
        "verifier": None,
        "lines": [],
        "conversations": [],
        "basis": None,
        "approvals": [],
    }
    with pytest.raises(EncodingError):
        copy.add(bytes(32), content | changes, NOW)
    assert copy.cases() == []


def test_case_named_by_a_path_is_refused(copier: Copier, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads out of the folder leads nowhere."""
    server = CaseWorkServer(Transport(copier.client), USC)
    rows = [{"case": "0x../../../../etc/passwd", "verifier": None}]
    monkeypatch.setattr(server, "_listed", lambda: rows)

    with pytest.raises(PartMissing):
        list(server.work())
