"""Names and topics of gateways."""

from __future__ import annotations

import pytest

from attestation.errors import EncodingError
from devices.topics import GatewayName, parse_up_topic, up_filter
from tests.support.gateway import USC


def test_topics_name_the_certificates_subject() -> None:
    """Both topics carry the subject as the broker writes it."""
    name = GatewayName("gw-1", USC)

    assert name.up == f"cs/v1/CN=gw-1,O={USC}/up"
    assert name.down == f"cs/v1/CN=gw-1,O={USC}/down"
    assert parse_up_topic(name.up) == name


@pytest.mark.parametrize(
    "topic",
    [
        pytest.param(f"cs/v1/CN=gw-1,O={USC}/down", id="down"),
        pytest.param(f"cs/v1/O={USC},CN=gw-1/up", id="the other way round"),
        pytest.param(f"cs/v2/CN=gw-1,O={USC}/up", id="another version"),
        pytest.param(f"cs/v1/CN=GW-1,O={USC}/up", id="capital letters"),
        pytest.param(f"cs/v1/CN=gw-1,O={USC[:-1]}7/up", id="wrong check character"),
        pytest.param(f"cs/v1/CN=gw-1,O={USC}/up/more", id="something after it"),
        pytest.param(f"cs/v1/CN=gw-1,O={USC}/up\n", id="a line feed after it"),
        pytest.param("", id="nothing"),
    ],
)
def test_other_topics_are_refused(topic: str) -> None:
    """Only the exact form of a gateway's topic is read."""
    with pytest.raises(EncodingError):
        parse_up_topic(topic)


@pytest.mark.parametrize("gateway", ["", "gw_1", "gw+1", "gw/1", "GW", "a" * 41])
def test_other_gateway_ids_are_refused(gateway: str) -> None:
    """A gateway id cannot change a topic or its filter."""
    with pytest.raises(EncodingError, match="not a gateway id"):
        GatewayName(gateway, USC)


def test_share_group_stands_before_the_filter() -> None:
    """A shared subscription names its group; a group cannot carry a wildcard."""
    assert up_filter() == "cs/v1/+/up"
    assert up_filter("ingest") == "$share/ingest/cs/v1/+/up"
    with pytest.raises(EncodingError, match="not a share group"):
        up_filter("in/gest")
