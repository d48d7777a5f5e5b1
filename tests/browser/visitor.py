"""
People at their browsers: a page, the wallet in it, and what went wrong that they would not see.

The wallet signs with eth_account, which shares no code with ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from eth_account import Account
from eth_account.messages import encode_defunct
from playwright.sync_api import Browser, BrowserContext, Page

from chain.addresses import format_address
from chain.keys import AccountSigner

REFUSED = {"code": 4001, "message": "User rejected the request."}
_PROVIDER = """
(() => {
  const heard = {};
  const provider = {
    request: async ({ method, params }) => {
      const told = await window.askWallet(method, params ?? []);
      if (told.error) throw Object.assign(new Error(told.error.message), told.error);
      if (told.event) (heard[told.event] ?? []).forEach((hear) => hear());
      return told.result;
    },
    on: (event, hear) => (heard[event] ??= []).push(hear),
  };
  const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", {
    detail: Object.freeze({ info: { uuid: "1", name: "Test wallet", rdns: "test" }, provider }),
  }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})();
"""


@dataclass
class Wallet:
    """A person's keys behind EIP-1193."""

    signers: list[AccountSigner]
    chain_id: int
    asked: list[tuple[str, Any]] = field(default_factory=list)
    refusing: int = 0
    """How many of the next signatures the person refuses."""
    altering: Callable[[dict[str, Any]], None] | None = None
    """What a hostile wallet does to typed data before it signs."""

    @property
    def signed(self) -> list[dict[str, Any]]:
        """The typed data that it was asked to sign."""
        return [json.loads(each[1]) for how, each in self.asked if how == "eth_signTypedData_v4"]

    def answer(self, method: str, given: Any) -> dict[str, Any]:
        """Answer one request of the page."""
        self.asked.append((method, given))
        match method:
            case "eth_requestAccounts" | "eth_accounts":
                return {"result": [format_address(each.address).lower() for each in self.signers]}
            case "eth_chainId":
                return {"result": hex(self.chain_id)}
            case "wallet_switchEthereumChain":
                self.chain_id = int(given[0]["chainId"], 16)
                return {"result": None, "event": "chainChanged"}
            case "personal_sign":
                text = encode_defunct(hexstr=given[0])
                return self._signature(given[1], lambda key: Account.sign_message(text, key))
            case "eth_signTypedData_v4":
                return self._typed(given[0], json.loads(given[1]))
        return {"error": {"code": 4200, "message": f"no {method}"}}

    def _typed(self, address: str, typed: dict[str, Any]) -> dict[str, Any]:
        if int(typed["domain"]["chainId"]) != self.chain_id:
            return {"error": {"code": -32603, "message": "chainId is not the active one"}}
        if self.altering is not None:
            self.altering(typed)
        return self._signature(
            address, lambda key: Account.sign_typed_data(key, full_message=typed)
        )

    def _signature(self, address: str, sign: Callable[[bytes], Any]) -> dict[str, Any]:
        if self.refusing:
            self.refusing -= 1
            return {"error": REFUSED}
        signer = next(each for each in self.signers if format_address(each.address) == address)
        return {"result": "0x" + sign(bytes(signer._account.key)).signature.hex()}


class Visitor:
    """One person's browser, with its own cookies."""

    def __init__(self, context: BrowserContext, address: str, language: str) -> None:
        self._context = context
        self._address = address
        self._language = language
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        self.page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def go(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(f"{self._address}{path}?lang={self._language}")
        return self.page

    def to_signing(self) -> Page:
        """Open the page of signing, and connect the wallet."""
        page = self.go("/sign")
        page.locator("#wallets button").click()
        page.wait_for_selector("#wallet-message.good")
        return page

    def open_file(self, content: bytes, name: str = "request.json") -> None:
        """Choose a request's file."""
        file: Any = {"name": name, "mimeType": "application/json", "buffer": content}
        self.page.set_input_files("#file", file)
        self.page.wait_for_selector("#file-message.bad, #checks li")

    def log_in(self) -> None:
        """Log in with the wallet."""
        self.page.click("#log-in")
        self.page.wait_for_selector("#log-out:enabled")

    def sign(self) -> str:
        """Ask the wallet to sign, and give what the page says then."""
        self.page.click("#sign:enabled")
        return self.said("sign")

    def downloaded(self) -> bytes:
        """Download the signed file."""
        with self.page.expect_download() as given:
            self.page.click("#download")
        return given.value.path().read_bytes()

    def said(self, place: str) -> str:
        """Give what a step says, once it is over."""
        line = self.page.locator(f"#{place}-message:is(.good, .bad)")
        line.wait_for()
        return line.inner_text()

    def outcomes(self) -> list[str]:
        """Give what came of each comparison: form, signatures, deadline, server, chain, account."""
        self.page.wait_for_selector("#checks li")
        return [each.get_attribute("class") or "" for each in self.page.locator("#checks li").all()]

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)


class Visits:
    """Everybody's browsers in one test."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address
        self._contexts: list[BrowserContext] = []
        self._visitors: list[Visitor] = []

    def begin(
        self, wallet: Wallet | None = None, *, language: str = "en", **options: Any
    ) -> Visitor:
        """Let a person come, with a wallet or without."""
        context = self._browser.new_context(**options)
        self._contexts.append(context)
        if wallet is not None:
            context.expose_binding(
                "askWallet", lambda _source, method, given: wallet.answer(method, given)
            )
            context.add_init_script(_PROVIDER)
        visitor = Visitor(context, self._address, language)
        self._visitors.append(visitor)
        return visitor

    def require_clean(self) -> None:
        """Check that no page had a fault, and none asked another host."""
        for visitor in self._visitors:
            assert visitor.faults == [], visitor.faults
            assert visitor.hosts <= {urlsplit(self._address).netloc, ""}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for context in self._contexts:
            context.close()
