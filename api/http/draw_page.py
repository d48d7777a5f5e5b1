"""
The page of draws (`/draw`): anybody works a sample out again from what was published.

The browser computes and asks nobody; without a script the page says how it is done elsewhere.

Source: CONTRACTS section 5; `docs/formats/sampling.md`; `docs/sampling.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fastapi import APIRouter, Request, Response

from api.http.pages import HTML, SCRIPTED, Language, frame, words_of
from api.problems import language_of

router = APIRouter(include_in_schema=False)

_MODULE: Final = "draw_page.js"
_HASHES: Final = (
    *("inventory", "plan-hash", "population-root"),
    *("nonce-verifier", "nonce-enterprise", "nonce-authority"),
    "block-hash",
)
_NUMBERS: Final = ("stratum", "population", "size")
_SHOW: Final = "carbonseal case sample show CODE/UNIT/YEAR --config office.toml --plan plan.json"


@router.get("/draw", response_class=Response)
def show_draw(request: Request, lang: Language = None) -> Response:
    """Show the page of draws."""
    return Response(render(lang or language_of(request)), media_type=HTML, headers=SCRIPTED)


def render(language: str) -> str:
    """Give the page in a language."""
    words = words_of("draw", language)
    return frame(language, words["title"], _parts(words), module=_MODULE)


def _parts(words: Mapping[str, str]) -> Iterator[str]:
    yield f"<p>{words['about']}</p>"
    yield f'<noscript><p class="message open">{words["noscript"]}</p><pre>{_SHOW}</pre></noscript>'
    yield '<div id="app" hidden><form id="draw-form" novalidate>'
    yield f'<section class="step"><h2>{words["files"]}</h2>'
    for name in ("case", "plan"):
        yield (
            f"<label>{words[f'{name}_file']}"
            f'<input id="{name}-file" type="file" accept=".json,application/json"></label>'
        )
    yield f'<p class="quiet">{words["private"]}</p></section>'
    yield f'<section class="step"><h2>{words["published"]}</h2>'
    for name in _HASHES:
        hint = f' <span class="quiet">{words["nonce_hint"]}</span>' if "nonce" in name else ""
        yield f"<label><span>{words[name]}{hint}</span>{_field(name, 'hash')}</label>"
    yield f'</section><section class="step" id="by-hand"><h2>{words["by_hand"]}</h2>'
    yield from (f"<label>{words[name]}{_field(name, '')}</label>" for name in _NUMBERS)
    yield f'</section><p class="buttons"><button class="main">{words["draw"]}</button></p></form>'
    yield '<p id="message" class="message" role="status" aria-live="polite" hidden></p>'
    yield '<section id="result" class="step" hidden></section></div>'


def _field(name: str, kind: str) -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<input id="{name}"{style} autocomplete="off" spellcheck="false">'
