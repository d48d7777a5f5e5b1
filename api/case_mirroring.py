"""
Copying the work on cases from somebody's server: ticks, words, approvals, as far as it shows them.

Whatever the server does not show to the caller stays out: approvals are the verifier's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.client.transport import Asked, Refused, Transport, Value
from api.errors import PartMissing
from attestation.canonical import Json

_ID: Final = re.compile("0x[0-9a-f]{64}")
_NOT_FOR_US: Final = frozenset((401, 403))
_PAGE: Final = 200
_MOST_PAGES: Final = 1000
_ROW: Final = ("case", "verifier")
_TICK: Final = ("line", "seen", "changed", "seen_at", "seen_by")


class CaseWorkServer:
    """
    The cases of one enterprise at a server.

    Args:
        transport: In a session there, or signed.
        usc: Code of the enterprise.
    """

    def __init__(self, transport: Transport, usc: str) -> None:
        self._transport = transport
        self._usc = usc

    def work(self) -> Iterator[tuple[bytes, Mapping[str, Json]]]:
        """
        Give the id of each case that may be read, and the work on it.

        Raises:
            PartMissing: If the server does not answer, or not in its form.
        """
        for row in self._listed():
            name = row["case"]
            if not isinstance(name, str) or not _ID.fullmatch(name):
                raise PartMissing("the server names a case by what is no id")
            yield bytes.fromhex(name[2:]), self._of(name, row["verifier"])

    def _listed(self) -> list[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = []
        cursor: Value = None
        for _ in range(_MOST_PAGES):
            query: dict[str, Value] = {"enterprise": self._usc, "limit": _PAGE, "cursor": cursor}
            try:
                found = self._look("/v1/cases", query)
            except Refused as error:
                if error.status in _NOT_FOR_US:
                    return []
                raise
            try:
                rows += [
                    {"case": row["case"], "verifier": row["verifier"]} for row in found["cases"]
                ]
                cursor = found["next"]
            except (KeyError, TypeError) as error:
                raise PartMissing("the server lists no cases in their form") from error
            if cursor is None:
                return rows
        raise PartMissing("the server lists cases without an end")

    def _of(self, name: str, verifier: Any) -> dict[str, Json]:
        lines = self._look(f"/v1/cases/{name}/lines")
        comments = self._look(f"/v1/cases/{name}/comments")
        readiness = self._readiness(name)
        try:
            return {
                "version": lines["version"],
                "verifier": None if verifier is None else verifier["code"],
                "lines": [{part: row[part] for part in _TICK} for row in lines["lines"]],
                "conversations": comments["conversations"],
                "basis": readiness["basis"],
                "approvals": readiness["approvals"],
            }
        except (KeyError, TypeError) as error:
            raise PartMissing(f"the server shows no case {name} in its form") from error

    def _readiness(self, name: str) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = self._look(f"/v1/cases/{name}/readiness")
        except Refused as error:
            if error.status not in _NOT_FOR_US:
                raise
            return {"basis": None, "approvals": []}
        return found

    def _look(self, address: str, query: Mapping[str, Value] | None = None) -> Any:
        return self._transport.ask(Asked("GET", address, query=query or {})).document()
