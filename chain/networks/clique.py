"""
A Clique network of several signers on this machine: real validators, seals and reorganisations.

Each signer is a geth process of its own with a key of its own, connected to every other; the
genesis names the signers in its extra data. Blocks come every period, out-of-turn blocks included,
so reorganisations of one block are routine, and finality is a depth.
It is for tests of what a permissioned chain does; the keys' password lies beside them.

geth 1.13.15 is the last release that seals Clique; its rules go up to London.

Source: EIP-225; go-ethereum 1.13.15, `geth --help`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, STDOUT, run
from types import TracebackType
from typing import Any, Final, Self

from web3.types import RPCEndpoint

from chain.addresses import format_address
from chain.errors import DevelopmentChainError, NodeUnavailable
from chain.guarded_process import LOOPBACK, GuardedProcess, free_port
from chain.keys import AccountSigner, generate_signer
from chain.refusals import translated
from chain.transport import HttpTransport

NETWORK_CHAIN_ID: Final = 4711
_PASSWORD: Final = "network"  # noqa: S105 - the keys seal a network that lives for one test
_PASSWORD_FILE: Final = "password.txt"  # noqa: S105
_VANITY: Final = bytes(32)
_SEAL: Final = bytes(65)
_EPOCH_BLOCKS: Final = 30_000
_GAS_LIMIT: Final = 30_000_000
_FAUCET_WEI: Final = 10**27
_FORKS: Final = (
    "homesteadBlock",
    "eip150Block",
    "eip155Block",
    "eip158Block",
    "byzantiumBlock",
    "constantinopleBlock",
    "petersburgBlock",
    "istanbulBlock",
    "berlinBlock",
    "londonBlock",
)
_START_TIMEOUT_S: Final = 60
_POLL_S: Final = 0.1
_BINARY: Final = ".network/bin/geth"


@dataclass
class CliqueNode:
    """One signer's node."""

    signer: AccountSigner
    folder: Path
    rpc_port: int
    p2p_port: int
    process: GuardedProcess | None = field(default=None, repr=False)

    @property
    def rpc_url(self) -> str:
        """Where it answers JSON-RPC."""
        return f"http://{LOOPBACK}:{self.rpc_port}"

    @property
    def head(self) -> str:
        """Hash of the block it takes for the newest, as 0x and 64 digits."""
        return str(self.request("eth_getBlockByNumber", "latest", False)["hash"])

    def request(self, method: str, *parameters: object) -> Any:
        """
        Ask the node something.

        Raises:
            NodeUnavailable: If it does not answer.
            DevelopmentChainError: If it refuses.
        """
        with translated():
            transport = HttpTransport(self.rpc_url, timeout_s=_START_TIMEOUT_S)
            try:
                answer = transport.make_request(RPCEndpoint(method), list(parameters))
            finally:
                transport.close()
        if "error" in answer:
            raise DevelopmentChainError(f"geth refused {method}: {answer['error']}")
        return answer["result"]


class CliqueNetwork:
    """
    Signers that run from entering the context to leaving it.

    Args:
        geth: The binary, from `find_geth`.
        folder: Where keys and chain data are kept; must be empty or missing.
        signers: How many; four bear the loss of one.
        period_s: Seconds between blocks, at least 1.
    """

    def __init__(self, geth: Path, folder: Path, *, signers: int = 4, period_s: int = 1) -> None:
        self._geth = geth
        self.folder = folder
        self._period_s = period_s
        self.nodes = tuple(
            CliqueNode(generate_signer(), folder / f"signer-{number}", free_port(), free_port())
            for number in range(signers)
        )

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

    @property
    def rpc_url(self) -> str:
        """Where the first node answers."""
        return self.nodes[0].rpc_url

    @property
    def signers(self) -> tuple[bytes, ...]:
        """Who seals: addresses of 20 bytes, ascending."""
        return tuple(sorted(node.signer.address for node in self.nodes))

    def start(self) -> None:
        """
        Make the genesis, start every signer, connect all of them, and wait for blocks.

        Raises:
            DevelopmentChainError: If a node does not start or no block comes.
        """
        self.folder.mkdir(parents=True)
        genesis = self.folder / "genesis.json"
        genesis.write_text(json.dumps(self._genesis(), indent=1), encoding="utf-8")
        with ExitStack() as unless_ready:
            unless_ready.callback(self.stop)
            for node in self.nodes:
                self._prepare(node, genesis)
                self.run(node)
            self.connect()
            self.wait_for_block(2)
            unless_ready.pop_all()

    def stop(self) -> None:
        """End every node; doing it again is harmless."""
        for node in self.nodes:
            if node.process is not None:
                node.process.stop()
                node.process = None

    def run(self, node: CliqueNode) -> None:
        """
        Start one signer's node, for the first time or again, and wait until it answers.

        It seals nothing before `connect`.

        Raises:
            DevelopmentChainError: If it ends or stays silent; with the end of what it said.
        """
        log = node.folder / "geth.log"
        node.process = GuardedProcess(self._command(node), log)
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline and node.process.is_running:
            try:
                node.request("eth_chainId")
            except NodeUnavailable:
                time.sleep(_POLL_S)
            else:
                return
        said = log.read_text(errors="replace")[-800:]
        raise DevelopmentChainError(f"geth does not start: {said}")

    def kill(self, node: CliqueNode) -> None:
        """End one signer's node as a power cut would."""
        if node.process is not None:
            node.process.kill()
            node.process = None

    def connect(self) -> None:
        """
        Make every running node a peer of every other, and let all seal once they hold one chain.

        A signer that sealed before it has caught up could make a branch of the same total
        difficulty as the others' (one block in turn weighs as much as two out of turn): then each
        has sealed too recently on its own branch, and the network stands still for good.

        Raises:
            DevelopmentChainError: If they do not find each other, or do not agree, in time.
        """
        running = [node for node in self.nodes if node.process is not None]
        addresses = [node.request("admin_nodeInfo")["enode"] for node in running]
        for node in running:
            for address in addresses:
                node.request("admin_addPeer", address)
        self._wait(
            lambda: all(len(node.request("admin_peers")) >= len(running) - 1 for node in running),
            "the nodes do not find each other",
        )
        self._wait(
            lambda: len({node.head for node in running}) == 1, "the nodes do not agree on a chain"
        )
        for node in running:
            node.request("miner_start")

    def wait_for_block(self, number: int, *, timeout_s: float = _START_TIMEOUT_S) -> None:
        """
        Wait until every running node has a block of that number.

        Raises:
            DevelopmentChainError: If it does not come in time.
        """
        running = [node for node in self.nodes if node.process is not None]
        self._wait(
            lambda: all(int(node.request("eth_blockNumber"), 16) >= number for node in running),
            f"no block {number} after {timeout_s} s",
            timeout_s,
        )

    def fund(self, address: bytes, amount_wei: int) -> None:
        """
        Send an account money from the first signer, whom the genesis made rich; wait for a block.

        Raises:
            DevelopmentChainError: If no block takes it in time.
        """
        node = self.nodes[0]
        rich = format_address(node.signer.address)
        fields = {"from": rich, "to": format_address(address), "value": hex(amount_wei)}
        tx_hash = node.request("eth_sendTransaction", fields)
        self._wait(
            lambda: node.request("eth_getTransactionReceipt", tx_hash) is not None,
            "no block took the transfer",
        )

    @staticmethod
    def _wait(
        is_so: Callable[[], bool], otherwise: str, timeout_s: float = _START_TIMEOUT_S
    ) -> None:
        deadline = time.monotonic() + timeout_s
        while not is_so():
            if time.monotonic() > deadline:
                raise DevelopmentChainError(otherwise)
            time.sleep(_POLL_S)

    def _genesis(self) -> dict[str, Any]:
        extra = _VANITY + b"".join(self.signers) + _SEAL
        rich = format_address(self.nodes[0].signer.address)
        return {
            "config": {
                "chainId": NETWORK_CHAIN_ID,
                **dict.fromkeys(_FORKS, 0),
                "clique": {"period": self._period_s, "epoch": _EPOCH_BLOCKS},
            },
            "difficulty": "0x1",
            "gasLimit": hex(_GAS_LIMIT),
            "extraData": f"0x{extra.hex()}",
            "alloc": {rich: {"balance": hex(_FAUCET_WEI)}},
        }

    def _prepare(self, node: CliqueNode, genesis: Path) -> None:
        keys = node.folder / "keystore"
        keys.mkdir(parents=True)
        node.signer.save(keys / "signer.json", _PASSWORD)
        (node.folder / _PASSWORD_FILE).write_text(_PASSWORD, encoding="ascii")
        command = [str(self._geth), "--datadir", str(node.folder), "init", str(genesis)]
        done = run(command, stdout=PIPE, stderr=STDOUT, text=True, check=False)
        if done.returncode:
            raise DevelopmentChainError(f"geth refuses the genesis: {done.stdout[-800:]}")

    def _command(self, node: CliqueNode) -> Sequence[str]:
        address = format_address(node.signer.address)
        options = {
            "datadir": node.folder,
            "networkid": NETWORK_CHAIN_ID,
            "port": node.p2p_port,
            "authrpc.port": free_port(),
            "http.addr": LOOPBACK,
            "http.port": node.rpc_port,
            "http.api": "eth,net,web3,clique,admin,miner,txpool",
            "syncmode": "full",
            "gcmode": "archive",
            "nat": "none",
            "miner.etherbase": address,
            "miner.gasprice": 1,
            "unlock": address,
            "password": node.folder / _PASSWORD_FILE,
            "cache": 64,
            "verbosity": 3,
        }
        flags = ("http", "allow-insecure-unlock", "ipcdisable", "nodiscover")
        given = [f"--{name}={value}" for name, value in options.items()]
        return [str(self._geth), *given, *(f"--{flag}" for flag in flags)]


def find_geth(root: Path) -> Path:
    """
    Find the geth that `make network` built under a folder.

    Raises:
        DevelopmentChainError: If there is none.
    """
    binary = root / _BINARY
    if not binary.is_file():
        raise DevelopmentChainError(f"no geth at {binary}: run `make network`")
    return binary
