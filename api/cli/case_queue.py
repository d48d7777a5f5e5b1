"""
The command that shows one queue of the cases at several operators.

A verifier or regulator works at as many ledgers as there are operators. Each is asked with the
session or grant one has there; one that does not answer is named, never passed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.cli.case_places import CaFile, InFile, RemoteCases, open_server
from api.cli.files import read_password
from api.cli.outcomes import WORDS, leave, styled
from api.cli.output import AsJson, console, show, table
from api.cli.showing import MachineKey, Showing
from api.client.transport import Value, open_transport
from api.errors import BadRequest, PartMissing
from api.session_file import address_of
from attestation.enums import Outcome
from attestation.errors import Error

_LAST: Final = 1 << 30
"""Days left of a case without a clock: it comes after those that have one."""
_SAME: Final = ("state", "version", "total")


def queue(
    hosts: Annotated[
        list[str], typer.Option("--host", help="Address of a server; may be given several times.")
    ],
    grants: Annotated[
        list[str] | None,
        typer.Option("--grant", help="ADDRESS=FILE: an access token for a server."),
    ] = None,
    verifier: Annotated[
        str | None, typer.Option("--verifier", help="Only assigned to this code.")
    ] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="Only in this stage.")] = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the cases of several servers as one list, the most urgent first."""
    addresses = list(dict.fromkeys(address_of(each) for each in hosts))
    tokens = _tokens(grants or (), addresses)
    filters = {"verifier": verifier, "stage": stage}
    rows: list[dict[str, Any]] = []
    away: list[dict[str, str]] = []
    for here in addresses:
        try:
            with _open(here, tokens, Showing(session_file, machine_key), ca_file) as cases:
                rows += _read(cases.listed(filters), here)
        except Error as error:
            away.append({"host": here, "code": error.stable_code, "detail": error.message})
    rows.sort(key=_urgency)
    differing = _differing(rows)
    outcome = _outcome(differing, away)
    document = {
        "outcome": WORDS[outcome],
        "cases": rows,
        "differing": differing,
        "could_not_ask": away,
    }

    def text() -> None:
        _print(rows)
        for case in differing:
            words = f"{case}: two servers show it in different states"
            console.print(styled(Outcome.FAILED, words))
        for each in away:
            words = f"{each['host']}: {each['detail']} ({each['code']})"
            console.print(styled(Outcome.COULD_NOT_CHECK, words))

    show(document, as_json, text)
    leave(outcome)


def _outcome(differing: Sequence[str], away: Sequence[object]) -> Outcome:
    if differing:
        return Outcome.FAILED
    return Outcome.COULD_NOT_CHECK if away else Outcome.HELD


def _read(listed: Sequence[Any], here: str) -> list[dict[str, Any]]:
    """
    Take what a server lists, which is from outside.

    Raises:
        PartMissing: If a row is no row of a queue.
    """
    try:
        rows = [{**row, "host": here} for row in listed]
        for row in rows:
            _urgency(row)
            _cells(row)
            _state(row)
    except (KeyError, TypeError, ValueError) as error:
        raise PartMissing(f"{here} lists no cases in their form") from error
    return rows


def _tokens(grants: Sequence[str], addresses: Sequence[str]) -> dict[str, str]:
    tokens: dict[str, str] = {}
    for each in grants:
        address, found, file = each.rpartition("=")
        if not found or address_of(address) not in addresses:
            raise BadRequest(f"{each!r} is not ADDRESS=FILE of a server that is asked")
        tokens[address_of(address)] = read_password(Path(file)).decode()
    return tokens


@contextmanager
def _open(
    here: str, tokens: Mapping[str, str], showing: Showing, ca_file: Path | None
) -> Iterator[RemoteCases]:
    if here in tokens:
        with open_transport(here, token=tokens[here], ca_file=ca_file) as transport:
            yield RemoteCases(transport)
        return
    with open_server(here, showing, ca_file) as found:
        yield found


def _days(row: Mapping[str, Any]) -> int:
    return min((int(clock["days_left"]) for clock in row["countdowns"]), default=_LAST)


def _urgency(row: Mapping[str, Any]) -> tuple[Value, ...]:
    """Order by days left, then by risk, then by name."""
    return _days(row), -int(row["risk"]), row["enterprise"]["code"], row["unit"], row["host"]


def _differing(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the cases that two servers show in different states: one chain has one truth."""
    seen: defaultdict[str, list[list[Any]]] = defaultdict(list)
    for row in rows:
        seen[str(row["case"])].append(_state(row))
    return sorted(
        case for case, states in seen.items() if any(each != states[0] for each in states)
    )


def _state(row: Mapping[str, Any]) -> list[Any]:
    return [row[name] for name in _SAME]


def _cells(row: Mapping[str, Any]) -> tuple[object, ...]:
    days = _days(row)
    return (
        "" if days == _LAST else days,
        row["risk"],
        row["enterprise"]["code"],
        row["unit"],
        row["period"],
        row["stage"],
        row["waits_for"] or "",
        row["host"],
    )


def _print(found: Sequence[Mapping[str, Any]]) -> None:
    rows = table("days", "risk", "enterprise", "unit", "period", "stage", "waits for", "server")
    for row in found:
        rows.add_row(*(Text(str(cell)) for cell in _cells(row)))
    console.print(rows)
