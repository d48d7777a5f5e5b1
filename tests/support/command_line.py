"""
A place with real parts, in which everything of ours is done by the installed command line.

Only what is nobody's command stands here: the development chain with the contracts and the
registered parties, the broker, the platform's certificates, and the people's keystores.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.demo.cast import Cast, make_cast
from api.demo.certificates import CertificateOffice, write_secret
from api.demo.chain_stage import ChainStage
from attestation.certificate_issuing import certificates_to_pem
from attestation.ids import Origin
from chain.client import ChainClient
from chain.deployments import save_deployment
from chain.development_chain import DevelopmentChain
from chain.keys import generate_signer
from devices.broker.mosquitto import MosquittoBroker, MosquittoSettings
from tests.support.broker import free_port
from tests.support.chain import anvil_binary
from tests.support.commands import Commands, Ran

CARBONSEAL = str(Path(sys.executable).with_name("carbonseal"))
SLOT, OPERATOR_CODE = "ledger-0", "91310000300000004A"
GATEWAY = "gateway-1"
PASSWORD = "a password of a person"
PATIENCE_S = 240


@dataclass
class CommandLine:
    """The place, and commands in it."""

    folder: Path
    cast: Cast
    rpc_url: str
    broker: MosquittoBroker
    broker_port: int
    web_port: int
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _commands: Commands = field(default_factory=Commands)

    @property
    def origin(self) -> Origin:
        return Origin("localhost", self.cast.enterprise.code)

    @property
    def operator_config(self) -> Path:
        return self.folder / "carbonseal.toml"

    @property
    def office_config(self) -> Path:
        return self.folder / "office.toml"

    @property
    def gateway_config(self) -> Path:
        return self.folder / "gateway.toml"

    @property
    def trust(self) -> Path:
        return self.folder / "trust-root.json"

    def path(self, name: str) -> Path:
        return self.folder / name

    def run(self, *arguments: object) -> Ran:
        """Run one command to its end."""
        return self._commands.run(*arguments)

    def do(self, *arguments: object) -> Any:
        """Run one command that must end well, and give its document."""
        ran = self.run(*arguments, "--json")
        assert ran.code == 0, f"{arguments}: {ran.out}{ran.err}"
        return ran.document

    def start(self, *arguments: object) -> subprocess.Popen[bytes]:
        """Start a command that runs until it is stopped; its log goes to a file."""
        log = (self.folder / f"{arguments[0]}-{len(self._processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [CARBONSEAL, *map(str, arguments)], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self._processes.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> int:
        """End a process as a service manager does, and give its exit code."""
        process.send_signal(signal.SIGTERM)
        return process.wait(60)

    def close(self) -> None:
        """End every process."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    # --- the ledger's operator -----------------------------------------------------------------

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the server, and wait until it answers."""
        process = self.start("serve", "--config", self.operator_config)
        url = f"http://127.0.0.1:{self.web_port}/healthz"

        def answers() -> bool:
            try:
                return httpx2.get(url, trust_env=False).status_code == httpx2.codes.OK
            except httpx2.HTTPError:
                return False

        wait_until(answers, "the server does not answer")
        return process

    def open_log(self) -> None:
        """Open the enterprise's log: here, and on the chain with three signatures."""
        config = ("--config", self.operator_config)
        opened = self.do("log", "open", self.origin.usc, *config)
        self.vkey: str = opened["vkey"]
        self.do("keys", "trust-root", "--out", self.trust, *config)
        self.write_gateway()
        self.serve()
        request = self.path("opening.json")
        self.do(
            *("log", "request-opening", self.origin.usc, "--out", request, *config),
            *("--initiator", self.address("initiator"), "--approver", self.address("approver")),
        )
        for person in ("initiator", "approver", "operator"):
            self.sign(request, person)
        self.submit(request)
        self.start("worker", "--config", self.operator_config)

    # --- the enterprise ------------------------------------------------------------------------

    def address(self, person: str) -> str:
        """Give a person's address."""
        party = self.cast.enterprise
        signer = party.initiator.signer if person == "initiator" else party.approver.signer
        return "0x" + signer.address.hex()

    def sign(self, request: Path, person: str) -> Ran:
        """Let a person sign a request."""
        return self.run(
            *("sign", request, "--keystore", self.path(f"{person}.json"), "--trust", self.trust),
            *("--password-file", self.path(f"{person}.password"), "--yes", "--json"),
        )

    def signed(self, request: Path, *people: str) -> None:
        """Let people sign a request, which they must be able to."""
        for person in people:
            ran = self.sign(request, person)
            assert ran.code == 0, ran.out + ran.err

    def submit(self, request: Path) -> Any:
        """Hand a request in and wait until it is final."""
        document = self.do("device", "submit", request, "--config", self.office_config)
        assert {part["stage"] for part in document["parts"]} == {"final"}
        return document

    # --- the plant -----------------------------------------------------------------------------

    def write_gateway(self, key: str = "boiler", courier: str | None = None) -> None:
        """Write the gateway's settings, whose meter is signed for by a key."""
        broker = f"""\
[broker]
host = "localhost"
port = {self.broker_port}
ca_file = "certificates/platform-roots.pem"
cert_file = "certificates/gateway-{GATEWAY}.pem"
key_file = "certificates/gateway-{GATEWAY}.key"
"""
        text = f"""\
[gateway]
name = "{GATEWAY}"
store = "gateway.sqlite"
interval_s = 0.2

[log]
origin = "{self.origin}"
vkey = "{self.vkey}"
promise_s = 60

{broker if courier is None else courier}
[[key]]
name = "boiler"
file = "boiler.pem"
password_file = "boiler.password"

[[key]]
name = "boiler-2"
file = "boiler-2.pem"
password_file = "boiler.password"

[[meter]]
name = "boiler"
key = "{key}"
kind = "simulated"
series = "boiler-1/energy/total/"
unit = "Wh"
mean = 5000
cadence_s = 1
start = "{START}"
silent_after_s = 60
"""
        self.gateway_config.write_text(text, encoding="utf-8")

    def status(self) -> Any:
        """Look at the gateway."""
        return self.run("device", "status", "--config", self.gateway_config, "--json").document


START = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 30))
"""When the simulated meter was put up."""

SHEET = """\
instrument,kind,maker,model,serial_number,accuracy_class,place,installer,installed,quantity,\
channel,unit,cadence_s,minimum,maximum,since
boiler-1,electricity meter,maker,model,1,0.5,hall,installer,2024-01-01,energy,\
total,Wh,1,0,1000000,2024-01-01
"""


@contextmanager
def command_line(folder: Path) -> Iterator[CommandLine]:
    """Make the place; everything is stopped when the block ends."""
    cast = make_cast()
    office = CertificateOffice(folder / "certificates", cast.enterprise.code)
    with ExitStack() as stack:
        chain = stack.enter_context(
            DevelopmentChain(anvil_binary(), folder / "chain", keeps_state=False)
        )
        client = stack.enter_context(ChainClient(chain.rpc_url))
        stage = ChainStage.build(chain, client, cast)
        save_deployment(folder / "deployments.json", stage.deployment)
        port = free_port()
        broker = stack.enter_context(_broker(folder, office, port))
        place = CommandLine(folder, cast, chain.rpc_url, broker, port, free_port())
        stack.callback(place.close)
        _write_people(place, chain)
        _write_certificates(place, office)
        _write_settings(place, office)
        place.do("db", "upgrade", "--config", place.operator_config)
        yield place


def wait_until(condition: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Wait until a condition holds, or fail saying what did not happen."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"in {timeout_s} s: {what}", pytrace=False)
        time.sleep(0.3)


def _broker(folder: Path, office: CertificateOffice, port: int) -> MosquittoBroker:
    tls = office.broker()
    return MosquittoBroker(
        MosquittoSettings(
            folder=folder / "mosquitto",
            port=port,
            authorities=office.roots_file,
            certificate=tls.certificate,
            private_key=tls.key,
            ledger_subjects=(f"CN={SLOT},O={OPERATOR_CODE}",),
        )
    )


def _write_people(place: CommandLine, chain: DevelopmentChain) -> None:
    cast, payer = place.cast, generate_signer()
    chain.fund(payer.address, 10**19)
    people = {
        "initiator": cast.enterprise.initiator.signer,
        "approver": cast.enterprise.approver.signer,
        "stranger": cast.verifier.approver.signer,
        "operator": cast.operator,
        "payer": payer,
    }
    for name, signer in people.items():
        signer.save(place.path(f"{name}.json"), PASSWORD)
        write_secret(place.path(f"{name}.password"), f"{PASSWORD}\n".encode())
    write_secret(place.path("boiler.password"), b"a password of a device\n")


def _write_certificates(place: CommandLine, office: CertificateOffice) -> None:
    office.gateway(GATEWAY)
    office.ingester(SLOT, OPERATOR_CODE)
    authority = office.authority
    place.path("authority.pem").write_bytes(certificates_to_pem(authority.certificate))
    write_secret(place.path("authority.key"), authority.key.to_pem(b"a password of the authority"))
    write_secret(place.path("authority.password"), b"a password of the authority\n")


def _write_settings(place: CommandLine, office: CertificateOffice) -> None:
    roots = f"certificates/{office.roots_file.name}"
    place.operator_config.write_text(
        f"""\
[database]
url = "sqlite:///{place.path("ledger.sqlite")}"
[log]
host = "localhost"
keys = "log-keys"
platform_roots = "{roots}"
anchor_s = 1
[chain]
rpc_url = "{place.rpc_url}"
chain_id = 31337
deployments = "deployments.json"
operator_keystore = "operator.json"
operator_password_file = "operator.password"
development = true
[mqtt]
host = "localhost"
port = {place.broker_port}
ca_file = "{roots}"
cert_file = "certificates/{SLOT}.pem"
key_file = "certificates/{SLOT}.key"
slot = "CN={SLOT},O={OPERATOR_CODE}"
[web]
port = {place.web_port}
[worker]
processes = 0
""",
        encoding="utf-8",
    )
    place.office_config.write_text(
        f"""\
origin = "{place.origin}"
ledger_url = "http://127.0.0.1:{place.web_port}"
rpc_url = "{place.rpc_url}"
trust_root_file = "trust-root.json"
[people]
initiator = "{place.address("initiator")}"
approver = "{place.address("approver")}"
[authority]
certificate_file = "authority.pem"
root_file = "{roots}"
key_file = "authority.key"
password_file = "authority.password"
[sender]
keystore_file = "payer.json"
password_file = "payer.password"
""",
        encoding="utf-8",
    )
