"""
The examples of the operations: asking them, comparing them, writing them anew.

They stand in `api/http/examples.json` by the id of the operation. Where keys or tokens are drawn,
an answer has another content each time; `varies` then says that only its form is compared.

Usage, where answers have changed: python -m tests.support.examples
(twice where a new example may vary: the second time it is seen).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2

import api.http
from chain.rule_runner import rule_runner
from ledger import migrations
from ledger.database import Database
from tests.support.chain import anvil_binary
from tests.support.contract import OPERATIONS, World, make_world

FILE = Path(api.http.__file__).with_name("examples.json")
PLACES = {name: (method.upper(), path) for path, method, name in OPERATIONS}
_MOST = 6000
"""Characters of an answer that is shown; a longer one is left out."""


def load() -> dict[str, list[dict[str, Any]]]:
    """Read the examples."""
    found: dict[str, list[dict[str, Any]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def save(examples: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write the examples."""
    text = json.dumps(dict(sorted(examples.items())), ensure_ascii=False, indent=1)
    FILE.write_text(text + "\n", encoding="utf-8")


def each_example() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every example with the id of its operation."""
    for name, found in sorted(load().items()):
        for example in found:
            yield name, example


def ask(world: World, place: tuple[str, str], example: Mapping[str, Any]) -> httpx2.Response:
    """Ask as the example does."""
    method, path = place
    asked = example["request"]
    headers = world.callers[example["caller"]] | asked.get("headers", {})
    body = asked.get("body")
    arguments: dict[str, Any] = {} if body is None else {"json": body}
    if isinstance(body, str):
        arguments = {"content": body.encode()}
    return world.client.request(
        method,
        path.format_map(asked.get("path", {})),
        params=asked.get("query", {}),
        headers=headers,
        **arguments,
    )


def answer_of(response: httpx2.Response) -> Any:
    """Give an answer as an example shows it; None where it is not shown."""
    media_type = media_type_of(response)
    if len(response.content) > _MOST or not response.content:
        return None
    if media_type.endswith("json"):
        document = response.json()
        if isinstance(document, dict):
            document.pop("request_id", None)
        return document
    return response.text if media_type.startswith("text/") else None


def media_type_of(response: httpx2.Response) -> str:
    """Give the media type of an answer."""
    return response.headers.get("content-type", "").split(";")[0]


def form_of(value: Any) -> Any:
    """Give the form of a value: names, and what kind of thing is there."""
    if isinstance(value, dict):
        return {name: form_of(each) for name, each in value.items()}
    if isinstance(value, list):
        return [form_of(each) for each in value]
    return type(value).__name__


def record(world: World) -> None:
    """Ask every example, and keep what is answered."""
    found = load()
    for name, several in sorted(found.items()):
        for example in several:
            response = ask(world, PLACES[name], example)
            example["status"] = response.status_code
            example["media_type"] = media_type_of(response)
            before, answer = example.pop("answer", None), answer_of(response)
            if answer is not None:
                example["answer"] = answer
            if before is not None and before != answer and form_of(before) == form_of(answer):
                example["varies"] = True
    save(found)


def main() -> None:
    """Make a world of its own, and write down what it answers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(Database(f"sqlite:///{folder}/ledger.sqlite"))
        migrations.upgrade(database.engine)
        rules = stack.enter_context(rule_runner(anvil_binary()))
        record(make_world(database, rules, folder))


if __name__ == "__main__":
    main()
