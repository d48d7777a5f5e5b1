"""
What most operations begin with: who asks, which log, and how much of it is published.

Nothing beyond the published checkpoint is shown; where the policy asks for witnesses, that may be
an older one than the newest.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path

from api.auth.authorising import Access
from api.auth.policy import Action
from api.auth.principals import Principal
from api.errors import NotFound
from api.http.identity import Caller
from api.services import Services, services_of
from attestation.canonical import MAX_INTEGER
from attestation.errors import EncodingError
from attestation.ids import parse_origin
from ledger.errors import UnknownLog, WitnessesMissing
from ledger.log.witnessing import published
from ledger.repositories.logs import Log
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork

LogName = Annotated[
    str,
    Path(
        description="Name of the log: the unified social credit code (统一社会信用代码) of its "
        "enterprise; of the n-th log of an enterprise `<code>-<n>`."
    ),
]
Index = Annotated[int, Path(ge=0, le=MAX_INTEGER, description="Index of an entry, from 0.")]
Here = Annotated[Services, Depends(services_of)]

__all__ = [
    "ALWAYS_ASK",
    "PRIVATE",
    "Caller",
    "Here",
    "Index",
    "LogName",
    "find_entry_limit",
    "find_log",
    "find_published",
    "require_access",
]

ALWAYS_ASK: Final = "no-cache"
PRIVATE: Final = "private, no-cache"


def find_log(uow: UnitOfWork, services: Services, name: str) -> Log:
    """
    Load a log kept here.

    Raises:
        NotFound: If there is none of that name.
    """
    try:
        return uow.logs.by_name(name, services.ledger.settings.log.host)
    except UnknownLog as error:
        raise NotFound(f"no log {name} is kept here") from error


def require_access(services: Services, caller: Principal, name: str, action: Action) -> Access:
    """
    Check that a caller may do something with a log: with all logs of its enterprise.

    Raises:
        Unauthenticated: If they showed nothing that holds.
        Forbidden: If it is not theirs to do.
        NotFound: If it is not the name of a log.
    """
    try:
        usc = parse_origin(_origin(services, name)).usc
    except EncodingError as error:
        raise NotFound(f"no log {name} is kept here") from error
    return services.authorise(caller, action, usc=usc)


def _origin(services: Services, name: str) -> str:
    return f"{services.ledger.settings.log.host}/log/{name}"


def find_published(uow: UnitOfWork, services: Services, log: Log) -> tuple[StoredCheckpoint, str]:
    """
    Load the published checkpoint, and its note with every cosignature there is.

    Raises:
        NotFound: If the log has no checkpoint yet.
        WitnessesMissing: If none of its checkpoints has the quorum yet.
    """
    try:
        return published(uow, log, services.ledger.policy)
    except WitnessesMissing as error:
        if uow.checkpoints.newest(log.number) is not None:
            raise
        raise NotFound(f"{log.origin} has published no checkpoint yet") from error


def find_entry_limit(uow: UnitOfWork, services: Services, log: Log, index: int) -> StoredCheckpoint:
    """
    Load the published checkpoint, which must cover an entry.

    Raises:
        NotFound: If it does not.
    """
    checkpoint, _ = find_published(uow, services, log)
    if index >= checkpoint.size:
        raise NotFound(f"{log.origin} has published {checkpoint.size} entries, not entry {index}")
    return checkpoint
