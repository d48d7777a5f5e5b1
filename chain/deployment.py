"""
Deployment: contracts, first settings, and the hand-over to the Council, in one run.

The deploying key administers only until the last two transactions: the Council becomes the one
administrator and the key renounces. A run that stops half-way leaves contracts nobody relies on,
because the record is given out only when the powers of the deploying key are gone.

Steps: 1 manager; 2 Council; 3 calendar and registries; 4 calendars, registrars and names;
5 hand-over; 6 proof that the deploying key is powerless.

Source: CONTRACTS sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from chain.abi import Interface
from chain.artifacts import load_artifact
from chain.bindings.access_manager import ADMIN_ROLE, AccessManager
from chain.bindings.council import Member
from chain.client import ChainClient
from chain.contract import Contract
from chain.deployments import DeployedContract, Deployment
from chain.errors import DeploymentError
from chain.identity import fetch_code_hash, fetch_genesis_hash
from chain.transactions import TransactionSender
from chain.values import Call

VETO_DELAY_S: Final = 5 * 86_400
"""Between the k-th signature and execution; what is deployed for others has no less."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """The days of a year that are no working days, with the notice that fixes them."""

    year: int
    non_working_days: frozenset[date]
    source: str

    @property
    def words(self) -> tuple[int, int]:
        """Two words of bits; bit d, counted from the lowest of the first, is day d from 0."""
        first = date(self.year, 1, 1)
        bits = sum(1 << (day - first).days for day in self.non_working_days)
        return bits & (2**256 - 1), bits >> 256


@dataclass(frozen=True, slots=True)
class DeploymentPlan:
    """What has to be decided before a deployment."""

    members: tuple[Member, ...]
    threshold: int
    """How many members of the Council must sign."""
    registrars: tuple[bytes, ...]
    """Accounts that attest parties and persons, 20 bytes each."""
    calendars: tuple[CalendarYear, ...]
    veto_delay_s: int = VETO_DELAY_S


class _Run:
    """One deployment under way."""

    def __init__(self, client: ChainClient, sender: TransactionSender, progress: Progress) -> None:
        self.client = client
        self.sender = sender
        self.progress = progress
        self.contracts: dict[str, DeployedContract] = {}

    def create(self, name: str, *arguments: object) -> bytes:
        """Create a contract and check that its code is ours."""
        artifact = load_artifact(name)
        data = artifact.bytecode + Interface(artifact.abi).encode_constructor(*arguments)
        receipt = self.sender.execute(Call(None, data))
        address = receipt.contract_address
        if address is None or not artifact.matches_code(self.client.code(address)):
            raise DeploymentError(f"the code of {name} on chain is not the artefact's")
        self.contracts[name] = DeployedContract(
            address, fetch_code_hash(self.client, address), receipt.block_number
        )
        self.progress(name)
        return address

    def call(self, name: str, function: str, *arguments: object) -> None:
        """Call a function of a contract that was created before."""
        contract = Contract(self.client, self.contracts[name].address, name)
        self.sender.execute(contract.call(function, *arguments))
        self.progress(f"{name}.{function}")


def deploy(
    client: ChainClient,
    sender: TransactionSender,
    plan: DeploymentPlan,
    *,
    progress: Progress = lambda step: None,
) -> Deployment:
    """
    Deploy the contracts and give all power to the Council.

    Args:
        client: The node of the chain to deploy on.
        sender: The deploying key; it needs gas and keeps nothing.
        plan: Members, registrars and calendars.
        progress: Told each step.

    Raises:
        Reverted: If a contract refuses the plan.
        DeploymentError: If the code on chain is not ours, or the key keeps a power.
    """
    run = _Run(client, sender, progress)
    _create(run, sender.address, plan)
    _settle(run, plan)
    _hand_over(run, sender.address)
    return Deployment(sender.chain_id, fetch_genesis_hash(client), run.contracts)


def weekends(year: int) -> frozenset[date]:
    """Give a year's Saturdays and Sundays: a calendar where no holiday moves a working day."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days: Iterable[date] = map(date.fromordinal, range(first, last + 1))
    return frozenset(day for day in days if day.isoweekday() > 5)


def _create(run: _Run, deployer: bytes, plan: DeploymentPlan) -> None:
    manager = run.create("AccessManager", deployer)
    members: Sequence[dict[str, object]] = [
        {"key": member.key, "organisation": member.organisation} for member in plan.members
    ]
    run.create("Council", members, plan.threshold, plan.veto_delay_s)
    calendar = run.create("WorkingCalendar", manager)
    parties = run.create("PartyRegistry", manager, calendar)
    checkpoints = run.create("CheckpointRegistry", manager, parties)
    run.create("DeviceRegistry", parties, checkpoints)
    run.create("Directory", manager)


def _settle(run: _Run, plan: DeploymentPlan) -> None:
    for calendar in plan.calendars:
        run.call("WorkingCalendar", "setYear", calendar.year, calendar.words, calendar.source)
    for registrar in plan.registrars:
        run.call("PartyRegistry", "setRegistrar", registrar, True)
    for name, contract in run.contracts.items():
        run.call("Directory", "set", name, contract.address)


def _hand_over(run: _Run, deployer: bytes) -> None:
    council = run.contracts["Council"].address
    run.call("AccessManager", "grantRole", ADMIN_ROLE, council, 0)
    run.call("AccessManager", "renounceRole", ADMIN_ROLE, deployer)
    manager = AccessManager(run.client, run.contracts["AccessManager"].address)
    if manager.membership(ADMIN_ROLE, deployer) is not None:
        raise DeploymentError("the deploying key still administers")
    if manager.membership(ADMIN_ROLE, council) != 0:
        raise DeploymentError("the Council does not administer")
