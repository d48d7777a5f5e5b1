"""The way in for people at a terminal: commands, put together."""

from __future__ import annotations

import sys
from typing import Any, Final

import typer
from typer.core import TyperGroup

from api.cli.late import LateCommand, Place, loaded
from api.cli.output import fail
from api.depth import restore_depth
from attestation.errors import Error

COMMANDS: Final = (
    Place(
        "demo",
        "run",
        "demo",
        "Play the whole path on this machine: meters, broker, log, chain, frauds, offline proof.",
    ),
    Place("serve", "run", "serve", "Answer HTTP until stopped."),
    Place("worker", "run", "worker", "Ingest, integrate, survey, answer and anchor until stopped."),
    Place(
        "verify",
        "verify",
        "verify",
        "Verify a bundle or a report, step by step; exit 0 only if every step held.",
    ),
    Place(
        "doctor",
        "doctor",
        "doctor",
        "Look at every part of this installation, and say what to do about what is wrong.",
    ),
    Place(
        "mirror",
        "mirror",
        "mirror",
        "Copy what is new of a log, once; run it again and again. Exit 1 if the log misbehaved.",
    ),
    Place(
        "rebuild",
        "rebuilding",
        "rebuild",
        "Derive a log's tiles and head from its entries again; refuses if they make another tree.",
    ),
    Place(
        "recheck",
        "recheck",
        "recheck",
        "Make an inventory again from its records; exit 0 only if every number is the same.",
    ),
    Place(
        "sign",
        "sign",
        "sign",
        "Show a signing request, ask, and add a person's signature to its file.",
    ),
    Place(
        "login",
        "login",
        "login",
        "Log in at a server: shows the text (EIP-4361), signs it, and keeps the session.",
    ),
    Place("sessions", "login", "app", "Sessions at a server."),
    Place("machines", "machines", "app", "Keys by which machines of a party come in."),
    Place("log", "log", "app", "Logs."),
    Place("chain", "chain", "app", "The chain."),
    Place("case", "case", "app", "Cases: inventories under co-verification."),
    Place("device", "device", "app", "Devices, their keys, and the gateway they speak by."),
    Place("keys", "keys", "app", "Keys, and what others trust."),
    Place("db", "db", "app", "The database."),
    Place("rules", "rules", "app", "Rules of accounting and allocation."),
    Place("factors", "factors", "app", "Emission factors, benchmarks and curves."),
    Place("inventory", "inventory", "app", "Inventories."),
    Place("evidence", "evidence", "app", "Evidence: sheets, samples, documents, months."),
    Place("report", "report", "app", "Verification reports."),
    Place("disclose", "disclose", "app", "Disclosures of one line or message."),
    Place("energy", "energy", "app", "Energy and carbon of daily work."),
    Place("export", "export", "app", "Raw exports of a log, with their proofs."),
    Place(
        "papers", "papers", "app", "Working papers (工作底稿), sealed to the verifier's own key."
    ),
    Place("leave", "leave", "app", "Leave for another operator with everything, or arrive there."),
    Place(
        "party", "party_commands", "app", "Parties, their persons, and what they are entitled to."
    ),
    Place("persons", "persons", "app", "Details of persons, which can be erased."),
    Place("visit", "visit", "app", "Visits to the site (现场核查), offline."),
    Place("config", "config", "app", "Settings."),
    Place("access", "access", "app", "Who may read entries."),
    Place("audit", "audit", "app", "The ledger of actions (操作日志)."),
)


class _Program(TyperGroup):
    """The command line: every command is loaded when it is typed."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for place in COMMANDS:
            self.add_command(LateCommand(place))


app = typer.Typer(
    name="carbonseal",
    cls=_Program,
    help="A verification ledger for industrial carbon data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _program() -> None:
    """Nothing is done before a command."""


def whole_program() -> Any:
    """Give the tree of commands with every one of them loaded, for whoever describes it."""
    program = typer.main.get_command(app)
    for place in COMMANDS:
        program.add_command(loaded(place))  # type: ignore[attr-defined]  # it is a group
    return program


def main() -> None:
    """Run one command; an error of ours ends it with a sentence and the next step."""
    restore_depth()
    try:
        app()
    except Error as error:
        fail(error, as_json="--json" in sys.argv[1:])
