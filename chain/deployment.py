"""
Deployment: contracts, first settings, and the hand-over to the Council, in one run.

The deploying key administers only until the last two transactions: the Council becomes the one
administrator and the key renounces. A run that stops half-way leaves contracts nobody relies on,
because the record is given out only when the powers of the deploying key are gone.

Steps: 1 manager; 2 Council; 3 calendar, registries and books; 4 calendars, registrars, desk, names;
5 factors; 6 rules; 7 hand-over; 8 proof that the deploying key is powerless.

Rules are found in the RuleBook, not in the Directory: they hold nothing and have no power.

Source: CONTRACTS sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

from attestation.ids import keccak256
from chain.abi import Interface
from chain.artifacts import artifact_names, load_artifact
from chain.bindings.access_manager import ADMIN_ROLE, AccessManager
from chain.bindings.council import Member
from chain.bindings.factor_book import FactorBook, FactorEntry
from chain.bindings.rule_book import RuleBook, RulePublication
from chain.client import ChainClient
from chain.contract import Contract
from chain.deployments import DeployedContract, Deployment
from chain.errors import DeploymentError
from chain.identity import fetch_genesis_hash
from chain.rules import Rule, rules
from chain.seed import citation_hash, load_factors
from chain.transactions import EXECUTION_TIMEOUT_S, TransactionSender
from chain.values import Call, Receipt, SignedTransaction

VETO_DELAY_S: Final = 5 * 86_400
"""Between the k-th signature and execution; what is deployed for others has no less."""

_BATCH: Final = 40
"""Entries of a book in one transaction: about 10 million gas, a third of a usual block."""

Progress = Callable[[str], None]
_Entry = TypeVar("_Entry")


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
    factors: tuple[FactorEntry, ...] = ()
    """What the FactorBook holds from the first; the Council publishes the rest."""
    rules: tuple[Rule, ...] = ()
    """What the RuleBook holds from the first; their contracts are deployed with it."""


class _Run:
    """One deployment under way."""

    def __init__(self, client: ChainClient, sender: TransactionSender, progress: Progress) -> None:
        self.client = client
        self.sender = sender
        self.progress = progress
        self.contracts: dict[str, DeployedContract] = {}

    def create(self, name: str, *arguments: object) -> bytes:
        """Create a contract that the Directory names."""
        artifact = load_artifact(name)
        data = artifact.bytecode + Interface(artifact.abi).encode_constructor(*arguments)
        receipt = self.sender.execute(Call(None, data))
        self.contracts[name] = self._created(name, receipt)
        return self.contracts[name].address

    def create_rules(self, names: Sequence[str]) -> list[bytes]:
        """Create contracts that hold nothing; only the RuleBook names them."""
        receipts = self._send_all([Call(None, load_artifact(name).bytecode) for name in names])
        return [
            self._created(name, receipt).address
            for name, receipt in zip(names, receipts, strict=True)
        ]

    def call(self, name: str, function: str, *arguments: object) -> None:
        """Call a function of a contract that was created before."""
        contract = Contract(self.client, self.contracts[name].address, name)
        self.sender.execute(contract.call(function, *arguments))
        self.progress(f"{name}.{function}")

    def publish(self, name: str, calls: Sequence[Call]) -> None:
        """Publish in a book, in several transactions."""
        self._send_all(calls)
        self.progress(f"{name}.publish")

    def _send_all(self, calls: Sequence[Call]) -> list[Receipt]:
        """
        Send calls of which none needs another's effect, and wait for all.

        One after the other they would take a block each; on a chain with blocks of some seconds
        that is minutes. A run that stops in between is begun anew with new contracts.
        """
        first = self.sender.next_nonce()
        sent: list[SignedTransaction] = []
        for number, call in enumerate(calls):
            signed = self.sender.prepare(call, nonce=first + number)
            self.sender.send(signed)
            sent.append(signed)
        return [self.sender.wait(signed, timeout_s=EXECUTION_TIMEOUT_S) for signed in sent]

    def _created(self, name: str, receipt: Receipt) -> DeployedContract:
        """Check that the code of a new contract is ours."""
        address = receipt.contract_address
        code = b"" if address is None else self.client.code(address)
        if address is None or not load_artifact(name).matches_code(code):
            raise DeploymentError(f"the code of {name} on chain is not the artefact's")
        self.progress(name)
        return DeployedContract(address, keccak256(code), receipt.block_number)


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
        plan: Members, registrars, calendars, and what the books hold from the first.
        progress: Told each step.

    Raises:
        Reverted: If a contract refuses the plan.
        DeploymentError: If the code on chain is not ours, or the key keeps a power.
    """
    run = _Run(client, sender, progress)
    _create(run, sender.address, plan)
    _settle(run, plan)
    _publish_factors(run, plan.factors)
    _publish_rules(run, plan.rules)
    _hand_over(run, sender.address)
    return Deployment(sender.chain_id, fetch_genesis_hash(client), run.contracts)


def seeded(plan: DeploymentPlan) -> DeploymentPlan:
    """Give the plan with all factors and rules that come with the package."""
    made = set(artifact_names())
    ours = tuple(rule for rule in rules() if rule.contract in made)
    return replace(plan, factors=load_factors().entries, rules=ours)


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
    factors = run.create(FactorBook.NAME, manager)
    book = run.create(RuleBook.NAME, manager, factors)
    credentials = run.create("Credentials", manager, parties)
    inventories = run.create("InventoryRegistry", parties, checkpoints, credentials, calendar)
    run.create("EvidenceBinding", inventories, checkpoints)
    run.create("SamplingDraw", parties, inventories, calendar)
    run.create("OpenCalculations", inventories, book)
    run.create("Directory", manager)


def _settle(run: _Run, plan: DeploymentPlan) -> None:
    for calendar in plan.calendars:
        run.call("WorkingCalendar", "setYear", calendar.year, calendar.words, calendar.source)
    for registrar in plan.registrars:
        run.call("PartyRegistry", "setRegistrar", registrar, True)
    run.call("Credentials", "setDesk", run.contracts["InventoryRegistry"].address, True)
    for name, contract in run.contracts.items():
        run.call("Directory", "set", name, contract.address)


def _publish_factors(run: _Run, factors: Sequence[FactorEntry]) -> None:
    book = FactorBook(run.client, run.contracts[FactorBook.NAME].address)
    run.publish(FactorBook.NAME, [book.publish(batch) for batch in _batches(factors)])


def _publish_rules(run: _Run, ours: Sequence[Rule]) -> None:
    book = RuleBook(run.client, run.contracts[RuleBook.NAME].address)
    addresses = run.create_rules([rule.contract for rule in ours])
    publications = [
        RulePublication(
            name=rule.name,
            version=rule.version,
            address=address,
            report_from=rule.report_from,
            report_to=rule.report_to,
            status=rule.status,
            source_hash=citation_hash(rule.source),
        )
        for rule, address in zip(ours, addresses, strict=True)
    ]
    run.publish(RuleBook.NAME, [book.publish(batch) for batch in _batches(publications)])


def _batches(entries: Sequence[_Entry]) -> Iterator[Sequence[_Entry]]:
    for start in range(0, len(entries), _BATCH):
        yield entries[start : start + _BATCH]


def _hand_over(run: _Run, deployer: bytes) -> None:
    council = run.contracts["Council"].address
    run.call("AccessManager", "grantRole", ADMIN_ROLE, council, 0)
    run.call("AccessManager", "renounceRole", ADMIN_ROLE, deployer)
    manager = AccessManager(run.client, run.contracts["AccessManager"].address)
    if manager.membership(ADMIN_ROLE, deployer) is not None:
        raise DeploymentError("the deploying key still administers")
    if manager.membership(ADMIN_ROLE, council) != 0:
        raise DeploymentError("the Council does not administer")
