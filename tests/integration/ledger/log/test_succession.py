"""A log that cannot go on is closed and continued by another, on both databases."""

from __future__ import annotations

from hashlib import sha256

import pytest

from attestation.eip712 import address_of
from attestation.enums import LogState
from attestation.errors import SignatureError
from attestation.key_bodies import Successor
from attestation.notes import NoteSigner
from attestation.records import draft_record, sign_record
from ledger.errors import Frozen, RecordRefused
from ledger.log.sequencing import Integrated
from ledger.log.succession import succeed
from tests.fakes.plant import ORIGIN, Meter, Plant

NEW_ORIGIN = f"{ORIGIN}-2"
OTHER_ORIGIN = "ledger.example/log/91310000MA1FL5E865"
SECRET = sha256(b"operator").digest()


def successor_record(plant: Plant, origin: str = NEW_ORIGIN, **changes: object) -> bytes:
    """Sign the record that continues the plant's log."""
    with plant.database.reading() as uow:
        head = uow.heads.get(plant.log.number)
    fields: dict[str, object] = {
        "predecessor": ORIGIN,
        "size": head.size,
        "root": head.root,
        "reason": "entries of a lost range could not be found",
    }
    draft = draft_record(
        Successor(**(fields | changes)),  # type: ignore[arg-type]
        origin=origin,
        subject="continuation of a log",
        salt=bytes(16),
        signer=address_of(SECRET),
    )
    return sign_record(draft, SECRET).encoded


def continue_log(plant: Plant, record: bytes, origin: str = NEW_ORIGIN) -> None:
    """Close the plant's log and go on with the new one."""
    signer = NoteSigner.from_seed(origin, sha256(origin.encode()).digest())
    with plant.database.unit_of_work() as uow:
        succeed(uow, plant.log, signer, record, now=plant.now)
        uow.commit()


@pytest.fixture
def grown(plant: Plant) -> Plant:
    """A log with some entries."""
    plant.admit(Meter().sign(9))
    plant.integrate_all()
    return plant


def test_the_first_entry_names_the_log_it_continues(grown: Plant) -> None:
    """The new log begins with the record, and the old one stays readable."""
    record = successor_record(grown)
    continue_log(grown, record)
    successor = Plant(grown.database, origin=NEW_ORIGIN)

    integrated = successor.integrate()

    assert isinstance(integrated, Integrated)
    assert successor.read_from_outside() == [record]
    assert len(grown.read_from_outside()) == 9


def test_the_old_log_is_closed(grown: Plant) -> None:
    """Nothing more is signed in the old log."""
    continue_log(grown, successor_record(grown))

    with pytest.raises(Frozen, match="closed"):
        grown.integrate()
    with grown.database.reading() as uow:
        new = uow.logs.by_origin(NEW_ORIGIN)
        assert uow.logs.get(grown.log.number).state is LogState.CLOSED
        assert new.predecessor == grown.log.number


@pytest.mark.parametrize(
    "changes",
    [{"size": 10}, {"root": bytes(32)}, {"predecessor": NEW_ORIGIN}, {"size": 8}],
    ids=["too large", "another root", "another log", "root of another size"],
)
def test_a_record_that_says_something_else_is_refused(
    grown: Plant, changes: dict[str, object]
) -> None:
    """A successor names exactly the tree that it continues."""
    with pytest.raises(RecordRefused):
        continue_log(grown, successor_record(grown, **changes))


@pytest.mark.parametrize(
    "origin",
    [f"{ORIGIN}-3", f"{OTHER_ORIGIN}-2", "second.ledger.example/log/91110000MA01ABCD8B"],
    ids=["the one after", "another enterprise", "no number"],
)
def test_only_the_next_log_of_the_enterprise_is_opened(grown: Plant, origin: str) -> None:
    """The chain would refuse any other origin, so the ledger does not begin it."""
    with pytest.raises(RecordRefused, match="91110000MA01ABCD8B-2"):
        continue_log(grown, successor_record(grown, origin), origin)


def test_a_record_that_is_not_signed_is_refused(grown: Plant) -> None:
    """Somebody signs for the succession."""
    record = successor_record(grown).replace(b"entries of a lost", b"entries of a last")

    with pytest.raises(SignatureError):
        continue_log(grown, record)
