"""Signed requests handed in to a real chain and a real ledger, as far as they go and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import create_app
from api.bootstrap import Ledger
from api.demo.office import EnterpriseOffice
from api.demo.world import World, build_world
from api.logs import configure_logs
from api.office import key_requests, series_requests
from api.office.authority import DeviceAuthority
from api.office.desk import Desk, make_desk
from api.office.drafting import Drafting, begin_drafting
from api.office.errors import (
    NotFinal,
    OnePerson,
    Overtaken,
    RequestExpired,
    SignaturesMissing,
)
from api.office.handing_in import HandingIn, Stage
from api.office.ledger_log import LedgerLog, LedgerRefused
from api.office.request import SigningRequest
from api.office.settings import OfficeSettings, PeopleSettings
from api.office.signing import sign_request
from api.steps import worker_steps
from api.trust import build_trust_root
from api.worker import Worker
from attestation.enums import Quality
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.keys import SoftwareKey
from attestation.series_bodies import (
    Calibration,
    Correction,
    Gap,
    Instrument,
    Multiplier,
    RegisterStanding,
    Replacement,
    SeriesRegistration,
)
from chain.addresses import format_address
from chain.bindings.device_registry import DeviceRegistry
from chain.errors import Reverted
from chain.keys import generate_signer
from chain.transactions import TransactionSender
from devices.enrolment import request_enrolment
from devices.exchange import exchange_meter

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("office"), pytest.mark.timeout(600)]

START_S = 1_735_660_800  # 2025-01-01 in the reporting zone
ETHER = 10**18


@dataclass
class Office:
    """An office, its people, and the ledger it hands in to."""

    world: World
    ledger: Ledger
    desk: Desk
    authority: DeviceAuthority
    sender: TransactionSender
    sent: int = 0

    @property
    def now(self) -> Instant:
        return self.ledger.clock.now()

    def draft(self) -> Drafting:
        """Begin a request."""
        return begin_drafting(self.desk, now=self.now, days=7, people={})

    def signed(self, request: SigningRequest, *people: str) -> SigningRequest:
        """Let the enterprise's persons sign."""
        party = self.world.cast.enterprise
        signers = {"initiator": party.initiator.signer, "approver": party.approver.signer}
        for person in people or ("initiator", "approver"):
            if person in request.signers:
                request = sign_request(request, signers[person], self.desk.root, now=self.now)
        return request

    def hand_in(
        self, request: SigningRequest, *, timeout_s: float = 120, now: Instant | None = None
    ) -> HandingIn:
        """Hand a request in, and wait until it is final."""

        def open_sender() -> TransactionSender:
            self.sent += 1
            return self.sender

        under_way = HandingIn(
            self.desk,
            request,
            open_sender=open_sender,
            tell=lambda _state: None,
            timeout_s=timeout_s,
        )
        under_way.run(now=now or self.now)
        return under_way

    def request_of(self, key: SoftwareKey, name: str, series: str) -> bytes:
        """Give a device's request."""
        return request_enrolment(key, origin=self.desk.origin, device=name, series=[series])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose device authority is registered, and a ledger at work."""
    configure_logs(level="CRITICAL")
    with build_world(tmp_path_factory.mktemp("office") / "place", keeps_chain=False) as world:
        ledger, worker_ledger = world.ledger(), world.ledger()
        ledger.follower.follow()
        EnterpriseOffice(world, ledger).certify()
        worker = Worker(list(worker_steps(worker_ledger, None)))
        worker.start()
        client = TestClient(create_app(ledger), base_url="http://testserver")
        log = LedgerLog(client, world.origin, world.log_verifier)
        payer = generate_signer()
        world.stage.chain.fund(payer.address, ETHER)
        desk = make_desk(
            _settings(world), build_trust_root(world.settings), world.stage.client, log
        )
        sender = TransactionSender(desk.client, payer, chain_id=desk.chain_id)
        authority = DeviceAuthority(world.office.authority, world.office.root.certificate, 365)
        yield Office(world, ledger, desk, authority, sender)
        worker.stop()


def _settings(world: World) -> OfficeSettings:
    party = world.cast.enterprise
    return OfficeSettings(
        origin=str(world.origin),
        ledger_url="http://testserver",
        rpc_url=SecretStr(world.chain.rpc_url),
        trust_root_file=world.folder / "trust-root.json",
        people=PeopleSettings(
            initiator=format_address(party.initiator.address),
            approver=format_address(party.approver.address),
        ),
    )


def instrument(name: str, serial: str = "1", installed_s: int = START_S) -> Instrument:
    """Give an instrument."""
    return Instrument(
        instrument=name,
        kind="meter",
        maker="m",
        model="m",
        serial_number=serial,
        accuracy_class="0.5",
        place="p",
        installer="i",
        installed_s=installed_s,
    )


def series(name: str) -> SeriesRegistration:
    """Give a series."""
    return SeriesRegistration(
        series=name,
        unit="Wh",
        cadence_s=900,
        heartbeat_s=3600,
        since_s=START_S,
        minimum=0,
        maximum=1000,
    )


def calibration(name: str) -> Calibration:
    """Give a calibration."""
    return Calibration(
        instrument=name,
        certificate_number="C-1",
        laboratory="l",
        from_s=START_S,
        to_s=START_S + 86_400,
        accuracy_class="0.5",
    )


def grow(office: Office, records: int) -> None:
    """Let the log grow by records that another approver's request files."""
    for number in range(records):
        body = instrument(f"filler-{number}", serial=str(office.desk.log_size()))
        request = series_requests.record_one(office.draft(), body, "filler")
        office.hand_in(office.signed(request))


@pytest.fixture(scope="module")
def sheet(office: Office) -> HandingIn:
    """A sheet of two instruments, `sheet-1` and `sheet-2`, handed in."""
    names = ("sheet-1", "sheet-2")
    bodies: list[Any] = [instrument(name) for name in names]
    bodies += [series(f"{name}/energy/total/") for name in names]
    bodies += [calibration(name) for name in names]
    request = series_requests.sheet(office.draft(), bodies, name="sheet.xlsx")
    return office.hand_in(office.signed(request))


def test_sheet_of_two_instruments_becomes_final(office: Office, sheet: HandingIn) -> None:
    """Records are in the signed tree, calibrations on the chain, by two persons."""
    assert {state.stage for state in sheet.states} == {Stage.FINAL}
    assert [state.kind for state in sheet.states] == ["act"] * 2 + ["record"] * 6
    with office.ledger.database.reading() as uow:
        log = uow.logs.by_origin(str(office.desk.origin))
        wanted = {f"sheet-{number}/energy/total/" for number in (1, 2)}
        assert set(uow.series.all(log.number)) >= wanted


def test_handing_in_again_sends_nothing(office: Office) -> None:
    """What is done is looked at, also after the deadline; nobody pays twice."""
    request = office.signed(series_requests.calibrate(office.draft(), calibration("again-1")))
    office.hand_in(request)
    sent = office.sent
    later = Instant(request.deadline + MILLISECONDS_PER_DAY)

    again = office.hand_in(request, now=later)
    assert {state.stage for state in again.states} == {Stage.FINAL}
    assert office.sent == sent


def test_missing_signature_sends_nothing(office: Office) -> None:
    """Two persons are demanded where the contract demands them."""
    request = series_requests.calibrate(office.draft(), calibration("one-person"))
    sent = office.sent

    with pytest.raises(SignaturesMissing, match="approver"):
        office.hand_in(office.signed(request, "initiator"))
    assert office.sent == sent


def test_expired_request_is_not_begun(office: Office) -> None:
    """A request that was never handed in is over with its deadline."""
    request = office.signed(series_requests.calibrate(office.draft(), calibration("late")))
    late = Instant(request.deadline + 1)

    with pytest.raises(RequestExpired, match="deadline"):
        office.hand_in(request, now=late)


def test_person_who_is_not_in_force_drafts_nothing(office: Office) -> None:
    """The initiator cannot stand for the approver as well."""
    people = {"approver": format_address(office.world.cast.enterprise.initiator.address)}

    with pytest.raises(OnePerson):
        begin_drafting(office.desk, now=office.now, days=1, people=people)


@pytest.mark.usefixtures("sheet")
def test_act_that_the_log_has_overtaken(office: Office) -> None:
    """Nothing of it takes effect, and a later index is asked for."""
    key = SoftwareKey.generate()
    asked = office.request_of(key, "overtaken", "sheet-1/energy/total/")
    request = office.signed(key_requests.enrol(office.draft(), office.authority, [asked]))
    grow(office, 1)

    with pytest.raises(Overtaken, match="anchored beyond"):
        office.hand_in(request)
    log_id = office.desk.origin.log_id
    assert office.desk.devices.key_slot(log_id, key.public_key.kid) is None


@pytest.mark.usefixtures("sheet")
def test_record_waits_until_the_log_has_grown(office: Office) -> None:
    """The act is on the chain, the record follows; the same command finishes it."""
    key = SoftwareKey.generate()
    asked = office.request_of(key, "waiting", "sheet-1/energy/total/")
    drafted = key_requests.enrol(office.draft(), office.authority, [asked], after=2)
    request = office.signed(drafted)
    with pytest.raises(NotFinal, match="does not take part 2 yet"):
        office.hand_in(request, timeout_s=3)
    sent = office.sent
    grow(office, 2)
    under_way = office.hand_in(request)

    assert {state.stage for state in under_way.states} == {Stage.FINAL}
    assert office.sent == sent
    with office.ledger.database.reading() as uow:
        log = uow.logs.by_origin(str(office.desk.origin))
        assert uow.devices.key(log.number, key.public_key.kid) is not None


@pytest.mark.usefixtures("sheet")
def test_record_that_the_ledger_refuses(office: Office) -> None:
    """The ledger's own code and reason come back."""
    body = Correction(
        series="nobody/knows/it/",
        from_s=START_S,
        to_s=START_S + 900,
        reason="r",
        replacement=Replacement(value=1, unit="Wh", quality=Quality.ESTIMATED),
    )
    request = series_requests.record_one(office.draft(), body, "correction")
    with pytest.raises(NotFinal, match="not registered"):
        office.hand_in(office.signed(request), timeout_s=1)

    other = replace(body, series="sheet-1/energy/total/")
    wrong = replace(other, replacement=Replacement(value=1, unit="g", quality=Quality.ESTIMATED))
    refused = series_requests.record_one(office.draft(), wrong, "correction")
    with pytest.raises(LedgerRefused, match="not in Wh") as found:
        office.hand_in(office.signed(refused))
    assert found.value.stable_code == "admission.record"


@pytest.mark.usefixtures("sheet")
def test_act_that_the_contract_refuses(office: Office) -> None:
    """A key is revoked once; the contract's reason is named."""
    key = SoftwareKey.generate()
    asked = office.request_of(key, "twice", "sheet-1/energy/total/")
    office.hand_in(office.signed(key_requests.enrol(office.draft(), office.authority, [asked])))
    kid = key.public_key.kid
    first = office.signed(key_requests.revoke(office.draft(), kid))
    second = office.signed(key_requests.revoke(office.draft(), kid))
    office.hand_in(first)

    with pytest.raises(Reverted, match="DeviceRegistry_AlreadyClosed"):
        office.hand_in(second)


RECORDS: dict[str, Callable[[], Any]] = {
    "multiplier": lambda: Multiplier(
        multiplier="ct-1",
        instrument="sheet-1",
        kind="CT",
        numerator=400,
        denominator=5,
        valid_from_s=START_S,
    ),
    "gap": lambda: Gap(
        cause="power cut", series="sheet-1/energy/total/", from_s=START_S, to_s=START_S + 900
    ),
    "correction": lambda: Correction(
        series="sheet-1/energy/total/",
        from_s=START_S,
        to_s=START_S + 900,
        reason="read by hand",
        replacement=Replacement(value=5, unit="Wh", quality=Quality.SUBSTITUTED),
    ),
}


@pytest.mark.usefixtures("sheet")
@pytest.mark.parametrize("name", RECORDS)
def test_record_of_an_approver_becomes_final(office: Office, name: str) -> None:
    """Each kind of record that an approver signs is admitted by a real ledger."""
    request = series_requests.record_one(office.draft(), RECORDS[name](), name)
    under_way = office.hand_in(office.signed(request))

    assert [(state.name, state.stage) for state in under_way.states] == [(name, Stage.FINAL)]


@pytest.mark.usefixtures("sheet")
def test_exchange_of_a_meter_becomes_final(office: Office) -> None:
    """Two records: the standings, and the new meter under the old id."""
    made = exchange_meter(
        instrument("sheet-1"),
        instrument("sheet-1", serial="2", installed_s=START_S + 900),
        [RegisterStanding(series="sheet-1/energy/total/", unit="Wh", last=9, first=0)],
        at_s=START_S + 900,
    )
    under_way = office.hand_in(office.signed(series_requests.exchange(office.draft(), made)))

    assert [state.name for state in under_way.states] == ["exchange", "instrument"]
    assert {state.stage for state in under_way.states} == {Stage.FINAL}


@pytest.mark.usefixtures("sheet")
def test_two_offices_hand_in_the_same_file(office: Office) -> None:
    """Both end well: an act takes effect once, a record is admitted once."""
    request = office.signed(series_requests.calibrate(office.draft(), calibration("both")))
    other = replace(office, sender=_other_sender(office))
    outcomes: list[object] = []

    def hand_in(which: Office) -> None:
        try:
            outcomes.append({state.stage for state in which.hand_in(request).states})
        except Reverted as error:
            outcomes.append(error.name)

    threads = [threading.Thread(target=hand_in, args=(each,)) for each in (office, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {Stage.FINAL} in outcomes
    assert all(each in ({Stage.FINAL}, "Acts_AlreadyUsed") for each in outcomes)
    assert office.desk.devices.contract.contract_name == DeviceRegistry.NAME


def _other_sender(office: Office) -> TransactionSender:
    payer = generate_signer()
    office.world.stage.chain.fund(payer.address, ETHER)
    return TransactionSender(office.desk.client, payer, chain_id=office.desk.chain_id)
