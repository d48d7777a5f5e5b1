"""The contracts on a chain: deployed, wired, and handed over."""

from __future__ import annotations

import pytest

from chain.bindings.directory import Directory
from chain.contract import Contract
from chain.deployment import DeploymentPlan, deploy
from chain.errors import Reverted, WrongChain
from chain.identity import ChainIdentity, check_identity
from tests.support.chain import ChainWorld

pytestmark = pytest.mark.real


def test_contracts_are_where_the_directory_says(world: ChainWorld) -> None:
    """Every contract of the deployment is found in the Directory by its name."""
    directory = Directory(world.client, world.address(Directory.NAME))

    found = {name: directory.address_of(name) for name in world.deployment.contracts}

    assert found == {name: each.address for name, each in world.deployment.contracts.items()}


def test_node_is_the_one_deployed_on(world: ChainWorld) -> None:
    """The deployment's own record identifies the chain."""
    assert check_identity(world.client, world.deployment.identity) is None
    assert isinstance(world.deployment.identity, ChainIdentity)


def test_deploying_key_can_do_nothing(world: ChainWorld) -> None:
    """The key that deployed is refused what it could do before the hand-over."""
    call = world.parties.contract.call("setRegistrar", world.deployer.address, True)

    with pytest.raises(Reverted, match="AccessManagedUnauthorized"):
        world.sender(world.deployer).prepare(call)


def test_directory_keeps_its_history(world: ChainWorld) -> None:
    """A name that points elsewhere still answers for the blocks before."""
    directory = Directory(world.client, world.address(Directory.NAME))
    before, old = world.client.block_number(), world.address("DeviceRegistry")
    new = world.address("Council")

    world.as_council(directory.contract.call("set", "DeviceRegistry", new))

    assert directory.address_of("DeviceRegistry") == new
    assert directory.address_at("DeviceRegistry", before) == old
    assert [target for _, target in directory.history("DeviceRegistry")] == [old, new]


def test_unknown_name_is_nobodys(world: ChainWorld) -> None:
    """A name that was never set points nowhere."""
    directory = Directory(world.client, world.address(Directory.NAME))

    assert directory.history("Treasury") == ()
    with pytest.raises(Reverted, match="Directory_UnknownName"):
        directory.address_of("Treasury")


def test_address_without_a_contract_is_told(world: ChainWorld) -> None:
    """Reading where no contract stands is another chain's problem, not an empty answer."""
    with pytest.raises(WrongChain, match="no contract Directory") as caught:
        Directory(world.client, b"\x11" * 20).address_of("Council")

    assert caught.value.stable_code == "chain.not_deployed"


def test_plan_that_a_contract_refuses_is_not_deployed(world: ChainWorld) -> None:
    """A Council whose threshold is no majority is refused by name."""
    plan = DeploymentPlan(world.council.members(), 2, (), ())

    with pytest.raises(Reverted, match="Council_ThresholdInvalid"):
        deploy(world.client, world.sender(world.deployer), plan)


def test_calendar_is_the_reporting_zones(world: ChainWorld) -> None:
    """Saturdays are no working days, and a year without a calendar is an error."""
    calendar = Contract(world.client, world.address("WorkingCalendar"), "WorkingCalendar")
    friday_noon, saturday_noon = 1_718_337_600, 1_718_424_000  # 14 and 15 June 2024, 12:00 UTC+8

    assert calendar.read("isWorkingDay", friday_noon)
    assert not calendar.read("isWorkingDay", saturday_noon)
    with pytest.raises(Reverted, match="WorkingCalendar_UnknownYear"):
        calendar.read("isWorkingDay", friday_noon + 20 * 366 * 86_400)
