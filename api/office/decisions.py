"""
Decisions of the Council on their way between its members: one file that collects their signatures.

A member signs a call of one contract, in readable form. When enough have signed, anybody hands the
signatures in; five days later, if nobody objected, anybody carries the decision out. That the
account is the Council is read from the chain: it alone administers the contracts.

Source: CONTRACTS section 1 (Council); `contracts/interfaces/ICouncil.sol`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from api.office.desk import ChainDesk
from api.office.drafting import draw_nonce
from api.office.errors import (
    RequestEdited,
    RequestExpired,
    SignedAlready,
    WrongPlace,
    WrongSigner,
)
from api.office.parts import ActPart, refusal
from api.office.request import SigningRequest
from api.office.signing import require_complete
from attestation.canonical import canonical_json, refuse_depth
from attestation.eip712 import SIGNATURE_LENGTH, recover_address
from attestation.encodings import parse_hex
from attestation.errors import EncodingError, SignatureError
from attestation.instants import MILLISECONDS_PER_DAY, MILLISECONDS_PER_SECOND, Instant
from chain.acts import Decision, Recovery
from chain.addresses import format_address, parse_address
from chain.bindings.access_manager import AccessManager
from chain.bindings.council import Council, propose
from chain.keys import Signer
from chain.signed_acts import signers_of
from chain.typed_data import ActDomain, act_digest, wallet_request
from chain.typed_reading import read_struct

FORMAT: Final = "carbonseal-decision"
VERSION: Final = 1
_ADMIN: Final = 0
"""AccessManager's role that may do everything else."""


@dataclass(frozen=True, slots=True)
class DecisionPaper:
    """A decision, and the members' signatures over it."""

    chain_id: int
    council: bytes
    """Address of the Council, 20 bytes."""
    decision: Decision
    signatures: Mapping[bytes, bytes] = field(default_factory=dict)
    """Signature of 65 bytes by member."""

    @property
    def domain(self) -> ActDomain:
        """Where it counts."""
        return ActDomain(self.chain_id, self.council)

    @property
    def digest(self) -> bytes:
        """What members sign, 32 bytes."""
        return act_digest(self.decision, self.domain)


def recovery_decision(
    desk: ChainDesk,
    council: bytes,
    request: SigningRequest,
    *,
    reason: str,
    now: Instant,
    days: int,
) -> DecisionPaper:
    """
    Write the decision that gives a party new keys, from the request that these have signed.

    Args:
        desk: The office.
        council: Address of the Council.
        request: Of one `Recovery`, signed by every new key.
        reason: Why, for members and the event.
        now: Present time.
        days: How long it may be signed and carried out.

    Raises:
        WrongPlace: If the account is not the Council, or the request is of something else.
        SignaturesMissing: If a new key has not signed.
    """
    acts = [part.act for part in request.parts if isinstance(part, ActPart)]
    if len(acts) != 1 or not isinstance(acts[0], Recovery):
        raise WrongPlace("the request is not of one recovery")
    require_complete(request)
    body = council_of(desk, council)
    act = acts[0]
    signatures = [request.signature(1, address) for address in signers_of(act).values()]
    end = now + days * MILLISECONDS_PER_DAY
    decision = propose(
        desk.parties.contract,
        "recover",
        act.values(),
        signatures,
        title=f"Give {act.credit_code} new keys",
        reason=reason,
        term=body.term(),
        nonce=draw_nonce(),
        deadline=end // MILLISECONDS_PER_SECOND,
    )
    return DecisionPaper(desk.chain_id, council, decision)


def council_of(desk: ChainDesk, address: bytes) -> Council:
    """
    Give the Council at an address.

    Raises:
        WrongPlace: If the account does not administer the trusted registries.
    """
    manager = AccessManager(desk.client, desk.parties.contract.read("authority"))
    if manager.membership(_ADMIN, address) is None:
        raise WrongPlace(f"{format_address(address)} is not the Council of this chain")
    return Council(desk.client, address)


def check_paper(desk: ChainDesk, paper: DecisionPaper, *, now: Instant) -> Council:
    """
    Check a decision's place, time and signatures; give the Council.

    Raises:
        WrongPlace: If it is for another chain, Council or membership.
        RequestExpired: If its deadline has passed.
        RequestEdited: If a signature is not a member's over this decision.
    """
    if paper.chain_id != desk.chain_id:
        raise WrongPlace(f"for chain eip155:{paper.chain_id}, not for eip155:{desk.chain_id}")
    council = council_of(desk, paper.council)
    if paper.decision.term != council.term():
        raise WrongPlace("signed under another membership of the Council")
    if paper.decision.deadline < now // MILLISECONDS_PER_SECOND:
        raise RequestExpired("the deadline of the decision has passed")
    members = {each.key for each in council.members()}
    for member, signature in paper.signatures.items():
        if member not in members or not _is_by(member, paper.digest, signature):
            raise RequestEdited(
                f"the signature of {format_address(member)} is no member's over this decision"
            )
    return council


def sign_paper(
    desk: ChainDesk, paper: DecisionPaper, signer: Signer, *, now: Instant
) -> DecisionPaper:
    """
    Add a member's signature.

    Raises:
        WrongSigner: If the key is no member's.
        SignedAlready: If the member has signed.
        SigningError: As `check_paper`.
    """
    council = check_paper(desk, paper, now=now)
    if signer.address not in {each.key for each in council.members()}:
        raise WrongSigner(f"{format_address(signer.address)} is no member of the Council")
    if signer.address in paper.signatures:
        raise SignedAlready(f"{format_address(signer.address)} has signed this decision")
    signature = signer.sign_digest(paper.digest)
    return replace(paper, signatures={**paper.signatures, signer.address: signature})


def format_paper(paper: DecisionPaper) -> bytes:
    """Write a decision as JSON that people can read, in UTF-8."""
    document = {
        **_content(paper),
        "signatures": {
            format_address(member): f"0x{signature.hex()}"
            for member, signature in paper.signatures.items()
        },
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def parse_paper(encoded: bytes) -> DecisionPaper:
    """
    Read a decision; its signatures are not judged.

    Raises:
        EncodingError: If it is none, or not in its one form.
    """
    try:
        refuse_depth(encoded)
        document = json.loads(encoded.decode())
        paper = _read(document)
    except (ValueError, RecursionError) as error:
        raise refusal("not JSON in UTF-8") from error
    if canonical_json(_content(paper)) != canonical_json(
        {name: value for name, value in document.items() if name != "signatures"}
    ):
        raise refusal("a value of the decision is not in its one form")
    return paper


def _content(paper: DecisionPaper) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "chain": f"eip155:{paper.chain_id}",
        "council": format_address(paper.council),
        "decision": wallet_request(paper.decision, paper.domain)["message"],
    }


def _read(document: object) -> DecisionPaper:
    match document:
        case {
            "format": "carbonseal-decision",
            "version": 1,
            "chain": str(chain),
            "council": str(council),
            "decision": dict(decision),
            "signatures": dict(signatures),
        } if chain.removeprefix("eip155:").isdecimal():
            return DecisionPaper(
                int(chain.removeprefix("eip155:")),
                parse_address(council),
                read_struct(Decision, decision),
                {
                    parse_address(member): parse_hex(str(each), length=SIGNATURE_LENGTH)
                    for member, each in signatures.items()
                },
            )
        case _:
            raise refusal("not a decision, or one with other names")


def _is_by(address: bytes, digest: bytes, signature: bytes) -> bool:
    try:
        return recover_address(digest, signature) == "0x" + address.hex()
    except (SignatureError, EncodingError):
        return False
