"""
The newest receipts of a gateway's keys, from the ledger's own address.

A second way beside the broker: a gateway that lost its state, or got it back from an old copy, sees
so what the ledger holds before it signs anything.

Source: FORMATS section 1 (refuses to start when its state is older than the last receipt).
"""

from __future__ import annotations

from typing import Final

from attestation.answers import Receipt, parse_answer
from attestation.errors import EncodingError, VerificationError
from attestation.ids import Kid, Origin
from attestation.keys import PublicKey
from devices.errors import LedgerUnavailable, SignerStateMissing
from devices.ledger_http import LedgerHttp
from devices.position import highest_sequence, read_position
from devices.store import GatewayStore

_FURTHEST: Final = 1000
"""Epochs that are looked through for a key whose state is lost; each takes a request."""


class LedgerReceipts:
    """
    Gives the newest receipt the ledger has of a key (`ReceiptSource`).

    Args:
        ledger: The log at its address.
        origin: The log.
        log_key: Its pinned key.
        store: The gateway's database.
    """

    def __init__(
        self, ledger: LedgerHttp, *, origin: Origin, log_key: PublicKey, store: GatewayStore
    ) -> None:
        self._ledger = ledger
        self._origin = str(origin)
        self._log_key = log_key
        self._store = store

    def fetch_receipt(self, kid: Kid) -> bytes | None:
        """Give the signed bytes of the newest receipt of a key, or None where it cannot be had."""
        try:
            known = read_position(self._store, kid).epoch
        except SignerStateMissing:
            known = 0
        try:
            return self._newest(kid, known)
        except LedgerUnavailable:
            return None

    def require_receipt(self, kid: Kid) -> tuple[bytes, Receipt] | None:
        """
        Give the newest receipt of a key, looked for from its first epoch on; None if none came.

        Raises:
            LedgerUnavailable: If the ledger does not answer.
        """
        found = self._newest(kid, 0)
        if found is None:
            return None
        answer = parse_answer(found, origin=self._origin, key=self._log_key)
        return (found, answer) if isinstance(answer, Receipt) else None

    def _newest(self, kid: Kid, epoch: int) -> bytes | None:
        """Look from an epoch on until the log knows of none."""
        newest: bytes | None = None
        for later in range(epoch, epoch + _FURTHEST):
            found = self._in_epoch(kid, later)
            if found is None and later > epoch:
                break
            newest = found or newest
        return newest

    def _in_epoch(self, kid: Kid, epoch: int) -> bytes | None:
        receipts: list[tuple[int, bytes]] = []
        for content in self._ledger.answers(kid, epoch):
            try:
                answer = parse_answer(content, origin=self._origin, key=self._log_key)
            except (EncodingError, VerificationError):
                continue  # not signed by the log: it says nothing
            if isinstance(answer, Receipt) and answer.kid == kid:
                receipts.append((highest_sequence(answer), content))
        return max(receipts)[1] if receipts else None
