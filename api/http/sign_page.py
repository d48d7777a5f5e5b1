"""
The page of signing (`/sign`): a browser's wallet as one of the doors to an act.

Everything it does could be done by the command; it holds no key and keeps nothing. Without a
script it says what it would do, and names the other doors.

Source: SCREENS sections 1c and 2.1 (sign-off); EIP-1193; EIP-712; `docs/signing-page.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

from fastapi import APIRouter, Request, Response

from api.http.assets import asset, modules_of
from api.http.pages import HTML, SCRIPTED, Language, frame, words_of
from api.problems import language_of

router = APIRouter(include_in_schema=False)

_MODULE: Final = "sign.js"
_SIGN: Final = "carbonseal sign request.json --keystore my-key.json --trust trust-root.json"
_HAND_IN: Final = "carbonseal case hand-in request.json --config office.toml"


@router.get("/sign", response_class=Response)
def show_signing(request: Request, lang: Language = None) -> Response:
    """Show the page of signing."""
    return Response(render(lang or language_of(request)), media_type=HTML, headers=SCRIPTED)


def render(language: str) -> str:
    """Give the page in a language."""
    words = words_of("sign", language)
    parts = [*_about(words), *_steps(words), *_scripts(words)]
    return frame(language, words["title"], parts, module=_MODULE)


def _about(words: Mapping[str, str]) -> Iterator[str]:
    compared = "".join(f"<li>{words[f'compared_{number}']}</li>" for number in range(1, 5))
    yield f"<p>{words['about']}</p>"
    yield f"<details><summary>{words['compared']}</summary><ul>{compared}</ul></details>"
    yield (
        f'<details id="doors"><summary>{words["doors"]}</summary>'
        f"<p>{words['door_1']}</p><pre>{_SIGN}</pre><p>{words['door_2']}</p></details>"
    )
    yield (
        f'<noscript><p class="message open">{words["noscript"]}</p><pre>{_SIGN}</pre></noscript>'
    )


def _steps(words: Mapping[str, str]) -> Iterator[str]:
    yield '<div id="app" hidden>'
    yield (
        f'<section class="step"><h2>{words["wallet"]}</h2>'
        '<p id="wallets" class="buttons"></p><div id="wallet-state"></div>'
        f'<label>{words["party"]}<input id="party" autocomplete="off" maxlength="100"></label>'
        f'<p class="buttons">{_button("log-in", words["log_in"])}'
        f"{_button('log-out', words['log_out'])}</p>{_message('wallet')}</section>"
    )
    yield (
        f'<section class="step"><h2>{words["file_step"]}</h2>'
        f'<label>{words["file"]}<input id="file" type="file"'
        f' accept=".json,application/json"></label>'
        f'<p class="quiet">{words["private"]}</p>{_message("file")}'
        f'<div id="request-step" hidden><h3>{words["request"]}</h3><div id="request"></div></div>'
        "</section>"
    )
    yield (
        f'<section class="step" id="checks-step" hidden><h2>{words["checks"]}</h2>'
        '<ul id="checks" class="checks"></ul>'
        f'<p class="buttons">{_button("switch", words["switch"])}'
        f"{_button('again', words['again'])}</p>{_message('checks')}</section>"
    )
    yield (
        f'<section class="step" id="sign-step" hidden><h2>{words["sign_step"]}</h2>'
        f'<p class="quiet">{words["sign_hint"]}</p>'
        f'<p class="buttons">{_button("sign", words["sign"], kind="main")}'
        f'<a id="download" class="button" hidden>{words["download"]}</a></p>'
        f"{_message('sign')}</section>"
    )
    yield (
        f'<section class="step" id="hand-in-step" hidden><h2>{words["hand_step"]}</h2>'
        f'<p id="hand-in-hint" class="quiet">{words["hand_hint"]}</p>'
        f'<p class="buttons">{_button("hand-in", words["hand_in"], kind="main")}</p>'
        f'<ol id="operations"></ol>{_message("hand-in")}'
        f'<p class="quiet">{words["own_node"]} <code>{_HAND_IN}</code></p></section></div>'
    )


def _scripts(words: Mapping[str, str]) -> Iterator[str]:
    rows = "".join(
        f"<tr><th scope=row>{name}</th><td><code>{sha256(asset(name)).hexdigest()}</code></td></tr>"
        for name in modules_of(_MODULE)
    )
    yield (
        f'<details class="quiet"><summary>{words["scripts"]}</summary>'
        f'<table class="pairs">{rows}</table></details>'
    )


def _button(name: str, word: str, *, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<button id="{name}" type="button"{style} disabled>{word}</button>'


def _message(place: str) -> str:
    return f'<p id="{place}-message" class="message" role="status" aria-live="polite" hidden></p>'
