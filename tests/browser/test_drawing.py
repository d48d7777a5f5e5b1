"""The page of draws in Chromium: a published draw is replayed from files, and by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.visitor import Visitor
from tests.support.draws import BLOCK, INVENTORY, NONCES, PLAN, ROOT, case_of, seed_of

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser"), pytest.mark.timeout(120)]

Visit = Callable[..., Visitor]


def choose(visitor: Visitor, name: str, content: bytes) -> None:
    """Choose a file of the page."""
    file: Any = {"name": f"{name}.json", "mimeType": "application/json", "buffer": content}
    visitor.page.set_input_files(f"#{name}-file", file)
    visitor.page.wait_for_selector("#message:is(.good, .bad)")


def test_draw_is_replayed_from_files(visit: Visit) -> None:
    """Case and plan give the published seed, and the entries that Python draws."""
    visitor = visit()
    page = visitor.go("/draw")
    choose(visitor, "case", json.dumps(case_of(NONCES)).encode())
    choose(visitor, "plan", PLAN.encoded)
    page.click("#draw-form button")
    page.wait_for_selector("#result:not([hidden])")
    text = page.inner_text("#result")
    sample = PLAN.sample(seed_of(NONCES), is_strict=False)

    assert "The seed is the published one." in text
    assert ", ".join(map(str, sample["meter-1"])) in text
    assert ", ".join(map(str, sample["coal"])) in text


def test_draw_is_replayed_by_hand(visit: Visit) -> None:
    """A reader of Chinese types what was published, one nonce missing, and one stratum."""
    visitor = visit(language="zh")
    page = visitor.go("/draw")
    words = {
        "inventory": INVENTORY,
        "plan-hash": PLAN.plan_hash,
        "population-root": ROOT,
        "nonce-verifier": NONCES[0],
        "nonce-authority": NONCES[2],
        "block-hash": BLOCK,
    }
    for name, word in words.items():
        page.fill(f"#{name}", f"0x{word.hex()}")
    for name, text in (("stratum", "meter-1"), ("population", "35040"), ("size", "3")):
        page.fill(f"#{name}", text)
    page.click("#draw-form button")
    page.wait_for_selector("#result:not([hidden])")

    assert seed_of((NONCES[0], None, NONCES[2])).hex() in page.inner_text("#result")
    assert "加严样本量" in page.inner_text("#result")


def test_plan_that_was_not_frozen(visit: Visit) -> None:
    """A plan with one size more is not the frozen one, and nothing is drawn of it."""
    visitor = visit()
    page = visitor.go("/draw")
    choose(visitor, "case", json.dumps(case_of(NONCES)).encode())
    choose(visitor, "plan", PLAN.encoded.replace(b'"size":25', b'"size":26'))
    page.click("#draw-form button")
    page.wait_for_selector("#message.bad")

    assert "not the frozen one" in page.inner_text("#message")
    assert page.inner_text("#result") == ""
