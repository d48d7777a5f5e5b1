"""
The events of SamplingDraw, each as one step of a draw in the ledger's words.

Source: `contracts/interfaces/ISamplingDraw.sol`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attestation.enums import DrawStep
from attestation.ids import ZERO_HASH
from chain.agreed_events import DrawAdvanced
from chain.positions import ChainPosition

_Fields = Mapping[str, Any]


def _fixed(at: ChainPosition, found: _Fields) -> DrawAdvanced:
    return _step(
        DrawStep.NONCE_FIXED,
        at,
        found,
        party=found["party"],
        word=found["commitment"],
        act_digest=found["actDigest"],
    )


def _frozen(at: ChainPosition, found: _Fields) -> DrawAdvanced:
    content = found["content"]
    return _step(
        DrawStep.PLAN_FROZEN,
        at,
        found,
        party=content["parties"][0],
        word=content["planHash"],
        draw_block=content["drawBlock"],
        reason=found["reason"],
        act_digest=found["actDigest"],
    )


def _moved(at: ChainPosition, found: _Fields) -> DrawAdvanced:
    return _step(DrawStep.BLOCK_MOVED, at, found, draw_block=found["drawBlock"])


def _stored(at: ChainPosition, found: _Fields) -> DrawAdvanced:
    return _step(
        DrawStep.BLOCK_STORED,
        at,
        found,
        word=found["blockHash"],
        draw_block=found["drawBlock"],
        reveal_until_s=found["revealUntil"],
    )


def _revealed(at: ChainPosition, found: _Fields) -> DrawAdvanced:
    return _step(DrawStep.NONCE_REVEALED, at, found, party=found["party"], word=found["nonce"])


def _missing(at: ChainPosition, found: _Fields) -> DrawAdvanced:
    return _step(
        DrawStep.NONCE_MISSING,
        at,
        found,
        party=found["party"],
        is_strict=found["hadCommitted"],
    )


def _settled(at: ChainPosition, found: _Fields) -> DrawAdvanced:
    return _step(DrawStep.SETTLED, at, found, word=found["seed"], is_strict=found["isStrict"])


def _step(step: DrawStep, at: ChainPosition, found: _Fields, **said: Any) -> DrawAdvanced:
    nothing: dict[str, Any] = {
        "party": ZERO_HASH,
        "word": ZERO_HASH,
        "draw_block": 0,
        "reveal_until_s": 0,
        "is_strict": False,
        "reason": "",
        "act_digest": ZERO_HASH,
    }
    place = {"inventory_id": found["id"], "version": found["version"], "draw": found["draw"]}
    return DrawAdvanced(at=at, step=int(step), **place, **(nothing | said))


DRAW_EVENTS: Final[Mapping[str, Callable[[ChainPosition, _Fields], DrawAdvanced]]] = {
    "NonceCommitted": _fixed,
    "PlanFrozen": _frozen,
    "DrawBlockMoved": _moved,
    "BlockHashStored": _stored,
    "NonceRevealed": _revealed,
    "NonceMissing": _missing,
    "DrawSettled": _settled,
}
"""The reading of each, by the event's name."""
