"""What commands about one log open: the database and the log, and no more than that."""

from __future__ import annotations

from api.access import AccessList, Grant
from api.clock import SystemClock
from api.errors import ConfigurationError, Forbidden
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


def find_grant(settings: Settings, name: str, usc: str | None = None) -> Grant:
    """
    Give the grant in force that has a name: whose figures its holder may see.

    Args:
        settings: Of this place.
        name: Of the grant.
        usc: An enterprise that it must name.

    Raises:
        ConfigurationError: If no file of grants is set, or none of that name is in it.
        Forbidden: If it is over, or does not name the enterprise.
    """
    path = settings.web.access_file
    if path is None:
        raise ConfigurationError("no file of grants is set (web.access_file)")
    found = next((each for each in AccessList(path).grants() if each.name == name), None)
    if found is None:
        raise ConfigurationError(f"there is no grant named {name!r}")
    if SystemClock().now() >= found.expires_at:
        raise Forbidden(f"the grant {name!r} is over")
    if usc is not None and usc not in found.enterprises:
        raise Forbidden(f"the grant {name!r} does not name {usc}")
    return found


def find_log(uow: UnitOfWork, settings: Settings, usc: str) -> Log:
    """
    Load the log of an enterprise.

    Raises:
        EncodingError: If the credit code does not hold.
        UnknownLog: If no such log is kept here.
    """
    origin = origin_of(settings, usc)
    return uow.logs.by_name(origin.name, settings.log.host)
