"""What the demonstration shows: one line a fact, and what to try next."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from api.demo.case_report import FILE
from api.demo.frauds import Caught
from api.demo.story import Proof, Story
from api.demo.unit_records import UNIT, YEAR
from api.demo.world import World, build_world
from attestation.enums import Outcome, label
from attestation.evidence import Report

_MARKS = {
    Outcome.HELD: "[green]held[/green]",
    Outcome.FAILED: "[red]did not hold[/red]",
    Outcome.COULD_NOT_CHECK: "[yellow]could not check[/yellow]",
}


class Screen:
    """Prints the story as it goes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._progress = Progress(
            TextColumn("       {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, int] = {}

    def part(self, text: str) -> None:
        """Print what was done, with the time since the start."""
        elapsed = time.monotonic() - self._started
        self._console.print(f"[dim]{elapsed:5.1f} s[/dim] {text}")

    def tell(self, name: str, done: int, total: int) -> None:
        """Move a progress bar."""
        if name not in self._tasks:
            self._progress.start()
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done)  # type: ignore[arg-type]
        if done >= total:
            self._progress.stop()

    def fraud(self, caught: Caught) -> None:
        """Print how a fraud ended."""
        mark = "[green]caught[/green]" if caught.held else "[red]NOT CAUGHT[/red]"
        self._console.print(f"       {mark} {caught.name} {caught.chinese}: {caught.tried}")
        self._console.print(f"              [dim]by {caught.by}[/dim]", markup=True)

    def report(self, title: str, report: Report) -> None:
        """Print the steps of a verification."""
        self._console.print(f"       {title}: {_MARKS[report.outcome]}")
        for step in report.steps:
            self._console.print(
                f"         {step.number:2d} {step.name:<12} {_MARKS[step.outcome]}"
                f" [dim]{step.detail}[/dim]"
            )

    def next_steps(self, world: World, proof: Proof, url: str) -> None:
        """Print what to try next."""
        config, usc = world.config, world.origin.usc
        inventory = f"{usc} {UNIT} 2024"
        rpc = world.settings.chain.rpc_url.get_secret_value()
        lines = (
            f"read the checkpoint      curl {url}/log/{usc}/checkpoint",
            f"verify offline           carbonseal verify {proof.bundle} --trust {proof.trust_root}",
            f"… with your own node     carbonseal verify … --rpc {rpc}",
            f"verify the report        carbonseal verify {world.folder / FILE} --trust"
            f" {proof.trust_root} --rpc {rpc}",
            f"look at the case         carbonseal case show {usc}/{UNIT}/2024 --config {config}",
            f"check the whole log      carbonseal log fsck {usc} --config {config}",
            f"look at the inventory    carbonseal inventory show {inventory} --config {config}",
            f"who may do what on chain carbonseal chain powers --config {config}",
        )
        self._console.print("\nTry next, in another terminal (Ctrl-C ends the demonstration):")
        for line in lines:
            self._console.print(f"  {line}", markup=False)


def run_demo(
    folder: Path,
    console: Console,
    *,
    reset: bool,
    network: bool = False,
    files: tuple[Path, Path] | None = None,
) -> tuple[World, Story, Proof, bool]:
    """
    Play the demonstration.

    Args:
        folder: Where it lives.
        console: Where it is told.
        reset: Empty the folder first.
        network: On a Clique network of four signers instead of a development chain.
        files: A meter's CSV file and its mapping, imported beside the simulated plant.

    Returns:
        The running world, the story, the proof, and whether every check held.
    """
    screen = Screen(console)
    console.print(
        "CarbonSeal 碳印: a year of a made-up coal unit, [bold]simulated meters[/bold], real keys,"
        " broker, log and chain."
    )
    world = build_world(folder, reset=reset, network=network, begin_s=YEAR.from_s)
    screen.part(
        f"contracts deployed on {world.chain.name}, power handed to the Council;"
        f" broker: {world.broker_name}"
    )
    story = Story(world, screen.tell)
    story.enrol()
    screen.part(
        "8 parties registered with their credentials; instruments, series, calibrations and"
        " 4 keys enrolled"
    )
    story.plan()
    screen.part(
        "structure, control plan and twelve coal samples filed, each on its day by the chain"
    )
    readings, messages = story.measure()
    screen.part(
        f"2024 measured: {readings:,} readings of electricity, gas, coal and a CEMS over HJ 212,"
        f" signed in {messages:,} messages"
    )
    if files is not None:
        imported = story.import_file(*files)
        screen.part(
            f"{files[0].name}: {imported.content.row_count:,} rows imported, signed by the gateway"
            f" in {imported.messages:,} messages, shown as imported everywhere"
        )
    story.start_worker()
    final = story.publish()
    screen.part(f"{final:,} messages published, admitted, integrated, anchored and final")
    accounted = story.account()
    screen.part(
        f"inventory of 2024 is final: {accounted.version.total}, {len(accounted.version.lines)}"
        f" lines from {accounted.digests} digests; rechecked from its records:"
        f" {_MARKS[accounted.outcome]}"
    )
    for words in accounted.corrections:
        screen.part(words)
    agreed = story.co_verify(accounted)
    screen.part(
        f"case played by five parties: {agreed.first_t:,} t submitted, {agreed.findings} findings,"
        f" {agreed.total_t:,} t {label(agreed.state, 'en')} {label(agreed.state, 'zh')}"
        f"{', final' if agreed.is_final else ''},"
        f" {agreed.bound} digests bound to its lines by the contract"
    )
    screen.part(
        f"report of {agreed.report.length:,} bytes with its own proof:"
        f" {_MARKS[agreed.report.verified.outcome]}"
    )
    for caught in agreed.refused:
        screen.fraud(caught)
    frauds = story.frauds()
    screen.part(f"{len(frauds)} frauds planted")
    for caught in frauds:
        screen.fraud(caught)
    proof = story.prove()
    screen.part(f"one reading's bundle written; trust root {proof.with_node.trust_root}")
    screen.report("offline, by nobody's word but the file's", proof.offline)
    screen.report("with the verifier's own node", proof.with_node)
    held = (
        accounted.outcome is Outcome.HELD
        and agreed.outcome
        and all(each.held for each in frauds)
        and proof.offline.outcome is not Outcome.FAILED
        and proof.with_node.outcome is Outcome.HELD
    )
    verdict = "every check held" if held else "NOT every check held"
    screen.part(f"[bold]{verdict}[/bold] ({label(Outcome.HELD if held else Outcome.FAILED, 'zh')})")
    return world, story, proof, held
