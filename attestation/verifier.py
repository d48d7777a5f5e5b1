"""
The verifier: from a bundle and a trust root to verified readings, or to what stands against them.

It reads no clock, no disk and no network, and never raises for what a bundle says: each step of
the argument below held, did not hold or could not be checked, and the report says which and why.

Source: FORMATS sections 1, 3, 7 and 8; `docs/formats/bundle.md`, steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attestation.argument import Argument, need
from attestation.bundle import Bundle, ProvenEntry
from attestation.chain_evidence import ChainReader
from attestation.enums import Provenance, SignerKind
from attestation.evidence import CalibrationState, MessageFacts, Report, Unchecked
from attestation.evm.storage import KeySlot
from attestation.foundation import Foundation
from attestation.judgement import (
    calibration_of,
    is_suspected,
    require_agreement,
    require_key_valid,
    require_not_revoked,
    require_times,
)
from attestation.key_bodies import KeyEnrolment
from attestation.keys import PublicKey
from attestation.messages import SignedMessage, parse_message, verify_message
from attestation.policy import Appraisal, Policy
from attestation.reading_rules import cached_series_id
from attestation.series_bodies import SeriesRegistration
from attestation.trust_root import TrustRoot


class Verifier:
    """
    Holds a trust root and a policy; verifies any number of bundles.

    Args:
        trust_root: What the user trusts; None leaves most steps unchecked.
        policy: What the user asks beyond that the evidence holds.
        node: The user's own node, if there is one; never the evidence's.

    Source: `docs/formats/bundle.md`.
    """

    def __init__(
        self, trust_root: TrustRoot | None, policy: Policy, node: ChainReader | None = None
    ) -> None:
        self._trust_root = trust_root
        self._policy = policy
        self._node = node

    def verify(self, bundle: Bundle) -> Report:
        """
        Verify the message a bundle is about.

        The argument, step by step:

         1. log          the trust root names the log and its key
         2. checkpoint   the log signed the checkpoint
         3. witnesses    known witnesses cosigned it, and make the quorum
         4. inclusion    message and records stand in its tree
         5. message      the message has its one form
         6. records      the records have theirs, are of this log, and signed as they say
         7. certificate  the key is certified for this enterprise at signed-at, from a trusted root
         8. signature    that key signed the message, for this log
         9. anchor       the anchored checkpoint is signed by the log and extends the checkpoint
        10. finality     the block is the trusted chain's and final
        11. registry     in that block the registry holds the anchored checkpoint
        12. key          in that block the key is valid at the message's index
        13. times        intervals ended before signing, signing before anchoring, none back-dated
        14. calibration  each reading is marked with what the log says of its instrument
        15. agreement    message, enrolment and series speak of one thing
        16. policy       what the user asks is met

        Args:
            bundle: From `parse_bundle`; what it says is from outside.

        Returns:
            The report; `report.verified` has the readings where everything held.

        Source: `docs/formats/bundle.md`, steps.
        """
        found = Foundation(bundle, self._trust_root, self._node)
        case = _Case(found)
        argument = Argument()
        found.log = argument.step("log", found.find_log)
        found.checkpoint = argument.step("checkpoint", found.open_checkpoint)
        found.witnesses = argument.step("witnesses", found.count_witnesses)
        case.included = argument.step("inclusion", case.include)
        case.message = argument.step("message", case.read_message)
        found.records = argument.step("records", found.read_records)
        case.enrolment = argument.step("certificate", case.certify)
        argument.step("signature", case.check_signature)
        found.anchored = argument.step("anchor", found.open_anchored)
        found.block = argument.step("finality", found.find_final_block)
        argument.step("registry", found.read_registry)
        case.slot = argument.step("key", case.check_key)
        argument.step("times", case.check_times)
        case.calibration = argument.step("calibration", case.mark_calibration)
        argument.step("agreement", case.check_agreement)
        facts = case.facts()
        appraisal = Appraisal(tuple(argument.steps), facts, found.witnesses or 0)
        argument.step("policy", lambda: self._appraise(appraisal))
        name = None if self._trust_root is None else self._trust_root.name
        return Report(name, tuple(argument.steps), facts)

    def _appraise(self, appraisal: Appraisal) -> tuple[bool, str]:
        self._policy.verify(appraisal)
        return True, "what was asked is met"


@dataclass
class _Case:
    """The message in question, and what the steps so far have found of it."""

    found: Foundation
    included: bool | None = None
    message: SignedMessage | None = None
    enrolment: KeyEnrolment | None = None
    slot: KeySlot | None = None
    calibration: tuple[CalibrationState, ...] | None = None

    @property
    def entry(self) -> ProvenEntry:
        """The message's entry; a bundle of a range has none."""
        entry = self.found.bundle.message
        if entry is None:
            raise Unchecked("the bundle is of a range, not of a message", code="unchecked.message")
        return entry

    def include(self) -> tuple[bool, str]:
        """Step 4."""
        return True, self.found.include_entries((self.entry, *self.found.bundle.records))

    def read_message(self) -> tuple[SignedMessage, str]:
        """Step 5."""
        message = parse_message(self.entry.entry, origin=self.found.claimed_origin)
        header = message.header
        count = sum(map(len, message.runs))
        return message, f"message {header.sequence} of epoch {header.epoch} has {count} readings"

    def certify(self) -> tuple[KeyEnrolment, str]:
        """Step 7."""
        header = self._message().header
        need(self.included, "inclusion")
        enrolment = self.found.certify_key(header.kid, self.entry.index, (header.signed_at,))
        who = "a gateway" if enrolment.signer is SignerKind.GATEWAY else "a device"
        return enrolment, f"the key is certified for {who} of this enterprise"

    def check_signature(self) -> tuple[bool, str]:
        """Step 8."""
        message = self._message()
        records = need(self.found.records, "records")
        _, enrolment = records.enrolment(message.header.kid, self.entry.index)
        verify_message(message, PublicKey.from_spki(enrolment.spki))
        return True, f"signed by key {message.header.kid.hex()[:16]}…"

    def check_key(self) -> tuple[KeySlot, str]:
        """Step 12."""
        header = self._message().header
        records = need(self.found.records, "records")
        need(self.included, "inclusion")
        closings = records.closings(header.kid)
        try:
            slot = self.found.read_key_slot(header.kid)
        except Unchecked:
            require_not_revoked(self.entry.index, closings)
            raise
        require_key_valid(header, self.entry.index, slot, closings)
        mark = ", under suspicion" if is_suspected(self.entry.index, slot) else ""
        return slot, f"the key is valid at entry {self.entry.index}{mark}"

    def check_times(self) -> tuple[bool, str]:
        """Step 13."""
        message, block = self._message(), self.found.block
        block_time_s = None if block is None else block.reference.timestamp_s
        require_times(message.header, message.runs, self._registrations(), block_time_s)
        late = {Provenance.BACK_FILL: ", back-filled", Provenance.IMPORT: ", imported"}
        mark = late.get(message.header.provenance, "")
        return True, f"every interval ended before signing{mark}"

    def mark_calibration(self) -> tuple[tuple[CalibrationState, ...], str]:
        """Step 14."""
        message = self._message()
        records = need(self.found.records, "records")
        need(self.included, "inclusion")
        instruments = {cached_series_id(run.common.series).instrument for run in message.runs}
        windows = {each: records.calibrations(each) for each in instruments}
        states = tuple(state for run in message.runs for state in calibration_of(run, windows))
        inside = states.count(CalibrationState.INSIDE)
        return states, f"{inside} of {len(states)} readings are shown to be in calibration"

    def check_agreement(self) -> tuple[bool, str]:
        """Step 15."""
        message = self._message()
        enrolment = need(self.enrolment, "certificate")
        require_agreement(message.header, message.runs, enrolment, self._registrations())
        return True, "message, enrolment and series speak of one thing"

    def facts(self) -> MessageFacts | None:
        """Give what was found; None where the message could not be read."""
        if self.message is None:
            return None
        readings = sum(map(len, self.message.runs))
        not_shown = (CalibrationState.NOT_SHOWN,) * readings
        block = self.found.block
        return MessageFacts(
            origin=self.found.claimed_origin,
            index=self.entry.index,
            message=self.message,
            calibration=self.calibration or not_shown,
            suspected=self.slot is not None and is_suspected(self.entry.index, self.slot),
            block=None if block is None else block.reference,
        )

    def _message(self) -> SignedMessage:
        return need(self.message, "message")

    def _registrations(self) -> Mapping[str, SeriesRegistration]:
        """Give what the log says of each series, at the message's index."""
        records = need(self.found.records, "records")
        need(self.included, "inclusion")
        names = {run.common.series for run in self._message().runs}
        return {name: records.series(name, self.entry.index) for name in sorted(names)}
