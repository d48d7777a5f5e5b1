"""
The page of a visit pack: a checklist in Chinese and English that works from disk, offline.

It loads nothing and sends nothing: its policy allows its own style and its own script alone. What
is filled in is saved as `visit.json`, which `carbonseal visit import` makes requests of.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any, Final

from attestation.enums import FindingKind, FindingSeverity, label

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }
th, td { border: 1px solid #888; padding: .25rem .5rem; text-align: left; vertical-align: top }
input[type=text], textarea { width: 100%; box-sizing: border-box; font: inherit }
.tick { width: 2.5rem; text-align: center }
@media print { button { display: none } body { margin: 0 } }
"""
_SCRIPT: Final = """
"use strict";
const pack = JSON.parse(document.getElementById("pack").textContent);
const lines = (id) => document.getElementById(id).value.split("\\n").filter((line) => line.trim());
document.getElementById("save").addEventListener("click", () => {
  const value = (id) => document.getElementById(id).value.trim();
  const seen = [];
  for (const row of document.querySelectorAll("[data-item]")) {
    const [tick, note] = row.querySelectorAll("input");
    if (tick.checked || note.value.trim()) {
      seen.push(`${tick.checked ? "✓" : "–"} ${row.dataset.item}: ${note.value.trim()}`);
    }
  }
  const findings = [];
  for (const row of document.querySelectorAll("[data-finding]")) {
    const said = Object.fromEntries(
      [...row.querySelectorAll("[name]")].map((each) => [each.name, each.value.trim()]));
    if (said.title) {
      findings.push({
        kind: said.kind,
        severity: said.severity,
        anchor: /^[0-9]+$/.test(said.about) ? { entry: Number(said.about) } : { line: said.about },
        title: said.title,
        text: said.text,
        due_days: 10,
      });
    }
  }
  const visit = {
    ...pack.blank,
    from: value("from"),
    to: value("to"),
    place: value("place"),
    persons: lines("persons").map((line) => {
      const [name, identity] = line.split("|");
      return { name: name.trim(), identity: (identity || "").trim() };
    }),
    observations: lines("observations"),
    checked: seen,
    files: lines("files"),
    findings,
  };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(visit, null, 2)]));
  link.download = "visit.json";
  link.click();
});
"""
_FINDINGS: Final = 6
"""Rows for findings; more are copied into `visit.json` by hand."""
_FIXED: Final = {
    "boundary": "厂界与排放源同报告边界一致 Site and sources are those of the structure",
    "shut": "报停设备确已停运 Equipment said to be shut down is shut down",
    "seals": "计量器具及留样封签完好 Seals of meters and kept samples are whole",
    "records": "抽查日原始记录与台账一致 Original records of a drawn day agree with the ledger",
    "stock": "盘存、过磅记录与消耗量相符 Stock-taking and weighing agree with fuel burnt",
    "bypass": "未发现旁路或未计量供应 No bypass or unmetered supply was found",
}
"""What is looked at on every visit, besides the meters and samples of the unit."""


def visit_page(pack: Mapping[str, Any], blank: Mapping[str, Any]) -> str:
    """
    Write the page of a pack.

    Args:
        pack: From `visit_pack`.
        blank: What `visit.json` holds before anything is filled in.
    """
    # Nothing inside can end the script element; escaped so, it is the same JSON.
    data = json.dumps({"blank": blank}, ensure_ascii=False).replace("<", "\\u003c")
    heading = f"{pack['enterprise']} · {pack['unit']} · {pack['period']}"
    body = "".join(
        (
            f"<h1>现场核查 Site visit: {escape(heading)}</h1>",
            _facts(pack),
            _section("清单 Checklist", ("", "项目 Item", "所见 Seen"), _checks(pack)),
            _section("计量器具 Meters", _METERS, map(_meter, pack["meters"])),
            _section("样品 Samples", _SAMPLES, map(_sample, pack["samples"])),
            _section("质量控制方案 Plan", _PLAN, map(_planned, pack["plan"])),
            _section("抽样 Drawn", ("", "抽中 Drawn", "所见 Seen"), map(_drawn, pack["drawn"])),
            _section("清单行 Lines", ("行 Line", "值 Value"), map(_line, pack["lines"])),
            _findings(pack),
            _form(blank),
        )
    )
    policy = f"default-src 'none'; style-src '{_hash(_STYLE)}'; script-src '{_hash(_SCRIPT)}'"
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style></head><body>{body}"
        f'<script type="application/json" id="pack">{data}</script>'
        f"<script>{_SCRIPT}</script></body></html>\n"
    )


_METERS: Final = ("序列 Series", "最近读数 Last reading", "校准至 Calibrated until", "等级 Class")
_SAMPLES: Final = ("样品 Sample", "燃料 Fuel", "封签 Seal", "报告 Report", "问题 Faults")
_PLAN: Final = ("参数 Parameter", "方式 Way", "来源 From", "准确度 Class", "部门 Department")


def _facts(pack: Mapping[str, Any]) -> str:
    version, log = pack["version"], pack["log"]
    rows = (
        ("案件 Case", pack["case"]),
        ("版本 Version", f"{version['number']}, SHA-256 {version['sha256']}"),
        ("总量 Total", version["total"] or "缺 missing"),
        ("日志 Log", f"{log['origin']}, {log['size']}, {log['root']}"),
        ("场所 Site", pack["site"]["name"]),
    )
    cells = "".join(f"<tr><th>{escape(a)}</th><td>{escape(str(b))}</td></tr>" for a, b in rows)
    return f"<table>{cells}</table>"


def _section(title: str, heads: Iterable[str], rows: Iterable[str]) -> str:
    found = "".join(rows)
    if not found:
        return ""
    cells = "".join(f"<th>{escape(head)}</th>" for head in heads)
    return f"<h2>{escape(title)}</h2><table><tr>{cells}</tr>{found}</table>"


def _checks(pack: Mapping[str, Any]) -> Iterator[str]:
    for name, text in _FIXED.items():
        yield _item(name, text)
    for meter in pack["meters"]:
        what = f"铭牌、编号与示值 Plate, serial number and display: {meter['series']}"
        yield _item(meter["series"], what)
    for sample in pack["samples"]:
        yield _item(f"sample {sample['sample']}", f"留样 Kept sample: {sample['sample']}")


def _item(name: str, text: str) -> str:
    return (
        f'<tr data-item="{escape(name)}"><td class="tick"><input type="checkbox"></td>'
        f'<td>{escape(text)}</td><td><input type="text"></td></tr>'
    )


def _drawn(text: str) -> str:
    return _item(text, text)


def _cells(*values: object) -> str:
    return "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in values) + "</tr>"


def _meter(meter: Mapping[str, Any]) -> str:
    last = meter["last"]
    said = "–" if last is None else f"{last['value'] or '缺 missing'} {last['unit']}, {last['end']}"
    return _cells(
        meter["series"], said, meter["calibrated_until"] or "–", meter["accuracy_class"] or "–"
    )


def _sample(sample: Mapping[str, Any]) -> str:
    faults = "; ".join((*sample["faults_zh"], *sample["faults"]))
    report = "–" if sample["report_index"] is None else sample["report_index"]
    return _cells(sample["sample"], sample["fuel"], sample["seal"], report, faults or "–")


def _planned(planned: Mapping[str, Any]) -> str:
    source = ", ".join(planned["series"]) or planned["laboratory"] or "–"
    return _cells(
        planned["parameter"],
        planned["way"],
        source,
        planned["accuracy_class"] or "–",
        planned["department"],
    )


def _line(line: Mapping[str, Any]) -> str:
    return _cells(line["line"], line["value"] or "缺 missing")


def _findings(pack: Mapping[str, Any]) -> str:
    heads = ("类型 Kind", "程度 Severity", "对象 About", "标题 Title", "内容 Text")
    row = (
        f"<tr data-finding><td>{_choice('kind', FindingKind)}</td>"
        f"<td>{_choice('severity', FindingSeverity)}</td>"
        '<td><input type="text" name="about" list="lines"></td>'
        '<td><input type="text" name="title"></td>'
        '<td><textarea rows="2" name="text"></textarea></td></tr>'
    )
    lines = "".join(f'<option value="{escape(each["line"])}">' for each in pack["lines"])
    title = "发现 Findings: 行名或日志序号 name of a line, or index of an entry"
    return _section(title, heads, (row,) * _FINDINGS) + f'<datalist id="lines">{lines}</datalist>'


def _choice(name: str, members: type[FindingKind] | type[FindingSeverity]) -> str:
    options = "".join(
        f'<option value="{each.name.lower().replace("_", "-")}">'
        f"{escape(label(each, 'zh'))} {escape(label(each))}</option>"
        for each in members
    )
    return f'<select name="{name}">{options}</select>'


def _form(blank: Mapping[str, Any]) -> str:
    fields = (
        ("from", "开始 From (2025-01-31T09:00:00+08:00)"),
        ("to", "结束 To"),
        ("place", "地点 Place"),
    )
    texts = (
        ("persons", "核查人员，每行“姓名|证件” Persons, one a line: name|identity document"),
        ("observations", "所见，每行一条 Observations, one a line"),
        ("files", "照片等文件名，每行一个 Names of photographs and minutes, one a line"),
    )
    inputs = "".join(
        f'<p><label>{escape(text)}<input type="text" id="{name}" value="{escape(blank[name])}">'
        "</label></p>"
        for name, text in fields
    )
    areas = "".join(
        f'<p><label>{escape(text)}<textarea rows="5" id="{name}"></textarea></label></p>'
        for name, text in texts
    )
    button = '<p><button type="button" id="save">保存 Save visit.json</button></p>'
    return f"<h2>记录 Record</h2>{inputs}{areas}{button}"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()
