"""What commands open that reckon on a mirror instead of the operator's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.errors import BadRequest
from ledger.database import Database
from ledger.inventory.documents import DocumentStore
from ledger.inventory.replica import Replica
from ledger.repositories.logs import Log

MirrorDir = Annotated[
    Path | None,
    typer.Option(
        "--mirror", exists=True, file_okay=False, help="Instead: a folder that `mirror` filled."
    ),
]


@contextmanager
def open_mirror(folder: Path) -> Iterator[tuple[Database, Log, DocumentStore]]:
    """
    Open the database that a mirror made of what it copied, and its log and its documents.

    Raises:
        BadRequest: If the mirror was made without what accounting rests on.
    """
    if not Replica(folder).is_there:
        raise BadRequest(f"{folder} holds no accounting: `carbonseal mirror … --accounting`")
    with Replica(folder) as replica:
        yield replica.database, replica.log(), replica.documents
