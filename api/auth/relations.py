"""
How a caller stands to what is asked for, read anew from what the chain says at this moment.

The cases of an enterprise decide: who is named in one holds it, where one reports is its area. For
a whole log a case counts while it is open; what is agreed is looked at in the case itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.auth.policy import Relation, Role
from api.auth.principals import Principal
from api.errors import NotFound
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.sample_bodies import LabReport
from ledger.repositories.chain_inventories import ChainInventory
from ledger.repositories.standings import OPEN, CaseStanding
from ledger.unit_of_work import UnitOfWork

AUTHORITIES: Final = frozenset({Role.NATION, Role.PROVINCE, Role.CITY})
_PROVINCE: Final = 10_000
_CITY: Final = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands to one thing, and whose it is."""

    usc: str | None
    """Credit code of the enterprise; None where the thing is nobody's."""
    relations: frozenset[Relation]
    open_cases: tuple[bytes, ...] = ()
    """Ids of the cases that a look at it may be about."""

    def joined(self, other: Standing) -> Standing:
        """Give how the caller stands to both of two things of one enterprise."""
        cases = dict.fromkeys((*self.open_cases, *other.open_cases))
        return Standing(self.usc, self.relations | other.relations, tuple(cases))


def standing_of(
    uow: UnitOfWork,
    caller: Principal,
    now: Instant,
    *,
    usc: str | None = None,
    inventory_id: bytes | None = None,
) -> Standing:
    """
    Find how a caller stands to an enterprise's things, or to one case.

    Args:
        uow: Reads.
        caller: Who asks.
        now: The present.
        usc: Credit code of the enterprise.
        inventory_id: The case, 32 bytes.

    Raises:
        NotFound: If there is no such case, or it is another enterprise's.
    """
    if inventory_id is not None:
        return _to_case(uow, caller, usc, inventory_id)
    if usc is None:
        return Standing(None, frozenset({Relation.ANY}))
    return standings_of(uow, caller, now, (usc,))[usc]


def standings_of(
    uow: UnitOfWork, caller: Principal, now: Instant, codes: Iterable[str]
) -> Mapping[str, Standing]:
    """
    Find how a caller stands to the things of each of some enterprises, by credit code.

    The database is asked once for all of them: a search may meet thousands.
    """
    named = {usc: _by_name(caller, usc) for usc in codes}
    foreign = [usc for usc, found in named.items() if Relation.OWN not in found]
    if caller.party is None or not foreign:
        return {usc: Standing(usc, frozenset(found)) for usc, found in named.items()}
    cases: dict[str, list[CaseStanding]] = {usc: [] for usc in named}
    for each in uow.standings.cases(foreign):
        cases[each.usc].append(each)
    reached = _in_area(uow, caller, cases, now)
    for usc in foreign:
        if any(_is_held(caller, each) for each in cases[usc] if each.state in OPEN):
            named[usc].add(Relation.HELD)
        if usc in reached:
            named[usc].add(Relation.AREA)
        if caller.role is Role.LABORATORY and has_filed(uow, usc, caller.party.code):
            named[usc].add(Relation.FILED)
    return {
        usc: Standing(usc, frozenset(found), _open_of(cases[usc])) for usc, found in named.items()
    }


def standing_to(caller: Principal, case: ChainInventory) -> Standing:
    """Say how a caller stands to a case that was read."""
    found = _by_name(caller, case.usc)
    if _is_named(caller, case):
        found.add(Relation.HELD)
    if caller.role in AUTHORITIES and any(contains(each, case.area) for each in caller.areas):
        found.add(Relation.AREA)
    is_open = (case.inventory_id,) if case.state in OPEN else ()
    return Standing(case.usc, frozenset(found), is_open)


def is_closed(uow: UnitOfWork, inventory_ids: Iterable[bytes]) -> bool:
    """Say whether none of some cases is open any more."""
    found = [uow.chain_inventories.get(each) for each in inventory_ids]
    return all(each is None or each.state not in OPEN for each in found)


def contains(area: int, code: int) -> bool:
    """
    Say whether an area is another one or contains it; 0 is the nation.

    Source: GB/T 2260, two digits each for province, city and county.
    """
    if area in (0, code):
        return True
    if area % _PROVINCE == 0:
        return code // _PROVINCE == area // _PROVINCE
    return area % _CITY == 0 and code // _CITY == area // _CITY


def has_filed(uow: UnitOfWork, usc: str, laboratory: str) -> bool:
    """Say whether a laboratory has filed a report in a log of an enterprise."""
    logs = [each.number for each in uow.logs.all() if each.usc == usc]
    return any(
        record.body.laboratory == laboratory
        for log in logs
        for record in uow.stated.listed(log, LabReport)
    )


def _to_case(uow: UnitOfWork, caller: Principal, usc: str | None, inventory_id: bytes) -> Standing:
    case = uow.chain_inventories.get(inventory_id)
    if case is None or usc not in (None, case.usc):
        raise NotFound(f"there is no case 0x{inventory_id.hex()}")
    return standing_to(caller, case)


def _by_name(caller: Principal, usc: str) -> set[Relation]:
    """Give what follows from codes alone."""
    found = {Relation.ANY}
    if caller.role is Role.ENTERPRISE and caller.code == usc:
        found.add(Relation.OWN)
    if caller.grant is not None and usc in caller.grant.enterprises:
        found.add(Relation.NAMED)
    return found


def _is_named(caller: Principal, case: ChainInventory) -> bool:
    named = (case.verifier, case.regulator, case.city_regulator)
    return caller.party is not None and caller.party.party_id in named


def _is_held(caller: Principal, case: CaseStanding) -> bool:
    return caller.party is not None and caller.party.party_id in case.named


def _open_of(cases: Sequence[CaseStanding]) -> tuple[bytes, ...]:
    return tuple(each.inventory_id for each in cases if each.state in OPEN)


def _in_area(
    uow: UnitOfWork,
    caller: Principal,
    cases: Mapping[str, Sequence[CaseStanding]],
    now: Instant,
) -> Collection[str]:
    """Give those of some enterprises that report in an authority's area."""
    if caller.role not in AUTHORITIES:
        return ()
    entitled = uow.standings.areas(list(cases), at_s=now // MILLISECONDS_PER_SECOND)
    areas = {
        usc: {each.area for each in found} | entitled.get(usc, frozenset())
        for usc, found in cases.items()
    }
    return {
        usc
        for usc, found in areas.items()
        if any(contains(own, area) for own in caller.areas for area in found)
    }
