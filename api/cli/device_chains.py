"""
Commands about the chains of a gateway's keys: begun, handed over, ended, begun anew.

Each changes the gateway's database, so the gateway is stopped for it. What the enterprise's office
has to sign afterwards is written to a file, which is carried there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.device_gateway import GatewayConfig
from api.cli.files import Output, write_file
from api.cli.output import AsJson, console, show
from api.cli.secrets import ask
from api.errors import ConfigurationError, PartMissing
from api.gateway.process import receipts_of
from api.gateway.settings import GatewaySettings, load_gateway_settings
from api.gateway.signers import Signers
from attestation.ids import Kid, Origin, parse_origin
from devices.closing_statements import ClosingStatement, format_statement
from devices.outbox import Outbox
from devices.rotation import (
    ClosedEpoch,
    begin_chain,
    end_chain,
    hand_over,
    open_next_epoch,
    recover_chain,
)
from devices.store import GatewayStore

KeyName = Annotated[str, typer.Option("--key", help="Name of the key in the gateway's settings.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]


@dataclass(frozen=True, slots=True)
class _Bench:
    """A gateway's database and keys while it does not run."""

    settings: GatewaySettings
    store: GatewayStore
    signers: Signers

    @property
    def origin(self) -> Origin:
        return parse_origin(self.settings.log.origin)

    def kid(self, name: str) -> Kid:
        """Give the id of a key by its name."""
        return self.signers.open(name).public_key.kid


@contextmanager
def _at_bench(config: Path) -> Iterator[_Bench]:
    settings = load_gateway_settings(config)
    with GatewayStore(settings.gateway.store) as store, Signers(settings, ask) as signers:
        yield _Bench(settings, store, signers)


def begin(config: GatewayConfig, key: KeyName, as_json: AsJson = False) -> None:
    """Begin the chain of a key that was enrolled and has never signed."""
    with _at_bench(config) as bench:
        kid = bench.kid(key)
        begin_chain(bench.store, kid, bench.origin)
    document = {"key": key, "kid": kid.hex(), "epoch": 0}
    show(document, as_json, lambda: console.print(f"begun: {key}, kid {kid.hex()}", markup=False))


def hand_over_to(
    config: GatewayConfig,
    old: Annotated[str, typer.Option("--from", help="Key that ends, by its name.")],
    new: Annotated[str, typer.Option("--to", help="Enrolled key that goes on, by its name.")],
    out: Output,
    reason: Reason = "rotation",
    as_json: AsJson = False,
) -> None:
    """Let a new key continue the chain of an old one; name the new one in the meters then."""
    with _at_bench(config) as bench:
        old_kid, new_kid = bench.kid(old), bench.kid(new)
        _reserve(out)
        closed = hand_over(bench.store, old_kid, new_kid, reason)
        statement = ClosingStatement(bench.origin, old_kid, reason, closed, new_kid)
        write_file(out, format_statement(statement))
    _tell(statement, out, "carbonseal device rotate", as_json)


def end(
    config: GatewayConfig,
    key: KeyName,
    out: Output,
    reason: Reason = "decommissioned",
    as_json: AsJson = False,
) -> None:
    """End the chain of a key that nothing follows, as when a device is taken out."""
    with _at_bench(config) as bench:
        kid = bench.kid(key)
        _reserve(out)
        closed = end_chain(bench.store, kid, reason)
        statement = ClosingStatement(bench.origin, kid, reason, closed, None)
        write_file(out, format_statement(statement))
    _tell(statement, out, "carbonseal device decommission", as_json)


def new_epoch(
    config: GatewayConfig,
    key: KeyName,
    out: Output,
    reason: Reason,
    last: Annotated[
        int | None, typer.Option(min=0, help="Last undisputed message; the last signed if absent.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Close a key's epoch and open the next with the same key, as after an equivocation."""
    with _at_bench(config) as bench:
        kid = bench.kid(key)
        _reserve(out)
        outbox = Outbox(bench.store)
        closed = open_next_epoch(bench.store, outbox, kid, reason, last_sequence=last)
        statement = ClosingStatement(bench.origin, kid, reason, closed, None)
        write_file(out, format_statement(statement))
    _tell(statement, out, "carbonseal device epoch", as_json)


def recover(config: GatewayConfig, key: KeyName, out: Output, as_json: AsJson = False) -> None:
    """Go on after the gateway's database was lost or restored from an older copy."""
    with _at_bench(config) as bench, ExitStack() as stack:
        receipts = receipts_of(bench.settings, bench.store, stack)
        if receipts is None:
            raise ConfigurationError("the newest receipt is asked of the ledger: set [ledger] url")
        kid = bench.kid(key)
        found = receipts.require_receipt(kid)
        if found is None:
            raise PartMissing("the ledger has no receipt of this key; begin its chain instead")
        _reserve(out)
        closed: ClosedEpoch = recover_chain(bench.store, found[1], bench.origin)
        statement = ClosingStatement(bench.origin, kid, closed.reason, closed, None)
        write_file(out, format_statement(statement))
    _tell(statement, out, "carbonseal device epoch", as_json)


def _reserve(out: Path) -> None:
    """See that the file can be written before the database says that a chain has ended."""
    write_file(out, b"")


def _tell(statement: ClosingStatement, out: Path, command: str, as_json: bool) -> None:
    closed = statement.closed
    document: dict[str, Any] = {
        "file": str(out),
        "kid": statement.kid.hex(),
        "reason": statement.reason,
        "closed_epoch": None if closed is None else closed.epoch,
        "last_sequence": None if closed is None else closed.last_sequence,
        "next_kid": None if statement.next_kid is None else statement.next_kid.hex(),
    }

    def text() -> None:
        for label, value in document.items():
            console.print(f"{label:<13} {'none' if value is None else value}", markup=False)
        console.print(f"next: the enterprise's office runs `{command} {out}`", markup=False)

    show(document, as_json, text)
