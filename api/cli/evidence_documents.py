"""Commands about documents: what is kept, one of them, and erasing them all with their key."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.cli.at_hand import find_log
from api.cli.device_office import parse_hash
from api.cli.evidence_place import document_keys, document_store
from api.cli.files import Output, write_file
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config, Usc
from api.errors import BadRequest
from api.settings import load_settings
from attestation.instants import format_instant


def documents(usc: Usc, config: Config = None, as_json: AsJson = False) -> None:
    """List the documents of an enterprise; erased ones by their hash alone."""
    settings = load_settings(config)
    store = document_store(settings)
    with open_database(settings) as database, database.reading() as uow:
        code = find_log(uow, settings, usc).usc
        kept = [
            {
                "sha256": each.sha256.hex(),
                "media_type": each.media_type,
                "size": each.size,
                "stored_at": format_instant(each.stored_at),
                "readable": store.is_readable(code, each),
            }
            for each in uow.documents.listed(code)
        ]

    def text() -> None:
        rows = table("sha256", "media type", "bytes", "stored at", "")
        for each in kept:
            state = "" if each["readable"] else "erased"
            cells = (each["sha256"], each["media_type"], each["size"], each["stored_at"], state)
            rows.add_row(*(Text(str(cell)) for cell in cells))
        console.print(rows)

    show(kept, as_json, text)


def document(
    usc: Usc,
    sha256: Annotated[str, typer.Argument(help="SHA-256 of the document, hexadecimal.")],
    out: Output,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Decrypt a document, check it against its hash, and write it to a file."""
    settings = load_settings(config)
    name = parse_hash(sha256, "SHA-256")
    store = document_store(settings)
    with open_database(settings) as database, database.reading() as uow:
        content = store.load(uow, find_log(uow, settings, usc).usc, name)
    write_file(out, content)
    found = {"file": str(out), "sha256": name.hex(), "size": len(content)}
    show(found, as_json, lambda: console.print(f"{len(content)} bytes written to {out}"))


def erase(
    usc: Usc,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Erase the key of an enterprise's documents: none of them can be read again; hashes stay."""
    settings = load_settings(config)
    keys = document_keys(settings)
    with open_database(settings) as database, database.reading() as uow:
        code = find_log(uow, settings, usc).usc
        count = len(uow.documents.listed(code))
    _confirm(yes, f"Erase {count} documents of {code} for good?")
    erased = keys.erase(code)
    found = {"usc": code, "documents": count, "erased": erased}

    def text() -> None:
        console.print(f"the key is erased; {count} documents are noise" if erased else "no key")
        console.print("next: erase the copies of the key in backups, too")

    show(found, as_json, text)


def _confirm(yes: bool, question: str) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadRequest("there is no terminal to ask at; say --yes to erase without being asked")
    if not typer.confirm(question, err=True):
        raise BadRequest("not erased")
