"""Valid objects of attestation, so that a test mentions only what it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from attestation.enums import Provenance, SignerKind
from attestation.instants import Instant
from attestation.keys import Algorithm, SoftwareKey
from attestation.messages import SignedMessage, sign_message
from attestation.readings import Reading

USC: Final = "91110000MA0123456P"
OTHER_USC: Final = "91310000MA9876543N"
ORIGIN: Final = f"log.example/log/{USC}"
OTHER_ORIGIN: Final = f"test.example/log/{USC}"
SERIES: Final = "em-01/energy.import/total/"
END_S: Final = 1_735_689_600
SIGNED_AT: Final = Instant(1_735_690_200_000)
PREVIOUS: Final = b"\x07" * 32
FILE_HASH: Final = b"\x0f" * 32

ED25519_KEY: Final = SoftwareKey.from_seed(b"\x01" * 32)
P256_KEY: Final = SoftwareKey.from_seed(b"\x02" * 32, Algorithm.ESP256)
OTHER_KEY: Final = SoftwareKey.from_seed(b"\x03" * 32)
LOG_KEY: Final = SoftwareKey.from_seed(b"\x04" * 32)

_READING: Final = Reading(series=SERIES, end_s=END_S, interval_s=900, value=1_250_000, unit="Wh")


def reading(**changes: Any) -> Reading:
    """Give a quarter of an hour's energy, with changes."""
    return replace(_READING, **changes)


def row(count: int, **changes: Any) -> list[Reading]:
    """Give `count` readings that follow each other."""
    return [
        reading(**{"end_s": END_S + 900 * number, "value": 1_250_000 + number} | changes)
        for number in range(count)
    ]


def message(*readings: Reading, **changes: Any) -> SignedMessage:
    """Give message 7 of epoch 0, of one reading where none is given."""
    arguments: dict[str, Any] = {
        "signer": ED25519_KEY,
        "origin": ORIGIN,
        "epoch": 0,
        "sequence": 7,
        "previous": PREVIOUS,
        "signed_at": SIGNED_AT,
        "provenance": Provenance.LIVE,
        "signer_kind": SignerKind.DEVICE,
    }
    return sign_message(readings or (reading(),), **(arguments | changes))


def chain(count: int, **changes: Any) -> list[SignedMessage]:
    """Give the first `count` messages of an epoch 0."""
    messages: list[SignedMessage] = []
    for sequence in range(count):
        previous = messages[-1].message_id if messages else bytes(32)
        messages.append(message(epoch=0, sequence=sequence, previous=previous, **changes))
    return messages
