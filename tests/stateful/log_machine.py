"""
A ledger under every kind of day: a machine that acts on it and on a plain list at once.

Each rule goes through one wrapper that moves ledger and model together. After each rule the
numbered invariants hold:

1. what a stranger reads is the model's list, and begins with what he read before;
2. no answer to a device says what is not so: promised is admitted, received is integrated;
3. no place is taken twice, and every missing number is an open gap;
4. an integrated message has a bundle that the verifier accepts, and refuses after any changed byte;
5. the full check is clean, signatures and chain included;
6. the sum of a series is the model's sum.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from attestation.answers import Promise, Receipt, Refusal, parse_answer
from attestation.body_fields import write_body
from attestation.certificate_issuing import Issuer
from attestation.enums import CloseReason, GapState, Outcome
from attestation.errors import Error, Retry
from attestation.key_bodies import KeyClosing
from attestation.messages import SignedMessage
from attestation.policy import UnsafeAcceptAll
from attestation.tiles import parse_tile_path
from attestation.trust_root import TrustedLog, TrustRoot, make_trust_root
from attestation.verifier import Verifier
from ledger import migrations
from ledger.database import Database
from ledger.log.anchor_requests import AnchorRequests
from ledger.log.anchor_targets import Standing
from ledger.log.anchoring import Anchoring
from ledger.log.bundling import Bundler
from ledger.log.decisions import Admitted, Duplicate, Equivocal, Refused
from ledger.log.fsck import fsck
from ledger.log.fsck_signatures import SerialSignatures
from ledger.log.mirror import Mirror
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.proving import LogProver
from ledger.log.readmission import readmit
from ledger.log.recovery import Recovery
from ledger.log.sources import LogSource
from ledger.log.start_check import check_logs
from ledger.log.summing import sums
from ledger.log.witnessing import UNWITNESSED
from ledger.ports import Anchorer
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWorkFactory
from tests.fakes.anchorer import RecordingAnchorer
from tests.fakes.faulty import Fault, FaultyAnchorer, FaultyStore
from tests.fakes.outside import read_log
from tests.stateful.model import Given, Model
from tests.support.enterprise import APPROVER, START_S, Device, Enterprise, reading
from tests.support.evidence import small_world

OPERATOR = bytes(20)
DAYS_30 = 30 * 86_400_000
DEVICES = ("em-01", "em-02")
LIMIT = 40
"""Messages of one device: enough for every rule, few enough to check the whole each time."""

faults = st.builds(Fault, at=st.integers(1, 30), has_effect=st.booleans())
which = st.integers(0, len(DEVICES) - 1)


@cache
def template() -> Path:
    """Give a migrated SQLite database."""
    path = Path(tempfile.mkdtemp(prefix="carbonseal-machine-")) / "template.sqlite"
    with Database(f"sqlite:///{path}") as database:
        migrations.upgrade(database.engine)
    return path


@cache
def evidence() -> dict[str, object]:
    """Give a chain section that can be read; what it proves is another log's."""
    return dict(write_body(small_world().chain()))


class MachineChain(RecordingAnchorer):
    """A chain whose evidence has the form that bundles need."""

    def capture(
        self, log_id: bytes, kids: Sequence[bytes], *, block_number: int
    ) -> dict[str, object]:
        """Give evidence of the right form."""
        super().capture(log_id, kids, block_number=block_number)
        return evidence()


class LogMachine(RuleBasedStateMachine):
    """One enterprise's log, two devices, a chain, a mirror, backups."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="carbonseal-machine-"))
        self.copies = 0
        self.model = Model()
        self.chain = MachineChain(finality_depth=2, operator=OPERATOR)
        self.read_before: list[bytes] = []
        self.backups: list[tuple[Path, list[Given]]] = []
        self.withheld: list[SignedMessage] = []
        self.revoked: set[bytes] = set()
        self.rare: dict[str, int] = {}
        self.final_block = 0
        self.evidence_made = 0
        path = self.folder / "ledger.sqlite"
        shutil.copyfile(template(), path)
        self.open(path)

    # --- the parts ------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Open a database as a new process does."""
        self.path = path
        self.database = Database(f"sqlite:///{path}")
        self.enterprise = Enterprise(self.database)
        self.enterprise.pass_time(DAYS_30)
        self.restart_parts()

    def restart_parts(
        self, units: UnitOfWorkFactory | None = None, anchorer: Anchorer | None = None
    ) -> None:
        """Make every part anew."""
        self.enterprise.restart(units)
        self.anchoring = Anchoring.build(
            units or self.database.unit_of_work,
            self.database.reading,
            anchorer or self.chain,
            receipts=self.enterprise.receipts,
        )

    @property
    def log(self) -> Log:
        """The log."""
        return self.enterprise.log

    def fetch(self, path: str) -> bytes:
        """Serve the log to the public."""
        with self.database.reading() as uow:
            prover = LogProver(uow, self.log)
            if path == "checkpoint":
                return prover.newest.note.encode()
            return prover.resource(parse_tile_path(path))

    def teardown(self) -> None:
        """Look at a bundle, then clean up."""
        try:
            self.check_bundle()
        finally:
            self.database.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- rules ------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """Enrol two devices, the real way."""
        self.devices = [Device(name=name, series=(f"{name}/energy/total/",)) for name in DEVICES]
        self.signed = dict.fromkeys(DEVICES, 0)
        self.enterprise.enrol(*self.devices)
        self.mirror = Mirror(
            MirrorFolder(self.folder / "mirror"),
            LogSource("the log", self.fetch),
            self.enterprise.note_signer.verifier,
        )
        self.model.admitted = [Given(content) for content in read_log(self.fetch, self.log.vkey)]
        self.model.public = len(self.model.admitted)
        self.publish_checkpoint()

    @rule(at=which, count=st.integers(1, 4))
    def publish(self, at: int, count: int) -> None:
        """A device signs and sends its next messages."""
        self.submit(self.sign(self.devices[at], count))

    @rule(at=which)
    def withhold(self, at: int) -> None:
        """A device signs a message that goes another, slower way."""
        self.withheld += self.sign(self.devices[at], 1)

    @precondition(lambda self: self.withheld)
    @rule(data=st.data())
    def publish_out_of_order(self, data: st.DataObject) -> None:
        """A slow message arrives, late or never in order."""
        message = data.draw(st.sampled_from(self.withheld))
        self.withheld.remove(message)
        self.submit([message])

    @precondition(lambda self: self.model.messages())
    @rule(data=st.data())
    def publish_again(self, data: st.DataObject) -> None:
        """A courier delivers something twice."""
        place = data.draw(st.sampled_from(sorted(self.model.messages())))
        decisions = self.enterprise.admit(self.model.messages()[place])

        assert isinstance(decisions[0], Duplicate)

    @precondition(lambda self: self.model.messages())
    @rule(data=st.data())
    def tamper(self, data: st.DataObject) -> None:
        """Somebody changes one byte on the way."""
        place = data.draw(st.sampled_from(sorted(self.model.messages())))
        content = bytearray(self.model.messages()[place])
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        (decision,) = self.enterprise.admit(bytes(content))

        assert isinstance(decision, Refused)
        assert decision.answer is None
        assert decision.code in {
            "admission.signature",
            "admission.malformed",
            "admission.unknown_device",
        }

    @precondition(lambda self: self.equivocable())
    @rule(data=st.data())
    def equivocate(self, data: st.DataObject) -> None:
        """A device signs something else under a number it has used, and opens a new epoch."""
        kid, epoch, sequence = data.draw(st.sampled_from(self.equivocable()))
        device = next(each for each in self.devices if each.kid == kid)
        again = Device(device.name, series=device.series, epoch=epoch, sequence=sequence)
        number = LIMIT + len(self.model.admitted)
        is_first = (epoch, sequence) == (0, 0)
        previous = bytes(32) if is_first else sha256(b"another").digest()
        second = again.sign(reading(number, series=device.series[0]), previous=previous)
        self.dispute(kid, epoch, sequence, second.encoded)
        device.next_epoch()
        self.withheld = [each for each in self.withheld if each.header.kid != kid]
        self.count("equivocation")

    @rule(at=which)
    def rotate(self, at: int) -> None:
        """A device loses its state and begins a new epoch."""
        if self.devices[at].sequence:
            self.devices[at].next_epoch()

    @precondition(lambda self: not self.revoked)
    @rule(at=which)
    def revoke(self, at: int) -> None:
        """An enterprise closes a key at once."""
        self.integrate()
        device = self.devices[at]
        body = KeyClosing(
            kid=device.kid, reason=CloseReason.REVOKED, closed_index=self.model.public
        )
        content = self.enterprise.record(body, secret=APPROVER)
        decision = self.enterprise.records.admit_record(
            self.log.number, content, now=self.enterprise.now
        )
        assert isinstance(decision, Admitted)
        self.model.admitted.append(Given(content))
        self.integrate()
        self.revoked.add(device.kid)
        self.withheld = [each for each in self.withheld if each.header.kid != device.kid]
        (late,) = self.enterprise.admit(*self.sign(device, 1))

        assert isinstance(late, Refused)
        assert late.code == "admission.revoked_key"

    @rule()
    def integrate(self) -> None:
        """The sequencer takes everything that is admitted."""
        self.enterprise.integrate()
        self.model.public = len(self.model.admitted)
        self.publish_checkpoint()

    @rule()
    def answer(self) -> None:
        """Promises and receipts are given."""
        self.enterprise.pass_time(2000)
        self.enterprise.answering.promise(self.log, now=self.enterprise.now)
        self.enterprise.answering.confirm(self.log, now=self.enterprise.now)

    @rule(at=which, fault=faults)
    def crash_while_admitting(self, at: int, fault: Fault) -> None:
        """The process dies in a batch; the courier delivers it again."""
        messages = self.sign(self.devices[at], 3)
        if not messages:
            return
        self.crash(fault, lambda: self.enterprise.admit(*messages))
        self.submit(messages, again=True)

    @rule(fault=faults)
    def crash_while_integrating(self, fault: Fault) -> None:
        """The process dies in the sequencer or the survey."""
        self.crash(fault, self.enterprise.integrate)
        self.integrate()

    @rule(fault=faults, on_chain=st.booleans())
    def crash_while_anchoring(self, fault: Fault, on_chain: bool) -> None:
        """The process dies, or the node goes away, on the way to the chain."""
        self.enterprise.pass_time(60_000)
        if on_chain:
            self.restart_parts(anchorer=FaultyAnchorer(self.chain, fault))
            self.expect_failure(self.step)
            self.restart_parts()
        else:
            self.crash(fault, self.step)
        self.count("anchor crash", fault.happened)

    @rule()
    def restart(self) -> None:
        """The process ends and begins again."""
        self.restart_parts()
        self.start()

    @rule(blocks=st.integers(0, 3))
    def anchor(self, blocks: int) -> None:
        """A minute passes, the worker looks at the chain, some blocks are sealed."""
        self.enterprise.pass_time(60_000)
        self.step()
        self.mine(blocks)
        self.step()

    @rule(depth=st.integers(1, 2), keep=st.booleans())
    def reorganise(self, depth: int, keep: bool) -> None:
        """The chain drops blocks that were never final."""
        droppable = len(self.chain.blocks) - 1 - self.final_block
        self.chain.reorganise(min(depth, droppable), keep=keep)
        self.step()
        self.count("reorganisation")

    @rule()
    def lose_pool(self) -> None:
        """The node forgets what is not in a block."""
        self.chain.lose_pool()

    @rule()
    def back_up(self) -> None:
        """Somebody copies the database."""
        self.copies += 1
        target = self.folder / f"backup-{self.copies}.sqlite"
        with (
            closing(sqlite3.connect(self.path)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        self.backups.append((target, list(self.model.admitted)))

    @precondition(lambda self: self.backups)
    @rule(data=st.data())
    def restore_an_old_backup(self, data: st.DataObject) -> None:
        """Somebody puts an old copy in the place of the database; the ledger finds back."""
        copy, admitted_then = data.draw(st.sampled_from(self.backups))
        self.copies += 1
        path = self.folder / f"restored-{self.copies}.sqlite"
        shutil.copyfile(copy, path)
        now = self.enterprise.now
        self.database.close()
        self.open(path)
        self.enterprise.now = now
        self.start()
        self.enterprise.surveyor.survey_all(self.log.number)
        published = self.model.integrated
        rest = [given for given in admitted_then if given not in published]
        lost = [given for given in self.model.admitted if given not in published + rest]
        self.model.admitted = published + rest
        with self.database.reading() as uow:
            self.model.public = uow.heads.get(self.log.number).size
        assert self.model.public in (len(published), len(published) + len(rest))
        self.publish_checkpoint()
        self.send_again(lost)
        self.count("restore")

    # --- invariants ---------------------------------------------------------------------------

    @invariant()
    def entries_are_the_models(self) -> None:
        """1. What a stranger reads is the model's list, and begins with what he read before."""
        read = read_log(self.fetch, self.log.vkey)

        assert read[: len(self.read_before)] == self.read_before
        assert len(read) == self.model.public
        for content, given in zip(read, self.model.integrated, strict=True):
            if given.content is not None:
                assert content == given.content
            else:
                assert b'"type":"equivocation"' in content
        self.read_before = read

    @invariant()
    def answers_are_true(self) -> None:
        """2. Promised is admitted, received is integrated; every signature and proof holds."""
        admitted = set(self.model.messages())
        integrated = {given.place for given in self.model.integrated if given.is_message}
        with self.database.reading() as uow:
            bodies = [each.body for each in uow.deliveries.unsent(limit=1000)]
        for body in bodies:
            said = parse_answer(body, origin=self.log.origin, key=self.enterprise.answer_key)
            if isinstance(said, Refusal):
                continue
            assert isinstance(said, Promise | Receipt)
            known = admitted if isinstance(said, Promise) else integrated
            for first, last in said.ranges:
                for sequence in range(first, last + 1):
                    assert (bytes(said.kid), said.epoch, sequence) in known

    @invariant()
    def gaps_are_known(self) -> None:
        """3. Every missing number is an open gap, and no other is."""
        if not self.is_surveyed():
            return
        with self.database.reading() as uow:
            gaps = uow.gaps.sequence_gaps(self.log.number, [GapState.OPEN])
        found = {
            (gap.kid, gap.epoch, sequence)
            for gap in gaps
            for sequence in range(gap.gap.start, gap.gap.end)
        }

        assert found == self.model.missing()

    @invariant()
    def full_check_is_clean(self) -> None:
        """5. The full check finds nothing, signatures and chain included."""
        with self.database.reading() as uow:
            report = fsck(
                uow,
                self.log,
                signatures=SerialSignatures(self.log.origin),
                anchorer=self.chain,
            )
        assert [each for each in report.findings if each.state.value != "unchecked"] == []

    @invariant()
    def sums_are_the_models(self) -> None:
        """6. The sum of a series is the model's sum."""
        if not self.is_surveyed():
            return
        bounds = [START_S, START_S + 30 * 86_400]
        with self.database.reading() as uow:
            for device in self.devices:
                (total,) = sums(uow, self.log, device.series[0], bounds)

                assert total.total == self.model.total(device.series[0])

    def check_bundle(self) -> None:
        """4. A message has a bundle that is accepted, and refused after any changed byte."""
        messages = [at for at, given in enumerate(self.model.integrated) if given.is_message]
        if not messages:
            return
        root: Issuer = self.enterprise.root
        bundler = Bundler(self.database.reading, UNWITNESSED, platform_root=root.certificate)
        bundle = bundler.entry(self.log, messages[-1])
        verifier = Verifier(self._trust_root(), UnsafeAcceptAll())
        assert verifier.verify(bundle).outcome is Outcome.COULD_NOT_CHECK  # there is no real chain
        assert bundle.message is not None
        entry = bundle.message.entry
        for at in (0, len(entry) // 2, len(entry) - 1):
            changed = entry[:at] + bytes([entry[at] ^ 1]) + entry[at + 1 :]
            damaged = replace(bundle, message=replace(bundle.message, entry=changed))

            assert verifier.verify(damaged).outcome is Outcome.FAILED

    # --- wrappers -----------------------------------------------------------------------------

    def sign(self, device: Device, count: int) -> list[SignedMessage]:
        """Sign the next messages of a device, each of its own quarter hour."""
        messages = []
        for _ in range(count):
            number = self.signed[device.name]
            if number >= LIMIT:
                break
            self.signed[device.name] += 1
            value = number + 1
            messages.append(device.sign(reading(number, series=device.series[0], value=value)))
        return messages

    def submit(self, messages: list[SignedMessage], *, again: bool = False) -> None:
        """Send messages; what the ledger admits, the model takes."""
        for message, decision in zip(messages, self.enterprise.admit(*messages), strict=True):
            header = message.header
            kid = bytes(header.kid)
            if kid in self.revoked:
                assert isinstance(decision, Refused)
                assert decision.code == "admission.revoked_key"
                continue
            closed_at = self.model.disputed(integrated_only=False).get((kid, header.epoch))
            if closed_at is not None and header.sequence >= closed_at:
                assert isinstance(decision, Refused)
                assert decision.code == "admission.epoch_closed"
                continue
            assert isinstance(decision, (Admitted, Duplicate) if again else Admitted), decision
            self.model.admitted.append(self.given(message))

    def given(self, message: SignedMessage) -> Given:
        """Give a message as the model keeps it."""
        header = message.header
        (said,) = message.readings
        place = (bytes(header.kid), header.epoch, header.sequence)
        return Given(message.encoded, place, said.series, said.value or 0)

    def equivocable(self) -> list[tuple[bytes, int, int]]:
        """List places whose epochs are open, of keys that are."""
        disputed = self.model.disputed(integrated_only=False)
        return sorted(
            place
            for place in self.model.messages()
            if place[:2] not in disputed and place[0] not in self.revoked
        )

    def dispute(self, kid: bytes, epoch: int, sequence: int, second: bytes) -> None:
        """Send a message that contradicts one that was admitted."""
        (decision,) = self.enterprise.admit(second)
        assert isinstance(decision, Equivocal), decision
        self.evidence_made += 1
        self.model.admitted.append(
            Given(None, (kid, epoch, sequence), second=second, serial=self.evidence_made)
        )

    def evidence(self) -> list[Given]:
        """Give the disputes that are known."""
        return [each for each in self.model.admitted if each.content is None]

    def send_again(self, lost: list[Given]) -> None:
        """Let devices send what the ledger lost before it was integrated."""
        for given in lost:
            if given.content is None and given.place is not None:
                # The same dispute may stand in another record already.
                if given.place not in {each.place for each in self.evidence()}:
                    self.dispute(*given.place, given.second)
                continue
            assert given.content is not None
            (decision,) = self.enterprise.admit(given.content)
            assert isinstance(decision, Admitted), decision
            self.model.admitted.append(given)

    def start(self) -> None:
        """Do what a ledger does before it signs; recover if need be."""
        (checked,) = check_logs(
            self.database.unit_of_work,
            self.chain,
            now=self.enterprise.now,
            sources_of=lambda _log: [self.mirror.folder.source()],
        )
        if checked.standing is Standing.BEHIND:
            recovery = Recovery(
                self.database.unit_of_work,
                self.chain,
                lambda _origin: self.enterprise.note_signer,
                readmit=readmit,
                receipts=self.enterprise.receipts,
                requests=AnchorRequests(OPERATOR),
            )
            progress = recovery.recover(
                self.log.number, [self.mirror.folder.source()], now=self.enterprise.now
            )
            assert progress.is_recovered
            self.count("recovery")

    def step(self) -> None:
        """Let the worker look at the chain."""
        self.anchoring.step(self.enterprise.now)

    def mine(self, blocks: int) -> None:
        """Seal blocks; what is final stays final."""
        self.chain.mine(blocks)
        self.final_block = max(
            self.final_block, len(self.chain.blocks) - 1 - self.chain.finality_depth
        )

    def publish_checkpoint(self) -> None:
        """Let the mirror follow, as soon as anything is published."""
        assert self.mirror.follow().alerts == ()

    def crash(self, fault: Fault, act: Callable[[], object]) -> None:
        """Do something on a store that fails; then begin again on a sound one."""
        store = FaultyStore(self.database, fault)
        self.restart_parts(units=store.unit_of_work)
        self.expect_failure(act)
        store.heal()
        self.restart_parts()
        self.count("crash", fault.happened)

    @staticmethod
    def expect_failure(act: Callable[[], object]) -> None:
        """Let something fail as a store or node fails, or succeed."""
        try:
            act()
        except Error as error:
            assert error.retry is Retry.LATER

    def is_surveyed(self) -> bool:
        """Say whether the survey has come to the head."""
        with self.database.reading() as uow:
            return uow.surveys.cursor(self.log.number) == uow.heads.get(self.log.number).size

    def count(self, what: str, happened: bool = True) -> None:
        """Count rare events, so that a run shows that they happen."""
        self.rare[what] = self.rare.get(what, 0) + happened

    def _trust_root(self) -> TrustRoot:
        verifier = self.enterprise.note_signer.verifier
        return make_trust_root(
            [TrustedLog(self.log.origin, verifier, self.log.log_id)],
            [sha256(self.enterprise.root.certificate).digest()],
        )
