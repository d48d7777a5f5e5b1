"""
Inputs of a rule: the schema its ABI gives, plain data read by it, and the one encoding.

Plain data is what a JSON file holds; `chain/rule_fields.py` says how each kind of field is written.
Nothing is missing silently and nothing is given in vain: every fault names its place, such as
`fuels[1].consumed_t`. The same data always give the same bytes, which are what the rule takes and
what `inputs_hash` commits to.

Source: `contracts/interfaces/IRule.sol`; Solidity contract ABI specification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

from attestation import enums
from attestation.canonical import refuse_depth
from attestation.errors import EncodingError
from chain.abi import Entry, decode_arguments, encode_arguments
from chain.errors import ArtifactError, NodeUnavailable, RuleInputError
from chain.rule_fields import (
    Amount,
    Choice,
    Count,
    Flag,
    Kind,
    Many,
    Record,
    Word,
    below,
    unit_text,
)

_COMPUTE: Final = "compute"
_UNSIGNED = re.compile(r"uint([0-9]+)")
_ENUM: Final = "enum "
_PLAIN: Final[dict[str, Kind]] = {"bool": Flag(), "bytes32": Word()}


class RuleSchema:
    """
    What one rule takes, by the ABI of its `compute`.

    Args:
        abi: The rule's ABI.

    Raises:
        ArtifactError: If it is not the ABI of a rule.
    """

    def __init__(self, abi: Sequence[Entry]) -> None:
        found = [e for e in abi if e["type"] == "function" and e["name"] == _COMPUTE]
        if len(found) != 1 or len(found[0]["inputs"]) != 2:
            raise ArtifactError("not a rule: it has no compute(inputs, profile)")
        self._entry: Entry = found[0]["inputs"][0]
        record = _kind(self._entry)
        if not isinstance(record, Record):
            raise ArtifactError("not a rule: its inputs are no struct")
        self.record = record

    def encode(self, data: object) -> bytes:
        """
        Give the canonical ABI encoding of plain data.

        Raises:
            RuleInputError: If something is missing, unknown, or not what its field takes.
        """
        return self.encode_values(self.record.read(data, ""))

    def decode(self, inputs: bytes) -> dict[str, Any]:
        """
        Give encoded inputs as plain data.

        Raises:
            RuleInputError: If the bytes are not the canonical encoding of such inputs.
        """
        try:
            plain = self.record.write(self.values(inputs))
        except (NodeUnavailable, ValueError) as error:
            raise _not_canonical() from error
        if self.encode(plain) != inputs:
            raise _not_canonical()
        return plain

    def values(self, inputs: bytes) -> dict[str, Any]:
        """
        Give encoded inputs as the contract sees them: numbers times 10^18, enums as numbers.

        Raises:
            NodeUnavailable: If the bytes do not decode.
        """
        values: dict[str, Any] = decode_arguments([self._entry], inputs)[self._entry["name"]]
        return values

    def encode_values(self, values: Mapping[str, Any]) -> bytes:
        """Give the canonical encoding of such values."""
        return encode_arguments([self._entry], [values])

    def lines(self) -> Iterator[tuple[str, Kind]]:
        """Give every field with its place, lists as `fuels[]`, in the order of the contract."""
        yield from _lines(self.record, "")

    def place_of(self, name: str) -> str:
        """Give the place of a field that the contract names, such as `fuels[].lines`."""
        for path, _taken in self.lines():
            own = path.rpartition(".")[2].removesuffix("[]")
            if name in (own, own.partition("_")[0]):
                return path.removesuffix("[]")
        return name


def parse_plain(text: str | bytes) -> object:
    """
    Read a JSON document in which no name is given twice; no number in it becomes a float.

    Raises:
        RuleInputError: If it is not such a document.
    """
    try:
        refuse_depth(text.encode() if isinstance(text, str) else text)
        return json.loads(
            text,
            parse_float=Decimal,  # kept apart from text, so that its field can refuse it
            parse_constant=Decimal,
            object_pairs_hook=_object_without_twins,
        )
    except RuleInputError:
        raise
    except (UnicodeError, json.JSONDecodeError, EncodingError) as error:
        raise RuleInputError("the inputs are not JSON", code="rule.input_kind") from error


def _kind(field: Entry) -> Kind:
    """Tell what a field of the ABI takes."""
    kind: str = field["type"]
    named: str = field.get("internalType", "")
    unsigned = _UNSIGNED.fullmatch(kind)
    if kind.endswith("]"):
        element = {"type": kind.rpartition("[")[0], "internalType": named.rpartition("[")[0]}
        return Many(_kind({**field, **element}))
    if kind == "tuple":
        return Record({part["name"]: _kind(part) for part in field["components"]})
    if kind == "int256":
        suffix = field["name"].partition("_")[2]
        return Amount(unit_text(suffix), suffix)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if unsigned and named.startswith(_ENUM):
        return Choice(_members(named.removeprefix(_ENUM).rpartition(".")[2]))
    if unsigned:
        return Count(int(unsigned[1]))
    raise ArtifactError(f"not a rule: field {field['name']} is of type {kind}")


def _members(name: str) -> type[IntEnum]:
    members = getattr(enums, name, None)
    if not isinstance(members, type) or not issubclass(members, IntEnum):
        raise ArtifactError(f"enum {name} is not among ours")
    return members


def _lines(record: Record, path: str) -> Iterator[tuple[str, Kind]]:
    for name, kind in record.fields.items():
        here = below(path, name)
        yield here if not isinstance(kind, Many) else f"{here}[]", kind
        inner = kind.element if isinstance(kind, Many) else kind
        if isinstance(inner, Record):
            yield from _lines(inner, here if inner is kind else f"{here}[]")


def _not_canonical() -> RuleInputError:
    return RuleInputError(
        "the bytes are not the canonical encoding of this rule's inputs",
        code="rule.inputs_not_canonical",
    )


def _object_without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise RuleInputError(f"{name} is given twice", path=name, code="rule.input_unknown")
        found[name] = value
    return found
