"""
The form that comes back from a visit: `visit.json`, read and made into what is to be signed.

Persons become salted ids and files their hashes; names stay with the verifier.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

from api.errors import BadRequest
from attestation.body_fields import read_body
from attestation.canonical import refuse_depth
from attestation.case_bodies import Finding, SiteVisit
from attestation.errors import EncodingError
from attestation.persons import SALT_LENGTH, person_id

FINDING_TEMPLATE: Final = {
    "kind": "non-conformity",
    "severity": "minor",
    "anchor": {"line": ""},
    "title": "",
    "text": "",
    "effect_gco2e": None,
    "due_days": 10,
}
_Body = TypeVar("_Body", SiteVisit, Finding)
_CASE: Final = re.compile("0x[0-9a-f]{64}")
_READ: Final = 1 << 20
_LONGEST: Final = 1000
"""Characters of one observation."""
_DAY_S: Final = 86_400
_ZIP: Final = b"PK\x03\x04"
_MOST_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Person:
    """A person who was there, with what makes the id; it stays with the verifier."""

    name: str
    identity: str
    salt: str
    """16 bytes in hex."""

    @property
    def person(self) -> bytes:
        """The person's id, 32 bytes."""
        return person_id(bytes.fromhex(self.salt), self.identity)


@dataclass(frozen=True, slots=True)
class FilledForm:
    """What came back from a visit."""

    case: str
    body: Mapping[str, Any]
    """Fields of the visit's record that the form says."""
    persons: tuple[Person, ...]
    findings: tuple[Mapping[str, Any], ...]

    def visit(self, *, version: int, verifier: str) -> SiteVisit:
        """
        Give the record of the visit.

        Raises:
            BadRequest: If a field is not as the record asks.
        """
        given = {"inventory": self.case[2:], "version": version, "verifier": verifier}
        return _read(SiteVisit, {**self.body, **given}, "the visit")

    def finding(
        self, at: int, *, version: int, verifier: str, number: int, raised_s: int
    ) -> Finding:
        """
        Give the record of one of the findings.

        Raises:
            BadRequest: If a field is not as the record asks.
        """
        said = dict(self.findings[at])
        days = said.pop("due_days", FINDING_TEMPLATE["due_days"])
        if type(days) is not int or not 0 < days <= _MOST_DAYS:
            raise BadRequest(f"finding {at + 1} of the form is due in {days!r} days")
        if said.get("effect_gco2e") is None:
            said.pop("effect_gco2e", None)
        given = {
            "inventory": self.case[2:],
            "version": version,
            "verifier": verifier,
            "number": number,
            "raised_s": raised_s,
            "due_s": raised_s + days * _DAY_S,
        }
        return _read(Finding, {**said, **given}, f"finding {at + 1} of the form")


def blank_form(pack: Mapping[str, Any]) -> dict[str, Any]:
    """Give `visit.json` before anything is filled in."""
    site = pack["site"]
    return {
        "case": pack["case"],
        "from": "",
        "to": "",
        "place": site["name"],
        "latitude_udeg": site["latitude_udeg"],
        "longitude_udeg": site["longitude_udeg"],
        "persons": [],
        "observations": [],
        "checked": [],
        "files": [],
        "findings": [],
    }


def read_form(content: bytes, files: Path | None) -> FilledForm:
    """
    Read a form that was filled in.

    Args:
        content: From outside.
        files: Folder of the files that it names; None where it names none.

    Raises:
        BadRequest: If it is no such form, or a file that it names is not there.
    """
    if content.startswith(_ZIP):
        raise BadRequest("this is a pack: give the visit.json that the page in it saves")
    try:
        refuse_depth(content)
        said: Any = json.loads(content)
        _require_lists(said)
        persons = tuple(_person(each) for each in said["persons"])
        body = {
            "from_s": _second(said["from"]),
            "to_s": _second(said["to"]),
            "place": said["place"],
            "latitude_udeg": said["latitude_udeg"],
            "longitude_udeg": said["longitude_udeg"],
            "persons": [each.person.hex() for each in persons],
            "observations": [*said["observations"], *_joined(said.get("checked", ()))],
        }
        names, case = list(said["files"]), said["case"]
        findings = tuple(dict(each) for each in said["findings"])
    except KeyError as error:
        raise BadRequest(f"not a form of a visit: it lacks {error}") from error
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadRequest(f"not a form of a visit: {error}") from error
    except EncodingError as error:
        raise BadRequest(f"not a form of a visit: {error.message}") from error
    if names:
        body["files"] = [_hash(files, name) for name in names]
    if not isinstance(case, str) or _CASE.fullmatch(case) is None:
        raise BadRequest("the form names no case")
    return FilledForm(case, body, persons, findings)


def _require_lists(said: Mapping[str, Any]) -> None:
    """Refuse a text where a list belongs: it would be taken apart letter by letter."""
    for name in ("persons", "observations", "files", "findings", "checked"):
        if not isinstance(said.get(name, []), list):
            raise TypeError(f"{name} is no list")


def _person(said: Mapping[str, Any]) -> Person:
    salt = str(said.get("salt") or secrets.token_bytes(SALT_LENGTH).hex())
    person = Person(str(said["name"]), str(said["identity"]), salt)
    if not person.person:
        raise ValueError("a person without an id")
    return person


def _joined(checked: Iterable[Any]) -> list[str]:
    """Put what was seen of the checklist together: a record has room for few observations."""
    found: list[str] = []
    for each in map(str, checked):
        longer = f"{found[-1]}; {each}" if found else each
        if found and len(longer) <= _LONGEST:
            found[-1] = longer
        else:
            found.append(each)
    return found


def _second(text: Any) -> int:
    at = datetime.fromisoformat(str(text))
    if at.tzinfo is None:
        raise ValueError(f"{text!r} names no zone, such as +08:00")
    return int(at.timestamp())


def _hash(files: Path | None, name: Any) -> str:
    if files is None or not isinstance(name, str) or Path(name).name != name or name in {"", ".."}:
        raise BadRequest(f"{name!r} is no file of the folder that --files names")
    digest = sha256()
    try:
        with (files / name).open("rb") as file:
            while chunk := file.read(_READ):
                digest.update(chunk)
    except OSError as error:
        raise BadRequest(f"cannot read {name}: {error.strerror}") from error
    return digest.hexdigest()


def _read(kind: type[_Body], content: Mapping[str, Any], what: str) -> _Body:
    try:
        return read_body(kind, content)
    except EncodingError as error:
        raise BadRequest(f"{what}: {error.message}") from error
