"""Commands about who may read entries."""

from __future__ import annotations

from typing import Annotated

import typer

from api.access import AccessList
from api.cli import reads
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config
from api.clock import SystemClock
from api.errors import ConfigurationError
from api.settings import load_settings
from attestation.instants import MILLISECONDS_PER_DAY, Instant, format_instant

app = typer.Typer(help="Who may read entries.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Who holds the grant, for people.")]


@app.command()
def grant(
    name: Name,
    usc: Annotated[list[str], typer.Option("--usc", help="Enterprise whose entries are read.")],
    days: Annotated[int, typer.Option(min=1, max=3660, help="How long it lasts.")] = 90,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody read entries; prints the access token, once."""
    expires = Instant(SystemClock().now() + days * MILLISECONDS_PER_DAY)
    token = _list(config).grant(name, usc, expires)
    document = {"name": name, "token": token, "expires_at": format_instant(expires)}
    show(document, as_json, lambda: console.print(token, markup=False))


@app.command()
def withdraw(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Take a grant back, at once."""
    if not _list(config).withdraw(name):
        raise ConfigurationError(f"there is no grant named {name!r}")
    show({"withdrawn": name}, as_json, lambda: console.print(f"withdrawn: {name}", markup=False))


@app.command("list")
def list_grants(config: Config = None, as_json: AsJson = False) -> None:
    """List the grants; tokens are not kept and cannot be shown."""
    grants = _list(config).grants()

    def text() -> None:
        rows = table("name", "enterprises", "until")
        for each in grants:
            until = format_instant(Instant(each.expires_at))
            rows.add_row(each.name, ", ".join(each.enterprises), until)
        console.print(rows)

    document = [
        {
            "name": each.name,
            "enterprises": list(each.enterprises),
            "expires_at": format_instant(Instant(each.expires_at)),
        }
        for each in grants
    ]
    show(document, as_json, text)


app.command("reads")(reads.reads)


def _list(config: Config) -> AccessList:
    path = load_settings(config).web.access_file
    if path is None:
        raise ConfigurationError("no file of grants is set (web.access_file)")
    return AccessList(path)
