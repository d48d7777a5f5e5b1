"""
Many messages at once: every entry of a range against one checkpoint, in one pass.

The entries travel apart from the bundle, as a stream. They are hashed and their sub-tree is
checked against the checkpoint once; signatures are checked in batches, by worker processes where
a `map` is given that has some. Memory does not grow with the range, but for what the caller keeps.

Source: FORMATS section 8 (VerifiedRange); `docs/formats/bundle.md`, ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Final

from attestation.argument import Argument, need
from attestation.bundle import Bundle, ProvenRange
from attestation.chain_evidence import ChainReader
from attestation.enums import Outcome
from attestation.errors import VerificationError
from attestation.evidence import Report, Unchecked
from attestation.evm.storage import KeySlot
from attestation.foundation import Foundation
from attestation.merkle import verify_range
from attestation.range_batches import (
    Batch,
    BatchResult,
    KeyUse,
    Problem,
    RangeTerms,
    Summarise,
    Tally,
    judge_batch,
)
from attestation.trust_root import TrustRoot

BATCH_SIZE: Final = 512
"""Entries judged at a time: a tenth of a second's work, little enough to hand to a process."""

MAX_PROBLEMS: Final = 1000
"""Problems listed; the rest are counted."""

Map = Callable[[Callable[[Batch], BatchResult], Iterable[Batch]], Iterable[BatchResult]]
"""`map`, or a pool's `imap`: applies a function to batches and gives the results in order."""


@dataclass(slots=True)
class RangeReport:
    """The outcome of a range's verification."""

    report: Report
    start: int
    end: int
    tally: Tally
    problems: tuple[Problem, ...]
    """The first thousand."""
    summaries: list[Any]
    """What the caller took of each message that counts, in log order."""

    @property
    def outcome(self) -> Outcome:
        """A step that failed decides; else one that could not be checked; else all held."""
        return self.report.outcome

    @property
    def verified(self) -> VerifiedRange | None:
        """The verified range; None where not everything held."""
        return VerifiedRange(self) if self.outcome is Outcome.HELD else None


@dataclass(frozen=True, slots=True)
class VerifiedRange:
    """
    A range of a log whose every entry stands where it is said to, and whose every message counts.

    Raises:
        Unchecked: If it is made of a report in which something did not hold or was not checked.
    """

    range_report: RangeReport

    def __post_init__(self) -> None:
        if self.range_report.outcome is not Outcome.HELD:
            raise Unchecked("a verified range comes of a report that held")

    @property
    def tally(self) -> Tally:
        """Counts of messages and readings."""
        return self.range_report.tally

    @property
    def summaries(self) -> list[Any]:
        """What the caller took of each message, in log order."""
        return self.range_report.summaries


class RangeVerifier:
    """
    Verifies ranges of logs.

    Args:
        trust_root: What the user trusts; None leaves most steps unchecked.
        node: The user's own node, if there is one.
        map: Applies a function to batches, in order; a process pool's `imap` uses all cores.
        batch_size: Entries judged at a time.

    Source: `docs/formats/bundle.md`, ranges.
    """

    def __init__(
        self,
        trust_root: TrustRoot | None,
        node: ChainReader | None = None,
        *,
        map: Map = map,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self._trust_root = trust_root
        self._node = node
        self._map = map
        self._batch_size = batch_size

    def verify(
        self, bundle: Bundle, entries: Iterable[bytes], *, summarise: Summarise | None = None
    ) -> RangeReport:
        """
        Verify the range a bundle is about.

        The steps are those of a single message, in the same order; message by message are taken
        together as step `entries`, and certificates are checked once a key, after it.

        Args:
            bundle: From `parse_bundle`, of a range.
            entries: The entries of the range, in log order, read once; from outside.
            summarise: Takes what the caller wants of each message that counts; to be believed
                only if the whole range held.

        Returns:
            The report; `verified` where everything held.

        Source: `docs/formats/bundle.md`, ranges.
        """
        found = Foundation(bundle, self._trust_root, self._node)
        case = _RangeCase(found)
        argument = Argument()
        found.log = argument.step("log", found.find_log)
        found.checkpoint = argument.step("checkpoint", found.open_checkpoint)
        found.witnesses = argument.step("witnesses", found.count_witnesses)
        case.included = argument.step("inclusion", case.include)
        found.records = argument.step("records", found.read_records)
        found.anchored = argument.step("anchor", found.open_anchored)
        found.block = argument.step("finality", found.find_final_block)
        argument.step("registry", found.read_registry)
        argument.step("key", case.read_slots)
        argument.step("entries", lambda: self._stream(case, entries, summarise))
        argument.step("certificate", case.certify)
        name = None if self._trust_root is None else self._trust_root.name
        return RangeReport(
            Report(name, tuple(argument.steps)),
            case.start,
            case.end,
            case.tally,
            tuple(case.problems),
            case.summaries,
        )

    def _stream(
        self, case: _RangeCase, entries: Iterable[bytes], summarise: Summarise | None
    ) -> tuple[bool, str]:
        found, asked = case.found, case.range
        checkpoint = need(found.checkpoint, "checkpoint")
        need(case.included, "inclusion")
        terms = RangeTerms(
            found.claimed_origin,
            need(found.records, "records"),
            case.slots,
            None if found.block is None else found.block.reference,
            summarise,
        )
        batches = _batches(entries, asked.start, self._batch_size)
        results = self._map(partial(judge_batch, terms), batches)
        verify_range(
            case.gather(results),
            start=asked.start,
            end=asked.end,
            size=checkpoint.size,
            root=checkpoint.root,
            proof=asked.proof,
        )
        return case.conclude()


@dataclass
class _RangeCase:
    """The range in question, and what was gathered of it."""

    found: Foundation
    included: bool | None = None
    slots: dict[bytes, KeySlot] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    uses: dict[bytes, KeyUse] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    has_failure: bool = False
    summaries: list[Any] = field(default_factory=list)

    @property
    def range(self) -> ProvenRange:
        """The range; a bundle of a message has none."""
        asked = self.found.bundle.range
        if asked is None:
            raise Unchecked("the bundle is of a message, not of a range", code="unchecked.range")
        return asked

    @property
    def start(self) -> int:
        """First index."""
        return 0 if self.found.bundle.range is None else self.range.start

    @property
    def end(self) -> int:
        """Index after the last."""
        return 0 if self.found.bundle.range is None else self.range.end

    def include(self) -> tuple[bool, str]:
        """Check that the records stand in the tree; the range itself is checked as it streams."""
        return True, self.found.include_entries(self.found.bundle.records)

    def read_slots(self) -> tuple[bool, str]:
        """Read what the chain says of every key whose enrolment is here."""
        kids = need(self.found.records, "records").kids
        self.slots = {kid: self.found.read_key_slot(kid) for kid in kids}
        return True, f"the chain names {len(kids)} keys"

    def gather(self, results: Iterable[BatchResult]) -> Iterator[bytes]:
        """Give the leaf hashes in order, and keep the rest."""
        for result in results:
            self.tally.add(result.tally)
            for kid, use in result.uses.items():
                self.uses.setdefault(kid, use).widen(use)
            self.problem_count += len(result.problems)
            self.has_failure |= any(each.outcome is Outcome.FAILED for each in result.problems)
            self.problems.extend(result.problems[: MAX_PROBLEMS - len(self.problems)])
            self.summaries.extend(result.summaries)
            yield from result.leaf_hashes

    def conclude(self) -> tuple[bool, str]:
        """Say whether every message of the range counts."""
        if self.problem_count:
            first = self.problems[0]
            detail = (
                f"{self.problem_count} entries do not count or could not be judged, the first at"
                f" {first.index}: {first.detail}"
            )
            if self.has_failure:
                raise VerificationError(detail, code="verification.entries")
            raise Unchecked(detail, code="unchecked.entries")
        tally = self.tally
        return True, f"{tally.messages} messages with {tally.readings} readings count"

    def certify(self) -> tuple[bool, str]:
        """Check each key's certificate at the first and the last time it was used."""
        need(self.included, "inclusion")
        for kid, use in self.uses.items():
            self.found.certify_key(kid, use.first_index, (use.earliest, use.latest))
        return True, f"{len(self.uses)} keys are certified for the times they were used"


def _batches(entries: Iterable[bytes], first: int, size: int) -> Iterator[Batch]:
    stream = iter(entries)
    while part := list(islice(stream, size)):
        yield Batch(first, part)
        first += len(part)
