"""Documents: named by hash, encrypted, bound to their place, erased with their key."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from attestation.instants import Instant
from ledger.database import Database
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import MAX_DOCUMENT_BYTES, DocumentStore
from ledger.inventory.errors import (
    DocumentBroken,
    DocumentErased,
    DocumentRefused,
    DocumentUnknown,
)
from ledger.repositories.documents import SealedDocument
from tests.support.enterprise import OTHER_USC, USC

REPORT = "检测报告 M-0412: 57.61 %".encode()
NAME = sha256(REPORT).digest()
NOW = Instant(1_712_000_000_000)
LATER = Instant(1_712_000_001_000)


@pytest.fixture
def keys(tmp_path: Path) -> DocumentKeys:
    """An empty folder of keys that does not exist yet."""
    return DocumentKeys(tmp_path / "keys" / "documents")


def put(database: Database, keys: DocumentKeys, usc: str = USC, content: bytes = REPORT) -> None:
    """Store a document."""
    with database.unit_of_work() as uow:
        DocumentStore(keys).store(uow, usc, content, media_type="application/pdf", now=NOW)
        uow.commit()


def read(database: Database, keys: DocumentKeys, usc: str = USC, name: bytes = NAME) -> bytes:
    """Load a document."""
    with database.reading() as uow:
        return DocumentStore(keys).load(uow, usc, name)


def sealed(database: Database, usc: str = USC, name: bytes = NAME) -> SealedDocument:
    """Give a document as it lies in the database."""
    with database.reading() as uow:
        found = uow.documents.sealed(usc, name)
    assert found is not None
    return found


def overwrite(database: Database, usc: str, changed: SealedDocument) -> None:
    """Put other bytes in a document's place."""
    with database.unit_of_work() as uow:
        uow.documents.put(usc, changed)
        uow.commit()


def test_document_comes_back(database: Database, keys: DocumentKeys) -> None:
    """What was stored is given back, with what is known of it."""
    put(database, keys)
    document = sealed(database).document

    assert read(database, keys) == REPORT
    assert (document.media_type, document.size, document.stored_at) == (
        "application/pdf",
        len(REPORT),
        NOW,
    )


def test_database_alone_is_noise(database: Database, keys: DocumentKeys) -> None:
    """Neither the content nor a part of it lies in the row."""
    put(database, keys)

    assert REPORT[:8] not in sealed(database).ciphertext


def test_key_is_for_its_owner_only(database: Database, keys: DocumentKeys, tmp_path: Path) -> None:
    """The key's file and folder are closed to others."""
    put(database, keys)
    folder = tmp_path / "keys" / "documents"
    (file,) = folder.iterdir()

    assert file.name == f"{USC}.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_same_document_is_kept_once(database: Database, keys: DocumentKeys) -> None:
    """Storing it again changes nothing."""
    put(database, keys)
    before = sealed(database)
    put(database, keys)

    assert sealed(database) == before


def test_enterprises_have_keys_of_their_own(database: Database, keys: DocumentKeys) -> None:
    """The same file of two enterprises lies under two keys."""
    put(database, keys)
    put(database, keys, OTHER_USC)

    assert sealed(database).document.key_id != sealed(database, OTHER_USC).document.key_id
    assert read(database, keys, OTHER_USC) == REPORT


def test_document_of_another_enterprise_is_unknown(database: Database, keys: DocumentKeys) -> None:
    """Who knows the hash has nothing yet."""
    put(database, keys)

    with pytest.raises(DocumentUnknown, match=f"{OTHER_USC} has no document"):
        read(database, keys, OTHER_USC)


def test_erasing_the_key_erases_the_document(database: Database, keys: DocumentKeys) -> None:
    """The hash stays, the content is gone."""
    put(database, keys)

    assert keys.erase(USC)
    with pytest.raises(DocumentErased, match="has no document key"):
        read(database, keys)
    assert sealed(database).document.sha256 == NAME


def test_new_key_does_not_open_old_documents(database: Database, keys: DocumentKeys) -> None:
    """After an erasure only what is stored anew can be read."""
    put(database, keys)
    keys.erase(USC)
    put(database, keys, content=b"another")

    with pytest.raises(DocumentErased, match="was erased"):
        read(database, keys)
    put(database, keys)
    assert read(database, keys) == REPORT


def test_erasing_twice_erases_nothing(keys: DocumentKeys) -> None:
    """There is nothing left the second time."""
    keys.get_or_make(USC)

    assert keys.erase(USC)
    assert not keys.erase(USC)


def test_documents_of_others_outlive_an_erasure(database: Database, keys: DocumentKeys) -> None:
    """One enterprise's key is one enterprise's."""
    put(database, keys)
    put(database, keys, OTHER_USC)
    keys.erase(USC)

    assert read(database, keys, OTHER_USC) == REPORT


@pytest.mark.parametrize("part", ["ciphertext", "nonce"])
def test_changed_bytes_do_not_decrypt(database: Database, keys: DocumentKeys, part: str) -> None:
    """One bit of ciphertext or nonce, and nothing comes back."""
    put(database, keys)
    whole = sealed(database)
    content = bytearray(getattr(whole, part))
    content[0] ^= 1
    overwrite(database, USC, replace(whole, **{part: bytes(content)}))

    with pytest.raises(DocumentBroken, match="does not decrypt"):
        read(database, keys)


def test_row_does_not_stand_in_for_another(database: Database, keys: DocumentKeys) -> None:
    """A document's bytes under another document's name do not decrypt."""
    other = b"the real report"
    put(database, keys)
    put(database, keys, content=other)
    forged = replace(
        sealed(database), document=sealed(database, name=sha256(other).digest()).document
    )
    overwrite(database, USC, forged)

    with pytest.raises(DocumentBroken, match="does not decrypt"):
        read(database, keys, name=sha256(other).digest())


def test_changed_media_type_does_not_decrypt(database: Database, keys: DocumentKeys) -> None:
    """What it is said to be is bound, too: a report does not become a script."""
    put(database, keys)
    whole = sealed(database)
    document = replace(whole.document, media_type="text/html")
    overwrite(database, USC, replace(whole, document=document))

    with pytest.raises(DocumentBroken, match="does not decrypt"):
        read(database, keys)


@pytest.mark.parametrize(
    ("content", "media_type", "message"),
    [
        (b"", "application/pdf", "0 bytes"),
        (bytes(MAX_DOCUMENT_BYTES + 1), "application/pdf", "are kept"),
        (b"x", "PDF", "no media type"),
        (b"x", "text/html; charset=utf-8", "no media type"),
    ],
    ids=["empty", "too large", "no subtype", "parameter"],
)
def test_what_is_no_document_is_refused(
    database: Database, keys: DocumentKeys, content: bytes, media_type: str, message: str
) -> None:
    """Empty, too large, or of no type: nothing is kept and no key is made."""
    with (
        database.unit_of_work() as uow,
        pytest.raises(DocumentRefused, match=message),
    ):
        DocumentStore(keys).store(uow, USC, content, media_type=media_type, now=NOW)

    with pytest.raises(DocumentErased, match="no document key"):
        keys.get(USC)


def test_key_file_of_another_length_is_refused(keys: DocumentKeys, tmp_path: Path) -> None:
    """A cut key is an error, never a new key."""
    keys.get_or_make(USC)
    (tmp_path / "keys" / "documents" / f"{USC}.key").write_bytes(bytes(31))

    with pytest.raises(DocumentRefused, match="not a key of 32 bytes"):
        keys.get_or_make(USC)


def test_key_is_made_once(keys: DocumentKeys) -> None:
    """Whoever asks again gets the same key, and it is not printed."""
    first = keys.get_or_make(USC)

    assert keys.get_or_make(USC) == first
    assert first.secret.hex() not in repr(first)


def test_documents_are_listed_oldest_first(database: Database, keys: DocumentKeys) -> None:
    """An enterprise sees what it has stored."""
    with database.unit_of_work() as uow:
        store = DocumentStore(keys)
        store.store(uow, USC, b"later", media_type="text/csv", now=LATER)
        store.store(uow, USC, REPORT, media_type="application/pdf", now=NOW)
        listed = uow.documents.listed(USC)

    assert [each.sha256 for each in listed] == [NAME, sha256(b"later").digest()]
    assert [DocumentStore(keys).is_readable(USC, each) for each in listed] == [True, True]
    keys.erase(USC)
    assert not DocumentStore(keys).is_readable(USC, listed[0])


def test_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """Where a file is in the way, no key is made."""
    (tmp_path / "keys").write_bytes(b"")

    with pytest.raises(DocumentRefused, match="cannot"):
        DocumentKeys(tmp_path / "keys").get_or_make(USC)


def test_key_that_another_process_made_first_counts(keys: DocumentKeys, tmp_path: Path) -> None:
    """Two who make the first key at once end with one key."""
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: keys.get_or_make(USC).secret, range(32)))

    assert len(made) == 1
    assert [path.name for path in (tmp_path / "keys" / "documents").iterdir()] == [f"{USC}.key"]


def test_key_that_is_a_folder_is_an_error(keys: DocumentKeys, tmp_path: Path) -> None:
    """What cannot be read or erased is said, not passed over."""
    (tmp_path / "keys" / "documents" / f"{USC}.key").mkdir(parents=True)

    with pytest.raises(DocumentRefused, match="cannot read"):
        keys.get(USC)
    with pytest.raises(DocumentRefused, match="cannot erase"):
        keys.erase(USC)
