"""`carbonseal doctor` at a real chain: who administers, what is open to all, who anchors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.cli import doctor_outside, doctor_powers
from api.cli.doctor import examine
from api.cli.doctor_checks import Line
from api.settings import Settings
from attestation.enums import Outcome
from chain.addresses import format_address
from chain.bindings.access_manager import ADMIN_ROLE, PUBLIC_ROLE, AccessManager
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.deployments import save_deployment
from chain.keys import AccountSigner
from tests.integration.api.conftest import settings_at
from tests.support.chain import ChainWorld, running_world
from tests.support.enterprise import USC, Enterprise

pytestmark = pytest.mark.real
HELD, FAILED, COULD_NOT = Outcome.HELD, Outcome.FAILED, Outcome.COULD_NOT_CHECK


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChainWorld]:
    """The contracts on a chain, deployed once."""
    with running_world(tmp_path_factory.mktemp("chain")) as world:
        yield world


@pytest.fixture
def world(shared_world: ChainWorld) -> Iterator[ChainWorld]:
    """The contracts as they were deployed."""
    with shared_world.undone():
        yield shared_world


@pytest.fixture
def operator(world: ChainWorld) -> AccountSigner:
    """The operator's key, with money for gas."""
    return world.funded()


@pytest.fixture
def settings(
    world: ChainWorld, operator: AccountSigner, enterprise: Enterprise, tmp_path: Path
) -> Settings:
    """The settings of an operator who keeps one log."""
    save_deployment(tmp_path / "deployments.json", world.deployment)
    (tmp_path / "password").write_text("secret", encoding="utf-8")
    operator.save(tmp_path / "operator.json", "secret")
    return at_node(settings_at(tmp_path, str(enterprise.database.engine.url)), world.chain.rpc_url)


def at_node(settings: Settings, rpc_url: str) -> Settings:
    """Give the settings with another node."""
    values = settings.chain.model_dump() | {"rpc_url": rpc_url, "development": True}
    chain = type(settings.chain).model_validate(values)
    return settings.model_copy(update={"chain": chain})


def open_log(world: ChainWorld, enterprise: Enterprise, operator: AccountSigner) -> None:
    """Open the enterprise's log on the chain, for an operator."""
    keys = world.register(USC)
    act = world.log_act(keys, operator, enterprise.origin)
    name = CheckpointRegistry.NAME
    world.sender().execute(
        world.checkpoints.open_log(
            act,
            initiator_signature=world.sign(name, act, keys.initiator),
            approver_signature=world.sign(name, act, keys.approver),
            operator_signature=world.sign(name, act, operator),
        )
    )


def by_name(lines: Any) -> dict[str, Line]:
    """Give the lines by name; each that is not well has its fix."""
    assert all(line.fix for line in lines if line.outcome is not HELD)
    return {line.name: line for line in lines}


def test_council_alone_administers(world: ChainWorld, settings: Settings) -> None:
    """After a deployment nothing is wrong, and everybody with a power is named."""
    found = by_name(doctor_powers.powers(settings))

    assert found["administration"].outcome is HELD
    assert "restricted functions" not in found
    assert f"power of {format_address(world.registrar.address)}" in found


def test_second_administrator_is_a_problem(world: ChainWorld, settings: Settings) -> None:
    """Whoever administers beside the Council is named, with what to do."""
    stranger = world.funded()
    manager = AccessManager(world.client, world.address(AccessManager.NAME))
    world.as_council(manager.contract.call("grantRole", ADMIN_ROLE, stranger.address, 0))

    line = by_name(doctor_powers.powers(settings))["administration"]

    assert line.outcome is FAILED
    assert format_address(stranger.address) in line.detail


def test_desk_that_is_not_ours_is_a_problem(world: ChainWorld, settings: Settings) -> None:
    """Who else may say who verified whom is named; the registry of inventories is not."""
    before = by_name(doctor_powers.powers(settings))
    stranger = world.funded()
    world.as_council(world.credentials.set_desk(stranger.address, active=True))

    line = by_name(doctor_powers.powers(settings))["desks"]

    assert "desks" not in before
    assert line.outcome is FAILED
    assert format_address(stranger.address) in line.detail


def test_calendar_that_ends_soon_is_a_problem(world: ChainWorld, settings: Settings) -> None:
    """Before the last known year is over, the next one has to be published."""
    before = by_name(doctor_powers.calendar(settings))["working days"]
    december = datetime(world.calendar_end - 1, 12, 1, tzinfo=UTC)
    world.pass_time(int(december.timestamp()) - world.now_s())

    line = by_name(doctor_powers.calendar(settings))["working days"]

    assert (before.outcome, line.outcome) == (HELD, FAILED)
    assert "setYear" in line.fix


def test_function_that_was_opened_to_all_is_a_problem(
    world: ChainWorld, settings: Settings
) -> None:
    """A restricted function with the public role is everybody's."""
    manager = AccessManager(world.client, world.address(AccessManager.NAME))
    registry = PartyRegistry(world.client, world.address(PartyRegistry.NAME))
    function = "setRegistrar(address,bool)"
    (selector,) = (
        selector
        for selector, name in registry.contract.interface.selectors.items()
        if name == function
    )
    world.as_council(
        manager.contract.call(
            "setTargetFunctionRole", registry.contract.address, [selector], PUBLIC_ROLE
        )
    )

    line = by_name(doctor_powers.powers(settings))["restricted functions"]

    assert line.outcome is FAILED
    assert function in line.detail


def test_log_that_we_anchor(
    world: ChainWorld, settings: Settings, enterprise: Enterprise, operator: AccountSigner
) -> None:
    """The chain takes the log's checkpoints from the key of the settings."""
    open_log(world, enterprise, operator)

    line = by_name(doctor_powers.anchoring(settings))[f"anchoring of {USC}"]

    assert line.outcome is HELD


def test_log_that_somebody_else_anchors(
    world: ChainWorld, settings: Settings, enterprise: Enterprise
) -> None:
    """With another key every anchor would be refused, and nobody would see why."""
    other = world.funded()
    open_log(world, enterprise, other)

    line = by_name(doctor_powers.anchoring(settings))[f"anchoring of {USC}"]

    assert line.outcome is FAILED
    assert format_address(other.address) in line.detail


def test_log_that_the_chain_does_not_know(settings: Settings) -> None:
    """A log that was never opened on the chain is told so."""
    assert by_name(doctor_powers.anchoring(settings))[f"anchoring of {USC}"].outcome is FAILED


def test_operator_without_money(
    world: ChainWorld, settings: Settings, operator: AccountSigner
) -> None:
    """A key that cannot pay for gas is a problem, with its address."""
    assert by_name(doctor_outside.operator(settings))["operator"].outcome is HELD
    world.chain.request("anvil_setBalance", format_address(operator.address), "0x1")

    line = by_name(doctor_outside.operator(settings))["operator"]

    assert line.outcome is FAILED
    assert format_address(operator.address) in line.detail


def test_relay_that_pays_with_the_operators_account(settings: Settings) -> None:
    """One nonce has one owner; where nothing is relayed, nothing is wrong."""
    place = settings.chain
    shared = {
        "relay_keystore": place.operator_keystore,
        "relay_password_file": place.operator_password_file,
    }
    same = settings.model_copy(update={"chain": place.model_copy(update=shared)})

    assert by_name(doctor_outside.relay(settings))["relay"].outcome is HELD
    line = by_name(doctor_outside.relay(same))["relay"]
    assert line.outcome is FAILED
    assert "operator's too" in line.detail


def test_head_that_is_old(world: ChainWorld, settings: Settings) -> None:
    """On a chain that is no development chain a head of an hour ago is a problem."""
    values = settings.chain.model_dump() | {"development": False}
    settled = settings.model_copy(update={"chain": type(settings.chain).model_validate(values)})
    world.mine()
    before = by_name(doctor_outside.chain(settled))["chain"]
    world.pass_time(3600)
    after = by_name(doctor_outside.chain(settled))["chain"]

    assert (before.outcome, after.outcome) == (HELD, FAILED)


def test_node_that_does_not_answer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rests on the node could not be checked; what does not is looked at all the same."""
    away = at_node(settings, "http://127.0.0.1:9")
    monkeypatch.setattr("api.cli.doctor.load_settings", lambda _config: away)
    found = by_name(list(examine(None, lambda _: None)))

    assert {found[name].outcome for name in ("chain", "operator", "anchoring", "powers")} == {
        COULD_NOT
    }
    assert found["database"].outcome is HELD
    assert found["disk of the database"].outcome is HELD
