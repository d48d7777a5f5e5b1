"""
Reading an EVM chain's evidence without a node: RLP, tries, headers, seals, storage slots.

Nothing here believes a node; what it can't derive from hashes and known keys, it does not say.

Source: Ethereum Yellow Paper; EIP-225 (Clique); Besu's QBFT; `docs/formats/chain-evidence.md`.
"""
