"""A proxy hands certificates on over a UNIX socket, and nobody else can."""

from __future__ import annotations

import stat
import threading
from hashlib import sha256
from pathlib import Path
from typing import cast

import httpx2
import pytest

from api.app import create_app
from api.bootstrap import Ledger
from api.cli.listening import listening
from api.cli.run import make_server
from api.clock import SystemClock
from api.errors import ConfigurationError
from api.logs import configure_logs
from api.settings import WebSettings
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.keys import SoftwareKey
from ledger.repositories.machine_keys import MachineKey
from tests.fakes.clock import FixedClock
from tests.support.access import OWNER
from tests.support.machines import certificate_of

KEY = SoftwareKey.from_seed(sha256(b"machine behind a proxy").digest())


def register_key(ledger: Ledger, now: Instant) -> None:
    """Let the machine's key be registered."""
    key = MachineKey(
        id=KEY.public_key.kid.hex(),
        spki=KEY.public_key.spki_der,
        party_id=OWNER.party_id,
        address=OWNER.address,
        name="machine",
        message="",
        signature=b"",
        registered_at=now,
        expires_at=Instant(now + MILLISECONDS_PER_DAY),
    )
    with ledger.database.unit_of_work() as uow:
        uow.machine_keys.add(key)
        uow.commit()


def test_header_counts_on_the_socket_and_not_on_the_port(ledger: Ledger, tmp_path: Path) -> None:
    """The same request is the machine's over the socket and nobody's over TCP."""
    configure_logs(level="ERROR")
    now = SystemClock().now()
    cast(FixedClock, ledger.clock).instant = now
    register_key(ledger, now)
    path = tmp_path / "s"
    field = {"client-cert": certificate_of(KEY, begin=Instant(now - 1000))}
    with listening(WebSettings(port=0, socket_file=path)) as sockets:
        port = sockets[0].getsockname()[1]
        server = make_server(create_app(ledger), "127.0.0.1", port)
        thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
        thread.start()
        by_socket = httpx2.Client(transport=httpx2.HTTPTransport(uds=str(path)))
        with by_socket, httpx2.Client(trust_env=False) as by_port:
            shown = by_socket.get("http://proxy/v1/auth/me", headers=field).json()
            unseen = by_port.get(f"http://127.0.0.1:{port}/v1/auth/me", headers=field).json()
        mode = stat.S_IMODE(path.stat().st_mode)
        server.should_exit = True
        thread.join(timeout=30)

    assert (shown["role"], shown["proof"]) == ("enterprise", "client-certificate")
    assert unseen["role"] == "nobody"
    assert mode == 0o660
    assert not path.exists()


def test_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    """A file of somebody's is neither removed nor listened on."""
    path = tmp_path / "s"
    path.write_text("mine")

    with pytest.raises(ConfigurationError), listening(WebSettings(port=0, socket_file=path)):
        pass

    assert path.read_text() == "mine"
