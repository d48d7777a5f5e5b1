"""
Taking signed acts in: each is judged by what is signed, before anything is paid for it.

Nobody's right is judged here: the contract does that. What is refused here would be refused there,
and would have cost gas, or is not for this chain at all.

Source: DESIGN section 9 (the API relays; it cannot sign for anyone); EIP-712; ERC-1271.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.chain_side import ChainSide
from api.errors import NotFound
from api.office.errors import RequestEdited, RequestExpired, SignaturesMissing, WrongPlace
from attestation.eip712 import SIGNATURE_LENGTH, recover_address
from attestation.errors import EncodingError, SignatureError
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from chain.addresses import format_address, parse_address
from chain.signed_acts import SIGNED_ACTS, act_message, parse_act, signed_act_of, signers_of
from chain.typed_data import Act, ActDomain, act_digest, wallet_request
from ledger.ports import Relay
from ledger.repositories.operations import NewOperation

BY_COUNCIL: Final = frozenset(("Recovery",))
"""Acts that only the Council's own decision carries out."""


@dataclass(frozen=True, slots=True)
class PlacedAct:
    """An act with the contract that takes it, on the chain of this place."""

    act: Act
    domain: ActDomain

    @property
    def digest(self) -> bytes:
        """What is signed, 32 bytes."""
        return act_digest(self.act, self.domain)

    def wallet_request(self) -> dict[str, Any]:
        """Give the JSON that `eth_signTypedData_v4` takes."""
        return wallet_request(self.act, self.domain)


def place_act(chain: ChainSide, name: str, fields: Mapping[str, object]) -> PlacedAct:
    """
    Read an act, and find the contract that takes it.

    Args:
        chain: Of this place.
        name: Name of the act's type.
        fields: As a wallet shows them; from outside.

    Raises:
        EncodingError: If it is no such act.
        WrongPlace: If the contract is not deployed here.
    """
    act = parse_act(name, fields)
    contract = signed_act_of(act).contract
    deployed = chain.deployment.contracts.get(contract)
    if deployed is None:
        raise WrongPlace(f"there is no {contract} on this chain")
    return PlacedAct(act, ActDomain(chain.deployment.chain_id, deployed.address))


def take_in(
    chain: ChainSide,
    placed: PlacedAct,
    signatures: Mapping[str, bytes],
    *,
    chain_id: str,
    address: str,
    now: Instant,
) -> NewOperation:
    """
    Judge a signed act, and give what is to be sent.

    Args:
        chain: Of this place.
        placed: The act.
        signatures: By role; from outside.
        chain_id: CAIP-2 name of the chain that it was signed for.
        address: Contract that it was signed for.
        now: Present time.

    Raises:
        NotFound: If nothing is relayed here.
        WrongPlace: If it was signed for another chain or contract.
        RequestExpired: If its deadline has passed.
        SignaturesMissing: If somebody has not signed, or somebody who must not has.
        RequestEdited: If a signature is not its signer's over these fields.
    """
    relay = _relay_of(chain, placed.act)
    domain = placed.domain
    if chain_id != f"eip155:{domain.chain_id}":
        raise WrongPlace(f"signed for {chain_id}, and this is eip155:{domain.chain_id}")
    if parse_address(address) != domain.contract:
        raise WrongPlace(f"signed for {address}, not for {format_address(domain.contract)}")
    deadline_s: int = getattr(placed.act, "deadline")  # noqa: B009 - every act has one
    if deadline_s < now // MILLISECONDS_PER_SECOND:
        raise RequestExpired("the deadline of the act has passed")
    _check_signatures(chain, placed, signatures)
    kind = signed_act_of(placed.act)
    call = kind.make_call(chain.client, domain.contract, placed.act, signatures)
    return NewOperation(
        digest=placed.digest,
        act=type(placed.act).__name__,
        contract=kind.contract,
        address=domain.contract,
        call_data=call.data,
        fields=act_message(placed.act, domain),
        # A deadline may be any number of 64 bits, and a column holds 63.
        deadline_s=min(deadline_s, 2**63 - 1),
        sender=relay.sender,
    )


def _relay_of(chain: ChainSide, act: Act) -> Relay:
    if chain.relay is None:
        raise NotFound("this place relays no acts: it has no account that pays for them")
    if type(act).__name__ in BY_COUNCIL:
        raise NotFound("only a decision of the Council carries this act out")
    return chain.relay


def _check_signatures(chain: ChainSide, placed: PlacedAct, signatures: Mapping[str, bytes]) -> None:
    signers, digest = signers_of(placed.act), placed.digest
    if missing := [role for role in signers if role not in signatures]:
        raise SignaturesMissing(f"not signed by: {', '.join(missing)}")
    if signatures.keys() != signers.keys():
        raise SignaturesMissing("somebody signed who is not named in the act")
    for role, address in signers.items():
        if _recovers(digest, signatures[role], address):
            continue
        # A contract says itself what it takes for its signature; ours asks it when it is called.
        if not chain.client.code(address):
            raise RequestEdited(
                f"the signature of the {role} is not {format_address(address)}'s over these fields"
            )


def _recovers(digest: bytes, signature: bytes, address: bytes) -> bool:
    if len(signature) != SIGNATURE_LENGTH:
        return False
    try:
        return recover_address(digest, signature) == "0x" + address.hex()
    except (SignatureError, EncodingError):
        return False


ACT_NAMES: Final = tuple(sorted(SIGNED_ACTS))
