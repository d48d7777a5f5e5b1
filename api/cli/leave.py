"""Commands by which an enterprise leaves an operator with everything, and arrives at another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.bootstrap import open_database, open_log_keys, operator_origin
from api.cli import leave_operator
from api.cli.at_hand import find_log
from api.cli.files import read_file, read_password
from api.cli.outcomes import WORDS
from api.cli.output import AsJson, console, progress, show
from api.cli.places import Config, Usc
from api.clock import SystemClock
from api.errors import BadRequest
from api.settings import Settings, load_settings
from attestation.enums import Outcome
from attestation.ids import parse_origin
from attestation.keys import SoftwareKey
from attestation.note_keys import parse_vkey
from attestation.notes import NoteSigner, NoteVerifier
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.client import ChainClient
from chain.deployments import load_deployment
from chain.errors import ArtifactError, NodeUnavailable
from chain.identity import check_identity
from ledger.database import Database
from ledger.inventory.document_keys import DocumentKeys
from ledger.leaving.judging import require_on_chain
from ledger.leaving.packing import freeze, pack
from ledger.leaving.parcel import LOG_KEY_NAME, ParcelFolder
from ledger.leaving.unpacking import unpack
from ledger.log.opening import require_key
from ledger.ports import LatestAnchor
from ledger.repositories.actions import Noted
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

app = typer.Typer(
    help="Leave for another operator with everything, or arrive there.", no_args_is_help=True
)

leave_operator.register(app)

_MOST_KEY_BYTES = 1 << 16


@app.command("export")
def leave(
    usc: Usc,
    out: Annotated[Path, typer.Option("--out", help="Empty folder to write into.")],
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--log-key-password-file",
            exists=True,
            dir_okay=False,
            help="Hand the log's key over too, encrypted under this password: the log is frozen "
            "here and goes on elsewhere.",
        ),
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write a log and everything kept with it into a folder that another operator can take in."""
    if out.is_dir() and any(out.iterdir()):
        raise BadRequest(f"{out} is not empty; a parcel has a folder of its own")
    settings = load_settings(config)
    password = None if password_file is None else read_password(password_file)
    with open_database(settings) as database:
        with database.reading() as uow:
            log = find_log(uow, settings, usc)
        key = None if password is None else open_log_keys(settings.log).key_of(log.origin)
        if key is not None:
            freeze(database, log.number, noted=_noted(log.name, log.usc, "log.leave"))
        with progress("packing", None):
            parcel = pack(
                database,
                log.number,
                out,
                _document_keys(settings),
                operator_origin=operator_origin(settings.log),
            )
        if key is None:
            _note(database, _noted(log.name, log.usc, "log.pack"))
    if key is not None:
        ParcelFolder(out).write(LOG_KEY_NAME, key.to_pem(password), is_secret=True)
    document: dict[str, Any] = {
        "origin": parcel.origin,
        "vkey": parcel.vkey,
        "size": parcel.size,
        "root": parcel.root.hex(),
        "files": len(parcel.files),
        "goes_on": key is not None,
    }

    def text() -> None:
        console.print(f"{parcel.origin}: {parcel.size} entries in {out}", markup=False)
        console.print(f"root  {parcel.root.hex()}")
        if key is not None:
            console.print("frozen here; next, there:", markup=False)
            console.print(
                f"      carbonseal leave import {out} --vkey '{parcel.vkey}'", markup=False
            )
            console.print("      then: `carbonseal leave request-operator` at the enterprise")

    show(document, as_json, text)


@app.command("import")
def arrive(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The parcel.")],
    vkey: Annotated[str, typer.Option("--vkey", help="The log's key, from a trust root.")],
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--log-key-password-file",
            exists=True,
            dir_okay=False,
            help="Password of the log's key in the parcel: the log goes on here.",
        ),
    ] = None,
    operator_vkey: Annotated[
        list[str] | None,
        typer.Option(
            "--operator-vkey",
            help="Key of an earlier operator's own log, from a trust root: keep what was done "
            "there. May be repeated.",
        ),
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Take a parcel in, whole or not at all, and go on with the same history."""
    settings = load_settings(config)
    verifier = parse_vkey(vkey)
    operators = [parse_vkey(each) for each in operator_vkey or ()]
    ParcelFolder(folder).require_plain()
    key = None if password_file is None else _log_key(folder, password_file)
    if key is not None:
        if NoteSigner(verifier.name, key).verifier.vkey != verifier.vkey:
            raise BadRequest(f"the key in the parcel is not the key of {verifier.name}")
        open_log_keys(settings.log).take(verifier.name, key)
    found, is_compared = _latest(settings, verifier)

    def judge(uow: UnitOfWork, log: Log) -> None:
        if is_compared:
            require_on_chain(uow, log, found, goes_on=key is not None)

    origin = parse_origin(verifier.name)
    with open_database(settings) as database, progress("unpacking", None):
        came = unpack(
            database,
            folder,
            verifier,
            _document_keys(settings),
            goes_on=key is not None,
            now=SystemClock().now(),
            operators=operators,
            judge=judge,
            noted=_noted(origin.name, origin.usc, "log.arrive"),
        )
        log = came.log
        with database.reading() as uow:
            head = uow.heads.get(log.number)
    if key is not None:
        require_key(log, open_log_keys(settings.log).signer_of(log.origin))
    document: dict[str, Any] = {
        "origin": log.origin,
        "state": log.state.name.lower(),
        "size": head.size,
        "root": head.root.hex(),
        "chain": WORDS[Outcome.HELD if is_compared else Outcome.COULD_NOT_CHECK],
        "actions": came.actions,
        "actions_left_out": list(came.left_out),
    }

    def text() -> None:
        console.print(f"{log.origin}: {head.size} entries, {document['state']}", markup=False)
        console.print(f"root  {head.root.hex()}")
        console.print(f"held against the chain: {document['chain']}")
        console.print(f"{came.actions} actions at earlier operators, proved")
        for each in came.left_out:
            console.print(
                f"left out, without --operator-vkey: what was done at {each}", markup=False
            )
        console.print(f"next: carbonseal log fsck {log.name} --signatures", markup=False)

    show(document, as_json, text)


def _latest(settings: Settings, verifier: NoteVerifier) -> tuple[LatestAnchor | None, bool]:
    """Give what the chain holds of a log, and whether a node could be asked."""
    chain = settings.chain
    log_id = parse_origin(verifier.name).log_id
    try:
        deployment = load_deployment(chain.deployments, chain.chain_id)
        with ChainClient(chain.rpc_url.get_secret_value()) as client:
            check_identity(client, deployment.identity)
            registry = CheckpointRegistry(client, deployment.address(CheckpointRegistry.NAME))
            found = registry.latest(log_id)
    except (NodeUnavailable, ArtifactError):
        return None, False
    newest = None if found is None else LatestAnchor(found.size, found.root, found.block_number)
    return newest, True


def _log_key(folder: Path, password_file: Path) -> SoftwareKey:
    pem = read_file(folder / LOG_KEY_NAME, most=_MOST_KEY_BYTES)
    return SoftwareKey.from_pem(pem, read_password(password_file))


def _document_keys(settings: Settings) -> DocumentKeys | None:
    return None if settings.documents is None else DocumentKeys(settings.documents.keys)


def _noted(name: str, usc: str, what: str) -> Noted:
    """Say in the ledger of actions that a log was packed, left or arrived."""
    return Noted(
        actor="operator",
        role="operator",
        what=what,
        subject=f"log {name}",
        usc=usc,
        at=SystemClock().now(),
    )


def _note(database: Database, noted: Noted) -> None:
    with database.unit_of_work() as uow:
        uow.actions.note(noted)
        uow.commit()
