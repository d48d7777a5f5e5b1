"""
A month of a workshop whose parties agree on it by the command line alone.

The workshop's readings come from a made-up file; the log, the chain, the broker, the worker and
the server are real, and every person has a keystore of their own.
"""

from __future__ import annotations

import csv
import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import httpx2
from eth_account import Account

from api.demo.cast import Party, Person
from api.demo.certificates import write_secret
from api.demo.imported import import_file
from api.demo.story import Story
from api.demo.world import World, build_world
from attestation.enums import (
    DataSide,
    FacilityKind,
    MissingDataRule,
    RevisionReason,
    StreamKind,
    WayOfGetting,
)
from attestation.keys import SoftwareKey
from attestation.plan_bodies import ControlPlan, PlannedParameter
from attestation.series_bodies import Calibration
from attestation.structure_bodies import MeteringPoint, Site, Stream, Structure, Unit
from chain.keys import generate_signer
from ledger.inventory.digests import DigestMaker, Subject
from ledger.inventory.identity import Scope
from ledger.inventory.periods import DAY_S, Period
from tests.support.broker import free_port
from tests.support.command_line import wait_until
from tests.support.commands import Commands, Ran

CARBONSEAL: Final = str(Path(sys.executable).with_name("carbonseal"))
UNIT: Final = "hall"
SERIES: Final = "hall/active-energy/import/"
DAILY_KWH: Final = 40_000
PASSWORD: Final = "a password of a person"
LAG_DAYS: Final = 20
"""How long ago the place's chain begins: longer than seven working days take."""

MAPPING = """\
[file]
encoding = "utf-8"
delimiter = "comma"
[time]
columns = ["day"]
format = "%Y-%m-%d"
zone = "UTC+08:00"
stamp = "start"
midnight = "start-of-day"
interval_s = 86400
[[series]]
column = "kWh"
series = "hall/active-energy/import/"
source_unit = "kWh"
unit = "Wh"
minimum = 0
maximum = 100000
"""


def last_month(before: datetime) -> Period:
    """Give the last whole month of the reporting zone that is over at a moment."""
    local = before + timedelta(hours=8)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    month = first - timedelta(days=1)
    return Period.month(month.year, month.month)


@dataclass
class CasePlace:
    """The place, and what its people do in it."""

    world: World
    month: Period
    web_port: int
    key: SoftwareKey
    """The gateway's, which signed the month's readings."""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    commands: Commands = field(default_factory=Commands)

    @property
    def folder(self) -> Path:
        return self.world.folder

    @property
    def usc(self) -> str:
        return self.world.cast.enterprise.code

    @property
    def subject(self) -> str:
        """The case, as commands name it."""
        return f"{self.usc}/{UNIT}/{self.month.label}"

    @property
    def scope(self) -> Scope:
        return Scope.of(self.usc, UNIT, self.month)

    @property
    def operator(self) -> tuple[str, Path]:
        return ("--config", self.world.config)

    @property
    def trust(self) -> Path:
        return self.folder / "trust-root.json"

    def path(self, name: str) -> Path:
        return self.folder / name

    def office(self, party: Party) -> tuple[str, Path]:
        """Give the settings of a party's office."""
        return ("--config", self.path(f"office-{party.code}.toml"))

    def run(self, *arguments: object) -> Ran:
        """Run one command to its end."""
        return self.commands.run(*arguments)

    def do(self, *arguments: object) -> Any:
        """Run one command that must end well, and give its document."""
        ran = self.run(*arguments, "--json")
        assert ran.code == 0, f"{arguments}: {ran.out}{ran.err}"
        return ran.document

    def sign(self, request: Path, person: Person) -> Ran:
        """Let a person sign a request."""
        name = person.address.hex()
        return self.run(
            *("sign", request, "--keystore", self.path(f"{name}.json"), "--trust", self.trust),
            *("--password-file", self.path("person.password"), "--yes", "--json"),
        )

    def signed(self, request: Path, *people: Person) -> Path:
        """Let people sign a request, which they must be able to."""
        for person in people:
            ran = self.sign(request, person)
            assert ran.code == 0, ran.out + ran.err
        return request

    def hand_in(self, request: Path, party: Party) -> Ran:
        """Hand a request in from a party's office, and wait until it is final."""
        return self.run("case", "hand-in", request, *self.office(party), "--json")

    def drafted(self, party: Party, command: str, *arguments: object) -> Path:
        """Draft an act on the case at a party's office."""
        out = self.path(f"{command}-{len(list(self.folder.glob('*.request.json')))}.request.json")
        self.do("case", command, self.subject, *arguments, "--out", out, *self.office(party))
        return out

    def act(self, party: Party, command: str, *arguments: object) -> Path:
        """Draft an act on the case, have both persons of a party sign it, and hand it in."""
        request = self.drafted(party, command, *arguments)
        self.signed(request, party.initiator, party.approver)
        ran = self.hand_in(request, party)
        assert ran.code == 0, f"{command}: {ran.out}{ran.err}"
        return request

    def version(self, factor: str, *, reason: str | None = None) -> Mapping[str, Any]:
        """Make a final version of the month with a factor that the enterprise states."""
        stated = self.path(f"stated-{factor}.json")
        rows = [
            {
                "parameter": "emission-factor:grid",
                "value": factor,
                "unit": "kgCO2e",
                "document": sha256(f"statement of the supplier: {factor}".encode()).hexdigest(),
                "note": "page 1",
            }
        ]
        stated.write_text(json.dumps(rows), encoding="utf-8")
        why = () if reason is None else ("--reason", reason)
        found: Mapping[str, Any] = self.do(
            *("inventory", "assemble", self.usc, UNIT, self.month.label, "--final"),
            *("--stated", stated, *why, *self.operator),
        )
        self.do("chain", "anchor", self.usc, *self.operator)
        return found

    def start(self, *arguments: object) -> subprocess.Popen[bytes]:
        """Start a command that runs until the place is closed; its log goes to a file."""
        log = self.path(f"{arguments[0]}.log").open("ab")
        with log:
            command = [CARBONSEAL, *map(str, arguments)]
            started = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            self.processes.append(started)
            return started

    def close(self) -> None:
        """End every process as a service manager does."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(60)


@contextmanager
def case_place(folder: Path) -> Iterator[CasePlace]:
    """Make the place with its readings in the log; everything is stopped when the block ends."""
    begin = datetime.now(UTC) - timedelta(days=LAG_DAYS)
    month = last_month(begin)
    with ExitStack() as stack:
        world = stack.enter_context(
            build_world(folder, begin_s=int(begin.timestamp()), keeps_chain=False)
        )
        key = _live(world, month)
        place = CasePlace(world, month, free_port(), key)
        stack.callback(place.close)
        _write_people(place)
        _write_offices(place)
        place.do("keys", "trust-root", "--out", place.trust, *place.operator)
        place.start("worker", *place.operator)
        place.start("serve", *place.operator)
        url = f"http://127.0.0.1:{place.web_port}/healthz"
        wait_until(lambda: _answers(url), "the server does not answer")
        yield place


def _live(world: World, month: Period) -> SoftwareKey:
    """Import the month's readings, and file structure and plan; give the gateway's key."""
    story = Story(world, lambda *_: None)
    office, readings, mapping = story.office, world.folder / "month.csv", world.folder / "map.toml"
    with readings.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("day", "kWh"))
        for number, day in enumerate(month.days()):
            rows.writerow((day.first_day.isoformat(), DAILY_KWH + number))
    mapping.write_text(MAPPING, encoding="utf-8")
    office.certify()
    imported = import_file(
        world,
        story.plant,
        office,
        readings=readings,
        mapping=mapping,
        now=story.ledger.clock.now,
    )
    story.start_worker()
    story.publish()
    story.stop_worker()
    office.record(calibration(month), "calibration")
    office.record(structure(month), "reporting structure")
    office.settle()
    office.record(plan(month), "control plan")
    office.settle()
    database = story.ledger.database
    maker = DigestMaker(
        database.unit_of_work,
        database.reading,
        records=story.ledger.records,
        salt=lambda: secrets.token_bytes(16),
    )
    subject = Subject(UNIT, "purchased-electricity:grid", SERIES, month)
    maker.make(office.log.number, subject, now=story.ledger.clock.now())
    office.anchor()
    story.close()
    return imported.key


def structure(month: Period) -> Structure:
    """Give one workshop that buys electricity, with one meter."""
    return Structure(
        from_s=month.from_s,
        sites=(
            Site(
                code="site",
                name="workshop",
                region="350100",
                latitude_udeg=26_080_000,
                longitude_udeg=119_300_000,
            ),
        ),
        units=(
            Unit(
                code=UNIT,
                name="hall",
                site="site",
                kind=FacilityKind.FACILITY,
                capacity=1,
                capacity_unit="hall",
                commissioned_s=month.from_s - 365 * DAY_S,
            ),
        ),
        streams=(
            Stream(code="grid", unit=UNIT, kind=StreamKind.ELECTRICITY, subject="electricity"),
        ),
        instruments=(
            MeteringPoint(instrument="hall", series=(SERIES,), level=1, unit=UNIT, stream="grid"),
        ),
    )


def calibration(month: Period) -> Calibration:
    """Give a certificate of the meter that covers the month."""
    return Calibration(
        instrument="hall",
        certificate_number="SIM-1",
        laboratory="made-up institute",
        from_s=month.from_s - 30 * DAY_S,
        to_s=month.to_s + 30 * DAY_S,
        accuracy_class="0.5",
    )


def plan(month: Period) -> ControlPlan:
    """Give its control plan: imports allowed, and a factor that is stated."""
    rows: tuple[dict[str, Any], ...] = (
        {
            "parameter": "purchased-electricity:grid",
            "measured_in": "MWh",
            "way": WayOfGetting.MEASURED,
            "series": (SERIES,),
            "missing": MissingDataRule.MEAN,
            "imports": True,
            "accuracy_class": "0.5",
            "accuracy_ppm": 5_000,
        },
        {
            "parameter": "emission-factor:grid",
            "measured_in": "kgCO2e",
            "way": WayOfGetting.DEFAULT,
        },
    )
    return ControlPlan(
        plan="quality",
        edition=1,
        from_s=month.from_s,
        reason=RevisionReason.FIRST,
        explanation="first",
        parameters=tuple(
            PlannedParameter(
                unit=UNIT, side=DataSide.EMISSION, stream="grid", department="energy", **row
            )
            for row in rows
        ),
    )


def _write_people(place: CasePlace) -> None:
    """Write a keystore for everybody, with a key derivation that is quick: these are no secrets."""
    payer = generate_signer()
    place.world.chain.faucet.fund(payer.address, 10**19)
    parties = place.world.cast.parties
    signers = [each.signer for party in parties for each in (party.initiator, party.approver)]
    for signer in (*signers, payer):
        content = Account.encrypt(
            bytes(signer._account.key), PASSWORD, kdf="pbkdf2", iterations=1000
        )
        name = "payer" if signer is payer else signer.address.hex()
        write_secret(place.path(f"{name}.json"), json.dumps(content).encode())
    write_secret(place.path("person.password"), PASSWORD.encode())


def _write_offices(place: CasePlace) -> None:
    config = place.world.config
    text = config.read_text(encoding="utf-8").replace("port = 8080", f"port = {place.web_port}")
    config.write_text(text, encoding="utf-8")
    rpc = place.world.chain.rpc_url
    for party in place.world.cast.parties:
        own = f'origin = "{place.world.origin}"\n' if party is place.world.cast.enterprise else ""
        _, path = place.office(party)
        path.write_text(
            f"""\
{own}party = "{party.code}"
ledger_url = "http://127.0.0.1:{place.web_port}"
rpc_url = "{rpc}"
trust_root_file = "trust-root.json"
[people]
initiator = "0x{party.initiator.address.hex()}"
approver = "0x{party.approver.address.hex()}"
[sender]
keystore_file = "payer.json"
password_file = "person.password"
""",
            encoding="utf-8",
        )


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, trust_env=False).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False
