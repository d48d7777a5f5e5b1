"""Rules on chain and off chain behind one door: a name leads to its own code."""

from __future__ import annotations

import pytest

from api.rule_side import ChainRules
from attestation.enums import RoundingProfile
from chain.errors import RuleUnknown
from chain.rule_runner import RuleRunner
from ledger.inventory.offchain.joined import JoinedRules

LOAD = "allocation.load-correction"


@pytest.fixture
def engine(rule_chain: RuleRunner) -> JoinedRules:
    """Both kinds."""
    return JoinedRules(ChainRules(rule_chain))


def test_name_leads_to_its_own_code(engine: JoinedRules) -> None:
    """A rule on chain says so, and one off chain says that it is not."""
    assert engine.rule_for(LOAD, 2024).on_chain
    assert not engine.rule_for("uncertainty.product", 2024).on_chain
    assert engine.version_of(LOAD, 2) == engine.rule_for(LOAD, 2024)


def test_both_run(engine: JoinedRules) -> None:
    """The same call for either."""
    on_chain = engine.run(LOAD, 2, {"load_pct": "60"}, RoundingProfile.EXACT)
    factors = [{"name": "a", "uncertainty_pct": "3"}]
    off_chain = engine.run("uncertainty.product", 1, {"factors": factors}, RoundingProfile.EXACT)

    assert on_chain.rule.on_chain
    assert f"{off_chain.results[0].value:f}" == "3.00"


def test_hash_of_inputs_is_made_by_the_same_side(engine: JoinedRules) -> None:
    """Two rules with the same bytes have different hashes."""
    hashes = {
        engine.inputs_hash(engine.version_of(name, version), (), b"{}", bytes(32))
        for name, version in ((LOAD, 2), ("uncertainty.product", 1), ("uncertainty.sum", 1))
    }
    assert len(hashes) == 3


def test_name_of_neither_is_unknown(engine: JoinedRules) -> None:
    """It is the chain's side that says so."""
    with pytest.raises(RuleUnknown):
        engine.rule_for("scope3", 2024)
