"""Working papers: sealed with a public key, opened with the verifier's, and with no other."""

from __future__ import annotations

import stat
from hashlib import sha256
from pathlib import Path

import pytest

from tests.unit.api.cli.conftest import Ran, Run

NOTES = "现场核查记录: meter em-04 stood still".encode()


class Desk:
    """A verifier's desk: a key, a folder of sealed papers, and one file."""

    def __init__(self, run: Run, folder: Path, name: str) -> None:
        self.run = run
        self.folder = folder / "papers"
        self.key = folder / f"{name}.pem"
        self.password = folder / f"{name}.password"
        self.password.write_text(f"of {name}\n")
        self.file = folder / "notes.txt"
        self.file.write_bytes(NOTES)
        self.do("key", self.key)

    def do(self, *arguments: object) -> Ran:
        return self.run("papers", *arguments, "--password-file", self.password, "--json")

    def add(self, to: Path | None = None) -> Ran:
        recipient = to or self.key.with_name(f"{self.key.name}.pub")
        options = ("--to", recipient, "--folder", self.folder, "--case", "0xabc")
        return self.run("papers", "add", self.file, *options, "--json")

    def listed(self) -> Ran:
        return self.do("list", "--folder", self.folder, "--key", self.key)

    @property
    def sealed(self) -> Path:
        (found,) = self.folder.iterdir()
        return found


@pytest.fixture
def desk(run: Run, tmp_path: Path) -> Desk:
    """A desk with one sealed paper."""
    made = Desk(run, tmp_path, "verifier")
    assert made.add().code == 0
    return made


def test_paper_comes_back(desk: Desk) -> None:
    """By its name and by its hash, byte for byte."""
    for name in ("notes.txt", sha256(NOTES).hexdigest()):
        out = desk.file.with_name("back")
        ran = desk.do("get", name, "--folder", desk.folder, "--key", desk.key, "--out", out)
        assert (ran.code, out.read_bytes()) == (0, NOTES)


def test_papers_are_listed_with_their_hashes(desk: Desk) -> None:
    """What a site visit may name is the hash of the content, not of the sealed file."""
    ran = desk.listed()
    (row,) = ran.document["papers"]

    assert (ran.code, row["name"], row["case"]) == (0, "notes.txt", "0xabc")
    assert row["sha256"] == sha256(NOTES).hexdigest()
    assert row["sealed"] == f"{sha256(desk.sealed.read_bytes()).hexdigest()}.sealed"


def test_nothing_of_it_stands_outside(desk: Desk) -> None:
    """Neither content nor name nor case; the same file twice gives other bytes."""
    first = desk.sealed.read_bytes()
    desk.add()

    assert NOTES not in first and b"notes" not in first and b"0xabc" not in first
    assert len(list(desk.folder.iterdir())) == 2


def test_key_is_its_owner_s_alone(desk: Desk) -> None:
    """Mode 600, and encrypted."""
    assert stat.S_IMODE(desk.key.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in desk.key.read_bytes()
    desk.password.write_text("another\n")
    assert desk.listed().code == 2


def test_other_key_opens_nothing(desk: Desk, run: Run, tmp_path: Path) -> None:
    """A colleague's key lists the paper as one that does not open."""
    other = Desk(run, tmp_path, "colleague")
    ran = other.listed()

    assert ran.code == 1
    assert ran.document["papers"][0]["name"] is None


def test_changed_byte_is_found(desk: Desk) -> None:
    """In the sealed bytes or in what stands before them, under the old name or the new one."""
    path = desk.sealed
    whole = path.read_bytes()
    for place in (-1, 60, 100):
        content = bytearray(whole)
        content[place] ^= 1
        path.write_bytes(content)
        assert desk.listed().document["papers"][0]["error"] == "changed since it was sealed"
        path = path.rename(path.with_name(f"{sha256(content).hexdigest()}.sealed"))
        assert desk.listed().code == 1


def test_sealed_bytes_under_another_recipient_s_head_do_not_open(
    desk: Desk, run: Run, tmp_path: Path
) -> None:
    """The head is bound to what is sealed, so nothing can be passed off as sealed to somebody."""
    other = Desk(run, tmp_path, "colleague")
    theirs = other.folder.parent / "theirs"
    other.folder = theirs
    other.add()
    head = other.sealed.read_bytes().partition(b"\n")[0]
    sealed = desk.sealed.read_bytes().partition(b"\n")[2]
    other.sealed.write_bytes(head + b"\n" + sealed)

    assert other.listed().code == 1


def test_what_is_no_public_key_is_refused(desk: Desk) -> None:
    """Nothing is sealed to what nobody can open."""
    recipient = desk.file.with_name("other.pub")
    for text in ("", "carbonseal-papers:AAAA", "x carbonseal-papers:" + "A" * 43 + "="):
        recipient.write_text(text)
        assert desk.add(recipient).code == 2, text


def test_key_of_small_order_is_refused(desk: Desk) -> None:
    """Everybody could open what is sealed to it."""
    recipient = desk.file.with_name("other.pub")
    recipient.write_text("carbonseal-papers:" + "A" * 43 + "=")

    assert desk.add(recipient).code == 2


def test_case_too_long_to_open_again_is_refused(desk: Desk) -> None:
    """What could be sealed and never opened is not sealed."""
    options = ("--to", f"{desk.key}.pub", "--folder", desk.folder, "--case", "x" * 4096)
    ran = desk.run("papers", "add", desk.file, *options, "--json")

    assert (ran.code, "more than 4096 bytes" in ran.out) == (2, True)
    assert desk.listed().code == 0


def test_folder_that_is_not_there_holds_nothing(desk: Desk) -> None:
    """A folder mistyped is told; it is not a folder without papers."""
    desk.folder = desk.folder.with_name("paper")
    ran = desk.listed()

    assert (ran.code, "there is no folder" in ran.out) == (2, True)


def test_key_is_not_written_over(desk: Desk) -> None:
    """The papers sealed to it would be lost."""
    before = desk.key.read_bytes()

    assert desk.do("key", desk.key).code == 2
    assert desk.key.read_bytes() == before
