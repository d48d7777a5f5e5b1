"""Commands that check a log against itself, another library and the chain."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.chain_side import ChainSide
from api.cli.at_hand import find_log
from api.cli.outcomes import WORDS, leave, styled
from api.cli.output import AsJson, console, progress, show, table
from api.cli.places import Config, Usc
from api.settings import Settings, load_settings
from attestation.enums import Outcome
from attestation.errors import Error, Retry
from attestation.merkle import hash_leaf
from attestation.note_keys import parse_vkey
from ledger.log import crosscheck as second_opinion
from ledger.log import fsck as full_check
from ledger.log.cold_storage import Archive
from ledger.log.fsck_report import Check, Report, State
from ledger.log.fsck_signatures import PooledSignatures, SerialSignatures, Signatures
from ledger.log.proving import LogProver
from ledger.log.tree import LogTiles
from ledger.repositories.logs import Log
from ledger.repositories.tree import TreeRepository


def fsck(
    usc: Usc,
    signatures: Annotated[
        bool, typer.Option("--signatures", help="Check every signature too; takes long.")
    ] = False,
    archive: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Its cold storage.")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Leave the chain out; the result says so.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Derive everything about a log from its entries again and compare; changes nothing."""
    settings = load_settings(config)
    with (
        open_database(settings) as database,
        database.reading() as uow,
        _chain(settings, offline=offline) as (chain, trouble),
    ):
        log = find_log(uow, settings, usc)
        cold = Archive(archive, parse_vkey(log.vkey)) if archive else None
        size = uow.heads.get(log.number).size
        with progress("checking entries", size) as done, _checker(settings, log) as checker:
            report = full_check.fsck(
                uow,
                log,
                signatures=checker if signatures else None,
                anchorer=chain.anchorer if chain else None,
                archive=cold,
                progress=lambda at, _size: done(at),
            )
    if trouble is not None:
        report.add(Check.CHAIN, "chain", State.UNCHECKED, trouble)
    show(dict(report.to_json()), as_json, lambda: _print(report))
    leave(report.outcome())


@contextmanager
def _chain(settings: Settings, *, offline: bool) -> Iterator[tuple[ChainSide | None, str | None]]:
    """Open the chain; where nobody answers, say why instead."""
    if offline:
        yield None, "left out, as asked"
        return
    try:
        chain = ChainSide.open(settings.chain)
    except Error as error:
        if error.retry is not Retry.LATER:
            raise
        yield None, error.message
        return
    try:
        yield chain, None
    finally:
        chain.client.close()


@contextmanager
def _checker(settings: Settings, log: Log) -> Iterator[Signatures]:
    processes = settings.worker.processes
    if not processes:
        yield SerialSignatures(log.origin)
        return
    # Starts no process before there is something to check.
    with ProcessPoolExecutor(max_workers=processes) as pool:
        yield PooledSignatures(log.origin, pool)


def _print(report: Report) -> None:
    console.print(f"{report.origin}: {report.size} entries, root {report.root.hex()}", markup=False)
    rows = table("check", "outcome", "looked at", "findings")
    for check in Check:
        if report.looked_at[check] or report.found[check]:
            counts = str(report.looked_at[check]), str(report.found[check])
            rows.add_row(check.value, styled(report.outcome(check)), *counts)
        else:
            rows.add_row(check.value, Text("not looked at", style="dim"), "0", "0")
    console.print(rows)
    for finding in report.findings:
        line = f"{finding.check.value}: {finding.resource} {finding.state.value}: {finding.detail}"
        console.print(line, markup=False)
    for note, count in sorted(report.notes.items()):
        console.print(f"note: {note} {count}", markup=False)
    console.print(styled(report.outcome()))


def crosscheck(
    usc: Usc,
    proofs: Annotated[int, typer.Option(min=0, help="Inclusion proofs to compare.")] = 100,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Let another library compute the tree from the entries, and compare root and proofs."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        prover = LogProver(uow, log)
        size = prover.newest.size
        hashes: list[bytes] = []
        with progress("hashing entries", size) as done:
            for entry in prover.entries(0, size):
                hashes.append(hash_leaf(entry.content))
                done(entry.index + 1)
        reader = LogTiles(TreeRepository(uow.connection), log.number).reader(size)
        indexes = range(0, size, max(1, -(-size // proofs))) if proofs else ()
        result = second_opinion.crosscheck(
            hashes, root=prover.newest.root, reader=reader, indexes=indexes
        )
    # Entries that are missing at the end make a smaller tree, not a different one.
    holds = result.holds and result.size == size
    outcome = Outcome.HELD if holds else Outcome.FAILED
    document: dict[str, Any] = {
        "outcome": WORDS[outcome],
        "size": result.size,
        "signed_size": size,
        "root": result.root.hex(),
        "proofs": result.paths,
        "mismatches": [each.what for each in result.mismatches],
    }

    def text() -> None:
        console.print(f"{result.size} of {size} entries, {result.paths} proofs compared")
        for each in result.mismatches:
            console.print(f"differs: {each.what}", markup=False)
        console.print(styled(outcome))

    show(document, as_json, text)
    leave(outcome)
