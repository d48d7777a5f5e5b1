"""Where calls may go: public places by https, and neighbours only where the settings say so."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_network

import pytest

from api.errors import BadRequest
from api.notices.outbound import Target, find_target, post, require_url

HOME = (ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8"))


def target(
    *addresses: str, url: str = "https://hooks.example/in?a=1", allowed: Sequence[object] = ()
) -> Target:
    """Find where a call goes whose name has these addresses."""
    return find_target(url, allowed=allowed, resolve=lambda *_: addresses)  # type: ignore[arg-type]


def test_public_place_is_called_by_its_address() -> None:
    """The connection goes where it was looked at, under the name that the certificate has."""
    found = target("93.184.216.34", "2606:2800:220:1::1")

    assert found == Target(True, "hooks.example", 443, "/in?a=1", "93.184.216.34")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - refused, not bound
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
        "64:ff9b:1::7f00:1",
        "::7f00:1",
        "fec0::1",
    ],
)
def test_place_that_is_not_public_is_refused(address: str) -> None:
    """Whatever spelling leads there, and also beside a public one."""
    with pytest.raises(BadRequest, match="public"):
        target(address)
    with pytest.raises(BadRequest, match="public"):
        target("93.184.216.34", address)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "hooks..example", ".example"])
def test_name_that_nobody_can_have_is_not_known(host: str) -> None:
    """It is refused like any other, and holds up no message for others."""
    with pytest.raises(BadRequest, match="not known"):
        find_target(f"https://{host}/in", allowed=())


def test_neighbours_are_called_where_the_settings_allow_it() -> None:
    """Only those networks, mapped addresses too; there http is allowed as well."""
    assert target("10.1.2.3", allowed=HOME).address == "10.1.2.3"
    assert target("::ffff:10.1.2.3", allowed=HOME).is_tls
    assert not target("127.0.0.1", url="http://hooks.example:8080/", allowed=HOME).is_tls
    with pytest.raises(BadRequest, match="public"):
        target("192.168.1.1", allowed=HOME)
    with pytest.raises(BadRequest, match="https only"):
        target("93.184.216.34", url="http://hooks.example/", allowed=HOME)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "//hooks.example/",
        "https://",
        "https://user:secret@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example/\r\nx: y",
        "https://hooks.example/ x",
        "https://hooks.example:99999/",
        "https://[::1/",
        "https://例子.example/",
        "https://hooks.example/" + "a" * 2000,
    ],
)
def test_other_addresses_are_not_even_stored(url: str) -> None:
    """By their form alone."""
    with pytest.raises(BadRequest):
        require_url(url, allowed=())


def test_unknown_name_is_not_called() -> None:
    """A name without an address, and one that nobody knows."""

    def fail(*_: object) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(BadRequest, match="not known"):
        target()
    with pytest.raises(BadRequest, match="not known"):
        find_target("https://hooks.example/", allowed=(), resolve=fail)


def test_who_answers_byte_by_byte_holds_nobody_up() -> None:
    """A second is a second, however often something comes within it."""
    stopping = threading.Event()

    def drip(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer, suppress(OSError):
            peer.sendall(b"HTTP/1.1 200 OK\r\nx: ")
            while not stopping.wait(0.05):
                peer.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        place = Target(False, "hooks.example", listener.getsockname()[1], "/", "127.0.0.1")
        begun = time.monotonic()
        answer = post(place, {}, b"{}", timeout_s=1)
        took = time.monotonic() - begun
        stopping.set()
        thread.join()

    assert not answer.is_taken
    assert took < 10
