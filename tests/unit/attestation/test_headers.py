"""The protected header: written, read, and refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cbor2
import pytest

from attestation.enums import Provenance, SignerKind
from attestation.errors import EncodingError
from attestation.headers import MAX_COUNTER, Header, decode_header, encode_header
from attestation.ids import ZERO_HASH, Kid
from attestation.instants import Instant
from attestation.keys import Algorithm
from tests.support.attested import PREVIOUS, SIGNED_AT

HEADER = Header(
    algorithm=Algorithm.ED25519,
    kid=Kid(b"\x05" * 32),
    epoch=0,
    sequence=7,
    previous=PREVIOUS,
    signed_at=SIGNED_AT,
    provenance=Provenance.LIVE,
    signer=SignerKind.DEVICE,
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"algorithm": Algorithm.ESP256},
        {"epoch": 23, "sequence": 24},
        {"epoch": 255, "sequence": 256},
        {"epoch": 65_535, "sequence": 65_536},
        {"epoch": 2**32 - 1, "sequence": 2**32},
        {"epoch": MAX_COUNTER, "sequence": MAX_COUNTER, "signed_at": Instant(MAX_COUNTER)},
        {"signed_at": Instant(0)},
        {"sequence": 0, "previous": ZERO_HASH},
        {"provenance": Provenance.IMPORT, "signer": SignerKind.GATEWAY},
        {"kid": Kid(b"\n" * 32), "previous": b"\n" * 32},
    ],
    ids=str,
)
def test_header_is_read_back(changes: dict[str, Any]) -> None:
    """What is written is read, at the borders of each length too."""
    header = replace(HEADER, **changes)

    assert decode_header(encode_header(header)) == header


def test_labels_and_order_are_those_of_the_document() -> None:
    """The encoding is a map of nine labels, as another encoder writes it."""
    labels = [1, 3, 4, -70001, -70002, -70003, -70004, -70005, -70006]
    encoded = encode_header(HEADER)

    assert list(cbor2.loads(encoded)) == labels
    assert cbor2.dumps(cbor2.loads(encoded), canonical=True) == encoded


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"epoch": -1}, "encoding.header_range"),
        ({"sequence": MAX_COUNTER + 1}, "encoding.header_range"),
        ({"signed_at": Instant(-1)}, "encoding.header_range"),
        ({"kid": Kid(bytes(31))}, "encoding.header_range"),
        ({"previous": bytes(33)}, "encoding.header_range"),
        ({"previous": ZERO_HASH}, "encoding.header_previous"),
        ({"sequence": 0}, "encoding.header_previous"),
        ({"epoch": 1, "sequence": 0, "previous": ZERO_HASH}, "encoding.header_previous"),
    ],
)
def test_header_that_would_be_refused_is_not_written(changes: dict[str, Any], code: str) -> None:
    """The rules of arriving headers hold for those we make."""
    with pytest.raises(EncodingError, match=r".") as refusal:
        encode_header(replace(HEADER, **changes))

    assert refusal.value.stable_code == code
