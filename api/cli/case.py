"""
Commands about cases: inventories under co-verification, from draft to confirmed result.

Reading works at a server one is logged in at (`--url`), from one's own mirror (`--mirror`), or on
the ledger's own machine. What is said to a case (ticks, comments, approvals) needs a session; what
is signed is drafted as a request, signed elsewhere and handed in.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.cli import case_acts, case_findings, case_open, case_queue, case_sample, case_work
from api.cli.case_places import CaFile, CaseArgument, InFile, Url, case_id, open_cases
from api.cli.mirrored import MirrorDir
from api.cli.outcomes import leave, styled, worst
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config
from api.cli.showing import MachineKey, Showing
from attestation.enums import Outcome, label

app = typer.Typer(help="Cases: inventories under co-verification.", no_args_is_help=True)
case_acts.register(app)
case_work.register(app)
app.add_typer(case_findings.app, name="finding")
app.add_typer(case_sample.app, name="sample")
app.command("queue")(case_queue.queue)
app.command("open")(case_open.open_version)

_OUTCOMES: Final = {label(each): each for each in Outcome}


@app.command("list")
def list_cases(
    enterprise: Annotated[
        str | None, typer.Option("--enterprise", help="Only of this credit code.")
    ] = None,
    verifier: Annotated[
        str | None, typer.Option("--verifier", help="Only assigned to this code.")
    ] = None,
    year: Annotated[int | None, typer.Option("--year", help="Only of this report year.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only in this state.")] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="Only in this stage.")] = None,
    url: Url = None,
    mirror: MirrorDir = None,
    config: Config = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """List cases: where each stands, days left, risk, and whose turn it is."""
    filters = {
        "enterprise": enterprise,
        "verifier": verifier,
        "year": year,
        "state": state,
        "stage": stage,
    }
    with open_cases(config, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        found = cases.listed(filters)

    def text() -> None:
        rows = table("enterprise", "unit", "period", "stage", "days", "lines", "risk", "waits for")
        for each in found:
            days = min((clock["days_left"] for clock in each["countdowns"]), default="")
            cells = (
                each["enterprise"]["code"],
                each["unit"],
                each["period"],
                each["stage"],
                days,
                f"{each['lines_seen']}/{each['lines']}",
                each["risk"],
                each["waits_for"] or "",
            )
            rows.add_row(*(Text(str(cell)) for cell in cells))
        console.print(rows)
        console.print("next: carbonseal case show CODE/UNIT/PERIOD", style="dim")

    show(found, as_json, text)


@app.command("show")
def show_case(
    case: CaseArgument,
    url: Url = None,
    mirror: MirrorDir = None,
    config: Config = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Show a case: state, versions, what changed since the submission before, what was signed."""
    with open_cases(config, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        found = cases.look(case_id(case))
    show(found, as_json, lambda: _print_case(found))


@app.command("lines")
def list_lines(
    case: CaseArgument,
    url: Url = None,
    mirror: MirrorDir = None,
    config: Config = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """List the lines of the newest version, and which of them the verifier has seen."""
    with open_cases(config, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        found = cases.look(case_id(case), "lines")

    def text() -> None:
        rows = table("seen", "line", "value", "unit")
        for each in found["lines"]:
            mark = "changed" if each["changed"] else "seen" if each["seen"] else ""
            value = "missing" if each["value"] is None else each["value"]
            rows.add_row(mark, Text(each["line"]), value, each["unit"] or "")
        console.print(rows)
        console.print(f"{found['seen']} of {len(found['lines'])} lines seen")

    show(found, as_json, text)


@app.command("comments")
def list_comments(
    case: CaseArgument,
    url: Url = None,
    mirror: MirrorDir = None,
    config: Config = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the conversations of a case."""
    with open_cases(config, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        found = cases.look(case_id(case), "comments")

    def text() -> None:
        for each in found["conversations"]:
            state = "resolved" if each["resolved"] else "open"
            place = ", ".join(f"{name} {value}" for name, value in (each["anchor"] or {}).items())
            heading = f"{each['number']} {state}  {place or 'the case'}"
            console.print(Text(heading, style="bold"))
            for said in each["said"]:
                words = f"  {said['at']} {said['party']}, {said['kind']}: {said['text']}"
                console.print(Text(words))

    show(found, as_json, text)


@app.command("checks")
def show_checks(
    case: CaseArgument,
    url: Url = None,
    mirror: MirrorDir = None,
    config: Config = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the checks: how the evidence stands, and the version's own cross-checks."""
    with open_cases(config, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        found = cases.look(case_id(case), "checks")

    def text() -> None:
        rows = table("check", "period", "outcome", "")
        for each in (*found["evidence"], *found["kept"]):
            outcome = styled(_OUTCOMES[each["outcome"]])
            rows.add_row(each["name"], each["period"], outcome, Text(each["english"]))
        console.print(rows)

    show(found, as_json, text)


@app.command("readiness")
def show_readiness(
    case: CaseArgument,
    url: Url = None,
    mirror: MirrorDir = None,
    config: Config = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the checklist for sign-off; exit 0 only if every point is met."""
    with open_cases(config, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        found = cases.look(case_id(case), "readiness")

    def text() -> None:
        for each in found["points"]:
            outcome = Outcome.HELD if each["met"] else Outcome.FAILED
            mark = styled(outcome, "met" if each["met"] else "not met")
            console.print(Text.assemble(f"{each['name']}  ", mark, f"  {each['english']}"))
        console.print(f"what is approved: {found['basis']}", style="dim")

    show(found, as_json, text)
    leave(Outcome.HELD if found["ready"] else Outcome.FAILED)


@app.command("impartiality")
def show_impartiality(
    case: CaseArgument,
    verifier: Annotated[str, typer.Argument(help="Code of a verifier, assigned or not.")],
    url: Url = None,
    mirror: MirrorDir = None,
    config: Config = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask whether a verifier may verify the enterprise; exit 0 if nothing stands in the way."""
    with open_cases(config, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        found = cases.look(case_id(case), f"impartiality/{verifier}")
    outcomes = [_OUTCOMES[each["outcome"]] for each in found["questions"]]

    def text() -> None:
        for each, outcome in zip(found["questions"], outcomes, strict=True):
            words = f"  {each['english']} {each['chinese']}"
            console.print(Text.assemble(f"{each['name']}  ", styled(outcome), words))

    show(found, as_json, text)
    leave(worst(outcomes))


@app.command("statement")
def show_statement(
    case: CaseArgument,
    url: Url = None,
    mirror: MirrorDir = None,
    config: Config = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
) -> None:
    """Print the data of the verification statement as JSON, as the report embeds them."""
    with open_cases(config, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        show(cases.look(case_id(case), "statement"), True, lambda: None)


def _print_case(found: Any) -> None:
    enterprise = found["enterprise"]
    title = f"{enterprise['name']} {enterprise['code']}  {found['unit']}  {found['period']}"
    console.print(Text(title, style="bold"))
    console.print(Text(f"{found['case']}", style="dim"))
    console.print(Text(f"{found['stage']} ({found['state']}), waits for {found['waits_for']}"))
    for clock in found["countdowns"]:
        working = clock["working_days_left"]
        of_working = "" if working is None else f" ({working} working days)"
        left = f"{clock['days_left']} days left{of_working}"
        console.print(Text(f"{clock['name']}: {left}, until {clock['until']}"))
    for role in ("verifier", "regulator", "city_regulator"):
        party = found[role]
        if party is not None:
            name = role.replace("_", " ")
            console.print(Text(f"{name}: {party['name']} {party['code']}"))
    rows = table("version", "total", "opinion", "document", "why")
    for each in found["versions"]:
        total = f"{each['total']['value']} {each['total']['unit']}"
        cells = (each["number"], total, each["opinion"] or "", each["document"], each["reason"])
        rows.add_row(*(Text(str(cell)) for cell in cells))
    console.print(rows)
    for change in found["changes"]:
        console.print(Text(f"{change['line']}: {change['before']} → {change['after']}"))
    effects = f"uncorrected {found['uncorrected_gco2e']} gCO2e"
    console.print(f"{found['findings_open']} of {found['findings']} findings open, {effects}")
    for reason in found["reasons"]:
        console.print(Text(f"risk +{reason['points']}: {reason['english']} {reason['chinese']}"))
    for act in found["acts"]:
        words = f"{act['at']}  {act['name']}  {act['state_after']}  block {act['block_number']}"
        console.print(Text(words))
