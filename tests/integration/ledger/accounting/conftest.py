"""Fixtures for tests of inventories: a steel works' real readings, and a coal unit's year."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.rule_side import ChainRules
from chain.rule_runner import RuleRunner
from ledger.database import Database
from ledger.inventory.assembling import Wanted
from tests.support.coal_unit import UNIT, YEAR, CoalUnit
from tests.support.enterprise import Enterprise
from tests.support.inventories import Accounting
from tests.support.inventory_copies import copied
from tests.support.steel_inventory import (
    NINE_MONTHS,
    SCOPE,
    WORKS,
    factor,
    plan,
    structure,
)
from tests.support.steel_works import import_steel_works


@pytest.fixture(scope="session")
def engine(rule_chain: RuleRunner) -> ChainRules:
    """The rules, run by their committed code."""
    return ChainRules(rule_chain)


@pytest.fixture(scope="session")
def steel_database(
    shared: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The steel works' nine months with structure and plan; not a row may change."""
    path = tmp_path_factory.mktemp("steel") / "ledger.sqlite"
    shutil.copyfile(sqlite_template, path)
    with Database(f"sqlite:///{path}") as database:
        works = import_steel_works(database, shared)
        works.enterprise.file(structure())
        works.enterprise.file(plan())
    return path


@pytest.fixture(scope="session")
def coal_database(
    engine: ChainRules, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A coal unit's whole year, with its digests; not a row may change."""
    path = tmp_path_factory.mktemp("coal") / "ledger.sqlite"
    shutil.copyfile(sqlite_template, path)
    with Database(f"sqlite:///{path}") as database:
        enterprise = Enterprise(database)
        CoalUnit.live(enterprise)
        Accounting(enterprise, engine).digest(UNIT, YEAR)
    return path


@pytest.fixture(scope="session")
def finished_database(
    engine: ChainRules, steel_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The steel works with its digests and a final version; not a row may change."""
    folder = tmp_path_factory.mktemp("finished")
    with copied(steel_database, folder, engine) as accounting:
        accounting.digest(WORKS, NINE_MONTHS)
        accounting.final(Wanted(SCOPE, stated=(factor(),)))
    return folder / "copy.sqlite"


@pytest.fixture
def finished(finished_database: Path, engine: ChainRules, tmp_path: Path) -> Iterator[Accounting]:
    """A copy of the steel works whose inventory is final."""
    with copied(finished_database, tmp_path, engine) as accounting:
        yield accounting


@pytest.fixture
def steel(steel_database: Path, engine: ChainRules, tmp_path: Path) -> Iterator[Accounting]:
    """A copy of the steel works."""
    with copied(steel_database, tmp_path, engine) as accounting:
        yield accounting


@pytest.fixture
def coal(coal_database: Path, engine: ChainRules, tmp_path: Path) -> Iterator[Accounting]:
    """A copy of the coal unit."""
    with copied(coal_database, tmp_path, engine) as accounting:
        yield accounting
