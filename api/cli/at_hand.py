"""What commands about one log open: the database and the log, and no more than that."""

from __future__ import annotations

from api.settings import Settings
from attestation.ids import Origin, parse_origin
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


def origin_of(settings: Settings, usc: str) -> Origin:
    """
    Give the origin that an enterprise's log has at this operator; `<code>-<n>` names the n-th.

    Raises:
        EncodingError: If the credit code does not hold.
    """
    return parse_origin(f"{settings.log.host}/log/{usc}")


def find_log(uow: UnitOfWork, settings: Settings, usc: str) -> Log:
    """
    Load the log of an enterprise.

    Raises:
        EncodingError: If the credit code does not hold.
        UnknownLog: If no such log is kept here.
    """
    return uow.logs.by_origin(str(origin_of(settings, usc)))
