"""
What a verification statement says, as data: opinion, assurance, findings, estimates, versions.

The report embeds it and the signed act commits to the report, so every word here is one that the
records or the chain say; only assurance and materiality are the verifier's own.

Source: ISO 14064-3; CETS-VG-01.01; FORMATS section 12.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.canonical import Json
from attestation.case_bodies import Estimate, FindingResponse
from attestation.enums import AssuranceLevel, VerificationOpinion
from ledger.cases.case import Case
from ledger.cases.threads import Thread
from ledger.inventory.periods import Period
from ledger.repositories.parties import Party


@dataclass(frozen=True, slots=True)
class Assurance:
    """What the verifier says of its own work."""

    level: AssuranceLevel = AssuranceLevel.REASONABLE
    materiality: str | None = None
    """The threshold that the parties agreed on, in their words; None where they stated none."""
    opinion: VerificationOpinion | None = None
    """As it is to be stated; None for the one on chain."""


def statement_document(case: Case, assurance: Assurance | None = None) -> dict[str, Json]:
    """
    Give what the statement about a case says.

    Args:
        case: The case.
        assurance: What the verifier says of its own work.
    """
    own = assurance or Assurance()
    inventory, uncorrected = case.inventory, case.uncorrected
    on_chain = None if case.version is None else case.version.opinion
    opinion = on_chain if own.opinion is None else own.opinion
    return {
        "inventory_id": f"0x{case.inventory_id.hex()}",
        "enterprise": {"code": inventory.usc, "name": inventory.name},
        "verifier": _party(case.verifier),
        "regulator": _party(case.regulator),
        "unit": inventory.unit_code,
        "period": Period(inventory.period_from_s, inventory.period_to_s).label,
        "report_year": inventory.report_year,
        "state": inventory.state.name,
        "version": None if case.version is None else case.version.number,
        "total_t": None if case.version is None else case.version.total_t,
        "inputs_hash": None if case.version is None else case.version.inputs_hash.hex(),
        "assurance": own.level.name,
        "materiality": own.materiality,
        "opinion": None if opinion is None else opinion.name,
        "findings": [finding_document(each) for each in case.own_threads],
        "former_findings": [
            finding_document(each) for each in case.threads if each not in case.own_threads
        ],
        "uncorrected_gco2e": str(uncorrected.effect_gco2e),
        "effects_unknown": list(uncorrected.unknown),
        "visits": [
            {
                "record": each.place.leaf_hash.hex(),
                "from_s": each.body.from_s,
                "to_s": each.body.to_s,
                "place": each.body.place,
                "persons": len(each.body.persons),
            }
            for each in case.own_visits
        ],
        "versions": [
            {
                "number": each.number,
                "total_t": each.total_t,
                "reason": each.reason,
                "document_sha256": each.document_hash.hex(),
                "restates": each.restates or None,
                "restated_by": each.restated_by or None,
            }
            for each in case.versions
        ],
    }


def finding_document(thread: Thread) -> dict[str, Json]:
    """Give a finding with the newest answer and how it ended."""
    body, closing = thread.finding.body, thread.closing
    responses = [each.body for each in thread.steps if isinstance(each.body, FindingResponse)]
    effect = body.effect_gco2e
    return {
        "number": body.number,
        "record": thread.finding.place.leaf_hash.hex(),
        "steps": [each.place.leaf_hash.hex() for each in thread.steps],
        "kind": body.kind.name,
        "severity": body.severity.name,
        "state": thread.state.name,
        "anchor": body.anchor.words,
        "title": body.title,
        "text": body.text,
        "effect_gco2e": None if effect is None else str(effect),
        "response": responses[-1].text if responses else None,
        "conclusion": None if closing is None else closing.body.conclusion.name,
        "closing": None if closing is None else closing.body.text,
        "estimate": None if closing is None else _estimate(closing.body.estimate),
    }


def _estimate(estimate: Estimate | None) -> Json:
    if estimate is None:
        return None
    return {
        "formula": estimate.formula,
        "amount_gco2e": str(estimate.amount_gco2e),
        "difference_gco2e": str(estimate.difference_gco2e),
    }


def _party(party: Party | None) -> Json:
    return None if party is None else {"code": party.code, "name": party.name}
