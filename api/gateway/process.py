"""
A gateway from its settings: the one place that joins its parts, and the loop that runs them.

The database is opened first and held to the end: a second process over one state does not start.
What is listened on, the courier and the tokens are closed in the opposite order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

import structlog

from api.gateway.live_state import WRITE_EVERY_MS, LiveState, live_file, write_live_state
from api.gateway.meters import LineBuilder, read_meters
from api.gateway.orders import Orders
from api.gateway.receipts import LedgerReceipts
from api.gateway.settings import BrokerSettings, GatewaySettings
from api.gateway.signers import Signers
from api.secret_files import Ask, read_secret
from attestation.enums import SignerKind
from attestation.ids import Origin, parse_origin
from attestation.instants import (
    MILLISECONDS_PER_DAY,
    MILLISECONDS_PER_HOUR,
    MILLISECONDS_PER_SECOND,
    Instant,
)
from devices.agent import Agent, AgentSettings
from devices.courier import Courier
from devices.errors import BrokerError
from devices.hearing import Hearing
from devices.http_publisher import HttpPublisher
from devices.ledger_http import open_ledger_http
from devices.outbox import Outbox, OutboxLimits
from devices.publisher import Publisher
from devices.session import BrokerAddress, ProtocolChoice
from devices.signer_state import SignerState
from devices.store import GatewayStore
from devices.topics import GatewayName

GATEWAY_STARTED: Final = "gateway_started"
GATEWAY_STATE: Final = "gateway_state_changed"
GATEWAY_STOPPED: Final = "gateway_stopped"

Clock = Callable[[], Instant]

_log = structlog.get_logger(__name__)


class Gateway:
    """
    A gateway whose parts are joined.

    Args:
        settings: Of the gateway.
        agent: Its loop.
        outbox: What it keeps.
        key_names: Names the settings give to the keys in use, by key id in hexadecimal.
        chores: What is to be done each hour.
        clock: Gives the time.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        agent: Agent,
        outbox: Outbox,
        *,
        key_names: dict[str, str],
        chores: Sequence[Callable[[Instant], object]],
        clock: Clock,
    ) -> None:
        self.agent = agent
        self._key_names = key_names
        self._settings = settings
        self._outbox = outbox
        self._chores = tuple(chores)
        self._clock = clock
        self._orders = Orders(settings.gateway.store)
        self._live_file = live_file(settings.gateway.store)
        self._written_at: Instant | None = None
        self._chores_at: Instant | None = None
        self._alarms: tuple[object, ...] | None = None

    def run(self, stopping: threading.Event) -> None:
        """
        Run until `stopping` is set.

        Raises:
            SignerStateError: If a key's state does not allow it to go on; nothing was signed.
            StoreUnavailable: If the database fails.
            SessionTakenOver: If another process has this gateway's certificate.
        """
        self.agent.start()
        _log.info(
            GATEWAY_STARTED,
            gateway=self._settings.gateway.name,
            origin=self._settings.log.origin,
            meters=len(self._settings.meter),
        )
        try:
            self.agent.run(stopping, self._after_round)
        finally:
            self._write(self._clock())
        _log.info(GATEWAY_STOPPED, gateway=self._settings.gateway.name)

    def _after_round(self) -> None:
        now = self._clock()
        self._orders.take(self._outbox, now)
        if _is_due(self._chores_at, now, MILLISECONDS_PER_HOUR):
            self._chores_at = now
            for chore in self._chores:
                chore(now)
        if _is_due(self._written_at, now, WRITE_EVERY_MS):
            self._write(now)

    def _write(self, now: Instant) -> None:
        self._written_at = now
        state = LiveState.of(self.agent.status(), now, key_names=self._key_names)
        write_live_state(self._live_file, state)
        if state.alarms() != self._alarms:
            self._alarms = state.alarms()
            _log.info(
                GATEWAY_STATE,
                connected=state.connection["connected"],
                contested=state.connection["contested"],
                last_failure=state.connection["last_failure"],
                measuring_stopped=state.measuring_stopped,
                problems=state.problems,
                halted_keys=state.halted_keys,
            )


@contextmanager
def open_gateway(settings: GatewaySettings, *, ask: Ask, clock: Clock) -> Iterator[Gateway]:
    """
    Build a gateway; closed when the block ends.

    Args:
        settings: The settings.
        ask: Asks for passwords and PINs that no file holds.
        clock: Gives the time.

    Raises:
        ConfigurationError: If a file that the settings name cannot be used.
        StoreBusy: If another process holds its database.
        EnrolmentError: If a key cannot be opened.
        MappingError: If a mapping file is wrong.
    """
    meters = read_meters(settings.meter)
    origin = parse_origin(settings.log.origin)
    with ExitStack() as stack:
        store = stack.enter_context(GatewayStore(settings.gateway.store))
        outbox = Outbox(store, limits_of(settings))
        signers = stack.enter_context(Signers(settings, ask))
        states = {
            name: SignerState(store, outbox, signers.open(name), origin)
            for name in dict.fromkeys(meter.settings.key for meter in meters)
        }
        builder = LineBuilder(stack, store=store, states=states, clock=clock)
        lines = [builder.open(meter, _kind_of(settings, meter.settings.key)) for meter in meters]
        courier = _courier(settings, origin)
        stack.callback(courier.stop)
        agent = Agent(
            publisher=courier,
            outbox=outbox,
            hearing=_hearing(settings, origin, store, outbox),
            lines=lines,
            clock=clock,
            receipts=_receipts(settings, origin, store, stack),
            settings=AgentSettings(
                interval_s=settings.gateway.interval_s, backlog_per_s=settings.outbox.backlog_per_s
            ),
        )
        yield Gateway(
            settings,
            agent,
            outbox,
            key_names={state.kid.hex(): name for name, state in states.items()},
            chores=builder.chores,
            clock=clock,
        )


def limits_of(settings: GatewaySettings) -> OutboxLimits:
    """Give how much the outbox keeps, and how long."""
    return OutboxLimits(
        max_bytes=settings.outbox.max_bytes,
        retention_ms=settings.outbox.retention_days * MILLISECONDS_PER_DAY,
    )


def receipts_of(
    settings: GatewaySettings, store: GatewayStore, stack: ExitStack
) -> LedgerReceipts | None:
    """Give the way to the ledger's newest receipts; None where its address is not set."""
    return _receipts(settings, parse_origin(settings.log.origin), store, stack)


def _receipts(
    settings: GatewaySettings, origin: Origin, store: GatewayStore, stack: ExitStack
) -> LedgerReceipts | None:
    if settings.ledger is None:
        return None
    ledger = open_ledger_http(settings.ledger.url, origin, ca_file=settings.ledger.ca_file)
    stack.callback(ledger.close)
    log_key = settings.log.verifier.public_key
    return LedgerReceipts(ledger, origin=origin, log_key=log_key, store=store)


def _hearing(
    settings: GatewaySettings, origin: Origin, store: GatewayStore, outbox: Outbox
) -> Hearing:
    promise_s = settings.log.promise_s
    return Hearing(
        origin=origin,
        log_key=settings.log.verifier.public_key,
        store=store,
        outbox=outbox,
        promise_delay_ms=None if promise_s is None else promise_s * MILLISECONDS_PER_SECOND,
    )


def _courier(settings: GatewaySettings, origin: Origin) -> Courier:
    if settings.broker is not None:
        broker = settings.broker
        return Publisher(
            _address(broker),
            GatewayName(settings.gateway.name, origin.usc),
            window=broker.window,
            protocol=ProtocolChoice(broker.protocol),
        )
    if settings.ledger is None:
        raise BrokerError("there is neither a broker nor a ledger's address")
    ledger = open_ledger_http(settings.ledger.url, origin, ca_file=settings.ledger.ca_file)
    return HttpPublisher(ledger, poll_s=settings.ledger.poll_s)


def _address(settings: BrokerSettings) -> BrokerAddress:
    path = settings.key_password_file
    return BrokerAddress(
        host=settings.host,
        port=settings.port,
        authorities=settings.ca_file,
        certificate=settings.cert_file,
        private_key=settings.key_file,
        password=None if path is None else read_secret(path).encode(),
    )


def _kind_of(settings: GatewaySettings, key: str) -> SignerKind:
    found = settings.key_named(key)
    is_device = found is not None and found.signer == "device"
    return SignerKind.DEVICE if is_device else SignerKind.GATEWAY


def _is_due(done_at: Instant | None, now: Instant, every_ms: int) -> bool:
    return done_at is None or not 0 <= now - done_at < every_ms
