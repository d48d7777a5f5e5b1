"""
Commands that are loaded when they are typed.

The libraries of the chain and of the database take seconds to load. Help, and a command that needs
neither, does not wait for them: until a command runs, its name and the first words of its help
stand in for it. A test holds those words against the command's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand

from api.depth import restore_depth

_PACKAGE: Final = "api.cli"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command, or a group of them, is written down."""

    name: str
    """As it is typed."""
    module: str
    """Within `api.cli`."""
    part: str
    """Its function, or `app` of a group."""
    help: str
    """First paragraph of its help."""

    @property
    def path(self) -> str:
        """The module's full name."""
        return f"{_PACKAGE}.{self.module}"


class LateCommand(TyperCommand):
    """
    Stands for a command until it is typed.

    Args:
        place: Where the command itself is.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.name, help=place.help, rich_markup_mode=None)
        self._place = place

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Load the command, and let it read its own arguments."""
        return loaded(self._place).make_context(info_name, args, parent, **extra)


@cache
def loaded(place: Place) -> Any:
    """Load a command or a group of them."""
    found = getattr(import_module(place.path), place.part)
    # A dependency lifts the limit of nested calls when it is loaded, which is now.
    restore_depth()
    holder = typer.Typer(rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=place.name)
    else:
        holder.command(place.name)(found)
    return typer.main.get_group(holder).commands[place.name]
