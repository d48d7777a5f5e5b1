"""The commands about cases and parties, from settings file to final block, on a real chain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from api.cli import case_office, device_submit
from api.cli.main import app
from api.cli.output import fail
from api.office.request import format_request, parse_request
from attestation.enums import CredentialStatus, InventoryState
from attestation.errors import Error
from attestation.trust_root import format_trust_root
from chain.addresses import format_address
from chain.bindings.party_registry import party_id_of
from tests.support.agreements import LABORATORY, PROVINCE, VERIFIER, Agreement
from tests.support.case_office import SCOPE, USC, CaseOffices
from tests.support.chain import ChainWorld

pytestmark = pytest.mark.real
SUBJECT = f"{USC}/unit-1/2024"
COMMANDS = get_command(app)
"""Put together once: that takes longer than most of what they do."""


@dataclass(frozen=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Read its answer."""
        return json.loads(self.out)


@dataclass
class Desk:
    """A folder with the settings of every party's office."""

    offices: CaseOffices
    folder: Path
    run: Callable[..., Ran]

    def config(self, code: str) -> Path:
        """Write the settings of a party's office."""
        keys = self.offices.agreement.parties[code]
        path = self.folder / f"{code}.toml"
        path.write_text(
            f'party = "{code}"\n'
            'ledger_url = "https://ledger.example"\n'
            f'rpc_url = "{self.offices.world.chain.rpc_url}"\n'
            'trust_root_file = "trust-root.json"\n'
            "[people]\n"
            f'initiator = "{format_address(keys.initiator.address)}"\n'
            f'approver = "{format_address(keys.approver.address)}"\n',
            encoding="utf-8",
        )
        return path

    def draft(self, group: str, command: str, code: str, *more: object) -> Ran:
        """Draft a request into `request.json`."""
        out = self.folder / "request.json"
        return self.run(
            group, command, *more, "--config", self.config(code), "--out", out, "--json"
        )

    def sign(self) -> Path:
        """Let everybody sign what was drafted."""
        path = self.folder / "request.json"
        request = parse_request(path.read_bytes())
        path.write_bytes(format_request(self.offices.signed(request)))
        return path

    def perform(self, group: str, command: str, code: str, *more: object) -> Ran:
        """Draft, sign and hand in."""
        drafted = self.draft(group, command, code, *more)
        assert drafted.code == 0, drafted.err
        return self.run("case", "hand-in", self.sign(), "--config", self.config(code), "--json")


@pytest.fixture(scope="module")
def shared_offices(shared_world: ChainWorld) -> Iterator[CaseOffices]:
    """The offices of a case, with credentials, once."""
    with shared_world.undone():
        yield CaseOffices.begin(Agreement.begin(shared_world))


@pytest.fixture
def desk(
    shared_offices: CaseOffices,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    """Offices whose version at hand is made up, and whose account needs no password."""
    offices = shared_offices

    def run(*arguments: object) -> Ran:
        with pytest.raises(SystemExit) as ended:
            try:
                COMMANDS([str(each) for each in arguments])
            except Error as error:
                fail(error, as_json=True)
        said = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, said.out, said.err)

    def at_hand(*_: object) -> object:
        return offices.carried()

    monkeypatch.setattr(case_office, "_submission", at_hand)
    monkeypatch.setattr(device_submit, "open_sender", lambda _desk: offices.world.sender())
    (tmp_path / "trust-root.json").write_bytes(format_trust_root(offices.root))
    with offices.world.undone():
        yield Desk(offices, tmp_path, run)


def test_case_by_commands(desk: Desk, tmp_path: Path) -> None:
    """Draft, submit, assign, conclude and confirm: each a command, and the result is accepted."""
    team = desk.offices.pair(VERIFIER)
    report = tmp_path / "report.pdf"
    report.write_bytes(b"%PDF-")
    mirror = ("--mirror", tmp_path)
    lead, reviewer = format_address(team.initiator), format_address(team.approver)
    desk.perform("case", "draft", USC, SUBJECT, "--sector", "power")
    desk.perform("case", "submit", USC, SUBJECT, *mirror, "--laboratory", LABORATORY)
    people = ("--verifier", VERIFIER, "--lead", lead, "--reviewer", reviewer)
    desk.perform("case", "assign", PROVINCE, SUBJECT, *people)
    opinion = ("--opinion", "unmodified", "--report", report)
    desk.perform("case", "conclude", VERIFIER, SUBJECT, *mirror, *opinion)
    last = desk.perform("case", "confirm", PROVINCE, SUBJECT, *mirror)

    assert last.document["parts"][0]["stage"] == "final"
    found = desk.offices.world.inventories.inventory(SCOPE.inventory_id)
    assert found is not None
    assert found.state is InventoryState.CONFIRMED


def test_step_by_command(desk: Desk) -> None:
    """A reason is demanded, and stands in what is signed."""
    desk.perform("case", "draft", USC, SUBJECT, "--sector", "power")
    without = desk.draft("case", "withdraw", USC, SUBJECT)
    drafted = desk.draft("case", "withdraw", USC, SUBJECT, "--reason", "单元已关停")

    assert without.code == 2
    assert drafted.document["parts"][0]["fields"]["reason"] == "单元已关停"
    assert drafted.document["parts"][0]["what"].startswith("act: withdrawal")


def test_check_before_signing(desk: Desk) -> None:
    """A request that the chain has left behind is not for signing."""
    desk.perform("case", "draft", USC, SUBJECT, "--sector", "power")
    desk.draft("case", "withdraw", USC, SUBJECT, "--reason", "x")
    kept = (desk.folder / "request.json").read_bytes()
    config = desk.config(USC)
    fresh = desk.run("case", "check", desk.folder / "request.json", "--config", config, "--json")
    desk.run("case", "hand-in", desk.sign(), "--config", config, "--json")
    (desk.folder / "request.json").write_bytes(kept)
    stale = desk.run("case", "check", desk.folder / "request.json", "--config", config, "--json")

    assert (fresh.code, fresh.document["compared_with_version"]) == (0, False)
    assert stale.code == 1
    assert "signing.contradicted" in stale.err + stale.out


def test_version_at_hand_is_named_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither nothing nor two places."""
    monkeypatch.undo()
    (desk.folder / "settings.toml").write_text("", encoding="utf-8")
    both = ("--mirror", desk.folder, "--ledger", desk.folder / "settings.toml")
    for more in ((), both):
        ran = desk.draft("case", "submit", USC, SUBJECT, *more)
        assert ran.code == 2


def test_party_by_commands(desk: Desk) -> None:
    """A registrar suspends and restores, and a key takes itself out."""
    registrar = format_address(desk.offices.world.registrar.address)
    by, why = ("--registrar", registrar), ("--reason", "资质复核")
    desk.perform("party", "suspend", PROVINCE, VERIFIER, *by, *why)
    held = desk.offices.world.credentials.credential_at(
        party_id_of(VERIFIER), desk.offices.world.now_s()
    )
    leaving = format_address(desk.offices.agreement.parties[USC].initiator.address)
    removed = desk.perform("party", "remove", USC, USC, "--key", leaving, "--by", leaving)

    assert held is not None
    assert held.status is CredentialStatus.SUSPENDED
    assert removed.document["parts"][0]["stage"] == "final"


@pytest.mark.parametrize(
    "arguments",
    [
        ("case", "draft", "91350211M000100Y47/unit-1/2024", "--sector", "power"),
        ("case", "draft", f"{USC}/unit-1", "--sector", "power"),
        ("case", "draft", SUBJECT, "--sector", "coal"),
        ("party", "attest", VERIFIER, "--person", "12", "--registrar", "0x" + "12" * 20),
        ("party", "recover", VERIFIER, "--seat", "boss:0x12:34"),
    ],
)
def test_what_is_wrong_with_a_command(desk: Desk, arguments: tuple[str, ...]) -> None:
    """A usage error, before any node is asked."""
    group, command, *more = arguments

    assert desk.draft(group, command, USC, *more).code == 2
