"""Callers are told apart by where they connect from; what they say of themselves is not read."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from fastapi.requests import HTTPConnection

from api.http.callers import bearer_token, caller_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def called(peer: str | None, *forwarded: str) -> str:
    """Name the caller of a request that came from a peer with these headers."""
    scope = {
        "type": "http",
        "headers": [(b"x-forwarded-for", each.encode()) for each in forwarded],
        "client": None if peer is None else (peer, 50_000),
    }
    return caller_address(HTTPConnection(scope), PROXIES)


@pytest.mark.parametrize("said", [(), ("198.51.100.7",), ("198.51.100.7, 10.0.0.1",)])
def test_stranger_is_who_connects(said: tuple[str, ...]) -> None:
    """A header from somebody who is no proxy of ours is not read."""
    assert called("203.0.113.9", *said) == "address 203.0.113.9"


@pytest.mark.parametrize(
    ("said", "caller"),
    [
        (("203.0.113.9",), "203.0.113.9"),
        (("198.51.100.7, 203.0.113.9",), "203.0.113.9"),
        (("198.51.100.7", "203.0.113.9"), "203.0.113.9"),
        (("203.0.113.9, 10.1.2.3",), "203.0.113.9"),
        (("198.51.100.7, 203.0.113.9, 10.1.2.3, 10.1.2.4",), "203.0.113.9"),
        (("10.1.2.3",), "10.1.2.3"),
        (("198.51.100.7, nonsense",), "10.0.0.1"),
        (("nonsense, 10.1.2.3",), "10.1.2.3"),
        (("203.0.113.9:4711",), "10.0.0.1"),
        (("",), "10.0.0.1"),
        ((), "10.0.0.1"),
    ],
    ids=str,
)
def test_proxy_says_who_connected_to_it(said: tuple[str, ...], caller: str) -> None:
    """Read from the end: what the caller wrote before it reached our proxy counts for nothing."""
    assert called("10.0.0.1", *said) == f"address {caller}"


def test_long_header_is_read_from_its_end() -> None:
    """A thousand addresses in front of the true one change nothing."""
    assert called("10.0.0.1", "198.51.100.7," * 1000 + "203.0.113.9") == "address 203.0.113.9"


def test_subscriber_has_one_name_in_ipv6() -> None:
    """Whoever has a /64 cannot have a name for each of its addresses."""
    assert called("2001:db8:1:2::1") == called("2001:db8:1:2:ffff::9")
    assert called("2001:db8:1:2::1") != called("2001:db8:1:3::1")
    assert called("fd00::1", "2001:db8:1:2::1") == called("2001:db8:1:2::1")


def test_address_has_one_name_in_both_spellings() -> None:
    """An IPv4 address inside an IPv6 one is the same caller, and the same proxy."""
    assert called("::ffff:203.0.113.9") == called("203.0.113.9")
    assert called("::ffff:10.0.0.1", "203.0.113.9") == "address 203.0.113.9"


@pytest.mark.parametrize("peer", [None, "", "testclient"])
def test_peer_without_an_address_is_one_caller(peer: str | None) -> None:
    """A socket of this machine has no address; its header is not read."""
    assert called(peer, "198.51.100.7") == f"peer {peer or ''}"


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer a", "a"), ("bearer  a ", "a"), ("Basic a", None), ("Bearer ", None), (None, None)],
)
def test_token_is_read(header: str | None, token: str | None) -> None:
    """The scheme is named in any case; another scheme, or nothing after it, is no token."""
    assert bearer_token(header) == token


@pytest.mark.parametrize(
    ("server", "caller"),
    [(("/run/ledger.sock", None), "address 203.0.113.9"), (("testserver", 80), "peer ")],
)
def test_proxy_on_the_socket_says_who_connected_to_it(
    server: tuple[str, int | None], caller: str
) -> None:
    """On the UNIX socket only the proxy can write; elsewhere a peer without address is one."""
    scope = {
        "type": "http",
        "headers": [(b"x-forwarded-for", b"198.51.100.7, 203.0.113.9")],
        "client": None,
        "server": server,
    }

    assert caller_address(HTTPConnection(scope), PROXIES) == caller
