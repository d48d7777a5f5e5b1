"""
The demonstration's world: chain, broker, database, certificates and settings in one folder.

Everything listens on loopback, on ports that were free; every child process ends with this one.
"""

from __future__ import annotations

import secrets
import shutil
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from api.bootstrap import Ledger, open_database, open_ledger, open_log_keys
from api.clock import SystemClock
from api.demo.cast import OPERATOR_CODE, Cast, make_cast
from api.demo.certificates import CertificateOffice, TlsFiles, write_secret
from api.demo.chain_stage import ChainStage, Faucet
from api.errors import ConfigurationError
from api.settings import Settings, load_settings
from attestation.ids import Origin
from attestation.notes import NoteVerifier
from chain.client import ChainClient
from chain.deployments import save_deployment
from chain.development_chain import DEVELOPMENT_CHAIN_ID, DevelopmentChain, find_anvil
from chain.keys import AccountSigner
from chain.networks.clique import NETWORK_CHAIN_ID, CliqueNetwork, find_geth
from devices.broker.embedded import EmbeddedBroker, EmbeddedSettings
from devices.broker.mosquitto import MosquittoBroker, MosquittoSettings
from devices.errors import BrokerMissing
from devices.session import BrokerAddress
from devices.subscriber import Subscriber
from devices.topics import GatewayName
from ledger import migrations
from ledger.log.opening import open_log

HOST: Final = "localhost"
GATEWAY: Final = "gateway-1"
SLOT: Final = "ledger-0"
_MARK: Final = ".carbonseal-demo"
"""Says that a folder is the demonstration's, and may be emptied."""
_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class HostedChain:
    """The chain the demonstration runs, and how its blocks become final."""

    name: str
    """For the screen."""
    faucet: Faucet
    rpc_url: str
    chain_id: int
    finality: str
    profile: str
    development: bool
    validators: tuple[bytes, ...] = ()
    """Who seals its blocks, 20 bytes each; none where seals show nothing."""


@dataclass
class World:
    """The running parts."""

    folder: Path
    cast: Cast
    office: CertificateOffice
    stage: ChainStage
    origin: Origin
    log_verifier: NoteVerifier
    broker: MosquittoBroker | EmbeddedBroker
    broker_port: int
    gateway_tls: TlsFiles
    settings: Settings
    chain: HostedChain
    _stack: ExitStack

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def broker_name(self) -> str:
        """What carries the messages, for the screen."""
        if isinstance(self.broker, EmbeddedBroker):
            return "the embedded broker (MQTT 3.1.1)"
        return "Mosquitto (MQTT 5)"

    @property
    def config(self) -> Path:
        """The settings file, for every other command."""
        return self.folder / "carbonseal.toml"

    @property
    def gateway(self) -> GatewayName:
        """The plant's gateway."""
        return GatewayName(GATEWAY, self.origin.usc)

    def advance_to(self, at_s: int) -> bool:
        """Let the chain live on to a second of Unix time; False where its clock is not ours."""
        chain = self.chain.faucet
        if not isinstance(chain, DevelopmentChain):
            return False
        chain.advance_to(at_s)
        return True

    def ledger(self, *, processes: int = 0) -> Ledger:
        """Open the ledger; closed with the world."""
        return self._stack.enter_context(open_ledger(self.settings, processes=processes))

    def gateway_address(self) -> BrokerAddress:
        """Give the broker's address for the plant's gateway."""
        return _address(self.office, self.broker_port, self.gateway_tls)


def ear_of(settings: Settings) -> Subscriber | None:
    """Give the ledger's connection to the broker, not started; None where there is no broker."""
    mqtt = settings.mqtt
    if mqtt is None:
        return None
    address = BrokerAddress(
        host=mqtt.host,
        port=mqtt.port,
        authorities=mqtt.ca_file,
        certificate=mqtt.cert_file,
        private_key=mqtt.key_file,
    )
    return Subscriber(address, slot=mqtt.slot, batch=mqtt.batch)


def build_world(
    folder: Path,
    *,
    reset: bool = True,
    network: bool = False,
    begin_s: int | None = None,
    keeps_chain: bool = True,
) -> World:
    """
    Make everything the demonstration stands on.

    Args:
        folder: Where it lives; emptied first, if it is one of ours.
        reset: Empty the folder first.
        network: Run a Clique network of four signers instead of a development chain.
        begin_s: When a development chain begins, Unix seconds; now where it is None.
        keeps_chain: Whether a development chain can be started again from the folder.

    Raises:
        ConfigurationError: If the folder holds something that is not ours.
        DevelopmentChainError: If the chain cannot be started.
    """
    folder = folder.resolve()
    _take(folder, reset=reset)
    with ExitStack() as stack:
        cast = make_cast()
        office = CertificateOffice(folder / "certificates", cast.enterprise.code)
        if network:
            chain = _start_network(stack, folder)
        else:
            chain = _start_anvil(stack, folder, begin_s, keeps_chain)
        client = stack.enter_context(ChainClient(chain.rpc_url))
        stage = ChainStage.build(chain.faucet, client, cast)
        save_deployment(folder / "deployments.json", stage.deployment)
        slot = f"CN={SLOT},O={OPERATOR_CODE}"
        ingester = office.ingester(SLOT, OPERATOR_CODE)
        broker_port = _free_port()
        broker = _start_broker(stack, folder, office, broker_port, slot)
        _write_operator(folder, cast.operator)
        _write_settings(folder, chain, broker_port, slot, ingester)
        settings = load_settings(folder / "carbonseal.toml")
        origin = Origin(HOST, cast.enterprise.code)
        verifier = _open_log(settings, origin)
        stage.open_log(origin, verifier.vkey, cast.enterprise)
        own = Origin(HOST, OPERATOR_CODE)
        stage.open_log(own, _open_log(settings, own).vkey, cast.keeper)
        return World(
            folder=folder,
            cast=cast,
            office=office,
            stage=stage,
            origin=origin,
            log_verifier=verifier,
            broker=broker,
            broker_port=broker_port,
            gateway_tls=office.gateway(GATEWAY),
            settings=settings,
            chain=chain,
            _stack=stack.pop_all(),
        )


def _take(folder: Path, *, reset: bool) -> None:
    is_ours = (folder / _MARK).exists()
    if folder.exists() and any(folder.iterdir()) and not is_ours:
        raise ConfigurationError(f"{folder} is not empty and no demonstration's; name another")
    if reset and is_ours:
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _start_anvil(
    stack: ExitStack, folder: Path, begin_s: int | None, keeps_state: bool
) -> HostedChain:
    options = () if begin_s is None else ("--timestamp", str(begin_s))
    chain = stack.enter_context(
        DevelopmentChain(
            find_anvil(_ROOT), folder / "chain", keeps_state=keeps_state, options=options
        )
    )
    return HostedChain(
        name="a development chain",
        faucet=chain,
        rpc_url=chain.rpc_url,
        chain_id=DEVELOPMENT_CHAIN_ID,
        finality="instant",
        profile="node",
        development=True,
    )


def _start_network(stack: ExitStack, folder: Path) -> HostedChain:
    chain = stack.enter_context(CliqueNetwork(find_geth(_ROOT), folder / "network"))
    return HostedChain(
        name=f"a Clique network of {len(chain.signers)} signers",
        faucet=chain,
        rpc_url=chain.rpc_url,
        chain_id=NETWORK_CHAIN_ID,
        finality=f"depth:{len(chain.signers)}",
        profile="clique",
        development=False,
        validators=chain.signers,
    )


def _start_broker(
    stack: ExitStack, folder: Path, office: CertificateOffice, port: int, slot: str
) -> MosquittoBroker | EmbeddedBroker:
    tls = office.broker()
    try:
        settings = MosquittoSettings(
            folder=folder / "mosquitto",
            port=port,
            authorities=office.roots_file,
            certificate=tls.certificate,
            private_key=tls.key,
            ledger_subjects=(slot,),
        )
        return stack.enter_context(MosquittoBroker(settings))
    except BrokerMissing:
        embedded = EmbeddedSettings(
            port=port,
            authorities=office.roots_file,
            certificate=tls.certificate,
            private_key=tls.key,
            ledger_subjects=(slot,),
        )
        return stack.enter_context(EmbeddedBroker(embedded))


def _open_log(settings: Settings, origin: Origin) -> NoteVerifier:
    signer = open_log_keys(settings.log).create(str(origin))
    with open_database(settings) as database:
        migrations.upgrade(database.engine)
        with database.unit_of_work() as uow:
            open_log(uow, signer, now=SystemClock().now())
            uow.commit()
    return signer.verifier


def _write_operator(folder: Path, operator: AccountSigner) -> None:
    password = secrets.token_urlsafe(24)
    write_secret(folder / "operator.password", password.encode())
    operator.save(folder / "operator.json", password)


def _write_settings(
    folder: Path, chain: HostedChain, broker_port: int, slot: str, ingester: TlsFiles
) -> None:
    text = f"""\
# Made by `carbonseal demo`: everything on this machine, nothing of value.

[database]
url = "sqlite:///{folder / "ledger.sqlite"}"

[log]
host = "{HOST}"
operator = "{OPERATOR_CODE}"
keys = "log-keys"
platform_roots = "certificates/platform-roots.pem"
anchor_s = 1

[chain]
rpc_url = "{chain.rpc_url}"
chain_id = {chain.chain_id}
deployments = "deployments.json"
operator_keystore = "operator.json"
operator_password_file = "operator.password"
finality = "{chain.finality}"
profile = "{chain.profile}"
development = {str(chain.development).lower()}

[mqtt]
host = "localhost"
port = {broker_port}
ca_file = "certificates/platform-roots.pem"
cert_file = "certificates/{ingester.certificate.name}"
key_file = "certificates/{ingester.key.name}"
slot = "{slot}"

[web]
port = 8080
access_file = "access.json"

[worker]
processes = 0
"""
    (folder / "carbonseal.toml").write_text(text, encoding="utf-8")


def _address(office: CertificateOffice, port: int, tls: TlsFiles) -> BrokerAddress:
    return BrokerAddress(
        host=HOST,
        port=port,
        authorities=office.roots_file,
        certificate=tls.certificate,
        private_key=tls.key,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
