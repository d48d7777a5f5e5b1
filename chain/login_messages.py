"""
The text by which somebody logs in with their key: EIP-4361, and nothing that is not in it.

A text is read strictly: written anew from its parts it must be the same, so that what a person was
shown and what was understood cannot differ.

Source: EIP-4361; RFC 3986, section 2 (characters of a URI); EIP-55 (address).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from attestation.errors import EncodingError
from attestation.instants import Instant, format_instant, parse_instant
from chain.addresses import format_address, parse_address

VERSION: Final = "1"
MAX_LENGTH: Final = 8192
_CALL: Final = " wants you to sign in with your Ethereum account:"
_URI_CHARACTERS: Final = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]"
_FORM: Final = re.compile(
    rf"(?P<domain>[^\s/?#@]{{1,255}}){re.escape(_CALL)}\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n"
    r"\n"
    r"(?:(?P<statement>[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;= ]{1,500})\n)?"
    r"\n"
    rf"URI: (?P<uri>{_URI_CHARACTERS}{{1,1000}})\n"
    r"Version: 1\n"
    r"Chain ID: (?P<chain_id>[1-9][0-9]{0,18})\n"
    r"Nonce: (?P<nonce>[A-Za-z0-9]{8,128})\n"
    r"Issued At: (?P<issued_at>\S{20,24})"
    r"(?:\nExpiration Time: (?P<expires_at>\S{20,24}))?"
    r"(?:\nNot Before: (?P<not_before>\S{20,24}))?"
    r"(?:\nRequest ID: (?P<request_id>[A-Za-z0-9\-._~:@!$&'()*+,;=%]{0,200}))?"
    rf"(?P<resources>\nResources:(?:\n- {_URI_CHARACTERS}{{1,1000}}){{0,10}})?"
)
_RESOURCE: Final = "\n- "


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginMessage:
    """What somebody signs to log in, or to let a key or an identity stand for theirs."""

    domain: str
    """Authority of whoever asks, such as `ledger.example` or `127.0.0.1:8080`."""
    address: bytes
    """Whose key signs, 20 bytes."""
    statement: str | None = None
    """For people; one line of ASCII."""
    uri: str
    """What is logged in to."""
    chain_id: int
    nonce: str
    """Drawn by whoever asks, good once."""
    issued_at: Instant
    expires_at: Instant | None = None
    not_before: Instant | None = None
    request_id: str | None = None
    resources: tuple[str, ...] | None = None
    """URIs of what is to be reached; None where the line is not there."""

    def text(self) -> str:
        """Write the text that is signed."""
        lines = [self.domain + _CALL, format_address(self.address), ""]
        if self.statement is not None:
            lines.append(self.statement)
        lines += [
            "",
            f"URI: {self.uri}",
            f"Version: {VERSION}",
            f"Chain ID: {self.chain_id}",
            f"Nonce: {self.nonce}",
            f"Issued At: {format_instant(self.issued_at)}",
        ]
        if self.expires_at is not None:
            lines.append(f"Expiration Time: {format_instant(self.expires_at)}")
        if self.not_before is not None:
            lines.append(f"Not Before: {format_instant(self.not_before)}")
        if self.request_id is not None:
            lines.append(f"Request ID: {self.request_id}")
        if self.resources is not None:
            lines.append("Resources:")
            lines += [f"- {each}" for each in self.resources]
        return "\n".join(lines)


def parse_login(text: str) -> LoginMessage:
    """
    Read a text that was signed to log in.

    Raises:
        EncodingError: If it is not such a text in every character.

    Source: EIP-4361, ABNF message format.
    """
    found = _FORM.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        raise EncodingError(
            "this is not a message to sign in with (EIP-4361)", code="encoding.login"
        )
    resources = found["resources"]
    message = LoginMessage(
        domain=found["domain"],
        address=parse_address(found["address"]),
        statement=found["statement"],
        uri=found["uri"],
        chain_id=int(found["chain_id"]),
        nonce=found["nonce"],
        issued_at=parse_instant(found["issued_at"]),
        expires_at=_instant(found["expires_at"]),
        not_before=_instant(found["not_before"]),
        request_id=found["request_id"],
        resources=None if resources is None else tuple(resources.split(_RESOURCE)[1:]),
    )
    if _with_whole_seconds(message.text()) != _with_whole_seconds(text):
        raise EncodingError(
            "the message to sign in with says something else", code="encoding.login"
        )
    return message


_ZERO_MILLISECONDS: Final = re.compile(r"(T\d{2}:\d{2}:\d{2})\.000Z")


def _with_whole_seconds(text: str) -> str:
    """Take `.000Z`, which browsers write, for `Z`: the same instant."""
    return _ZERO_MILLISECONDS.sub(r"\1Z", text)


def _instant(text: str | None) -> Instant | None:
    return None if text is None else parse_instant(text)
