"""The reference page: text of the schema as HTML, every word of it escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, Final

from api.http.documentation import response_of

Json = Mapping[str, Any]

_REF: Final = "#/components/schemas/"
_CODE: Final = re.compile(r"`([^`]+)`")
_MOST_EXAMPLE: Final = 4000
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Operations",
        "other": "中文",
        "other_lang": "zh",
        "takes": "Takes",
        "answers": "Answers",
        "refuses": "Says no",
        "forms": "Forms",
        "example": "Example",
        "name": "name",
        "in": "in",
        "form": "form",
        "about": "about",
        "must": "required",
        "body": "body",
        "token": "asks for a token",
        "old": "deprecated",
        "path": "path",
        "query": "query",
        "header": "header",
        "schema": "The schema (OpenAPI 3.1)",
    },
    "zh": {
        "title": "接口说明",
        "other": "English",
        "other_lang": "en",
        "takes": "请求",
        "answers": "应答",
        "refuses": "错误",
        "forms": "数据结构",
        "example": "示例",
        "name": "名称",
        "in": "位置",
        "form": "类型",
        "about": "说明",
        "must": "必填",
        "body": "正文",
        "token": "需要访问令牌",
        "old": "已弃用",
        "path": "路径",
        "query": "查询",
        "header": "请求头",
        "schema": "接口定义（OpenAPI 3.1）",
    },
}


def render(schema: Json, language: str) -> str:
    """
    Give the page.

    Args:
        schema: Of the operations.
        language: `en` or `zh`.
    """
    return "\n".join(_Page(schema, language).lines()) + "\n"


class _Page:
    def __init__(self, schema: Json, language: str) -> None:
        self._schema = schema
        self._language = language
        self._words = _WORDS[language]

    def lines(self) -> Iterator[str]:
        words, info = self._words, self._schema["info"]
        title = f"{info['title']} {words['title']}"
        yield "<!doctype html>"
        yield f'<html lang="{"zh-CN" if self._language == "zh" else "en"}">'
        yield '<head><meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{escape(title)}</title>"
        yield '<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">'
        yield '<link rel="stylesheet" href="/docs/style.css"></head>'
        yield f"<body><header><h1>{escape(title)}</h1>"
        yield f"<p>{_text(info['description'])}</p>"
        yield f'<p><a href="/v1/openapi.json">{words["schema"]}</a> · '
        yield f'<a href="/docs?lang={words["other_lang"]}">{words["other"]}</a></p></header>'
        groups = self._groups()
        yield "<nav><ul>"
        yield from (f'<li><a href="#{_id(tag)}">{escape(tag)}</a></li>' for tag in groups)
        yield f'<li><a href="#forms">{words["forms"]}</a></li></ul></nav><main>'
        for tag, operations in groups.items():
            yield f'<section id="{_id(tag)}"><h2>{escape(tag)}</h2>'
            for method, path, operation in operations:
                yield from self._operation(method, path, operation)
            yield "</section>"
        yield from self._forms()
        yield "</main></body></html>"

    def _groups(self) -> dict[str, list[tuple[str, str, Json]]]:
        groups: dict[str, list[tuple[str, str, Json]]] = {}
        for path, operations in self._schema["paths"].items():
            for method, operation in operations.items():
                tag = (operation.get("tags") or ["-"])[0]
                groups.setdefault(tag, []).append((method.upper(), path, operation))
        return groups

    def _operation(self, method: str, path: str, operation: Json) -> Iterator[str]:
        words = self._words
        yield f'<details id="{_id(operation["operationId"])}"><summary>'
        yield f'<b class="{_id(method)}">{method}</b> <code>{escape(path)}</code>'
        if operation.get("deprecated"):
            yield f"<mark>{words['old']}</mark>"
        yield f"<span>{_text(operation.get('description', ''))}</span></summary>"
        if operation.get("security"):
            yield f"<p>{words['token']}</p>"
        yield from self._takes(operation)
        yield f"<h3>{words['answers']}</h3>"
        for status, response in operation["responses"].items():
            if status[0] in "123":
                yield from self._answer(status, response)
        yield f"<h3>{words['refuses']}</h3><table>"
        for status, response in operation["responses"].items():
            if status[0] in "45":
                yield from self._refusals(status, response_of(self._schema, response))
        yield "</table></details>"

    def _takes(self, operation: Json) -> Iterator[str]:
        words, body = self._words, operation.get("requestBody")
        parameters = operation.get("parameters", ())
        if not parameters and body is None:
            return
        yield f"<h3>{words['takes']}</h3><table><tr><th>{words['name']}</th><th>{words['in']}</th>"
        yield f"<th>{words['form']}</th><th>{words['about']}</th></tr>"
        for each in parameters:
            must = f" <em>{words['must']}</em>" if each.get("required") else ""
            about = each.get("description") or each["schema"].get("description", "")
            yield f"<tr><td><code>{escape(each['name'])}</code>{must}</td>"
            yield f"<td>{words.get(each['in'], escape(each['in']))}</td>"
            yield f"<td>{self._form(each['schema'])}</td><td>{_text(about)}</td></tr>"
        yield "</table>"
        for media_type, content in (body or {}).get("content", {}).items():
            yield f"<p>{words['body']}: <code>{escape(media_type)}</code> "
            yield f"{self._form(content.get('schema', {}))}</p>"
            yield from self._examples(content)

    def _answer(self, status: str, response: Json) -> Iterator[str]:
        yield f"<p><b>{escape(status)}</b> {_text(response.get('description', ''))}"
        for media_type, content in response.get("content", {}).items():
            yield f"<code>{escape(media_type)}</code> {self._form(content.get('schema', {}))}"
        yield "</p>"
        for content in response.get("content", {}).values():
            yield from self._examples(content)

    def _refusals(self, status: str, response: Json) -> Iterator[str]:
        for content in response.get("content", {}).values():
            for code in content.get("examples", {}):
                example = self._schema["components"]["examples"].get(code)
                if example is not None:
                    yield f"<tr><td>{escape(status)}</td><td><code>{escape(code)}</code></td>"
                    yield f"<td>{escape(example['summary'])}</td>"
                    yield f"<td>{_text(example['value']['next_step'])}</td></tr>"

    def _examples(self, content: Json) -> Iterator[str]:
        for example in content.get("examples", {}).values():
            if "value" not in example:
                continue
            value = example["value"]
            text = value if isinstance(value, str) else _written(value)
            if len(text) > _MOST_EXAMPLE:
                text = text[:_MOST_EXAMPLE] + " …"
            yield f"<details class=example><summary>{self._words['example']}: "
            yield f"{escape(example.get('summary', ''))}</summary>"
            yield f"<pre>{escape(text)}</pre></details>"

    def _forms(self) -> Iterator[str]:
        words = self._words
        yield f'<section id="forms"><h2>{words["forms"]}</h2>'
        for name, schema in sorted(self._schema["components"]["schemas"].items()):
            yield f'<details id="form-{_id(name)}"><summary><code>{escape(name)}</code>'
            yield f"<span>{_text(schema.get('description', ''))}</span></summary><table>"
            required = schema.get("required", ())
            for field, each in schema.get("properties", {}).items():
                must = f" <em>{words['must']}</em>" if field in required else ""
                yield f"<tr><td><code>{escape(field)}</code>{must}</td>"
                yield f"<td>{self._form(each)}</td>"
                yield f"<td>{_text(each.get('description', ''))}</td></tr>"
            if "enum" in schema:
                yield f"<tr><td>{self._form(schema)}</td></tr>"
            yield "</table></details>"
        yield "</section>"

    def _form(self, schema: Json) -> str:
        """Give the form of a value in words, with links to named ones."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_REF)
            return f'<a href="#form-{_id(name)}">{escape(name)}</a>'
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return " | ".join(self._form(each) for each in schema[word])
        if "enum" in schema:
            return " | ".join(f"<code>{escape(_written(each))}</code>" for each in schema["enum"])
        if schema.get("type") == "array":
            return f"[{self._form(schema.get('items', {}))}]"
        return escape(" ".join(_plain(schema)))


def _plain(schema: Json) -> Iterable[str]:
    yield str(schema.get("type", "…"))
    for word, sign in (("minimum", "≥ "), ("maximum", "≤ "), ("pattern", ""), ("format", "")):
        if word in schema:
            yield f"{sign}{schema[word]}"


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _text(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", name)
