"""
Every power of every address, read from a live chain.

A power is the right to call a function that is not open to everybody, or to sign for others.
Which functions are not open is asked of the contracts themselves, by calling each as a stranger;
who may call them is found in events and confirmed by the state now. Acts of parties are open to
every sender, so their powers are those of the representatives who sign.

Source: CONTRACTS section 1; the table in `contracts/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from attestation.enums import RepresentativeRole
from attestation.ids import keccak256
from chain.abi import Event
from chain.addresses import ZERO_ADDRESS, format_address
from chain.artifacts import load_artifact
from chain.bindings.access_manager import ADMIN_ROLE, PUBLIC_ROLE, AccessManager
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.council import Council
from chain.bindings.credentials import Credentials
from chain.bindings.party_registry import PartyRegistry
from chain.client import ChainClient
from chain.contract import Contract
from chain.deployments import Deployment
from chain.errors import Reverted, WrongChain
from chain.events import read_events
from chain.restrictions import BY_COUNCIL, BY_MANAGER, restricted_functions

ANYBODY: Final = ZERO_ADDRESS
"""Holder of what was opened to all by the public role."""
_ROLE_NAMES: Final = {ADMIN_ROLE: "ADMIN", PUBLIC_ROLE: "PUBLIC"}


@dataclass(frozen=True, slots=True, order=True)
class Power:
    """One address's right to one thing."""

    contract: str
    """Its name in the Directory."""
    right: str
    """A function's signature, or in words what may be done."""
    role: str
    """By what right: a role of AccessManager, or `member`, `registrar`, `operator` …"""
    holder: bytes
    """20 bytes."""
    delay_s: int
    """How long before its use it must be announced; 0 for at once."""


def list_powers(client: ChainClient, deployment: Deployment) -> tuple[Power, ...]:
    """
    List every power of every address, sorted.

    Raises:
        WrongChain: If a contract's code is not our artefact's, or it answers to another
            AccessManager than ours: either could hide a power.
    """
    chain = _LiveChain(client, deployment)
    for contract in chain.contracts.values():
        _require_our_code(client, contract)
        _require_our_manager(contract, chain.manager.contract.address)
    return tuple(
        sorted(
            {
                *_function_powers(chain),
                *_public_powers(chain),
                *_role_powers(chain),
                *_council_powers(chain),
                *_registrar_powers(chain),
                *_desk_powers(chain),
                *_representative_powers(chain),
                *_operator_powers(chain),
            }
        )
    )


class _LiveChain:
    """A deployment's contracts with all their events up to now."""

    def __init__(self, client: ChainClient, deployment: Deployment) -> None:
        self.client = client
        self.contracts = {
            name: Contract(client, each.address, name)
            for name, each in deployment.contracts.items()
        }
        self.manager = AccessManager(client, deployment.address(AccessManager.NAME))
        self.veto_delay_s = Council(client, deployment.address(Council.NAME)).delay_s()
        """What the Council decides must wait this long, whatever AccessManager says."""
        self._names = {contract.address: name for name, contract in self.contracts.items()}
        self._events = tuple(
            read_events(
                client,
                [contract.source for contract in self.contracts.values()],
                from_block=deployment.first_block,
                to_block=client.block_number(),
            )
        )

    def events(self, contract: str, *names: str) -> Iterator[Event]:
        """Give a contract's events of these names, in chain order."""
        for event in self._events:
            if self._names[event.log.address] == contract and event.name in names:
                yield event

    def members(self, role: int) -> dict[bytes, int]:
        """Give the accounts that have a role now, with their delays in seconds."""
        granted = {
            event.arguments["account"]
            for event in self.events(AccessManager.NAME, "RoleGranted")
            if event.arguments["roleId"] == role
        }
        delays = {account: self.manager.membership(role, account) for account in granted}
        council = self.contracts[Council.NAME].address
        return {
            account: delay + (self.veto_delay_s if account == council else 0)
            for account, delay in delays.items()
            if delay is not None
        }

    def roles(self) -> set[int]:
        """Give every role that was ever granted, set or named."""
        names = ("RoleGranted", "RoleAdminChanged", "RoleGuardianChanged", "RoleLabel")
        roles = {event.arguments["roleId"] for event in self.events(AccessManager.NAME, *names)}
        return roles - {PUBLIC_ROLE}

    def role_name(self, role: int) -> str:
        """Give a role's label, or its number."""
        labels = {
            event.arguments["roleId"]: event.arguments["label"]
            for event in self.events(AccessManager.NAME, "RoleLabel")
        }
        return str((_ROLE_NAMES | labels).get(role, f"role {role}"))


def _function_powers(chain: _LiveChain) -> Iterator[Power]:
    """Give who may call the restricted functions."""
    for name, contract in chain.contracts.items():
        for function, refusal in restricted_functions(chain.client, contract).items():
            if refusal.name == BY_COUNCIL:
                yield Power(name, function, "decision", contract.address, chain.veto_delay_s)
                continue
            role = _role_of(chain, contract, function, refusal)
            for holder, delay_s in chain.members(role).items():
                yield Power(name, function, chain.role_name(role), holder, delay_s)


def _public_powers(chain: _LiveChain) -> Iterator[Power]:
    """Give the restricted functions that were opened to all; a stranger is not refused there."""
    names = {contract.address: name for name, contract in chain.contracts.items()}
    for event in chain.events(AccessManager.NAME, "TargetFunctionRoleUpdated"):
        target, selector = event.arguments["target"], event.arguments["selector"]
        if chain.manager.function_role(target, selector) == PUBLIC_ROLE:
            name = names.get(target, format_address(target))
            contract = chain.contracts.get(name)
            known = contract.interface.selectors if contract else {}
            function = known.get(selector, f"0x{selector.hex()}")
            yield Power(name, function, chain.role_name(PUBLIC_ROLE), ANYBODY, 0)


def _role_of(chain: _LiveChain, contract: Contract, function: str, refusal: Reverted) -> int:
    if refusal.name == BY_MANAGER:
        return int(refusal.arguments["roleId"])
    selector = keccak256(function.encode())[:4]
    return chain.manager.function_role(contract.address, selector)


def _role_powers(chain: _LiveChain) -> Iterator[Power]:
    """Give who may grant, revoke and guard the roles beside ADMIN."""
    for role in sorted(chain.roles() - {ADMIN_ROLE}):
        rulers = {
            "grant and revoke": chain.manager.role_admin(role),
            "cancel scheduled calls of": chain.manager.role_guardian(role),
        }
        for verb, ruler in rulers.items():
            for holder, delay_s in chain.members(ruler).items():
                right = f"{verb} {chain.role_name(role)}"
                yield Power(AccessManager.NAME, right, chain.role_name(ruler), holder, delay_s)


def _council_powers(chain: _LiveChain) -> Iterator[Power]:
    council = Council(chain.client, chain.contracts[Council.NAME].address)
    members, threshold = council.members(), council.threshold()
    for member in members:
        right = f"endorse decisions, {threshold} of {len(members)} adopt"
        yield Power(Council.NAME, right, "member", member.key, chain.veto_delay_s)
        yield Power(Council.NAME, "veto decisions", "member", member.key, 0)


def _registrar_powers(chain: _LiveChain) -> Iterator[Power]:
    registry = PartyRegistry(chain.client, chain.contracts[PartyRegistry.NAME].address)
    for event in chain.events(PartyRegistry.NAME, "RegistrarSet"):
        account = event.arguments["registrar"]
        if registry.is_registrar(account):
            yield Power(PartyRegistry.NAME, "register parties", "registrar", account, 0)
            yield Power(PartyRegistry.NAME, "attest persons", "registrar", account, 0)
            if Credentials.NAME in chain.contracts:
                yield Power(Credentials.NAME, "grant credentials", "registrar", account, 0)


def _desk_powers(chain: _LiveChain) -> Iterator[Power]:
    if Credentials.NAME not in chain.contracts:
        return
    registry = Credentials(chain.client, chain.contracts[Credentials.NAME].address)
    for event in chain.events(Credentials.NAME, "DeskSet"):
        desk = event.arguments["desk"]
        if registry.is_desk(desk):
            yield Power(Credentials.NAME, "report verifications", "desk", desk, 0)


def _representative_powers(chain: _LiveChain) -> Iterator[Power]:
    registry = PartyRegistry(chain.client, chain.contracts[PartyRegistry.NAME].address)
    codes = {
        event.arguments["party"]: event.arguments["creditCode"]
        for event in chain.events(PartyRegistry.NAME, "PartyRegistered")
    }
    for event in chain.events(PartyRegistry.NAME, "RepresentativeAppointed"):
        party, key = event.arguments["party"], event.arguments["key"]
        role = RepresentativeRole(event.arguments["role"])
        if registry.is_in_force(party, key, role):
            right = f"sign for {codes[party]}"
            yield Power(PartyRegistry.NAME, right, role.name.lower(), key, 0)


def _operator_powers(chain: _LiveChain) -> Iterator[Power]:
    registry = CheckpointRegistry(chain.client, chain.contracts[CheckpointRegistry.NAME].address)
    for event in chain.events(CheckpointRegistry.NAME, "LogOpened"):
        log_id, origin = event.arguments["logId"], event.arguments["origin"]
        record = registry.log_record(log_id)
        holders = {
            f"anchor {origin}": registry.operator_of(log_id),
            f"accept to operate {origin}": record.pending_operator if record else ZERO_ADDRESS,
        }
        for right, holder in holders.items():
            if holder != ZERO_ADDRESS:
                yield Power(CheckpointRegistry.NAME, right, "operator", holder, 0)


def _require_our_code(client: ChainClient, contract: Contract) -> None:
    if not load_artifact(contract.contract_name).matches_code(client.code(contract.address)):
        raise WrongChain(
            f"the code at {format_address(contract.address)} is not {contract.contract_name}'s"
        )


def _require_our_manager(contract: Contract, manager: bytes) -> None:
    if "authority()" not in contract.interface.selectors.values():
        return
    authority: Any = contract.read("authority")
    if authority != manager:
        raise WrongChain(
            f"{contract.contract_name} answers to {format_address(authority)},"
            f" not to our AccessManager {format_address(manager)}"
        )


def group_by_holder(powers: tuple[Power, ...]) -> Mapping[bytes, tuple[Power, ...]]:
    """Give the powers of each address."""
    holders = sorted({power.holder for power in powers})
    return {
        holder: tuple(power for power in powers if power.holder == holder) for holder in holders
    }
