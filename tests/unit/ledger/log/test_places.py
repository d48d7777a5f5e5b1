"""The quick look at a message's place agrees with the parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.errors import EncodingError
from attestation.keys import Algorithm, SoftwareKey
from attestation.messages import parse_header
from ledger.log.places import place_of
from tests.support.attested import message

counters = st.one_of(
    st.sampled_from([0, 1, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**53 - 1]),
    st.integers(0, 2**53 - 1),
)


@given(epoch=counters, sequence=counters, algorithm=st.sampled_from(Algorithm))
def test_place_is_that_of_the_header(epoch: int, sequence: int, algorithm: Algorithm) -> None:
    """For every length of every number, and both algorithms."""
    previous = bytes(32) if (epoch, sequence) == (0, 0) else b"\x07" * 32
    key = SoftwareKey.from_seed(b"\x05" * 32, algorithm)
    content = message(epoch=epoch, sequence=sequence, previous=previous, signer=key).encoded
    header = parse_header(content)

    assert place_of(content) == (bytes(header.kid), header.epoch, header.sequence)


@pytest.mark.parametrize("junk", [b"", b"\xd2", b"{}", bytes(60), b"\xd2\x84\x58" + bytes(100)])
def test_other_bytes_are_refused(junk: bytes) -> None:
    """What is no message has no place."""
    with pytest.raises(EncodingError):
        place_of(junk)


@given(junk=st.binary(max_size=200))
def test_any_bytes_give_an_error_of_ours(junk: bytes) -> None:
    """Whatever the bytes, nothing but an encoding error is raised."""
    with pytest.raises(EncodingError):
        place_of(junk)
