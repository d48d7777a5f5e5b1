"""`carbonseal verify`: every step shown, and an exit code that says how it came out."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.bundle import Bundle, format_bundle
from attestation.enums import Provenance, SignerKind
from attestation.trust_root import Consensus, format_trust_root
from tests.support.evidence import World, enrolment, reading, signed_record, small_world
from tests.unit.api.cli.conftest import Run


class Files:
    """A world's bundle and trust root as files."""

    def __init__(self, folder: Path, world: World, bundle: Bundle | None = None) -> None:
        self.bundle = folder / "evidence.carbonseal.json"
        self.trust = folder / "trust.json"
        self.bundle.write_bytes(format_bundle(bundle or world.bundle()))
        self.trust.write_bytes(format_trust_root(world.trust_root()))

    @property
    def arguments(self) -> tuple[object, ...]:
        return "verify", self.bundle, "--trust", self.trust


def test_good_evidence_holds(tmp_path: Path, run: Run) -> None:
    """Every step held, so the readings are shown with exact values and the exit code is 0."""
    world = small_world()

    ran = run(*Files(tmp_path, world).arguments, "--json")

    assert ran.code == 0, ran.out
    assert {step["outcome"] for step in ran.document["steps"]} == {"held"}
    assert ran.document["trust_root"] == world.trust_root().name
    (shown,) = ran.document["readings"]
    assert isinstance(shown["value"], str)
    assert shown["unit"] == "Wh"


def test_text_names_steps_and_trust_root(tmp_path: Path, run: Run) -> None:
    """People see the numbered steps and the name to compare in print."""
    world = small_world()

    ran = run(*Files(tmp_path, world).arguments)

    assert ran.code == 0
    assert world.trust_root().name in ran.out
    assert "inclusion" in ran.out
    assert ran.out.rstrip().endswith("held")


def test_needs_no_settings(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that cannot be read do not matter to who only verifies."""
    monkeypatch.setenv("CARBONSEAL_CONFIG", str(tmp_path / "missing.toml"))

    assert run(*Files(tmp_path, small_world()).arguments).code == 0


def test_one_byte_changed_does_not_hold(tmp_path: Path, run: Run) -> None:
    """A message with its last byte changed has another signature."""
    world = small_world()
    files = Files(tmp_path, world)
    entry = bytearray(world.entries[4])
    entry[-1] ^= 1
    world.entries[4] = bytes(entry)
    # Tree and checkpoint are those of the changed message: the signature alone is wrong.
    files.bundle.write_bytes(format_bundle(world.bundle()))

    ran = run(*files.arguments, "--json")

    assert ran.code == 1
    failed = [step["name"] for step in ran.document["steps"] if step["outcome"] == "did not hold"]
    assert "signature" in failed
    assert ran.document["readings"] == []


def test_byte_changed_in_the_file_does_not_hold(tmp_path: Path, run: Run) -> None:
    """A file that lost its form is evidence that does not hold, not a wrong command."""
    files = Files(tmp_path, small_world())
    content = files.bundle.read_bytes()
    files.bundle.write_bytes(content[:-1] + b"]")

    ran = run(*files.arguments, "--json")

    assert ran.code == 1
    assert ran.document["steps"][0]["name"] == "form"


def test_without_a_node_could_not_check(tmp_path: Path, run: Run) -> None:
    """Where only a node can say what is final, nothing is said without one."""
    world = small_world(consensus=Consensus.NONE)

    ran = run(*Files(tmp_path, world).arguments, "--json")

    assert ran.code == 3
    assert "could not check" in {step["outcome"] for step in ran.document["steps"]}
    assert ran.document["readings"] == []


def test_node_that_does_not_answer_could_not_check(tmp_path: Path, run: Run) -> None:
    """A node that is down is no evidence against anything."""
    world = small_world(consensus=Consensus.NONE)

    ran = run(*Files(tmp_path, world).arguments, "--rpc", "http://127.0.0.1:9", "--json")

    assert ran.code == 3


def test_forged_trust_root(tmp_path: Path, run: Run) -> None:
    """Under the trust root of somebody else's log key, the evidence does not hold."""
    files = Files(tmp_path, small_world())
    other = small_world()
    other.log_key = type(other.log_key).from_seed(other.origin, b"x" * 32)
    files.trust.write_bytes(format_trust_root(other.trust_root()))

    ran = run(*files.arguments, "--json")

    assert ran.code == 1
    assert ran.document["trust_root"] == other.trust_root().name
    assert ran.document["readings"] == []


def test_malformed_trust_root_is_a_wrong_command(tmp_path: Path, run: Run) -> None:
    """The user's own file is at fault; the error says what to do next."""
    files = Files(tmp_path, small_world())
    files.trust.write_bytes(files.trust.read_bytes()[:-1])

    ran = run(*files.arguments)

    assert ran.code == 2
    assert "next:" in ran.err


def test_metered_refuses_an_import(tmp_path: Path, run: Run) -> None:
    """Imported data that a gateway signed hold as such, and are no metered data."""
    world = small_world()
    row = reading(source_file=b"\x05" * 32, source_row=2)
    world.entries[1] = signed_record(enrolment(world.key, signer=SignerKind.GATEWAY))
    world.entries[4] = world.message(
        row, provenance=Provenance.IMPORT, signer_kind=SignerKind.GATEWAY
    )
    files = Files(tmp_path, world)

    assert run(*files.arguments).code == 0
    assert run(*files.arguments, "--metered").code == 1
