"""
A case over HTTP under every kind of work: a machine that acts on it and on a plain model at once.

After each rule the API says what the model says:

1. the lines that the verifier has seen, where a tick falls with its line;
2. the conversations, open and resolved;
3. the findings, their states, and the sum of what is not put right;
4. whose approval stands, where any change lets it fall;
5. and to whoever is not part of the case, nothing.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from api.access import AccessList
from api.app import create_app
from attestation.enums import FindingConclusion, PartyKind, RepresentativeRole
from ledger import migrations
from ledger.database import Database
from tests.integration.api.conftest import QuietChain, joined
from tests.support import access
from tests.support.access import Person, signed_in
from tests.support.cases import LEAD, REVIEWER, VERIFIER, CaseWorld
from tests.support.enterprise import Enterprise

LEADER = Person(VERIFIER, PartyKind.VERIFIER, LEAD, right=RepresentativeRole.INITIATOR)
REVIEWING = Person(VERIFIER, PartyKind.VERIFIER, REVIEWER)
ITEMS = ("coal", "gas", "total")
EFFECT = 1_500_000
SETTLED = (FindingConclusion.CORRECTED, FindingConclusion.WITHDRAWN)
MOST = 4
"""Findings, versions and conversations of one run."""


@dataclass
class Model:
    """What the case must look like."""

    seen: set[str] = field(default_factory=set)
    conversations: list[bool] = field(default_factory=list)
    """Whether each is resolved."""
    findings: list[str] = field(default_factory=list)
    """State of each."""
    settled: set[int] = field(default_factory=set)
    """Those that are put right."""
    approved: dict[str, int] = field(default_factory=dict)
    """Step of the case at which each person approved."""
    step: int = 0
    """Counts what changes the substance of the case."""
    versions: int = 1
    changed: str | None = None
    """Line in which the newest version differs from the first."""

    @property
    def uncorrected(self) -> int:
        """Sum of what was found and is still so."""
        return EFFECT * (len(self.findings) - len(self.settled))


class CaseMachine(RuleBasedStateMachine):
    """Acts on one case by its API."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        place = Path(self.folder.name)
        self.database = Database(f"sqlite:///{place / 'ledger.sqlite'}")
        migrations.upgrade(self.database.engine)
        enterprise = Enterprise(self.database)
        self.world = CaseWorld(enterprise)
        access.register(self.database, access.NEIGHBOUR, access.CITY, access.OTHER_CITY)
        self.world.put()
        self.world.submit()
        grants = AccessList(place / "access.json")
        app = create_app(joined(enterprise, QuietChain(), grants, place))
        self.client = TestClient(app, raise_server_exceptions=False)
        self.path = f"/v1/cases/0x{self.world.inventory_id.hex()}"
        self.headers = {
            "lead": signed_in(self.client, LEADER),
            "reviewer": signed_in(self.client, REVIEWING),
            "owner": signed_in(self.client, access.OWNER),
            "stranger": signed_in(self.client, access.NEIGHBOUR),
        }
        self.model = Model()

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def post(self, who: str, where: str, status: int, **body: Any) -> Any:
        """Ask for a change, which must be answered so."""
        answer = self.client.post(
            f"{self.path}/{where}",
            json=body,
            headers={**self.headers[who], "idempotency-key": uuid4().hex},
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, where: str, who: str = "lead") -> Any:
        """Look at a part of the case."""
        answer = self.client.get(f"{self.path}/{where}", headers=self.headers[who])
        assert answer.status_code == 200, answer.text
        return answer.json()

    # --- rules ------------------------------------------------------------------------------

    @rule(item=st.sampled_from(ITEMS), back=st.booleans())
    def tick(self, item: str, back: bool) -> None:
        """The lead says that a line was seen, or takes that back."""
        self.post("lead", "ticks", 201, lines=[_line(item)], seen=not back)
        (self.model.seen.discard if back else self.model.seen.add)(item)

    @precondition(lambda self: len(self.model.conversations) < MOST)
    @rule(who=st.sampled_from(("lead", "owner")), item=st.sampled_from(ITEMS))
    def comment(self, who: str, item: str) -> None:
        """Somebody of the case begins to talk about a line."""
        self.post(who, "comments", 201, text="why?", anchor={"line": _line(item)})
        self.model.conversations.append(False)

    @precondition(lambda self: self.model.conversations)
    @rule(data=st.data(), who=st.sampled_from(("lead", "owner")))
    def settle(self, data: st.DataObject, who: str) -> None:
        """Somebody resolves a conversation, or opens it again; doing it twice is refused."""
        number = data.draw(st.integers(1, len(self.model.conversations)))
        resolved = self.model.conversations[number - 1]
        wanted = data.draw(st.booleans())
        kind = "resolved" if wanted else "reopened"
        status = 409 if wanted == resolved else 201
        self.post(who, f"comments/{number}/replies", status, text="so", kind=kind)
        self.model.conversations[number - 1] = wanted

    @precondition(lambda self: len(self.model.findings) < MOST)
    @rule()
    def find(self) -> None:
        """The verifier raises a finding, by a record of the log."""
        number = len(self.model.findings) + 1
        body = self.world.finding(number, version=self.model.versions)
        self.world.enterprise.file(body, secret=LEAD)
        self.model.findings.append("open")
        self.model.step += 1

    @precondition(lambda self: self.model.findings)
    @rule(data=st.data())
    def respond(self, data: st.DataObject) -> None:
        """The enterprise answers a finding that is open or answered."""
        number = data.draw(st.integers(1, len(self.model.findings)))
        if self.model.findings[number - 1] == "closed":
            return
        self.world.enterprise.file(self.world.response(number))
        self.model.findings[number - 1] = "answered"
        self.model.step += 1

    @precondition(lambda self: self.model.findings)
    @rule(data=st.data(), conclusion=st.sampled_from(list(FindingConclusion)))
    def close(self, data: st.DataObject, conclusion: FindingConclusion) -> None:
        """The author closes a finding, one way or another."""
        number = data.draw(st.integers(1, len(self.model.findings)))
        if self.model.findings[number - 1] == "closed":
            return
        body = self.world.closing(number, conclusion=conclusion)
        self.world.enterprise.file(body, secret=LEAD)
        self.model.findings[number - 1] = "closed"
        if conclusion in SETTLED:
            self.model.settled.add(number)
        self.model.step += 1

    @precondition(lambda self: "closed" in self.model.findings)
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        """The author opens a closed finding again."""
        closed = [n for n, state in enumerate(self.model.findings, 1) if state == "closed"]
        number = data.draw(st.sampled_from(closed))
        self.world.enterprise.file(self.world.reopening(number), secret=LEAD)
        self.model.findings[number - 1] = "open"
        self.model.settled.discard(number)
        self.model.step += 1

    @precondition(lambda self: self.model.versions < MOST)
    @rule(changed=st.sampled_from((None, "coal", "gas")))
    def submit(self, changed: str | None) -> None:
        """The enterprise submits another version; ticks of lines that differ fall."""
        self.model.versions += 1
        self.world.submit(self.model.versions, changed=changed)
        self.world.put(version=self.model.versions)
        if changed != self.model.changed:
            self.model.seen -= {changed, self.model.changed, "total"}
        self.model.changed = changed
        self.model.step += 1

    @rule(who=st.sampled_from(("lead", "reviewer")), back=st.booleans())
    def approve(self, who: str, back: bool) -> None:
        """One of the two approves what stands, or takes that back."""
        basis = self.get("readiness")["basis"]
        self.post(who, "approvals", 201, basis=basis, approved=not back)
        if back:
            self.model.approved.pop(who, None)
        else:
            self.model.approved[who] = self.model.step

    @rule(where=st.sampled_from(("ticks", "approvals")))
    def try_anothers_part(self, where: str) -> None:
        """The enterprise and a stranger may do nothing of the verifier's."""
        for who in ("owner", "stranger"):
            body: dict[str, Any] = {"lines": [_line("coal")]}
            if where == "approvals":
                body = {"basis": "00" * 32}
            self.post(who, where, 403, **body)

    # --- what holds -------------------------------------------------------------------------

    @invariant()
    def lines_agree(self) -> None:
        """1."""
        found = self.get("lines")["lines"]
        assert {each["line"] for each in found if each["seen"]} == set(map(_line, self.model.seen))

    @invariant()
    def conversations_agree(self) -> None:
        """2."""
        found = self.get("comments", "owner")["conversations"]
        assert [each["resolved"] for each in found] == self.model.conversations

    @invariant()
    def findings_agree(self) -> None:
        """3."""
        found = self.get("findings", "owner")
        assert [each["state"] for each in found["findings"]] == self.model.findings
        assert found["uncorrected_gco2e"] == str(self.model.uncorrected)

    @invariant()
    def approvals_agree(self) -> None:
        """4."""
        stands = [self.model.approved.get(who) == self.model.step for who in ("lead", "reviewer")]
        found = self.get("readiness")["approvals"]
        assert [each["stands"] for each in found] == stands

    @invariant()
    def strangers_see_nothing(self) -> None:
        """5."""
        for where in ("", "/lines", "/findings"):
            answer = self.client.get(self.path + where, headers=self.headers["stranger"])
            assert answer.status_code == 403


def _line(item: str) -> str:
    return f"emissions:2025-01-01:{item}:emissions"


@pytest.mark.timeout(300)
def test_api_and_model_agree() -> None:
    """Whatever is done, in whatever order."""
    # Once beforehand: what a first request loads changes limits that Hypothesis watches.
    CaseMachine().teardown()
    few = max(settings.default.max_examples // 25, 4)
    run_state_machine_as_test(
        CaseMachine, settings=settings(max_examples=few, stateful_step_count=15, deadline=None)
    )
