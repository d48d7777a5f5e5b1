"""Acts as JSON and back: one form each, and nothing else is an act."""

from __future__ import annotations

import pytest

from attestation.errors import EncodingError
from chain.acts import Calibration, CloseKey, Compromise, Enrolment, OpenLog, OperatorChange
from chain.client import ChainClient
from chain.signed_acts import SIGNED_ACTS, act_message, parse_act, signed_act_of, signers_of
from chain.typed_data import Act, ActDomain

DOMAIN = ActDomain(31337, b"\x02" * 20)
A, B, C = b"\x0a" * 20, b"\x0b" * 20, b"\x0c" * 20
WORD = b"\x11" * 32
ACTS: tuple[Act, ...] = (
    OpenLog("91350211M000100Y46", "log.example/log/x", "", WORD, C, A, B, 7, 9),
    OperatorChange("log.example/log/x", C, A, A, B, 2**256 - 1, 2**64 - 1),
    Enrolment("log.example/log/x", WORD, 19, 0, WORD, WORD, A, B, 0, 9),
    CloseKey("log.example/log/x", WORD, 0, 3, WORD, B, 7, 9),
    Compromise("log.example/log/x", WORD, 5, WORD, B, 7, 9),
    Calibration("log.example/log/x", "电能表-1", 1, 2, WORD, A, B, 7, 9),
)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: type(act).__name__)
def test_act_is_read_back(act: Act) -> None:
    """What a wallet shows is the act, field by field."""
    message = act_message(act, DOMAIN)

    assert parse_act(type(act).__name__, message) == act
    assert all(isinstance(value, str) for value in message.values())


@pytest.mark.parametrize("act", ACTS, ids=lambda act: type(act).__name__)
def test_call_wants_every_signature(act: Act) -> None:
    """A call is made of the act and one signature for each role."""
    kind = signed_act_of(act)
    signatures = dict.fromkeys(signers_of(act), b"\x01" * 65)
    with ChainClient("http://127.0.0.1:9") as client:
        call = kind.make_call(client, DOMAIN.contract, act, signatures)
        signatures.pop(kind.roles[0])
        with pytest.raises(KeyError):
            kind.make_call(client, DOMAIN.contract, act, signatures)

    assert call.to == DOMAIN.contract
    assert len(call.data) > 4 + 65 * len(kind.roles)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("algorithm", "256"),
        ("algorithm", "019"),
        ("algorithm", "١٩"),
        ("algorithm", 19),
        ("kid", "0x" + "11" * 31),
        ("kid", "0x" + "AA" * 32),
        ("initiator", "0x" + "0a" * 19),
        ("origin", "log.example\x1b[31m"),
        ("nonce", "-1"),
        ("nonce", str(2**256)),
    ],
)
def test_field_of_another_form(name: str, value: object) -> None:
    """A value that is not the one text of its type is refused."""
    message = act_message(ACTS[2], DOMAIN) | {name: value}

    with pytest.raises(EncodingError):
        parse_act("Enrolment", message)


@pytest.mark.parametrize("change", [{"more": "1"}, None])
def test_fields_that_are_not_those_of_the_type(change: dict[str, str] | None) -> None:
    """Neither more nor fewer."""
    message = act_message(ACTS[2], DOMAIN)
    if change is None:
        message.pop("deadline")
    else:
        message |= change

    with pytest.raises(EncodingError, match="exactly its fields"):
        parse_act("Enrolment", message)


def test_kind_that_is_not_signed_here() -> None:
    """Acts of the Council and of registrars have other ways."""
    with pytest.raises(EncodingError, match="no kind of act"):
        parse_act("Decision", {})

    assert set(SIGNED_ACTS) == {type(act).__name__ for act in ACTS}
