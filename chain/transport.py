"""
JSON-RPC over one HTTP client, for web3.

Every request has time-outs, nothing follows redirects or takes a proxy from the environment,
and nothing is retried: whoever asked knows better when to ask again.
A node's address may hold a password, so it never appears in an error or a log.
"""

from __future__ import annotations

from typing import Any, Final

import httpx2
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

_CONNECT_TIMEOUT_S: Final = 3
_MAX_CONNECTIONS: Final = 8


class HttpTransport(JSONBaseProvider):
    """A web3 provider that posts each request through one pooled client."""

    # EIP-3668 would let a contract make this machine fetch any address it names.
    global_ccip_read_enabled = False

    def __init__(
        self, rpc_url: str, *, timeout_s: int, transport: httpx2.BaseTransport | None = None
    ) -> None:
        super().__init__()
        self._client = httpx2.Client(
            base_url=rpc_url,
            headers={"Content-Type": "application/json"},
            timeout=httpx2.Timeout(timeout_s, connect=_CONNECT_TIMEOUT_S),
            limits=httpx2.Limits(max_connections=_MAX_CONNECTIONS),
            trust_env=False,
            transport=transport,
        )

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """
        Send one request and give the node's answer, an error answer included.

        Raises:
            httpx2.HTTPError: If there is no answer, or its HTTP status is not a success.
            ValueError: If the answer is not JSON.
        """
        response = self._client.post("", content=self.encode_rpc_request(method, params))
        if not response.is_success and not _is_json(response):
            response.raise_for_status()
        return self.decode_rpc_response(response.content)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _is_json(response: httpx2.Response) -> bool:
    # Some nodes answer a refused request with 400 or 500 and a JSON-RPC error in the body.
    return response.headers.get("content-type", "").startswith("application/json")
