"""
A verified case with its report, without a chain: real signatures, a registry's storage, a seal.

Everything holds; a test changes one thing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import sha256
from typing import Any, Final

from api.reports.drawing import draw_report
from attestation.bundle import Profile, ProvenEntry
from attestation.canonical import canonical_json, parse_canonical, require_object
from attestation.case_acts import ASSIGNMENT, CONFIRMATION, STATEMENT, SUBMISSION, ShownAct
from attestation.case_bodies import (
    Anchor,
    Estimate,
    Finding,
    FindingClosing,
    FindingResponse,
)
from attestation.case_bundle import (
    CaseBundle,
    CaseChainEvidence,
    ProvenSlot,
    RegistryState,
    ShownLine,
    format_case_bundle,
    make_case_bundle,
)
from attestation.eip712 import address_of, sign_digest
from attestation.enums import (
    DataClass,
    FindingConclusion,
    FindingKind,
    FindingSeverity,
    InventoryState,
    VersionState,
)
from attestation.evm.inventory_storage import inventory_slots, used_slot, version_slots
from attestation.merkle import hash_leaf
from attestation.report_file import BUNDLE_NAME, Attachment, finish_report
from attestation.trust_root import (
    Consensus,
    Contract,
    Finality,
    FinalityRule,
    Registry,
    TrustedChain,
    TrustRoot,
    ValidatorSet,
    make_trust_root,
)
from ledger.inventory.amounts import Amount
from ledger.inventory.identity import Scope
from ledger.inventory.line_tree import LineEvidence
from ledger.inventory.lines import TOTAL, Line
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.versions import EMISSIONS, InventoryVersion, in_order
from ledger.reports.document import PartyName, ReportInputs, report_document
from tests.support.evidence import ORIGIN, USC, World, signed_record, small_world
from tests.support.headers import HeaderParts, QbftParts, qbft_header, sealers
from tests.support.reference_tree import inclusion_proof, tree_hash
from tests.support.tries import Trie, account, keccak256, word

CHAIN_ID: Final = 1337
CONTRACT: Final = b"\x1c" * 20
OTHER_CONTRACT: Final = b"\x1d" * 20
CODE_HASH: Final = keccak256(b"the code of an inventory registry")
BLOCK: Final = 500
BLOCK_TIME_S: Final = 1_744_300_000
YEAR: Final = Period.year(2024)
UNIT: Final = "unit-1"
NAME: Final = "某某火力发电有限公司"
VERIFIER: Final = "91440300MA5EXAMP72"
PROVINCE: Final = "MEE-35"
LOG: Final = tuple(b"entry %d" % number for number in range(12))
"""Entries of the log whose root the version pinned."""
SHOWN: Final = 7
"""The entry that the coal's line stands on."""
VALIDATORS: Final = sealers(4, "case")

_KEYS: Final = {
    name: keccak256(f"person {name}".encode())
    for name in ("initiator", "approver", "lead", "reviewer", "head", "deputy", "stranger")
}


def address(person: str) -> str:
    """Give a person's address."""
    return address_of(_KEYS[person])


def sign(person: str, digest: bytes) -> bytes:
    """Sign by a person's key."""
    return sign_digest(_KEYS[person], digest)


def line(text: str, item: str = "coal", period: Period = YEAR) -> Line:
    """Give emissions of an item."""
    source = Source.of_entry(SourceKind.DIGEST, SHOWN)
    amount = Amount.parse(text, "tCO2")
    return Line(DataClass.EMISSIONS, period, item, EMISSIONS, amount, (source,))


@cache
def inventory_version() -> InventoryVersion:
    """Give a final version: twelve months of coal, their sum, and the total."""
    months = [line("1234.56", period=month) for month in YEAR.months()]
    coal = line("14814.72")
    evidence = LineEvidence(coal.line_id, SHOWN, sha256(b"commitment").digest())
    return InventoryVersion(
        scope=Scope.of(USC, UNIT, YEAR),
        number=2,
        state=VersionState.FINAL,
        recipe="power-unit/1",
        log_size=len(LOG) - 2,
        lines=in_order([*months, coal, line("14814.72", TOTAL)]),
        calculations=(),
        checks=(),
        secret=bytes(range(32)),
        evidence=(evidence,),
    )


def finding_bodies() -> tuple[Finding, FindingResponse, FindingClosing]:
    """Give a finding, its answer and its end: not corrected, and estimated."""
    inventory = inventory_version().scope.inventory_id
    finding = Finding(
        inventory=inventory,
        version=2,
        number=1,
        verifier=VERIFIER,
        kind=FindingKind.NON_CONFORMITY,
        severity=FindingSeverity.MAJOR,
        anchor=Anchor(line="emissions:2024:coal:emissions"),
        title="缺少入炉煤量记录",
        text="三月缺少两日皮带秤记录，按保守值处理。",
        effect_gco2e=12_500_000,
        raised_s=BLOCK_TIME_S - 900_000,
        due_s=BLOCK_TIME_S,
    )
    leaf = hash_leaf(signed_record(finding, secret=_KEYS["lead"]))
    response = FindingResponse(
        inventory=inventory, number=1, finding=leaf, text="已补充", at_s=BLOCK_TIME_S - 800_000
    )
    closing = FindingClosing(
        inventory=inventory,
        number=1,
        finding=leaf,
        conclusion=FindingConclusion.NOT_CORRECTED,
        text="记录仍不完整",
        estimate=Estimate(
            formula="最大日耗量 × 2", amount_gco2e=100_000_000, difference_gco2e=12_500_000
        ),
        at_s=BLOCK_TIME_S - 700_000,
    )
    return finding, response, closing


def finding_records() -> tuple[bytes, ...]:
    """Give the records of the finding, as the log has them after its first entries."""
    signers = ("lead", "initiator", "lead")
    return tuple(
        signed_record(body, secret=_KEYS[signer])
        for body, signer in zip(finding_bodies(), signers, strict=True)
    )


def finding_document() -> dict[str, Any]:
    """Give the finding as the report lists it."""
    finding, *steps = (hash_leaf(each).hex() for each in finding_records())
    return {
        "number": 1,
        "record": finding,
        "steps": steps,
        "kind": "NON_CONFORMITY",
        "severity": "MAJOR",
        "anchor": "line emissions:2024:coal:emissions",
        "title": "缺少入炉煤量记录",
        "text": "三月缺少两日皮带秤记录，按保守值处理。",
        "effect_gco2e": "12500000",
        "response": "已补充",
        "conclusion": "NOT_CORRECTED",
        "estimate": {
            "formula": "最大日耗量 × 2",
            "amount_gco2e": "100000000",
            "difference_gco2e": "12500000",
        },
    }


def later_log() -> World:
    """Give the log with the records of the finding."""
    world = small_world()
    world.entries[:] = [*LOG, *finding_records(), b"later"]
    return world


@dataclass
class ReportedCase:
    """One case, from submission to confirmation; what a test changes is a field."""

    contract: bytes = CONTRACT
    chain_id: int = CHAIN_ID
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Members of acts that are signed otherwise, by the act's name."""
    signers: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Persons who sign instead."""
    document_changes: dict[str, Any] = field(default_factory=dict)
    storage_changes: dict[bytes, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ("zh",)

    # --- acts ------------------------------------------------------------------------------------

    @property
    def subject(self) -> dict[str, str]:
        """What all acts are about."""
        return {
            "enterprise": NAME,
            "creditCode": USC,
            "unitCode": UNIT,
            "periodFrom": str(YEAR.from_s),
            "periodTo": str(YEAR.to_s),
        }

    def act(self, name: str, persons: tuple[str, str], **members: Any) -> ShownAct:
        """Sign an act by the two whom it names."""
        message = {
            "subject": self.subject,
            "version": "2",
            **members,
            "previousState": "0x" + keccak256(name.encode()).hex(),
            "nonce": "1",
            "deadline": "1800000000",
            **self.changed.get(name, {}),
        }
        drawn = ShownAct(name, message, (bytes(65), bytes(65)))
        digest = drawn.digest(self.chain_id, self.contract)
        signed = [sign(person, digest) for person in self.signers.get(name, persons)]
        return ShownAct(name, message, tuple(signed))

    @cached_property
    def submission(self) -> ShownAct:
        """The enterprise's."""
        version = inventory_version()
        return self.act(
            SUBMISSION,
            ("initiator", "approver"),
            origin=ORIGIN,
            logSize=str(version.log_size),
            inputsHash="0x" + "11" * 32,
            linesRoot=f"0x{version.root.hex()}",
            lineCount=str(version.tree.count),
            total_tCO2e="14815",
            documentHash=f"0x{version.sha256}",
            laboratories=[],
            reason="补充三月数据",
            initiator=address("initiator"),
            approver=address("approver"),
        )

    @cached_property
    def assignment(self) -> ShownAct:
        """The province's."""
        return self.act(
            ASSIGNMENT,
            ("head", "deputy"),
            regulator=PROVINCE,
            cityRegulator="",
            verifier=VERIFIER,
            leadVerifier=address("lead"),
            technicalReviewer=address("reviewer"),
            reason="",
            initiator=address("head"),
            approver=address("deputy"),
        )

    @cached_property
    def statement(self) -> ShownAct:
        """The verifier's, on the report's body."""
        return self.act(
            STATEMENT,
            ("lead", "reviewer"),
            inputsHash="0x" + "11" * 32,
            total_tCO2e="14815",
            opinion="1",
            reportHash=f"0x{sha256(self.body).hexdigest()}",
            leadVerifier=address("lead"),
            technicalReviewer=address("reviewer"),
        )

    @cached_property
    def confirmation(self) -> ShownAct:
        """The province's, on the result."""
        return self.act(
            CONFIRMATION,
            ("head", "deputy"),
            regulator=PROVINCE,
            inputsHash="0x" + "11" * 32,
            total_tCO2e="14815",
            initiator=address("head"),
            approver=address("deputy"),
        )

    @property
    def acts(self) -> tuple[ShownAct, ...]:
        """In the order in which the registry took them."""
        return self.submission, self.assignment, self.statement, self.confirmation

    # --- report ----------------------------------------------------------------------------------

    @property
    def inputs(self) -> ReportInputs:
        """What the report is made of."""
        return ReportInputs(
            number="闽-ABC-123456-2024-2",
            drawn_on="2025-04-10",
            languages=self.languages,
            chain_id=f"eip155:{self.chain_id}",
            contract=self.contract,
            submission=self.submission,
            opinion=1,
            lead_verifier=address("lead"),
            technical_reviewer=address("reviewer"),
            verifier=PartyName(VERIFIER, "某某核查技术有限公司"),
            regulator=PartyName(PROVINCE, "示例省生态环境厅"),
            version=inventory_version(),
            changes=(),
            case={
                "assurance": "REASONABLE",
                "materiality": None,
                "findings": [finding_document()],
                "visits": [],
                "versions": [
                    {
                        "number": 2,
                        "total_t": 14815,
                        "reason": "补充三月数据",
                        "document_sha256": inventory_version().sha256,
                    }
                ],
            },
            verify_url="https://ledger.example/verify",
        )

    @cached_property
    def document(self) -> bytes:
        """The report's document."""
        made = report_document(self.inputs)
        if not self.document_changes:
            return made
        content = dict(require_object(parse_canonical(made), "document"))
        return canonical_json(content | self.document_changes)

    @cached_property
    def body(self) -> bytes:
        """The report as it was drawn."""
        return draw_report(self.document)

    def report(self, *others: Attachment, bundle: CaseBundle | None = None) -> bytes:
        """Give the finished report."""
        encoded = format_case_bundle(bundle or self.report_bundle())
        return finish_report(self.body, [Attachment(BUNDLE_NAME, encoded), *others])

    # --- chain -----------------------------------------------------------------------------------

    def storage(self) -> dict[bytes, int]:
        """Give the words of the registry."""
        version, log_root = inventory_version(), int.from_bytes(tree_hash(LOG), "big")
        digests = [each.digest(self.chain_id, self.contract) for each in self.acts]
        standing = inventory_slots(self.submission.inventory_id)
        pinned = version_slots(self.submission.inventory_id, 2)
        counts = len(LOG) | version.tree.count << 64 | 14815 << 128
        return {
            **{used_slot(digest): 1 for digest in digests},
            standing.state: 5 | int(InventoryState.CONFIRMED) << 160,
            standing.version: 9 | 2 << 160 | 2 << 192,
            pinned.lines_root: int.from_bytes(version.root, "big"),
            pinned.log_id: int.from_bytes(keccak256(ORIGIN.encode()), "big"),
            pinned.log_root: log_root,
            pinned.counts: counts,
            bytes(32): 1,
            **self.storage_changes,
        }

    def chain(self) -> CaseChainEvidence:
        """Give what one sealed block says of the case."""
        words = self.storage()
        storage = Trie({slot: word(value) for slot, value in words.items() if value})
        state = Trie({self.contract: account(storage, CODE_HASH), bytes(20): b"x"})
        header = qbft_header(
            HeaderParts(number=BLOCK, state_root=state.root, timestamp_s=BLOCK_TIME_S),
            QbftParts(VALIDATORS),
            VALIDATORS[:3],
        )
        return CaseChainEvidence(
            profile=Profile.QBFT,
            id=f"eip155:{self.chain_id}",
            header=header,
            inventory_registry=RegistryState(
                self.contract,
                tuple(state.prove(self.contract)),
                tuple(ProvenSlot(slot, tuple(storage.prove(slot))) for slot in words if any(slot)),
            ),
        )

    # --- bundles ---------------------------------------------------------------------------------

    def report_bundle(self) -> CaseBundle:
        """Give the bundle of the report."""
        world = later_log()
        records = tuple(world.proven(len(LOG) + number) for number in range(3))
        return make_case_bundle(
            self.acts,
            self.chain(),
            body=self.body,
            records=records,
            checkpoint=world.checkpoint(),
        )

    def line_bundle(self, line_id: str = "emissions:2024:coal:emissions") -> CaseBundle:
        """Give the bundle of one line, with the entry that it stands on."""
        proof = inventory_version().tree.prove_line(line_id)
        shown = ShownLine(canonical_json(proof.line.as_json()), proof.salt, proof.index, proof.path)
        entry = ProvenEntry(SHOWN, LOG[SHOWN], tuple(inclusion_proof(SHOWN, LOG)))
        return make_case_bundle(
            (self.submission, self.confirmation), self.chain(), line=shown, entries=(entry,)
        )


@cache
def trust_root() -> TrustRoot:
    """Give the trust root that knows this chain and its inventory registry."""
    world = small_world()
    registries = (
        Registry(Contract.CHECKPOINT_REGISTRY, b"\x0a" * 20, CODE_HASH, 1),
        Registry(Contract.DEVICE_REGISTRY, b"\x0b" * 20, CODE_HASH, 1),
        Registry(Contract.INVENTORY_REGISTRY, CONTRACT, CODE_HASH, 1),
    )
    chain = TrustedChain(
        f"eip155:{CHAIN_ID}",
        b"\x99" * 32,
        Consensus.QBFT,
        Finality(FinalityRule.INSTANT),
        registries,
        (ValidatorSet(0, tuple(each.address for each in VALIDATORS)),),
    )
    return make_trust_root(world.trust_root().logs, world.trust_root().platform_roots, chain=chain)
