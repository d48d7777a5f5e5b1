"""The command that shows a party who has read its data."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.login import CaFile, InFile, Url
from api.cli.output import AsJson, console, show, table
from api.cli.showing import MachineKey, Showing
from api.client.operations import Operations


def reads(
    url: Url,
    usc: Annotated[
        str | None, typer.Option("--usc", help="Whose data; one's own without it.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    cursor: Annotated[
        str | None, typer.Option(help="Go on after the page that gave it (`next`).")
    ] = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """List who has read a party's data, newest first, at the server that is logged in to."""
    with Showing(session_file, machine_key).open(url, ca_file) as transport:
        found: Any = Operations(transport).list_reads(usc=usc, limit=limit, cursor=cursor)

    def text() -> None:
        rows = table("at", "who", "party", "as", "because", "asked")
        for each in found["reads"]:
            who = each["reader"], each["party"] or "", each["role"], each["relation"]
            rows.add_row(each["at"], *who, each["asked"])
        console.print(rows)
        if found["next"] is not None:
            console.print(f"more: --cursor {found['next']}", markup=False)

    show(dict(found), as_json, text)
