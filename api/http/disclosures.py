"""
Disclosures: an enterprise shows one line of an inventory, or one message, by a link.

The link holds a token that is shown once. It shows one thing, is counted, ends by itself, and is
taken back at will; what was shown before stays with those who saw it. A repeated request makes
another link: an answer that holds a token is kept nowhere.

Source: FORMATS section 8 (unit of disclosure); SCREENS section 2.3 (share).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.auth.policy import Action
from api.auth.principals import Principal
from api.errors import BadRequest, Forbidden
from api.http.bodies import BoundedRoute
from api.http.disclosure_models import (
    DisclosureList,
    DisclosureModel,
    DisclosureRequest,
    MadeDisclosure,
    disclosure_model,
)
from api.http.limits import gated
from api.http.lookup import PRIVATE, Caller, Here, find_log, require_access
from api.http.pages import HEADERS, HTML
from api.http.paging import Paged
from api.http.verify_page import own_trust_root
from api.http.verify_rendering import render_disclosure
from api.problems import language_of
from api.reports.proving import CaseProver
from api.reports.verifying import verify_content
from api.services import Services
from attestation.bundle import format_bundle
from attestation.case_bundle import format_case_bundle, parse_case_bundle
from attestation.ids import parse_origin
from attestation.instants import MILLISECONDS_PER_DAY, Instant, format_instant
from chain.client import ChainClient
from chain.deployments import load_deployment
from ledger.cases.case import read_case
from ledger.reports.disclosing import (
    LINE,
    MESSAGE,
    Disclosing,
    disclose,
    open_link,
    revoke,
)
from ledger.repositories.chain_inventories import ChainInventory
from ledger.repositories.disclosures import Disclosure
from ledger.unit_of_work import UnitOfWork

router = APIRouter(tags=["disclosures"], route_class=BoundedRoute)

_NAME: Final = r"^[0-9a-f]{16}$"
_JSON: Final = "application/json"


Name = Annotated[str, Path(pattern=_NAME, description="Name of the disclosure.")]


@router.post(
    "/v1/disclosures",
    operation_id="makeDisclosure",
    status_code=201,
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def make_disclosure(
    wanted: DisclosureRequest, services: Here, caller: Caller, response: Response
) -> MadeDisclosure:
    """Disclose one line or one message of the caller's own enterprise."""
    usc, subject, content = _content(services, caller, wanted)
    now = services.ledger.clock.now()
    with services.ledger.database.unit_of_work() as uow:
        made, token = disclose(
            uow,
            Disclosing(
                usc=usc,
                scope=wanted.scope,
                subject=subject,
                label=wanted.label,
                content=content,
                by=caller.actor,
                role=caller.role,
                now=now,
                expires_at=Instant(now + wanted.days * MILLISECONDS_PER_DAY),
                most_openings=wanted.most_openings,
            ),
        )
        uow.commit()
    response.headers["cache-control"] = "no-store"
    response.headers["location"] = f"/v1/disclosures/{made.id}"
    return MadeDisclosure(disclosure=disclosure_model(made, now), path=f"/d/{token}")


@router.get("/v1/disclosures", operation_id="listDisclosures")
def list_disclosures(
    services: Here,
    caller: Caller,
    response: Response,
    page: Paged,
    enterprise: Annotated[
        str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="Credit code, else the own.")
    ] = None,
) -> DisclosureList:
    """List the disclosures of an enterprise, oldest first."""
    usc = _own(services, caller, enterprise)
    now = services.ledger.clock.now()
    after = None if page.after is None else (int(page.after[0]), str(page.after[1]))
    with services.ledger.database.reading() as uow:
        rows = uow.disclosures.listed(usc, after=after, limit=page.limit + 1)
    shown = page.cut(rows, response, key=lambda row: (int(row.created_at), row.id))
    response.headers["cache-control"] = PRIVATE
    return DisclosureList(
        disclosures=[disclosure_model(each, now) for each in shown], next=page.next
    )


@router.delete("/v1/disclosures/{name}", operation_id="revokeDisclosure")
def revoke_disclosure(
    name: Name, services: Here, caller: Caller, response: Response
) -> DisclosureModel:
    """Take a disclosure back: its link shows nothing from now on."""
    usc = _own(services, caller, None)
    now = services.ledger.clock.now()
    with services.ledger.database.unit_of_work() as uow:
        found = revoke(uow, name, usc=usc, by=caller.actor, role=caller.role, now=now)
        uow.commit()
    response.headers["cache-control"] = PRIVATE
    return disclosure_model(found, now)


@router.get(
    "/d/{token}",
    operation_id="openDisclosure",
    response_class=Response,
    responses={200: {"content": {_JSON: {}, "text/html": {}}}},
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def open_disclosure(
    token: Annotated[str, Path(max_length=100, description="Token of the link.")],
    request: Request,
    services: Here,
    lang: Annotated[Literal["en", "zh"] | None, Query(description="Language of the page.")] = None,
    bundle: Annotated[
        bool, Query(description="Give the bundle to a browser, too, instead of the page.")
    ] = False,
) -> Response:
    """Open a link: a page for people, the bundle for everybody else."""
    now = services.ledger.clock.now()
    with services.ledger.database.unit_of_work() as uow:
        found, content = open_link(uow, token, now)
        present = _present(uow, found, content)
        uow.commit()
    if "text/html" not in request.headers.get("accept", "") or bundle:
        name = f"{found.id}.carbonseal.json"
        headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=_JSON, headers=headers)
    page = render_disclosure(
        lang or language_of(request),
        verify_content(content, own_trust_root(services)),
        usc=found.usc,
        subject=found.subject,
        expires=format_instant(found.expires_at),
        link=f"/d/{token}?bundle=true",
        present=present,
    )
    return Response(page, media_type=HTML, headers=HEADERS)


def _present(uow: UnitOfWork, found: Disclosure, content: bytes) -> ChainInventory | None:
    """Give how the inventory of a line stands now; the evidence is older."""
    if found.scope != LINE:
        return None
    acts = parse_case_bundle(content).acts
    return uow.chain_inventories.get(acts[0].inventory_id)


def _content(
    services: Services, caller: Principal, wanted: DisclosureRequest
) -> tuple[str, str, bytes]:
    """Give whose data is shown, what in words, and the bundle."""
    if wanted.scope == MESSAGE:
        return _message(services, caller, wanted)
    return _line(services, caller, wanted)


def _message(
    services: Services, caller: Principal, wanted: DisclosureRequest
) -> tuple[str, str, bytes]:
    if wanted.log is None or wanted.index is None:
        raise BadRequest("a message is named by `log` and `index`")
    require_access(services, caller, wanted.log, Action.DISCLOSE)
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, wanted.log)
    bundle = services.ledger.bundler.entry(log, wanted.index)
    subject = f"message at entry {wanted.index} of {log.origin}"
    return parse_origin(log.origin).usc, subject, format_bundle(bundle)


def _line(
    services: Services, caller: Principal, wanted: DisclosureRequest
) -> tuple[str, str, bytes]:
    if wanted.case is None or wanted.line is None:
        raise BadRequest("a line is named by `case` and `line`")
    inventory_id = bytes.fromhex(wanted.case[2:])
    services.authorise(caller, Action.DISCLOSE, inventory_id=inventory_id)
    ledger = services.ledger
    chain = ledger.settings.chain
    deployment = load_deployment(chain.deployments, chain.chain_id)
    with ledger.database.reading() as uow:
        case = read_case(uow, inventory_id, now=ledger.clock.now())
        number = wanted.version or case.inventory.version
        # A client of its own: one client serves one thread.
        with ChainClient(chain.rpc_url.get_secret_value()) as client:
            prover = CaseProver.of(chain, client, deployment)
            bundle = prover.of_line(
                uow, case, number, wanted.line, with_entries=wanted.with_entries
            )
    subject = f"line {wanted.line} of version {number} of {case.inventory.unit_code}"
    return case.inventory.usc, subject, format_case_bundle(bundle)


def _own(services: Services, caller: Principal, enterprise: str | None) -> str:
    """Give the enterprise whose disclosures the caller handles."""
    usc = enterprise or caller.code
    if usc is None:
        services.authorise(caller, Action.DISCLOSE)
        raise Forbidden("disclosures are an enterprise's")
    services.authorise(caller, Action.DISCLOSE, usc=usc)
    return usc
