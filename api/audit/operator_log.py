"""
The operator's own log: where the ledger of actions stands, and whose key signs what is exported.

Source: FORMATS sections 4 and 5; `docs/audit.md`.
"""

from __future__ import annotations

from api.bootstrap import Ledger, operator_origin
from api.errors import PartMissing
from api.log_keys import LogKeys
from api.settings import Settings
from attestation.packages import Package, make_package
from attestation.records import Record, RecordDraft, attach_signature
from ledger.actions.carrying import ActionCarrier
from ledger.errors import UnknownLog
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


def find_operator_log(uow: UnitOfWork, settings: Settings) -> Log | None:
    """Load the operator's own log; None where the settings name none, or it is not open."""
    origin = operator_origin(settings.log)
    if origin is None:
        return None
    try:
        return uow.logs.by_origin(origin)
    except UnknownLog:
        return None


def require_operator_log(uow: UnitOfWork, settings: Settings) -> Log:
    """
    Load the operator's own log.

    Raises:
        PartMissing: If the settings name none, or it is not open.
    """
    log = find_operator_log(uow, settings)
    if log is None:
        raise PartMissing(
            "the operator has no log of its own: set log.operator and open it with"
            " `carbonseal log open`"
        )
    return log


def sign_package(keys: LogKeys, log: Log, package: Package) -> bytes:
    """
    Write a package signed by the key of the operator's own log.

    Raises:
        ConfigurationError: If the log's key is not at hand.
    """
    return make_package(package, keys.signer_of(log.origin))


def make_carrier(ledger: Ledger) -> ActionCarrier:
    """Join what carries actions into the operator's own log."""
    operator = ledger.chain.operator

    def sign(draft: RecordDraft) -> Record:
        return attach_signature(draft, operator.sign_digest(draft.digest))

    return ActionCarrier(
        ledger.database.unit_of_work,
        ledger.database.reading,
        ledger.records,
        operator="0x" + operator.address.hex(),
        sign=sign,
    )
