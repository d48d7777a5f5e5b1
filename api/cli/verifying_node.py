"""A node of the user's own, for who verifies; without one nothing of the chain is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.depth import restore_depth
from attestation.chain_evidence import ChainReader


@contextmanager
def verifying_node(rpc: str | None) -> Iterator[ChainReader | None]:
    """
    Open a connection to a node, and close it afterwards.

    Args:
        rpc: JSON-RPC address; None gives no node, and opens no connection.
    """
    if rpc is None:
        yield None
        return
    # Loaded here, since they take seconds that a check without a node need not wait.
    from chain.client import ChainClient
    from chain.verifier_node import VerifierNode

    restore_depth()
    with ChainClient(rpc) as client:
        yield VerifierNode(client)
