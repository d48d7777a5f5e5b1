"""
Proofs for everybody: hashes only, which say nothing of what entries contain.

Source: RFC 9162, section 2.1.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.errors import NotFound
from api.http.limits import gated
from api.http.lookup import Here, LogName, find_log, find_published
from api.http.models import ConsistencyProof, InclusionProof
from attestation.canonical import MAX_INTEGER
from ledger.log.proving import LogProver

router = APIRouter(
    prefix="/v1/logs/{name}/proofs",
    tags=["proofs"],
    dependencies=[Depends(gated(lambda limits: limits.proofs))],
)

_Number = Annotated[int, Query(ge=0, le=MAX_INTEGER)]


@router.get("/inclusion", operation_id="getInclusionProof")
def get_inclusion_proof(
    name: LogName,
    services: Here,
    index: _Number,
    size: Annotated[
        int | None,
        Query(ge=1, le=MAX_INTEGER, description="Of a signed checkpoint; else the published one."),
    ] = None,
) -> InclusionProof:
    """Prove that an entry is in the tree of a checkpoint."""
    ledger = services.ledger
    with ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        checkpoint, _ = find_published(uow, services, log)
        if size is not None and size <= checkpoint.size:
            signed = uow.checkpoints.get(log.number, size)
            if signed is None:
                raise NotFound(f"{log.origin} signed no checkpoint of size {size}")
            checkpoint = signed
        elif size is not None:
            raise NotFound(f"{log.origin} has published {checkpoint.size} entries, not {size}")
        prover = LogProver(uow, log, cache=ledger.tiles)
        proved = prover.entry(index, checkpoint=checkpoint)
    return InclusionProof(
        index=index,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        leaf_hash=proved.leaf_hash.hex(),
        proof=[node.hex() for node in proved.proof],
    )


@router.get("/consistency", operation_id="getConsistencyProof")
def get_consistency_proof(
    name: LogName,
    services: Here,
    old_size: Annotated[int, Query(alias="from", ge=0, le=MAX_INTEGER)],
    new_size: Annotated[int, Query(alias="to", ge=0, le=MAX_INTEGER)],
) -> ConsistencyProof:
    """Prove that the tree of `from` entries is the beginning of that of `to` entries."""
    ledger = services.ledger
    with ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        checkpoint, _ = find_published(uow, services, log)
        if new_size > checkpoint.size:
            raise NotFound(f"{log.origin} has published {checkpoint.size} entries, not {new_size}")
        prover = LogProver(uow, log, cache=ledger.tiles)
        proof = prover.consistency(old_size, new_size)
        return ConsistencyProof(
            from_size=old_size,
            from_root=prover.root(old_size).hex(),
            to_size=new_size,
            to_root=prover.root(new_size).hex(),
            proof=[node.hex() for node in proof],
        )
