"""The node of whoever runs a command, and how it is known to serve the chain that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from api.errors import BadRequest
from chain.client import ChainClient
from chain.deployments import Deployment, load_deployment
from chain.identity import check_identity

Rpc = Annotated[str | None, typer.Option("--rpc", help="JSON-RPC address of your own node.")]
Deployments = Annotated[
    Path | None,
    typer.Option(
        "--deployments", exists=True, dir_okay=False, help="Where the contracts stand, by chain."
    ),
]


@dataclass(frozen=True, slots=True)
class OwnNode:
    """A node's address, and the record of deployments it is compared with."""

    rpc_url: str
    deployments: Path

    @contextmanager
    def open(self) -> Iterator[tuple[ChainClient, Deployment]]:
        """
        Connect, and check that the node serves the chain of the record.

        Raises:
            ArtifactError: If the record knows nothing of that chain.
            WrongChain: If the genesis block or a contract's code is another.
            NodeUnavailable: If the node does not answer.
        """
        with ChainClient(self.rpc_url) as client:
            deployment = load_deployment(self.deployments, client.chain_id())
            check_identity(client, deployment.identity)
            yield client, deployment


def own_node(rpc_url: str | None, deployments: Path | None) -> OwnNode | None:
    """
    Give the node that two options name, or None where neither is given.

    Raises:
        BadRequest: If only one of them is.
    """
    if (rpc_url is None) != (deployments is None):
        raise BadRequest("--rpc and --deployments go together")
    if rpc_url is None or deployments is None:
        return None
    return OwnNode(rpc_url, deployments)
