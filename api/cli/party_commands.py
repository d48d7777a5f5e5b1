"""All commands about parties in one group: registering, credentials, registrars' decisions."""

from __future__ import annotations

from api.cli import party, party_credentials, party_decisions

app = party.app
party_credentials.register(app)
party_decisions.register(app)
