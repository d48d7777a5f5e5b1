"""The page of signing in Chromium: two persons, their wallets, a server and a chain."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from api.office.parts import ActPart
from api.office.request import SigningRequest, format_request, parse_request
from api.office.signing import require_complete
from attestation.enums import InventoryState
from attestation.ids import parse_origin
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from chain.addresses import format_address
from chain.inventory_acts import InventoryDraft
from tests.browser.conftest import Place
from tests.browser.visitor import Visitor, Wallet
from tests.support.act_requests import signed_by
from tests.support.agreements import NAME, USC, Agreement

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser"), pytest.mark.timeout(120)]

HELD = ["held"] * 6
Visit = Callable[..., Visitor]
_units = itertools.count(1)


@pytest.fixture
def case(place: Place) -> Agreement:
    """A case of a unit of its own."""
    return place.case.another(f"unit-{next(_units)}")


@pytest.fixture
def request_file(case: Agreement) -> SigningRequest:
    """A request that begins the case's inventory."""
    return request_of(case, case.draft())


def request_of(case: Agreement, act: InventoryDraft) -> SigningRequest:
    """Give the request of one act."""
    people = case.parties[USC]
    address = case.world.address("InventoryRegistry")
    return SigningRequest(
        title="begin an inventory",
        origin=parse_origin(case.log.origin),
        chain_id=case.world.chain_id,
        log_size=0,
        drafted_at=Instant(case.world.now_s() * MILLISECONDS_PER_SECOND),
        deadline=Instant(act.deadline * MILLISECONDS_PER_SECOND),
        signers={
            "initiator": people.initiator.address,
            "approver": people.approver.address,
        },
        parts=(ActPart(address, act),),
    )


def wallet_of(case: Agreement, person: str = "initiator", **more: Any) -> Wallet:
    """Give the wallet of a person of the enterprise."""
    arguments: dict[str, Any] = {"chain_id": case.world.chain_id}
    return Wallet([getattr(case.parties[USC], person)], **arguments | more)


def shown_fields(page: Page) -> dict[str, str]:
    """Give what the page shows of the act: the wallet's names, and the words beside them."""
    rows = page.locator(".act table").first.locator("tr").all()
    return {each.locator("th code").inner_text(): each.locator("td").inner_text() for each in rows}


def test_two_persons_sign_and_the_act_takes_effect(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """One signs and carries the file, the other signs and hands in, and the chain has the act."""
    first = visit(wallet_of(case))
    first.to_signing()
    first.open_file(format_request(request_file))
    assert first.outcomes() == HELD
    said = first.sign()
    half = first.downloaded()

    assert "approver" in said
    assert parse_request(half).signatures[0].address == case.parties[USC].initiator.address

    wallet = wallet_of(case, "approver")
    second = visit(wallet)
    page = second.to_signing()
    second.log_in()
    second.open_file(half, "request.signed.json")
    second.sign()
    whole = second.downloaded()
    require_complete(parse_request(whole))
    page.click("#hand-in:enabled")

    assert "final" in second.said("hand-in")
    assert case.found().state is InventoryState.DRAFTED
    assert page.locator("#operations .held").inner_text() == "final"
    fields = shown_fields(page)
    assert fields["subject.enterprise"] == NAME
    assert [each["primaryType"] for each in wallet.signed] == ["SigningRequest", "InventoryDraft"]
    message = wallet.signed[1]["message"]
    assert fields["subject.unitCode"] == message["subject"]["unitCode"]
    assert fields["sector"].startswith(f"{message['sector']} (")


def test_act_that_the_chain_refuses(visit: Visit, case: Agreement) -> None:
    """What moved on in between makes the act void, and the contract's own word is shown."""
    people = case.parties[USC]
    request = signed_by(request_of(case, case.draft()), people.initiator, people.approver)
    case.perform(case.draft())
    visitor = visit(wallet_of(case))
    page = visitor.to_signing()
    visitor.log_in()
    visitor.open_file(format_request(request))
    page.click("#hand-in:enabled")

    assert "InventoryRegistry_" in visitor.said("hand-in")
    assert page.locator("#operations .failed").inner_text() == "failed"


def test_session_is_shown_and_ended(visit: Visit, case: Agreement) -> None:
    """Who one is here stands on the page, and after the end nobody is."""
    visitor = visit(wallet_of(case))
    page = visitor.to_signing()
    visitor.log_in()

    assert f"{USC}, enterprise, as initiator" in page.inner_text("#wallet-state")
    page.reload()
    page.wait_for_selector("#log-out:enabled")
    page.click("#log-out")
    assert "ended" in visitor.said("wallet")
    assert USC not in page.inner_text("#wallet-state")
    assert visitor.page.context.cookies() == []


def test_command_signed_first(visit: Visit, case: Agreement, request_file: SigningRequest) -> None:
    """A file that the command signed is signed on in the browser, and is complete."""
    half = signed_by(request_file, case.parties[USC].initiator)
    visitor = visit(wallet_of(case, "approver"))
    visitor.to_signing()
    visitor.open_file(format_request(half))
    said = visitor.sign()

    assert "everybody has signed" in said
    assert parse_request(visitor.downloaded()) == signed_by(half, case.parties[USC].approver)


def test_refusal_loses_nothing(visit: Visit, case: Agreement, request_file: SigningRequest) -> None:
    """After a refusal the file is still there, and what was signed is not asked for again."""
    wallet = wallet_of(case)
    visitor = visit(wallet)
    page = visitor.to_signing()
    visitor.open_file(format_request(request_file))
    wallet.refusing = 1
    assert "nothing is lost" in visitor.sign()
    assert page.locator("#download").is_hidden()

    assert "Signed as initiator" in visitor.sign()
    assert len(parse_request(visitor.downloaded()).signatures) == 1
    assert [each["primaryType"] for each in wallet.signed] == [
        "SigningRequest",
        "SigningRequest",
        "InventoryDraft",
    ]


def test_wrong_chain_is_refused_until_it_is_switched(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """The page says which chain the wallet is on, and lets the wallet switch."""
    wallet = wallet_of(case, chain_id=1)
    visitor = visit(wallet)
    page = visitor.to_signing()
    visitor.open_file(format_request(request_file))

    assert visitor.outcomes()[4] == "failed"
    assert "Your wallet is on chain 1" in page.inner_text("#checks")
    assert page.locator("#sign").is_disabled()
    page.click("#switch")
    page.wait_for_selector("#sign:enabled")
    assert visitor.outcomes() == HELD
    assert "Signed as initiator" in visitor.sign()


def test_network_changed_at_the_last_moment(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """A wallet that changes its chain without a word is asked again before it signs."""
    wallet = wallet_of(case)
    visitor = visit(wallet)
    visitor.to_signing()
    visitor.open_file(format_request(request_file))
    assert visitor.outcomes() == HELD
    wallet.chain_id = 1

    assert "Your wallet is on chain 1" in visitor.sign()
    assert wallet.signed == []


def test_server_that_alters_typed_data_is_noticed(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """One value of its answer is another: both are shown, and the wallet is not asked."""
    wallet = wallet_of(case)
    visitor = visit(wallet)
    page = visitor.to_signing()

    def alter(route: Route) -> None:
        answer = route.fetch()
        content = answer.json()
        content["typed_data"]["message"]["reportYear"] = "2024"
        route.fulfill(response=answer, json=content)

    page.route("**/v1/acts/typed-data", alter)
    visitor.open_file(format_request(request_file))
    text = page.inner_text("#checks")

    assert visitor.outcomes()[3] == "failed"
    assert 'typed_data.message.reportYear: the file has "2025", the server "2024"' in text
    assert page.locator("#sign").is_disabled()
    assert wallet.signed == []


def test_server_that_is_away_is_not_taken_for_one_that_agrees(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """What could not be compared is not signed, and can be compared again."""
    visitor = visit(wallet_of(case))
    page = visitor.to_signing()
    page.route("**/v1/acts/typed-data", lambda route: route.abort())
    visitor.open_file(format_request(request_file))

    assert visitor.outcomes()[3] == "could_not_check"
    assert page.locator("#sign").is_disabled()
    page.unroute("**/v1/acts/typed-data")
    page.click("#again")
    page.wait_for_selector("#sign:enabled")
    assert visitor.outcomes() == HELD
    visitor.faults.clear()  # the browser tells of the connection that was cut


def test_wallet_that_signs_another_total_is_noticed(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """A signature over something else than was shown is thrown away."""

    def alter(typed: dict[str, Any]) -> None:
        if "reportYear" in typed["message"]:
            typed["message"]["reportYear"] = "2024"

    visitor = visit(wallet_of(case, altering=alter))
    page = visitor.to_signing()
    visitor.open_file(format_request(request_file))

    assert "thrown away" in visitor.sign()
    assert page.locator("#download").is_hidden()


def test_account_that_is_not_asked(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """The page names the account of the wallet, and those who are asked."""
    stranger = case.world.registrar
    visitor = visit(Wallet([stranger], case.world.chain_id))
    page = visitor.to_signing()
    visitor.open_file(format_request(request_file))

    assert visitor.outcomes()[5] == "failed"
    for address in (stranger.address, *request_file.signers.values()):
        assert format_address(address) in page.inner_text("#checks")
    assert page.locator("#sign").is_disabled()


def test_account_that_has_signed(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """The second signature is another person's."""
    half = signed_by(request_file, case.parties[USC].approver)
    visitor = visit(wallet_of(case, "approver"))
    page = visitor.to_signing()
    visitor.open_file(format_request(half))

    assert "has signed this request" in page.inner_text("#checks")
    assert page.locator("#sign").is_disabled()


def test_file_edited_after_it_was_signed(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """One character, and nothing of the file is shown for signing."""
    half = format_request(signed_by(request_file, case.parties[USC].initiator))
    visitor = visit(wallet_of(case, "approver"))
    page = visitor.to_signing()
    visitor.open_file(half.replace(b'"reportYear": "2025"', b'"reportYear": "2026"'))

    assert "changed after it was signed" in visitor.said("file")
    assert page.locator("#request-step").is_hidden()
    assert page.locator("#sign-step").is_hidden()


def test_words_of_a_file_are_text(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """Markup in a title, a field or a file's name is shown as it is written."""
    document = json.loads(format_request(request_file))
    evil = "<img src=x onerror=alert(1)>\"'</td><script>alert(1)</script>"
    document["title"] = "<b>bold</b><img src=x onerror=alert(1)>"
    document["parts"][0]["fields"]["subject"]["enterprise"] = evil
    visitor = visit(wallet_of(case))
    page = visitor.to_signing()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    visitor.open_file(json.dumps(document).encode(), name="<img src=x onerror=alert(1)>.json")

    assert shown_fields(page)["subject.enterprise"] == evil
    assert page.locator("#app img, #app script, #app b:has-text('bold')").count() == 0
    assert "<b>bold</b>" in page.inner_text("#request")
    assert dialogs == []


def test_script_from_elsewhere_does_not_run(visit: Visit) -> None:
    """Even a fault of ours that made markup would be stopped by the page's policy."""
    visitor = visit()
    page = visitor.go("/sign")
    refused = page.evaluate(
        """() => {
          try { document.body.innerHTML = "<i id=made></i>"; } catch (fault) { return fault.name; }
          return "made";
        }"""
    )

    assert refused == "TypeError"
    assert page.locator("#made").count() == 0
    # The browser itself tells of what it stopped.
    assert any("TrustedHTML" in each for each in visitor.faults)
    visitor.faults.clear()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("No wallet was found", "carbonseal sign")), ("zh", ("没有钱包", "carbonseal sign"))],
)
def test_browser_without_a_wallet(visit: Visit, language: str, words: tuple[str, ...]) -> None:
    """The page says so in the reader's language, and names another door."""
    visitor = visit(language=language)
    page = visitor.go("/sign")
    page.wait_for_selector("#wallet-message:not([hidden])")

    for word in words:
        assert word in page.inner_text("#wallet-message")


def test_chinese_reader_sees_chinese(
    visit: Visit, case: Agreement, request_file: SigningRequest
) -> None:
    """Fields, checks and what to do are Chinese; the wallet's names stand beside them."""
    visitor = visit(wallet_of(case), language="zh")
    page = visitor.to_signing()
    visitor.open_file(format_request(request_file))

    assert visitor.outcomes() == HELD
    text = page.inner_text("#request")
    for word in ("开始编制清单", "发起代表", "报告年度", "reportYear", "发电"):
        assert word in text
    assert "已以发起代表身份签署" in visitor.sign()


@pytest.mark.parametrize(("language", "word"), [("en", "The other doors"), ("zh", "其他途径")])
def test_page_is_read_without_scripts(visit: Visit, language: str, word: str) -> None:
    """Without a script the page says what it would do, and how it is done without it."""
    visitor = visit(language=language, java_script_enabled=False)
    page = visitor.go("/sign")
    text = page.inner_text("body")

    assert word in text
    assert "carbonseal sign request.json" in text
    assert page.locator("#app").is_hidden()
