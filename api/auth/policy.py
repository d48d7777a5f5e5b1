"""
What each role may do, and with whose things: one table, and nothing that is not in it.

A role stands at the left, an action in its row, and in the cell how the caller must stand to what
is asked for: it is its own, it holds the case, it lies in its area, a grant names it. A cell that
is not there refuses. Whether a relation holds is found out in `api.auth.relations`.

Source: DESIGN section 9 (deny by default); 碳排放权交易管理暂行条例, articles 4 and 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """As what somebody calls: by the kind of the party spoken for, a regulator by its tier."""

    NOBODY = "nobody"
    GRANT = "grant"
    ENTERPRISE = "enterprise"
    VERIFIER = "verifier"
    LABORATORY = "laboratory"
    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    REGULATOR = "regulator"
    """An authority without a credential that is valid at present."""
    OVERSIGHT = "oversight"
    """Who watches the authorities; the settings name its party."""
    REGISTRY = "registry"
    EXCHANGE = "exchange"
    BANK = "bank"
    DEVICE_AUTHORITY = "device-authority"
    OPERATOR = "operator"


class Relation(StrEnum):
    """How a caller stands to what is asked for."""

    OWN = "own"
    """It is the enterprise's own."""
    HELD = "held"
    """The caller's party is named in the case; for a log, in one of its open cases."""
    AREA = "area"
    """It lies in the area of the authority's credential."""
    NAMED = "named"
    """A grant names the enterprise."""
    FILED = "filed"
    """The laboratory has filed reports in the enterprise's log, and sees those."""
    ANY = "any"
    """Whoever it belongs to, or the caller's own account."""


class Action(StrEnum):
    """What somebody may want to do."""

    READ_ENTRIES = "entries.read"
    READ_DEVICES = "devices.read"
    READ_ENERGY = "energy.read"
    READ_EVIDENCE = "evidence.read"
    READ_SAMPLES = "samples.read"
    READ_INVENTORIES = "inventories.read"
    READ_EVENTS = "events.read"
    READ_CASE = "case.read"
    WORK_CASE = "case.work"
    COMMENT_CASE = "case.comment"
    EXPORT_CASE = "case.export"
    DRAFT_ACT = "act.draft"
    RELAY_ACT = "act.relay"
    READ_OPERATION = "operation.read"
    SEARCH_AUDIT = "audit.search"
    READ_ACTIONS = "actions.read"
    READ_ALERTS = "alerts.read"
    HANDLE_ALERTS = "alerts.handle"
    DISCLOSE = "disclosure.make"
    MANAGE_NOTICES = "notices.manage"
    READ_PERSONS = "persons.read"
    MANAGE_PERSONS = "persons.manage"
    MANAGE_ACCESS = "access.manage"
    READ_ACCESS = "access.read"


WRITES: Final = frozenset(
    {
        Action.WORK_CASE,
        Action.COMMENT_CASE,
        Action.RELAY_ACT,
        Action.HANDLE_ALERTS,
        Action.DISCLOSE,
        Action.MANAGE_PERSONS,
    }
)
"""What a representative who may only read (只读代表) may not do."""

READS_DATA: Final = frozenset(
    {
        Action.READ_ENTRIES,
        Action.READ_DEVICES,
        Action.READ_ENERGY,
        Action.READ_EVIDENCE,
        Action.READ_SAMPLES,
        Action.READ_INVENTORIES,
        Action.READ_EVENTS,
        Action.READ_CASE,
        Action.WORK_CASE,
        Action.COMMENT_CASE,
        Action.EXPORT_CASE,
        Action.READ_ACTIONS,
        Action.READ_ALERTS,
        Action.HANDLE_ALERTS,
        Action.READ_PERSONS,
    }
)
"""What shows data of a party: done by another, it is noted."""

_LOG: Final = (
    Action.READ_ENTRIES,
    Action.READ_DEVICES,
    Action.READ_ENERGY,
    Action.READ_EVIDENCE,
    Action.READ_SAMPLES,
    Action.READ_INVENTORIES,
    Action.READ_EVENTS,
)
_ACCOUNT: Final = (Action.MANAGE_ACCESS, Action.MANAGE_NOTICES, Action.READ_OPERATION)
_PARTY: Final = (*_ACCOUNT, Action.DRAFT_ACT, Action.RELAY_ACT)

Cells = Mapping[Action, frozenset[Relation]]


def _row(*parts: tuple[tuple[Action, ...], tuple[Relation, ...]]) -> Cells:
    cells = {action: frozenset(relations) for actions, relations in parts for action in actions}
    return MappingProxyType(cells)


_ANY: Final = (Relation.ANY,)
_OWN: Final = (Relation.OWN,)
_HELD: Final = (Relation.HELD,)
_THEIRS: Final = (Relation.AREA, Relation.HELD)
_CASE: Final = (Action.READ_CASE, Action.COMMENT_CASE, Action.EXPORT_CASE)
_WATCH: Final = (Action.READ_ACTIONS, Action.READ_ALERTS, Action.HANDLE_ALERTS)
_AUTHORITY: Final = _row(
    (_PARTY, _ANY), (_LOG, _THEIRS), (_CASE, _THEIRS), (_WATCH, _THEIRS),
    ((Action.SEARCH_AUDIT,), _ANY),
)  # fmt: skip

POLICY: Final[Mapping[Role, Cells]] = MappingProxyType(
    {
        Role.NOBODY: _row(),
        Role.GRANT: _row(
            (_LOG, (Relation.NAMED,)),
            ((Action.READ_CASE, Action.EXPORT_CASE), (Relation.NAMED,)),
        ),
        Role.ENTERPRISE: _row(
            (_PARTY, _ANY),
            (_LOG, _OWN),
            (_CASE, _OWN),
            ((Action.DISCLOSE, Action.READ_PERSONS, Action.MANAGE_PERSONS), _OWN),
            ((Action.READ_ACTIONS, Action.READ_ACCESS), _OWN),
        ),
        Role.VERIFIER: _row(
            (_PARTY, _ANY),
            (_LOG, _HELD),
            ((*_CASE, Action.WORK_CASE), _HELD),
        ),
        Role.LABORATORY: _row((_PARTY, _ANY), ((Action.READ_SAMPLES,), (Relation.FILED,))),
        Role.NATION: _AUTHORITY,
        Role.PROVINCE: _AUTHORITY,
        Role.CITY: _AUTHORITY,
        Role.REGULATOR: _row((_ACCOUNT, _ANY)),
        Role.OVERSIGHT: _row(
            (_ACCOUNT, _ANY),
            ((Action.READ_ACCESS, Action.READ_ACTIONS), _ANY),
        ),
        Role.REGISTRY: _row((_PARTY, _ANY)),
        Role.EXCHANGE: _row((_PARTY, _ANY)),
        Role.BANK: _row((_PARTY, _ANY)),
        Role.DEVICE_AUTHORITY: _row((_PARTY, _ANY)),
        Role.OPERATOR: _row((_PARTY, _ANY)),
    }
)
"""Role × action × relation."""

NOTHING: Final[frozenset[Relation]] = frozenset()


def allowed(role: Role, action: Action) -> frozenset[Relation]:
    """Give the relations by any of which a role may do something; none where it may not."""
    return POLICY[role].get(action, NOTHING)
