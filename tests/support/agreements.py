"""A case on a real chain: its parties with keys and credentials, and every act, rightly signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Final

from attestation.enums import (
    InventoryStep,
    PartyKind,
    RegulatorTier,
    Sector,
    VerificationOpinion,
)
from attestation.ids import ZERO_HASH
from chain.bindings.inventory_registry import RegisteredInventory, inventory_id_of
from chain.bindings.party_registry import party_id_of
from chain.credential_acts import CredentialGrant
from chain.inventory_acts import (
    STEPS,
    InventoryDraft,
    InventorySubmission,
    ResultConfirmation,
    Step,
    Subject,
    VerificationAssignment,
    VerificationStatement,
)
from chain.keys import AccountSigner
from chain.signed_acts import signed_act_of, signers_of
from chain.typed_data import Act
from chain.values import Call, Receipt
from tests.support.chain import USC, ChainWorld, PartyKeys, TestLog

VERIFIER: Final = "VERIFIER.1"
CITY: Final = "CITY.310100"
PROVINCE: Final = "PROVINCE.310000"
NATION: Final = "NATION"
LABORATORY: Final = "LABORATORY.1"
AREA: Final = 310_115
YEAR_BEGIN_S: Final = 1_735_660_800
"""2025-01-01 in the reporting zone."""
YEAR_END_S: Final = 1_767_196_800
NAME: Final = "某某火力发电有限公司"
TOTAL_T: Final = 1_234_567
SUBJECT: Final = Subject(NAME, USC, "1", YEAR_BEGIN_S, YEAR_END_S)
_LONG_S: Final = 20 * 365 * 86_400
_CAST: Final = (
    (USC, PartyKind.ENTERPRISE, (Sector.POWER,), (AREA,), RegulatorTier.NONE),
    (VERIFIER, PartyKind.VERIFIER, (Sector.POWER,), (310_000,), RegulatorTier.NONE),
    (CITY, PartyKind.REGULATOR, (), (310_100,), RegulatorTier.CITY),
    (PROVINCE, PartyKind.REGULATOR, (), (310_000,), RegulatorTier.PROVINCE),
    (NATION, PartyKind.REGULATOR, (), (0,), RegulatorTier.NATION),
    (LABORATORY, PartyKind.LABORATORY, (), (), RegulatorTier.NONE),
)


@dataclass
class Agreement:
    """An enterprise's inventory of 2025 and all who have a say in it."""

    world: ChainWorld
    parties: dict[str, PartyKeys]
    log: TestLog
    operator: AccountSigner
    subject: Subject = SUBJECT

    @classmethod
    def begin(cls, world: ChainWorld) -> Agreement:
        """Register and accredit everybody, and anchor the enterprise's log."""
        parties = {code: world.register(code, kind, name_of(code)) for code, kind, *_ in _CAST}
        operator = world.funded()
        case = cls(world, parties, world.open_log(parties[USC], operator), operator)
        world.anchor(operator, case.log, 5)
        for code, _, sectors, areas, tier in _CAST:
            case.perform(case.grant(code, sectors, areas, tier))
        return case

    @property
    def inventory_id(self) -> bytes:
        return inventory_id_of(self.subject)

    def found(self) -> RegisteredInventory:
        """Read the inventory."""
        found = self.world.inventories.inventory(self.inventory_id)
        assert found is not None
        return found

    # --- signing and sending -------------------------------------------------------------------

    def signatures(self, act: Act, **instead: AccountSigner) -> dict[str, bytes]:
        """Sign an act by everybody it names, or by somebody else in a role."""
        known = {key.address: key for key in self._keys()}
        contract = signed_act_of(act).contract
        return {
            role: self.world.sign(contract, act, instead.get(role) or known[address])
            for role, address in signers_of(act).items()
        }

    def call(self, act: Act, signatures: dict[str, bytes] | None = None) -> Call:
        """Give what a transaction must say to hand an act in."""
        kind = signed_act_of(act)
        address = self.world.address(kind.contract)
        given = signatures if signatures is not None else self.signatures(act)
        return kind.make_call(self.world.client, address, act, given)

    def perform(self, act: Act) -> Receipt:
        """Sign an act by whom it names, and let a nobody hand it in."""
        return self.world.sender().execute(self.call(act))

    def _keys(self) -> list[AccountSigner]:
        keys = [each for keys in self.parties.values() for each in (keys.initiator, keys.approver)]
        return [self.world.registrar, *keys]

    # --- acts ----------------------------------------------------------------------------------

    def grant(
        self,
        code: str,
        sectors: tuple[Sector, ...],
        areas: tuple[int, ...],
        tier: RegulatorTier,
    ) -> CredentialGrant:
        """Write what a party needs to take part."""
        now_s = self.world.now_s()
        return CredentialGrant(
            name=name_of(code),
            credit_code=code,
            cma="210000000001" if code == LABORATORY else "",
            cnas="",
            sectors=tuple(int(each) for each in sectors),
            areas=areas,
            tier=int(tier),
            document_hash=hashlib.sha256(code.encode()).digest(),
            valid_from=now_s - _LONG_S,
            valid_to=now_s + _LONG_S,
            current=self.world.credentials.state_of(party_id_of(code)),
            registrar=self.world.registrar.address,
            nonce=next(self.world.nonces),
            deadline=self.world.deadline(),
        )

    def draft(self) -> InventoryDraft:
        """Begin the inventory."""
        return InventoryDraft(
            subject=self.subject,
            sector=int(Sector.POWER),
            report_year=2025,
            document_hash=ZERO_HASH,
            **self._by(USC),
        )

    def submission(self, version: int = 1, total_t: int = TOTAL_T) -> InventorySubmission:
        """Submit a version."""
        return InventorySubmission(
            subject=self.subject,
            version=version,
            origin=self.log.origin,
            log_size=self.log.anchored_size,
            inputs_hash=word("inputs", version),
            lines_root=word("lines", version),
            line_count=7,
            total_t=total_t,
            document_hash=word("document", version),
            laboratories=(LABORATORY,),
            reason="" if version == 1 else "更正电力消费量",
            previous_state=self.found().state_hash,
            **self._by(USC),
        )

    def assignment(self, city: str = "") -> VerificationAssignment:
        """Fix who verifies, reviews and confirms."""
        team = self.parties[VERIFIER]
        return VerificationAssignment(
            subject=self.subject,
            version=self.found().version,
            regulator=PROVINCE,
            city_regulator=city,
            verifier=VERIFIER,
            lead_verifier=team.initiator.address,
            technical_reviewer=team.approver.address,
            reason="",
            previous_state=self.found().state_hash,
            **self._by(PROVINCE),
        )

    def statement(self, total_t: int = TOTAL_T) -> VerificationStatement:
        """State the verifier's opinion."""
        team, version = self.parties[VERIFIER], self.found().version
        fields = self._by(VERIFIER)
        return VerificationStatement(
            subject=self.subject,
            version=version,
            inputs_hash=word("inputs", version),
            total_t=total_t,
            opinion=int(VerificationOpinion.UNMODIFIED),
            report_hash=word("report", version),
            previous_state=self.found().state_hash,
            lead_verifier=team.initiator.address,
            technical_reviewer=team.approver.address,
            nonce=fields["nonce"],
            deadline=fields["deadline"],
        )

    def confirmation(self, total_t: int = TOTAL_T) -> ResultConfirmation:
        """Confirm the stated result."""
        version = self.found().version
        return ResultConfirmation(
            subject=self.subject,
            version=version,
            regulator=PROVINCE,
            inputs_hash=word("inputs", version),
            total_t=total_t,
            previous_state=self.found().state_hash,
            **self._by(PROVINCE),
        )

    def step(self, kind: InventoryStep, actor: str) -> Step:
        """Move the inventory on for a reason."""
        return STEPS[kind](
            subject=self.subject,
            version=self.found().version,
            actor=actor,
            reason="因由",
            document_hash=word("step", kind),
            previous_state=self.found().state_hash,
            **self._by(actor),
        )

    def confirm_first(self, city: str = "") -> None:
        """Play the case from its draft to the confirmed result, by the shortest way."""
        self.perform(self.draft())
        self.perform(self.submission())
        self.perform(self.assignment(city))
        self.perform(self.statement())
        if city:
            self.perform(self.step(InventoryStep.REVIEW, city))
        self.perform(self.confirmation())

    def another(self, unit_code: str) -> Agreement:
        """Give the same parties' case of another unit."""
        return replace(self, subject=replace(self.subject, unit_code=unit_code))

    def _by(self, code: str) -> dict[str, Any]:
        keys = self.parties[code]
        return {
            "initiator": keys.initiator.address,
            "approver": keys.approver.address,
            "nonce": next(self.world.nonces),
            "deadline": self.world.deadline(),
        }


def name_of(code: str) -> str:
    """Give a party's registered name."""
    return NAME if code == USC else f"单位 {code}"


def word(kind: str, number: int) -> bytes:
    """Make up a hash."""
    return hashlib.sha256(f"{kind} {number}".encode()).digest()
