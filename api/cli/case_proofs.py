"""A case in the database at hand, with the node that the settings name: for reports and lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.bootstrap import open_database
from api.clock import SystemClock
from api.reports.proving import CaseProver
from api.settings import Settings
from chain.client import ChainClient
from chain.deployments import load_deployment
from chain.identity import check_identity
from ledger.cases.case import Case, read_case
from ledger.database import Database


@dataclass(frozen=True, slots=True)
class ProvableCase:
    """A case, where it was read, and what proves it."""

    case: Case
    prover: CaseProver
    database: Database


@contextmanager
def case_at_hand(settings: Settings, inventory_id: bytes) -> Iterator[ProvableCase]:
    """
    Open a case.

    Raises:
        CaseUnknown: If no such inventory stands on chain, as far as it was read.
        NodeUnavailable: If the node does not answer.
        WrongChain: If it serves another chain.
    """
    chain = settings.chain
    deployment = load_deployment(chain.deployments, chain.chain_id)
    with (
        open_database(settings) as database,
        ChainClient(chain.rpc_url.get_secret_value()) as client,
    ):
        check_identity(client, deployment.identity)
        with database.reading() as uow:
            found = read_case(uow, inventory_id, now=SystemClock().now())
        yield ProvableCase(found, CaseProver.of(chain, client, deployment), database)
