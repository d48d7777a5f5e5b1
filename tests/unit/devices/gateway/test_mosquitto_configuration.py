"""The configuration we write, and the one for a server of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.broker.mosquitto import (
    MosquittoSettings,
    format_access_list,
    format_configuration,
)
from devices.topics import GatewayName
from tests.support.gateway import USC

DEPLOY = Path(__file__).resolve().parents[4] / "deploy" / "mosquitto"
OPERATOR = "CN=ledger-0,O=91110000MA0123456P"
SETTINGS = MosquittoSettings(
    folder=Path("/run/broker"),
    port=8883,
    authorities=Path("/pki/root.pem"),
    certificate=Path("/pki/broker.pem"),
    private_key=Path("/pki/broker.key"),
    ledger_subjects=(OPERATOR,),
)
BY_PLACE = {
    "user", "listener", "cafile", "certfile", "keyfile", "acl_file", "persistence_location",
    "log_dest",
}  # fmt: skip


def directives(text: str) -> dict[str, list[str]]:
    """Give the values of each directive."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition(" ")
            found.setdefault(name, []).append(value)
    return found


def test_deployed_configuration_says_the_same() -> None:
    """The file for a server has the same lines as the one we write, but for names of places."""
    ours = directives(format_configuration(SETTINGS, user="mosquitto"))
    deployed = directives((DEPLOY / "mosquitto.conf").read_text(encoding="utf-8"))

    assert ours.keys() == deployed.keys()
    assert {name: ours[name] for name in ours.keys() - BY_PLACE} == {
        name: deployed[name] for name in deployed.keys() - BY_PLACE
    }


def test_deployed_access_list_says_the_same() -> None:
    """The access list for a server has the lines we write."""
    ours = [line for line in format_access_list(SETTINGS).splitlines() if line]
    lines = (DEPLOY / "access.acl").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == ours


@pytest.mark.parametrize(
    ("directive", "value"),
    [
        ("require_certificate", "true"),
        ("allow_anonymous", "false"),
        ("use_subject_as_username", "true"),
        ("use_username_as_clientid", "true"),
        ("persistence", "true"),
        ("max_inflight_messages", "0"),
    ],
)
def test_what_the_promises_need_is_set(directive: str, value: str) -> None:
    """Lines without which a stranger gets in or messages are dropped."""
    assert directives(format_configuration(SETTINGS, user="x"))[directive] == [value]


def test_there_is_one_listener_and_it_is_on_loopback() -> None:
    """A broker started by this program is not reachable from elsewhere unless asked for."""
    found = directives(format_configuration(SETTINGS, user="x"))

    assert found["listener"] == ["8883 127.0.0.1"]


def test_blocked_gateway_is_denied_by_name() -> None:
    """A block names one gateway and takes all its topics."""
    settings = MosquittoSettings(
        **{
            name: getattr(SETTINGS, name)
            for name in ("folder", "port", "authorities", "certificate", "private_key")
        },
        ledger_subjects=(OPERATOR,),
        blocked=(GatewayName("gw-7", USC),),
    )

    assert f"user CN=gw-7,O={USC}\ntopic deny cs/v1/#\n" in format_access_list(settings)
