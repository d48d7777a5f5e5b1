"""`carbonseal audit`: what was done, exported with proofs and checked offline."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.ids import ZERO_HASH, parse_origin
from attestation.notes import parse_vkey
from attestation.trust_root import TrustedLog, format_trust_root, make_trust_root
from tests.support.enterprise import OTHER_USC, USC
from tests.support.operator import CASE, Operator, note, noted
from tests.unit.api.cli.conftest import Place, Run


@pytest.fixture
def operator(place: Place) -> Operator:
    """The operator of the place, with a log of its own that holds two of three actions."""
    found = Operator(place.enterprise.database)
    key = place.folder / "keys" / f"{OTHER_USC}.pem"
    key.write_bytes(found.home.log_key.to_pem(None))
    key.chmod(0o600)
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(
        text.replace("[log]", f'[log]\noperator = "{OTHER_USC}"'), encoding="utf-8"
    )
    database = place.enterprise.database
    note(database, noted(before={"text": "a"}), noted(what="case.tick", after=None))
    found.carry()
    note(database, noted(subject="case 0xcd"))
    return found


def trust_of(operator: Operator, folder: Path, *, name: str | None = None) -> Path:
    """Write a trust root with the key of the operator's log, or of another."""
    origin = parse_origin(name or operator.log.origin)
    vkey = operator.log.vkey if name is None else operator.home.note_signer.verifier.vkey
    log = TrustedLog(str(origin), parse_vkey(vkey), origin.log_id)
    path = folder / "trust.json"
    path.write_bytes(format_trust_root(make_trust_root([log], [ZERO_HASH])))
    return path


def test_actions_are_listed(place: Place, operator: Operator, run: Run) -> None:
    """Field by field from and to, and by what they are about."""
    del operator
    ran = run("audit", "list", "--json", "--config", place.config)
    text = run("audit", "list", "--subject", CASE, "--config", place.config)

    assert [each["what"] for each in ran.document] == ["case.comment", "case.tick", "case.comment"]
    assert ran.document[0]["changes"] == [{"field": "text", "from": "a", "to": "why so much?"}]
    assert [each["in_log"] for each in ran.document] == [True, True, False]
    assert "text: a → why so much?" in text.out
    assert "0xcd" not in text.out


def test_export_is_checked_offline(place: Place, operator: Operator, run: Run) -> None:
    """What stands in the log is proved; what waits is counted."""
    out = place.folder / "actions.zip"
    ran = run("audit", "export", "--out", out, "--json", "--config", place.config)
    checked = run("audit", "verify", out, "--trust", trust_of(operator, place.folder), "--json")

    assert (ran.code, ran.document["actions"], ran.document["waiting"]) == (0, 2, 1)
    assert checked.code == 0, checked.out
    assert checked.document["signed_by"] == operator.log.origin
    assert checked.document["as_of"]["logs"] == {operator.log.origin: 2}
    assert [each["what"] for each in checked.document["actions"]] == ["case.comment", "case.tick"]


def test_changed_export_does_not_hold(place: Place, operator: Operator, run: Run) -> None:
    """One byte of the file, and a key that is not the one trusted: exit code 1."""
    out = place.folder / "actions.zip"
    run("audit", "export", "--out", out, "--config", place.config)
    trust = trust_of(operator, place.folder)
    content = bytearray(out.read_bytes())
    content[len(content) // 2] ^= 1
    changed = place.folder / "changed.zip"
    changed.write_bytes(content)
    other = trust.with_name("other.json")
    enterprise = place.enterprise
    log = TrustedLog(
        enterprise.origin, parse_vkey(enterprise.log.vkey), parse_origin(enterprise.origin).log_id
    )
    other.write_bytes(format_trust_root(make_trust_root([log], [ZERO_HASH])))

    assert run("audit", "verify", changed, "--trust", trust).code == 1
    ran = run("audit", "verify", out, "--trust", other)
    assert ran.code == 1
    assert "verification.note_unsigned" in ran.out


def test_nothing_is_exported_without_an_operators_log(place: Place, run: Run) -> None:
    """It says which setting is missing."""
    ran = run("audit", "export", "--out", place.folder / "x.zip", "--config", place.config)

    assert ran.code == 3
    assert "log.operator" in ran.err
    assert run("audit", "list", "--enterprise", USC, "--config", place.config).code == 0


def test_everything_is_searched_and_noted(place: Place, operator: Operator, run: Run) -> None:
    """The index is made again by one command; each query stands in the ledger of actions."""
    del operator
    made = run("audit", "reindex", "--json", "--config", place.config)
    found = run("audit", "search", USC, "--kind", "series", "--json", "--config", place.config)
    text = run("audit", "search", "nothing-like-this", "--config", place.config)
    noted = run("audit", "list", "--what", "audit.search", "--json", "--config", place.config)

    assert made.document["items"]["series"] == 1
    assert [each["link"] for each in found.document] == [f"/v1/logs/{USC}/entries/1"]
    assert "nothing is found" in text.out
    fields = [{each["field"]: each["to"] for each in one["changes"]} for one in noted.document]
    assert [(each["q"], each["shown"]) for each in fields] == [(USC, 1), ("nothing-like-this", 0)]
