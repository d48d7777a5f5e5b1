"""
What `doctor` looks at of the secrets that the database keeps sealed: whether their key is at hand.

A key that is missing is found here, and not by the parties whose endpoints are called no more.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from api.cli.doctor_checks import Line, ok, problem, reading
from api.notices.sealing import SealFile
from api.settings import Settings

_NAME: Final = "webhook key"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_DRAW: Final = "have each party draw a new secret (`POST /v1/webhooks/{number}/secrets`)"


def webhook_key(settings: Settings) -> Sequence[Line]:
    """Look whether the secrets of endpoints are sealed, and their key is there and is theirs."""
    file = SealFile(settings)
    with reading(settings) as uow:
        sealed = uow.webhooks.sealed_under() | uow.secrets.sealed_under()
        clear = len(uow.webhooks.in_the_clear())
    if clear:
        fix = f"Start the worker, which seals them; then {_DRAW}: older backups have them too."
        return [problem(_NAME, f"{clear} secrets of endpoints stand in the clear", fix)]
    found = file.load()
    if found is None and not sealed:
        return [ok(_NAME, "no secret is sealed yet")]
    if found is None:
        fix = f"Restore {file.path} from its backup; where there is none, {_DRAW}."
        return [problem(_NAME, f"there is no {file.path}", fix)]
    if sealed - {found.key_id}:
        fix = f"Restore the right file to {file.path}; where there is none, {_DRAW}."
        return [problem(_NAME, f"{file.path} is not the key of every sealed secret", fix)]
    return [_permissions(file.path)]


def _permissions(path: Path) -> Line:
    """Say whether nobody but its owner may read the file."""
    if path.stat().st_mode & _OTHERS:
        return problem(_NAME, f"others may read {path}", f"Run `chmod 600 {path}`.")
    return ok(_NAME, "there, and of every sealed secret")
