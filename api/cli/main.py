"""The way in for people at a terminal: commands, put together."""

from __future__ import annotations

import sys

import typer

from api.cli import (
    access,
    audit,
    case,
    chain,
    config,
    db,
    device,
    disclose,
    doctor,
    energy,
    evidence,
    export,
    factors,
    inventory,
    keys,
    leave,
    log,
    login,
    machines,
    mirror,
    papers,
    party,
    party_credentials,
    party_decisions,
    persons,
    rebuilding,
    recheck,
    report,
    rules,
    run,
    sign,
    verify,
    visit,
)
from api.cli.output import fail
from api.depth import restore_depth
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
app.command("login")(login.login)
app.add_typer(login.app, name="sessions")
app.add_typer(machines.app, name="machines")
app.add_typer(log.app, name="log")
app.add_typer(chain.app, name="chain")
app.add_typer(case.app, name="case")
app.add_typer(device.app, name="device")
app.add_typer(keys.app, name="keys")
app.add_typer(db.app, name="db")
app.add_typer(rules.app, name="rules")
app.add_typer(factors.app, name="factors")
app.add_typer(inventory.app, name="inventory")
app.add_typer(evidence.app, name="evidence")
app.add_typer(report.app, name="report")
app.add_typer(disclose.app, name="disclose")
app.add_typer(energy.app, name="energy")
app.add_typer(export.app, name="export")
app.add_typer(papers.app, name="papers")
app.add_typer(leave.app, name="leave")
party_credentials.register(party.app)
party_decisions.register(party.app)
app.add_typer(party.app, name="party")
app.add_typer(persons.app, name="persons")
app.add_typer(visit.app, name="visit")
app.add_typer(config.app, name="config")
app.add_typer(access.app, name="access")
app.add_typer(audit.app, name="audit")


def main() -> None:
    """Run one command; an error of ours ends it with a sentence and the next step."""
    restore_depth()
    try:
        app()
    except Error as error:
        fail(error, as_json="--json" in sys.argv[1:])
