"""Commands about the database's schema."""

from __future__ import annotations

import typer

from api.bootstrap import open_database
from api.cli.output import AsJson, console, show
from api.cli.places import Config
from api.settings import load_settings
from ledger import migrations

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command()
def upgrade(config: Config = None, as_json: AsJson = False) -> None:
    """Bring the schema up to what this version expects; harmless where it is there already."""
    with open_database(load_settings(config)) as database:
        migrations.upgrade(database.engine)
    _show_revision(as_json)


@app.command()
def check(config: Config = None, as_json: AsJson = False) -> None:
    """Say whether the schema is what this version expects."""
    with open_database(load_settings(config)) as database, database.reading() as uow:
        migrations.require_newest(uow.connection)
    _show_revision(as_json)


def _show_revision(as_json: bool) -> None:
    revision = migrations.newest_revision()
    show({"schema": revision}, as_json, lambda: console.print(f"schema: {revision}, newest"))
