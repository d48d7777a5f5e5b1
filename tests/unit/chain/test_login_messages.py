"""The text of a login is read in every character, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.errors import EncodingError
from attestation.instants import Instant
from chain.login_messages import LoginMessage, parse_login

ADDRESS = bytes.fromhex("c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2")
AT = Instant(1_632_997_463_000)
EXAMPLE = """example.com wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""
"""The example of EIP-4361."""
WHOLE = LoginMessage(
    domain="ledger.example:8443",
    address=ADDRESS,
    statement="Sign in.",
    uri="https://ledger.example:8443",
    chain_id=31337,
    nonce="abcdEFGH",
    issued_at=AT,
    expires_at=Instant(AT + 1),
    not_before=Instant(AT - 1),
    request_id="",
    resources=("urn:carbonseal:party:A.1",),
)


def test_example_of_the_standard_is_read() -> None:
    """The example of EIP-4361 has the parts that the standard says it has."""
    found = parse_login(EXAMPLE)

    assert found.text() == EXAMPLE
    assert (found.domain, found.address, found.nonce) == ("example.com", ADDRESS, "32891756")
    assert found.resources is not None
    assert found.resources[1] == "https://example.com/my-web2-claim.json"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"statement": None},
        {"resources": None},
        {"resources": ()},
        {"expires_at": None, "not_before": None, "request_id": None},
        {"request_id": "a%20b"},
        {"uri": "did:key:z6Mk?x=[1]#frag"},
    ],
)
def test_what_was_written_is_read(changes: dict[str, Any]) -> None:
    """Every part may be there or not, and comes back as it was."""
    values = {name: getattr(WHOLE, name) for name in WHOLE.__slots__}
    message = LoginMessage(**values | changes)

    assert parse_login(message.text()) == message


def test_browsers_milliseconds_are_read() -> None:
    """`.000Z`, which a browser writes, is the whole second."""
    text = EXAMPLE.replace("16:25:24Z", "16:25:24.000Z")

    assert parse_login(text).issued_at == parse_login(EXAMPLE).issued_at


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0xC02a", "0xc02a"),
        ("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", ADDRESS.hex()),
        ("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "0x" + ADDRESS.hex()),
        ("Version: 1", "Version: 01"),
        ("Chain ID: 1", "Chain ID: 0x1"),
        ("Chain ID: 1", "Chain ID: 01"),
        ("Nonce: 32891756", "Nonce: 3289175"),
        ("Nonce: 32891756", "Nonce: 3289175-"),
        ("2021-09-30T16:25:24Z", "2021-09-30T16:25:24+00:00"),
        ("2021-09-30T16:25:24Z", "2021-02-30T16:25:24Z"),
        ("\nResources:", "\nRequest ID: a b\nResources:"),
        (
            "\nResources:",
            "\nNot Before: 2021-09-30T16:25:24Z\nExpiration Time: 2021-09-30T16:25:24Z\nResources:",
        ),
        ("I accept", "I accept\nand"),
        ("I accept", "Ich akzeptiere für"),
        ("I accept", 'I "accept"'),
        ("example.com wants", "example.com/a wants"),
        ("example.com wants", "user@example.com wants"),
        ("example.com wants", "https://example.com wants"),
        ("- ipfs", "-ipfs"),
        ("- ipfs", "- \nipfs"),
        ("\n\nURI", "\n\n\nURI"),
    ],
)
def test_nearly_right_text_is_refused(old: str, new: str) -> None:
    """One character otherwise than the form has it, and it is no text to log in with."""
    assert old in EXAMPLE

    with pytest.raises(EncodingError):
        parse_login(EXAMPLE.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", EXAMPLE + "\n", " " + EXAMPLE, EXAMPLE * 20, "\0"])
def test_other_text_is_refused(text: str) -> None:
    """Nothing before it, nothing after it, and not without bound."""
    with pytest.raises(EncodingError):
        parse_login(text)
