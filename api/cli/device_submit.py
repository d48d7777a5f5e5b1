"""The command that hands a signed request in, and says where each part of it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.cli.device_office import DEFAULT_DAYS, OfficeConfig
from api.cli.files import Input, write_file
from api.cli.output import AsJson, console, show, table
from api.cli.secrets import ask
from api.cli.showing import Showing, machine_signature
from api.cli.sign import read_request
from api.client.transport import Transport, open_transport
from api.clock import SystemClock
from api.errors import ConfigurationError
from api.office.carrying import Carrier, ServersAccount
from api.office.desk import ChainDesk, Desk, open_chain_desk, open_desk
from api.office.drafting import begin_drafting
from api.office.handing_in import HandingIn, PartState
from api.office.key_requests import closing_record
from api.office.parts import ActPart, FollowingRecord
from api.office.request import SigningRequest, format_request
from api.office.settings import OfficeSettings, load_office_settings
from api.secret_files import secret_of
from api.session_file import address_of
from attestation.errors import Error, Retry
from attestation.instants import Instant
from chain.acts import CloseKey
from chain.addresses import format_address
from chain.keys import load_keystore
from chain.transactions import TransactionSender

_DEFAULT_TIMEOUT_S: Final = 300


def submit(
    file: Input,
    config: OfficeConfig,
    timeout_s: Annotated[
        int, typer.Option("--timeout", min=1, max=86_400, help="How long to wait, in seconds.")
    ] = _DEFAULT_TIMEOUT_S,
    following: Annotated[
        Path | None,
        typer.Option(help="Where the record that follows a revocation goes; else beside FILE."),
    ] = None,
    relay: Annotated[
        bool,
        typer.Option("--relay", help="Let the ledger's server pay for acts; log in there before."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hand a signed request in: acts to the chain, records to the log; wait until all is final."""
    request = read_request(file)
    settings = load_office_settings(config)
    now = SystemClock().now()
    with _open_for(request, settings) as desk, _server_of(settings, relay) as server:
        carrier = None if server is None else ServersAccount(server, desk.chain_id)
        under_way = _hand_in(desk, request, now, timeout_s, carrier=carrier, as_json=as_json)
        follows = _draft_following(desk, request, now)
    path = None
    if follows is not None:
        path = following or file.with_name(f"{file.stem}.record.json")
        write_file(path, format_request(follows))
    document = {
        "file": str(file),
        "title": request.title,
        "parts": [_describe(state) for state in under_way.states],
        "following": None if path is None else str(path),
    }

    def text() -> None:
        _print_states(under_way.states)
        if path is not None:
            console.print(f"written {path}: the record of what the chain decided", markup=False)
            console.print(f"next: the approver signs it: `carbonseal sign {path}`", markup=False)

    show(document, as_json, text)


@contextmanager
def _open_for(request: SigningRequest, settings: OfficeSettings) -> Iterator[ChainDesk]:
    """Open the office with the log that a request is about, or without one."""
    if request.origin is None:
        with open_chain_desk(settings) as chain_desk:
            yield chain_desk
        return
    with open_desk(settings, usc=request.origin.usc) as desk:
        yield desk


@contextmanager
def _server_of(settings: OfficeSettings, relay: bool) -> Iterator[Transport | None]:
    """Open the ledger's server in one's own session or as one's machine, where it is to pay."""
    if not relay:
        yield None
        return
    machine, here, ca_file = settings.machine, settings.ledger_url, settings.ledger_ca_file
    if machine is None:
        with Showing().open(here, ca_file) as transport:
            yield transport
        return
    signature = machine_signature(machine.key_file, machine.password_file, here)
    with open_transport(address_of(here), auth=signature, ca_file=ca_file) as transport:
        yield transport


def _hand_in(
    desk: ChainDesk,
    request: SigningRequest,
    now: Instant,
    timeout_s: int,
    *,
    carrier: Carrier | None,
    as_json: bool,
) -> HandingIn:
    def tell(state: PartState) -> None:
        if not as_json:
            console.print(f"part {state.number} {state.name}: {state.stage} {state.place}")

    under_way = HandingIn(
        desk,
        request,
        open_sender=lambda: open_sender(desk),
        carrier=carrier,
        tell=tell,
        timeout_s=timeout_s,
    )
    try:
        under_way.run(now=now)
    except Error as error:
        if error.retry is Retry.LATER and not as_json:
            _print_states(under_way.states)
        raise
    return under_way


def open_sender(desk: ChainDesk) -> TransactionSender:
    """
    Open the account that pays for transactions; it holds no right.

    Raises:
        ConfigurationError: If the office's settings name none.
        KeyUnreadable: If its keystore does not open.
    """
    settings: OfficeSettings = desk.settings
    sender = settings.sender
    if sender is None:
        raise ConfigurationError("there is an act to send and no [sender] to pay for it")
    password = secret_of(sender.password_file, "password of the sender's keystore", ask)
    signer = load_keystore(sender.keystore_file, password)
    return TransactionSender(desk.client, signer, chain_id=desk.chain_id)


def _draft_following(
    desk: ChainDesk, request: SigningRequest, now: Instant
) -> SigningRequest | None:
    """Draft the record that follows an act whose index the chain gave; None where none does."""
    following = [part for part in request.parts if isinstance(part, FollowingRecord)]
    if not following or not isinstance(desk, Desk):
        return None
    (part,) = following
    (act,) = (
        each
        for each in request.parts
        if isinstance(each, ActPart)
        and isinstance(each.act, CloseKey)
        and each.act.kid == part.body.kid
    )
    people = {"approver": format_address(request.signers["approver"])}
    drafting = begin_drafting(desk, now=now, days=DEFAULT_DAYS, people=people)
    return closing_record(drafting, part, act.digest(request.chain_id))


def _describe(state: PartState) -> dict[str, Any]:
    return {
        "number": state.number,
        "kind": state.kind,
        "type": state.name,
        "stage": state.stage.value,
        "place": state.place or None,
    }


def _print_states(states: tuple[PartState, ...]) -> None:
    rows = table("part", "what", "stands at", "place")
    for state in states:
        cells = (str(state.number), f"{state.kind} {state.name}", state.stage.value, state.place)
        rows.add_row(*(Text(cell) for cell in cells))
    console.print(rows)
