"""A development chain with our contracts on it, and people who sign acts, for tests."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from attestation.bundle import Profile
from attestation.enums import PartyKind, RepresentativeRole
from attestation.ids import keccak256
from chain.acts import Attestation, Enrolment, OpenLog, Registration, Seat
from chain.addresses import format_address
from chain.anchorer import ChainAnchorer
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.council import Council, Member
from chain.bindings.credentials import Credentials
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.inventory_registry import InventoryRegistry
from chain.bindings.party_registry import PartyRegistry
from chain.client import ChainClient
from chain.deployment import CalendarYear, DeploymentPlan, deploy, seeded, weekends
from chain.deployments import Deployment
from chain.development_chain import DevelopmentChain, find_anvil
from chain.errors import DevelopmentChainError
from chain.finality import FinalityPolicy, Instant
from chain.keys import AccountSigner, generate_signer
from chain.networks.clique import CliqueNetwork
from chain.transactions import TransactionSender
from chain.typed_data import Act, ActDomain, sign_act
from chain.values import AnchorTarget, Call, Receipt
from tests.support.reference_tree import consistency_proof, tree_hash

PROJECT_ROOT = Path(__file__).resolve().parents[2]
ETHER = 10**18
USC = "91110000MA00000XX9"
VETO_DELAY_S = 5 * 86_400
_DEADLINE_S = 10 * 365 * 86_400


def anvil_binary() -> Path:
    """Give the installed node; a test that needs it fails without."""
    try:
        return find_anvil(PROJECT_ROOT)
    except DevelopmentChainError as error:
        pytest.fail(error.message, pytrace=False)


@dataclass(frozen=True)
class PartyKeys:
    """A party's two persons and its code."""

    credit_code: str
    initiator: AccountSigner
    approver: AccountSigner

    def seats(self) -> tuple[Seat, Seat]:
        return (
            seat(self.initiator, RepresentativeRole.INITIATOR),
            seat(self.approver, RepresentativeRole.APPROVER),
        )


@dataclass
class TestLog:
    """A log in memory: enough of one to anchor it."""

    __test__ = False
    origin: str
    entries: list[bytes] = field(default_factory=list)
    anchored_size: int = 0

    @property
    def log_id(self) -> bytes:
        return keccak256(self.origin.encode())

    def grow(self, count: int) -> AnchorTarget:
        """Append entries and give the anchor that leads there from the anchored size."""
        start = len(self.entries)
        self.entries += [f"entry {number}".encode() for number in range(start, start + count)]
        return self.target()

    def target(self) -> AnchorTarget:
        proof = tuple(consistency_proof(self.anchored_size, self.entries))
        return AnchorTarget(self.log_id, len(self.entries), tree_hash(self.entries), proof)


def seat(signer: AccountSigner, role: RepresentativeRole) -> Seat:
    """Give a seat of one person, whose commitment is made up."""
    return Seat(signer.address, (hashlib.sha256(signer.address).digest(),), role, False)


class ChainWorld:
    """The contracts on a development chain, and whoever acts on them."""

    def __init__(self, chain: DevelopmentChain | CliqueNetwork, client: ChainClient) -> None:
        self._chain = chain
        self.client = client
        self.chain_id = client.chain_id()
        self.council_keys = [generate_signer() for _ in range(4)]
        self.registrar = generate_signer()
        self.deployer = self.funded()
        self.deployment = self._deploy()
        self.checkpoints = CheckpointRegistry(client, self.address(CheckpointRegistry.NAME))
        self.devices = DeviceRegistry(client, self.address(DeviceRegistry.NAME))
        self.parties = PartyRegistry(client, self.address(PartyRegistry.NAME))
        self.credentials = Credentials(client, self.address(Credentials.NAME))
        self.inventories = InventoryRegistry(client, self.address(InventoryRegistry.NAME))
        self.council = Council(client, self.address(Council.NAME))
        self.nonces = itertools.count(1)

    @property
    def calendar_end(self) -> int:
        """The first year whose working days are not published."""
        return datetime.now(UTC).year + 2

    @property
    def chain(self) -> DevelopmentChain:
        """The development chain, with what only such a one can do."""
        assert isinstance(self._chain, DevelopmentChain)
        return self._chain

    # --- accounts --------------------------------------------------------------------------

    def funded(self) -> AccountSigner:
        """Make an account with money for gas, that is nobody to the contracts."""
        signer = generate_signer()
        self._chain.fund(signer.address, 10 * ETHER)
        return signer

    def sender(self, signer: AccountSigner | None = None) -> TransactionSender:
        """Give the transactions of an account; of a new one that is nobody by default."""
        return TransactionSender(self.client, signer or self.funded(), chain_id=self.chain_id)

    def now_s(self) -> int:
        """Give the newest block's time."""
        block = self.client.block("latest")
        assert block is not None
        return block.timestamp_s

    def deadline(self) -> int:
        return self.now_s() + _DEADLINE_S

    # --- acts --------------------------------------------------------------------------------

    def address(self, name: str) -> bytes:
        return self.deployment.address(name)

    def sign(self, contract: str, act: Act, signer: AccountSigner) -> bytes:
        domain = ActDomain(self.chain_id, self.address(contract))
        return sign_act(act, domain, signer)

    def register(
        self,
        credit_code: str = USC,
        kind: PartyKind = PartyKind.ENTERPRISE,
        name: str = "某某火力发电有限公司",
    ) -> PartyKeys:
        """Register a party with two persons."""
        keys = PartyKeys(credit_code, generate_signer(), generate_signer())
        act = Registration(
            kind=kind,
            name=name,
            credit_code=credit_code,
            seats=keys.seats(),
            registrar=self.registrar.address,
            nonce=next(self.nonces),
            deadline=self.deadline(),
        )
        signatures = [
            self.sign(PartyRegistry.NAME, act, signer) for signer in (keys.initiator, keys.approver)
        ]
        registrar_signature = self.sign(PartyRegistry.NAME, act, self.registrar)
        self.sender().execute(
            self.parties.register(
                act, registrar_signature=registrar_signature, seat_signatures=signatures
            )
        )
        return keys

    def attest(self, new_seat: Seat, credit_code: str = USC) -> None:
        """Let the registrar attest the person of a seat."""
        act = Attestation(
            credit_code,
            new_seat.persons[0],
            self.registrar.address,
            next(self.nonces),
            self.deadline(),
        )
        signature = self.sign(PartyRegistry.NAME, act, self.registrar)
        self.sender().execute(self.parties.attest(act, registrar_signature=signature))

    def log_act(self, keys: PartyKeys, operator: AccountSigner, origin: str = "") -> OpenLog:
        """Write the act that opens a party's first log."""
        return OpenLog(
            credit_code=keys.credit_code,
            origin=origin or f"ledger.example/log/{keys.credit_code}",
            predecessor="",
            vkey_hash=hashlib.sha256(b"vkey").digest(),
            operator=operator.address,
            initiator=keys.initiator.address,
            approver=keys.approver.address,
            nonce=next(self.nonces),
            deadline=self.deadline(),
        )

    def open_log(self, keys: PartyKeys, operator: AccountSigner) -> TestLog:
        """Open a party's first log."""
        act = self.log_act(keys, operator)
        self.sender().execute(
            self.checkpoints.open_log(
                act,
                initiator_signature=self.sign(CheckpointRegistry.NAME, act, keys.initiator),
                approver_signature=self.sign(CheckpointRegistry.NAME, act, keys.approver),
                operator_signature=self.sign(CheckpointRegistry.NAME, act, operator),
            )
        )
        return TestLog(act.origin)

    def enrolment(self, keys: PartyKeys, log: TestLog, kid: bytes, index: int) -> Enrolment:
        """Write the act that enrols a device key."""
        return Enrolment(
            origin=log.origin,
            kid=kid,
            algorithm=19,
            enrolled_index=index,
            record_hash=hashlib.sha256(b"record" + kid).digest(),
            pop_hash=hashlib.sha256(b"possession" + kid).digest(),
            initiator=keys.initiator.address,
            approver=keys.approver.address,
            nonce=next(self.nonces),
            deadline=self.deadline(),
        )

    def enrol(self, keys: PartyKeys, log: TestLog, kid: bytes, index: int = 0) -> Receipt:
        """Enrol a device key."""
        act = self.enrolment(keys, log, kid, index)
        return self.sender().execute(
            self.devices.enrol(
                act,
                initiator_signature=self.sign(DeviceRegistry.NAME, act, keys.initiator),
                approver_signature=self.sign(DeviceRegistry.NAME, act, keys.approver),
            )
        )

    def anchorer(
        self,
        operator: AccountSigner,
        finality: FinalityPolicy | None = None,
        profile: Profile = Profile.NODE,
    ) -> ChainAnchorer:
        """Give what the ledger would use to anchor."""
        return ChainAnchorer(
            self.client,
            self.sender(operator),
            registry=self.checkpoints,
            device_registry=self.address(DeviceRegistry.NAME),
            finality=finality or Instant(),
            profile=profile,
            first_block=self.deployment.first_block,
        )

    def anchor(self, operator: AccountSigner, log: TestLog, count: int) -> Receipt:
        """Grow a log, anchor it and remember that."""
        receipt = self.sender(operator).execute(self.checkpoints.anchor(log.grow(count)))
        log.anchored_size = len(log.entries)
        return receipt

    def as_contract(self, address: bytes, call: Call) -> None:
        """Let a contract send a transaction, which only a development chain can."""
        sender = format_address(address)
        self.chain.request("anvil_impersonateAccount", sender)
        self.chain.request("anvil_setBalance", sender, hex(ETHER))
        fields = {
            "from": sender,
            "to": format_address(call.to or b""),
            "data": f"0x{call.data.hex()}",
        }
        self.chain.request("eth_sendTransaction", fields)
        self.mine()

    def as_council(self, call: Call) -> None:
        """Do what the Council would have decided."""
        self.as_contract(self.address(Council.NAME), call)

    # --- the chain -----------------------------------------------------------------------------

    def pass_time(self, seconds: int) -> None:
        """Let the next block be that much later."""
        self.chain.request("evm_increaseTime", hex(seconds))
        self.mine()

    def mine(self, count: int = 1) -> None:
        self.chain.request("anvil_mine", hex(count))

    def reorganise(self, depth: int) -> None:
        """Replace the newest blocks by empty ones."""
        self.chain.request("anvil_reorg", depth, [])

    def mine_by_hand(self) -> None:
        """Mine nothing any more until `mine` is called; undone with the rest."""
        self.chain.request("evm_setAutomine", False)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Put the chain back to where it was afterwards, an empty pool and mining included."""
        snapshot = self.chain.request("evm_snapshot")
        try:
            yield
        finally:
            self.chain.request("anvil_dropAllTransactions")
            self.chain.request("evm_revert", snapshot)
            self.chain.request("evm_setAutomine", True)

    def _deploy(self) -> Deployment:
        organisations = ("企业协会", "核查机构", "生态环境主管部门", "注册登记机构")
        plan = DeploymentPlan(
            members=tuple(
                Member(key.address, organisation)
                for key, organisation in zip(self.council_keys, organisations, strict=True)
            ),
            threshold=3,
            registrars=(self.registrar.address,),
            calendars=tuple(calendars(range(2024, self.calendar_end))),
            veto_delay_s=VETO_DELAY_S,
        )
        return deploy(self.client, self.sender(self.deployer), seeded(plan))


def calendars(years: Sequence[int]) -> Iterator[CalendarYear]:
    """Give calendars in which every Monday to Friday is a working day."""
    for year in years:
        yield CalendarYear(year, weekends(year), "test calendar: weekends only")


@contextmanager
def running_world(folder: Path, *, keeps_state: bool = False) -> Iterator[ChainWorld]:
    """Start a development chain, one that can be restarted or not, and put the contracts on it."""
    with (
        DevelopmentChain(anvil_binary(), folder, keeps_state=keeps_state) as chain,
        ChainClient(chain.rpc_url) as client,
    ):
        yield ChainWorld(chain, client)
