"""
Where commands about cases read: a server one is logged in at, a mirror, or the database at hand.

All three give the same documents, so that a command prints the same whichever it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import typer

from api.bootstrap import open_database
from api.cli.case_documents import LocalCases
from api.cli.device_office import parse_hash
from api.cli.mirrored import open_mirror
from api.cli.showing import Showing
from api.client.transport import Asked, Transport, Value
from api.errors import BadRequest
from api.office.subjects import parse_subject
from api.settings import load_settings
from attestation.case_bodies import Anchor

CaseArgument = Annotated[
    str,
    typer.Argument(metavar="CASE", help="Id with 0x, or CODE/UNIT/PERIOD such as 91…/unit-1/2024."),
]
Url = Annotated[
    str | None, typer.Option("--url", help="Server one is logged in at; else what is at hand.")
]
ServerUrl = Annotated[str, typer.Option("--url", help="Server one is logged in at.")]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", exists=True, dir_okay=False, help="Certificates of the server."),
]
InFile = Annotated[
    Path | None,
    typer.Option(
        "--session-file",
        dir_okay=False,
        help="File of sessions; else .carbonseal/sessions.json in the home folder.",
    ),
]
AboutLine = Annotated[str | None, typer.Option("--line", help="About a line.")]
AboutDocument = Annotated[
    str | None, typer.Option("--document", help="About a document, by its SHA-256.")
]
AboutEntry = Annotated[
    int | None, typer.Option("--entry", min=0, help="About an entry of the log.")
]
AboutSeries = Annotated[
    str | None, typer.Option("--series", help="About readings: SERIES,FROM_S,TO_S.")
]
_ID = re.compile("0x[0-9a-f]{64}")
_PAGE: Final = 200
_LONGEST_BOUNDS: Final = 40


class Cases(Protocol):
    """Where cases are read."""

    def listed(self, filters: Mapping[str, Value]) -> list[Any]:
        """Give the rows of the queue that filters let through."""
        ...

    def look(self, case: str, part: str = "", **query: Value) -> Any:
        """Give one document of a case: as it stands, or one of its parts."""
        ...


class RemoteCases:
    """
    The cases of a server, as far as the session reaches.

    Args:
        transport: To the server, with the session's token.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def listed(self, filters: Mapping[str, Value]) -> list[Any]:
        """Give the rows of the queue, page by page."""
        rows: list[Any] = []
        cursor: str | None = None
        while True:
            query = {**filters, "limit": _PAGE, "cursor": cursor}
            found = self._get("/v1/cases", query)
            rows += found["cases"]
            cursor = found["next"]
            if cursor is None:
                return rows

    def look(self, case: str, part: str = "", **query: Value) -> Any:
        """Give one document of a case."""
        return self._get(f"/v1/cases/{case}{part and '/'}{part}", query)

    def post(self, case: str, part: str, content: Mapping[str, Any]) -> Any:
        """Ask for a change of a case; carried out once, however often it is sent."""
        asked = Asked(
            "POST",
            f"/v1/cases/{case}/{part}",
            headers={"idempotency-key": None},
            content=dict(content),
            media_type="application/json",
        )
        return self._transport.ask(asked).document()

    def _get(self, address: str, query: Mapping[str, Value]) -> Any:
        return self._transport.ask(Asked("GET", address, query=query)).document()


def case_id(text: str) -> str:
    """
    Give the id of a case that a person names.

    Raises:
        BadRequest: If it is neither an id nor CODE/UNIT/PERIOD.
    """
    if _ID.fullmatch(text):
        return text
    if "/" not in text:
        raise BadRequest(f"{text!r} is neither an id with 0x nor CODE/UNIT/PERIOD")
    return f"0x{parse_subject(text).inventory_id.hex()}"


def anchor_of(
    line: str | None, document: str | None, entry: int | None, series: str | None
) -> Anchor:
    """
    Give the one place that a finding or a comment is about.

    Raises:
        BadRequest: If what names it has another form.
        EncodingError: If none is named, or several are.
    """
    sha256 = None if document is None else parse_hash(document, "document")
    if series is None:
        return Anchor(line=line, document=sha256, entry=entry)
    name, _, bounds = series.partition(",")
    from_s, _, to_s = bounds.partition(",")
    if not from_s.isdecimal() or not to_s.isdecimal():
        raise BadRequest("--series SERIES,FROM_S,TO_S, in whole seconds")
    if len(bounds) > _LONGEST_BOUNDS:
        raise BadRequest("--series with a time that no reading can have")
    return Anchor(
        line=line,
        document=sha256,
        entry=entry,
        series=name,
        from_s=int(from_s),
        to_s=int(to_s),
    )


@contextmanager
def open_cases(
    config: Path | None,
    mirror: Path | None,
    url: str | None,
    showing: Showing,
    ca_file: Path | None,
) -> Iterator[Cases]:
    """
    Open where cases are read: a server, else a mirror, else the ledger of the settings.

    Raises:
        ConfigurationError: If there is no session at the server.
        BadRequest: If the mirror holds no accounting.
    """
    if url is not None:
        with open_server(url, showing, ca_file) as found:
            yield found
    elif mirror is not None:
        with open_mirror(mirror) as (database, *_):
            yield LocalCases(database)
    else:
        with open_database(load_settings(config)) as database:
            yield LocalCases(database)


@contextmanager
def open_server(url: str, showing: Showing, ca_file: Path | None) -> Iterator[RemoteCases]:
    """
    Open a server that one is logged in at, or whose machine one is.

    Raises:
        ConfigurationError: If there is no session there.
    """
    with showing.open(url, ca_file) as transport:
        yield RemoteCases(transport)
