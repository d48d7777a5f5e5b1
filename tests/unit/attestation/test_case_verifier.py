"""The verifier of cases: a report and a line that hold, and each with one defect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from api.reports.answers import facts_in_words
from api.reports.drawing import draw_report
from attestation.bundle import Profile, ProvenEntry
from attestation.canonical import canonical_json, parse_canonical
from attestation.case_acts import (
    ASSIGNMENT,
    CONFIRMATION,
    STATEMENT,
    SUBMISSION,
    ShownAct,
    inventory_id,
)
from attestation.case_bundle import (
    CaseBundle,
    ProvenSlot,
    ReportReference,
    ShownLine,
    format_case_bundle,
    parse_case_bundle,
)
from attestation.case_evidence import CaseReport
from attestation.case_verifier import CaseVerifier
from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.enums import InventoryState, Outcome, VerificationOpinion
from attestation.errors import EncodingError, Error
from attestation.evm.inventory_storage import inventory_slots, used_slot, version_slots
from attestation.notes import NoteSigner
from attestation.report_file import BUNDLE_NAME, Attachment, finish_report
from attestation.trust_root import Contract, TrustRoot
from tests.support.evidence import ORIGIN
from tests.support.reported import (
    BLOCK,
    CONTRACT,
    NAME,
    OTHER_CONTRACT,
    ReportedCase,
    address,
    finding_document,
    inventory_version,
    sign,
    trust_root,
)

CASE = ReportedCase()
BUNDLE = CASE.report_bundle()
REPORT = CASE.report()
LINE = CASE.line_bundle()
ROOT = trust_root()
COAL = "emissions:2024:coal:emissions"
INVENTORY = CASE.submission.inventory_id


def verify(report: bytes = REPORT, root: TrustRoot | None = ROOT, **changes: Any) -> CaseReport:
    return CaseVerifier(root, **changes).verify_report(report)


def verify_line(bundle: CaseBundle = LINE, root: TrustRoot | None = ROOT) -> CaseReport:
    return CaseVerifier(root).verify_line(parse_case_bundle(format_case_bundle(bundle)))


def failed(report: CaseReport, step: str, code: str) -> None:
    """Check that one step is the first that does not hold, and for this reason."""
    assert report.outcome is Outcome.FAILED
    first = next(each for each in report.steps if each.outcome is Outcome.FAILED)
    assert (first.name, first.code) == (step, code)


# --- what holds ------------------------------------------------------------------------------


def test_report_that_holds_says_what_was_signed() -> None:
    """Every step holds, drawing it again included, and the facts are the acts' own."""
    report = verify(redraw=draw_report)

    assert [each.name for each in report.steps if each.outcome is not Outcome.HELD] == []
    assert report.outcome is Outcome.HELD
    assert report.trust_root == ROOT.name
    facts = report.facts
    assert facts is not None
    assert (facts.enterprise, facts.version, facts.total_t) == (NAME, 2, 14815)
    assert facts.opinion is VerificationOpinion.UNMODIFIED
    assert (facts.verifier, facts.regulator) == ("91440300MA5EXAMP72", "MEE-35")
    assert facts.standing is not None
    assert facts.standing.state is InventoryState.CONFIRMED
    assert facts.block is not None
    assert facts.block.number == BLOCK


def test_files_that_nobody_signed_are_named() -> None:
    """Whoever passes a report on can add some; a reader is told which."""
    report = verify(CASE.report(Attachment("opinion.txt", b"adverse")))

    assert report.outcome is Outcome.HELD
    assert report.step("update").detail.endswith("; nobody signed opinion.txt")
    assert "nobody signed" not in verify().step("update").detail


HOSTILE: tuple[dict[str, Any], ...] = (
    {"drawn_on": "2025-13-40"},
    {"drawn_on": "0001-01-01"},
    {"drawn_on": None},
    {"verify_url": "https://ledger.example/" + "x" * 5000},
    {"languages": ["fr"]},
    {"findings": [{}]},
    {"lines": [[]]},
    {"statement": {"subject": 7}},
    {"visits": [{"place": "x", "from_s": "9" * 400, "to_s": "9" * 5000}]},
)


@pytest.mark.parametrize("changes", HOSTILE)
def test_document_that_cannot_be_drawn_could_not_be_checked(changes: dict[str, Any]) -> None:
    """Whatever a report from outside embeds, drawing it again ends in an error of ours."""
    content = parse_canonical(CASE.document)
    assert isinstance(content, dict)
    with pytest.raises(Error):
        draw_report(canonical_json({**content, **changes}))


def test_line_that_holds_shows_itself_and_nothing_else() -> None:
    """One number, its inventory and where the case stands; no other line."""
    report = verify_line()

    assert report.outcome is Outcome.HELD
    assert report.facts is not None
    assert report.facts.line is not None
    assert report.facts.line["value"] == "14814.72"
    assert b"1234.56" not in format_case_bundle(LINE)
    assert inventory_version().secret.hex().encode() not in format_case_bundle(LINE)


def test_every_line_can_be_shown() -> None:
    """First, last and those between, each by its own path."""
    for line in inventory_version().lines:
        assert verify_line(CASE.line_bundle(line.line_id)).outcome is Outcome.HELD


def test_inventory_is_named_as_the_ledger_names_it() -> None:
    """Attestation and ledger work the name out apart, and agree."""
    scope = inventory_version().scope

    named = inventory_id(scope.usc, scope.unit, scope.period.from_s, scope.period.to_s)
    assert named == scope.inventory_id


def test_bundle_is_read_as_it_was_written() -> None:
    """Both kinds have one text."""
    for bundle in (BUNDLE, LINE):
        assert parse_case_bundle(format_case_bundle(bundle)) == bundle


# --- the file --------------------------------------------------------------------------------


def with_bundle(**changes: Any) -> bytes:
    return CASE.report(bundle=replace(BUNDLE, **changes))


def test_changed_page_is_noticed() -> None:
    """One byte of what the pages say."""
    at = CASE.body.index(b"stream\n") + 20
    body = CASE.body[:at] + bytes([CASE.body[at] ^ 1]) + CASE.body[at + 1 :]
    named = ReportReference(len(body), sha256(body).digest())
    bundle = format_case_bundle(replace(BUNDLE, report=named))

    report = verify(finish_report(body, [Attachment(BUNDLE_NAME, bundle)]))
    failed(report, "body", "verification.report_body")


def test_document_that_nobody_signed_is_not_read() -> None:
    """Neither parsed nor drawn: it may be of any size, and say anything."""
    body = ReportedCase(languages=("en",)).body
    named = ReportReference(len(body), sha256(body).digest())
    bundle = format_case_bundle(replace(BUNDLE, report=named))
    drawn: list[bytes] = []

    report = verify(
        finish_report(body, [Attachment(BUNDLE_NAME, bundle)]),
        redraw=lambda document: drawn.append(document) or b"",
    )
    assert report.step("body").outcome is Outcome.FAILED
    for name in ("statement", "lines", "findings", "pages"):
        assert report.step(name).code == "unchecked.earlier"
    assert drawn == []


def test_changed_page_is_noticed_where_the_bundle_is_left_as_it_was() -> None:
    """The bundle names the body, too."""
    at = CASE.body.index(b"stream\n") + 20
    changed = REPORT[:at] + bytes([REPORT[at] ^ 1]) + REPORT[at + 1 :]

    failed(verify(changed), "bundle", "verification.report_length")


def test_changed_length_is_noticed() -> None:
    """One byte more or less than the body has."""
    named = BUNDLE.report
    assert named is not None
    for length in (named.body_length - 1, named.body_length + 1):
        other = replace(named, body_length=length)
        failed(verify(with_bundle(report=other)), "bundle", "verification.report_length")


def test_appended_page_is_noticed() -> None:
    """A second update that adds a page to the tree of pages."""
    size = int(REPORT.rsplit(b"/Size ", 1)[1].split(b"/")[0])
    page = b"%d 0 obj\n<</Type/Page/Parent 1 0 R/MediaBox[0 0 9 9]>>\nendobj\n" % size
    previous = int(REPORT.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    table = b"xref\n%d 1\n%010d 00000 n \n" % (size, len(REPORT))
    trailer = b"trailer\n<</Size %d/Root 28 0 R/Prev %d>>\n" % (size + 1, previous)
    end = b"startxref\n%d\n%%%%EOF\n" % (len(REPORT) + len(page))

    report = verify(REPORT + page + table + trailer + end)
    failed(report, "update", "encoding.report")


def test_report_without_its_bundle_could_not_be_checked() -> None:
    """What is missing is no fault of what is there."""
    report = verify(finish_report(CASE.body, [Attachment("other.json", b"{}")]))

    assert report.outcome is Outcome.COULD_NOT_CHECK
    assert report.step("bundle").code == "unchecked.case_bundle"


def test_bundle_of_a_line_does_not_go_with_a_report() -> None:
    """Nor one of another form."""
    line = [Attachment(BUNDLE_NAME, format_case_bundle(LINE))]
    failed(verify(finish_report(CASE.body, line)), "bundle", "encoding.case_bundle")
    none = [Attachment(BUNDLE_NAME, b"{}")]
    failed(verify(finish_report(CASE.body, none)), "bundle", "encoding.case_bundle")


def test_pages_drawn_by_another_release_could_not_be_checked() -> None:
    """It is said, and no more: who signed them is shown all the same."""
    report = verify(redraw=lambda document: b"other pages")

    assert report.outcome is Outcome.COULD_NOT_CHECK
    assert report.step("pages").code == "unchecked.pages"


# --- acts ------------------------------------------------------------------------------------


def with_act(name: str, **members: Any) -> bytes:
    """Give the report of a case in which the acts shown are not the ones that were signed."""
    acts = tuple(
        ShownAct(each.name, {**each.message, **members}, each.signatures)
        if each.name == name
        else each
        for each in BUNDLE.acts
    )
    return with_bundle(acts=acts)


@pytest.mark.parametrize(
    ("name", "members"),
    [
        (STATEMENT, {"opinion": "2"}),
        (STATEMENT, {"total_tCO2e": "14814"}),
        (STATEMENT, {"leadVerifier": address("stranger")}),
        (SUBMISSION, {"linesRoot": "0x" + "00" * 32}),
        (CONFIRMATION, {"version": "1"}),
        (CONFIRMATION, {"deadline": "1800000001"}),
    ],
)
def test_member_changed_after_signing_is_noticed(name: str, members: dict[str, str]) -> None:
    """Each member is in what was signed."""
    failed(verify(with_act(name, **members)), "acts", "verification.signature")


def test_swapped_signatures_are_noticed() -> None:
    """Each stands for the one whom the act names."""
    statement = CASE.statement
    swapped = replace(statement, signatures=statement.signatures[::-1])
    acts = tuple(swapped if each is statement else each for each in BUNDLE.acts)

    failed(verify(with_bundle(acts=acts)), "acts", "verification.signature")


def test_one_person_is_not_two() -> None:
    """The same address twice, rightly signed twice."""
    case = ReportedCase(
        changed={STATEMENT: {"technicalReviewer": address("lead")}},
        signers={STATEMENT: ("lead", "lead")},
    )

    failed(verify(case.report()), "acts", "verification.act")


@pytest.mark.parametrize("member", ["version", "total_tCO2e", "inputsHash"])
def test_statement_on_another_result_is_noticed(member: str) -> None:
    """Rightly signed, but not of what the enterprise submitted."""
    other = "0x" + "12" * 32 if member == "inputsHash" else "1"
    case = ReportedCase(changed={STATEMENT: {member: other}})

    failed(verify(case.report()), "acts", "verification.act")


@pytest.mark.parametrize(
    "members",
    [
        {"leadVerifier": address("stranger")},
        {"technicalReviewer": address("stranger")},
        {"regulator": "MEE-36"},
    ],
)
def test_assignment_of_others_is_noticed(members: dict[str, str]) -> None:
    """Rightly signed and taken, but of a verifier or an authority before: it names no other."""
    case = ReportedCase(changed={ASSIGNMENT: members})

    failed(verify(case.report()), "acts", "verification.act")


@pytest.mark.parametrize("role", ["verifier", "regulator"])
def test_document_that_names_another_party_is_noticed(role: str) -> None:
    """The page says who verified and who is the authority."""
    case = ReportedCase(document_changes={role: {"code": "X", "name": "另一机构"}})

    failed(verify(case.report()), "statement", "verification.report_statement")


def test_act_on_another_inventory_is_noticed() -> None:
    """Rightly signed, of the enterprise's other unit."""
    subject = {**CASE.subject, "unitCode": "unit-2"}
    case = ReportedCase(changed={CONFIRMATION: {"subject": subject}})

    failed(verify(case.report()), "acts", "verification.act")


@pytest.mark.parametrize("changes", [{"contract": OTHER_CONTRACT}, {"chain_id": 1338}])
def test_acts_for_another_chain_or_contract_are_noticed(changes: dict[str, Any]) -> None:
    """A whole case of a test system, shown as one of this chain."""
    case = ReportedCase(**changes)

    failed(
        verify(case.report(bundle=replace(case.report_bundle(), chain=BUNDLE.chain))),
        "acts",
        "verification.signature",
    )


def test_signature_of_a_contract_is_left_to_the_registry() -> None:
    """Only the chain can ask a contract; that the registry took the act shows that it did."""
    acts = tuple(replace(each, signatures=(b"\x01" * 96, b"")) for each in BUNDLE.acts)

    held = verify(with_bundle(acts=acts))
    assert held.outcome is Outcome.HELD
    assert held.step("acts").detail.startswith("0 of 8 signatures are by keys")
    report = verify(with_bundle(acts=acts, chain=None))
    assert report.outcome is Outcome.COULD_NOT_CHECK


MALFORMED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "member missing": lambda message: message.pop("nonce"),
    "member too many": lambda message: message.update(extra="1"),
    "number as number": lambda message: message.update(version=2),
    "number with a zero before it": lambda message: message.update(version="02"),
    "number too large": lambda message: message.update(version=str(1 << 32)),
    "address in mixed case": lambda message: message.update(initiator="0x" + "aB" * 20),
    "short word": lambda message: message.update(inputsHash="0x11"),
    "list too long": lambda message: message.update(laboratories=["a"] * 9),
    "list of numbers": lambda message: message.update(laboratories=[1]),
    "text too long": lambda message: message.update(reason="x" * 2001),
    "subject is text": lambda message: message.update(subject="x"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_act_of_another_form_is_refused(name: str) -> None:
    """Each member has one way to be written."""
    message = dict(CASE.submission.message)
    MALFORMED[name](message)
    with pytest.raises(EncodingError):
        ShownAct(SUBMISSION, message, CASE.submission.signatures)


# --- chain -----------------------------------------------------------------------------------


def of_storage(changes: dict[bytes, int]) -> CaseReport:
    return verify(ReportedCase(storage_changes=changes).report())


def test_act_that_the_registry_did_not_take_is_noticed() -> None:
    """Signed by everybody, handed in by nobody."""
    digest = CASE.statement.digest(CASE.chain_id, CASE.contract)

    failed(of_storage({used_slot(digest): 0}), "registry", "verification.act_taken")


def test_version_that_the_registry_keeps_otherwise_is_noticed() -> None:
    """Another root of the lines, another count."""
    slots = version_slots(INVENTORY, 2)

    failed(of_storage({slots.lines_root: 5}), "version", "verification.version")
    failed(of_storage({slots.counts: 5}), "version", "verification.version")


def test_standing_is_told_as_the_block_has_it() -> None:
    """A report whose result was objected to holds as what it is, and says where the case stands."""
    slots = inventory_slots(INVENTORY)
    objected = int(InventoryState.OBJECTED) << 160

    report = of_storage({slots.state: objected, slots.version: 3 << 160})
    assert report.outcome is Outcome.HELD
    assert "objected, its newest version 3; no result is accepted" in report.step("standing").detail


def test_state_that_is_none_of_ours_is_noticed() -> None:
    """A number beyond the states."""
    slots = inventory_slots(INVENTORY)

    failed(of_storage({slots.state: 99 << 160}), "standing", "verification.inventory_slot")


def with_registry(**changes: Any) -> bytes:
    chain = BUNDLE.chain
    assert chain is not None
    registry = replace(chain.inventory_registry, **changes)
    return with_bundle(chain=replace(chain, inventory_registry=registry))


def test_registry_at_another_address_is_noticed() -> None:
    """What another contract says counts for nothing."""
    failed(
        verify(with_registry(address=OTHER_CONTRACT)), "registry", "verification.registry_address"
    )


def test_missing_proofs_could_not_be_checked() -> None:
    """Fewer words than the argument needs."""
    report = verify(with_registry(slots=()))

    assert report.outcome is Outcome.COULD_NOT_CHECK
    assert report.step("registry").code == "unchecked.case_slot"
    assert report.step("body").outcome is Outcome.HELD


def test_proof_under_another_slot_is_noticed() -> None:
    """A word that is 1, said to be the one that is asked for."""
    chain = BUNDLE.chain
    assert chain is not None
    first, *others = chain.inventory_registry.slots
    moved = (ProvenSlot(first.slot, others[0].proof), *others)

    report = verify(with_registry(slots=moved))
    assert report.step("registry").outcome is Outcome.FAILED


def test_block_sealed_by_too_few_is_noticed() -> None:
    """The evidence is another's word."""
    chain = BUNDLE.chain
    assert chain is not None
    cut = replace(chain, header=chain.header[:-70] + bytes(70))

    assert verify(with_bundle(chain=cut)).step("finality").outcome is Outcome.FAILED


def test_without_chain_evidence_signatures_are_checked_all_the_same() -> None:
    """Who signed is shown; that it was taken is not."""
    report = verify(with_bundle(chain=None))

    assert report.outcome is Outcome.COULD_NOT_CHECK
    assert report.step("finality").code == "unchecked.no_chain_evidence"
    held = {"acts", "body", "statement", "lines"}
    assert {each.name for each in report.steps if each.outcome is Outcome.HELD} >= held


def test_evidence_that_only_a_node_can_tell_of_could_not_be_checked() -> None:
    """The profile says so itself."""
    chain = BUNDLE.chain
    assert chain is not None
    by_node = replace(chain, profile=Profile.NODE)

    assert verify(with_bundle(chain=by_node)).step("finality").code == "unchecked.node"


def test_trust_root_without_the_registry_could_not_check() -> None:
    """Nor one without a chain, nor none at all."""
    assert ROOT.chain is not None
    others = tuple(
        each for each in ROOT.chain.registries if each.contract is not Contract.INVENTORY_REGISTRY
    )
    older = replace(ROOT, chain=replace(ROOT.chain, registries=others))
    codes = {
        "unchecked.no_inventory_registry": older,
        "unchecked.no_trusted_chain": replace(ROOT, chain=None),
        "unchecked.trust_root": None,
    }
    for code, root in codes.items():
        report = verify(root=root)
        assert report.outcome is Outcome.COULD_NOT_CHECK
        assert report.step("acts").code == code


# --- document and lines ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "value"),
    [("opinion", "2"), ("total_tCO2e", "1"), ("version", "3"), ("technicalReviewer", "0x")],
)
def test_document_that_says_something_else_is_noticed(member: str, value: str) -> None:
    """The pages come from it: a signed body whose document differs from the act is no report."""
    made = parse_canonical(CASE.document)
    assert isinstance(made, dict)
    statement = {**made["statement"], member: value} if isinstance(made["statement"], dict) else {}
    case = ReportedCase(document_changes={"statement": statement})

    assert case.document != CASE.document
    failed(verify(case.report()), "statement", "verification.report_statement")


def test_document_for_another_chain_is_noticed() -> None:
    """The chain stands on the page."""
    case = ReportedCase(document_changes={"chain": {"id": "eip155:1", "contract": "0x"}})

    failed(verify(case.report()), "statement", "verification.report_statement")


def document_lines() -> list[Any]:
    made = parse_canonical(CASE.document)
    assert isinstance(made, dict)
    assert isinstance(made["lines"], list)
    return made["lines"]


def test_changed_line_is_noticed() -> None:
    """One digit of one month."""
    first, *others = document_lines()
    changed = {**first, "line": {**first["line"], "value": "1234.57"}}
    case = ReportedCase(document_changes={"lines": [changed, *others]})

    failed(verify(case.report()), "lines", "verification.report_lines")


def test_line_left_out_is_noticed() -> None:
    """All lines make the root."""
    case = ReportedCase(document_changes={"lines": document_lines()[:-1]})

    failed(verify(case.report()), "lines", "verification.report_lines")


def test_evidence_bound_to_another_line_is_noticed() -> None:
    """The digest belongs to the line for which it was signed."""
    made = parse_canonical(CASE.document)
    assert isinstance(made, dict)
    evidence = [{**each, "line": "other"} for each in made["evidence"]]  # type: ignore[union-attr, dict-item]
    case = ReportedCase(document_changes={"evidence": evidence})

    failed(verify(case.report()), "lines", "verification.report_lines")


def test_result_that_is_not_the_sum_of_the_lines_is_noticed() -> None:
    """Everybody signed a total that the lines do not give."""
    case = ReportedCase(
        changed={name: {"total_tCO2e": "14816"} for name in (SUBMISSION, STATEMENT, CONFIRMATION)}
    )
    slots = version_slots(INVENTORY, 2)
    counts = case.storage()[slots.counts] + (1 << 128)
    case.storage_changes = {slots.counts: counts}

    failed(verify(case.report()), "lines", "verification.report_total")


# --- findings --------------------------------------------------------------------------------


def test_findings_are_what_the_log_says() -> None:
    """The finding, its answer and its end stand in the log as the report has them."""
    assert verify().step("findings").detail == "1 findings say what 2 addresses signed in the log"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "other"),
        ("effect_gco2e", "0"),
        ("severity", "MINOR"),
        ("response", None),
        ("conclusion", "CORRECTED"),
        ("estimate", None),
        ("number", 2),
        ("number", True),
        ("anchor", "line emissions:2024:total:emissions"),
    ],
)
def test_finding_told_otherwise_is_noticed(name: str, value: Any) -> None:
    """Softer, closed, or without its estimate."""
    case = ReportedCase(document_changes={"findings": [finding_document() | {name: value}]})

    failed(verify(case.report()), "findings", "verification.findings")


def test_finding_listed_twice_is_noticed() -> None:
    """One finding is no two, however often its record is shown."""
    case = ReportedCase(document_changes={"findings": [finding_document(), finding_document()]})

    failed(verify(case.report()), "findings", "verification.findings")


def test_finding_of_another_verifier_is_none_of_this_report() -> None:
    """A former verifier's finding stands in the log, and not in the next one's report."""
    code = "91440300MA5OTHER72"
    case = ReportedCase(
        changed={ASSIGNMENT: {"verifier": code}},
        document_changes={"verifier": {"code": code, "name": "另一机构"}},
    )

    failed(verify(case.report()), "findings", "verification.findings")


def test_end_of_a_finding_left_out_is_noticed() -> None:
    """Without the record that closed it, it is open."""
    shown = finding_document()
    case = ReportedCase(document_changes={"findings": [shown | {"steps": shown["steps"][:1]}]})

    failed(verify(case.report()), "findings", "verification.findings")


def test_record_of_something_else_is_no_finding() -> None:
    """The answer in the finding's place, and a step of another finding."""
    shown = finding_document()
    answer = shown | {"record": shown["steps"][0]}
    case = ReportedCase(document_changes={"findings": [answer]})
    failed(verify(case.report()), "findings", "verification.findings")
    twice = shown | {"steps": [shown["record"]]}
    case = ReportedCase(document_changes={"findings": [twice]})
    failed(verify(case.report()), "findings", "verification.findings")


def test_findings_without_their_records_could_not_be_checked() -> None:
    """None at all, or one too few."""
    assert verify(with_bundle(records=(), checkpoint=None)).step("findings").code == (
        "unchecked.record"
    )
    assert verify(with_bundle(records=BUNDLE.records[:2])).step("findings").code == (
        "unchecked.record"
    )


def test_record_that_is_not_in_the_log_is_noticed() -> None:
    """At another index, or under a checkpoint that the log did not sign."""
    first, *others = BUNDLE.records
    moved = (replace(first, index=first.index + 1), *others)
    failed(verify(with_bundle(records=moved)), "findings", "verification.inclusion")
    forged = NoteSigner.from_seed(ORIGIN, b"x" * 32)
    note = sign_checkpoint(Checkpoint(ORIGIN, 16, bytes(32)), forged)
    assert verify(with_bundle(checkpoint=note)).step("findings").outcome is Outcome.FAILED


def test_records_stand_with_their_checkpoint() -> None:
    """One without the other proves nothing."""
    for changes in ({"checkpoint": None}, {"records": ()}):
        with pytest.raises(EncodingError):
            replace(BUNDLE, **changes)  # type: ignore[arg-type]


# --- a line ----------------------------------------------------------------------------------


def with_line(**changes: Any) -> CaseReport:
    assert LINE.line is not None
    return verify_line(replace(LINE, line=replace(LINE.line, **changes)))


def test_changed_line_is_not_in_the_tree() -> None:
    """Its value, its salt, its place, its path."""
    assert LINE.line is not None
    content = parse_canonical(LINE.line.line)
    assert isinstance(content, dict)
    other = canonical_json({**content, "value": "14814.73"})
    for changes in (
        {"line": other},
        {"salt": bytes(16)},
        {"index": LINE.line.index + 1},
        {"path": LINE.line.path[:-1]},
    ):
        failed(with_line(**changes), "line", "verification.inclusion")


def test_line_of_another_version_is_noticed() -> None:
    """The same line under another salt, with a right path to another root."""
    proof = replace(inventory_version(), secret=bytes(32)).tree.prove_line(COAL)
    other = ShownLine(canonical_json(proof.line.as_json()), proof.salt, proof.index, proof.path)

    failed(verify_line(replace(LINE, line=other)), "line", "verification.inclusion")


def test_entry_that_is_not_in_the_pinned_log_is_noticed() -> None:
    """The digest shown with the line is another."""
    (entry,) = LINE.entries
    for other in (
        ProvenEntry(entry.index, b"other", entry.proof),
        ProvenEntry(entry.index + 1, entry.entry, entry.proof),
    ):
        failed(verify_line(replace(LINE, entries=(other,))), "entries", "verification.inclusion")


def test_line_of_a_replaced_result_says_so() -> None:
    """It was submitted and accepted, and in the block of the evidence another one is."""
    standing, slots = inventory_slots(INVENTORY), version_slots(INVENTORY, 2)
    counts = CASE.storage()[slots.counts] | 3 << 224
    replaced = {standing.version: 9 | 3 << 160 | 3 << 192, slots.counts: counts}
    report = verify_line(ReportedCase(storage_changes=replaced).line_bundle())

    assert report.outcome is Outcome.HELD
    assert "the result of version 3 has replaced its own" in report.step("version").detail
    assert report.facts is not None
    assert ("accepted version", "3, not this one") in facts_in_words(report.facts)
    assert ("生效版本", "3（非本版本）") in facts_in_words(report.facts, "zh")


def test_line_of_a_version_that_was_followed_says_so() -> None:
    """Nothing is accepted yet, and a later version was submitted."""
    standing = inventory_slots(INVENTORY)
    later = ReportedCase(storage_changes={standing.version: 9 | 4 << 160})
    report = verify_line(later.line_bundle())

    assert "version 4 was submitted after it" in report.step("version").detail
    assert report.facts is not None
    assert ("accepted version", "none") in facts_in_words(report.facts)


def test_assignment_alone_names_no_verifier() -> None:
    """It may be a former one, rightly signed and taken; only a statement shows who verified."""
    case = ReportedCase(changed={ASSIGNMENT: {"verifier": "91440300MA5OTHER72"}})
    bundle = replace(case.line_bundle(), acts=(case.submission, case.assignment, case.confirmation))
    report = verify_line(bundle)

    assert report.outcome is Outcome.HELD
    assert report.facts is not None
    assert report.facts.verifier is None


def test_name_that_turns_the_direction_of_writing_is_shown_with_its_number() -> None:
    """Nobody reads another name than the one that was signed."""
    facts = verify_line().facts
    assert facts is not None
    words = dict(facts_in_words(replace(facts, enterprise="works\u202ex\x1b[2K")))

    assert words["enterprise"] == "works[U+202E]x[U+001B][2K"


def test_line_without_a_submission_could_not_be_checked() -> None:
    """An act is there, but not the one that has the root."""
    report = verify_line(replace(LINE, acts=(CASE.confirmation,)))

    assert report.outcome is Outcome.COULD_NOT_CHECK
    assert report.facts is None


def test_bundle_is_of_a_line_or_of_a_report() -> None:
    """Not of both, not of neither, and of one format."""
    for changes in ({"report": BUNDLE.report}, {"line": None}, {"format": "carbonseal-bundle"}):
        with pytest.raises(EncodingError):
            replace(LINE, **changes)  # type: ignore[arg-type]


def test_stranger_signs_nothing() -> None:
    """A stranger's signature beside the lead's name."""
    digest = CASE.statement.digest(CASE.chain_id, CONTRACT)
    forged = replace(
        CASE.statement, signatures=(sign("stranger", digest), CASE.statement.signatures[1])
    )
    acts = tuple(forged if each.name == STATEMENT else each for each in BUNDLE.acts)

    failed(verify(with_bundle(acts=acts)), "acts", "verification.signature")
