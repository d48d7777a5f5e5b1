r"""
Make the fonts of reports: two subsets of Source Han Sans SC Regular, each below 1 MiB.

    npm pack node-source-han-sans-sc@1.1.0-2.001R
    tar xzf node-source-han-sans-sc-1.1.0-2.001R.tgz \
        package/LICENSE package/SourceHanSansSC-Regular.otf
    python -m venv font && font/bin/pip install fonttools==4.68.0
    font/bin/python tools/make_report_font.py package/SourceHanSansSC-Regular.otf api/reports/fonts

The first holds Latin letters, signs and the first level of GB/T 2312, the second its second level.
Reports are compared byte for byte, so the tool refuses another font and another release of
fonttools; it prints the SHA-256 of what it makes. The subsets carry a name of their own, as the
font's licence asks of changed versions.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from fontTools import subset, version  # type: ignore[import-not-found, unused-ignore]
from fontTools.ttLib import TTFont  # type: ignore[import-not-found, unused-ignore]

SOURCE_SHA256 = "a2125a726118e672952ebc914bdf3e7ef4b8f7c19f56c1044b747a02d107a111"
FONTTOOLS = "4.68.0"
SIGNS = "‘’“”–—…•₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹·×÷±≤≥≠≈°′″‰€£¥§←↑→↓√∑−△▲○●□■☑✓✗"
DROPPED = ("BASE", "GPOS", "GSUB", "VORG", "vhea", "vmtx", "DSIG")
LICENCE = (
    "Copyright 2014-2019 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'. Licensed"
    " under the SIL Open Font License, Version 1.1: https://scripts.sil.org/OFL"
)


def main() -> None:
    """Make both files and the list of what they can show."""
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    if hashlib.sha256(source.read_bytes()).hexdigest() != SOURCE_SHA256:
        sys.exit(f"{source} is not SourceHanSansSC-Regular.otf of 2.001R")
    if version != FONTTOOLS:
        sys.exit(f"fonttools is {version}, {FONTTOOLS} makes the committed bytes")
    basic = {*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, SIGNS)}
    parts = {
        "CarbonSeal Sans": basic | _rows(0xA1, 0xAA) | _rows(0xB0, 0xD8),
        "CarbonSeal Sans Two": _rows(0xD8, 0xF8),
    }
    shown: set[int] = set()
    for family, wanted in parts.items():
        path = out / f"{family.replace(' ', '')}.otf"
        shown |= _make(source, family, wanted - shown, path)
        print(f"{path.name} {path.stat().st_size} {_sha256(path)}")
    (out / "characters.txt").write_text(_ranges(sorted(shown)), encoding="ascii")


def _make(source: Path, family: str, wanted: set[int], path: Path) -> set[int]:
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.drop_tables += DROPPED
    options.name_IDs = []
    options.notdef_outline = True
    font = TTFont(source, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(wanted))
    subsetter.subset(font)
    _rename(font, family)
    font.save(path, reorderTables=True)
    return set(TTFont(path).getBestCmap())


def _rename(font: TTFont, family: str) -> None:
    """Give the font a name that its licence leaves free."""
    post = family.replace(" ", "") + "-Regular"
    names = {0: LICENCE, 1: family, 2: "Regular", 3: post, 4: family, 5: "2.001", 6: post}
    table = font["name"]
    table.names = []
    for identifier, text in names.items():
        table.setName(text, identifier, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [post]
    top[0].FullName, top[0].FamilyName, top[0].Notice = family, family, LICENCE
    top[0].rawDict.pop("Copyright", None)


def _rows(first: int, after: int) -> set[int]:
    """Give the characters of some rows of GB/T 2312."""
    found = set()
    for high in range(first, after):
        for low in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return found


def _ranges(points: list[int]) -> str:
    """Write ascending numbers as ranges in hexadecimal, one a line."""
    lines: list[list[int]] = []
    for point in points:
        if lines and lines[-1][1] == point - 1:
            lines[-1][1] = point
        else:
            lines.append([point, point])
    return "".join(f"{a:x}\n" if a == b else f"{a:x}-{b:x}\n" for a, b in lines)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
