"""The open mode on a real chain: a version's calculations run there, and are those signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from api.office.errors import Contradicted, NotInThisState
from api.office.version_opening import Opening, open_calculation, opening_of
from api.rule_side import ChainRules, seeded_factors
from attestation.enums import RuleStatus
from attestation.ids import keccak256
from chain.abi import encode_arguments
from chain.artifacts import load_artifact
from chain.bindings.open_calculations import OpenCalculation, OpenCalculations
from chain.errors import Reverted
from chain.rule_runner import RuleRunner
from ledger.inventory.agreeing import inputs_hash
from ledger.inventory.amounts import Amount
from ledger.inventory.calculation import Asked, Calculation, Given, calculate, from_factor
from ledger.inventory.identity import Scope
from ledger.inventory.offchain.catalogue import OffchainRules
from ledger.inventory.periods import Period
from ledger.inventory.recipes.parts import NATIONAL_GRID
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.versions import InventoryVersion
from tests.support.agreements import Agreement
from tests.support.chain import USC, ChainWorld
from tests.support.emission_lines import line, version

pytestmark = pytest.mark.real
YEAR = Period.year(2025)
METER = (Source.of_entry(SourceKind.DIGEST, 7),)


def measured(text: str, unit: str) -> Given:
    return Given(Amount.parse(text, unit), METER)


def worked_out(engine: ChainRules) -> tuple[Calculation, ...]:
    """Work out electricity by the year's grid factor, and a weighted mean."""
    factor = seeded_factors().prescribed(*NATIONAL_GRID, 2025)
    assert factor is not None
    bought = Asked(
        "power.electricity",
        2025,
        {
            "purchased_MWh": [measured("6000.000", "MWh"), measured("6345.678", "MWh")],
            "factor_tCO2_per_MWh": from_factor(factor),
        },
        (factor,),
    )
    mean = Asked(
        "mean.weighted",
        2025,
        {
            "unit": "tC/t",
            "decimals": 4,
            "lines": [
                {
                    "weight": Given(Amount.parse("8000", "t"), METER, unit_apart=True),
                    "value": Given(Amount.parse("0.5500", "tC/t"), METER, unit_apart=True),
                }
            ],
        },
    )
    return tuple(
        calculate(engine, asked, salt=bytes([number]) * 32)
        for number, asked in enumerate((bought, mean), start=1)
    )


@dataclass
class Opened:
    """A submitted version with its records, and the contract that opens it."""

    case: Agreement
    version: InventoryVersion
    records: tuple[Calculation, ...]

    @property
    def contract(self) -> OpenCalculations:
        world = self.case.world
        return OpenCalculations(world.client, world.address(OpenCalculations.NAME))

    @property
    def opening(self) -> Opening:
        return opening_of(self.case.world.inventories, self.version, self.records)

    def calculate(self, calculation: OpenCalculation) -> None:
        call = self.contract.calculate(self.case.inventory_id, 1, calculation)
        self.case.world.sender().execute(call)

    def complete(self, opening: Opening) -> None:
        sender = self.case.world.sender()
        for call in opening.next_calls(self.contract):
            sender.execute(call)

    def is_open(self) -> bool:
        return self.contract.is_open(self.case.inventory_id, 1)


@pytest.fixture(scope="module")
def submitted(shared_world: ChainWorld, rule_chain: RuleRunner) -> Iterator[Opened]:
    """A version of two calculations, submitted; undone after the module."""
    with shared_world.undone():
        case = Agreement.begin(shared_world)
        records = worked_out(ChainRules(rule_chain))
        made = replace(
            version(YEAR, line(YEAR, "total", 7_000)),
            scope=Scope.of(USC, "1", YEAR),
            calculations=tuple(each.sha256 for each in records),
        )
        assert made.scope.inventory_id == case.inventory_id
        case.perform(case.draft())
        case.perform(replace(case.submission(), inputs_hash=inputs_hash(made, records)))
        yield Opened(case, made, records)


@pytest.fixture
def opened(submitted: Opened) -> Iterator[Opened]:
    """The same for each test, not opened yet."""
    with submitted.case.world.undone():
        yield submitted


def results_hash(record: Calculation) -> bytes:
    """Hash a record's results as the contract does, by its ABI."""
    abi = load_artifact(OpenCalculations.NAME).abi
    (event,) = (each for each in abi if each.get("name") == "Calculated")
    (figures,) = (each for each in event["inputs"] if each["name"] == "results")
    rows = [
        {
            "name": each.name.encode().ljust(32, b"\0"),
            "item": each.item,
            "unit": each.unit.encode().ljust(32, b"\0"),
            "decimals": 255 if each.decimals is None else each.decimals,
            "value": int(each.value.scaleb(18)),
        }
        for each in record.results
    ]
    return keccak256(encode_arguments([figures], [rows]))


def test_version_is_opened_with_the_ledgers_own_results(opened: Opened) -> None:
    """Anybody opens it by its records; the chain's results and inputs hash are the ledger's."""
    opening = opened.opening
    opened.complete(opening)

    assert opened.is_open()
    assert [each.uses != () for each in opening.calculations] == [True, False]
    for listed, record in zip(opening.listed, opened.records, strict=True):
        kept = opened.contract.results_hash(opened.case.inventory_id, 1, listed)
        assert kept == results_hash(record)
    assert opened.contract.inventory_inputs_hash(
        opened.case.inventory_id, opened.version.recipe, opening.listed
    ) == inputs_hash(opened.version, opened.records)


def test_what_is_open_is_not_sent_again(opened: Opened) -> None:
    """A second run sends nothing; one that was stopped half-way sends the rest."""
    opened.calculate(opened.opening.calculations[0])
    assert len(list(opened.opening.next_calls(opened.contract))) == 2
    opened.complete(opened.opening)

    assert list(opened.opening.next_calls(opened.contract)) == []


def with_another_salt(record: OpenCalculation) -> OpenCalculation:
    return replace(record, salt=bytes(32))


def with_a_gram_more(record: OpenCalculation) -> OpenCalculation:
    return replace(record, inputs=record.inputs.replace(amount("6000"), amount("6000.000001")))


def amount(text: str) -> bytes:
    return int(Amount.parse(text, "1").value.scaleb(18)).to_bytes(32)


@pytest.mark.parametrize("change", [with_another_salt, with_a_gram_more])
def test_version_stays_closed_by_a_record_nearly_right(opened: Opened, change: object) -> None:
    """A result is kept for what was sent, and that is not what was signed."""
    assert callable(change)
    opening = opened.opening
    opened.calculate(change(opening.calculations[0]))
    opened.calculate(opening.calculations[1])
    number, listed = opening.number, opening.listed
    call = opened.contract.complete(opening.inventory_id, number, opening.recipe, listed)

    with pytest.raises(Reverted, match="OpenCalculations_NotCalculated"):
        opened.case.world.sender().execute(call)
    assert not opened.is_open()


def without_its_use(record: OpenCalculation) -> OpenCalculation:
    return replace(record, uses=())


def without_its_factor(record: OpenCalculation) -> OpenCalculation:
    return replace(record, factor_ids=())


def with_another_factor_value(record: OpenCalculation) -> OpenCalculation:
    (use,) = record.uses
    word = record.inputs[use.offset : use.offset + 32]
    nearly = (int.from_bytes(word) + 1).to_bytes(32)
    return replace(record, inputs=record.inputs.replace(word, nearly))


def of_the_year_before(record: OpenCalculation) -> OpenCalculation:
    return replace(record, report_year=2024)


def of_the_year_after(record: OpenCalculation) -> OpenCalculation:
    return replace(record, report_year=2026)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (without_its_use, "OpenCalculations_FactorNotUsed"),
        (without_its_factor, "OpenCalculations_FactorNotNamed"),
        (with_another_factor_value, "RuleBook_ValueDiffers"),
        (of_the_year_before, "OpenCalculations_YearDiffers"),
        (of_the_year_after, "OpenCalculations_YearDiffers"),
    ],
)
def test_calculation_nearly_right_is_refused(opened: Opened, change: object, refusal: str) -> None:
    """Nothing is kept of a calculation without its factor, or of another year."""
    assert callable(change)
    with pytest.raises(Reverted, match=refusal):
        opened.calculate(change(opened.opening.calculations[0]))


def reordered(records: Sequence[Calculation]) -> tuple[Calculation, ...]:
    return tuple(reversed(records))


def one_short(records: Sequence[Calculation]) -> tuple[Calculation, ...]:
    return tuple(records[:1])


@pytest.mark.parametrize("change", [reordered, one_short])
def test_records_that_were_not_submitted_are_not_sent(opened: Opened, change: object) -> None:
    """Another order, or one missing, is found before anything becomes public."""
    assert callable(change)
    with pytest.raises(NotInThisState):
        opening_of(opened.case.world.inventories, opened.version, change(opened.records))


def test_rule_off_chain_cannot_be_opened(opened: Opened) -> None:
    """A record by a rule that has no contract is refused, whatever it says."""
    rule = OffchainRules().rule_for("scope2.location", 2025)
    assert rule.status is not RuleStatus.NONE
    with pytest.raises(Contradicted, match="off chain"):
        open_calculation(replace(opened.records[0], rule=rule))


def test_record_that_is_not_its_hash_is_not_sent(opened: Opened) -> None:
    """A record with another salt than its inputs hash has is refused."""
    with pytest.raises(Contradicted, match="inputs hash"):
        open_calculation(replace(opened.records[0], salt=bytes(32)))
