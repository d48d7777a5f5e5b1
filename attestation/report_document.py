"""
The document inside a report, held against what was signed.

Drawing it is the business of whoever writes reports; here it is only compared: the statement with
the verifier's act, the lines with the root that the enterprise signed.

Source: FORMATS section 12; `docs/formats/report.md`, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Self

from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.case_acts import ShownAct
from attestation.case_bundle import SALT_LENGTH, evidence_leaf
from attestation.encodings import format_hex
from attestation.errors import EncodingError, VerificationError
from attestation.merkle import hash_leaf, root_hash

TYPE: Final = "carbonseal/report"
VERSION: Final = 1
STATED: Final = (
    *("subject", "version", "inputsHash", "total_tCO2e"),
    *("opinion", "leadVerifier", "technicalReviewer"),
)
"""Members of the verifier's act that the document repeats."""
COMPARED: Final = (
    *("number", "kind", "severity", "anchor", "title", "text", "effect_gco2e"),
    *("response", "conclusion", "estimate"),
)
"""What of a finding is compared with the records."""
_LINE_LIMIT: Final = 10_000
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?")


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """A finding as the document has it."""

    record: bytes
    """Leaf hash of the finding's record, 32 bytes."""
    steps: tuple[bytes, ...]
    """Leaf hashes of the records about it, in their order."""
    content: Mapping[str, Json]
    """What the document says of it, without what stands nowhere else."""

    @classmethod
    def parse(cls, shown: Mapping[str, Json]) -> Self:
        """
        Read one.

        Raises:
            EncodingError: If a name is missing, or a hash malformed.
        """
        if missing := set(COMPARED) - shown.keys():
            raise _malformed(f"a finding without {min(missing)!r}")
        steps = _list(shown.get("steps", []))
        return cls(
            record=_hex(str(shown.get("record")), 32),
            steps=tuple(_hex(str(each), 32) for each in steps),
            content={name: shown[name] for name in COMPARED},
        )


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A parsed document of a report; what it says is from outside."""

    content: Mapping[str, Json]

    @classmethod
    def parse(cls, encoded: bytes) -> Self:
        """
        Read it from its canonical JSON.

        Raises:
            EncodingError: If it has another form.
        """
        content = require_object(parse_canonical(encoded), "the document")
        if (content.get("type"), content.get("version")) != (TYPE, VERSION):
            raise _malformed("not the document of a report")
        return cls(content)

    @property
    def number(self) -> str:
        """Number of the report."""
        return str(self.content.get("number"))

    @property
    def findings(self) -> tuple[ListedFinding, ...]:
        """
        The findings that it lists.

        Raises:
            EncodingError: If one has another form.
        """
        listed = _list(self.content.get("findings", []))
        return tuple(ListedFinding.parse(require_object(each, "a finding")) for each in listed)

    def require_statement(self, act: ShownAct, chain_id: str, contract: bytes) -> None:
        """
        Check that the document repeats the verifier's act, for this contract.

        Raises:
            VerificationError: If it says something else.
        """
        stated = {member: act.message[member] for member in STATED}
        place = {"id": chain_id, "contract": format_hex(contract)}
        if self.content.get("statement") != stated or self.content.get("chain") != place:
            raise VerificationError(
                "the document is not of the statement that was signed",
                code="verification.report_statement",
            )

    def require_parties(self, assignment: ShownAct) -> None:
        """
        Check that verifier and authority are those of the assignment.

        Raises:
            VerificationError: If the document names others.
        """
        for role in ("verifier", "regulator"):
            party = require_object(self.content.get(role), role)
            if party.get("code") != assignment.message[role]:
                raise VerificationError(
                    f"the document names another {role} than the assignment",
                    code="verification.report_statement",
                )

    def require_lines(self, submission: ShownAct) -> int:
        """
        Check that its lines are all those of the version that was submitted; give their count.

        Raises:
            VerificationError: If they are others, or their total is another.
            EncodingError: If a line has another form.
        """
        lines = _list(self.content.get("lines"))
        leaves = [self._leaf(require_object(each, "a line")) for each in lines]
        for each in _list(self.content.get("evidence")):
            leaves.append(self._evidence(require_object(each, "evidence"), submission))
        root = root_hash(leaves)
        if (root, len(leaves)) != (submission.word("linesRoot"), submission.number("lineCount")):
            raise VerificationError(
                "the lines are not those that were submitted", code="verification.report_lines"
            )
        self._require_total(lines, submission)
        return len(lines)

    @staticmethod
    def _leaf(shown: Mapping[str, Json]) -> bytes:
        salt = _hex(str(shown.get("salt")), SALT_LENGTH)
        return hash_leaf(salt + canonical_json(require_object(shown.get("line"), "a line")))

    @staticmethod
    def _evidence(shown: Mapping[str, Json], submission: ShownAct) -> bytes:
        commitment = _hex(str(shown.get("commitment")), 32)
        return evidence_leaf(submission.inventory_id, str(shown.get("line")), commitment)

    @staticmethod
    def _require_total(lines: Sequence[Json], submission: ShownAct) -> None:
        subject = submission.subject
        wanted = {
            "class": "EMISSIONS",
            "item": "total",
            "quantity": "emissions",
            "from_s": int(str(subject["periodFrom"])),
            "to_s": int(str(subject["periodTo"])),
        }
        for each in lines:
            line = require_object(require_object(each, "a line").get("line"), "a line")
            if {name: line.get(name) for name in wanted} == wanted:
                if _rounded(line.get("value")) == submission.number("total_tCO2e"):
                    return
                break
        raise VerificationError(
            "the total of the lines is not the result that was submitted",
            code="verification.report_total",
        )


def _rounded(value: Json) -> int | None:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return None
    return int(Decimal(value).to_integral_value(ROUND_HALF_UP))


def _list(content: Json) -> Sequence[Json]:
    if not isinstance(content, list) or len(content) > _LINE_LIMIT:
        raise _malformed("a list is missing, or too long")
    return content


def _hex(text: str, length: int) -> bytes:
    if len(text) != 2 * length or not re.fullmatch("[0-9a-f]*", text):
        raise _malformed(f"not {2 * length} lower-case hexadecimal digits")
    return bytes.fromhex(text)


def _malformed(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.report")
