"""A JSON-RPC node in this process that answers what a test wrote down for each method."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any

import httpx2

from chain.client import ChainClient

Answer = Any | Callable[[list[Any]], Any]


class RpcError(Exception):
    """An answer that is a JSON-RPC error."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.fields = {"code": code, "message": message}
        if data is not None:
            self.fields["data"] = data


class ScriptedNode(httpx2.BaseTransport):
    """
    Answers by method name: a value, an `RpcError`, or a function of the parameters.

    Bytes are sent as they are, for answers that are not JSON-RPC; an HTTP error is raised.
    """

    def __init__(self, answers: Mapping[str, Answer], *, status: int = 200) -> None:
        self.answers = dict(answers)
        self.status = status

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        body = self._answer(json.loads(request.read()))
        kind = "application/json" if self.status == HTTPStatus.OK else "text/html"
        return httpx2.Response(self.status, content=body, headers={"Content-Type": kind})

    def _answer(self, request: Mapping[str, Any]) -> bytes:
        answer = self.answers[request["method"]]
        try:
            result = answer(request["params"]) if callable(answer) else answer
            if isinstance(result, RpcError | httpx2.HTTPError):
                raise result
        except RpcError as error:
            fields: dict[str, Any] = {"error": error.fields}
        else:
            if isinstance(result, bytes):
                return result
            fields = {"result": result}
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], **fields}).encode()


def connected(
    answers: Mapping[str, Answer], *, status: int = 200
) -> AbstractContextManager[ChainClient]:
    """Give a client of a scripted node."""
    return ChainClient("http://node.example", transport=ScriptedNode(answers, status=status))
