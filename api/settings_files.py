"""
Settings that come from one named TOML file and nothing else: those of a gateway, of an office.

Unknown names are refused, relative paths are relative to the file, secrets are named by files.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo

from api.errors import ConfigurationError

_FOLDER = "folder"


class Section(BaseModel):
    """A part of a settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _anchor(path: Path, info: ValidationInfo) -> Path:
    folder: Path | None = (info.context or {}).get(_FOLDER)
    return path if folder is None else folder / path


AnchoredPath = Annotated[Path, AfterValidator(_anchor)]
"""A path; where it is relative, it is relative to the settings file."""

Model = TypeVar("Model", bound=BaseModel)


def load_settings_file(model: type[Model], path: Path) -> Model:
    """
    Read a settings file.

    Raises:
        ConfigurationError: If it cannot be read, or a value is missing, unknown or out of
            bounds; names each.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot read the settings file {path}: {error}") from error
    try:
        return model.model_validate(values, context={_FOLDER: path.absolute().parent})
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in item['loc']) or 'the file'}: {_message(item['msg'])}"
            for item in error.errors()
        ]
        raise ConfigurationError(f"{path.name} is not complete: " + "; ".join(lines)) from error


def _message(text: str) -> str:
    return text.removeprefix("Value error, ").removesuffix(".")
