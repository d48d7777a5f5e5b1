"""
A whole case by the command line alone: six parties, two persons each, real keys, chain and log.

Submitted, assigned, three findings, corrected, submitted anew (approvals and a signed statement
fall), stated, reviewed, confirmed, reopened, restated; then everything read from entries and chain
anew in an empty database, and compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.clock import SystemClock
from attestation.instants import MILLISECONDS_PER_SECOND
from tests.support.case_place import UNIT, CasePlace, case_place
from tests.support.command_line import wait_until

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("case"), pytest.mark.timeout(900)]

WRONG, RIGHT, LATER = "530.0", "570.3", "571.0"
"""Factors that the enterprise states, kgCO2e/MWh."""
OWN = frozenset(
    {
        "changed",
        "countdowns",
        "lines_seen",
        "reasons",
        "risk",
        "seen",
        "seen_at",
        "seen_by",
        "stored_number",
    }
)
"""What a mirror does not have, or what differs by the second."""
FINDINGS = (
    ("non-conformity", "major", "the factor is not the supplier's"),
    ("clarification", "minor", "how are missing days filled"),
    ("recommendation", "minor", "a second meter would help"),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CasePlace]:
    """A month in the log, and everybody's offices."""
    with case_place(tmp_path_factory.mktemp("case") / "place") as made:
        yield made


def tonnes(place: CasePlace, factor: str) -> int:
    """Work the month out by hand: the days' kWh times the factor, whole tonnes."""
    kwh = sum(40_000 + number for number in range(len(place.month.days())))
    tenths_of_grams = kwh * int(factor.replace(".", ""))
    return (tenths_of_grams + 5_000_000) // 10_000_000


class Verifier:
    """The verifier's two persons at the server and in their office."""

    def __init__(self, place: CasePlace) -> None:
        self.place = place
        self.party = place.world.cast.verifier
        self.url = f"http://127.0.0.1:{place.web_port}"
        for person in (self.party.initiator, self.party.approver):
            place.do(
                *("login", "--keystore", place.path(f"{person.address.hex()}.json")),
                *("--url", self.url, "--yes", "--session-file", self.session(person)),
                *("--password-file", place.path("person.password")),
            )

    def session(self, person: Any) -> Path:
        return self.place.path(f"session-{person.address.hex()}.json")

    def at_server(self, person: Any) -> tuple[Any, ...]:
        return ("--url", self.url, "--session-file", self.session(person))

    def look(self, what: str) -> Any:
        ran = self.place.run(
            "case", what, self.place.subject, *self.at_server(self.party.initiator), "--json"
        )
        return ran.document

    def approve(self) -> None:
        """Tick every line, and approve what stands as lead and as reviewer."""
        place, lead = self.place, self.party.initiator
        place.do("case", "tick", place.subject, "--all", *self.at_server(lead))
        for person in (lead, self.party.approver):
            basis = self.look("readiness")["basis"]
            place.do("case", "approve", place.subject, basis, *self.at_server(person))

    def record(self, command: str, *arguments: object) -> None:
        """Draft a record about a finding, sign it as the lead, and hand it in."""
        place = self.place
        out = place.path(f"{command}-{len(list(place.folder.glob('*.record.json')))}.record.json")
        place.do(
            *("case", "finding", command, place.subject, *arguments, "--out", out),
            *place.office(self.party),
            *self.at_server(self.party.initiator),
        )
        place.signed(out, self.party.initiator)
        ran = place.hand_in(out, self.party)
        assert ran.code == 0, ran.out + ran.err


def submitted(place: CasePlace, factor: str, *, reason: str | None = None) -> None:
    """Make a version and submit it."""
    place.version(factor, reason=reason)
    why = () if reason is None else ("--reason", reason)
    enterprise = place.world.cast.enterprise
    place.act(enterprise, "submit", "--ledger", place.world.config, *why)


def assigned(place: CasePlace) -> None:
    """Let the province fix who verifies and reviews."""
    cast = place.world.cast
    place.act(
        cast.regulator,
        "assign",
        *("--verifier", cast.verifier.code, "--city", cast.city.code),
        *("--lead", f"0x{cast.verifier.initiator.address.hex()}"),
        *("--reviewer", f"0x{cast.verifier.approver.address.hex()}"),
    )


def concluded(place: CasePlace, version: int) -> Path:
    """Draw the report on a version and sign the verifier's statement, without handing it in."""

    def is_read() -> bool:
        found = shown(place)
        return (found["state"], found["version"]) == ("under verification", version)

    # What is final on chain is read by the worker's next step.
    wait_until(is_read, f"version {version} under verification is not read")
    report = place.path(f"report-{len(list(place.folder.glob('report-*.body')))}.body")
    place.do(
        *("report", "draw", place.subject, "--opinion", "unmodified", "--body", "SLHC"),
        *("--out", report, *place.operator),
    )
    verifier = place.world.cast.verifier
    request = place.drafted(
        verifier,
        "conclude",
        *("--opinion", "unmodified", "--report", report, "--ledger", place.world.config),
    )
    return place.signed(request, verifier.initiator, verifier.approver)


def agreed(place: CasePlace, version: int) -> None:
    """State, review and confirm a version."""
    cast = place.world.cast
    ran = place.hand_in(concluded(place, version), cast.verifier)
    assert ran.code == 0, ran.out + ran.err
    place.act(cast.city, "review", "--reason", "the meter was seen")
    place.act(cast.regulator, "confirm", "--ledger", place.world.config)
    wait_until(lambda: shown(place)["state"] == "confirmed", "the confirmation is not read")


def mirrored(place: CasePlace) -> Path:
    """Copy the log, what accounting rests on, and the chain's events, as a verifier does."""
    granted = place.do("access", "grant", "mirror", "--usc", place.usc, *place.operator)
    token, copy = place.path("mirror.token"), place.path("mirror")
    token.write_text(granted["token"], encoding="utf-8")
    token.chmod(0o600)
    place.do(
        *("mirror", f"http://127.0.0.1:{place.web_port}/log/{place.usc}", "--out", copy),
        *("--vkey", place.world.log_verifier.vkey, "--token-file", token, "--accounting"),
        *("--rpc", place.world.chain.rpc_url),
        *("--deployments", place.folder / "deployments.json"),
    )
    return copy


def shared(document: Any) -> Any:
    """Leave out what depends on the moment of asking, and what is the operator's own: ticks."""
    if isinstance(document, dict):
        return {name: shared(each) for name, each in document.items() if name not in OWN}
    if isinstance(document, list):
        return [shared(each) for each in document]
    return document


def shown(place: CasePlace, config: object | None = None) -> Any:
    """Give the case as an operator's machine has it."""
    return place.do("case", "show", place.subject, "--config", config or place.world.config)


def test_case_is_agreed_restated_and_read_anew(place: CasePlace) -> None:
    """From the first draft to the restated result, and the same again from entries and chain."""
    cast, enterprise = place.world.cast, place.world.cast.enterprise
    place.act(enterprise, "draft", "--sector", "power")
    submitted(place, WRONG)
    assigned(place)
    verifier = Verifier(place)

    # Three findings: records in the log, and one act on chain that names them.
    line = f"energy_bought:{place.month.label}:grid:purchased-electricity"
    for kind, severity, title in FINDINGS:
        verifier.record(
            "raise",
            *("--kind", kind, "--severity", severity, "--title", title),
            *("--text", f"{title}.", "--line", line),
        )
    listing = place.path("findings.json")
    listing.write_text(json.dumps(verifier.look("show")["case"]), encoding="utf-8")
    verifier.approve()
    assert all(seat["stands"] for seat in verifier.look("readiness")["approvals"])
    place.act(cast.verifier, "findings", "--reason", "three findings", "--document", listing)

    # The enterprise answers, and corrects: approvals and what was signed of version 1 fall.
    for number in (1, 2, 3):
        out = place.path(f"answer-{number}.record.json")
        place.do(
            *("case", "finding", "respond", place.subject, "--number", number, "--text", "seen"),
            *("--out", out, "--ledger", place.world.config, *place.office(enterprise)),
        )
        place.signed(out, enterprise.approver)
        assert place.hand_in(out, enterprise).code == 0
    submitted(place, RIGHT, reason="the supplier's own factor")
    readiness = verifier.look("readiness")
    assert [seat["fallen"] for seat in readiness["approvals"]] == [True, True]
    early = concluded(place, 2)
    submitted(place, LATER, reason="the supplier corrected its statement")
    refused = place.hand_in(early, cast.verifier)
    assert refused.code != 0
    assert "InventoryRegistry_StateDiffers" in refused.out or "office." in refused.out

    # Closed by its author, stated, reviewed, confirmed.
    for number in (1, 2, 3):
        verifier.record(
            "close", "--number", number, "--conclusion", "corrected", "--text", "it is right now"
        )
    agreed(place, 3)
    found = shown(place)
    assert (found["state"], found["accepted_version"]) == ("confirmed", 3)
    assert [each["total"] for each in found["versions"]] == [
        {"value": str(tonnes(place, factor)), "unit": "tCO2e"} for factor in (WRONG, RIGHT, LATER)
    ]

    # The enterprise opens it: the chain works the month out, and a second time sends nothing.
    opening = (
        *("case", "open", place.subject, "--yes", "--ledger", place.world.config),
        *("--deployments", place.folder / "deployments.json", *place.office(enterprise)),
    )
    opened = place.do(*opening)
    assert (opened["open"], opened["version"]) == (True, 3)
    assert opened["sent"] == opened["calculations"] + 1
    assert place.do(*opening)["sent"] == 0

    # Seven working days later the province reopens it; both results stay.
    place.world.advance_to(SystemClock().now() // MILLISECONDS_PER_SECOND)
    place.act(cast.regulator, "reopen", "--reason", "the supplier was wrong after all")
    submitted(place, RIGHT, reason="back to the second statement")
    assigned(place)
    agreed(place, 4)
    found = shown(place)
    assert (found["state"], found["accepted_version"]) == ("confirmed", 4)
    assert found["versions"][2]["restated_by"] == 4
    assert found["versions"][3]["restates"] == 3

    # Entries and chain are enough: a mirror makes the same case in a database of its own.
    copy = mirrored(place)
    for what in ("show", "lines", "checks"):
        own = place.run("case", what, place.subject, *place.operator, "--json").document
        theirs = place.run("case", what, place.subject, "--mirror", copy, "--json").document
        assert shared(theirs) == shared(own), what
    findings = ("case", "finding", "list", place.subject)
    assert place.do(*findings, "--mirror", copy) == place.do(*findings, *place.operator)
    bodies = sorted(place.folder.glob("report-*.body"))
    report = place.path("report.pdf")
    place.do("report", "finish", bodies[-1], "--out", report, *place.operator)
    verify = ("verify", report, "--trust", place.trust)
    assert place.run(*verify, "--rpc", place.world.chain.rpc_url).code == 0
    assert place.run(*verify).code == 3
    rechecked = ("recheck", place.usc, UNIT, place.month.label)
    assert place.run(*rechecked, "--mirror", copy).code == 0

    # A person of another party cannot sign, and what was edited after signing is not handed in.
    request = place.drafted(cast.regulator, "reopen", "--reason", "once more")
    assert place.sign(request, cast.verifier.initiator).code != 0
    place.signed(request, cast.regulator.initiator, cast.regulator.approver)
    edited = place.path("edited.json")
    text = request.read_text(encoding="utf-8").replace("once more", "once less")
    edited.write_text(text, encoding="utf-8")
    assert place.hand_in(edited, cast.regulator).code != 0
    assert shown(place)["state"] == "confirmed"
