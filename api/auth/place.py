"""Under which name a server asks people to log in, and for how long it believes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from api.settings import Settings
from attestation.instants import MILLISECONDS_PER_SECOND

_HOUR_MS: Final = 3_600 * MILLISECONDS_PER_SECOND
_MINUTE_MS: Final = 60 * MILLISECONDS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Place:
    """A server as what people sign names it."""

    url: str
    """Scheme and authority, such as `https://ledger.example`."""
    chain_id: int
    session_ms: int
    idle_ms: int
    oversight: frozenset[str]
    """Codes of the parties that watch the authorities."""

    @classmethod
    def of(cls, settings: Settings, *, address: str | None = None) -> Self:
        """Read it from the settings; the address is the one given where they name none."""
        web, auth = settings.web, settings.auth
        return cls(
            url=auth.public_url or address or f"http://{web.host}:{web.port}",
            chain_id=settings.chain.chain_id,
            session_ms=auth.session_hours * _HOUR_MS,
            idle_ms=auth.idle_minutes * _MINUTE_MS,
            oversight=frozenset(auth.oversight),
        )

    @property
    def domain(self) -> str:
        """Its authority, as EIP-4361 names it."""
        return urlsplit(self.url).netloc

    @property
    def is_secure(self) -> bool:
        """Whether it is reached by TLS."""
        return self.url.startswith("https://")
