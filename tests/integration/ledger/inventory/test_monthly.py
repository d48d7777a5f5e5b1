"""The monthly evidence of an enterprise: collected, handed in, anchored, questioned, replaced."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from attestation.eip712 import address_of
from attestation.enums import EvidenceKind, EvidenceState, PartyKind, RepresentativeRole
from attestation.evidence_bodies import EvidenceQuestion, Manifest
from attestation.instants import Instant
from attestation.record_bodies import Body
from ledger.database import Database
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import CalendarUnknown, EvidenceIncomplete, SheetRefused
from ledger.inventory.evidence_calendar import evidence_calendar
from ledger.inventory.monthly import MonthStatus, draft_manifest, month_status, year_status
from ledger.inventory.sheets.forms import FUEL_LEDGER
from ledger.inventory.sheets.importing import import_sheet
from ledger.log.decisions import Admitted, Refused
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.documents import DraftFile
from ledger.repositories.parties import Party, Representative
from tests.support.enterprise import APPROVER, USC, Enterprise
from tests.support.headers import HeaderParts
from tests.support.samples import MARCH, at
from tests.unit.ledger.inventory.test_sheets import fuel, ledger_of, sheet

VERIFIER = sha256(b"verifier").digest()
CALENDAR = evidence_calendar()
IN_APRIL = Instant(at(4, 20) * 1000)
LAST_MOMENT = Instant(at(5, 11, 0) * 1000 - 1)
FIRST_LATE = Instant(at(5, 11, 0) * 1000)


@dataclass
class Plant:
    """An enterprise with documents."""

    enterprise: Enterprise
    store: DocumentStore

    def collect(self, name: str, content: bytes = b"report") -> None:
        """Make a file part of March's draft."""
        with self.enterprise.database.unit_of_work() as uow:
            document = self.store.store(
                uow, USC, content, media_type="application/pdf", now=self.enterprise.now
            )
            file = DraftFile(name, EvidenceKind.TEST_REPORT, "u1", document.sha256)
            uow.documents.put_draft(USC, "2024-03", file)
            uow.commit()

    def hand_in(self, reason: str | None = None) -> int:
        """Put the manifest of what is collected into the log, and give its index."""
        with self.enterprise.database.reading() as uow:
            earlier = uow.stated.newest(self.enterprise.log.number, Manifest, "2024-03")
        superseded = [] if earlier is None else [earlier.place.leaf_hash]
        content = self.enterprise.record(self.draft(reason), supersedes=superseded)
        return self.admit(content)

    def admit(self, content: bytes) -> int:
        """Put a record into the log, and give its index."""
        log = self.enterprise.log.number
        decision = self.enterprise.records.admit_record(log, content, now=self.enterprise.now)
        assert isinstance(decision, Admitted), decision
        self.enterprise.integrate()
        with self.enterprise.database.reading() as uow:
            index = uow.entries.index_of(log, decision.admission_id)
        assert index is not None
        return index

    def draft(self, reason: str | None = None) -> Manifest:
        """Make the manifest of what is collected."""
        with self.enterprise.database.reading() as uow:
            return draft_manifest(uow, self.enterprise.log, MARCH, reason=reason)

    def status(self, now: Instant | None = None) -> MonthStatus:
        """Say how far March has come."""
        with self.enterprise.database.reading() as uow:
            moment = self.enterprise.now if now is None else now
            return month_status(uow, self.enterprise.log, MARCH, CALENDAR, now=moment)

    def anchor(self, size: int, *, time_s: int, later: int = 0) -> None:
        """Note a final anchor, with the header of its block or of a later one."""
        header = "0x" + HeaderParts(number=7 + later, timestamp_s=time_s).encode().hex()
        with self.enterprise.database.unit_of_work() as uow:
            log = self.enterprise.log.number
            uow.anchors.add(StoredAnchor(log, size, bytes(32), 7, bytes(32), bytes(32)))
            uow.anchors.finalise(log, size, final_at=Instant(0), evidence={"header": header})
            uow.commit()

    def question(self) -> Body:
        """Ask about the standing manifest."""
        manifest = self.status().manifest
        assert manifest is not None
        return EvidenceQuestion(
            month="2024-03", manifest=manifest.place.leaf_hash, question="17 March is blank"
        )


@pytest.fixture
def plant(database: Database, tmp_path: Path) -> Plant:
    """An enterprise in April 2024, and a verifier in the chain's registry."""
    enterprise = Enterprise(database, now=IN_APRIL)
    party = Party(b"V" * 32, PartyKind.VERIFIER, "91440300MA5EXAMP72", True)
    address = bytes.fromhex(address_of(VERIFIER)[2:])
    role = RepresentativeRole.APPROVER
    with database.unit_of_work() as uow:
        uow.parties.put_party(party)
        uow.parties.put_representative(
            Representative(b"V" * 32, address, sha256(VERIFIER).digest(), role, 0)
        )
        uow.commit()
    return Plant(enterprise, DocumentStore(DocumentKeys(tmp_path / "keys")))


def test_month_comes_from_missing_to_anchored(plant: Plant) -> None:
    """Nothing, a draft, a manifest in the log, a manifest under a final anchor."""
    states = [plant.status().state]
    plant.collect("M-0412.pdf")
    states.append(plant.status().state)
    index = plant.hand_in()
    states.append(plant.status().state)
    plant.anchor(index + 1, time_s=at(4, 21))
    states.append(plant.status().state)

    assert states == [
        EvidenceState.MISSING,
        EvidenceState.DRAFT,
        EvidenceState.SUBMITTED,
        EvidenceState.ANCHORED,
    ]


def test_manifest_names_what_was_collected(plant: Plant) -> None:
    """Name, kind, media type, size and hash of each file; the month's first has no reason."""
    plant.collect("b.pdf", b"two")
    plant.collect("a.pdf", b"one")
    body = plant.draft()

    assert (body.month, body.number, body.reason) == ("2024-03", 1, None)
    assert [(file.name, file.size, file.sha256) for file in body.files] == [
        ("a.pdf", 3, sha256(b"one").digest()),
        ("b.pdf", 3, sha256(b"two").digest()),
    ]


@pytest.mark.parametrize(("now", "overdue"), [(LAST_MOMENT, False), (FIRST_LATE, True)])
def test_missing_month_is_overdue_after_its_last_day(
    plant: Plant, now: Instant, overdue: bool
) -> None:
    """The fortieth day counts whole."""
    assert plant.status(now).is_overdue is overdue


def test_manifest_in_the_log_is_not_overdue(plant: Plant) -> None:
    """What is handed in does not become late by waiting."""
    plant.collect("M-0412.pdf")
    plant.hand_in()

    assert not plant.status(FIRST_LATE).is_overdue


def test_anchor_in_time_shows_that_it_was_in_time(plant: Plant) -> None:
    """The block's time decides, not the ledger's clock."""
    plant.collect("M-0412.pdf")
    plant.anchor(plant.hand_in() + 1, time_s=at(5, 11, 0) - 1)

    assert plant.status(FIRST_LATE).was_in_time is True


@pytest.mark.parametrize(("later", "answer"), [(0, False), (3, None)])
def test_late_block_shows_lateness_only_if_it_is_the_anchors(
    plant: Plant, later: int, answer: bool | None
) -> None:
    """A header that was captured later bounds the time from above and shows nothing."""
    plant.collect("M-0412.pdf")
    plant.anchor(plant.hand_in() + 1, time_s=at(5, 11, 0), later=later)

    assert plant.status().was_in_time is answer


def test_unanchored_manifest_is_neither_late_nor_in_time(plant: Plant) -> None:
    """What is not known is not said."""
    plant.collect("M-0412.pdf")
    plant.hand_in()

    assert plant.status().was_in_time is None


def test_question_stands_until_a_new_manifest_answers_it(plant: Plant) -> None:
    """Questioned, then replaced with a reason, then submitted again; both stay in the log."""
    plant.collect("M-0412.pdf")
    plant.hand_in()
    plant.admit(plant.enterprise.record(plant.question(), secret=VERIFIER))
    asked = plant.status()
    plant.collect("march-17.pdf", b"the missing day")
    plant.hand_in("17 March added")
    answered = plant.status()

    assert (asked.state, len(asked.questions)) == (EvidenceState.QUESTIONED, 1)
    assert (answered.state, answered.questions) == (EvidenceState.SUBMITTED, ())
    assert answered.versions == 2
    assert answered.manifest is not None
    assert answered.manifest.body.reason == "17 March added"


def test_open_question_is_overdue_after_the_last_day(plant: Plant) -> None:
    """A question that nobody answers is as late as nothing."""
    plant.collect("M-0412.pdf")
    plant.hand_in()
    plant.admit(plant.enterprise.record(plant.question(), secret=VERIFIER))

    assert plant.status(FIRST_LATE).is_overdue
    assert not plant.status(LAST_MOMENT).is_overdue


def test_enterprise_does_not_question_itself(plant: Plant) -> None:
    """Questions come from verifiers and regulators."""
    plant.collect("M-0412.pdf")
    plant.hand_in()
    decision = plant.enterprise.submit(plant.question(), secret=APPROVER)

    assert isinstance(decision, Refused)
    assert decision.code == "admission.unknown_signer"


def test_question_about_no_manifest_is_refused(plant: Plant) -> None:
    """A question names what is in the log."""
    body = EvidenceQuestion(month="2024-03", manifest=bytes(32), question="?")
    decision = plant.enterprise.submit(body, secret=VERIFIER)

    assert isinstance(decision, Refused)
    assert decision.code == "admission.not_registered"


@pytest.mark.parametrize(
    ("number", "reason", "superseding", "detail"),
    [
        (1, None, True, "2 is the next"),
        (3, "again", True, "2 is the next"),
        (2, "again", False, "does not supersede"),
    ],
)
def test_manifests_of_a_month_follow_each_other(
    plant: Plant, number: int, reason: str | None, superseding: bool, detail: str
) -> None:
    """The second takes the place of the first, openly."""
    plant.collect("M-0412.pdf")
    plant.hand_in()
    manifest = plant.status().manifest
    assert manifest is not None
    body = replace(manifest.body, number=number, reason=reason)
    content = plant.enterprise.record(
        body, supersedes=[manifest.place.leaf_hash] if superseding else []
    )
    log = plant.enterprise.log.number
    decision = plant.enterprise.records.admit_record(log, content, now=plant.enterprise.now)

    assert isinstance(decision, Refused)
    assert detail in decision.detail


def test_manifest_of_a_month_to_come_is_refused(plant: Plant) -> None:
    """There is no evidence of May in April."""
    plant.collect("M-0412.pdf")
    decision = plant.enterprise.submit(replace(plant.draft(), month="2024-05"))

    assert isinstance(decision, Refused)
    assert "still to come" in decision.detail


def test_nothing_collected_makes_no_manifest(plant: Plant) -> None:
    """An empty manifest says nothing."""
    with pytest.raises(EvidenceIncomplete, match="no file is collected"):
        plant.draft()


def test_same_files_make_no_second_manifest(plant: Plant) -> None:
    """A new version has something new, and a reason."""
    plant.collect("M-0412.pdf")
    plant.hand_in()

    with pytest.raises(EvidenceIncomplete, match="has these files already"):
        plant.draft("again")
    with pytest.raises(EvidenceIncomplete, match="give the reason"):
        plant.draft()


def test_first_manifest_has_no_reason(plant: Plant) -> None:
    """There is nothing that it takes the place of."""
    plant.collect("M-0412.pdf")

    with pytest.raises(EvidenceIncomplete, match="has no reason"):
        plant.draft("because")


def test_file_that_is_taken_out_is_not_handed_in(plant: Plant) -> None:
    """A draft can be changed; the document stays."""
    plant.collect("M-0412.pdf")
    with plant.enterprise.database.unit_of_work() as uow:
        dropped = uow.documents.drop_draft(USC, "2024-03", "M-0412.pdf")
        uow.commit()

    assert dropped == 1
    assert plant.status().state is EvidenceState.MISSING
    with plant.enterprise.database.reading() as uow:
        assert len(uow.documents.listed(USC)) == 1


def test_new_file_beside_a_manifest_is_counted(plant: Plant) -> None:
    """What was collected after the manifest is seen."""
    plant.collect("M-0412.pdf")
    plant.hand_in()
    plant.collect("late.pdf", b"late")

    assert (plant.status().state, plant.status().drafted) == (EvidenceState.SUBMITTED, 1)


def test_year_shows_the_months_that_have_begun(plant: Plant) -> None:
    """January to April in April; a year that is not in the calendar is an error."""
    plant.collect("M-0412.pdf")
    with plant.enterprise.database.reading() as uow:
        months = year_status(uow, plant.enterprise.log, 2024, CALENDAR, now=IN_APRIL)
        with pytest.raises(CalendarUnknown, match="does not have the year 2035"):
            year_status(uow, plant.enterprise.log, 2035, CALENDAR, now=IN_APRIL)

    assert [(each.month.label, each.state.name, each.is_overdue) for each in months] == [
        ("2024-01", "MISSING", True),
        ("2024-02", "MISSING", True),
        ("2024-03", "DRAFT", False),
        ("2024-04", "MISSING", False),
    ]


def test_sheet_with_a_wrong_row_leaves_nothing_behind(plant: Plant) -> None:
    """Ten thousand rows, three of them wrong: three names, no document."""
    rows = ledger_of(10_000)
    for at_row in (10, 500, 9000):
        rows[at_row] = rows[at_row] | {"consumed": "x"}
    with (
        plant.enterprise.database.unit_of_work() as uow,
        pytest.raises(SheetRefused, match="3 errors in 10000 rows: row 12, consumed"),
    ):
        import_sheet(plant.store, uow, USC, sheet(FUEL_LEDGER, *rows), FUEL_LEDGER, now=IN_APRIL)

    with plant.enterprise.database.reading() as uow:
        assert uow.documents.listed(USC) == []


def test_right_sheet_is_kept_as_a_document(plant: Plant) -> None:
    """The file itself is what the figures lead back to."""
    content = sheet(FUEL_LEDGER, fuel())
    with plant.enterprise.database.unit_of_work() as uow:
        taken = import_sheet(plant.store, uow, USC, content, FUEL_LEDGER, now=IN_APRIL)
        uow.commit()

    with plant.enterprise.database.reading() as uow:
        assert plant.store.load(uow, USC, taken.document.sha256) == content
    assert taken.document.media_type == "text/csv"


def test_draft_of_a_document_that_is_not_kept_makes_no_manifest(plant: Plant) -> None:
    """A manifest names only what can be shown."""
    with plant.enterprise.database.unit_of_work() as uow:
        file = DraftFile("gone.pdf", EvidenceKind.OTHER, None, bytes(32))
        uow.documents.put_draft(USC, "2024-03", file)
        uow.commit()

    with pytest.raises(EvidenceIncomplete, match=r"document of gone\.pdf is not kept"):
        plant.draft()
