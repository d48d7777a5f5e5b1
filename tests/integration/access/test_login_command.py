"""At a terminal a person logs in with a keystore, sees their sessions and ends them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from typer.testing import CliRunner

from api.cli.main import app
from api.errors import ConfigurationError
from api.session_file import KeptSession, SessionFile, session_token
from attestation.errors import Error
from attestation.keys import SoftwareKey
from ledger.database import Database
from tests.support.access import OWNER, remove
from tests.support.enterprise import START_S, STRANGER, USC

MACHINE = SoftwareKey.from_seed(sha256(b"machine at a terminal").digest())


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    """A file for sessions that is not there yet."""
    return tmp_path / "mine" / "sessions.json"


def keystore(folder: Path, secret: bytes) -> tuple[str, ...]:
    """Keep a key in a file that opens quickly, and give the options that name it."""
    content = Account.encrypt(secret, "word", kdf="pbkdf2", iterations=1)
    (folder / "key.json").write_text(json.dumps(content))
    (folder / "password").write_text("word\n")
    return "--keystore", f"{folder}/key.json", "--password-file", f"{folder}/password"


def run(*arguments: object) -> Any:
    """Run a command; give what it printed."""
    ran = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def test_person_logs_in_and_out(served: str, sessions: Path, tmp_path: Path) -> None:
    """The token lands in a file of its owner, opens the server, and is gone after the end."""
    here = ("--url", served, "--session-file", sessions)
    opened = run("login", *keystore(tmp_path, OWNER.secret), *here, "--label", "desk", "--yes")

    listed = run("sessions", "list", *here)["sessions"]
    mode = sessions.stat().st_mode & 0o777
    run("sessions", "revoke", "current", *here)

    assert (opened["party"], opened["role"]) == (USC, "enterprise")
    assert [(each["id"], each["label"], each["current"]) for each in listed] == [
        (opened["session"], "desk", True)
    ]
    assert mode == 0o600
    assert session_token(served, sessions) is None


def test_token_is_shown_nowhere(served: str, sessions: Path, tmp_path: Path) -> None:
    """What the command prints lets nobody in."""
    here = ("--url", served, "--session-file", sessions)
    printed = run("login", *keystore(tmp_path, OWNER.secret), *here, "--yes")
    token = session_token(served, sessions)

    assert token is not None
    assert token not in json.dumps(printed)


def test_stranger_is_refused(served: str, sessions: Path, tmp_path: Path) -> None:
    """A key that is no representative's ends with the server's words, and no file."""
    here = ("--url", served, "--session-file", sessions)

    with pytest.raises(Error, match="no representative") as refused:
        run("login", *keystore(tmp_path, STRANGER), *here, "--yes")

    assert refused.value.stable_code == "api.unauthenticated"
    assert not sessions.exists()


def test_removed_person_is_refused_with_the_old_token(
    served: str, sessions: Path, tmp_path: Path, database: Database
) -> None:
    """A token in a file is worth nothing once the chain has removed its holder."""
    here = ("--url", served, "--session-file", sessions)
    run("login", *keystore(tmp_path, OWNER.secret), *here, "--yes")
    remove(database, OWNER, at_s=START_S)

    with pytest.raises(Error, match="does not speak"):
        run("sessions", "list", *here)


def test_nothing_is_signed_for_another_server(served: str, sessions: Path, tmp_path: Path) -> None:
    """A server that is reached under another name than it asks to be signed for gets nothing."""
    elsewhere = served.replace("127.0.0.1", "localhost")
    here = ("--url", elsewhere, "--session-file", sessions)

    with pytest.raises(Error, match="nothing was signed"):
        run("login", *keystore(tmp_path, OWNER.secret), *here, "--yes")


@pytest.mark.parametrize(
    "url", ["http://ledger.example", "ftp://ledger.example", "https://a:b@ledger.example", "x"]
)
def test_token_goes_nowhere_without_tls(url: str, sessions: Path) -> None:
    """A token is for one server, by TLS or on one's own machine."""
    with pytest.raises(ConfigurationError):
        session_token(url, sessions)


def test_file_that_others_may_read_is_refused(sessions: Path) -> None:
    """A file of tokens that is open to others is not used."""
    url = "https://ledger.example"
    SessionFile(sessions).put(url, KeptSession("1", "css_secret", "A", "bank", "later"))
    kept = session_token(url, sessions)
    sessions.chmod(0o640)

    assert kept == "css_secret"
    with pytest.raises(ConfigurationError, match="others may read"):
        session_token(url, sessions)


def test_token_of_one_server_is_not_for_another(sessions: Path) -> None:
    """Each server has its own session; the port counts."""
    SessionFile(sessions).put(
        "https://ledger.example/v1", KeptSession("1", "css_secret", "A", "bank", "later")
    )

    assert session_token("https://LEDGER.example", sessions) == "css_secret"
    assert session_token("https://ledger.example:8443", sessions) is None


def test_approver_lets_a_machine_in_and_out(served: str, sessions: Path, tmp_path: Path) -> None:
    """Both keys sign the text; the machine is listed, and ended at once."""
    here = ("--url", served, "--session-file", sessions)
    pem = tmp_path / "machine.pem"
    pem.write_bytes(MACHINE.to_pem(None))
    mine = keystore(tmp_path, OWNER.secret)
    added = run("machines", "add", pem, "--name", "scheduler", *mine, "--url", served, "--yes")
    run("login", *mine, *here, "--yes")
    listed = run("machines", "list", *here)["keys"]

    run("machines", "revoke", added["id"], *here)

    assert run("access", "reads", *here) == {"reads": [], "next": None}
    assert added["id"] == MACHINE.public_key.kid.hex()
    assert [(each["name"], each["revoked_at"]) for each in listed] == [("scheduler", None)]
    assert run("machines", "list", *here)["keys"][0]["revoked_at"] is not None
