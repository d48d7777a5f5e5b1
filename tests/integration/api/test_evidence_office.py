"""Evidence on the real way: a laboratory on the chain, requests signed and handed in, a verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from api.demo.cast import Party, Person
from api.office.errors import SignaturesMissing
from api.office.evidence_requests import Wanted, draft_evidence, format_wanted, parse_wanted
from api.office.handing_in import Stage
from api.office.request import SigningRequest
from api.office.signing import sign_request
from attestation.enums import CustodyStep, EvidenceKind, EvidenceState, PartyKind
from attestation.evidence_bodies import Manifest
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.sample_bodies import LabReport
from chain.addresses import format_address
from chain.keys import generate_signer
from ledger.inventory.custody import SampleVerdict
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.evidence_calendar import evidence_calendar
from ledger.inventory.monthly import draft_manifest, month_status
from ledger.inventory.periods import Period
from ledger.inventory.samples import open_samples
from ledger.repositories.documents import DraftFile
from tests.integration.api.test_handing_in import Office, office
from tests.support.samples import LAB_CODE, laboratory, report, sample, step

__all__ = ["office"]

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("office"), pytest.mark.timeout(600)]

HOUR_S = 3600


@dataclass
class LaboratoryBench:
    """An office with a laboratory of its own standing."""

    office: Office
    laboratory: Party

    @property
    def key(self) -> bytes:
        """Address of the key that signs for the laboratory."""
        return self.laboratory.approver.address

    def enterprise_files(self, *wanted: Wanted) -> None:
        """Let the enterprise's approver sign records, and hand them in until they are final."""
        request = draft_evidence(self.office.draft(), self.carried(wanted), laboratory=None)
        self.hand_in(self.office.signed(request, "approver"))

    def laboratory_files(self, *wanted: Wanted) -> None:
        """Let the laboratory sign records, and hand them in until they are final."""
        request = draft_evidence(self.office.draft(), self.carried(wanted), laboratory=self.key)
        signer = self.laboratory.approver.signer
        signed = sign_request(request, signer, self.office.desk.root, now=self.office.now)
        self.hand_in(signed)

    def carried(self, wanted: tuple[Wanted, ...]) -> tuple[Wanted, ...]:
        """Carry records as a file."""
        return parse_wanted(format_wanted(wanted))

    def hand_in(self, request: SigningRequest) -> None:
        """Hand a request in; everything of it must become final."""
        states = self.office.hand_in(request).states
        assert {state.stage for state in states} == {Stage.FINAL}

    def verdict(self, name: str) -> SampleVerdict:
        """Judge a sample."""
        with self.office.ledger.database.reading() as uow:
            log = uow.logs.by_origin(str(self.office.desk.origin))
            return open_samples(uow, log.number).verdict(name)


@pytest.fixture(scope="module")
def bench(office: Office) -> LaboratoryBench:
    """A laboratory that the chain knows and the enterprise has registered."""
    initiator, approver = (
        Person(sha256(name).digest(), generate_signer()) for name in (b"one", b"other")
    )
    party = Party(PartyKind.LABORATORY, "示例煤质检测中心", LAB_CODE, initiator, approver)
    office.world.stage.register(party)
    made = LaboratoryBench(office, party)
    now_s = office.now // MILLISECONDS_PER_SECOND
    body = laboratory(
        key=format_address(made.key).lower(), from_s=now_s - 86_400, to_s=now_s + 86_400
    )
    made.enterprise_files(Wanted(body))
    return made


def chain_of(name: str, now_s: int) -> tuple[list[Wanted], list[Wanted]]:
    """Give what the enterprise and what the laboratory says of a sample of the last hour."""
    taken, sealed, received, done, reported = (now_s - back for back in (900, 800, 700, 600, 500))
    span = {"from_s": taken - HOUR_S, "to_s": taken}
    by_plant = [
        Wanted(sample(name, taken_s=taken, **span)),
        Wanted(step(CustodyStep.SEALED, sealed, name)),
    ]
    figures = replace(
        report(name), report=f"M-{name}", received_s=received, tested_s=done, reported_s=reported
    )
    by_laboratory = [
        Wanted(step(CustodyStep.RECEIVED, received, name)),
        Wanted(step(CustodyStep.TESTED, done, name)),
        Wanted(replace(figures, **span)),
    ]
    return by_plant, by_laboratory


def test_sample_that_everybody_signed_for_counts(bench: LaboratoryBench) -> None:
    """The plant's words and the laboratory's, each under its own key, on a real chain."""
    by_plant, by_laboratory = chain_of("c-real", bench.office.now // MILLISECONDS_PER_SECOND)
    bench.enterprise_files(by_plant[0])
    bench.enterprise_files(by_plant[1])
    for each in by_laboratory:
        bench.laboratory_files(each)
    verdict = bench.verdict("c-real")

    assert verdict.faults == ()
    assert [each.code for each in verdict.notes] == ["nothing-kept"]
    assert str(verdict.figures["ncv_j_per_g"]) == "22.415 GJ/t"


def test_report_without_the_laboratorys_signature_is_not_handed_in(bench: LaboratoryBench) -> None:
    """The enterprise cannot submit what the laboratory has not signed."""
    _, by_laboratory = chain_of("c-none", bench.office.now // MILLISECONDS_PER_SECOND)
    (wanted,) = (each for each in by_laboratory if isinstance(each.body, LabReport))
    request = draft_evidence(bench.office.draft(), [wanted], laboratory=bench.key)

    with pytest.raises(SignaturesMissing, match="laboratory"):
        bench.office.hand_in(request)


def test_month_is_handed_in_and_anchored(bench: LaboratoryBench, tmp_path: Path) -> None:
    """Files collected at the ledger, a manifest signed by the approver, anchored."""
    office = bench.office
    month = Period.month(2026, 10)
    store, database = DocumentStore(DocumentKeys(tmp_path / "keys")), office.ledger.database
    with database.unit_of_work() as uow:
        log = uow.logs.by_origin(str(office.desk.origin))
        kept = store.store(uow, log.usc, b"pdf", media_type="application/pdf", now=office.now)
        file = DraftFile("report.pdf", EvidenceKind.TEST_REPORT, None, kept.sha256)
        uow.documents.put_draft(log.usc, month.label, file)
        body = draft_manifest(uow, log, month, reason=None)
        uow.commit()
    bench.enterprise_files(Wanted(body))
    with database.reading() as uow:
        status = month_status(uow, log, month, evidence_calendar(), now=Instant(office.now))

    assert status.state is EvidenceState.ANCHORED
    assert status.anchored is not None
    assert status.anchored.is_exact
    assert status.manifest is not None
    assert isinstance(status.manifest.body, Manifest)
