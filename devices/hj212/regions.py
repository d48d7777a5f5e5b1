"""
The data region (数据区): groups of named values, and the factors among them.

`;` parts groups, `,` the items of a group, `-` a factor's code from its field:

    DataTime=20240122170000;a00000-Cou=19191.973,a00000-Avg=5.331,a00000-Flag=N;a01011-…

Text is UTF-8, as the logs of loggers are, or GB18030, as older ones write.

Source: HJ 212-2017, section 6.3.3 and table 5; HJ 212-2025, section 6.3.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from devices.errors import ProtocolError

_ITEM: Final = re.compile(r"(?://.*?//|[^;,])+", re.DOTALL)  # text between // may hold ; and ,
_NAME: Final = re.compile(r"[0-9A-Za-z_.]{1,40}(?:-[0-9A-Za-z_]{1,20})?")
_CONTENT_LIMIT: Final = 1024
_ITEM_LIMIT: Final = 2000


@dataclass(frozen=True, slots=True)
class Region:
    """A data region, taken apart."""

    values: Mapping[str, str]
    """Values that belong to no factor: `DataTime`, `BeginTime`, `QnRtn` …"""
    factors: Mapping[str, Mapping[str, str]]
    """By factor code (因子编码), its fields: `Rtd`, `Min`, `Avg`, `Max`, `Cou`, `Flag` …"""


EMPTY_REGION: Final = Region({}, {})


def parse_region(region: bytes) -> Region:
    """
    Take a plain data region apart.

    Raises:
        ProtocolError: If it is not text, an item has no name or comes twice.
    """
    values: dict[str, str] = {}
    factors: dict[str, dict[str, str]] = {}
    for number, item in enumerate(_ITEM.findall(_text(region))):
        if number >= _ITEM_LIMIT:
            raise ProtocolError(f"a data region of more than {_ITEM_LIMIT} items")
        if not item.strip():
            continue
        name, mark, content = item.strip().partition("=")
        if not mark or not _NAME.fullmatch(name) or len(content) > _CONTENT_LIMIT:
            raise ProtocolError(f"not an item of a data region: {item[:40]!r}")
        code, dash, kind = name.partition("-")
        home, key = (factors.setdefault(code, {}), kind) if dash else (values, name)
        if key in home:
            raise ProtocolError(f"{name} is twice in the data region")
        home[key] = content.strip()
    return Region(values, factors)


def format_region(
    values: Iterable[tuple[str, str]],
    factors: Iterable[tuple[str, Iterable[tuple[str, str]]]] = (),
) -> bytes:
    """Write a data region; the inverse of `parse_region` for what the standard allows."""
    groups = [f"{name}={content}" for name, content in values]
    groups += [
        ",".join(f"{code}-{kind}={content}" for kind, content in fields) for code, fields in factors
    ]
    return ";".join(groups).encode()


def join_regions(parts: Iterable[bytes]) -> bytes:
    """
    Join the regions of the parts of one packet, in their order.

    Parts repeat the time of their data (`DataTime`); where they agree it stands once.

    Raises:
        ProtocolError: If two parts are of different times.
    """
    joined: list[str] = []
    times: set[str] = set()
    for part in parts:
        for group in _text(part).split(";"):
            if group.startswith("DataTime="):
                if group in times:
                    continue
                times.add(group)
            if group:
                joined.append(group)
    if len(times) > 1:
        raise ProtocolError(f"parts of one packet are of different times: {sorted(times)}")
    return ";".join(joined).encode()


def _text(region: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return region.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ProtocolError("the data region is no text")
