"""The command that drafts the opening of an enterprise's log on the chain."""

from __future__ import annotations

from typing import Annotated

import typer

from api.bootstrap import open_database
from api.chain_side import ChainSide
from api.cli.at_hand import find_log, origin_of
from api.cli.device_office import DEFAULT_DAYS, Days, RequestOut, write_request
from api.cli.output import AsJson
from api.cli.places import Config, Usc
from api.clock import SystemClock
from api.errors import BadRequest
from api.office.drafting import People
from api.office.opening import opening_request
from api.settings import load_settings
from chain.addresses import parse_address
from chain.bindings.checkpoint_registry import CheckpointRegistry


def request_opening(
    usc: Usc,
    out: RequestOut,
    initiator: Annotated[str, typer.Option(help="Address of the initiating representative.")],
    approver: Annotated[str, typer.Option(help="Address of the approving representative.")],
    days: Days = DEFAULT_DAYS,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Draft the act that opens a log on the chain, for two persons and the operator to sign."""
    settings = load_settings(config)
    origin = origin_of(settings, usc)
    if origin.generation > 1:
        raise BadRequest("a log that continues another is opened with the closing of that one")
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
    side = ChainSide.open(settings.chain)
    try:
        request = opening_request(
            origin,
            log.vkey,
            chain_id=settings.chain.chain_id,
            registry=side.deployment.address(CheckpointRegistry.NAME),
            operator=side.operator.address,
            people=People(parse_address(initiator), parse_address(approver)),
            now=SystemClock().now(),
            days=days,
        )
    finally:
        side.client.close()
    write_request(request, out, as_json)
