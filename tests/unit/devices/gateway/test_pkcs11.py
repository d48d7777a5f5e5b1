"""Keys in a token: SoftHSM in a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestation.keys import Algorithm
from devices.errors import TokenError
from devices.pkcs11 import Token
from devices.rotation import begin_chain
from devices.signer_state import Batch, SignerState
from devices.signing_requests import make_signing_request, read_signing_request
from tests.support.gateway import ORIGIN, USC, Gateway, reading, time_of

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "1234"
SOFTHSM = shutil.which("softhsm2-util") or "softhsm2-util is not installed"

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One token store for this module: the library reads its configuration once a process."""
    if not LIBRARY.exists():
        pytest.fail("SoftHSM is not installed (apt-get install softhsm2)", pytrace=False)
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        subprocess.run(
            [SOFTHSM, "--init-token", "--free", "--label", "gateway",
             "--pin", PIN, "--so-pin", "5678"],
            check=True, capture_output=True,
        )  # fmt: skip
        yield


@pytest.fixture
def token(configured: None) -> Iterator[Token]:
    """An open session."""
    with Token(LIBRARY, label="gateway", pin=PIN) as opened:
        yield opened


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_signature_of_a_token_verifies(token: Token, algorithm: Algorithm) -> None:
    """A token's signatures hold under the strict rule, low s included."""
    key = token.generate(f"verify {algorithm.name}", algorithm)

    for number in range(16):
        key.public_key.verify(key.sign(b"%d" % number), b"%d" % number)


def test_key_is_found_again(token: Token) -> None:
    """The key of a label is the same in the next session."""
    made = token.generate("again")
    token.close()
    with Token(LIBRARY, label="gateway", pin=PIN) as opened:
        assert opened.key("again").public_key == made.public_key


def test_label_is_used_once(token: Token) -> None:
    """A key is never replaced by another of the same label."""
    token.generate("once")

    with pytest.raises(TokenError, match="has a key 'once' already"):
        token.generate("once")


def test_unknown_key_is_told(token: Token) -> None:
    """A label without a key is an error."""
    with pytest.raises(TokenError, match="no key pair 'unknown'"):
        token.key("unknown")


@pytest.mark.parametrize(
    ("library", "label", "pin", "message"),
    [
        pytest.param(LIBRARY, "gateway", "9999", "PinIncorrect", id="wrong PIN"),
        pytest.param(LIBRARY, "other", PIN, "No token", id="no such token"),
        pytest.param(Path("/none.so"), "gateway", PIN, "cannot open", id="no such library"),
    ],
)
def test_token_that_does_not_open_is_told(
    configured: None, library: Path, label: str, pin: str, message: str
) -> None:
    """What is wrong is said; the PIN is not."""
    with pytest.raises(TokenError, match=message) as caught:
        Token(library, label=label, pin=pin)

    assert pin not in str(caught.value)


def test_closed_session_signs_nothing(token: Token) -> None:
    """A token that was taken away is an error, not a wrong signature."""
    key = token.generate("closed")
    token.close()

    with pytest.raises(TokenError, match="does not sign"):
        key.sign(b"x")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_token_asks_for_its_certificate(token: Token, algorithm: Algorithm) -> None:
    """The signing request of a key that never leaves its token holds."""
    key = token.generate(f"request {algorithm.name}", algorithm)
    request = make_signing_request(key, usc=USC, name="meter-1")

    assert read_signing_request(request, usc=USC) == ("meter-1", key.public_key)


def test_gateway_signs_with_a_token(token: Token, tmp_path: Path) -> None:
    """A message signed in a token is kept like any other."""
    key = token.generate("gateway")
    gateway = Gateway(tmp_path / "gateway.db")
    begin_chain(gateway.store, key.public_key.kid, ORIGIN)
    state = SignerState(gateway.store, gateway.outbox, key, ORIGIN)
    kept = state.sign_and_keep([Batch((reading(0),))], now=time_of(0))
    gateway.close()

    assert kept.messages[0].header.kid == key.public_key.kid
