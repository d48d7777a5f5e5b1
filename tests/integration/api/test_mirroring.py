"""A mirror with accounting: copied from a server, then reckoned with when the server is away."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.bootstrap import Ledger
from api.cli.main import main
from api.errors import BadRequest, PartMissing
from api.mirroring import HoldingsServer, log_fetcher
from api.rule_side import ChainRules
from api.settings import DocumentSettings
from attestation.errors import Error
from chain.rule_runner import RuleRunner
from ledger.errors import EntriesMissing, ForkDetected
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Wanted, load
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.holdings import Holding, HoldingKind
from ledger.inventory.replica import Replica
from ledger.inventory.stating import StatedValue
from ledger.inventory.versions import InventoryVersion
from ledger.log.mirror import Mirror
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.sources import LogSource
from tests.integration.api.test_inventories import SCOPE, drafts
from tests.support.enterprise import NOW, USC, Device, Enterprise
from tests.support.inventories import Accounting

__all__ = ["drafts"]

pytestmark = pytest.mark.real
PIECES = {HoldingKind.CALCULATION, HoldingKind.DIGEST, HoldingKind.VERSION}
URL = f"http://testserver/log/{USC}"


class Copier:
    """A verifier's machine that copies from the server."""

    def __init__(self, client: TestClient, enterprise: Enterprise, folder: Path) -> None:
        self.folder = folder
        source = LogSource(URL, log_fetcher(client, URL))
        self.mirror = Mirror(MirrorFolder(folder), source, enterprise.note_signer.verifier)
        self.server = HoldingsServer(client, URL)

    def copy(self) -> list[tuple[Holding, Error | None]]:
        """Copy what is new, and make the database of it."""
        assert not self.mirror.follow().alerts
        with Replica(self.folder) as replica:
            replica.adopt(self.mirror, now=NOW)
            return replica.store(replica.log(), self.server.list(), self.server.fetch)


@pytest.fixture
def verifier(client: TestClient, granted: dict[str, str]) -> TestClient:
    """A caller who holds a grant."""
    client.headers.update(granted)
    return client


@pytest.fixture
def copier(
    verifier: TestClient,
    enterprise: Enterprise,
    drafts: list[InventoryVersion],
    tmp_path: Path,
) -> Copier:
    """A mirror of a log with two versions of an inventory."""
    assert drafts
    return Copier(verifier, enterprise, tmp_path / "mirror")


@pytest.fixture
def replica(copier: Copier) -> Iterator[Replica]:
    """The database of the mirror."""
    assert all(error is None for _, error in copier.copy())
    with Replica(copier.folder) as opened:
        yield opened


def test_recheck_holds_while_the_operator_is_away(
    copier: Copier,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the operator's database gone, the command makes every number again from the copy."""
    copier.copy()
    ledger.database.close()
    Path(ledger.database.engine.url.database or "").unlink()
    words = ("recheck", USC, SCOPE.unit, SCOPE.period.label, "--mirror", copier.folder, "--json")
    monkeypatch.setattr("sys.argv", ["carbonseal", *map(str, words)])
    capsys.readouterr()  # what the server said while it was copied from
    with pytest.raises(SystemExit) as left:
        main()
    found = json.loads(capsys.readouterr().out)

    assert (left.value.code or 0, found["outcome"], found["number"]) == (0, "held", 2)
    assert {step["outcome"] for step in found["steps"]} == {"held"}


def test_copy_has_the_roots_of_the_original(replica: Replica, enterprise: Enterprise) -> None:
    """Same size, same root, same checkpoint; and it signs nothing."""
    with enterprise.database.reading() as uow:
        head = uow.heads.get(enterprise.log.number)
        note = uow.checkpoints.newest(enterprise.log.number)
    with replica.database.reading() as uow:
        log = replica.log()
        copied = uow.heads.get(log.number)
        copied_note = uow.checkpoints.newest(log.number)

    assert (copied.size, copied.root) == (head.size, head.root)
    assert note is not None and copied_note is not None and copied_note.note == note.note
    assert log.state.name == "FROZEN"


def test_what_is_private_is_its_owner_s(replica: Replica, copier: Copier) -> None:
    """A mirror that is served shows tiles, never the database or the documents' keys."""
    private = copier.folder / "private"
    names = {each.name for each in copier.folder.iterdir()}

    assert replica.is_there
    assert names == {"checkpoint", "tile", "private"}
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert copier.mirror.folder.fetch("private/ledger.sqlite") is None


def test_copy_goes_on_where_it_ended(
    replica: Replica, copier: Copier, enterprise: Enterprise, device: Device
) -> None:
    """New entries are added; what was copied is not copied again."""
    before = copier.mirror.size
    enterprise.accept(*device.row(2))

    assert copier.copy() == []
    with replica.database.reading() as uow:
        assert uow.heads.get(replica.log().number).size == before + 2


def test_entries_that_may_not_be_read_make_no_copy(
    client: TestClient, enterprise: Enterprise, tmp_path: Path
) -> None:
    """Hashes alone cannot be reckoned with, and nothing of them is kept."""
    copier = Copier(client, enterprise, tmp_path / "mirror")
    copier.mirror.follow()
    with Replica(copier.folder) as replica:
        with pytest.raises(EntriesMissing):
            replica.adopt(copier.mirror, now=NOW)
        with pytest.raises(EntriesMissing):
            replica.log()


def test_entries_are_completed_once_they_may_be_read(
    client: TestClient, granted: dict[str, str], enterprise: Enterprise, tmp_path: Path
) -> None:
    """A mirror that began without a grant takes the entries later."""
    copier = Copier(client, enterprise, tmp_path / "mirror")
    unread = copier.mirror.follow().unread
    client.headers.update(granted)

    assert (unread, copier.mirror.complete().unread) == (6, 0)


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        (HoldingKind.CALCULATION, (b'"EXACT"', b'"REPORTED"')),
        (HoldingKind.DIGEST, (b'"salt":"0', b'"salt":"1')),
        (HoldingKind.VERSION, (b'"DRAFT"', b'"FINAL"')),
    ],
)
def test_piece_that_is_not_what_its_name_says_is_left_out(
    copier: Copier, kind: HoldingKind, damage: tuple[bytes, bytes]
) -> None:
    """One word changed on the way: that piece is refused, the others are kept."""
    copier.mirror.follow()

    def fetch(holding: Holding) -> bytes | None:
        content = copier.server.fetch(holding)
        assert content is not None
        return content.replace(*damage, 1) if holding.kind is kind else content

    with Replica(copier.folder) as replica:
        replica.adopt(copier.mirror, now=NOW)
        told = replica.store(replica.log(), copier.server.list(), fetch)

    refused = {holding.kind for holding, error in told if error is not None}
    assert refused == {kind}
    assert {holding.kind for holding, error in told if error is None} == PIECES - {kind}


def test_version_that_was_another_before_is_told(
    copier: Copier, replica: Replica, enterprise: Enterprise, drafts: list[InventoryVersion]
) -> None:
    """An operator who later shows another version 1, sound in itself, is found out."""
    forged = replace(drafts[1], number=1)
    with enterprise.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER guard_inventory_version_update"))
        connection.execute(
            text("UPDATE inventory_version SET content = :content, sha256 = :name WHERE number=1"),
            {"content": forged.content, "name": bytes.fromhex(forged.sha256)},
        )
    ((holding, error),) = copier.copy()

    assert holding.kind is HoldingKind.VERSION
    assert error is not None and "was another before" in error.message
    with replica.database.reading() as uow:
        assert load(uow, replica.log(), SCOPE, 1) == drafts[0]


def test_other_history_is_not_adopted(copier: Copier, replica: Replica) -> None:
    """A copy of the same size and another root contradicts what was adopted."""
    with replica.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER guard_head_update"))
    with replica.database.engine.begin() as connection:
        connection.execute(text("UPDATE head SET root = :root"), {"root": bytes(32)})
    with Replica(copier.folder) as again, pytest.raises(ForkDetected):
        again.adopt(copier.mirror, now=NOW)


def test_documents_that_the_log_names_are_copied(
    ledger: Ledger,
    enterprise: Enterprise,
    drafts: list[InventoryVersion],
    granted: dict[str, str],
    rule_chain: RuleRunner,
    tmp_path: Path,
) -> None:
    """Encrypted under a key of the copy's own; what nothing names is nobody's business."""
    assert drafts
    named, private = b"the grid company's bill", b"a draft of something"
    keys = DocumentKeys(tmp_path / "document-keys")
    with enterprise.database.unit_of_work() as uow:
        for content in (named, private):
            DocumentStore(keys).store(uow, USC, content, media_type="text/plain", now=NOW)
        uow.commit()
    stated = StatedValue(
        "emission-factor:grid",
        Amount.parse("536600000", "kgCO2e"),
        sha256(named).hexdigest(),
        "page 1",
    )
    Accounting(enterprise, ChainRules(rule_chain)).draft(Wanted(SCOPE, stated=(stated,)))
    settings = ledger.settings.model_copy(
        update={"documents": DocumentSettings(keys=tmp_path / "document-keys")}
    )
    server = TestClient(create_app(replace(ledger, settings=settings)), headers=granted)
    copier = Copier(server, enterprise, tmp_path / "mirror")
    told = copier.copy()
    keys.erase(USC)

    assert all(error is None for _, error in told)
    assert [each.name for each, _ in told if each.kind is HoldingKind.DOCUMENT] == [
        sha256(named).hexdigest()
    ]
    with Replica(copier.folder) as replica, replica.database.reading() as uow:
        assert replica.documents.load(uow, USC, sha256(named).digest()) == named
    kinds = {each.kind for each in copier.server.list()}
    assert HoldingKind.DOCUMENT not in kinds


def test_pieces_are_not_for_everybody(
    client: TestClient, elsewhere: dict[str, str], enterprise: Enterprise
) -> None:
    """Neither without a token nor with a neighbour's."""
    assert enterprise
    path = f"/v1/logs/{USC}/holdings"
    for address in (path, f"{path}/versions/{'0' * 64}-1-{'0' * 64}"):
        assert client.get(address).status_code == 401
        assert client.get(address, headers=elsewhere).status_code == 403


def test_piece_that_is_not_there(verifier: TestClient, enterprise: Enterprise) -> None:
    """Unknown names are 404, malformed ones 400."""
    assert enterprise
    path = f"/v1/logs/{USC}/holdings"
    for kind in HoldingKind:
        assert verifier.get(f"{path}/{kind.value}/{'0' * 64}").status_code == 404
    assert verifier.get(f"{path}/versions/x").status_code == 400
    assert verifier.get(f"{path}/secrets/{'0' * 64}").status_code == 400


def test_server_that_lists_nonsense_is_no_server() -> None:
    """An answer that is no list of pieces is not half taken."""
    deep = b'{"holdings":' + b"[" * 200_000
    for content in (b"", b"[]", b'{"holdings":[{"kind":"secrets","name":"x"}]}', deep):
        transport = httpx2.MockTransport(lambda _, said=content: httpx2.Response(200, content=said))
        with pytest.raises(PartMissing):
            HoldingsServer(httpx2.Client(transport=transport), URL).list()


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "٣", "0", "-1"])
def test_version_of_no_number_is_told(replica: Replica, number: str) -> None:
    """A host that names a version so keeps nobody from copying the others."""
    named = Holding(HoldingKind.VERSION, f"{'0' * 64}-{number}-{'0' * 64}", NOW)
    ((_, error),) = replica.store(replica.log(), [named], lambda _: None)

    assert error is not None and "not given" in error.message


def test_address_must_name_a_log() -> None:
    """Pieces are asked for beside `/log/`."""
    with pytest.raises(BadRequest):
        HoldingsServer(httpx2.Client(), "https://log.example/elsewhere")
