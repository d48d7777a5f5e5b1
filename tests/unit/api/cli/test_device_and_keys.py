"""Commands about keys, requests and what others trust."""

from __future__ import annotations

from pathlib import Path

from attestation.trust_root import parse_trust_root
from chain.deployments import DeployedContract, Deployment, save_deployment
from tests.support.enterprise import ORIGIN, OTHER_USC, SERIES
from tests.unit.api.cli.conftest import Place, Run


def request(run: Run, folder: Path) -> Path:
    """Make a device's key and its request."""
    key, out = folder / "device.pem", folder / "request.json"
    assert run("device", "key", key).code == 0
    made = run(
        *("device", "request", "--key", key, "--origin", ORIGIN, "--name", "em-01"),
        *("--series", SERIES, "--out", out),
    )
    assert made.code == 0, made.err
    return out


def test_request_is_checked(tmp_path: Path, run: Run) -> None:
    """A request made on the device holds for the log it names."""
    ran = run("device", "check-request", request(run, tmp_path), "--origin", ORIGIN, "--json")

    assert ran.code == 0
    assert (ran.document["device"], ran.document["series"]) == ("em-01", [SERIES])


def test_request_for_another_log(tmp_path: Path, run: Run) -> None:
    """The same request is nothing to another enterprise."""
    other = f"log.example/log/{OTHER_USC}"

    assert run("device", "check-request", request(run, tmp_path), "--origin", other).code == 1


def test_key_is_never_written_over(tmp_path: Path, run: Run) -> None:
    """A file that is there stays as it is."""
    file = tmp_path / "device.pem"
    run("device", "key", file)
    before = file.read_bytes()

    assert run("device", "key", file).code == 1
    assert file.read_bytes() == before


def test_sheet_with_an_unknown_heading(tmp_path: Path, run: Run) -> None:
    """A sheet that cannot be read as instruments is refused with the heading's name."""
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("colour\nred\n", encoding="utf-8")

    ran = run("device", "sheet", sheet)

    assert ran.code == 1
    assert "colour" in ran.err


def test_operator_keystore(tmp_path: Path, run: Run) -> None:
    """The keystore is made once, for its owner only, and its address is printed."""
    password, file = tmp_path / "password", tmp_path / "operator.json"
    password.write_text("long enough\n", encoding="utf-8")

    ran = run("keys", "operator", file, "--password-file", password)

    assert (ran.code, ran.out[:2]) == (0, "0x")
    assert file.stat().st_mode & 0o077 == 0
    assert run("keys", "operator", file, "--password-file", password).code == 1


def test_trust_root_names_log_and_contracts(place: Place, run: Run, tmp_path: Path) -> None:
    """The trust root has the log's key and the deployment, and its name is printed."""
    contract = DeployedContract(b"\x01" * 20, b"\x02" * 32, 5)
    names = ("CheckpointRegistry", "DeviceRegistry")
    deployment = Deployment(31337, b"\x03" * 32, dict.fromkeys(names, contract))
    save_deployment(place.folder / "deployments.json", deployment)
    out = tmp_path / "trust.json"

    ran = run("keys", "trust-root", "--out", out, "--json", "--config", place.config)

    root = parse_trust_root(out.read_bytes())
    assert ran.code == 0
    assert ran.document["sha256"] == root.name
    assert root.logs[0].vkey.vkey == place.enterprise.log.vkey
    assert root.chain is not None
    assert root.chain.genesis_hash == b"\x03" * 32


def test_validators_go_with_a_profile_that_checks_them(place: Place, run: Run) -> None:
    """A profile that asks the verifier's node takes no validators."""
    contract = DeployedContract(b"\x01" * 20, b"\x02" * 32, 5)
    names = ("CheckpointRegistry", "DeviceRegistry")
    deployment = Deployment(31337, b"\x03" * 32, dict.fromkeys(names, contract))
    save_deployment(place.folder / "deployments.json", deployment)
    out = place.folder / "trust.json"
    validator = "0x" + "11" * 20

    ran = run(
        *("keys", "trust-root", "--out", out, "--validator", validator, "--config", place.config)
    )

    assert ran.code == 2
    assert not out.exists()
