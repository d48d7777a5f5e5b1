"""
The command that copies somebody's log by its public paths, and tells when it misbehaves.

Whoever may read the enterprise's inventories copies what accounting rests on too, with the work on
its cases, and makes a database of it: with that and a node of one's own, neither a recheck nor the
work on a case needs the operator any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer

from api.case_mirroring import CaseWorkServer
from api.chain_side import final_events
from api.cli.case_places import InFile
from api.cli.files import read_password
from api.cli.outcomes import WORDS, leave, styled
from api.cli.output import AsJson, console, progress, show
from api.cli.own_node import Deployments, OwnNode, Rpc, own_node
from api.cli.showing import MachineKey, machine_signature
from api.client.machine import MachineSignature
from api.client.transport import open_transport
from api.clock import SystemClock
from api.errors import BadRequest
from api.mirroring import HoldingsServer, log_fetcher, open_client, split_address
from api.session_file import session_token
from attestation.enums import Outcome
from attestation.ids import parse_origin
from attestation.note_keys import parse_vkey
from attestation.notes import NoteVerifier
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.client import ChainClient
from chain.finality import FinalityPolicy, parse_finality
from ledger.cases.copied_work import apply_copied_work
from ledger.cases.work_copy import WorkCopy
from ledger.inventory.replica import Replica
from ledger.log.mirror import Alert, AlertKind, Mirror, Mirrored
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.mirror_watch import MirrorWatch
from ledger.log.sources import LogSource
from ledger.ports import LatestAnchor
from ledger.repositories.logs import Log


def mirror(
    url: Annotated[str, typer.Argument(help="Address of the log, above `/checkpoint`.")],
    vkey: Annotated[str, typer.Option("--vkey", help="The log's key, from a trust root.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the copy.")],
    token_file: Annotated[
        Path | None, typer.Option("--token-file", help="Access token, to copy entries too.")
    ] = None,
    session: Annotated[
        bool, typer.Option("--session", help="Instead: the session one has at that server.")
    ] = False,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    accounting: Annotated[
        bool, typer.Option("--accounting", help="Also what a recheck needs, and the work on cases.")
    ] = False,
    rpc: Rpc = None,
    deployments: Deployments = None,
    finality: Annotated[
        str, typer.Option("--finality", help="When a block of the chain counts.")
    ] = "instant",
    as_json: AsJson = False,
) -> None:
    """Copy what is new of a log, once; run it again and again. Exit 1 if the log misbehaved."""
    verifier = parse_vkey(vkey)
    access = _access(url, token_file, session_file, machine_key, session=session)
    if accounting and not access.is_some:
        raise BadRequest("--accounting needs --token-file, --session or --machine-key")
    node = own_node(rpc, deployments)
    with (
        open_client(url, access.token, access.auth) as client,
        progress("copying the log", None),
    ):
        copy = Mirror(MirrorFolder(out), LogSource(url, log_fetcher(client, url)), verifier)
        result = copy.follow()
        if access.is_some:
            result = _completed(copy, result)
        events = None
        if node is not None:
            found, events = _watch(copy, node, parse_finality(finality), out, verifier)
            result = replace(result, alerts=(*result.alerts, *found))
        kept = None
        if accounting and not result.unread and not result.alerts:
            kept, found = _keep(copy, client, url, access, out)
            result = replace(result, alerts=(*result.alerts, *found))
    _tell(result, events, kept, as_json)


@dataclass(frozen=True, slots=True)
class _Access:
    """What is shown to the server; nothing, for what is public."""

    token: str | None = None
    auth: MachineSignature | None = None

    @property
    def is_some(self) -> bool:
        """Whether anything is shown."""
        return self.token is not None or self.auth is not None


def _access(
    url: str,
    token_file: Path | None,
    session_file: Path | None,
    machine_key: Path | None,
    *,
    session: bool,
) -> _Access:
    if (token_file is not None) + session + (machine_key is not None) > 1:
        raise BadRequest("--token-file, --session or --machine-key, not two of them")
    if token_file is not None:
        return _Access(token=read_password(token_file).decode())
    if machine_key is not None:
        return _Access(auth=machine_signature(machine_key, None, url))
    token = session_token(url, session_file) if session else None
    if session and token is None:
        raise BadRequest("there is no session at that server: log in first")
    return _Access(token=token)


def _completed(copy: Mirror, result: Mirrored) -> Mirrored:
    filled = copy.complete()
    return replace(result, unread=filled.unread, alerts=(*result.alerts, *filled.alerts))


@dataclass(frozen=True, slots=True)
class _FinalAnchors:
    """The newest final checkpoints that the registry holds."""

    client: ChainClient
    registry: CheckpointRegistry
    finality: FinalityPolicy
    first_block: int

    def latest(self, log_id: bytes, *, final: bool = False) -> LatestAnchor | None:
        """Read the registry's newest checkpoint of a log, of the newest final block."""
        block = self.finality.final_block(self.client)
        if block < self.first_block:
            return None
        found = self.registry.latest(log_id, at=block)
        return None if found is None else LatestAnchor(found.size, found.root, found.block_number)


def _watch(
    copy: Mirror, node: OwnNode, finality: FinalityPolicy, out: Path, verifier: NoteVerifier
) -> tuple[list[Alert], int]:
    with node.open() as (client, deployment):
        registry = CheckpointRegistry(client, deployment.address(CheckpointRegistry.NAME))
        watch = MirrorWatch(
            copy,
            log_id=parse_origin(verifier.name).log_id,
            key=verifier.public_key,
            chain=_FinalAnchors(client, registry, finality, deployment.first_block),
        )
        alerts = watch.check(now=SystemClock().now())
        copied = Replica(out).events.follow(final_events(client, deployment, finality))
    return alerts, copied


def _keep(
    copy: Mirror, client: httpx2.Client, url: str, access: _Access, out: Path
) -> tuple[int, list[Alert]]:
    server, now = HoldingsServer(client, url), SystemClock().now()
    with Replica(out) as replica:
        replica.adopt(copy, now=now)
        log = replica.log()
        told = replica.store(log, server.list(), server.fetch)
        words = _keep_work(replica, log, url, access)
    alerts = [
        Alert(AlertKind.PIECE_CHANGED, f"{holding.kind.value} {holding.name}: {error.message}")
        for holding, error in told
        if error is not None
    ]
    kept = len(told) - len(alerts)
    return kept, [*alerts, *(Alert(AlertKind.PIECE_CHANGED, each) for each in words)]


def _keep_work(replica: Replica, log: Log, url: str, access: _Access) -> list[str]:
    """Copy the work on cases as far as it is shown; give what was shown otherwise before."""
    work, now = WorkCopy(replica.work_folder), SystemClock().now()
    address, _ = split_address(url)
    with open_transport(address, token=access.token, auth=access.auth) as transport:
        for inventory_id, content in CaseWorkServer(transport, log.usc).work():
            work.add(inventory_id, content, now)
    return apply_copied_work(replica.database, log, work, now)


def _tell(result: Mirrored, events: int | None, kept: int | None, as_json: bool) -> None:
    outcome = Outcome.FAILED if result.alerts else Outcome.HELD
    document: dict[str, Any] = {
        "origin": result.origin,
        "outcome": WORDS[outcome],
        "old_size": result.old_size,
        "size": result.size,
        "unread": result.unread,
        "chain_events": events,
        "pieces": kept,
        "alerts": [
            {"kind": each.kind.value, "detail": each.detail, "evidence": each.evidence}
            for each in result.alerts
        ],
    }

    def text() -> None:
        console.print(f"{result.origin}: {result.old_size} to {result.size}", markup=False)
        if result.unread:
            console.print(f"{result.unread} entries may not be read; their hashes are copied")
        if events is not None:
            console.print(f"{events} new events of the chain")
        if kept is not None:
            console.print(f"{kept} new pieces besides the log")
        for each in result.alerts:
            console.print(f"{each.kind.value}: {each.detail}", markup=False)
        console.print(styled(outcome))

    show(document, as_json, text)
    leave(outcome)
