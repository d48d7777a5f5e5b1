"""
Where the contracts stand, by chain: the record a deployment leaves and everything else reads.

One JSON file holds all chains under their CAIP-2 ids, so that a record is never taken for
another chain's. It holds no secret.

Source: CAIP-2; FORMATS section 8 (trust root, chain).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from attestation.errors import EncodingError
from chain.addresses import format_address, parse_address
from chain.errors import ArtifactError
from chain.identity import ChainIdentity

_HASH_LENGTH: Final = 32
_NAMESPACE: Final = "eip155:"


@dataclass(frozen=True, slots=True)
class DeployedContract:
    """One contract of a deployment."""

    address: bytes
    """20 bytes."""
    code_hash: bytes
    """Keccak-256 of the runtime code, 32 bytes."""
    block_number: int
    """The block that created it."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Our contracts on one chain, by the name they have in the Directory."""

    chain_id: int
    genesis_hash: bytes
    """32 bytes."""
    contracts: Mapping[str, DeployedContract]

    @property
    def identity(self) -> ChainIdentity:
        """What must be true of a node before it is asked about this deployment."""
        code_hashes = {each.address: each.code_hash for each in self.contracts.values()}
        return ChainIdentity(self.chain_id, self.genesis_hash, code_hashes)

    @property
    def first_block(self) -> int:
        """The block of the first contract: no event is older."""
        return min(each.block_number for each in self.contracts.values())

    def address(self, name: str) -> bytes:
        """
        Give a contract's address.

        Raises:
            ArtifactError: If the deployment has no contract of that name.
        """
        if name not in self.contracts:
            raise ArtifactError(f"the deployment on chain {self.chain_id} has no {name}")
        return self.contracts[name].address


def load_deployment(path: Path, chain_id: int) -> Deployment:
    """
    Read the deployment on one chain.

    Raises:
        ArtifactError: If the file is missing, malformed, or knows nothing of that chain.
    """
    record = _read(path).get(f"{_NAMESPACE}{chain_id}")
    if record is None:
        raise ArtifactError(f"{path.name} has no deployment on chain {chain_id}")
    try:
        return _parse(chain_id, record)
    except (ValueError, KeyError, TypeError, AttributeError, EncodingError) as error:
        raise ArtifactError(
            f"{path.name} holds a malformed deployment on chain {chain_id}: {error}"
        ) from error


def save_deployment(path: Path, deployment: Deployment) -> None:
    """Write a deployment beside those of other chains; the same chain's is replaced."""
    records = _read(path) if path.exists() else {}
    records[f"{_NAMESPACE}{deployment.chain_id}"] = {
        "genesisHash": _hex(deployment.genesis_hash),
        "contracts": {
            name: {
                "address": format_address(each.address),
                "codeHash": _hex(each.code_hash),
                "blockNumber": each.block_number,
            }
            for name, each in deployment.contracts.items()
        },
    }
    # Written aside and moved: a crash leaves the old file or the new one, never half of one.
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps(records, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    aside.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(f"no deployments to read in {path.name}") from error
    if not isinstance(records, dict):
        raise ArtifactError(f"{path.name} holds no deployments")
    return records


def _parse(chain_id: int, record: Mapping[str, Any]) -> Deployment:
    contracts = {
        name: DeployedContract(
            parse_address(fields["address"]),
            _hash(fields["codeHash"]),
            int(fields["blockNumber"]),
        )
        for name, fields in record["contracts"].items()
    }
    return Deployment(chain_id, _hash(record["genesisHash"]), contracts)


def _hash(text: str) -> bytes:
    content = bytes.fromhex(text.removeprefix("0x"))
    if len(content) != _HASH_LENGTH:
        raise EncodingError(f"a hash of {len(content)} bytes")
    return content


def _hex(content: bytes) -> str:
    return f"0x{content.hex()}"
