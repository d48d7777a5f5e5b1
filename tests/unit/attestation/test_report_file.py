"""Reports as files: a body, one update, and everything that is nearly that."""

from __future__ import annotations

import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.errors import EncodingError, Error, VerificationError
from attestation.pdf_body import MAX_FILE_LENGTH, inflated, read_body_of
from attestation.report_file import (
    BUNDLE_NAME,
    Attachment,
    finish_report,
    open_report,
    statement_of,
)
from tests.support.reported import ReportedCase

CASE = ReportedCase()
BODY = CASE.body
FILES = (Attachment(BUNDLE_NAME, b'{"a":1}'), Attachment("findings.json", b"[]\nendstream\n"))
REPORT = finish_report(BODY, FILES)


def test_report_gives_back_what_it_was_made_of() -> None:
    """Body, document and files come out as they went in."""
    report = open_report(REPORT)

    assert report.body == BODY
    assert report.statement == CASE.document
    assert report.attachments == FILES
    assert report.attachment("findings.json") == FILES[1].content
    assert report.attachment("other.json") is None


def test_body_is_not_touched() -> None:
    """What was signed are the first bytes of the file, as they were drawn."""
    assert REPORT.startswith(BODY)
    assert statement_of(BODY) == CASE.document


def test_one_set_of_files_makes_one_update() -> None:
    """Nothing of the moment or the machine goes in."""
    assert finish_report(BODY, FILES) == REPORT


def test_update_names_every_file_in_the_order_of_names() -> None:
    """Readers look files up by name, and the body's own stays among them."""
    update = REPORT[len(BODY) :]

    names = b"/Names[(case.carbonseal.json)%d 0 R (findings.json)%d 0 R (statement.json)"
    size = read_body_of(BODY).size
    assert names % (size + 1, size + 3) in update


@pytest.mark.parametrize(
    "files",
    [
        (),
        (FILES[0], FILES[0]),
        (Attachment("statement.json", b"{}"),),
    ],
)
def test_files_have_names_of_their_own(files: tuple[Attachment, ...]) -> None:
    """A file that hides another of its name is not embedded; nor is there an empty update."""
    with pytest.raises(EncodingError):
        finish_report(BODY, files)


@pytest.mark.parametrize("name", ["", "A.json", "a/b.json", "a(b).json", "a.exe", "json"])
def test_name_of_a_file_is_plain(name: str) -> None:
    """No name can end the text it stands in."""
    with pytest.raises(EncodingError):
        Attachment(name, b"")


def second_update() -> bytes:
    """A whole update after the first, well made by itself."""
    start = REPORT.rindex(b"xref\n", 0, REPORT.rindex(b"startxref"))
    section = REPORT[len(BODY) :]
    previous = int(REPORT.rsplit(b"/Prev ", 1)[1].split(b">")[0])
    return REPORT + section.replace(b"/Prev %d" % previous, b"/Prev %d" % start)


def extra_object() -> bytes:
    """An object that no table names, where a reader that repairs files would find it."""
    at = REPORT.rindex(b"xref\n", 0, REPORT.rindex(b"startxref"))
    added = b"99999 0 obj\n<</Type/Page>>\nendobj\n"
    moved = int(REPORT.rsplit(b"startxref\n", 1)[1].split(b"\n")[0]) + len(added)
    tail = REPORT[at:].rsplit(b"startxref\n", 1)[0] + b"startxref\n%d\n%%%%EOF\n" % moved
    return REPORT[:at] + added + tail


def other_catalogue(old: bytes, new: bytes) -> bytes:
    """The update's catalogue says something else, of the same length."""
    assert len(old) == len(new)
    update = REPORT[len(BODY) :]
    assert old in update
    return BODY + update.replace(old, new, 1)


CHANGED = {
    "second update": second_update(),
    "object that no table names": extra_object(),
    "pages of another object": other_catalogue(b"/Pages 1 0 R", b"/Pages 2 0 R"),
    "other language": other_catalogue(b"/Lang(zh-CN)", b"/Lang(en-GB)"),
    "content of a file longer": REPORT.replace(b'{"a":1}', b'{"a":11}'),
    "comment after the end": REPORT + b"% nothing\n",
    "line before the update": BODY + b"\n" + REPORT[len(BODY) :],
    "length of a file changed": REPORT.replace(b"/Length 7/", b"/Length 6/"),
    "size of a file changed": REPORT.replace(b"/Size 7/", b"/Size 6/"),
    "description changed": REPORT.replace(b"/Desc(findings", b"/Desc(fundings"),
    "generation changed": REPORT[: len(BODY)] + REPORT[len(BODY) :].replace(b" n \n", b" f \n", 1),
    "root changed": REPORT[:-60] + REPORT[-60:].replace(b"startxref", b"startxreg"),
    "without its end": REPORT[:-1],
    "body alone": BODY,
    "empty": b"",
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_is_not_one_update_of_files_is_refused(name: str) -> None:
    """Whatever follows the body must be what its files give, byte for byte."""
    with pytest.raises((EncodingError, VerificationError)):
        open_report(CHANGED[name])


def test_swapped_files_are_another_report() -> None:
    """The file opens: whether the content is right, the steps after it say."""
    swapped = REPORT.replace(b'{"a":1}', b'{"a":2}')

    assert open_report(swapped).attachment(BUNDLE_NAME) == b'{"a":2}'


@pytest.mark.parametrize(("first", "step"), [(0, 997), (len(BODY), 7)])
def test_broken_bytes_give_errors_of_ours(first: int, step: int) -> None:
    """Flipped bits at many places are refused or read, never worse."""
    for at in range(first, len(REPORT), step):
        broken = bytearray(REPORT)
        broken[at] ^= 0x11
        with suppress(Error):
            open_report(bytes(broken))


BROKEN_BODIES = {
    "no PDF": b"%PNG" + BODY[4:],
    "something after its end": BODY + b"\n",
    "two revisions": BODY + b"\n" + BODY,
    "two documents": BODY.replace(
        b"(statement.json)", b"(statement.json)1 0 R (statement.json)", 1
    ),
    "other name": BODY.replace(b"/F(statement.json)", b"/F(statemint.json)"),
    "associated with others": BODY.replace(b"/AF[", b"/AF[1 0 R "),
    "encrypted": BODY.replace(b"/Info ", b"/Encrypt 1 0 R/Info "),
}


@pytest.mark.parametrize("name", BROKEN_BODIES)
def test_body_of_another_form_is_refused(name: str) -> None:
    """There is one answer to the question what a body embeds."""
    with pytest.raises(EncodingError):
        statement_of(BROKEN_BODIES[name])


def test_stream_that_inflates_without_end_is_refused() -> None:
    """A few bytes that stand for many gigabytes fill no memory."""
    packed = zlib.compress(bytes(MAX_FILE_LENGTH + 1), 9)
    with pytest.raises(EncodingError):
        inflated(packed)
    with pytest.raises(EncodingError):
        inflated(zlib.compress(b"x") + b"y")


NAMES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}\.(json|csv|txt|bin)", fullmatch=True)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(NAMES.filter(lambda name: name != "statement.json"), st.binary(max_size=300)),
    st.data(),
)
def test_whatever_is_added_comes_back(files: dict[str, bytes], data: st.DataObject) -> None:
    """Any bytes under any names, in any order; and a byte changed is refused or another file."""
    added = [Attachment(name, content) for name, content in files.items()]
    if not added:
        return
    report = finish_report(BODY, added)
    assert open_report(report).attachments == tuple(added)

    at = data.draw(st.integers(len(BODY), len(report) - 1))
    changed = report[:at] + bytes([report[at] ^ 1]) + report[at + 1 :]
    with suppress(Error):
        assert open_report(changed).attachments != tuple(added)
