"""
What enterprise, verifier and authority put their names to: one hash of all inputs, one result.

An inventory is many calculations. The hash that its acts carry is that of their inputs hashes in
their order, each with the rounding profile it was worked out under, so that whoever signs it has
the same rules, code, factors, inputs and roundings. The result is the total in whole tonnes.

Source: CONTRACTS section 3; FORMATS section 10; `docs/formats/inventories.md`, section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP
from typing import Final

from attestation.eip712 import Types, hash_struct
from attestation.enums import VersionState
from ledger.inventory.calculation import Calculation
from ledger.inventory.calculation_reading import read_calculation
from ledger.inventory.errors import InventoryError, NotFinal
from ledger.inventory.versions import InventoryVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_NAME: Final = "InventoryInputs"
_TYPES: Final[Types] = {
    _NAME: (
        ("inventoryId", "bytes32"),
        ("recipe", "string"),
        ("calculations", "CalculationInputs[]"),
    ),
    "CalculationInputs": (("inputsHash", "bytes32"), ("profile", "uint8")),
}


@dataclass(frozen=True, slots=True)
class Submission:
    """What the acts on a version carry."""

    inventory_id: bytes
    inputs_hash: bytes
    """Of all calculations, 32 bytes."""
    lines_root: bytes
    """32 bytes."""
    line_count: int
    """Leaves of the tree over lines and their evidence."""
    total_t: int
    """Result, whole tonnes of CO2 equivalent."""
    document_sha256: bytes
    """Of the version's document, 32 bytes."""
    log_size: int
    """Entries of the log that it was worked out from."""


def submission_of(version: InventoryVersion, calculations: Sequence[Calculation]) -> Submission:
    """
    Give what the acts on a final version carry.

    Args:
        version: Final.
        calculations: Its calculation records, in their order.

    Raises:
        NotFinal: If it is a draft.
        InventoryError: If the records are not the version's.
    """
    if version.state is not VersionState.FINAL or version.total is None:
        raise NotFinal("only a final version is submitted", code="inventory.final_part")
    if tuple(each.sha256 for each in calculations) != version.calculations:
        raise InventoryError("these are not the calculation records that the version names")
    return Submission(
        inventory_id=version.scope.inventory_id,
        inputs_hash=inputs_hash(version, calculations),
        lines_root=version.root,
        line_count=version.tree.count,
        total_t=int(version.total.rounded(0, ROUND_HALF_UP).value),
        document_sha256=bytes.fromhex(version.sha256),
        log_size=version.log_size,
    )


def kept_submission(uow: UnitOfWork, log: Log, version: InventoryVersion) -> Submission:
    """
    Give what the acts on a final version carry, by the records that are kept here.

    Raises:
        NotFinal: If it is a draft.
        InventoryError: If a record is not kept here, or not as it was stored.
    """
    return submission_of(version, kept_calculations(uow, log, version))


def kept_calculations(
    uow: UnitOfWork, log: Log, version: InventoryVersion
) -> tuple[Calculation, ...]:
    """
    Give a version's calculation records, in their order, by what is kept here.

    Raises:
        InventoryError: If a record is not kept here, or not as it was stored.
    """
    records: list[Calculation] = []
    for name in version.calculations:
        content = uow.inventories.calculation(log.number, bytes.fromhex(name))
        if content is None:
            raise InventoryError(f"calculation {name} is not kept here")
        records.append(read_calculation(content))
    return tuple(records)


def inputs_hash(version: InventoryVersion, calculations: Sequence[Calculation]) -> bytes:
    """Give the hash of an inventory's inputs: hashStruct of `InventoryInputs`, 32 bytes."""
    message = {
        "inventoryId": version.scope.inventory_id,
        "recipe": version.recipe,
        "calculations": [
            {"inputsHash": each.inputs_hash, "profile": int(each.profile)} for each in calculations
        ],
    }
    return hash_struct(_TYPES, _NAME, message)
