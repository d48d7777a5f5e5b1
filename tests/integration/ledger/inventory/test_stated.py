"""Records that accounting rests on: found by what they are about, read from their entries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.plan_bodies import ControlPlan
from attestation.structure_bodies import STRUCTURE_KEY, Structure
from ledger.inventory.errors import NotStated
from ledger.inventory.periods import Period
from ledger.inventory.plan import planned_at, planned_parameters
from ledger.inventory.structure import structure_at, structures_in
from ledger.log.decisions import Refused
from ledger.repositories.stated import StatedRecord
from tests.support.accounts import (
    METER,
    PARAMETER,
    SINCE_S,
    UNIT,
    Accounts,
    hour,
    parameter,
    plan,
    structure,
)
from tests.support.derived import derived_rows
from tests.support.enterprise import INITIATOR, STRANGER


def listed(accounts: Accounts, *, size: int | None = None) -> tuple[StatedRecord[Structure], ...]:
    """Give the structures of the log."""
    with accounts.enterprise.database.reading() as uow:
        return uow.stated.listed(accounts.enterprise.log.number, Structure, size=size)


def at(accounts: Accounts, at_s: int, *, size: int | None = None) -> int | None:
    """Give the index of the structure in force."""
    with accounts.enterprise.database.reading() as uow:
        found = uow.stated.at(
            accounts.enterprise.log.number, Structure, STRUCTURE_KEY, at_s, size=size
        )
    return None if found is None else found.index


def file_superseding(accounts: Accounts, body: Structure | ControlPlan, index: int) -> int:
    """File a record that takes the place of the one at an index; give its own."""
    enterprise = accounts.enterprise
    with enterprise.database.reading() as uow:
        row = {
            each.index: each.place.leaf_hash
            for kind in (Structure, ControlPlan)
            for each in uow.stated.listed(enterprise.log.number, kind)
        }
    content = enterprise.record(body, supersedes=(row[index],))
    enterprise.records.admit_record(enterprise.log.number, content, now=enterprise.now)
    enterprise.integrate()
    with enterprise.database.reading() as uow:
        return uow.heads.get(enterprise.log.number).size - 1


def test_record_is_read_from_its_entry(accounts: Accounts) -> None:
    """What it says, who signed it, and where it stands."""
    index = accounts.enterprise.file(structure())
    (found,) = listed(accounts)
    with accounts.enterprise.database.reading() as uow:
        entry = uow.entries.get(accounts.enterprise.log.number, index)

    assert found.body == structure()
    assert found.index == index
    assert found.record.encoded == entry.content


def test_nothing_is_in_force_before_the_first(accounts: Accounts) -> None:
    """A structure holds from the second it names, not from when it was filed."""
    index = accounts.enterprise.file(structure(from_s=hour(24)))

    assert at(accounts, hour(24) - 1) is None
    assert at(accounts, hour(24)) == index


def test_one_that_begins_later_takes_over_at_its_begin(accounts: Accounts) -> None:
    """The earlier one still says how things were."""
    first = accounts.enterprise.file(structure())
    second = accounts.enterprise.file(structure(from_s=hour(24)))

    assert (at(accounts, hour(23)), at(accounts, hour(24))) == (first, second)


def test_of_two_that_begin_together_the_newer_holds(accounts: Accounts) -> None:
    """Who says it again says it better."""
    accounts.enterprise.file(structure())
    second = accounts.enterprise.file(structure())

    assert at(accounts, hour(0)) == second


def test_one_filed_later_for_an_earlier_time_does_not_touch_what_came_after(
    accounts: Accounts,
) -> None:
    """Only the time until the next begin is told anew."""
    later = accounts.enterprise.file(structure(from_s=hour(24)))
    earlier = accounts.enterprise.file(structure())

    assert (at(accounts, hour(23)), at(accounts, hour(24))) == (earlier, later)


def test_superseded_record_stays_and_holds_no_more(accounts: Accounts) -> None:
    """It is listed with what took its place, and counts only for who looks at the log before."""
    first = accounts.enterprise.file(structure(from_s=hour(24)))
    second = file_superseding(accounts, structure(), first)
    places = [each.place for each in listed(accounts)]

    assert [(each.supersedes_index, each.superseded_by_index) for each in places] == [
        (None, second),
        (first, None),
    ]
    assert at(accounts, hour(30)) == second
    assert at(accounts, hour(30), size=second) == first


def test_record_of_another_type_is_not_superseded(accounts: Accounts) -> None:
    """A plan that names a structure takes nothing's place."""
    first = accounts.enterprise.file(structure())
    second = file_superseding(accounts, plan(), first)
    with accounts.enterprise.database.reading() as uow:
        found = uow.stated.get(accounts.enterprise.log.number, ControlPlan, second)

    assert found is not None
    assert (found.place.supersedes_index, at(accounts, hour(0))) == (None, first)


def test_record_is_found_by_its_leaf_hash(accounts: Accounts) -> None:
    """By which other records name it; only as what it is."""
    index = accounts.enterprise.file(structure())
    leaf_hash = listed(accounts)[0].place.leaf_hash
    with accounts.enterprise.database.reading() as uow:
        number = accounts.enterprise.log.number
        found = uow.stated.named(number, Structure, leaf_hash)
        other = uow.stated.named(number, ControlPlan, leaf_hash)
        newest = uow.stated.newest(number, Structure, STRUCTURE_KEY)

    assert found is not None and newest is not None
    assert (found.index, newest.index, other) == (index, index, None)


def test_what_is_stated_is_derived_again_alike(accounts: Accounts) -> None:
    """Rows that are forgotten come back from the entries."""
    first = accounts.enterprise.file(structure(from_s=hour(24)))
    file_superseding(accounts, structure(), first)
    accounts.enterprise.file(plan())
    number = accounts.enterprise.log.number
    before = derived_rows(accounts.enterprise.database, number)
    accounts.enterprise.surveyor.rebuild(number)

    assert len(before["stated_record"]) == 3
    assert derived_rows(accounts.enterprise.database, number) == before


@pytest.mark.parametrize("secret", [INITIATOR, STRANGER], ids=["initiator", "stranger"])
def test_only_an_approver_states_the_structure(accounts: Accounts, secret: bytes) -> None:
    """What everything is counted by takes the enterprise's approval."""
    decision = accounts.enterprise.submit(structure(), secret=secret)

    assert isinstance(decision, Refused)
    assert decision.code == "admission.unknown_signer"


def test_structure_names_only_series_that_are_registered(accounts: Accounts) -> None:
    """It may be sent again when the series is there."""
    point = replace(structure().instruments[0], series=(f"{METER}/heat/total/",))
    decision = accounts.enterprise.submit(structure(instruments=(point,)))

    assert isinstance(decision, Refused)
    assert (decision.code, decision.answer) == ("admission.not_registered", None)


@pytest.mark.parametrize(
    ("edition", "from_s"),
    [(3, hour(1)), (1, hour(1)), (2, SINCE_S)],
    ids=["skips", "again", "not later"],
)
def test_editions_of_a_plan_follow_each_other(
    accounts: Accounts, edition: int, from_s: int
) -> None:
    """After edition 1 comes edition 2, and it begins later."""
    accounts.plan()
    decision = accounts.enterprise.submit(plan(edition, from_s))

    assert isinstance(decision, Refused)
    assert decision.code == "admission.record"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unit": "HB-9"}, "admission.not_registered"),
        ({"series": ("em-09/energy/total/",)}, "admission.not_registered"),
    ],
    ids=["unit", "series"],
)
def test_plan_names_only_what_is_there(
    accounts: Accounts, changes: dict[str, object], code: str
) -> None:
    """Units of the structure in force, and registered series."""
    accounts.enterprise.file(structure())
    decision = accounts.enterprise.submit(plan(**changes))  # type: ignore[arg-type]

    assert isinstance(decision, Refused)
    assert decision.code == code


def test_plan_without_a_structure_is_not_taken_yet(accounts: Accounts) -> None:
    """Nobody knows what its units are."""
    decision = accounts.enterprise.submit(plan())

    assert isinstance(decision, Refused)
    assert decision.code == "admission.not_registered"


def test_parameter_is_as_the_edition_in_force_says(accounts: Accounts) -> None:
    """The second edition holds from its begin."""
    first = accounts.plan()
    second = accounts.enterprise.file(plan(2, hour(24), department="laboratory"))
    with accounts.enterprise.database.reading() as uow:
        log = accounts.enterprise.log
        found = [planned_at(uow, log, UNIT, PARAMETER, hour(each)) for each in (23, 24)]
        unknown = planned_at(uow, log, UNIT, "heat-bought", hour(24))
        every = planned_parameters(uow, log, hour(24), unit=UNIT)

    assert [each and (each.index, each.edition) for each in found] == [(first, 1), (second, 2)]
    assert unknown is None
    assert [each.parameter for each in every] == [parameter(department="laboratory")]


def test_structure_is_asked_by_code(accounts: Accounts) -> None:
    """Units, streams and the tree of meters."""
    accounts.enterprise.file(structure())
    with accounts.enterprise.database.reading() as uow:
        found = structure_at(uow, accounts.enterprise.log, hour(0))

    assert found.site_of(found.unit(UNIT)).region == "350211"
    assert [stream.code for stream in found.streams_of(UNIT)] == ["E1"]
    assert [each.instrument for each in found.children(METER)] == ["em-02"]
    assert [each.instrument for each in found.children(None)] == [METER]
    assert [each.instrument for each in found.instruments_of(UNIT)] == ["em-02"]
    assert [unit.code for unit in found.units_in(Period.month(2025, 1))] == [UNIT]
    with pytest.raises(NotStated, match="HB-9"):
        found.unit("HB-9")


def test_every_structure_of_a_period_is_given(accounts: Accounts) -> None:
    """One that holds at its begin, and those that begin in it."""
    first = accounts.enterprise.file(structure())
    second = accounts.enterprise.file(structure(from_s=hour(24)))
    accounts.enterprise.file(structure(from_s=hour(48)))
    two_days = Period.parse("2025-01-01/2025-01-02")
    with accounts.enterprise.database.reading() as uow:
        found = structures_in(uow, accounts.enterprise.log, two_days)

    assert [each.index for each in found] == [first, second]


def test_missing_structure_is_an_error(accounts: Accounts) -> None:
    """An enterprise without a structure has no units, rather than none that count."""
    with accounts.enterprise.database.reading() as uow, pytest.raises(NotStated):
        structure_at(uow, accounts.enterprise.log, hour(0))
