"""
A chain of one node on this machine: anvil as a child process that cannot be left behind.

The node keeps its state in a folder, the last 32 blocks' states included, so that their proofs
survive a restart; kill -9 loses a few seconds at most.
It is a stand-in for a permissioned network and proves nothing to anybody else.

The native binary is started, not npm's `anvil`, which is a wrapper that leaves its child running.

Source: anvil 1.7.1, `anvil --help`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from web3.types import RPCEndpoint

from chain.addresses import format_address
from chain.client import ChainClient
from chain.development_state import STATE_FILE, StateKeeper, recover_state
from chain.errors import DevelopmentChainError, NodeUnavailable
from chain.guarded_process import LOOPBACK, GuardedProcess, free_port
from chain.refusals import translated
from chain.transport import HttpTransport

DEVELOPMENT_CHAIN_ID: Final = 31337
HARDFORK: Final = "paris"  # the level our contracts are compiled for
_STATE_INTERVAL_S: Final = 1
_START_TIMEOUT_S: Final = 20
_KEPT_STATES: Final = 32
"""States of past blocks, 1 MB each with our rules: the file is written anew every second."""
_FAUCET_ETHER: Final = 10**9
_POLL_S: Final = 0.02
_PLATFORM_PACKAGES: Final = "node_modules/@foundry-rs/anvil-*/bin/anvil"


class DevelopmentChain:
    """
    One anvil process, from entering the context to leaving it.

    Args:
        anvil: The native binary, from `find_anvil`.
        folder: Where state, cache and log are kept; made if missing.
        port: The port to listen on; another is chosen when it is busy or None.
        block_time_s: Seconds between blocks; None for a block per transaction.
        chain_id: EIP-155 chain id.
        hardfork: The rules of the chain; by default what our contracts are compiled for.
        keeps_state: Whether what happened outlives the process; writing it anew every second
            costs a tenth of a core, which a chain for one task has no use for.
        options: Further options of anvil, for other fee rules.
    """

    def __init__(
        self,
        anvil: Path,
        folder: Path,
        *,
        port: int | None = None,
        block_time_s: int | None = None,
        chain_id: int = DEVELOPMENT_CHAIN_ID,
        hardfork: str = HARDFORK,
        keeps_state: bool = True,
        options: Sequence[str] = (),
    ) -> None:
        self._anvil = anvil
        self.folder = folder
        self._wanted_port = port
        self._block_time_s = block_time_s
        self._chain_id = chain_id
        self._hardfork = hardfork
        self._keeps_state = keeps_state
        self._options = tuple(options)
        self._guard: GuardedProcess | None = None
        self._keeper: StateKeeper | None = None
        self._transport: HttpTransport | None = None
        self.rpc_url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """
        Start the node and wait until it answers.

        Raises:
            DevelopmentChainError: If it ends or stays silent; with the end of what it said.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        recover_state(self.folder)
        port = free_port(self._wanted_port)
        self.rpc_url = f"http://{LOOPBACK}:{port}"
        self._guard = GuardedProcess(self._command(port), self._log_path)
        with ExitStack() as unless_ready:
            unless_ready.callback(self.stop)
            self._wait_until_ready()
            unless_ready.pop_all()
        self._transport = HttpTransport(self.rpc_url, timeout_s=_START_TIMEOUT_S)
        if self._keeps_state:
            self._keeper = StateKeeper(self.folder)
            self._keeper.start()

    def stop(self) -> None:
        """End the node, letting it write its state; doing it again is harmless."""
        guard = self._release()
        if guard is not None:
            guard.stop()

    def kill(self) -> None:
        """End the node as a power cut would: nothing is written any more."""
        if self._guard is not None:
            self._guard.kill()
        self._release()

    def fund(self, address: bytes, amount_wei: int) -> None:
        """
        Send an account money from the node's own, and wait for the block.

        `anvil_setBalance` would be shorter, but it changes the newest block's state behind the
        back of its header, and proofs of that block no longer hold.

        Raises:
            DevelopmentChainError: If no block takes it in time.
        """
        faucet = self.request("eth_accounts")[0]
        fields = {"from": faucet, "to": format_address(address), "value": hex(amount_wei)}
        tx_hash = self.request("eth_sendTransaction", fields)
        deadline = time.monotonic() + _START_TIMEOUT_S
        while self.request("eth_getTransactionReceipt", tx_hash) is None:
            if time.monotonic() > deadline:
                raise DevelopmentChainError("no block took the transfer: is mining off?")
            time.sleep(_POLL_S)

    def advance_to(self, at_s: int) -> None:
        """
        Let the chain's clock go on to a second, Unix time; a second that has passed has no effect.

        Raises:
            DevelopmentChainError: If the node refuses.
        """
        newest = self.request("eth_getBlockByNumber", "latest", False)
        if int(newest["timestamp"], 16) < at_s:
            self.request("evm_setTime", hex(at_s * 1000))
            self.request("evm_setNextBlockTimestamp", hex(at_s))
            self.request("evm_mine")

    def request(self, method: str, *parameters: object) -> Any:
        """
        Ask the node for something that only a development node does: `anvil_…`, `evm_…`.

        Raises:
            DevelopmentChainError: If it refuses, or is not running.
            NodeUnavailable: If it does not answer.
        """
        if self._transport is None:
            raise DevelopmentChainError("the development chain is not running")
        with translated():
            answer = self._transport.make_request(RPCEndpoint(method), list(parameters))
        if "error" in answer:
            raise DevelopmentChainError(f"anvil refused {method}: {answer['error']}")
        return answer["result"]

    def _release(self) -> GuardedProcess | None:
        """Let go of the child: the state is no more copied."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.stop()
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
        guard, self._guard = self._guard, None
        return guard

    @property
    def _log_path(self) -> Path:
        return self.folder / "anvil.log"

    def _command(self, port: int) -> list[str]:
        command = [str(self._anvil), "--quiet", "--host", LOOPBACK, "--port", str(port)]
        command += ["--chain-id", str(self._chain_id), "--hardfork", self._hardfork]
        command += ["--accounts", "1", "--balance", str(_FAUCET_ETHER), "--no-cors"]
        command += ["--prune-history", str(_KEPT_STATES)]
        if self._keeps_state:
            command += ["--state", str(self.folder / STATE_FILE)]
            command += ["--state-interval", str(_STATE_INTERVAL_S), "--preserve-historical-states"]
        command += ["--cache-path", str(self.folder / "cache")]
        if self._block_time_s is not None:
            command += ["--block-time", str(self._block_time_s)]
        return [*command, *self._options]

    def _wait_until_ready(self) -> None:
        guard = self._guard
        deadline = time.monotonic() + _START_TIMEOUT_S
        with ChainClient(self.rpc_url, timeout_s=1) as client:
            while time.monotonic() < deadline and guard is not None and guard.is_running:
                try:
                    client.chain_id()
                except NodeUnavailable:
                    time.sleep(_POLL_S)
                else:
                    return
        said = self._log_path.read_text(errors="replace")[-500:].strip()
        raise DevelopmentChainError(f"anvil does not start: {said or 'it said nothing'}")


def find_anvil(*roots: Path) -> Path:
    """
    Find the native anvil that npm installed under one of these folders.

    Raises:
        DevelopmentChainError: If there is none; `make setup` installs it.
    """
    for root in roots:
        for binary in sorted(root.glob(_PLATFORM_PACKAGES)):
            return binary
    listed = ", ".join(str(root) for root in roots)
    raise DevelopmentChainError(f"no anvil under {listed}: run `make setup`")
