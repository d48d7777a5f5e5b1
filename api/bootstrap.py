"""
The one place that builds: settings become a ledger whose parts are joined.

Start-up refuses what contradicts its place: a node of another chain, a database of another schema,
a log whose key is not at hand, a log that is behind its own anchors.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from api.access import AccessList
from api.chain_side import ChainSide
from api.clock import SystemClock
from api.errors import ConfigurationError
from api.log_keys import LogKeys
from api.settings import LogSettings, Settings
from attestation.certificate_issuing import certificates_from_pem
from attestation.ids import Origin
from attestation.keys import PublicKey
from attestation.records import Record, RecordDraft, attach_signature
from attestation.witness_policy import NO_QUORUM, WitnessPolicy
from ledger import migrations
from ledger.database import Database
from ledger.log.admission import Admission
from ledger.log.anchor_requests import AnchorRequests
from ledger.log.anchor_rules import AnchorRules
from ledger.log.anchoring import Anchoring
from ledger.log.answers import Answering
from ledger.log.bundling import Bundler
from ledger.log.checkers import Checker, PooledChecker, SerialChecker
from ledger.log.equivocation import Evidence
from ledger.log.log_batch import AdmissionPolicy
from ledger.log.parties import PartyFollower
from ledger.log.quotas import Quota
from ledger.log.receipts import DeviceReceipts
from ledger.log.record_rules import RecordRules
from ledger.log.records import RecordAdmission
from ledger.log.sequencing import BatchRules, Sequencer
from ledger.log.surveying import Surveyor
from ledger.log.tile_cache import TileCache
from ledger.log.voice import Voice
from ledger.relay.relaying import Relaying

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ledger with its parts joined."""

    settings: Settings
    clock: SystemClock
    database: Database
    chain: ChainSide
    keys: LogKeys
    access: AccessList | None
    admission: Admission
    records: RecordAdmission
    sequencer: Sequencer
    surveyor: Surveyor
    answering: Answering
    anchoring: Anchoring
    follower: PartyFollower
    relaying: Relaying | None
    """Sends acts of others; None where no account pays for them."""
    bundler: Bundler
    tiles: TileCache
    policy: WitnessPolicy
    _stack: ExitStack

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def open_ledger(settings: Settings, *, processes: int = 0) -> Ledger:
    """
    Build the ledger of one place.

    Args:
        settings: The settings.
        processes: Processes that check signatures; 0 checks them in the calling thread.

    Raises:
        ConfigurationError: If a file that the settings name cannot be used.
        SchemaMismatch: If the database needs `carbonseal db upgrade`.
        WrongChain: If the node serves another chain.
    """
    stack = ExitStack()
    database = stack.enter_context(Database(settings.database.url.get_secret_value()))
    with database.reading() as uow:
        migrations.require_newest(uow.connection)
    chain = ChainSide.open(settings.chain)
    stack.callback(chain.client.close)
    checker: Checker = SerialChecker()
    if processes:
        checker = stack.enter_context(PooledChecker(processes))
    return _join(settings, database, chain, checker, stack)


def open_database(settings: Settings) -> Database:
    """Open the database alone, for commands that make or mend it."""
    return Database(settings.database.url.get_secret_value())


def platform_roots(settings: LogSettings) -> dict[bytes, bytes]:
    """
    Read the platform's root certificates: DER by key id.

    Raises:
        ConfigurationError: If the file holds none.
    """
    try:
        certificates = certificates_from_pem(settings.platform_roots.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot read {settings.platform_roots}: {error}") from error
    if not certificates:
        raise ConfigurationError(f"no certificate in {settings.platform_roots}")
    return {_key_id(certificate): certificate for certificate in certificates}


def operator_origin(settings: LogSettings) -> str | None:
    """Give the origin of the operator's own log, which holds the actions; None without one."""
    return None if settings.operator is None else str(Origin(settings.host, settings.operator))


def open_log_keys(settings: LogSettings) -> LogKeys:
    """Open the folder of the logs' keys."""
    path = settings.key_password_file
    password = None if path is None else path.read_bytes().strip()
    return LogKeys(settings.keys, password)


def _join(
    settings: Settings, database: Database, chain: ChainSide, checker: Checker, stack: ExitStack
) -> Ledger:
    units, readings = database.unit_of_work, database.reading
    keys = open_log_keys(settings.log)
    roots = platform_roots(settings.log)
    voice = Voice(keys.key_of)
    operator = "0x" + chain.operator.address.hex()
    policy = WitnessPolicy(logs=(), witnesses={}, groups={}, quorum=NO_QUORUM)
    receipts = DeviceReceipts(voice, chain.anchorer.chain_id)
    promise_ms = settings.log.promise_s * 1000
    tiles = TileCache()
    return Ledger(
        settings=settings,
        clock=SystemClock(),
        database=database,
        chain=chain,
        keys=keys,
        access=AccessList(settings.web.access_file) if settings.web.access_file else None,
        admission=Admission(
            units,
            readings,
            checker,
            voice=voice,
            evidence=Evidence(operator, _operator_signature(chain), _salt),
            policy=AdmissionPolicy(integrate_within_ms=promise_ms),
            quota=Quota(settings.log.quota_per_s, settings.log.quota_burst),
        ),
        records=RecordAdmission(
            units,
            voice=voice,
            rules=RecordRules(roots, has_chain=True, operator_log=operator_origin(settings.log)),
            operator=operator,
        ),
        sequencer=Sequencer(
            units,
            keys.signer_of,
            receipts=receipts,
            requests=AnchorRequests(chain.operator.address),
            rules=BatchRules(max_entries=settings.log.batch_entries),
        ),
        surveyor=Surveyor(units),
        answering=Answering(units, voice),
        anchoring=Anchoring.build(
            units,
            readings,
            chain.anchorer,
            receipts=receipts,
            rules=AnchorRules(interval_ms=settings.log.anchor_s * 1000),
        ),
        follower=PartyFollower(units, readings, chain.events),
        relaying=None if chain.relay is None else Relaying(units, readings, chain.relay),
        bundler=Bundler(readings, policy, platform_root=next(iter(roots.values())), cache=tiles),
        tiles=tiles,
        policy=policy,
        _stack=stack,
    )


def _operator_signature(chain: ChainSide) -> Callable[[RecordDraft], Record]:
    return lambda draft: attach_signature(draft, chain.operator.sign_digest(draft.digest))


def _salt() -> bytes:
    return secrets.token_bytes(_SALT_BYTES)


def _key_id(certificate: bytes) -> bytes:
    key = x509.load_der_x509_certificate(certificate).public_key()
    spki = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return PublicKey.from_spki(spki).kid
