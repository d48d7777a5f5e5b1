"""
Calls to addresses that others have named: to public places only, and never any further.

A name is resolved once, every address it has must be allowed, and the connection goes to that
address and to no other, so that a name cannot change between the look and the call. A redirect is
an answer like any other; it is not followed.

Source: OWASP, server-side request forgery; RFC 6890 (special-purpose addresses).
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final
from urllib.parse import urlsplit

from api.errors import BadRequest

LONGEST_URL: Final = 2_000
_LONGEST_ANSWER: Final = 64 * 1024
_PORTS: Final = {"https": 443, "http": 80}
_CARRIERS: Final = (ip_network("64:ff9b::/96"), ip_network("2002::/16"), ip_network("2001::/32"))
"""IPv6 networks whose addresses stand for IPv4 ones: what they lead to cannot be seen."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes, after it was found to be allowed."""

    is_tls: bool
    host: str
    port: int
    path: str
    address: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or why none."""

    status: int | None
    error: str | None

    @property
    def is_taken(self) -> bool:
        """Whether the endpoint has taken the message."""
        return self.error is None


def require_url(url: str, *, allowed: Sequence[Network]) -> None:
    """
    Check the form of an address before it is stored; what it leads to is looked at with each call.

    Raises:
        BadRequest: If it is no address that may be called.
    """
    _split(url, allowed)


def find_target(url: str, *, allowed: Sequence[Network], resolve: Resolve | None = None) -> Target:
    """
    Find where a call goes.

    Args:
        url: From outside.
        allowed: Networks that may be called although they are not public.
        resolve: Gives the addresses of a name; the machine's own by default.

    Raises:
        BadRequest: If it may not be called, or its name is not known.
    """
    is_tls, host, port, path = _split(url, allowed)
    try:
        found = (resolve or _resolve)(host, port)
    except (OSError, UnicodeError) as error:
        # A name with an empty or too long label is not even asked for.
        raise BadRequest(f"{host} is not known") from error
    addresses = [ip_address(each.partition("%")[0]) for each in found]
    for address in addresses:
        is_private = _is_in(address, allowed)
        if not is_private and not _is_public(address):
            raise BadRequest(f"{host} is not a public place")
        if not is_tls and not is_private:
            raise BadRequest("a public place is called with https only")
    if not addresses:
        raise BadRequest(f"{host} is not known")
    return Target(is_tls, host, port, path, str(addresses[0]))


def post(target: Target, headers: dict[str, str], payload: bytes, *, timeout_s: int) -> Answer:
    """
    Send a message; any answer but 2xx is an error.

    Args:
        target: Where to.
        headers: Of the message.
        payload: Its body.
        timeout_s: Seconds for all of it: who answers byte by byte holds nobody up.
    """
    connection = _Connection(target, timeout_s)
    end = threading.Timer(timeout_s, connection.abort)
    end.daemon = True
    end.start()
    try:
        connection.request("POST", target.path, payload, headers)
        answer = connection.getresponse()
        answer.read(_LONGEST_ANSWER)
    except (OSError, HTTPException, ValueError) as error:
        return Answer(None, f"{type(error).__name__}: {error}"[:300])
    finally:
        end.cancel()
        connection.close()
    if connection.is_over:
        return Answer(None, f"no whole answer within {timeout_s} s")
    if 200 <= answer.status < 300:
        return Answer(answer.status, None)
    return Answer(answer.status, f"answered {answer.status} {answer.reason}"[:300])


class _Connection(HTTPConnection):
    """Goes to the address that was looked at, under the name it was found by."""

    def __init__(self, target: Target, timeout_s: int) -> None:
        super().__init__(target.host, target.port, timeout=timeout_s)
        self._target = target
        self.is_over = False

    def connect(self) -> None:
        place = (self._target.address, self._target.port)
        self.sock = socket.create_connection(place, self.timeout)
        if self._target.is_tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def abort(self) -> None:
        """End whatever is under way; what has come by then is no answer."""
        self.is_over = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _split(url: str, allowed: Sequence[Network]) -> tuple[bool, str, int, str]:
    if len(url) > LONGEST_URL or not url.isascii() or any(each <= " " for each in url):
        raise BadRequest("an address is of at most 2000 ASCII characters, without spaces")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadRequest("this is no address") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadRequest("an address begins with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadRequest("an address has neither a user nor a fragment")
    if parts.scheme == "http" and not allowed:
        raise BadRequest("an address begins with https://")
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    return parts.scheme == "https", parts.hostname, port or _PORTS[parts.scheme], path + query


def _resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if _is_in(address, _CARRIERS):
            return False
        # Deprecated forms: IPv4-compatible and site-local addresses lead into a neighbourhood.
        if address.is_site_local or address.is_reserved:
            return False
    return address.is_global and not address.is_multicast


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address.version == each.version and address in each for each in networks)
