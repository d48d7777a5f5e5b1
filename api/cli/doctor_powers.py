"""
What `doctor` looks at of power over the contracts: what must not be, and who has what.

The Council is the only administrator, nothing restricted is open to all, each log kept here is
anchored by our key, and the calendar by which the contracts count reaches far enough. Whether the
rest is right is for people to judge, so it is listed.

Source: CONTRACTS section 1; the table in `contracts/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from api.cli.doctor_checks import Line, could_not, ok, problem, reading
from api.cli.doctor_outside import open_chain, operator_address
from api.settings import Settings
from attestation.enums import LogState
from chain.addresses import ZERO_ADDRESS, format_address
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.council import Council
from chain.bindings.working_calendar import WorkingCalendar
from chain.powers import ANYBODY, Power, group_by_holder, list_powers

_ADMIN: Final = "ADMIN"
_DESK: Final = "desk"
_AHEAD: Final = 30
"""
Working days. A confirmation needs 17 of them known; the rest is time for the Council to publish.
"""


def powers(settings: Settings) -> Sequence[Line]:
    """Look for power that nobody but the Council may have, and list who has which."""
    with open_chain(settings) as (client, deployment):
        found = list_powers(client, deployment)
    council = deployment.address(Council.NAME)
    ours = {each.address for each in deployment.contracts.values()}
    lines = [*_administration(found, council), *_desks(found, ours), *_opened(found)]
    return [*lines, *_held(found)]


def calendar(settings: Settings) -> Sequence[Line]:
    """Look whether the working days are published far enough ahead for what is under way."""
    name = "working days"
    with open_chain(settings) as (client, deployment):
        book = WorkingCalendar(client, deployment.address(WorkingCalendar.NAME))
        head = client.block("latest")
        end_s = None if head is None else book.end_of_working_day(head.timestamp_s, _AHEAD)
    if head is None:
        return [could_not(name, "the node names no head", "Look at the node's log.")]
    if end_s is None:
        detail = f"not published for the next {_AHEAD} working days"
        fix = (
            "Have the Council publish the next year (WorkingCalendar.setYear), which takes five"
            " days; results cannot be confirmed and representatives not appointed beyond it."
        )
        return [problem(name, detail, fix)]
    return [ok(name, f"published for the next {_AHEAD} working days")]


def anchoring(settings: Settings) -> Sequence[Line]:
    """Look whether the chain takes each log's checkpoints from our key."""
    with reading(settings) as uow:
        logs = [log for log in uow.logs.all() if log.state is not LogState.CLOSED]
    ours = operator_address(settings)
    with open_chain(settings) as (client, deployment):
        registry = CheckpointRegistry(client, deployment.address(CheckpointRegistry.NAME))
        operators = [registry.operator_of(log.log_id) for log in logs]
    lines = []
    for log, operator in zip(logs, operators, strict=True):
        name = f"anchoring of {log.name}"
        if operator == ours:
            lines.append(ok(name, f"by our key {format_address(ours)}"))
        elif operator == ZERO_ADDRESS:
            fix = "Have the enterprise's two persons open the log on the chain."
            lines.append(problem(name, "the chain does not know this log, or has closed it", fix))
        else:
            fix = "Use the keystore of that key, or have the operator changed by an act."
            lines.append(problem(name, f"it is for {format_address(operator)}, not for us", fix))
    return lines or [ok("anchoring", "no log is kept here yet")]


def _administration(found: Sequence[Power], council: bytes) -> Iterator[Line]:
    name = "administration"
    others = {each.holder for each in found if each.role == _ADMIN} - {council}
    for holder in sorted(others):
        detail = f"{format_address(holder)} administers the contracts beside the Council"
        yield problem(name, detail, "Have the Council revoke the role ADMIN of this address.")
    if not others:
        yield ok(name, f"only by the Council, {format_address(council)}")


def _desks(found: Sequence[Power], ours: set[bytes]) -> Iterator[Line]:
    """Look whether anything but a contract of the deployment says who verified whom."""
    for each in found:
        if each.role == _DESK and each.holder not in ours:
            detail = f"{format_address(each.holder)} reports verifications and is not ours"
            fix = "Have the Council strike this desk off: Credentials.setDesk(address, false)."
            yield problem("desks", detail, fix)


def _opened(found: Sequence[Power]) -> Iterator[Line]:
    for each in found:
        if each.holder == ANYBODY:
            fix = "Have the Council give this function to a role again."
            detail = f"{each.contract}: {each.right} is open to everybody"
            yield problem("restricted functions", detail, fix)


def _held(found: tuple[Power, ...]) -> Iterator[Line]:
    for holder, rights in group_by_holder(found).items():
        if holder != ANYBODY:
            held = "; ".join(sorted({f"{each.contract}: {each.right}" for each in rights}))
            yield ok(f"power of {format_address(holder)}", held)
