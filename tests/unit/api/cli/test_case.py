"""`carbonseal case` on the ledger's own machine: what is read without a session."""

from __future__ import annotations

import json

import pytest

from attestation.enums import InventoryState
from tests.support.cases import DAY_S, LEAD, LINE, VERIFIER, CaseWorld
from tests.support.enterprise import USC
from tests.unit.api.cli.conftest import Place, Run

CASE = f"{USC}/hall/2025-01-01"


@pytest.fixture
def world(place: Place) -> CaseWorld:
    """A case under verification with one version and one finding."""
    found = CaseWorld(place.enterprise)
    found.put()
    found.submit()
    found.enterprise.file(found.finding(), secret=LEAD)
    return found


@pytest.mark.usefixtures("world")
def test_queue_is_listed_and_filtered(place: Place, run: Run) -> None:
    """The case with stage and risk; of another verifier or year none."""
    at = ("--config", place.config)
    found = run("case", "list", *at, "--json").document

    assert [(each["stage"], each["risk"]) for each in found] == [("correction", 13)]
    assert run("case", "list", *at, "--verifier", VERIFIER, "--json").document == found
    for other in (("--verifier", "NOBODY"), ("--year", "2024"), ("--stage", "archived")):
        assert run("case", "list", *at, *other, "--json").document == []
    assert "1/3" not in run("case", "list", *at).out


def test_case_is_named_by_words_or_by_id(place: Place, run: Run, world: CaseWorld) -> None:
    """Both give the same case; what is neither is a fault of usage."""
    at = ("--config", place.config)
    words = run("case", "show", CASE, *at, "--json")
    by_id = run("case", "show", f"0x{world.inventory_id.hex()}", *at, "--json")

    assert words.document == by_id.document
    assert words.document["findings_open"] == 1
    for wrong in ("hall", "0x12", f"{USC}/hall/2025-13"):
        assert run("case", "show", wrong, *at).code == 2
    assert run("case", "show", f"{USC}/hall/2024", *at, "--json").document["code"] == "case.unknown"


@pytest.mark.usefixtures("world")
def test_text_says_what_people_look_for(place: Place, run: Run) -> None:
    """Each reading command prints its subject."""
    for words, seen in (
        (("show", CASE), "waits for verifier"),
        (("lines", CASE), "0 of 3 lines seen"),
        (("checks", CASE), "evidence.signatures"),
        (("finding", "list", CASE), "1500000 gCO2e"),
    ):
        ran = run("case", *words, "--config", place.config)
        assert (ran.code, seen in ran.out) == (0, True), ran.out + ran.err


def test_readiness_is_an_exit_code(place: Place, run: Run, world: CaseWorld) -> None:
    """Not ready: 1, and every point says why."""
    ran = run("case", "readiness", CASE, "--config", place.config, "--json")
    names = {each["name"]: each["met"] for each in ran.document["points"]}

    assert (ran.code, ran.document["ready"]) == (1, False)
    assert (names["content"], names["findings.closed"]) == (True, False)


def test_countdown_is_shown(place: Place, run: Run, world: CaseWorld) -> None:
    """A confirmed result may be objected to until a moment, with the days that are left."""
    until_s = 4_000_000_000
    world.put(InventoryState.CONFIRMED, objectable_until_s=until_s)
    found = run("case", "show", CASE, "--config", place.config, "--json").document
    clock = found["countdowns"][0]

    assert (clock["name"], clock["working_days"]) == ("objection", 7)
    assert clock["days_left"] > until_s // DAY_S // 100
    assert found["stage"] == "notified, may be objected to"


@pytest.mark.usefixtures("world")
def test_statement_is_json_with_the_finding(place: Place, run: Run) -> None:
    """What the report embeds, anchors in words."""
    found = json.loads(run("case", "statement", CASE, "--config", place.config).out)

    assert found["findings"][0]["anchor"] == f"line {LINE}"
    assert found["assurance"] == "REASONABLE"


def test_nobody_speaks_without_a_session(place: Place, run: Run) -> None:
    """Not even on the ledger's own machine: the operator speaks for no party."""
    server = ("--url", "http://127.0.0.1:9", "--session-file", place.folder / "none.json")
    for words in (("tick", CASE, "--all"), ("comment", CASE, "hello"), ("approve", CASE, "00")):
        ran = run("case", *words, *server, "--json")
        assert (ran.code, ran.document["code"]) == (2, "configuration.invalid")


def test_contradicting_options_are_usage(run: Run) -> None:
    """Nothing is sent."""
    for words in (
        ("tick", CASE),
        ("tick", CASE, "--all", "--line", LINE),
        ("comment", CASE, "x", "--resolve"),
        ("comment", CASE, "x", "--to", "1", "--line", LINE),
    ):
        ran = run("case", *words, "--url", "http://127.0.0.1:9", "--json")
        assert (ran.code, ran.document["code"]) == (2, "api.bad_request")


def test_templates_are_in_two_languages(run: Run) -> None:
    """Each with a kind, a severity and words that fit into a record."""
    found = run("case", "finding", "templates", "--json").document

    assert {each["code"] for each in found} >= {"meter-calibration", "sample-late", "boundary"}
    for each in found:
        assert len(each["title"]) <= 200
        assert not each["title"].isascii()
        assert any(letter.isascii() and letter.isalpha() for letter in each["text"])


def test_finding_without_words_is_usage(place: Place, run: Run) -> None:
    """Neither said nor taken from a template, or from one that is not there."""
    at = ("--config", place.config, "--out", place.folder / "x.json", "--json")
    for words in (("--kind", "misstatement"), ("--template", "no-such")):
        ran = run("case", "finding", "raise", CASE, *words, *at)
        assert ran.code != 0
        assert ran.document["code"] in {"api.bad_request", "case.place_unknown"}
