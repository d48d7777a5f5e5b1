"""The pages with scripts, as a server gives them: policy, modules, words; without a browser."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from html.parser import HTMLParser
from importlib import resources
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.policy import Role
from api.http.assets import FILES, MADE, asset, modules_of
from attestation.enums import OperationState, RepresentativeRole, label
from chain.signed_acts import SIGNED_ACTS
from tests.fakes.clock import FixedClock
from tests.integration.api.conftest import settings_at
from tests.support.browser_modules import Modules
from tests.support.enterprise import NOW

PAGES = {"/sign": "sign.js", "/draw": "draw_page.js"}
_SAID = (
    re.compile(r'new Refused\("([a-z_]+)"'),
    re.compile(r'say\("([a-z_]+)"'),
    re.compile(r'sentence\(WORDS, "([a-z_]+)"'),
    re.compile(r'tell\("[a-z-]+", "[a-z]*", "([a-z_]+)"'),
    re.compile(r'(?:code: |detail: \[)"([a-z_]+)"'),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A server of which only pages are asked: they need nothing of a ledger."""
    folder = tmp_path_factory.mktemp("pages")
    settings = settings_at(folder, "sqlite://")
    ledger = SimpleNamespace(settings=settings, clock=FixedClock(NOW), database=None, access=None)
    return TestClient(create_app(cast(Any, ledger)), raise_server_exceptions=False)


class Elements(HTMLParser):
    """Reads a page: its elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_runs_nothing_but_its_own_modules(
    client: TestClient, path: str, language: str
) -> None:
    """No script or handler stands in it, it loads from here alone, and the policy says so."""
    answer = client.get(f"{path}?lang={language}")
    found = Elements(answer.text).found
    policy = dict(
        each.strip().split(" ", 1) for each in answer.headers["content-security-policy"].split(";")
    )

    assert answer.status_code == 200
    assert [each.get("src") for tag, each in found if tag == "script"] == [f"/assets/{PAGES[path]}"]
    for _, attributes in found:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        address = attributes.get("href") or attributes.get("src") or "/"
        assert address.startswith(("/", "?")) and not address.startswith("//")
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", PAGES)
def test_page_names_every_module_ahead(client: TestClient, path: str) -> None:
    """A browser finds each module in the page itself, and each is there."""
    found = Elements(client.get(path).text).found
    ahead = {each["href"] for _, each in found if each.get("rel") == "modulepreload"}

    assert ahead == {f"/assets/{name}" for name in modules_of(PAGES[path])}
    for address in ahead:
        answer = client.get(str(address))
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_hashes_on_the_page_are_those_of_the_modules(client: TestClient) -> None:
    """What the page says of its scripts is so of what is served."""
    page = client.get("/sign").text

    for name in modules_of("sign.js"):
        assert sha256(client.get(f"/assets/{name}").content).hexdigest() in page


def test_unchanged_file_is_not_sent_again(client: TestClient) -> None:
    """A file has a tag of its content, and whoever has it gets no body."""
    first = client.get("/assets/sign.js")
    again = client.get("/assets/sign.js", headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "verify.css", "..%2fapp.py", "reference.css"])
def test_other_files_are_not_given(client: TestClient, name: str) -> None:
    """Only what is in the list, whatever lies beside it."""
    assert client.get(f"/assets/{name}").status_code == 404


def test_no_module_makes_markup() -> None:
    """Whatever comes from outside becomes text: none of the ways to make elements of it is used."""
    ways = re.compile(
        "innerHTML|outerHTML|insertAdjacentHTML|document.write|DOMParser|eval\\(|new Function"
        "|createContextualFragment|setAttribute|srcdoc|javascript:"
    )
    for name in (*FILES, *MADE):
        assert not ways.search(asset(name).decode()), name
        assert "://" not in asset(name).decode().replace("http://www.w3.org/2000/svg", ""), name


def test_every_file_of_the_folder_is_in_the_list() -> None:
    """A module that is not in the list would be missed by a browser alone."""
    folder = resources.files("api.http").joinpath("static")
    names = {each.name for each in folder.iterdir()} - {"reference.css"}

    assert names == set(FILES)


def test_words_are_there_in_both_languages(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every sentence that a module may say stands in both languages, with the same values."""
    modules = Modules(tmp_path_factory.mktemp("words") / "assets")
    words = modules.run(
        """
import { WORDS as sign } from "./sign_words.js";
import { WORDS as draw } from "./draw_words.js";
answer = { "sign.js": sign, "draw_page.js": draw };
"""
    )
    for module, sentences in words.items():
        said = set()
        for name in modules_of(module):
            if name.endswith("_words.js") and name != "act_words.js":
                continue  # these are the sentences themselves
            text = asset(name).decode()
            said |= {code for form in _SAID for code in form.findall(text)}
        said -= {"zero_nonce", "nonces"}  # faults of a caller in the code, which no person makes
        if module == "draw_page.js":
            said -= {"not_address", "signature_form", "field_form", "field_names"}
        assert said <= sentences.keys(), said - sentences.keys()
        for code, both in sentences.items():
            values = [set(re.findall(r"\{(\w+)\}", both[language])) for language in ("en", "zh")]
            assert values[0] == values[1], code
            assert re.search("[\u4e00-\u9fff]", both["zh"]) or code.startswith("title"), code


def test_every_role_has_a_word(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever logs in or signs is named in words, whatever the server calls them."""
    modules = Modules(tmp_path_factory.mktemp("roles") / "assets")
    sentences = modules.run('import { WORDS } from "./sign_words.js"; answer = WORDS;')
    speaking = {f"party_{role.value}" for role in Role} - {"party_nobody", "party_grant"}
    rights = {
        f"role_{right.name.lower().replace('_', '-')}"
        for right in RepresentativeRole
        if right is not RepresentativeRole.NONE
    }
    signing = {f"role_{role}" for kind in SIGNED_ACTS.values() for role in kind.roles}
    states = {f"state_{label(state)}" for state in OperationState}

    assert speaking | rights | signing | states <= sentences.keys()


def test_words_of_the_pages_are_in_both_languages() -> None:
    """The server's part of the pages has the same words in English and Chinese."""
    text = resources.files("api.http").joinpath("page_words.json").read_text(encoding="utf-8")
    for page, words in json.loads(text).items():
        assert words["en"].keys() == words["zh"].keys(), page
