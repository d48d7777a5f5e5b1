"""A sample from the offices' side: requests, the next step, and entries that everybody finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.chain_side import final_events
from api.cli import case_sample
from api.errors import BadRequest
from api.office.act_drafting import begin_acts
from api.office.draws import DrawPlace, NextStep, find_draw, next_step, sample_of
from api.office.errors import Contradicted, NotInForce, NotInThisState
from api.office.request import SigningRequest, parse_request
from api.office.sampling_requests import SamplingDrafting, keep_nonce, make_nonce, read_nonce
from api.office.words import describe
from attestation.body_fields import write_body
from attestation.enums import DrawStep, SamplingMethod, Sector
from attestation.errors import EncodingError
from attestation.sampling_plans import SamplingPlan, Stratum, parse_plan
from chain.addresses import format_address
from chain.bindings.party_registry import party_id_of
from chain.finality import Instant
from ledger import migrations
from ledger.database import Database
from ledger.log.parties import PartyFollower
from tests.support.agreements import LABORATORY, PROVINCE, VERIFIER, Agreement
from tests.support.case_office import SCOPE, USC, CaseOffices
from tests.support.chain import ChainWorld

pytestmark = pytest.mark.real
NONCES = {code: bytes([number]) * 32 for number, code in enumerate((VERIFIER, USC, PROVINCE), 1)}
SUBJECT = f"{USC}/unit-1/2024"
PLACE = DrawPlace(SCOPE.inventory_id, 1, 1)
STRATUM = Stratum(
    name="all-entries",
    method=SamplingMethod.RANDOM,
    reason="a small log",
    start=0,
    end=7,
    size=2,
    strict_size=5,
)


@pytest.fixture(scope="module")
def shared_offices(shared_world: ChainWorld) -> Iterator[CaseOffices]:
    """The offices of a case whose verifier is assigned."""
    with shared_world.undone():
        offices = CaseOffices.begin(Agreement.begin(shared_world))
        offices.perform(offices.drafting().begin(Sector.POWER))
        offices.perform(offices.drafting().submit(offices.carried(), laboratories=[LABORATORY]))
        assign = offices.drafting(PROVINCE).assign(PROVINCE, VERIFIER, offices.pair(VERIFIER))
        offices.perform(assign, PROVINCE)
        yield offices


@pytest.fixture
def offices(shared_offices: CaseOffices) -> Iterator[CaseOffices]:
    """The offices before anything was done about the sample."""
    with shared_offices.world.undone():
        yield shared_offices


def drafting(offices: CaseOffices, code: str) -> SamplingDrafting:
    acts = begin_acts(offices.desk(code), now=offices.now, days=7)
    return SamplingDrafting(acts, SCOPE, offices.pair(code))


def commit(offices: CaseOffices, code: str) -> SigningRequest:
    return drafting(offices, code).fix_nonce(code, 1, NONCES[code])


def freeze(offices: CaseOffices) -> SamplingPlan:
    request, plan = drafting(offices, VERIFIER).freeze(VERIFIER, [STRATUM], NONCES[VERIFIER])
    offices.perform(request, VERIFIER)
    return plan


def go_on(offices: CaseOffices, code: str) -> NextStep:
    """Do what comes next for a party."""
    step = next_step(offices.chain_desk(code), PLACE, NONCES[code])
    if step.call is not None:
        offices.world.sender().execute(step.call)
    return step


def test_sample_is_drawn_from_office_to_office(offices: CaseOffices) -> None:
    """Everybody signs and reveals at the right time, and each finds the same entries."""
    for code in (USC, PROVINCE):
        offices.perform(commit(offices, code), code)
    plan = freeze(offices)
    waiting, end = go_on(offices, USC), find_draw(offices.desk(), PLACE).draw_block
    offices.world.mine(13)
    steps = [go_on(offices, code).words for code in (USC, USC, PROVINCE, USC, VERIFIER, VERIFIER)]

    assert waiting == NextStep(f"wait for the block after {end}")
    assert steps == [
        "store the hash of the draw block",
        "reveal the nonce",
        "reveal the nonce",
        "this nonce is revealed; the others are awaited",
        "reveal the nonce",
        "settled: the sample can be drawn",
    ]
    samples = [
        sample_of(PLACE, find_draw(offices.desk(code), PLACE), parse_plan(plan.encoded))
        for code in (USC, VERIFIER, PROVINCE)
    ]
    assert samples[0] == samples[1] == samples[2]
    assert len(set(samples[0]["all-entries"])) == 2


def test_draw_ends_without_those_who_stay_away(offices: CaseOffices) -> None:
    """When the time is over anybody settles, and the sample has the strict size."""
    offices.perform(commit(offices, PROVINCE), PROVINCE)
    plan = freeze(offices)
    offices.world.mine(13)
    go_on(offices, VERIFIER)
    go_on(offices, VERIFIER)
    offices.world.pass_time(10 * 86_400)
    last = go_on(offices, PROVINCE)

    draw = find_draw(offices.desk(), PLACE)
    assert last.words == "settle without the missing nonces"
    assert (draw.is_strict, draw.commitments[1], draw.nonces[2]) == (True, None, None)
    assert len(sample_of(PLACE, draw, plan)["all-entries"]) == 5


def test_request_says_what_is_signed(offices: CaseOffices) -> None:
    """A person reads the plan's hash and who acts before signing."""
    request, plan = drafting(offices, VERIFIER).freeze(VERIFIER, [STRATUM], NONCES[VERIFIER])
    title, fields = describe(request.parts[0])
    shown = "\n".join(f"{name} {text}" for name, text in fields)

    assert plan.plan_hash.hex() in shown
    assert "freeze a sampling plan" in title
    assert VERIFIER in shown
    assert NONCES[VERIFIER].hex() not in shown


def test_plan_that_was_not_frozen_draws_nothing(offices: CaseOffices) -> None:
    """Another plan's document, or another seed, is noticed."""
    plan = freeze(offices)
    draw = find_draw(offices.desk(), PLACE)
    with pytest.raises(NotInThisState, match="not settled"):
        sample_of(PLACE, draw, plan)
    offices.world.mine(13)
    go_on(offices, VERIFIER)
    offices.world.pass_time(10 * 86_400)
    go_on(offices, VERIFIER)
    draw = find_draw(offices.desk(), PLACE)
    larger = replace(plan, strata=(replace(STRATUM, strict_size=6),))

    with pytest.raises(Contradicted, match="not the one"):
        sample_of(PLACE, draw, larger)
    with pytest.raises(Contradicted, match="does not follow"):
        sample_of(PLACE, replace(draw, seed=b"\x01" * 32), plan)


def test_what_is_not_due_is_not_drafted(offices: CaseOffices) -> None:
    """No second nonce for a draw, no second plan without a reason, nothing beyond the version."""
    offices.perform(commit(offices, USC))
    with pytest.raises(NotInThisState, match="before"):
        commit(offices, USC)
    with pytest.raises(EncodingError, match="exceeds"):
        drafting(offices, VERIFIER).freeze(VERIFIER, [replace(STRATUM, end=8)], NONCES[VERIFIER])
    with pytest.raises(NotInForce):
        drafting(offices, PROVINCE).freeze(VERIFIER, [STRATUM], NONCES[VERIFIER])
    freeze(offices)
    with pytest.raises(NotInThisState, match="draw 2"):
        freeze(offices)


def test_nonce_of_another_draw_is_not_revealed(offices: CaseOffices) -> None:
    """A nonce that was not fixed for the draw stays where it is."""
    freeze(offices)
    offices.world.mine(13)
    go_on(offices, VERIFIER)

    with pytest.raises(Contradicted, match="none of those"):
        next_step(offices.desk(), PLACE, NONCES[USC])
    with pytest.raises(NotInThisState, match="no plan 2"):
        next_step(offices.desk(), replace(PLACE, number=2))


def test_nonce_file_is_its_owners(tmp_path: Path) -> None:
    """A nonce is kept in a new file of one's own, and never written over."""
    path = tmp_path / "nonce"
    nonce = make_nonce()
    keep_nonce(path, nonce)

    assert read_nonce(path) == nonce
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadRequest, match="cannot write"):
        keep_nonce(path, make_nonce())
    for content in ("", "xyz", "00" * 31):
        path.write_text(content, encoding="ascii")
        with pytest.raises(BadRequest, match="holds no nonce"):
            read_nonce(path)
    with pytest.raises(BadRequest, match="cannot read"):
        read_nonce(tmp_path / "absent")


def test_ledger_is_told_every_step(offices: CaseOffices, tmp_path: Path) -> None:
    """Who fixed, froze, revealed and withheld stands in the read model, as of each block."""
    world = offices.world
    offices.perform(commit(offices, USC))
    plan = freeze(offices)
    frozen_in = world.client.block_number()
    world.mine(13 + 260)
    go_on(offices, VERIFIER)
    moved_to = find_draw(offices.desk(), PLACE).draw_block
    world.mine(moved_to + 1 - world.client.block_number())
    go_on(offices, VERIFIER)
    go_on(offices, VERIFIER)
    world.pass_time(10 * 86_400)
    go_on(offices, VERIFIER)
    draw = find_draw(offices.desk(), PLACE)
    with Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as database:
        migrations.upgrade(database.engine)
        events = final_events(world.client, world.deployment, Instant())
        follower = PartyFollower(database.unit_of_work, database.reading, events)
        follower.follow()
        with database.reading() as uow:
            steps = uow.draws.steps(SCOPE.inventory_id)
            early = uow.draws.steps(SCOPE.inventory_id, at_block=frozen_in)
        follower.rebuild()
        with database.reading() as uow:
            again = uow.draws.steps(SCOPE.inventory_id)

    assert again == steps
    assert early == steps[:2]
    told = [(each.step, each.party, each.word) for each in steps]
    assert told == [
        (DrawStep.NONCE_FIXED, party_id_of(USC), draw.commitments[1]),
        (DrawStep.PLAN_FROZEN, party_id_of(VERIFIER), plan.plan_hash),
        (DrawStep.BLOCK_MOVED, None, None),
        (DrawStep.BLOCK_STORED, None, draw.block_hash),
        (DrawStep.NONCE_REVEALED, party_id_of(VERIFIER), NONCES[VERIFIER]),
        (DrawStep.NONCE_MISSING, party_id_of(USC), None),
        (DrawStep.NONCE_MISSING, party_id_of(PROVINCE), None),
        (DrawStep.SETTLED, None, draw.seed),
    ]
    assert (steps[2].draw_block, steps[3].reveal_until_s) == (moved_to, draw.reveal_until_s)
    assert [each.is_strict for each in steps[5:]] == [True, False, True]
    assert steps[0].act_digest is not None and steps[3].act_digest is None


def test_commands_take_a_draw_to_its_sample(
    offices: CaseOffices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the secret file to the listed entries, each party with its own office."""
    acting = {"code": USC}
    sender = offices.world.sender()

    @contextmanager
    def desk_of(*_settings: object, **_more: object) -> Iterator[object]:
        yield offices.desk(acting["code"])

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(case_sample.app, list(arguments))
        assert done.exit_code == 0, done.output
        return done.output

    def act(code: str, command: str, *arguments: str) -> None:
        """Draft at a party's office, sign by both persons, and hand in."""
        acting["code"], pair = code, offices.pair(code)
        request = tmp_path / f"{code}.request"
        people = (
            ("--initiator", format_address(pair.initiator)),
            ("--approver", format_address(pair.approver)),
        )
        files = ("--config", str(config), "--out", str(request), "--nonce-file", secret(code))
        run(command, SUBJECT, *arguments, *files, *chain.from_iterable(people))
        offices.perform(parse_request(request.read_bytes()), code)

    def secret(code: str) -> str:
        return str(tmp_path / f"{code}.nonce")

    config, plan, strata = (tmp_path / name for name in ("office.toml", "plan", "strata.json"))
    config.touch()
    strata.write_text(json.dumps([write_body(STRATUM)]), encoding="utf-8")
    for name, instead in (
        ("open_desk", desk_of),
        ("open_chain_desk", desk_of),
        ("open_sender", lambda _desk: sender),
        ("load_office_settings", lambda _path: offices.desk(acting["code"]).settings),
    ):
        monkeypatch.setattr(f"api.cli.case_sample.{name}", instead)
    act(USC, "commit")
    act(PROVINCE, "commit")
    act(VERIFIER, "freeze", str(strata), "--plan", str(plan))
    offices.world.mine(13)
    said = [run("next", SUBJECT, "--config", str(config))]
    for code in (VERIFIER, USC, PROVINCE):
        said.append(run("next", SUBJECT, "--config", str(config), "--nonce-file", secret(code)))
    shown = json.loads(run("show", SUBJECT, "--config", str(config), "--plan", str(plan), "--json"))

    draw = find_draw(offices.desk(), PLACE)
    assert [line.strip() for line in said] == [
        "store the hash of the draw block: sent",
        *["reveal the nonce: sent"] * 3,
    ]
    assert draw.seed is not None and shown["seed"] == draw.seed.hex()
    assert shown["sample"]["all-entries"] == list(
        sample_of(PLACE, draw, parse_plan(plan.read_bytes()))["all-entries"]
    )
    assert set(shown["nonces"].values()) == {"revealed"}
