"""
Write the vectors of the rules off chain: `python tests/vectors/generate_offchain.py [--check]`.

Each version of a rule with the hash of its code, the inputs of its example, their one encoding,
and every figure that comes of them. After a release a line here never changes: another text of a
rule is another version.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from attestation.enums import RoundingProfile  # noqa: E402
from ledger.inventory.offchain.catalogue import OFFCHAIN_RULES, OffchainRules  # noqa: E402
from ledger.ports import CalculatedFigure  # noqa: E402

EXAMPLES = ROOT / "examples" / "offchain-rules"
TARGET = Path(__file__).resolve().parent / "accounting" / "offchain.json"


def render() -> str:
    """Give the text of the file."""
    engine = OffchainRules()
    rows = []
    for rule in OFFCHAIN_RULES:
        example = EXAMPLES / f"{rule.name}.v{rule.version}.json"
        inputs = json.loads(example.read_text(encoding="utf-8"))
        run = engine.run(rule.name, rule.version, inputs, RoundingProfile.EXACT)
        rows.append(
            {
                "rule": rule.name,
                "version": rule.version,
                "rule_id": run.rule.rule_id.hex(),
                "code_hash": run.rule.code_hash.hex(),
                "encoded_inputs": run.encoded_inputs.decode(),
                "inputs_hash": engine.inputs_hash(
                    run.rule, (), run.encoded_inputs, bytes(32)
                ).hex(),
                "steps": [_figure(each) for each in run.steps],
                "results": [_figure(each) for each in run.results],
            }
        )
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _figure(figure: CalculatedFigure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "item": figure.item,
        "unit": figure.unit,
        "decimals": figure.decimals,
        "value": f"{figure.value:f}",
    }


def main() -> int:
    """Write the file, or with `--check` say whether it is fresh."""
    text = render()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{TARGET.name} is not what this script writes\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
