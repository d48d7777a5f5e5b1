"""
Errors of the chain's side.

    ChainError
    ├─ WrongChain              (fatal) the node serves another chain, or another contract
    ├─ WentBack                (fatal) the chain lost blocks we had seen as final
    ├─ Reverted                a contract refused; its error's name and arguments are kept
    ├─ RuleUnknown             there is no such rule, or none for that year
    ├─ RuleRefused             a rule refused its inputs; the field and its limit are named
    ├─ EvidenceUnsound         what a node calls a proof does not lead to its own header
    ├─ NodeUnavailable         (later) no answer, no usable answer, or the state is gone
    ├─ NodeRefused             the node understood us and will not do it
    │  ├─ AlreadyKnown         the node has this very transaction; nothing to do
    │  ├─ Dropped              another transaction took the nonce; ours can never enter
    │  ├─ Underpriced          (later) the fee is too low to enter or to replace
    │  └─ InsufficientFunds    (later) the account cannot pay for gas
    ├─ FeeTooHigh              (later) gas costs more than our ceiling
    ├─ Reorganised             (later) the block we relied on is no longer in the chain
    ├─ KeyUnreadable           a keystore or its password is not usable
    ├─ ArtifactError           a contract's artefact or deployment record is missing or wrong
    ├─ DeploymentError         a deployment did not come to what it must be
    ├─ CompilationError        the compiler refused, or the committed artefacts are stale
    └─ DevelopmentChainError   the development chain does not start

Plain data that is not what a rule takes is a RuleInputError, a kind of EncodingError.

A worker reads `retry` only; a person reads the message; a program reads the code.
Outside errors become these in `chain/client.py` and `chain/reverts.py`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attestation.errors import EncodingError, Error, Retry


class ChainError(Error):
    """Something on the chain's side did not go as asked."""

    code = "chain.error"


class WrongChain(ChainError):
    """The node serves another chain, or another contract stands at the address."""

    code = "chain.wrong_chain"
    retry = Retry.FATAL


class WentBack(ChainError):
    """The chain no longer has what we had seen as final."""

    code = "chain.went_back"
    retry = Retry.FATAL


class Reverted(ChainError):
    """
    A contract refused.

    Args:
        name: The Solidity error's name, `Error` for a reason string, `Panic` for a panic;
            empty where the node gave no data or the selector is not one of ours.
        arguments: Its arguments by name; `selector` and `data` in hex where it is unknown.
        transaction_hash: 32 bytes, where a mined transaction reverted.
    """

    code = "chain.reverted"

    def __init__(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        transaction_hash: bytes | None = None,
    ) -> None:
        listed = ", ".join(f"{key}={_show(value)}" for key, value in arguments.items())
        super().__init__(f"the contract refused: {name or 'no reason'}({listed})", error=name)
        self.name = name
        self.arguments = dict(arguments)
        self.transaction_hash = transaction_hash


class RuleUnknown(ChainError):
    """There is no rule of that name, or no version of it for that report year."""

    code = "rule.unknown"


class RuleRefused(ChainError):
    """
    A rule refused its inputs.

    Args:
        message: What is wrong, with the field, the value and the limit where the rule names them.
        reverted: What the contract said.
        field: Place of the field, such as `fuels[1].consumed_t`; None where no field is named.
    """

    code = "rule.refused"

    def __init__(
        self, message: str, reverted: Reverted, *, code: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(message, code=code, error=reverted.name, field=field)
        self.reverted = reverted
        self.field = field


class RuleInputError(EncodingError):
    """Plain data is not what a rule takes; the message begins with the place of the fault."""

    code = "rule.input"


class EvidenceUnsound(ChainError):
    """What the node calls a header or a proof does not hold together."""

    code = "chain.evidence_unsound"


class NodeUnavailable(ChainError):
    """The node gave no answer, or one that cannot be used; the same request may work later."""

    code = "chain.node_unavailable"
    retry = Retry.LATER


class NodeRefused(ChainError):
    """The node understood the request and will not do it."""

    code = "chain.node_refused"


class AlreadyKnown(NodeRefused):
    """The node has this very transaction already."""

    code = "chain.already_known"


class Dropped(NodeRefused):
    """Another transaction took the nonce: this one can never enter the chain."""

    code = "chain.dropped"


class Underpriced(NodeRefused):
    """The fee is too low for the node to take the transaction, or to replace the one it has."""

    code = "chain.underpriced"
    retry = Retry.LATER


class InsufficientFunds(NodeRefused):
    """The sending account cannot pay for the gas."""

    code = "chain.insufficient_funds"
    retry = Retry.LATER


class FeeTooHigh(ChainError):
    """Gas costs more than the ceiling that was set."""

    code = "chain.fee_too_high"
    retry = Retry.LATER


class Reorganised(ChainError):
    """The block we relied on is no longer part of the chain."""

    code = "chain.reorganised"
    retry = Retry.LATER


class KeyUnreadable(ChainError):
    """A keystore file or its password is not usable."""

    code = "chain.key_unreadable"


class ArtifactError(ChainError):
    """A contract's artefact or a deployment's record is missing or malformed."""

    code = "chain.artifact"


class DeploymentError(ChainError):
    """A deployment did not come to what it must be; its contracts are not to be used."""

    code = "chain.deployment"


class CompilationError(ChainError):
    """The compiler refused the sources, or the committed artefacts are not theirs."""

    code = "chain.compilation"


class DevelopmentChainError(ChainError):
    """The development chain's node is missing or does not start."""

    code = "chain.development_chain"


def _show(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
