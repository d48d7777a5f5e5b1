"""When a transaction is final, and that a reorganised one is not."""

from __future__ import annotations

import pytest

from chain.errors import ChainError
from chain.finality import Depth, FinalizedTag, Instant, locate_transaction, parse_finality
from chain.values import TransactionState
from tests.support.memory_chain import MemoryChain

TX = b"\x07" * 32


@pytest.fixture
def chain() -> MemoryChain:
    chain = MemoryChain()
    chain.mine(3)
    return chain


@pytest.mark.parametrize(
    ("text", "policy"),
    [("instant", Instant()), ("depth:12", Depth(12)), ("tag:finalized", FinalizedTag())],
)
def test_policy_is_read_and_written(text: str, policy: Instant | Depth | FinalizedTag) -> None:
    """Each rule has one text."""
    assert parse_finality(text) == policy
    assert str(policy) == text


@pytest.mark.parametrize("text", ["", "depth:0", "depth:-1", "depth:01", "depth:", "tag:safe"])
def test_other_rules_are_refused(text: str) -> None:
    """A rule nobody defined is refused, a depth of nothing too."""
    with pytest.raises(ChainError, match="finality") as caught:
        parse_finality(text)

    assert caught.value.stable_code == "chain.finality_unknown"


def test_unknown_transaction(chain: MemoryChain) -> None:
    """A transaction the node has never seen, or has lost, is unknown."""
    assert locate_transaction(chain, TX, Instant())[0] is TransactionState.UNKNOWN


def test_waiting_transaction(chain: MemoryChain) -> None:
    """A transaction in the pool waits."""
    chain.known.add(TX)

    assert locate_transaction(chain, TX, Instant())[0] is TransactionState.WAITING


def test_instant_finality(chain: MemoryChain) -> None:
    """Where blocks are final at once, an included transaction is."""
    chain.include(TX)

    state, receipt = locate_transaction(chain, TX, Instant())

    assert state is TransactionState.FINAL
    assert receipt == chain.receipts[TX]


@pytest.mark.parametrize(
    ("later", "state"), [(1, TransactionState.INCLUDED), (2, TransactionState.FINAL)]
)
def test_depth_is_counted_in_later_blocks(
    chain: MemoryChain, later: int, state: TransactionState
) -> None:
    """A rule of depth 2 asks for two blocks on top."""
    chain.include(TX)
    chain.mine(later)

    assert locate_transaction(chain, TX, Depth(2))[0] is state


@pytest.mark.parametrize(
    ("finalized", "state"),
    [
        (None, TransactionState.INCLUDED),
        (3, TransactionState.INCLUDED),
        (4, TransactionState.FINAL),
    ],
)
def test_tag_decides(chain: MemoryChain, finalized: int | None, state: TransactionState) -> None:
    """The finalized tag decides, and a node without one finalises nothing."""
    chain.include(TX)
    chain.mine(9)
    chain.finalized = finalized

    assert locate_transaction(chain, TX, FinalizedTag())[0] is state


def test_receipt_of_an_abandoned_block_is_not_believed(chain: MemoryChain) -> None:
    """A receipt whose block left the chain makes its transaction wait again."""
    chain.include(TX)
    chain.reorganise(1)
    chain.mine(20)

    assert locate_transaction(chain, TX, Depth(2)) == (TransactionState.WAITING, None)


def test_reverted_transaction_is_in_its_block(chain: MemoryChain) -> None:
    """A transaction that was mined and refused is final too; its receipt says that it failed."""
    chain.include(TX, succeeded=False)

    state, receipt = locate_transaction(chain, TX, Instant())

    assert state is TransactionState.FINAL
    assert receipt is not None
    assert not receipt.succeeded
