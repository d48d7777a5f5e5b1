"""Disclosures and bodies of reports on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import text

from attestation.instants import Instant
from ledger.database import Database
from ledger.errors import AppendOnly
from ledger.reports.disclosing import MESSAGE, Disclosing, disclose, open_link
from ledger.reports.errors import DisclosureOver
from ledger.repositories.disclosures import Disclosure
from ledger.repositories.report_bodies import ReportBody
from tests.support.enterprise import OTHER_USC, USC

NOW = Instant(1_800_000_000_000)
LINK = Disclosure(
    id="a" * 16,
    usc=USC,
    scope="line",
    subject="line x",
    label="客户",
    created_by="0xab",
    created_at=NOW,
    expires_at=Instant(NOW + 1000),
    most_openings=2,
)


WISH = Disclosing(
    usc=USC,
    scope=MESSAGE,
    subject="message at entry 3",
    label="客户",
    content=b"{}",
    by="0xab",
    role="enterprise",
    now=NOW,
    expires_at=Instant(NOW + 1000),
)


def put(database: Database, *links: Disclosure) -> None:
    with database.unit_of_work() as uow:
        for link in links:
            uow.disclosures.add(link, sha256(link.id.encode()).digest(), link.id.encode())
        uow.commit()


def test_link_is_found_by_its_token_alone(database: Database) -> None:
    """With its content, and nothing by a hash that is nearly right."""
    put(database, LINK)
    with database.reading() as uow:
        assert uow.disclosures.by_token(sha256(LINK.id.encode()).digest()) == LINK
        assert uow.disclosures.by_token(bytes(32)) is None
        assert uow.disclosures.content(LINK.id) == LINK.id.encode()
        with pytest.raises(KeyError):
            uow.disclosures.content("b" * 16)


def test_openings_are_rows_that_stay(database: Database) -> None:
    """Counted, with the last one's time; none can be taken away."""
    put(database, LINK)
    with database.unit_of_work() as uow:
        uow.disclosures.open(LINK.id, Instant(NOW + 5))
        uow.disclosures.open(LINK.id, Instant(NOW + 3))
        uow.commit()
    with database.reading() as uow:
        found = uow.disclosures.get(LINK.id)
    assert found is not None
    assert (found.openings, found.last_opened_at) == (2, NOW + 5)
    assert not found.is_open(NOW)
    with database.unit_of_work() as uow, pytest.raises(AppendOnly):
        uow.connection.execute(text("DELETE FROM disclosure_opening"))


def test_two_openings_at_one_moment_are_two(database: Database) -> None:
    """The last opening is given once: whoever comes meanwhile waits, and is told so."""
    with database.unit_of_work() as uow:
        _, token = disclose(uow, replace(WISH, most_openings=1))
        uow.commit()

    def attempt() -> None:
        with database.unit_of_work() as uow:
            open_link(uow, token, NOW)
            uow.commit()

    with ThreadPoolExecutor(1) as pool:
        with database.unit_of_work() as first:
            open_link(first, token, NOW)
            second = pool.submit(attempt)
            wait([second], timeout=0.3)
            first.commit()
        assert isinstance(second.exception(10), DisclosureOver)
    with database.reading() as uow:
        assert [each.openings for each in uow.disclosures.listed(USC)] == [1]


def test_link_that_is_taken_back_meanwhile_shows_nothing(database: Database) -> None:
    """Whoever opens while it is taken back waits, and comes too late."""
    with database.unit_of_work() as uow:
        made, token = disclose(uow, WISH)
        uow.commit()

    def attempt() -> None:
        with database.unit_of_work() as uow:
            open_link(uow, token, NOW)
            uow.commit()

    with ThreadPoolExecutor(1) as pool:
        with database.unit_of_work() as first:
            assert first.disclosures.revoke(made.id, NOW)
            second = pool.submit(attempt)
            wait([second], timeout=0.3)
            first.commit()
        assert isinstance(second.exception(10), DisclosureOver)


def test_link_is_taken_back_once(database: Database) -> None:
    """The first time counts."""
    put(database, LINK)
    with database.unit_of_work() as uow:
        assert uow.disclosures.revoke(LINK.id, Instant(NOW + 1))
        assert not uow.disclosures.revoke(LINK.id, Instant(NOW + 2))
        uow.commit()
    with database.reading() as uow:
        found = uow.disclosures.get(LINK.id)
    assert found is not None
    assert found.revoked_at == NOW + 1


def test_links_are_listed_page_by_page(database: Database) -> None:
    """By time and name, and of one enterprise only."""
    later = replace(LINK, id="b" * 16, created_at=Instant(NOW + 1))
    same = replace(LINK, id="c" * 16)
    put(database, LINK, later, same, replace(LINK, id="d" * 16, usc=OTHER_USC))
    with database.reading() as uow:
        first = uow.disclosures.listed(USC, limit=2)
        rest = uow.disclosures.listed(USC, after=(int(first[-1].created_at), first[-1].id))
    assert [each.id[0] for each in (*first, *rest)] == ["a", "c", "b"]


def test_body_of_a_report_stays_as_it_is(database: Database) -> None:
    """Found by its hash, byte for byte."""
    content = bytes(range(256)) * 100
    body = ReportBody(sha256(content).digest(), b"i" * 32, 3, content, NOW)
    with database.unit_of_work() as uow:
        uow.report_bodies.put(body)
        uow.commit()
    with database.reading() as uow:
        assert uow.report_bodies.get(body.sha256) == body
        assert uow.report_bodies.get(bytes(32)) is None
    with database.unit_of_work() as uow, pytest.raises(AppendOnly):
        uow.connection.execute(text("UPDATE report_body SET version = 4"))
