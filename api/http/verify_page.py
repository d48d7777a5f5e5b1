"""
The page of verification (`/verify`): a file in, the steps out, without a script.

It runs the verifiers that the command runs. A trust root that comes with the form counts; without
one the file is held against this site's own, and the page says that this is all it shows.

Source: FORMATS section 8 (trust root); W3C Content Security Policy level 3.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.errors import BadRequest
from api.http.bodies import body_up_to
from api.http.case_verification import MAX_FORM
from api.http.forms import parse_form
from api.http.limits import gated
from api.http.lookup import Here
from api.http.pages import HEADERS, HTML, Language
from api.http.verify_rendering import render_form, render_outcome
from api.problems import language_of
from api.reports.verifying import verify_content
from api.services import Services
from api.trust import trust_root_of
from attestation.errors import Error
from attestation.trust_root import TrustRoot, parse_trust_root

router = APIRouter(include_in_schema=False)


@router.get("/verify", response_class=Response)
def show_form(request: Request, lang: Language = None) -> Response:
    """Show the form."""
    return Response(render_form(lang or language_of(request)), media_type=HTML, headers=HEADERS)


@router.post(
    "/verify",
    response_class=Response,
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def verify_file(
    request: Request,
    services: Here,
    content: Annotated[bytes, Depends(body_up_to(MAX_FORM))],
    lang: Language = None,
) -> Response:
    """Verify the file of the form, and show every step."""
    form = parse_form(request.headers.get("content-type", ""), content)
    if "file" not in form:
        raise BadRequest("the form has no file")
    brought = form.get("trust_root", b"")
    root = parse_trust_root(brought) if brought else own_trust_root(services)
    page = render_outcome(
        lang or language_of(request),
        verify_content(form["file"], root),
        own_root=not brought,
    )
    return Response(page, media_type=HTML, headers=HEADERS)


def own_trust_root(services: Services) -> TrustRoot | None:
    """Give the trust root of this place, where its settings are enough to make one."""
    ledger = services.ledger
    try:
        with ledger.database.reading() as uow:
            return trust_root_of(uow, ledger.settings)
    except (Error, OSError):
        return None
