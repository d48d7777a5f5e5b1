"""The dossier of a case: one package that checks itself, for whom the case concerns."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from api.app import create_app
from api.bootstrap import Ledger
from attestation import action_proofs, entry_proofs
from attestation.action_proofs import parse_actions, verify_actions
from attestation.entry_proofs import EntryProofs, parse_entries, verify_entries
from attestation.enums import PartyKind, RepresentativeRole, VerificationOpinion
from attestation.errors import InclusionError, SignatureError, VerificationError
from attestation.notes import parse_vkey
from attestation.packages import open_package
from ledger.repositories.report_bodies import ReportBody
from tests.support import access
from tests.support.access import Person, signed_in
from tests.support.cases import LEAD, OTHER_LEAD, OTHER_VERIFIER, VERIFIER, CaseWorld
from tests.support.enterprise import NOW, OTHER_USC, USC, Enterprise
from tests.support.operator import Operator, note, noted

LEADER = Person(VERIFIER, PartyKind.VERIFIER, LEAD, right=RepresentativeRole.INITIATOR)
OTHER = Person(OTHER_VERIFIER, PartyKind.VERIFIER, OTHER_LEAD, right=RepresentativeRole.INITIATOR)
BODY = b"%PDF-1.7 the report as it was signed"


class Archive:
    """A server that keeps a case with a finding, an answer, and a report."""

    def __init__(self, ledger: Ledger, world: CaseWorld) -> None:
        database = ledger.database
        access.register(database, access.NEIGHBOUR, access.CITY, access.OTHER_CITY)
        self.operator = Operator(database)
        access.remove(database, replace(access.OWNER, code=OTHER_USC), at_s=0)
        log = ledger.settings.log.model_copy(update={"operator": OTHER_USC})
        signer = self.operator.home.note_signer
        made = replace(
            ledger,
            settings=ledger.settings.model_copy(update={"log": log}),
            keys=cast(Any, SimpleNamespace(signer_of=lambda _origin: signer)),
        )
        self.world, self.ledger = world, made
        self.client = TestClient(create_app(made), raise_server_exceptions=False)
        self.path = f"/v1/cases/0x{world.inventory_id.hex()}/dossier"
        note(database, noted(subject=f"case 0x{world.inventory_id.hex()}"))
        self.operator.carry()
        with database.reading() as uow:
            self.keys = [parse_vkey(log.vkey) for log in uow.logs.all()]

    def fetch(self, who: Person) -> Any:
        """Ask for the dossier."""
        return self.client.get(self.path, headers=signed_in(self.client, who))


@pytest.fixture
def archive(ledger: Ledger, enterprise: Enterprise) -> Archive:
    """The archive."""
    world = CaseWorld(enterprise)
    world.put()
    content = world.submit()
    enterprise.file(world.finding(title="=cmd|'/c calc'!A1"), secret=LEAD)
    enterprise.file(world.response())
    version = {
        "document_hash": bytes.fromhex(content.sha256),
        "lines_root": content.root,
        "opinion": VerificationOpinion.UNMODIFIED,
        "report_hash": sha256(BODY).digest(),
    }
    world.put_version(1, **version)
    with enterprise.database.unit_of_work() as uow:
        digest = sha256(BODY).digest()
        uow.report_bodies.put(ReportBody(digest, world.inventory_id, 1, BODY, NOW))
        uow.commit()
    return Archive(ledger, world)


def test_dossier_holds_everything_and_checks_itself(archive: Archive) -> None:
    """Data, tables, proofs, actions and report; signed by the operator's log."""
    answer = archive.fetch(LEADER)
    assert answer.status_code == 200, answer.text
    opened = open_package(answer.content, archive.keys)
    files = opened.package.files

    assert opened.origin == archive.operator.log.origin
    assert set(files) == {
        *("case.json", "statement.json", "acts.json", "versions/1.json"),
        *(
            f"{name}.{kind}"
            for name in ("lines", "findings")
            for kind in ("csv", "xlsx", "parquet")
        ),
        *("entries.json", "actions.json", "reports/version-1.body.pdf"),
    }
    assert json.loads(files["case.json"])["total"] == {"value": "1000", "unit": "tCO2e"}
    assert (
        sha256(files["versions/1.json"]).hexdigest()
        == json.loads(files["statement.json"])["versions"][0]["document_sha256"]
    )
    entries = parse_entries(files[entry_proofs.FILE])
    verify_entries(entries, archive.keys)
    assert [json.loads(each.entry)["type"] for each in entries.entries] == [
        "finding",
        "finding-response",
    ]
    (action,) = verify_actions(parse_actions(files[action_proofs.FILE]), archive.keys)
    assert action.body.what == "case.comment"
    assert files["reports/version-1.body.pdf"] == BODY
    assert set(opened.package.as_of["logs"]) == {  # type: ignore[arg-type]
        archive.operator.log.origin,
        f"log.example/log/{USC}",
    }


def test_tables_agree_and_run_no_formula(archive: Archive) -> None:
    """What somebody wrote into a title is text, in each of the three."""
    files = open_package(archive.fetch(LEADER).content, archive.keys).package.files
    title = "=cmd|'/c calc'!A1"
    (row,) = pq.read_table(BytesIO(files["findings.parquet"])).to_pylist()
    sheet = load_workbook(BytesIO(files["findings.xlsx"])).worksheets[0]
    lines = pq.read_table(BytesIO(files["lines.parquet"])).to_pylist()

    assert row["title"] == title
    assert row["effect_gco2e"] == 1_500_000
    assert (sheet["E2"].value, sheet["E2"].data_type) == (title, "s")
    assert f",'{title}".encode() in files["findings.csv"] or b"\"'=cmd" in files["findings.csv"]
    assert files["findings.csv"].startswith("\ufeff".encode())
    assert {each["item"]: each["value"] for each in lines}["coal"] == "700"


def test_dossier_is_for_whom_the_case_concerns(archive: Archive) -> None:
    """And who took it is noted."""
    for who in (access.OWNER, LEADER, access.CITY):
        assert archive.fetch(who).status_code == 200, who.code
        with archive.ledger.database.reading() as uow:
            newest = uow.actions.listed()[-1].body
        taken = (newest.what, newest.on_behalf_of, newest.enterprise)
        assert taken == ("case.export", who.code, USC)


def test_nobody_else_gets_it(archive: Archive) -> None:
    """Another enterprise, an authority elsewhere, a verifier of another case."""
    for who in (access.NEIGHBOUR, access.OTHER_CITY, OTHER):
        assert archive.fetch(who).status_code == 403, who.code
    assert archive.client.get(archive.path).status_code == 401


def test_entries_that_were_changed_are_refused(archive: Archive) -> None:
    """One byte, another place, a log whose key is not trusted."""
    files = open_package(archive.fetch(LEADER).content, archive.keys).package.files
    proofs = parse_entries(files[entry_proofs.FILE])
    first, second = proofs.entries

    def with_first(**changes: Any) -> EntryProofs:
        return replace(proofs, entries=(replace(first, **changes), second))

    for changed in (
        with_first(entry=first.entry.replace(b"belt", b"felt")),
        with_first(index=second.index),
        with_first(proof=second.proof),
    ):
        with pytest.raises(InclusionError):
            verify_entries(changed, archive.keys)
    with pytest.raises(VerificationError, match="not trusted"):
        verify_entries(replace(proofs, origin="log.example/log/x"), archive.keys)
    size = f"log/{USC}\n"
    other = proofs.checkpoint.replace(size + "8", size + "9")
    assert other != proofs.checkpoint
    with pytest.raises(SignatureError):
        verify_entries(replace(proofs, checkpoint=other), archive.keys)
