"""The development chain: it starts, keeps its state, and is never left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chain.client import ChainClient
from chain.development_chain import DevelopmentChain, find_anvil
from chain.development_state import STATE_FILE, keep_copy
from chain.errors import DevelopmentChainError, NodeUnavailable
from chain.evidence import fetch_account_proof, fetch_header
from tests.support.chain import PROJECT_ROOT, anvil_binary

pytestmark = pytest.mark.real
ALICE = b"\xaa" * 20


@pytest.fixture
def chain(tmp_path: Path) -> DevelopmentChain:
    return DevelopmentChain(anvil_binary(), tmp_path / "chain")


def soon(condition: Callable[[], bool]) -> bool:
    """Say whether something becomes true within five seconds."""
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def listens(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


def test_state_survives_a_stop(chain: DevelopmentChain) -> None:
    """What was on the chain is there after a stop and a start, the genesis block too."""
    with chain, ChainClient(chain.rpc_url) as client:
        chain.fund(ALICE, 7)
        chain.request("anvil_mine", "0x3")
        genesis = client.block(0)

    with chain, ChainClient(chain.rpc_url) as client:
        assert client.balance_wei(ALICE) == 7
        assert client.block_number() == 4
        assert client.block(0) == genesis


def test_state_survives_a_power_cut(chain: DevelopmentChain, tmp_path: Path) -> None:
    """After kill -9 the chain stands where it stood a second before."""
    state = tmp_path / "chain" / "state.json"
    with chain:
        chain.fund(ALICE, 7)
        chain.request("anvil_mine", "0x3")
        mined_at = time.time()
        assert soon(lambda: state.exists() and state.stat().st_mtime > mined_at + 0.1)
        chain.kill()

    with chain, ChainClient(chain.rpc_url) as client:
        assert client.block_number() == 4
        assert client.balance_wei(ALICE) == 7


def test_half_written_state_is_recovered(chain: DevelopmentChain, tmp_path: Path) -> None:
    """A node killed in the middle of writing goes on from a copy a few seconds old."""
    state, copy = tmp_path / "chain" / STATE_FILE, tmp_path / "chain" / "state.copy.json"
    with chain:
        chain.fund(ALICE, 7)
        funded_at = time.time()
        assert soon(lambda: copy.exists() and copy.stat().st_mtime > funded_at + 1.5)
        chain.kill()
    state.write_bytes(state.read_bytes()[:-100])

    with chain, ChainClient(chain.rpc_url) as client:
        assert client.balance_wei(ALICE) == 7


def test_state_without_a_copy_is_not_guessed(chain: DevelopmentChain, tmp_path: Path) -> None:
    """Half a state file without a copy is said to be damaged."""
    (tmp_path / "chain").mkdir()
    (tmp_path / "chain" / STATE_FILE).write_text('{"block": {')

    with pytest.raises(DevelopmentChainError, match="damaged"):
        chain.start()


def test_file_that_is_being_written_is_not_copied(tmp_path: Path) -> None:
    """A copy is taken only of a file that did not change meanwhile."""
    state = tmp_path / STATE_FILE
    state.write_text("{}")
    version = (state.stat().st_mtime_ns, state.stat().st_size)
    state.write_text('{"more')

    assert not keep_copy(tmp_path, version)
    assert not (tmp_path / "state.copy.json").exists()


def test_old_state_is_there_after_a_restart(chain: DevelopmentChain) -> None:
    """Proofs of old blocks can be had after a restart."""
    with chain:
        chain.fund(ALICE, 7)
        chain.fund(ALICE, 9)

    with chain, ChainClient(chain.rpc_url) as client:
        header, _ = fetch_header(client, 1)
        assert fetch_account_proof(client, header, ALICE, []).balance_wei == 7


def test_busy_port_is_avoided(chain: DevelopmentChain, tmp_path: Path) -> None:
    """A second chain that wants the first one's port gets another."""
    with chain:
        port = int(chain.rpc_url.rpartition(":")[2])
        second = DevelopmentChain(anvil_binary(), tmp_path / "second", port=port)
        with second:
            assert second.rpc_url != chain.rpc_url


def test_stop_may_come_twice(chain: DevelopmentChain) -> None:
    """Stopping what is stopped does nothing, and nobody listens any more."""
    chain.start()
    chain.stop()
    chain.stop()

    assert not listens(chain.rpc_url)


def test_blocks_may_come_by_the_clock(tmp_path: Path) -> None:
    """With a block time, blocks come without transactions."""
    with (
        DevelopmentChain(anvil_binary(), tmp_path, block_time_s=1) as chain,
        ChainClient(chain.rpc_url) as client,
    ):
        assert soon(lambda: client.block_number() >= 1)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_node_ends_with_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    """When the process that started it dies, in whatever way, the node dies too."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from chain.development_chain import DevelopmentChain\n"
        "chain = DevelopmentChain(Path(sys.argv[1]), Path(sys.argv[2])); chain.start()\n"
        "sys.stdout.write(chain.rpc_url + '\\n'); sys.stdout.flush(); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(anvil_binary()), str(tmp_path)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert listens(url)
        os.kill(parent.pid, how)

        assert soon(lambda: not listens(url))


def test_failure_says_what_the_node_said(tmp_path: Path) -> None:
    """A node that does not start is quoted."""
    chain = DevelopmentChain(anvil_binary(), tmp_path, options=["--no-such-option"])

    with pytest.raises(DevelopmentChainError, match="no-such-option"):
        chain.start()


def test_missing_anvil_says_what_to_do(tmp_path: Path) -> None:
    """Without an installed node the error says how to install it."""
    with pytest.raises(DevelopmentChainError, match="make setup"):
        find_anvil(tmp_path)


def test_stopped_node_is_unavailable(chain: DevelopmentChain) -> None:
    """A client of a stopped node is told to try later, and works again after the start."""
    with chain:
        port = int(chain.rpc_url.rpartition(":")[2])
    again = DevelopmentChain(anvil_binary(), chain.folder, port=port)

    with ChainClient(chain.rpc_url) as client:
        with pytest.raises(NodeUnavailable, match="does not answer"):
            client.chain_id()
        with again:
            assert client.chain_id() == 31337
