"""Commands of the enterprise's office that need no node: sheets, and what is wrong with options."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.api.cli.conftest import Run

HEADINGS = (
    "instrument,kind,maker,model,serial_number,accuracy_class,place,installer,installed,"
    "quantity,channel,unit,cadence_s,minimum,maximum,since"
)
GOOD = "em-{0},meter,m,m,{0},0.5,hall,i,2025-01-01,energy,total,Wh,900,0,1000,2025-01-01"
BAD = (
    "em-8,meter,m,m,8,0.5,hall,i,2025-01-01,energy,total,Wh,often,0,1000,2025-01-01",
    "em-9,meter,m,m,9,0.5,hall,i,2025-02-30,energy,total,Wh,900,0,1000,2025-01-01",
    "em-1,meter,m,m,other,0.5,hall,i,2025-01-01,power,total,W,900,0,1000,2025-01-01",
)


def write_sheet(folder: Path, *rows: str) -> Path:
    """Write a sheet of instruments."""
    path = folder / "sheet.csv"
    path.write_text("\n".join([HEADINGS, *rows, ""]), encoding="utf-8")
    return path


def test_dry_run_says_what_it_would_register(tmp_path: Path, run: Run) -> None:
    """A sheet without errors is counted; nothing is written."""
    sheet = write_sheet(tmp_path, GOOD.format(1), GOOD.format(2))
    ran = run("device", "sheet", sheet, "--dry-run", "--json")

    assert ran.code == 0
    assert ran.document == {
        "rows": 2,
        "records": {"Instrument": 2, "SeriesRegistration": 2},
        "errors": [],
    }


@pytest.mark.parametrize("dry_run", [True, False])
def test_bad_rows_are_named_and_nothing_is_drafted(tmp_path: Path, run: Run, dry_run: bool) -> None:
    """Three bad rows among good ones: each is named, and no row is taken."""
    sheet = write_sheet(tmp_path, GOOD.format(1), BAD[0], GOOD.format(2), *BAD[1:])
    out = tmp_path / "request.json"
    more = ("--dry-run",) if dry_run else ("--config", tmp_path / "no.toml", "--out", out)
    ran = run("device", "sheet", sheet, *more, "--json")

    assert ran.code == 1
    assert [(each["row"], each["column"]) for each in ran.document["errors"]] == [
        (3, "cadence_s"),
        (5, "installed"),
        (6, None),
    ]
    assert not out.exists()


def test_sheet_needs_both_settings_and_file(tmp_path: Path, run: Run) -> None:
    """Where only one is named, nothing is guessed."""
    sheet = write_sheet(tmp_path, GOOD.format(1))
    ran = run("device", "sheet", sheet, "--out", tmp_path / "request.json")

    assert ran.code == 2


OFFICE = ("--config", "office.toml", "--out", "request.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("revoke", "beef"), "2 bytes"),
        (("revoke", "no hash"), "not hexadecimal"),
        (("revoke", "00" * 32, "--since", "yesterday"), "neither a day"),
        (("gap", "--cause", "fire", "--series", "a/b/c/"), "a gap names"),
        (
            (
                *("correct", "--series", "a/b/c/", "--from", "2025-01-01T00:00:00Z"),
                *("--to", "2025-01-01T00:15:00Z", "--reason", "x"),
            ),
            "names the reading that counts",
        ),
        (
            (
                *("calibrate", "--instrument", "em-1", "--number", "1", "--laboratory", "l"),
                *("--from", "2025-06-01", "--to", "2025-01-01", "--class", "0.5"),
            ),
            "ends before it begins",
        ),
        (
            (
                *("multiplier", "ct_1", "--instrument", "em-1", "--kind", "CT"),
                *("--numerator", "400", "--from", "2025-01-01"),
            ),
            "id with _",
        ),
    ],
    ids=["short", "not hex", "time", "gap", "correction", "calibration", "multiplier"],
)
def test_what_is_wrong_with_a_command(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """A usage error says what is wrong before any node is asked."""
    ran = run("device", *arguments, *OFFICE)

    assert ran.code == 2
    assert message in ran.err


EXCHANGE = """
at = "2025-06-01T00:00:00Z"
[old]
instrument = "em-1"
kind = "meter"
maker = "m"
model = "m"
serial_number = "1"
accuracy_class = "0.5"
place = "hall"
installer = "i"
installed_s = 1735660800
[new]
instrument = "{0}"
kind = "meter"
maker = "m"
model = "m"
serial_number = "2"
accuracy_class = "0.5"
place = "hall"
installer = "i"
installed_s = 1748736000
[[register]]
series = "em-1/energy/register/"
unit = "Wh"
last = "1234"
first = "0"
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (EXCHANGE.format("em-2"), "the id stays"),
        (EXCHANGE.format("em-1").replace("[[register]]", "[[other]]"), "[[register]]"),
        ("at = 5", "exchange.toml"),
    ],
)
def test_exchange_that_does_not_fit(tmp_path: Path, run: Run, text: str, message: str) -> None:
    """A meter's exchange is checked as a whole before anybody signs it."""
    file = tmp_path / "exchange.toml"
    file.write_text(text, encoding="utf-8")
    ran = run("device", "exchange", file, *OFFICE)

    assert ran.code != 0
    assert message in ran.err


def test_office_settings_are_named_where_they_are_wrong(tmp_path: Path, run: Run) -> None:
    """Two roles for one address, a missing trust root: each is told."""
    config = tmp_path / "office.toml"
    config.write_text(
        """
origin = "log.example/log/1"
ledger_url = "http://127.0.0.1:1"
rpc_url = "http://user:secret@127.0.0.1:1"
[people]
initiator = "0x1111111111111111111111111111111111111111"
approver = "0x1111111111111111111111111111111111111111"
""",
        encoding="utf-8",
    )
    ran = run("device", "revoke", "00" * 32, "--config", config, "--out", tmp_path / "r.json")

    assert ran.code == 2
    assert "trust_root_file" in ran.err
    assert "two persons" in ran.err
    assert "secret" not in ran.err
