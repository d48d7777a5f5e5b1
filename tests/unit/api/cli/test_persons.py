"""Details of persons: kept on a salted id, shown to nobody by accident, erased for good."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest

from attestation.enums import Outcome
from attestation.persons import person_id
from ledger.database import Database
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import DocumentBroken, DocumentErased, DocumentRefused
from ledger.log.fsck import fsck
from ledger.log.fsck_signatures import SerialSignatures
from ledger.persons import PersonBook, PersonKeys
from ledger.repositories.actions import ActionFilter
from ledger.unit_of_work import UnitOfWork
from tests.support.enterprise import NOW, OTHER_USC, USC
from tests.unit.api.cli.conftest import Place, Ran, Run

GIVEN = {
    "identity": "居民身份证 350211198001010000",
    "name": "陈测",
    "telephone": "13800000000",
}


class Office:
    """An operator's office that keeps details."""

    def __init__(self, place: Place, run: Run) -> None:
        self.place = place
        self.run = run
        self.keys = place.folder / "document-keys"
        with place.config.open("a", encoding="utf-8") as config:
            config.write('[documents]\nkeys = "document-keys"\n')

    def do(self, command: str, *arguments: object) -> Ran:
        return self.run("persons", command, *arguments, "--config", self.place.config, "--json")

    def add(self, **changes: Any) -> Ran:
        path = self.place.folder / "person.json"
        path.write_text(json.dumps(GIVEN | changes), encoding="utf-8")
        return self.do("add", USC, path)

    def book(self) -> PersonBook:
        return PersonBook(PersonKeys(self.keys))


@pytest.fixture
def office(place: Place, run: Run) -> Office:
    """An office that keeps nothing yet."""
    return Office(place, run)


def test_details_come_back(office: Office) -> None:
    """By the id that is printed; the salt makes the id."""
    added = office.add().document
    shown = office.do("show", USC, added["person"])

    assert shown.document["name"] == GIVEN["name"]
    salted = person_id(bytes.fromhex(added["salt"]), GIVEN["identity"])
    assert salted.hex() == added["person"]


def test_one_person_has_one_id_under_one_salt(office: Office) -> None:
    """A new telephone number is no new person; another salt is another id."""
    first = office.add().document
    again = office.add(salt=first["salt"], telephone="1").document
    other = office.add().document

    assert again["person"] == first["person"] != other["person"]
    assert office.do("show", USC, first["person"]).document["telephone"] == "1"
    assert len(office.do("list", USC).document) == 2


def test_nothing_of_it_stands_in_the_database(office: Office) -> None:
    """Neither name nor number nor salt can be read from the file of the database."""
    added = office.add().document
    office.place.enterprise.database.close()
    content = b"".join(path.read_bytes() for path in office.place.folder.glob("ledger.sqlite*"))

    assert bytes.fromhex(added["person"]) in content
    for secret in (*GIVEN.values(), added["salt"]):
        assert secret.encode() not in content


def test_erased_details_are_gone_from_backups_too(office: Office) -> None:
    """What a backup of the database holds is noise without the person's key."""
    person = bytes.fromhex(office.add().document["person"])
    database = office.place.enterprise.database
    database.close()
    backup = office.place.folder / "backup.sqlite"
    shutil.copyfile(office.place.folder / "ledger.sqlite", backup)
    erased = office.do("erase", USC, person.hex(), "--yes").document["erased"]

    assert erased is True
    with (
        Database(f"sqlite:///{backup}") as old,
        old.reading() as uow,
        pytest.raises(DocumentErased),
    ):
        office.book().load(uow, USC, person)
    with database.reading() as uow, pytest.raises(DocumentErased):
        office.book().load(uow, USC, person)


def test_log_holds_after_erasing(office: Office) -> None:
    """Persons and documents gone, the full check with signatures finds what it found before."""
    enterprise = office.place.enterprise

    def check() -> tuple[bytes, Outcome]:
        with enterprise.database.reading() as uow:
            report = fsck(uow, enterprise.log, signatures=SerialSignatures(enterprise.origin))
        return report.root, report.outcome()

    person = office.add().document["person"]
    store = DocumentStore(DocumentKeys(office.keys))
    with enterprise.database.unit_of_work() as uow:
        document = store.store(uow, USC, b"a report", media_type="text/plain", now=NOW)
        uow.commit()
    before = check()
    office.do("erase", USC, person, "--yes")
    office.run("evidence", "erase", USC, "--yes", "--config", office.place.config)

    assert check() == before
    assert before[1] is Outcome.HELD
    with enterprise.database.reading() as uow, pytest.raises(DocumentErased):
        store.load(uow, USC, document.sha256)


def test_that_they_were_kept_shown_and_erased_is_noted(office: Office) -> None:
    """By the id; nothing of the details is noted."""
    person = office.add().document["person"]
    office.do("show", USC, person)
    office.do("erase", USC, person, "--yes")
    again = office.do("erase", USC, person, "--yes").document["erased"]
    with office.place.enterprise.database.reading() as uow:
        noted = [
            each.body.what for each in uow.actions.listed(ActionFilter(subject=f"person {person}"))
        ]
    (row,) = office.do("list", USC).document

    assert (again, row["erased_at"] is not None) == (False, True)
    assert noted == ["person.keep", "person.show", "person.erase"]


def test_details_of_another_party_s_person_are_not_shown(office: Office) -> None:
    """Nor can a row be moved to another party or person."""
    person = bytes.fromhex(office.add().document["person"])
    assert office.do("show", OTHER_USC, person.hex()).code == 1
    other = bytes.fromhex(office.add().document["person"])
    with office.place.enterprise.database.unit_of_work() as uow:
        moved, target = (uow.persons.get(USC, each) for each in (person, other))
        assert moved is not None and target is not None
        uow.persons.erase(USC, other, NOW)
        target = type(target)(USC, other, moved.nonce, moved.ciphertext, NOW)
        uow.persons.put(target)
        uow.commit()
    with (
        office.place.enterprise.database.reading() as uow,
        pytest.raises(DocumentBroken),
    ):
        office.book().load(uow, USC, other)


@pytest.mark.parametrize("code", ["../x", "", "a/b", "..", "x" * 65])
def test_code_that_leads_elsewhere_is_refused(tmp_path: Path, code: str) -> None:
    """The key's file lies in the folder of keys, whatever the code says; nothing is looked at."""
    book, nothing = PersonBook(PersonKeys(tmp_path)), cast(UnitOfWork, None)
    with pytest.raises(DocumentRefused):
        book.erase(nothing, code, sha256(b"").digest(), now=NOW)


def test_malformed_details_are_refused(office: Office) -> None:
    """And nothing is kept."""
    for given in (
        {"identity": ""},
        {"name": 1},
        {"age": "7"},
        {"salt": "00"},
        {"identity": "x\ny"},
    ):
        assert office.add(**given).code == 2, given
    assert office.do("list", USC).document == []


def test_erasing_asks_first(office: Office) -> None:
    """Without a terminal and without --yes nothing is erased."""
    person = office.add().document["person"]

    assert office.do("erase", USC, person).code == 2
    assert office.do("show", USC, person).code == 0


def test_place_without_keys_keeps_nobody(place: Place, run: Run) -> None:
    """Details that cannot be erased are not taken."""
    path: Path = place.folder / "person.json"
    path.write_text(json.dumps(GIVEN), encoding="utf-8")

    assert run("persons", "add", USC, path, "--config", place.config).code == 2
