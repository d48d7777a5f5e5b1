"""What acts and findings of a case tell its parties, and how they are found again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from attestation.enums import InventoryState, Outcome, VersionState
from attestation.instants import Instant
from ledger.alerts.watching import AlertWatch
from ledger.database import Database
from ledger.notices.telling import Teller
from ledger.repositories.chain_inventories import ChainAct
from ledger.repositories.searching import Search
from ledger.search.indexing import Indexer
from ledger.search.kinds import ItemKind
from ledger.search.searching import search
from tests.support.cases import (
    LEAD,
    OTHER_VERIFIER,
    PROVINCE,
    VERIFIER,
    CaseWorld,
    address,
    party_id,
)
from tests.support.checked import check, store_version
from tests.support.enterprise import NOW, USC, Enterprise

TRANSACTION = b"T" * 32


@pytest.fixture
def case(sqlite_url: str) -> Iterator[CaseWorld]:
    """A case under verification, whose verifier was assigned by an act."""
    with Database(sqlite_url) as database:
        yield case_on(database)


def case_on(database: Database) -> CaseWorld:
    """Give a case on a database."""
    world = CaseWorld(Enterprise(database))
    inventory = world.put()
    with database.unit_of_work() as uow:
        uow.chain_inventories.put_act(
            ChainAct(
                inventory_id=world.inventory_id,
                tx_hash=TRANSACTION,
                name="VerificationAssignment",
                digest=b"D" * 32,
                signers={"initiator": address(LEAD)},
                state_before=InventoryState.SUBMITTED,
                state_after=InventoryState.UNDER_VERIFICATION,
                state_hash=b"S" * 32,
                version=1,
                reason="",
                document_hash=None,
                fields={"verifier": "华北核查中心", "enterprise": "works"},
                at=inventory.at,
                at_s=world.now_s,
            )
        )
        uow.commit()
    return world


def told(case: CaseWorld, code: str) -> list[tuple[str, str]]:
    """Tell of everything; give kinds and subjects of a party's notices, the oldest first."""
    database = case.enterprise.database
    while Teller(database.unit_of_work, database.reading).step():
        pass
    with database.reading() as uow:
        found = uow.notices.listed([code], "0x00")
    return [(each.kind, each.subject) for each in reversed(found)]


def test_everybody_named_is_told_of_an_act(database: Database) -> None:
    """Once each: the enterprise, the verifier, the authority; nobody else; on both databases."""
    case = case_on(database)
    wanted = [("case.verification-assignment", f"act 0x{(b'D' * 32).hex()}")]

    for code in (USC, VERIFIER, PROVINCE):
        assert told(case, code) == wanted
        assert told(case, code) == wanted
    assert told(case, "CITY.000000") == []


def test_finding_goes_to_the_enterprise_and_its_answer_to_the_verifier(case: CaseWorld) -> None:
    """By where it stands in the log; the text of a finding is in no notice."""
    enterprise = case.enterprise
    index = enterprise.file(case.finding(), secret=LEAD)
    answered = enterprise.file(case.response())

    assert told(case, USC)[1:] == [("record.finding", f"entry {USC} {index}")]
    assert told(case, VERIFIER)[1:] == [("record.finding-response", f"entry {USC} {answered}")]
    with enterprise.database.reading() as uow:
        found = uow.notices.listed([USC], "0x00")
    assert "belt scale" not in str([each.body for each in found])


def test_answer_is_not_told_to_who_verified_an_earlier_year(case: CaseWorld) -> None:
    """Its case is closed; what is found in the next is the business of whoever verifies that."""
    enterprise = case.enterprise
    case.put(
        InventoryState.CONFIRMED,
        inventory_id=b"E" * 32,
        unit_code="earlier",
        verifier=party_id(OTHER_VERIFIER),
    )
    enterprise.file(case.finding(), secret=LEAD)
    enterprise.file(case.response())

    assert "record.finding-response" in [kind for kind, _ in told(case, VERIFIER)]
    assert "record.finding-response" not in [kind for kind, _ in told(case, OTHER_VERIFIER)]


def test_authorities_are_told_what_fires(case: CaseWorld) -> None:
    """Once since it fires, and anew when it fires again."""
    enterprise, database = case.enterprise, case.enterprise.database
    failed, held = check(Outcome.FAILED), check(Outcome.HELD)

    def submit(number: int, result: object) -> None:
        version = store_version(
            database,
            enterprise.log,
            result,  # type: ignore[arg-type]
            number=number,
            state=VersionState.FINAL,
            now=Instant(NOW + number),
        )
        case.scope = version.scope
        case.put()
        AlertWatch(database.unit_of_work, database.reading).step(Instant(NOW + number))

    submit(1, failed)
    submit(2, failed)
    assert [kind for kind, _ in told(case, PROVINCE)] == [
        "alert.firing",
        "case.verification-assignment",
    ]
    submit(3, held)
    submit(4, failed)
    assert [kind for kind, _ in told(case, PROVINCE)].count("alert.firing") == 2
    assert [kind for kind, _ in told(case, USC)].count("alert.firing") == 0


def test_acts_are_found_as_of_their_block(case: CaseWorld) -> None:
    """By transaction, digest, signer, and by every name that was signed; not before."""
    database = case.enterprise.database
    while Indexer(database.unit_of_work, database.reading).step(NOW):
        pass

    def kinds(words: str, block: int | None = None) -> list[ItemKind]:
        with database.reading() as uow:
            found = search(uow, Search(words=words, as_of_block=block), limit=9, now=NOW)
        return sorted(each.kind for each in found.items)

    for words in (TRANSACTION.hex(), "0x" + (b"D" * 32).hex(), "华北核查中心"):
        assert kinds(words) == [ItemKind.ACT]
        assert kinds(words, block=0) == []
    assert kinds(case.inventory_id.hex(), block=1) == [ItemKind.ACT, ItemKind.CASE]
    assert ItemKind.ACT in kinds("0x" + address(LEAD).hex())
