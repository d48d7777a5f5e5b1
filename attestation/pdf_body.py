"""
A PDF as typst writes it, read as far as its embedded files.

One revision, one table of objects, a plain catalogue: what has another form is refused, so that
there is one answer to the question which files a body embeds.

Source: ISO 32000-1, sections 7.5 and 7.11.4; `docs/formats/report.md`, section 2.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.errors import EncodingError

MAX_FILE_LENGTH: Final = 32 << 20

_HEAD: Final = b"%PDF-1."
_TAIL = re.compile(rb"startxref\n(0|[1-9][0-9]{0,9})\n%%EOF\Z")
_TABLE = re.compile(rb"xref\n0 ([1-9][0-9]{0,6})\n0000000000 65535 f\r\n")
_ROW = re.compile(rb"([0-9]{10}) 00000 n\r\n")
_TRAILER = re.compile(
    rb"trailer\n<</Size ([1-9][0-9]{0,6})/Root ([1-9][0-9]{0,6}) 0 R"
    rb"(/Info [1-9][0-9]{0,6} 0 R)(/ID\[\([!-~]{0,64}\)\([!-~]{0,64}\)\])>>\n\Z"
)
_MODIFIED = re.compile(rb"/ModDate\((D:[0-9]{14}Z)\)")
_NAMES = re.compile(rb"/Names<</EmbeddedFiles<</Names\[([^\[\]<>]*)\]>>>>/AF\[([0-9 R]*)\]")
_NAMED = re.compile(rb"\(([a-z0-9._-]{1,64})\)([1-9][0-9]{0,6}) 0 R ?")
_FILESPEC = re.compile(rb"<</Type/Filespec/F\(([a-z0-9._-]{1,64})\).*/EF<</F ([1-9][0-9]{0,6}) 0 R")
_STREAM = re.compile(rb"<</Length ([0-9]{1,9})/Type/EmbeddedFile(.*?)>>\nstream\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PdfBody:
    """What of a drawn PDF matters for its embedded files."""

    content: bytes
    size: int
    """Number of the first object that it does not have."""
    root: int
    """Object of its catalogue."""
    start: int
    """Offset of its table of objects."""
    offsets: tuple[int, ...]
    info: bytes
    identity: bytes
    modified: bytes
    """Date of the document, as PDF writes dates."""
    files: tuple[tuple[str, int], ...]
    """Name and file specification's object of each embedded file."""

    @property
    def length(self) -> int:
        """Bytes."""
        return len(self.content)

    def file(self, name: str) -> bytes:
        """
        Give an embedded file.

        Raises:
            EncodingError: If there is none of that name, or it has another form.
        """
        found = dict(self.files)
        if name not in found:
            raise _malformed(f"the body embeds no {name}")
        spec = _FILESPEC.match(_object(self.content, self.offsets, found[name]))
        if spec is None or spec[1].decode() != name:
            raise _malformed("a file specification in another form")
        text = _object(self.content, self.offsets, int(spec[2]))
        stream = _STREAM.match(text)
        if stream is None:
            raise _malformed("an embedded file in another form")
        begin = stream.end()
        raw = text[begin : begin + int(stream[1])]
        if text[begin + int(stream[1]) :] != b"\nendstream":
            raise _malformed("an embedded file of another length")
        return inflated(raw) if b"/Filter/FlateDecode" in stream[2] else raw

    def catalogue_with(self, files: Sequence[tuple[str, int]], added: Sequence[int]) -> bytes:
        """Give the catalogue with these embedded files, of which some are added."""
        text = _object(self.content, self.offsets, self.root)
        names = b" ".join(b"(%s)%d 0 R" % (name.encode(), number) for name, number in files)
        match = _NAMES.search(text)
        if match is None:
            raise _malformed("a catalogue in another form")
        associated = b" ".join([match[2], *(b"%d 0 R" % number for number in added)])
        replaced = b"/Names<</EmbeddedFiles<</Names[%s]>>>>/AF[%s]" % (names, associated)
        return text[: match.start()] + replaced + text[match.end() :]

    def trailer_for(self, size: int) -> bytes:
        """Give the trailer of an update after which there are so many objects."""
        parts = (size, self.root, self.info, self.identity, self.start)
        return b"trailer\n<</Size %d/Root %d 0 R%s%s/Prev %d>>\n" % parts


def read_body_of(content: bytes) -> PdfBody:
    """
    Read a PDF as it was drawn: one revision.

    Args:
        content: From outside.

    Raises:
        EncodingError: If it has another form.
    """
    tail = _TAIL.search(content)
    if not content.startswith(_HEAD) or tail is None:
        raise _malformed("not a PDF as it is drawn")
    start = int(tail[1])
    section = content[start : tail.start()]
    table, trailer = _TABLE.match(section), _TRAILER.search(section)
    if table is None or trailer is None:
        raise _malformed("a PDF of another form, or of more than one revision")
    offsets = _read_rows(section[table.end() : trailer.start()])
    size, root = int(trailer[1]), int(trailer[2])
    if int(table[1]) != size or len(offsets) != size - 1 or root >= size:
        raise _malformed("a table of objects that does not fit")
    catalogue = _object(content, offsets, root)
    modified = _MODIFIED.search(_object(content, offsets, int(trailer[3].split()[1])))
    if modified is None:
        raise _malformed("a PDF without the date of its document")
    return PdfBody(
        content=content,
        size=size,
        root=root,
        start=start,
        offsets=offsets,
        info=trailer[3],
        identity=trailer[4],
        modified=modified[1],
        files=_files(catalogue),
    )


def _read_rows(rows: bytes) -> tuple[int, ...]:
    found: list[int] = []
    at = 0
    while at < len(rows):
        row = _ROW.match(rows, at)
        if row is None:
            raise _malformed("a table of objects in another form")
        found.append(int(row[1]))
        at = row.end()
    return tuple(found)


def _object(content: bytes, offsets: Sequence[int], number: int) -> bytes:
    """Give what stands in an object, up to its end."""
    if not 0 < number <= len(offsets):
        raise _malformed(f"there is no object {number}")
    start = offsets[number - 1]
    later = [each for each in offsets if each > start]
    text = content[start : min(later, default=len(content))]
    head = b"%d 0 obj\n" % number
    end = text.rfind(b"\nendobj")
    if not text.startswith(head) or end < 0:
        raise _malformed(f"object {number} does not stand where the table says")
    return text[len(head) : end]


def _files(catalogue: bytes) -> tuple[tuple[str, int], ...]:
    matches = _NAMES.findall(catalogue)
    if not catalogue.startswith(b"<</Type/Catalog/") or len(matches) != 1:
        raise _malformed("a catalogue in another form")
    names, associated = matches[0]
    found = tuple((name.decode(), int(number)) for name, number in _NAMED.findall(names))
    written = b" ".join(b"(%s)%d 0 R" % (name.encode(), number) for name, number in found)
    listed = b" ".join(b"%d 0 R" % number for _, number in found)
    if written != names or listed != associated or len(dict(found)) != len(found):
        raise _malformed("embedded files in another form")
    return found


def inflated(raw: bytes) -> bytes:
    """
    Give what a stream was compressed from; a small one that gives much is refused.

    Raises:
        EncodingError: If it does not inflate, is too long, or goes on after its end.
    """
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(raw, MAX_FILE_LENGTH)
    except zlib.error as error:
        raise _malformed("a stream that does not inflate") from error
    if stream.unconsumed_tail or stream.unused_data or not stream.eof:
        raise _malformed("a stream that is too long, or goes on after its end")
    return content


def _malformed(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.report")
