"""Credentials and inventories by real keys: every act once, and what is nearly right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from attestation.digests import ActivityDigest, encode_digest
from attestation.enums import (
    CredentialStatus,
    InventoryState,
    InventoryStep,
    PartyKind,
    RegulatorTier,
    Sector,
)
from attestation.ids import keccak256
from chain.bindings.evidence_binding import BindingProofs, EvidenceBinding
from chain.bindings.inventory_registry import InventoryRegistry
from chain.bindings.party_registry import party_id_of
from chain.credential_acts import (
    AdviceRecord,
    CredentialChange,
    EarlierVerification,
    GroupMembership,
    PreparationRecord,
)
from chain.errors import Reverted
from chain.keys import generate_signer
from chain.typed_data import Act, ActDomain, sign_act
from chain.values import Call
from ledger.inventory.line_tree import EVIDENCE_TYPEHASH
from tests.support.agreements import (
    AREA,
    CITY,
    LABORATORY,
    NATION,
    PROVINCE,
    TOTAL_T,
    VERIFIER,
    YEAR_BEGIN_S,
    Agreement,
    word,
)
from tests.support.chain import USC, ChainWorld
from tests.support.reference_tree import inclusion_proof, tree_hash

pytestmark = pytest.mark.real
DAY_S = 86_400


@pytest.fixture(scope="module")
def shared_case(shared_world: ChainWorld) -> Iterator[Agreement]:
    """The parties of a case, registered and accredited once."""
    with shared_world.undone():
        yield Agreement.begin(shared_world)


@pytest.fixture
def case(shared_case: Agreement) -> Iterator[Agreement]:
    """The parties as they were accredited; a test's own changes are undone."""
    log, entries, size = shared_case.log, list(shared_case.log.entries), 5
    with shared_case.world.undone():
        yield shared_case
    log.entries, log.anchored_size = entries, size


def registrars(case: Agreement) -> dict[str, Any]:
    return {
        "registrar": case.world.registrar.address,
        "nonce": next(case.world.nonces),
        "deadline": case.world.deadline(),
    }


# --- every act, handed in by a nobody ---------------------------------------------------------


def test_case_runs_from_draft_to_confirmation(case: Agreement) -> None:
    """Every party signs for its part, and the result is accepted when the last has signed."""
    states = []
    for make in (
        case.draft,
        case.submission,
        lambda: case.assignment(CITY),
        lambda: case.step(InventoryStep.FINDINGS, VERIFIER),
        lambda: case.step(InventoryStep.RESPONSE, USC),
        case.statement,
        lambda: case.step(InventoryStep.REVIEW, CITY),
        case.confirmation,
    ):
        case.perform(make())
        states.append(case.found().state)

    assert states == [
        InventoryState.DRAFTED,
        InventoryState.SUBMITTED,
        InventoryState.UNDER_VERIFICATION,
        InventoryState.FINDINGS,
        InventoryState.UNDER_VERIFICATION,
        InventoryState.VERIFIED,
        InventoryState.VERIFIED,
        InventoryState.CONFIRMED,
    ]
    found = case.found()
    assert (found.accepted_version, found.area, found.months) == (1, AREA, 0xFFF)
    assert found.regulator == party_id_of(PROVINCE)
    assert not case.world.inventories.is_final(case.inventory_id)
    assert case.world.inventories.accepted_months(party_id_of(USC), "1", 2025) == 0xFFF


def test_version_stands_on_the_pinned_checkpoint(case: Agreement) -> None:
    """What was submitted is read back with the checkpoint that was newest."""
    case.perform(case.draft())
    case.perform(case.submission())

    version = case.world.inventories.version(case.inventory_id, 1)
    assert version is not None
    assert (version.total_t, version.line_count) == (TOTAL_T, 7)
    assert (version.log_id, version.log_size) == (case.log.log_id, 5)
    assert version.log_root == case.world.checkpoints.pinned_root(case.log.log_id, 5)
    assert version.laboratories == (party_id_of(LABORATORY),)
    assert case.world.inventories.version(case.inventory_id, 2) is None


def test_objection_is_decided(case: Agreement) -> None:
    """One objection is dismissed; the nation's, upheld, undoes the result."""
    case.confirm_first()
    case.perform(case.step(InventoryStep.OBJECTION, USC))
    case.perform(case.step(InventoryStep.OBJECTION_DISMISSED, PROVINCE))
    case.perform(case.step(InventoryStep.OBJECTION, NATION))
    case.perform(case.step(InventoryStep.OBJECTION_UPHELD, PROVINCE))

    found = case.found()
    assert (found.state, found.accepted_version) == (InventoryState.UNDER_VERIFICATION, 0)


def test_accepted_result_is_restated(case: Agreement) -> None:
    """After the days to object the province reopens; the new result stays beside the old one."""
    case.confirm_first()
    case.world.pass_time(30 * DAY_S)
    assert case.world.inventories.is_final(case.inventory_id)
    case.perform(case.step(InventoryStep.REOPENING, PROVINCE))
    case.perform(case.submission(2, TOTAL_T + 1))
    case.perform(case.assignment())
    case.perform(case.statement(TOTAL_T + 1))
    case.perform(case.confirmation(TOTAL_T + 1))

    old = case.world.inventories.version(case.inventory_id, 1)
    new = case.world.inventories.version(case.inventory_id, 2)
    assert old is not None and new is not None
    assert (old.total_t, old.restated_by) == (TOTAL_T, 2)
    assert (new.total_t, new.restates) == (TOTAL_T + 1, 1)


def test_inventory_is_withdrawn_and_rejected(case: Agreement) -> None:
    """The enterprise takes back what it submitted; the province refuses what comes again."""
    case.perform(case.draft())
    case.perform(case.submission())
    case.perform(case.step(InventoryStep.WITHDRAWAL, USC))
    withdrawn = case.found().state
    case.perform(case.submission(2))
    case.perform(case.step(InventoryStep.REJECTION, PROVINCE))

    assert (withdrawn, case.found().state) == (InventoryState.WITHDRAWN, InventoryState.REJECTED)


def test_credential_is_suspended_and_restored(case: Agreement) -> None:
    """A verifier without a valid credential is not assigned; with it again, it is."""
    registry, verifier = case.world.credentials, party_id_of(VERIFIER)
    case.perform(case.draft())
    case.perform(case.submission())
    for status in (CredentialStatus.SUSPENDED, CredentialStatus.VALID):
        change = CredentialChange(
            VERIFIER, int(status), "因由", registry.state_of(verifier), **registrars(case)
        )
        case.perform(change)
        if status is CredentialStatus.SUSPENDED:
            with pytest.raises(Reverted, match="Credentials_NotValid"):
                case.world.sender().prepare(case.call(case.assignment()))
    case.perform(case.assignment())

    held = registry.credential_at(verifier, case.world.now_s())
    assert held is not None
    assert (held.kind, held.status) == (PartyKind.VERIFIER, CredentialStatus.VALID)
    assert (held.sectors, held.areas) == ({Sector.POWER}, (310_000,))


def test_what_stands_between_verifier_and_enterprise(case: Agreement) -> None:
    """A group, advice, and reports prepared in the province each keep a verifier away."""
    registry = case.world.credentials
    verifier, enterprise = party_id_of(VERIFIER), party_id_of(USC)
    now_s = case.world.now_s()
    later_s = now_s + 365 * DAY_S

    def refused(act: Act, undo: Act, reason: str) -> None:
        case.perform(act)
        with pytest.raises(Reverted, match=reason):
            registry.check_may_verify(verifier, enterprise, Sector.POWER, AREA, now_s)
        case.perform(undo)
        registry.check_may_verify(verifier, enterprise, Sector.POWER, AREA, now_s)

    refused(
        AdviceRecord(VERIFIER, USC, now_s, later_s, "碳管理咨询", **registrars(case)),
        AdviceRecord(VERIFIER, USC, now_s, now_s, "误记", **registrars(case)),
        "Credentials_Advised",
    )
    refused(
        PreparationRecord(VERIFIER, 310_000, now_s, later_s, "编制", **registrars(case)),
        PreparationRecord(VERIFIER, 310_000, now_s, now_s, "误记", **registrars(case)),
        "Credentials_PreparesReports",
    )
    case.perform(GroupMembership(USC, "", "某某集团", **registrars(case)))
    refused(
        GroupMembership(VERIFIER, "", "某某集团", **registrars(case)),
        GroupMembership(VERIFIER, "某某集团", "", **registrars(case)),
        "Credentials_Related",
    )
    assert registry.group_hash(enterprise) == keccak256("某某集团".encode())


def test_rotation_counts_earlier_years(case: Agreement) -> None:
    """A verifier of the years before may not verify once more when the rule is reached."""
    registry, verifier = case.world.credentials, party_id_of(VERIFIER)
    now_s = case.world.now_s()
    case.world.as_council(registry.set_rotation(2, "轮换规则"))
    year = 1970 + (now_s + 8 * 3600) // 31_556_952
    for earlier in (year - 1, year - 2):
        case.perform(EarlierVerification(VERIFIER, USC, earlier, **registrars(case)))

    assert registry.rotation_years() == 2
    assert registry.has_verified(verifier, party_id_of(USC), year - 1)
    with pytest.raises(Reverted, match="Credentials_RotationDue"):
        registry.check_may_verify(verifier, party_id_of(USC), Sector.POWER, AREA, now_s)


def test_line_is_bound_to_its_digest(case: Agreement) -> None:
    """Anybody binds a line to the digest in the log that the signed tree of lines names."""
    binding = EvidenceBinding(case.world.client, case.world.address(EvidenceBinding.NAME))
    line_id = keccak256(b"energy_in:2025-01:coal-1:consumption")
    digest = ActivityDigest(
        origin_hash=case.log.log_id,
        unit_id=keccak256(b"1"),
        series_hash=keccak256(b"meter-1/energy/"),
        from_s=YEAR_BEGIN_S,
        to_s=YEAR_BEGIN_S + 31 * DAY_S,
        first_index=0,
        last_index=4,
        gap_count=0,
        commitment=word("commitment", 1),
    )
    case.log.entries.append(encode_digest(digest))
    case.world.anchor(case.operator, case.log, 2)
    leaf = EVIDENCE_TYPEHASH + case.inventory_id + line_id + digest.commitment
    lines = [b"a line", leaf, b"another"]
    case.perform(case.draft())
    case.perform(replace(case.submission(), lines_root=tree_hash(lines), line_count=3))
    proofs = BindingProofs(5, inclusion_proof(5, case.log.entries), 1, inclusion_proof(1, lines))
    case.world.sender().execute(binding.bind(case.subject, 1, line_id, digest, proofs))

    use = binding.use_of(digest)
    assert binding.line_of(use, case.inventory_id, 1) == line_id
    assert binding.holder_of(use) == case.inventory_id
    with pytest.raises(Reverted, match="EvidenceBinding_NotInLog"):
        other = replace(digest, gap_count=1)
        case.world.sender().prepare(binding.bind(case.subject, 1, line_id, other, proofs))


# --- nearly right ---------------------------------------------------------------------------


def by_another_party(case: Agreement) -> Call:
    keys = case.parties[VERIFIER]
    act = replace(
        case.submission(), initiator=keys.initiator.address, approver=keys.approver.address
    )
    return case.call(act)


def with_roles_exchanged(case: Agreement) -> Call:
    keys = case.parties[USC]
    act = replace(
        case.submission(), initiator=keys.approver.address, approver=keys.initiator.address
    )
    return case.call(act)


def by_one_person(case: Agreement) -> Call:
    act = case.submission()
    return case.call(act, case.signatures(act, approver=case.parties[USC].initiator))


def by_a_stranger(case: Agreement) -> Call:
    act = case.submission()
    return case.call(act, case.signatures(act, initiator=generate_signer()))


def for_another_chain(case: Agreement) -> Call:
    act, keys = case.submission(), case.parties[USC]
    address = case.world.address(InventoryRegistry.NAME)
    domain = ActDomain(case.world.chain_id + 1, address)
    signatures = {
        "initiator": sign_act(act, domain, keys.initiator),
        "approver": sign_act(act, domain, keys.approver),
    }
    return case.call(act, signatures)


def after_the_deadline(case: Agreement) -> Call:
    return case.call(replace(case.submission(), deadline=case.world.now_s() - 1))


def with_another_total(case: Agreement) -> Call:
    act = case.submission()
    return case.call(replace(act, total_t=TOTAL_T - 1), case.signatures(act))


def with_another_nonce(case: Agreement) -> Call:
    act = case.submission()
    return case.call(replace(act, nonce=act.nonce + 1), case.signatures(act))


def on_another_state(case: Agreement) -> Call:
    return case.call(replace(case.submission(), previous_state=word("state", 0)))


def of_a_version_to_come(case: Agreement) -> Call:
    return case.call(case.submission(2))


def in_another_state(case: Agreement) -> Call:
    return case.call(case.confirmation())


def on_a_log_that_is_behind(case: Agreement) -> Call:
    return case.call(replace(case.submission(), log_size=6))


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        (by_another_party, "PartyRegistry_NotInForce"),
        (with_roles_exchanged, "PartyRegistry_RoleDiffers"),
        (by_one_person, "Acts_NotSignedBy"),
        (by_a_stranger, "Acts_NotSignedBy"),
        (for_another_chain, "Acts_NotSignedBy"),
        (after_the_deadline, "Acts_DeadlinePassed"),
        (with_another_total, "Acts_NotSignedBy"),
        (with_another_nonce, "Acts_NotSignedBy"),
        (on_another_state, "InventoryRegistry_StateDiffers"),
        (of_a_version_to_come, "InventoryRegistry_VersionDiffers"),
        (in_another_state, "InventoryRegistry_NotInThisState"),
        (on_a_log_that_is_behind, "InventoryRegistry_LogBehind"),
    ],
)
def test_nearly_right_act_is_refused(
    case: Agreement, attempt: Callable[[Agreement], Call], refusal: str
) -> None:
    """An act that differs in one thing is refused, with the contract's reason by name."""
    case.perform(case.draft())

    with pytest.raises(Reverted) as caught:
        case.world.sender().prepare(attempt(case))

    assert caught.value.name == refusal


def test_act_takes_effect_once(case: Agreement) -> None:
    """The same signed act a second time is refused."""
    call = case.call(case.draft())
    case.world.sender().execute(call)

    with pytest.raises(Reverted, match="Acts_AlreadyUsed"):
        case.world.sender().prepare(call)


def test_step_is_not_taken_under_another_name(case: Agreement) -> None:
    """Signatures for a withdrawal are none for a rejection."""
    case.perform(case.draft())
    case.perform(case.submission())
    withdrawal = case.step(InventoryStep.WITHDRAWAL, USC)
    signatures = case.signatures(withdrawal)
    rejection = case.step(InventoryStep.REJECTION, USC)

    with pytest.raises(Reverted, match="Credentials_KindDiffers"):
        case.world.sender().prepare(
            case.call(replace(rejection, nonce=withdrawal.nonce), signatures)
        )


def test_other_result_is_not_confirmed(case: Agreement) -> None:
    """Verifier and authority sign the enterprise's inputs and total, or nothing."""
    case.perform(case.draft())
    case.perform(case.submission())
    case.perform(case.assignment())
    with pytest.raises(Reverted, match="InventoryRegistry_ResultDiffers"):
        case.world.sender().prepare(case.call(case.statement(TOTAL_T - 1)))
    case.perform(case.statement())

    with pytest.raises(Reverted, match="InventoryRegistry_ResultDiffers"):
        case.world.sender().prepare(case.call(case.confirmation(TOTAL_T - 1)))


def test_objection_comes_too_late(case: Agreement) -> None:
    """After the seven working days nobody objects any more."""
    case.confirm_first()
    case.world.pass_time(30 * DAY_S)

    with pytest.raises(Reverted, match="InventoryRegistry_NotObjectable"):
        case.world.sender().prepare(case.call(case.step(InventoryStep.OBJECTION, USC)))


def test_grant_on_another_state_is_refused(case: Agreement) -> None:
    """A grant signed before another one took effect does not undo it."""
    stale = case.grant(VERIFIER, (Sector.STEEL,), (310_000,), RegulatorTier.NONE)
    case.perform(case.grant(VERIFIER, (Sector.CEMENT,), (310_000,), RegulatorTier.NONE))

    with pytest.raises(Reverted, match="Credentials_StateDiffers"):
        case.world.sender().prepare(case.call(stale))


def test_registrar_signs_for_credentials(case: Agreement) -> None:
    """A grant in the name of one who is no registrar is refused."""
    stranger = generate_signer()
    grant = case.grant(VERIFIER, (Sector.STEEL,), (310_000,), RegulatorTier.NONE)
    act = replace(grant, registrar=stranger.address)

    with pytest.raises(Reverted, match="Credentials_NotRegistrar"):
        case.world.sender().prepare(case.call(act, case.signatures(act, registrar=stranger)))
