"""
What `doctor` looks at of the broker: that both sides show certificates, and whom it lets in.

Only TLS is spoken: a session of the ledger's own name would end the one that is working. In TLS 1.3
a server looks at the client's certificate after the client thinks that the handshake is over, so
its refusal is waited for.

Source: RFC 8446, section 4.4.2.4; FORMATS section 7.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from typing import Final

from api.cli.doctor_checks import Line, could_not, expiry, ok, problem
from api.clock import SystemClock
from api.settings import MqttSettings, Settings
from devices.session import BrokerAddress
from devices.tls import client_context

_TIMEOUT_S: Final = 5
_REFUSAL_S: Final = 1
"""A broker that has refused nothing after this long waits for the first packet."""


class _Refused(Exception):
    """The broker ended the connection instead of waiting for the first packet."""


def broker(settings: Settings) -> Sequence[Line]:
    """Look whether broker and ledger know each other by certificates, and no stranger gets in."""
    mqtt = settings.mqtt
    if mqtt is None:
        return [ok("broker", "none is set; messages come by HTTP")]
    address = BrokerAddress(mqtt.host, mqtt.port, mqtt.ca_file, mqtt.cert_file, mqtt.key_file)
    place = f"{mqtt.host}:{mqtt.port}"
    try:
        version, certificate = _shake_hands(mqtt, client_context(address))
    except ssl.SSLCertVerificationError as error:
        fix = "Have its certificate issued for this host by one of the authorities in mqtt.ca_file."
        return [problem("broker", f"{place}: {error.verify_message}", fix)]
    except (ssl.SSLError, _Refused) as error:
        fix = (
            "See that the broker trusts the root of mqtt.cert_file, and that it is not expired: "
            "the broker's log says why."
        )
        return [problem("broker", f"{place} refuses our certificate: {_reason(error)}", fix)]
    except OSError as error:
        fix = "Start the broker, and see that its address and the way to it are right."
        return [could_not("broker", f"{place}: {error.strerror or error}", fix)]
    return [
        ok("broker", f"{place} speaks {version} and takes our certificate"),
        expiry("broker's certificate", [certificate], SystemClock().now()),
        _strangers(mqtt, place),
    ]


def _strangers(mqtt: MqttSettings, place: str) -> Line:
    name = "strangers at the broker"
    context = ssl.create_default_context(cafile=str(mqtt.ca_file))
    try:
        _shake_hands(mqtt, context)
    except (ssl.SSLError, _Refused, ConnectionResetError, BrokenPipeError):
        return ok(name, "who shows no certificate is refused")
    except OSError as error:
        fix = "Look at the line of the broker first."
        return could_not(name, f"{place}: {error.strerror or error}", fix)
    fix = "Let the broker require certificates (Mosquitto: `require_certificate true`)."
    return problem(name, f"{place} lets in who shows no certificate", fix)


def _shake_hands(mqtt: MqttSettings, context: ssl.SSLContext) -> tuple[str, bytes]:
    """Give the version and the broker's certificate, once it has not refused us."""
    context.sslsocket_class = ssl.SSLSocket  # the courier's own socket reads whole packets
    with (
        socket.create_connection((mqtt.host, mqtt.port), timeout=_TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname=mqtt.host) as secured,
    ):
        certificate = secured.getpeercert(binary_form=True) or b""
        secured.settimeout(_REFUSAL_S)
        try:
            secured.recv(1)
        except TimeoutError:
            return secured.version() or "", certificate
        raise _Refused("it ended the connection")


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason).lower().replace("_", " ") if reason else str(error)
