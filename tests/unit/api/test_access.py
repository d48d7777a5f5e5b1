"""Entries are read by those who were granted it, and by nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.access import AccessList
from api.errors import ConfigurationError, Forbidden, Unauthenticated
from attestation.errors import EncodingError
from attestation.instants import Instant

MILL = "91350100M000100Y43"
OTHER = "91110000100000008J"
NOW = Instant(1_000)
LATER = Instant(2_000)


@pytest.fixture
def access(tmp_path: Path) -> AccessList:
    """An access list that grants nothing yet."""
    return AccessList(tmp_path / "access.json")


def test_token_reaches_the_enterprise_it_was_granted_for(access: AccessList) -> None:
    """A token in force reads the entries of the enterprise its grant names."""
    token = access.grant("verifier", [MILL], LATER)

    assert access.check(token, MILL, NOW).name == "verifier"


def test_token_reaches_no_other_enterprise(access: AccessList) -> None:
    """A token does not read another enterprise's entries."""
    token = access.grant("verifier", [MILL], LATER)

    with pytest.raises(Forbidden, match="does not reach"):
        access.check(token, OTHER, NOW)


@pytest.mark.parametrize(
    "damage", [lambda t: None, lambda t: "", lambda t: t[:-1], lambda t: t + "A"]
)
def test_nearly_right_token_is_refused(access: AccessList, damage: object) -> None:
    """No token, a shorter one and a longer one are all refused."""
    token = access.grant("verifier", [MILL], LATER)

    with pytest.raises(Unauthenticated):
        access.check(damage(token), MILL, NOW)  # type: ignore[operator]


def test_grant_is_over_at_its_instant(access: AccessList) -> None:
    """A token is refused from the instant its grant ends."""
    token = access.grant("verifier", [MILL], LATER)

    with pytest.raises(Unauthenticated, match="no longer"):
        access.check(token, MILL, LATER)


def test_withdrawn_grant_is_refused_by_another_reader_of_the_file(
    access: AccessList, tmp_path: Path
) -> None:
    """A server that has read the file sees a withdrawal made elsewhere."""
    token = access.grant("verifier", [MILL], LATER)
    server = AccessList(tmp_path / "access.json")
    server.check(token, MILL, NOW)

    assert access.withdraw("verifier")
    with pytest.raises(Unauthenticated):
        server.check(token, MILL, NOW)


def test_file_holds_no_token_and_is_private(access: AccessList, tmp_path: Path) -> None:
    """The file does not contain the token, and only its owner may read it."""
    token = access.grant("verifier", [MILL], LATER)
    file = tmp_path / "access.json"

    assert token not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_two_grants_of_one_name_are_refused(access: AccessList) -> None:
    """A name stands for one grant, so that withdrawing it is sure."""
    access.grant("verifier", [MILL], LATER)

    with pytest.raises(ConfigurationError, match="already"):
        access.grant("verifier", [MILL], LATER)


def test_wrong_credit_code_is_refused(access: AccessList) -> None:
    """A credit code with a wrong check character is not granted."""
    with pytest.raises(EncodingError, match="check character"):
        access.grant("verifier", [MILL[:-1] + "4"], LATER)
