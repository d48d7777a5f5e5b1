"""Commands about a verifier's working papers, sealed to the verifier's own key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.files import Output, read_file, write_file
from api.cli.outcomes import WORDS, leave, styled, worst
from api.cli.output import AsJson, console, show, table
from api.cli.secrets import SecretFile, password_from
from api.clock import SystemClock
from api.errors import PaperBroken
from api.papers import (
    MAX_PAPER_BYTES,
    Paper,
    PaperFolder,
    SealedPaper,
    format_recipient,
    load_key,
    make_key,
    recipient_of,
)
from attestation.enums import Outcome
from attestation.instants import format_instant

app = typer.Typer(
    help="Working papers (工作底稿), sealed to the verifier's own key.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Option("--folder", help="Folder of the sealed papers.")]
KeyFile = Annotated[
    Path, typer.Option("--key", exists=True, dir_okay=False, help="The verifier's key file.")
]


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="Key file to make; must not exist.")],
    password_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a key for working papers; its public half lies beside it and may be given away."""
    password = password_from(password_file, f"new password of {file.name}")
    public = format_recipient(make_key(file, password.encode()))
    document = {"key": str(file), "public_key": public}
    show(document, as_json, lambda: console.print(public, markup=False))


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Files.")],
    to: Annotated[
        Path, typer.Option("--to", exists=True, dir_okay=False, help="Public key, `.pub`.")
    ],
    folder: Folder,
    case: Annotated[str, typer.Option("--case", help="Inventory id, or a word of yours.")],
    as_json: AsJson = False,
) -> None:
    """Seal files; the originals stay where they are."""
    recipient = recipient_of(read_file(to, most=4096).decode("ascii", "replace"))
    kept, now = PaperFolder(folder), SystemClock().now()
    added: list[dict[str, Any]] = []
    for file in files:
        paper = Paper(file.name, case, now, read_file(file, most=MAX_PAPER_BYTES))
        sealed = kept.add(paper, recipient)
        added.append({"name": paper.name, "sha256": paper.sha256, "sealed": sealed.path.name})

    def text() -> None:
        for each in added:
            console.print(f"{each['sha256']}  {each['name']}", markup=False)

    show(added, as_json, text)


@app.command("list")
def list_papers(
    folder: Folder,
    key: KeyFile,
    case: Annotated[str | None, typer.Option("--case", help="Only of this case.")] = None,
    password_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List the papers with their hashes; exit 1 where one does not open or was changed."""
    secret = load_key(key, password_from(password_file, f"password of {key.name}").encode())
    found = [
        row
        for row in (_row(*each) for each in PaperFolder(folder).opened(secret))
        if case is None or row["case"] in (case, None)
    ]
    found.sort(key=lambda row: (row["case"] or "", row["name"] or "", row["sealed"]))
    outcome = worst(Outcome.HELD if row["error"] is None else Outcome.FAILED for row in found)

    def text() -> None:
        rows = table("case", "name", "bytes", "SHA-256", "added at")
        for row in found:
            if row["error"] is None:
                cells = ("case", "name", "bytes", "sha256", "added_at")
                rows.add_row(*(Text(str(row[cell])) for cell in cells))
            else:
                rows.add_row("", Text(row["sealed"]), "", Text(row["error"], style="red"), "")
        console.print(rows)
        console.print(styled(outcome))

    show({"outcome": WORDS[outcome], "papers": found}, as_json, text)
    leave(outcome)


@app.command()
def get(
    name: Annotated[str, typer.Argument(help="Name or SHA-256; of several, the newest.")],
    folder: Folder,
    key: KeyFile,
    out: Output,
    password_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Open one paper into a file."""
    secret = load_key(key, password_from(password_file, f"password of {key.name}").encode())
    paper = PaperFolder(folder).find(name, secret)
    write_file(out, paper.content)
    document = {"file": str(out), "name": paper.name, "case": paper.case, "sha256": paper.sha256}
    show(document, as_json, lambda: console.print(f"{paper.sha256}  {out}", markup=False))


def _row(sealed: SealedPaper, paper: Paper | PaperBroken) -> dict[str, Any]:
    row: dict[str, Any] = {"sealed": sealed.path.name, "error": None}
    if isinstance(paper, PaperBroken):
        words = paper.message if sealed.is_whole else "changed since it was sealed"
        return (
            row | dict.fromkeys(("case", "name", "bytes", "sha256", "added_at")) | {"error": words}
        )
    return row | {
        "case": paper.case,
        "name": paper.name,
        "bytes": len(paper.content),
        "sha256": paper.sha256,
        "added_at": format_instant(paper.added_at),
    }
