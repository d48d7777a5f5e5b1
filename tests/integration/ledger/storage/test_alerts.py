"""Alerts on both databases: how rules stand after each version, and what is done about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text

from attestation.enums import Outcome, VersionState
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from ledger.alerts import handling
from ledger.alerts.errors import AlertRefused
from ledger.alerts.handling import Hand
from ledger.alerts.states import AlertState
from ledger.alerts.watching import AlertWatch, look_at
from ledger.database import Database
from ledger.errors import AppendOnly
from ledger.inventory.checks.results import CheckResult
from ledger.inventory.periods import Period
from ledger.repositories.alerts import Alert, AlertFilter
from tests.support.checked import check, store_version
from tests.support.enterprise import NOW, USC, Enterprise

FAILED, HELD, UNKNOWN = Outcome.FAILED, Outcome.HELD, Outcome.COULD_NOT_CHECK
JUNE = Period.parse("2024-06")


@dataclass
class Plant:
    """An enterprise whose versions are watched."""

    enterprise: Enterprise
    now: Instant = NOW
    numbers: int = 0

    @property
    def database(self) -> Database:
        """Where everything is kept."""
        return self.enterprise.database

    def submit(self, *checks: CheckResult, final: bool = False) -> None:
        """Store the next version, an hour later, and look at it."""
        self.numbers += 1
        self.now = Instant(self.now + 3_600_000)
        state = VersionState.FINAL if final else VersionState.DRAFT
        number, log = self.numbers, self.enterprise.log
        store_version(self.database, log, *checks, number=number, state=state, now=self.now)
        while AlertWatch(self.database.unit_of_work, self.database.reading).step(self.now):
            pass

    def alerts(self) -> list[Alert]:
        """Give every alert, the newest first."""
        with self.database.reading() as uow:
            return uow.alerts.listed(AlertFilter())

    def history(self, alert: Alert) -> list[tuple[str, str | None, str | None]]:
        """Give what happened to an alert."""
        with self.database.reading() as uow:
            return [
                (each.what, each.before, each.after) for each in uow.alerts.history(alert.number)
            ]


@pytest.fixture
def plant(sqlite_url: str) -> Iterator[Plant]:
    """An enterprise without a version, on SQLite."""
    with Database(sqlite_url) as database:
        yield Plant(Enterprise(database))


@pytest.fixture
def plant_anywhere(database: Database) -> Plant:
    """The same on each kind of database."""
    return Plant(Enterprise(database))


def test_rule_is_pending_in_a_draft_and_fires_in_a_final_version(plant_anywhere: Plant) -> None:
    """And is normal again where it holds; each change is kept with its reason."""
    plant_anywhere.submit(check(FAILED))
    plant_anywhere.submit(check(FAILED))
    plant_anywhere.submit(check(FAILED), final=True)
    (firing,) = plant_anywhere.alerts()
    plant_anywhere.submit(check(HELD))
    (normal,) = plant_anywhere.alerts()

    assert (firing.state, firing.rule, firing.period) == (
        AlertState.FIRING,
        "energy.efficiency",
        "2024-05",
    )
    assert (firing.english, firing.chinese) == (
        "coal would be burnt at 47.2 %",
        "coal 的效率将为 47.2%",
    )
    assert firing.evidence == (
        {
            "compared": [["efficiency", "47.2 %"]],
            "judged_by": [["at most", "46 %"]],
            "sources": [check(FAILED).sources[0].as_json()],
        },
    )
    assert (normal.state, normal.number) == (AlertState.NORMAL, firing.number)
    assert plant_anywhere.history(normal) == [
        ("state", None, "pending"),
        ("state", "pending", "firing"),
        ("state", "firing", "normal"),
    ]
    assert firing.since == NOW + 3 * 3_600_000


def test_what_holds_raises_nothing(plant: Plant) -> None:
    """And what could not be checked is no data, not good news."""
    plant.submit(check(HELD), check(UNKNOWN, period=JUNE), final=True)
    (alert,) = plant.alerts()

    assert (alert.state, alert.period) == (AlertState.NO_DATA, "2024-06")


def test_gravest_of_several_results_counts(plant: Plant) -> None:
    """One fuel fails, one lacks a number, one holds: one alert, with the reason of the first."""
    plant.submit(check(HELD, item="gas"), check(UNKNOWN, item="oil"), check(FAILED, item="coal"))
    (alert,) = plant.alerts()

    assert alert.state is AlertState.PENDING
    assert alert.english == "coal would be burnt at 47.2 %"


def test_rule_that_is_not_asked_any_more_is_normal(plant: Plant) -> None:
    """The newest version has other checks."""
    plant.submit(check(FAILED), final=True)
    plant.submit(check(HELD, name="fuel.stock"))
    (alert,) = plant.alerts()

    assert alert.state is AlertState.NORMAL
    assert "does not ask" in alert.english


def test_version_that_cannot_be_read_is_an_error(plant: Plant) -> None:
    """Somebody changed its row: neither good nor bad news about the enterprise."""
    plant.submit(check(HELD))
    with plant.database.unit_of_work() as uow:
        listed = uow.inventories.listed(plant.enterprise.log.number)[0]
        broken = listed.content[:-1]
        look_at(uow, plant.enterprise.log, replace(listed, content=broken), plant.now)
        uow.commit()
    (alert,) = plant.alerts()

    assert (alert.state, alert.rule) == (AlertState.ERROR, "version.readable")


def test_alerts_are_narrowed(plant_anywhere: Plant) -> None:
    """By enterprise, state, rule and care; those that rest are left out while they do."""
    plant_anywhere.submit(
        check(FAILED), check(UNKNOWN, period=JUNE), check(FAILED, name="fuel.stock")
    )
    first = next(each for each in plant_anywhere.alerts() if each.rule == "fuel.stock")
    until = Instant(plant_anywhere.now + 1000)
    with plant_anywhere.database.unit_of_work() as uow:
        handling.snooze(uow, first, until, Hand("0xab", plant_anywhere.now))
        handling.assign(uow, first, "0xcd", Hand("0xab", plant_anywhere.now))
        uow.commit()

    def found(**wanted: object) -> list[str]:
        with plant_anywhere.database.reading() as uow:
            listed = uow.alerts.listed(AlertFilter(**wanted))  # type: ignore[arg-type]
        return sorted(each.rule for each in listed)

    assert found(states=(AlertState.NO_DATA,)) == ["energy.efficiency"]
    assert found(rule="fuel.stock") == found(assignee="0xcd") == ["fuel.stock"]
    assert found(enterprises=("91440300MA5EXAMP72",)) == []
    assert len(found(enterprises=(USC,))) == 3
    assert "fuel.stock" not in found(awake_at=plant_anywhere.now)
    assert "fuel.stock" in found(awake_at=until)


def test_resting_alert_goes_on_changing(plant: Plant) -> None:
    """It is quiet, not blind; and it rests for a quarter at most."""
    plant.submit(check(FAILED))
    (alert,) = plant.alerts()
    hand = Hand("0xab", plant.now, "mended next week")
    with plant.database.unit_of_work() as uow:
        with pytest.raises(AlertRefused):
            handling.snooze(uow, alert, Instant(plant.now + 91 * MILLISECONDS_PER_DAY), hand)
        with pytest.raises(AlertRefused):
            handling.snooze(uow, alert, plant.now, hand)
        handling.snooze(uow, alert, Instant(plant.now + MILLISECONDS_PER_DAY), hand)
        uow.commit()
    plant.submit(check(FAILED), final=True)
    (alert,) = plant.alerts()

    assert (alert.state, alert.is_snoozed(plant.now)) == (AlertState.FIRING, True)
    with plant.database.unit_of_work() as uow:
        handling.wake(uow, alert, Hand("0xab", plant.now))
        uow.commit()
    (alert,) = plant.alerts()
    assert not alert.is_snoozed(plant.now)
    with plant.database.unit_of_work() as uow, pytest.raises(AlertRefused):
        handling.wake(uow, alert, hand)


def test_alert_becomes_an_inspection(plant: Plant) -> None:
    """Another alert of the enterprise joins it; it is closed once, with its conclusion."""
    plant.submit(check(FAILED), check(FAILED, name="fuel.stock"))
    first, second = plant.alerts()
    hand = Hand("0xab", plant.now)
    with plant.database.unit_of_work() as uow:
        number = handling.inspect(uow, first, "stocks do not add up", "CITY", hand)
        handling.join(uow, second, number, hand)
        uow.commit()
    first, second = plant.alerts()

    assert first.inspection == second.inspection == number
    with plant.database.unit_of_work() as uow:
        with pytest.raises(AlertRefused):
            handling.inspect(uow, first, "x", "CITY", hand)
        handling.conclude(uow, number, "the scale was wrong", hand)
        with pytest.raises(AlertRefused):
            handling.conclude(uow, number, "again", hand)
        uow.commit()
    with plant.database.reading() as uow:
        inspection = uow.alerts.inspection(number)
    assert inspection is not None
    assert (inspection.opened_by, inspection.conclusion) == ("CITY", "the scale was wrong")


def test_history_is_written_once(plant_anywhere: Plant) -> None:
    """The database refuses what no code of ours does."""
    plant_anywhere.submit(check(FAILED))
    with pytest.raises(AppendOnly), plant_anywhere.database.unit_of_work() as uow:
        uow.connection.execute(text("DELETE FROM alert_change"))
