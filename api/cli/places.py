"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; else the one CARBONSEAL_CONFIG names."),
]
Usc = Annotated[
    str, typer.Argument(help="Unified social credit code (统一社会信用代码) of the enterprise.")
]
