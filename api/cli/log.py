"""Commands about logs: open, look, prove, put away."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from api.bootstrap import open_database, open_log_keys, platform_roots
from api.cli import log_checks, log_events, log_opening, rebuilding
from api.cli.at_hand import find_log, origin_of
from api.cli.files import Output, write_file
from api.cli.output import AsJson, console, progress, show, table
from api.cli.places import Config, Usc
from api.clock import SystemClock
from api.errors import ConfigurationError
from api.log_keys import LogKeys
from api.settings import load_settings
from attestation.bundle import format_bundle
from attestation.instants import format_instant
from attestation.note_keys import parse_vkey
from attestation.notes import NoteSigner
from attestation.witness_policy import NO_QUORUM, WitnessPolicy
from ledger.log.bundling import Bundler
from ledger.log.cold_storage import Archive, Segment, next_segment, seal
from ledger.log.opening import open_log, require_key
from ledger.log.proving import LogProver

app = typer.Typer(help="Logs.", no_args_is_help=True)
app.command("fsck")(log_checks.fsck)
app.command("crosscheck")(log_checks.crosscheck)
app.command("rebuild")(rebuilding.rebuild)
app.command("events")(log_events.events)
app.command("request-opening")(log_opening.request_opening)


@app.command("list")
def list_logs(config: Config = None, as_json: AsJson = False) -> None:
    """List the logs that are kept here."""
    with open_database(load_settings(config)) as database, database.reading() as uow:
        found: list[dict[str, Any]] = []
        for log in uow.logs.all():
            head = uow.heads.get(log.number)
            found.append(
                {
                    "origin": log.origin,
                    "state": log.state.name.lower(),
                    "size": head.size,
                    "root": head.root.hex(),
                    "checkpoint_at": format_instant(head.checkpoint_at),
                    "vkey": log.vkey,
                }
            )

    def text() -> None:
        rows = table("log", "state", "entries", "checkpoint at")
        for each in found:
            rows.add_row(each["origin"], each["state"], str(each["size"]), each["checkpoint_at"])
        console.print(rows)

    show(found, as_json, text)


@app.command("open")
def open_new(usc: Usc, config: Config = None, as_json: AsJson = False) -> None:
    """Open an enterprise's log here: make its key, its empty tree and first checkpoint."""
    settings = load_settings(config)
    wanted = origin_of(settings, usc)
    if wanted.generation > 1:
        raise ConfigurationError(f"{wanted} begins with the record that names the log it continues")
    origin = str(wanted)
    with open_database(settings) as database, database.unit_of_work() as uow:
        if any(log.origin == origin for log in uow.logs.all()):
            raise ConfigurationError(f"{origin} is open already; `carbonseal log list` shows it")
        signer = _signer(open_log_keys(settings.log), origin)
        log = open_log(uow, signer, now=SystemClock().now())
        uow.commit()
    vkey_hash = sha256(log.vkey.encode()).hexdigest()
    document = {
        "origin": log.origin,
        "log_id": log.log_id.hex(),
        "vkey": log.vkey,
        "vkey_hash": vkey_hash,
    }

    def text() -> None:
        for label, value in document.items():
            console.print(f"{label:<10} {value}", markup=False)
        console.print("next: the enterprise's two persons and the operator sign its opening:")
        console.print(f"      `carbonseal log request-opening {usc}`", markup=False)

    show(document, as_json, text)


def _signer(keys: LogKeys, origin: str) -> NoteSigner:
    # A run that ended between making the key and opening the log has left the key.
    try:
        return keys.signer_of(origin)
    except ConfigurationError:
        return keys.create(origin)


@app.command()
def checkpoint(usc: Usc, config: Config = None, as_json: AsJson = False) -> None:
    """Print the newest checkpoint, with its cosignatures, as it is published."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        newest = LogProver(uow, log).newest
        lines = uow.checkpoints.cosignatures(log.number, newest.size)
    require_key(log, open_log_keys(settings.log).signer_of(log.origin))
    note = newest.note + "".join(f"{each.line}\n" for each in lines)
    document = {
        "origin": log.origin,
        "size": newest.size,
        "root": newest.root.hex(),
        "signed_at": format_instant(newest.signed_at),
        "note": note,
    }
    show(document, as_json, lambda: console.print(note, end="", markup=False))


@app.command()
def bundle(
    usc: Usc,
    index: Annotated[int, typer.Argument(min=0, help="Index of the message in the log.")],
    out: Output,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write the evidence bundle of a message, which anybody can verify without this ledger."""
    settings = load_settings(config)
    root = next(iter(platform_roots(settings.log).values()))
    policy = WitnessPolicy(logs=(), witnesses={}, groups={}, quorum=NO_QUORUM)
    with open_database(settings) as database:
        with database.reading() as uow:
            log = find_log(uow, settings, usc)
        made = Bundler(database.reading, policy, platform_root=root).entry(log, index)
    content = format_bundle(made)
    write_file(out, content)
    is_anchored = made.chain is not None
    document = {"file": str(out), "bytes": len(content), "anchored": is_anchored}

    def text() -> None:
        console.print(f"written {out}, {len(content)} bytes", markup=False)
        if not is_anchored:
            console.print("not anchored yet: ask again later, or run `carbonseal chain anchor`")

    show(document, as_json, text)


@app.command("seal")
def seal_segments(
    usc: Usc,
    out: Annotated[Path, typer.Option("--out", help="Folder of the log's cold storage.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write full ranges of entries to cold storage, as far as they are full."""
    settings = load_settings(config)
    sealed: list[Segment] = []
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        prover = LogProver(uow, log)
        archive = Archive(out, parse_vkey(log.vkey))
        with progress("sealing entries", prover.newest.size) as done:
            while (due := next_segment(archive.segments(), prover.newest.size)) is not None:
                sealed.append(seal(prover, out, *due))
                done(due[1])
    document = {"sealed": [{"start": each.start, "end": each.end} for each in sealed]}

    def text() -> None:
        for each in sealed:
            console.print(f"sealed {each.start} to {each.end}: {each.file}", markup=False)
        if not sealed:
            console.print("nothing is full that is not sealed already")

    show(document, as_json, text)
