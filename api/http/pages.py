"""
What the pages share: their policy, their frame, and the way to the other pages.

Nothing comes from elsewhere: a page works in a network without a way out, and its source can be
read. Where a page has a script it is a module of ours, and markup made by scripts is forbidden.

Source: W3C Content Security Policy level 3; W3C Trusted Types.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from importlib import resources
from typing import Annotated, Final, Literal

from fastapi import Query

from api.http.assets import modules_of

HTML: Final = "text/html; charset=utf-8"
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
"""Of a page without a script."""
SCRIPTED: Final = HEADERS | {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
"""Of a page with a module of ours; it cannot be framed, and makes no markup."""

Language = Annotated[Literal["en", "zh"] | None, Query()]

_OTHER: Final = {"en": ("zh", "中文"), "zh": ("en", "English")}
_PAGES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "en": (("/verify", "Verify"), ("/sign", "Sign"), ("/draw", "Draw"), ("/docs", "Operations")),
    "zh": (("/verify", "核验"), ("/sign", "签署"), ("/draw", "抽样"), ("/docs", "接口")),
}
_WORDS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = json.loads(
    resources.files("api.http").joinpath("page_words.json").read_text(encoding="utf-8")
)


def words_of(page: str, language: str) -> Mapping[str, str]:
    """Give the words of a page by their names, as HTML."""
    return {name: escape(text) for name, text in _WORDS[page][language].items()}


def frame(language: str, title: str, parts: Iterable[str], *, module: str | None = None) -> str:
    """
    Give a whole page.

    Args:
        language: `en` or `zh`.
        title: Heading, as HTML.
        parts: What stands below it, as HTML whose words from outside are escaped.
        module: Name of the page's module among the assets, if it has one.
    """
    other, name = _OTHER[language]
    scripts = "" if module is None else _scripts(module)
    links = "".join(
        f'<a href="{path}?lang={language}">{escape(word)}</a>' for path, word in _PAGES[language]
    )
    head = (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}">'
        '<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{title} · CarbonSeal</title>"
        '<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="/assets/pages.css">{scripts}</head><body>'
        f'<nav><b>CarbonSeal 碳印</b>{links}<a class="other" href="?lang={other}">{name}</a></nav>'
        f"<header><h1>{title}</h1></header><main>"
    )
    return "\n".join([head, *parts, "</main></body></html>"]) + "\n"


def _scripts(module: str) -> str:
    # Named ahead, so that a browser need not find them one after the other.
    preloads = "".join(
        f'<link rel="modulepreload" href="/assets/{each}">' for each in modules_of(module)
    )
    return f'{preloads}<script type="module" src="/assets/{module}"></script>'
