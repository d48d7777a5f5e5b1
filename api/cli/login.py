"""Commands by which a person logs in at a server, sees their sessions, and ends them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from api.auth.logins import PARTY_URN, Purpose
from api.cli.output import AsJson, console, errors, show, table
from api.cli.secrets import SecretFile, password_from
from api.client.operations import Operations
from api.client.transport import open_transport
from api.clock import SystemClock
from api.errors import BadRequest, ConfigurationError
from api.session_file import KeptSession, SessionFile, address_of
from attestation.instants import Instant
from chain.keys import load_keystore
from chain.login_messages import LoginMessage
from chain.personal_messages import sign_personal

app = typer.Typer(help="Sessions at a server.", no_args_is_help=True)

Url = Annotated[str, typer.Option("--url", help="Address of the server.")]
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
_CURRENT: Final = "current"


def login(
    keystore: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The person's keystore (version 3).")
    ],
    url: Url,
    party: Annotated[
        str | None,
        typer.Option(help="Code of the party spoken for, where the key speaks for several."),
    ] = None,
    label: Annotated[str, typer.Option(help="What you call this place.")] = "",
    password_file: SecretFile = None,
    session_file: InFile = None,
    ca_file: CaFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Log in at a server: shows the text (EIP-4361), signs it, and keeps the session."""
    here = address_of(url)
    with open_transport(here, ca_file=ca_file) as transport:
        server = Operations(transport)
        asked: Any = server.draw_nonce({"purpose": "session"})
        password = password_from(password_file, f"password of {keystore.name}")
        signer = load_keystore(keystore, password)
        message = message_for(asked, here, signer.address, Purpose.SESSION, party=party)
        confirm(message.text(), yes, quiet=as_json)
        signature = sign_personal(message.text().encode(), signer)
        opened: Any = server.open_session(
            {
                "message": message.text(),
                "signature": f"0x{signature.hex()}",
                "label": label,
                "cookie": False,
            }
        )
    kept = KeptSession(
        id=opened["session"]["id"],
        token=opened["token"],
        party=opened["party"],
        role=opened["role"],
        expires_at=opened["session"]["expires_at"],
    )
    _file(session_file).put(here, kept)
    document = {
        "url": here,
        "session": kept.id,
        "party": kept.party,
        "role": kept.role,
        "address": opened["address"],
        "expires_at": kept.expires_at,
    }
    show(
        document,
        as_json,
        lambda: console.print(
            f"logged in at {here} as {kept.role} {kept.party}, until {kept.expires_at}",
            markup=False,
        ),
    )


@app.command("list")
def list_sessions(
    url: Url,
    session_file: InFile = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """List the sessions of the key that is logged in."""
    here, token = logged_in(url, session_file)
    with open_transport(here, token=token, ca_file=ca_file) as transport:
        found: Any = Operations(transport).list_sessions()

    def text() -> None:
        rows = table("session", "by", "label", "last used", "until", "")
        for each in found["sessions"]:
            mark = "this one" if each["current"] else "" if each["open"] else "over"
            times = each["seen_at"], each["expires_at"]
            rows.add_row(each["id"], each["proof"], each["label"], *times, mark)
        console.print(rows)

    show(dict(found), as_json, text)


@app.command()
def revoke(
    session: Annotated[str, typer.Argument(help="Id of the session, or `current`.")],
    url: Url,
    session_file: InFile = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """End a session, at once."""
    here, token = logged_in(url, session_file)
    file = _file(session_file)
    with open_transport(here, token=token, ca_file=ca_file) as transport:
        Operations(transport).revoke_session(session)
    kept = file.get(here)
    if session == _CURRENT or (kept is not None and session == kept.id):
        file.forget(here)
    show({"revoked": session}, as_json, lambda: console.print(f"ended: {session}", markup=False))


def message_for(
    asked: Any,
    here: str,
    address: bytes,
    purpose: Purpose,
    *,
    party: str | None,
    resources: tuple[str, ...] = (),
    expires_at: Instant | None = None,
) -> LoginMessage:
    """
    Write the text that a server asks for; one that asks for another's, or for more, gets none.

    Raises:
        BadRequest: If it does.
    """
    if asked["uri"] != here or asked["domain"] != urlsplit(here).netloc:
        raise BadRequest(f"{here} asks for a text for {asked['uri']}: nothing was signed")
    if asked["statement"] != purpose.statement:
        raise BadRequest(f"{here} asks for a text that says something else: nothing was signed")
    named = resources if party is None else (PARTY_URN + party, *resources)
    return LoginMessage(
        domain=asked["domain"],
        address=address,
        statement=asked["statement"],
        uri=asked["uri"],
        chain_id=asked["chain_id"],
        nonce=asked["nonce"],
        issued_at=SystemClock().now(),
        expires_at=expires_at,
        resources=named or None,
    )


def confirm(text: str, yes: bool, *, quiet: bool) -> None:
    """
    Show a text on standard error, and ask whether to sign it.

    Raises:
        BadRequest: If it is not to be signed, or there is nobody to ask.
    """
    if not (yes and quiet):
        errors.print(text, markup=False, highlight=False)
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadRequest("there is no terminal to ask at; say --yes to sign without being asked")
    if not typer.confirm("Sign this?", err=True):
        raise BadRequest("not signed")


def logged_in(url: str, path: Path | None) -> tuple[str, str]:
    """
    Give the address of a server and the token of the session at it.

    Raises:
        ConfigurationError: If there is none.
    """
    here = address_of(url)
    kept = _file(path).get(here)
    if kept is None:
        raise ConfigurationError(f"there is no session at {here}: log in first")
    return here, kept.token


def _file(path: Path | None) -> SessionFile:
    return SessionFile.usual() if path is None else SessionFile(path)
