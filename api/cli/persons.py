"""
Commands about the details of persons: kept on a salted id, and erased without a trace in the log.

The operator keeps them for a party that asks for it; log and chain know the id alone.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.cli.device_office import parse_hash
from api.cli.files import read_file
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config
from api.clock import SystemClock
from api.errors import BadRequest, ConfigurationError
from api.settings import Settings, load_settings
from attestation.canonical import require_object
from attestation.instants import format_instant
from attestation.persons import SALT_LENGTH
from chain.rule_inputs import parse_plain
from ledger.persons import Details, PersonBook, PersonKeys
from ledger.repositories.actions import Noted

app = typer.Typer(help="Details of persons, which can be erased.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="Code of the party that the person acts for.")]
PersonId = Annotated[str, typer.Argument(help="Id of the person, 64 hexadecimal digits.")]

_MOST_BYTES = 1 << 14
_GIVEN = ("identity", "name", "telephone", "mail", "post")


@app.command()
def add(
    code: Code,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="JSON of identity, name and, if wanted, telephone, mail, post, salt.",
        ),
    ],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Keep a person's details; prints the id, and the salt that is the person's own."""
    settings = load_settings(config)
    details, now = _details(file), SystemClock().now()
    with open_database(settings) as database, database.unit_of_work() as uow:
        person = _book(settings).put(uow, code, details, now=now)
        uow.actions.note(_noted("person.keep", person, code, now))
        # Commit point: the details are kept, and that they are is noted.
        uow.commit()
    document = {"person": person.hex(), "salt": details.salt}

    def text() -> None:
        console.print(f"person  {person.hex()}")
        console.print(f"salt    {details.salt}")
        console.print("next: hand the salt to the person, who shows with it that the id is theirs")

    show(document, as_json, text)


@app.command("show")
def show_person(
    code: Code, person: PersonId, config: Config = None, as_json: AsJson = False
) -> None:
    """Show what is kept of a person; that it was shown is noted."""
    settings = load_settings(config)
    name, now = parse_hash(person, "id of the person"), SystemClock().now()
    with open_database(settings) as database, database.unit_of_work() as uow:
        details = _book(settings).load(uow, code, name)
        uow.actions.note(_noted("person.show", name, code, now))
        uow.commit()
    document = {each: getattr(details, each) for each in _GIVEN}

    def text() -> None:
        for each, value in document.items():
            console.print(f"{each:<10} {value}", markup=False)

    show(document, as_json, text)


@app.command("list")
def list_persons(code: Code, config: Config = None, as_json: AsJson = False) -> None:
    """List the persons of a party by their ids, and which details were erased."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        kept = uow.persons.listed(code)
    found: list[dict[str, Any]] = [
        {
            "person": each.person.hex(),
            "stored_at": format_instant(each.stored_at),
            "erased_at": None if each.erased_at is None else format_instant(each.erased_at),
        }
        for each in kept
    ]

    def text() -> None:
        rows = table("person", "stored at", "erased at")
        for each in found:
            rows.add_row(*(Text(str(value or "")) for value in each.values()))
        console.print(rows)

    show(found, as_json, text)


@app.command()
def erase(
    code: Code,
    person: PersonId,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Erase a person's details for good; the log keeps the id, and holds as before."""
    settings = load_settings(config)
    name, now = parse_hash(person, "id of the person"), SystemClock().now()
    _confirm(yes, f"Erase the details of {name.hex()} for good?")
    with open_database(settings) as database, database.unit_of_work() as uow:
        erased = _book(settings).erase(uow, code, name, now=now)
        if erased:
            uow.actions.note(_noted("person.erase", name, code, now))
        uow.commit()

    def text() -> None:
        console.print("erased" if erased else "there was nothing to erase")
        console.print("next: erase the copies of the key in backups, too")

    show({"person": name.hex(), "erased": erased}, as_json, text)


def _details(file: Path) -> Details:
    said: Any = parse_plain(read_file(file, most=_MOST_BYTES))
    content = require_object(said, str(file))
    unknown = content.keys() - {*_GIVEN, "salt"}
    if unknown or not all(isinstance(value, str) for value in content.values()):
        raise BadRequest(f"{file.name} has texts of {', '.join(_GIVEN)} and salt, nothing else")
    if not {"identity", "name"} <= content.keys():
        raise BadRequest(f"{file.name} names neither identity nor name")
    salt = str(content.get("salt") or secrets.token_bytes(SALT_LENGTH).hex())
    parse_salt(salt)
    return Details(salt=salt, **{each: str(content.get(each, "")) for each in _GIVEN})


def parse_salt(text: str) -> bytes:
    """
    Read a person's salt.

    Raises:
        BadRequest: If it is not 32 hexadecimal digits.
    """
    try:
        salt = bytes.fromhex(text)
    except ValueError as error:
        raise BadRequest("the salt is not hexadecimal") from error
    if len(salt) != SALT_LENGTH:
        raise BadRequest(f"the salt has {len(salt)} bytes, {SALT_LENGTH} expected")
    return salt


def _book(settings: Settings) -> PersonBook:
    if settings.documents is None:
        raise ConfigurationError("no persons' keys are kept here: the settings have no [documents]")
    return PersonBook(PersonKeys(settings.documents.keys))


def _noted(what: str, person: bytes, code: str, now: Any) -> Noted:
    return Noted(
        actor="operator",
        role="operator",
        on_behalf_of=code,
        what=what,
        subject=f"person {person.hex()}",
        at=now,
    )


def _confirm(yes: bool, question: str) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadRequest("there is no terminal to ask at; say --yes to erase without being asked")
    if not typer.confirm(question, err=True):
        raise BadRequest("not erased")
