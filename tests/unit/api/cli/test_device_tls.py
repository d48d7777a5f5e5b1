"""A gateway's TLS certificate, from the plant's request to the chain that the broker is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.certificate_issuing import certificates_from_pem, certificates_to_pem
from attestation.certificates import verify_gateway_certificate
from attestation.trust_root import format_trust_root
from tests.support.gateway_settings import BROKER, KEY, LEDGER, LOG, METER, PLACE, write_settings
from tests.support.office import NOW, ORIGIN, ROOT, device_authority, trust_root
from tests.unit.api.cli.conftest import Run


@pytest.fixture
def gateway(tmp_path: Path) -> Path:
    """A gateway's settings, whose TLS key is not made yet."""
    return write_settings(tmp_path, PLACE, LOG, BROKER, KEY, METER)


def office(folder: Path, usc: str = ORIGIN.usc) -> Path:
    """Write an office's settings, with its device authority beside them."""
    authority = device_authority(usc).issuer
    (folder / "authority.pem").write_bytes(certificates_to_pem(authority.certificate))
    (folder / "roots.pem").write_bytes(certificates_to_pem(ROOT.certificate))
    (folder / "trust.json").write_bytes(format_trust_root(trust_root()))
    key = folder / "authority.key"
    key.write_bytes(authority.key.to_pem(None))
    key.chmod(0o600)
    config = folder / "office.toml"
    config.write_text(
        f"""
origin = "log.example/log/{usc}"
ledger_url = "http://127.0.0.1:1"
rpc_url = "http://127.0.0.1:1"
trust_root_file = "trust.json"
[people]
initiator = "0x{"11" * 20}"
approver = "0x{"22" * 20}"
[authority]
certificate_file = "authority.pem"
root_file = "roots.pem"
key_file = "authority.key"
""",
        encoding="utf-8",
    )
    return config


@pytest.fixture(autouse=True)
def _in_2025(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.clock.SystemClock.now", lambda _self: NOW)


def test_certificate_leads_to_the_platform_root(tmp_path: Path, gateway: Path, run: Run) -> None:
    """The gateway gets its certificate and the authority's, in the order TLS sends them."""
    request, out = tmp_path / "gateway.csr", tmp_path / "gateway.pem"
    asked = run("device", "tls-request", "--config", gateway, "--out", request)
    made = run("device", "tls-certificate", request, "--config", office(tmp_path), "--out", out)
    leaf, issuer = certificates_from_pem(out.read_bytes())

    assert (asked.code, made.code) == (0, 0)
    identity = verify_gateway_certificate(leaf, issuer, ROOT.certificate, at=NOW)
    assert (identity.name, identity.usc) == ("gateway-1", ORIGIN.usc)
    assert (tmp_path / "gateway.key").stat().st_mode & 0o077 == 0


def test_key_that_is_there_is_kept(tmp_path: Path, gateway: Path, run: Run) -> None:
    """A renewed certificate is for the same key."""
    request = tmp_path / "gateway.csr"
    run("device", "tls-request", "--config", gateway, "--out", request)
    before = (tmp_path / "gateway.key").read_bytes()
    run("device", "tls-request", "--config", gateway, "--out", request)

    assert (tmp_path / "gateway.key").read_bytes() == before


def test_request_of_another_enterprise(tmp_path: Path, gateway: Path, run: Run) -> None:
    """An authority certifies its own enterprise's gateways."""
    request, out = tmp_path / "gateway.csr", tmp_path / "gateway.pem"
    run("device", "tls-request", "--config", gateway, "--out", request)
    other = office(tmp_path, "91440300MA5EXAMP72")

    assert run("device", "tls-certificate", request, "--config", other, "--out", out).code == 1
    assert not out.exists()


def test_what_is_no_request(tmp_path: Path, run: Run) -> None:
    """Anything else is a usage error."""
    request, out = tmp_path / "gateway.csr", tmp_path / "gateway.pem"
    request.write_text("nothing", encoding="utf-8")
    config = office(tmp_path)

    assert run("device", "tls-certificate", request, "--config", config, "--out", out).code == 2


def test_gateway_without_a_broker(tmp_path: Path, run: Run) -> None:
    """A gateway that goes by HTTP shows no certificate."""
    config = write_settings(tmp_path, PLACE, LOG, LEDGER, KEY, METER)
    out = tmp_path / "gateway.csr"

    assert run("device", "tls-request", "--config", config, "--out", out).code == 2
