"""The command by which persons sign requests: what it shows, adds and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.office import key_requests
from api.office.request import SigningRequest, format_request, parse_request
from attestation.trust_root import format_trust_root
from tests.support.office import (
    APPROVER,
    INITIATOR,
    STRANGER,
    device_authority,
    device_request,
    drafting,
    trust_root,
)
from tests.unit.api.cli.conftest import Ran, Run

PASSWORD = "a password of a person"
PEOPLE = {"initiator": INITIATOR, "approver": APPROVER, "stranger": STRANGER}


@pytest.fixture(scope="session")
def keystores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everybody's keystore; making one takes a second each."""
    folder = tmp_path_factory.mktemp("keystores")
    for name, signer in PEOPLE.items():
        signer.save(folder / f"{name}.json", PASSWORD)
    (folder / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    return folder


class Desk:
    """A request on a desk, and people who sign it."""

    def __init__(self, folder: Path, keystores: Path, run: Run) -> None:
        self.file, self.trust = folder / "request.json", folder / "trust.json"
        self._keystores, self._run = keystores, run
        self.trust.write_bytes(format_trust_root(trust_root()))

    def lay(self, request: SigningRequest) -> None:
        self.file.write_bytes(format_request(request))

    @property
    def request(self) -> SigningRequest:
        return parse_request(self.file.read_bytes())

    def sign(self, person: str, *more: str) -> Ran:
        return self._run(
            *("sign", self.file, "--keystore", self._keystores / f"{person}.json"),
            *("--trust", self.trust, "--password-file", self._keystores / "password", *more),
        )


@pytest.fixture
def desk(tmp_path: Path, keystores: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with a request to enrol a key, not signed; it is a day after it was drafted."""
    made = Desk(tmp_path, keystores, run)
    request = key_requests.enrol(drafting(), device_authority(), [device_request()])
    made.lay(request)
    monkeypatch.setattr("api.clock.SystemClock.now", lambda _self: request.drafted_at + 86_400_000)
    return made


def code_of(ran: Ran) -> str:
    """Give the stable code in what a command said on standard error or out."""
    return str(json.loads(ran.out)["code"])


def test_two_persons_sign_one_file(desk: Desk) -> None:
    """Each sees the fields; the file says who signed, and what comes next."""
    first = desk.sign("initiator", "--yes")
    second = desk.sign("approver", "--yes")

    assert (first.code, second.code) == (0, 0)
    assert "enrolledIndex: 12" in first.out
    assert "carry the file to the approver" in first.out
    assert "carbonseal device submit" in second.out
    assert [each.address for each in desk.request.signatures] == [
        INITIATOR.address,
        APPROVER.address,
    ]


def test_stranger_is_refused(desk: Desk) -> None:
    """The file stays as it was."""
    before = desk.file.read_bytes()
    ran = desk.sign("stranger", "--yes", "--json")

    assert (ran.code, code_of(ran)) == (1, "signing.wrong_signer")
    assert desk.file.read_bytes() == before


def test_same_person_twice_is_refused(desk: Desk) -> None:
    """One person gives one signature."""
    desk.sign("initiator", "--yes")
    ran = desk.sign("initiator", "--yes", "--json")

    assert (ran.code, code_of(ran)) == (1, "signing.signed_already")


def test_edited_file_is_refused(desk: Desk) -> None:
    """What was changed after the first signature is not signed again."""
    desk.sign("initiator", "--yes")
    document = json.loads(desk.file.read_bytes())
    document["parts"][0]["fields"]["enrolledIndex"] = "1"
    desk.file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    ran = desk.sign("approver", "--yes", "--json")

    assert (ran.code, code_of(ran)) == (1, "signing.edited")


def test_expired_request_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the deadline nothing is signed."""
    late = desk.request.deadline + 1
    monkeypatch.setattr("api.clock.SystemClock.now", lambda _self: late)
    ran = desk.sign("initiator", "--yes", "--json")

    assert (ran.code, code_of(ran)) == (1, "signing.expired")


@pytest.mark.parametrize(
    "root",
    [trust_root(chain_id=1), trust_root(devices=b"\x09" * 20)],
    ids=["another chain", "another contract"],
)
def test_another_place_is_refused(desk: Desk, root: object) -> None:
    """Chain and contract are those that the signer's own trust root names."""
    desk.trust.write_bytes(format_trust_root(root))  # type: ignore[arg-type]
    ran = desk.sign("initiator", "--yes", "--json")

    assert (ran.code, code_of(ran)) == (1, "signing.wrong_place")


def test_file_that_is_no_request(desk: Desk) -> None:
    """A usage error, and nothing is written."""
    desk.file.write_text("{}", encoding="utf-8")
    ran = desk.sign("initiator", "--yes", "--json")

    assert (ran.code, code_of(ran)) == (2, "encoding.signing_request")


def test_wrong_password(desk: Desk, keystores: Path, tmp_path: Path, run: Run) -> None:
    """A keystore that does not open signs nothing, and the password is not repeated."""
    wrong = tmp_path / "wrong"
    wrong.write_text("not this one\n", encoding="utf-8")
    ran = run(
        *("sign", desk.file, "--keystore", keystores / "initiator.json", "--trust", desk.trust),
        *("--password-file", wrong, "--yes"),
    )

    assert ran.code == 1
    assert "not this one" not in ran.out + ran.err
    assert desk.request.signatures == ()


def test_nobody_is_asked_without_a_terminal(desk: Desk) -> None:
    """Where nobody can say yes, the command wants to be told."""
    ran = desk.sign("initiator")

    assert ran.code == 2
    assert "--yes" in ran.err
    assert desk.request.signatures == ()


@pytest.mark.parametrize(("said", "signatures"), [(True, 1), (False, 0)])
def test_person_is_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, said: bool, signatures: int
) -> None:
    """At a terminal the person sees the request and decides."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_arguments, **_more: said)
    desk.sign("initiator")

    assert len(desk.request.signatures) == signatures


def test_password_from_a_descriptor(desk: Desk, keystores: Path, run: Run) -> None:
    """A descriptor is a file like any other: /dev/fd/N."""
    with (keystores / "password").open("rb") as file:
        ran = run(
            *("sign", desk.file, "--keystore", keystores / "initiator.json"),
            *("--trust", desk.trust, "--password-file", f"/dev/fd/{file.fileno()}", "--yes"),
        )

    assert ran.code == 0


def test_show_says_who_has_signed(desk: Desk, run: Run) -> None:
    """Anybody can look, without a key and without a trust root."""
    desk.sign("initiator", "--yes")
    document = run("device", "show", desk.file, "--json").document

    assert [(each["role"], each["signed"]) for each in document["signers"]] == [
        ("initiator", True),
        ("approver", False),
    ]
    assert document["parts"][1]["fields"]["series"] == "em-01/energy/total/"


def test_long_request_is_shown_briefly(desk: Desk, run: Run) -> None:
    """Of many parts the headings are shown, and all of it when it is asked for."""
    requests = [device_request(f"em-{number:02d}") for number in range(1, 13)]
    desk.lay(key_requests.enrol(drafting(), device_authority(), requests))

    assert "enrolledIndex" not in run("device", "show", desk.file).out
    assert "enrolledIndex" in run("device", "show", desk.file, "--all").out


def test_keystore_of_a_person(tmp_path: Path, run: Run) -> None:
    """A person makes a key of their own, whose address is to be registered."""
    password, file = tmp_path / "password", tmp_path / "person.json"
    password.write_text("long enough\n", encoding="utf-8")
    ran = run("keys", "person", file, "--password-file", password, "--json")

    assert ran.code == 0
    assert ran.document["address"].startswith("0x")
    assert run("keys", "person", file, "--password-file", password).code == 1
