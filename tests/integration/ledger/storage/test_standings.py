"""What decides who may look at whose things is read for many at once, on both databases."""

from __future__ import annotations

from hashlib import sha256

from attestation.enums import CredentialStatus, InventoryState, PartyKind
from ledger.database import Database
from ledger.repositories.parties import Party
from ledger.repositories.places import Place
from ledger.repositories.standings import CaseStanding
from tests.support.access import VERIFIER, Person, credential, person, put_case
from tests.support.enterprise import START_S

FIRST, SECOND = sha256(b"1").digest(), sha256(b"2").digest()


def entitle(database: Database, who: Person, block: int, status: CredentialStatus) -> None:
    """Let the chain say how a credential stands from a block on."""
    with database.unit_of_work() as uow:
        uow.parties.put_party(Party(who.party_id, who.kind, who.code, True))
        uow.credentials.put(credential(who, Place(block, 0), status=status))
        uow.commit()


def test_newest_state_of_each_case_counts(database: Database) -> None:
    """Of the enterprises that are asked for, and of no other."""
    for block, verifier in ((1, VERIFIER.party_id), (2, None)):
        put_case(
            database, block=block, inventory_id=FIRST, usc="A", verifier=verifier, regulator=None
        )
    put_case(database, InventoryState.CONFIRMED, inventory_id=SECOND, usc="B", regulator=None)
    with database.reading() as uow:
        of_one = uow.standings.cases(["A", "NOBODY"])
        of_both = uow.standings.cases(["A", "B"])
        known = uow.standings.enterprises()

    nobody = (None, None, None)
    assert of_one == [CaseStanding(FIRST, "A", 350_211, InventoryState.UNDER_VERIFICATION, nobody)]
    assert {each.usc: each.named[0] for each in of_both} == {"A": None, "B": VERIFIER.party_id}
    assert known == ["A", "B"]


def test_areas_are_those_of_credentials_in_force(database: Database) -> None:
    """The newest of each party, within its time."""
    kept = person("KEPT", PartyKind.ENTERPRISE, area=350_211)
    lost = person("LOST", PartyKind.ENTERPRISE, area=350_211)
    entitle(database, kept, 1, CredentialStatus.VALID)
    entitle(database, lost, 1, CredentialStatus.VALID)
    entitle(database, lost, 2, CredentialStatus.WITHDRAWN)
    end_s = START_S + 10 * 365 * 86_400
    with database.reading() as uow:
        met = {
            at_s: uow.standings.areas(["KEPT", "LOST"], at_s=at_s) for at_s in (end_s - 1, end_s)
        }

    assert met == {end_s - 1: {"KEPT": frozenset({350_211})}, end_s: {}}
