"""Leaving an operator: everything arrives at another ledger, with the same roots, and goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from attestation.canonical import canonical_json
from attestation.enums import CommentKind, EvidenceKind, LogState, Outcome, VersionState
from attestation.instants import Instant
from attestation.notes import NoteSigner
from ledger.database import Database
from ledger.errors import ArchiveDamaged, ForkDetected, NotIntegrated, StorageConflict
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import DocumentErased, DocumentRefused
from ledger.inventory.holdings import Holdings
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.inventory.versions import InventoryVersion
from ledger.leaving.packing import freeze, pack
from ledger.leaving.unpacking import unpack
from ledger.log.decisions import Admitted, Duplicate
from ledger.log.fsck import fsck
from ledger.log.fsck_signatures import SerialSignatures
from ledger.log.proving import LogProver
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.cases import Comment
from ledger.repositories.documents import DraftFile
from ledger.repositories.inventories import StoredVersion
from ledger.repositories.logs import Head, Log
from tests.support.enterprise import NOW, USC, Device, Enterprise

SCOPE = Scope.of(USC, "u1", Period.parse("2025-01-01"))
V = "verifier"
BILL = b"the grid company's bill"
LATER = Instant(NOW + 1000)


@dataclass
class Leaving:
    """An enterprise whose log has a little of everything, and the parcel it leaves with."""

    enterprise: Enterprise
    device: Device
    folder: Path
    keys: DocumentKeys

    @property
    def head(self) -> Head:
        """The newest tree of the log."""
        with self.enterprise.database.reading() as uow:
            return uow.heads.get(self.enterprise.log.number)

    def arrive(
        self,
        database: Database,
        keys: DocumentKeys | None = None,
        signer: NoteSigner | None = None,
        *,
        goes_on: bool = True,
    ) -> Log:
        """Take the parcel into another ledger."""
        verifier = (signer or self.enterprise.note_signer).verifier
        return unpack(database, self.folder, verifier, keys, goes_on=goes_on, now=LATER).log

    def change(self, name: str, content: bytes) -> None:
        """Change a file, and its hash in the parcel with it."""
        (self.folder / name).write_bytes(content)
        parcel = json.loads((self.folder / "parcel.json").read_bytes())
        parcel["files"][name] = sha256(content).hexdigest()
        (self.folder / "parcel.json").write_bytes(canonical_json(parcel))


def version() -> InventoryVersion:
    """Give a version that says nothing yet."""
    return InventoryVersion(
        scope=SCOPE,
        number=1,
        state=VersionState.DRAFT,
        recipe="stated-factors/1",
        log_size=3,
        lines=(),
        calculations=(sha256(b"{}").hexdigest(),),
        checks=(),
        secret=bytes(32),
    )


def words(text: str, party: str) -> Comment:
    """Give what a party says of a line."""
    return Comment(
        inventory_id=SCOPE.inventory_id,
        kind=CommentKind.COMMENT,
        anchor={"line": "x"},
        version=1,
        party=party,
        actor="0x01",
        text=text,
        at=NOW,
    )


def fill(enterprise: Enterprise, keys: DocumentKeys) -> None:
    """Keep a document, a version, an anchor and a conversation with the log."""
    log, made = enterprise.log.number, version()
    content = made.content
    kept = StoredVersion(
        *(SCOPE.inventory_id, 1, "u1", SCOPE.period.from_s, SCOPE.period.to_s, made.state),
        *(sha256(content).digest(), made.root, content, NOW),
    )
    question, answer = words("why?", V), words("because", USC)
    with enterprise.database.unit_of_work() as uow:
        store = DocumentStore(keys)
        document = store.store(uow, USC, BILL, media_type="text/plain", now=NOW)
        file = DraftFile("bill", EvidenceKind.ELECTRICITY_BOUGHT, None, document.sha256)
        uow.documents.put_draft(USC, "2025-01", file)
        uow.inventories.add_version(log, kept)
        uow.inventories.add_calculation(log, b"{}", NOW)
        head = uow.heads.get(log)
        anchor = StoredAnchor(
            *(log, head.size, head.root, 7, bytes(32), b"\x01" * 32),
            final_at=NOW,
            evidence={"block": 7},
        )
        uow.anchors.add(anchor)
        root = uow.cases.add_comment(question)
        uow.cases.add_comment(replace(answer, kind=CommentKind.REPLY, root=root, anchor=None))
        uow.commit()


@pytest.fixture(scope="module")
def packed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database left and the parcel; not a byte may change."""
    folder = tmp_path_factory.mktemp("leaving")
    shutil.copyfile(sqlite_template, folder / "old.sqlite")
    keys = DocumentKeys(folder / "keys")
    with Database(f"sqlite:///{folder / 'old.sqlite'}") as database:
        enterprise, device = Enterprise(database), Device()
        enterprise.enrol(device)
        enterprise.accept(*device.row(40))
        fill(enterprise, keys)
        freeze(database, enterprise.log.number)
        pack(database, enterprise.log.number, folder / "parcel", keys)
    return folder


@pytest.fixture
def leaving(packed: Path, tmp_path: Path) -> Iterator[Leaving]:
    """A copy of all of it, so that a test may change what it likes."""
    folder = tmp_path / "leaving"
    shutil.copytree(packed, folder)
    with Database(f"sqlite:///{folder / 'old.sqlite'}") as database:
        device = Device()
        device.row(40)
        yield Leaving(
            Enterprise(database), device, folder / "parcel", DocumentKeys(folder / "keys")
        )


@pytest.fixture
def arrived(leaving: Leaving, database: Database, tmp_path: Path) -> Log:
    """The log at the other ledger, of each kind of database in turn."""
    return leaving.arrive(database, DocumentKeys(tmp_path / "new-keys"))


def test_log_has_the_same_roots(leaving: Leaving, arrived: Log, database: Database) -> None:
    """Of its newest tree and of each checkpoint that was signed, note for note."""
    with database.reading() as uow:
        head = uow.heads.get(arrived.number)
        checkpoints = [each.note for each in uow.checkpoints.stream(arrived.number)]
        report = fsck(uow, arrived, signatures=SerialSignatures(arrived.origin))
    with leaving.enterprise.database.reading() as uow:
        before = [each.note for each in uow.checkpoints.stream(leaving.enterprise.log.number)]

    assert (head.size, head.root) == (leaving.head.size, leaving.head.root)
    assert checkpoints == before
    assert report.outcome() is Outcome.HELD, report.findings
    assert arrived.state is LogState.ACTIVE


def test_log_goes_on_with_the_same_history(
    leaving: Leaving, arrived: Log, database: Database
) -> None:
    """The next reading of the device follows the last; the old tree is a prefix of the new."""
    enterprise = Enterprise(database)
    last, following = Device().row(40)[-1], leaving.device.row(2)
    (again,) = enterprise.admit(last)
    enterprise.accept(*following)
    with database.reading() as uow:
        prover = LogProver(uow, arrived)
        size, root = prover.newest.size, prover.root(leaving.head.size)
        gaps = uow.gaps.sequence_gaps(arrived.number)

    assert isinstance(again, Duplicate)
    assert (size, root) == (leaving.head.size + 2, leaving.head.root)
    assert not gaps


def test_everything_beside_the_log_arrives(
    leaving: Leaving, arrived: Log, database: Database, tmp_path: Path
) -> None:
    """Versions, calculations, documents, drafts, anchors and the words on the case."""
    with database.reading() as uow, leaving.enterprise.database.reading() as old:
        keys = DocumentKeys(tmp_path / "new-keys")
        bill = DocumentStore(keys).load(uow, USC, sha256(BILL).digest())
        holdings = Holdings(uow, arrived, None).listed()
        draft = uow.documents.draft(USC, "2025-01")
        anchor = uow.anchors.newest(arrived.number, final=True)
        comments = uow.cases.comments(SCOPE.inventory_id)
        expected = Holdings(old, leaving.enterprise.log, None).listed()

    assert bill == BILL
    assert holdings == expected
    assert [each.name for each in draft] == ["bill"]
    assert anchor is not None and anchor.evidence == {"block": 7}
    assert [each.text for each in comments] == ["why?", "because"]
    assert comments[1].root == comments[0].number


def test_old_ledger_admits_nothing_more(leaving: Leaving) -> None:
    """Two ledgers that both go on would make two histories."""
    (decision,) = leaving.enterprise.admit(*leaving.device.row(1))

    assert not isinstance(decision, Admitted)


@pytest.fixture
def empty(sqlite_url: str) -> Iterator[Database]:
    """Another ledger, for what must not arrive."""
    with Database(sqlite_url) as opened:
        yield opened


def test_log_is_not_taken_twice(leaving: Leaving, empty: Database) -> None:
    """Nor over another of its name."""
    leaving.arrive(empty)
    with pytest.raises(StorageConflict):
        leaving.arrive(empty)


def test_without_the_key_of_the_log_it_stands_still(leaving: Leaving, empty: Database) -> None:
    """It can be read and proved, and nobody signs in it."""
    assert leaving.arrive(empty, goes_on=False).state is LogState.FROZEN


def test_key_that_was_not_trusted_opens_nothing(leaving: Leaving, empty: Database) -> None:
    """The parcel's own word for the log's key counts for nothing."""
    stranger = NoteSigner.from_seed(leaving.enterprise.origin, bytes(32))
    with pytest.raises(ArchiveDamaged):
        leaving.arrive(empty, signer=stranger)


@pytest.mark.parametrize("name", ["log/tile/entries/000.p/43", "rows/checkpoint.jsonl"])
def test_changed_file_is_found(leaving: Leaving, empty: Database, name: str) -> None:
    """One byte of a file, with the parcel's list as it was."""
    path = leaving.folder / name
    path.write_bytes(path.read_bytes()[:-2] + b"\x00\n")
    with pytest.raises(ArchiveDamaged, match="not the one that was packed"):
        leaving.arrive(empty)


def test_file_left_out_or_added_is_found(leaving: Leaving, empty: Database) -> None:
    """What is listed is there, and nothing else."""
    (leaving.folder / "rows" / "more.jsonl").write_bytes(b"")
    with pytest.raises(ArchiveDamaged, match="more"):
        leaving.arrive(empty)
    (leaving.folder / "rows" / "more.jsonl").unlink()
    (leaving.folder / "rows" / "refusal.jsonl").unlink()
    with pytest.raises(ArchiveDamaged, match="missing"):
        leaving.arrive(empty)


def test_entry_changed_with_the_list_is_found(leaving: Leaving, empty: Database) -> None:
    """A packer who also changes the list still cannot change the tree."""
    name = "log/tile/entries/000.p/43"
    content = bytearray((leaving.folder / name).read_bytes())
    content[-1] ^= 1
    leaving.change(name, bytes(content))
    with pytest.raises(ForkDetected):
        leaving.arrive(empty)
    with empty.reading() as uow:
        assert uow.logs.all() == []


def test_checkpoint_of_another_tree_is_found(leaving: Leaving, empty: Database) -> None:
    """An earlier checkpoint whose root was exchanged for another signed one."""
    name = "rows/checkpoint.jsonl"
    rows = [json.loads(line) for line in (leaving.folder / name).read_bytes().splitlines()]
    rows[1]["note"], rows[2]["note"] = rows[2]["note"], rows[1]["note"]
    leaving.change(name, b"".join(canonical_json(row) + b"\n" for row in rows))
    with pytest.raises(ArchiveDamaged, match="another"):
        leaving.arrive(empty)


def test_log_that_continues_another_comes_after_it(leaving: Leaving, empty: Database) -> None:
    """A successor without its predecessor would begin with a record of nothing."""
    path = leaving.folder / "parcel.json"
    parcel = json.loads(path.read_bytes()) | {"predecessor": "log.example/log/before"}
    path.write_bytes(canonical_json(parcel))
    with pytest.raises(ArchiveDamaged, match="first"):
        leaving.arrive(empty)


def test_piece_that_is_no_file_of_the_parcel_is_not_read(leaving: Leaving, empty: Database) -> None:
    """A name that leads out of the folder leads nowhere."""
    path = leaving.folder / "parcel.json"
    parcel = json.loads(path.read_bytes())
    parcel["holdings"][0]["name"] = "../../../old.sqlite"
    path.write_bytes(canonical_json(parcel))
    with pytest.raises(ArchiveDamaged, match="no file of the parcel"):
        leaving.arrive(empty)


def test_calculation_changed_with_the_list_is_found(leaving: Leaving, empty: Database) -> None:
    """A piece is what its name says, whatever the list says."""
    leaving.change(f"holdings/calculations/{sha256(b'{}').hexdigest()}", b'{"a":1}')
    with pytest.raises(ArchiveDamaged, match="another content"):
        leaving.arrive(empty)


def test_document_changed_with_the_list_is_found(
    leaving: Leaving, empty: Database, tmp_path: Path
) -> None:
    """Its ciphertext is bound to its name."""
    name = f"documents/{sha256(BILL).hexdigest()}"
    content = bytearray((leaving.folder / name).read_bytes())
    content[-1] ^= 1
    leaving.change(name, bytes(content))
    with pytest.raises(ArchiveDamaged, match="decrypt"):
        leaving.arrive(empty, DocumentKeys(tmp_path / "new-keys"))


def test_documents_without_their_key_stay_sealed(
    leaving: Leaving, empty: Database, tmp_path: Path
) -> None:
    """Whoever keeps the key back keeps the documents back."""
    (leaving.folder / "document.key").unlink()
    keys = DocumentKeys(tmp_path / "new-keys")
    leaving.arrive(empty, keys)
    with empty.reading() as uow, pytest.raises(DocumentErased):
        DocumentStore(keys).load(uow, USC, sha256(BILL).digest())


def test_other_key_of_the_enterprise_is_not_written_over(
    leaving: Leaving, empty: Database, tmp_path: Path
) -> None:
    """Documents that lie under it would be lost."""
    keys = DocumentKeys(tmp_path / "new-keys")
    before = keys.get_or_make(USC)
    with pytest.raises(DocumentRefused):
        leaving.arrive(empty, keys)
    assert keys.get(USC) == before


def test_log_with_waiting_entries_is_not_frozen(sqlite_url: str) -> None:
    """They were promised an index in this log."""
    with Database(sqlite_url) as database:
        enterprise, device = Enterprise(database), Device()
        enterprise.enrol(device)
        enterprise.admit(*device.row(1))
        with pytest.raises(NotIntegrated):
            freeze(database, enterprise.log.number)
