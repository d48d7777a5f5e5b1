"""The page of verification as HTML, every word from outside escaped; English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final

from api.http.pages import frame
from api.reports.answers import OUTCOMES, facts_in_words
from api.reports.verifying import Verified
from api.visible import visible
from attestation.enums import Outcome, label
from attestation.evidence import VerifiedReading
from attestation.instants import format_instant, from_seconds
from ledger.repositories.chain_inventories import ChainInventory

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Verify a report or a bundle",
        "file": "Report (PDF) or bundle (.carbonseal.json)",
        "root": "Your trust root (JSON)",
        "root_hint": "Without one the file is checked against this site's own: compare its name.",
        "button": "Verify",
        "kept": "Nothing is kept. Offline: carbonseal verify FILE --trust FILE",
        "own": "Consistent with this site's own trust root, and no more:",
        "yours": "Checked against your trust root:",
        "none": "This site has no trust root of its own to check against.",
        "step": "step",
        "outcome": "outcome",
        "detail": "detail",
        "series": "series",
        "value": "value",
        "until": "until",
        "download": "Download the evidence, to verify it yourself",
        "present": "The inventory now",
        "accepted": "accepted version:",
        "nothing": "none",
        "shown": "Shown by",
        "subject": "What is shown",
        "expires": "until",
        "next": "Bring a trust root, or ask for a fuller bundle; with a node of your own use the"
        " command.",
    },
    "zh": {
        "title": "核验报告或证据包",
        "file": "报告（PDF）或证据包（.carbonseal.json）",
        "root": "您的信任根（JSON）",
        "root_hint": "未提供时按本站自身的信任根核验：请核对其名称。",
        "button": "核验",
        "kept": "不保存任何内容。脱机核验：carbonseal verify 文件 --trust 信任根",
        "own": "仅表明与本站自身的信任根一致：",
        "yours": "按您的信任根核验：",
        "none": "本站没有可用于核验的信任根。",
        "step": "步骤",
        "outcome": "结果",
        "detail": "说明",
        "series": "序列",
        "value": "数值",
        "until": "截至",
        "download": "下载证据，自行核验",
        "present": "该清单现状",
        "accepted": "生效版本：",
        "nothing": "无",
        "shown": "披露方",
        "subject": "披露内容",
        "expires": "有效期至",
        "next": "请提供信任根或更完整的证据包；如有自有节点，请使用命令行。",
    },
}


def render_form(language: str) -> str:
    """Give the page on which a file is handed in."""
    return _page(language, _form(language))


def render_outcome(language: str, verified: Verified, *, own_root: bool) -> str:
    """Give the page that says what came of it."""
    return _page(language, [*_outcome(language, verified, own_root=own_root), *_form(language)])


def render_disclosure(
    language: str,
    verified: Verified,
    *,
    usc: str,
    subject: str,
    expires: str,
    link: str,
    present: ChainInventory | None = None,
) -> str:
    """
    Give the page behind a link: what is shown, by whom, and whether it holds.

    Args:
        language: `en` or `zh`.
        verified: What came of the evidence, which is as it was when the link was made.
        usc: Whose data it is.
        subject: What is shown, in words.
        expires: When the link is over.
        link: Where the evidence is.
        present: Of a line: how its inventory stands now, as far as this site has read the chain.
    """
    words = _WORDS[language]
    rows = [(words["shown"], usc), (words["subject"], subject), (words["expires"], expires)]
    if present is not None:
        accepted = str(present.accepted_version or words["nothing"])
        state = label(present.state, language)
        rows.append((words["present"], f"{state} · {words['accepted']} {accepted}"))
    download = f'<p><a href="{escape(link)}" download>{words["download"]}</a></p>'
    return _page(
        language,
        [_pairs(rows), *_outcome(language, verified, own_root=True), download],
    )


def _page(language: str, parts: Iterable[str]) -> str:
    return frame(language, _WORDS[language]["title"], parts)


def _form(language: str) -> Iterator[str]:
    words = _WORDS[language]
    yield (
        f'<form method="post" action="/verify?lang={language}" enctype="multipart/form-data">'
        f'<label>{words["file"]}<input type="file" name="file" required'
        ' accept=".pdf,.json,application/pdf,application/json"></label>'
        f'<label>{words["root"]}<input type="file" name="trust_root"'
        f' accept=".json,application/json"><span class="quiet">{words["root_hint"]}</span></label>'
        f"<button>{words['button']}</button>"
        f'<span class="quiet">{words["kept"]}</span></form>'
    )


def _outcome(language: str, verified: Verified, *, own_root: bool) -> Iterator[str]:
    words = _WORDS[language]
    outcome = verified.outcome
    kind = OUTCOMES[outcome]
    yield f'<p class="outcome {kind}" role="status">{escape(label(outcome, language))}</p>'
    if verified.trust_root is None:
        yield f'<p class="quiet">{words["none"]}</p>'
    else:
        which = words["own"] if own_root else words["yours"]
        yield f'<p class="quiet">{which} SHA-256 {escape(verified.trust_root)}</p>'
    if outcome is Outcome.COULD_NOT_CHECK:
        yield f'<p class="quiet">{words["next"]}</p>'
    yield from _facts(language, verified)
    yield from _steps(language, verified)


def _facts(language: str, verified: Verified) -> Iterator[str]:
    if verified.outcome is not Outcome.HELD:
        return
    if verified.case is not None and verified.case.facts is not None:
        yield _pairs(facts_in_words(verified.case.facts, language))
    if verified.message is not None and verified.message.verified is not None:
        words = _WORDS[language]
        rows = [_reading(each) for each in verified.message.verified]
        yield _table((words["series"], words["until"], words["value"]), rows)


def _reading(verified: VerifiedReading) -> tuple[str, str, str]:
    reading = verified.reading
    value = (
        "–" if reading.value is None else f"{_exact(reading.value, reading.scale)} {reading.unit}"
    )
    return reading.series, format_instant(from_seconds(reading.end_s)), value


def _steps(language: str, verified: Verified) -> Iterator[str]:
    words = _WORDS[language]
    rows = []
    for step in verified.steps:
        detail = f"{step.detail} ({step.code})" if step.code else step.detail
        outcome = (
            f'<span class="{OUTCOMES[step.outcome]}">{escape(label(step.outcome, language))}</span>'
        )
        rows.append(
            f"<tr><td>{escape(step.name)}</td><td>{outcome}</td>"
            f"<td>{escape(visible(detail))}</td></tr>"
        )
    head = f"<tr><th>{words['step']}</th><th>{words['outcome']}</th><th>{words['detail']}</th></tr>"
    yield f"<table>{head}{''.join(rows)}</table>"


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in rows)
    return f"<table>{cells}</table>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(each)}</td>" for each in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{top}</tr>{body}</table>"


def _exact(value: int, scale: int) -> str:
    if scale == 0:
        return str(value)
    sign, digits = "-" if value < 0 else "", str(abs(value)).zfill(scale + 1)
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"
