"""The tree's vectors: ours, fresh and obeyed, and those of others."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from attestation.encodings import parse_hex
from attestation.errors import ConsistencyError, InclusionError
from attestation.merkle import verify_consistency, verify_inclusion, verify_range
from tests.vectors import generate_merkle

FOLDER = Path(__file__).resolve().parent / "merkle"

Case = dict[str, Any]


def cases(name: str) -> list[Any]:
    document = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in document["cases"]]


def hashes(texts: list[str]) -> list[bytes]:
    return [parse_hex(text) for text in texts]


def check_inclusion(case: Case) -> None:
    verify_inclusion(
        parse_hex(case["leaf_hash"]),
        index=case["index"],
        size=case["size"],
        root=parse_hex(case["root"]),
        proof=hashes(case["proof"]),
    )


def check_consistency(case: Case) -> None:
    verify_consistency(
        old_size=case["old_size"],
        old_root=parse_hex(case["old_root"]),
        new_size=case["new_size"],
        new_root=parse_hex(case["new_root"]),
        proof=hashes(case["proof"]),
    )


def check_range(case: Case) -> None:
    verify_range(
        hashes(case["leaf_hashes"]),
        start=case["start"],
        end=case["end"],
        size=case["size"],
        root=parse_hex(case["root"]),
        proof=hashes(case["proof"]),
    )


def obey(case: Case, check: Any, refusal: type[Exception]) -> None:
    if case["result"] == "valid":
        check(case)
        return
    with pytest.raises(refusal, match=r"."):
        check(case)


@pytest.mark.parametrize("name", generate_merkle.FILES)
def test_file_is_what_the_generator_writes(name: str) -> None:
    """The committed vectors are those of the recursive definitions."""
    text = generate_merkle.documents()[name]

    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("case", cases("inclusion"))
def test_inclusion_vector(case: Case) -> None:
    """An inclusion proof holds exactly where the vector says so."""
    obey(case, check_inclusion, InclusionError)


@pytest.mark.parametrize("case", cases("consistency"))
def test_consistency_vector(case: Case) -> None:
    """A consistency proof holds exactly where the vector says so."""
    obey(case, check_consistency, ConsistencyError)


@pytest.mark.parametrize("case", cases("range"))
def test_range_vector(case: Case) -> None:
    """A range proof holds exactly where the vector says so."""
    obey(case, check_range, InclusionError)


def decode(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.shared
def test_inclusion_of_others(shared: Path) -> None:
    """The vectors of transparency-dev/merkle, an empty leaf under an empty root among them."""
    files = sorted((shared / "vectors/merkle/inclusion").rglob("*.json"))
    judged = []
    for file in files:
        case = json.loads(file.read_text(encoding="utf-8"))
        try:
            verify_inclusion(
                decode(case["leafHash"]),
                index=case["leafIdx"],
                size=case["treeSize"],
                root=decode(case["root"]),
                proof=list(map(decode, case["proof"] or [])),
            )
            judged.append(case["wantErr"] is False)
        except InclusionError:
            judged.append(case["wantErr"] is True)

    assert len(judged) == 9
    assert all(judged)


@pytest.mark.shared
def test_consistency_of_others(shared: Path) -> None:
    """The vectors of transparency-dev/merkle hold."""
    files = sorted((shared / "vectors/merkle/consistency").rglob("*.json"))
    for file in files:
        case = json.loads(file.read_text(encoding="utf-8"))
        verify_consistency(
            old_size=case["size1"],
            old_root=decode(case["root1"]),
            new_size=case["size2"],
            new_root=decode(case["root2"]),
            proof=list(map(decode, case["proof"] or [])),
        )

    assert len(files) == 5
