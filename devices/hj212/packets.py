"""
Packets (数据包): what a data segment says, field by field.

    QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;[PNUM=…;PNO=…;][RF=1;]CP=&&…&&

The head is plain ASCII and strict, because it decides who is speaking; the data region is kept as
bytes until something asks for its fields, because it may be encrypted or in Chinese.

Source: HJ 212-2017, tables 2 to 4; HJ 212-2025, section 6.3 (adds RF for data sent again).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from devices.errors import ProtocolError
from devices.hj212.flags import Flag, parse_flag

_REGION_START: Final = b"CP=&&"
_REGION_END: Final = b"&&"
_HEAD_LIMIT: Final = 256
_REQUEST: Final = re.compile(r"\d{14}(?:\d{3})?")
_SYSTEM: Final = re.compile(r"[0-9A-Z]{2}")
_COMMAND: Final = re.compile(r"\d{4}")
_STATION: Final = re.compile(r"[0-9A-Za-z_-]{1,24}")
_PASSWORD: Final = re.compile(r"[\x21-\x3a\x3c-\x7e]{1,32}")
_NUMBER: Final = re.compile(r"\d{1,9}")
_SENT_AGAIN: Final = re.compile("[01]")
_MAX_PARTS: Final = 999
_HEAD_FIELDS: Final = frozenset({"QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"})


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; a whole one, or one part of several."""

    command: str
    """CN, four digits."""
    station: str
    """MN, the data logger's number (设备唯一标识), up to 24 characters."""
    region: bytes
    """The data region between `CP=&&` and `&&`, as it came, perhaps encrypted."""
    request: str = ""
    """QN, the request's number: a time to the millisecond; empty where an old logger has none."""
    system: str = ""
    """ST, the system's code: 31 stack gas, 32 waste water, 91 interaction."""
    password: str = field(default="", repr=False)
    """PW; kept out of every text made of the packet."""
    flag: Flag | None = None
    """Absent where an old logger sends none."""
    part_count: int = 1
    """PNUM; 1 for a whole packet."""
    part: int = 1
    """PNO, from 1."""
    sent_again: bool = False
    """RF=1: data of an earlier time, sent later (补传)."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing else belongs to it."""
        return self.part_count == 1

    @property
    def answer_wanted(self) -> bool:
        """Whether the sender waits for an answer."""
        return self.flag is not None and self.flag.answer_wanted


def parse_packet(segment: bytes) -> Packet:
    """
    Read a data segment.

    Raises:
        ProtocolError: If a field is missing, twice there or malformed.
    """
    head, start, rest = segment.partition(_REGION_START)
    if not start or not rest.endswith(_REGION_END):
        raise ProtocolError("a segment without CP=&&…&&")
    fields = _head_fields(head)
    part_count, part = _parts(fields)
    return Packet(
        command=_required(fields, "CN", _COMMAND),
        station=_required(fields, "MN", _STATION),
        region=rest.removesuffix(_REGION_END),
        request=_optional(fields, "QN", _REQUEST),
        system=_optional(fields, "ST", _SYSTEM),
        password=_optional(fields, "PW", _PASSWORD),
        flag=parse_flag(fields["Flag"]) if "Flag" in fields else None,
        part_count=part_count,
        part=part,
        sent_again=_optional(fields, "RF", _SENT_AGAIN) == "1",
    )


def format_packet(packet: Packet) -> bytes:
    """Give the packet's data segment; the inverse of `parse_packet`."""
    flag = packet.flag
    numbered = flag is not None and flag.numbered
    pairs = [
        ("QN", packet.request),
        ("ST", packet.system),
        ("CN", packet.command),
        ("PW", packet.password),
        ("MN", packet.station),
        ("Flag", "" if flag is None else str(flag.to_int())),
        ("PNUM", str(packet.part_count) if numbered else ""),
        ("PNO", str(packet.part) if numbered else ""),
        ("RF", "1" if packet.sent_again else ""),
    ]
    head = "".join(f"{name}={content};" for name, content in pairs if content)
    return head.encode("ascii") + _REGION_START + packet.region + _REGION_END


def _head_fields(head: bytes) -> dict[str, str]:
    if len(head) > _HEAD_LIMIT or not head.isascii():
        raise ProtocolError("the head of a segment must be up to 256 ASCII characters")
    fields: dict[str, str] = {}
    for item in head.decode("ascii").split(";"):
        name, mark, content = item.strip().partition("=")
        if not name and not mark:
            continue
        if name in fields or not mark:
            raise ProtocolError(f"{name or item!r} is twice in the head, or has no value")
        fields[name] = content
    return {name: content for name, content in fields.items() if name in _HEAD_FIELDS}


def _required(fields: dict[str, str], name: str, form: re.Pattern[str]) -> str:
    if name not in fields:
        raise ProtocolError(f"{name} is missing")
    return _optional(fields, name, form)


def _optional(fields: dict[str, str], name: str, form: re.Pattern[str]) -> str:
    """Take a field of the head; the message never shows a password."""
    content = fields.get(name, "")
    if content and not form.fullmatch(content):
        shown = "of the wrong form" if name == "PW" else repr(content)
        raise ProtocolError(f"{name} is {shown}")
    if name in fields and not content and name in {"CN", "MN"}:
        raise ProtocolError(f"{name} is empty")
    return content


def _parts(fields: dict[str, str]) -> tuple[int, int]:
    """Give PNUM and PNO, which come together or not at all."""
    if ("PNUM" in fields) != ("PNO" in fields):
        raise ProtocolError("PNUM and PNO come together")
    part_count = int(_optional(fields, "PNUM", _NUMBER) or 1)
    part = int(_optional(fields, "PNO", _NUMBER) or 1)
    if not 1 <= part <= part_count <= _MAX_PARTS:
        raise ProtocolError(f"part {part} of {part_count}, 1 to {_MAX_PARTS} are taken")
    return part_count, part
