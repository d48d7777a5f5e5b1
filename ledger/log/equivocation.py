"""
Equivocation: one key signed two different statements under one epoch and sequence number.

Both are kept as one `equivocation` record, signed by the operator and proving itself. The rule:

1. The first proof for an epoch closes it before the disputed number s: from then on a message of
   the epoch with number s or higher is refused, while late messages below s are still admitted.
2. A later proof at a lower number moves the closing down. At or above it there is nothing left to
   prove: such a message is refused like any other.
3. Nothing of the epoch from s on counts by itself, whenever it was admitted: what hangs on a
   disputed message hangs on one of two branches, and nobody can tell which. A signed correction
   names the readings that count all the same.
4. The epoch's last undisputed message is s - 1, which both branches share: its id is what message
   0 of the next epoch carries in `previous`, and the device knows it whatever state it is in.
   Where s = 0 it is the last message of the epoch before; where there is none, the next epoch
   follows whichever variant its signer had.
5. What was said over the disputed seconds was said: saying it again in the new epoch is a
   conflict, until a signed correction resolves it. Equivocation does not replace data.
6. A closed key proves nothing any more: its messages are refused before they are compared.

Source: FORMATS section 1; `docs/formats/records.md`, section 4 (`equivocation`).
"""

from __future__ import annotations

from collections.abc import Callable

from attestation.equivocations import describe_equivocation
from attestation.messages import parse_message
from attestation.records import Record, RecordDraft, draft_record

RecordSigner = Callable[[RecordDraft], Record]
"""Signs a draft with the operator's key; the draft names the operator's address as signer."""


class Evidence:
    """
    Makes evidence records.

    Args:
        operator: Address of the operator's key, `0x` and 40 hexadecimal digits.
        sign: Signs with that key.
        salt: Gives 16 random bytes.
    """

    def __init__(self, operator: str, sign: RecordSigner, salt: Callable[[], bytes]) -> None:
        self._operator = operator
        self._sign = sign
        self._salt = salt

    def of(self, origin: str, first: bytes, second: bytes) -> Record:
        """
        Make the record that holds two messages of one place.

        A message too long for it is named by id: the first is an entry of the log, the second is
        kept with the ledger's row of the equivocation and handed out as a file.

        Raises:
            VerificationError: If the two are no equivocation.
        """
        body = describe_equivocation(
            parse_message(first, origin=origin), parse_message(second, origin=origin)
        )
        draft = draft_record(
            body,
            origin=origin,
            subject=f"key {body.kid.hex()} epoch {body.epoch} sequence {body.sequence}",
            salt=self._salt(),
            signer=self._operator,
        )
        return self._sign(draft)
