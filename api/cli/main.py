"""The way in for people at a terminal: commands, put together."""

from __future__ import annotations

import sys

import typer

from api.cli import (
    access,
    chain,
    config,
    db,
    device,
    doctor,
    energy,
    evidence,
    factors,
    inventory,
    keys,
    log,
    mirror,
    rebuilding,
    recheck,
    rules,
    run,
    sign,
    verify,
)
from api.cli.output import fail
from attestation.errors import Error

app = typer.Typer(
    name="carbonseal",
    help="A verification ledger for industrial carbon data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(run.demo)
app.command("serve")(run.serve)
app.command("worker")(run.worker)
app.command("verify")(verify.verify)
app.command("doctor")(doctor.doctor)
app.command("mirror")(mirror.mirror)
app.command("rebuild")(rebuilding.rebuild)
app.command("recheck")(recheck.recheck)
app.command("sign")(sign.sign)
app.add_typer(log.app, name="log")
app.add_typer(chain.app, name="chain")
app.add_typer(device.app, name="device")
app.add_typer(keys.app, name="keys")
app.add_typer(db.app, name="db")
app.add_typer(rules.app, name="rules")
app.add_typer(factors.app, name="factors")
app.add_typer(inventory.app, name="inventory")
app.add_typer(evidence.app, name="evidence")
app.add_typer(energy.app, name="energy")
app.add_typer(config.app, name="config")
app.add_typer(access.app, name="access")


def main() -> None:
    """Run one command; an error of ours ends it with a sentence and the next step."""
    try:
        app()
    except Error as error:
        fail(error, as_json="--json" in sys.argv[1:])
