"""
A report as a file: the body that was signed, and one update that adds embedded files.

The body is the PDF as it was drawn. What is known only after its signing, such as the signatures
themselves, follows as one incremental update in one form: whoever has the files can write the
update again, byte for byte. A reader does exactly that, so that nothing else can hide in it.

Source: FORMATS section 12; `docs/formats/report.md`; ISO 32000-1, sections 7.5.4 to 7.5.6, 7.11.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from attestation.errors import EncodingError, VerificationError
from attestation.pdf_body import PdfBody, read_body_of

STATEMENT_NAME: Final = "statement.json"
"""Embedded file of the body: the report document."""
BUNDLE_NAME: Final = "case.carbonseal.json"
"""Embedded file of the update: the case bundle."""
MAX_LENGTH: Final = 64 << 20

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,57}\.[a-z]{2,5}")
_MEDIA: Final[Mapping[str, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "txt": "text/plain",
    "bin": "application/octet-stream",
}
_TAIL = re.compile(rb"startxref\n(0|[1-9][0-9]{0,9})\n%%EOF\n\Z")
_TRAILER = re.compile(rb"trailer\n<<[^\n]{1,2000}/Prev (0|[1-9][0-9]{0,9})>>\n\Z")
_SECTION = re.compile(rb"xref\n")
_SUBSECTION = re.compile(rb"([0-9]{1,9}) ([0-9]{1,9})\n")
_ROW = re.compile(rb"([0-9]{10}) 00000 n \n")
_STREAM = re.compile(
    rb"[0-9]{1,9} 0 obj\n<</Type/EmbeddedFile/Subtype/[A-Za-z0-9#-]{1,64}/Length ([0-9]{1,9})"
    rb"/Params<</Size [0-9]{1,9}/ModDate\(D:[0-9]{14}Z\)>>>>\nstream\n"
)
_FILESPEC = re.compile(rb"[0-9]{1,9} 0 obj\n<</Type/Filespec/F\(([a-z0-9._-]{1,64})\)")


@dataclass(frozen=True, slots=True)
class Attachment:
    """
    A file that the update embeds.

    Raises:
        EncodingError: If its name is not of lower-case letters, digits, dot, dash, underscore.
    """

    name: str
    content: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name.rpartition(".")[2] not in _MEDIA:
            raise _malformed(f"{self.name[:64]!r} is no name of an embedded file")

    @property
    def subtype(self) -> bytes:
        """Its media type as a PDF name."""
        media = _MEDIA[self.name.rpartition(".")[2]]
        return media.replace("/", "#2F").encode()


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report, taken apart."""

    body: bytes
    """What was signed."""
    statement: bytes
    """The document that the body embeds."""
    attachments: tuple[Attachment, ...]
    """What the update adds, in its order."""

    def attachment(self, name: str) -> bytes | None:
        """Give an added file by its name; None where there is none."""
        for each in self.attachments:
            if each.name == name:
                return each.content
        return None


def finish_report(body: bytes, attachments: Sequence[Attachment]) -> bytes:
    """
    Add files to a report's body, as one incremental update.

    Args:
        body: The PDF as it was drawn.
        attachments: At least one; their names differ from each other and from the body's.

    Raises:
        EncodingError: If the body is not a PDF as we draw it, or a name stands twice.
    """
    drawn = read_body_of(body)
    names = [name for name, _ in drawn.files] + [each.name for each in attachments]
    if not attachments or len(set(names)) != len(names):
        raise _malformed("embedded files have names of their own, and there is one at least")
    return body + _update(drawn, attachments)


def open_report(file: bytes) -> ReportFile:
    """
    Take a report apart, if it is a body and exactly one update that only adds embedded files.

    Args:
        file: From outside.

    Raises:
        EncodingError: If it is no PDF as we write it.
        VerificationError: If the update is not the one that its files give.
    """
    if len(file) > MAX_LENGTH:
        raise _malformed(f"a report of {len(file)} bytes, at most {MAX_LENGTH}")
    length, attachments = _read_update(file)
    body = file[:length]
    drawn = read_body_of(body)
    if finish_report(body, attachments) != file:
        raise VerificationError(
            "what follows the body is not one update that only adds files",
            code="verification.report_update",
        )
    return ReportFile(body, drawn.file(STATEMENT_NAME), attachments)


def statement_of(body: bytes) -> bytes:
    """
    Give the document that a body embeds.

    Raises:
        EncodingError: If it is no PDF as we draw it, or embeds no such file.
    """
    return read_body_of(body).file(STATEMENT_NAME)


def is_body(file: bytes) -> bool:
    """Say whether a file is the body of a report alone, as it is drawn before anybody signs."""
    try:
        return len(file) <= MAX_LENGTH and bool(statement_of(file))
    except EncodingError:
        return False


def _update(drawn: PdfBody, attachments: Sequence[Attachment]) -> bytes:
    """Write the update: the catalogue, then for each file its stream and its specification."""
    names = list(drawn.files)
    numbers: list[int] = []
    objects: list[tuple[int, bytes]] = []
    number = drawn.size
    for each in attachments:
        objects.append((number, _stream(each, drawn.modified)))
        objects.append((number + 1, _filespec(each, number)))
        names.append((each.name, number + 1))
        numbers.append(number + 1)
        number += 2
    catalogue = drawn.catalogue_with(sorted(names), numbers)
    content, offsets = b"\n", []
    for place, text in [(drawn.root, catalogue), *objects]:
        offsets.append(drawn.length + len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (place, text)
    rows = [b"%010d 00000 n \n" % offset for offset in offsets]
    xref = b"xref\n%d 1\n%s%d %d\n%s" % (
        *(drawn.root, rows[0]),
        *(drawn.size, len(objects), b"".join(rows[1:])),
    )
    trailer = drawn.trailer_for(number)
    start = drawn.length + len(content)
    return content + xref + trailer + b"startxref\n%d\n%%%%EOF\n" % start


def _stream(file: Attachment, modified: bytes) -> bytes:
    length = len(file.content)
    head = b"<</Type/EmbeddedFile/Subtype/%s/Length %d/Params<</Size %d/ModDate(%s)>>>>\nstream\n"
    return head % (file.subtype, length, length, modified) + file.content + b"\nendstream"


def _filespec(file: Attachment, stream: int) -> bytes:
    name = file.name.encode()
    return (
        b"<</Type/Filespec/F(%s)/UF(%s)/EF<</F %d 0 R/UF %d 0 R>>/AFRelationship/Supplement"
        b"/Desc(%s)>>" % (name, name, stream, stream, name)
    )


def _read_update(file: bytes) -> tuple[int, tuple[Attachment, ...]]:
    """Give where the update begins and what it says it embeds; nothing of it is believed."""
    tail = _TAIL.search(file)
    if tail is None:
        raise _malformed("not a finished report")
    start = int(tail[1])
    section = file[start : tail.start()]
    head, trailer = _SECTION.match(section), _TRAILER.search(section)
    if head is None or trailer is None:
        raise _malformed("the last part of the file is no update of ours")
    offsets = _offsets(section[head.end() : trailer.start()])
    if len(offsets) < 3 or len(offsets) % 2 == 0 or not 0 < offsets[0] <= start:
        raise _malformed("the update is not of a catalogue and files")
    pairs = zip(offsets[1::2], offsets[2::2], strict=True)
    return offsets[0] - 1, tuple(_attachment(file, stream, spec) for stream, spec in pairs)


def _offsets(rows: bytes) -> list[int]:
    """Read the offsets of two subsections: the catalogue's, and that of the new objects."""
    found: list[int] = []
    at = 0
    while at < len(rows):
        count = _SUBSECTION.match(rows, at)
        if count is None:
            raise _malformed("a table of objects in another form")
        at = count.end()
        for _ in range(int(count[2])):
            row = _ROW.match(rows, at)
            if row is None:
                raise _malformed("a table of objects in another form")
            found.append(int(row[1]))
            at = row.end()
    return found


def _attachment(file: bytes, stream: int, spec: int) -> Attachment:
    content, named = _STREAM.match(file, stream), _FILESPEC.match(file, spec)
    if content is None or named is None:
        raise _malformed("an embedded file in another form")
    begin = content.end()
    return Attachment(named[1].decode(), file[begin : begin + int(content[1])])


def _malformed(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.report")
