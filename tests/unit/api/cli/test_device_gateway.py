"""Commands about a gateway and the chains of its keys, on its own files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestation.ids import Kid, parse_origin
from attestation.instants import Instant
from attestation.keys import SoftwareKey
from devices.closing_statements import parse_statement
from devices.outbox import Outbox
from devices.position import read_position
from devices.signer_state import Batch, SignerState
from devices.store import GatewayStore
from tests.support.gateway import ORIGIN, reading, time_of
from tests.support.gateway_settings import KEY, LEDGER, LOG, METER, PLACE, write_settings
from tests.unit.api.cli.conftest import Run

OTHER = KEY.replace('"boiler"', '"boiler-2"').replace("boiler.pem", "boiler-2.pem")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A gateway with two keys and a meter."""
    return write_settings(tmp_path, PLACE, LOG, LEDGER, KEY, OTHER, METER)


@pytest.fixture
def begun(config: Path, run: Run) -> Kid:
    """Both keys are made, the first has begun its chain and signed two messages."""
    for name in ("boiler", "boiler-2"):
        assert run("device", "key", "--config", config, "--key-name", name).code == 0
    made = run("device", "begin", "--config", config, "--key", "boiler", "--json")
    pem = (config.parent / "boiler.pem").read_bytes()
    key = SoftwareKey.from_pem(pem, b"a password")
    with GatewayStore(config.parent / "gateway.sqlite") as store:
        state = SignerState(store, Outbox(store), key, ORIGIN)
        state.sign_and_keep([Batch((reading(n),)) for n in range(2)], now=time_of(2))
    return Kid(bytes.fromhex(made.document["kid"]))


def test_key_is_made_where_the_settings_say(config: Path, run: Run) -> None:
    """Encrypted, for its owner only, and never written over."""
    assert run("device", "key", "--config", config, "--key-name", "boiler").code == 0
    file = config.parent / "boiler.pem"

    assert b"ENCRYPTED" in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert run("device", "key", "--config", config, "--key-name", "boiler").code == 1


@pytest.mark.parametrize("arguments", [(), ("--key-name", "boiler"), ("x.pem", "--key-name", "b")])
def test_key_of_neither_file_nor_settings(run: Run, arguments: tuple[str, ...]) -> None:
    """Half of either way is a usage error."""
    assert run("device", "key", *arguments).code == 2


def test_request_says_what_the_settings_say(config: Path, begun: Kid, run: Run) -> None:
    """Log, gateway, series of the key's meters, and who signs."""
    out = config.parent / "request.json"
    ran = run("device", "request", "--config", config, "--key-name", "boiler", "--out", out)
    checked = run("device", "check-request", out, "--origin", ORIGIN, "--json").document

    assert ran.code == 0
    assert checked["series"] == ["boiler-1/energy/register/", "boiler-1/energy/total/"]
    assert (checked["signer"], checked["gateway"], checked["epoch"]) == ("gateway", "gateway-1", 0)
    assert checked["kid"] == begun.hex()


def test_request_of_a_key_that_takes_over(config: Path, begun: Kid, run: Run) -> None:
    """It asks for the old key's series, from the epoch after its present one."""
    out = config.parent / "request.json"
    run(
        *("device", "request", "--config", config, "--key-name", "boiler-2", "--out", out),
        *("--replaces", "boiler"),
    )
    checked = run("device", "check-request", out, "--origin", ORIGIN, "--json").document

    assert checked["epoch"] == 1
    assert checked["series"] == ["boiler-1/energy/register/", "boiler-1/energy/total/"]


def test_key_without_meters_measures_nothing(config: Path, begun: Kid, run: Run) -> None:
    """A key that no meter names asks for no series by itself."""
    out = config.parent / "request.json"

    ran = run("device", "request", "--config", config, "--key-name", "boiler-2", "--out", out)
    assert ran.code == 2
    assert not out.exists()


def test_hand_over_names_the_last_message(config: Path, begun: Kid, run: Run) -> None:
    """The statement says where the chain ended; the new key goes on in the next epoch."""
    out = config.parent / "closing.json"
    ran = run(
        *("device", "hand-over", "--config", config, "--from", "boiler", "--to", "boiler-2"),
        *("--out", out, "--json"),
    )
    statement = parse_statement(out.read_bytes(), origin=parse_origin(str(ORIGIN)))

    assert ran.code == 0
    assert statement.closed is not None
    assert (statement.kid, statement.closed.last_sequence) == (begun, 1)
    assert statement.next_kid is not None
    with GatewayStore(config.parent / "gateway.sqlite") as store:
        assert read_position(store, statement.next_kid).epoch == 1


def test_statement_that_cannot_be_written_ends_nothing(config: Path, begun: Kid, run: Run) -> None:
    """The database changes only when the office can be told."""
    out = config.parent / "nowhere" / "closing.json"
    ran = run("device", "end", "--config", config, "--key", "boiler", "--out", out)

    assert ran.code == 2
    with GatewayStore(config.parent / "gateway.sqlite") as store:
        assert read_position(store, begun).closed is None


def test_ended_key_stays_ended(config: Path, begun: Kid, run: Run) -> None:
    """A device that was taken out does not come back by itself."""
    out = config.parent / "closing.json"
    arguments = ("device", "end", "--config", config, "--key", "boiler", "--out", out)

    assert run(*arguments).code == 0
    assert run(*arguments).code == 1


def test_new_epoch_after_the_last_undisputed_message(config: Path, begun: Kid, run: Run) -> None:
    """The same key goes on in the next epoch."""
    out = config.parent / "closing.json"
    ran = run(
        *("device", "new-epoch", "--config", config, "--key", "boiler", "--out", out),
        *("--reason", "equivocation", "--last", "0", "--json"),
    )

    assert ran.document["last_sequence"] == 0
    assert ran.document["next_kid"] is None


def test_recovery_needs_the_ledger(config: Path, begun: Kid, run: Run) -> None:
    """Without an answer nothing is made up."""
    out = config.parent / "closing.json"

    assert run("device", "recover", "--config", config, "--key", "boiler", "--out", out).code == 3


def test_begun_key_does_not_begin_again(config: Path, begun: Kid, run: Run) -> None:
    """Its numbers would be used twice."""
    ran = run("device", "begin", "--config", config, "--key", "boiler", "--json")

    assert (ran.code, ran.document["code"]) == (1, "device.signer_state")


def test_status_and_send_again_of_a_gateway_at_rest(config: Path, begun: Kid, run: Run) -> None:
    """Both work while it does not run."""
    status = run("device", "status", "--config", config, "--json")
    again = run("device", "send-again", begun.hex()[:8], "--from", "1", "--config", config)

    assert (status.code, status.document["running"]) == (3, False)
    assert status.document["outbox"]["kept"] == 2
    assert (again.code, again.out.strip()) == (0, "1 messages are due again")


def test_status_as_text(config: Path, begun: Kid, run: Run) -> None:
    """People read the same."""
    ran = run("device", "status", "--config", config)

    assert "not running" in ran.out
    assert begun.hex() in ran.out


@pytest.mark.parametrize("named", ["abc", "00" * 32])
def test_key_that_is_not_there(config: Path, begun: Kid, run: Run, named: str) -> None:
    """Too few characters, or none of this gateway."""
    assert run("device", "send-again", named, "--config", config).code == 2


def test_gateway_that_never_was(config: Path, run: Run) -> None:
    """Looking makes no database."""
    ran = run("device", "status", "--config", config, "--json")

    assert ran.document["code"] == "device.store_unavailable"
    assert not (config.parent / "gateway.sqlite").exists()


def test_dead_letters_say_what_was_refused(config: Path, begun: Kid, run: Run) -> None:
    """Code, number, and the time and series of what is missing now."""
    with GatewayStore(config.parent / "gateway.sqlite") as store:
        store.execute(
            "INSERT INTO dead_letter SELECT message_id, kid, epoch, sequence, content,"
            " 'admission.revoked_key', x'00', ? FROM message WHERE sequence = 1",
            (Instant(time_of(3)),),
        )
    ran = run("device", "dead-letters", "--config", config, "--json")
    text = run("device", "dead-letters", "--config", config).out

    (letter,) = ran.document
    assert (letter["code"], letter["sequence"]) == ("admission.revoked_key", 1)
    assert letter["series"] == ["boiler-1/energy/total/"]
    assert (letter["from"], letter["to"]) == ("2025-01-01T00:15:00Z", "2025-01-01T00:30:00Z")
    assert "admission.revoked_key" in text
    assert json.dumps(ran.document)
