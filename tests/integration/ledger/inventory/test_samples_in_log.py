"""Samples, laboratories and reports as records of a log: who may say what, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from attestation.eip712 import address_of
from attestation.enums import CustodyStep, PartyKind, RepresentativeRole, SampleKind
from attestation.instants import Instant
from attestation.record_bodies import Body
from ledger.database import Database
from ledger.inventory.errors import NotStated
from ledger.inventory.periods import Period
from ledger.inventory.samples import SampleBook, open_samples
from ledger.log.decisions import Admitted, Decision, Refused
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.parties import Party, Representative
from tests.support.enterprise import APPROVER, LABORATORY, STRANGER, Enterprise
from tests.support.headers import HeaderParts
from tests.support.samples import COAL, MARCH, UNIT, at, laboratory, report, sample, step, steps

OTHER_LABORATORY = sha256(b"other laboratory").digest()
OTHER_CODE = "91440300MA5EXAMP72"
BY_ENTERPRISE = (CustodyStep.SEALED, CustodyStep.KEPT)


@pytest.fixture
def plant(database: Database) -> Enterprise:
    """An enterprise with a registered laboratory, in May 2024."""
    enterprise = Enterprise(database, now=Instant(at(5, 20) * 1000))
    add_laboratory(enterprise, OTHER_LABORATORY, OTHER_CODE)
    enterprise.file(laboratory(), secret=APPROVER)
    return enterprise


def add_laboratory(enterprise: Enterprise, secret: bytes, code: str) -> None:
    """Make a key speak for another laboratory in the chain's registry."""
    party_id = sha256(secret + b"party").digest()
    address = bytes.fromhex(address_of(secret)[2:])
    with enterprise.database.unit_of_work() as uow:
        uow.parties.put_party(Party(party_id, PartyKind.LABORATORY, code, True))
        uow.parties.put_representative(
            Representative(
                party_id, address, sha256(secret).digest(), RepresentativeRole.APPROVER, 0
            )
        )
        uow.commit()


def file_chain(plant: Enterprise, name: str = "c-03") -> list[int]:
    """File a sample, its steps and its report, each by whom it belongs to."""
    indexes = [plant.file(sample(name))]
    for kind, each in steps(name).items():
        secret = APPROVER if kind in BY_ENTERPRISE else LABORATORY
        indexes.append(plant.file(each, secret=secret))
    return [*indexes, plant.file(report(name), secret=LABORATORY)]


def book(plant: Enterprise, *, size: int | None = None) -> SampleBook:
    """Read what the log says about samples."""
    with plant.database.reading() as uow:
        return open_samples(uow, plant.log.number, size=size)


def require_refused(decision: Decision, code: str, detail: str) -> None:
    """Check that a record was not admitted, for this reason."""
    assert isinstance(decision, Refused), decision
    assert (decision.code, detail in decision.detail) == (code, True), decision.detail


def test_whole_chain_in_the_log_counts(plant: Enterprise) -> None:
    """Taken, sealed, received, tested, kept and reported by its own signers: usable."""
    indexes = file_chain(plant)
    verdict = book(plant).verdict("c-03")

    assert verdict.usable
    assert (verdict.sample_index, verdict.report_index) == (indexes[0], indexes[-1])


@pytest.mark.parametrize(
    ("body", "secret", "code", "detail"),
    [
        (report("c-03"), APPROVER, "admission.unknown_signer", "may not sign"),
        (report("c-03"), OTHER_LABORATORY, "admission.not_registered", "no laboratory's key"),
        (sample("c-04"), LABORATORY, "admission.unknown_signer", "may not sign"),
        (sample("c-04"), STRANGER, "admission.unknown_signer", "may not sign"),
        (
            step(CustodyStep.RECEIVED, at(4, 3)),
            APPROVER,
            "admission.not_registered",
            "no laboratory's key",
        ),
        (
            step(CustodyStep.SEALED, at(4, 1, 9)),
            LABORATORY,
            "admission.unknown_signer",
            "sealed by the enterprise",
        ),
        (report("c-99"), LABORATORY, "admission.not_registered", "c-99 is not filed"),
        (sample("c-03"), APPROVER, "admission.record", "used once"),
        (
            sample("c-04", taken_s=at(5, 20, 9)),
            APPROVER,
            "admission.record",
            "still to come",
        ),
        (report("c-03", reported_s=at(5, 20, 9)), LABORATORY, "admission.record", "still to come"),
        (
            sample("c-04", kind=SampleKind.COMPOSITE, parts=("d-1",)),
            APPROVER,
            "admission.not_registered",
            "d-1 is not filed",
        ),
        (
            laboratory(key=address_of(OTHER_LABORATORY)),
            APPROVER,
            "admission.not_registered",
            "speaks for no laboratory",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_contradicts_the_log_is_refused(
    plant: Enterprise, body: Body, secret: bytes, code: str, detail: str
) -> None:
    """Wrong signer, unknown sample, a number used before, or a time to come."""
    plant.file(sample())

    require_refused(plant.submit(body, secret=secret), code, detail)


def test_laboratory_does_not_report_for_another(plant: Enterprise) -> None:
    """A key that is registered for one laboratory signs no report of another."""
    plant.file(laboratory(code=OTHER_CODE, key=address_of(OTHER_LABORATORY)))
    plant.file(sample())

    require_refused(
        plant.submit(report(), secret=OTHER_LABORATORY),
        "admission.unknown_signer",
        f"is the key of {OTHER_CODE}",
    )


def test_step_is_filed_once(plant: Enterprise) -> None:
    """A second receipt is refused, unless it openly takes the place of the first."""
    plant.file(sample())
    first = plant.file(step(CustodyStep.RECEIVED, at(4, 3)), secret=LABORATORY)
    again = step(CustodyStep.RECEIVED, at(4, 4))
    require_refused(plant.submit(again, secret=LABORATORY), "admission.record", "received already")
    with plant.database.reading() as uow:
        leaf_hash = uow.stated.listed(plant.log.number, type(again))[0].place.leaf_hash
    content = plant.record(again, secret=LABORATORY, supersedes=[leaf_hash])
    decision = plant.records.admit_record(plant.log.number, content, now=plant.now)
    plant.integrate()

    assert isinstance(decision, Admitted)
    (standing,) = book(plant).custody("c-03").steps
    assert standing.index > first


def test_superseding_a_sample_after_its_receipt_breaks_the_chain(plant: Enterprise) -> None:
    """A sample that is filed anew stands after its steps: what was made up shows."""
    first, *_ = file_chain(plant)
    with plant.database.reading() as uow:
        leaf_hash = uow.stated.listed(plant.log.number, type(sample()))[0].place.leaf_hash
    plant.records.admit_record(
        plant.log.number,
        plant.record(sample(taken_s=at(4, 1, 7)), supersedes=[leaf_hash]),
        now=plant.now,
    )
    plant.integrate()
    verdict = book(plant).verdict("c-03")

    assert verdict.sample_index > first
    assert [each.code for each in verdict.faults] == ["filed-afterwards"]


def test_older_size_of_the_log_gives_the_older_verdict(plant: Enterprise) -> None:
    """What came later does not change what was true at a size."""
    *_, last = file_chain(plant)
    before = book(plant, size=last).verdict("c-03")

    assert [each.code for each in before.faults] == ["no-report"]
    assert book(plant).verdict("c-03").usable


def test_quality_of_a_month_is_its_one_sample(plant: Enterprise) -> None:
    """One sample stands for the whole month, and counts."""
    file_chain(plant)
    quality = book(plant).quality(UNIT, COAL, MARCH)

    assert quality.measured is not None
    assert quality.measured.sample == "c-03"


def test_stretch_without_a_sample_is_named(plant: Enterprise) -> None:
    """From 11 to 31 March nobody took a sample: the prescribed factor, and why."""
    plant.file(sample(to_s=at(3, 11, 0)))
    quality = book(plant).quality(UNIT, COAL, MARCH)

    assert quality.measured is None
    assert [(part.from_s, part.to_s) for part in quality.parts] == [
        (MARCH.from_s, at(3, 11, 0)),
        (at(3, 11, 0), MARCH.to_s),
    ]
    assert [each.code for each in quality.parts[1].reasons] == ["no-sample"]
    assert not quality.parts[1].usable


def test_quality_is_of_one_unit_and_fuel(plant: Enterprise) -> None:
    """Another unit's sample stands for nothing here."""
    plant.file(sample())
    parts = book(plant).quality("u2", COAL, MARCH).parts

    assert [part.verdict for part in parts] == [None]


def test_parts_of_a_composite_do_not_stand_for_themselves(plant: Enterprise) -> None:
    """The daily samples are in the composite."""
    for day in (1, 2):
        plant.file(
            sample(
                f"d-{day}",
                kind=SampleKind.DAILY,
                from_s=at(3, day, 0),
                to_s=at(3, day + 1, 0),
                taken_s=at(3, day),
            )
        )
    plant.file(sample(kind=SampleKind.COMPOSITE, parts=("d-1", "d-2")))
    (part,) = book(plant).quality(UNIT, COAL, MARCH).parts

    assert part.verdict is not None
    assert part.verdict.sample == "c-03"


def test_number_of_two_files_counts_for_neither(plant: Enterprise) -> None:
    """The edited report raises an alarm, and the sample of either is not usable."""
    file_chain(plant)
    plant.file(sample("c-05"))
    edited = replace(report("c-05"), file=bytes(32), carbon_ppm=500_000)
    plant.file(edited, secret=LABORATORY)
    read = book(plant)

    assert "number-reused" in [each.code for each in read.verdict("c-03").faults]
    assert [each.remark.code for each in read.alarms] == ["same-number"]


@pytest.mark.parametrize(
    ("time_s", "found"), [(at(4, 2, 23), []), (at(4, 20, 8), ["filed-late"])], ids=["soon", "late"]
)
def test_sample_that_came_to_the_chain_weeks_later_does_not_count(
    plant: Enterprise, time_s: int, found: list[str]
) -> None:
    """A whole chain filed in the right order, but all at once and afterwards, is seen."""
    first, *_ = file_chain(plant)
    header = "0x" + HeaderParts(number=7, timestamp_s=time_s).encode().hex()
    with plant.database.unit_of_work() as uow:
        log = plant.log.number
        uow.anchors.add(StoredAnchor(log, first + 1, bytes(32), 7, bytes(32), bytes(32)))
        uow.anchors.finalise(log, first + 1, final_at=Instant(0), evidence={"header": header})
        uow.commit()

    assert [each.code for each in book(plant).verdict("c-03").faults] == found


def test_deriving_again_gives_the_same(plant: Enterprise) -> None:
    """What is known of samples is a function of the log."""
    file_chain(plant)
    before = book(plant).verdict("c-03")
    plant.surveyor.rebuild(plant.log.number)

    assert book(plant).verdict("c-03") == before


def test_unknown_sample_is_an_error(plant: Enterprise) -> None:
    """There is no verdict on nothing."""
    with pytest.raises(NotStated, match="no sample c-77"):
        book(plant).verdict("c-77")


def test_samples_are_listed_in_the_order_of_the_log(plant: Enterprise) -> None:
    """Numbers say nothing of order."""
    plant.file(sample("z-1"))
    plant.file(sample("a-1", from_s=Period.month(2024, 2).from_s))

    assert book(plant).samples == ("z-1", "a-1")
