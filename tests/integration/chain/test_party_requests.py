"""Requests about parties, persons and credentials, from draft to final, on a real chain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.cli.party import parse_seat
from api.office import party_requests
from api.office.errors import Contradicted, NotInForce, WrongPlace
from api.office.party_requests import Granted
from api.office.request import format_request, parse_request
from api.office.signing import check_request
from attestation.enums import (
    CredentialStatus,
    PartyKind,
    RegulatorTier,
    RepresentativeRole,
    Sector,
)
from chain.acts import Seat
from chain.bindings.party_registry import party_id_of
from chain.errors import Reverted
from chain.keys import AccountSigner, generate_signer
from tests.support.agreements import NATION, PROVINCE, VERIFIER, Agreement
from tests.support.case_office import USC, CaseOffices
from tests.support.chain import ChainWorld, PartyKeys, seat

pytestmark = pytest.mark.real
DAY_S = 86_400
NEW = "VERIFIER.2"
NAME = "新核查机构"
INITIATOR, APPROVER = RepresentativeRole.INITIATOR, RepresentativeRole.APPROVER
GRANTED = Granted((Sector.POWER,), (310_000,), RegulatorTier.NONE, 0, 2**40, b"d" * 32)


@pytest.fixture(scope="module")
def shared_offices(shared_world: ChainWorld) -> Iterator[CaseOffices]:
    """The offices of a case, with credentials, once."""
    with shared_world.undone():
        yield CaseOffices.begin(Agreement.begin(shared_world))


@pytest.fixture
def offices(shared_offices: CaseOffices) -> Iterator[CaseOffices]:
    """The offices, and what a test does is undone."""
    with shared_offices.world.undone():
        yield shared_offices


def person(signer: AccountSigner) -> bytes:
    """Make up the commitment of whoever holds a key."""
    return hashlib.sha256(signer.address).digest()


def attested(offices: CaseOffices, code: str, role: RepresentativeRole) -> AccountSigner:
    """Make a key whose person a registrar attested for a party."""
    signer, registrar = generate_signer(), offices.world.registrar.address
    drafted = party_requests.attest(offices.acts(), code, person(signer), registrar)
    offices.perform(drafted)
    assert role is not None
    return signer


def appointed(
    offices: CaseOffices, code: str, role: RepresentativeRole, *, replaces: bytes = bytes(20)
) -> AccountSigner:
    """Appoint a new key, and let the working days pass."""
    signer = attested(offices, code, role)
    by = offices.agreement.parties[code].approver.address
    drafted = party_requests.appoint(
        offices.acts(code), code, seat(signer, role), by, replaces=replaces
    )
    offices.hand_in(offices.signed(drafted, signer), code)
    offices.world.pass_time(12 * DAY_S)
    return signer


def is_in_force(
    offices: CaseOffices, code: str, signer: AccountSigner, role: RepresentativeRole
) -> bool:
    """Ask the registry."""
    return offices.world.parties.is_in_force(party_id_of(code), signer.address, role)


def test_party_is_registered_and_accredited(offices: CaseOffices) -> None:
    """Registrar and first keys sign one request, the registrar grants by another."""
    keys, registrar = PartyKeys(NEW, generate_signer(), generate_signer()), offices.world.registrar
    drafted = party_requests.register(
        offices.acts(), NEW, NAME, PartyKind.VERIFIER, keys.seats(), registrar.address
    )
    assert drafted.origin is None
    assert list(drafted.signers) == ["registrar", "seat-1", "seat-2"]
    offices.hand_in(offices.signed(drafted, keys.initiator, keys.approver))
    offices.perform(party_requests.grant(offices.acts(), NEW, GRANTED, registrar.address))

    assert is_in_force(offices, NEW, keys.approver, APPROVER)
    found = offices.world.credentials.credential_at(party_id_of(NEW), offices.world.now_s())
    assert found is not None
    assert (found.kind, found.sectors) == (PartyKind.VERIFIER, frozenset({Sector.POWER}))


def test_registration_without_an_approver(offices: CaseOffices) -> None:
    """Nobody could ever change such a party."""
    keys = PartyKeys(NEW, generate_signer(), generate_signer())
    with pytest.raises(Contradicted, match="approver"):
        party_requests.register(
            offices.acts(),
            NEW,
            NAME,
            PartyKind.VERIFIER,
            keys.seats()[:1],
            offices.world.registrar.address,
        )


def test_registered_party_is_not_registered_again(offices: CaseOffices) -> None:
    """A code is one party's."""
    keys = PartyKeys(VERIFIER, generate_signer(), generate_signer())
    with pytest.raises(Contradicted, match="already"):
        party_requests.register(
            offices.acts(),
            VERIFIER,
            NAME,
            PartyKind.VERIFIER,
            keys.seats(),
            offices.world.registrar.address,
        )


def test_stranger_is_no_registrar(offices: CaseOffices) -> None:
    """Who signs as registrar must be one on the chain."""
    with pytest.raises(NotInForce, match="registrar"):
        party_requests.grant(offices.acts(), VERIFIER, GRANTED, generate_signer().address)


def test_key_that_is_appointed_counts_later(offices: CaseOffices) -> None:
    """The approver and the new key sign; after four working days it acts."""
    signer = attested(offices, USC, INITIATOR)
    by = offices.agreement.parties[USC].approver.address
    drafted = party_requests.appoint(offices.acts(), USC, seat(signer, INITIATOR), by)
    offices.hand_in(offices.signed(drafted, signer))
    assert not is_in_force(offices, USC, signer, INITIATOR)
    offices.world.pass_time(12 * DAY_S)

    assert is_in_force(offices, USC, signer, INITIATOR)


def test_initiator_does_not_appoint(offices: CaseOffices) -> None:
    """Only an approver adds keys."""
    signer = generate_signer()
    by = offices.agreement.parties[USC].initiator.address
    with pytest.raises(NotInForce, match="approver"):
        party_requests.appoint(offices.acts(), USC, seat(signer, INITIATOR), by)


def test_lost_key_is_taken_out_at_once(offices: CaseOffices) -> None:
    """A second approver removes the first, whose signature no longer counts."""
    second = appointed(offices, USC, APPROVER)
    lost = offices.agreement.parties[USC].approver
    drafted = party_requests.remove(offices.acts(), USC, lost.address, second.address)
    offices.hand_in(offices.signed(drafted, second))

    assert not is_in_force(offices, USC, lost, APPROVER)
    with pytest.raises(NotInForce):
        offices.drafting().begin(Sector.POWER)


def test_key_takes_itself_out(offices: CaseOffices) -> None:
    """A person who leaves needs nobody's leave."""
    leaving = offices.agreement.parties[USC].initiator
    drafted = party_requests.remove(offices.acts(), USC, leaving.address, leaving.address)
    offices.perform(drafted)

    assert not is_in_force(offices, USC, leaving, INITIATOR)


def test_initiator_does_not_remove_another(offices: CaseOffices) -> None:
    """Taking another key out is an approver's act."""
    keys = offices.agreement.parties[USC]
    with pytest.raises(NotInForce, match="approver"):
        party_requests.remove(offices.acts(), USC, keys.approver.address, keys.initiator.address)


def test_key_of_nobody_is_not_removed(offices: CaseOffices) -> None:
    """A misspelt address is noticed before anybody signs."""
    by = offices.agreement.parties[USC].approver.address
    with pytest.raises(Contradicted, match="no key"):
        party_requests.remove(offices.acts(), USC, generate_signer().address, by)


def test_delegation_ends_by_what_was_signed_before(offices: CaseOffices) -> None:
    """The removal signed at the appointment takes the delegate out when it is handed in."""
    by = offices.agreement.parties[USC].approver.address
    delegate = generate_signer()
    registrar = offices.world.registrar.address
    offices.perform(party_requests.attest(offices.acts(), USC, person(delegate), registrar))
    begin = party_requests.appoint(offices.acts(), USC, seat(delegate, INITIATOR), by)
    long = replace(
        offices.acts(), deadline=type(begin.deadline)(begin.deadline + 40 * DAY_S * 1000)
    )
    end = offices.signed(party_requests.end_of_delegation(long, USC, delegate.address, by))
    offices.hand_in(offices.signed(begin, delegate))
    offices.world.pass_time(12 * DAY_S)
    assert is_in_force(offices, USC, delegate, INITIATOR)
    offices.hand_in(end)

    assert not is_in_force(offices, USC, delegate, INITIATOR)


def test_suspended_and_restored(offices: CaseOffices) -> None:
    """Each change names the state it acts on, and gives a reason."""
    registrar, now_s = offices.world.registrar.address, offices.world.now_s
    statuses = []
    for status in (CredentialStatus.SUSPENDED, CredentialStatus.VALID, CredentialStatus.WITHDRAWN):
        drafted = party_requests.change(offices.acts(), VERIFIER, status, "资质复核", registrar)
        offices.perform(drafted)
        found = offices.world.credentials.credential_at(party_id_of(VERIFIER), now_s())
        assert found is not None
        statuses.append(found.status)

    assert statuses == [
        CredentialStatus.SUSPENDED,
        CredentialStatus.VALID,
        CredentialStatus.WITHDRAWN,
    ]


def test_change_without_a_reason(offices: CaseOffices) -> None:
    """Whoever reads the event wants to know why."""
    registrar = offices.world.registrar.address
    with pytest.raises(Contradicted, match="reason"):
        party_requests.change(offices.acts(), VERIFIER, CredentialStatus.SUSPENDED, "", registrar)


def test_change_on_a_state_that_is_gone(offices: CaseOffices) -> None:
    """Two drafts on one state: the second is refused by the contract."""
    registrar = offices.world.registrar.address
    status = CredentialStatus.SUSPENDED
    first = party_requests.change(offices.acts(), VERIFIER, status, "一", registrar)
    second = party_requests.change(offices.acts(), VERIFIER, status, "二", registrar)
    offices.perform(first)

    with pytest.raises(Reverted, match="Credentials_StateDiffers"):
        offices.perform(second)


def test_conflicts_group_and_earlier_years(offices: CaseOffices) -> None:
    """Every other act of a registrar goes the same way."""
    registrar, span = offices.world.registrar.address, (1_700_000_000, 1_800_000_000)
    for drafted in (
        party_requests.record_advice(offices.acts(), VERIFIER, USC, span, "咨询", registrar),
        party_requests.record_preparation(
            offices.acts(), VERIFIER, 350_000, span, "编制报告", registrar
        ),
        party_requests.set_group(offices.acts(), VERIFIER, "", "示例集团", registrar),
        party_requests.record_earlier(offices.acts(), VERIFIER, USC, 2023, registrar),
    ):
        offices.perform(drafted)

    group = offices.world.credentials.group_hash(party_id_of(VERIFIER))
    assert group != bytes(32)


def test_unregistered_party_gets_nothing(offices: CaseOffices) -> None:
    """A misspelt code is noticed before anybody signs."""
    registrar = offices.world.registrar.address
    with pytest.raises(WrongPlace, match="no registered party"):
        party_requests.grant(offices.acts(), "VERIFIER.9", GRANTED, registrar)


def test_credential_that_would_never_be_valid(offices: CaseOffices) -> None:
    """Begin and end in each other's place are noticed."""
    registrar = offices.world.registrar.address
    granted = replace(GRANTED, valid_from_s=200, valid_to_s=200)
    with pytest.raises(Contradicted, match="never be valid"):
        party_requests.grant(offices.acts(), VERIFIER, granted, registrar)


def test_request_without_a_log_goes_through_its_file(offices: CaseOffices) -> None:
    """What is about no log is still one form, signed by everybody it names."""
    keys = PartyKeys(NEW, generate_signer(), generate_signer())
    drafted = party_requests.register(
        offices.acts(),
        NEW,
        NAME,
        PartyKind.VERIFIER,
        keys.seats(),
        offices.world.registrar.address,
    )
    signed = offices.signed(drafted, keys.initiator, keys.approver)
    read = parse_request(format_request(signed))

    assert read == signed
    check_request(read, offices.root, now=offices.now)


def test_inventory_act_in_a_request_without_a_log(offices: CaseOffices) -> None:
    """What is about an enterprise's inventory says whose log it belongs to."""
    drafted = offices.drafting().begin(Sector.POWER)
    with pytest.raises(WrongPlace, match="for a log"):
        check_request(replace(drafted, origin=None), offices.root, now=offices.now)


def test_party_act_in_a_request_about_a_log(offices: CaseOffices) -> None:
    """An act about a party is about no log."""
    registrar = offices.world.registrar.address
    drafted = party_requests.set_group(offices.acts(), PROVINCE, "", "示例集团", registrar)
    origin = offices.desk().origin
    with pytest.raises(WrongPlace, match="not for a log"):
        check_request(replace(drafted, origin=origin), offices.root, now=offices.now)


def test_recovery_names_the_present_era(offices: CaseOffices) -> None:
    """New keys sign; the Council hands it in, and the old keys are no more."""
    keys = PartyKeys(NATION, generate_signer(), generate_signer())
    drafted = party_requests.recover(offices.acts(), NATION, keys.seats())
    signed = offices.signed(drafted, keys.initiator, keys.approver)

    assert list(signed.signers) == ["seat-1", "seat-2"]
    with pytest.raises(Reverted):
        offices.hand_in(signed)


def test_seat_of_a_contract_has_several_persons() -> None:
    """A contract's key stands for several persons, a person's key for one."""
    one, two = "11" * 32, "22" * 32
    address = "0x" + "ab" * 20
    assert parse_seat(f"approver:{address}:{one}") == Seat(
        bytes.fromhex("ab" * 20), (bytes.fromhex(one),), int(APPROVER), is_contract=False
    )
    assert parse_seat(f"approver:{address}:{one},{two}").is_contract
