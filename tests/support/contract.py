"""A server with something of everything, for tests that ask all of its operations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.access import AccessList
from api.app import create_app, describe_operations
from api.rule_side import ChainRules
from attestation.enums import EvidenceKind, PartyKind, RepresentativeRole
from attestation.evidence_bodies import EvidenceFile, Manifest
from chain.rule_runner import RuleRunner
from ledger.database import Database
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Wanted
from ledger.inventory.stating import StatedValue
from tests.integration.api.conftest import QuietChain, joined
from tests.integration.api.test_inventories import DAY, SCOPE, plan, structure
from tests.support import access
from tests.support.cases import LEAD, LINE, VERIFIER, CaseWorld
from tests.support.enterprise import APPROVER, LABORATORY, SERIES, USC, Device, Enterprise
from tests.support.inventories import Accounting
from tests.support.samples import laboratory, report, sample, steps

SCHEMA = describe_operations()
OPERATIONS = sorted(
    (path, method, operation["operationId"])
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
)
MONTH = "2024-03"
FILE = bytes(range(32))


@dataclass(frozen=True, slots=True)
class World:
    """A server, what may be asked of it, and by whom."""

    client: TestClient
    enterprise: Enterprise
    callers: dict[str, dict[str, str]]
    """Headers by a caller's name; of nobody there are none."""
    known: dict[str, Any]
    """What there is, by the name of a part of a path or of a question."""


@pytest.fixture(scope="module")
def world(
    sqlite_template: Path, rule_chain: RuleRunner, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One server for all tests of a module."""
    folder = tmp_path_factory.mktemp("contract")
    path = folder / "ledger.sqlite"
    shutil.copyfile(sqlite_template, path)
    with Database(f"sqlite:///{path}") as database:
        yield make_world(database, rule_chain, folder)


def make_world(database: Database, rules: RuleRunner, folder: Path) -> World:
    """Fill a database and serve it."""
    enterprise, device = Enterprise(database), Device()
    enterprise.enrol(device)
    enterprise.accept(*device.row(3))
    calculation = _account(enterprise, rules)
    _file_evidence(enterprise)
    access.register(database)
    case = CaseWorld(enterprise)
    case.put()
    case.submit()
    case.accredit()
    enterprise.file(case.finding(), secret=LEAD)
    enterprise.file(case.visit(), secret=LEAD)
    ledger = joined(enterprise, QuietChain(), AccessList(folder / "access.json"), folder)
    # A flood is what these tests are.
    ledger.settings.web.__dict__.update(caller_per_s=100_000, caller_burst=1_000_000)
    client = TestClient(create_app(ledger), raise_server_exceptions=False)
    verifier = access.Person(VERIFIER, PartyKind.VERIFIER, LEAD, right=RepresentativeRole.INITIATOR)
    people = {"enterprise": access.OWNER, "verifier": verifier, "nation": access.NATION}
    callers = {name: access.signed_in(client, who) for name, who in people.items()}
    known = {
        "name": USC,
        "kid": device.kid.hex(),
        "index": 3,
        "size": 6,
        "from": 3,
        "to": 6,
        "path": "0/000.p/6",
        "inventory_id": "0x" + SCOPE.inventory_id.hex(),
        "case": "0x" + SCOPE.inventory_id.hex(),
        "number": 1,
        "since": 1,
        "id": LINE,
        "line": LINE,
        "sha256": calculation,
        "month": MONTH,
        "year": 2024,
        "series": SERIES,
        "active": SERIES,
        "lagging": SERIES,
        "period": "2025-01-01",
        "rule": "HeatPurchased",
        "usc": USC,
        "enterprise": USC,
        "verifier": VERIFIER,
        "text": "diesel",
    }
    return World(client, enterprise, {"nobody": {}, **callers}, known)


def _account(enterprise: Enterprise, rules: RuleRunner) -> str:
    """Draft the hall's day twice; give the name of a calculation."""
    enterprise.file(structure())
    enterprise.file(plan())
    accounting = Accounting(enterprise, ChainRules(rules))
    accounting.digest("hall", DAY)
    for factor in ("570300000", "536600000"):
        stated = StatedValue(
            "emission-factor:grid", Amount.parse(factor, "kgCO2e"), "00" * 32, "page 1"
        )
        version = accounting.draft(Wanted(SCOPE, stated=(stated,))).version
    return version.calculations[0]


def _file_evidence(enterprise: Enterprise) -> None:
    """File a month's manifest, and a sample with its report."""
    file = EvidenceFile(
        name="ledger.csv",
        kind=EvidenceKind.FUEL_USE,
        media_type="text/csv",
        size=6,
        sha256=FILE,
        unit="u1",
    )
    enterprise.file(Manifest(month=MONTH, number=1, files=(file,), reason=None))
    enterprise.file(laboratory(), secret=APPROVER)
    enterprise.file(sample("c-03"))
    for kind, each in steps("c-03").items():
        enterprise.file(each, secret=APPROVER if kind.name == "SEALED" else LABORATORY)
    enterprise.file(report("c-03"), secret=LABORATORY)
