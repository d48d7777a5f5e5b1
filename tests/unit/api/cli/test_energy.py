"""Commands about energy, on a day of quarter hours in SQLite and on files."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.enums import FacilityKind, Provenance, VersionState
from attestation.structure_bodies import MeteringPoint, Site, Structure, Unit
from ledger.database import Database
from ledger.inventory.assembling import Assembled, store
from ledger.inventory.periods import Period
from tests.support.emission_lines import line, version
from tests.support.enterprise import SERIES, START_S, USC, Device, Enterprise, reading
from tests.unit.api.cli.conftest import Place, Run, settings_text

CHILD = "em-02/energy/total/"
REACTIVE = "em-01/reactive/lagging/"
DAY = "2025-01-01"
"""The readings begin at 08:00 of it in Beijing, and end 24 hours later."""
TARIFF = """
name = "two bands"
source = "made up"
currency = "CNY"
unit = "kWh"
zone = "UTC+08:00"
first_day = 2025-01-01
last_day = 2025-12-31
days_off = []
workdays = []
[[band]]
name = "peak"
price = "1.00"
[[band]]
name = "valley"
price = "0.25"
[[plan]]
months = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
days = ["workday", "saturday", "sunday", "day off"]
hours = ["00:00-08:00 valley", "08:00-24:00 peak"]
"""


@pytest.fixture
def plant(tmp_path: Path, sqlite_url: str) -> Place:
    """A log with a day of three series: 5 kWh and 4 kWh a quarter hour, and 5 kvarh."""
    with Database(sqlite_url) as database:
        enterprise = Enterprise(database)
        meters = [
            Device("em-01", series=(SERIES, REACTIVE)),
            Device("em-02", series=(CHILD,)),
        ]
        enterprise.register_authority()
        for name, unit in ((SERIES, "Wh"), (CHILD, "Wh"), (REACTIVE, "varh")):
            enterprise.file(enterprise.registration(name, unit=unit))
        for meter in meters:
            enterprise.file(enterprise.enrolment(meter))
        enterprise.file(structure())
        main, child = meters
        enterprise.accept(
            main.sign(
                *(reading(at, series=SERIES, value=5000) for at in range(96)),
                provenance=Provenance.BACK_FILL,
            ),
            child.sign(
                *(reading(at, series=CHILD, value=4000 + (at == 50)) for at in range(96)),
                provenance=Provenance.BACK_FILL,
            ),
        )
    config = tmp_path / "carbonseal.toml"
    config.write_text(settings_text(sqlite_url), encoding="utf-8")
    return Place(tmp_path, config, enterprise)


def structure() -> Structure:
    """Give an enterprise with a meter below another."""
    return Structure(
        from_s=START_S - 86_400,
        sites=(
            Site(
                code="S1",
                name="works",
                region="350211",
                latitude_udeg=24_000_000,
                longitude_udeg=118_000_000,
            ),
        ),
        units=(
            Unit(
                code="U1",
                name="mill",
                site="S1",
                kind=FacilityKind.FACILITY,
                capacity=1,
                capacity_unit="t/a",
                commissioned_s=START_S - 86_400,
            ),
        ),
        streams=(),
        instruments=(
            MeteringPoint(instrument="em-01", series=(SERIES,), level=1),
            MeteringPoint(instrument="em-02", series=(CHILD,), level=2, parent="em-01"),
        ),
    )


def test_curve_of_a_day_by_hours(plant: Place, run: Run) -> None:
    """Eight hours without a reading, then twenty kilowatts."""
    ran = run(
        *("energy", "curve", USC, SERIES, "--period", DAY, "--by", "hour"),
        *("--json", "--config", plant.config),
    )
    loads = ran.document["loads"]

    assert ran.code == 0
    assert (ran.document["unit"], ran.document["load_unit"]) == ("kWh", "kW")
    assert [each["missing_s"] for each in loads] == [3600] * 8 + [0] * 16
    assert (loads[7]["total"], loads[7]["mean"]) == (None, None)
    assert (loads[8]["label"], loads[8]["total"]) == ("2025-01-01 08:00", "20")
    assert loads[8]["highest"]["load"] == "20"
    assert loads[8]["marked"] == {"out_of_calibration": 4, "back_filled": 4}


def test_curve_is_read_by_people_too(plant: Place, run: Run) -> None:
    """A missing day is a dash, and what is marked is said."""
    ran = run("energy", "curve", USC, SERIES, "--period", "2025-01", "--config", plant.config)
    assert ran.code == 0
    assert "2025-01-02" in ran.out
    assert "–" in ran.out
    assert "marked: back_filled, out_of_calibration" in ran.out


def test_days_of_another_zone(plant: Place, run: Run) -> None:
    """In UTC the readings are one whole day."""
    ran = run(
        *("energy", "curve", USC, SERIES, "--period", DAY, "--zone", "UTC+00:00"),
        *("--json", "--config", plant.config),
    )
    (load,) = ran.document["loads"]
    assert (load["total"], load["missing_s"], load["load_factor"]) == ("480", 0, "1")


def test_cost_by_bands(plant: Place, run: Run) -> None:
    """Sixteen hours of peak on the first day, eight of valley on the second."""
    tariff = plant.folder / "tariff.toml"
    tariff.write_text(TARIFF, encoding="utf-8")
    ran = run(
        *("energy", "cost", USC, SERIES, "--period", "2025-01-01/2025-01-02"),
        *("--tariff", tariff, "--json", "--config", plant.config),
    )
    assert [each["cost"] for each in ran.document["bands"]] == ["320.00", "40.00"]
    assert ran.document["cost"] == "360.00"
    assert ran.document["missing_s"] == 86_400
    assert not ran.document["complete"]


def test_balance_that_cannot_be_checked_says_so(plant: Place, run: Run) -> None:
    """Eight hours of the day have no reading: exit 3."""
    ran = run("energy", "balance", USC, "--period", DAY, "--json", "--config", plant.config)
    (balance,) = ran.document["balances"]

    assert ran.code == 3
    assert balance["outcome"] == "could_not_check"
    assert (balance["meter"], balance["children"]) == ("em-01", ["em-02"])
    assert balance["rest"] is None


def test_balance_in_words(plant: Place, run: Run) -> None:
    """The outcome stands in a word, not in a colour alone."""
    ran = run("energy", "balance", USC, "--period", DAY, "--config", plant.config)
    assert "could not check" in ran.out


def test_power_factor_without_reactive_readings_is_none(plant: Place, run: Run) -> None:
    """Registered, and silent: no factor, and not one of 1."""
    ran = run(
        *("energy", "power-factor", USC, "--period", DAY, "--by", "day", "--active", SERIES),
        *("--lagging", REACTIVE, "--json", "--config", plant.config),
    )
    (found,) = ran.document["power_factors"]
    assert (found["lagging"], found["comparable"]) == (None, False)


def test_one_day_cannot_be_judged(plant: Place, run: Run) -> None:
    """No hour has eight values: nothing is flagged and everything is said to be unjudged."""
    ran = run(
        *("energy", "anomalies", USC, SERIES, "--period", "2025-01"),
        *("--json", "--config", plant.config),
    )
    assert (ran.document["judged"], ran.document["not_judged"]) == (0, 96)
    assert ran.document["anomalies"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--period", "2025-13"], "inventory.period"),
        (["--period", DAY, "--by", "minute"], "api.bad_request"),
        (["--period", DAY, "--zone", "Europe/Berlin"], "api.bad_request"),
        (["--period", DAY, "--zone", "UTC+8"], "encoding.malformed"),
        (["--period", "2025", "--by", "hour"], "analytics.too_many"),
    ],
)
def test_question_that_is_none_is_refused(
    plant: Place, run: Run, arguments: list[str], code: str
) -> None:
    """Each with its code."""
    ran = run(
        *("energy", "curve", USC, SERIES, *arguments), "--json", "--config", str(plant.config)
    )
    assert ran.code in (1, 2)
    assert ran.document["code"] == code


MONTHS = "month,emission_tCO2\n" + "".join(
    f"{year}-{month:02d},{100 + month}.50\n"
    for year in (2023, 2024, 2025)
    for month in range(1, 13)
    if (year, month) <= (2025, 6)
)


def months(folder: Path, text: str = MONTHS) -> Path:
    """Write a file of months."""
    path = folder / "months.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("limit", "code", "word"), [("2000", 0, "clear"), ("1000", 1, "likely"), ("600", 1, "passed")]
)
def test_forecast_against_a_limit(
    tmp_path: Path, run: Run, limit: str, code: int, word: str
) -> None:
    """Like last year: 1284 tonnes; the exit code says whether a limit holds them."""
    ran = run(
        *("energy", "forecast", months(tmp_path), "--year", 2025, "--limit", limit, "--json"),
    )
    assert ran.code == code
    assert ran.document["expected"] == "1284"
    assert ran.document["limit"]["warning"] == word


def test_forecast_in_words(tmp_path: Path, run: Run) -> None:
    """It says what it rests on."""
    ran = run("energy", "forecast", months(tmp_path), "--year", 2025, "--limit", 1300)
    assert "expected   1284 tCO2" in ran.out
    assert "of the same months of 2023, 2024" in ran.out
    assert "clear" in ran.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("month,tonnes\n2025-01,1\n", "the columns are"),
        ("month,emission_tCO2\n2025-1,1\n", "line 2: '2025-1' is no month"),
        ("month,emission_tCO2\n2025-01,1\n2025-01,1\n", "line 3: 2025-01 stands twice"),
        ("month,emission_tCO2\n2025-01,\n", "line 2: '' is no decimal"),
        ("month,emission_tCO2\n2025-01,1e3\n", "line 2: '1e3' is no decimal"),
        ("month,emission_tCO2\n2025-01,-1\n", "line 2: a month's emission is not negative"),
        ("", "the columns are"),
    ],
)
def test_months_that_are_none_are_refused(
    tmp_path: Path, run: Run, text: str, message: str
) -> None:
    """The line is named."""
    ran = run("energy", "forecast", months(tmp_path, text), "--year", 2025, "--json")
    assert ran.code == 2
    assert message in ran.document["detail"]


@pytest.mark.parametrize("arguments", [["--confidence", "90"], ["--limit", "-1"]])
def test_forecast_of_another_kind_is_refused(
    tmp_path: Path, run: Run, arguments: list[str]
) -> None:
    """No table for 90 percent, no limit below nothing."""
    ran = run("energy", "forecast", months(tmp_path), "--year", 2025, "--json", *arguments)
    assert ran.code == 2


@pytest.fixture
def accounted(plant: Place, sqlite_url: str) -> Place:
    """Inventories of a unit: 2024 whole, 2025 as a draft of which six months are known."""
    with Database(sqlite_url) as database, database.unit_of_work() as uow:
        log = uow.logs.all()[0]
        for year, known, state in ((2024, 12, VersionState.FINAL), (2025, 6, VersionState.DRAFT)):
            period = Period.year(year)
            lines = tuple(
                line(month, "coal", 100 + at if at < known else None)
                for at, month in enumerate(period.months())
            )
            assembled = Assembled(version(period, *lines, state=state), ())
            store(uow, log, assembled, now=plant.enterprise.now)
        uow.commit()
    return plant


def test_outlook_of_a_unit_rests_on_its_inventories(accounted: Place, run: Run) -> None:
    """Like the year before: 1266 tonnes; the draft and its missing months are named."""
    ran = run(
        *("energy", "outlook", USC, "--unit", "unit-1", "--year", 2025, "--limit", 1200),
        *("--json", "--config", accounted.config),
    )
    assert ran.code == 1
    assert ran.document["expected"] == "1266"
    assert ran.document["limit"]["warning"] == "likely"
    assert ran.document["drafts"] == ["2025"]
    assert ran.document["unknown_months"][0] == "2025-07"


def test_outlook_says_in_words_what_it_lacks(accounted: Place, run: Run) -> None:
    """People see that it rests on a draft."""
    arguments = ("energy", "outlook", USC, "--unit", "unit-1", "--year", 2025)
    ran = run(*arguments, "--config", accounted.config)
    assert ran.code == 0
    assert "drafts: 2025" in ran.out


def test_outlook_of_a_unit_without_inventories(accounted: Place, run: Run) -> None:
    """A code that is nearly one."""
    ran = run(
        *("energy", "outlook", USC, "--unit", "unit-2", "--year", 2025),
        *("--json", "--config", accounted.config),
    )
    assert ran.document["code"] == "inventory.unknown"


OBSERVATIONS = "part,energy,output_t\n" + "".join(
    f"{part},{energy},{output}\n"
    for part, energy, output in (
        *(("before", 1000 + 50 * at + (-1) ** at, at) for at in range(10, 30)),
        *(("after", 900 + 45 * at, at) for at in range(12, 20)),
    )
)


def observations(folder: Path, text: str = OBSERVATIONS) -> Path:
    """Write a file of observations."""
    path = folder / "observations.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_saving_against_its_baseline(tmp_path: Path, run: Run) -> None:
    """A tenth of about 14 200, well beyond its uncertainty."""
    ran = run("energy", "saving", observations(tmp_path), "--json")
    assert ran.code == 0
    assert 1415 < float(ran.document["saving"]) < 1425
    assert ran.document["significant"]
    assert 49 < float(ran.document["per_driver"]["output_t"]) < 51


def test_no_saving_is_no_success(tmp_path: Path, run: Run) -> None:
    """Used as before: exit 1, and it is said why."""
    text = OBSERVATIONS[: OBSERVATIONS.index("after")] + "after,1600,12\n"
    ran = run("energy", "saving", observations(tmp_path, text))
    assert ran.code == 1
    assert "no saving is shown" in ran.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("energy,part\n1,before\n", "the columns are part, energy"),
        ("part,energy\nduring,1\n", "line 2: 'during' is neither"),
        ("part,energy,output\nbefore,1\n", "line 2: not as many cells"),
        ("part,energy,output\nbefore,1,2,3\n", "line 2: not as many cells"),
        ("part,energy\nbefore,1.5.2\n", "line 2: '1.5.2' is no decimal"),
    ],
)
def test_observations_that_are_none_are_refused(
    tmp_path: Path, run: Run, text: str, message: str
) -> None:
    """The line is named."""
    ran = run("energy", "saving", observations(tmp_path, text), "--json")
    assert ran.code == 2
    assert message in ran.document["detail"]
