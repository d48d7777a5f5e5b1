"""What commands about evidence open: the database, the log, and the documents' keys."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from api.errors import BadRequest, ConfigurationError
from api.settings import Settings
from attestation.enums import EvidenceKind
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.sheets.forms import FORMS, Form

Month = Annotated[str, typer.Argument(help="Calendar month, such as 2024-03.")]
FormName = Annotated[str, typer.Option("--form", help=f"One of {', '.join(FORMS)}.")]

KINDS: Final = {each.name.lower().replace("_", "-"): each for each in EvidenceKind}


def document_store(settings: Settings) -> DocumentStore:
    """
    Give the store of documents.

    Raises:
        ConfigurationError: If the settings name no folder of keys.
    """
    return DocumentStore(document_keys(settings))


def documents_at_hand(settings: Settings) -> DocumentStore | None:
    """Give the store of documents; None where the settings name no folder of keys."""
    return None if settings.documents is None else document_store(settings)


def document_keys(settings: Settings) -> DocumentKeys:
    """
    Give the folder of documents' keys.

    Raises:
        ConfigurationError: If the settings name none.
    """
    if settings.documents is None:
        raise ConfigurationError("no documents are kept here: the settings have no [documents]")
    return DocumentKeys(settings.documents.keys)


def find_form(name: str) -> Form:
    """
    Give a form by its name.

    Raises:
        BadRequest: If there is none.
    """
    form = FORMS.get(name)
    if form is None:
        raise BadRequest(f"no form {name!r}; there are {', '.join(FORMS)}")
    return form


def find_kind(name: str) -> EvidenceKind:
    """
    Give a kind of evidence by its word.

    Raises:
        BadRequest: If there is none.
    """
    kind = KINDS.get(name)
    if kind is None:
        raise BadRequest(f"no kind {name!r}; there are {', '.join(KINDS)}")
    return kind
