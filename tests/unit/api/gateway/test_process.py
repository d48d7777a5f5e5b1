"""A gateway joined from its settings: what it signs, what it shows, what it takes orders for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.errors import ConfigurationError
from api.gateway.live_state import live_file, read_live_state
from api.gateway.orders import Orders, SendAgain
from api.gateway.process import Gateway, open_gateway
from api.gateway.settings import GatewaySettings, load_gateway_settings
from api.gateway.signers import Signers
from api.gateway.status import STALE_AFTER_MS, gateway_status
from api.secret_files import ask_nobody
from attestation.enums import Outcome, SignerKind
from attestation.ids import parse_origin
from attestation.instants import Instant
from attestation.keys import Algorithm
from attestation.messages import parse_message
from devices.errors import DeviceError, SignerStateMissing, StoreBusy
from devices.outbox import Outbox
from devices.rotation import begin_chain
from devices.store import GatewayStore, StoreView
from tests.support.gateway import ORIGIN, START_S
from tests.support.gateway_settings import KEY, LEDGER, LOG, METER, PLACE, write_settings

NOW = Instant((START_S + 4 * 900 + 1) * 1000)
MESSAGES = 9


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> Instant:
        """Give the time."""
        return self.time


@pytest.fixture
def clock() -> Clock:
    """Four quarter hours after the meter was put up."""
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> GatewaySettings:
    """Settings of a gateway whose ledger does not answer, with its key made and begun."""
    loaded = load_gateway_settings(write_settings(tmp_path))
    with Signers(loaded, ask_nobody) as signers, GatewayStore(loaded.gateway.store) as store:
        kid = signers.make("boiler", Algorithm.ED25519).public_key.kid
        begin_chain(store, kid, parse_origin(loaded.log.origin))
    return loaded


@pytest.fixture
def gateway(settings: GatewaySettings, clock: Clock) -> Iterator[Gateway]:
    """The gateway, open."""
    with open_gateway(settings, ask=ask_nobody, clock=clock.now) as opened:
        yield opened


def kept(settings: GatewaySettings) -> list[bytes]:
    """Give the messages on disk."""
    with StoreView(settings.gateway.store) as store:
        rows = store.fetch("SELECT content FROM message ORDER BY epoch, sequence")
    return [content for (content,) in rows]


def test_what_the_meter_says_is_signed_and_kept(
    gateway: Gateway, settings: GatewaySettings
) -> None:
    """Every interval since the meter was put up, amounts and register, by the gateway's key."""
    gateway.agent.step()
    (content,) = kept(settings)
    message = parse_message(content, origin=str(ORIGIN))
    amounts = [each.value for each in message.readings if not each.register]
    standings = [each.value for each in message.readings if each.register]

    assert message.header.signer is SignerKind.GATEWAY
    assert len(amounts) == 4
    assert standings[-1] == sum(value or 0 for value in amounts)


def test_restart_goes_on_with_the_next_interval(settings: GatewaySettings, clock: Clock) -> None:
    """A register does not begin anew, and no interval is signed twice."""
    for quarter in range(2):
        clock.time = Instant(NOW + quarter * 900_000)
        with open_gateway(settings, ask=ask_nobody, clock=clock.now) as opened:
            opened.agent.step()
    readings = [
        reading
        for content in kept(settings)
        for reading in parse_message(content, origin=str(ORIGIN)).readings
    ]
    amounts = [each for each in readings if not each.register]

    assert [each.end_s for each in amounts] == [START_S + 900 * n for n in range(1, 6)]
    last = [each.value for each in readings if each.register][-1]
    assert last == sum(each.value or 0 for each in amounts)


def test_second_process_does_not_start(
    gateway: Gateway, settings: GatewaySettings, clock: Clock
) -> None:
    """Two signers of one state would equivocate."""
    with (
        pytest.raises(StoreBusy, match="another process"),
        open_gateway(settings, ask=ask_nobody, clock=clock.now),
    ):
        pass


def test_key_that_never_began_does_not_start(tmp_path: Path, clock: Clock) -> None:
    """Epoch 0 is opened at enrolment, never by a start."""
    settings = load_gateway_settings(write_settings(tmp_path))
    with Signers(settings, ask_nobody) as signers:
        signers.make("boiler", Algorithm.ED25519)
    with (
        open_gateway(settings, ask=ask_nobody, clock=clock.now) as opened,
        pytest.raises(SignerStateMissing),
    ):
        opened.run(threading.Event())


def test_password_that_is_not_to_be_had(tmp_path: Path, clock: Clock) -> None:
    """Without a file and without a terminal the gateway says what it needs."""
    path = write_settings(tmp_path)
    settings = load_gateway_settings(path)
    with Signers(settings, ask_nobody) as signers:
        signers.make("boiler", Algorithm.ED25519)
    write_settings(tmp_path, PLACE, LOG, LEDGER, KEY.replace("password_file", "#"), METER)

    with (
        pytest.raises(ConfigurationError, match="password of key boiler"),
        open_gateway(load_gateway_settings(path), ask=ask_nobody, clock=clock.now),
    ):
        pass


def test_run_ends_when_it_is_asked_to(gateway: Gateway, settings: GatewaySettings) -> None:
    """A clean stop leaves the last state for whoever looks, and nothing unsaid."""
    stopping = threading.Event()
    threading.Timer(0.5, stopping.set).start()
    gateway.run(stopping)

    live = read_live_state(live_file(settings.gateway.store))
    assert live is not None
    assert list(live.key_names.values()) == ["boiler"]


def test_status_of_a_running_gateway(gateway: Gateway, settings: GatewaySettings) -> None:
    """It shows the outbox by state, the keys, the meters, and that the ledger is away."""
    gateway.agent.step()
    gateway._after_round()
    status = gateway_status(settings, now=NOW)
    document = status.document

    assert document["running"] is True
    assert (document["outbox"]["kept"], document["dead_letters"]) == (1, 0)
    assert document["keys"][0]["name"] == "boiler"
    assert document["keys"][0]["next_sequence"] == 1
    assert document["meters"][0]["newest_reading"] == "2025-01-01T01:00:00Z"
    assert document["silent_meters"] == []


def test_silent_meter_needs_a_person(gateway: Gateway, settings: GatewaySettings) -> None:
    """Three intervals without a reading, and the meter is named."""
    gateway.agent.step()
    gateway._after_round()
    limit_ms = (START_S + 4 * 900 + 2700) * 1000

    assert gateway_status(settings, now=Instant(limit_ms)).document["silent_meters"] == []
    late = gateway_status(settings, now=Instant(limit_ms + 1000))
    assert late.document["silent_meters"] == ["boiler"]
    assert any("boiler is silent" in sentence for sentence in late.attention)


def test_status_that_is_old_is_not_believed(gateway: Gateway, settings: GatewaySettings) -> None:
    """A gateway that has not written for a while is neither well nor ill."""
    gateway.agent.step()
    gateway._after_round()
    late = Instant(NOW + STALE_AFTER_MS + 1)

    assert gateway_status(settings, now=NOW).outcome is not Outcome.COULD_NOT_CHECK
    assert gateway_status(settings, now=late).outcome is Outcome.COULD_NOT_CHECK
    assert gateway_status(settings, now=late).document["connection"] is None


def test_status_of_a_gateway_that_does_not_run(settings: GatewaySettings) -> None:
    """What is on disk is shown all the same."""
    status = gateway_status(settings, now=NOW)

    assert status.outcome is Outcome.COULD_NOT_CHECK
    assert status.document["keys"][0]["epoch"] == 0


def test_running_gateway_sends_again(gateway: Gateway, settings: GatewaySettings) -> None:
    """An order left by another process is carried out within a round, and answered."""
    gateway.agent.step()
    kid = next(iter(gateway._key_names))
    orders = Orders(settings.gateway.store)
    done: list[int] = []
    asking = threading.Thread(
        target=lambda: done.append(orders.place(SendAgain(kid, 0, 0), timeout_s=30))
    )
    asking.start()
    while asking.is_alive():
        gateway._after_round()
        asking.join(0.02)

    assert done == [1]


def test_order_that_nobody_takes_is_withdrawn(settings: GatewaySettings) -> None:
    """Nothing is left behind that a later start would do."""
    orders = Orders(settings.gateway.store)
    with pytest.raises(DeviceError, match="took no order") as refused:
        orders.place(SendAgain("00" * 32, 0, 0), timeout_s=0.1)

    assert refused.value.stable_code == "device.order_not_taken"
    assert list(settings.gateway.store.with_name("gateway.sqlite.orders").iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "{}", '{"kid": "zz", "epoch": 0, "from_sequence": 0}', '{"kid": 1}', "[1]"]
)
def test_order_that_is_none_is_removed(settings: GatewaySettings, text: str) -> None:
    """A file of anything else stops nothing."""
    folder = settings.gateway.store.with_name("gateway.sqlite.orders")
    folder.mkdir()
    (folder / "x.json").write_text(text, encoding="utf-8")
    with GatewayStore(settings.gateway.store) as store:
        Orders(settings.gateway.store).take(Outbox(store), NOW)

    assert list(folder.glob("*.json")) == []


def test_live_state_that_is_damaged(settings: GatewaySettings) -> None:
    """A half-written file is as good as none."""
    path = live_file(settings.gateway.store)
    path.write_text('{"at": "yesterday"}', encoding="utf-8")

    assert read_live_state(path) is None
