"""The reference page: everything is there, nothing comes from elsewhere, nothing is injected."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.reference_page import render

_VOID = {"meta", "link", "br"}


class Reader(HTMLParser):
    """Reads a page: addresses, ids, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Note what an element names."""
        self.names.add(tag)
        if tag not in _VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("href", "src"):
                self.addresses.append(value)
            if name == "id":
                self.ids.append(value)
            assert not name.startswith("on") and name != "style"

    def handle_endtag(self, tag: str) -> None:
        """Check that the innermost element is closed."""
        while self.open and self.open[-1] != tag:
            assert self.open.pop() in ("tr", "td", "th", "p", "li"), tag
        self.open.pop()


def read(page: str) -> Reader:
    """Read a page."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_operation_form_and_problem_is_on_the_page(client: TestClient, language: str) -> None:
    """What the schema has, the page has; every link inside it leads somewhere."""
    schema = client.get("/v1/openapi.json").json()
    answer = client.get(f"/docs?lang={language}")
    page = read(answer.text)

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    operations = {
        each["operationId"] for path in schema["paths"].values() for each in path.values()
    }
    assert operations <= set(page.ids) and len(page.ids) == len(set(page.ids))
    assert {f"form-{name}" for name in schema["components"]["schemas"]} <= set(page.ids)
    inside = {each[1:] for each in page.addresses if each.startswith("#")}
    assert inside <= set(page.ids)
    for code in schema["components"]["examples"]:
        assert code in answer.text


def test_page_needs_nothing_from_elsewhere(client: TestClient) -> None:
    """No script, no address outside this server, and a policy that forbids both."""
    answer = client.get("/docs")
    page = read(answer.text)

    assert page.names.isdisjoint({"script", "style", "iframe", "img", "object", "form"})
    assert all(each.startswith(("/", "#")) for each in page.addresses)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
    style = client.get("/docs/style.css")
    assert style.status_code == 200 and not re.search("url|@import", style.text)


def test_page_is_in_the_readers_language(client: TestClient) -> None:
    """By the address, else as the browser says."""
    chinese = {"accept-language": "zh-CN,zh;q=0.9"}

    assert "接口说明" in client.get("/docs", headers=chinese).text
    assert "接口说明" not in client.get("/docs?lang=en", headers=chinese).text
    assert 'lang="en"' in client.get("/docs").text


def test_words_of_the_schema_are_text() -> None:
    """Nothing that stands in a schema becomes an element."""
    evil = "<script>x</script>\"'><b onclick=x>"
    operation = {
        "operationId": evil,
        "tags": [evil],
        "description": evil,
        "parameters": [{"in": "query", "name": evil, "schema": {"enum": [evil]}}],
        "responses": {"200": {"description": evil, "content": {evil: {"schema": {"type": evil}}}}},
    }
    schema = {
        "info": {"title": evil, "description": evil},
        "paths": {evil: {"get": operation}},
        "components": {"schemas": {evil: {"description": evil}}, "examples": {}},
    }
    page = read(render(schema, "en"))

    assert page.names.isdisjoint({"script"}) and "onclick" not in page.names
