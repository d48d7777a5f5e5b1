"""What the operations on disclosures take and answer."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from api.http.case_models import PLAIN
from api.http.models import Model
from attestation.canonical import MAX_INTEGER
from attestation.instants import Instant, format_instant
from ledger.reports.disclosing import MAX_DAYS, MAX_OPENINGS
from ledger.repositories.disclosures import Disclosure

_CASE: Final = "^0x[0-9a-f]{64}$"
_LOG: Final = r"^[0-9A-Z]{18}(-[0-9]{1,3})?$"


class DisclosureRequest(Model):
    """What is to be shown, and for how long."""

    scope: Literal["line", "message"] = Field(description="What is shown.")
    case: str | None = Field(default=None, pattern=_CASE, description="Of a line: the inventory.")
    version: int | None = Field(
        default=None, ge=1, le=2**31, description="Of a line: the version, else the newest."
    )
    line: str | None = Field(
        default=None, min_length=1, max_length=300, pattern=PLAIN, description="Id of the line."
    )
    with_entries: bool = Field(
        default=False, description="Of a line: show the digests that it stands on, too."
    )
    log: str | None = Field(default=None, pattern=_LOG, description="Of a message: the log.")
    index: int | None = Field(
        default=None, ge=0, le=MAX_INTEGER, description="Of a message: its entry."
    )
    label: str = Field(
        min_length=1, max_length=200, pattern=PLAIN, description="For whom, in own words."
    )
    days: int = Field(default=30, ge=1, le=MAX_DAYS, description="Days after which it is over.")
    most_openings: int = Field(
        default=100, ge=1, le=MAX_OPENINGS, description="Openings after which it is over."
    )


class DisclosureModel(Model):
    """A disclosure, without its link."""

    id: str
    enterprise: str
    scope: str
    subject: str
    label: str
    created_by: str
    created_at: str
    expires_at: str
    most_openings: int
    openings: int
    last_opened_at: str | None
    revoked_at: str | None
    is_open: bool


class MadeDisclosure(Model):
    """A disclosure with its link, which is shown this once."""

    disclosure: DisclosureModel
    path: str = Field(description="Path of the link at this server; its token is kept nowhere.")


class DisclosureList(Model):
    """Disclosures of an enterprise, oldest first."""

    disclosures: list[DisclosureModel]
    next: str | None = Field(description="Cursor of the next page.")


def disclosure_model(found: Disclosure, now: Instant) -> DisclosureModel:
    """Describe a disclosure."""

    def instant(at: Instant | None) -> str | None:
        return None if at is None else format_instant(at)

    return DisclosureModel(
        id=found.id,
        enterprise=found.usc,
        scope=found.scope,
        subject=found.subject,
        label=found.label,
        created_by=found.created_by,
        created_at=format_instant(found.created_at),
        expires_at=format_instant(found.expires_at),
        most_openings=found.most_openings,
        openings=found.openings,
        last_opened_at=instant(found.last_opened_at),
        revoked_at=instant(found.revoked_at),
        is_open=found.is_open(now),
    )
