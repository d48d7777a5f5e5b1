"""Acts as typed data: the digest a wallet signs is the digest a contract computes."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from attestation.enums import InventoryStep
from attestation.errors import EncodingError
from chain import acts, credential_acts, inventory_acts, sampling_acts
from chain.addresses import parse_address
from chain.keys import AccountSigner
from chain.typed_data import Act, ActDomain, act_digest, sign_act, wallet_request

AnyAct = TypeVar("AnyAct", bound=Act)
CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"
SIGNER = AccountSigner(b"\x46" * 32)
DOMAIN = ActDomain(31337, b"\x11" * 20)
ALL_ACTS = [
    each
    for module in (acts, credential_acts, inventory_acts, sampling_acts)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Act) and not each.__subclasses__()
]
EXAMPLES: dict[str, Any] = {
    "string": "例: 91110000000000000X",
    "address": b"\xab" * 20,
    "bytes32": b"\xcd" * 32,
    "bytes4": b"\xcd" * 4,
    "bytes": b"\x01\x02\x03",
    "bool": True,
    "uint8": 255,
    "uint16": 2**16 - 1,
    "uint32": 2**32 - 1,
    "uint64": 2**64 - 1,
    "uint256": 2**256 - 1,
    "string[]": ("91110000000000000X", ""),
    "uint8[]": (1, 255),
    "uint32[]": (0, 2**32 - 1),
}


SEAT = acts.Seat(b"\xab" * 20, (b"\xcd" * 32, b"\xce" * 32), 2, False)
SUBJECT = inventory_acts.Subject("某某公司", "91110000000000000X", "机组 1", 1, 2**64 - 1)
STRUCTS: dict[str, Any] = {"Seat": SEAT, "Seat[]": (SEAT, SEAT), "Subject": SUBJECT}


def example(kind: type[AnyAct]) -> AnyAct:
    """Give an act with the largest values of each type."""
    return kind(*((EXAMPLES | STRUCTS)[member] for _, member in kind.members()))


@pytest.mark.parametrize("kind", ALL_ACTS, ids=lambda kind: kind.__name__)
def test_wallet_and_contract_sign_the_same(kind: type[Act]) -> None:
    """What eth_account makes of the wallet's JSON is what we sign."""
    act = example(kind)

    signable = encode_typed_data(full_message=wallet_request(act, DOMAIN))

    signature = sign_act(act, DOMAIN, SIGNER)
    assert parse_address(Account.recover_message(signable, signature=signature)) == SIGNER.address


@pytest.mark.parametrize("kind", ALL_ACTS, ids=lambda kind: kind.__name__)
def test_type_is_the_contracts(kind: type[Act]) -> None:
    """The text of each act's type stands in a contract's source, letter by letter."""
    literals = "\n".join(
        "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', statement))
        for path in sorted(CONTRACTS.rglob("*.sol"))
        for statement in re.findall(r"keccak256\(\s*((?:\"[^\"]*\"\s*)+)\)", path.read_text())
    )

    assert kind.type_text() in literals.splitlines()


def test_every_step_has_its_own_name() -> None:
    """The same step under two names is two digests; every kind of step has a name."""
    values = example(inventory_acts.CityReview)
    digests = {
        act_digest(kind(*(getattr(values, each.name) for each in fields(values))), DOMAIN)
        for kind in inventory_acts.STEPS.values()
    }

    assert len(digests) == len(InventoryStep) - 1
    assert [
        inventory_acts.kind_of_step(example(kind)) for kind in inventory_acts.STEPS.values()
    ] == list(inventory_acts.STEPS)


@pytest.mark.parametrize("domain", [ActDomain(31338, b"\x11" * 20), ActDomain(31337, b"\x12" * 20)])
def test_act_counts_in_one_place(domain: ActDomain) -> None:
    """The same act has another digest on another chain and for another contract."""
    act = example(acts.Enrolment)

    assert act_digest(act, domain) != act_digest(act, DOMAIN)


def test_equal_fields_of_two_acts_have_two_digests() -> None:
    """An act is not another act that has the same members."""

    class Closure(acts.Cancellation):
        """Has the members of a cancellation under another name."""

    members = (b"\x01" * 20, b"\x02" * 32)
    assert act_digest(Closure(*members), DOMAIN) != act_digest(acts.Cancellation(*members), DOMAIN)


@pytest.mark.parametrize(
    "members",
    [(b"\x01" * 19, b"\x02" * 32), (b"\x01" * 20, b"\x02" * 31), ("x", b"\x02" * 32)],
    ids=["short address", "short word", "text"],
)
def test_value_that_does_not_fit_is_not_signed(members: tuple[Any, Any]) -> None:
    """A value that is not of its type is refused before it is signed."""
    with pytest.raises(EncodingError):
        sign_act(acts.Cancellation(*members), DOMAIN, SIGNER)


def test_wallet_is_shown_numbers_as_text() -> None:
    """A number above 2**53 reaches the wallet whole."""
    message = wallet_request(example(acts.CloseKey), DOMAIN)["message"]

    assert message["closedIndex"] == "18446744073709551615"
    assert message["kid"] == "0x" + "cd" * 32
