"""
An enterprise leaves one operator for another: two databases, two servers, two accounts, one chain.

Packed and taken in, named on the chain by the enterprise's two persons and accepted, and then the
gateway, the tree, the anchors and the case go on where they were.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.cli.case_documents import LocalCases
from api.clock import SystemClock
from attestation.canonical import canonical_json
from attestation.enums import LogState
from attestation.notes import parse_vkey
from chain.addresses import format_address
from chain.errors import Reverted
from ledger.database import Database
from ledger.errors import ArchiveDamaged, ForkDetected
from ledger.inventory.replica import Replica
from ledger.leaving.unpacking import unpack
from ledger.log.anchor_targets import Standing, compare, make_target
from ledger.log.mirror import Mirror
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.sources import LogSource
from ledger.log.start_check import check_logs
from ledger.log.witnessing import UNWITNESSED
from ledger.ports import AnchorTarget
from tests.support.case_place import UNIT, CasePlace, case_place
from tests.support.command_line import wait_until
from tests.support.second_operator import Gateway, Operator, second_operator

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("leaving"), pytest.mark.timeout(600)]

READING = 4
"""Entry of the month's readings."""
PARTS = ("", "lines", "comments", "findings", "readiness", "checks", "visits")
OF_THE_SECOND = frozenset({"countdowns", "risk", "reasons", "recomputed_at"})
"""What depends on the moment of asking."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CasePlace]:
    """A month in the log, and everybody's offices."""
    with case_place(tmp_path_factory.mktemp("leaving") / "place") as made:
        yield made


def worked_on(place: CasePlace, first: Operator) -> None:
    """Bring a case to where a verifier has raised a finding, ticked, spoken and approved."""
    cast = place.world.cast
    enterprise, verifier, lead = cast.enterprise, cast.verifier, cast.verifier.initiator
    place.act(enterprise, "draft", "--sector", "power")
    place.version("570.3")
    place.act(enterprise, "submit", "--ledger", place.world.config)
    place.act(
        cast.regulator,
        "assign",
        *("--verifier", verifier.code, "--city", cast.city.code),
        *("--lead", format_address(lead.address)),
        *("--reviewer", format_address(verifier.approver.address)),
    )
    session = place.path("session.json")
    server = ("--url", first.url, "--session-file", session)
    place.do(
        *("login", "--keystore", place.path(f"{lead.address.hex()}.json"), *server, "--yes"),
        *("--password-file", place.path("person.password")),
    )
    wait_until(
        lambda: place.run("case", "lines", place.subject, *server, "--json").code == 0,
        "the assignment is not read",
    )
    out = place.path("finding.record.json")
    place.do(
        *("case", "finding", "raise", place.subject, "--kind", "clarification"),
        *("--severity", "minor", "--title", "missing days", "--text", "how are they filled"),
        *("--line", f"energy_bought:{place.month.label}:grid:purchased-electricity"),
        *("--out", out, *place.office(verifier), *server),
    )
    place.signed(out, lead)
    assert place.hand_in(out, verifier).code == 0
    place.do("case", "tick", place.subject, "--all", *server)
    place.do("case", "comment", place.subject, "where is the bill?", *server)
    place.do("case", "comment", place.subject, "page 2", "--to", 1, "--resolve", *server)
    basis = place.run("case", "readiness", place.subject, *server, "--json").document["basis"]
    place.do("case", "approve", place.subject, basis, *server)


def mirrored(place: CasePlace, first: Operator) -> Path:
    """Copy everything with the verifier's own session."""
    copy, session = place.path("mirror"), place.path("session.json")
    place.do(
        *("mirror", f"{first.url}/log/{place.usc}", "--out", copy, "--accounting"),
        *("--vkey", place.world.log_verifier.vkey, "--session", "--session-file", session),
        *("--rpc", place.world.chain.rpc_url),
        *("--deployments", place.folder / "deployments.json"),
    )
    return copy


def without_clocks(document: Any) -> Any:
    """Leave out what depends on the moment of asking."""
    if isinstance(document, dict):
        kept = document.items()
        return {name: without_clocks(each) for name, each in kept if name not in OF_THE_SECOND}
    if isinstance(document, list):
        return [without_clocks(each) for each in document]
    return document


def case_in(database: Database, place: CasePlace) -> dict[str, Any]:
    """Give everything that a database, an operator's or a mirror's, says of the case."""
    cases, name = LocalCases(database), f"0x{place.scope.inventory_id.hex()}"
    return {part: without_clocks(cases.look(name, part)) for part in PARTS}


def shown(place: CasePlace, *where: object) -> Any:
    """Give the case as the command shows it."""
    return without_clocks(place.do("case", "show", place.subject, *where))


def state_at(operator: Operator) -> tuple[LogState, int]:
    """Give whether the log is written at an operator, and its size there."""
    with operator.database() as database, database.reading() as uow:
        log = uow.logs.by_name(operator.place.usc, "localhost")
        return log.state, uow.heads.get(log.number).size


def anchored(operator: Operator) -> int:
    """Give the size that an operator knows to be anchored and final."""
    with operator.database() as database, database.reading() as uow:
        log = uow.logs.by_name(operator.place.usc, "localhost")
        found = uow.anchors.newest(log.number, final=True)
    return 0 if found is None else found.size


def refused_anchor(operator: Operator) -> str:
    """Have an operator sign its newest checkpoint for the chain; gives why it is refused."""
    with operator.ledger() as ledger:
        anchorer = ledger.chain.anchorer
        with ledger.database.reading() as uow:
            log = uow.logs.by_name(operator.place.usc, "localhost")
            found = compare(uow, log, anchorer.latest(log.log_id), policy=UNWITNESSED)
            target = AnchorTarget(log.log_id, found.size, found.root, ())
            if found.standing is Standing.CHANGED:
                target = make_target(uow, found)
        with pytest.raises(Reverted) as refused:
            anchorer.prepare([target], nonce=anchorer.next_nonce())
    return refused.value.name


def altered(parcel: Path, to: Path, how: str) -> Path:
    """Copy a parcel with one entry changed, left out or exchanged, under a list that agrees."""
    shutil.copytree(parcel, to)
    bundle = next((to / "log" / "tile" / "entries").rglob("*.p/*"))
    content = bundle.read_bytes()
    entries: list[bytes] = []
    at = 0
    while at < len(content):
        length = 2 + int.from_bytes(content[at : at + 2])
        entries.append(content[at : at + length])
        at += length
    if how == "changed":
        entries[5] = entries[5][:-1] + bytes([entries[5][-1] ^ 1])
    elif how == "omitted":
        entries.pop(5)
    else:
        entries[5], entries[6] = entries[6], entries[5]
    bundle.write_bytes(b"".join(entries))
    listed = json.loads((to / "parcel.json").read_bytes())
    name = bundle.relative_to(to).as_posix()
    listed["files"][name] = sha256(bundle.read_bytes()).hexdigest()
    (to / "parcel.json").write_bytes(canonical_json(listed))
    return to


def test_enterprise_leaves_with_everything(place: CasePlace) -> None:
    """From the first operator's case to the second operator's anchor over the same tree."""
    usc, cast = place.usc, place.world.cast
    first = Operator(place.world.config, place.web_port, place, worker=place.processes[0])
    second = second_operator(place)
    gateway = Gateway(place, place.key)
    worked_on(place, first)
    bundle = place.path("old.carbonseal.json")
    first.do("log", "bundle", usc, READING, "--out", bundle)

    def is_carried() -> bool:
        out = place.path("actions.zip")
        return bool(first.do("audit", "export", "--out", out)["waiting"] == 0)

    wait_until(is_carried, "the actions are not in the operator's log")
    copy = mirrored(place, first)

    # The last reading at the first operator is in its tree, and not on the chain.
    first.stop_worker()
    earlier, last = gateway.measure()
    assert first.submit(earlier).json()["code"] == "duplicate"
    assert first.submit(last).json()["code"] == "admitted"
    with first.ledger() as ledger:
        with ledger.database.reading() as uow:
            number = uow.logs.by_name(usc, "localhost").number
        ledger.sequencer.integrate(number, now=ledger.clock.now(), wait=False)
        ledger.surveyor.survey_all(number)

    # Packed with its key; it comes whole or not at all, and once.
    password, parcel = place.path("person.password"), place.path("parcel")
    key = ("--log-key-password-file", password)
    left = first.do("leave", "export", usc, "--out", parcel, *key)
    actions = first.do("audit", "list", "--enterprise", usc)
    with first.database() as database:
        at_first = case_in(database, place)
    operator_vkey = next(
        each["vkey"] for each in first.do("log", "list") if each["origin"] != left["origin"]
    )
    trusted = ("--vkey", left["vkey"], *key, "--operator-vkey", operator_vkey)
    verifier = parse_vkey(left["vkey"])
    for how in ("changed", "omitted", "reordered"):
        hostile = altered(parcel, place.path(f"parcel-{how}"), how)
        with second.database() as database:
            with pytest.raises((ArchiveDamaged, ForkDetected)):
                unpack(database, hostile, verifier, None, goes_on=True, now=SystemClock().now())
            with database.reading() as uow:
                assert uow.logs.all() == [], how
    came = second.do("leave", "import", parcel, *trusted)
    assert (came["root"], came["state"], came["chain"]) == (left["root"], "active", "held")
    assert place.run("leave", "import", parcel, *trusted, *second.settings).code != 0
    second.start()

    # Until the enterprise has named the new operator, that one can neither accept nor anchor.
    assert place.run("leave", "accept", usc, *second.settings, "--json").code != 0
    assert refused_anchor(second) == "CheckpointRegistry_NotOperator"
    assert first.submit(last).json()["code"] == "log.frozen"

    # Named by two persons of the enterprise and nobody else's; accepted by the new operator.
    with second.ledger() as ledger:
        account = format_address(ledger.chain.operator.address)
    request = place.path("change.request.json")
    office = place.office(cast.enterprise)
    stranger = format_address(cast.verifier.initiator.address)
    drafting = ("leave", "request-operator", "--to", account, "--out", request, *office)
    assert place.run(*drafting, "--initiator", stranger, "--json").code != 0
    place.do(*drafting)
    assert place.sign(request, cast.verifier.initiator).code != 0
    place.signed(request, cast.enterprise.initiator)
    assert place.run("device", "submit", request, *office, "--json").code != 0
    place.signed(request, cast.enterprise.approver)
    place.do("device", "submit", request, *office)
    assert refused_anchor(second) == "CheckpointRegistry_NotOperator"
    accepted = second.do("leave", "accept", usc)
    assert accepted["operator"] == account
    assert second.do("leave", "accept", usc)["place"] is None

    # What was not anchored when the log left is anchored here, and the old operator never again.
    wait_until(lambda: anchored(second) == left["size"], "the tail is not anchored")

    # The gateway goes on: what the first operator had is nothing new, the next number is.
    again, following = gateway.measure()
    assert again == last
    assert second.submit(last).json()["code"] == "duplicate"
    assert second.submit(following).json()["code"] == "admitted"
    wait_until(lambda: anchored(second) == left["size"] + 1, "the new reading is not anchored")
    # Consistency with the tree that left, as a stranger who mirrored the old one finds it.
    source = LogSource("second", lambda path: _fetched(second, path))
    followed = Mirror(MirrorFolder(parcel / "log"), source, verifier).follow()
    assert (followed.alerts, followed.size) == ((), left["size"] + 1)

    # The old operator starts again: its log stays as it left it, and the chain takes none of it.
    assert refused_anchor(first) == "CheckpointRegistry_NotOperator"
    with first.ledger() as ledger:
        units, anchorer = ledger.database.unit_of_work, ledger.chain.anchorer
        check_logs(units, anchorer, now=ledger.clock.now(), is_development=True)
        ledger.anchoring.request(number, now=ledger.clock.now())
        ledger.anchoring.step(ledger.clock.now())
        with ledger.database.reading() as uow:
            latest = anchorer.latest(uow.logs.get(number).log_id)
    assert latest is not None and latest.size == left["size"] + 1
    assert state_at(first) == (LogState.FROZEN, left["size"])
    assert state_at(second) == (LogState.ACTIVE, left["size"] + 1)

    # Proofs, case and history are the same here as they were there.
    verify = ("--trust", place.trust, "--rpc", place.world.chain.rpc_url)
    anew = place.path("new.carbonseal.json")
    second.do("log", "bundle", usc, READING, "--out", anew)
    for each in (bundle, anew):
        steps = place.run("verify", each, *verify, "--json").document["steps"]
        # The place's chain lives some weeks ago, so that readings are signed after its blocks.
        assert [step["name"] for step in steps if step["outcome"] != "held"] == ["times"]
    with second.database() as database, Replica(copy) as replica:
        assert case_in(database, place) == at_first
        assert case_in(replica.database, place) == at_first
    for where in (second.settings, ("--mirror", copy)):
        assert shown(place, *where) == at_first[""]
    assert at_first["lines"]["seen"] == len(at_first["lines"]["lines"])
    (history,) = second.do("audit", "earlier", usc)
    told = {(each["what"], each["actor"], each["at"]) for each in history["actions"]}
    assert told >= {(each["what"], each["actor"], each["at"]) for each in actions[:-1]}
    assert {"case.tick", "case.comment", "case.approve"} <= {what for what, _, _ in told}
    check = place.run("log", "fsck", usc, "--signatures", *second.settings)
    assert check.code == 0, check.out
    recheck = place.run("recheck", usc, UNIT, place.month.label, *second.settings)
    assert recheck.code == 0, recheck.out


def _fetched(operator: Operator, path: str) -> bytes | None:
    url = f"{operator.url}/log/{operator.place.usc}/{path}"
    answer = httpx2.get(url, trust_env=False)
    return answer.content if answer.is_success else None
