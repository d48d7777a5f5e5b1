"""Signing requests of acts, such as a browser signs: made, signed, and with one thing changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Final, get_args, get_type_hints

from api.office.parts import ActPart
from api.office.request import SignerEntry, SigningRequest, format_request
from attestation.ids import parse_origin
from attestation.instants import Instant
from chain.inventory_acts import InventorySubmission, Subject
from chain.keys import AccountSigner
from chain.signed_acts import SIGNED_ACTS
from chain.typed_data import Act, Struct, named_members

INITIATOR: Final = AccountSigner(b"\x01" * 32)
APPROVER: Final = AccountSigner(b"\x02" * 32)
CHAIN_ID: Final = 31337
REGISTRY: Final = b"\x11" * 20
USC: Final = "91350211M000100Y46"
ORIGIN: Final = f"ledger.example/log/{USC}"
DEADLINE_S: Final = 4_000_000_000
SUBMISSION: Final = InventorySubmission(
    subject=Subject("示例电厂", USC, "1", 1_704_038_400, 1_735_660_800),
    version=1,
    origin=ORIGIN,
    log_size=5,
    inputs_hash=b"\x01" * 32,
    lines_root=b"\x02" * 32,
    line_count=7,
    total_t=1_234_567,
    document_hash=b"\x03" * 32,
    laboratories=("LABORATORY.1",),
    reason="",
    previous_state=b"\x04" * 32,
    initiator=INITIATOR.address,
    approver=APPROVER.address,
    nonce=7,
    deadline=DEADLINE_S,
)

Change = Callable[[dict[str, Any]], None]


def request_of(*acts: Act, **changes: Any) -> SigningRequest:
    """Give a request of acts, by initiator and approver."""
    arguments: dict[str, Any] = {
        "title": "提交2024年度清单",
        "origin": parse_origin(ORIGIN),
        "chain_id": CHAIN_ID,
        "log_size": 0,
        "drafted_at": Instant(1_790_000_000_123),
        "deadline": Instant(DEADLINE_S * 1000),
        "signers": {"initiator": INITIATOR.address, "approver": APPROVER.address},
        "parts": tuple(ActPart(REGISTRY, each) for each in acts or (SUBMISSION,)),
    }
    return SigningRequest(**arguments | changes)


def signed_by(request: SigningRequest, *signers: AccountSigner) -> SigningRequest:
    """Let people sign, whatever the request says."""
    for signer in signers:
        parts = {n: signer.sign_digest(digest) for n, digest in request.parts_of(signer.address)}
        whole = signer.sign_digest(request.digest(signer.address))
        request = request.with_signature(SignerEntry(signer.address, whole, parts))
    return request


def changed(request: SigningRequest, change: Change) -> str:
    """Give a request's file that somebody edited."""
    document = json.loads(format_request(request))
    change(document)
    return json.dumps(document, ensure_ascii=False)


def every_act() -> list[Act]:
    """Give one act of each kind, with a value of its own in every field."""
    return [_made(kind.act_type) for kind in SIGNED_ACTS.values()]


def _made(kind: type[Struct]) -> Any:
    hints = get_type_hints(kind)
    types = {name: of_type for name, (_, of_type) in named_members(kind)}
    return kind(
        **{
            each.name: _value(hints[each.name], types[each.name], number)
            for number, each in enumerate(fields(kind), start=1)
        }
    )


def _value(hint: Any, of_type: str, number: int) -> Any:
    if of_type.endswith("[]"):
        inner = next(each for each in get_args(hint) if each is not Ellipsis)
        return tuple(_value(inner, of_type[:-2], number + each) for each in (0, 1))
    if isinstance(hint, type) and issubclass(hint, Struct):
        return _made(hint)
    if of_type.startswith("uint"):
        return number % 3 + 1 if of_type == "uint8" else number
    made: dict[str, Any] = {
        "string": f"文字 {number}",
        "bool": True,
        "address": bytes([number]) * 20,
        "bytes32": bytes([number]) * 32,
    }
    return made[of_type]
