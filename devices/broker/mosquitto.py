"""
Mosquitto as the courier: its configuration written, and one child process that leaves no orphan.

What holds: nobody connects without a certificate that leads to a platform root; the certificate's
subject is user name and client id, so nobody can take another's session; a gateway writes only its
own `up` and reads only its own `down`; only the ledger reads all `up` and writes `down`.
Durability is not the broker's: it rests on the outbox and the ledger's receipt.

Source: mosquitto.conf(5) of 2.0.11; FORMATS section 7; `deploy/mosquitto/` for a server.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from devices.errors import BrokerMissing, BrokerUnavailable, DeviceError
from devices.topics import ALL_UP, GatewayName

MAX_PACKET_BYTES: Final = 131_072
"""A log entry has at most 65 535 bytes; an answer with proof and checkpoint has less."""
_START_TIMEOUT_S: Final = 10
_STOP_TIMEOUT_S: Final = 10
_POLL_S: Final = 0.02
_SEARCH_PATH: Final = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin"
_LOG_TAIL_BYTES: Final = 2_000


@dataclass(frozen=True, slots=True)
class MosquittoSettings:
    """What the broker needs to know; all files are PEM."""

    folder: Path
    """Where configuration, access list, log and queued messages go."""
    port: int
    authorities: Path
    """Platform roots. The enterprises' own authorities come with the clients' chains."""
    certificate: Path
    private_key: Path
    ledger_subjects: tuple[str, ...]
    """Subjects that may read every gateway, one for each ingest slot, `CN=<slot>,O=<usc>`."""
    bind_address: str = "127.0.0.1"
    blocked: tuple[GatewayName, ...] = ()
    """Gateways whose certificate is still valid and who may not use the broker any more."""
    max_queued_messages: int = 200_000
    """For each client that is away; Mosquitto's own 1000 would drop a minute of a large works."""
    autosave_interval_s: int = 30
    """How often queued messages go to disk; Mosquitto's own is 1800."""


def find_mosquitto() -> Path:
    """
    Give the broker program.

    Raises:
        BrokerMissing: If it is not installed.
    """
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path=_SEARCH_PATH)
    if found is None:
        raise BrokerMissing("mosquitto is not installed (on Debian: apt-get install mosquitto)")
    return Path(found)


def format_configuration(settings: MosquittoSettings, *, user: str) -> str:
    """Give the text of `mosquitto.conf`; `user` is whom a broker started by root becomes."""
    folder = settings.folder
    lines = [
        f"user {user}",
        "per_listener_settings false",
        # Without a certificate that leads to a root, the TLS handshake fails.
        f"listener {settings.port} {settings.bind_address}",
        "protocol mqtt",
        "tls_version tlsv1.2",
        f"cafile {settings.authorities}",
        f"certfile {settings.certificate}",
        f"keyfile {settings.private_key}",
        "require_certificate true",
        "allow_anonymous false",
        # The subject in RFC 4514 order: CN=<gateway>,O=<usc>. Also as the client id, or one
        # certificate could take over another's session and what is queued in it.
        "use_subject_as_username true",
        "use_username_as_clientid true",
        f"acl_file {folder / 'access.acl'}",
        # QoS 1 queues: bounded by number and kept over a restart.
        "persistence true",
        f"persistence_location {folder}/",
        f"autosave_interval {settings.autosave_interval_s}",
        f"max_queued_messages {settings.max_queued_messages}",
        "queue_qos0_messages false",
        # 0 leaves the bound to each client's Receive Maximum; the default of 20 stalls ingest.
        "max_inflight_messages 0",
        f"max_packet_size {MAX_PACKET_BYTES}",
        "persistent_client_expiration 14d",
        # A retained message would be delivered to every later subscriber as if it were new.
        "retain_available false",
        "set_tcp_nodelay true",
        "sys_interval 0",
        f"log_dest file {folder / 'mosquitto.log'}",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages true",
    ]
    return "\n".join(lines) + "\n"


def format_access_list(settings: MosquittoSettings) -> str:
    """Give the text of the access list; a topic it does not name is refused."""
    lines: list[str] = []
    for subject in settings.ledger_subjects:
        lines += [f"user {subject}", f"topic read {ALL_UP}", "topic write cs/v1/+/down", ""]
    for gateway in settings.blocked:
        lines += [f"user {gateway.subject}", "topic deny cs/v1/#", ""]
    # Patterns hold for every user; %u is the certificate's subject.
    lines += ["pattern write cs/v1/%u/up", "pattern read cs/v1/%u/down"]
    return "\n".join(lines) + "\n"


class MosquittoBroker:
    """
    A Mosquitto child process with the configuration of its settings.

    The child dies with this process, also when that is killed: the kernel tells it.
    """

    def __init__(self, settings: MosquittoSettings) -> None:
        self._settings = settings
        self._program = find_mosquitto()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether the child process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """
        Write the configuration, start the broker and wait until it accepts connections.

        Raises:
            BrokerUnavailable: If it ends, or does not listen in time; with the end of its log.
        """
        if self.is_running:
            return
        self._settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write("access.acl", format_access_list(self._settings))
        user = pwd.getpwuid(os.getuid()).pw_name
        self._write("mosquitto.conf", format_configuration(self._settings, user=user))
        self._process = subprocess.Popen(
            [*_dies_with_us(), str(self._program), "-c", str(self._path("mosquitto.conf"))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_listening()

    def reload(self, settings: MosquittoSettings) -> None:
        """
        Take a changed access list without a restart; gateways just blocked are cut off by it.

        Raises:
            DeviceError: If more than `blocked` and `ledger_subjects` changed.
        """
        if format_configuration(settings, user="") != format_configuration(self._settings, user=""):
            raise DeviceError("only the access list can change while the broker runs")
        self._settings = settings
        self._write("access.acl", format_access_list(settings))
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End the broker, which saves its queues first; kill it where it does not end."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End the broker as a power cut would: nothing is saved."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _wait_listening(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        address = (self._settings.bind_address, self._settings.port)
        while time.monotonic() < deadline:
            if not self.is_running:
                self._process = None
                raise BrokerUnavailable(f"mosquitto ended at once: {self._log_tail()}")
            with contextlib.suppress(OSError), socket.create_connection(address, timeout=1):
                return
            time.sleep(_POLL_S)
        self.stop()
        raise BrokerUnavailable(f"mosquitto does not listen on {address}: {self._log_tail()}")

    def _log_tail(self) -> str:
        log = self._path("mosquitto.log")
        return log.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace") if log.exists() else ""

    def _path(self, name: str) -> Path:
        return self._settings.folder / name

    def _write(self, name: str, text: str) -> None:
        path = self._path(name)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)


def _dies_with_us() -> list[str]:
    """Ask the kernel to end the child when the thread that started it ends (Linux)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []
