"""People of every role, with keys, credentials and cases, and their way through the door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from fastapi.testclient import TestClient

from api.auth.policy import Role
from attestation.eip712 import address_of, sign_digest
from attestation.enums import (
    CredentialStatus,
    InventoryState,
    PartyKind,
    RegulatorTier,
    RepresentativeRole,
    Sector,
)
from attestation.instants import Instant, parse_instant
from chain.login_messages import LoginMessage
from chain.personal_messages import personal_digest
from ledger.database import Database
from ledger.repositories.chain_inventories import ChainInventory
from ledger.repositories.credentials import Credential
from ledger.repositories.parties import Party, Representative
from ledger.repositories.places import Place
from tests.support.enterprise import APPROVER, OTHER_USC, START_S, USC

AREA: Final = 350_211
"""Where the enterprise reports: a county of the city 350200 in the province 350000."""
CASE: Final = sha256(b"case").digest()
_LONG_S: Final = 10 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class Person:
    """A representative of a party, with the key to sign with."""

    code: str
    kind: PartyKind
    secret: bytes
    tier: RegulatorTier = RegulatorTier.NONE
    area: int | None = None
    right: RepresentativeRole = RepresentativeRole.APPROVER

    @property
    def address(self) -> bytes:
        """Address of the key, 20 bytes."""
        return bytes.fromhex(address_of(self.secret)[2:])

    @property
    def party_id(self) -> bytes:
        """Id under which the party stands in these tests."""
        return sha256(self.code.encode()).digest()


def person(code: str, kind: PartyKind, **more: Any) -> Person:
    """Give the representative of a party that belongs to its code."""
    return Person(code, kind, sha256(f"key of {code}".encode()).digest(), **more)


OWNER: Final = Person(USC, PartyKind.ENTERPRISE, APPROVER)
"""Of the enterprise; registered by `tests.support.enterprise`."""
NEIGHBOUR: Final = person(OTHER_USC, PartyKind.ENTERPRISE)
VERIFIER: Final = person("VERIFIER.1", PartyKind.VERIFIER)
OTHER_VERIFIER: Final = person("VERIFIER.2", PartyKind.VERIFIER)
LABORATORY: Final = person("LABORATORY.1", PartyKind.LABORATORY)
NATION: Final = person("NATION", PartyKind.REGULATOR, tier=RegulatorTier.NATION, area=0)
PROVINCE: Final = person(
    "PROVINCE.350000", PartyKind.REGULATOR, tier=RegulatorTier.PROVINCE, area=350_000
)
CITY: Final = person("CITY.350200", PartyKind.REGULATOR, tier=RegulatorTier.CITY, area=350_200)
OTHER_CITY: Final = person(
    "CITY.350500", PartyKind.REGULATOR, tier=RegulatorTier.CITY, area=350_500
)
WATCH: Final = person("WATCH", PartyKind.REGULATOR, tier=RegulatorTier.NATION, area=0)
"""The oversight, where the settings name it."""
BARE: Final = person("BARE", PartyKind.REGULATOR)
"""An authority without a credential."""
REGISTRY: Final = person("REGISTRY", PartyKind.REGISTRY)
EXCHANGE: Final = person("EXCHANGE", PartyKind.EXCHANGE)
BANK: Final = person("BANK", PartyKind.BANK)
DEVICE_AUTHORITY: Final = person("AUTHORITY", PartyKind.DEVICE_AUTHORITY)
OPERATOR: Final = person("OPERATOR", PartyKind.OPERATOR)
READER: Final = replace(
    VERIFIER, secret=sha256(b"reader").digest(), right=RepresentativeRole.READ_ONLY
)
"""A representative of the verifier who may only read."""
PEOPLE: Final = (
    *(NEIGHBOUR, VERIFIER, OTHER_VERIFIER, LABORATORY, NATION, PROVINCE, CITY, OTHER_CITY, WATCH),
    *(BARE, REGISTRY, EXCHANGE, BANK, DEVICE_AUTHORITY, OPERATOR, READER),
)
BY_ROLE: Final = {
    Role.ENTERPRISE: OWNER,
    Role.VERIFIER: VERIFIER,
    Role.LABORATORY: LABORATORY,
    Role.NATION: NATION,
    Role.PROVINCE: PROVINCE,
    Role.CITY: CITY,
    Role.REGULATOR: BARE,
    Role.OVERSIGHT: WATCH,
    Role.REGISTRY: REGISTRY,
    Role.EXCHANGE: EXCHANGE,
    Role.BANK: BANK,
    Role.DEVICE_AUTHORITY: DEVICE_AUTHORITY,
    Role.OPERATOR: OPERATOR,
}


def register(database: Database, *people: Person) -> None:
    """Let the chain say that parties, representatives and credentials are in force."""
    with database.unit_of_work() as uow:
        for number, each in enumerate(people or PEOPLE):
            uow.parties.put_party(Party(each.party_id, each.kind, each.code, True))
            uow.parties.put_representative(
                Representative(
                    each.party_id, each.address, sha256(each.secret).digest(), each.right, 0
                )
            )
            if each.area is not None:
                uow.credentials.put(credential(each, Place(1, number)))
        uow.commit()


def remove(database: Database, gone: Person, *, at_s: int) -> None:
    """Let the chain say that a representative is none any more."""
    with database.unit_of_work() as uow:
        uow.parties.put_representative(
            Representative(
                gone.party_id,
                gone.address,
                sha256(gone.secret).digest(),
                RepresentativeRole.NONE,
                at_s,
            )
        )
        uow.commit()


def credential(of: Person, at: Place, **changes: Any) -> Credential:
    """Give the credential of an authority."""
    arguments: dict[str, Any] = {
        "party_id": of.party_id,
        "code": of.code,
        "name": of.code,
        "kind": of.kind,
        "tier": of.tier,
        "sectors": (),
        "areas": (of.area,),
        "valid_from_s": START_S - _LONG_S,
        "valid_to_s": START_S + _LONG_S,
        "cma": "",
        "cnas": "",
        "document_hash": bytes(32),
        "act_digest": sha256(of.code.encode()).digest(),
        "status": CredentialStatus.VALID,
        "reason": "",
        "state": bytes(32),
        "at": at,
        "at_s": START_S,
    }
    return Credential(**arguments | changes)


def put_case(
    database: Database,
    state: InventoryState = InventoryState.UNDER_VERIFICATION,
    *,
    block: int = 1,
    **changes: Any,
) -> ChainInventory:
    """Let the chain say how a case of the enterprise stands."""
    arguments: dict[str, Any] = {
        "inventory_id": CASE,
        "enterprise": OWNER.party_id,
        "usc": USC,
        "name": "works",
        "unit_code": "1",
        "period_from_s": START_S,
        "period_to_s": START_S + 365 * 86_400,
        "report_year": 2025,
        "sector": Sector.POWER,
        "area": AREA,
        "state": state,
        "version": 1,
        "state_hash": bytes([block]) * 32,
        "verifier": VERIFIER.party_id,
        "regulator": PROVINCE.party_id,
        "city_regulator": None,
        "lead_verifier": VERIFIER.address,
        "technical_reviewer": READER.address,
        "is_reviewed": False,
        "accepted_version": 0,
        "objections": 0,
        "objectable_until_s": 0,
        "decision_due_s": 0,
        "act": "VerificationAssignment",
        "reason": "",
        "document_hash": None,
        "at": Place(block, 0),
        "at_s": START_S,
    }
    case = ChainInventory(**arguments | changes)
    with database.unit_of_work() as uow:
        uow.chain_inventories.put(case)
        uow.commit()
    return case


# --- through the door ----------------------------------------------------------------------------


def challenge(client: TestClient, purpose: str = "session") -> dict[str, Any]:
    """Ask for a nonce."""
    found: dict[str, Any] = client.post("/v1/auth/nonces", json={"purpose": purpose}).json()
    return found


def login_message(asked: dict[str, Any], who: Person, **changes: Any) -> LoginMessage:
    """Write what a person signs to log in."""
    issued = Instant(parse_instant(asked["expires_at"]) - 600_000)
    arguments: dict[str, Any] = {
        "domain": asked["domain"],
        "address": who.address,
        "statement": asked["statement"],
        "uri": asked["uri"],
        "chain_id": asked["chain_id"],
        "nonce": asked["nonce"],
        "issued_at": issued,
    }
    return LoginMessage(**arguments | changes)


def sign_text(text: str, secret: bytes) -> str:
    """Sign a text as a wallet does."""
    return "0x" + sign_digest(secret, personal_digest(text.encode())).hex()


def login_body(client: TestClient, who: Person, **changes: Any) -> dict[str, Any]:
    """Give the body by which a person opens a session."""
    text = login_message(challenge(client), who, **changes).text()
    return {"message": text, "signature": sign_text(text, who.secret)}


def signed_in(client: TestClient, who: Person, **changes: Any) -> dict[str, str]:
    """Log a person in, and give the header of their session."""
    answer = client.post("/v1/auth/sessions", json=login_body(client, who, **changes))
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['token']}"}
