"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; else the one CARBONSEAL_CONFIG names."),
]
_USC: Final = (
    "Unified social credit code (统一社会信用代码) of the enterprise; its n-th log: CODE-n."
)
Usc = Annotated[str, typer.Argument(help=_USC)]
AnyUsc = Annotated[str | None, typer.Argument(help=_USC)]
