"""
The enterprise's log at its ledger's address: records go in, and one sees what became of them.

That a record is in the log is read from the log's own signed checkpoint and hash tiles, and proved
by an inclusion proof; the ledger's word is not taken for it.

Source: RFC 9162, section 2.1.3; C2SP tlog-tiles; the operations `submitRecord`, `getLog`.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import httpx2

from api.client.operations import Operations
from api.client.transport import Refused, Transport
from api.errors import ConfigurationError, PartMissing
from attestation.errors import EncodingError, Error
from attestation.ids import Origin
from attestation.merkle import verify_inclusion
from attestation.notes import NoteVerifier
from ledger.log.sources import LogSource, SignedCheckpoint

_TIMEOUT_S: Final = 30
_MAX_BYTES: Final = 16 << 20
_PATIENT_TRIES: Final = 20
_NOT_NOW: Final = frozenset((429, *range(500, 600)))
_TILES: Final = "tile/"
_NOTHING: Final = frozenset((404, 410))


class LedgerRefused(Error):
    """The ledger did not take a record; code and reason are the ledger's."""

    code = "admission.refused"


class LedgerLog:
    """
    One log at a ledger's address.

    Args:
        client: Speaks HTTP to that address; closed with this.
        origin: The log.
        verifier: Its key, from the trust root.
    """

    def __init__(self, client: httpx2.Client, origin: Origin, verifier: NoteVerifier) -> None:
        self._client = client
        self._origin = origin
        self._verifier = verifier
        transport = Transport(client, tries=_PATIENT_TRIES, most_bytes=_MAX_BYTES, pause=time.sleep)
        self._operations = Operations(transport)
        self._source = LogSource(str(origin), self._fetch)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    @property
    def origin(self) -> Origin:
        """The log's name."""
        return self._origin

    def checkpoint(self) -> SignedCheckpoint | None:
        """
        Fetch the newest checkpoint; None before the first.

        Raises:
            PartMissing: If the ledger does not answer.
            VerificationError: If it is not signed by the log.
        """
        return self._source.checkpoint(self._verifier)

    def size(self) -> int:
        """Give how many entries the log has published; errors as `checkpoint`."""
        found = self.checkpoint()
        return 0 if found is None else found.checkpoint.size

    def submit_record(self, content: bytes) -> None:
        """
        Hand one signed record in; the same again is no fault.

        Raises:
            LedgerRefused: If the ledger does not take it; with the ledger's code and reason.
            PartMissing: If the ledger does not answer.
        """
        try:
            self._operations.submit_record(self._origin.name, content)
        except Refused as error:
            if error.stable_code == Refused.code or error.status in _NOT_NOW:
                raise _unusable(error) from error
            raise LedgerRefused(error.message, code=error.stable_code) from error

    def find_leaves(self, wanted: Collection[bytes], *, start: int) -> dict[bytes, int]:
        """
        Find entries by their leaf hashes, and prove that each is in the published tree.

        Args:
            wanted: Leaf hashes, 32 bytes each.
            start: First entry that is looked at.

        Returns:
            Index by leaf hash, of those that were found.

        Raises:
            PartMissing: If the ledger does not answer.
            VerificationError: If what it serves does not hold together.
        """
        checkpoint = self.checkpoint()
        if checkpoint is None:
            return {}
        size = checkpoint.checkpoint.size
        found: dict[bytes, int] = {}
        if start < size:
            leaves = self._source.leaf_hashes(start, size, size=size)
            for index, leaf_hash in enumerate(leaves, start=start):
                if leaf_hash in wanted:
                    found.setdefault(leaf_hash, index)
        for leaf_hash, index in found.items():
            self._prove(leaf_hash, index, checkpoint)
        return found

    def _prove(self, leaf_hash: bytes, index: int, found: SignedCheckpoint) -> None:
        size = found.checkpoint.size
        try:
            listed = self._operations.get_inclusion_proof(
                self._origin.name, index=index, size=size
            ).get("proof")
        except Refused as error:
            raise _unusable(error) from error
        if not isinstance(listed, list):
            raise PartMissing("the ledger answers without the proof that was asked for")
        try:
            proof = [bytes.fromhex(each) for each in listed]
        except (ValueError, TypeError) as error:
            raise EncodingError("not hashes in hexadecimal", code="encoding.hex") from error
        verify_inclusion(leaf_hash, index=index, size=size, root=found.checkpoint.root, proof=proof)

    def _fetch(self, path: str) -> bytes | None:
        name = self._origin.name
        try:
            if path.startswith(_TILES):
                return self._operations.get_tile(name, path.removeprefix(_TILES))
            return self._operations.get_checkpoint(name)
        except Refused as error:
            if error.status in _NOTHING:
                return None
            raise _unusable(error) from error


def open_ledger_client(url: str, *, ca_file: Path | None = None) -> httpx2.Client:
    """
    Open the address of a ledger; nothing is sent yet.

    Args:
        url: `https://…`, or `http://…` inside a network of one's own; without a path.
        ca_file: Certificates that the server's own chains to; the system's where it is None.

    Raises:
        ConfigurationError: If address or file cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError("the ledger's address must begin with https:// or http://")
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"cannot read certificates of {ca_file}: {error}") from error
    return httpx2.Client(
        base_url=url.rstrip("/"),
        timeout=_TIMEOUT_S,
        follow_redirects=False,
        trust_env=False,
        verify=context,
    )


def _unusable(error: Refused) -> PartMissing:
    return PartMissing(f"the ledger answers {error.status}")
