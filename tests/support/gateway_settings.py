"""A gateway's settings file in a folder, with a key and a simulated meter."""

from __future__ import annotations

from pathlib import Path

from attestation.keys import Algorithm, SoftwareKey
from attestation.note_keys import NoteAlgorithm, NoteVerifier
from tests.support.gateway import ORIGIN

LOG_KEY = SoftwareKey.from_seed(b"L" * 32, Algorithm.ED25519)
VKEY = NoteVerifier(str(ORIGIN), NoteAlgorithm.ED25519, LOG_KEY.public_key).vkey

PLACE = """\
[gateway]
name = "gateway-1"
store = "gateway.sqlite"
"""
LOG = f"""\
[log]
origin = "{ORIGIN}"
vkey = "{VKEY}"
"""
BROKER = """\
[broker]
host = "localhost"
port = 1
ca_file = "ca.pem"
cert_file = "gateway.pem"
key_file = "gateway.key"
"""
LEDGER = """\
[ledger]
url = "http://127.0.0.1:1"
"""
KEY = """\
[[key]]
name = "boiler"
file = "boiler.pem"
password_file = "boiler.password"
"""
METER = """\
[[meter]]
name = "boiler"
key = "boiler"
kind = "simulated"
series = "boiler-1/energy/total/"
register_series = "boiler-1/energy/register/"
unit = "Wh"
mean = 5000
cadence_s = 900
start = "2025-01-01T00:00:00Z"
"""


def write_settings(folder: Path, *parts: str) -> Path:
    """Write a settings file of parts; of all that a gateway needs, where none are given."""
    path = folder / "gateway.toml"
    chosen = parts or (PLACE, LOG, LEDGER, KEY, METER)
    path.write_text("\n".join(chosen), encoding="utf-8")
    (folder / "boiler.password").write_text("a password\n", encoding="utf-8")
    return path
