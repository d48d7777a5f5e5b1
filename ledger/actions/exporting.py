"""
Exporting actions with their proofs: against one published checkpoint of the operator's log.

Source: `docs/formats/action-records.md`, section 3.
"""

from __future__ import annotations

from attestation.action_proofs import ActionProofs, ProvenAction
from attestation.canonical import Json
from attestation.witness_policy import WitnessPolicy
from ledger.errors import WitnessesMissing
from ledger.log.proving import LogProver
from ledger.log.tile_cache import TileCache
from ledger.log.witnessing import published
from ledger.repositories.actions import StoredAction
from ledger.repositories.logs import Log
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork


def prove_actions(
    uow: UnitOfWork,
    log: Log,
    actions: list[StoredAction],
    *,
    policy: WitnessPolicy,
    cache: TileCache | None = None,
) -> ActionProofs:
    """
    Prove actions; those that no published checkpoint covers are named as waiting.

    Args:
        uow: A reading unit of work.
        log: The operator's own.
        actions: In the order they are to have.
        policy: Which checkpoint is published.
        cache: Full tiles, shared with other provers.
    """
    found = _published(uow, log, policy)
    if found is None:
        waiting = tuple(each.body.number for each in actions)
        return ActionProofs(log.origin, None, (), waiting)
    checkpoint, note = found
    indexes = _indexes(uow, log, actions)
    prover = LogProver(uow, log, cache=cache)
    proven: list[ProvenAction] = []
    waiting_numbers: list[int] = []
    for each in actions:
        index = indexes.get(each.body.number)
        if index is None or index >= checkpoint.size:
            waiting_numbers.append(each.body.number)
            continue
        proved = prover.entry(index, checkpoint=checkpoint)
        proven.append(ProvenAction(index, proved.entry.content, proved.proof, _change(each)))
    return ActionProofs(log.origin, note, tuple(proven), tuple(waiting_numbers))


def _published(
    uow: UnitOfWork, log: Log, policy: WitnessPolicy
) -> tuple[StoredCheckpoint, str] | None:
    try:
        return published(uow, log, policy)
    except WitnessesMissing:
        return None


def _indexes(uow: UnitOfWork, log: Log, actions: list[StoredAction]) -> dict[int, int]:
    admissions = {
        each.place[1]: each.body.number
        for each in actions
        if each.place is not None and each.place[0] == log.number
    }
    indexes = uow.entries.indexes_of(log.number, list(admissions))
    return {admissions[admission]: index for admission, index in indexes.items()}


def _change(action: StoredAction) -> dict[str, Json] | None:
    if action.change is None or action.change_salt is None:
        return None
    return {"salt": action.change_salt.hex(), **action.change}
