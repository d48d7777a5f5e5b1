"""The drawing of samples in JavaScript: the same vectors as Python's, and the same entries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attestation.sampling import draw_places
from tests.support.browser_modules import Modules
from tests.support.draws import NONCES, PLAN, case_of, seed_of

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "sampling" / "draws.json"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    """The modules as a browser gets them."""
    return Modules(tmp_path_factory.mktemp("modules") / "assets")


REPLAY = """
import { readCase, readPlan, drawStratum } from "./draw_inputs.js";
import { drawSeed } from "./draw.js";
import { fromHex, toHex, utf8 } from "./bytes.js";
try {
  const found = readCase(utf8(JSON.stringify(given.case)));
  const plan = readPlan(utf8(given.plan));
  const word = (text) => fromHex(text, 32);
  const nonces = found.nonces.map((nonce) => (nonce === null ? null : word(nonce)));
  const parts = { inventory: word(found.inventory), planHash: word(found.planHash), nonces };
  parts.populationRoot = word(plan.populationRoot);
  parts.blockHash = word(found.blockHash);
  const seed = drawSeed(parts);
  answer = { seed: toHex(seed), published: found.seed, plan: plan.hash, strict: found.strict };
  const drawn = plan.strata.map((each) => drawStratum(seed, each, found.strict));
  answer.drawn = drawn.map((entries) => entries?.map(String) ?? null);
} catch (fault) {
  answer = { refused: fault.code ?? String(fault) };
}
"""


def replayed(modules: Modules, case: dict[str, Any], plan: bytes | None = None) -> Any:
    text = (PLAN.encoded if plan is None else plan).decode()
    return modules.run(REPLAY, {"case": case, "plan": text})


def test_vectors(modules: Modules) -> None:
    """Commitments, seeds, numbers, places and places by amount are those of the vectors."""
    vectors = json.loads(VECTORS.read_text())
    found = modules.run(
        """
import { commitNonce, drawByAmount, drawPlaces, drawSeed, DrawStream } from "./draw.js";
import { fromHex, toHex } from "./bytes.js";
const word = (text) => fromHex(text, 32);
const seed = word(given.seed);
answer = {
  commitments: given.commitments.map((each) => toHex(commitNonce({
    ...each, inventory: word(each.inventory), party: word(each.party), nonce: word(each.nonce),
  }))),
  seeds: given.seeds.map((each) => toHex(drawSeed({
    inventory: word(each.inventory), planHash: word(each.plan_hash),
    populationRoot: word(each.population_root), nonces: each.nonces.map(word),
    blockHash: word(each.block_hash),
  }))),
  streams: given.streams.map((each) => {
    const stream = new DrawStream(seed, each.stratum);
    return each.numbers.map(() => String(stream.below(BigInt(each.limit))));
  }),
  places: given.places.map(({ stratum, population, size }) =>
    drawPlaces(seed, stratum, { population: BigInt(population), size: BigInt(size) }).map(Number)),
  amounts: given.amounts.map(({ stratum, amounts, size }) =>
    drawByAmount(seed, stratum, { amounts: amounts.map(BigInt), size: BigInt(size) }).map(Number)),
};
""",
        vectors,
    )

    assert found == {
        "commitments": [each["commitment"] for each in vectors["commitments"]],
        "seeds": [each["seed"] for each in vectors["seeds"]],
        "streams": [each["numbers"] for each in vectors["streams"]],
        "places": [each["places"] for each in vectors["places"]],
        "amounts": [each["places"] for each in vectors["amounts"]],
    }


@pytest.mark.parametrize("nonces", [NONCES, (NONCES[0], None, NONCES[2])], ids=["all", "one less"])
def test_case_and_plan_are_replayed(modules: Modules, nonces: tuple[bytes | None, ...]) -> None:
    """From the answer of a case and the frozen document come the entries that Python draws."""
    seed, is_strict = seed_of(nonces), None in nonces
    found = replayed(modules, case_of(nonces))
    sample = PLAN.sample(seed, is_strict=is_strict)

    assert found["seed"] == found["published"] == f"0x{seed.hex()}"
    assert found["plan"] == f"0x{PLAN.plan_hash.hex()}"
    assert found["strict"] is is_strict
    assert found["drawn"][:2] == [[str(each) for each in sample[n]] for n in ("meter-1", "coal")]
    assert found["drawn"][2] is None


def test_nonce_of_another_party_is_not_left_out(modules: Modules) -> None:
    """A revealed nonce that is nobody's here would silently become one that was not revealed."""
    case = case_of(NONCES, regulator={"code": "PROVINCE.310000"})

    assert replayed(modules, case) == {"refused": "other_parties"}


@pytest.mark.parametrize(
    "plan",
    [PLAN.encoded + b"\n", PLAN.encoded.replace(b'"size":25', b'"size":25.5')],
    ids=["a line end", "half an entry"],
)
def test_plan_has_one_form(modules: Modules, plan: bytes) -> None:
    """What has another hash than it seems is no plan."""
    assert replayed(modules, case_of(NONCES), plan)["refused"] in {"not_plan", "not_integer"}


def test_draw_is_refused_before_it_is_settled(modules: Modules) -> None:
    """Nothing is drawn of a seed that is not there."""
    case = case_of(NONCES)
    case["draws"].pop()

    assert replayed(modules, case) == {"refused": "not_settled"}


def test_large_population_is_not_rounded(modules: Modules) -> None:
    """Places beyond 2**53, which a browser's own numbers cannot hold, are those of Python."""
    program = """
import { drawPlaces } from "./draw.js";
import { fromHex } from "./bytes.js";
const [seed, size] = [fromHex(given.seed, 32), BigInt(given.size)];
answer = drawPlaces(seed, "x", { population: BigInt(given.population), size }).map(String);
"""
    seed = bytes(range(32))
    given = {"seed": f"0x{seed.hex()}", "population": str(2**64 - 1), "size": "20"}
    expected = draw_places(seed, "x", population=2**64 - 1, size=20)

    assert modules.run(program, given) == [str(each) for each in expected]
