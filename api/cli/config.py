"""Commands about settings."""

from __future__ import annotations

from typing import Any

import typer
from pydantic import BaseModel, SecretStr
from rich.text import Text

from api.cli.output import AsJson, console, show, table
from api.cli.places import Config
from api.settings import load_settings

app = typer.Typer(help="Settings.", no_args_is_help=True)


@app.command()
def check(config: Config = None, as_json: AsJson = False) -> None:
    """Print what is set, with secrets hidden; fail if something is missing or wrong."""
    values = _flat(load_settings(config))

    def text() -> None:
        rows = table("setting", "value")
        for name, value in values.items():
            rows.add_row(name, Text(str(value)))
        console.print(rows)

    show(values, as_json, text)


def _flat(section: BaseModel, path: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            values |= _flat(value, f"{path}{name}.")
        elif isinstance(value, SecretStr):
            values[path + name] = "(hidden)"
        else:
            values[path + name] = value if isinstance(value, int | bool | None) else str(value)
    return values
