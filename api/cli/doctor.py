"""
The command that says what is wrong with an installation, and how to put it right.

It raises nothing: each part is looked at by itself, and a part that cannot be reached is a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.text import Text

from api.catalogue import row_of
from api.cli import doctor_broker, doctor_checks, doctor_outside, doctor_powers, doctor_secrets
from api.cli.doctor_checks import Line, could_not, problem
from api.cli.outcomes import WORDS, leave, styled, worst
from api.cli.output import AsJson, console, progress, show, table
from api.cli.places import Config
from api.settings import Settings, load_settings
from attestation.enums import Outcome
from attestation.errors import Error, Retry

Check = tuple[str, Callable[[Settings], Sequence[Line]]]

CHECKS: tuple[Check, ...] = (
    ("database", doctor_checks.database),
    ("clock", doctor_checks.clock),
    ("log keys", doctor_checks.log_keys),
    ("webhook key", doctor_secrets.webhook_key),
    ("certificates", doctor_checks.certificates),
    ("device certificates", doctor_checks.device_certificates),
    ("disk", doctor_checks.disk),
    ("broker", doctor_broker.broker),
    ("chain", doctor_outside.chain),
    ("operator", doctor_outside.operator),
    ("relay", doctor_outside.relay),
    ("anchoring", doctor_powers.anchoring),
    ("working days", doctor_powers.calendar),
    ("powers", doctor_powers.powers),
)
_SHOWN = {Outcome.HELD: "ok", Outcome.FAILED: "problem", Outcome.COULD_NOT_CHECK: "could not check"}


def doctor(config: Config = None, as_json: AsJson = False) -> None:
    """Look at every part of this installation, and say what to do about what is wrong."""
    with progress("looking", len(CHECKS)) as done:
        lines = list(examine(config, done))
    outcome = worst(line.outcome for line in lines)
    document = {
        "outcome": WORDS[outcome],
        "checks": [
            {
                "name": line.name,
                "state": _SHOWN[line.outcome],
                "detail": line.detail,
                "fix": line.fix,
            }
            for line in lines
        ],
    }
    show(document, as_json, lambda: _print(lines))
    leave(outcome)


def examine(config: Path | None, done: Callable[[int], None]) -> Iterator[Line]:
    """Give what is found, part by part; raises nothing."""
    try:
        settings = load_settings(config)
    except Error as error:
        yield problem("settings", error.message, row_of(error.stable_code).next_step)
        for name, _check in CHECKS:
            yield could_not(name, "there are no settings", "Correct the settings first.")
        return
    yield Line("settings", Outcome.HELD, "complete")
    for number, (name, check) in enumerate(CHECKS):
        yield from _examined(name, check, settings)
        done(number + 1)


def _examined(
    name: str, check: Callable[[Settings], Sequence[Line]], settings: Settings
) -> Sequence[Line]:
    try:
        return check(settings)
    except Error as error:
        fix = row_of(error.stable_code).next_step
        made = could_not if error.retry is Retry.LATER else problem
        return [made(name, error.message, fix)]
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        fix = "See that what the detail names is there, and may be read by this user."
        return [problem(name, f"{error.strerror or error}{place}", fix)]
    except Exception as error:
        # The one place that must go on whatever it meets; the kind alone, for it may hold secrets.
        detail = f"{type(error).__name__} while looking"
        return [could_not(name, detail, "Correct the other lines first, then look again.")]


def _print(lines: Sequence[Line]) -> None:
    rows = table("part", "state", "detail")
    for line in lines:
        rows.add_row(line.name, styled(line.outcome, _SHOWN[line.outcome]), Text(line.detail))
        if line.fix:
            rows.add_row("", "", Text(f"fix: {line.fix}", style="dim"))
    console.print(rows)
