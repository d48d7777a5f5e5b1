"""
Keys of machines: an approver signs that a key may send requests for their party, until when.

The text is that of logging in, with the statement for machines and the key's name as a resource;
its expiration time is the key's. The machine's key signs the same text, so that nobody registers a
key that is another's. A key ends when it is revoked, when its time is over, and with the approver
who registered it.

Source: EIP-4361; FORMATS section 1 (kid).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.auth.authorising import Clock
from api.auth.logins import Logins, Purpose, party_named, resources_of
from api.auth.principals import Principal
from api.auth.speakers import choose_speaker, role_of
from api.errors import BadRequest, Forbidden, NotFound
from attestation.enums import RepresentativeRole
from attestation.errors import SignatureError
from attestation.instants import MILLISECONDS_PER_DAY
from attestation.keys import PublicKey
from chain.login_messages import LoginMessage
from ledger.database import Database
from ledger.repositories.actions import Noted
from ledger.repositories.machine_keys import MachineKey

KEY_URN: Final = "urn:carbonseal:machine-key:"
LONGEST_MS: Final = 731 * MILLISECONDS_PER_DAY


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody hands in to register a machine's key."""

    text: str
    signature: bytes
    """Of the approver's key, over the text."""
    spki: bytes
    """DER SubjectPublicKeyInfo of the machine's key."""
    possession: bytes
    """Of the machine's key, over the text: 64 bytes."""
    name: str


class Machines:
    """
    The machines' keys of one server.

    Args:
        database: Of the ledger.
        clock: Gives the present.
        logins: Checks what people sign.
        oversight: Codes of the parties that watch the authorities.
    """

    def __init__(
        self, database: Database, clock: Clock, logins: Logins, oversight: frozenset[str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._logins = logins
        self._oversight = oversight

    def register(self, asked: Registration) -> MachineKey:
        """
        Register a key.

        Raises:
            EncodingError: If the text or the key has another form.
            SignatureError: If the machine's key did not sign the text.
            Unauthenticated: If the text does not hold, or its signer is no representative.
            Forbidden: If the signer is no approver, or does not speak for the party named.
            BadRequest: If the text names another key, or no time at which it ends, or the key
                is registered.
        """
        message = self._logins.check(asked.text, asked.signature, Purpose.MACHINE_KEY)
        public = PublicKey.from_spki(asked.spki)
        try:
            public.verify(asked.possession, asked.text.encode())
        except SignatureError as error:
            raise BadRequest("the machine's key did not sign the text") from error
        _require_named(message, public.kid.hex())
        now = self._clock.now()
        if message.expires_at is None or message.expires_at > now + LONGEST_MS:
            raise BadRequest("the text must say when the key ends, within two years")
        with self._database.unit_of_work() as uow:
            speaker = choose_speaker(uow, message.address, party_named(message), now)
            if speaker.right is not RepresentativeRole.APPROVER:
                raise Forbidden("machines' keys are registered by an approver (确认代表)")
            if uow.machine_keys.get(public.kid.hex()) is not None:
                raise BadRequest("this key is registered already", code="api.machine_key_known")
            self._logins.use_nonce(uow, message, Purpose.MACHINE_KEY)
            key = MachineKey(
                id=public.kid.hex(),
                spki=asked.spki,
                party_id=speaker.party.party_id,
                address=message.address,
                name=asked.name,
                message=asked.text,
                signature=asked.signature,
                registered_at=now,
                expires_at=message.expires_at,
            )
            uow.machine_keys.add(key)
            role, _ = role_of(uow, speaker.party, now, oversight=self._oversight)
            noted = Noted(
                actor="0x" + message.address.hex(),
                role=role.value,
                on_behalf_of=speaker.party.code,
                what="machine-key.register",
                subject=f"machine-key {key.id}",
                at=now,
                signature=asked.signature,
            )
            uow.actions.note(noted)
            uow.commit()
        return key

    def listed(self, caller: Principal) -> list[MachineKey]:
        """Give the keys of a caller's party, those that have ended too, oldest first."""
        if caller.party is None:
            return []
        with self._database.reading() as uow:
            return uow.machine_keys.of_party(caller.party.party_id)

    def revoke(self, caller: Principal, key_id: str) -> None:
        """
        End a key of the caller's party, at once.

        Raises:
            NotFound: If the party has none of this id.
            Forbidden: If the caller may only read.
        """
        now = self._clock.now()
        with self._database.unit_of_work() as uow:
            key = uow.machine_keys.get(key_id)
            if key is None or caller.party is None or key.party_id != caller.party.party_id:
                raise NotFound(f"your party has no machine's key {key_id}")
            if not caller.may_write:
                raise Forbidden("a representative who may only read (只读代表) ends no keys")
            uow.machine_keys.revoke(key_id, now)
            noted = Noted(
                actor=caller.actor,
                role=caller.role.value,
                on_behalf_of=caller.code,
                what="machine-key.revoke",
                subject=f"machine-key {key_id}",
                at=now,
            )
            uow.actions.note(noted)
            uow.commit()


def _require_named(message: LoginMessage, key_id: str) -> None:
    if resources_of(message, KEY_URN) != [key_id]:
        raise BadRequest(f"the text must name this one key: {KEY_URN}{key_id}")
