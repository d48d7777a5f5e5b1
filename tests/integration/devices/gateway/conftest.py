"""A real Mosquitto for each test, on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.topics import GatewayName
from tests.support.broker import BrokerFixture, running_broker
from tests.support.gateway import USC


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerFixture]:
    """A running broker."""
    with running_broker(tmp_path) as fixture:
        yield fixture


@pytest.fixture
def name() -> GatewayName:
    """The gateway of these tests."""
    return GatewayName("gateway-1", USC)
