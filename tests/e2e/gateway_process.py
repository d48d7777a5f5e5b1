"""A gateway that publishes its outbox until killed: `python -m tests.e2e.gateway_process FILE`."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from api.clock import SystemClock
from attestation.ids import parse_origin
from attestation.note_keys import parse_vkey
from devices.agent import Agent, AgentSettings
from devices.hearing import Hearing
from devices.outbox import Outbox
from devices.publisher import Publisher
from devices.session import BrokerAddress
from devices.store import GatewayStore
from devices.topics import GatewayName


def main() -> None:
    """Run the gateway that the file describes."""
    about = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    store = GatewayStore(Path(about["store"]))
    outbox = Outbox(store)
    origin = parse_origin(about["origin"])
    address = BrokerAddress(
        host="localhost",
        port=about["port"],
        authorities=Path(about["authorities"]),
        certificate=Path(about["certificate"]),
        private_key=Path(about["key"]),
    )
    hearing = Hearing(
        origin=origin,
        log_key=parse_vkey(about["vkey"]).public_key,
        store=store,
        outbox=outbox,
    )
    agent = Agent(
        publisher=Publisher(
            address, GatewayName(about["gateway"], origin.usc), reconnect_max_s=0.5
        ),
        outbox=outbox,
        hearing=hearing,
        lines=(),
        clock=SystemClock().now,
        settings=AgentSettings(interval_s=0.02, listen_s=0),
    )
    agent.start()
    agent.run(threading.Event())


if __name__ == "__main__":
    main()
