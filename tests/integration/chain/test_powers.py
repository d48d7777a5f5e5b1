"""Powers on a live chain: each address has those that were meant, and no other."""

from __future__ import annotations

import pytest

from attestation.ids import keccak256
from chain.bindings.access_manager import ADMIN_ROLE, PUBLIC_ROLE, AccessManager
from chain.bindings.council import Council
from chain.bindings.inventory_registry import InventoryRegistry
from chain.deployment import DeploymentPlan, deploy
from chain.deployments import Deployment
from chain.errors import Reverted, WrongChain
from chain.keys import generate_signer
from chain.powers import ANYBODY, group_by_holder, list_powers
from tests.support.chain import PROJECT_ROOT, USC, ChainWorld

pytestmark = pytest.mark.real


def documented_powers() -> set[tuple[str, ...]]:
    """Read the table of restricted functions in the contracts' README."""
    text = (PROJECT_ROOT / "contracts" / "README.md").read_text(encoding="utf-8")
    table = text.split("<!-- powers: restricted functions -->")[1].split("<!-- /powers -->")[0]
    rows = [line.strip("| ").split(" | ") for line in table.strip().splitlines()[2:]]
    return {tuple(cell.strip("` ") for cell in row) for row in rows}


def held(world: ChainWorld, holder: bytes) -> set[tuple[str, str, str, int]]:
    powers = group_by_holder(list_powers(world.client, world.deployment)).get(holder, ())
    return {(power.contract, power.right, power.role, power.delay_s) for power in powers}


def test_only_known_addresses_have_powers(world: ChainWorld) -> None:
    """Council, members and registrars have powers, and one contract that reports to another."""
    powers = list_powers(world.client, world.deployment)

    assert {power.holder for power in powers} == {
        world.address(Council.NAME),
        world.address(InventoryRegistry.NAME),
        world.registrar.address,
        *(each.address for each in world.council_keys),
    }


def test_restricted_functions_are_those_of_the_table(world: ChainWorld) -> None:
    """What the README says of restricted functions is what the chain says, no more and no less."""
    powers = list_powers(world.client, world.deployment)

    names = {world.address(Council.NAME): "Council"}
    found = {
        (
            power.contract,
            power.right,
            names.get(power.holder, power.holder.hex()),
            f"{power.delay_s // 86_400} days",
        )
        for power in powers
        if power.role in {"ADMIN", "decision"}
    }
    assert found == documented_powers()


def test_desk_reports_verifications_and_no_more(world: ChainWorld) -> None:
    """The registry of inventories may say who verified whom; struck off, it may nothing."""
    desk = world.address(InventoryRegistry.NAME)
    before = held(world, desk)

    world.as_council(world.credentials.set_desk(desk, active=False))

    assert before == {("Credentials", "report verifications", "desk", 0)}
    assert held(world, desk) == set()


def test_representatives_and_operators_are_listed(world: ChainWorld) -> None:
    """Who signs for a party and who anchors its log are powers too."""
    keys, operator = world.register(), world.funded()
    log = world.open_log(keys, operator)

    assert held(world, keys.approver.address) == {
        ("PartyRegistry", f"sign for {USC}", "approver", 0)
    }
    assert held(world, operator.address) == {
        ("CheckpointRegistry", f"anchor {log.origin}", "operator", 0)
    }


def test_power_that_was_added_shows(world: ChainWorld) -> None:
    """A second administrator, however it came to be, is on the list with its delay."""
    intruder = generate_signer().address
    manager = AccessManager(world.client, world.address(AccessManager.NAME))

    world.as_council(manager.grant_role(ADMIN_ROLE, intruder, delay_s=60))

    assert ("Directory", "set(string,address)", "ADMIN", 60) in held(world, intruder)


def test_role_of_its_own_shows(world: ChainWorld) -> None:
    """A function given to another role is its members', and the Council rules the role."""
    clerk, role = generate_signer().address, 7
    manager = AccessManager(world.client, world.address(AccessManager.NAME)).contract
    parties = world.parties.contract
    selector = parties.interface.selector("setRegistrar")
    for call in (
        manager.call("labelRole", role, "REGISTRAR_OFFICE"),
        manager.call("setTargetFunctionRole", parties.address, [selector], role),
        manager.call("grantRole", role, clerk, 0),
    ):
        world.as_council(call)

    council = held(world, world.address(Council.NAME))
    assert held(world, clerk) == {
        ("PartyRegistry", "setRegistrar(address,bool)", "REGISTRAR_OFFICE", 0)
    }
    rights = {right for _, right, _, _ in council}
    assert "grant and revoke REGISTRAR_OFFICE" in rights
    assert "setRegistrar(address,bool)" not in rights


def test_function_opened_to_all_shows(world: ChainWorld) -> None:
    """A function given to the public role is everybody's."""
    manager = AccessManager(world.client, world.address(AccessManager.NAME)).contract
    directory = world.address("Directory")
    selector = keccak256(b"set(string,address)")[:4]

    world.as_council(manager.call("setTargetFunctionRole", directory, [selector], PUBLIC_ROLE))

    assert held(world, ANYBODY) == {("Directory", "set(string,address)", "PUBLIC", 0)}


def test_contract_of_another_manager_is_noticed(world: ChainWorld) -> None:
    """A contract that answers to somebody else's manager is not part of the deployment."""
    plan = DeploymentPlan(world.council.members(), 3, (), ())
    other = deploy(world.client, world.sender(world.deployer), plan)
    mixed = world.deployment.contracts | {"Directory": other.contracts["Directory"]}

    with pytest.raises(WrongChain, match="Directory answers to"):
        list_powers(
            world.client,
            Deployment(world.deployment.chain_id, world.deployment.genesis_hash, mixed),
        )


def test_other_code_is_noticed(world: ChainWorld) -> None:
    """A contract that is not what the record calls it is not asked for its powers."""
    mixed = world.deployment.contracts | {"Directory": world.deployment.contracts["Council"]}

    with pytest.raises(WrongChain, match="not Directory's"):
        list_powers(
            world.client,
            Deployment(world.deployment.chain_id, world.deployment.genesis_hash, mixed),
        )


def test_authority_is_fixed(world: ChainWorld) -> None:
    """Not even the manager moves a contract to another manager."""
    call = world.parties.contract.call("setAuthority", generate_signer().address)

    with pytest.raises(Reverted, match="Governed_AuthorityFixed"):
        world.client.call(
            world.parties.contract.address, call.data, sender=world.address(AccessManager.NAME)
        )
