"""
Who is calling, as far as an operation needs to know: a token's holder, or an address.

The address is that of the connection. Only where the connection comes from a proxy that the
settings name, or by the UNIX socket where one stands, does `X-Forwarded-For` count: read from its
end, the first address that is not such a proxy's is the caller's, because everything before it is
what the caller chose to write.

Source: RFC 9110, section 11.6.2 (Authorization); RFC 7239, section 8 (what a proxy's header is
worth); RFC 4291, section 2.5.4 (64 bits of an IPv6 address are one subscriber's to choose).
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Final

from fastapi import Header
from fastapi.requests import HTTPConnection

_SCHEME: Final = "bearer "
_FORWARDED: Final = "x-forwarded-for"
_SUBSCRIBER_BITS: Final = 64
_MOST_HOPS: Final = 20

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def bearer_token(authorization: Annotated[str | None, Header()] = None) -> str | None:
    """Give the bearer token of the request, or None."""
    if authorization is None or not authorization.lower().startswith(_SCHEME):
        return None
    return authorization[len(_SCHEME) :].strip() or None


def caller_address(request: HTTPConnection, trusted: Sequence[Network]) -> str:
    """
    Give the name by which a caller without a token is counted: an address, of IPv6 its network.

    Args:
        request: From outside.
        trusted: Where proxies stand that say the truth in `X-Forwarded-For`.
    """
    peer = request.client.host if request.client else ""
    address = _parse(peer)
    if address is None:
        proxied = _forwarded(request, trusted) if comes_by_socket(request) else None
        return f"peer {peer}" if proxied is None else f"address {_counted(proxied)}"
    if _is_of(address, trusted):
        address = _forwarded(request, trusted) or address
    return f"address {_counted(address)}"


def comes_by_socket(request: HTTPConnection) -> bool:
    """Say whether a request came by the UNIX socket, on which only the proxy can write."""
    server = request.scope.get("server")
    return server is not None and server[1] is None  # a path, and no port


def _forwarded(request: HTTPConnection, trusted: Sequence[Network]) -> Address | None:
    """Give the last address that no trusted proxy has; None where there is none to be read."""
    hops = ",".join(request.headers.getlist(_FORWARDED)).split(",")
    found = None
    for hop in reversed(hops[-_MOST_HOPS:]):
        address = _parse(hop.strip())
        if address is None:
            return found  # what a proxy of ours wrote can be read; the rest is the caller's
        found = address
        if not _is_of(address, trusted):
            return address
    return found


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_of(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == each.version and address in each for each in networks)


def _counted(address: Address) -> Address | Network:
    if isinstance(address, IPv4Address):
        return address
    return ip_network((int(address), _SUBSCRIBER_BITS), strict=False)
