"""The worker's look at the chain goes on quietly while another process writes without rest."""

from __future__ import annotations

import time
from dataclasses import replace

from structlog.testing import capture_logs

from api.bootstrap import Ledger
from api.steps import follow
from api.worker import Step, Worker
from ledger.database import Database
from ledger.log.parties import FOLLOWER, PartyFollower
from tests.integration.ledger.storage.test_turns import GrowingChain, busy_process


def test_follow_step_does_not_complain(ledger: Ledger, sqlite_url: str) -> None:
    """For three seconds beside a busy writer the step neither fails nor breaks."""
    with Database(sqlite_url, lock_timeout_ms=2_000) as database, busy_process(sqlite_url):
        follower = PartyFollower(database.unit_of_work, database.reading, GrowingChain())
        following = replace(ledger, follower=follower)
        worker = Worker([Step("follow", lambda: follow(following), idle_s=0.05)])
        with capture_logs() as logs:
            worker.start()
            time.sleep(3)
            worker.stop()
        with database.reading() as uow:
            cursor = uow.parties.cursor(FOLLOWER)

    assert logs == []
    assert cursor is not None and cursor[0] >= 3
